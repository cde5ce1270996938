/* The process that the module was loaded into, and its forks. */
#ifndef EKO_PROCESS_H
#define EKO_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#pragma GCC visibility push(hidden)

/* Keeps the module's code loaded until the process ends, and is told of forks from here on. To be called whenever the
 * module is opened: what it does it does once a process. */
void eko_settle_in_process(void);

/* getpid, at the price of a function call. */
pid_t eko_pid(void);

/* Whether this process was forked, or forked others, since the module was loaded; true, too, where nobody would tell.
 */
bool eko_has_forked(void);

#pragma GCC visibility pop

#endif
