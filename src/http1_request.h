#ifndef EKO_HTTP1_REQUEST_H
#define EKO_HTTP1_REQUEST_H

#include "core.h"

#pragma GCC visibility push(hidden)

/* core.http1.request. */
int eko_http1_request(lua_State *L);

#pragma GCC visibility pop

#endif
