/* An endpoint, compiled, and the draft of one call to it. Private to plan.c and draft*.c. */
#ifndef EKO_PLAN_H
#define EKO_PLAN_H

#include "base/shown.h"
#include "base/type.h"
#include "base/write.h"
#include "crypto/signer.h"
#include "draft/draft.h"
#include "draft/format.h"
#include "json/json_write.h"

#pragma GCC visibility push(hidden)

enum { IN_PATH, IN_QUERY, IN_BODY };
enum { STRING, INTEGER, OPAQUE, LIST, ADDRESS };
enum { NO_CONTEXT, INITIATOR, USER, REFERENCE, NOW };
enum { ANYTHING, PERSON, BIRTH, ACCOUNT, RUPEES, CAPTURE, HOME }; /* what a value means */

/* The strings are Lua's, kept by the plan's table. */
typedef struct {
    const char *name, *key, *tail, *keep; /* what it is called, stands before and behind it, is not percent-encoded */
    size_t key_size, tail_size, max;
    lua_Number min;
    int place, kind, means, required, context, multiline;
    int has_default; /* it stands in the plan's table, under the negated index */
    eko_format format;
} eko_field;

/* Its table has the fields' names by index, their indices by name, and all that has to stay alive. */
typedef struct {
    int count, has_body;
    const char *head; /* the path up to its first parameter */
    size_t head_size;
    eko_field fields[];
} eko_plan;

/* What stands before the items of a value in a draft's values. */
typedef struct {
    const eko_field *field; /* NULL: of an extra parameter, whose name is the first item */
    int count;              /* of the items of a list; -1: it is a text alone */
} eko_value;

/* Its user value is the table of its plan. */
typedef struct {
    const eko_plan *plan; /* NULL: nobody has it */
    eko_buffer path, query, body, values, scratch;
    eko_buffer request; /* the bytes of the attempt that was emitted last */
} eko_draft;

/* Pushes a new draft. */
eko_draft *eko_push_draft(lua_State *L);

/* Wipes what the call left in it; gives its memory back too. */
void eko_clear_draft(eko_draft *d);
void eko_free_draft(eko_draft *d);

/* The function that core.plan makes; its upvalues are a plan, its table, the metatable of drafts and what references
 * are drawn from. */
int eko_plan_draft(lua_State *L);

void eko_open_draft(lua_State *L); /* makes the type of drafts, and adds emitter to the table on top */

/* While a draft is filled: where things are on the Lua stack. */
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

typedef struct {
    lua_State *L;
    const eko_plan *p;
    eko_draft *d;
    int strict, given;
    int is_ours, has_reference; /* the client_ref_id is one of our own; there is one */
    int at, type;               /* of the value, on the Lua stack */
    int is_trusted;             /* the value is of our own making, and needs no look at its format */
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

/* What is wrong with a text that shows nothing, has blanks at its ends or what is hidden in it; or NULL. */
const char *eko_check_look(const eko_field *f, const char *s, size_t n);

/* A list or an address: an eko_put_value of its own. */
const char *eko_put_lines(eko_call *c, const eko_field *f, int *count);

/* Whether a PID block (XML) is one, and of a capture that went well; if not, why: DETAIL has what the device says. */
const char *eko_check_capture(lua_State *L, const char *s, size_t n);

/* Checks and writes the value, and sets `count` where it is a list: the problem with it, or NULL. */
const char *eko_put_value(eko_call *c, const eko_field *f, int *count);

#pragma GCC visibility pop

#endif
