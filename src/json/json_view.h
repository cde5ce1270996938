/* Values by a shape. Private to its folder. */
#ifndef EKO_JSON_VIEW_H
#define EKO_JSON_VIEW_H

#include "json/json.h"
#include "json/json_shape.h"

#pragma GCC visibility push(hidden)

typedef struct {
    lua_State *L;
    const eko_json_tape *tape;
    int names; /* stack index of the table of names */
} eko_json_view;

/* Sets at[i] to where the value of the shape's i-th field stands in an object (or nothing), the last of equal names, or
 * to 0. Returns NULL, or the name (a literal, or the shape's) of a decisive one that has two values. */
const char *eko_json_find_members(const eko_json_view *v, const eko_json_shape *s, uint32_t object, uint32_t *at);

/* Pushes a table of the members that were found, with room for `more`. The platform leaves most of them empty, and a
 * table's size is a power of two. */
void eko_json_push_found(const eko_json_view *v, const eko_json_shape *s, const uint32_t *at, int more);

/* Where the record is that stands at a node: itself, or the only one of a list. 0 where there is none, or several. */
uint32_t eko_json_record_at(const eko_json_node *nodes, uint32_t index);

#pragma GCC visibility pop

#endif
