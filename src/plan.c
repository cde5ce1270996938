/* core.plan: writes down a call whose parameters are all in order.
 *
 * It is the fast half of eko.request: what it accepts is what the checks there accept, and whatever it does not (a
 * wrong value, a list, a very long text) it leaves to them, who also say what is wrong. A format's own test is called.
 */
#include "core.h"

#include <string.h>

#define ROOM 4096

enum { IN_PATH, IN_QUERY, IN_BODY };
enum { STRING, INTEGER, OPAQUE, OTHER };
enum { NO_CONTEXT, INITIATOR, USER, REFERENCE };

/* What a field is called and what stands before and behind it are Lua strings that the table of strings keeps. */
typedef struct {
    const char *key, *tail, *keep;
    size_t key_size, tail_size, max;
    lua_Number min;
    int place, kind, required, context, multiline;
    int name_index, test_index; /* in the table of strings; 0: no test */
} field;

typedef struct {
    int count;
    size_t head_size;
    const char *head;
    field fields[];
} plan;

/* ---- compiling ---- */

static int keep_top(lua_State *L, int strings)
{
    int index = (int)lua_rawlen(L, strings) + 1;
    lua_rawseti(L, strings, index);
    return index;
}

/* The string in a table's field, kept; "" when there is none. */
static const char *keep_string(lua_State *L, int table, const char *name, int strings, size_t *size)
{
    const char *text;
    lua_getfield(L, table, name);
    text = lua_tolstring(L, -1, size);
    if (text == NULL) {
        lua_pop(L, 1);
        *size = 0;
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

static void compile_field(lua_State *L, field *f, int table, int strings)
{
    static const char *const places[] = {"path", "query", "body", NULL};
    static const char *const kinds[] = {"string", "integer", "opaque", NULL};
    static const char *const contexts[] = {"", "initiator_id", "user_code", "client_ref_id", NULL};
    size_t ignored;
    f->place = choice(L, table, "place", places, IN_BODY);
    f->kind = choice(L, table, "kind", kinds, OTHER);
    f->context = choice(L, table, "name", contexts, NO_CONTEXT);
    f->required = flag(L, table, "required");
    f->multiline = flag(L, table, "multiline");
    f->max = (size_t)number(L, table, "max");
    f->min = number(L, table, "min");
    f->key = keep_string(L, table, f->place == IN_BODY ? "key" : "query", strings, &f->key_size);
    f->tail = keep_string(L, table, "tail", strings, &f->tail_size);
    f->keep = keep_string(L, table, "keep", strings, &ignored);
    lua_getfield(L, table, "name");
    f->name_index = keep_top(L, strings);
    f->test_index = 0;
    lua_getfield(L, table, "fits");
    if (lua_isfunction(L, -1))
        f->test_index = keep_top(L, strings);
    else
        lua_pop(L, 1);
}

/* ---- writing ---- */

typedef struct {
    char *bytes;
    size_t used;
} text;

/* Room is checked once a field: six bytes for each of the value, and what stands around it. */
static int has_room(const text *t, size_t value, size_t around)
{
    return value < ROOM && around < ROOM && t->used + 6 * value + around + 4 < ROOM;
}

static void put(text *t, const char *bytes, size_t n)
{
    memcpy(t->bytes + t->used, bytes, n);
    t->used += n;
}

/* Text without control characters, as a JSON string; 0 when it is not such text or not valid UTF-8. */
static int put_quoted(text *t, const unsigned char *s, size_t n)
{
    size_t i = 0;
    t->bytes[t->used++] = '"';
    while (i < n) {
        unsigned char c = s[i];
        if (c >= 0x80) {
            size_t length = eko_utf8_length(s + i, n - i);
            if (length == 0) return 0;
            put(t, (const char *)s + i, length);
            i += length;
            continue;
        }
        if (c < 0x20 || c == 0x7f) return 0;
        if (c == '"' || c == '\\') t->bytes[t->used++] = '\\';
        t->bytes[t->used++] = (char)c;
        i++;
    }
    t->bytes[t->used++] = '"';
    return 1;
}

static int put_encoded(text *t, const unsigned char *s, size_t n, const char *keep)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t i;
    for (i = 0; i < n; i++) {
        unsigned char c = s[i];
        if (c < 0x20 || c == 0x7f) return 0;
        if (c >= 0x80) {
            size_t length = eko_utf8_length(s + i, n - i);
            if (length == 0) return 0;
            for (; length > 0; length--, i++) {
                t->bytes[t->used++] = '%';
                t->bytes[t->used++] = hex[s[i] >> 4];
                t->bytes[t->used++] = hex[s[i] & 15];
            }
            i--;
        } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                   strchr("-._~", c) != NULL || strchr(keep, c) != NULL) {
            t->bytes[t->used++] = (char)c;
        } else {
            t->bytes[t->used++] = '%';
            t->bytes[t->used++] = hex[c >> 4];
            t->bytes[t->used++] = hex[c & 15];
        }
    }
    return 1;
}

static int passes_test(lua_State *L, const field *f, int strings, int value)
{
    int ok;
    lua_rawgeti(L, strings, f->test_index);
    lua_pushvalue(L, value);
    lua_call(L, 1, 1);
    ok = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return ok;
}

