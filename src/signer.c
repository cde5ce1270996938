/* core.signer: the signature of a call; core.timestamps: the one-use timestamps that it signs.
 *
 * secret-key = base64(HMAC-SHA256(key = the ASCII bytes of base64(access_key), message = decimal milliseconds)).
 * The two key blocks of HMAC are hashed once, here; a signature then copies those two states. The platform takes a
 * timestamp once and only within two minutes of its own clock. */
#include "core.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define SIGNER "eko.signer"
#define TIMESTAMPS "eko.timestamps"
#define BLOCK 64
#define DIGEST 32
#define AHEAD_MS 60000
#define MAX_LANES 1000000 /* 1,000 machines with their workers, before and after a reload */

typedef struct {
    EVP_MD_CTX *inner, *outer, *work;
} signer;

static int signer_close(lua_State *L)
{
    signer *s = eko_check_type(L, 1, SIGNER);
    /* EVP_MD_CTX_free cleanses the digest state, which is all that is left of the key. */
    EVP_MD_CTX_free(s->inner);
    EVP_MD_CTX_free(s->outer);
    EVP_MD_CTX_free(s->work);
    memset(s, 0, sizeof *s);
    return 0;
}

static int absorb(EVP_MD_CTX *ctx, const unsigned char *key, unsigned char pad)
{
    unsigned char block[BLOCK];
    int ok, i;
    for (i = 0; i < BLOCK; i++) block[i] = key[i] ^ pad;
    ok = EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 && EVP_DigestUpdate(ctx, block, BLOCK) == 1;
    OPENSSL_cleanse(block, BLOCK);
    return ok;
}

/* The HMAC key block: base64 of the access key, hashed first when it is longer than a block (RFC 2104). */
static int key_block(unsigned char block[BLOCK], const char *access_key, size_t n)
{
    size_t size = 4 * (n / 3 + 1), length;
    char *encoded = OPENSSL_malloc(size);
    unsigned int digest_length = 0;
    int ok = 1;
    if (encoded == NULL) return 0;
    length = eko_base64(encoded, (const unsigned char *)access_key, n);
    memset(block, 0, BLOCK);
    if (length > BLOCK)
        ok = EVP_Digest(encoded, length, block, &digest_length, EVP_sha256(), NULL) == 1;
    else
        memcpy(block, encoded, length);
    OPENSSL_clear_free(encoded, size);
    return ok;
}

static int signer_new(lua_State *L)
{
    size_t n;
    const char *access_key = luaL_checklstring(L, 1, &n);
    unsigned char block[BLOCK];
    signer *s;
    int ok;
    luaL_argcheck(L, n > 0, 1, "the access key is empty");
    s = lua_newuserdatauv(L, sizeof *s, 0);
    memset(s, 0, sizeof *s);
    luaL_getmetatable(L, SIGNER);
    lua_setmetatable(L, -2);
    s->inner = EVP_MD_CTX_new();
    s->outer = EVP_MD_CTX_new();
    s->work = EVP_MD_CTX_new();
    ok = s->inner != NULL && s->outer != NULL && s->work != NULL && key_block(block, access_key, n) &&
         absorb(s->inner, block, 0x36) && absorb(s->outer, block, 0x5c);
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
        lua_Number d = lua_tonumber(L, index);
        if (!(d >= 0 && d <= 9007199254740992.0) || d != (lua_Number)(uint64_t)d)
            luaL_argerror(L, index, "milliseconds since the Unix epoch, a whole number");
        return eko_decimal((uint64_t)d, buffer, n);
    } else {
        const char *s = luaL_checklstring(L, index, n);
        size_t i;
        luaL_argcheck(L, *n > 0 && *n <= 20, index, "milliseconds since the Unix epoch as digits");
        for (i = 0; i < *n; i++)
            luaL_argcheck(L, s[i] >= '0' && s[i] <= '9', index, "milliseconds since the Unix epoch as digits");
        return s;
    }
}

