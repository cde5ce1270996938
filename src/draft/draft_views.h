/* A draft: what goes out of one call, and what it is asked for. */
#ifndef EKO_DRAFT_VIEWS_H
#define EKO_DRAFT_VIEWS_H

#include <stddef.h>

#include "base/compat.h"
#include "base/write.h"
#include "draft/plan.h"

#pragma GCC visibility push(hidden)

#define EKO_DRAFT "eko.draft"

/* What stands before the items of a value in a draft's values. */
typedef struct {
    const eko_field *field; /* NULL: of an extra parameter, whose name is the first item */
    int count;              /* of the items of a list; -1: it is a text alone */
} eko_value;

/* A userdata: Lua owns it. Its user value is the table of its plan. */
typedef struct eko_draft {
    const eko_plan *plan; /* NULL: nobody has it */
    eko_buffer path, query, body, values, scratch;
    eko_buffer request; /* the bytes of the attempt that was emitted last */
} eko_draft;

/* Pushes a new draft, which nobody has. */
eko_draft *eko_push_draft(lua_State *L);

/* Wipes what the call left in it: nobody has it then. */
void eko_clear_draft(eko_draft *d);

/* The n bytes of a request: a string's, or those that a draft has emitted. They are Lua's, until the draft emits or is
 * released; never NULL. The upvalue of that number is the metatable of drafts. Raises when the argument is neither, or
 * the draft has emitted nothing. */
const char *eko_check_request(lua_State *L, int index, int upvalue, size_t *n);

/* Makes the type of drafts, and adds emitter to the table on top. */
void eko_open_draft_views(lua_State *L);

#pragma GCC visibility pop

#endif
