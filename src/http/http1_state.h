/* The state of a parser of responses, and what its halves share: http1_parser.c cuts the bytes into lines and bodies,
 * http1_head.c reads the lines of a head and decides how its body is framed. */
#ifndef EKO_HTTP1_STATE_H
#define EKO_HTTP1_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

enum {
    EKO_HTTP1_MAX_FIELDS = 256,           /* header fields of one answer, those of 1xx heads and trailers included */
    EKO_HTTP1_MAX_INTERIM = 16,           /* 1xx answers before the final one */
    EKO_HTTP1_MAX_CHUNK_LINE = 512,       /* one chunk-size line with its extensions and line end */
    EKO_HTTP1_MAX_EXTENSIONS = 16384,     /* all chunk extensions of one answer */
    EKO_HTTP1_KEPT_CAPACITY = 256 * 1024, /* a larger buffer is given back on reset */
    EKO_HTTP1_MAX_LIMIT = 1024 * 1024 * 1024, /* the largest max_head and max_body there can be */
    EKO_HTTP1_ENDLESS = 1000000000            /* the idle seconds of a peer that gives none, or more than this */
};

typedef enum {
    EKO_HTTP1_STATUS_LINE,
    EKO_HTTP1_HEADER,
    EKO_HTTP1_BODY_LENGTH, /* a body of known length */
    EKO_HTTP1_BODY_CLOSE,  /* a body that lasts until the peer closes */
    EKO_HTTP1_CHUNK_SIZE,
    EKO_HTTP1_CHUNK_DATA,
    EKO_HTTP1_CHUNK_CR,
    EKO_HTTP1_CHUNK_LF,
    EKO_HTTP1_TRAILER,
    EKO_HTTP1_DONE, /* from here on nothing more is read */
    EKO_HTTP1_FAILED
} eko_http1_state;

/* Bytes of the parser's own; NULL while there is no capacity. */
typedef struct eko_http1_buffer {
    char *data;
    size_t length;
    size_t capacity;
} eko_http1_buffer;

/* One header field: offsets into `head`. The name is in lower case, the value trimmed. Fields of the same name are
 * chained through `next` (0: the last one); only the first of a chain has `repeated` unset. The one at `field_count` is
 * still being read. */
typedef struct eko_http1_field {
    uint32_t name, name_length;
    uint32_t value, value_length;
    uint16_t next;
    bool repeated;
} eko_http1_field;

typedef struct eko_http1 {
    size_t max_head, max_body;

    eko_http1_state state;
    int status; /* of the head being read; 0 before its status line */
    bool is_head, is_http10;
    bool has_length, is_chunked;
    bool has_coding; /* there is a Content-Encoding */
    bool in_field;   /* the last line was a field, which the next one may go on with */
    bool says_close, says_keep_alive;
    uint32_t idle_seconds; /* after which the peer closes an idle connection (Keep-Alive: timeout=), or ENDLESS */
    bool inexact;          /* the end of the message was not plain from its framing */
    bool leftover;         /* bytes came after the end of the message */
    bool closed;           /* the peer closed */
    int interim_count;
    unsigned field_total; /* read in this answer, dropped ones included */
    unsigned field_count; /* valid in `fields` */
    size_t head_used;     /* bytes of max_head already spent */
    size_t extensions;    /* bytes of chunk extensions seen */
    uint64_t remaining;   /* bytes to come of the body or of the chunk */

    /* Set in the state FAILED; both are literals, or their setter's. `error` is NULL when memory ran out. */
    const char *error;
    const char *detail;

    eko_http1_buffer line; /* the beginning of a line that was cut */
    eko_http1_buffer head;
    eko_http1_buffer body;
    eko_http1_field *fields; /* as many as there were at once: there is an answer for each call under way */
    unsigned field_capacity;
} eko_http1;

/* A piece of somebody else's bytes. */
typedef struct eko_http1_text {
    const char *data;
    size_t length;
} eko_http1_text;

static inline bool eko_http1_is_space(char c)
{
    return c == ' ' || c == '\t';
}

static inline bool eko_http1_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Text that may stand in a field value: no control character but TAB. May be empty. */
bool eko_http1_is_field_text(const char *s, size_t n);

/* Each ends the parse. The texts are not copied, and have to live as long as the parser; `error` is NULL when memory
 * ran out. */
void eko_http1_fail(eko_http1 *p, const char *error, const char *detail);
void eko_http1_malformed(eko_http1 *p, const char *detail);
void eko_http1_too_large(eko_http1 *p, const char *detail);

/* Makes room in a buffer of the parser for `extra` bytes more; false: memory ran out, and the parser has failed. */
bool eko_http1_reserve(eko_http1 *p, eko_http1_buffer *b, size_t extra);

/* The same for the field at `field_count`. */
bool eko_http1_reserve_field(eko_http1 *p);

#pragma GCC visibility pop

#endif
