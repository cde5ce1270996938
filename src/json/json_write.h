/* JSON text from Lua values. */
#ifndef EKO_JSON_WRITE_H
#define EKO_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compat.h"
#include "base/write.h"

#pragma GCC visibility push(hidden)

/* A JSON value, written from a Lua value. The buffers are their owner's. */
typedef struct {
    eko_buffer *out;
    eko_buffer *leaves; /* NULL, or where strings and numbers are recorded too, by eko_put_item */
    int count;          /* how many were */
    int seen;           /* EKO_NOT_UTF8 ... of all strings */
    const char *reason; /* why it cannot be written */
} eko_json_writer;

/* False when the value on top of the stack, which stays there, cannot be written. An object's members are sorted by
 * name. */
bool eko_put_json(lua_State *L, eko_json_writer *w);

/* Pushes a userdata with the names of the table on top, sorted by their bytes. `has_others`: not all keys are names. */
typedef struct {
    const char *s;
    size_t n;
} eko_name;
const eko_name *eko_push_names(lua_State *L, size_t *count, bool *has_others);

/* The length of the list at the index: -1 when it has holes or other keys than 1, 2, 3 ... */
lua_Integer eko_list_length(lua_State *L, int index);

/* Adds `encode` and `list_length` to the table on top. */
void eko_open_json_write(lua_State *L);

#pragma GCC visibility pop

#endif
