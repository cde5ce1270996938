/* What of a key's timestamps was handed out already.
 *
 * A ring has a word for each second of a day and a half: which second it is (its round), and the first millisecond of
 * it that is still free. Who takes a timestamp moves that word on by compare-and-swap. So a timestamp is handed out
 * once, however the clocks of those who take are set, however many take at a time, and a process that is killed at any
 * point holds up nobody. The words lie in memory that children share with their parents: the workers of an nginx,
 * before and after any number of reloads, or the children of a script, draw from one sequence, and any one of them can
 * have all of it.
 *
 * A second of another round gives way to a later one. An earlier one (the clock was set back by more than a day and a
 * half since) passes it over: what became of it is not known any more. */
#include "crypto/ring.h"

#include "base/clock.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECONDS 131072u
#define RINGS 64u
#define RINGS_OF_FILE 8u /* which takes its memory at once: 4 MB */
#define FREE_BITS 10     /* 0 to 1000 */
#define FREE_MASK ((1u << FREE_BITS) - 1)
#define SKIP_SPREAD_MS 20000

struct eko_ring {
    atomic_uint tag;    /* of the name; 0 while nobody has it */
    atomic_uint begin;  /* the low half of the timestamp to begin at, 0 for none */
    atomic_uint barred; /* since when (seconds of eko_boottime) later rounds have left no second free; 0 for never */
    atomic_uint second[SECONDS];
};

/* ---- memory ---- */

/* Pages take memory only once they are used: of a ring, one for each 17 minutes in which something was signed. */
static void *map_rings(size_t count)
{
    void *p =
        mmap(NULL, count * sizeof(eko_ring), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

eko_ring *eko_ring_new(void)
{
    return map_rings(1);
}

void eko_ring_free(eko_ring *ring)
{
    if (ring != NULL) munmap(ring, sizeof *ring);
}

/* FNV-1a. Names that meet share a ring, which costs them speed and nothing else. */
static unsigned int digest(const char *text)
{
    unsigned int h = 2166136261u;
    for (; *text != '\0'; text++) h = (h ^ (unsigned char)*text) * 16777619u;
    return h == 0 ? 1 : h;
}

/* The segment of that number, if it is ours alone. */
static void *attach_segment(int number)
{
    char name[64];
    snprintf(name, sizeof name, "eko timestamps 1 %lu %d", (unsigned long)geteuid(), number);
    const int id = shmget((key_t)(digest(name) | 1u), RINGS * sizeof(eko_ring), IPC_CREAT | SHM_NORESERVE | 0600);
    struct shmid_ds about;
    if (id == -1 || shmctl(id, IPC_STAT, &about) == -1) return NULL;
    if (about.shm_perm.uid != geteuid() || about.shm_perm.cuid != geteuid() || (about.shm_perm.mode & 0777) != 0600)
        return NULL;
    void *p = shmat(id, NULL, 0);
    return p == (void *)-1 ? NULL : p;
}

#define SEGMENTS 8 /* to choose from, should others have made the first ones */

/* System V shared memory of this user on this machine (or in this container). Unlike a file in /dev/shm it cannot run
 * full, which would kill who writes to it; all zero is its beginning, so that nobody has to go first. It stays until
 * the machine restarts. NULL where there is none. */
static void *attach_rings(void)
{
    void *p = NULL;
    for (int i = 0; i < SEGMENTS && p == NULL; i++) p = attach_segment(i);
    return p;
}

/* What takes its place where the kernel gives none: a file whose memory is there before anybody writes to it. */
static void *map_file(void)
{
    char name[64];
    snprintf(name, sizeof name, "/dev/shm/eko-timestamps-1-%lu", (unsigned long)geteuid());
    const int fd = open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd == -1) return NULL;
    const size_t size = RINGS_OF_FILE * sizeof(eko_ring);
    struct stat about;
    void *p = MAP_FAILED;
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_uid == geteuid() &&
        (about.st_mode & 0777) == 0600 && posix_fallocate(fd, 0, (off_t)size) == 0)
        p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return p == MAP_FAILED ? NULL : p;
}

/* Made when first needed, and kept: a Lua state that begins later must not begin anew. */
static _Atomic(eko_ring *) rings;
static atomic_uint ring_count = RINGS;

static eko_ring *all_rings(bool by_name)
{
    eko_ring *made = atomic_load(&rings), *before = NULL;
    if (made != NULL) return made;
    if (by_name && (made = attach_rings()) == NULL && (made = map_file()) != NULL) ring_count = RINGS_OF_FILE;
    if (made == NULL) made = map_rings(RINGS);
    if (made == NULL || atomic_compare_exchange_strong(&rings, &before, made)) return made;
    return before; /* another thread was faster; what was mapped in vain costs addresses */
}

