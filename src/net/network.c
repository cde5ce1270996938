/* The network of core.connection: trusted certificates (parsed once), TLS sessions and looked-up names.
 *
 * Sessions are kept apart by TLS identity because a resumed session is not verified again. A network does not survive a
 * fork: a child makes its own. */
#include "net/network.h"

#include "base/process.h"
#include "base/type.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define NETWORK "eko.network"

typedef struct {
    eko_network *net;
} network_handle;

static CURLcode global_result;

static void global_init(void)
{
    global_result = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void check_global_init(lua_State *L)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, global_init);
    if (global_result != CURLE_OK) luaL_error(L, "libcurl could not be initialised");
}

void eko_network_release(eko_network *net)
{
    if (net == NULL || --net->references > 0 || net->pid != eko_pid()) return;
    if (net->share != NULL) curl_share_cleanup(net->share);
    X509_STORE_free(net->store);
    free(net->ca_file);
    free(net);
}

static int network_close(lua_State *L)
{
    network_handle *handle = eko_check_type(L, 1, NETWORK);
    eko_network *net = handle->net;
    handle->net = NULL;
    eko_network_release(net);
    return 0;
}

/* Whether libcurl runs on the OpenSSL that we are linked with, so that a store of ours can be given to it. */
static bool curl_has_our_openssl(void)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    if (info->ssl_version == NULL) return false;
    char ours[32];
    snprintf(ours, sizeof ours, "OpenSSL/%u.", OPENSSL_version_major());
    return strncmp(info->ssl_version, ours, strlen(ours)) == 0;
}

/* A directory of certificates is usable when it has hashed names (`c_rehash`): 1a2b3c4d.0 */
static bool is_hashed_directory(const char *path)
{
    DIR *dir = path == NULL ? NULL : opendir(path);
    if (dir == NULL) return false;
    bool found = false;
    for (const struct dirent *entry; !found && (entry = readdir(dir)) != NULL;) {
        const size_t n = strlen(entry->d_name);
        found = n == 10 && strcmp(entry->d_name + 8, ".0") == 0;
    }
    closedir(dir);
    return found;
}

/* The system's certificates: the hashed directory costs nothing until a certificate is looked up in it, the bundle is
 * parsed whole. Where libcurl was built for lies in its defaults. */
static bool load_system_store(X509_STORE *store)
{
    CURL *probe = curl_easy_init();
    if (probe == NULL) return false;
    char *file = NULL, *directory = NULL;
    int ok = 0;
    curl_easy_getinfo(probe, CURLINFO_CAPATH, &directory);
    curl_easy_getinfo(probe, CURLINFO_CAINFO, &file);
    if (is_hashed_directory(directory)) ok = X509_STORE_load_path(store, directory);
    if (!ok && file != NULL) ok = X509_STORE_load_file(store, file);
    if (!ok) ok = X509_STORE_set_default_paths(store);
    curl_easy_cleanup(probe);
    return ok == 1;
}

/* A file of certificates is read here in any case, so that a bad one is noticed before it is needed. */
static bool load_store(eko_network *net)
{
    const bool is_ours = curl_has_our_openssl();
    if (!is_ours && net->ca_file == NULL) return true;
    net->store = X509_STORE_new();
    if (net->store == NULL) return false;
    const bool ok =
        net->ca_file != NULL ? X509_STORE_load_file(net->store, net->ca_file) == 1 : load_system_store(net->store);
    if (!is_ours) {
        X509_STORE_free(net->store);
        net->store = NULL;
    }
    return ok;
}

static bool open_share(eko_network *net)
{
    net->share = curl_share_init();
    return net->share != NULL && curl_share_setopt(net->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) == CURLSHE_OK &&
           curl_share_setopt(net->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) == CURLSHE_OK;
}

/* Whether that was why OpenSSL failed: it says so, or says no more than that some part of it failed. Its queue of
 * errors is empty afterwards. */
static bool ran_out_of_memory(void)
{
    bool has_error = false, says_so = false, has_cause = false;
    for (unsigned long code; (code = ERR_get_error()) != 0;) {
        const int reason = ERR_GET_REASON(code);
        const bool is_system = ERR_SYSTEM_ERROR(code);
        has_error = true;
        if (is_system ? reason == ENOMEM : reason == ERR_R_MALLOC_FAILURE)
            says_so = true;
        else if (is_system || (reason & ERR_RFLAG_COMMON) == 0)
            has_cause = true;
    }
    return has_error && (says_so || !has_cause);
}

static int push_no_memory(lua_State *L)
{
    return eko_push_failure(L, "out_of_memory", "what connections share could not be made now");
}

