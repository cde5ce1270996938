/* core.plan: writes down a call whose parameters are all in order.
 *
 * It is the fast half of eko.request: what it accepts is what the checks there accept, and whatever it does not (a
 * wrong value, a list, a very long text) it leaves to them, who also say what is wrong. A format's own test is called.
 *
 * A plan bound to a frame (what one client's requests to one endpoint have in common) writes a whole signed request in
 * one piece: no string but that one is made, and nothing else is left for the collector.
 */
#include "core.h"

#include <string.h>

#include "pattern.h"
#include "plain.h"

#define ROOM 4096
#define MOST_FRAME 8192
/* Path with query, body, frame, and what is put between them. */
#define MOST_BYTES (2 * ROOM + ROOM + MOST_FRAME + 128)

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
    size_t length;              /* the only one that is taken; 0: any */
    eko_pattern pattern;        /* in place of the test, where it is simple enough */
} field;

typedef struct {
    int count;
    size_t head_size;
    const char *head;
    field fields[];
} plan;

typedef struct {
    const char *data;
    size_t size;
} piece;

/* A plan and what stands around what it writes. The strings and userdata are kept by the closure that has this. */
typedef struct {
    const plan *plan;
    const void *signer;
    void *timestamps;
    piece start, before_key, before_timestamp, rest;
    int has_body;
} bound_plan;

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
    f->length = (size_t)number(L, table, "length");
    lua_getfield(L, table, "pattern");
    f->pattern.count = 0;
    if (lua_isstring(L, -1)) eko_pattern_compile(&f->pattern, lua_tostring(L, -1));
    lua_pop(L, 1);
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
    const unsigned char *end = s + n;
    t->bytes[t->used++] = '"';
    if (memchr(s, 0x7f, n) != NULL) return 0;
    for (;;) {
        const unsigned char *plain = s;
        size_t length = 1;
        s = eko_skip_plain(s, end);
        put(t, (const char *)plain, (size_t)(s - plain));
        if (s == end) break;
        if (*s < 0x20) return 0;
        if (*s >= 0x80)
            length = eko_utf8_length(s, (size_t)(end - s));
        else
            t->bytes[t->used++] = '\\';
        if (length == 0) return 0;
        put(t, (const char *)s, length);
        s += length;
    }
    t->bytes[t->used++] = '"';
    return 1;
}

/* RFC 3986's unreserved characters, a bit each. */
static int is_unreserved(unsigned char c)
{
    static const uint32_t set[8] = {0, 0x03ff6000, 0x87fffffe, 0x47fffffe, 0, 0, 0, 0};
    return (int)(set[c >> 5] >> (c & 31) & 1);
}

static void put_escape(text *t, unsigned char c)
{
    static const char hex[] = "0123456789ABCDEF";
    t->bytes[t->used++] = '%';
    t->bytes[t->used++] = hex[c >> 4];
    t->bytes[t->used++] = hex[c & 15];
}

static int put_encoded(text *t, const unsigned char *s, size_t n, const char *keep)
{
    const unsigned char *end = s + n;
    while (s < end) {
        size_t length = 1;
        if (is_unreserved(*s) || (*s != 0 && strchr(keep, *s) != NULL)) {
            t->bytes[t->used++] = (char)*s++;
            continue;
        }
        if (*s < 0x20 || *s == 0x7f) return 0;
        if (*s >= 0x80) length = eko_utf8_length(s, (size_t)(end - s));
        if (length == 0) return 0;
        for (; length > 0; length--) put_escape(t, *s++);
    }
    return 1;
}

