/* What connections of one TLS identity share. Private to its folder. */
#ifndef EKO_NETWORK_H
#define EKO_NETWORK_H

#include "base/compat.h"

#include <curl/curl.h>
#include <openssl/x509.h>
#include <sys/types.h>

#pragma GCC visibility push(hidden)

/* Counted: one reference of its Lua object and one of each connection; freed with the last. */
typedef struct eko_network {
    CURLSH *share;
    X509_STORE *store; /* NULL: libcurl does not run on our OpenSSL and loads ca_file by itself */
    char *ca_file;     /* its own copy; NULL: the system's certificates */
    pid_t pid;
    int references;
} eko_network;

/* Lua owns it: who keeps it counts a reference. Raises when the argument is not an open network. */
eko_network *eko_check_network(lua_State *L, int index);

/* Drops a reference, of NULL none. In another process than the one it was made in, nothing is closed. */
void eko_network_release(eko_network *net);

/* What a failure to connect is called: a literal. */
const char *eko_name_of_failure(CURL *easy, CURLcode code);

/* Has an easy handle trust what the network trusts, which must outlive it. */
CURLcode eko_network_trust(CURL *easy, const eko_network *net);

/* Registers the type, with `connect` among its methods, and adds `network` and `check_proxy` to the table on top. */
void eko_open_network(lua_State *L, lua_CFunction connect);

#pragma GCC visibility pop

#endif
