/* core.seal, core.unseal: AES-256-GCM with a random nonce, for journey state that travels through strangers' hands. */
#include "crypto/seal.h"

#include "base/type.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <string.h>

#define KEY_BYTES 32
#define NONCE_BYTES 12
#define TAG_BYTES 16
#define LONGEST 65536

typedef struct {
    const unsigned char *key, *text, *data;
    size_t text_length, data_length;
} operands;

static void check_operands(lua_State *L, operands *o)
{
    size_t key_length;
    o->key = (const unsigned char *)luaL_checklstring(L, 1, &key_length);
    o->text = (const unsigned char *)luaL_checklstring(L, 2, &o->text_length);
    o->data = (const unsigned char *)luaL_checklstring(L, 3, &o->data_length);
    luaL_argcheck(L, key_length == KEY_BYTES, 1, "a key of 32 bytes");
    luaL_argcheck(L, o->text_length <= LONGEST, 2, "at most 65536 bytes");
    luaL_argcheck(L, o->data_length <= LONGEST, 3, "at most 65536 bytes");
}

/* Puts nonce, ciphertext and tag into `out`; false when OpenSSL failed. */
static bool encrypt(EVP_CIPHER_CTX *ctx, const operands *o, unsigned char *out)
{
    unsigned char *nonce = out, *sealed = out + NONCE_BYTES;
    int n = 0, last = 0;
    return RAND_bytes(nonce, NONCE_BYTES) == 1 &&
           EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, o->key, nonce) == 1 &&
           EVP_EncryptUpdate(ctx, NULL, &n, o->data, (int)o->data_length) == 1 &&
           EVP_EncryptUpdate(ctx, sealed, &n, o->text, (int)o->text_length) == 1 &&
           EVP_EncryptFinal_ex(ctx, sealed + n, &last) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, sealed + o->text_length) == 1;
}

/* seal(key, plaintext, associated) -> nonce .. ciphertext .. tag */
static int core_seal(lua_State *L)
{
    operands o;
    check_operands(L, &o);
    const size_t length = NONCE_BYTES + o.text_length + TAG_BYTES;
    unsigned char *out = lua_newuserdatauv(L, length, 0);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    const bool ok = ctx != NULL && encrypt(ctx, &o, out);
    EVP_CIPHER_CTX_free(ctx);
    if (!ok) {
        ERR_clear_error();
        return luaL_error(L, "AES-256-GCM failed");
    }
    lua_pushlstring(L, (char *)out, length);
    return 1;
}

typedef enum { FAILED, NOT_AUTHENTIC, OPENED } opening;

/* Only the last step looks at the tag: whatever goes wrong before it says nothing about the text. */
static opening decrypt(EVP_CIPHER_CTX *ctx, const operands *o, unsigned char *out, size_t length)
{
    const unsigned char *sealed = o->text + NONCE_BYTES;
    unsigned char tag[TAG_BYTES];
    int n = 0, last = 0;
    memcpy(tag, sealed + length, TAG_BYTES);
    if (EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, o->key, o->text) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) != 1 ||
        EVP_DecryptUpdate(ctx, NULL, &n, o->data, (int)o->data_length) != 1 ||
        EVP_DecryptUpdate(ctx, out, &n, sealed, (int)length) != 1)
        return FAILED;
    return EVP_DecryptFinal_ex(ctx, out + n, &last) == 1 ? OPENED : NOT_AUTHENTIC;
}

/* unseal(key, sealed, associated) -> plaintext, or nil, name, detail: not_authentic when a bit of it (or of the
 * associated data) is not as sealed; out_of_memory when OpenSSL could not look at it, which says nothing about it */
static int core_unseal(lua_State *L)
{
    operands o;
    check_operands(L, &o);
    if (o.text_length < NONCE_BYTES + TAG_BYTES) return eko_push_failure(L, "not_authentic", "it is too short");
    const size_t length = o.text_length - NONCE_BYTES - TAG_BYTES;
    unsigned char *out = lua_newuserdatauv(L, length + 1, 0);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    const opening what = ctx == NULL ? FAILED : decrypt(ctx, &o, out, length);
    EVP_CIPHER_CTX_free(ctx);
    if (what == OPENED) lua_pushlstring(L, (char *)out, length);
    OPENSSL_cleanse(out, length);
    ERR_clear_error();
    if (what == FAILED) return eko_push_failure(L, "out_of_memory", "OpenSSL could not open it now");
    return what == OPENED ? 1 : eko_push_failure(L, "not_authentic", "it was changed, or sealed with another key");
}

void eko_open_seal(lua_State *L)
{
    lua_pushcfunction(L, core_seal);
    lua_setfield(L, -2, "seal");
    lua_pushcfunction(L, core_unseal);
    lua_setfield(L, -2, "unseal");
}
