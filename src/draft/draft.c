/* The draft of a call: every parameter checked, and written where it goes. A call that is in order leaves the bytes of
 * its path and its body; of any other all problems are listed, `{ field, problem, detail }`, for eko.problems to
 * explain. */
#include "draft/draft.h"

#include "crypto/random.h"
#include "draft/draft_values.h"
#include "json/json_write.h"

#include <string.h>

#include "crypto/random.h"

/* `who` is the index of the field's index or name. */
static void add_problem(eko_call *c, int who, const char *problem)
{
    lua_State *L = c->L;
    if (!lua_istable(L, PROBLEMS)) {
        lua_newtable(L);
        lua_replace(L, PROBLEMS);
    }
    lua_newtable(L);
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

/* Gives the place of the count, which is not known yet. */
static size_t begin_value(eko_call *c, const eko_field *f)
{
    const eko_value value = {.field = f, .count = -1};
    eko_put(c->L, &c->d->values, (const char *)&value, sizeof value);
    return c->d->values.used - sizeof value + offsetof(eko_value, count);
}

static void end_value(eko_call *c, size_t at, int count)
{
    memcpy(c->d->values.bytes + at, &count, sizeof count);
}

/* What goes out as the client_ref_id takes the place of what the client had for it: as text. Its value begins at `at`,
 * as begin_value gave it. */
static void keep_reference(eko_call *c, size_t at)
{
    lua_State *L = c->L;
    if (c->type == LUA_TNUMBER) { /* the digits that were written, which no double may have */
        size_t item = at - offsetof(eko_value, count) + sizeof(eko_value), n;
        const char *s = eko_next_item(&c->d->values, &item, &n);
        lua_pushlstring(L, s, n);
    } else {
        lua_pushvalue(L, c->at);
    }
    lua_replace(L, CONTEXT + 2);
    c->has_reference = true;
}

static void put_field(eko_call *c, const eko_field *f, int index)
{
    lua_State *L = c->L;
    const char *problem = NULL;
    lua_rawgeti(L, ANCHOR, index + 1);
    lua_gettable(L, PARAMS);
    c->is_trusted = false;
    c->at = VALUE;
    c->type = lua_type(L, VALUE);
    c->given += c->type != LUA_TNIL;
    if (c->type == LUA_TNIL && (f->context != NO_CONTEXT || f->has_default)) {
        c->is_trusted = f->context == REFERENCE && c->is_ours;
        if (f->has_default) lua_rawgeti(L, ANCHOR, -index - 1);
        c->at = f->has_default ? VALUE + 1 : f->context == NOW ? TIMESTAMP : CONTEXT - 1 + (int)f->context;
        c->type = lua_type(L, c->at);
    }
    if (c->type != LUA_TNIL) {
        const size_t at = begin_value(c, f);
        int count = -1;
        if (f->place != IN_PATH) put_key(c, eko_place_of(c, f), f->place, f->key, f->key_size);
        problem = eko_put_value(c, f, &count);
        if (f->place == IN_PATH) eko_put(L, &c->d->path, f->tail, f->tail_size);
        end_value(c, at, count);
        if (f->context == REFERENCE && problem == NULL) keep_reference(c, at);
    } else if (f->required) {
        problem = "missing";
    }
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
}

/* The name at VALUE, which must not stand elsewhere. */
static const char *problem_of_extra_name(eko_call *c, const char *name, size_t n)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    if (n < 1 || n > 64 || strspn(name, letters) != n) return "extra name";
    lua_pushvalue(c->L, VALUE);
    lua_rawget(c->L, ANCHOR);
    if (!lua_isnil(c->L, -1)) return "extra known";
    return strcmp(name, "client_ref_id") == 0 ? "extra reference" : NULL;
}

/* The value on top of the stack. */
static const char *put_extra_value(eko_call *c, int *count)
{
    eko_draft *d = c->d;
    const int type = lua_type(c->L, -1);
    const bool in_query = !c->p->has_body;
    eko_json_writer w = {.out = in_query ? &d->scratch : &d->body, .leaves = &d->values, .count = 1};
    size_t n = 0;
    const char *s = in_query && type == LUA_TSTRING ? lua_tolstring(c->L, -1, &n) : NULL;
    eko_wipe(&d->scratch);
    if (s != NULL) {
        eko_record(c, s, n);
    } else {
        if (in_query && type != LUA_TNUMBER && type != LUA_TBOOLEAN) return "extra scalar";
        w.count = 0;
        if (!eko_put_json(c->L, &w)) return "extra value";
        s = d->scratch.bytes;
        n = d->scratch.used;
    }
    if (in_query) w.seen |= eko_put_encoded(c->L, &d->query, s, n, "");
    *count = w.count == 1 ? -1 : w.count;
    return w.seen & EKO_NOT_UTF8 ? "extra utf8" : w.seen ? "extra control" : NULL;
}