eko_ring *eko_ring_of(const char *name, bool by_name)
{
    eko_ring *all = all_rings(by_name);
    const unsigned int tag = digest(name), count = ring_count;
    if (all == NULL || count == 0) return NULL;
    for (unsigned int i = 0; i < count; i++) {
        eko_ring *ring = &all[(tag + i) % count];
        unsigned int seen = 0;
        if (atomic_compare_exchange_strong(&ring->tag, &seen, tag) || seen == tag) return ring;
    }
    return &all[tag % count]; /* more keys than rings: shared */
}

/* ---- taking ---- */

static int64_t in_lane(eko_lane lane, int64_t from)
{
    const int64_t ahead = (from - lane.index) % lane.count; /* from >= 1, index < count: no less than -count */
    if (ahead == 0) return from;
    return from + (ahead < 0 ? -ahead : lane.count - ahead);
}

/* What was taken; when there is none, the first that is free after `until`, negated. *is_barred is set when a later
 * round did not give way; without it (NULL) later rounds give way too. */
static int64_t take(eko_ring *ring, eko_lane lane, int64_t t, int64_t until, bool *is_barred)
{
    t = in_lane(lane, t);
    while (t <= until) {
        const int64_t second = t / 1000;
        const unsigned int ms = (unsigned int)(t % 1000), round = (unsigned int)(second / SECONDS);
        atomic_uint *word = &ring->second[second % SECONDS];
        unsigned int seen = atomic_load_explicit(word, memory_order_relaxed);
        if (seen >> FREE_BITS == round && (seen & FREE_MASK) > ms) {
            t = in_lane(lane, second * 1000 + (seen & FREE_MASK));
        } else if (seen >> FREE_BITS > round && is_barred != NULL) {
            *is_barred = true;
            t = in_lane(lane, (second + 1) * 1000);
        } else if (atomic_compare_exchange_weak(word, &seen, round << FREE_BITS | (ms + 1))) {
            return t;
        }
    }
    return -t;
}

#define BARRED_SECONDS 300u
#define GIVING_WAY_SECONDS 172800u

/* Whether seconds of later rounds may be forgotten. Somebody signed for long with a clock that was more than a day and
 * a half ahead, and nothing is free where the clock is now. Five minutes after that was found, what was signed before
 * is too old for the platform, and what it would be needed for later lies days ahead. */
static bool may_forget(eko_ring *ring)
{
    const unsigned int now = (unsigned int)eko_boottime() | 1u;
    unsigned int since = atomic_load(&ring->barred);
    if (since == 0 || now - since > GIVING_WAY_SECONDS) {
        atomic_compare_exchange_strong(&ring->barred, &since, now);
        return false;
    }
    return now - since >= BARRED_SECONDS;
}

int64_t eko_ring_take(eko_ring *ring, eko_lane lane, int64_t from, int64_t until, int64_t *wait)
{
    bool is_barred = false;
    int64_t taken = take(ring, lane, from, until, &is_barred);
    if (taken < 0 && is_barred && may_forget(ring)) taken = take(ring, lane, from, until, NULL);
    if (taken > 0) return taken;
    *wait = -taken - until;
    return 0;
}

int64_t eko_ring_begin(eko_ring *ring, int64_t now)
{
    const unsigned int begin = atomic_load_explicit(&ring->begin, memory_order_relaxed);
    const unsigned int ahead = begin - (unsigned int)now;
    return begin != 0 && ahead <= EKO_MOST_AHEAD_MS ? now + ahead : now;
}

void eko_ring_skip(eko_ring *ring, int64_t now, int64_t refused, double part)
{
    int64_t begin = eko_ring_begin(ring, now);
    unsigned int seen = atomic_load(&ring->begin);
    if (begin > refused && begin > now) return; /* it was moved since that one was taken */
    if (begin < now + EKO_AHEAD_MS) begin = now + EKO_AHEAD_MS;
    if (refused > begin && refused <= now + EKO_MOST_AHEAD_MS) begin = refused;
    int64_t room = now + EKO_MOST_AHEAD_MS - 2 - begin;
    if (room > SKIP_SPREAD_MS) room = SKIP_SPREAD_MS;
    begin += room <= 0 ? room : 1 + (int64_t)(part * (double)(room - 1));
    atomic_compare_exchange_strong(&ring->begin, &seen, (unsigned int)begin | 1u); /* else somebody else has moved it */
}
