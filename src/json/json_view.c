/* Values by a shape: each member of a record with its documented type, whatever container it came in. */
#include "json/json_view.h"

#include <stdlib.h>

/* Whether two values are the same to the letter, blanks between their parts aside. */
static bool same(const eko_json_node *nodes, uint32_t a, uint32_t b)
{
    const uint32_t count = nodes[a].next - a;
    if (nodes[b].next - b != count) return false;
    for (uint32_t i = 0; i < count; i++) {
        const eko_json_node *x = &nodes[a + i], *y = &nodes[b + i];
        if (x->type != y->type || x->size != y->size) return false;
        if (x->type > JSON_TRUE && x->type < JSON_ARRAY && memcmp(x->at, y->at, x->size) != 0) return false;
    }
    return true;
}

static int field_of(lua_State *L, const eko_json_shape *s, const eko_json_node *name)
{
    if (name->type == JSON_STRING) return eko_json_find(s, name->at, name->size);
    eko_json_push_scalar(L, name);
    size_t size;
    const char *text = lua_tolstring(L, -1, &size);
    const int found = eko_json_find(s, (const unsigned char *)text, (uint32_t)size);
    lua_pop(L, 1);
    return found;
}

const char *eko_json_find_members(const eko_json_view *v, const eko_json_shape *s, uint32_t object, uint32_t *at)
{
    const eko_json_node *nodes = v->tape->nodes;
    const uint32_t end = nodes[object].type == JSON_OBJECT ? nodes[object].next : 0;
    memset(at, 0, (size_t)s->count * sizeof *at);
    for (uint32_t i = object + 1; i < end;) {
        const int f = field_of(v->L, s, &nodes[i]);
        if (f >= 0) {
            if (at[f] != 0 && s->fields[f].is_decisive && !same(nodes, at[f], i + 1)) return s->fields[f].name;
            at[f] = i + 1;
        }
        i = nodes[i + 1].next;
    }
    return NULL;
}

/* Pushes a number that came as a text; false when it is none. */
static bool push_number_of_text(lua_State *L, const eko_json_node *node)
{
    if (!eko_json_is_decimal(node->at, node->size)) return false;
    eko_json_node number = *node;
    number.type = node->size > EKO_JSON_LONGEST_NUMBER ? JSON_STRING : JSON_FLOAT;
    eko_json_push_scalar(L, &number);
    return true;
}

/* ---- containers: what should be a record or a list comes as the other, too ---- */

/* A name that is a place in a list: its number, or -1. */
static int64_t place_of(const eko_json_node *name)
{
    if (name->size == 0 || name->size > EKO_JSON_LONGEST_NUMBER) return -1;
    int64_t place = 0;
    for (uint32_t i = 0; i < name->size; i++) {
        if (name->at[i] < '0' || name->at[i] > '9') return -1;
        place = place * 10 + (name->at[i] - '0');
    }
    return place;
}

/* Whether an object was a list once: its names are numbers. */
static bool is_numbered(const eko_json_node *nodes, uint32_t object)
{
    uint32_t i = object + 1;
    while (i < nodes[object].next && place_of(&nodes[i]) >= 0) i = nodes[i + 1].next;
    return i == nodes[object].next && nodes[object].size > 0;
}

