/* A call while its draft is filled. Private to its folder. */
#ifndef EKO_DRAFT_CALL_H
#define EKO_DRAFT_CALL_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/write.h"
#include "draft/draft_views.h"
#include "draft/plan.h"

/* Where things are on the Lua stack. */
enum {
    PARAMS = 1,
    CONTEXT, /* initiator_id, user_code, client_ref_id */
    STRICT = CONTEXT + 3,
    EXTRA,
    SPARE,
    TODAY,     /* as a number, YYYYMMDD; or none */
    TIMESTAMP, /* what one is that is required and not given */
    ANCHOR,    /* the plan's table */
    DRAFT,
    PROBLEMS,
    DETAIL,
    VALUE
};

typedef struct eko_call {
    lua_State *L;
    const eko_plan *p;
    eko_draft *d;
    bool strict, is_ours, has_reference; /* the client_ref_id is one of our own; there is one */
    bool is_trusted;                     /* the value is of our own making, and needs no look at its format */
    int given;                           /* how many of the parameters the endpoint knows */
    int at, type;                        /* of the value, on the Lua stack */
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

#endif
