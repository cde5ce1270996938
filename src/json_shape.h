/* What is looked for in an answer, compiled: the members of an object by name. Private to json_shape.c and json_read.c.
 */
#ifndef EKO_JSON_SHAPE_H
#define EKO_JSON_SHAPE_H

#include "json.h"

#pragma GCC visibility push(hidden)

enum { AS_STRING, AS_NUMBER, AS_OPAQUE, AS_BOOLEAN, AS_MAP, AS_RECORD, AS_LIST, AS_NOTHING };

typedef struct eko_json_shape eko_json_shape;

typedef struct {
    const char *name; /* of a Lua string that the table of names keeps */
    uint32_t size;
    uint32_t tag; /* of size, first and last byte: few names share one */
    int type;
    int name_index;  /* in that table */
    int next;        /* 1 + the index of another field in the same bucket */
    int is_decisive; /* it may not have two values */
    const eko_json_shape *inner;
} eko_json_field;

#define EKO_JSON_BUCKETS 64
#define EKO_JSON_FIELDS 255

struct eko_json_shape {
    int count, typed;                      /* the typed fields come first; the others are only looked for */
    unsigned char first[EKO_JSON_BUCKETS]; /* 1 + the index of a field whose tag belongs here; 0: there is none */
    eko_json_field fields[];
};

/* The decisive names, in this order the fields of a shape that has no others. */
enum { FIELD_STATUS, FIELD_TYPE_ID, FIELD_STATUS_ID, FIELD_TX_STATUS, FIELD_DATA };

/* Compiles a definition (the index of a table: name -> type), with the names that decide what an answer means behind
 * its own. What it needs is kept in the table at the index `names`. */
const eko_json_shape *eko_json_compile(lua_State *L, int definition, int names);

/* The field that a member's name is, or NULL. */
const eko_json_field *eko_json_find(const eko_json_shape *s, const void *name, uint32_t size);

/* The Lua function json.reader. */
int eko_json_reader(lua_State *L);

#pragma GCC visibility pop

#endif
