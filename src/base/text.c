/* core.text: small pure functions over bytes: UTF-8, clocks, reference ids, check digits, masking, digests. */
#include "draft/format.h"
#include "base/write.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define STACK_BYTES EKO_STACK_BYTES

int64_t eko_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

double eko_monotonic(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Goes on while the machine sleeps, unlike the monotonic clock; where there is none, the monotonic one. */
double eko_boottime(void)
{
#ifdef CLOCK_BOOTTIME
    struct timespec t;
    if (clock_gettime(CLOCK_BOOTTIME, &t) == 0) return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
#endif
    return eko_monotonic();
}

static int text_now_ms(lua_State *L)
{
    /* As a number and not an integer on 5.1: 2^53 ms is in the year 287396. */
    lua_pushinteger(L, (lua_Integer)eko_now_ms());
    return 1;
}

static int text_monotonic(lua_State *L)
{
    lua_pushnumber(L, eko_monotonic());
    return 1;
}

/* text.boottime() -> seconds of a clock that never steps and counts the time that the machine was suspended */
static int text_boottime(lua_State *L)
{
    lua_pushnumber(L, eko_boottime());
    return 1;
}

/* ---- UTF-8 ---- */

size_t eko_utf8_length(const unsigned char *p, size_t n)
{
    unsigned char c = p[0];
    if (c < 0x80) return 1;
    if (c < 0xc2) return 0;
    if (c < 0xe0) return n >= 2 && (p[1] & 0xc0) == 0x80 ? 2 : 0;
    if (c < 0xf0) {
        if (n < 3 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80) return 0;
        if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f)) return 0; /* overlong, surrogate */
        return 3;
    }
    if (c < 0xf5) {
        if (n < 4 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80 || (p[3] & 0xc0) != 0x80) return 0;
        if ((c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] > 0x8f)) return 0; /* overlong, above U+10FFFF */
        return 4;
    }
    return 0;
}

/* text.trim(s) -> s without blanks at its ends, be they visible or not */
static int text_trim(lua_State *L)
{
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    s = eko_trim(s, &n);
    lua_pushlstring(L, s, n);
    return 1;
}

static int text_is_utf8(lua_State *L)
{
    size_t n, i = 0;
    const unsigned char *s = (const unsigned char *)luaL_checklstring(L, 1, &n);
    while (i < n) {
        size_t length = eko_utf8_length(s + i, n - i);
        if (length == 0) break;
        i += length;
    }
    lua_pushboolean(L, i == n);
    return 1;
}

/* ---- randomness and reference ids ---- */

static void random_or_error(lua_State *L, unsigned char *out, size_t n)
{
    if (RAND_bytes(out, (int)n) != 1) {
        ERR_clear_error();
        luaL_error(L, "the system's random generator failed");
    }
}

static int text_random_bytes(lua_State *L)
{
    lua_Integer n = luaL_checkinteger(L, 1);
    unsigned char stack[STACK_BYTES];
    luaL_argcheck(L, n >= 0 && n <= STACK_BYTES, 1, "0 to 2048 bytes");
    random_or_error(L, stack, (size_t)n);
    lua_pushlstring(L, (char *)stack, (size_t)n);
    OPENSSL_cleanse(stack, (size_t)n);
    return 1;
}

static int text_random(lua_State *L)
{
    uint64_t bits;
    random_or_error(L, (unsigned char *)&bits, sizeof bits);
    lua_pushnumber(L, (lua_Number)(bits >> 11) / 9007199254740992.0);
    return 1;
}

/* Random bytes for the ids to come: the generator costs ten times what the rest of an id does. A child of a fork must
 * not use what its parent has. */
typedef struct {
    pid_t pid;
    size_t used;
    unsigned char bytes[2048];
} pool;

static unsigned char draw(lua_State *L, pool *p)
{
    if (p->used == sizeof p->bytes) {
        random_or_error(L, p->bytes, sizeof p->bytes);
        p->used = 0;
    }
    return p->bytes[p->used++];
}

/* 20 characters: 9 of the millisecond, most significant first, so that ids sort by time; 11 random (65 bits).
 * The alphabet is in ASCII order for the same reason and lies within A-Za-z0-9. */
static int text_ref_id(lua_State *L)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    pool *p = lua_touserdata(L, lua_upvalueindex(1));
    char id[20];
    lua_Number given = luaL_optnumber(L, 1, 0);
    int64_t now;
    int i;
    luaL_argcheck(L, given >= 0 && given <= 9007199254740992.0, 1, "milliseconds since the Unix epoch");
    now = lua_isnoneornil(L, 1) ? eko_now_ms() : (int64_t)given;
    if (p->pid != eko_pid()) {
        p->pid = eko_pid();
        p->used = sizeof p->bytes;
    }
    for (i = 8; i >= 0; i--) {
        id[i] = digits[now % 36];
        now /= 36;
    }
    for (i = 9; i < 20; i++) {
        unsigned char c = draw(L, p);
        while (c >= 248) c = draw(L, p); /* 248 = 4 * 62: no digit is likelier than another */
        id[i] = digits[c % 62];
    }
    lua_pushlstring(L, id, sizeof id);
    return 1;
}

static void open_ref_id(lua_State *L)
{
    pool *p = lua_newuserdata(L, sizeof *p);
    memset(p, 0, sizeof *p);
    lua_pushcclosure(L, text_ref_id, 1);
    lua_setfield(L, -2, "ref_id");
}

