/* A library to be preloaded into an interpreter: looks into each block that eko's core frees or has moved for a word that
 * must not be left behind. os.getenv "EKO_FREED" returns how many blocks there were, in how many it stood, and how many are
 * not freed. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD "canary-word"

static int blocks, found, alive;
static char answer[64];

void __libc_free(void *p);
void *__libc_malloc(size_t n);
void *__libc_realloc(void *p, size_t n);

static int is_core(const void *caller)
{
    Dl_info where;
    return dladdr(caller, &where) != 0 && where.dli_fname != NULL && strstr(where.dli_fname, "/eko/core.so") != NULL;
}

static void look(void *p, const void *caller)
{
    if (p == NULL || !is_core(caller)) return;
    blocks++;
    found += memmem(p, malloc_usable_size(p), WORD, sizeof WORD - 1) != NULL;
}

/* What others left in a block is not the core's. */
void *malloc(size_t n)
{
    void *p = __libc_malloc(n);
    if (p == NULL || !is_core(__builtin_return_address(0))) return p;
    alive++;
    return memset(p, 0, malloc_usable_size(p));
}

void free(void *p)
{
    look(p, __builtin_return_address(0));
    alive -= p != NULL && is_core(__builtin_return_address(0));
    __libc_free(p);
}

void *realloc(void *p, size_t n)
{
    look(p, __builtin_return_address(0));
    alive += p == NULL && is_core(__builtin_return_address(0));
    return __libc_realloc(p, n);
}

char *getenv(const char *name)
{
    static char *(*real)(const char *);
    if (strcmp(name, "EKO_FREED") == 0) {
        snprintf(answer, sizeof answer, "%d %d %d", blocks, found, alive);
        return answer;
    }
    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, "getenv");
    return real(name);
}
