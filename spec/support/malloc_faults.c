/* A library to be preloaded into an interpreter: lets the n-th allocation fail that OpenSSL, libcurl or eko's core makes, and
 * each one after it. A Lua program steers it through os.getenv, which every Lua has:
 *   os.getenv "EKO_FAULT 3"     from here on, the third fails and all that follow
 *   os.getenv "EKO_FAULT once 3"  only the third
 *   os.getenv "EKO_FAULT off"   none; returns how many have failed
 * The interpreter's own allocations never fail. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int armed, once, left, failed;
static char answer[32];

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t n);
void *__libc_realloc(void *p, size_t n);

static int is_watched(const void *caller)
{
    Dl_info where;
    if (dladdr(caller, &where) == 0 || where.dli_fname == NULL) return 0;
    return strstr(where.dli_fname, "/eko/core.so") != NULL || strstr(where.dli_fname, "libcrypto") != NULL ||
           strstr(where.dli_fname, "libssl") != NULL || strstr(where.dli_fname, "libcurl") != NULL;
}

static int must_fail(const void *caller)
{
    if (!armed || !is_watched(caller) || --left > 0) return 0;
    if (once && left < 0) return 0;
    failed++;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t n)
{
    return must_fail(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}

void *calloc(size_t count, size_t n)
{
    return must_fail(__builtin_return_address(0)) ? NULL : __libc_calloc(count, n);
}

void *realloc(void *p, size_t n)
{
    return must_fail(__builtin_return_address(0)) ? NULL : __libc_realloc(p, n);
}

char *strdup(const char *s)
{
    size_t n = strlen(s) + 1;
    char *copy = must_fail(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
    return copy == NULL ? NULL : memcpy(copy, s, n);
}

char *getenv(const char *name)
{
    static char *(*real)(const char *);
    if (strncmp(name, "EKO_FAULT ", 10) != 0) {
        if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, "getenv");
        return real(name);
    }
    armed = 0;
    snprintf(answer, sizeof answer, "%d", failed);
    if (strcmp(name + 10, "off") == 0) return answer;
    once = strncmp(name + 10, "once ", 5) == 0;
    left = atoi(name + 10 + (once ? 5 : 0));
    failed = 0;
    armed = 1;
    return answer;
}
