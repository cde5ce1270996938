/*** Writes HTTP/1.1 requests. What could break out of its place (CR, LF, NUL, a second host ...) is refused here, below
 * every check that the Lua layers make.
 * @submodule eko.core.http1 */
#include "http1_request.h"

#include <string.h>

#include "http1_parser.h"

enum {
    MAX_HEADERS = 64,
    MAX_NAME = 128,
    MAX_HEAD = 65536,  /* request line and headers */
    STACK_BYTES = 4096 /* a request up to this size is built on the C stack */
};

struct text {
    const char *data;
    size_t length;
};

struct header {
    struct text name, value;
};

/* The parts of a request, all of them checked. The texts belong to Lua values that stay on its stack. */
struct request {
    struct text method, target, host, body;
    bool has_length;
    int count;
    size_t header_bytes;
    struct header headers[MAX_HEADERS];
    unsigned char order[MAX_HEADERS]; /* indices of `headers`, sorted by name */
};

/* A refusal names the part, never what it holds: values of headers are keys and signatures. */
static const char *check_method(struct text method)
{
    if (!eko_http1_is_token(method.data, method.length) || method.length > 32) return "method: not a token";
    if (method.length == 7 && memcmp(method.data, "CONNECT", 7) == 0) return "method: CONNECT is not for this codec";
    return NULL;
}

static const char *check_target(struct text target)
{
    size_t i = 0;
    if (target.length == 0 || target.data[0] != '/') return "target: does not begin with /";
    while (i < target.length && (unsigned char)(target.data[i] - '!') <= '~' - '!') i++;
    if (i < target.length) return "target: holds something else than visible ASCII (percent-encode it)";
    return NULL;
}

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* name, IPv4 or [IPv6], then perhaps :port. No user, no percent-encoding. */
static const char *check_host(struct text host)
{
    static const char refused[] = "host: not a host name with an optional port";
    const char *s = host.data, *end = s + host.length;
    unsigned port = 0;
    if (host.length == 0 || host.length > 261) return refused;
    if (*s == '[') {
        const char *first = ++s;
        while (s < end && (*s == ':' || *s == '.' || (is_alphanumeric(*s) && (*s | 0x20) <= 'f'))) s++;
        if (s == first || s == end || *s++ != ']') return refused;
    } else {
        if (!is_alphanumeric(*s)) return refused;
        while (s < end && (is_alphanumeric(*s) || *s == '-' || *s == '_' || (*s == '.' && s[-1] != '.'))) s++;
    }
    if (s == end) return NULL;
    if (*s++ != ':' || s == end || end - s > 5) return refused;
    for (; s < end; s++) {
        if (*s < '0' || *s > '9') return refused;
        port = port * 10 + (unsigned)(*s - '0');
    }
    return port >= 1 && port <= 65535 ? NULL : refused;
}

/* The fields that frame a message or speak to the next hop: this codec writes them, or does without. They are grouped
 * by length, because most names are told apart by it alone. */
static bool is_ours(struct text name)
{
    static const char *const ours[18][2] = {
        [2] = {"te"},
        [4] = {"host"},
        [6] = {"expect"},
        [7] = {"trailer", "upgrade"},
        [10] = {"connection", "keep-alive"},
        [14] = {"content-length"},
        [16] = {"proxy-connection"},
        [17] = {"transfer-encoding"},
    };
    if (name.length >= sizeof ours / sizeof *ours) return false;
    for (int i = 0; i < 2 && ours[name.length][i] != NULL; i++)
        if (eko_http1_compare_names(ours[name.length][i], name.length, name.data, name.length) == 0) return true;
    return false;
}

static const char *check_value(struct text value)
{
    if (!eko_http1_is_field_text(value.data, value.length)) return "holds CR, LF, NUL or another control character";
    if (value.length == 0) return NULL;
    if (*value.data == ' ' || *value.data == '\t') return "begins with white space";
    if (value.data[value.length - 1] == ' ' || value.data[value.length - 1] == '\t') return "ends with white space";
    return NULL;
}

static int push_refusal(lua_State *L, const char *reason)
{
    lua_pushnil(L);
    lua_pushstring(L, reason);
    return 2;
}

/* `name` is a token of bounded length. */
static int push_header_refusal(lua_State *L, struct text name, const char *problem)
{
    char copy[MAX_NAME + 1];
    memcpy(copy, name.data, name.length);
    copy[name.length] = '\0';
    lua_pushnil(L);
    lua_pushfstring(L, "header %s: %s", copy, problem);
    return 2;
}

/* Puts a header to its place among the sorted ones. False: there is one of that name already. */
static bool insert_header(struct request *r, struct text name, struct text value)
{
    int i = r->count;
    for (; i > 0; i--) {
        struct text before = r->headers[r->order[i - 1]].name;
        int order = eko_http1_compare_names(before.data, before.length, name.data, name.length);
        if (order == 0) return false;
        if (order < 0) break;
    }
    memmove(r->order + i + 1, r->order + i, (size_t)(r->count - i));
    r->order[i] = (unsigned char)r->count;
    r->headers[r->count].name = name;
    r->headers[r->count].value = value;
    r->header_bytes += name.length + value.length + 4;
    r->count++;
    return true;
}

