#include "crypto/random.h"

#include "base/clock.h"
#include "base/process.h"
#include "base/write.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#define MOST_BYTES 2048

static void check_random(lua_State *L, unsigned char *out, size_t n)
{
    if (RAND_bytes(out, (int)n) == 1) return;
    ERR_clear_error();
    luaL_error(L, "the system's random generator failed");
}

/* text.random_bytes(n) -> a string of n bytes */
static int text_random_bytes(lua_State *L)
{
    const lua_Integer n = luaL_checkinteger(L, 1);
    unsigned char bytes[MOST_BYTES];
    luaL_argcheck(L, n >= 0 && n <= MOST_BYTES, 1, "0 to 2048 bytes");
    check_random(L, bytes, (size_t)n);
    lua_pushlstring(L, (char *)bytes, (size_t)n);
    OPENSSL_cleanse(bytes, (size_t)n);
    return 1;
}

/* text.random() -> a number from 0 on and below 1 */
static int text_random(lua_State *L)
{
    uint64_t bits;
    check_random(L, (unsigned char *)&bits, sizeof bits);
    lua_pushnumber(L, (lua_Number)(bits >> 11) / EKO_EXACT);
    return 1;
}

/* Random bytes for the ids to come: the generator costs ten times what the rest of an id does. A child of a fork must
 * not use what its parent has. */
struct eko_references {
    pid_t pid;
    size_t used;
    unsigned char bytes[MOST_BYTES];
};

static unsigned char draw(lua_State *L, eko_references *r)
{
    if (r->used == sizeof r->bytes) {
        check_random(L, r->bytes, sizeof r->bytes);
        r->used = 0;
    }
    return r->bytes[r->used++];
}

/* 20 characters: 9 of the millisecond, most significant first, so that ids sort by time; 11 random (65 bits). The
 * alphabet is in ASCII order for the same reason and lies within A-Za-z0-9. */
static void push_reference(lua_State *L, eko_references *r, int64_t now)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    if (r->pid != eko_pid()) {
        r->pid = eko_pid();
        r->used = sizeof r->bytes;
    }
    char id[20];
    for (int i = 8; i >= 0; i--) {
        id[i] = digits[now % 36];
        now /= 36;
    }
    for (int i = 9; i < 20; i++) {
        unsigned char c = draw(L, r);
        while (c >= 248) c = draw(L, r); /* 248 = 4 * 62: no digit is likelier than another */
        id[i] = digits[c % 62];
    }
    lua_pushlstring(L, id, sizeof id);
}

void eko_push_reference(lua_State *L, eko_references *r)
{
    push_reference(L, r, eko_now_ms());
}

/* text.ref_id([now_ms]) -> a reference */
int eko_ref_id(lua_State *L)
{
    const lua_Number given = luaL_optnumber(L, 1, 0);
    luaL_argcheck(L, given >= 0 && given <= EKO_EXACT, 1, "milliseconds since the Unix epoch");
    push_reference(L, lua_touserdata(L, lua_upvalueindex(1)), lua_isnoneornil(L, 1) ? eko_now_ms() : (int64_t)given);
    return 1;
}

void eko_open_random(lua_State *L)
{
    static const luaL_Reg functions[] = {{"random", text_random}, {"random_bytes", text_random_bytes}, {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
    eko_references *r = lua_newuserdatauv(L, sizeof *r, 0);
    memset(r, 0, sizeof *r);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, EKO_REFERENCES);
    lua_pushcclosure(L, eko_ref_id, 1);
    lua_setfield(L, -2, "ref_id");
}
