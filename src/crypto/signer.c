/* core.signer: the signature of a call.
 *
 * secret-key = base64(HMAC-SHA256(key = the ASCII bytes of base64(access_key), message = decimal milliseconds)).
 * The two key blocks of HMAC are hashed once, here; a signature then copies those two states. */
#include "crypto/signer.h"

#include "base/base64.h"
#include "base/type.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 64
#define DIGEST 32

struct eko_signer {
    EVP_MD_CTX *inner, *outer, *work;
    char *key; /* the access key as it was given, for find */
    size_t key_size;
};

static int signer_close(lua_State *L)
{
    eko_signer *s = eko_check_type(L, 1, EKO_SIGNER);
    /* EVP_MD_CTX_free cleanses the digest state. */
    EVP_MD_CTX_free(s->inner);
    EVP_MD_CTX_free(s->outer);
    EVP_MD_CTX_free(s->work);
    OPENSSL_clear_free(s->key, s->key_size);
    memset(s, 0, sizeof *s);
    return 0;
}

/* A key block, as HMAC hashes it before all else; false when OpenSSL failed. */
static bool absorb(EVP_MD_CTX *ctx, const unsigned char *key, unsigned char pad)
{
    unsigned char block[BLOCK];
    for (int i = 0; i < BLOCK; i++) block[i] = key[i] ^ pad;
    const bool ok = EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 && EVP_DigestUpdate(ctx, block, BLOCK) == 1;
    OPENSSL_cleanse(block, BLOCK);
    return ok;
}

/* The HMAC key block: base64 of the access key, hashed first when it is longer than a block (RFC 2104). */
static bool key_block(unsigned char block[BLOCK], const char *access_key, size_t n)
{
    const size_t size = 4 * (n / 3 + 1);
    char *encoded = OPENSSL_malloc(size);
    if (encoded == NULL) return false;
    unsigned int digest_length = 0;
    bool ok = true;
    const size_t length = eko_base64(encoded, (const unsigned char *)access_key, n);
    memset(block, 0, BLOCK);
    if (length > BLOCK)
        ok = EVP_Digest(encoded, length, block, &digest_length, EVP_sha256(), NULL) == 1;
    else
        memcpy(block, encoded, length);
    OPENSSL_clear_free(encoded, size);
    return ok;
}

/* signer(access_key) -> signer, which keeps the key where nobody gets at it */
static int signer_new(lua_State *L)
{
    size_t n;
    const char *access_key = luaL_checklstring(L, 1, &n);
    luaL_argcheck(L, n > 0, 1, "the access key is empty");
    eko_signer *s = lua_newuserdatauv(L, sizeof *s, 0);
    memset(s, 0, sizeof *s);
    luaL_getmetatable(L, EKO_SIGNER);
    lua_setmetatable(L, -2);
    s->inner = EVP_MD_CTX_new();
    s->outer = EVP_MD_CTX_new();
    s->work = EVP_MD_CTX_new();
    s->key = OPENSSL_memdup(access_key, n);
    s->key_size = n;
    unsigned char block[BLOCK];
    const bool ok = s->inner != NULL && s->outer != NULL && s->work != NULL && s->key != NULL &&
                    key_block(block, access_key, n) && absorb(s->inner, block, 0x36) && absorb(s->outer, block, 0x5c);
    OPENSSL_cleanse(block, BLOCK);
    if (!ok) {
        ERR_clear_error();
        return luaL_error(L, "HMAC-SHA256 could not be set up");
    }
    return 1;
}

