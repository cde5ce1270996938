/* core.connection: libcurl as the maker of connections: names, happy eyeballs, proxy tunnel, TLS.
 *
 * CURLOPT_CONNECT_ONLY leaves the HTTP exchange to us: what was handed to the kernel is known, and nothing is sent a
 * second time behind our back. After a fork the child leaves its parent's connections alone: closing one would write on
 * a socket that the parent still uses. */
#include "net/connection.h"

#include "base/clock.h"
#include "base/process.h"
#include "base/type.h"
#include "draft/draft_views.h"
#include "http/exchange.h"
#include "net/network.h"

#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTION "eko.connection"
#define RECEIVE_BYTES 32768
#define MOST_IDLE_SECONDS 60

typedef struct {
    CURL *easy; /* NULL: it is closed */
    eko_network *net;
    curl_socket_t fd;
    bool tls;
    double idle_since, keep; /* of a clock that counts the machine's sleep: the peer may have been awake */
    char error[CURL_ERROR_SIZE];
} connection;

#define TRY(call)                            \
    do {                                     \
        CURLcode code_ = (call);             \
        if (code_ != CURLE_OK) return code_; \
    } while (0)

static CURLcode set_options(connection *c, const char *origin, const char *proxy, const char *unix_path,
                            long timeout_ms)
{
    CURL *easy = c->easy;
    TRY(curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, c->error));
    TRY(curl_easy_setopt(easy, CURLOPT_URL, origin));
    TRY(curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L));
    TRY(curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L));
#if LIBCURL_VERSION_NUM >= 0x075700
    /* A name that nobody looks up in time: without this libcurl waits for its resolver thread, whatever the timeout. */
    TRY(curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L));
#endif
#if LIBCURL_VERSION_NUM >= 0x075500
    TRY(curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https"));
#else
    TRY(curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS)));
#endif
    TRY(curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1));
    TRY(curl_easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L));
    TRY(curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2));
    TRY(curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L));
    TRY(curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L));
    TRY(curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms));
    TRY(curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms));
    TRY(curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L));
    TRY(curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L));
    /* An empty proxy keeps libcurl from reading http_proxy and its kin: what is not configured is not used. */
    TRY(curl_easy_setopt(easy, CURLOPT_PROXY, proxy != NULL ? proxy : ""));
    TRY(curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L));
    TRY(curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, unix_path));
    TRY(curl_easy_setopt(easy, CURLOPT_SHARE, c->net->share));
    return eko_network_trust(easy, c->net);
}

static void release(connection *c)
{
    if (c->net == NULL) return;
    if (c->net->pid == eko_pid() && c->easy != NULL) {
        curl_easy_cleanup(c->easy);
        ERR_clear_error();
    }
    eko_network_release(c->net);
    c->easy = NULL;
    c->net = NULL;
}

static int connection_close(lua_State *L)
{
    release(eko_check_type(L, 1, CONNECTION));
    return 0;
}

static connection *push_connection(lua_State *L, eko_network *net)
{
    connection *c = lua_newuserdatauv(L, sizeof *c, 0);
    memset(c, 0, sizeof *c);
    c->fd = CURL_SOCKET_BAD;
    luaL_getmetatable(L, CONNECTION);
    lua_setmetatable(L, -2);
    c->net = net;
    net->references++;
    c->easy = curl_easy_init();
    return c;
}

/* It is idle from now on, and may be for some seconds. */
static void rest(connection *c, double seconds)
{
    c->keep = seconds < MOST_IDLE_SECONDS ? seconds : MOST_IDLE_SECONDS;
    c->idle_since = eko_boottime();
}

/* The phase in which connecting failed: with a TCP connection made, it was the handshake. */
static const char *phase_of(connection *c, CURLcode code)
{
    curl_off_t connected = 0;
    curl_easy_getinfo(c->easy, CURLINFO_CONNECT_TIME_T, &connected);
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR) return "tls";
    return connected > 0 && c->tls ? "tls" : "connect";
}

