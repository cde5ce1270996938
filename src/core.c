/* eko.core: the C half of the library. Bytes, crypto and sockets live here; policy lives in Lua. */
#include "base/core.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

int luaopen_eko_core(lua_State *L);

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
    int metatable, index;
    luaL_newmetatable(L, name);
    metatable = lua_gettop(L);
    lua_newtable(L);
    index = metatable + 1;
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
        int same = lua_rawequal(L, -1, lua_upvalueindex(upvalue));
        lua_pop(L, 1);
        if (same) return object;
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

static atomic_flag is_loaded = ATOMIC_FLAG_INIT;

/* nginx closes the states of the past. The code stays: libcurl and OpenSSL are set up once a process, and which
 * timestamps were used must not be forgotten. */
static void stay_loaded(void)
{
    Dl_info here;
    if (dladdr(&is_loaded, &here) != 0) dlopen(here.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

/* The kernel is asked once a process: every call has to know whether it still is the process that made what it uses. */
static _Atomic pid_t own_pid;
static int is_told_of_forks;
static atomic_int has_forked;

static void note_fork(void)
{
    has_forked = 1;
}

static void forget_pid(void)
{
    own_pid = 0;
    has_forked = 1;
}

static void watch_forks(void)
{
    is_told_of_forks = pthread_atfork(NULL, note_fork, forget_pid) == 0;
}

int eko_has_forked(void)
{
    return has_forked || !is_told_of_forks;
}

pid_t eko_pid(void)
{
    pid_t pid = own_pid;
    if (pid == 0 || !is_told_of_forks) own_pid = pid = getpid();
    return pid;
}

__attribute__((visibility("default"))) int luaopen_eko_core(lua_State *L)
{
    if (!atomic_flag_test_and_set(&is_loaded)) {
        stay_loaded();
        watch_forks();
    }
    lua_createtable(L, 0, 9);
    eko_open_signer(L);
    eko_open_timestamps(L);
    eko_open_seal(L);
    eko_open_text(L);
    lua_setfield(L, -2, "text");
    eko_open_json(L);
    lua_setfield(L, -2, "json");
    eko_open_http1(L);
    lua_setfield(L, -2, "http1");
    eko_open_plan(L);
    eko_open_connection(L);
    lua_setfield(L, -2, "connection");
    eko_open_terminal(L);
    lua_setfield(L, -2, "terminal");
    return 1;
}
