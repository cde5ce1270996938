/* Randomness, and the reference ids that are made of it. */
#ifndef EKO_RANDOM_H
#define EKO_RANDOM_H

#include "base/compat.h"

#pragma GCC visibility push(hidden)

/* Adds random, random_bytes, ref_id to the table on top. */
void eko_open_random(lua_State *L);

#pragma GCC visibility pop

#endif