/* network:connect(origin, timeout_seconds[, proxy[, unix_path]]) -> connection, or nil, name, detail, phase
 * `origin` is scheme://host:port; with a `unix_path` it names the host and the socket is that file. Blocks until
 * connected (and the TLS handshake is done) or the time is up. */
static int network_connect(lua_State *L)
{
    eko_network *net = eko_check_network(L, 1);
    const char *origin = luaL_checkstring(L, 2);
    const lua_Number timeout = luaL_checknumber(L, 3);
    const char *proxy = luaL_optstring(L, 4, NULL), *unix_path = luaL_optstring(L, 5, NULL);
    luaL_argcheck(L, timeout > 0 && timeout < 1e6, 3, "seconds, more than 0");
    luaL_argcheck(L, net->pid == eko_pid(), 1, "the network was made before a fork");
    connection *c = push_connection(L, net);
    c->tls = strncmp(origin, "https:", 6) == 0;
    if (c->easy == NULL) {
        const int n = eko_push_failure(L, "out_of_memory", "libcurl could not make a handle");
        lua_pushliteral(L, "connect");
        return n + 1;
    }
    CURLcode code = set_options(c, origin, proxy, unix_path, timeout < 0.001 ? 1L : (long)(timeout * 1000));
    if (code == CURLE_OK) code = curl_easy_perform(c->easy);
    if (code == CURLE_OK) code = curl_easy_getinfo(c->easy, CURLINFO_ACTIVESOCKET, &c->fd);
    ERR_clear_error();
    if (code == CURLE_OK && c->fd == CURL_SOCKET_BAD) code = CURLE_COULDNT_CONNECT;
    if (code != CURLE_OK) {
        const int n = eko_push_failure(L, eko_name_of_failure(c->easy, code),
                                       c->error[0] != 0 ? c->error : curl_easy_strerror(code));
        lua_pushstring(L, phase_of(c, code));
        release(c);
        return n + 1;
    }
    rest(c, MOST_IDLE_SECONDS);
    return 1;
}

/* ---- moving bytes ---- */

/* A time of the monotonic clock, or a length of time, in seconds. */
static double check_seconds(lua_State *L, int index)
{
    const lua_Number seconds = luaL_checknumber(L, index);
    luaL_argcheck(L, seconds == seconds, index, "seconds");
    return seconds;
}

static connection *check_connection(lua_State *L, int index)
{
    connection *c = eko_check_type(L, index, CONNECTION);
    luaL_argcheck(L, c->easy != NULL, index, "the connection is closed");
    return c;
}

static int milliseconds(double seconds)
{
    return seconds <= 0 ? 0 : seconds > 1e6 ? 1000000000 : (int)(seconds * 1000) + 1;
}

typedef enum { LATE, READY, INTERRUPTED } readiness;

/* Waits until the socket is ready, the time is up or a signal came; without `blocks` somebody else has to. */
static readiness wait_for(curl_socket_t fd, short events, double deadline, bool blocks)
{
    struct pollfd p = {.fd = fd, .events = events};
    for (double left; (left = deadline - eko_monotonic()) > 0;) {
        const int n = blocks ? poll(&p, 1, milliseconds(left)) : 0;
        if (!blocks || (n < 0 && errno == EINTR)) return INTERRUPTED;
        if (n != 0) return READY; /* also when it failed: let send or receive say what is wrong */
    }
    return LATE;
}

/* A peer that went away must be an error and not a signal; libcurl before 7.88 writes TLS records without MSG_NOSIGNAL.
 */
static CURLcode send_some(connection *c, const char *bytes, size_t n, size_t *sent)
{
#if LIBCURL_VERSION_NUM < 0x075800
    sigset_t pipe_signal, before;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    const CURLcode code = curl_easy_send(c->easy, bytes, n, sent);
    if (code != CURLE_OK && code != CURLE_AGAIN && !sigismember(&before, SIGPIPE))
        sigtimedwait(&pipe_signal, NULL, &(struct timespec){.tv_sec = 0});
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
#else
    return curl_easy_send(c->easy, bytes, n, sent);
#endif
}

