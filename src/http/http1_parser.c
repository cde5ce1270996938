#include "http/http1_parser.h"

#include "http/http1_head.h"

#include <stdlib.h>
#include <string.h>

static bool append(eko_http1 *p, eko_http1_buffer *b, const char *data, size_t n)
{
    if (!eko_http1_reserve(p, b, n)) return false;
    memcpy(b->data + b->length, data, n);
    b->length += n;
    return true;
}

/* A line without its CRLF, and its size with it. */
typedef struct {
    eko_http1_text text;
    size_t size;
} whole_line;

/* How long a line may be, its CRLF counted, and what is said of a longer one. */
typedef struct {
    size_t bytes;
    const char *overrun;
} line_limit;

/* Takes a line from *data on; false: all input was kept for later, or the parser has failed. */
static bool take_line(eko_http1 *p, const char **data, const char *end, line_limit limit, whole_line *line)
{
    const size_t available = (size_t)(end - *data), room = limit.bytes - p->line.length;
    const size_t window = available < room ? available : room;
    const char *lf = window > 0 ? memchr(*data, '\n', window) : NULL;
    if (lf == NULL) {
        if (available > room)
            eko_http1_too_large(p, limit.overrun);
        else if (append(p, &p->line, *data, available))
            *data = end;
        return false;
    }
    eko_http1_text text = {.data = *data, .length = (size_t)(lf + 1 - *data)};
    if (p->line.length > 0) {
        if (!append(p, &p->line, text.data, text.length)) return false;
        text = (eko_http1_text){.data = p->line.data, .length = p->line.length};
        p->line.length = 0;
    }
    *data = lf + 1;
    if (text.length < 2 || text.data[text.length - 2] != '\r') {
        eko_http1_malformed(p, "line end: LF without CR");
        return false;
    }
    line->size = text.length;
    line->text = (eko_http1_text){.data = text.data, .length = text.length - 2};
    return true;
}

/* Tells at once, without waiting for a whole line, that the peer speaks something else (TLS, a banner). Looks no
 * further than `limit`, where the head would be too large anyway: so the answer is the same however bytes are cut. */
static bool begins_like_http(const eko_http1 *p, const char *data, const char *end, size_t limit)
{
    static const char beginning[] = "HTTP/1.";
    size_t i = p->line.length;
    for (; i < sizeof beginning - 1 && i < limit && data < end; i++, data++)
        if (*data != beginning[i]) return false;
    return true;
}

static const char *read_head(eko_http1 *p, const char *data, const char *end)
{
    const line_limit limit = {.bytes = p->max_head - p->head_used, .overrun = "head"};
    if (p->state == EKO_HTTP1_STATUS_LINE && !begins_like_http(p, data, end, limit.bytes)) {
        eko_http1_malformed(p, "status line");
        return data;
    }
    whole_line line;
    if (!take_line(p, &data, end, limit, &line)) return data;
    p->head_used += line.size;
    if (p->state == EKO_HTTP1_STATUS_LINE)
        eko_http1_read_status_line(p, line.text);
    else if (line.text.length > 0)
        eko_http1_read_field(p, line.text);
    else if (p->state == EKO_HTTP1_TRAILER)
        p->state = EKO_HTTP1_DONE;
    else
        eko_http1_end_head(p);
    return data;
}

