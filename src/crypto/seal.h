/* Sealing of journey state. */
#ifndef EKO_SEAL_H
#define EKO_SEAL_H

#include "base/compat.h"

#pragma GCC visibility push(hidden)

/* Adds seal, unseal to the table on top. */
void eko_open_seal(lua_State *L);

#pragma GCC visibility pop

#endif
