/* The yardsticks' signature: base64(HMAC-SHA256(base64(access_key), milliseconds)) from two prepared digest states, the
 * fastest way through OpenSSL's calls that are not deprecated. */
#ifndef BENCH_OPENSSL_SIGN_H
#define BENCH_OPENSSL_SIGN_H

#include <openssl/evp.h>
#include <string.h>

#define BLOCK 64
#define DIGEST 32
#define SIGNATURE_SIZE 45 /* 44 characters and the final zero */

typedef struct {
    EVP_MD_CTX *inner, *outer, *work;
} signing;

static int absorb_key(EVP_MD_CTX *state, const unsigned char key[BLOCK], unsigned char pad)
{
    unsigned char block[BLOCK];
    for (int i = 0; i < BLOCK; i++) block[i] = key[i] ^ pad;
    return state != NULL && EVP_DigestInit_ex(state, EVP_sha256(), NULL) == 1 &&
           EVP_DigestUpdate(state, block, BLOCK) == 1;
}

/* The access key must fit a block once it is base64: 48 bytes at most. */
static int signing_open(signing *s, const char *access_key)
{
    unsigned char key[BLOCK + 1] = {0};
    if (strlen(access_key) > 48) return 0;
    EVP_EncodeBlock(key, (const unsigned char *)access_key, (int)strlen(access_key));
    s->inner = EVP_MD_CTX_new();
    s->outer = EVP_MD_CTX_new();
    s->work = EVP_MD_CTX_new();
    return s->work != NULL && absorb_key(s->inner, key, 0x36) && absorb_key(s->outer, key, 0x5c);
}

static int sign(signing *s, const char *message, size_t length, char out[SIGNATURE_SIZE])
{
    unsigned char digest[DIGEST];
    if (EVP_MD_CTX_copy_ex(s->work, s->inner) != 1 || EVP_DigestUpdate(s->work, message, length) != 1 ||
        EVP_DigestFinal_ex(s->work, digest, NULL) != 1 || EVP_MD_CTX_copy_ex(s->work, s->outer) != 1 ||
        EVP_DigestUpdate(s->work, digest, DIGEST) != 1 || EVP_DigestFinal_ex(s->work, digest, NULL) != 1)
        return 0;
    return EVP_EncodeBlock((unsigned char *)out, digest, DIGEST) == SIGNATURE_SIZE - 1;
}

static void signing_close(signing *s)
{
    EVP_MD_CTX_free(s->inner);
    EVP_MD_CTX_free(s->outer);
    EVP_MD_CTX_free(s->work);
}

#endif
