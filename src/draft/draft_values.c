#include "draft/draft_values.h"

#include "base/shown.h"
#include "draft/capture.h"
#include "draft/draft_lines.h"

#include <string.h>

/* Each gives the problem with the value, or NULL. */

static bool is_graphic(char c)
{
    return c > ' ' && c <= '~';
}

static const char *problem_of_look(const eko_field *f, const char *s, size_t n)
{
    if (n > 0 && is_graphic(s[0]) && is_graphic(s[n - 1]) && f->means != PERSON) return NULL;
    const int looks = eko_look(s, n);
    if ((looks & EKO_IS_BLANK) && (f->required || f->kind == OPAQUE)) return "empty";
    if (f->kind == OPAQUE) return NULL;
    if (looks & EKO_IS_HIDDEN) return "hidden";
    return f->means != PERSON && (looks & EKO_BLANK_ENDS) ? "blanks" : NULL;
}

static const char *problem_of(int seen, bool multiline)
{
    if (seen & EKO_NOT_UTF8) return "utf8";
    if (multiline) return seen & EKO_CONTROLS ? "lines" : NULL;
    return seen ? "control" : NULL;
}

static inline const char *put_text(eko_call *c, const eko_field *f, const char *s, size_t n)
{
    eko_buffer *to = eko_place_of(c, f);
    const int seen = f->place == IN_BODY ? eko_put_quoted(c->L, to, s, n) : eko_put_encoded(c->L, to, s, n, f->keep);
    eko_record(c, s, n);
    return problem_of(seen, f->multiline);
}

/* Digits that 64 bits hold. */
static bool read_digits(const char *s, size_t n, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < n; i++) {
        const uint64_t digit = (uint64_t)(s[i] - '0');
        if (s[i] < '0' || s[i] > '9' || *value > (UINT64_MAX - digit) / 10) return false;
        *value = *value * 10 + digit;
    }
    return n > 0;
}

/* The whole number that the value is, which no double has rounded: false when it is none. */
static bool whole_number(const eko_call *c, uint64_t *value)
{
    const lua_Number d = lua_tonumber(c->L, c->at);
#if LUA_VERSION_NUM >= 503
    if (lua_isinteger(c->L, c->at)) {
        *value = (uint64_t)lua_tointeger(c->L, c->at);
        return lua_tointeger(c->L, c->at) >= 0;
    }
#endif
    *value = d >= 0 && d <= EKO_EXACT ? (uint64_t)d : 0;
    return (lua_Number)*value == d;
}

static const char *problem_of_meaning(const eko_call *c, const eko_field *f, const char *s, size_t n)
{
    if (f->means == BIRTH && !eko_is_birth(s, n, (int)lua_tointeger(c->L, TODAY))) return "birth";
    if (f->means == ACCOUNT && eko_is_of_spreadsheet(s, n)) return "spreadsheet";
    return NULL;
}

static const char *put_string(eko_call *c, const eko_field *f)
{
    const eko_format *format = &f->format;
    char buffer[EKO_DECIMAL];
    size_t n;
    const char *s, *problem = NULL;
    if (c->type == LUA_TSTRING) {
        s = lua_tolstring(c->L, c->at, &n);
    } else { /* a number is as good as its digits */
        if (c->type != LUA_TNUMBER || f->means == PERSON) return "type";
        uint64_t value;
        if (!whole_number(c, &value)) return format->count > 0 ? "format" : "number";
        s = eko_decimal(value, buffer, &n);
    }
    if (n > f->max) return "length";
    if (format->count == 0) {
        problem = problem_of_look(f, s, n);
    } else if (!c->is_trusted && !eko_fits(format, s, n)) {
        problem = problem_of_look(f, s, n);
        if (problem == NULL) problem = "format";
    }
    if (problem == NULL && f->means != ANYTHING) problem = problem_of_meaning(c, f, s, n);
    if (problem != NULL) return problem;
    if (c->strict && format->strict != NULL && !format->strict(s, n)) return "strict";
    return put_text(c, f, s, n);
}

/* A PID block: a byte-order mark before it is left out. */
static const char *put_capture(eko_call *c, const eko_field *f)
{
    static const char mark[] = "\xef\xbb\xbf";
    if (c->type != LUA_TSTRING) return "type";
    size_t n, before = 0;
    const char *s = lua_tolstring(c->L, c->at, &n);
    for (size_t i = 0; i < n;) {
        if (strncmp(s + i, mark, sizeof mark - 1) == 0)
            before = i += sizeof mark - 1;
        else if (strchr(" \t\r\n", s[i++]) == NULL)
            break;
    }
    s += before;
    n -= before;
    if (n > f->max) return "length";
    const char *problem = eko_problem_of_capture(c->L, s, n);
    if (problem == NULL) return put_text(c, f, s, n);
    return eko_look(s, n) & EKO_IS_BLANK ? "empty" : problem;
}

/* Rupees without paise may have them written. */
static const char *leave_out_paise(const char *s, size_t *n)
{
    const char *point = memchr(s, '.', *n);
    uint64_t rupees, paise;
    if (point == NULL || !read_digits(s, (size_t)(point - s), &rupees)) return NULL;
    if (!read_digits(point + 1, *n - (size_t)(point + 1 - s), &paise)) return NULL;
    *n = (size_t)(point - s);
    return paise == 0 ? NULL : "fraction";
}

static const char *put_number(eko_call *c, const eko_field *f)
{
    uint64_t value;
    size_t n;
    bool is_whole;
    if (c->type == LUA_TSTRING) {
        const char *s = lua_tolstring(c->L, c->at, &n);
        const char *problem = problem_of_look(f, s, n);
        if (problem == NULL && f->means == RUPEES) problem = leave_out_paise(s, &n);
        if (problem != NULL) return problem;
        is_whole = read_digits(s, n, &value);
    } else if (c->type == LUA_TNUMBER) {
        is_whole = whole_number(c, &value);
        if (!is_whole && f->means == RUPEES && lua_tonumber(c->L, c->at) > 0 && lua_tonumber(c->L, c->at) < EKO_EXACT)
            return "fraction";
    } else {
        return "type";
    }
    if (!is_whole || (lua_Number)value < f->min || (f->means == RUPEES && value > (uint64_t)EKO_EXACT)) return "format";
    char buffer[EKO_DECIMAL];
    const char *s = eko_decimal(value, buffer, &n);
    eko_put(c->L, eko_place_of(c, f), s, n);
    eko_record(c, s, n);
    return NULL;
}

const char *eko_put_value(eko_call *c, const eko_field *f, int *count)
{
    switch (f->kind) {
    case INTEGER: return put_number(c, f);
    case LIST:
    case ADDRESS: return eko_put_lines(c, f, count);
    /* An OTP or its reference: whatever string it is, it goes out as that string. */
    case OPAQUE: return c->type == LUA_TNUMBER ? put_number(c, f) : put_string(c, f);
    default: return f->means == CAPTURE ? put_capture(c, f) : put_string(c, f);
    }
}
