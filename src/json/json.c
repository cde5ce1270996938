/* core.json: JSON text to Lua values, checked whole before anything is made of it. */
#include "json/json.h"

#include "base/scratch.h"
#include "base/utf8.h"
#include "base/write.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* strtod of the C locale, whatever the program's locale makes of a point. Raises when memory runs out: a number that
 * could not be read is no 0. */
static double slow_number(lua_State *L, const unsigned char *p, size_t n)
{
    unsigned char stack[EKO_STACK_BYTES];
    unsigned char *copy = eko_scratch(L, stack, n + 1);
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c == (locale_t)0) return luaL_error(L, "out_of_memory: a number could not be read");
    memcpy(copy, p, n);
    copy[n] = 0;
    const double value = strtod_l((const char *)copy, NULL, c);
    freelocale(c);
    if (copy != stack) lua_pop(L, 1);
    return value;
}

/* At most 15 digits and 22 places: numerator and power of ten are exact doubles, so one division rounds correctly. */
static bool fast_number(const unsigned char *p, size_t n, double *value)
{
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (n > 16) return false;
    int64_t digits = 0;
    size_t places = 0;
    const bool negative = n > 0 && p[0] == '-';
    bool after_point = false;
    for (size_t i = negative; i < n; i++) {
        if (p[i] == '.') {
            after_point = true;
        } else if (p[i] >= '0' && p[i] <= '9') {
            digits = digits * 10 + (p[i] - '0');
            places += after_point;
        } else {
            return false;
        }
    }
    *value = (double)(negative ? -digits : digits) / tens[places];
    return true;
}

/* Whether the text itself is a whole number: its double may be one by rounding alone (1e-400, 1.000000000000000001). */
static bool is_whole(const unsigned char *p, size_t n)
{
    int64_t count = 0, before_point = -1, last = -1, exponent = 0;
    size_t i = p[0] == '-';
    for (; i < n && p[i] != 'e' && p[i] != 'E'; i++) {
        if (p[i] == '.') {
            before_point = count;
        } else {
            if (p[i] != '0') last = count;
            count++;
        }
    }
    if (before_point < 0) before_point = count;
    const bool is_down = i + 1 < n && p[i + 1] == '-';
    for (i += 1; i < n; i++)
        if (p[i] >= '0' && p[i] <= '9' && exponent < INT32_MAX) exponent = exponent * 10 + (p[i] - '0');
    return last < 0 || before_point - 1 - last + (is_down ? -exponent : exponent) >= 0;
}

/* 2^53 is what the whole number behind it is rounded to as well: it counts where all its digits stand there. */
static bool is_exact(const unsigned char *p, size_t n, double value)
{
    if (value > -EKO_EXACT && value < EKO_EXACT) return is_whole(p, n);
    for (size_t i = p[0] == '-'; i < n; i++)
        if (p[i] < '0' || p[i] > '9') return false;
    return true;
}

double eko_json_number(lua_State *L, const unsigned char *p, size_t n, int64_t *integer, bool *is_integer)
{
    double value;
    const bool is_fast = fast_number(p, n, &value);
    if (!is_fast) value = slow_number(L, p, n);
    *is_integer = value >= -EKO_EXACT && value <= EKO_EXACT && value == (double)(int64_t)value;
    if (*is_integer && !is_fast) *is_integer = is_exact(p, n, value);
    if (*is_integer) *integer = (int64_t)value;
    return value;
}

/* A whole number that a double holds. */
static void push_integer(lua_State *L, const eko_json_node *node)
{
    size_t i = node->at[0] == '-';
    int64_t value = 0;
    for (; i < node->size; i++) value = value * 10 + (node->at[i] - '0');
    lua_pushinteger(L, (lua_Integer)(node->at[0] == '-' ? -value : value));
}

