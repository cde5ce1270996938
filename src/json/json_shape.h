/* What is looked for in an answer, compiled: the members of an object by name. Private to its folder. */
#ifndef EKO_JSON_SHAPE_H
#define EKO_JSON_SHAPE_H

#include <string.h>

#include "json/json.h"

#pragma GCC visibility push(hidden)

typedef enum { AS_STRING, AS_NUMBER, AS_OPAQUE, AS_BOOLEAN, AS_MAP, AS_RECORD, AS_LIST, AS_NOTHING } eko_json_as;

typedef struct eko_json_shape eko_json_shape;

typedef struct {
    const char *name; /* of a Lua string that the table of names keeps */
    uint32_t size;
    uint32_t tag; /* of size, first and last byte: few names share one */
    eko_json_as type;
    int name_index;   /* in that table */
    int next;         /* another field in the same bucket, or -1 */
    bool is_decisive; /* it may not have two values */
    const eko_json_shape *inner;
} eko_json_field;

#define EKO_JSON_BUCKET_BITS 6
#define EKO_JSON_BUCKETS (1 << EKO_JSON_BUCKET_BITS)
#define EKO_JSON_FIELDS 255
#define EKO_JSON_LONGEST_NUMBER 15 /* digits that a double keeps */

struct eko_json_shape {
    int count, typed;                      /* the typed fields come first; the others are only looked for */
    int tx_status, reference;              /* which field that is, and which one otp_ref_id is */
    unsigned char first[EKO_JSON_BUCKETS]; /* 1 + the index of a field whose tag belongs here; 0: there is none */
    eko_json_field fields[];
};

/* The decisive names, in this order the fields of a shape that has no others. */
enum { FIELD_STATUS, FIELD_TYPE_ID, FIELD_STATUS_ID, FIELD_TX_STATUS, FIELD_DATA, FIELD_REFERENCE };

/* Compiles a definition (the index of a table: name -> type), with the names that decide what an answer means behind
 * its own. Lua owns it: it and what it needs is kept by the table at the index `names`. Raises what is wrong with the
 * definition. */
const eko_json_shape *eko_json_compile(lua_State *L, int definition, int names);

static inline uint32_t eko_json_tag(const unsigned char *name, uint32_t size)
{
    return size == 0 ? 0 : size << 16 | (uint32_t)name[0] << 8 | name[size - 1];
}

static inline unsigned int eko_json_bucket(uint32_t tag)
{
    return tag * 0x9e3779b1u >> (32 - EKO_JSON_BUCKET_BITS);
}

static inline uint64_t eko_json_word(const void *p, size_t n)
{
    uint64_t word = 0;
    memcpy(&word, p, n);
    return word;
}

/* memcmp == 0 of a name, which is a few bytes long: without the call. What is left of it overlaps what was compared. */
static inline bool eko_json_is_same(const char *a, const unsigned char *b, uint32_t n)
{
    if (n >= 8) {
        for (uint32_t i = 0; i + 8 < n; i += 8)
            if (eko_json_word(a + i, 8) != eko_json_word(b + i, 8)) return false;
        return eko_json_word(a + n - 8, 8) == eko_json_word(b + n - 8, 8);
    }
    if (n < 4) return memcmp(a, b, n) == 0;
    return eko_json_word(a, 4) == eko_json_word(b, 4) && eko_json_word(a + n - 4, 4) == eko_json_word(b + n - 4, 4);
}

/* Which field a member's name is, or -1. */
static inline int eko_json_find(const eko_json_shape *s, const unsigned char *name, uint32_t size)
{
    const uint32_t tag = eko_json_tag(name, size);
    for (int i = s->first[eko_json_bucket(tag)] - 1; i >= 0; i = s->fields[i].next) {
        const eko_json_field *f = &s->fields[i];
        if (f->tag == tag && f->size == size && eko_json_is_same(f->name, name, size)) return i;
    }
    return -1;
}

#pragma GCC visibility pop

#endif
