/* The draft of a call: every parameter checked, and written where it goes. A call that is in order leaves the bytes of
 * its path and its body; of any other all problems are listed, `{ field, problem, detail }`, for eko.problems to
 * explain. */
#include "plan.h"

/* `who` is the index of the field's index or name. */
static void add_problem(eko_call *c, int who, const char *problem)
{
    lua_State *L = c->L;
    if (!lua_istable(L, PROBLEMS)) {
        lua_newtable(L);
        lua_replace(L, PROBLEMS);
    }
    lua_createtable(L, 3, 0);
    lua_pushvalue(L, who);
    lua_rawseti(L, -2, 1);
    lua_pushstring(L, problem);
    lua_rawseti(L, -2, 2);
    lua_pushvalue(L, DETAIL);
    lua_rawseti(L, -2, 3);
    lua_rawseti(L, PROBLEMS, (int)lua_rawlen(L, PROBLEMS) + 1);
    lua_pushnil(L);
    lua_replace(L, DETAIL);
}

/* A separator and a name, in body or query. */
static void put_key(eko_call *c, eko_buffer *to, int place, const char *key, size_t n)
{
    eko_reserve(c->L, to, n + 1);
    to->bytes[to->used] = (place == IN_BODY ? "{," : "?&")[to->used > 0];
    memcpy(to->bytes + to->used + 1, key, n);
    to->used += n + 1;
}

static void put_field(eko_call *c, const eko_field *f, int index)
{
    lua_State *L = c->L;
    eko_value *given = (eko_value *)(void *)c->d->given.bytes + index;
    const char *problem = NULL;
    int count = -1, is_given;
    lua_rawgeti(L, ANCHOR, index + 1);
    lua_gettable(L, PARAMS);
    is_given = !lua_isnil(L, VALUE);
    c->given += is_given;
    if (!is_given && f->context != NO_CONTEXT) {
        lua_pushvalue(L, CONTEXT - 1 + f->context);
        lua_replace(L, VALUE);
        is_given = !lua_isnil(L, VALUE);
        c->is_trusted = f->context == REFERENCE && lua_toboolean(L, IS_OURS);
    }
    given->at = c->d->values.used;
    if (is_given) {
        if (f->place != IN_PATH) put_key(c, eko_place_of(c, f), f->place, f->key, f->key_size);
        problem = eko_put_value(c, f, f->required, &count);
        if (f->place == IN_PATH) eko_put(L, &c->d->path, f->tail, f->tail_size);
    } else if (f->required) {
        problem = "missing";
    }
    given->count = count;
    c->is_trusted = 0;
    if (problem != NULL) {
        lua_settop(L, VALUE);
        lua_pushinteger(L, index + 1);
        add_problem(c, VALUE + 1, problem);
    }
    lua_settop(L, VALUE - 1);
}

/* What the endpoint does not know. The parameters are counted first: most calls hold none. */
static void find_unknown(eko_call *c)
{
    lua_State *L = c->L;
    if (!lua_getmetatable(L, PARAMS)) {
        int count = 0;
        for (lua_pushnil(L); lua_next(L, PARAMS); lua_pop(L, 1)) count++;
        if (count == c->given) return;
    }
    lua_settop(L, VALUE - 1);
    for (lua_pushnil(L); lua_next(L, PARAMS);) {
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_rawget(L, ANCHOR);
        if (lua_type(L, VALUE) != LUA_TSTRING || lua_isnil(L, -1)) add_problem(c, VALUE, "unknown");
        lua_settop(L, VALUE);
    }
    lua_settop(L, VALUE - 1);
}

static int is_name(const char *s, size_t n)
{
    static const char marks[] = "_.-";
    size_t i;
    for (i = 0; i < n; i++)
        if (!((s[i] >= '0' && s[i] <= '9') || (s[i] >= 'A' && s[i] <= 'Z') || (s[i] >= 'a' && s[i] <= 'z') ||
              memchr(marks, s[i], sizeof marks - 1) != NULL))
            return 0;
    return n >= 1 && n <= 64;
}

/* The name at VALUE. */
static const char *check_extra_name(eko_call *c)
{
    int is_known;
    if (lua_type(c->L, VALUE) != LUA_TSTRING || !is_name(lua_tostring(c->L, VALUE), lua_rawlen(c->L, VALUE)))
        return "extra name";
    lua_pushvalue(c->L, VALUE);
    lua_rawget(c->L, ANCHOR);
    is_known = !lua_isnil(c->L, -1);
    lua_pop(c->L, 1);
    if (is_known) return "extra known";
    return strcmp(lua_tostring(c->L, VALUE), "client_ref_id") == 0 ? "extra reference" : NULL;
}