/* network([ca_file]) -> network, or nil, name, detail: out_of_memory, ca_file_unreadable */
static int network_new(lua_State *L)
{
    const char *ca_file = luaL_optstring(L, 1, NULL);
    check_global_init(L);
    network_handle *handle = lua_newuserdatauv(L, sizeof *handle, 0);
    handle->net = NULL;
    luaL_getmetatable(L, NETWORK);
    lua_setmetatable(L, -2);
    eko_network *net = handle->net = calloc(1, sizeof *net);
    if (net == NULL) return push_no_memory(L);
    net->references = 1;
    net->pid = eko_pid();
    if (ca_file != NULL && (net->ca_file = strdup(ca_file)) == NULL) return push_no_memory(L);
    if (!open_share(net)) return push_no_memory(L);
    ERR_clear_error();
    const bool ok = load_store(net);
    if (ran_out_of_memory() && !ok) return push_no_memory(L);
    if (!ok)
        return eko_push_failure(L, "ca_file_unreadable",
                                ca_file != NULL ? "the file has no certificate that can be read (PEM is expected)"
                                                : "the system's certificates were not found");
    return 1;
}

/* Whether this libcurl can talk to proxies of a scheme. */
static bool is_proxy_scheme(const char *scheme)
{
    static const char *const schemes[] = {"http", "socks4", "socks4a", "socks5", "socks5h"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (strcasecmp(scheme, schemes[i]) == 0) return true;
    return strcasecmp(scheme, "https") == 0 &&
           (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTPS_PROXY);
}

/* Why it cannot work, a literal, or NULL. */
static const char *proxy_problem(CURLU *url, const char *proxy)
{
    const CURLUcode code = curl_url_set(url, CURLUPART_URL, proxy, CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME);
    if (code == CURLUE_OUT_OF_MEMORY) return NULL;
    if (code == CURLUE_BAD_PORT_NUMBER) return "its port is not valid";
    if (code == CURLUE_NO_HOST || strstr(proxy, ":///") != NULL) return "it has no host";
    if (code != CURLUE_OK) return "it is not a URL such as http://host:port";
    char *scheme = NULL, *port = NULL;
    const char *problem = NULL;
    if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK && !is_proxy_scheme(scheme))
        problem = "the libcurl of this machine knows no proxies of its scheme";
    else if (curl_url_get(url, CURLUPART_PORT, &port, 0) == CURLUE_OK && strtol(port, NULL, 10) == 0)
        problem = "its port is not valid";
    curl_free(scheme);
    curl_free(port);
    return problem;
}

/* check_proxy(url) -> true, or nil and why it cannot work. A proxy's URL may hold a password: the reason shows nothing
 * of it. */
static int network_check_proxy(lua_State *L)
{
    const char *proxy = luaL_checkstring(L, 1);
    CURLU *url = curl_url();
    const char *problem = url != NULL ? proxy_problem(url, proxy) : NULL;
    curl_url_cleanup(url);
    if (problem == NULL) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, problem);
    return 2;
}

eko_network *eko_check_network(lua_State *L, int index)
{
    network_handle *handle = eko_check_type(L, index, NETWORK);
    luaL_argcheck(L, handle->net != NULL, index, "the network is closed");
    return handle->net;
}

static CURLcode use_store(CURL *easy, void *ssl_ctx, void *store)
{
    (void)easy;
    SSL_CTX_set1_cert_store(ssl_ctx, store);
    return CURLE_OK;
}

CURLcode eko_network_trust(CURL *easy, const eko_network *net)
{
    CURLcode code;
    if (net->store == NULL)
        return net->ca_file != NULL ? curl_easy_setopt(easy, CURLOPT_CAINFO, net->ca_file) : CURLE_OK;
    code = curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, use_store);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, net->store);
    return code;
}

static const char *name_of_errno(long os_errno)
{
    switch (os_errno) {
    case ENOENT: /* a socket in the file system that is not there */
    case ECONNREFUSED: return "connection_refused";
    case ENETUNREACH:
    case EHOSTUNREACH: return "network_unreachable";
    case ETIMEDOUT: return "timeout";
    case ECONNRESET:
    case EPIPE: return "connection_reset";
    default: return "connection_failed";
    }
}

const char *eko_name_of_failure(CURL *easy, CURLcode code)
{
    long os_errno = 0, proxy_status = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_errno);
    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST: return "host_not_found";
    case CURLE_COULDNT_RESOLVE_PROXY: return "proxy_not_found";
    case CURLE_OPERATION_TIMEDOUT: return "timeout";
    case CURLE_PEER_FAILED_VERIFICATION: return "tls_verification_failed";
    case CURLE_SSL_CACERT_BADFILE: return "ca_file_unreadable";
    case CURLE_SSL_CONNECT_ERROR: return "tls_handshake_failed";
    case CURLE_OUT_OF_MEMORY: return "out_of_memory";
    case CURLE_PROXY: return "proxy_refused";
    case CURLE_COULDNT_CONNECT: return name_of_errno(os_errno);
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING: return proxy_status >= 300 ? "proxy_refused" : "connection_reset";
    default: return "connection_failed";
    }
}

void eko_open_network(lua_State *L, lua_CFunction connect)
{
    const luaL_Reg methods[] = {{"connect", connect}, {NULL, NULL}};
    eko_new_type(L, NETWORK, methods, network_close);
    lua_pushcfunction(L, network_new);
    lua_setfield(L, -2, "network");
    lua_pushcfunction(L, network_check_proxy);
    lua_setfield(L, -2, "check_proxy");
}
