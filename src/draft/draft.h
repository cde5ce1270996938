/* The drafting of calls. */
#ifndef EKO_DRAFT_H
#define EKO_DRAFT_H

#include "base/compat.h"

#pragma GCC visibility push(hidden)

/* Adds plan to the table on top; to be called when there are drafts and references. */
void eko_open_draft(lua_State *L);

#pragma GCC visibility pop

#endif
