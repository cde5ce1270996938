/* sign COUNT: microseconds of CPU per signature, every timestamp another. */
#include "openssl_sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static size_t digits(char out[24], long long value)
{
    char *p = out + 24;
    size_t n;
    do *--p = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    n = (size_t)(out + 24 - p);
    memmove(out, p, n);
    return n;
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? atol(argv[1]) : 100000;
    signing s;
    char timestamp[24], signature[SIGNATURE_SIZE];
    clock_t start;
    if (!signing_open(&s, "bench-access-key")) return 1;
    start = clock();
    for (long i = 0; i < count; i++)
        if (!sign(&s, timestamp, digits(timestamp, 1700000000000LL + i), signature)) return 1;
    printf("%.6f\n", (double)(clock() - start) * 1e6 / CLOCKS_PER_SEC / (double)count);
    signing_close(&s);
    return 0;
}
