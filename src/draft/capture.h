/* The PID block of a fingerprint device. Private to its folder. */
#ifndef EKO_CAPTURE_H
#define EKO_CAPTURE_H

#include <stddef.h>

#include "base/compat.h"

#pragma GCC visibility push(hidden)

/* The problem with a PID block (XML) that is none, or not of a capture that went well: a literal, with what the device
 * says as DETAIL (draft_call.h); or NULL. A NUL stands behind the n bytes. */
const char *eko_problem_of_capture(lua_State *L, const char *s, size_t n);

#pragma GCC visibility pop

#endif
