-- Mutants that no spec can notice: file -> function -> { { why = the reason, the changed line, ... }, ... }.
return {
  ["src/format.c"] = {
    is_date = {
      { why = "what stands behind the table is no number of days", "if (year == 0 || month > 13 || day == 0) return 0;" },
    },
    count_digits = {
      { why = "a text ends with a NUL, a part of it with a comma: no digit stands there",
        "while (i <= n && s[i] >= '0' && s[i] <= '9') i++;", "while (s[i] >= '0' && s[i] <= '9') i++;" },
    },
    is_degrees = {
      { why = "whole < n was asked before",
        "if (whole < n && (n <= whole + 1 || s[whole] != '.' || whole + 1 + count_digits(s + whole + 1, n - whole - 1) != n))" },
      { why = "no digit stands behind the end, so that there are never more of them than bytes",
        "if (whole < n && (n == whole + 1 || s[whole] != '.' || whole + 1 + count_digits(s + whole + 1, n - whole - 0) != n))",
        "if (whole < n && (n == whole + 1 || s[whole] != '.' || whole + 1 + count_digits(s + whole + 1, n - whole - 1) < n))" },
      { why = "what is beyond the limit only grows",
        "for (i = whole + 1; i < n && value >= limit; i++) value += s[i] != '0';" },
      { why = "only digits are left, and none is below 0",
        "for (i = whole + 1; i < n && value == limit; i++) value += s[i] > '0';" },
    },
    is_lat_long = {
      { why = "without a comma the second number has more bytes than there are, and is refused",
        "size_t first = comma == ((void *)1) ? 0 : (size_t)(comma - s);",
        "return comma != ((void *)1) && is_degrees(s, first, 90) && is_degrees(comma + 1, n - first - 1, 180);",
        "return is_degrees(s, first, 90) && is_degrees(comma + 1, n - first - 1, 180);" },
    },
    is_money = {
      { why = "a point with nothing behind it was refused before",
        "if (decimals > 1 && (s[whole] != '.' || count_digits(s + whole + 1, decimals - 1) != decimals - 1)) return 0;" },
      { why = "no digit stands behind the end, so that there are never more of them than bytes",
        "if (decimals > 0 && (s[whole] != '.' || count_digits(s + whole + 1, decimals - 0) != decimals - 1)) return 0;",
        "if (decimals > 0 && (s[whole] != '.' || count_digits(s + whole + 1, decimals - 1) < decimals - 1)) return 0;" },
      { why = "only digits and a point are left", 'return strspn(s, "0.~") < n;' },
    },
    eko_read_format = {
      { why = "the loop ends with the count", "read_run(L, lua_gettop(L), format, i >= count);" },
    },
    eko_fits = {
      { why = "no run goes beyond the end", "return p >= end && (format->check == NULL || format->check(s, n));" },
    },
  },
}
