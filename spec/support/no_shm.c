/* A kernel without System V shared memory (a sandbox, a small kernel.shmmax), preloaded. */
#include <errno.h>
#include <stddef.h>
#include <sys/shm.h>

int shmget(key_t key, size_t size, int flags)
{
    (void)key;
    (void)size;
    (void)flags;
    errno = ENOSYS;
    return -1;
}
