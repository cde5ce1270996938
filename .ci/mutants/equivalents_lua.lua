-- The sources of lua/: see equivalents.lua.
return {
  ["lua/eko/call/verdict.lua"] = {
    ["verdict.of"] = {
      { why = "200 is no other status: it is asked first because nearly every answer has it",
        "if is_none(http_status) then" },
    },
    is_damaged = { { why = "nil says no as well as false", "without return false" } },
  },
  ["lua/eko/call/facts.lua"] = {
    same_account = {
      { why = "at 0 there is no character, and a text from 0 on is one from 1 on", "for i = 0, n do",
        'return ours:sub(0, #first) == first and (last == "" or ours:sub(-#last) == last)' },
    },
  },
  ["lua/eko/call/retry.lua"] = {
    ["retry.may_repeat"] = {
      { why = "499 is one of the list", 'return err.kind == "http" and (PASSING[err.http_status] == true or err.http_status >= 499)' },
    },
    ["retry.pause"] = {
      { why = "it is never less than a tenth of a second", "return math.max(after or -1, SHORTEST + random * (most - SHORTEST))" },
    },
  },
  ["lua/eko/call/problems.lua"] = {
    type_of = {
      { why = "neither 0 nor -1 is above 0",
        'return "a whole number" .. ((param.min or -1) > 0 and " above 0" or "") .. ", as an integer or as plain digits"' },
    },
    shown_name = {
      { why = "a text from 0 on is one from 1 on", 'return masked((name:sub(0, 64):gsub("[^A-Za-z0-9_.-]", "?")))' },
      { why = "a remainder of 1 is never below 0",
        'elseif type(name) == "number" and name % 1 <= 0 and name >= -1000 and name <= 1000 then' },
    },
  },
  ["lua/eko/call/request.lua"] = {
    field_of = {
      { why = "~ is never percent-encoded", 'keep = param.format == "transaction-reference" and ":~",' },
    },
    today_of = {
      { why = "no day comes between the last of a year and the first of the next", "return today >= CLOCK_SET and today" },
    },
    timestamp_of = {
      { why = "where the call gives one it is not looked at",
        'if type(params) == "table" and params.timestamp ~= nil then return true end' },
    },
    ["request.draft"] = {
      { why = "what names no field is false as well as nil", 'return nil, problems.refuse(endpoint, found or {}, not found and "params")' },
      { why = "of a good draft the second value is its reference, a text, in which no problem is found",
        'if extra ~= nil and type(extra) ~= "table" then return nil, problems.refuse(endpoint, found or {}, "extra") end' },
    },
    ["request.checker"] = {
      { why = "it is compiled anew each time, to the same", 'draft_of = core.plan("", true, { field_of(param) })' },
      { why = "nobody sees its path, nor whether there is a body", 'draft_of = draft_of or core.plan("~", true, { field_of(param) })',
        'draft_of = draft_of or core.plan("", false, { field_of(param) })' },
      { why = "no extra and no spare draft is looked at",
        "local draft, found = draft_of({ [name] = value }, nil, nil, nil, nil, true, nil, today_of(NOTHING))",
        "local draft, found = draft_of({ [name] = value }, nil, nil, nil, nil, nil, true, today_of(NOTHING))" },
      { why = "the collector wipes it too, only later", "without draft:close()" },
    },
    ["(file)"] = {
      { why = "no day comes between the last of a year and the first of the next", "local CLOCK_SET = 20200001 -- YYYYMMDD",
        "local CLOCK_SET = 20199999 -- YYYYMMDD" },
      { why = "a k is in it", 'local compiled = setmetatable({}, { __mode = "k~" })' },
      { why = "its name is shown to nobody", 'request.is_mobile = request.checker { name = "", type = "string", format = "mobile" }',
        'request.is_mobile = request.checker { name = "mobile~", type = "string", format = "mobile" }' },
    },
  },
}
