/* libFuzzer target of the response parser: an answer must read the same whole, byte by byte and in any cuts, within its
 * limits, and on a parser that read other answers before.
 *
 * Input: byte 0 chooses method, limits and whether the peer closes; bytes 1 and 2 seed the cuts; the rest is the
 * answer.
 *
 *   clang -std=c11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -Isrc \
 *       fuzz/http1_fuzz.c src/http/http1_*.c -o build/http1_fuzz
 *   mkdir -p build/fuzz-corpus
 *   build/http1_fuzz -max_total_time=20 -max_len=4096 -dict=fuzz/http1.dict -artifact_prefix=build/ \
 *       build/fuzz-corpus fuzz/corpus
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/http1_parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const size_t head_limits[] = {65536, 1024, 64, 5};
static const size_t body_limits[] = {8388608, 4096, 16, 0};

struct setting {
    size_t max_head, max_body;
    bool is_head, closes;
};

static void expect(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "http1_fuzz: %s\n", what);
    abort();
}

static void check_bounds(const eko_http1 *p)
{
    expect(p->head_used <= p->max_head && p->head.length <= p->max_head, "a head within its limit");
    expect(p->body.length <= p->max_body, "a body within its limit");
    expect(p->field_count <= EKO_HTTP1_MAX_FIELDS, "fields within their limit");
    expect(!p->in_field || p->field_count < EKO_HTTP1_MAX_FIELDS, "room for the field that is being read");
    expect(p->line.length <= p->max_head || p->line.length <= EKO_HTTP1_MAX_CHUNK_LINE, "a cut line within its limit");
    expect(p->field_total >= p->field_count, "no field that was not read");
    expect(p->state == EKO_HTTP1_FAILED || p->field_total <= EKO_HTTP1_MAX_FIELDS,
           "fields of all heads within their limit");
    expect(p->idle_seconds <= EKO_HTTP1_ENDLESS, "idle seconds within their limit");
    expect(p->state != EKO_HTTP1_FAILED || (p->error != NULL && p->detail != NULL), "an error that has a name");
}

/* Feeds one piece from an allocation of its own size, so that a read past its end is seen. */
static eko_http1_verdict feed_copy(eko_http1 *p, const char *bytes, size_t n)
{
    eko_http1_verdict verdict;
    char *piece = malloc(n);
    if (piece == NULL) abort();
    memcpy(piece, bytes, n);
    verdict = eko_http1_feed(p, piece, n);
    free(piece);
    return verdict;
}

/* Feeds pieces of 1 to `longest` bytes; 0 stands for everything at once. */
static void read_answer(eko_http1 *p, const struct setting *setting, const char *bytes, size_t size, unsigned longest,
                        uint32_t seed)
{
    p->max_head = setting->max_head;
    p->max_body = setting->max_body;
    eko_http1_reset(p, setting->is_head);
    while (size > 0) {
        size_t n = size;
        eko_http1_verdict before, after;
        seed = seed * 1664525u + 1013904223u;
        if (longest > 0) n = 1 + (seed >> 8) % longest;
        if (n > size) n = size;
        before = eko_http1_feed(p, bytes, 0);
        after = longest > 1 ? feed_copy(p, bytes, n) : eko_http1_feed(p, bytes, n);
        expect(before == EKO_HTTP1_MORE || before == after, "a verdict that stays");
        check_bounds(p);
        bytes += n;
        size -= n;
    }
    if (setting->closes) expect(eko_http1_finish(p) != EKO_HTTP1_MORE, "an end when the peer closed");
}

static void compare_fields(const eko_http1 *a, const eko_http1 *b)
{
    expect(a->field_count == b->field_count && a->head.length == b->head.length, "the same number of fields");
    for (unsigned i = 0; i < a->field_count; i++) {
        const eko_http1_field *f = &a->fields[i], *g = &b->fields[i];
        expect(f->name == g->name && f->name_length == g->name_length && f->value == g->value &&
                   f->value_length == g->value_length && f->next == g->next && f->repeated == g->repeated,
               "the same fields");
        expect(f->next == 0 || (f->next > i && f->next < a->field_count), "a chain that goes on");
    }
    expect(a->head.length == 0 || memcmp(a->head.data, b->head.data, a->head.length) == 0, "the same head");
}

static void compare(const eko_http1 *a, const eko_http1 *b)
{
    expect(a->state == b->state && eko_http1_status(a) == eko_http1_status(b), "the same state and status");
    expect(eko_http1_reusable(a) == eko_http1_reusable(b), "the same fitness for reuse");
    if (a->state == EKO_HTTP1_FAILED) {
        expect(strcmp(a->error, b->error) == 0 && strcmp(a->detail, b->detail) == 0, "the same error");
        return;
    }
    expect(a->idle_seconds == b->idle_seconds, "the same idle seconds");
    compare_fields(a, b);
    expect(a->body.length == b->body.length && a->leftover == b->leftover, "the same length of body");
    expect(a->body.length == 0 || memcmp(a->body.data, b->body.data, a->body.length) == 0, "the same body");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static eko_http1 whole, bytewise, cut; /* kept from input to input: a reset must forget everything */
    static const char none[1];
    struct setting setting;
    uint32_t seed;
    const char *bytes;
    if (size < 3) return 0;
    setting.max_head = head_limits[data[0] & 3];
    setting.max_body = body_limits[(data[0] >> 2) & 3];
    setting.is_head = (data[0] & 0x10) != 0;
    setting.closes = (data[0] & 0x20) != 0;
    seed = (uint32_t)data[1] << 8 | data[2];
    size -= 3;
    bytes = size > 0 ? (const char *)data + 3 : none;
    read_answer(&whole, &setting, bytes, size, 0, seed);
    read_answer(&bytewise, &setting, bytes, size, 1, seed);
    read_answer(&cut, &setting, bytes, size, 1 + data[1] % 61, seed);
    compare(&whole, &bytewise);
    compare(&whole, &cut);
    return 0;
}
