/* Where plain text ends: what stands in a JSON string as it is. */
#ifndef EKO_PLAIN_H
#define EKO_PLAIN_H

#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define EKO_STEP 8

/* Which of 8 bytes are not plain, the highest bit of each. The subtractions can borrow into a byte above a hit, never
 * below the lowest one. */
static inline uint64_t eko_not_plain(const unsigned char *p)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t v;
    memcpy(&v, p, EKO_STEP);
    const uint64_t quote = v ^ (ones * '"'), backslash = v ^ (ones * '\\');
    return (((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) | ((v - ones * 0x20) & ~v) | v) & (ones << 7);
}
#endif

#ifdef __SSE2__
#include <emmintrin.h>

#define EKO_WIDE_STEP 16

/* Which of 16 bytes are not plain, a bit each. */
static inline unsigned int eko_not_plain_wide(const unsigned char *p)
{
    const __m128i v = _mm_loadu_si128((const __m128i *)p);
    const __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"')), backslash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
    /* As signed bytes those beyond ASCII are below the space too. */
    const __m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20));
    return (unsigned int)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), low));
}
#endif

/* The first byte from p on that is a quote, a backslash, a control character (DEL is none here) or beyond ASCII; or
 * `end`. */
static inline const unsigned char *eko_skip_plain(const unsigned char *p, const unsigned char *end)
{
#ifdef EKO_WIDE_STEP
    for (; end - p >= EKO_WIDE_STEP; p += EKO_WIDE_STEP) {
        const unsigned int hits = eko_not_plain_wide(p);
        if (hits != 0) return p + (unsigned int)__builtin_ctz(hits);
    }
#endif
#ifdef EKO_STEP
    for (; end - p >= EKO_STEP; p += EKO_STEP) {
        const uint64_t hits = eko_not_plain(p);
        if (hits != 0) return p + (__builtin_ctzll(hits) >> 3);
    }
#endif
    while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\') p++;
    return p;
}

#endif
