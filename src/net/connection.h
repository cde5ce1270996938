/* Connections, made by libcurl. */
#ifndef EKO_CONNECTION_H
#define EKO_CONNECTION_H

#include "base/compat.h"

#pragma GCC visibility push(hidden)

/* Adds network, check_proxy, sleep, poll and pid to the table on top; to be called when the types of exchanges and
 * drafts are there. */
void eko_open_connection(lua_State *L);

#pragma GCC visibility pop

#endif
