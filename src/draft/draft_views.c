/* What a draft is asked for: the bytes of an attempt, and its parts as strings. */
#include "draft/draft_views.h"

#include "base/type.h"
#include "crypto/signer.h"

#include <stdlib.h>
#include <string.h>

#define KEPT 16384 /* bytes: what is larger is not kept for the next call */

static void empty(eko_buffer *b)
{
    eko_wipe(b);
    if (b->room <= KEPT) return;
    free(b->bytes);
    b->bytes = NULL;
    b->room = 0;
}

void eko_clear_draft(eko_draft *d)
{
    empty(&d->path);
    empty(&d->query);
    empty(&d->body);
    empty(&d->values);
    empty(&d->scratch);
    empty(&d->request);
    d->plan = NULL;
}

eko_draft *eko_push_draft(lua_State *L)
{
    eko_draft *d = lua_newuserdata(L, sizeof *d);
    memset(d, 0, sizeof *d);
    luaL_getmetatable(L, EKO_DRAFT);
    lua_setmetatable(L, -2);
    return d;
}

static void free_draft(eko_draft *d)
{
    eko_clear_draft(d);
    free(d->path.bytes);
    free(d->query.bytes);
    free(d->body.bytes);
    free(d->values.bytes);
    free(d->scratch.bytes);
    free(d->request.bytes);
    memset(d, 0, sizeof *d);
}

static int draft_close(lua_State *L)
{
    free_draft(eko_check_type(L, 1, EKO_DRAFT));
    return 0;
}

static eko_draft *check_draft(lua_State *L)
{
    eko_draft *d = eko_check_type(L, 1, EKO_DRAFT);
    luaL_argcheck(L, d->plan != NULL, 1, "the draft was released");
    return d;
}

/* draft:release(): nobody asks it any more, and another call may have it */
static int draft_release(lua_State *L)
{
    eko_clear_draft(eko_check_type(L, 1, EKO_DRAFT));
    return 0;
}

/* draft:path() -> path and query, percent-encoded */
static int draft_path(lua_State *L)
{
    const eko_draft *d = check_draft(L);
    lua_pushlstring(L, d->path.bytes, d->path.used);
    return 1;
}

static int push_body(lua_State *L, const eko_draft *d)
{
    if (!d->plan->has_body) return 0;
    lua_pushlstring(L, d->body.bytes, d->body.used);
    return 1;
}

/* draft:body() -> JSON, or nil for a GET */
static int draft_body(lua_State *L)
{
    return push_body(L, check_draft(L));
}

static void push_item(lua_State *L, const eko_draft *d, size_t *at)
{
    size_t n;
    const char *s = eko_next_item(&d->values, at, &n);
    lua_pushlstring(L, s, n);
}

/* draft:secrets() -> all that goes out, as text, by name: whoever shows anything of the call knows which of it is
 * secret. A list is a list of texts, and so is an extra parameter that holds several. */
static int draft_secrets(lua_State *L)
{
    const eko_draft *d = check_draft(L);
    size_t at = 0;
    lua_newtable(L);
    while (at < d->values.used) {
        eko_value value;
        memcpy(&value, d->values.bytes + at, sizeof value);
        at += sizeof value;
        if (value.field != NULL)
            lua_pushstring(L, value.field->name);
        else
            push_item(L, d, &at);
        if (value.count < 0)
            push_item(L, d, &at);
        else
            lua_createtable(L, value.count, 0);
        for (int i = 1; i <= value.count; i++) {
            push_item(L, d, &at);
            lua_rawseti(L, -2, i);
        }
        lua_rawset(L, -3);
    }
    return 1;
}

/* draft:value(name) -> what goes out for a parameter as text, or nil */
static int draft_value(lua_State *L)
{
    draft_secrets(L);
    lua_getfield(L, -1, luaL_checkstring(L, 2));
    return 1;
}

/* draft:client_ref_id() -> the reference that goes out, or nil */
static int draft_client_ref_id(lua_State *L)
{
    draft_secrets(L);
    lua_getfield(L, -1, "client_ref_id");
    return 1;
}

#define MAX_HEAD 65536 /* request line and headers */

/* What comes before the next NUL of a head, and then what belongs in its place. */
static const char *fill(lua_State *L, eko_buffer *out, const char *head, const char *bytes, size_t n)
{
    const size_t before = strlen(head);
    eko_put(L, out, head, before);
    eko_put(L, out, bytes, n);
    return head + before + 1;
}

