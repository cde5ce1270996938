/* The draft of a call, as those see it who send it. */
#ifndef EKO_DRAFT_H
#define EKO_DRAFT_H

#include <stddef.h>

#include "base/compat.h"

#pragma GCC visibility push(hidden)

#define EKO_DRAFT "eko.draft"

/* The n bytes of a request: a string's, or those that a draft has emitted. They are Lua's, until the draft emits or is
 * released; never NULL. The upvalue of that number is the metatable of drafts. Raises when the argument is neither, or
 * the draft has emitted nothing. */
const char *eko_check_request(lua_State *L, int index, int upvalue, size_t *n);

/* Adds plan and emitter to the table on top; to be called when the types of signers and timestamps are there. */
void eko_open_plan(lua_State *L);

#pragma GCC visibility pop

#endif
