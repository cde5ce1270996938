/* An incremental parser of HTTP/1.1 responses (RFC 9112), without Lua and without sockets, so that it can be fuzzed
 * alone.
 *
 * What it says depends on the bytes alone, never on how they were cut into feeds. It is strict: whatever two readers
 * could take for two different messages is refused, because the rest of a connection hangs on where a message ends.
 * Every size is bounded. What is reported about an error is a fixed text: no byte of the peer stands in it. */
#ifndef EKO_HTTP1_PARSER_H
#define EKO_HTTP1_PARSER_H

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

enum eko_http1_verdict { EKO_HTTP1_MORE, EKO_HTTP1_COMPLETE, EKO_HTTP1_ERROR };

enum eko_http1_state {
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
};

struct eko_http1_buffer {
    char *data;
    size_t length;
    size_t capacity;
};

/* One header field: offsets into `head`. The name is in lower case, the value trimmed. Fields of the same name are
 * chained through `next` (0: the last one); only the first of a chain has `repeated` unset. The one at `field_count` is
 * still being read. */
struct eko_http1_field {
    uint32_t name, name_length;
    uint32_t value, value_length;
    uint16_t next;
    bool repeated;
};

struct eko_http1 {
    size_t max_head, max_body;

    enum eko_http1_state state;
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

    /* Set in the state FAILED. `error` is NULL when memory ran out. */
    const char *error;
    const char *detail;

    struct eko_http1_buffer line; /* the beginning of a line that was cut */
    struct eko_http1_buffer head;
    struct eko_http1_buffer body;
    struct eko_http1_field fields[EKO_HTTP1_MAX_FIELDS];
};

/* Makes a zeroed or fresh struct ready for the answer to a GET. Both limits are in bytes, at most MAX_LIMIT. */
void eko_http1_init(struct eko_http1 *p, size_t max_head, size_t max_body);

/* Frees the buffers. A zeroed struct is fine too; the struct can be freed twice. */
void eko_http1_free(struct eko_http1 *p);

/* Forgets the last answer, keeps the buffers. `is_head`: the request's method was HEAD, its answer has no body. */
void eko_http1_reset(struct eko_http1 *p, bool is_head);

/* Reads n bytes. They are copied where they are needed, the caller keeps them. Errors are sticky; after the end of
 * the message any byte only makes the connection unfit for reuse. */
enum eko_http1_verdict eko_http1_feed(struct eko_http1 *p, const char *data, size_t n);

/* The peer closed its side: never gives MORE. */
enum eko_http1_verdict eko_http1_finish(struct eko_http1 *p);

/* The final status once its line was read, else 0. It stays readable after an error further on. */
int eko_http1_status(const struct eko_http1 *p);

/* Another request may follow on this connection. */
bool eko_http1_reusable(const struct eko_http1 *p);

/* Text that may stand in a field value: no control character but TAB. May be empty. */
bool eko_http1_is_field_text(const char *s, size_t n);

#pragma GCC visibility pop

#endif