uint32_t eko_json_record_at(const eko_json_node *nodes, uint32_t index)
{
    const bool is_object = nodes[index].type == JSON_OBJECT;
    uint32_t i = index + 1, found = 0;
    if (!is_object && nodes[index].type != JSON_ARRAY) return 0;
    if (is_object && !is_numbered(nodes, index)) return index;
    while (i < nodes[index].next) {
        const uint32_t item = i + is_object;
        if (nodes[item].type == JSON_OBJECT && found != 0) return 0;
        if (nodes[item].type == JSON_OBJECT) found = item;
        i = nodes[item].next;
    }
    return found;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static void push_record(const eko_json_view *v, const eko_json_shape *s, uint32_t index)
{
    uint32_t at[EKO_JSON_FIELDS];
    eko_json_find_members(v, s, index, at);
    eko_json_push_found(v, s, at, 0);
}

typedef struct {
    int64_t place;
    uint32_t node;
} numbered;

static int by_place(const void *a, const void *b)
{
    const numbered *x = a, *y = b;
    if (x->place != y->place) return x->place < y->place ? -1 : 1;
    return x->node < y->node ? -1 : 1;
}

/* In the order of the numbers; of equal ones the last counts. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void push_numbered(const eko_json_view *v, const eko_json_shape *s, uint32_t object)
{
    const eko_json_node *nodes = v->tape->nodes;
    numbered *items = lua_newuserdatauv(v->L, nodes[object].size * sizeof *items, 0);
    uint32_t count = 0;
    for (uint32_t i = object + 1; i < nodes[object].next; i = nodes[i + 1].next) {
        items[count++] = (numbered){.place = place_of(&nodes[i]), .node = i + 1};
    }
    qsort(items, count, sizeof *items, by_place);
    lua_createtable(v->L, (int)count, 0);
    int position = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t record = eko_json_record_at(nodes, items[i].node);
        if (record == 0 || (i + 1 < count && items[i + 1].place == items[i].place)) continue;
        push_record(v, s, record);
        lua_rawseti(v->L, -2, ++position);
    }
    lua_remove(v->L, -2);
}

/* Pushes a list of records; false when there is none. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static bool push_list(const eko_json_view *v, const eko_json_shape *s, uint32_t index)
{
    const eko_json_node *nodes = v->tape->nodes, *list = &nodes[index];
    if (list->type == JSON_OBJECT && is_numbered(nodes, index)) {
        push_numbered(v, s, index);
        return true;
    }
    lua_createtable(v->L, list->type == JSON_ARRAY ? (int)list->size : 1, 0);
    if (list->type == JSON_OBJECT) { /* its only record: one that has something of a record */
        push_record(v, s, index);
        lua_pushnil(v->L);
        if (lua_next(v->L, -2) == 0) {
            lua_pop(v->L, 2);
            return false;
        }
        lua_pop(v->L, 2);
        lua_rawseti(v->L, -2, 1);
        return true;
    }
    int position = 0;
    for (uint32_t i = index + 1; i < list->next; i = nodes[i].next) {
        const uint32_t record = eko_json_record_at(nodes, i);
        if (record == 0) continue;
        push_record(v, s, record);
        lua_rawseti(v->L, -2, ++position);
    }
    return true;
}

/* Pushes a member with its documented type; false when it can't have that type. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static bool push_member(const eko_json_view *v, const eko_json_field *f, uint32_t index)
{
    const eko_json_node *node = &v->tape->nodes[index];
    uint32_t record;
    switch (f->type) {
    case AS_STRING:
        if (eko_json_is_number(node)) return eko_json_push_digits(v->L, node);
        if (!eko_json_is_text(node)) return false;
        break;
    case AS_NUMBER:
        if (node->type == JSON_STRING) return push_number_of_text(v->L, node);
        if (!eko_json_is_number(node)) return false;
        break;
    case AS_OPAQUE:
        if (!eko_json_is_text(node) && !eko_json_is_number(node)) return false;
        break;
    case AS_BOOLEAN:
        if (node->type != JSON_TRUE && node->type != JSON_FALSE) return false;
        break;
    case AS_MAP:
        if (node->type != JSON_OBJECT) return false;
        eko_json_push_value(v->L, v->tape, index);
        return true;
    case AS_RECORD:
        record = eko_json_record_at(v->tape->nodes, index);
        if (record != 0) push_record(v, f->inner, record);
        return record != 0;
    default: return node->type >= JSON_ARRAY && push_list(v, f->inner, index);
    }
    eko_json_push_scalar(v->L, node);
    return true;
}

/* Pushes a table of the members that were found, with room for more. The platform leaves most of them empty, and a
 * table's size is a power of two. */
/* NOLINTNEXTLINE(misc-no-recursion) */
void eko_json_push_found(const eko_json_view *v, const eko_json_shape *s, const uint32_t *at, int more)
{
    unsigned char filled[EKO_JSON_FIELDS];
    int count = 0;
    for (int i = 0; i < s->typed; i++)
        if (at[i] != 0 && !eko_json_is_absent(&v->tape->nodes[at[i]])) filled[count++] = (unsigned char)i;
    luaL_checkstack(v->L, 8, "a shape is nested too deeply");
    lua_createtable(v->L, 0, count + more);
    for (int i = 0; i < count; i++) {
        const eko_json_field *f = &s->fields[filled[i]];
        lua_rawgeti(v->L, v->names, f->name_index);
        if (push_member(v, f, at[filled[i]]))
            lua_rawset(v->L, -3);
        else
            lua_pop(v->L, 1);
    }
}
