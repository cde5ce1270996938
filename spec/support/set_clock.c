/* Preloaded by spec/support/set_clock.sh: the clocks of the machine, moved by what set_clock and set_boot (ms) were last told. */
#include <dlfcn.h>
#include <time.h>

void set_clock(double ms);
void set_boot(double ms);

static long long moved, moved_boot;

void set_clock(double ms)
{
    moved = (long long)ms;
}

void set_boot(double ms)
{
    moved_boot = (long long)ms;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    static int (*real)(clockid_t, struct timespec *);
    int failed;
    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    failed = real(id, t);
    if (id == CLOCK_REALTIME) t->tv_sec += moved / 1000;
    if (id == CLOCK_BOOTTIME) t->tv_sec += moved_boot / 1000;
    return failed;
}
