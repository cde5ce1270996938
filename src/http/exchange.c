/*** Exchanges of HTTP/1.1: a state machine over the parser of answers (http1_parser.c). No sockets. The rules of an
 * exchange stand here alone: what counts as sent, when another connection may be asked, when time is up, whether the
 * connection may be kept.
 * @module eko.core.http1 */
#include "http/exchange.h"

#include <math.h>
#include <string.h>

enum {
    DEFAULT_MAX_HEAD = 65536,
    DEFAULT_MAX_BODY = 8 * 1024 * 1024,
    EARLY_SECONDS = 1 /* before the peer closes an idle connection, it is not used any more */
};

static eko_exchange *check_exchange(lua_State *L)
{
    eko_exchange *x = eko_check_type(L, 1, EKO_EXCHANGE);
    if (!x->is_open) luaL_error(L, "eko.exchange: it is closed");
    return x;
}

/* What ends an exchange first stays. */
static void fail(eko_exchange *x, const char *name, const char *detail)
{
    if (!eko_exchange_is_over(x)) eko_http1_fail(&x->http, name, detail);
}

void eko_exchange_closed(eko_exchange *x)
{
    if (x->is_sent)
        eko_http1_finish(&x->http);
    else
        fail(x, "connection_closed", "the peer closed the connection");
}

void eko_exchange_late(eko_exchange *x)
{
    fail(x, "timeout",
         !x->is_sent            ? "the request was not sent in time"
         : x->first_byte == 0.0 ? "no answer in time"
                                : "the answer was not whole in time");
}

void eko_exchange_broken(eko_exchange *x, const char *words)
{
    size_t n = strlen(words);
    if (eko_exchange_is_over(x)) return;
    if (n >= sizeof x->detail) n = sizeof x->detail - 1;
    memcpy(x->detail, words, n);
    x->detail[n] = '\0';
    fail(x, "connection_reset", x->detail);
}

void eko_exchange_feed(eko_exchange *x, const char *bytes, size_t n)
{
    double now = eko_monotonic();
    x->is_sent = true;
    if (x->first_byte == 0) x->first_byte = now;
    x->finished = now;
    /* A peer that sends a little now and then does not prolong the time. */
    if (eko_http1_feed(&x->http, bytes, n) == EKO_HTTP1_MORE && now >= x->deadline) eko_exchange_late(x);
}

/* Only after a whole answer whose end was plain, with nothing after it, of a peer that did not ask to close. */
uint32_t eko_exchange_keep(const eko_exchange *x)
{
    const struct eko_http1 *http = &x->http;
    return eko_http1_reusable(http) && http->idle_seconds > EARLY_SECONDS ? http->idle_seconds - EARLY_SECONDS : 0;
}

/*** Forgets the exchange before and gets ready for another.
 * @function exchange:begin
 * @string method of the request; the answer to HEAD has no body
 * @tparam ?number deadline seconds of the monotonic clock
 * @treturn number the time */
static int exchange_begin(lua_State *L)
{
    eko_exchange *x = check_exchange(L);
    const char *method = luaL_checkstring(L, 2);
    luaL_argcheck(L, strcmp(method, "CONNECT") != 0, 2, "CONNECT makes a tunnel, it has no answer to parse");
    x->deadline = luaL_optnumber(L, 3, HUGE_VAL);
    luaL_argcheck(L, x->deadline == x->deadline, 3, "seconds");
    eko_http1_reset(&x->http, strcmp(method, "HEAD") == 0);
    x->started = eko_monotonic();
    x->first_byte = 0;
    x->taken = 0;
    x->is_sent = false;
    lua_pushnumber(L, x->started);
    return 1;
}

/* The words of ngx_lua, at index 3, for what became of a socket. */
static void end(lua_State *L, eko_exchange *x)
{
    const char *words = luaL_optstring(L, 3, "");
    if (strcmp(words, "closed") == 0)
        eko_exchange_closed(x);
    else if (strcmp(words, "timeout") == 0)
        eko_exchange_late(x);
    else
        eko_exchange_broken(x, words);
}

static int push_goes_on(lua_State *L, const eko_exchange *x)
{
    lua_pushboolean(L, !eko_exchange_is_over(x));
    return 1;
}

/*** What became of sending the request as a whole, in the way in which cosockets tell it.
 * @function exchange:sent
 * @tparam ?integer count nil or false: it failed
 * @tparam ?string words "timeout", "closed" or others
 * @tparam ?integer taken how many bytes were taken nevertheless; without it some may have been
 * @treturn boolean whether an answer is to be waited for */
static int exchange_sent(lua_State *L)
{
    eko_exchange *x = check_exchange(L);
    if (lua_toboolean(L, 2)) {
        x->is_sent = true;
    } else {
        x->taken = (size_t)luaL_optinteger(L, 4, 1);
        end(L, x);
    }
    return push_goes_on(L, x);
}

/*** Reads bytes of the answer, however they were cut, or hears why there are none. Errors are sticky.
 * @function exchange:feed
 * @tparam ?string bytes
 * @tparam ?string words without bytes: "timeout", "closed" or others
 * @treturn boolean whether there is more to come */
static int exchange_feed(lua_State *L)
{
    eko_exchange *x = check_exchange(L);
    if (lua_isnil(L, 2)) {
        end(L, x);
    } else {
        size_t n;
        const char *bytes;
        luaL_checktype(L, 2, LUA_TSTRING);
        bytes = lua_tolstring(L, 2, &n);
        eko_exchange_feed(x, bytes, n);
    }
    return push_goes_on(L, x);
}

