/* Lists and addresses of a draft. Private to its folder. */
#ifndef EKO_DRAFT_LINES_H
#define EKO_DRAFT_LINES_H

#include "draft/draft_call.h"

#pragma GCC visibility push(hidden)

/* A list or an address, checked and written; sets `count` for a list: the problem with it, a literal, or NULL. */
const char *eko_put_lines(eko_call *c, const eko_field *f, int *count);

#pragma GCC visibility pop

#endif
