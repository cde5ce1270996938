/* What of a text a person sees. */
#ifndef EKO_SHOWN_H
#define EKO_SHOWN_H

#include <stddef.h>

#include "base/compat.h"

#pragma GCC visibility push(hidden)

/* Nothing; blanks at its ends; characters that do not show, or that turn others around. */
enum { EKO_IS_BLANK = 1, EKO_BLANK_START = 2, EKO_BLANK_END = 4, EKO_BLANK_ENDS = 6, EKO_IS_HIDDEN = 8 };
int eko_look(const char *s, size_t n);

/* A text without blanks at its ends, inside the one that was given, and its length. (The two joiners, which belong to
 * what is before them, stay.) */
const char *eko_trim(const char *s, size_t *n);

/* Adds trim to the table on top. */
void eko_open_shown(lua_State *L);

#pragma GCC visibility pop

#endif