/* The signature of n digits as 44 characters of base64; 0 when OpenSSL failed. */
static int sign(const signer *s, const char *timestamp, size_t n, char out[44])
{
    unsigned char digest[DIGEST];
    if (EVP_MD_CTX_copy_ex(s->work, s->inner) != 1 || EVP_DigestUpdate(s->work, timestamp, n) != 1 ||
        EVP_DigestFinal_ex(s->work, digest, NULL) != 1 || EVP_MD_CTX_copy_ex(s->work, s->outer) != 1 ||
        EVP_DigestUpdate(s->work, digest, DIGEST) != 1 || EVP_DigestFinal_ex(s->work, digest, NULL) != 1) {
        ERR_clear_error();
        return 0;
    }
    eko_base64(out, digest, DIGEST);
    return 1;
}

static signer *check_signer(lua_State *L)
{
    signer *s = eko_check_type(L, 1, SIGNER);
    luaL_argcheck(L, s->work != NULL, 1, "the signer is closed");
    return s;
}

/* signer:sign(timestamp) -> secret_key */
static int signer_sign(lua_State *L)
{
    const signer *s = check_signer(L);
    char digits[EKO_DECIMAL], out[44];
    size_t n;
    const char *timestamp = check_timestamp(L, 2, digits, &n);
    if (!sign(s, timestamp, n, out)) return luaL_error(L, "HMAC-SHA256 failed");
    lua_pushlstring(L, out, sizeof out);
    return 1;
}

#define BURNT_RANGES 4

typedef struct {
    int64_t from, to;
} range;

typedef struct {
    int64_t offset;      /* the platform's clock minus ours */
    int64_t first, last; /* the current run: handed out with no gap of a minute between; 0 before the first */
    int64_t index, count;
    range burnt[BURNT_RANGES]; /* earlier runs: never handed out again, should the clock come back to them */
    unsigned int burnt_next;
} timestamps;

static int timestamps_close(lua_State *L)
{
    (void)eko_check_type(L, 1, TIMESTAMPS);
    return 0;
}

static int timestamps_new(lua_State *L)
{
    lua_Integer index = luaL_optinteger(L, 1, 0), count = luaL_optinteger(L, 2, 1);
    timestamps *t;
    luaL_argcheck(L, count >= 1 && count <= MAX_LANES, 2, "a count of lanes from 1 to 1000000");
    luaL_argcheck(L, index >= 0 && index < count, 1, "a lane's index from 0 to count - 1");
    t = lua_newuserdatauv(L, sizeof *t, 0);
    memset(t, 0, sizeof *t);
    t->index = index;
    t->count = count;
    luaL_getmetatable(L, TIMESTAMPS);
    lua_setmetatable(L, -2);
    return 1;
}

/* The first timestamp of the lane that is not before `from`. */
static int64_t in_lane(const timestamps *t, int64_t from)
{
    int64_t gap = (t->index - from % t->count + t->count) % t->count;
    return from + gap;
}

static void end_run(timestamps *t)
{
    if (t->last == 0) return;
    t->burnt[t->burnt_next].from = t->first;
    t->burnt[t->burnt_next].to = t->last;
    t->burnt_next = (t->burnt_next + 1) % BURNT_RANGES;
    t->first = t->last = 0;
}

/* The first timestamp of the lane from `from` on that no burnt run holds. */
static int64_t unburnt(const timestamps *t, int64_t from)
{
    int64_t next = in_lane(t, from);
    int i;
    for (i = 0; i < BURNT_RANGES; i++) {
        if (next >= t->burnt[i].from && next <= t->burnt[i].to) {
            next = in_lane(t, t->burnt[i].to + 1);
            i = -1;
        }
    }
    return next;
}

/* The next timestamp; 0 when it would run too far ahead of the clock, with the ms to wait. */
static int64_t take(timestamps *t, int64_t clock, int64_t *wait)
{
    int64_t now = clock + t->offset, next;
    if (t->last > now + AHEAD_MS + t->count) end_run(t);
    next = unburnt(t, t->last >= now ? t->last + 1 : now);
    if (next > now + AHEAD_MS) {
        *wait = next - now - AHEAD_MS;
        return 0;
    }
    if (next - t->last > AHEAD_MS) {
        end_run(t);
        t->first = next;
    }
    t->last = next;
    return next;
}

static int64_t check_now(lua_State *L, int index)
{
    lua_Number now;
    if (lua_isnoneornil(L, index)) return eko_now_ms();
    now = luaL_checknumber(L, index);
    luaL_argcheck(L, now >= 1 && now < 9e15, index, "milliseconds since the Unix epoch");
    return (int64_t)now;
}

