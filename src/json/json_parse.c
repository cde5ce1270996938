/* One strict pass over a JSON text. What is not RFC 8259, valid UTF-8 and of bounded depth is refused; what passes is
 * left as a tape from which Lua values are made at their exact size. */
#include "json/json.h"

#include <string.h>

#include "base/plain.h"

typedef struct {
    lua_State *L;
    eko_json_tape *tape;
    const unsigned char *end, *failed_at;
    const eko_json_rules *rules;
} reader;

const eko_json_rules eko_json_strict = {64, 0, 0};

/* What is kept out of the loop, so that this has its variables in registers. */
#define RARE __attribute__((noinline))

/* What reads takes where it stands and returns where it then stands, or NULL. */
static RARE const unsigned char *fail(reader *r, const unsigned char *p, const char *reason)
{
    r->tape->error = reason;
    r->failed_at = p;
    return NULL;
}

/* A longer array, in a userdata; the one before it (if it was one) is garbage from here on. */
static RARE void grow(lua_State *L, eko_json_tape *t)
{
    eko_json_node *more = lua_newuserdata(L, 2 * (size_t)t->capacity * sizeof *more);
    memcpy(more, t->nodes, t->capacity * sizeof *more);
    if (t->nodes != t->on_stack) lua_remove(L, -2);
    t->nodes = more;
    t->capacity *= 2;
}

static inline const unsigned char *skip_space(const unsigned char *p, const unsigned char *end)
{
    while (p < end && *p <= ' ' && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) p++;
    return p;
}

int eko_json_hex4(const unsigned char *p, const unsigned char *end)
{
    int value = 0, i;
    if (end - p < 4) return -1;
    for (i = 0; i < 4; i++) {
        int is_digit = p[i] >= '0' && p[i] <= '9', letter = p[i] | 0x20;
        if (!is_digit && (letter < 'a' || letter > 'f')) return -1;
        value = value << 4 | (is_digit ? p[i] - '0' : letter - 'a' + 10);
    }
    return value;
}

/* What is no text at p: an error, or to be repaired; the reading goes on at `next`. */
static const unsigned char *repair(reader *r, const unsigned char *p, const unsigned char *next, const char *reason)
{
    if (!r->rules->is_kind) return fail(r, p, reason);
    r->tape->repaired++;
    return next;
}

/* p stands behind the backslash. */
static const unsigned char *check_escape(reader *r, const unsigned char *p)
{
    int unit, low;
    if (p >= r->end) return fail(r, p, "a string is not closed");
    if (*p != 'u') {
        if (*p == 0 || strchr("\"\\/bfnrt", *p) == NULL) return fail(r, p, "an unknown escape in a string");
        return p + 1;
    }
    unit = eko_json_hex4(p + 1, r->end);
    if (unit < 0) return fail(r, p, "an unknown escape in a string");
    p += 5;
    if (unit < 0xd800 || unit > 0xdfff) return p;
    low = r->end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? eko_json_hex4(p + 2, r->end) : -1;
    if (unit < 0xdc00 && low >= 0xdc00 && low <= 0xdfff) return p + 6;
    return repair(r, p, p, "half of a surrogate pair in a string");
}

/* The closing quote of a string; p stands on its first byte that is not plain. */
static RARE const unsigned char *find_quote(reader *r, const unsigned char *p, int *type)
{
    const uint32_t repaired = r->tape->repaired;
    while (p != NULL) {
        if (p >= r->end) return fail(r, p, "a string is not closed");
        if (*p == '"') break;
        if (*p == '\\') {
            *type = JSON_ESCAPED;
            p = check_escape(r, p + 1);
        } else if (*p < 0x20) {
            p = repair(r, p, p + 1, "a control character in a string");
        } else {
            size_t length = eko_utf8_length(p, (size_t)(r->end - p));
            p = length > 0 ? p + length : repair(r, p, p + 1, "a string is not valid UTF-8");
        }
        if (p != NULL) p = eko_skip_plain(p, r->end);
    }
    if (r->tape->repaired != repaired) *type = JSON_REPAIRED;
    return p;
}

static inline int is_digit(const unsigned char *p, const unsigned char *end)
{
    return p < end && *p >= '0' && *p <= '9';
}

/* Beyond 2^53 neighbouring integers share a double. */
static int is_long(const unsigned char *digits, size_t n)
{
    return n > 16 || (n == 16 && memcmp(digits, "9007199254740992", 16) > 0);
}

static const unsigned char *read_number(reader *r, const unsigned char *p, int *type)
{
    const unsigned char *digits, *end = r->end;
    if (*p == '-') p++;
    digits = p;
    if (!is_digit(p, end)) return fail(r, p, "a number without digits");
    if (*p == '0' && is_digit(p + 1, end)) return fail(r, p + 1, "a number with a leading zero");
    while (is_digit(p, end)) p++;
    *type = is_long(digits, (size_t)(p - digits)) ? JSON_LONG : JSON_INTEGER;
    if (p < end && *p == '.') {
        *type = JSON_FLOAT;
        if (!is_digit(++p, end)) return fail(r, p, "a number without digits after the point");
        while (is_digit(p, end)) p++;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        *type = JSON_FLOAT;
        p++;
        if (p < end && (*p == '+' || *p == '-')) p++;
        if (!is_digit(p, end)) return fail(r, p, "a number without digits in the exponent");
        while (is_digit(p, end)) p++;
    }
    return p;
}