static void push_number(lua_State *L, const eko_json_node *node)
{
    int64_t integer;
    bool is_integer;
    const double value = eko_json_number(L, node->at, node->size, &integer, &is_integer);
    if (is_integer)
        lua_pushinteger(L, (lua_Integer)integer);
    else if (value == floor(value)) /* infinite, too, or whole by rounding: no double holds what stands there */
        lua_pushlstring(L, (const char *)node->at, node->size);
    else
        lua_pushnumber(L, value);
}

enum { LONGEST_WRITTEN = 64, MOST_PLACES = 300 };

static char *put_zeros(char *o, int n)
{
    while (n-- > 0) *o++ = '0';
    return o;
}

/* Digits of which `point` stand before the point, without an exponent. */
static char *put_decimal(char *o, const char *digits, int count, int point)
{
    if (point <= 0) {
        *o++ = '0';
        if (count == 0) return o;
        *o++ = '.';
        o = put_zeros(o, -point);
        point = 0;
    }
    for (int i = 0; i < count; i++) {
        if (i == point && i > 0) *o++ = '.';
        *o++ = digits[i];
    }
    return put_zeros(o, point - count);
}

/* Writes an exponent out, digit by digit: no double has all amounts. False when that is longer than any amount. */
static bool push_written_out(lua_State *L, const char *p, const char *end)
{
    char digits[LONGEST_WRITTEN] = "", out[LONGEST_WRITTEN + 2 * MOST_PLACES + 4], *o = out;
    int count = 0, point = 0, exponent = 0;
    bool after_point = false;
    if (*p == '-') *o++ = *p++;
    for (; *p != 'e' && *p != 'E'; p++) {
        if (*p == '.') {
            after_point = true;
        } else if (count > 0 || *p != '0') {
            digits[count++] = *p;
            point += !after_point;
        } else {
            point -= after_point;
        }
    }
    while (count > 0 && digits[count - 1] == '0') count--;
    const bool is_down = *++p == '-';
    for (p += *p == '-' || *p == '+'; p < end; p++)
        if (exponent < 1000000) exponent = exponent * 10 + (*p - '0');
    point = count == 0 ? 0 : is_down ? point - exponent : point + exponent;
    if (point > MOST_PLACES || point < -MOST_PLACES) return false;
    if (count == 0) o = out;
    lua_pushlstring(L, out, (size_t)(put_decimal(o, digits, count, point) - out));
    return true;
}

bool eko_json_push_digits(lua_State *L, const eko_json_node *node)
{
    const char *at = (const char *)node->at;
    if (node->type != JSON_FLOAT || (memchr(at, 'e', node->size) == NULL && memchr(at, 'E', node->size) == NULL)) {
        lua_pushlstring(L, at, node->size);
        return true;
    }
    return node->size <= LONGEST_WRITTEN && push_written_out(L, at, at + node->size);
}

