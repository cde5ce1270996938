/* One strict pass over a JSON text. What is not RFC 8259, valid UTF-8 and of bounded depth is refused; what passes is
 * left as a tape from which Lua values are made at their exact size. */
#include "json.h"

#include <string.h>

#include "plain.h"

typedef struct {
    lua_State *L;
    eko_json_tape *tape;
    const unsigned char *p, *end;
    const eko_json_rules *rules;
} reader;

const eko_json_rules eko_json_strict = {64, 0};

static int fail(reader *r, const char *reason)
{
    if (r->tape->error == NULL) r->tape->error = reason;
    return 0;
}

/* A longer array, in a userdata; the one before it (if it was one) is garbage from here on. */
static void grow(lua_State *L, eko_json_tape *t)
{
    eko_json_node *more = lua_newuserdata(L, 2 * (size_t)t->capacity * sizeof *more);
    memcpy(more, t->nodes, t->count * sizeof *more);
    if (t->nodes != t->on_stack) lua_remove(L, -2);
    t->nodes = more;
    t->capacity *= 2;
}

static inline eko_json_node *add(reader *r, int type, const unsigned char *at)
{
    eko_json_tape *t = r->tape;
    eko_json_node *node;
    if (t->count == t->capacity) grow(r->L, t);
    node = &t->nodes[t->count++];
    node->type = type;
    node->at = at;
    node->size = 0;
    node->next = t->count;
    return node;
}

static inline void skip_space(reader *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t')) r->p++;
}

static int hex_value(unsigned char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

/* Four hexadecimal digits at p, or -1. */
static int hex4(const unsigned char *p, const unsigned char *end)
{
    int value = 0, i;
    if (end - p < 4) return -1;
    for (i = 0; i < 4; i++) {
        int digit = hex_value(p[i]);
        if (digit < 0) return -1;
        value = value << 4 | digit;
    }
    return value;
}

/* p stands behind the backslash. */
static int check_escape(reader *r)
{
    int unit;
    if (r->p >= r->end) return fail(r, "a string is not closed");
    if (*r->p != 'u') {
        if (*r->p == 0 || strchr("\"\\/bfnrt", *r->p) == NULL) return fail(r, "an unknown escape in a string");
        r->p++;
        return 1;
    }
    unit = hex4(r->p + 1, r->end);
    if (unit < 0) return fail(r, "an unknown escape in a string");
    r->p += 5;
    if (unit >= 0xdc00 && unit <= 0xdfff) return fail(r, "half of a surrogate pair in a string");
    if (unit >= 0xd800 && unit <= 0xdbff) {
        int low = r->end - r->p >= 6 && r->p[0] == '\\' && r->p[1] == 'u' ? hex4(r->p + 2, r->end) : -1;
        if (low < 0xdc00 || low > 0xdfff) return fail(r, "half of a surrogate pair in a string");
        r->p += 6;
    }
    return 1;
}

/* p stands on the opening quote. */
static int read_string(reader *r)
{
    const unsigned char *from = ++r->p;
    int type = JSON_STRING;
    for (;;) {
        unsigned char c;
        r->p = eko_skip_plain(r->p, r->end);
        if (r->p >= r->end) return fail(r, "a string is not closed");
        c = *r->p;
        if (c == '"') break;
        if (c == '\\') {
            r->p++;
            type = JSON_ESCAPED;
            if (!check_escape(r)) return 0;
        } else if (c < 0x20) {
            return fail(r, "a control character in a string");
        } else {
            size_t length = eko_utf8_length(r->p, (size_t)(r->end - r->p));
            if (length == 0) return fail(r, "a string is not valid UTF-8");
            r->p += length;
        }
    }
    add(r, type, from)->size = (uint32_t)(r->p - from);
    r->p++;
    return 1;
}

static int is_digit(const reader *r)
{
    return r->p < r->end && *r->p >= '0' && *r->p <= '9';
}

/* Beyond 2^53 neighbouring integers share a double. */
static int is_long(const unsigned char *digits, size_t n)
{
    return n > 16 || (n == 16 && memcmp(digits, "9007199254740992", 16) > 0);
}

static int read_number(reader *r)
{
    const unsigned char *from = r->p, *digits;
    int type;
    if (*r->p == '-') r->p++;
    digits = r->p;
    if (!is_digit(r)) return fail(r, "a number without digits");
    if (*r->p == '0') {
        r->p++;
        if (is_digit(r)) return fail(r, "a number with a leading zero");
    }
    while (is_digit(r)) r->p++;
    type = is_long(digits, (size_t)(r->p - digits)) ? JSON_LONG : JSON_INTEGER;
    if (r->p < r->end && *r->p == '.') {
        r->p++;
        type = JSON_FLOAT;
        if (!is_digit(r)) return fail(r, "a number without digits after the point");
        while (is_digit(r)) r->p++;
    }
    if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
        r->p++;
        type = JSON_FLOAT;
        if (r->p < r->end && (*r->p == '+' || *r->p == '-')) r->p++;
        if (!is_digit(r)) return fail(r, "a number without digits in the exponent");
        while (is_digit(r)) r->p++;
    }
    add(r, type, from)->size = (uint32_t)(r->p - from);
    return 1;
}

