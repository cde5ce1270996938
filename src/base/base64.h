/* Base64 with padding, RFC 4648 section 4. */
#ifndef EKO_BASE64_H
#define EKO_BASE64_H

#include <stddef.h>

#include "base/compat.h"

#pragma GCC visibility push(hidden)

/* `out` must hold 4 * ((n + 2) / 3) bytes; returns the count written, and no NUL behind them. */
size_t eko_base64(char *out, const unsigned char *in, size_t n);

/* Adds base64_encode, base64_decode to the table on top. */
void eko_open_base64(lua_State *L);

#pragma GCC visibility pop

#endif
