/* core.plan: an endpoint, compiled once: where each parameter goes, and what it must look like. */
#include "draft/plan.h"

#include "crypto/random.h"

static void keep_top(lua_State *L, int strings)
{
    lua_rawseti(L, strings, (int)lua_rawlen(L, strings) + 1);
}

/* The string in a table's field, kept; "" when there is none. */
static const char *keep_string(lua_State *L, int table, const char *name, int strings, size_t *size)
{
    const char *text;
    lua_getfield(L, table, name);
    text = lua_tolstring(L, -1, size);
    if (text == NULL) {
        lua_pop(L, 1);
        return "";
    }
    keep_top(L, strings);
    return text;
}

static int choice(lua_State *L, int table, const char *name, const char *const choices[], int otherwise)
{
    int i, found = otherwise;
    const char *text;
    lua_getfield(L, table, name);
    text = lua_tostring(L, -1);
    for (i = 0; text != NULL && choices[i] != NULL; i++)
        if (strcmp(text, choices[i]) == 0) found = i;
    if (found < 0) luaL_error(L, "no such %s: %s", name, text == NULL ? "nil" : text);
    lua_pop(L, 1);
    return found;
}

static int flag(lua_State *L, int table, const char *name)
{
    int value;
    lua_getfield(L, table, name);
    value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

static lua_Number number(lua_State *L, int table, const char *name)
{
    lua_Number value;
    lua_getfield(L, table, name);
    value = lua_tonumber(L, -1);
    lua_pop(L, 1);
    return value;
}

/* The index of the field is kept under its name, its name under its index. */
static void keep_name(lua_State *L, eko_field *f, int table, int strings, int index)
{
    lua_getfield(L, table, "name");
    f->name = luaL_checkstring(L, -1);
    lua_pushvalue(L, -1);
    lua_rawseti(L, strings, index);
    lua_pushinteger(L, index);
    lua_rawset(L, strings);
}

static void compile_field(lua_State *L, eko_field *f, int table, int strings, int index)
{
    static const char *const places[] = {"path", "query", "body", NULL};
    static const char *const kinds[] = {"string", "integer", "opaque", "list", "address", NULL};
    static const char *const contexts[] = {"", "initiator_id", "user_code", "client_ref_id", "timestamp", NULL};
    static const char *const meanings[] = {"", "name", "birth", "account", "rupees", "capture", "address", NULL};
    size_t ignored;
    f->place = choice(L, table, "place", places, -1);
    f->kind = choice(L, table, "type", kinds, -1);
    f->context = choice(L, table, "name", contexts, NO_CONTEXT);
    f->means = choice(L, table, "means", meanings, ANYTHING);
    f->required = flag(L, table, "required");
    if (f->context == NOW && (!f->required || f->kind != STRING)) f->context = NO_CONTEXT;
    f->multiline = flag(L, table, "multiline");
    f->max = (size_t)number(L, table, "max");
    f->min = number(L, table, "min");
    f->key = keep_string(L, table, "key", strings, &f->key_size);
    f->tail = keep_string(L, table, "tail", strings, &f->tail_size);
    f->keep = keep_string(L, table, "keep", strings, &ignored);
    memset(&f->format, 0, sizeof f->format);
    lua_getfield(L, table, "format");
    if (!lua_isnil(L, -1)) eko_read_format(L, -1, &f->format);
    lua_pop(L, 1);
    lua_getfield(L, table, "default");
    f->has_default = f->required && !lua_isnil(L, -1);
    lua_rawseti(L, strings, -index);
}

/* plan(head, has_body, fields) -> the function that drafts a call: `head` is the path up to its first parameter,
 * `fields` a list of { name, place, type, means, required, default, max, min, multiline, format, key, tail, keep } in
 * wire order */
static int core_plan(lua_State *L)
{
    eko_plan *p;
    int count, i;
    luaL_checkstring(L, 1);
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_settop(L, 3);
    count = (int)lua_rawlen(L, 3);
    p = lua_newuserdata(L, sizeof *p + (size_t)count * sizeof p->fields[0]);
    p->count = count;
    p->has_body = lua_toboolean(L, 2);
    p->head = lua_tolstring(L, 1, &p->head_size);
    lua_newtable(L);
    for (i = 0; i < count; i++) {
        lua_rawgeti(L, 3, i + 1);
        luaL_checktype(L, 6, LUA_TTABLE);
        keep_name(L, &p->fields[i], 6, 5, i + 1);
        lua_pop(L, 1);
    }
    for (i = 0; i < count; i++) {
        lua_rawgeti(L, 3, i + 1);
        compile_field(L, &p->fields[i], 6, 5, i + 1);
        lua_pop(L, 1);
    }
    lua_pushvalue(L, 1);
    keep_top(L, 5);
    lua_pushvalue(L, 4);
    keep_top(L, 5);
    luaL_getmetatable(L, EKO_DRAFT);
    lua_getfield(L, LUA_REGISTRYINDEX, EKO_REFERENCES);
    lua_pushcclosure(L, eko_plan_draft, 4);
    return 1;
}

void eko_open_plan(lua_State *L)
{
    eko_open_draft(L);
    lua_pushcfunction(L, core_plan);
    lua_setfield(L, -2, "plan");
}
