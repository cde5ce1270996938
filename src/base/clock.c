#include "base/clock.h"

#include <time.h>

int64_t eko_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

double eko_monotonic(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double eko_boottime(void)
{
#ifdef CLOCK_BOOTTIME
    struct timespec t;
    if (clock_gettime(CLOCK_BOOTTIME, &t) == 0) return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
#endif
    return eko_monotonic();
}

/* text.now_ms() -> milliseconds since the Unix epoch, by the system's clock */
static int text_now_ms(lua_State *L)
{
    /* As a number and not an integer on 5.1: 2^53 ms is in the year 287396. */
    lua_pushinteger(L, (lua_Integer)eko_now_ms());
    return 1;
}

/* text.monotonic() -> seconds of a clock that never steps */
static int text_monotonic(lua_State *L)
{
    lua_pushnumber(L, eko_monotonic());
    return 1;
}

/* text.boottime() -> seconds of a clock that never steps and counts the time that the machine was suspended */
static int text_boottime(lua_State *L)
{
    lua_pushnumber(L, eko_boottime());
    return 1;
}

void eko_open_clock(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"now_ms", text_now_ms}, {"monotonic", text_monotonic}, {"boottime", text_boottime}, {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
