/* The codes of an answer that may be too long to be worth reading: found in one pass that keeps nothing.
 *
 * A failure of 8 MB would otherwise be made into millions of values before its codes say that nobody wants them. What
 * is found here decides only that: an answer that may be a success is read strictly, from the beginning. */
#include "json.h"

#include <stdlib.h>
#include <string.h>

#define LONGEST_CODE 15 /* digits that a double keeps, sign aside */

static const char *const codes[] = {"status", "response_type_id", "response_status_id"};
#define CODES (sizeof codes / sizeof codes[0])

typedef struct {
    const unsigned char *p, *end;
} cursor;

static void skip_space(cursor *c)
{
    while (c->p < c->end && (*c->p == ' ' || *c->p == '\n' || *c->p == '\r' || *c->p == '\t')) c->p++;
}

/* c->p stands behind the opening quote; returns the length of what stands before the closing one, behind which it then
 * stands. Where there is none, at the end. */
static size_t skip_string(cursor *c)
{
    const unsigned char *from = c->p;
    while (c->p < c->end && *c->p != '"') c->p += *c->p == '\\' && c->end - c->p > 1 ? 2 : 1;
    if (c->p == c->end) return (size_t)(c->p - from);
    c->p++;
    return (size_t)(c->p - from) - 1;
}

static int which(const unsigned char *name, size_t size)
{
    size_t i;
    for (i = 0; i < CODES; i++)
        if (strlen(codes[i]) == size && memcmp(codes[i], name, size) == 0) return (int)i;
    return -1;
}

/* Sets the field of the table on top when a whole number stands at p, in quotes or not. */
static void read_code(lua_State *L, cursor c, const char *name)
{
    char digits[LONGEST_CODE + 2];
    size_t n = 0;
    if (c.p < c.end && *c.p == '"') c.p++;
    while (c.p < c.end && n < sizeof digits - 1 && ((*c.p >= '0' && *c.p <= '9') || (n == 0 && *c.p == '-')))
        digits[n++] = (char)*c.p++;
    digits[n] = 0;
    if (n == 0 || digits[n - 1] == '-' || n > LONGEST_CODE || c.p == c.end || strchr(",} \t\r\n\"", *c.p) == NULL ||
        *c.p == 0)
        return;
    lua_pushinteger(L, (lua_Integer)strtoll(digits, NULL, 10));
    lua_setfield(L, -2, name);
}

/* A string of the envelope itself: a name when a colon follows. */
static void read_member(lua_State *L, cursor *c, const unsigned char *text, size_t size)
{
    int found;
    skip_space(c);
    if (c->p == c->end || *c->p != ':') return;
    c->p++;
    skip_space(c);
    found = which(text, size);
    if (found >= 0) read_code(L, *c, codes[found]);
}

/* json.codes(text) -> { status =, response_type_id =, response_status_id = }, as far as the object's own members have
 * them as whole numbers; the last of equal names counts. Where brackets do not match, or it is no object: an empty
 * table. */
int eko_json_codes(lua_State *L)
{
    size_t n, depth = 0;
    cursor c;
    c.p = (const unsigned char *)luaL_checklstring(L, 1, &n);
    c.end = c.p + n;
    lua_newtable(L);
    skip_space(&c);
    if (c.p == c.end || *c.p != '{') return 1;
    while (c.p < c.end) {
        unsigned char byte = *c.p++;
        if (byte == '"') {
            const unsigned char *text = c.p;
            size_t size = skip_string(&c);
            if (depth == 1) read_member(L, &c, text, size);
        } else if (byte == '{' || byte == '[') {
            depth++;
        } else if (byte == '}' || byte == ']') {
            if (--depth == 0) break;
        }
    }
    skip_space(&c);
    if (depth != 0 || c.p != c.end) lua_newtable(L);
    return 1;
}
