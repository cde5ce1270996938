/* Answers of the platform, read. */
#ifndef EKO_JSON_READ_H
#define EKO_JSON_READ_H

#include "base/compat.h"

#pragma GCC visibility push(hidden)

/* Adds reader to the table on top. */
void eko_open_json_read(lua_State *L);

#pragma GCC visibility pop

#endif
