/* The PID block of a fingerprint device (UIDAI's RD service): XML, read no further than to tell whether the capture
 * went well. One pass, from left to right. */
#include <string.h>

#include "draft/plan.h"

/* bytes of them that are shown */
#define MOST_CODE 16
#define MOST_INFO 80

typedef struct {
    const char *at, *end;
} span;

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int begins(const span *in, const char *with)
{
    const size_t n = strlen(with);
    return (size_t)(in->end - in->at) >= n && memcmp(in->at, with, n) == 0;
}

/* Goes behind the next `mark`; 0 when there is none. */
static int skip_behind(span *in, const char *mark)
{
    const size_t n = strlen(mark);
    for (; in->at < in->end; in->at++) {
        in->at = memchr(in->at, mark[0], (size_t)(in->end - in->at));
        if (in->at == NULL) break;
        if (begins(in, mark)) {
            in->at += n;
            return 1;
        }
    }
    in->at = in->end;
    return 0;
}

static void skip_blanks(span *in)
{
    while (in->at < in->end && is_blank(*in->at)) in->at++;
}

/* A name, without the prefix of its namespace. */
static span read_name(span *in)
{
    span name = {in->at, in->at};
    for (; in->at < in->end && !is_blank(*in->at) && strchr("=/>\"'<", *in->at) == NULL; in->at++)
        if (*in->at == ':') name.at = in->at + 1;
    name.end = in->at;
    return name;
}

static int is_named(span name, const char *text, int in_any_case)
{
    const size_t n = strlen(text);
    size_t i;
    if ((size_t)(name.end - name.at) != n) return 0;
    for (i = 0; i < n; i++)
        if (name.at[i] != text[i] && !(in_any_case && (name.at[i] ^ text[i]) == 0x20)) return 0;
    return 1;
}

/* What stands behind the name of an attribute: nothing when it has no value. */
static span read_value(span *in)
{
    span value = {in->at, in->at};
    skip_blanks(in);
    if (in->at == in->end || *in->at != '=') return value;
    in->at++;
    skip_blanks(in);
    value.at = in->at;
    if (in->at < in->end && (*in->at == '"' || *in->at == '\'')) {
        const char quote[] = {*in->at, 0};
        value.at = ++in->at;
        value.end = skip_behind(in, quote) ? in->at - 1 : in->end;
        return value;
    }
    while (in->at < in->end && !is_blank(*in->at) && *in->at != '>' && !begins(in, "/>")) in->at++;
    value.end = in->at;
    return value;
}

/* 0, however it is written, or nothing at all. */
static int is_zero(span code)
{
    while (code.at < code.end && (is_blank(code.end[-1]) || code.end[-1] == '0')) code.end--;
    return code.at == code.end;
}

/* The rest of a tag, and what it says of errCode and errInfo. Returns whether the element has no content. */
static int read_tag(span *in, span *code, span *info)
{
    int is_empty = 0;
    for (skip_blanks(in); in->at < in->end && *in->at != '>'; skip_blanks(in)) {
        span name = read_name(in), value = read_value(in);
        if (is_named(name, "errCode", 1) && is_zero(*code)) *code = value;
        if (is_named(name, "errInfo", 1)) *info = value;
        is_empty = in->at < in->end && *in->at == '/';
        if (name.at == name.end && in->at < in->end && *in->at != '>') in->at++;
    }
    return is_empty;
}

/* What the device says, in plain characters. */
static size_t show(char *to, span from, size_t most)
{
    size_t n = 0;
    for (; n < most && from.at < from.end; from.at++) {
        const char c = *from.at;
        to[n++] = '?';
        if (c >= ' ' && c <= '~') to[n - 1] = c;
    }
    return n;
}

static const char *refuse(lua_State *L, span code, span info)
{
    char text[MOST_CODE + 2 + MOST_INFO];
    size_t n = show(text, code, MOST_CODE);
    if (info.at < info.end) {
        text[n++] = ':';
        text[n++] = ' ';
        n += show(text + n, info, MOST_INFO);
    }
    lua_pushlstring(L, text, n);
    lua_replace(L, DETAIL);
    return "capture failed";
}

const char *eko_check_capture(lua_State *L, const char *s, size_t n)
{
    span in = {s, s + n};
    int has_begun = 0, has_ended = 0;
    while (skip_behind(&in, "<")) {
        span code = {in.at, in.at}, info = code, name;
        int closes = begins(&in, "/"), is_empty;
        if (begins(&in, "!--") || begins(&in, "![CDATA[") || begins(&in, "?")) {
            skip_behind(&in, *in.at == '?' ? "?>" : in.at[1] == '-' ? "-->" : "]]>");
            continue;
        }
        in.at += closes;
        name = read_name(&in);
        if (name.at == name.end) continue;
        is_empty = read_tag(&in, &code, &info);
        if (is_named(name, "Resp", 1) && !is_zero(code)) return refuse(L, code, info);
        if (!is_named(name, "PidData", 0)) continue;
        has_begun |= !closes;
        has_ended |= has_begun && (closes || is_empty);
    }
    return has_ended ? NULL : "capture";
}
