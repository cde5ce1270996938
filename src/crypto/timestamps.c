/* core.timestamps: the one-use timestamps of a key, and the clock that they follow.
 *
 * The platform takes a timestamp once, and only within two minutes of its own clock. Which ones were handed out stands
 * in a ring (ring.c), which the processes of a key share; how far the platform's clock is from ours is known to each on
 * its own. */
#include "crypto/timestamps.h"

#include "base/clock.h"
#include "base/process.h"
#include "base/type.h"
#include "crypto/ring.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LANES 1000
#define TOLERANCE_MS 30000           /* less is not corrected */
#define MAX_OFFSET_MS 86401000.0     /* a day, and what the second of a Date leaves open */
#define MAX_NOW_MS 253402300800000.0 /* the year 10000 */

struct eko_timestamps {
    eko_ring *ring; /* NULL: they are closed */
    bool is_own_ring;
    eko_lane lane;
    int64_t offset;   /* the platform's clock minus ours */
    int64_t last;     /* the newest that was handed out here */
    int64_t followed; /* the newest since the offset was set, 0 for none */
    int64_t platform; /* the platform's clock minus the one that nobody sets, when the offset was set */
};

static int64_t boot_ms(void)
{
    return (int64_t)(eko_boottime() * 1000);
}

static int timestamps_close(lua_State *L)
{
    eko_timestamps *t = eko_check_type(L, 1, EKO_TIMESTAMPS);
    if (t->is_own_ring) eko_ring_free(t->ring);
    t->ring = NULL;
    return 0;
}

static void check_open(lua_State *L, const eko_timestamps *t)
{
    if (t->ring == NULL) luaL_error(L, "the timestamps are closed");
}

static eko_timestamps *check_timestamps(lua_State *L)
{
    eko_timestamps *t = eko_check_type(L, 1, EKO_TIMESTAMPS);
    check_open(L, t);
    return t;
}

static int64_t check_whole(lua_State *L, int index, lua_Number from, lua_Number to, const char *expected)
{
    const lua_Number n = luaL_checknumber(L, index);
    luaL_argcheck(L, n >= from && n <= to && floor(n) == n, index, expected);
    return (int64_t)n;
}

static eko_lane opt_lane(lua_State *L, int index, int count)
{
    eko_lane lane = {.index = 0, .count = 1};
    if (!lua_isnoneornil(L, count)) lane.count = check_whole(L, count, 1, MAX_LANES, "a count of lanes from 1 to 1000");
    if (!lua_isnoneornil(L, index))
        lane.index = check_whole(L, index, 0, (lua_Number)(lane.count - 1), "a lane's index from 0 to count - 1");
    return lane;
}

/* timestamps([index, count[, name[, by_name]]]): those with t % count == index. Who gives the same name shares them:
 * the clients of this process, and all processes that are forked from the one that first gave a name. Where that is
 * none, `by_name` finds those of the same user on this machine. Without a name they are this object's own. */
static int timestamps_new(lua_State *L)
{
    const eko_lane lane = opt_lane(L, 1, 2);
    const char *name = luaL_optstring(L, 3, NULL);
    const bool by_name = lua_toboolean(L, 4) || eko_has_forked();
    eko_timestamps *t = lua_newuserdatauv(L, sizeof *t, 0);
    memset(t, 0, sizeof *t);
    luaL_getmetatable(L, EKO_TIMESTAMPS);
    lua_setmetatable(L, -2);
    t->lane = lane;
    t->is_own_ring = name == NULL;
    t->ring = name == NULL ? eko_ring_new() : eko_ring_of(name, by_name);
    if (t->ring == NULL) return luaL_error(L, "there is no memory for timestamps");
    return 1;
}

/* The offset was measured against a clock that may have been set since: then it is the offset that is wrong, if the
 * clock without it is nearer to what was to be expected. Our own clock is compared with one that nobody sets; of a
 * clock of the user's is only known that it does not run backwards beyond what was handed out ahead of it. */
static void doubt_offset(eko_timestamps *t, int64_t clock, bool is_users)
{
    const int64_t expected = is_users ? t->followed : boot_ms() + t->platform;
    const int64_t drift = clock + t->offset - expected, plain = clock - expected;
    if (is_users && (drift >= -EKO_MOST_AHEAD_MS || t->followed == 0)) return;
    if (llabs(drift) > TOLERANCE_MS && llabs(plain) < llabs(drift)) t->offset = 0;
}