static const unsigned char *read_literal(reader *r, const unsigned char *p, const char *literal, size_t n)
{
    if ((size_t)(r->end - p) < n || memcmp(p, literal, n) != 0) return fail(r, p, "an unknown literal");
    return p + n;
}

/* What is no string and no container. */
static const unsigned char *read_scalar(reader *r, const unsigned char *p, int *type)
{
    if (*p == '-' || is_digit(p, r->end)) return read_number(r, p, type);
    *type = *p == 't' ? JSON_TRUE : *p == 'f' ? JSON_FALSE : JSON_NULL;
    if (*p == 't') return read_literal(r, p, "true", 4);
    if (*p == 'f') return read_literal(r, p, "false", 5);
    if (*p == 'n') return read_literal(r, p, "null", 4);
    return fail(r, p, "a value was expected");
}

static int ends_with(const char *text, size_t size, const char *end)
{
    size_t n = strlen(end);
    return size >= n && memcmp(text + size - n, end, n) == 0;
}

int eko_json_is_identifier(lua_State *L, const eko_json_node *name)
{
    static const char *const ends[] = {"_id", "_tid", "_token", "bank_ref_num", NULL};
    const char *text;
    size_t size;
    int i, found;
    eko_json_push_scalar(L, name);
    text = lua_tolstring(L, -1, &size);
    found = size == 3 && memcmp(text, "tid", 3) == 0;
    for (i = 0; !found && ends[i] != NULL; i++) found = ends_with(text, size, ends[i]);
    if (strpbrk(text, "0123456789") != NULL) found = 0; /* a name of data: it may be anybody's number */
    lua_pop(L, 1);
    return found;
}

/* The index of the container around one that is whole. While one is open, that stands in its `next`. */
static inline uint32_t leave(const eko_json_tape *tape, uint32_t container, uint32_t count)
{
    uint32_t around = tape->nodes[container].next;
    tape->nodes[container].next = count;
    return around;
}

/* Iterative: the depth is bounded by a count, not by the C stack. */
static const unsigned char *read_text(reader *r, const unsigned char *p)
{
    const unsigned char *const end = r->end;
    eko_json_tape *tape = r->tape;
    const int is_shallow = r->rules->is_shallow;
    uint32_t container = 0, count = 0;
    int depth = 0, is_object = 0, is_name = 0;
    p = skip_space(p, end);
    for (;;) {
        const unsigned char *from = p, *to;
        eko_json_node *node;
        int type = JSON_STRING;
        if (p >= end || (is_name && *p != '"'))
            return fail(r, p, is_name ? "a member name was expected" : "the text ends early");
        if (*p == '"') {
            to = eko_skip_plain(++from, end);
            if (to >= end || *to != '"') to = find_quote(r, to, &type);
            if (to != NULL) p = to + 1;
        } else if (*p == '{' || *p == '[') {
            if (depth++ >= r->rules->max_depth) return fail(r, p, "the text is nested too deeply");
            type = *p == '{' ? JSON_OBJECT : JSON_ARRAY;
            to = p++;
        } else {
            p = to = read_scalar(r, p, &type);
        }
        if (to == NULL) return NULL;
        if (count == tape->capacity) grow(r->L, tape);
        node = &tape->nodes[count++];
        node->at = from;
        node->size = (uint32_t)(to - from);
        node->next = count;
        node->type = type;
        p = skip_space(p, end);
        if (is_name) {
            if (p >= end || *p != ':') return fail(r, p, "a colon was expected");
            p = skip_space(p + 1, end);
            is_name = 0;
            continue;
        }
        if (type >= JSON_ARRAY) {
            node->next = container;
            container = count - 1;
            is_name = is_object = type == JSON_OBJECT;
            if (p >= end || *p != (is_object ? '}' : ']')) continue;
            container = leave(tape, container, count);
            depth--;
            p = skip_space(p + 1, end);
        }
        if (type == JSON_REPAIRED && is_object && eko_json_is_identifier(r->L, node - 1)) node->type = JSON_DAMAGED;
        for (;;) { /* a value is complete: a comma, or the end of its container */
            tape->count = count;
            if (depth == 0) return p == end ? p : fail(r, p, "bytes after the end of the text");
            if (p >= end) return fail(r, p, "the text ends early");
            is_object = tape->nodes[container].type == JSON_OBJECT;
            tape->nodes[container].size++;
            if (is_shallow) {
                if (depth > 1) count = container + 1;
                if (count > EKO_JSON_NODES) return fail(r, p, "the text has too many members");
            }
            if (*p == ',') break;
            if (*p != (is_object ? '}' : ']')) return fail(r, p, "a comma or a closing bracket was expected");
            container = leave(tape, container, count);
            depth--;
            p = skip_space(p + 1, end);
        }
        p = skip_space(p + 1, end);
        is_name = is_object;
    }
}

int eko_json_parse(lua_State *L, eko_json_tape *tape, const char *text, size_t n, const eko_json_rules *rules)
{
    const unsigned char *from = (const unsigned char *)text;
    /* cppcheck-suppress ctuuninitvar ; the tape is filled here */
    reader r = {L, tape, from + n, from, rules};
    tape->nodes = tape->on_stack;
    tape->count = 0;
    tape->capacity = EKO_JSON_NODES;
    tape->error = NULL;
    tape->repaired = 0;
    if (n >= UINT32_MAX)
        fail(&r, from, "the text is too long");
    else if (read_text(&r, rules->is_kind && n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? from + 3 : from) != NULL)
        return 1;
    tape->offset = (size_t)(r.failed_at - from) + 1;
    return 0;
}
