/* One HTTP/1.1 exchange: what is known of a request that leaves once and of the answer that comes. Whoever moves the
 * bytes tells it what became of them, and decides nothing. */
#ifndef EKO_EXCHANGE_H
#define EKO_EXCHANGE_H

#include "base/clock.h"
#include "base/type.h"
#include "http/http1_parser.h"

#pragma GCC visibility push(hidden)

#define EKO_EXCHANGE "eko.exchange"

typedef struct {
    eko_http1 http;
    double deadline, started, first_byte, finished; /* seconds of the monotonic clock */
    size_t taken;                                   /* bytes of the request that the kernel took, as far as known */
    bool is_sent;                                   /* it took all of them */
    bool is_open;
    char detail[256]; /* what a socket said */
} eko_exchange;

static inline bool eko_exchange_is_over(const eko_exchange *x)
{
    return x->http.state >= EKO_HTTP1_DONE;
}

/* For how many seconds the connection may wait for another request; 0: for none at all. */
uint32_t eko_exchange_keep(const eko_exchange *x);

/* Bytes of the answer came. */
void eko_exchange_feed(eko_exchange *x, const char *bytes, size_t n);

/* The peer closed its side; the time is up; the socket failed, with these words. Each ends the exchange. */
void eko_exchange_closed(eko_exchange *x);
void eko_exchange_late(eko_exchange *x);
void eko_exchange_broken(eko_exchange *x, const char *words);

/* Adds exchange to the table on top. */
void eko_open_http1(lua_State *L);

#pragma GCC visibility pop

#endif
