/* core.json.shape: the typed view of an answer, made straight from its text.
 *
 * A shape is what the documentation says of `data`: member name -> type. Reading by it makes one table of the
 * documented members, each with its documented type; what the platform leaves empty is absent, what no shape names is
 * left out. */
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_LIMIT 8
#define LONGEST_NUMBER 15 /* digits that a double keeps */

enum { AS_STRING, AS_NUMBER, AS_OPAQUE, AS_BOOLEAN, AS_MAP, AS_RECORD, AS_LIST };

typedef struct shape shape;

typedef struct {
    const char *name; /* of a Lua string that the closure's table of names keeps */
    uint32_t size;
    uint32_t tag; /* of size, first and last byte: few names share one */
    int type;
    int name_index; /* in that table */
    int next;       /* 1 + the index of another field in the same bucket */
    const shape *inner;
} field;

#define BUCKETS 64

struct shape {
    int count;
    unsigned char first[BUCKETS]; /* 1 + the index of a field whose tag belongs here; 0: there is none */
    field fields[];
};

static uint32_t tag_of(const void *name, uint32_t size)
{
    const unsigned char *p = name;
    return size == 0 ? 0 : size << 16 | (uint32_t)p[0] << 8 | p[size - 1];
}

static unsigned int bucket_of(uint32_t tag)
{
    return ((tag >> 16) * 7 + (tag >> 8) * 5 + tag) % BUCKETS;
}

/* ---- compiling ---- */

static int type_named(lua_State *L, const char *name)
{
    static const char *const names[] = {"string", "number", "opaque", "boolean", "map", NULL};
    int i;
    for (i = 0; names[i] != NULL; i++)
        if (strcmp(name, names[i]) == 0) return i;
    return luaL_error(L, "a shape has no type %s", name);
}

static int count_members(lua_State *L, int table)
{
    int n = 0;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        n++;
        lua_pop(L, 1);
    }
    return n;
}

static const shape *compile(lua_State *L, int definition, int names, int depth);

/* The type on top of the stack; a table names the shape within. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void compile_type(lua_State *L, field *f, int names, int depth)
{
    int type = lua_gettop(L);
    if (lua_type(L, type) == LUA_TSTRING) {
        f->type = type_named(L, lua_tostring(L, type));
        return;
    }
    luaL_checktype(L, type, LUA_TTABLE);
    lua_getfield(L, type, "list");
    f->type = AS_LIST;
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_getfield(L, type, "record");
        f->type = AS_RECORD;
    }
    f->inner = compile(L, lua_gettop(L), names, depth + 1);
    lua_pop(L, 1);
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static const shape *compile(lua_State *L, int definition, int names, int depth)
{
    shape *s;
    int count;
    luaL_checktype(L, definition, LUA_TTABLE);
    luaL_checkstack(L, 10, "a shape is nested too deeply");
    if (depth > DEPTH_LIMIT) luaL_error(L, "a shape is nested too deeply");
    count = count_members(L, definition);
    s = lua_newuserdata(L, sizeof *s + (size_t)count * sizeof s->fields[0]);
    lua_rawseti(L, names, (int)lua_rawlen(L, names) + 1); /* kept with the names */
    luaL_argcheck(L, count < 255, 1, "a shape has too many members");
    s->count = 0;
    memset(s->first, 0, sizeof s->first);
    lua_pushnil(L);
    while (lua_next(L, definition)) {
        field *f = &s->fields[s->count];
        size_t size;
        if (lua_type(L, -2) != LUA_TSTRING) luaL_error(L, "a shape's names are strings");
        f->name = lua_tolstring(L, -2, &size);
        f->size = (uint32_t)size;
        f->tag = tag_of(f->name, f->size);
        f->inner = NULL;
        f->next = s->first[bucket_of(f->tag)];
        s->first[bucket_of(f->tag)] = (unsigned char)(s->count + 1);
        lua_pushvalue(L, -2);
        f->name_index = (int)lua_rawlen(L, names) + 1;
        lua_rawseti(L, names, f->name_index);
        compile_type(L, f, names, depth);
        s->count++;
        lua_pop(L, 1);
    }
    return s;
}