static void put_request(lua_State *L, eko_draft *d, const char *head, size_t size, const eko_stamp *made)
{
    eko_buffer *out = &d->request;
    const char *end = head + size;
    eko_wipe(out);
    eko_reserve(L, out, size + d->path.used + d->body.used + 128);
    head = fill(L, out, head, d->path.bytes, d->path.used);
    head = fill(L, out, head, made->secret_key, sizeof made->secret_key);
    head = fill(L, out, head, made->timestamp, made->timestamp_size);
    eko_put(L, out, head, (size_t)(end - head));
    if (d->plan->has_body) {
        EKO_PUT_LITERAL(L, out, "content-length: ");
        eko_put_decimal(L, out, d->body.used);
        EKO_PUT_LITERAL(L, out, "\r\n");
    }
    EKO_PUT_LITERAL(L, out, "\r\n");
    eko_put(L, out, d->body.bytes, d->body.used);
}

const char *eko_check_request(lua_State *L, int index, int upvalue, size_t *n)
{
    if (lua_type(L, index) == LUA_TSTRING) return lua_tolstring(L, index, n);
    const eko_draft *d = eko_check_type_of(L, index, EKO_DRAFT, upvalue);
    luaL_argcheck(L, d->request.used > 0, index, "the draft has emitted nothing");
    *n = d->request.used;
    return d->request.bytes;
}

/* draft:bytes() -> what was emitted last, where the emitter has a head */
static int draft_bytes(lua_State *L)
{
    check_draft(L);
    size_t n;
    const char *bytes = eko_check_request(L, 1, 1, &n);
    lua_pushlstring(L, bytes, n);
    return 1;
}

/* What goes into a table in place of bytes: the URL, and the body where there is one. */
static int push_parts(lua_State *L, eko_draft *d)
{
    eko_buffer *out = &d->scratch;
    size_t n;
    const char *base = lua_tolstring(L, lua_upvalueindex(4), &n);
    eko_wipe(out);
    eko_put(L, out, base, n);
    eko_put(L, out, d->path.bytes, d->path.used);
    lua_pushlstring(L, out->bytes, out->used);
    return 1 + push_body(L, d);
}

/* The function that `emitter` makes: emit(draft[, now_ms]) -> the draft, which has the bytes of an attempt then, and
 * its timestamp in ms; or nil and the ms to wait for a timestamp, or nil and why it cannot be written. Without a head
 * the signature, its timestamp, its digits, the URL and the body. */
static int emit(lua_State *L)
{
    eko_draft *d = check_draft(L);
    size_t size;
    const char *head = lua_toboolean(L, lua_upvalueindex(5)) ? lua_tolstring(L, lua_upvalueindex(4), &size) : NULL;
    eko_stamp made;
    lua_settop(L, 2);
    if (head != NULL && size + d->path.used + 128 > MAX_HEAD) {
        lua_pushnil(L);
        lua_pushliteral(L, "head: request line and headers are larger than 65536 bytes");
        return 2;
    }
    if (!eko_make_stamp(L, lua_touserdata(L, lua_upvalueindex(2)), lua_touserdata(L, lua_upvalueindex(3)), 2, &made)) {
        lua_pushnil(L);
        lua_pushinteger(L, (lua_Integer)made.wait);
        return 2;
    }
    if (head != NULL) {
        put_request(L, d, head, size, &made);
        lua_pushvalue(L, 1);
    } else {
        lua_pushlstring(L, made.secret_key, sizeof made.secret_key);
    }
    lua_pushinteger(L, (lua_Integer)made.at);
    if (head != NULL) return 2;
    lua_pushlstring(L, made.timestamp, made.timestamp_size);
    return 3 + push_parts(L, d);
}

/* emitter(signer, timestamps, head or base_url) -> emit, for all drafts of one method
 * `head` is of eko.head: a text with a NUL where the rest of the path, the signature and its timestamp belong. */
static int core_emitter(lua_State *L)
{
    enum { SIGNER = 1, STAMPS, HEAD };
    lua_settop(L, HEAD);
    luaL_checktype(L, HEAD, LUA_TSTRING);
    size_t size;
    const char *head = lua_tolstring(L, HEAD, &size);
    luaL_checkudata(L, SIGNER, EKO_SIGNER);
    luaL_checkudata(L, STAMPS, EKO_TIMESTAMPS);
    int places = 0;
    for (size_t i = 0; i < size; i++) places += head[i] == '\0';
    luaL_argcheck(L, places == 3 || places == 0, HEAD, "a head of three places");
    lua_pushboolean(L, places == 3);
    luaL_getmetatable(L, EKO_DRAFT);
    lua_insert(L, 1);
    lua_pushcclosure(L, emit, 5);
    return 1;
}

void eko_open_draft_views(lua_State *L)
{
    static const luaL_Reg methods[] = {{"release", draft_release}, {"path", draft_path},
                                       {"body", draft_body},       {"bytes", draft_bytes},
                                       {"value", draft_value},     {"client_ref_id", draft_client_ref_id},
                                       {"secrets", draft_secrets}, {NULL, NULL}};
    eko_new_type(L, EKO_DRAFT, methods, draft_close);
    lua_pushcfunction(L, core_emitter);
    lua_setfield(L, -2, "emitter");
}
