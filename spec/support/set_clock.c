/* Preloaded by spec/support/set_clock.sh: the clock of the machine, moved by what set_clock(ms) was last told. */
#include <dlfcn.h>
#include <time.h>

void set_clock(double ms);

static long long moved;

void set_clock(double ms)
{
    moved = (long long)ms;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    static int (*real)(clockid_t, struct timespec *);
    int failed;
    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    failed = real(id, t);
    if (id == CLOCK_REALTIME) t->tv_sec += moved / 1000;
    return failed;
}