/* ---- reading ---- */

typedef struct {
    lua_State *L;
    const eko_json_tape *tape;
    int names; /* stack index of the table of names */
} view;

/* Digits with an optional sign and fraction. */
static int is_decimal(const unsigned char *p, size_t n)
{
    size_t i = n > 0 && p[0] == '-' ? 1 : 0, points = 0;
    if (i == n || p[i] == '.') return 0;
    for (; i < n; i++) {
        if (p[i] == '.')
            points++;
        else if (p[i] < '0' || p[i] > '9')
            return 0;
    }
    return points <= 1;
}

static int push_number_of_text(lua_State *L, const eko_json_node *node)
{
    eko_json_node number = *node;
    if (!is_decimal(node->at, node->size)) return 0;
    number.type = node->size > LONGEST_NUMBER ? JSON_STRING : JSON_FLOAT;
    eko_json_push_scalar(L, &number);
    return 1;
}

static int is_text(const eko_json_node *node)
{
    return node->type == JSON_STRING || node->type == JSON_ESCAPED;
}

static int is_number(const eko_json_node *node)
{
    return node->type == JSON_INTEGER || node->type == JSON_LONG || node->type == JSON_FLOAT;
}

static void push_record(view *v, const shape *s, uint32_t index, int extra);

/* NOLINTNEXTLINE(misc-no-recursion) */
static void push_list(view *v, const shape *s, uint32_t index)
{
    const eko_json_node *nodes = v->tape->nodes, *list = &nodes[index];
    uint32_t i;
    int position = 1;
    if (list->type != JSON_ARRAY) {
        lua_newtable(v->L);
        return;
    }
    lua_createtable(v->L, (int)list->size, 0);
    for (i = index + 1; i < list->next; i = nodes[i].next) {
        if (nodes[i].type >= JSON_ARRAY)
            push_record(v, s, i, 0);
        else
            eko_json_push_scalar(v->L, &nodes[i]);
        lua_rawseti(v->L, -2, position++);
    }
}

