#ifndef EKO_HTTP1_REQUEST_H
#define EKO_HTTP1_REQUEST_H

#include "core.h"

#pragma GCC visibility push(hidden)

#define EKO_HEAD "eko.head"
#define EKO_MAX_HEAD 65536 /* request line and headers */

#define EKO_HEAD_TOO_LARGE "head: request line and headers are larger than 65536 bytes"

/* What a request's head has in common with others: its bytes, and where in them the rest of the path, the signature and
 * its timestamp belong. Content-length and the empty line are missing. */
typedef struct {
    size_t size, at[3];
    char bytes[];
} eko_head;

/* core.http1.head */
int eko_http1_head(lua_State *L);

#pragma GCC visibility pop

#endif
