/* Shapes of answers, compiled: member name -> what the documentation says that it is. */
#include "json/json_shape.h"

#include <string.h>

#define DEPTH_LIMIT 8

/* JSON leaves open which of two equal names counts, so that two readers of one answer may see two transactions. What
 * decides must be one thing: an envelope in which one of these (the hint for screens aside) has two values, itself or
 * in its data, is no answer. */
static const char *const decisive[] = {
    "status",
    "response_type_id",
    "response_status_id",
    "tx_status",
    "data",
    "otp_ref_id",
    "tid",
    "client_ref_id",
    "refund_tid",
    "amount",
    "kyc_request_id",
    "bank_ref_num",
    "recipient_id",
    "account",
    "ifsc",
    "invalid_params",
    "invalid_parameters",
};
enum { DECISIVE = sizeof decisive / sizeof decisive[0] };

static eko_json_as check_type_named(lua_State *L, const char *name)
{
    static const char *const names[] = {"string", "number", "opaque", "boolean", "map", NULL};
    for (int i = 0; names[i] != NULL; i++)
        if (strcmp(name, names[i]) == 0) return (eko_json_as)i;
    luaL_error(L, "a shape has no type %s", name);
    return AS_NOTHING;
}

/* Keeps what is on top of the stack, and pops it. */
static int keep(lua_State *L, int names)
{
    const int index = (int)lua_rawlen(L, names) + 1;
    lua_rawseti(L, names, index);
    return index;
}

/* Adds a field whose name is on top of the stack, and pops that. */
static eko_json_field *add_field(lua_State *L, eko_json_shape *s, int names, eko_json_as type)
{
    eko_json_field *f = &s->fields[s->count++];
    memset(f, 0, sizeof *f);
    size_t size;
    f->name = lua_tolstring(L, -1, &size);
    f->size = (uint32_t)size;
    f->tag = eko_json_tag((const unsigned char *)f->name, f->size);
    f->type = type;
    f->name_index = keep(L, names);
    unsigned char *bucket = &s->first[eko_json_bucket(f->tag)];
    f->next = *bucket - 1;
    *bucket = (unsigned char)s->count;
    return f;
}

static void add_decisive(lua_State *L, eko_json_shape *s, int names)
{
    for (int i = 0; i < DECISIVE; i++) {
        int found = eko_json_find(s, (const unsigned char *)decisive[i], (uint32_t)strlen(decisive[i]));
        if (found < 0) {
            lua_pushstring(L, decisive[i]);
            add_field(L, s, names, AS_NOTHING);
            found = s->count - 1;
        }
        s->fields[found].is_decisive = i != FIELD_STATUS_ID;
        if (i == FIELD_TX_STATUS) s->tx_status = found;
        if (i == FIELD_REFERENCE) s->reference = found;
    }
}

static const eko_json_shape *compile(lua_State *L, int definition, int names, int depth);

/* The type on top of the stack; a table names the shape within. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static eko_json_as compile_type(lua_State *L, int names, int depth, const eko_json_shape **inner)
{
    const int definition = lua_gettop(L);
    eko_json_as type = AS_LIST;
    *inner = NULL;
    if (lua_type(L, definition) == LUA_TSTRING) return check_type_named(L, lua_tostring(L, definition));
    luaL_checktype(L, definition, LUA_TTABLE);
    lua_getfield(L, definition, "list");
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_getfield(L, definition, "record");
        type = AS_RECORD;
    }
    *inner = compile(L, lua_gettop(L), names, depth);
    lua_pop(L, 1);
    return type;
}

/* At depth 0 with the decisive names. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static const eko_json_shape *compile(lua_State *L, int definition, int names, int depth)
{
    luaL_checkstack(L, 10, "a shape is nested too deeply");
    if (depth > DEPTH_LIMIT) luaL_error(L, "a shape is nested too deeply");
    luaL_checktype(L, definition, LUA_TTABLE);
    int count = 0;
    for (lua_pushnil(L); lua_next(L, definition); lua_pop(L, 1)) count++;
    luaL_argcheck(L, count + DECISIVE <= EKO_JSON_FIELDS, 1, "a shape has too many members");
    eko_json_shape *s = lua_newuserdatauv(L, sizeof *s + (size_t)(count + DECISIVE) * sizeof s->fields[0], 0);
    keep(L, names);
    memset(s, 0, sizeof *s);
    for (lua_pushnil(L); lua_next(L, definition); lua_pop(L, 1)) {
        const eko_json_shape *inner;
        const eko_json_as type = compile_type(L, names, depth + 1, &inner);
        if (lua_type(L, -2) != LUA_TSTRING) luaL_error(L, "a shape's names are strings");
        lua_pushvalue(L, -2);
        add_field(L, s, names, type)->inner = inner;
    }
    s->typed = s->count;
    if (depth == 0) add_decisive(L, s, names);
    return s;
}

const eko_json_shape *eko_json_compile(lua_State *L, int definition, int names)
{
    return compile(L, definition, names, 0);
}