static size_t put_utf8(unsigned char *out, unsigned int c)
{
    if (c < 0x80) {
        out[0] = (unsigned char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (unsigned char)(0xc0 | c >> 6);
        out[1] = (unsigned char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (unsigned char)(0xe0 | c >> 12);
        out[1] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (unsigned char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (unsigned char)(0xf0 | c >> 18);
    out[1] = (unsigned char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (unsigned char)(0x80 | (c & 0x3f));
    return 4;
}

enum { REPLACEMENT = 0xfffd };

/* The character that an escape stands for; *p stands behind its u, then behind it (and its second half). */
static unsigned int read_unit(const unsigned char **p, const unsigned char *end)
{
    unsigned int c = (unsigned int)eko_json_hex4(*p, end), low = 0;
    *p += 4;
    if (c < 0xd800 || c > 0xdfff) return c;
    if (end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u') low = (unsigned int)eko_json_hex4(*p + 2, end);
    if (c >= 0xdc00 || low < 0xdc00 || low > 0xdfff) return REPLACEMENT;
    *p += 6;
    return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

/* What stands there was checked when the text was read. An escape is never longer than what it stands for; a byte that
 * is no text becomes three. */
static void push_unescaped(lua_State *L, const eko_json_node *node)
{
    unsigned char stack[EKO_STACK_BYTES];
    const size_t room = node->type == JSON_ESCAPED ? node->size : 3 * (size_t)node->size;
    unsigned char *out = eko_scratch(L, stack, room), *o = out;
    const unsigned char *p = node->at, *end = p + node->size;
    while (p < end) {
        static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
        if (*p == '\\' && p[1] == 'u') {
            p += 2;
            o += put_utf8(o, read_unit(&p, end));
        } else if (*p == '\\') {
            *o++ = (unsigned char)values[strchr(names, p[1]) - names];
            p += 2;
        } else if (*p >= 0x20 && *p < 0x80) {
            *o++ = *p++;
        } else {
            const size_t length = *p < 0x20 ? 0 : eko_utf8_length(p, (size_t)(end - p));
            if (length == 0) o += put_utf8(o, REPLACEMENT);
            memcpy(o, p, length);
            o += length;
            p += length == 0 ? 1 : length;
        }
    }
    lua_pushlstring(L, (char *)out, (size_t)(o - out));
    if (out != stack) lua_remove(L, -2);
}

void eko_json_push_scalar(lua_State *L, const eko_json_node *node)
{
    switch (node->type) {
    case JSON_FALSE:
    case JSON_TRUE: lua_pushboolean(L, node->type == JSON_TRUE); break;
    case JSON_INTEGER: push_integer(L, node); break;
    case JSON_FLOAT: push_number(L, node); break;
    case JSON_LONG:
    case JSON_STRING: lua_pushlstring(L, (const char *)node->at, node->size); break;
    case JSON_ESCAPED:
    case JSON_REPAIRED: push_unescaped(L, node); break;
    default: lua_pushlightuserdata(L, NULL);
    }
}

/* Recursion is bounded by the depth that the text was read with. */
/* NOLINTNEXTLINE(misc-no-recursion) */
void eko_json_push_value(lua_State *L, const eko_json_tape *tape, uint32_t index)
{
    const eko_json_node *node = &tape->nodes[index];
    uint32_t i = index + 1, position = 1;
    if (node->type < JSON_ARRAY) {
        eko_json_push_scalar(L, node);
        return;
    }
    luaL_checkstack(L, 6, "the text is nested too deeply");
    if (node->type == JSON_ARRAY) {
        lua_createtable(L, (int)node->size, 0);
        for (; i < node->next; i = tape->nodes[i].next) {
            eko_json_push_value(L, tape, i);
            lua_rawseti(L, -2, (int)position++);
        }
        return;
    }
    lua_createtable(L, 0, (int)node->size);
    while (i < node->next) {
        eko_json_push_scalar(L, &tape->nodes[i]);
        if (tape->nodes[i + 1].type == JSON_DAMAGED)
            lua_pushnil(L);
        else
            eko_json_push_value(L, tape, i + 1);
        lua_rawset(L, -3);
        i = tape->nodes[i + 1].next;
    }
}

static int check_depth(lua_State *L, int index)
{
    const lua_Integer depth = luaL_optinteger(L, index, 64);
    luaL_argcheck(L, depth >= 1 && depth <= EKO_JSON_DEPTH, index, "a depth of 1 to 512");
    return (int)depth;
}

/* json.decode(text[, max_depth]) -> value, or nil, reason, offset */
static int json_decode(lua_State *L)
{
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);
    const eko_json_rules rules = {.max_depth = check_depth(L, 2)};
    eko_json_tape tape;
    if (eko_json_parse(L, &tape, text, n, &rules)) {
        eko_json_push_value(L, &tape, 0);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, tape.error);
    lua_pushinteger(L, (lua_Integer)tape.offset);
    return 3;
}

void eko_open_json(lua_State *L)
{
    lua_pushcfunction(L, json_decode);
    lua_setfield(L, -2, "decode");
}
