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
    is_ours = {
      { why = "below 200 no envelope is looked at",
        "return answer.status ~= nil and (http_status <= 200 or reading.status ~= http_status)" },
    },
    of_money = {
      { why = "of statuses below 200 none comes here", "elseif status <= 200 or not answer and may_be_envelope(reading.http.body) then" },
    },
  },
  ["lua/eko/facts.lua"] = {
    same_account = {
      { why = "at 0 there is no character, and a text from 0 on is one from 1 on", "for i = 0, n do",
        'return ours:sub(0, #first) == first and (last == "" or ours:sub(-#last) == last)' },
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
  ["lua/eko/problems.lua"] = {
    type_of = {
      { why = "neither 0 nor -1 is above 0",
        'return "a whole number" .. ((param.min or -1) > 0 and " above 0" or "") .. ", as an integer or as plain digits"' },
    },
    shown_name = {
      { why = "a text from 0 on is one from 1 on", 'return redact.text((name:sub(0, 64):gsub("[^A-Za-z0-9_.-]", "?")))' },
      { why = "a remainder of 1 is never below 0",
        'elseif type(name) == "number" and name % 1 <= 0 and name >= -1000 and name <= 1000 then' },
    },
  },
  ["lua/eko/request.lua"] = {
    field_of = {
      { why = "~ is never percent-encoded", 'keep = param.format == "transaction-reference" and ":~",' },
    },
    ["request.draft"] = {
      { why = "the draft gives the same text, only later", "if draft then reference = draft:client_ref_id() end" },
    },
    ["request.checker"] = {
      { why = "it is compiled anew each time, to the same", 'draft_of = core.plan("", true, { field_of(param) })' },
      { why = "nobody sees its path, nor whether there is a body", 'draft_of = draft_of or core.plan("~", true, { field_of(param) })',
        'draft_of = draft_of or core.plan("", false, { field_of(param) })' },
      { why = "no extra, no spare draft and no reference of our own is looked at",
        "local draft, found = draft_of({ [name] = value }, nil, nil, nil, nil, true, nil, nil, today_of(NOTHING))",
        "local draft, found = draft_of({ [name] = value }, nil, nil, nil, nil, nil, true, nil, today_of(NOTHING))",
        "local draft, found = draft_of({ [name] = value }, nil, nil, nil, nil, nil, nil, true, today_of(NOTHING))" },
      { why = "the collector wipes it too, only later", "" },
    },
    ["(file)"] = {
      { why = "its name is shown to nobody", 'request.is_mobile = request.checker { name = "", type = "string", format = "mobile" }',
        'request.is_mobile = request.checker { name = "mobile~", type = "string", format = "mobile" }' },
    },
  },
}