static int push_wait(lua_State *L, int64_t wait)
{
    lua_pushnil(L);
    lua_pushinteger(L, (lua_Integer)wait);
    return 2;
}

/* timestamps:next([now_ms]) -> ms, or nil and the ms to wait.
 * Strictly increasing, never more than 60 s ahead of the clock. A clock that was set back (more than 60 s behind what
 * was handed out already) starts again from its own time; what was handed out before stays used. */
static int timestamps_next(lua_State *L)
{
    timestamps *t = eko_check_type(L, 1, TIMESTAMPS);
    int64_t wait = 0, next = take(t, check_now(L, 2), &wait);
    if (next == 0) return push_wait(L, wait);
    lua_pushinteger(L, (lua_Integer)next);
    return 1;
}

/* 1, or 0 when it must wait. */
static int stamp(lua_State *L, const signer *s, timestamps *t, int64_t now, eko_stamp *made, int64_t *wait)
{
    int64_t next = take(t, now, wait);
    if (next == 0) return 0;
    made->timestamp = eko_decimal((uint64_t)next, made->digits, &made->timestamp_size);
    if (!sign(s, made->timestamp, made->timestamp_size, made->secret_key)) luaL_error(L, "HMAC-SHA256 failed");
    return 1;
}

/* signer:stamp(timestamps[, now_ms]) -> secret_key, timestamp (its digits); or nil and the ms to wait */
static int signer_stamp(lua_State *L)
{
    const signer *s = check_signer(L);
    timestamps *t = luaL_checkudata(L, 2, TIMESTAMPS);
    eko_stamp made;
    int64_t wait = 0;
    if (!stamp(L, s, t, check_now(L, 3), &made, &wait)) return push_wait(L, wait);
    lua_pushlstring(L, made.secret_key, sizeof made.secret_key);
    lua_pushlstring(L, made.timestamp, made.timestamp_size);
    return 2;
}

void *eko_check_signer(lua_State *L, int index)
{
    return luaL_checkudata(L, index, SIGNER);
}

void *eko_check_timestamps(lua_State *L, int index)
{
    return luaL_checkudata(L, index, TIMESTAMPS);
}

int eko_make_stamp(lua_State *L, const void *a_signer, void *some_timestamps, int now, eko_stamp *made)
{
    const signer *s = a_signer;
    int64_t wait = 0;
    if (s->inner == NULL) return luaL_error(L, "the signer is closed");
    return stamp(L, s, some_timestamps, check_now(L, now), made, &wait);
}

/* timestamps:adjust(offset_ms): the platform's clock minus ours, from now on. */
static int timestamps_adjust(lua_State *L)
{
    timestamps *t = eko_check_type(L, 1, TIMESTAMPS);
    int64_t offset = (int64_t)luaL_checknumber(L, 2);
    if (offset < t->offset) end_run(t);
    t->offset = offset;
    return 0;
}

/* timestamps:last() -> the newest one handed out, 0 before the first */
static int timestamps_last(lua_State *L)
{
    const timestamps *t = eko_check_type(L, 1, TIMESTAMPS);
    lua_pushinteger(L, (lua_Integer)t->last);
    return 1;
}

static int timestamps_offset(lua_State *L)
{
    timestamps *t = eko_check_type(L, 1, TIMESTAMPS);
    lua_pushinteger(L, (lua_Integer)t->offset);
    return 1;
}

void eko_open_signer(lua_State *L)
{
    static const luaL_Reg signer_methods[] = {{"sign", signer_sign}, {"stamp", signer_stamp}, {NULL, NULL}};
    static const luaL_Reg timestamps_methods[] = {{"next", timestamps_next},
                                                  {"adjust", timestamps_adjust},
                                                  {"offset", timestamps_offset},
                                                  {"last", timestamps_last},
                                                  {NULL, NULL}};
    eko_new_type(L, SIGNER, signer_methods, signer_close);
    eko_new_type(L, TIMESTAMPS, timestamps_methods, timestamps_close);
    lua_pushcfunction(L, signer_new);
    lua_setfield(L, -2, "signer");
    lua_pushcfunction(L, timestamps_new);
    lua_setfield(L, -2, "timestamps");
}
