/* The terminal of the command line. */
#ifndef EKO_TERMINAL_H
#define EKO_TERMINAL_H

#include "base/compat.h"

#pragma GCC visibility push(hidden)

/* Adds read_line, is_terminal, signals to the table on top. */
void eko_open_terminal(lua_State *L);

#pragma GCC visibility pop

#endif
