/* core.json.reader: an answer of the platform, read once: its codes, and its data by a shape or the whole of it.
 *
 * Both views are made from one tape, and of equal names the last one counts in both: they cannot disagree. Read by a
 * shape, `data` is one table of the documented members, each with its documented type; what the platform leaves empty
 * is absent, what no shape names is left out. */
#include "json_shape.h"

#include <string.h>

#define LONGEST_NUMBER 15 /* digits that a double keeps */

enum { READ_SHAPE, READ_ENVELOPE, READ_CODES };

typedef struct {
    lua_State *L;
    const eko_json_tape *tape;
    int names; /* stack index of the table of names */
} view;

static int is_text(const eko_json_node *node)
{
    return node->type == JSON_STRING || node->type == JSON_ESCAPED;
}

static int is_number(const eko_json_node *node)
{
    return node->type == JSON_INTEGER || node->type == JSON_LONG || node->type == JSON_FLOAT;
}

static int is_empty(const eko_json_node *value)
{
    return value->type == JSON_NULL || (is_text(value) && value->size == 0);
}

/* Whether two values are the same to the letter, blanks between their parts aside. */
static int same(const eko_json_node *nodes, uint32_t a, uint32_t b)
{
    uint32_t count = nodes[a].next - a, i;
    if (nodes[b].next - b != count) return 0;
    for (i = 0; i < count; i++) {
        const eko_json_node *x = &nodes[a + i], *y = &nodes[b + i];
        if (x->type != y->type || x->size != y->size) return 0;
        if (x->type > JSON_TRUE && x->type < JSON_ARRAY && memcmp(x->at, y->at, x->size) != 0) return 0;
    }
    return 1;
}

static int field_of(lua_State *L, const eko_json_shape *s, const eko_json_node *name)
{
    const char *text;
    size_t size;
    int found;
    if (name->type == JSON_STRING) return eko_json_find(s, name->at, name->size);
    eko_json_push_scalar(L, name);
    text = lua_tolstring(L, -1, &size);
    found = eko_json_find(s, (const unsigned char *)text, (uint32_t)size);
    lua_pop(L, 1);
    return found;
}

/* Sets at[i] to where the value of the shape's i-th field stands in an object (or nothing), the last of equal names, or
 * to 0. Returns NULL, or the name of a decisive one that has two values. */
static const char *find_members(const view *v, const eko_json_shape *s, uint32_t object, uint32_t *at)
{
    const eko_json_node *nodes = v->tape->nodes;
    uint32_t i = object + 1, end = nodes[object].type == JSON_OBJECT ? nodes[object].next : 0;
    memset(at, 0, (size_t)s->count * sizeof *at);
    while (i < end) {
        int f = field_of(v->L, s, &nodes[i]);
        if (f >= 0) {
            if (at[f] != 0 && s->fields[f].is_decisive && !same(nodes, at[f], i + 1)) return s->fields[f].name;
            at[f] = i + 1;
        }
        i = nodes[i + 1].next;
    }
    return NULL;
}

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

static void push_record(const view *v, const eko_json_shape *s, uint32_t index);

/* NOLINTNEXTLINE(misc-no-recursion) */
static void push_list(const view *v, const eko_json_shape *s, uint32_t index)
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
            push_record(v, s, i);
        else
            eko_json_push_scalar(v->L, &nodes[i]);
        lua_rawseti(v->L, -2, position++);
    }
}

/* Pushes a member with its documented type; 0 when it can't have that type. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static int push_member(const view *v, const eko_json_field *f, uint32_t index)
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
            push_record(v, f->inner, index);
        else
            push_list(v, f->inner, index);
        return 1;
    }
    eko_json_push_scalar(v->L, node);
    return 1;
}

/* Pushes a table of the members that were found, with room for more. The platform leaves most of them empty, and a
 * table's size is a power of two. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void push_found(const view *v, const eko_json_shape *s, const uint32_t *at, int more)
{
    unsigned char filled[EKO_JSON_FIELDS];
    int i, count = 0;
    for (i = 0; i < s->typed; i++)
        if (at[i] != 0 && !is_empty(&v->tape->nodes[at[i]])) filled[count++] = (unsigned char)i;
    luaL_checkstack(v->L, 8, "a shape is nested too deeply");
    lua_createtable(v->L, 0, count + more);
    for (i = 0; i < count; i++) {
        const eko_json_field *f = &s->fields[filled[i]];
        lua_rawgeti(v->L, v->names, f->name_index);
        if (push_member(v, f, at[filled[i]]))
            lua_rawset(v->L, -3);
        else
            lua_pop(v->L, 1);
    }
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static void push_record(const view *v, const eko_json_shape *s, uint32_t index)
{
    uint32_t at[EKO_JSON_FIELDS];
    find_members(v, s, index, at);
    push_found(v, s, at, 0);
}

/* ---- codes ---- */

enum { CODE_ABSENT, CODE_THERE, CODE_ODD };

/* A whole number, in quotes or not. */
static int code_of(lua_State *L, const eko_json_tape *tape, uint32_t index, int64_t *code)
{
    const eko_json_node *node = &tape->nodes[index];
    int is_whole = 0;
    if (index == 0 || is_empty(node)) return CODE_ABSENT;
    if (is_text(node)) {
        if (node->size > LONGEST_NUMBER || !is_decimal(node->at, node->size) ||
            memchr(node->at, '.', node->size) != NULL)
            return CODE_ODD;
    } else if (node->type != JSON_INTEGER && node->type != JSON_FLOAT) {
        return CODE_ODD;
    }
    eko_json_number(L, node->at, node->size, code, &is_whole);
    return is_whole ? CODE_THERE : CODE_ODD;
}

