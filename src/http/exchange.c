/* Exchanges of HTTP/1.1: a state machine over the parser of answers (http1_parser.c). No sockets. The rules of an
 * exchange stand here alone: what counts as sent, when another connection may be asked, when time is up, whether the
 * connection may be kept. */
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
    const eko_http1 *http = &x->http;
    return eko_http1_reusable(http) && http->idle_seconds > EARLY_SECONDS ? http->idle_seconds - EARLY_SECONDS : 0;
}

/* exchange:begin(method[, deadline]) -> the time. Forgets the exchange before and gets ready for another. The answer to
 * HEAD has no body; the deadline is of the monotonic clock, in seconds, as is the time. */
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

/* exchange:sent(count[, words[, taken]]) -> whether an answer is to be waited for. What became of sending the request
 * as a whole, in the way in which cosockets tell it: without a count it failed, with the words "timeout", "closed" or
 * others, though `taken` bytes were taken nevertheless; without `taken` some may have been. */
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

/* exchange:feed(bytes[, words]) -> whether there is more to come. Reads bytes of the answer, however they were cut, or
 * hears why there are none: the words "timeout", "closed" or others. Errors are sticky. */
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
static void push_joined(lua_State *L, const eko_http1 *http, const eko_http1_field *field)
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

static void push_headers(lua_State *L, const eko_http1 *http)
{
    lua_createtable(L, 0, (int)http->field_count);
    for (unsigned i = 0; i < http->field_count; i++) {
        const eko_http1_field *field = &http->fields[i];
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

/* exchange:result([without[, reused]]) -> status, headers, body, keep, first_byte, last_byte; or nil, the error
 * { name =, message =, phase =, sent = } and whether another connection may be asked for the same. Raises before it is
 * over. `without` is the status with which the headers are of no use: they are left out (nil), unless one of them is a
 * Content-Encoding; `reused` says that the connection was idle before. The headers' names are in lower case, the values
 * of a repeated one are joined with ", "; `keep` is for how many seconds the connection may be kept, idle, or false;
 * the last two are when its first byte came and its last one, in seconds from the beginning. */
static int exchange_result(lua_State *L)
{
    const eko_exchange *x = check_exchange(L);
    const eko_http1 *http = &x->http;
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

/* exchange([max_body[, max_head]]) -> an exchange, which serves for one after the other (see begin). The limits are in
 * bytes: of the decoded body (8388608); of status line, headers and trailers, 1xx included (65536). */
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