/* The values of all fields of one name, joined with ", " (RFC 9110 5.3). */
static void push_joined(lua_State *L, const struct eko_http1 *http, const struct eko_http1_field *field)
{
    luaL_Buffer joined;
    luaL_buffinit(L, &joined);
    luaL_addlstring(&joined, http->head.data + field->value, field->value_length);
    while (field->next != 0) {
        field = &http->fields[field->next];
        luaL_addlstring(&joined, ", ", 2);
        luaL_addlstring(&joined, http->head.data + field->value, field->value_length);
    }
    luaL_pushresult(&joined);
}

static void push_headers(lua_State *L, const struct eko_http1 *http)
{
    lua_createtable(L, 0, (int)http->field_count);
    for (unsigned i = 0; i < http->field_count; i++) {
        const struct eko_http1_field *field = &http->fields[i];
        if (field->repeated) continue;
        lua_pushlstring(L, http->head.data + field->name, field->name_length);
        if (field->next != 0)
            push_joined(L, http, field);
        else
            lua_pushlstring(L, http->head.data + field->value, field->value_length);
        lua_rawset(L, -3);
    }
}

/* nil, the error and whether another connection may be asked: one that was idle may have died, which shows when it
 * takes no byte at all. An answer whose head came is proof that the request was received. */
static int push_error(lua_State *L, const eko_exchange *x, bool reused)
{
    const char *name = x->http.error != NULL ? x->http.error : "out_of_memory";
    lua_pushnil(L);
    lua_createtable(L, 0, 4);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, x->http.detail);
    lua_setfield(L, -2, "message");
    lua_pushstring(L, x->is_sent ? "receive" : "send");
    lua_setfield(L, -2, "phase");
    if (!x->is_sent || eko_http1_status(&x->http) != 0) {
        lua_pushboolean(L, x->is_sent);
        lua_setfield(L, -2, "sent");
    }
    lua_pushboolean(L, !x->is_sent && reused && x->taken == 0 && strcmp(name, "timeout") != 0);
    return 3;
}

/*** What came of it. Raises before it is over.
 * @function exchange:result
 * @tparam ?integer without the status with which the headers are of no use: they are left out, unless one
 * of them is a Content-Encoding
 * @tparam ?boolean reused whether the connection was idle before
 * @treturn integer status; or nil, the error `{ name =, message =, phase =, sent = }` and whether another connection
 * may be asked for the same
 * @treturn ?table headers: names in lower case; values of a repeated one are joined with ", "; nil when left out
 * @treturn string body: "" where there is none
 * @treturn integer|false for how many seconds the connection may be kept, idle
 * @treturn number when its first byte came, in seconds from the beginning
 * @treturn number when its last one did */
static int exchange_result(lua_State *L)
{
    const eko_exchange *x = check_exchange(L);
    const struct eko_http1 *http = &x->http;
    uint32_t keep;
    if (!eko_exchange_is_over(x)) return luaL_error(L, "eko.exchange: it is not over yet");
    if (http->state != EKO_HTTP1_DONE) return push_error(L, x, lua_toboolean(L, 3));
    lua_settop(L, 2);
    lua_pushinteger(L, http->status);
    if (lua_tointeger(L, 2) == http->status && !http->has_coding)
        lua_pushnil(L);
    else
        push_headers(L, http);
    lua_pushlstring(L, http->body.length > 0 ? http->body.data : "", http->body.length);
    keep = eko_exchange_keep(x);
    if (keep > 0)
        lua_pushinteger(L, (lua_Integer)keep);
    else
        lua_pushboolean(L, 0);
    lua_pushnumber(L, x->first_byte - x->started);
    lua_pushnumber(L, x->finished - x->started);
    return 6;
}

static int exchange_close(lua_State *L)
{
    eko_exchange *x = eko_check_type(L, 1, EKO_EXCHANGE);
    if (x->is_open) eko_http1_free(&x->http);
    x->is_open = false;
    return 0;
}

static size_t check_limit(lua_State *L, int index, size_t least, size_t otherwise)
{
    lua_Number n = luaL_optnumber(L, index, (lua_Number)otherwise);
    luaL_argcheck(L, n >= (lua_Number)least && n <= EKO_HTTP1_MAX_LIMIT && n == floor(n), index,
                  "a whole number of bytes, at most 1 GiB");
    return (size_t)n;
}

/*** Makes an exchange; it serves for one after the other, see begin.
 * @function exchange
 * @tparam ?integer max_body bytes of the decoded body (8388608)
 * @tparam ?integer max_head bytes of status line, headers and trailers, 1xx included (65536)
 * @treturn userdata */
static int http1_exchange(lua_State *L)
{
    size_t max_body = check_limit(L, 1, 0, DEFAULT_MAX_BODY), max_head = check_limit(L, 2, 1, DEFAULT_MAX_HEAD);
    eko_exchange *x = lua_newuserdatauv(L, sizeof *x, 0);
    memset(x, 0, sizeof *x);
    luaL_getmetatable(L, EKO_EXCHANGE);
    lua_setmetatable(L, -2);
    eko_http1_init(&x->http, max_head, max_body);
    x->deadline = HUGE_VAL;
    x->is_open = true;
    return 1;
}

void eko_open_http1(lua_State *L)
{
    static const luaL_Reg methods[] = {{"begin", exchange_begin},
                                       {"sent", exchange_sent},
                                       {"feed", exchange_feed},
                                       {"result", exchange_result},
                                       {NULL, NULL}};
    eko_new_type(L, EKO_EXCHANGE, methods, exchange_close);
    lua_pushcfunction(L, http1_exchange);
    lua_setfield(L, -2, "exchange");
}