static void end(connection *c, eko_exchange *x, const char *otherwise)
{
    ERR_clear_error();
    eko_exchange_broken(x, c->error[0] != 0 ? c->error : otherwise);
}

/* Sends what is left of the request, or else takes what came of the answer, as far as that goes without waiting. Gives
 * what to wait for; 0 when the exchange is over. */
static short move(connection *c, eko_exchange *x, const char *bytes, size_t n)
{
    char buffer[RECEIVE_BYTES];
    while (!x->is_sent && !eko_exchange_is_over(x)) {
        size_t sent = 0;
        const CURLcode code = send_some(c, bytes + x->taken, n - x->taken, &sent);
        x->taken += sent;
        if (code == CURLE_AGAIN) return POLLOUT;
        if (code != CURLE_OK) {
            end(c, x, "the peer closed the connection");
            return 0;
        }
        if (x->taken < n) continue;
        x->is_sent = true;
        return POLLIN; /* nothing can be there yet */
    }
    while (!eko_exchange_is_over(x)) {
        size_t got = 0;
        const CURLcode code = curl_easy_recv(c->easy, buffer, sizeof buffer, &got);
        if (code == CURLE_AGAIN) return POLLIN;
        if (code != CURLE_OK)
            end(c, x, "the connection was reset");
        else if (got > 0)
            eko_exchange_feed(x, buffer, got);
        else
            eko_exchange_closed(x);
    }
    return 0;
}

/* connection:drive(exchange, request, blocks) -> nothing when the exchange is over, and the connection is idle; or the
 * socket to wait for, and whether for writing. Sends the request (see eko_check_request) once and reads the answer.
 * With `blocks` it waits by itself, until a signal comes: so that Lua can look at that before it drives on. */
static int connection_drive(lua_State *L)
{
    connection *c = check_connection(L, 1);
    eko_exchange *x = eko_check_type_of(L, 2, EKO_EXCHANGE, 2);
    size_t n;
    const char *bytes = eko_check_request(L, 3, 3, &n);
    const bool blocks = lua_toboolean(L, 4);
    luaL_argcheck(L, x->is_open && x->taken <= n, 2, "not an exchange of these bytes");
    for (short events; (events = move(c, x, bytes, n)) != 0;) {
        const readiness waited = wait_for(c->fd, events, x->deadline, blocks);
        if (waited == LATE) eko_exchange_late(x);
        if (waited != INTERRUPTED) continue;
        lua_pushinteger(L, (lua_Integer)c->fd);
        lua_pushboolean(L, events == POLLOUT);
        return 2;
    }
    rest(c, eko_exchange_keep(x));
    return 0;
}

/* drive knows each of the three types without looking its name up. */
static void add_drive(lua_State *L)
{
    luaL_getmetatable(L, CONNECTION);
    lua_getfield(L, -1, "__index");
    lua_insert(L, -2);
    luaL_getmetatable(L, EKO_EXCHANGE);
    luaL_getmetatable(L, EKO_DRAFT);
    lua_pushcclosure(L, connection_drive, 3);
    lua_setfield(L, -2, "drive");
    lua_pop(L, 1);
}

/* Not one that was made before a fork. Bytes that wait on it are not an answer to anything; over TLS they may be a
 * session ticket, which is fine. */
static bool is_alive(connection *c)
{
    char byte;
    const ssize_t n = c->net->pid == eko_pid() ? recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) : 0;
    bool alive = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (n > 0 && c->tls) {
        size_t got = 0;
        alive = curl_easy_recv(c->easy, &byte, 1, &got) == CURLE_AGAIN;
        ERR_clear_error();
    }
    return alive;
}

