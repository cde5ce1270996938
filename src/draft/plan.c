#include "draft/plan.h"

#include <string.h>

static void keep_top(lua_State *L, int strings)
{
    lua_rawseti(L, strings, (int)lua_rawlen(L, strings) + 1);
}

/* The string in a table's field, kept; "" when there is none. */
static const char *keep_string(lua_State *L, int table, const char *name, int strings, size_t *size)
{
    lua_getfield(L, table, name);
    const char *text = lua_tolstring(L, -1, size);
    if (text == NULL) {
        lua_pop(L, 1);
        return "";
    }
    keep_top(L, strings);
    return text;
}

static int check_choice(lua_State *L, int table, const char *name, const char *const choices[], int otherwise)
{
    int found = otherwise;
    lua_getfield(L, table, name);
    const char *text = lua_tostring(L, -1);
    for (int i = 0; text != NULL && choices[i] != NULL; i++)
        if (strcmp(text, choices[i]) == 0) found = i;
    if (found < 0) luaL_error(L, "no such %s: %s", name, text == NULL ? "nil" : text);
    lua_pop(L, 1);
    return found;
}

static bool flag(lua_State *L, int table, const char *name)
{
    lua_getfield(L, table, name);
    const bool value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

static lua_Number number(lua_State *L, int table, const char *name)
{
    lua_getfield(L, table, name);
    const lua_Number value = lua_tonumber(L, -1);
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
    f->place = check_choice(L, table, "place", places, -1);
    f->kind = check_choice(L, table, "type", kinds, -1);
    f->context = check_choice(L, table, "name", contexts, NO_CONTEXT);
    f->means = check_choice(L, table, "means", meanings, ANYTHING);
    f->required = flag(L, table, "required");
    if (f->context == NOW && (!f->required || f->kind != STRING)) f->context = NO_CONTEXT;
    f->multiline = flag(L, table, "multiline");
    f->max = (size_t)number(L, table, "max");
    f->min = number(L, table, "min");
    f->key = keep_string(L, table, "key", strings, &f->key_size);
    f->tail = keep_string(L, table, "tail", strings, &f->tail_size);
    size_t ignored;
    f->keep = keep_string(L, table, "keep", strings, &ignored);
    memset(&f->format, 0, sizeof f->format);
    lua_getfield(L, table, "format");
    if (!lua_isnil(L, -1)) eko_read_format(L, -1, &f->format);
    lua_pop(L, 1);
    lua_getfield(L, table, "default");
    f->has_default = f->required && !lua_isnil(L, -1);
    lua_rawseti(L, strings, -index);
}

void eko_push_plan(lua_State *L)
{
    enum { HEAD = 1, HAS_BODY, FIELDS, PLAN, TABLE, FIELD };
    luaL_checkstring(L, HEAD);
    luaL_checktype(L, FIELDS, LUA_TTABLE);
    lua_settop(L, FIELDS);
    const int count = (int)lua_rawlen(L, FIELDS);
    eko_plan *p = lua_newuserdatauv(L, sizeof *p + (size_t)count * sizeof p->fields[0], 0);
    p->count = count;
    p->has_body = lua_toboolean(L, HAS_BODY);
    p->head = lua_tolstring(L, HEAD, &p->head_size);
    lua_newtable(L);
    for (int i = 0; i < count; i++) {
        lua_rawgeti(L, FIELDS, i + 1);
        luaL_checktype(L, FIELD, LUA_TTABLE);
        keep_name(L, &p->fields[i], FIELD, TABLE, i + 1);
        lua_pop(L, 1);
    }
    for (int i = 0; i < count; i++) {
        lua_rawgeti(L, FIELDS, i + 1);
        compile_field(L, &p->fields[i], FIELD, TABLE, i + 1);
        lua_pop(L, 1);
    }
    lua_pushvalue(L, HEAD);
    keep_top(L, TABLE);
    lua_pushvalue(L, PLAN);
    keep_top(L, TABLE);
}
