/* One value of a draft: checked, and written where it goes. */
#include "plan.h"
#include "json.h"

#define MOST_ITEMS 100

static const char *problem_of(int seen, int multiline)
{
    if (seen & EKO_NOT_UTF8) return "utf8";
    if (multiline) return seen & EKO_CONTROLS ? "lines" : NULL;
    return seen ? "control" : NULL;
}

/* Each gives the problem with the value at VALUE, or NULL. */

static const char *put_text(eko_call *c, const eko_field *f, const char *s, size_t n)
{
    eko_buffer *to = eko_place_of(c, f);
    int seen = f->place == IN_BODY ? eko_put_quoted(c->L, to, s, n) : eko_put_encoded(c->L, to, s, n, f->keep);
    eko_record(c, s, n);
    return problem_of(seen, f->multiline);
}

/* The JSON that stands in the scratch buffer from `at` on. */
static void put_scratch(eko_call *c, const eko_field *f, size_t at)
{
    const eko_buffer *from = &c->d->scratch;
    if (f->place == IN_BODY)
        eko_put(c->L, eko_place_of(c, f), from->bytes + at, from->used - at);
    else
        eko_put_encoded(c->L, eko_place_of(c, f), from->bytes + at, from->used - at, f->keep);
}

static const char *put_string(eko_call *c, const eko_field *f)
{
    const eko_format *format = &f->format;
    size_t n;
    const char *s;
    if (lua_type(c->L, VALUE) != LUA_TSTRING) return "type";
    s = lua_tolstring(c->L, VALUE, &n);
    if (n > f->max) return "length";
    if (n == 0 && (f->required || f->kind == OPAQUE)) return "empty";
    if (format->count > 0 && !c->is_trusted && !eko_fits(format, s, n)) return "format";
    if (c->strict && format->strict != NULL && !format->strict(s, n)) return "strict";
    return put_text(c, f, s, n);
}

/* A whole number, or plain digits, from `min` to 2^53. */
static int whole_number(lua_State *L, lua_Number min, uint64_t *value)
{
    *value = 0;
    if (lua_type(L, VALUE) == LUA_TNUMBER) {
        lua_Number d = lua_tonumber(L, VALUE);
        if (!(d >= min && d >= 0 && d <= EKO_EXACT) || d != (lua_Number)(uint64_t)d) return 0;
        *value = (uint64_t)d;
        return !lua_isinteger(L, VALUE) || lua_tointeger(L, VALUE) == (lua_Integer)d;
    } else {
        size_t n, i;
        const char *s = lua_tolstring(L, VALUE, &n);
        if (n == 0 || n > 32) return 0;
        for (i = 0; i < n; i++) {
            if (s[i] < '0' || s[i] > '9') return 0;
            if (*value <= (uint64_t)EKO_EXACT) *value = *value * 10 + (uint64_t)(s[i] - '0');
        }
        return *value <= (uint64_t)EKO_EXACT && (lua_Number)*value >= min;
    }
}

static const char *put_number(eko_call *c, const eko_field *f)
{
    char buffer[EKO_DECIMAL];
    uint64_t value;
    size_t n;
    const char *digits;
    int type = lua_type(c->L, VALUE);
    if (type != LUA_TNUMBER && type != LUA_TSTRING) return "type";
    if (f->required && type == LUA_TSTRING && lua_rawlen(c->L, VALUE) == 0) return "empty";
    if (!whole_number(c->L, f->kind == OPAQUE ? 0 : f->min, &value)) return "format";
    digits = eko_decimal(value, buffer, &n);
    eko_put(c->L, eko_place_of(c, f), digits, n);
    eko_record(c, digits, n);
    return NULL;
}

/* One string of a list, on top of the stack. */
static const char *put_item(eko_call *c, const eko_field *f)
{
    size_t n;
    const char *s, *problem;
    if (lua_type(c->L, -1) != LUA_TSTRING) return "type";
    s = lua_tolstring(c->L, -1, &n);
    if (n > f->max) return "item length";
    problem = problem_of(eko_put_quoted(c->L, &c->d->scratch, s, n), 0);
    eko_record(c, s, n);
    lua_pop(c->L, 1);
    return problem;
}