/* Pushes a member with its documented type; 0 when it is empty or can't have that type. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static int push_member(view *v, const field *f, uint32_t index)
{
    const eko_json_node *node = &v->tape->nodes[index];
    int is_container = node->type >= JSON_ARRAY;
    switch (f->type) {
    case AS_STRING:
        if (is_number(node)) return eko_json_push_digits(v->L, node);
        if (!is_text(node)) return 0;
        break;
    case AS_NUMBER:
        if (node->type == JSON_STRING) return push_number_of_text(v->L, node);
        if (!is_number(node)) return 0;
        break;
    case AS_OPAQUE:
        if (!is_text(node) && !is_number(node)) return 0;
        break;
    case AS_BOOLEAN:
        if (node->type != JSON_TRUE && node->type != JSON_FALSE) return 0;
        break;
    default:
        if (!is_container) return 0;
        if (f->type == AS_MAP)
            eko_json_push_value(v->L, v->tape, index);
        else if (f->type == AS_RECORD)
            push_record(v, f->inner, index, 0);
        else
            push_list(v, f->inner, index);
        return 1;
    }
    eko_json_push_scalar(v->L, node);
    return 1;
}

static const field *find_field(const shape *s, const eko_json_node *name)
{
    uint32_t tag = tag_of(name->at, name->size);
    int i;
    for (i = s->first[bucket_of(tag)]; i != 0; i = s->fields[i - 1].next) {
        const field *f = &s->fields[i - 1];
        if (f->tag == tag && f->size == name->size && memcmp(f->name, name->at, f->size) == 0) return f;
    }
    return NULL;
}

static int is_empty(const eko_json_node *value)
{
    return value->type == JSON_NULL || (is_text(value) && value->size == 0);
}

/* How many members will be there; the platform leaves most of them empty, and a table's size is a power of two. */
static int count_filled(const eko_json_node *nodes, uint32_t index)
{
    uint32_t i = index + 1;
    int n = 0;
    while (i < nodes[index].next) {
        if (!is_empty(&nodes[i + 1])) n++;
        i = nodes[i + 1].next;
    }
    return n;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static void push_record(view *v, const shape *s, uint32_t index, int extra)
{
    const eko_json_node *nodes = v->tape->nodes, *object = &nodes[index];
    uint32_t i = index + 1;
    int filled = object->type == JSON_OBJECT ? count_filled(nodes, index) : 0;
    int room = filled < s->count ? filled : s->count;
    luaL_checkstack(v->L, 8, "a shape is nested too deeply");
    lua_createtable(v->L, 0, room + extra);
    if (object->type != JSON_OBJECT) return;
    while (i < object->next) {
        const eko_json_node *value = &nodes[i + 1];
        const field *f = is_empty(value) || nodes[i].type != JSON_STRING ? NULL : find_field(s, &nodes[i]);
        if (f != NULL) {
            lua_rawgeti(v->L, v->names, f->name_index);
            if (push_member(v, f, i + 1))
                lua_rawset(v->L, -3);
            else
                lua_pop(v->L, 1);
        }
        i = value->next;
    }
}

static uint32_t member(const eko_json_tape *tape, const char *name)
{
    size_t size = strlen(name);
    uint32_t i = 1, found = 0;
    while (i < tape->nodes[0].next) {
        const eko_json_node *key = &tape->nodes[i];
        if (key->size == size && memcmp(key->at, name, size) == 0) found = i + 1;
        i = tape->nodes[i + 1].next;
    }
    return found;
}

static void push_code(lua_State *L, const eko_json_tape *tape, const char *name)
{
    uint32_t index = member(tape, name);
    if (index != 0 && tape->nodes[index].type == JSON_INTEGER)
        eko_json_push_scalar(L, &tape->nodes[index]);
    else
        lua_pushnil(L);
}

/* Cuts a text down to the bytes from first to last, if the arguments at `index` say so. */
static const char *check_part(lua_State *L, int index, const char *text, size_t *n)
{
    lua_Integer first, last;
    if (lua_isnoneornil(L, index)) return text;
    first = luaL_checkinteger(L, index);
    last = luaL_checkinteger(L, index + 1);
    luaL_argcheck(L, first >= 1 && last >= first - 1 && last <= (lua_Integer)*n, index, "not within the text");
    *n = (size_t)(last - first + 1);
    return text + first - 1;
}

/* read(text[, first, last]) -> data, status, response_type_id; or nil when the text is not a valid envelope with
 * integer codes, which is for whoever reads it in full to explain. */
static int read_shape(lua_State *L)
{
    eko_json_tape tape;
    view v;
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);
    const shape *s = lua_touserdata(L, lua_upvalueindex(1));
    uint32_t data;
    text = check_part(L, 2, text, &n);
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(2));
    if (!eko_json_parse(L, &tape, text, n, 64) || tape.nodes[0].type != JSON_OBJECT) return 0;
    if (eko_json_conflict(L, &tape) != NULL) return 0;
    v.L = L;
    v.tape = &tape;
    v.names = 2;
    data = member(&tape, "data");
    if (data != 0 && tape.nodes[data].type == JSON_OBJECT)
        push_record(&v, s, data, 1);
    else
        lua_createtable(L, 0, 1);
    push_code(L, &tape, "status");
    push_code(L, &tape, "response_type_id");
    return 3;
}

/* json.shape(definition) -> read, a function; `definition` is name -> "string" | "number" | "opaque" | "boolean" |
 * "map" | { record = definition } | { list = definition } */
static int json_shape(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_newtable(L);
    compile(L, 1, 2, 1);
    lua_rawgeti(L, 2, 1); /* the outermost shape was the first to be kept */
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, read_shape, 2);
    return 1;
}

void eko_open_json_shape(lua_State *L)
{
    lua_pushcfunction(L, json_shape);
    lua_setfield(L, -2, "shape");
}
