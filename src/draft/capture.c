/* The PID block of a fingerprint device (UIDAI's RD service): XML, read no further than to tell whether the capture
 * went well. One pass, from left to right. */
#include "draft/capture.h"

#include "draft/draft_call.h"

#include <stdbool.h>
#include <string.h>

/* bytes of them that are shown */
#define MOST_CODE 16
#define MOST_INFO 80

typedef struct {
    const char *at, *end;
} span;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool begins(const span *in, const char *with)
{
    const size_t n = strlen(with);
    return (size_t)(in->end - in->at) >= n && memcmp(in->at, with, n) == 0;
}

/* Goes behind the next `mark`; false when there is none. */
static bool skip_behind(span *in, const char *mark)
{
    const size_t n = strlen(mark);
    for (; in->at < in->end; in->at++) {
        in->at = memchr(in->at, mark[0], (size_t)(in->end - in->at));
        if (in->at == NULL) break;
        if (begins(in, mark)) {
            in->at += n;
            return true;
        }
    }
    in->at = in->end;
    return false;
}

static void skip_blanks(span *in)
{
    while (in->at < in->end && is_blank(*in->at)) in->at++;
}

/* A name, without the prefix of its namespace. */
static span read_name(span *in)
{
    span name = {.at = in->at};
    for (; in->at < in->end && !is_blank(*in->at) && strchr("=/>\"'<", *in->at) == NULL; in->at++)
        if (*in->at == ':') name.at = in->at + 1;
    name.end = in->at;
    return name;
}

static bool is_named(span name, const char *text, bool in_any_case)
{
    const size_t n = strlen(text);
    if ((size_t)(name.end - name.at) != n) return false;
    for (size_t i = 0; i < n; i++)
        if (name.at[i] != text[i] && !(in_any_case && (name.at[i] ^ text[i]) == 0x20)) return false;
    return true;
}

/* What stands behind the name of an attribute: nothing when it has no value. */
static span read_value(span *in)
{
    span value = {.at = in->at, .end = in->at};
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
static bool is_zero(span code)
{
    while (code.at < code.end && (is_blank(code.end[-1]) || code.end[-1] == '0')) code.end--;
    return code.at == code.end;
}

/* The rest of a tag, and what it says of errCode and errInfo. Returns whether the element has no content. */
static bool read_tag(span *in, span *code, span *info)
{
    bool is_empty = false;
    for (skip_blanks(in); in->at < in->end && *in->at != '>'; skip_blanks(in)) {
        const span name = read_name(in), value = read_value(in);
        if (is_named(name, "errCode", true) && is_zero(*code)) *code = value;
        if (is_named(name, "errInfo", true)) *info = value;
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

const char *eko_problem_of_capture(lua_State *L, const char *s, size_t n)
{
    span in = {.at = s, .end = s + n};
    bool has_begun = false, has_ended = false;
    while (skip_behind(&in, "<")) {
        span code = {.at = in.at, .end = in.at}, info = code;
        const bool closes = begins(&in, "/");
        if (begins(&in, "!--") || begins(&in, "![CDATA[") || begins(&in, "?")) {
            skip_behind(&in, *in.at == '?' ? "?>" : in.at[1] == '-' ? "-->" : "]]>");
            continue;
        }
        in.at += closes;
        const span name = read_name(&in);
        if (name.at == name.end) continue;
        const bool is_empty = read_tag(&in, &code, &info);
        if (is_named(name, "Resp", true) && !is_zero(code)) return refuse(L, code, info);
        if (!is_named(name, "PidData", false)) continue;
        has_begun |= !closes;
        has_ended |= has_begun && (closes || is_empty);
    }
    return has_ended ? NULL : "capture";
}
