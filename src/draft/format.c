#include "draft/format.h"

#include "base/check_digit.h"

#include <string.h>

/* ---- the named checks; the runs were looked at before ---- */

static unsigned int digits_value(const char *s, int n)
{
    unsigned int value = 0;
    while (n-- > 0) value = value * 10 + (unsigned int)(*s++ - '0');
    return value;
}

/* YYYY-MM-DD that exists. */
static bool is_date(const char *s, size_t n)
{
    static const unsigned int lengths[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const unsigned int year = digits_value(s, 4), month = digits_value(s + 5, 2), day = digits_value(s + 8, 2);
    const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    (void)n;
    if (year == 0 || month > 12 || day == 0) return false;
    return day <= lengths[month] + (month == 2 ? is_leap : 0);
}

bool eko_is_birth(const char *s, size_t n, int today)
{
    if (n != 10 || !is_date(s, n)) return false;
    const unsigned int day = digits_value(s, 4) * 10000 + digits_value(s + 5, 2) * 100 + digits_value(s + 8, 2);
    return day >= 19000101 && (today == 0 || day <= (unsigned int)today);
}

static size_t count_digits(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && s[i] >= '0' && s[i] <= '9') i++;
    return i;
}

/* One to three digits with a sign and decimals perhaps, up to the limit. */
static bool is_degrees(const char *s, size_t n, unsigned int limit)
{
    if (*s == '-') s++, n--;
    const size_t whole = count_digits(s, n);
    if (whole < 1 || whole > 3) return false;
    if (whole < n && (n == whole + 1 || s[whole] != '.' || whole + 1 + count_digits(s + whole + 1, n - whole - 1) != n))
        return false;
    unsigned int value = digits_value(s, (int)whole);
    for (size_t i = whole + 1; i < n && value == limit; i++) value += s[i] != '0';
    return value <= limit;
}

static bool is_lat_long(const char *s, size_t n)
{
    const char *comma = memchr(s, ',', n);
    const size_t first = comma == NULL ? 0 : (size_t)(comma - s);
    return comma != NULL && is_degrees(s, first, 90) && is_degrees(comma + 1, n - first - 1, 180);
}

/* A tid, or client_ref_id: and a reference of the caller's. */
static bool is_transaction_reference(const char *s, size_t n)
{
    static const char prefix[] = "client_ref_id:";
    const size_t before = sizeof prefix - 1;
    if (n > before && memcmp(s, prefix, before) == 0)
        return n - before <= 20 && memchr(s + before, ':', n - before) == NULL;
    return memchr(s, ':', n) == NULL;
}

/* Rupees with at most two decimals, above 0. */
static bool is_money(const char *s, size_t n)
{
    const size_t whole = count_digits(s, n), decimals = n - whole;
    if (whole == 0 || decimals == 1 || decimals > 3) return false;
    if (decimals > 0 && (s[whole] != '.' || count_digits(s + whole + 1, decimals - 1) != decimals - 1)) return false;
    while (n > 0 && (s[n - 1] == '0' || s[n - 1] == '.')) n--;
    return n > 0;
}

bool eko_is_of_spreadsheet(const char *s, size_t n)
{
    const size_t whole = count_digits(s, n);
    size_t at = whole;
    while (at < n && s[at] == ',')
        at += 1 + count_digits(s + at + 1, n - at - 1); /* thousands, or a comma for the point */
    if (at < n && s[at] == '.') at += 1 + count_digits(s + at + 1, n - at - 1);
    if (at < n && (s[at] == 'e' || s[at] == 'E')) {
        at++;
        if (at < n && (s[at] == '+' || s[at] == '-')) at++;
        if (at == n) return false;
        at += count_digits(s + at, n - at);
    }
    return whole > 0 && whole < n && at == n;
}

static bool is_not_dots(const char *s, size_t n)
{
    return strspn(s, ".") < n;
}

/* The fourth letter of a PAN says who holds it (income-tax department). */
static bool is_pan_of_a_holder(const char *s, size_t n)
{
    return n == 10 && strchr("PCHFATBLJG", s[3]) != NULL;
}

static bool is_aadhaar(const char *s, size_t n)
{
    return *s >= '2' && eko_verhoeff(s, n, 0) == 0;
}

static const struct {
    const char *name;
    eko_check check;
} checks[] = {
    {"date", is_date},        {"latitude,longitude", is_lat_long}, {"transaction reference", is_transaction_reference},
    {"money", is_money},      {"not only dots", is_not_dots},      {"holder of a PAN", is_pan_of_a_holder},
    {"Verhoeff", is_aadhaar},
};

/* ---- reading and matching ---- */

static eko_check check_named(lua_State *L, int index, const char *field)
{
    lua_getfield(L, index, field);
    const char *name = lua_tostring(L, -1);
    lua_pop(L, 1);
    if (name == NULL) return NULL;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (strcmp(checks[i].name, name) == 0) return checks[i].check;
    luaL_error(L, "no such check: %s", name);
    return NULL;
}

static void read_set(uint32_t set[8], const char *s)
{
    while (*s != 0) {
        unsigned int c = (unsigned char)s[0], last = c;
        if (s[1] == '-' && s[2] != 0) {
            last = (unsigned char)s[2];
            s += 2;
        }
        for (; c <= last; c++) set[c >> 5] |= UINT32_C(1) << (c & 31);
        s++;
    }
}

static void read_run(lua_State *L, int run, eko_format *format, bool is_last)
{
    luaL_checktype(L, run, LUA_TTABLE);
    lua_rawgeti(L, run, 1);
    lua_rawgeti(L, run, 2);
    lua_rawgeti(L, run, 3);
    const char *set = luaL_checkstring(L, -3);
    const size_t least = (size_t)luaL_checkinteger(L, -2);
    const size_t most = (size_t)luaL_optinteger(L, -1, (lua_Integer)least);
    if (least == 0 || (most != least && !is_last)) luaL_error(L, "only the last run may have any length");
    read_set(format->runs[format->count].set, set);
    format->runs[format->count].least = least;
    format->runs[format->count].most = most == 0 ? SIZE_MAX : most;
    format->count++;
    lua_pop(L, 3);
}

void eko_read_format(lua_State *L, int index, eko_format *format)
{
    luaL_checktype(L, index, LUA_TTABLE);
    lua_getfield(L, index, "runs");
    luaL_checktype(L, -1, LUA_TTABLE);
    const int count = (int)lua_rawlen(L, -1);
    if (count < 1 || count > EKO_FORMAT_RUNS) luaL_error(L, "a format has 1 to %d runs", EKO_FORMAT_RUNS);
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        read_run(L, lua_gettop(L), format, i == count);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    format->check = check_named(L, index, "check");
    format->strict = check_named(L, index, "strict");
}

bool eko_fits(const eko_format *format, const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s, *end = p + n;
    for (int i = 0; i < format->count; i++) {
        const uint32_t *set = format->runs[i].set;
        const size_t least = format->runs[i].least, most = format->runs[i].most, left = (size_t)(end - p);
        const unsigned char *stop = p + (left < most ? left : most);
        if (left < least) return false;
        while (p < stop && (set[*p >> 5] >> (*p & 31) & 1) != 0) p++;
        if ((size_t)(end - p) > left - least) return false;
    }
    return p == end && (format->check == NULL || format->check(s, n));
}
