/* Private to the response parser: http1_parser.c cuts the bytes into lines and bodies, http1_head.c reads the lines of
 * a head and decides how its body is framed. */
#ifndef EKO_HTTP1_HEAD_H
#define EKO_HTTP1_HEAD_H

#include "http/http1_parser.h"

#pragma GCC visibility push(hidden)

struct eko_http1_text {
    const char *data;
    size_t length;
};

static inline bool eko_http1_is_space(char c)
{
    return c == ' ' || c == '\t';
}

static inline bool eko_http1_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Each ends the parse. `detail` is a literal; `error` too, NULL when memory ran out. */
void eko_http1_fail(struct eko_http1 *p, const char *error, const char *detail);
void eko_http1_malformed(struct eko_http1 *p, const char *detail);
void eko_http1_too_large(struct eko_http1 *p, const char *detail);

/* Makes room for `extra` bytes more; false: the parser has failed. */
bool eko_http1_reserve(struct eko_http1 *p, struct eko_http1_buffer *b, size_t extra);

/* Each takes a line without its CRLF; the line of a field is not empty. They move `state` on or fail. */
void eko_http1_read_status_line(struct eko_http1 *p, struct eko_http1_text line);
void eko_http1_read_field(struct eko_http1 *p, struct eko_http1_text line);

/* The empty line after a head was read. */
void eko_http1_end_head(struct eko_http1 *p);

#pragma GCC visibility pop

#endif
