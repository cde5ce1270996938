#include "crypto/digest.h"

#include "base/base64.h"
#include "base/write.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define DIGEST_BYTES 32

/* text.sha256_hex(s) -> 64 hexadecimal digits, in lower case */
static int text_sha256_hex(lua_State *L)
{
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    unsigned char digest[DIGEST_BYTES];
    unsigned int length = 0;
    if (EVP_Digest(s, n, digest, &length, EVP_sha256(), NULL) != 1) {
        ERR_clear_error();
        return luaL_error(L, "SHA-256 failed");
    }
    char hex[2 * DIGEST_BYTES];
    eko_buffer out = {.bytes = hex, .room = sizeof hex};
    eko_put_hex(L, &out, digest, sizeof digest);
    lua_pushlstring(L, hex, sizeof hex);
    return 1;
}

/* text.hmac_sha256_base64(key, message) -> the digest in base64 */
static int text_hmac_sha256_base64(lua_State *L)
{
    size_t key_length, n;
    const char *key = luaL_checklstring(L, 1, &key_length);
    const char *message = luaL_checklstring(L, 2, &n);
    luaL_argcheck(L, key_length <= INT_MAX, 1, "a key of less than 2 GiB");
    unsigned char digest[DIGEST_BYTES];
    unsigned int length = 0;
    if (HMAC(EVP_sha256(), key, (int)key_length, (const unsigned char *)message, n, digest, &length) == NULL) {
        ERR_clear_error();
        return luaL_error(L, "HMAC-SHA256 failed");
    }
    char out[4 * (DIGEST_BYTES / 3 + 1)];
    lua_pushlstring(L, out, eko_base64(out, digest, DIGEST_BYTES));
    return 1;
}

/* text.constant_time_equal(a, b) -> boolean; how long it takes tells nothing but whether they have one length */
static int text_constant_time_equal(lua_State *L)
{
    size_t a_length, b_length;
    const char *a = luaL_checklstring(L, 1, &a_length);
    const char *b = luaL_checklstring(L, 2, &b_length);
    lua_pushboolean(L, a_length == b_length && CRYPTO_memcmp(a, b, a_length) == 0);
    return 1;
}

void eko_open_digest(lua_State *L)
{
    static const luaL_Reg functions[] = {{"sha256_hex", text_sha256_hex},
                                         {"hmac_sha256_base64", text_hmac_sha256_base64},
                                         {"constant_time_equal", text_constant_time_equal},
                                         {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
