/* core.terminal: a line that a person types, and what signals do to a program of the command line.
 *
 * A hidden answer is typed with the echo off. Whatever takes the terminal away meanwhile (a key that ends or stops the
 * program, a signal from elsewhere) is caught and the terminal put back as it was; after a stop the question is asked
 * anew. Nothing raises in between. */
#include "cli/terminal.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LONGEST_LINE 4096 /* a terminal hands over no more at once */
#define LONGEST_WORDS 512

static const int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU, SIGTSTP, SIGCONT};
#define WATCHED (sizeof watched / sizeof watched[0])

typedef struct {
    struct sigaction actions[WATCHED];
    sigset_t mask;
} habits;

static volatile sig_atomic_t arrived;

static void note(int number)
{
    arrived = number;
}

/* From here on the watched signals wait; they are noted once somebody waits for them. */
static void watch_signals(habits *before)
{
    sigset_t set;
    arrived = 0;
    sigemptyset(&set);
    for (size_t i = 0; i < WATCHED; i++) sigaddset(&set, watched[i]);
    sigprocmask(SIG_BLOCK, &set, &before->mask);
    const struct sigaction action = {.sa_handler = note};
    for (size_t i = 0; i < WATCHED; i++) {
        sigaction(watched[i], NULL, &before->actions[i]);
        /* What is ignored (nohup) stays so. */
        if (before->actions[i].sa_handler != SIG_IGN) sigaction(watched[i], &action, NULL);
    }
}

static void stop_watching(const habits *before)
{
    for (size_t i = 0; i < WATCHED; i++) sigaction(watched[i], &before->actions[i], NULL);
    sigprocmask(SIG_SETMASK, &before->mask, NULL);
}

static bool write_all(int fd, const char *data, size_t n)
{
    while (n > 0) {
        const ssize_t written = write(fd, data, n);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        data += written;
        n -= (size_t)written;
    }
    return true;
}

typedef enum { LINE, END, INTERRUPTED, STOPPED, FAILED } ending;

/* Where there is something to read, ppoll lets no signal through that came too: it is let through here. */
static void let_signals_through(const sigset_t *mask)
{
    sigset_t pending;
    sigpending(&pending);
    for (size_t i = 0; i < WATCHED; i++) {
        if (!sigismember(&pending, watched[i]) || sigismember(mask, watched[i])) continue;
        sigsuspend(mask);
        return;
    }
}

/* A line without its end; *used counts its bytes. */
static ending await_line(const sigset_t *mask, char *line, size_t *used)
{
    *used = 0;
    for (;;) {
        struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
        const int ready = ppoll(&input, 1, NULL, mask);
        const int problem = errno;
        if (ready > 0) let_signals_through(mask);
        if (arrived != 0) return arrived == SIGTSTP || arrived == SIGCONT ? STOPPED : INTERRUPTED;
        if (ready < 0 && problem == EINTR) continue;
        if (ready < 0) return FAILED;
        const ssize_t n = read(STDIN_FILENO, line + *used, LONGEST_LINE - *used);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno == EIO ? END : FAILED; /* the terminal is gone */
        if (n == 0) return END;
        *used += (size_t)n;
        if (line[*used - 1] == '\n') {
            *used -= 1;
            return LINE;
        }
        if (*used == LONGEST_LINE) return LINE;
    }
}

static ending ask_once(const char *prompt, size_t prompt_size, bool hidden, char *line, size_t *used)
{
    habits before;
    struct termios modes;
    watch_signals(&before);
    hidden = hidden && tcgetattr(STDIN_FILENO, &modes) == 0;
    if (hidden) { /* before the prompt is seen: what is typed at once must not appear either */
        struct termios silent = modes;
        silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
        tcsetattr(STDIN_FILENO, TCSADRAIN, &silent);
    }
    const bool told = write_all(STDOUT_FILENO, prompt, prompt_size);
    const ending result = told ? await_line(&before.mask, line, used) : FAILED;
    if (hidden) tcsetattr(STDIN_FILENO, TCSADRAIN, &modes);
    if (told && (hidden || result != LINE)) write_all(STDOUT_FILENO, "\n", 1);
    /* With its own effect, as soon as it is let through below. A stop that could not be caught is over by now. */
    if (result == STOPPED && arrived == SIGTSTP) raise(SIGTSTP);
    stop_watching(&before);
    return result;
}

/* terminal.read_line(prompt[, hidden]) -> line, or nil and "end", "interrupted" or "failed". Standard input is a
 * terminal; what was written before is flushed. */
static int terminal_read_line(lua_State *L)
{
    static const char *const names[] = {
        [LINE] = "line", [END] = "end", [INTERRUPTED] = "interrupted", [STOPPED] = "stopped", [FAILED] = "failed"};
    size_t used = 0, prompt_size;
    const char *prompt = luaL_checklstring(L, 1, &prompt_size);
    const bool hidden = lua_toboolean(L, 2);
    char line[LONGEST_LINE];
    ending result;
    do {
        result = ask_once(prompt, prompt_size, hidden, line, &used);
    } while (result == STOPPED);
    if (result == LINE) lua_pushlstring(L, line, used);
    OPENSSL_cleanse(line, sizeof line);
    if (result == LINE) return 1;
    lua_pushnil(L);
    lua_pushstring(L, names[result]);
    return 2;
}

/* terminal.is_terminal(fd) -> whether that stream is one */
static int terminal_is_terminal(lua_State *L)
{
    lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
    return 1;
}

static char words[LONGEST_WORDS];
static volatile sig_atomic_t words_size;

static void last_words(int number)
{
    (void)!write(STDERR_FILENO, words, (size_t)words_size);
    signal(number, SIG_DFL);
    raise(number);
}

/* terminal.signals([words]): Ctrl-C ends the process at once (the interpreter's own handler would wait for the end of a
 * call), as do SIGTERM and SIGHUP, each after writing the words (at most 512 bytes) to standard error. A closed pipe is
 * an error of whoever writes to it. What is ignored (nohup) stays so. */
static int terminal_signals(lua_State *L)
{
    static const int last[] = {SIGINT, SIGTERM, SIGHUP};
    const size_t count = sizeof last / sizeof *last;
    size_t size;
    const char *text = luaL_optlstring(L, 1, "", &size);
    luaL_argcheck(L, size <= LONGEST_WORDS, 1, "at most 512 bytes");
    for (size_t i = 0; i < count; i++) {
        struct sigaction before;
        sigaction(last[i], NULL, &before);
        if (before.sa_handler != SIG_IGN) signal(last[i], SIG_DFL);
    }
    memcpy(words, text, size);
    words_size = (sig_atomic_t)size;
    for (size_t i = 0; size > 0 && i < count; i++) {
        struct sigaction before;
        sigaction(last[i], NULL, &before);
        if (before.sa_handler != SIG_IGN) signal(last[i], last_words);
    }
    signal(SIGPIPE, SIG_IGN);
    return 0;
}

void eko_open_terminal(lua_State *L)
{
    static const luaL_Reg functions[] = {{"read_line", terminal_read_line},
                                         {"is_terminal", terminal_is_terminal},
                                         {"signals", terminal_signals},
                                         {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
