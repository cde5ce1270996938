/* A draft while it is filled. Private to draft.c and draft_values.c. */
#ifndef EKO_DRAFT_H
#define EKO_DRAFT_H

#include "plan.h"

#pragma GCC visibility push(hidden)

/* Where things are on the Lua stack. */
enum {
    SELF = 1,
    PARAMS,
    CONTEXT, /* initiator_id, user_code, client_ref_id */
    STRICT = CONTEXT + 3,
    EXTRA,
    NAMES,
    SPARE,
    IS_OURS,
    ANCHOR, /* the plan's user value */
    DRAFT,
    PROBLEMS,
    DETAIL,
    VALUE
};

typedef struct {
    lua_State *L;
    const eko_plan *p;
    eko_draft *d;
    int strict, given;
    int is_trusted; /* the value is of our own making, and needs no look at its format */
} eko_call;

/* Keeps what was given, for draft:value. */
static inline void eko_record(eko_call *c, const char *s, size_t n)
{
    eko_put_item(c->L, &c->d->values, s, n);
}

static inline eko_buffer *eko_place_of(const eko_call *c, const eko_field *f)
{
    return f->place == IN_BODY ? &c->d->body : f->place == IN_QUERY ? &c->d->query : &c->d->path;
}

/* Checks and writes the value at VALUE, which is `count` items: the problem with it, or NULL. */
const char *eko_put_value(eko_call *c, const eko_field *f, int required, int *count);

#pragma GCC visibility pop

#endif
