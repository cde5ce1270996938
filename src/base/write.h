/* The one writer: a buffer that grows, and what is written into it: JSON strings, percent-encoding, decimals. */
#ifndef EKO_WRITE_H
#define EKO_WRITE_H

#include <string.h>

#include "base/core.h"

#pragma GCC visibility push(hidden)

/* 2^53: beyond it a double cannot tell neighbours apart. */
#define EKO_EXACT 9007199254740992.0

/* Zeroed it is empty. Whoever owns it frees `bytes`; one over memory of enough size never grows, and owns nothing. */
typedef struct {
    char *bytes;
    size_t used, room;
} eko_buffer;

/* Overwrites what is in it: it may be a secret. */
void eko_wipe(eko_buffer *b);

/* Makes room for more bytes, and leaves none behind; raises when memory runs out. */
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

void eko_put_decimal(lua_State *L, eko_buffer *b, uint64_t value);

/* What was seen in a text: a byte that is no UTF-8; TAB, LF or CR; another control character. */
enum { EKO_NOT_UTF8 = 1, EKO_LINES = 2, EKO_CONTROLS = 4 };

/* Writes a text as a JSON string, every control character escaped. What is no UTF-8 is not written on. */
int eko_put_quoted(lua_State *L, eko_buffer *b, const char *s, size_t n);

/* Percent-encodes (RFC 3986) whatever it is, but for unreserved characters and those of `keep`. */
int eko_put_encoded(lua_State *L, eko_buffer *b, const char *s, size_t n, const char *keep);

/* n bytes in lower-case hexadecimal. */
void eko_put_hex(lua_State *L, eko_buffer *b, const unsigned char *bytes, size_t n);

/* A JSON value, written from a Lua value (json_write.c). */
typedef struct {
    eko_buffer *out;
    eko_buffer *leaves; /* NULL, or where strings and numbers are recorded too, by eko_put_item */
    int count;          /* how many were */
    int seen;           /* EKO_NOT_UTF8 ... of all strings */
    const char *reason; /* why it cannot be written */
} eko_json_writer;

/* 0 when the value on top of the stack cannot be written. An object's members are sorted by name. */
int eko_put_json(lua_State *L, eko_json_writer *w);

/* Pushes a userdata with the names of the table on top, sorted by their bytes. `has_others`: not all keys are names. */
typedef struct {
    const char *s;
    size_t n;
} eko_name;
const eko_name *eko_push_names(lua_State *L, size_t *count, int *has_others);

/* The length of the list at the index: -1 when it has holes or other keys than 1, 2, 3 ... */
lua_Integer eko_list_length(lua_State *L, int index);

/* An item is its length and its bytes; both for reading them back. */
static inline void eko_put_item(lua_State *L, eko_buffer *b, const char *s, size_t n)
{
    eko_reserve(L, b, sizeof n + n);
    memcpy(b->bytes + b->used, &n, sizeof n);
    memcpy(b->bytes + b->used + sizeof n, s, n);
    b->used += sizeof n + n;
}

static inline const char *eko_next_item(const eko_buffer *b, size_t *at, size_t *n)
{
    const char *s = b->bytes + *at + sizeof *n;
    memcpy(n, b->bytes + *at, sizeof *n);
    *at += sizeof *n + *n;
    return s;
}

#pragma GCC visibility pop

#endif
