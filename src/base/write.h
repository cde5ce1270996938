/* The one writer: a buffer that grows, and what is written into it: JSON strings, percent-encoding, decimals. */
#ifndef EKO_WRITE_H
#define EKO_WRITE_H

#include <stdint.h>
#include <string.h>

#include "base/compat.h"

#pragma GCC visibility push(hidden)

/* 2^53: beyond it a double cannot tell neighbours apart. */
#define EKO_EXACT 9007199254740992.0

/* Zeroed it is empty, and `bytes` is NULL. Whoever has it frees it; one over memory of enough size never grows, and
 * owns nothing. All that writes raises when memory runs out, and leaves what was written before. */
typedef struct {
    char *bytes;
    size_t used, room;
} eko_buffer;

/* Pushes an empty buffer, which Lua owns: the collector frees it when an error leaves it behind. Lua code must not get
 * at it. */
eko_buffer *eko_push_buffer(lua_State *L);

/* Wipes it and gives its memory back: it is empty then, and may be freed again. */
void eko_free_buffer(eko_buffer *b);

/* Overwrites what is in it: it may be a secret. */
void eko_wipe(eko_buffer *b);

/* Makes room for more bytes. What is in it moves: it is overwritten where it was. */
void eko_grow(lua_State *L, eko_buffer *b, size_t more);

static inline void eko_reserve(lua_State *L, eko_buffer *b, size_t more)
{
    if (b->room - b->used < more) eko_grow(L, b, more);
}

static inline void eko_put(lua_State *L, eko_buffer *b, const char *bytes, size_t n)
{
    if (n == 0) return; /* then `bytes` may be NULL */
    eko_reserve(L, b, n);
    memcpy(b->bytes + b->used, bytes, n);
    b->used += n;
}

static inline void eko_put_char(lua_State *L, eko_buffer *b, char c)
{
    eko_reserve(L, b, 1);
    b->bytes[b->used++] = c;
}

#define EKO_PUT_LITERAL(L, b, literal) eko_put((L), (b), (literal), sizeof(literal) - 1)

/* The digits of a number: *n of them, at the end of the caller's buffer, without a NUL. */
#define EKO_DECIMAL 24
const char *eko_decimal(uint64_t value, char buffer[EKO_DECIMAL], size_t *n);

void eko_put_decimal(lua_State *L, eko_buffer *b, uint64_t value);

/* What was seen in a text: a byte that is no UTF-8; TAB, LF or CR; another control character. */
enum { EKO_NOT_UTF8 = 1, EKO_LINES = 2, EKO_CONTROLS = 4 };

/* Writes a text as a JSON string, every control character escaped, and gives what was seen in it. What is no UTF-8 is
 * not written on. */
int eko_put_quoted(lua_State *L, eko_buffer *b, const char *s, size_t n);

/* Percent-encodes (RFC 3986) whatever it is, but for unreserved characters and those of `keep`; gives what was seen. */
int eko_put_encoded(lua_State *L, eko_buffer *b, const char *s, size_t n, const char *keep);

/* n bytes in lower-case hexadecimal. */
void eko_put_hex(lua_State *L, eko_buffer *b, const unsigned char *bytes, size_t n);

/* An item is its length and its bytes. */
static inline void eko_put_item(lua_State *L, eko_buffer *b, const char *s, size_t n)
{
    eko_reserve(L, b, sizeof n + n);
    memcpy(b->bytes + b->used, &n, sizeof n);
    memcpy(b->bytes + b->used + sizeof n, s, n);
    b->used += sizeof n + n;
}

/* The item that begins at *at, which moves behind it: n bytes inside the buffer. There must be one. */
static inline const char *eko_next_item(const eko_buffer *b, size_t *at, size_t *n)
{
    const char *s = b->bytes + *at + sizeof *n;
    memcpy(n, b->bytes + *at, sizeof *n);
    *at += sizeof *n + *n;
    return s;
}

#pragma GCC visibility pop

#endif
