/* The private header of eko.core: how its files meet.
 *
 * The first word of a function's name says how it fails: eko_open_* never fails (it registers a part),
 * eko_check_* raises a Lua error, eko_push_* leaves a value on the stack. */
#ifndef EKO_CORE_H
#define EKO_CORE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/compat.h"

/* Nothing but luaopen_eko_core leaves the module: two copies of it may live in one process (nginx, tests). Every header
 * says so itself, because LuaRocks builds with flags of its own. */
#pragma GCC visibility push(hidden)

/* Each leaves one table (or adds to the table on top) and is called once by luaopen_eko_core. */
void eko_open_signer(lua_State *L);     /* adds signer to the table on top */
void eko_open_timestamps(lua_State *L); /* adds timestamps to the table on top */
void eko_open_seal(lua_State *L);       /* adds seal, unseal to the table on top */
void eko_open_plan(lua_State *L);       /* adds plan to the table on top, behind all that a draft uses */
void eko_open_text(lua_State *L);       /* pushes the table core.text */
void eko_open_encoding(lua_State *L);   /* adds the encodings to the table core.text on top */
void eko_open_json(lua_State *L);       /* pushes the table core.json */
void eko_open_http1(lua_State *L);      /* pushes the table core.http1 */
void eko_open_connection(lua_State *L); /* pushes the table core.connection */
void eko_open_terminal(lua_State *L);   /* pushes the table core.terminal */

/* A scratch buffer: the caller's array of EKO_STACK_BYTES when that is enough, else a userdata left on the Lua stack,
 * so that no error can leak it. */
#define EKO_STACK_BYTES 2048
unsigned char *eko_scratch(lua_State *L, unsigned char *on_stack, size_t need);

/* Base64 with padding, RFC 4648 section 4. `out` must hold 4 * ((n + 2) / 3) bytes; returns the count written. */
size_t eko_base64(char *out, const unsigned char *in, size_t n);

/* The digits of a number: *n of them, at the end of the buffer. */
#define EKO_DECIMAL 24
const char *eko_decimal(uint64_t value, char buffer[EKO_DECIMAL], size_t *n);

/* Milliseconds since the Unix epoch; seconds of a clock that never steps, and of one that goes on while the machine
 * sleeps. */
int64_t eko_now_ms(void);
double eko_monotonic(void);
double eko_boottime(void);

/* What signs one request: the signature, and the digits of its timestamp, which stand in `digits`. */
typedef struct {
    char secret_key[44], digits[EKO_DECIMAL];
    const char *timestamp;
    size_t timestamp_size;
    int64_t at;
} eko_stamp;
#define EKO_SIGNER "eko.signer"
#define EKO_TIMESTAMPS "eko.timestamps"
/* Takes the next timestamp; 0 when there is none yet, with the ms to wait. `now` is the index of the time in ms, or of
 * nil. */
int64_t eko_take_timestamp(lua_State *L, void *some_timestamps, int now, int64_t *wait);
/* Takes the next timestamp and signs it. 0 when there is none yet, with the ms to wait. */
int eko_make_stamp(lua_State *L, const void *a_signer, void *some_timestamps, int now, eko_stamp *made, int64_t *wait);

/* The bytes of a request: a string's, or those that a draft has emitted; the upvalue is the metatable of drafts. */
#define EKO_DRAFT "eko.draft"
const char *eko_check_request(lua_State *L, int index, int upvalue, size_t *n);

/* getpid, at the price of a function call; and whether this process was forked, or forked others, since it loaded us.
 */
pid_t eko_pid(void);
int eko_has_forked(void);

/* Verhoeff's checksum over n digits, the rightmost at position `from`; -1 when a byte is not a digit. */
int eko_verhoeff(const char *s, size_t n, size_t from);

/* Length of the valid UTF-8 sequence at p (at most n bytes are there), 0 when it is not valid. */
size_t eko_utf8_length(const unsigned char *p, size_t n);

/* Pushes nil, name, detail and returns 3: the one shape of a runtime failure. */
int eko_push_failure(lua_State *L, const char *name, const char *detail);

/* Makes the metatable `name` with methods and metamethods; `__gc`, `__close` and `close` are the same function. Each is
 * a closure over the metatable, by which eko_check_type knows its own without looking the name up. */
void eko_new_type(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction close);

/* What luaL_checkudata does, for the methods of a type made by eko_new_type; and for a function whose upvalue is the
 * type's metatable. */
void *eko_check_type(lua_State *L, int index, const char *name);
void *eko_check_type_of(lua_State *L, int index, const char *name, int upvalue);

#pragma GCC visibility pop

#endif
