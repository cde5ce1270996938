/* Unicode: Default_Ignorable_Code_Point, White_Space, Bidi_Control, Cf and Cc. */
#include "base/shown.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint32_t first, last;
} range;

/* Nothing shows: blanks, what has no width, fillers. */
static const range blank[] = {
    {0x09, 0x0d},     {0x20, 0x20},     {0x85, 0x85},     {0xa0, 0xa0},       {0xad, 0xad},       {0x34f, 0x34f},
    {0x61c, 0x61c},   {0x115f, 0x1160}, {0x1680, 0x1680}, {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x2000, 0x200f},
    {0x2028, 0x202f}, {0x205f, 0x206f}, {0x2800, 0x2800}, {0x3000, 0x3000},   {0x3164, 0x3164},   {0xfe00, 0xfe0f},
    {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

/* What changes how the text around it is shown, or is there and does not show. U+200C and U+200D belong to the spelling
 * of names in several Indian scripts. */
static const range hidden[] = {
    {0x80, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},   {0x180e, 0x180e}, {0x200b, 0x200b},   {0x200e, 0x200f},
    {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static bool is_in(uint32_t c, const range *ranges, size_t count)
{
    for (size_t i = 0; i < count && c >= ranges[i].first; i++)
        if (c <= ranges[i].last) return true;
    return false;
}

static uint32_t code_point(const unsigned char *s, size_t length)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t c = s[0] & masks[length];
    for (size_t i = 1; i < length; i++) c = c << 6 | (s[i] & 0x3f);
    return c;
}

/* Goes behind the next character; what is no UTF-8 shows. */
static uint32_t next(const unsigned char **s, const unsigned char *end)
{
    const size_t length = **s < 0x80 ? 1 : eko_utf8_length(*s, (size_t)(end - *s));
    const uint32_t c = length == 0 ? '?' : code_point(*s, length);
    *s += length == 0 ? 1 : length;
    return c;
}

static bool is_blank(uint32_t c)
{
    return is_in(c, blank, sizeof blank / sizeof *blank);
}

const char *eko_trim(const char *text, size_t *n)
{
    const unsigned char *s = (const unsigned char *)text, *end = s + *n, *first = NULL, *last = s;
    while (s < end) {
        const unsigned char *at = s;
        const uint32_t c = next(&s, end);
        if (is_blank(c) && c != 0x200c && c != 0x200d) continue;
        if (first == NULL) first = at;
        last = s;
    }
    if (first == NULL) first = last;
    *n = (size_t)(last - first);
    return (const char *)first;
}

int eko_look(const char *text, size_t n)
{
    const unsigned char *s = (const unsigned char *)text, *end = s + n;
    int looks = EKO_IS_BLANK;
    bool is_first = true;
    while (s < end) {
        const uint32_t c = next(&s, end);
        const bool shows = !is_blank(c);
        if (shows) looks &= ~(EKO_IS_BLANK | EKO_BLANK_END);
        if (!shows && c > 0x0d) looks |= is_first ? EKO_BLANK_START : EKO_BLANK_END;
        if (c >= 0x80 && is_in(c, hidden, sizeof hidden / sizeof *hidden)) looks |= EKO_IS_HIDDEN;
        is_first = false;
    }
    return looks;
}

/* text.trim(s) -> s without blanks at its ends, be they visible or not */
static int text_trim(lua_State *L)
{
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    s = eko_trim(s, &n);
    lua_pushlstring(L, s, n);
    return 1;
}

void eko_open_shown(lua_State *L)
{
    lua_pushcfunction(L, text_trim);
    lua_setfield(L, -2, "trim");
}
