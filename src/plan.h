/* An endpoint, compiled, and the draft of one call to it. Private to plan.c, draft.c and draft_views.c. */
#ifndef EKO_PLAN_H
#define EKO_PLAN_H

#include "format.h"
#include "write.h"

#pragma GCC visibility push(hidden)

#define EKO_PLAN "eko.plan"
#define EKO_DRAFT "eko.draft"

enum { IN_PATH, IN_QUERY, IN_BODY };
enum { STRING, INTEGER, OPAQUE, LIST, ADDRESS };
enum { NO_CONTEXT, INITIATOR, USER, REFERENCE };

/* The strings are Lua's, kept by the plan's table. */
typedef struct {
    const char *name, *key, *tail, *keep; /* what it is called, stands before and behind it, is not percent-encoded */
    size_t key_size, tail_size, max;
    lua_Number min;
    int place, kind, required, context, multiline;
    eko_format format;
} eko_field;

/* Its user value is a table: the fields' names by index, their indices by name, and what else has to stay alive. */
typedef struct {
    int count, has_body;
    const char *head; /* the path up to its first parameter */
    size_t head_size;
    eko_field fields[];
} eko_plan;

/* A value as it was given: `count` items from `at` on in a draft's values; -1: it was not given. */
typedef struct {
    size_t at;
    int count;
} eko_value;

/* Its user value is the plan's. */
typedef struct {
    const eko_plan *plan;                                 /* NULL: nobody has it */
    eko_buffer path, query, body, values, scratch, given; /* `given` holds an eko_value a field */
    size_t extra;                                         /* where the values of extra parameters begin */
    int extra_count;
} eko_draft;

/* Pushes a new draft. */
eko_draft *eko_push_draft(lua_State *L);

/* Wipes what the call left in it. */
void eko_clear_draft(eko_draft *d);

/* plan:draft; the upvalues are the metatables of plans and of drafts. */
int eko_plan_draft(lua_State *L);

void eko_open_draft(lua_State *L); /* makes the type of drafts, and adds emitter to the table on top */

#pragma GCC visibility pop

#endif
