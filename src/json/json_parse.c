/* One strict pass over a JSON text. What is not RFC 8259, valid UTF-8 and of bounded depth is refused; what passes is
 * left as a tape from which Lua values are made at their exact size. */
#include "json/json.h"

#include "base/plain.h"
#include "base/utf8.h"

#include <string.h>

typedef struct {
    lua_State *L;
    eko_json_tape *tape;
    const unsigned char *end, *failed_at; /* at `end` stands a NUL, where all reading ends by itself */
    const eko_json_rules *rules;
} reader;

const eko_json_rules eko_json_strict = {.max_depth = 64};

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
    eko_json_node *more = lua_newuserdatauv(L, 2 * (size_t)t->capacity * sizeof *more, 0);
    memcpy(more, t->nodes, t->capacity * sizeof *more);
    if (t->nodes != t->on_stack) lua_remove(L, -2);
    t->nodes = more;
    t->capacity *= 2;
}

static RARE const unsigned char *skip_blanks(const unsigned char *p)
{
    while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t') p++;
    return p;
}

static inline const unsigned char *skip_space(const unsigned char *p)
{
    return *p > ' ' ? p : skip_blanks(p);
}

int eko_json_hex4(const unsigned char *p, const unsigned char *end)
{
    if (end - p < 4) return -1;
    int value = 0;
    for (int i = 0; i < 4; i++) {
        const bool is_digit = p[i] >= '0' && p[i] <= '9';
        const int letter = p[i] | 0x20;
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
static const unsigned char *read_escape(reader *r, const unsigned char *p)
{
    if (p >= r->end) return fail(r, p, "a string is not closed");
    if (*p != 'u') {
        if (*p == 0 || strchr("\"\\/bfnrt", *p) == NULL) return fail(r, p, "an unknown escape in a string");
        return p + 1;
    }
    const int unit = eko_json_hex4(p + 1, r->end);
    if (unit < 0) return fail(r, p, "an unknown escape in a string");
    p += 5;
    if (unit < 0xd800 || unit > 0xdfff) return p;
    const int low = r->end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? eko_json_hex4(p + 2, r->end) : -1;
    if (unit < 0xdc00 && low >= 0xdc00 && low <= 0xdfff) return p + 6;
    return repair(r, p, p, "half of a surrogate pair in a string");
}

/* The closing quote of a string; p stands on its first byte that is not plain. */
static RARE const unsigned char *find_quote(reader *r, const unsigned char *p, eko_json_type *type)
{
    const uint32_t repaired = r->tape->repaired;
    while (p != NULL) {
        if (p >= r->end) return fail(r, p, "a string is not closed");
        if (*p == '"') break;
        if (*p == '\\') {
            *type = JSON_ESCAPED;
            p = read_escape(r, p + 1);
        } else if (*p < 0x20) {
            p = repair(r, p, p + 1, "a control character in a string");
        } else {
            const size_t length = eko_utf8_length(p, (size_t)(r->end - p));
            p = length > 0 ? p + length : repair(r, p, p + 1, "a string is not valid UTF-8");
        }
        if (p != NULL) p = eko_skip_plain(p, r->end);
    }
    if (r->tape->repaired != repaired) *type = JSON_REPAIRED;
    return p;
}

static inline const unsigned char *skip_digits(const unsigned char *p)
{
    while (*p >= '0' && *p <= '9') p++;
    return p;
}

/* Beyond 2^53 neighbouring integers share a double. */
static inline bool is_long(const unsigned char *digits, size_t n)
{
    return n > 16 || (n == 16 && memcmp(digits, "9007199254740992", 16) > 0);
}

/* What may stand behind the digits of a whole number. */
static RARE const unsigned char *read_fraction(reader *r, const unsigned char *p)
{
    const unsigned char *digits;
    if (*p == '.') {
        p = skip_digits(digits = p + 1);
        if (p == digits) return fail(r, p, "a number without digits after the point");
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        if (*p == '+' || *p == '-') p++;
        p = skip_digits(digits = p);
        if (p == digits) return fail(r, p, "a number without digits in the exponent");
    }
    return p;
}

static inline const unsigned char *read_number(reader *r, const unsigned char *p, eko_json_type *type)
{
    const unsigned char *digits = p + (*p == '-');
    p = skip_digits(digits);
    if (p == digits) return fail(r, p, "a number without digits");
    if (*digits == '0' && p - digits > 1) return fail(r, digits + 1, "a number with a leading zero");
    *type = is_long(digits, (size_t)(p - digits)) ? JSON_LONG : JSON_INTEGER;
    if (*p != '.' && *p != 'e' && *p != 'E') return p;
    *type = JSON_FLOAT;
    return read_fraction(r, p);
}

static RARE const unsigned char *read_literal(reader *r, const unsigned char *p, eko_json_type *type)
{
    const char *literal = *p == 't' ? "true" : *p == 'f' ? "false" : "null";
    const size_t n = strlen(literal);
    if (*p != (unsigned char)*literal) return fail(r, p, p == r->end ? "the text ends early" : "a value was expected");
    *type = *p == 't' ? JSON_TRUE : *p == 'f' ? JSON_FALSE : JSON_NULL;
    return strncmp((const char *)p, literal, n) == 0 ? p + n : fail(r, p, "an unknown literal");
}

static bool ends_with(const char *text, size_t size, const char *end)
{
    const size_t n = strlen(end);
    return size >= n && memcmp(text + size - n, end, n) == 0;
}

bool eko_json_is_identifier(lua_State *L, const eko_json_node *name)
{
    static const char *const ends[] = {"_id", "_tid", "_token", "bank_ref_num", NULL};
    size_t size;
    eko_json_push_scalar(L, name);
    const char *text = lua_tolstring(L, -1, &size);
    bool found = size == 3 && memcmp(text, "tid", 3) == 0;
    for (int i = 0; !found && ends[i] != NULL; i++) found = ends_with(text, size, ends[i]);
    if (strpbrk(text, "0123456789") != NULL) found = false; /* a name of data: it may be anybody's number */
    lua_pop(L, 1);
    return found;
}

/* The readers of a value, and of a name with its colon: each fills a node and returns where the text goes on, blanks
 * skipped. */
static inline const unsigned char *read_string(reader *r, const unsigned char *p, eko_json_node *node)
{
    const unsigned char *to = eko_skip_plain(++p, r->end);
    node->at = p;
    node->type = JSON_STRING;
    if (*to != '"') {
        to = find_quote(r, to, &node->type);
        if (to == NULL) return NULL;
    }
    node->size = (uint32_t)(to - p);
    return skip_space(to + 1);
}

static inline const unsigned char *read_name(reader *r, const unsigned char *p, eko_json_node *node)
{
    if (*p != '"') return fail(r, p, "a member name was expected");
    p = read_string(r, p, node);
    if (p == NULL) return NULL;
    return *p == ':' ? skip_space(p + 1) : fail(r, p, "a colon was expected");
}

static inline const unsigned char *read_scalar(reader *r, const unsigned char *p, eko_json_node *node)
{
    node->at = p;
    p = (*p >= '0' && *p <= '9') || *p == '-' ? read_number(r, p, &node->type) : read_literal(r, p, &node->type);
    if (p == NULL) return NULL;
    node->size = (uint32_t)(p - node->at);
    return skip_space(p);
}

/* Gives the container around one that is whole. While one is open, the index of that stands in its `next`. */
static inline eko_json_node *leave(const eko_json_tape *tape, eko_json_node *open, uint32_t count)
{
    eko_json_node *around = &tape->nodes[open->next];
    open->next = count;
    return around;
}

/* Iterative: the depth is bounded by a count, not by the C stack. */
static const unsigned char *read_text(reader *r, const unsigned char *p)
{
    eko_json_tape *tape = r->tape;
    const bool is_shallow = r->rules->is_shallow;
    eko_json_node *node = tape->nodes, *open = node;
    uint32_t count = 0;
    int depth = 0;
    bool is_object = false;
    p = skip_space(p);
    for (;;) {
        if (tape->capacity - count < 2) {
            const ptrdiff_t index = open - tape->nodes;
            grow(r->L, tape);
            node = tape->nodes + count;
            open = tape->nodes + index;
        }
        if (is_object) {
            p = read_name(r, p, node);
            if (p == NULL) return NULL;
            node++->next = ++count;
        }
        node->next = ++count;
        if (*p == '"') {
            p = read_string(r, p, node++);
            if (node[-1].type == JSON_REPAIRED && is_object && eko_json_is_identifier(r->L, node - 2))
                node[-1].type = JSON_DAMAGED;
        } else if (*p == '{' || *p == '[') {
            if (depth++ >= r->rules->max_depth) return fail(r, p, "the text is nested too deeply");
            is_object = *p == '{';
            *node = (eko_json_node){
                .at = p, .next = (uint32_t)(open - tape->nodes), .type = is_object ? JSON_OBJECT : JSON_ARRAY};
            open = node++;
            p = skip_space(p + 1);
            if (*p != (is_object ? '}' : ']')) continue;
            open = leave(tape, open, count);
            depth--;
            p = skip_space(p + 1);
        } else {
            p = read_scalar(r, p, node++);
        }
        if (p == NULL) return NULL;
        for (;; p = skip_space(p + 1)) { /* a value is complete: a comma, or the end of what it stands in */
            tape->count = count;
            if (depth == 0) return p == r->end ? p : fail(r, p, "bytes after the end of the text");
            is_object = open->type == JSON_OBJECT;
            open->size++;
            if (is_shallow) {
                if (depth > 1) count = (uint32_t)(open - tape->nodes) + 1;
                if (count > EKO_JSON_NODES) return fail(r, p, "the text has too many members");
                node = tape->nodes + count;
            }
            if (*p == ',') break;
            if (*p != (is_object ? '}' : ']'))
                return fail(r, p, p == r->end ? "the text ends early" : "a comma or a closing bracket was expected");
            open = leave(tape, open, count);
            depth--;
        }
        p = skip_space(p + 1);
    }
}

bool eko_json_parse(lua_State *L, eko_json_tape *tape, const char *text, size_t n, const eko_json_rules *rules)
{
    const unsigned char *from = (const unsigned char *)text;
    /* cppcheck-suppress ctuuninitvar ; the tape is filled here */
    reader r = {.L = L, .tape = tape, .end = from + n, .failed_at = from, .rules = rules};
    tape->nodes = tape->on_stack;
    tape->count = 0;
    tape->capacity = EKO_JSON_NODES;
    tape->error = NULL;
    tape->repaired = 0;
    if (n >= UINT32_MAX)
        fail(&r, from, "the text is too long");
    else if (read_text(&r, rules->is_kind && n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? from + 3 : from) != NULL)
        return true;
    tape->offset = (size_t)(r.failed_at - from) + 1;
    return false;
}
