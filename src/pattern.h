/* The simple ones among Lua's patterns, matched without a call into Lua. Private to plan.c. */
#ifndef EKO_PATTERN_H
#define EKO_PATTERN_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

#define EKO_PATTERN_ITEMS 12

/* One set of bytes for each position; the last one may stand for one or more. */
typedef struct {
    int count; /* 0: there is no pattern */
    int is_open;
    uint32_t sets[EKO_PATTERN_ITEMS][8];
} eko_pattern;

/* Compiles ^...$ made of letters, digits, escaped punctuation, %d, %w and sets of these, with + behind the last one. 0
 * when it is anything else. */
int eko_pattern_compile(eko_pattern *pattern, const char *text);

int eko_pattern_matches(const eko_pattern *pattern, const unsigned char *s, size_t n);

#pragma GCC visibility pop

#endif