/* The string on top of the stack. */
static int passes_test(lua_State *L, const field *f, int strings, const char *s, size_t n)
{
    int ok;
    if (f->pattern.count > 0)
        return (f->length == 0 || n == f->length) && eko_pattern_matches(&f->pattern, (const unsigned char *)s, n);
    if (f->test_index == 0) return 1;
    lua_rawgeti(L, strings, f->test_index);
    lua_pushvalue(L, -2);
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

/* The value on top of the stack, checked and written; 0 leaves the call to eko.request. A known one was tested before,
 * or is of our own making. */
static int put_value(lua_State *L, const field *f, int strings, text *t, int is_known)
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
    if (!is_known && !passes_test(L, f, strings, s, n)) return 0;
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

/* Where the parts of a call are written, and how many of the parameters were used; where on the Lua stack things are.
 */
typedef struct {
    text path, query, body;
    int given;
    int params, strings;
    int context[REFERENCE + 1];
    int known[REFERENCE + 1]; /* whether what the context says needs no test */
} call;

/* Writes the value on top of the stack, with what stands before and behind it. */
static int put_placed(lua_State *L, const field *f, call *c, int is_known)
{
    text *t = f->place == IN_BODY ? &c->body : f->place == IN_QUERY ? &c->query : &c->path;
    if (!has_room(t, 0, f->key_size)) return 0;
    if (f->place != IN_PATH) {
        const char *marks = f->place == IN_BODY ? "{," : "?&";
        put(t, marks + (t->used > 0), 1);
        put(t, f->key, f->key_size);
    }
    if (!put_value(L, f, c->strings, t, is_known)) return 0;
    put(t, f->tail, f->tail_size);
    return 1;
}

/* One field: its value from the parameters or from what the client knows. */
static int put_field(lua_State *L, const field *f, call *c)
{
    int ok, is_known = 0;
    lua_rawgeti(L, c->strings, f->name_index);
    lua_gettable(L, c->params);
    if (!lua_isnil(L, -1)) {
        c->given++;
    } else if (f->context != NO_CONTEXT) {
        lua_pop(L, 1);
        lua_pushvalue(L, c->context[f->context]);
        is_known = c->known[f->context];
    }
    ok = lua_isnil(L, -1) ? !f->required : put_placed(L, f, c, is_known);
    lua_pop(L, 1);
    return ok;
}

/* Everything there is to write; 0 leaves the call to eko.request. */
static int put_call(lua_State *L, const plan *p, call *c)
{
    int i;
    put(&c->path, p->head, p->head_size);
    for (i = 0; i < p->count; i++)
        if (!put_field(L, &p->fields[i], c)) return 0;
    if (count_members(L, c->params) != c->given) return 0;
    put(&c->path, c->query.bytes, c->query.used);
    if (c->body.used > 0) c->body.bytes[c->body.used++] = '}';
    return 1;
}

/* write(params, initiator_id, user_code, client_ref_id, is_ours) -> path with query, JSON body (nil when there is
 * none); nothing when the call is left to eko.request */
static int write_plan(lua_State *L)
{
    char path[2 * ROOM], query[ROOM], body[ROOM];
    call c = {{path, 0}, {query, 0}, {body, 0}, 0, 1, 6, {0, 2, 3, 4}, {0, 0, 0, 0}};
    const plan *p = lua_touserdata(L, lua_upvalueindex(1));
    if (lua_type(L, 1) != LUA_TTABLE) return 0;
    lua_settop(L, 5);
    c.known[REFERENCE] = lua_toboolean(L, 5);
    lua_pushvalue(L, lua_upvalueindex(2));
    if (!put_call(L, p, &c)) return 0;
    lua_pushlstring(L, c.path.bytes, c.path.used);
    if (c.body.used == 0) return 1;
    lua_pushlstring(L, c.body.bytes, c.body.used);
    return 2;
}

/* ---- whole requests ---- */

static void put_piece(text *t, piece p)
{
    put(t, p.data, p.size);
}

#define PUT_LITERAL(t, literal) put((t), (literal), sizeof(literal) - 1)

static void put_request(text *t, const bound_plan *b, const call *c, const eko_stamp *made)
{
    char digits[EKO_DECIMAL];
    const char *length;
    size_t n;
    put_piece(t, b->start);
    put(t, c->path.bytes, c->path.used);
    put_piece(t, b->before_key);
    put(t, made->secret_key, sizeof made->secret_key);
    put_piece(t, b->before_timestamp);
    put(t, made->timestamp, made->timestamp_size);
    put_piece(t, b->rest);
    if (!b->has_body) {
        PUT_LITERAL(t, "\r\n");
        return;
    }
    length = eko_decimal(c->body.used, digits, &n);
    PUT_LITERAL(t, "content-length: ");
    put(t, length, n);
    PUT_LITERAL(t, "\r\n\r\n");
    put(t, c->body.bytes, c->body.used);
}

/* sign(params, client_ref_id, is_ours[, now_ms]) -> the bytes of a signed request; nothing when the call is left to
 * eko.request, or when there is no timestamp yet */
static int sign_plan(lua_State *L)
{
    char path[2 * ROOM], query[ROOM], body[ROOM], out[MOST_BYTES];
    call c = {{path, 0}, {query, 0}, {body, 0}, 0, 1, 5, {0, 6, 7, 2}, {0, 1, 1, 0}};
    text t = {out, 0};
    const bound_plan *b = lua_touserdata(L, lua_upvalueindex(1));
    eko_stamp made;
    if (lua_type(L, 1) != LUA_TTABLE) return 0;
    lua_settop(L, 4);
    c.known[REFERENCE] = lua_toboolean(L, 3);
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_pushvalue(L, lua_upvalueindex(3));
    lua_pushvalue(L, lua_upvalueindex(4));
    if (!put_call(L, b->plan, &c)) return 0;
    if (b->has_body && c.body.used == 0) put(&c.body, "{}", 2);
    if (b->has_body != (c.body.used > 0)) return 0;
    if (!eko_make_stamp(L, b->signer, b->timestamps, 4, &made)) return 0;
    put_request(&t, b, &c, &made);
    lua_pushlstring(L, out, t.used);
    return 1;
}

static piece kept_piece(lua_State *L, int frame, const char *name, int kept)
{
    piece p;
    lua_getfield(L, frame, name);
    p.data = luaL_checklstring(L, -1, &p.size);
    keep_top(L, kept);
    return p;
}

/* bind(frame) -> sign, a function; nothing when the frame is very long. `frame` is { start, before_key,
 * before_timestamp, rest = what stands around path, signature and timestamp, has_body, initiator_id, user_code, signer,
 * timestamps } */
static int bind_plan(lua_State *L)
{
    bound_plan *b;
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    b = lua_newuserdata(L, sizeof *b);
    lua_newtable(L);
    b->plan = lua_touserdata(L, lua_upvalueindex(1));
    lua_pushvalue(L, lua_upvalueindex(1));
    keep_top(L, 3);
    b->start = kept_piece(L, 1, "start", 3);
    b->before_key = kept_piece(L, 1, "before_key", 3);
    b->before_timestamp = kept_piece(L, 1, "before_timestamp", 3);
    b->rest = kept_piece(L, 1, "rest", 3);
    if (b->start.size + b->before_key.size + b->before_timestamp.size + b->rest.size >= MOST_FRAME) return 0;
    b->has_body = flag(L, 1, "has_body");
    lua_getfield(L, 1, "signer");
    b->signer = eko_check_signer(L, -1);
    keep_top(L, 3);
    lua_getfield(L, 1, "timestamps");
    b->timestamps = eko_check_timestamps(L, -1);
    keep_top(L, 3);
    /* The upvalues: what was bound, the plan's strings, initiator_id, user_code, and what has to stay alive. */
    lua_pushvalue(L, 2);
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_getfield(L, 1, "initiator_id");
    lua_getfield(L, 1, "user_code");
    lua_pushvalue(L, 3);
    lua_pushcclosure(L, sign_plan, 5);
    return 1;
}

/* plan(head, fields) -> write, bind: two functions; `head` is the path up to its first parameter, `fields` a list of
 * { name, place, kind, required, max, min, multiline, fits, pattern, length, key, query, tail, keep } in wire order */
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
    lua_pushvalue(L, 4);
    lua_pushvalue(L, 3);
    lua_pushcclosure(L, write_plan, 2);
    lua_pushvalue(L, 4);
    lua_pushvalue(L, 3);
    lua_pushcclosure(L, bind_plan, 2);
    return 2;
}

void eko_open_plan(lua_State *L)
{
    lua_pushcfunction(L, core_plan);
    lua_setfield(L, -2, "plan");
}
