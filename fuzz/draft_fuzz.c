/* Drafts of every endpoint under libFuzzer: fuzz/draft_fuzz.lua makes a call of the bytes, and says what must hold. */
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>

int luaopen_eko_core(lua_State *L);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static lua_State *start(void)
{
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    luaL_requiref(L, "eko.core", luaopen_eko_core, 0);
    lua_settop(L, 0);
    if (luaL_loadfile(L, "fuzz/draft_fuzz.lua") != LUA_OK || lua_pcall(L, 0, 1, 0) != LUA_OK) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
        exit(1);
    }
    return L;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
    static lua_State *L;
    if (L == NULL) L = start();
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    lua_pushlstring(L, (const char *)data, n);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
        abort();
    }
    return 0;
}