/* The value on top of the stack. */
static const char *put_extra_value(eko_call *c, int *count)
{
    eko_draft *d = c->d;
    int type = lua_type(c->L, -1), in_query = !c->p->has_body, seen;
    eko_json_writer w = {in_query ? &d->scratch : &d->body, &d->values, 0, 0, NULL};
    if (in_query && type == LUA_TSTRING) {
        size_t n;
        const char *s = lua_tolstring(c->L, -1, &n);
        eko_record(c, s, n);
        *count = 1;
        seen = eko_put_encoded(c->L, &d->query, s, n, "");
        return seen & EKO_NOT_UTF8 ? "extra utf8" : seen ? "extra control" : NULL;
    }
    if (in_query && type != LUA_TNUMBER && type != LUA_TBOOLEAN) return "extra scalar";
    d->scratch.used = 0;
    if (!eko_put_json(c->L, &w, -1)) return "extra value";
    if (in_query) eko_put_encoded(c->L, &d->query, d->scratch.bytes, d->scratch.used, "");
    *count = w.count;
    return w.seen ? "extra control" : NULL;
}

/* What the caller sends at his own risk. */
static void put_extra(eko_call *c)
{
    lua_State *L = c->L;
    eko_draft *d = c->d;
    int i, n = (int)lua_rawlen(L, NAMES);
    for (i = 1; i <= n; i++) {
        const char *problem;
        lua_rawgeti(L, NAMES, i);
        problem = check_extra_name(c);
        if (problem == NULL) {
            size_t size, at;
            const char *name = lua_tolstring(L, VALUE, &size);
            int count = 0;
            eko_record(c, name, size);
            at = d->values.used;
            eko_record(c, (const char *)&count, sizeof count);
            if (c->p->has_body) {
                put_key(c, &d->body, IN_BODY, "\"", 1);
                eko_put(L, &d->body, name, size);
                EKO_PUT_LITERAL(L, &d->body, "\":");
            } else {
                put_key(c, &d->query, IN_QUERY, name, size);
                eko_put_char(L, &d->query, '=');
            }
            lua_pushvalue(L, VALUE);
            lua_gettable(L, EXTRA);
            problem = put_extra_value(c, &count);
            memcpy(d->values.bytes + at + sizeof(size_t), &count, sizeof count);
            d->extra_count++;
        }
        if (problem != NULL) add_problem(c, VALUE, problem);
        lua_settop(L, VALUE - 1);
    }
}

/* Takes the spare draft, or a new one. */
static void begin(lua_State *L, eko_call *c, const eko_plan *p)
{
    eko_draft *d = NULL;
    lua_pushvalue(L, lua_upvalueindex(2));
    if (lua_isuserdata(L, SPARE) && lua_getmetatable(L, SPARE)) {
        if (lua_rawequal(L, -1, lua_upvalueindex(3))) d = lua_touserdata(L, SPARE);
        lua_pop(L, 1);
    }
    if (d != NULL && d->plan == NULL)
        lua_pushvalue(L, SPARE);
    else
        d = eko_push_draft(L);
    lua_pushvalue(L, ANCHOR);
    lua_setuservalue(L, DRAFT);
    d->plan = p;
    eko_reserve(L, &d->given, ((size_t)p->count + 1) * sizeof(eko_value));
    lua_pushnil(L);
    lua_pushnil(L);
    c->L = L;
    c->p = p;
    c->d = d;
    c->strict = lua_toboolean(L, STRICT);
    c->given = c->is_trusted = 0;
}

/* draft(params, initiator_id, user_code, client_ref_id, strict, extra, names, spare, is_ours) -> a draft, or nil
 * and the list of problems: { index of the field (or a name), problem, detail }. `extra` is what the endpoint does not
 * know, `names` its sorted names, `spare` a draft that was released, `is_ours` says that the reference is one of
 * core.text.ref_id */
int eko_plan_draft(lua_State *L)
{
    const eko_plan *p = lua_touserdata(L, lua_upvalueindex(1));
    eko_draft *d;
    eko_call c;
    int i;
    luaL_checktype(L, PARAMS, LUA_TTABLE);
    luaL_checkstack(L, 24, "too many values");
    lua_settop(L, IS_OURS);
    begin(L, &c, p);
    d = c.d;
    eko_put(L, &d->path, p->head, p->head_size);
    for (i = 0; i < p->count; i++) put_field(&c, &p->fields[i], i);
    find_unknown(&c);
    d->extra = d->values.used;
    if (lua_istable(L, NAMES)) put_extra(&c);
    if (!lua_isnil(L, PROBLEMS)) {
        eko_clear_draft(d);
        lua_pushnil(L);
        lua_pushvalue(L, PROBLEMS);
        return 2;
    }
    eko_put(L, &d->path, d->query.bytes, d->query.used);
    if (p->has_body) {
        if (d->body.used == 0) eko_put_char(L, &d->body, '{');
        eko_put_char(L, &d->body, '}');
    }
    lua_pushvalue(L, DRAFT);
    return 1;
}
