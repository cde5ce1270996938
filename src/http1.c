/*** The HTTP/1.1 codec: request bytes out in one piece (http1_request.c), answers read by http1_parser.c. No sockets.
 * @module eko.core.http1 */
#include "core.h"
#include "http1_parser.h"
#include "http1_request.h"

#include <string.h>

enum { DEFAULT_MAX_HEAD = 65536, DEFAULT_MAX_BODY = 8 * 1024 * 1024 };

static const char parser_type[] = "eko.parser";

struct parser {
    struct eko_http1 http;
    bool is_open;
};

static struct eko_http1 *check_parser(lua_State *L)
{
    struct parser *p = eko_check_type(L, 1, parser_type);
    if (!p->is_open) luaL_error(L, "eko.parser: it is closed");
    return &p->http;
}

static int push_verdict(lua_State *L, const struct eko_http1 *http, enum eko_http1_verdict verdict)
{
    if (verdict == EKO_HTTP1_ERROR) {
        if (http->error == NULL) return eko_push_failure(L, "out_of_memory", http->detail);
        return eko_push_failure(L, http->error, http->detail);
    }
    if (verdict == EKO_HTTP1_COMPLETE)
        lua_pushliteral(L, "done");
    else
        lua_pushliteral(L, "more");
    return 1;
}

/*** Forgets the last answer and gets ready for the next. To be called before each.
 * @function parser:reset
 * @tparam ?string method of the request; the answer to HEAD has no body */
static int parser_reset(lua_State *L)
{
    struct eko_http1 *http = check_parser(L);
    const char *method = luaL_optstring(L, 2, "GET");
    luaL_argcheck(L, strcmp(method, "CONNECT") != 0, 2, "CONNECT makes a tunnel, it has no answer to parse");
    eko_http1_reset(http, strcmp(method, "HEAD") == 0);
    return 0;
}

/*** Reads bytes of the answer, however they were cut. Errors are sticky.
 * @function parser:feed
 * @string bytes
 * @treturn string "more" or "done"; or nil, a name (`malformed_response`, `response_too_large`, `out_of_memory`) and a
 * fixed detail */
static int parser_feed(lua_State *L)
{
    struct eko_http1 *http = check_parser(L);
    const char *bytes;
    size_t length;
    luaL_checktype(L, 2, LUA_TSTRING);
    bytes = lua_tolstring(L, 2, &length);
    return push_verdict(L, http, eko_http1_feed(http, bytes, length));
}

/*** The peer closed the connection.
 * @function parser:finish
 * @treturn string "done"; or nil, a name (`connection_closed` when the answer is not whole) and a fixed detail */
static int parser_finish(lua_State *L)
{
    struct eko_http1 *http = check_parser(L);
    return push_verdict(L, http, eko_http1_finish(http));
}

/*** The final status, as soon as its line was read; it stays readable after an error further on.
 * @function parser:status
 * @treturn ?integer 200 to 599 */
