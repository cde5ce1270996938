/*** Writes the heads of HTTP/1.1 requests. What could break out of its place (CR, LF, NUL, a second host ...) is
 * refused here, below every check that the Lua layers make.
 * @submodule eko.core.http1 */
#include "http1_request.h"

#include "http1_parser.h"
#include "write.h"

enum {
    MAX_HEADERS = 64,
    MAX_NAME = 128,
    AROUND = 84 /* what stands around the parts, and the content-length line with its digits */
};

struct text {
    const char *data;
    size_t length;
};

/* `slot` 1 and 2 are the places of a head's signature and timestamp; 0: the value is what it is. */
struct header {
    struct text name, value;
    int slot;
};

/* The parts of a request, all of them checked. The texts belong to Lua values that stay on its stack. */
struct request {
    struct text method, target, host;
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

static const char *check_target(const struct request *r)
{
    const struct text target = r->target;
    size_t i = 0;
    if (target.length > 0 && target.data[0] != '/') return "target: does not begin with /";
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
static bool insert_header(struct request *r, struct text name, struct text value, int slot)
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
    r->headers[r->count].slot = slot;
    r->header_bytes += name.length + value.length + 4;
    r->count++;
    return true;
}

/* The pair of lua_next on top of the stack. Gives 0, or the number of results of a refusal. */
static int collect_header(lua_State *L, struct request *r)
{
    struct text name, value = {"", 0};
    const char *problem = NULL;
    int slot = 0;
    /* The type is looked at first: lua_tolstring would turn a number key into a string under lua_next's feet. */
    if (lua_type(L, -2) != LUA_TSTRING) return push_refusal(L, "header name: not a string");
    name.data = lua_tolstring(L, -2, &name.length);
    if (!eko_http1_is_token(name.data, name.length)) return push_refusal(L, "header name: not a token");
    if (name.length > MAX_NAME) return push_refusal(L, "header name: longer than 128 bytes");
    if (is_ours(name)) return push_header_refusal(L, name, "set by the library itself");
    if (lua_type(L, -1) == LUA_TNUMBER && (lua_tonumber(L, -1) == 1 || lua_tonumber(L, -1) == 2))
        slot = (int)lua_tointeger(L, -1);
    else if (lua_type(L, -1) != LUA_TSTRING)
        return push_header_refusal(L, name, "its value is not a string");
    else
        value.data = lua_tolstring(L, -1, &value.length);
    problem = check_value(value);
    if (problem != NULL) return push_header_refusal(L, name, problem);
    if (r->count == MAX_HEADERS) return push_refusal(L, "headers: more than 64");
    if (!insert_header(r, name, value, slot))
        return push_header_refusal(L, name, "given twice, in different letter case");
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

static void put(lua_State *L, eko_buffer *out, struct text text)
{
    eko_put(L, out, text.data, text.length);
}

/* All of a head but content-length and the empty line; `at` gets the places of the slots and of what follows the
 * target. */
static void write_head(lua_State *L, eko_buffer *out, const struct request *r, size_t at[3])
{
    put(L, out, r->method);
    eko_put_char(L, out, ' ');
    put(L, out, r->target);
    at[0] = out->used;
    at[1] = at[2] = 0;
    EKO_PUT_LITERAL(L, out, " HTTP/1.1\r\nhost: ");
    put(L, out, r->host);
    EKO_PUT_LITERAL(L, out, "\r\n");
    for (int i = 0; i < r->count; i++) {
        const struct header *h = &r->headers[r->order[i]];
        put(L, out, h->name);
        EKO_PUT_LITERAL(L, out, ": ");
        if (h->slot > 0) at[h->slot] = out->used;
        put(L, out, h->value);
        EKO_PUT_LITERAL(L, out, "\r\n");
    }
}

/* The arguments of `head`. Gives 0, or the number of results of a refusal. */
static int read_head(lua_State *L, struct request *r)
{
    const char *reason;
    r->method = check_text(L, 1);
    r->target = check_text(L, 2);
    r->host = check_text(L, 3);
    if (!lua_isnil(L, 4)) luaL_checktype(L, 4, LUA_TTABLE);
    r->count = 0;
    r->header_bytes = 0;
    if ((reason = check_method(r->method)) || (reason = check_target(r)) || (reason = check_host(r->host)))
        return push_refusal(L, reason);
    if (!lua_isnil(L, 4)) {
        lua_pushnil(L);
        while (lua_next(L, 4)) {
            int results = collect_header(L, r);
            if (results > 0) return results;
            lua_pop(L, 1);
        }
    }
    if (!lua_isnil(L, 5)) put_first(r, check_text(L, 5));
    if (r->method.length + r->target.length + r->host.length + r->header_bytes + AROUND > EKO_MAX_HEAD)
        return push_refusal(L, EKO_HEAD_TOO_LARGE);
    return 0;
}

/*** What requests of one method to one place have in common: the request line, `host`, the headers sorted by name (RFC
 * 9112). The same arguments give the same bytes.
 * @function head
 * @string method a token: "GET", "POST", ...
 * @string target what stands before every path, or the path: visible ASCII only, percent-encoded
 * @string host authority of the request: name or address, with an optional port
 * @tparam ?table headers name = value, both strings; at most 64; without those that frame the message. 1 stands for the
 * signature of a request and 2 for its timestamp
 * @tparam ?string first name of a header that is written before the others. OpenResty's LuaJIT hashes a long string by
 * samples of its first nine sixteenths: what makes one request different from the next must not stand behind them, or
 * all requests in memory fall into one chain that each new one is compared with
 * @treturn userdata for a draft's `emit`; where nothing is signed, a string: the whole of a request without a body; or
 * nil and a reason that names the part or header at fault and never shows a value */
int eko_http1_head(lua_State *L)
{
    struct request r;
    eko_buffer out = {NULL, 0, 0};
    eko_head *head;
    int refused;
    lua_settop(L, 5);
    if ((refused = read_head(L, &r)) > 0) return refused;
    out.room = r.method.length + r.target.length + r.host.length + r.header_bytes + AROUND;
    head = lua_newuserdatauv(L, sizeof *head + out.room, 0);
    out.bytes = head->bytes;
    write_head(L, &out, &r, head->at);
    head->size = out.used;
    if (head->at[1] == 0) {
        EKO_PUT_LITERAL(L, &out, "\r\n");
        lua_pushlstring(L, out.bytes, out.used);
        return 1;
    }
    luaL_argcheck(L, head->at[1] < head->at[2], 4, "no place for signature and timestamp");
    luaL_getmetatable(L, EKO_HEAD);
    lua_setmetatable(L, -2);
    return 1;
}
