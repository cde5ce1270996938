/* core.json.reader: an answer of the platform, read once: its codes, and its data by a shape or the whole of it.
 *
 * Both views are made from one tape, and of equal names the last one counts in both: they cannot disagree. Read by a
 * shape, `data` is one table of the documented members, each with its documented type; what the platform leaves empty
 * is absent, what no shape names is left out. */
#include "json/json_read.h"

#include "base/type.h"
#include "json/json_view.h"

#include <string.h>

typedef enum { READ_SHAPE, READ_ENVELOPE, READ_CODES } mode;

/* ---- codes ---- */

typedef enum { CODE_ABSENT, CODE_THERE, CODE_ODD } code_kind;

/* A whole number, in quotes or not. */
static code_kind code_of(lua_State *L, const eko_json_tape *tape, uint32_t index, int64_t *code)
{
    const eko_json_node *node = &tape->nodes[index];
    if (index == 0 || eko_json_is_empty(node)) return CODE_ABSENT;
    if (eko_json_is_text(node)) {
        if (node->size > EKO_JSON_LONGEST_NUMBER || !eko_json_is_decimal(node->at, node->size) ||
            memchr(node->at, '.', node->size) != NULL)
            return CODE_ODD;
    } else if (node->type != JSON_INTEGER && node->type != JSON_FLOAT) {
        return CODE_ODD;
    }
    bool is_whole;
    eko_json_number(L, node->at, node->size, code, &is_whole);
    return is_whole ? CODE_THERE : CODE_ODD;
}

static void push_code(lua_State *L, code_kind kind, int64_t code)
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
    const code_kind kind = code_of(L, tape, index, &code);
    push_code(L, kind, code);
}

/* A `tx_status` is a single digit. */
static code_kind state_of(lua_State *L, const eko_json_tape *tape, uint32_t index, int64_t *state)
{
    const code_kind kind = code_of(L, tape, index, state);
    if (kind != CODE_THERE) return kind;
    return *state >= 0 && *state <= 9 && !(eko_json_is_text(&tape->nodes[index]) && tape->nodes[index].size > 1)
               ? kind
               : CODE_ODD;
}

/* It counts beside the data as in it, where the two do not differ. */
static void push_tx_status(lua_State *L, const eko_json_tape *tape, uint32_t beside, uint32_t inside)
{
    int64_t a = 0, b = 0;
    const code_kind of_a = state_of(L, tape, beside, &a), of_b = state_of(L, tape, inside, &b);
    if (of_a == CODE_ABSENT || of_b == CODE_ODD)
        push_code(L, of_b, b);
    else
        push_code(L, of_b == CODE_THERE && a != b ? CODE_ODD : of_a, a);
}

/* ---- the answer ---- */

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

/* What had to be repaired, and the names of the identifiers that are lost by it, each once: { repaired =, damaged = }.
 * Nothing where nothing had to be. */
static int push_repairs(lua_State *L, const eko_json_tape *tape)
{
    if (tape->repaired == 0) return 0;
    const int repairs = lua_gettop(L) + 1, names = repairs + 1, seen = repairs + 2;
    int count = 0;
    lua_createtable(L, 0, 2);
    lua_newtable(L);
    lua_newtable(L);
    for (uint32_t i = 1; i < tape->count; i++) {
        if (tape->nodes[i].type != JSON_DAMAGED) continue;
        eko_json_push_scalar(L, &tape->nodes[i - 1]);
        lua_pushvalue(L, -1);
        lua_rawget(L, seen);
        if (lua_isnil(L, -1)) {
            lua_pushvalue(L, -2);
            lua_rawseti(L, names, ++count);
            lua_pushvalue(L, -2);
            lua_pushboolean(L, 1);
            lua_rawset(L, seen);
        }
        lua_pop(L, 2);
    }
    lua_settop(L, names);
    if (count == 0) lua_pushnil(L);
    lua_setfield(L, repairs, "damaged");
    lua_settop(L, repairs);
    lua_pushinteger(L, (lua_Integer)tape->repaired);
    lua_setfield(L, repairs, "repaired");
    return 1;
}