static void push_code(lua_State *L, int kind, int64_t code)
{
    if (kind == CODE_THERE)
        lua_pushinteger(L, (lua_Integer)code);
    else if (kind == CODE_ODD)
        lua_pushboolean(L, 0);
    else
        lua_pushnil(L);
}

static void push_code_at(lua_State *L, const eko_json_tape *tape, uint32_t index)
{
    int64_t code = 0;
    int kind = code_of(L, tape, index, &code);
    push_code(L, kind, code);
}

/* A `tx_status` is a single digit. */
static int state_of(lua_State *L, const eko_json_tape *tape, uint32_t index, int64_t *state)
{
    int kind = code_of(L, tape, index, state);
    if (kind != CODE_THERE) return kind;
    return *state >= 0 && *state <= 9 && !(is_text(&tape->nodes[index]) && tape->nodes[index].size > 1) ? kind
                                                                                                        : CODE_ODD;
}

/* It counts beside the data as in it, where the two do not differ. */
static void push_tx_status(lua_State *L, const eko_json_tape *tape, uint32_t beside, uint32_t inside)
{
    int64_t a = 0, b = 0;
    int of_a = state_of(L, tape, beside, &a), of_b = state_of(L, tape, inside, &b);
    if (of_a == CODE_ABSENT || of_b == CODE_ODD)
        push_code(L, of_b, b);
    else
        push_code(L, of_b == CODE_THERE && a != b ? CODE_ODD : of_a, a);
}

/* ---- the answer ---- */

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

static int push_conflict(lua_State *L, const char *name)
{
    lua_pushfstring(L, "the answer cannot be relied on: %s stands there twice with different values", name);
    return eko_push_failure(L, "conflicting_members", lua_tostring(L, -1));
}

static int push_unreadable(lua_State *L, const eko_json_tape *tape)
{
    lua_pushfstring(L, "the answer is not JSON (%s at byte %d)", tape->error, (int)tape->offset);
    return eko_push_failure(L, "invalid_json", lua_tostring(L, -1));
}

/* read(text[, first, last]) -> data, status, response_type_id, response_status_id, tx_status; or nil, name, detail. A
 * code is an integer, nil when it is absent or empty, false when it is something else. */
static int read_answer(lua_State *L)
{
    static const eko_json_rules codes_alone = {64, 1};
    eko_json_tape tape;
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n), *conflict;
    const eko_json_shape *root = lua_touserdata(L, lua_upvalueindex(2)),
                         *shape = lua_touserdata(L, lua_upvalueindex(3));
    const int mode = (int)lua_tointeger(L, lua_upvalueindex(4));
    const view v = {L, &tape, 2};
    uint32_t at[EKO_JSON_FIELDS], in_data[EKO_JSON_FIELDS] = {0};
    text = check_part(L, 2, text, &n);
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    if (!eko_json_parse(L, &tape, text, n, mode == READ_CODES ? &codes_alone : &eko_json_strict))
        return push_unreadable(L, &tape);
    if (tape.nodes[0].type != JSON_OBJECT)
        return eko_push_failure(L, "not_an_object", "the answer is JSON, but not an object");
    conflict = find_members(&v, root, 0, at);
    if (conflict == NULL && at[FIELD_DATA] != 0) conflict = find_members(&v, shape, at[FIELD_DATA], in_data);
    if (conflict != NULL) return push_conflict(L, conflict);
    if (mode == READ_SHAPE)
        push_found(&v, shape, in_data, 1);
    else if (mode == READ_ENVELOPE)
        eko_json_push_value(L, &tape, 0);
    else
        lua_pushboolean(L, 1);
    push_code_at(L, &tape, at[FIELD_STATUS]);
    push_code_at(L, &tape, at[FIELD_TYPE_ID]);
    push_code_at(L, &tape, at[FIELD_STATUS_ID]);
    push_tx_status(L, &tape, at[FIELD_TX_STATUS], in_data[shape->tx_status]);
    return 5;
}

/* json.reader(what) -> read, a function. `what` is "envelope" (the data that it gives is the whole envelope), "codes"
 * (it is true, and no value is made of the answer, however long it is), or a shape: name -> "string" | "number" |
 * "opaque" | "boolean" | "map" | { record = shape } | { list = shape } */
int eko_json_reader(lua_State *L)
{
    int mode = READ_SHAPE;
    lua_settop(L, 1);
    if (!lua_istable(L, 1)) {
        static const char *const modes[] = {"envelope", "codes", NULL};
        mode = READ_ENVELOPE + luaL_checkoption(L, 1, NULL, modes);
        lua_newtable(L);
        lua_replace(L, 1);
    }
    lua_newtable(L); /* the names */
    lua_newtable(L);
    lua_pushvalue(L, 2);
    lua_pushlightuserdata(L, (void *)eko_json_compile(L, 3, 2));
    lua_pushlightuserdata(L, (void *)eko_json_compile(L, 1, 2));
    lua_pushinteger(L, mode);
    lua_pushcclosure(L, read_answer, 4);
    return 1;
}
