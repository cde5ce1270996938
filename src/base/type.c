#include "base/type.h"

#include <stdbool.h>

int eko_push_failure(lua_State *L, const char *name, const char *detail)
{
    lua_pushnil(L);
    lua_pushstring(L, name);
    lua_pushstring(L, detail);
    return 3;
}

/* A type shows its name and nothing of what it holds: what it holds are keys and sockets. */
static int type_tostring(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    return 1;
}

static void set_closure(lua_State *L, lua_CFunction f, const char *name, int metatable, int table)
{
    lua_pushvalue(L, metatable);
    lua_pushcclosure(L, f, 1);
    lua_setfield(L, table, name);
}

void eko_new_type(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction close)
{
    luaL_newmetatable(L, name);
    const int metatable = lua_gettop(L), index = metatable + 1;
    lua_newtable(L);
    for (; methods->name != NULL; methods++) set_closure(L, methods->func, methods->name, metatable, index);
    set_closure(L, close, "close", metatable, index);
    lua_setfield(L, metatable, "__index");
    set_closure(L, close, "__gc", metatable, metatable);
    set_closure(L, close, "__close", metatable, metatable);
    lua_pushstring(L, name);
    lua_pushcclosure(L, type_tostring, 1);
    lua_setfield(L, metatable, "__tostring");
    lua_pushstring(L, name);
    lua_setfield(L, metatable, "__metatable");
    lua_pop(L, 1);
}

static inline void *check_type(lua_State *L, int index, const char *name, int upvalue)
{
    void *object = lua_touserdata(L, index);
    if (object != NULL && lua_getmetatable(L, index)) {
        const bool is_same = lua_rawequal(L, -1, lua_upvalueindex(upvalue));
        lua_pop(L, 1);
        if (is_same) return object;
    }
    return luaL_checkudata(L, index, name);
}

void *eko_check_type_of(lua_State *L, int index, const char *name, int upvalue)
{
    return check_type(L, index, name, upvalue);
}

void *eko_check_type(lua_State *L, int index, const char *name)
{
    return check_type(L, index, name, 1);
}