/* connection:wake([youngest]) -> boolean: whether an idle connection can carry another request; or nothing when it was
 * idle for `youngest` seconds or more. */
static int connection_wake(lua_State *L)
{
    connection *c = check_connection(L, 1);
    const double idle = eko_boottime() - c->idle_since;
    if (lua_toboolean(L, 2) && idle >= check_seconds(L, 2)) return 0;
    lua_pushboolean(L, idle < c->keep && is_alive(c));
    return 1;
}

static void push_seconds(lua_State *L, CURL *easy, CURLINFO info, const char *field)
{
    curl_off_t microseconds = 0;
    curl_easy_getinfo(easy, info, &microseconds);
    lua_pushnumber(L, (lua_Number)microseconds / 1e6);
    lua_setfield(L, -2, field);
}

/* connection:timings() -> { name_lookup =, connect =, tls = }, seconds from the start of connecting */
static int connection_timings(lua_State *L)
{
    connection *c = check_connection(L, 1);
    lua_createtable(L, 0, 6);
    push_seconds(L, c->easy, CURLINFO_NAMELOOKUP_TIME_T, "name_lookup");
    push_seconds(L, c->easy, CURLINFO_CONNECT_TIME_T, "connect");
    push_seconds(L, c->easy, CURLINFO_APPCONNECT_TIME_T, "tls");
    return 1;
}

/* ---- the process ---- */

/* sleep(seconds), whatever signals come */
static int connection_sleep(lua_State *L)
{
    const double deadline = eko_monotonic() + check_seconds(L, 1);
    for (double left; (left = deadline - eko_monotonic()) > 0;) {
        if (left > 86400) left = 86400;
        const struct timespec t = {.tv_sec = (time_t)left, .tv_nsec = (long)((left - (double)(time_t)left) * 1e9)};
        nanosleep(&t, NULL);
    }
    return 0;
}

/* poll(sockets, wants_write, timeout_seconds) -> a list of the positions that are ready
 * `sockets` is a list of descriptors, `wants_write` a list of booleans beside it. Empty when the time is up or a signal
 * came. */
static int connection_poll(lua_State *L)
{
    enum { SOCKETS = 1, WANTS_WRITE, TIMEOUT };
    const double deadline = eko_monotonic() + check_seconds(L, TIMEOUT);
    luaL_checktype(L, SOCKETS, LUA_TTABLE);
    luaL_checktype(L, WANTS_WRITE, LUA_TTABLE);
    const int n = (int)lua_rawlen(L, SOCKETS);
    struct pollfd *list = lua_newuserdatauv(L, ((size_t)n + 1) * sizeof *list, 0);
    for (int i = 0; i < n; i++) {
        lua_rawgeti(L, SOCKETS, i + 1);
        lua_rawgeti(L, WANTS_WRITE, i + 1);
        const short events = lua_toboolean(L, -1) ? POLLOUT : POLLIN;
        list[i] = (struct pollfd){.fd = (int)lua_tointeger(L, -2), .events = events};
        lua_pop(L, 2);
    }
    lua_newtable(L);
    if (poll(list, (nfds_t)n, milliseconds(deadline - eko_monotonic())) <= 0) return 1;
    for (int i = 0, ready = 0; i < n; i++) {
        if (list[i].revents == 0) continue;
        lua_pushinteger(L, i + 1);
        lua_rawseti(L, -2, ++ready);
    }
    return 1;
}

/* pid() -> of this process */
static int connection_pid(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)eko_pid());
    return 1;
}

void eko_open_connection(lua_State *L)
{
    static const luaL_Reg connection_methods[] = {
        {"wake", connection_wake}, {"timings", connection_timings}, {NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"sleep", connection_sleep}, {"poll", connection_poll}, {"pid", connection_pid}, {NULL, NULL}};
    eko_new_type(L, CONNECTION, connection_methods, connection_close);
    add_drive(L);
    luaL_setfuncs(L, functions, 0);
    eko_open_network(L, network_connect);
}