/* Writes a whole number in range; 0 when it is none. */
static int put_number(lua_State *L, int value, lua_Number min, text *t, size_t around)
{
    lua_Number d = lua_tonumber(L, value);
    char buffer[EKO_DECIMAL];
    const char *digits;
    size_t n;
    if (!(d >= min && d >= 0 && d <= 9007199254740992.0) || d != (lua_Number)(uint64_t)d) return 0;
    digits = eko_decimal((uint64_t)d, buffer, &n);
    if (!has_room(t, n, around)) return 0;
    put(t, digits, n);
    return 1;
}

/* The value on top of the stack, checked and written; 0 leaves the call to eko.request. */
static int put_value(lua_State *L, const field *f, int strings, text *t, int is_ours)
{
    int value = lua_gettop(L);
    const char *s;
    size_t n;
    if (lua_type(L, value) == LUA_TNUMBER) {
        if (f->kind == STRING || f->kind == OTHER) return 0;
        return put_number(L, value, f->kind == INTEGER ? f->min : 0, t, f->key_size + f->tail_size);
    }
    if (lua_type(L, value) != LUA_TSTRING || f->kind == INTEGER || f->kind == OTHER || f->multiline) return 0;
    s = lua_tolstring(L, value, &n);
    if (n > f->max || (n == 0 && (f->required || f->kind == OPAQUE))) return 0;
    if (f->test_index != 0 && !is_ours && !passes_test(L, f, strings, value)) return 0;
    if (!has_room(t, n, f->key_size + f->tail_size)) return 0;
    if (f->place == IN_BODY) return put_quoted(t, (const unsigned char *)s, n);
    return put_encoded(t, (const unsigned char *)s, n, f->keep);
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

/* Where the parts of a call are written, and how many of the parameters were used. */
typedef struct {
    text path, query, body;
    int given;
} call;

/* Writes the value on top of the stack, with what stands before and behind it. */
static int put_placed(lua_State *L, const field *f, int strings, call *c, int is_ours)
{
    text *t = f->place == IN_BODY ? &c->body : f->place == IN_QUERY ? &c->query : &c->path;
    if (!has_room(t, 0, f->key_size)) return 0;
    if (f->place != IN_PATH) {
        const char *marks = f->place == IN_BODY ? "{," : "?&";
        put(t, marks + (t->used > 0), 1);
        put(t, f->key, f->key_size);
    }
    if (!put_value(L, f, strings, t, is_ours)) return 0;
    put(t, f->tail, f->tail_size);
    return 1;
}

/* One field: its value from the parameters or from what the client knows. */
static int put_field(lua_State *L, const field *f, call *c)
{
    enum { PARAMS = 1, REFERENCE_IS_OURS = 5, STRINGS = 6 };
    int ok, is_ours = 0;
    lua_rawgeti(L, STRINGS, f->name_index);
    lua_gettable(L, PARAMS);
    if (!lua_isnil(L, -1)) {
        c->given++;
    } else if (f->context != NO_CONTEXT) {
        lua_pop(L, 1);
        lua_pushvalue(L, 1 + f->context);
        is_ours = f->context == REFERENCE && lua_toboolean(L, REFERENCE_IS_OURS);
    }
    ok = lua_isnil(L, -1) ? !f->required : put_placed(L, f, STRINGS, c, is_ours);
    lua_pop(L, 1);
    return ok;
}

/* write(params, initiator_id, user_code, client_ref_id, is_ours) -> path with query, JSON body (nil when there is
 * none); nothing when the call is left to eko.request */
static int write_plan(lua_State *L)
{
    char path[2 * ROOM], query[ROOM], body[ROOM];
    call c = {{path, 0}, {query, 0}, {body, 0}, 0};
    const plan *p = lua_touserdata(L, lua_upvalueindex(1));
    int i;
    if (lua_type(L, 1) != LUA_TTABLE) return 0;
    lua_settop(L, 5);
    lua_pushvalue(L, lua_upvalueindex(2));
    put(&c.path, p->head, p->head_size);
    for (i = 0; i < p->count; i++)
        if (!put_field(L, &p->fields[i], &c)) return 0;
    if (count_members(L, 1) != c.given) return 0;
    put(&c.path, c.query.bytes, c.query.used);
    lua_pushlstring(L, c.path.bytes, c.path.used);
    if (c.body.used == 0) return 1;
    c.body.bytes[c.body.used++] = '}';
    lua_pushlstring(L, c.body.bytes, c.body.used);
    return 2;
}

/* plan(head, fields) -> write, a function; `head` is the path up to its first parameter, `fields` a list of
 * { name, place, kind, required, max, min, multiline, fits, key, query, tail, keep } in wire order */
static int core_plan(lua_State *L)
{
    plan *p;
    int count, i;
    luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    lua_newtable(L);
    count = (int)lua_rawlen(L, 2);
    p = lua_newuserdata(L, sizeof *p + (size_t)count * sizeof p->fields[0]);
    p->count = count;
    lua_pushvalue(L, 1);
    p->head = lua_tolstring(L, -1, &p->head_size);
    luaL_argcheck(L, p->head_size < ROOM / 2, 1, "the path is too long");
    keep_top(L, 3);
    for (i = 0; i < count; i++) {
        lua_rawgeti(L, 2, i + 1);
        luaL_checktype(L, -1, LUA_TTABLE);
        compile_field(L, &p->fields[i], lua_gettop(L), 3);
        lua_pop(L, 1);
    }
    lua_pushvalue(L, 3);
    lua_pushcclosure(L, write_plan, 2);
    return 1;
}

void eko_open_plan(lua_State *L)
{
    lua_pushcfunction(L, core_plan);
    lua_setfield(L, -2, "plan");
}
