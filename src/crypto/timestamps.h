/* The one-use timestamps of a key. */
#ifndef EKO_TIMESTAMPS_H
#define EKO_TIMESTAMPS_H

#include <stdint.h>

#include "base/compat.h"

#pragma GCC visibility push(hidden)

#define EKO_TIMESTAMPS "eko.timestamps"

/* A userdata of that type: Lua owns it. */
typedef struct eko_timestamps eko_timestamps;

/* Takes the next timestamp; 0 when there is none yet, with the ms to wait. `now` is the index of the time in ms, or of
 * nil. Raises when they are closed, or when that is no time. */
int64_t eko_take_timestamp(lua_State *L, eko_timestamps *t, int now, int64_t *wait);

/* Adds timestamps to the table on top. */
void eko_open_timestamps(lua_State *L);

#pragma GCC visibility pop

#endif
