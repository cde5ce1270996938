/* JSON as a tape: what one strict pass over a text leaves behind, and the values that are made of it. */
#ifndef EKO_JSON_H
#define EKO_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"

#pragma GCC visibility push(hidden)

#define EKO_JSON_DEPTH 512
#define EKO_JSON_NODES 384 /* on the C stack; a longer tape grows in a userdata */

typedef enum {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_INTEGER,
    JSON_LONG,
    JSON_FLOAT,
    JSON_STRING,
    JSON_ESCAPED,
    JSON_REPAIRED, /* bytes in it become U+FFFD */
    JSON_DAMAGED,  /* an identifier that would need that: it counts as absent */
    JSON_ARRAY,
    JSON_OBJECT
} eko_json_type;

/* A string's bytes are those between its quotes; a container's size counts its members or elements, and `next` is the
 * node behind all that it holds. In an object each member is two nodes, its name and its value. */
typedef struct {
    const unsigned char *at;
    uint32_t size;
    uint32_t next;
    eko_json_type type;
} eko_json_node;

/* Its nodes point into the text, which must outlive it. */
typedef struct eko_json_tape {
    eko_json_node *nodes; /* `on_stack`, or a userdata on the Lua stack */
    uint32_t count, capacity;
    uint32_t repaired; /* how often U+FFFD stands for what is no text */
    const char *error; /* what is wrong, a literal, and where */
    size_t offset;
    eko_json_node on_stack[EKO_JSON_NODES];
} eko_json_tape;

/* How a text is read: at most max_depth containers in each other. Where only the outermost object's members are wanted,
 * nothing that they hold is kept, and no more of them than fit the tape's own array. Kindly: a byte-order mark before
 * it is skipped, and in a string a raw control character, a byte that is no UTF-8 and half a surrogate are repaired. */
typedef struct {
    int max_depth;
    bool is_shallow, is_kind;
} eko_json_rules;
extern const eko_json_rules eko_json_strict; /* 64 deep, all of it, to the letter */

/* Checks a text (RFC 8259, valid UTF-8) and fills the tape; false when it is not valid. A NUL stands behind its n
 * bytes, as behind every string of Lua. A tape that does not fit its array is kept in a userdata, which stays on the
 * Lua stack.
 */
bool eko_json_parse(lua_State *L, eko_json_tape *tape, const char *text, size_t n, const eko_json_rules *rules);

/* The value of four hexadecimal digits at p, or -1. */
int eko_json_hex4(const unsigned char *p, const unsigned char *end);

/* Whether a member of this name identifies something: tid, *_id, *_token, bank_ref_num. */
bool eko_json_is_identifier(lua_State *L, const eko_json_node *name);

/* Pushes a scalar. A whole number within 2^53 becomes an integer, however it is written; one beyond, and one that is
 * whole only when it is rounded to a double, a string as it stands there; null a light userdata (NULL, as lua-cjson has
 * it). */
void eko_json_push_scalar(lua_State *L, const eko_json_node *node);

/* Pushes a number as text, with the digits that came; only an exponent is written out. False, and nothing pushed, when
 * that is longer than any amount. */
bool eko_json_push_digits(lua_State *L, const eko_json_node *node);

/* Pushes a value with all that it holds. */
void eko_json_push_value(lua_State *L, const eko_json_tape *tape, uint32_t index);

/* A number's value: whole when it is integral and within 2^53 (then *integer is set). Raises when memory runs out. */
double eko_json_number(lua_State *L, const unsigned char *p, size_t n, int64_t *integer, bool *is_integer);

/* Adds decode to the table on top. */
void eko_open_json(lua_State *L);

static inline bool eko_json_is_text(const eko_json_node *node)
{
    return node->type >= JSON_STRING && node->type <= JSON_DAMAGED;
}

static inline bool eko_json_is_number(const eko_json_node *node)
{
    return node->type == JSON_INTEGER || node->type == JSON_LONG || node->type == JSON_FLOAT;
}

static inline bool eko_json_is_empty(const eko_json_node *value)
{
    return value->type == JSON_NULL || (eko_json_is_text(value) && value->size == 0);
}

/* Digits with an optional sign and fraction. */
static inline bool eko_json_is_decimal(const unsigned char *p, size_t n)
{
    size_t i = n > 0 && p[0] == '-' ? 1 : 0, points = 0;
    if (i == n || p[i] == '.') return false;
    for (; i < n; i++) {
        if (p[i] == '.')
            points++;
        else if (p[i] < '0' || p[i] > '9')
            return false;
    }
    return points <= 1;
}

/* Whether there is no value to be given. */
static inline bool eko_json_is_absent(const eko_json_node *value)
{
    return value->type == JSON_DAMAGED || eko_json_is_empty(value);
}

#pragma GCC visibility pop

#endif
