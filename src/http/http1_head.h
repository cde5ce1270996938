/* The lines of a head. Private to the response parser. */
#ifndef EKO_HTTP1_HEAD_H
#define EKO_HTTP1_HEAD_H

#include "http/http1_state.h"

#pragma GCC visibility push(hidden)

/* Each takes a line without its CRLF; the line of a field is not empty. They move `state` on or fail. */
void eko_http1_read_status_line(eko_http1 *p, eko_http1_text line);
void eko_http1_read_field(eko_http1 *p, eko_http1_text line);

/* The empty line after a head was read: decides how the body is framed, or fails. */
void eko_http1_end_head(eko_http1 *p);

#pragma GCC visibility pop

#endif
