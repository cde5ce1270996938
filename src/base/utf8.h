/* UTF-8 (RFC 3629). */
#ifndef EKO_UTF8_H
#define EKO_UTF8_H

#include <stddef.h>

#include "base/compat.h"

#pragma GCC visibility push(hidden)

/* Length of the valid sequence at p, of which n bytes are there (1 at least); 0 when it is not valid. */
size_t eko_utf8_length(const unsigned char *p, size_t n);

/* Adds is_utf8 to the table on top. */
void eko_open_utf8(lua_State *L);

#pragma GCC visibility pop

#endif
