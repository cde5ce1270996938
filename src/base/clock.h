/* The clocks of the machine. */
#ifndef EKO_CLOCK_H
#define EKO_CLOCK_H

#include <stdint.h>

#include "base/compat.h"

#pragma GCC visibility push(hidden)

/* Milliseconds since the Unix epoch. */
int64_t eko_now_ms(void);

/* Seconds of a clock that never steps. */
double eko_monotonic(void);

/* Seconds of one that goes on while the machine sleeps, too; where there is none, the monotonic one. */
double eko_boottime(void);

/* Adds now_ms, monotonic, boottime to the table on top. */
void eko_open_clock(lua_State *L);

#pragma GCC visibility pop

#endif
