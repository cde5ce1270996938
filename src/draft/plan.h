/* An endpoint, compiled: where each parameter goes, and what it must look like. */
#ifndef EKO_PLAN_H
#define EKO_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compat.h"
#include "draft/format.h"

#pragma GCC visibility push(hidden)

typedef enum { IN_PATH, IN_QUERY, IN_BODY } eko_place;
typedef enum { STRING, INTEGER, OPAQUE, LIST, ADDRESS } eko_kind;

/* What of the client stands for it when it is not given; in the order of CONTEXT (draft_call.h). */
typedef enum { NO_CONTEXT, INITIATOR, USER, REFERENCE, NOW } eko_context;

/* What a value means. */
typedef enum { ANYTHING, PERSON, BIRTH, ACCOUNT, RUPEES, CAPTURE, HOME } eko_meaning;

/* The strings are Lua's, kept by the plan's table. */
typedef struct eko_field {
    const char *name, *key, *tail, *keep; /* what it is called, stands before and behind it, is not percent-encoded */
    size_t key_size, tail_size, max;
    lua_Number min;
    eko_place place;
    eko_kind kind;
    eko_meaning means;
    eko_context context;
    bool required, multiline;
    bool has_default; /* it stands in the plan's table, under the negated index */
    eko_format format;
} eko_field;

/* Its table has the fields' names by index, their indices by name, and all that has to stay alive. */
typedef struct eko_plan {
    int count;
    bool has_body;
    const char *head; /* the path up to its first parameter */
    size_t head_size;
    eko_field fields[];
} eko_plan;

/* Pushes a plan, which Lua owns, and its table, which keeps it. The arguments are those of core.plan, at 1 to 3. Raises
 * what is wrong with them. */
void eko_push_plan(lua_State *L);

#pragma GCC visibility pop

#endif