/* The platform's time. */
static int64_t platform_now(eko_timestamps *t, int64_t clock, bool is_users)
{
    if (t->offset != 0) doubt_offset(t, clock, is_users);
    return clock + t->offset < 1 ? 1 : clock + t->offset;
}

/* The time at the index, which is the user's clock; ours where there is none. */
static int64_t opt_now(lua_State *L, int index, bool *is_users)
{
    *is_users = !lua_isnoneornil(L, index);
    if (!*is_users) return eko_now_ms();
    const lua_Number now = luaL_checknumber(L, index);
    luaL_argcheck(L, now >= 1 && now < MAX_NOW_MS, index, "milliseconds since the Unix epoch");
    return (int64_t)now;
}

int64_t eko_take_timestamp(lua_State *L, eko_timestamps *t, int now, int64_t *wait)
{
    check_open(L, t);
    bool is_users;
    const int64_t clock = opt_now(L, now, &is_users), at = platform_now(t, clock, is_users);
    int64_t from = eko_ring_begin(t->ring, at), until = from + EKO_AHEAD_MS;
    if (until > at + EKO_MOST_AHEAD_MS) until = at + EKO_MOST_AHEAD_MS;
    if (t->last >= from && t->last <= until) from = t->last + 1;
    const int64_t taken = eko_ring_take(t->ring, t->lane, from, until, wait);
    if (taken != 0) t->last = t->followed = taken;
    return taken;
}

/* timestamps:next([now_ms]) -> ms, or nil and the ms to wait.
 * Never one that was handed out before, never more than 60 s ahead of the clock (85 s after `skip`). Increasing, until
 * the clock is set back by more than that. */
static int timestamps_next(lua_State *L)
{
    int64_t wait = 0;
    const int64_t taken = eko_take_timestamp(L, check_timestamps(L), 2, &wait);
    if (taken != 0) {
        lua_pushinteger(L, (lua_Integer)taken);
        return 1;
    }
    lua_pushnil(L);
    lua_pushinteger(L, (lua_Integer)wait);
    return 2;
}

/* timestamps:skip(part, refused_ms[, now_ms]): somebody with whom nothing is shared had used `refused_ms`. Goes on
 * beyond what they may have handed out, unless it did so since; `part` (0 to 1) is chance. */
static int timestamps_skip(lua_State *L)
{
    eko_timestamps *t = check_timestamps(L);
    const lua_Number part = luaL_checknumber(L, 2);
    const int64_t refused =
        lua_isnoneornil(L, 3) ? 0 : check_whole(L, 3, 0, MAX_NOW_MS, "milliseconds since the Unix epoch");
    bool is_users;
    const int64_t clock = opt_now(L, 4, &is_users);
    luaL_argcheck(L, part >= 0 && part <= 1, 2, "a number from 0 to 1");
    eko_ring_skip(t->ring, platform_now(t, clock, is_users), refused, part);
    return 0;
}

/* timestamps:adjust(offset_ms): the platform's clock minus ours, from now on. */
static int timestamps_adjust(lua_State *L)
{
    eko_timestamps *t = check_timestamps(L);
    t->offset = check_whole(L, 2, -MAX_OFFSET_MS, MAX_OFFSET_MS, "whole milliseconds, at most a day");
    t->platform = eko_now_ms() + t->offset - boot_ms();
    t->followed = 0;
    return 0;
}

/* timestamps:last() -> the newest one handed out here, 0 before the first */
static int timestamps_last(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)check_timestamps(L)->last);
    return 1;
}

/* timestamps:offset() -> ms, of adjust; 0 once it was found to be wrong */
static int timestamps_offset(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)check_timestamps(L)->offset);
    return 1;
}

void eko_open_timestamps(lua_State *L)
{
    static const luaL_Reg methods[] = {{"next", timestamps_next},     {"skip", timestamps_skip},
                                       {"adjust", timestamps_adjust}, {"offset", timestamps_offset},
                                       {"last", timestamps_last},     {NULL, NULL}};
    eko_new_type(L, EKO_TIMESTAMPS, methods, timestamps_close);
    lua_pushcfunction(L, timestamps_new);
    lua_setfield(L, -2, "timestamps");
}
