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
  ["lua/eko/verdict.lua"] = {
    is_particular = {
      { why = "below 400 was answered before",
        "return (http_status <= 400 or http_status == 422) and status and status ~= 0 and not outcomes.http[status]" },
    },
    ["verdict.of"] = {
      { why = "200 is no other status: it is asked first because nearly every answer has it",
        "if http_status ~= 201 and is_none(http_status) then", "if http_status ~= 0 and is_none(http_status) then",
        "if is_none(http_status) then" },
    },
    same_account = {
      { why = "at 0 there is no character, and a text from 0 on is one from 1 on", "for i = 0, n do",
        'return ours:sub(0, #first) == first and (last == "" or ours:sub(-#last) == last)' },
    },
    is_ours = {
      { why = "below 200 no envelope is looked at",
        "return answer.status ~= nil and (http_status <= 200 or reading.status ~= http_status)" },
    },
    of_money = {
      { why = "of statuses below 200 none comes here", "elseif status <= 200 or not answer and may_be_envelope(reading.http.body) then" },
    },
  },
  ["lua/eko/retry.lua"] = {
    is_undecided = {
      { why = "499 is one of the list", "return UNDECIDED[status] or status < 400 and status ~= 200 or status >= 499" },
    },
    ["retry.may_repeat"] = {
      { why = "499 is one of the list", 'return err.kind == "http" and (PASSING[err.http_status] == true or err.http_status >= 499)' },
    },
    ["retry.pause"] = {
      { why = "it is never less than a tenth of a second", "return math.max(after or -1, SHORTEST + random * (most - SHORTEST))" },
    },
  },
}
