/* The formats of parameters: runs of characters, and a few named checks. */
#ifndef EKO_FORMAT_H
#define EKO_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"

#pragma GCC visibility push(hidden)

#define EKO_FORMAT_RUNS 6

/* Whether n bytes, whose runs were looked at before, are in order; a NUL stands behind them. */
typedef bool (*eko_check)(const char *s, size_t n);

/* Runs of characters one after the other; only the last may have any length. Then the checks: NULL for none. */
typedef struct eko_format {
    int count; /* 0: there is no format */
    struct {
        uint32_t set[8];
        size_t least, most;
    } runs[EKO_FORMAT_RUNS];
    eko_check check, strict;
} eko_format;

/* Reads { runs = { { set, least[, most] }, ... }, check = name, strict = name } at the index into a zeroed format: a
 * set is written as in "A-Z0-9_-", a `most` of 0 means any number. Raises what is wrong with it. */
void eko_read_format(lua_State *L, int index, eko_format *format);

/* Whether a date is one of a living person's birth: from 1900 to today (YYYYMMDD; 0: nobody knows). */
bool eko_is_birth(const char *s, size_t n, int today);

/* Whether a text is a number as spreadsheets write it down: 1.23457E+11, 1234567.0. */
bool eko_is_of_spreadsheet(const char *s, size_t n);

/* Whether a text has the format, the strict check left out. */
bool eko_fits(const eko_format *format, const char *s, size_t n);

#pragma GCC visibility pop

#endif
