#include "base/base64.h"

#include "base/scratch.h"
#include "base/type.h"

#include <stdint.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t eko_base64(char *out, const unsigned char *in, size_t n)
{
    char *o = out;
    size_t i = 0;
    for (; i + 2 < n; i += 3) {
        const uint32_t v = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 | in[i + 2];
        *o++ = alphabet[v >> 18];
        *o++ = alphabet[v >> 12 & 63];
        *o++ = alphabet[v >> 6 & 63];
        *o++ = alphabet[v & 63];
    }
    if (i < n) {
        const uint32_t v = (uint32_t)in[i] << 16 | (i + 1 < n ? (uint32_t)in[i + 1] << 8 : 0);
        *o++ = alphabet[v >> 18];
        *o++ = alphabet[v >> 12 & 63];
        *o++ = (char)(i + 1 < n ? alphabet[v >> 6 & 63] : '=');
        *o++ = '=';
    }
    return (size_t)(o - out);
}

/* text.base64_encode(s) -> text */
static int text_base64_encode(lua_State *L)
{
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    unsigned char stack[EKO_STACK_BYTES];
    unsigned char *out = eko_scratch(L, stack, 4 * (n / 3 + 1));
    lua_pushlstring(L, (char *)out, eko_base64((char *)out, (const unsigned char *)s, n));
    return 1;
}

static int base64_value(unsigned char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    if (c == '/') return 63;
    return -1;
}

/* text.base64_decode(text) -> s, or nil, "invalid_base64", detail. Strict: padded, no white space, unused bits zero. */
static int text_base64_decode(lua_State *L)
{
    size_t n, used = 0, padding = 0;
    const unsigned char *s = (const unsigned char *)luaL_checklstring(L, 1, &n);
    if (n % 4 != 0) return eko_push_failure(L, "invalid_base64", "the length is not a multiple of 4");
    if (n > 0 && s[n - 1] == '=') padding = s[n - 2] == '=' ? 2 : 1;
    unsigned char stack[EKO_STACK_BYTES];
    unsigned char *out = eko_scratch(L, stack, n / 4 * 3 + 3);
    for (size_t i = 0; i < n; i += 4) {
        const size_t pad = i + 4 == n ? padding : 0;
        const int a = base64_value(s[i]), b = base64_value(s[i + 1]);
        const int c = pad == 2 ? 0 : base64_value(s[i + 2]), d = pad > 0 ? 0 : base64_value(s[i + 3]);
        if (a < 0 || b < 0 || c < 0 || d < 0)
            return eko_push_failure(L, "invalid_base64", "a byte outside the alphabet");
        const uint32_t v = (uint32_t)a << 18 | (uint32_t)b << 12 | (uint32_t)c << 6 | (uint32_t)d;
        if ((pad == 2 && (v & 0xffff)) || (pad == 1 && (v & 0xff)))
            return eko_push_failure(L, "invalid_base64", "unused bits are set");
        out[used++] = (unsigned char)(v >> 16);
        if (pad < 2) out[used++] = (unsigned char)(v >> 8);
        if (pad < 1) out[used++] = (unsigned char)v;
    }
    lua_pushlstring(L, (char *)out, used);
    return 1;
}

void eko_open_base64(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"base64_encode", text_base64_encode}, {"base64_decode", text_base64_decode}, {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