static int read_literal(reader *r, const char *literal, size_t n, int type)
{
    if ((size_t)(r->end - r->p) < n || memcmp(r->p, literal, n) != 0) return fail(r, "an unknown literal");
    add(r, type, r->p);
    r->p += n;
    return 1;
}

/* A scalar, or the opening bracket of a container (then *opened is set). */
static int read_value(reader *r, int *opened)
{
    *opened = 0;
    if (r->p >= r->end) return fail(r, "the text ends early");
    switch (*r->p) {
    case '"': return read_string(r);
    case '{':
    case '[':
        add(r, *r->p == '{' ? JSON_OBJECT : JSON_ARRAY, r->p);
        *opened = 1;
        return 1;
    case 't': return read_literal(r, "true", 4, JSON_TRUE);
    case 'f': return read_literal(r, "false", 5, JSON_FALSE);
    case 'n': return read_literal(r, "null", 4, JSON_NULL);
    default:
        if (*r->p == '-' || is_digit(r)) return read_number(r);
        return fail(r, "a value was expected");
    }
}

static int read_name(reader *r)
{
    if (r->p >= r->end || *r->p != '"') return fail(r, "a member name was expected");
    if (!read_string(r)) return 0;
    skip_space(r);
    if (r->p >= r->end || *r->p != ':') return fail(r, "a colon was expected");
    r->p++;
    skip_space(r);
    return 1;
}

/* Iterative: the depth is bounded by the array, not by the C stack. */
static int read_text(reader *r)
{
    uint32_t open[EKO_JSON_DEPTH];
    int depth = 0;
    skip_space(r);
    for (;;) {
        int opened;
        if (!read_value(r, &opened)) return 0;
        if (opened) {
            uint32_t self = r->tape->count - 1;
            int is_object = r->tape->nodes[self].type == JSON_OBJECT;
            if (depth >= r->rules->max_depth) return fail(r, "the text is nested too deeply");
            open[depth++] = self;
            r->p++;
            skip_space(r);
            if (r->p < r->end && *r->p == (is_object ? '}' : ']')) {
                r->p++;
                depth--;
            } else {
                if (is_object && !read_name(r)) return 0;
                continue;
            }
        }
        for (;;) { /* a value is complete: a comma, or the end of its container */
            eko_json_node *container;
            skip_space(r);
            if (depth == 0) return r->p == r->end ? 1 : fail(r, "bytes after the end of the text");
            if (r->p >= r->end) return fail(r, "the text ends early");
            container = &r->tape->nodes[open[depth - 1]];
            container->size++;
            if (r->rules->is_shallow) {
                if (depth > 1) r->tape->count = open[depth - 1] + 1;
                if (r->tape->count > EKO_JSON_NODES) return fail(r, "the text has too many members");
            }
            if (*r->p == ',') break;
            if (*r->p != (container->type == JSON_OBJECT ? '}' : ']'))
                return fail(r, "a comma or a closing bracket was expected");
            container->next = r->tape->count;
            r->p++;
            depth--;
        }
        r->p++;
        skip_space(r);
        if (r->tape->nodes[open[depth - 1]].type == JSON_OBJECT && !read_name(r)) return 0;
    }
}

int eko_json_parse(lua_State *L, eko_json_tape *tape, const char *text, size_t n, const eko_json_rules *rules)
{
    /* cppcheck-suppress ctuuninitvar ; the tape is filled here */
    reader r = {L, tape, (const unsigned char *)text, (const unsigned char *)text + n, rules};
    int ok;
    tape->nodes = tape->on_stack;
    tape->count = 0;
    tape->capacity = EKO_JSON_NODES;
    tape->error = NULL;
    if (n >= UINT32_MAX) {
        tape->error = "the text is too long";
        tape->offset = 1;
        return 0;
    }
    ok = read_text(&r);
    tape->offset = (size_t)(r.p - (const unsigned char *)text) + 1;
    return ok;
}
