/* Memory for the length of one function. */
#ifndef EKO_SCRATCH_H
#define EKO_SCRATCH_H

#include <stddef.h>

#include "base/compat.h"

#pragma GCC visibility push(hidden)

#define EKO_STACK_BYTES 2048

/* The caller's array of EKO_STACK_BYTES when that is enough, else a userdata left on the Lua stack, so that no error
 * can leak it. Raises when memory runs out. */
unsigned char *eko_scratch(lua_State *L, unsigned char *on_stack, size_t need);

#pragma GCC visibility pop

#endif