/* The timestamp as the ASCII digits that are signed; an integer on 5.4, a double with no fraction elsewhere. */
static const char *check_timestamp(lua_State *L, int index, char buffer[EKO_DECIMAL], size_t *n)
{
    if (lua_type(L, index) == LUA_TNUMBER) {
        const lua_Number d = lua_tonumber(L, index);
        if (!(d >= 0 && d <= EKO_EXACT) || d != (lua_Number)(uint64_t)d)
            luaL_argerror(L, index, "milliseconds since the Unix epoch, a whole number");
        return eko_decimal((uint64_t)d, buffer, n);
    }
    const char *s = luaL_checklstring(L, index, n);
    luaL_argcheck(L, *n > 0 && *n <= 20, index, "milliseconds since the Unix epoch as digits");
    for (size_t i = 0; i < *n; i++)
        luaL_argcheck(L, s[i] >= '0' && s[i] <= '9', index, "milliseconds since the Unix epoch as digits");
    return s;
}

/* The signature of n digits; false when OpenSSL failed. */
static bool sign(const eko_signer *s, const char *timestamp, size_t n, char out[EKO_SIGNATURE])
{
    unsigned char digest[DIGEST];
    if (EVP_MD_CTX_copy_ex(s->work, s->inner) != 1 || EVP_DigestUpdate(s->work, timestamp, n) != 1 ||
        EVP_DigestFinal_ex(s->work, digest, NULL) != 1 || EVP_MD_CTX_copy_ex(s->work, s->outer) != 1 ||
        EVP_DigestUpdate(s->work, digest, DIGEST) != 1 || EVP_DigestFinal_ex(s->work, digest, NULL) != 1) {
        ERR_clear_error();
        return false;
    }
    eko_base64(out, digest, DIGEST);
    return true;
}

static eko_signer *check_signer(lua_State *L)
{
    eko_signer *s = eko_check_type(L, 1, EKO_SIGNER);
    luaL_argcheck(L, s->work != NULL, 1, "the signer is closed");
    return s;
}

/* signer:sign(timestamp) -> secret_key */
static int signer_sign(lua_State *L)
{
    const eko_signer *s = check_signer(L);
    char digits[EKO_DECIMAL], out[EKO_SIGNATURE];
    size_t n;
    const char *timestamp = check_timestamp(L, 2, digits, &n);
    if (!sign(s, timestamp, n, out)) return luaL_error(L, "HMAC-SHA256 failed");
    lua_pushlstring(L, out, sizeof out);
    return 1;
}

/* signer:find(text[, from]) -> the first and the last byte of the access key where it stands in a text, or nothing. The
 * key is in here alone, where nobody who holds the signer can get at it; but no text that is shown may repeat it. */
static int signer_find(lua_State *L)
{
    const eko_signer *s = check_signer(L);
    size_t n;
    const char *text = luaL_checklstring(L, 2, &n);
    const lua_Integer from = luaL_optinteger(L, 3, 1);
    if (from < 1 || (size_t)from > n) return 0;
    const char *found = memmem(text + from - 1, n - (size_t)from + 1, s->key, s->key_size);
    if (found == NULL) return 0;
    lua_pushinteger(L, (lua_Integer)(found - text) + 1);
    lua_pushinteger(L, (lua_Integer)(found - text) + (lua_Integer)s->key_size);
    return 2;
}

bool eko_make_stamp(lua_State *L, const eko_signer *s, eko_timestamps *t, int now, eko_stamp *made)
{
    if (s->work == NULL) luaL_error(L, "the signer is closed");
    made->at = eko_take_timestamp(L, t, now, &made->wait);
    if (made->at == 0) return false;
    made->timestamp = eko_decimal((uint64_t)made->at, made->digits, &made->timestamp_size);
    if (!sign(s, made->timestamp, made->timestamp_size, made->secret_key)) luaL_error(L, "HMAC-SHA256 failed");
    return true;
}

void eko_open_signer(lua_State *L)
{
    static const luaL_Reg methods[] = {{"sign", signer_sign}, {"find", signer_find}, {NULL, NULL}};
    eko_new_type(L, EKO_SIGNER, methods, signer_close);
    lua_pushcfunction(L, signer_new);
    lua_setfield(L, -2, "signer");
}
