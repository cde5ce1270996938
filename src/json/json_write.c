/* JSON text from Lua values. The same value gives the same bytes, whatever the process's locale. */
#include "json/json_write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_DEPTH 64

static bool refuse(eko_json_writer *w, const char *reason)
{
    w->reason = reason;
    return false;
}

/* A locale may have another point, of several bytes: whatever is none of what a number is made of stands for it. */
static size_t with_point(char *digits, size_t n)
{
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (strchr("0123456789+-e", digits[i]) != NULL)
            digits[used++] = digits[i];
        else if (used > 0 && digits[used - 1] != '.')
            digits[used++] = '.';
    }
    return used;
}

/* Whether a double holds all of the number, which may be an integer of 64 bits. */
static bool is_exact(lua_State *L, lua_Number value)
{
    if (!lua_isinteger(L, -1)) return true;
    return value < 9223372036854775808.0 && (lua_Integer)value == lua_tointeger(L, -1);
}

/* An integral number without a fraction, any other with the fewest digits that give it back. */
static bool put_number(lua_State *L, eko_json_writer *w)
{
    const lua_Number value = lua_tonumber(L, -1);
    const size_t before = w->out->used;
    if (!isfinite(value)) return refuse(w, "NaN and infinity are not JSON");
    if (!is_exact(L, value)) return refuse(w, "an integer that no double holds");
    if (value >= -EKO_EXACT && value <= EKO_EXACT && value == (lua_Number)(int64_t)value) {
        if (value < 0) eko_put_char(L, w->out, '-');
        eko_put_decimal(L, w->out, (uint64_t)fabs(value));
    } else {
        char digits[64];
        int precision = 15, n;
        do n = snprintf(digits, sizeof digits, "%.*g", precision, value);
        while (strtod(digits, NULL) != value && ++precision <= 17);
        eko_put(L, w->out, digits, with_point(digits, (size_t)n));
    }
    w->count++;
    if (w->leaves != NULL) eko_put_item(L, w->leaves, w->out->bytes + before, w->out->used - before);
    return true;
}

static bool put_string(lua_State *L, eko_json_writer *w, const char *reason)
{
    size_t n;
    const char *s = lua_tolstring(L, -1, &n);
    w->seen |= eko_put_quoted(L, w->out, s, n);
    return w->seen & EKO_NOT_UTF8 ? refuse(w, reason) : true;
}

lua_Integer eko_list_length(lua_State *L, int index)
{
    lua_Integer count = 0;
    bool found = true;
    index = lua_absindex(L, index);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) count++;
    for (lua_Integer i = 1; i <= count && found; i++, lua_pop(L, 1)) {
        lua_rawgeti(L, index, (int)i);
        found = !lua_isnil(L, -1);
    }
    return found ? count : -1;
}

static bool put_value(lua_State *L, eko_json_writer *w, int depth);

/* NOLINTNEXTLINE(misc-no-recursion) */
static bool put_list(lua_State *L, eko_json_writer *w, lua_Integer length, int depth)
{
    eko_put_char(L, w->out, '[');
    for (lua_Integer i = 1; i <= length; i++) {
        if (i > 1) eko_put_char(L, w->out, ',');
        lua_rawgeti(L, -1, (int)i);
        if (!put_value(L, w, depth)) return false;
        lua_pop(L, 1);
    }
    eko_put_char(L, w->out, ']');
    return true;
}

static int compare_names(const void *a, const void *b)
{
    const eko_name *x = a, *y = b;
    int order = memcmp(x->s, y->s, x->n < y->n ? x->n : y->n);
    if (order != 0) return order;
    return x->n < y->n ? -1 : x->n > y->n;
}

const eko_name *eko_push_names(lua_State *L, size_t *count, bool *has_others)
{
    size_t i = 0;
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) i++;
    eko_name *names = lua_newuserdatauv(L, (i + 1) * sizeof *names, 0);
    *has_others = false;
    for (i = 0, lua_pushnil(L); lua_next(L, -3);) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING) {
            names[i].s = lua_tolstring(L, -1, &names[i].n);
            i++;
        } else {
            *has_others = true;
        }
    }
    qsort(names, i, sizeof *names, compare_names);
    *count = i;
    return names;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static bool put_map(lua_State *L, eko_json_writer *w, int depth)
{
    size_t count;
    bool has_others;
    const eko_name *names = eko_push_names(L, &count, &has_others);
    if (has_others) return refuse(w, "a table must be a list without holes, or have only strings as keys");
    eko_put_char(L, w->out, '{');
    for (size_t i = 0; i < count; i++) {
        if (i > 0) eko_put_char(L, w->out, ',');
        lua_pushlstring(L, names[i].s, names[i].n);
        if (!put_string(L, w, "a key is not valid UTF-8")) return false;
        eko_put_char(L, w->out, ':');
        lua_rawget(L, -3);
        if (!put_value(L, w, depth)) return false;
        lua_pop(L, 1);
    }
    eko_put_char(L, w->out, '}');
    lua_pop(L, 1);
    return true;
}

/* The value on top of the stack. Recursion is bounded by MAX_DEPTH. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static bool put_value(lua_State *L, eko_json_writer *w, int depth)
{
    lua_Integer length;
    size_t n;
    const char *s;
    switch (lua_type(L, -1)) {
    case LUA_TSTRING:
        s = lua_tolstring(L, -1, &n);
        w->count++;
        if (w->leaves != NULL) eko_put_item(L, w->leaves, s, n);
        return put_string(L, w, "a string is not valid UTF-8");
    case LUA_TNUMBER: return put_number(L, w);
    case LUA_TBOOLEAN:
        s = lua_toboolean(L, -1) ? "true" : "false";
        eko_put(L, w->out, s, strlen(s));
        return true;
    case LUA_TTABLE:
        if (depth >= MAX_DEPTH) return refuse(w, "the value is nested too deeply");
        luaL_checkstack(L, 8, "the value is nested too deeply");
        length = eko_list_length(L, -1);
        return length >= 0 ? put_list(L, w, length, depth + 1) : put_map(L, w, depth + 1);
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(L, -1) != NULL) break;
        EKO_PUT_LITERAL(L, w->out, "null");
        return true;
    default: break;
    }
    return refuse(w, "what is no string, number, boolean, null or table has no JSON form");
}

bool eko_put_json(lua_State *L, eko_json_writer *w)
{
    const int top = lua_gettop(L);
    const bool ok = put_value(L, w, 0);
    lua_settop(L, top);
    return ok;
}

/* json.encode(value) -> text, or nil and why it has no JSON form */
static int json_encode(lua_State *L)
{
    lua_settop(L, 1);
    eko_json_writer w = {.out = eko_push_buffer(L)};
    lua_pushvalue(L, 1);
    if (!eko_put_json(L, &w)) {
        lua_pushnil(L);
        lua_pushstring(L, w.reason);
        return 2;
    }
    lua_pushlstring(L, w.out->bytes, w.out->used);
    eko_free_buffer(w.out);
    return 1;
}

static int json_list_length(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    const lua_Integer length = eko_list_length(L, 1);
    if (length < 0) return 0;
    lua_pushinteger(L, length);
    return 1;
}

void eko_open_json_write(lua_State *L)
{
    static const luaL_Reg functions[] = {{"encode", json_encode}, {"list_length", json_list_length}, {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