/* read(text[, metatable]) -> data, which by a shape have that, status, response_type_id, response_status_id, tx_status,
 * whether the data have an otp_ref_id, and what had to be repaired; or nil, name, detail. A code is an integer, nil
 * when it is absent or empty, false when it is something else. */
static int read_answer(lua_State *L)
{
    static const eko_json_rules whole = {.max_depth = 64, .is_kind = true};
    static const eko_json_rules codes_alone = {.max_depth = 64, .is_shallow = true, .is_kind = true};
    enum { TEXT = 1, METATABLE, NAMES };
    size_t n;
    const char *text = luaL_checklstring(L, TEXT, &n);
    const eko_json_shape *root = lua_touserdata(L, lua_upvalueindex(2)),
                         *shape = lua_touserdata(L, lua_upvalueindex(3));
    const mode what = (mode)lua_tointeger(L, lua_upvalueindex(4));
    lua_settop(L, METATABLE);
    lua_pushvalue(L, lua_upvalueindex(1));
    eko_json_tape tape;
    if (!eko_json_parse(L, &tape, text, n, what == READ_CODES ? &codes_alone : &whole))
        return push_unreadable(L, &tape);
    if (tape.nodes[0].type != JSON_OBJECT)
        return eko_push_failure(L, "not_an_object", "the answer is JSON, but not an object");
    const eko_json_view v = {.L = L, .tape = &tape, .names = NAMES};
    uint32_t at[EKO_JSON_FIELDS], in_data[EKO_JSON_FIELDS] = {0}, data = 0;
    const char *conflict = eko_json_find_members(&v, root, 0, at);
    if (at[FIELD_DATA] != 0) data = eko_json_record_at(tape.nodes, at[FIELD_DATA]);
    if (conflict == NULL && data != 0) conflict = eko_json_find_members(&v, shape, data, in_data);
    if (conflict != NULL) return push_conflict(L, conflict);
    if (what == READ_SHAPE) {
        eko_json_push_found(&v, shape, in_data, 1);
        if (lua_istable(L, METATABLE)) {
            lua_pushvalue(L, METATABLE);
            lua_setmetatable(L, -2);
        }
    } else if (what == READ_ENVELOPE) {
        eko_json_push_value(L, &tape, 0);
    } else {
        lua_pushboolean(L, 1);
    }
    push_code_at(L, &tape, at[FIELD_STATUS]);
    push_code_at(L, &tape, at[FIELD_TYPE_ID]);
    push_code_at(L, &tape, at[FIELD_STATUS_ID]);
    push_tx_status(L, &tape, at[FIELD_TX_STATUS], data == at[FIELD_DATA] ? in_data[shape->tx_status] : 0);
    lua_pushboolean(L, in_data[shape->reference] != 0 && !eko_json_is_empty(&tape.nodes[in_data[shape->reference]]));
    return 6 + push_repairs(L, &tape);
}

/* json.reader(what) -> read, a function. `what` is "envelope" (the data that it gives is the whole envelope), "codes"
 * (it is true, and no value is made of the answer, however long it is), or a shape: name -> "string" | "number" |
 * "opaque" | "boolean" | "map" | { record = shape } | { list = shape } */
static int json_reader(lua_State *L)
{
    enum { SHAPE = 1, NAMES, NOTHING };
    int what = READ_SHAPE;
    lua_settop(L, SHAPE);
    if (!lua_istable(L, SHAPE)) {
        static const char *const modes[] = {"envelope", "codes", NULL};
        what = READ_ENVELOPE + luaL_checkoption(L, SHAPE, NULL, modes);
        lua_newtable(L);
        lua_replace(L, SHAPE);
    }
    lua_newtable(L);
    lua_newtable(L);
    lua_pushvalue(L, NAMES);
    lua_pushlightuserdata(L, (void *)eko_json_compile(L, NOTHING, NAMES));
    lua_pushlightuserdata(L, (void *)eko_json_compile(L, SHAPE, NAMES));
    lua_pushinteger(L, what);
    lua_pushcclosure(L, read_answer, 4);
    return 1;
}

void eko_open_json_read(lua_State *L)
{
    lua_pushcfunction(L, json_reader);
    lua_setfield(L, -2, "reader");
}
