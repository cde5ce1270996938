#include "http/http1_state.h"

#include <stdlib.h>
#include <string.h>

/* Eight bytes without one below 0x20 and without DEL. */
static bool is_plain_word(const char *s)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = UINT64_C(0x8080808080808080);
    uint64_t word;
    memcpy(&word, s, sizeof word);
    const uint64_t deleted = word ^ (ones * 0x7f);
    return ((((word - ones * 0x20) & ~word) | ((deleted - ones) & ~deleted)) & tops) == 0;
}

static bool is_field_byte(char c)
{
    const unsigned char byte = (unsigned char)c;
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

bool eko_http1_is_field_text(const char *s, size_t n)
{
    size_t i = 0;
    if (n >= 8) { /* Most texts hold no TAB: whole words, the last one overlapping the one before it. */
        while (i + 8 < n && is_plain_word(s + i)) i += 8;
        if (i + 8 >= n && is_plain_word(s + n - 8)) return true;
    }
    while (i < n && is_field_byte(s[i])) i++;
    return i == n;
}

void eko_http1_fail(eko_http1 *p, const char *error, const char *detail)
{
    p->state = EKO_HTTP1_FAILED;
    p->error = error;
    p->detail = detail;
}

void eko_http1_malformed(eko_http1 *p, const char *detail)
{
    eko_http1_fail(p, "malformed_response", detail);
}

void eko_http1_too_large(eko_http1 *p, const char *detail)
{
    eko_http1_fail(p, "response_too_large", detail);
}

/* The sizes are bounded by the limits, so the sums cannot overflow. */
bool eko_http1_reserve(eko_http1 *p, eko_http1_buffer *b, size_t extra)
{
    if (extra <= b->capacity - b->length) return true;
    size_t capacity = b->capacity * 2 > 512 ? b->capacity * 2 : 512;
    if (capacity < b->length + extra) capacity = b->length + extra;
    char *data = realloc(b->data, capacity);
    if (data == NULL) {
        eko_http1_fail(p, NULL, "not enough memory");
        return false;
    }
    b->data = data;
    b->capacity = capacity;
    return true;
}

bool eko_http1_reserve_field(eko_http1 *p)
{
    if (p->field_count < p->field_capacity) return true;
    const unsigned capacity = p->field_capacity > 0 ? 2 * p->field_capacity : 16;
    eko_http1_field *fields = realloc(p->fields, capacity * sizeof *fields);
    if (fields == NULL) {
        eko_http1_fail(p, NULL, "not enough memory");
        return false;
    }
    p->fields = fields;
    p->field_capacity = capacity;
    return true;
}
