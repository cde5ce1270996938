/* An incremental parser of HTTP/1.1 responses (RFC 9112), without Lua and without sockets, so that it can be fuzzed
 * alone.
 *
 * What it says depends on the bytes alone, never on how they were cut into feeds. It is strict: whatever two readers
 * could take for two different messages is refused, because the rest of a connection hangs on where a message ends.
 * Every size is bounded. What is reported about an error is a fixed text: no byte of the peer stands in it. */
#ifndef EKO_HTTP1_PARSER_H
#define EKO_HTTP1_PARSER_H

#include "http/http1_state.h"

#pragma GCC visibility push(hidden)

typedef enum { EKO_HTTP1_MORE, EKO_HTTP1_COMPLETE, EKO_HTTP1_ERROR } eko_http1_verdict;

/* Makes a zeroed or fresh struct ready for the answer to a GET. Both limits are in bytes, at most MAX_LIMIT. */
void eko_http1_init(eko_http1 *p, size_t max_head, size_t max_body);

/* Frees the buffers. A zeroed struct is fine too; the struct can be freed twice. */
void eko_http1_free(eko_http1 *p);

/* Forgets the last answer, keeps the buffers. `is_head`: the request's method was HEAD, its answer has no body. */
void eko_http1_reset(eko_http1 *p, bool is_head);

/* Reads n bytes. They are copied where they are needed, the caller keeps them. Errors are sticky; after the end of
 * the message any byte only makes the connection unfit for reuse. */
eko_http1_verdict eko_http1_feed(eko_http1 *p, const char *data, size_t n);

/* The peer closed its side: never gives MORE. */
eko_http1_verdict eko_http1_finish(eko_http1 *p);

/* The final status once its line was read, else 0. It stays readable after an error further on. */
int eko_http1_status(const eko_http1 *p);

/* Another request may follow on this connection. */
bool eko_http1_reusable(const eko_http1 *p);

#pragma GCC visibility pop

#endif
