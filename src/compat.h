/* One source for Lua 5.4 and for LuaJIT / Lua 5.1: what the older API lacks. */
#ifndef EKO_COMPAT_H
#define EKO_COMPAT_H

#include <lauxlib.h>
#include <lua.h>

#if LUA_VERSION_NUM < 502
#define lua_rawlen(L, i) lua_objlen((L), (i))
static inline int eko_absindex(lua_State *L, int i)
{
    return (i > 0 || i <= LUA_REGISTRYINDEX) ? i : lua_gettop(L) + i + 1;
}
#define lua_absindex(L, i) eko_absindex((L), (i))
#endif

#if LUA_VERSION_NUM < 504
#define lua_newuserdatauv(L, n, uv) lua_newuserdata((L), (n))
#endif

#if LUA_VERSION_NUM < 503 /* every number is a double */
static inline int eko_isinteger(lua_State *L, int i)
{
    lua_Number d;
    if (lua_type(L, i) != LUA_TNUMBER) return 0;
    d = lua_tonumber(L, i);
    return d >= -9007199254740992.0 && d <= 9007199254740992.0 && d == (lua_Number)(long long)d;
}
#define lua_isinteger(L, i) eko_isinteger((L), (i))
#endif

#endif
