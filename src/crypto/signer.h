/* What signs a request. */
#ifndef EKO_SIGNER_H
#define EKO_SIGNER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/write.h"
#include "crypto/timestamps.h"

#pragma GCC visibility push(hidden)

#define EKO_SIGNER "eko.signer"
#define EKO_SIGNATURE 44 /* characters of base64 */

/* A userdata of that type: Lua owns it. */
typedef struct eko_signer eko_signer;

/* The signature of one request, and its timestamp, whose digits stand in `digits`: so it is not to be copied. */
typedef struct {
    char secret_key[EKO_SIGNATURE], digits[EKO_DECIMAL];
    const char *timestamp;
    size_t timestamp_size;
    int64_t at;   /* the timestamp in ms */
    int64_t wait; /* where there was none yet: for how many ms there will be none */
} eko_stamp;

/* Takes the next timestamp and signs it; false when there is none yet. `now` is as in eko_take_timestamp. Raises when
 * either is closed. */
bool eko_make_stamp(lua_State *L, const eko_signer *s, eko_timestamps *t, int now, eko_stamp *made);

/* Adds signer to the table on top. */
void eko_open_signer(lua_State *L);

#pragma GCC visibility pop

#endif