static const char *put_one_extra(eko_call *c, const char *name, size_t n)
{
    const char *problem = problem_of_extra_name(c, name, n), *quote = c->p->has_body ? "\"" : "";
    eko_buffer *to = c->p->has_body ? &c->d->body : &c->d->query;
    if (problem != NULL) return problem;
    put_key(c, to, c->p->has_body ? IN_BODY : IN_QUERY, quote, strlen(quote));
    eko_put(c->L, to, name, n);
    eko_put(c->L, to, c->p->has_body ? "\":" : "=", c->p->has_body ? 2 : 1);
    const size_t at = begin_value(c, NULL);
    eko_record(c, name, n);
    lua_pushvalue(c->L, VALUE);
    lua_rawget(c->L, EXTRA);
    int count = 0;
    problem = put_extra_value(c, &count);
    end_value(c, at, count);
    return problem;
}

/* What the caller sends at his own risk, in the order of its names' bytes. */
static void put_extra(eko_call *c)
{
    lua_State *L = c->L;
    const int names_at = VALUE + 1;
    size_t count;
    bool has_others;
    lua_pushvalue(L, EXTRA);
    const eko_name *names = eko_push_names(L, &count, &has_others);
    for (size_t i = 0; i < count; i++) {
        lua_pushlstring(L, names[i].s, names[i].n);
        lua_insert(L, VALUE);
        const char *problem = put_one_extra(c, names[i].s, names[i].n);
        if (problem != NULL) add_problem(c, VALUE, problem);
        lua_remove(L, VALUE);
        lua_settop(L, names_at);
    }
    lua_settop(L, VALUE - 1);
    for (lua_pushnil(L); has_others && lua_next(L, EXTRA); lua_settop(L, VALUE))
        if (lua_type(L, VALUE) != LUA_TSTRING) add_problem(c, VALUE, "extra name");
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
    lua_pushnil(L);
    lua_pushnil(L);
    c->L = L;
    c->p = p;
    c->d = d;
    c->strict = lua_toboolean(L, STRICT);
    c->given = 0;
    c->has_reference = false;
    c->is_ours = lua_tocfunction(L, CONTEXT + 2) == eko_ref_id;
    if (!c->is_ours) return;
    eko_push_reference(L, lua_touserdata(L, lua_upvalueindex(4)));
    lua_replace(L, CONTEXT + 2);
}

/* The function that core.plan makes; its upvalues are a plan, its table, the metatable of drafts and what references
 * are drawn from. draft(params, initiator_id, user_code, client_ref_id, strict, extra, spare, today, timestamp) -> a
 * draft and its client_ref_id, or nil and the list of problems: { index of the field (or a name), problem, detail };
 * nil alone where the parameters are no table. In place of a client_ref_id core.text.ref_id makes one; `extra` is what
 * the endpoint does not know, `spare` a draft that was released, `today` a number YYYYMMDD, `timestamp` is taken where
 * one is required and not given */
static int draft(lua_State *L)
{
    const eko_plan *p = lua_touserdata(L, lua_upvalueindex(1));
    luaL_checkstack(L, 24, "too many values");
    lua_settop(L, TIMESTAMP);
    if (!lua_istable(L, PARAMS)) {
        lua_pushnil(L);
        return 1;
    }
    eko_call c;
    begin(L, &c, p);
    eko_draft *d = c.d;
    eko_put(L, &d->path, p->head, p->head_size);
    for (int i = 0; i < p->count; i++) put_field(&c, &p->fields[i], i);
    find_unknown(&c);
    if (lua_istable(L, EXTRA)) put_extra(&c);
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
    if (!c.has_reference) return 1;
    lua_pushvalue(L, CONTEXT + 2);
    return 2;
}

/* plan(head, has_body, fields) -> the function that drafts a call: `head` is the path up to its first parameter,
 * `fields` a list of { name, place, type, means, required, default, max, min, multiline, format, key, tail, keep } in
 * wire order */
static int core_plan(lua_State *L)
{
    eko_push_plan(L);
    luaL_getmetatable(L, EKO_DRAFT);
    lua_getfield(L, LUA_REGISTRYINDEX, EKO_REFERENCES);
    lua_pushcclosure(L, draft, 4);
    return 1;
}

void eko_open_draft(lua_State *L)
{
    lua_pushcfunction(L, core_plan);
    lua_setfield(L, -2, "plan");
}
