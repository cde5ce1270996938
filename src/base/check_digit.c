#include "base/check_digit.h"

#include "base/type.h"

static const unsigned char dihedral[10][10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 4, 0, 6, 7, 8, 9, 5},
                                               {2, 3, 4, 0, 1, 7, 8, 9, 5, 6}, {3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
                                               {4, 0, 1, 2, 3, 9, 5, 6, 7, 8}, {5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
                                               {6, 5, 9, 8, 7, 1, 0, 4, 3, 2}, {7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
                                               {8, 7, 6, 5, 9, 3, 2, 1, 0, 4}, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}};
static const unsigned char permutation[8][10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 5, 7, 6, 2, 8, 3, 0, 9, 4},
                                                 {5, 8, 0, 3, 7, 9, 6, 1, 4, 2}, {8, 9, 1, 6, 0, 4, 3, 5, 2, 7},
                                                 {9, 4, 5, 3, 1, 2, 6, 8, 7, 0}, {4, 2, 8, 6, 5, 7, 3, 9, 0, 1},
                                                 {2, 7, 9, 3, 8, 0, 6, 4, 1, 5}, {7, 0, 4, 6, 9, 1, 3, 2, 5, 8}};

int eko_verhoeff(const char *s, size_t n, size_t from)
{
    int c = 0;
    for (size_t i = 0; i < n; i++) {
        const char d = s[n - 1 - i];
        if (d < '0' || d > '9') return -1;
        c = dihedral[c][permutation[(i + from) % 8][d - '0']];
    }
    return c;
}

/* text.verhoeff(digits) -> whether they end in their check digit */
static int text_verhoeff(lua_State *L)
{
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    lua_pushboolean(L, n > 1 && eko_verhoeff(s, n, 0) == 0);
    return 1;
}

/* text.verhoeff_digit(digits) -> the digit to put behind them, or nil, "invalid_digits", detail */
static int text_verhoeff_digit(lua_State *L)
{
    static const char inverse[] = "0432156789";
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    const int c = eko_verhoeff(s, n, 1);
    if (n == 0 || c < 0) return eko_push_failure(L, "invalid_digits", "only digits have a check digit");
    lua_pushlstring(L, inverse + c, 1);
    return 1;
}

void eko_open_check_digit(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"verhoeff", text_verhoeff}, {"verhoeff_digit", text_verhoeff_digit}, {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