/* The pair of lua_next on top of the stack. Gives 0, or the number of results of a refusal. */
static int collect_header(lua_State *L, struct request *r)
{
    struct text name, value;
    const char *problem = NULL;
    /* The type is looked at first: lua_tolstring would turn a number key into a string under lua_next's feet. */
    if (lua_type(L, -2) != LUA_TSTRING) return push_refusal(L, "header name: not a string");
    name.data = lua_tolstring(L, -2, &name.length);
    if (!eko_http1_is_token(name.data, name.length)) return push_refusal(L, "header name: not a token");
    if (name.length > MAX_NAME) return push_refusal(L, "header name: longer than 128 bytes");
    if (is_ours(name)) return push_header_refusal(L, name, "set by the library itself");
    if (lua_type(L, -1) != LUA_TSTRING) return push_header_refusal(L, name, "its value is not a string");
    value.data = lua_tolstring(L, -1, &value.length);
    problem = check_value(value);
    if (problem != NULL) return push_header_refusal(L, name, problem);
    if (r->count == MAX_HEADERS) return push_refusal(L, "headers: more than 64");
    if (!insert_header(r, name, value)) return push_header_refusal(L, name, "given twice, in different letter case");
    return 0;
}

/* Moves one header before the others. */
static void put_first(struct request *r, struct text name)
{
    for (int i = 0; i < r->count; i++) {
        unsigned char index = r->order[i];
        struct text each = r->headers[index].name;
        if (eko_http1_compare_names(each.data, each.length, name.data, name.length) != 0) continue;
        memmove(r->order + 1, r->order, (size_t)i);
        r->order[0] = index;
        return;
    }
}

static struct text check_text(lua_State *L, int index)
{
    struct text t;
    luaL_checktype(L, index, LUA_TSTRING);
    t.data = lua_tolstring(L, index, &t.length);
    return t;
}

/* Methods whose request says content-length: 0 when it has no body (RFC 9110 8.6). */
static bool expects_body(struct text method)
{
    return (method.length == 4 && memcmp(method.data, "POST", 4) == 0) ||
           (method.length == 3 && memcmp(method.data, "PUT", 3) == 0) ||
           (method.length == 5 && memcmp(method.data, "PATCH", 5) == 0);
}

static char *put(char *out, const char *data, size_t n)
{
    memcpy(out, data, n);
    return out + n;
}

#define PUT_LITERAL(out, text) put((out), (text), sizeof(text) - 1)

static char *put_decimal(char *out, size_t n)
{
    char digits[24];
    size_t i = sizeof digits;
    do {
        digits[--i] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    return put(out, digits + i, sizeof digits - i);
}

static char *write_request(char *out, const struct request *r)
{
    out = put(out, r->method.data, r->method.length);
    *out++ = ' ';
    out = put(out, r->target.data, r->target.length);
    out = PUT_LITERAL(out, " HTTP/1.1\r\nhost: ");
    out = put(out, r->host.data, r->host.length);
    out = PUT_LITERAL(out, "\r\n");
    for (int i = 0; i < r->count; i++) {
        const struct header *h = &r->headers[r->order[i]];
        out = put(out, h->name.data, h->name.length);
        out = PUT_LITERAL(out, ": ");
        out = put(out, h->value.data, h->value.length);
        out = PUT_LITERAL(out, "\r\n");
    }
    if (r->has_length) {
        out = PUT_LITERAL(out, "content-length: ");
        out = put_decimal(out, r->body.length);
        out = PUT_LITERAL(out, "\r\n");
    }
    out = PUT_LITERAL(out, "\r\n");
    return put(out, r->body.data, r->body.length);
}

/*** Writes one HTTP/1.1 request (RFC 9112): the request line, `host`, the headers sorted by name, `content-length`
 * where there is a body (or the method is POST, PUT or PATCH), the body. The same arguments give the same bytes.
 * @function request
 * @string method a token: "GET", "POST", ...
 * @string target begins with /, visible ASCII only: path and query, percent-encoded
 * @string host authority of the request: name or address, with an optional port
 * @tparam ?table headers name = value, both strings; at most 64; without those that frame the message
 * @tparam ?string body
 * @tparam ?string first name of a header that is written before the others. OpenResty's LuaJIT hashes a long string by
 * samples of its first nine sixteenths: what makes one request different from the next must not stand behind them, or
 * all requests in memory fall into one chain that each new one is compared with
 * @treturn string the bytes; or nil and a reason that names the part or header at fault and never shows a value */
int eko_http1_request(lua_State *L)
{
    struct request r;
    struct text first = {NULL, 0};
    const char *reason;
    char stack[STACK_BYTES], *out = stack;
    size_t head;
    r.method = check_text(L, 1);
    r.target = check_text(L, 2);
    r.host = check_text(L, 3);
    lua_settop(L, 6);
    if (!lua_isnil(L, 4)) luaL_checktype(L, 4, LUA_TTABLE);
    r.has_length = !lua_isnil(L, 5);
    r.body.data = "";
    r.body.length = 0;
    if (r.has_length) r.body = check_text(L, 5);
    r.has_length = r.has_length || expects_body(r.method);
    if (!lua_isnil(L, 6)) first = check_text(L, 6);
    r.count = 0;
    r.header_bytes = 0;
    if ((reason = check_method(r.method)) || (reason = check_target(r.target)) || (reason = check_host(r.host)))
        return push_refusal(L, reason);
    if (!lua_isnil(L, 4)) {
        lua_pushnil(L);
        while (lua_next(L, 4)) {
            int results = collect_header(L, &r);
            if (results > 0) return results;
            lua_pop(L, 1);
        }
    }
    if (first.data != NULL) put_first(&r, first);
    /* 64: what stands around the parts, and the content-length line with its digits. */
    head = r.method.length + r.target.length + r.host.length + r.header_bytes + 64 + 20;
    if (head > MAX_HEAD) return push_refusal(L, "head: request line and headers are larger than 65536 bytes");
    if (head + r.body.length > sizeof stack) out = lua_newuserdatauv(L, head + r.body.length, 0);
    lua_pushlstring(L, out, (size_t)(write_request(out, &r) - out));
    return 1;
}