static int hex_digit(char c)
{
    if (eko_http1_is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* chunk-size [ chunk-ext ] CRLF; extensions are skipped. Sixteen digits fit the counter, leading zeros included. */
static const char *read_chunk_size(eko_http1 *p, const char *data, const char *end)
{
    static const line_limit limit = {.bytes = EKO_HTTP1_MAX_CHUNK_LINE, .overrun = "chunk size line"};
    whole_line taken;
    if (!take_line(p, &data, end, limit, &taken)) return data;
    const eko_http1_text line = taken.text;
    size_t digits = 0;
    uint64_t size = 0;
    for (; digits < line.length && hex_digit(line.data[digits]) >= 0; digits++)
        if (digits < 16) size = size * 16 + (uint64_t)hex_digit(line.data[digits]);
    size_t i = digits;
    while (i < line.length && eko_http1_is_space(line.data[i])) i++;
    if (digits == 0 || digits > 16 || (digits < line.length && (i == line.length || line.data[i] != ';'))) {
        eko_http1_malformed(p, "chunk size");
        return data;
    }
    p->extensions += line.length - digits;
    if (!eko_http1_is_field_text(line.data + digits, line.length - digits))
        eko_http1_malformed(p, "chunk extension: holds a control character");
    else if (p->extensions > EKO_HTTP1_MAX_EXTENSIONS)
        eko_http1_too_large(p, "chunk extensions");
    else if (size > p->max_body - p->body.length)
        eko_http1_too_large(p, "body");
    else
        p->state = size > 0 ? EKO_HTTP1_CHUNK_DATA : EKO_HTTP1_TRAILER;
    p->remaining = size;
    return data;
}

static const char *read_body(eko_http1 *p, const char *data, const char *end)
{
    size_t n = (size_t)(end - data);
    if (n > p->remaining) n = (size_t)p->remaining;
    if (n > p->max_body - p->body.length) {
        eko_http1_too_large(p, "body");
        return data;
    }
    if (!append(p, &p->body, data, n)) return data;
    if (p->state == EKO_HTTP1_BODY_CLOSE) return end;
    p->remaining -= n;
    if (p->remaining == 0) p->state = p->state == EKO_HTTP1_CHUNK_DATA ? EKO_HTTP1_CHUNK_CR : EKO_HTTP1_DONE;
    return data + n;
}

static const char *read_chunk_end(eko_http1 *p, const char *data)
{
    if (p->state == EKO_HTTP1_CHUNK_CR && *data == '\r')
        p->state = EKO_HTTP1_CHUNK_LF;
    else if (p->state == EKO_HTTP1_CHUNK_LF && *data == '\n')
        p->state = EKO_HTTP1_CHUNK_SIZE;
    else
        eko_http1_malformed(p, "chunk end: data longer than its size");
    return data + 1;
}

static eko_http1_verdict verdict(const eko_http1 *p)
{
    if (p->state == EKO_HTTP1_DONE) return EKO_HTTP1_COMPLETE;
    return p->state == EKO_HTTP1_FAILED ? EKO_HTTP1_ERROR : EKO_HTTP1_MORE;
}

eko_http1_verdict eko_http1_feed(eko_http1 *p, const char *data, size_t n)
{
    const char *end = data + n;
    while (data < end && p->state < EKO_HTTP1_DONE) {
        switch (p->state) {
        case EKO_HTTP1_STATUS_LINE:
        case EKO_HTTP1_HEADER:
        case EKO_HTTP1_TRAILER: data = read_head(p, data, end); break;
        case EKO_HTTP1_CHUNK_SIZE: data = read_chunk_size(p, data, end); break;
        case EKO_HTTP1_CHUNK_CR:
        case EKO_HTTP1_CHUNK_LF: data = read_chunk_end(p, data); break;
        default: data = read_body(p, data, end); break;
        }
    }
    if (data < end) p->leftover = true;
    return verdict(p);
}

eko_http1_verdict eko_http1_finish(eko_http1 *p)
{
    p->closed = true;
    if (p->state == EKO_HTTP1_BODY_CLOSE)
        p->state = EKO_HTTP1_DONE;
    else if (p->state <= EKO_HTTP1_HEADER)
        eko_http1_fail(p, "connection_closed",
                       p->head_used + p->line.length > 0 ? "inside the head" : "before any answer");
    else if (p->state < EKO_HTTP1_DONE)
        eko_http1_fail(p, "connection_closed", "inside the body");
    return verdict(p);
}

int eko_http1_status(const eko_http1 *p)
{
    return p->status >= 200 ? p->status : 0;
}

bool eko_http1_reusable(const eko_http1 *p)
{
    if (p->state != EKO_HTTP1_DONE || p->inexact || p->leftover || p->closed || p->says_close) return false;
    return !p->is_http10 || p->says_keep_alive;
}

static void empty(eko_http1_buffer *b)
{
    b->length = 0;
    if (b->capacity <= EKO_HTTP1_KEPT_CAPACITY) return;
    free(b->data);
    b->data = NULL;
    b->capacity = 0;
}

void eko_http1_reset(eko_http1 *p, bool is_head)
{
    p->state = EKO_HTTP1_STATUS_LINE;
    p->status = 0;
    p->is_head = is_head;
    p->is_http10 = p->has_length = p->is_chunked = p->has_coding = p->in_field = false;
    p->says_close = p->says_keep_alive = false;
    p->idle_seconds = EKO_HTTP1_ENDLESS;
    p->inexact = p->leftover = p->closed = false;
    p->interim_count = 0;
    p->field_total = p->field_count = 0;
    p->head_used = p->extensions = 0;
    p->remaining = 0;
    p->error = p->detail = NULL;
    empty(&p->line);
    empty(&p->head);
    empty(&p->body);
}

void eko_http1_init(eko_http1 *p, size_t max_head, size_t max_body)
{
    p->max_head = max_head;
    p->max_body = max_body;
    memset(&p->line, 0, sizeof p->line);
    memset(&p->head, 0, sizeof p->head);
    memset(&p->body, 0, sizeof p->body);
    p->fields = NULL;
    p->field_capacity = 0;
    eko_http1_reset(p, false);
}

void eko_http1_free(eko_http1 *p)
{
    free(p->line.data);
    free(p->head.data);
    free(p->body.data);
    free(p->fields);
    eko_http1_init(p, p->max_head, p->max_body);
}
