#include "base/write.h"

#include "base/plain.h"
#include "base/utf8.h"

#include <stdbool.h>
#include <stdlib.h>

/* The compiler may not leave out what is called by way of this. */
static void *(*const volatile set_bytes)(void *, int, size_t) = memset;

void eko_wipe(eko_buffer *b)
{
    if (b->used > 0) set_bytes(b->bytes, 0, b->used);
    b->used = 0;
}

void eko_free_buffer(eko_buffer *b)
{
    eko_wipe(b);
    free(b->bytes);
    memset(b, 0, sizeof *b);
}

static int free_pushed(lua_State *L)
{
    eko_free_buffer(lua_touserdata(L, 1));
    return 0;
}

eko_buffer *eko_push_buffer(lua_State *L)
{
    eko_buffer *b = lua_newuserdatauv(L, sizeof *b, 0);
    memset(b, 0, sizeof *b);
    if (luaL_newmetatable(L, "eko.buffer")) {
        lua_pushcfunction(L, free_pushed);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return b;
}

void eko_grow(lua_State *L, eko_buffer *b, size_t more)
{
    const size_t used = b->used;
    size_t room = b->room < 256 ? 512 : 2 * b->room;
    if (room - used < more) room = used + more;
    char *bytes = room < more ? NULL : malloc(room);
    if (bytes == NULL) {
        luaL_error(L, "not enough memory");
        abort(); /* which that does not come back to */
    }
    if (used > 0) memcpy(bytes, b->bytes, used);
    eko_wipe(b);
    free(b->bytes);
    b->bytes = bytes;
    b->used = used;
    b->room = room;
}

const char *eko_decimal(uint64_t value, char buffer[EKO_DECIMAL], size_t *n)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                                "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";
    size_t i = EKO_DECIMAL;
    for (; value >= 100; value /= 100) {
        memcpy(buffer + i - 2, pairs + value % 100 * 2, 2);
        i -= 2;
    }
    if (value >= 10) buffer[--i] = pairs[value * 2 + 1];
    buffer[--i] = pairs[value >= 10 ? value * 2 : value * 2 + 1];
    *n = EKO_DECIMAL - i;
    return buffer + i;
}

void eko_put_decimal(lua_State *L, eko_buffer *b, uint64_t value)
{
    char digits[EKO_DECIMAL];
    size_t n;
    const char *text = eko_decimal(value, digits, &n);
    eko_put(L, b, text, n);
}

static const char lower[] = "0123456789abcdef";

void eko_put_hex(lua_State *L, eko_buffer *b, const unsigned char *bytes, size_t n)
{
    eko_reserve(L, b, 2 * n);
    for (size_t i = 0; i < n; i++) {
        b->bytes[b->used++] = lower[bytes[i] >> 4];
        b->bytes[b->used++] = lower[bytes[i] & 15];
    }
}

static int class_of_control(unsigned char c)
{
    return c == '\t' || c == '\n' || c == '\r' ? EKO_LINES : EKO_CONTROLS;
}

static void put_control(lua_State *L, eko_buffer *b, unsigned char c)
{
    static const char names[] = "btn\0fr"; /* 8 9 10 11 12 13 */
    eko_put_char(L, b, '\\');
    if (c >= 8 && c <= 13 && c != 11) {
        eko_put_char(L, b, names[c - 8]);
        return;
    }
    EKO_PUT_LITERAL(L, b, "u00");
    eko_put_hex(L, b, &c, 1);
}

#define DEL 0x7f

int eko_put_quoted(lua_State *L, eko_buffer *b, const char *text, size_t n)
{
    const unsigned char *s = (const unsigned char *)text, *end = s + n, *del = memchr(s, DEL, n);
    const unsigned char *plain_end = del == NULL ? eko_skip_plain(s, end) : s;
    int seen = 0;
    eko_reserve(L, b, n + 2);
    b->bytes[b->used] = '"';
    memcpy(b->bytes + b->used + 1, s, (size_t)(plain_end - s));
    b->used += 1 + (size_t)(plain_end - s);
    for (s = plain_end; s < end; s++) {
        size_t length = 1;
        if (*s < 0x20 || *s == DEL) {
            seen |= class_of_control(*s);
            put_control(L, b, *s);
            continue;
        }
        if (*s >= 0x80) length = eko_utf8_length(s, (size_t)(end - s));
        if (length == 0) return seen | EKO_NOT_UTF8;
        if (*s == '"' || *s == '\\') eko_put_char(L, b, '\\');
        eko_put(L, b, (const char *)s, length);
        s += length - 1;
    }
    eko_put_char(L, b, '"');
    return seen;
}

/* RFC 3986's unreserved characters, a bit each. */
static bool is_unreserved(unsigned char c)
{
    static const uint32_t set[8] = {0, 0x03ff6000, 0x87fffffe, 0x47fffffe, 0, 0, 0, 0};
    return (set[c >> 5] >> (c & 31) & 1) != 0;
}

static void put_escape(lua_State *L, eko_buffer *b, unsigned char c)
{
    static const char upper[] = "0123456789ABCDEF";
    eko_reserve(L, b, 3);
    b->bytes[b->used++] = '%';
    b->bytes[b->used++] = upper[c >> 4];
    b->bytes[b->used++] = upper[c & 15];
}

int eko_put_encoded(lua_State *L, eko_buffer *b, const char *text, size_t n, const char *keep)
{
    const unsigned char *s = (const unsigned char *)text, *end = s + n;
    int seen = 0;
    eko_reserve(L, b, n);
    while (s < end) {
        size_t length = 1;
        if (is_unreserved(*s) || (*s != 0 && strchr(keep, *s) != NULL)) {
            eko_put_char(L, b, (char)*s++);
            continue;
        }
        if (*s < 0x20 || *s == DEL) seen |= class_of_control(*s);
        if (*s >= 0x80) length = eko_utf8_length(s, (size_t)(end - s));
        if (length == 0) {
            seen |= EKO_NOT_UTF8;
            length = 1;
        }
        for (; length > 0; length--) put_escape(L, b, *s++);
    }
    return seen;
}