/* ---- check digits (Verhoeff, as UIDAI uses for the Aadhaar number) ---- */

static const unsigned char dihedral[10][10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 4, 0, 6, 7, 8, 9, 5},
                                               {2, 3, 4, 0, 1, 7, 8, 9, 5, 6}, {3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
                                               {4, 0, 1, 2, 3, 9, 5, 6, 7, 8}, {5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
                                               {6, 5, 9, 8, 7, 1, 0, 4, 3, 2}, {7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
                                               {8, 7, 6, 5, 9, 3, 2, 1, 0, 4}, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}};
static const unsigned char permutation[8][10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 5, 7, 6, 2, 8, 3, 0, 9, 4},
                                                 {5, 8, 0, 3, 7, 9, 6, 1, 4, 2}, {8, 9, 1, 6, 0, 4, 3, 5, 2, 7},
                                                 {9, 4, 5, 3, 1, 2, 6, 8, 7, 0}, {4, 2, 8, 6, 5, 7, 3, 9, 0, 1},
                                                 {2, 7, 9, 3, 8, 0, 6, 4, 1, 5}, {7, 0, 4, 6, 9, 1, 3, 2, 5, 8}};

int eko_verhoeff(const char *s, size_t n, size_t from)
{
    int c = 0;
    size_t i;
    for (i = 0; i < n; i++) {
        char d = s[n - 1 - i];
        if (d < '0' || d > '9') return -1;
        c = dihedral[c][permutation[(i + from) % 8][d - '0']];
    }
    return c;
}

static int text_verhoeff(lua_State *L)
{
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    lua_pushboolean(L, n > 1 && eko_verhoeff(s, n, 0) == 0);
    return 1;
}

static int text_verhoeff_digit(lua_State *L)
{
    static const char inverse[] = "0432156789";
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    int c = eko_verhoeff(s, n, 1);
    if (n == 0 || c < 0) return eko_push_failure(L, "invalid_digits", "only digits have a check digit");
    lua_pushlstring(L, inverse + c, 1);
    return 1;
}

/* ---- masking ---- */

static int text_mask(lua_State *L)
{
    size_t n, i;
    const char *s = luaL_checklstring(L, 1, &n);
    lua_Integer keep = luaL_optinteger(L, 2, 4);
    const char *cover = luaL_optstring(L, 3, "*");
    unsigned char stack[STACK_BYTES];
    unsigned char *out = eko_scratch(L, stack, n + 1);
    luaL_argcheck(L, keep >= 0, 2, "a count of characters");
    luaL_argcheck(L, cover[0] != 0 && cover[1] == 0, 3, "one character");
    /* A value no longer than what may be shown is covered whole. */
    for (i = 0; i < n; i++)
        out[i] = (lua_Integer)(n - i) > keep || (lua_Integer)n <= keep ? (unsigned char)cover[0] : (unsigned char)s[i];
    lua_pushlstring(L, (char *)out, n);
    return 1;
}

/* ---- digests ---- */

static int text_sha256_hex(lua_State *L)
{
    unsigned char digest[32];
    char hex[64];
    eko_buffer out = {hex, 0, sizeof hex};
    unsigned int length = 0;
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    if (EVP_Digest(s, n, digest, &length, EVP_sha256(), NULL) != 1) {
        ERR_clear_error();
        return luaL_error(L, "SHA-256 failed");
    }
    eko_put_hex(L, &out, digest, sizeof digest);
    lua_pushlstring(L, hex, sizeof hex);
    return 1;
}

static int text_hmac_sha256_base64(lua_State *L)
{
    unsigned char digest[32];
    char out[44];
    unsigned int length = 0;
    size_t key_length, n;
    const char *key = luaL_checklstring(L, 1, &key_length);
    const char *message = luaL_checklstring(L, 2, &n);
    luaL_argcheck(L, key_length <= INT_MAX, 1, "a key of less than 2 GiB");
    if (HMAC(EVP_sha256(), key, (int)key_length, (const unsigned char *)message, n, digest, &length) == NULL) {
        ERR_clear_error();
        return luaL_error(L, "HMAC-SHA256 failed");
    }
    lua_pushlstring(L, out, eko_base64(out, digest, 32));
    return 1;
}

static int text_constant_time_equal(lua_State *L)
{
    size_t a_length, b_length;
    const char *a = luaL_checklstring(L, 1, &a_length);
    const char *b = luaL_checklstring(L, 2, &b_length);
    lua_pushboolean(L, a_length == b_length && CRYPTO_memcmp(a, b, a_length) == 0);
    return 1;
}

void eko_open_text(lua_State *L)
{
    static const luaL_Reg functions[] = {{"is_utf8", text_is_utf8},
                                         {"trim", text_trim},
                                         {"now_ms", text_now_ms},
                                         {"monotonic", text_monotonic},
                                         {"boottime", text_boottime},
                                         {"random", text_random},
                                         {"random_bytes", text_random_bytes},
                                         {"verhoeff", text_verhoeff},
                                         {"verhoeff_digit", text_verhoeff_digit},
                                         {"mask", text_mask},
                                         {"sha256_hex", text_sha256_hex},
                                         {"hmac_sha256_base64", text_hmac_sha256_base64},
                                         {"constant_time_equal", text_constant_time_equal},
                                         {NULL, NULL}};
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    eko_open_encoding(L);
    open_ref_id(L);
}
