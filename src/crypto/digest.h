/* Digests, and the comparison of secrets. */
#ifndef EKO_DIGEST_H
#define EKO_DIGEST_H

#include "base/compat.h"

#pragma GCC visibility push(hidden)

/* Adds sha256_hex, hmac_sha256_base64, constant_time_equal to the table on top. */
void eko_open_digest(lua_State *L);

#pragma GCC visibility pop

#endif
