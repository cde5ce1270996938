#include "base/utf8.h"

size_t eko_utf8_length(const unsigned char *p, size_t n)
{
    const unsigned char c = p[0];
    if (c < 0x80) return 1;
    if (c < 0xc2) return 0;
    if (c < 0xe0) return n >= 2 && (p[1] & 0xc0) == 0x80 ? 2 : 0;
    if (c < 0xf0) {
        if (n < 3 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80) return 0;
        if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f)) return 0; /* overlong, surrogate */
        return 3;
    }
    if (c < 0xf5) {
        if (n < 4 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80 || (p[3] & 0xc0) != 0x80) return 0;
        if ((c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] > 0x8f)) return 0; /* overlong, above U+10FFFF */
        return 4;
    }
    return 0;
}

/* text.is_utf8(s) -> boolean */
static int text_is_utf8(lua_State *L)
{
    size_t n, i = 0;
    const unsigned char *s = (const unsigned char *)luaL_checklstring(L, 1, &n);
    while (i < n) {
        const size_t length = eko_utf8_length(s + i, n - i);
        if (length == 0) break;
        i += length;
    }
    lua_pushboolean(L, i == n);
    return 1;
}

void eko_open_utf8(lua_State *L)
{
    lua_pushcfunction(L, text_is_utf8);
    lua_setfield(L, -2, "is_utf8");
}
