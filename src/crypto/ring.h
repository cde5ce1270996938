/* Which timestamps were handed out: shared by every process that is forked from the one that made it. */
#ifndef EKO_RING_H
#define EKO_RING_H

#include <stdbool.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

typedef struct eko_ring eko_ring;

/* The timestamps t with t % count == index; 0 <= index < count. */
typedef struct {
    int64_t index, count;
} eko_lane;

/* A timestamp may run 60 s ahead of the clock; 85 s once others were found to use the same ones (eko_ring_skip). The
 * platform takes 120 s, and our clock may be 30 s off without being corrected. */
#define EKO_AHEAD_MS 60000
#define EKO_MOST_AHEAD_MS 85000

/* The ring of that name, the same for all who share the memory; NULL when there is no memory. It belongs to the process
 * and is never freed. A program whose processes may not have the memory from a common parent asks `by_name`: then the
 * kernel's own names are used. */
eko_ring *eko_ring_of(const char *name, bool by_name);

/* A ring of the caller's own, who frees it. NULL when there is no memory. */
eko_ring *eko_ring_new(void);

/* One that eko_ring_new made, or NULL. */
void eko_ring_free(eko_ring *ring);

/* Takes the first timestamp >= from (1 at least) of a lane that was never taken. When it would be after `until`, 0, and
 * *wait says for how many ms; else *wait stays. */
int64_t eko_ring_take(eko_ring *ring, eko_lane lane, int64_t from, int64_t until, int64_t *wait);

/* Where taking begins: now, or later when it was moved ahead of the clock. */
int64_t eko_ring_begin(eko_ring *ring, int64_t now);

/* Moves that beyond what others may have taken, by `part` (0 to 1) of what there is room for; `refused` is the
 * timestamp that they had taken. */
void eko_ring_skip(eko_ring *ring, int64_t now, int64_t refused, double part);

#pragma GCC visibility pop

#endif