static const char *put_list(eko_call *c, const eko_field *f, int *count)
{
    lua_Integer length = lua_istable(c->L, VALUE) ? eko_list_length(c->L, VALUE) : -1, i;
    if (length < 0) return "type";
    if (length > MOST_ITEMS) return "items";
    eko_put_char(c->L, &c->d->scratch, '[');
    for (i = 1; i <= length; i++) {
        const char *problem;
        if (i > 1) eko_put_char(c->L, &c->d->scratch, ',');
        lua_rawgeti(c->L, VALUE, (int)i);
        problem = put_item(c, f);
        if (problem != NULL) return problem;
    }
    eko_put_char(c->L, &c->d->scratch, ']');
    put_scratch(c, f, 0);
    *count = (int)length;
    return NULL;
}

/* In the order in which the platform documents them. */
static const char *const address[] = {"line", "city", "state", "pincode", "district", "area", NULL};

static int is_of_address(lua_State *L, int index)
{
    int i;
    if (lua_type(L, index) != LUA_TSTRING) return 0;
    for (i = 0; address[i] != NULL; i++)
        if (strlen(address[i]) == lua_rawlen(L, index) && strcmp(address[i], lua_tostring(L, index)) == 0) return 1;
    return 0;
}

/* An address by names, as JSON in the scratch buffer. */
static const char *write_address(eko_call *c)
{
    lua_State *L = c->L;
    eko_buffer *to = &c->d->scratch;
    int i;
    for (lua_pushnil(L); lua_next(L, VALUE); lua_pop(L, 1)) {
        if (is_of_address(L, -2)) continue;
        lua_pushvalue(L, -2);
        lua_replace(L, DETAIL);
        return "address name";
    }
    for (i = 0; address[i] != NULL; i++) {
        size_t n;
        const char *problem;
        lua_getfield(L, VALUE, address[i]);
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            continue;
        }
        if (lua_type(L, -1) != LUA_TSTRING) return "address value";
        eko_put_char(L, to, to->used > 0 ? ',' : '{');
        eko_put_quoted(L, to, address[i], strlen(address[i]));
        eko_put_char(L, to, ':');
        n = lua_rawlen(L, -1);
        problem = problem_of(eko_put_quoted(L, to, lua_tostring(L, -1), n), 0);
        if (problem != NULL) return problem;
        lua_pop(L, 1);
    }
    if (to->used == 0) return "empty";
    eko_put_char(L, to, '}');
    return NULL;
}

static int is_json(lua_State *L, const char *s, size_t n)
{
    eko_json_tape tape;
    int top = lua_gettop(L), ok = eko_json_parse(L, &tape, s, n, &eko_json_strict);
    lua_settop(L, top);
    return ok;
}

/* A ready-made address: an object or a list as JSON, on one line. */
static const char *copy_address(eko_call *c)
{
    size_t n, i, begin;
    const char *s = lua_tolstring(c->L, VALUE, &n);
    if (n == 0) return "empty";
    for (i = 0; i < n; i++)
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f) return "format";
    for (begin = 0; begin < n && s[begin] == ' ';) begin++;
    if (begin == n || (s[begin] != '{' && s[begin] != '[') || !is_json(c->L, s, n)) return "format";
    eko_put(c->L, &c->d->scratch, s, n);
    return NULL;
}

/* An object, JSON-encoded inside a string. */
static const char *put_address(eko_call *c, const eko_field *f)
{
    eko_buffer *scratch = &c->d->scratch;
    const char *problem;
    size_t n;
    if (lua_istable(c->L, VALUE))
        problem = write_address(c);
    else
        problem = lua_type(c->L, VALUE) == LUA_TSTRING ? copy_address(c) : "type";
    if (problem != NULL) return problem;
    n = scratch->used;
    if (n > f->max) return "length";
    eko_record(c, scratch->bytes, n);
    eko_reserve(c->L, scratch, 6 * n + 2); /* nothing moves from here on */
    eko_put_quoted(c->L, scratch, scratch->bytes, n);
    put_scratch(c, f, n);
    return NULL;
}

const char *eko_put_value(eko_call *c, const eko_field *f, int *count)
{
    c->d->scratch.used = 0;
    switch (f->kind) {
    case INTEGER: return put_number(c, f);
    case LIST: return put_list(c, f, count);
    case ADDRESS: return put_address(c, f);
    /* An OTP or its reference: whatever string it is, it goes out as that string. */
    case OPAQUE: return lua_type(c->L, VALUE) == LUA_TNUMBER ? put_number(c, f) : put_string(c, f);
    default: return put_string(c, f);
    }
}
