/* One source for Lua 5.1 to 5.4 and for LuaJIT: what the older API lacks. */
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

/* LuaJIT has one of its own, Lua 5.1 has none; a rock that was built with either's headers is loaded by both. */
static inline void eko_setfuncs(lua_State *L, const luaL_Reg *functions, int upvalues)
{
    luaL_checkstack(L, upvalues + 1, "too many upvalues");
    for (; functions->name != NULL; functions++) {
        for (int i = 0; i < upvalues; i++) lua_pushvalue(L, -upvalues);
        lua_pushcclosure(L, functions->func, upvalues);
        lua_setfield(L, -(upvalues + 2), functions->name);
    }
    lua_pop(L, upvalues);
}
#define luaL_setfuncs(L, functions, upvalues) eko_setfuncs((L), (functions), (upvalues))
#define lua_setuservalue(L, i) lua_setfenv((L), (i))
#define lua_getuservalue(L, i) lua_getfenv((L), (i))
#endif

#if LUA_VERSION_NUM < 504
#define lua_newuserdatauv(L, n, uv) lua_newuserdata((L), (n))
#endif

#if LUA_VERSION_NUM < 503 /* every number is a double */
static inline int eko_isinteger(lua_State *L, int i)
{
    if (lua_type(L, i) != LUA_TNUMBER) return 0;
    const lua_Number d = lua_tonumber(L, i);
    return d >= -9007199254740992.0 && d <= 9007199254740992.0 && d == (lua_Number)(long long)d;
}
#define lua_isinteger(L, i) eko_isinteger((L), (i))
#endif

#endif
