/* Verhoeff's check digit, as UIDAI uses it for the Aadhaar number. */
#ifndef EKO_CHECK_DIGIT_H
#define EKO_CHECK_DIGIT_H

#include <stddef.h>

#include "base/compat.h"

#pragma GCC visibility push(hidden)

/* The checksum over n digits, the rightmost at position `from`: 0 for a number with its check digit, from 0 on. -1 when
 * a byte is not a digit. */
int eko_verhoeff(const char *s, size_t n, size_t from);

/* Adds verhoeff, verhoeff_digit to the table on top. */
void eko_open_check_digit(lua_State *L);

#pragma GCC visibility pop

#endif
