/* Types of userdata, and how a function tells that it failed.
 *
 * The first word of a function's name says how it fails, here and everywhere in src/: `check` raises a Lua error,
 * `test` gives NULL or false, `opt` takes nil for a default, `push` leaves a value on the stack, `new` makes what its
 * caller owns, `open` registers a part and is called once by luaopen_eko_core. */
#ifndef EKO_TYPE_H
#define EKO_TYPE_H

#include "base/compat.h"

/* Nothing but luaopen_eko_core leaves the module: two copies of it may live in one process (nginx, tests). Every header
 * says so itself, because LuaRocks builds with flags of its own. */
#pragma GCC visibility push(hidden)

/* Makes the metatable `name` with methods and metamethods; `__gc`, `__close` and `close` are the same function, which
 * must bear to be called twice. Each is a closure over the metatable, by which eko_check_type knows its own without
 * looking the name up. The strings are kept by Lua. Raises when memory runs out; the stack is as before. */
void eko_new_type(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction close);

/* What luaL_checkudata does, for the methods of a type made by eko_new_type: Lua owns what it gives, which is never
 * NULL; raises when the argument is anything else. */
void *eko_check_type(lua_State *L, int index, const char *name);

/* The same for a function whose upvalue of that number is the type's metatable. */
void *eko_check_type_of(lua_State *L, int index, const char *name, int upvalue);

/* Pushes nil, name, detail and returns 3: the one shape of a runtime failure. Lua copies the texts. */
int eko_push_failure(lua_State *L, const char *name, const char *detail);

#pragma GCC visibility pop

#endif
