/* The formats of parameters are Lua patterns (eko.formats). Most are a few sets of bytes one after the other: those are
 * compiled here; for the others their Lua function is called. */
#include "pattern.h"

#include <string.h>

static void add_range(uint32_t set[8], unsigned char first, unsigned char last)
{
    unsigned int c;
    for (c = first; c <= last; c++) set[c >> 5] |= UINT32_C(1) << (c & 31);
}

static int is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* p stands behind the percent sign. */
static int add_class(uint32_t set[8], char c)
{
    if (c != 'd' && c != 'w') {
        if (c == '\0' || is_alphanumeric(c)) return 0;
        add_range(set, (unsigned char)c, (unsigned char)c);
        return 1;
    }
    add_range(set, '0', '9');
    if (c == 'd') return 1;
    add_range(set, 'A', 'Z');
    add_range(set, 'a', 'z');
    return 1;
}

/* p stands behind the opening bracket; returns what stands behind the closing one, NULL when the set is not simple. */
static const char *add_set(uint32_t set[8], const char *p)
{
    if (*p == '^' || *p == ']') return NULL;
    while (*p != ']') {
        if (*p == '\0') return NULL;
        if (*p == '%') {
            if (!add_class(set, p[1])) return NULL;
            p += 2;
        } else if (p[1] == '-' && p[2] != ']' && p[2] != '\0') {
            if (!is_alphanumeric(*p) || !is_alphanumeric(p[2])) return NULL;
            add_range(set, (unsigned char)*p, (unsigned char)p[2]);
            p += 3;
        } else {
            add_range(set, (unsigned char)*p, (unsigned char)*p);
            p++;
        }
    }
    return p + 1;
}

/* One position of the pattern; returns what stands behind it, NULL when it is not simple. */
static const char *add_item(uint32_t set[8], const char *p)
{
    if (*p == '[') return add_set(set, p + 1);
    if (*p == '%') return add_class(set, p[1]) ? p + 2 : NULL;
    if (!is_alphanumeric(*p)) return NULL;
    add_range(set, (unsigned char)*p, (unsigned char)*p);
    return p + 1;
}

int eko_pattern_compile(eko_pattern *pattern, const char *text)
{
    const char *p = text + 1;
    memset(pattern, 0, sizeof *pattern);
    if (*text != '^') return 0;
    while (*p != '$') {
        p = pattern->count < EKO_PATTERN_ITEMS && !pattern->is_open ? add_item(pattern->sets[pattern->count], p) : NULL;
        if (p == NULL) break;
        pattern->count++;
        if (*p == '+') {
            pattern->is_open = 1;
            p++;
        }
    }
    if (p != NULL && p[0] == '$' && p[1] == '\0' && pattern->count > 0) return 1;
    pattern->count = 0;
    return 0;
}

int eko_pattern_matches(const eko_pattern *pattern, const unsigned char *s, size_t n)
{
    size_t i, last = (size_t)pattern->count - 1;
    if (n <= last || (n > last + 1 && !pattern->is_open)) return 0;
    for (i = 0; i < n; i++) {
        const uint32_t *set = pattern->sets[i < last ? i : last];
        if ((set[s[i] >> 5] >> (s[i] & 31) & 1) == 0) return 0;
    }
    return 1;
}
