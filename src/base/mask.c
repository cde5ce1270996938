#include "base/mask.h"

#include "base/scratch.h"

#include <stdbool.h>

/* text.mask(s[, keep[, cover]]) -> s with all but its last `keep` bytes (4) covered by a character ("*"); a text no
 * longer than that is covered whole */
static int text_mask(lua_State *L)
{
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    const lua_Integer keep = luaL_optinteger(L, 2, 4);
    const char *cover = luaL_optstring(L, 3, "*");
    luaL_argcheck(L, keep >= 0, 2, "a count of characters");
    luaL_argcheck(L, cover[0] != 0 && cover[1] == 0, 3, "one character");
    unsigned char stack[EKO_STACK_BYTES];
    unsigned char *out = eko_scratch(L, stack, n + 1);
    for (size_t i = 0; i < n; i++) {
        const bool is_kept = (lua_Integer)n > keep && (lua_Integer)(n - i) <= keep;
        out[i] = (unsigned char)(is_kept ? s[i] : cover[0]);
    }
    lua_pushlstring(L, (char *)out, n);
    return 1;
}

void eko_open_mask(lua_State *L)
{
    lua_pushcfunction(L, text_mask);
    lua_setfield(L, -2, "mask");
}
