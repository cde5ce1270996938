/* What may be shown of a secret. */
#ifndef EKO_MASK_H
#define EKO_MASK_H

#include "base/compat.h"

#pragma GCC visibility push(hidden)

/* Adds mask to the table on top. */
void eko_open_mask(lua_State *L);

#pragma GCC visibility pop

#endif
