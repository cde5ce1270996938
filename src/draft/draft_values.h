/* One value of a draft. Private to its folder. */
#ifndef EKO_DRAFT_VALUES_H
#define EKO_DRAFT_VALUES_H

#include "draft/draft_call.h"

#pragma GCC visibility push(hidden)

/* Checks and writes the value, and sets `count` where it is a list: the problem with it, a literal, or NULL. */
const char *eko_put_value(eko_call *c, const eko_field *f, int *count);

#pragma GCC visibility pop

#endif