static int parser_status(lua_State *L)
{
    int status = eko_http1_status(check_parser(L));
    if (status == 0)
        lua_pushnil(L);
    else
        lua_pushinteger(L, status);
    return 1;
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

static void push_headers(lua_State *L, const struct eko_http1 *http, unsigned count)
{
    lua_createtable(L, 0, (int)count);
    for (unsigned i = 0; i < count; i++) {
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

/* What parser:reusable() says, and after how many idle seconds the peer will close, when it told. */
static void push_reusable(lua_State *L, const struct eko_http1 *http)
{
    if (eko_http1_reusable(http) && http->idle_seconds < EKO_HTTP1_ENDLESS)
        lua_pushinteger(L, (lua_Integer)http->idle_seconds);
    else
        lua_pushboolean(L, eko_http1_reusable(http));
}

/*** The whole answer. Raises before feed or finish said "done".
 * @function parser:result
 * @tparam[opt] integer without the status with which the headers are of no use: they are left out
 * @tparam[opt] boolean in_place a body that stands as a whole in the bytes that were fed last is not copied out of them
 * @treturn integer status
 * @treturn ?table headers: names in lower case; values of a repeated one are joined with ", "; nil when left out
 * @treturn string body: "" where there is none; nil when it was left in place
 * @treturn boolean|integer what parser:reusable() says; in place of true the seconds that the connection may be idle,
 * when the peer gave them (Keep-Alive: timeout=)
 * @treturn ?integer where in the bytes fed last a body begins that was left in place
 * @treturn ?integer where it ends */
static int parser_result(lua_State *L)
{
    const struct eko_http1 *http = check_parser(L);
    if (http->state != EKO_HTTP1_DONE) return luaL_error(L, "eko.parser: there is no whole answer yet");
    lua_settop(L, 3);
    lua_pushinteger(L, http->status);
    if (lua_tointeger(L, 2) == http->status)
        lua_pushnil(L);
    else
        push_headers(L, http, http->field_count);
    if (lua_toboolean(L, 3) && http->body_at > 0) {
        lua_pushnil(L);
        push_reusable(L, http);
        lua_pushinteger(L, (lua_Integer)http->body_at);
        lua_pushinteger(L, (lua_Integer)(http->body_at + http->body.length - 1));
        return 6;
    }
    lua_pushlstring(L, http->body.length > 0 ? http->body.data : "", http->body.length);
    push_reusable(L, http);
    return 4;
}

/*** May another request follow on this connection? Only after a whole answer whose end was plain, with nothing after
 * it, of a peer that did not ask to close.
 * @function parser:reusable
 * @treturn boolean */
static int parser_reusable(lua_State *L)
{
    lua_pushboolean(L, eko_http1_reusable(check_parser(L)));
    return 1;
}

static int parser_close(lua_State *L)
{
    struct parser *p = eko_check_type(L, 1, parser_type);
    if (p->is_open) eko_http1_free(&p->http);
    p->is_open = false;
    return 0;
}

/* An option in bytes, taken out of the table at index 1. */
static size_t check_limit(lua_State *L, const char *name, size_t least, size_t otherwise)
{
    lua_Number n = (lua_Number)otherwise;
    lua_getfield(L, 1, name);
    if (!lua_isnil(L, -1)) {
        if (lua_type(L, -1) == LUA_TNUMBER) n = lua_tonumber(L, -1);
        if (lua_type(L, -1) != LUA_TNUMBER || !(n >= (lua_Number)least && n <= EKO_HTTP1_MAX_LIMIT) ||
            n != (lua_Number)(size_t)n)
            luaL_error(L, "eko.parser: %s must be a whole number of bytes, at most 1 GiB", name);
    }
    lua_pop(L, 1);
    return (size_t)n;
}

static void check_option_names(lua_State *L)
{
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
        if (strcmp(name, "max_head") != 0 && strcmp(name, "max_body") != 0)
            luaL_error(L, "eko.parser: unknown option \"%s\" (there are max_head and max_body)", name);
        lua_pop(L, 1);
    }
}

/*** Makes a parser of answers. It reads one after the other, see reset.
 * @function parser
 * @tparam ?table options `max_head` (bytes of status line, headers and trailers, 1xx included; 65536) and `max_body`
 * (bytes of the decoded body; 8388608)
 * @treturn userdata */
static int http1_parser(lua_State *L)
{
    size_t max_head = DEFAULT_MAX_HEAD, max_body = DEFAULT_MAX_BODY;
    struct parser *p;
    if (!lua_isnoneornil(L, 1)) {
        luaL_checktype(L, 1, LUA_TTABLE);
        check_option_names(L);
        max_head = check_limit(L, "max_head", 1, max_head);
        max_body = check_limit(L, "max_body", 0, max_body);
    }
    p = lua_newuserdatauv(L, sizeof *p, 0);
    memset(p, 0, sizeof *p);
    luaL_getmetatable(L, parser_type);
    lua_setmetatable(L, -2);
    eko_http1_init(&p->http, max_head, max_body);
    p->is_open = true;
    return 1;
}

static const luaL_Reg parser_methods[] = {
    {"reset", parser_reset},
    {"feed", parser_feed},
    {"finish", parser_finish},
    {"status", parser_status},
    {"result", parser_result},
    {"reusable", parser_reusable},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"request", eko_http1_request},
    {"head", eko_http1_head},
    {"parser", http1_parser},
    {NULL, NULL},
};

void eko_open_http1(lua_State *L)
{
    eko_new_type(L, parser_type, parser_methods, parser_close);
    luaL_newmetatable(L, EKO_HEAD);
    lua_pushliteral(L, EKO_HEAD);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
    lua_createtable(L, 0, 3);
    luaL_setfuncs(L, functions, 0);
}
