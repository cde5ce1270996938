#include "base/process.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_flag is_loaded = ATOMIC_FLAG_INIT;

/* nginx closes the states of the past. The code stays: libcurl and OpenSSL are set up once a process, and which
 * timestamps were used must not be forgotten. */
static void stay_loaded(void)
{
    Dl_info here;
    if (dladdr(&is_loaded, &here) != 0) dlopen(here.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

/* The kernel is asked once a process: every call has to know whether it still is the process that made what it uses. */
static _Atomic pid_t own_pid;
static bool is_told_of_forks;
static atomic_bool has_forked;

static void note_fork(void)
{
    has_forked = true;
}

static void forget_pid(void)
{
    own_pid = 0;
    has_forked = true;
}

void eko_settle_in_process(void)
{
    if (atomic_flag_test_and_set(&is_loaded)) return;
    stay_loaded();
    is_told_of_forks = pthread_atfork(NULL, note_fork, forget_pid) == 0;
}

bool eko_has_forked(void)
{
    return has_forked || !is_told_of_forks;
}

pid_t eko_pid(void)
{
    pid_t pid = own_pid;
    if (pid == 0 || !is_told_of_forks) own_pid = pid = getpid();
    return pid;
}
