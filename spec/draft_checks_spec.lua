-- The checks of a draft, one value at a time, at both sides of each limit: formats, kinds of values, places, names. Nothing is sent.
-- `make mutants` shows that each comparison, constant and branch of the draft is held by one of these rows.
local core = require "eko.core"
local formats = require "eko.formats"

local function plan_of(fields, has_body, head)
  for _, field in ipairs(fields) do
    local place = field.place or "body"
    field.place, field.type, field.max, field.min = place, field.type or "string", field.max or 255, field.min or 0
    field.key = field.key or (place == "body" and '"' .. field.name .. '":' or field.name .. "=")
  end
  return core.plan(head or "/p", has_body ~= false, fields)
end

-- A call's draft: `given` has the rest of what it is made of, by name.
local function draft_of(drafts, params, given)
  given = given or {}
  return drafts(params, given.initiator_id, given.user_code, given.client_ref_id, given.strict, given.extra, given.spare, given.is_ours,
    given.today, given.timestamp)
end

-- What becomes of one value of a field { type, max, min, ... }: what is written of it; or nil, the problem and its detail.
local function put(field, value, strict)
  field.name = field.name or "x"
  local place = field.place or "body"
  local draft, problems = draft_of(plan_of({ field }, place == "body"), { x = value }, { strict = strict, today = field.today })
  if not draft then
    assert.equal(1, #problems)
    assert.equal(1, problems[1][1])
    return nil, problems[1][2], problems[1][3]
  end
  if place == "body" then return (draft:body():match '^{"x":(.*)}$'), draft:value "x" end
  return draft:path():match(place == "query" and "^/p%?x=(.*)$" or "^/p(.*)$"), draft:value "x"
end

local function assert_put(wanted, field, value, strict)
  local written = put(field, value, strict)
  assert.equal(wanted, written, tostring(value))
end

local function assert_problem(problem, field, value, strict)
  local written, found = put(field, value, strict)
  assert.is_nil(written, tostring(value))
  assert.equal(problem, found, tostring(value))
end

local function fits(format, value, strict)
  return put({ format = format }, value, strict) ~= nil
end

local function assert_fits(format, good, bad)
  for _, value in ipairs(good) do assert.is_true(fits(format, value), value) end
  for _, value in ipairs(bad) do assert.is_false(fits(format, value), value) end
end

describe("the format of a date", function()
  local function day(year, month, number) return fits(formats.date, ("%04d-%02d-%02d"):format(year, month, number)) end

  it("has each month's last day and none after it, and no month and no day beyond", function()
    for month, days in ipairs { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 } do
      assert.is_true(day(1999, month, 1))
      assert.is_true(day(1999, month, days), month)
      assert.is_false(day(1999, month, days + 1), month)
      assert.is_true(day(1996, month, month == 2 and 29 or days), month)
      assert.is_false(day(1996, month, month == 2 and 30 or days + 1), month)
      assert.is_false(day(1999, month, 0))
    end
    for _, month in ipairs { 0, 13, 20, 99 } do assert.is_false(day(1999, month, 1), month) end
  end)

  it("has leap years", function()
    for year, is_leap in pairs { [1900] = false, [1904] = true, [1996] = true, [1997] = false, [1998] = false, [1999] = false, [2000] = true,
      [2004] = true, [2023] = false, [2024] = true } do
      assert.equal(is_leap, day(year, 2, 29), year)
    end
  end)

  it("is written in one way", function()
    assert_fits(formats.date, { "1990-02-28" }, {
      "", "1", "1990", "1990-02-2", "1990-02-288", "1990-2-28", "1990-02-28 ", " 1990-02-28", "1990/02-28", "1990-02/28", "990-02-28",
      "19a0-02-28", "1990-a2-28", "1990-02-b8", "199/-02-28", "199:-02-28", "0000-01-01",
    })
  end)
end)

describe("a format with runs", function()
  it("has as many characters of each set as are said", function()
    local format = { runs = { { "a-c", 2 }, { "-", 1 }, { "0-9_.-", 1, 3 } } }
    assert_fits(format, { "ab-1", "cc-12", "aa---", "ac-_.-", "ab-999" }, {
      "", "a", "ab", "ab-", "a-1", "abc-1", "abc", "ab1", "ab-1234", "ab-1a", "`b-1", "db-1", "ad-1", "ab.1", "ab-/", "ab-:", "aB-1", "ab-^",
    })
    assert_fits({ runs = { { "x", 1, 0 } } }, { "x", ("x"):rep(200) }, { "", "y", "xy", "yx" })
    assert_fits({ runs = { { "x", 3, 0 } } }, { "xxx", "xxxx" }, { "xx", "xxy", "xxxy" })
    assert_fits({ runs = { { "x", 2, 2 } } }, { "xx" }, { "x", "xxx" })
    assert_fits({ runs = { { "ab", 1 }, { "c", 1, 2 } } }, { "ac", "bc", "acc" }, { "c", "abc", "a", "accc" })
  end)

  it("has sets of any character, and a minus at the end", function()
    assert_fits({ runs = { { "\1-\255", 1, 0 } } }, { " ~", "é€😀" }, {})
    for c = 32, 126 do
      local text = string.char(c)
      for set, holds in pairs { ["!--"] = c >= 33 and c <= 45, ["`-b"] = c >= 96 and c <= 98, ["b-"] = c == 98 or c == 45,
        ["?-AZ"] = c >= 63 and c <= 65 or c == 90,
        ["a-c-e"] = c >= 97 and c <= 99 or c == 45 or c == 101 } do
        assert.equal(holds, fits({ runs = { { set, 1 } } }, text), set .. " " .. text)
      end
    end
    assert.is_true(fits({ runs = { { "é", 2 } } }, "é"))
    assert.is_false(fits({ runs = { { "é", 2 } } }, "e"))
  end)

  it("has one to six runs, each of one character at least, and only the last of any length", function()
    local function compiled(format) return (pcall(put, { format = format }, "x")) end
    local run = { "x", 1 }
    assert_fits({ runs = { run, run, run, run, run, run } }, { "xxxxxx" }, { "xxxxx", "xxxxxxx" })
    for _, wrong in ipairs {
      { runs = {} }, { runs = { run, run, run, run, run, run, run } }, { runs = { { "x", 0 } } }, { runs = { { "x", 1, 2 }, run } },
      { runs = { { "x", 2, 1 }, run } }, { runs = { { "x", 1, 0 }, run } }, { runs = { { "x" } } }, { runs = { { nil, 1 } } },
      { runs = { { "x", "y" } } }, { runs = { "x" } }, { runs = "x" }, {}, "x", 7, true,
      { runs = { run }, check = "no such" }, { runs = { run }, strict = "no such" },
    } do assert.is_false(compiled(wrong)) end
    assert.is_true(compiled { runs = { { "x", 1, 1 }, { "x", 1 } } })
    assert.error_matches(function() put({ format = { runs = {} } }, "x") end, "a format has 1 to 6 runs$")
    assert.error_matches(function() put({ format = { runs = { { "x", 1, 2 }, run } } }, "x") end, "only the last run may have any length$")
    assert.error_matches(function() put({ format = { runs = { run }, check = "dates" } }, "x") end, "no such check: dates$")
    for _, wrong in ipairs { "x", 7, true } do assert.error_matches(function() put({ format = wrong }, "x") end, "table expected") end
  end)
end)

describe("the named checks", function()
  it("of degrees: one to three digits, a sign, decimals, up to the limit", function()
    local good = { "0", "-0", "9", "90", "-90", "90.0", "90.000", "-90.00", "89.9999", "00", "009", "090", "1.5", "0.0001", "90.0000000" }
    local bad = { "", "-", "--1", "+1", "91", "-91", "90.1", "90.0001", "90.10", "90.01", "100", "0900", "0000", "1.", "1.a", "1.5.", "1.5-",
      "1-5", "1,5", ".5", "-.5", "1.-", "1..5", "5-", "-90.5", "90.", "90.0a" }
    for _, text in ipairs(good) do assert.is_true(fits(formats["lat-long"], text .. ",0"), text) end
    for _, text in ipairs(bad) do assert.is_false(fits(formats["lat-long"], text .. ",0"), text) end
    for _, text in ipairs(good) do assert.is_true(fits(formats["lat-long"], "0," .. text), text) end
    for _, text in ipairs { "91", "100", "179.99", "180", "-180", "180.00", "099", "179" } do
      assert.is_true(fits(formats["lat-long"], "1," .. text), text)
    end
    for _, text in ipairs { "", "-", "181", "180.1", "180.01", "-180.5", "200", "1800", "1.", "1,1", "1.a" } do
      assert.is_false(fits(formats["lat-long"], "1," .. text), text)
    end
    assert_fits(formats["lat-long"], { "19.0760,72.8777" }, { "19.0760", ",", "1,", ",1", "1,2,", ",1,2", "19.0760 72.8777" })
  end)

  it("of a reference: a tid, or client_ref_id: and one's own", function()
    assert_fits(formats["transaction-reference"], { "1", "a_b-C", "client_ref_id", "client_ref_id:x", "client_ref_id:" .. ("9"):rep(20), ("x"):rep(40) }, {
      "", "client_ref_id:", ":", ":1", "1:", "tid:1", "client_ref_id::", "client_ref_id:x:", "client_ref_id:" .. ("9"):rep(21), ("x"):rep(41),
      "client_ref_ix:1", "Client_ref_id:1", "client_ref_id:client_ref_id:1", "xclient_ref_id:1",
    })
  end)

  it("of money: rupees and paise, not nothing", function()
    assert_fits(formats.money, { "1", "9", "0.01", "0.1", "0.10", "10", "007", "1.5", "1.50", "100000000", "9.99", "00.01" }, {
      "", "0", "00", "0.0", "0.00", ".", ".5", "1.", "1..5", "1.555", "1.5.5", "1.5.", "1,5", "-1", "1.a", "a", "1 ", " 1", "1.0.", "0.000", "..1",
      "1.1.", ".11", "5..", "1e5",
    })
  end)

  it("of a path: not only dots", function()
    assert_fits(formats["path-segment"], { "a", "a.", ".a", "..a", "a..", "-", "_", "0" }, { "", ".", "..", "...", "....", "a/", "/", "%2e", "a b" })
  end)

  it("of a PAN, strictly: who holds it", function()
    for letter in ("ABCDEFGHIJKLMNOPQRSTUVWXYZ"):gmatch "." do
      local pan = ("ABC%sE1234F"):format(letter)
      assert.is_true(fits(formats.pan, pan, false))
      assert.equal(("PCHFATBLJG"):find(letter, 1, true) ~= nil, fits(formats.pan, pan, true), pan)
      assert_problem(("PCHFATBLJG"):find(letter, 1, true) == nil and "strict" or "format", { format = formats.pan },
        ("PCHFATBLJG"):find(letter, 1, true) and pan .. "X" or pan, true)
    end
  end)

  it("of an Aadhaar number, strictly: its first digit and its last", function()
    for last = 0, 9 do
      assert.equal(last == 4, fits(formats.aadhaar, "23456789012" .. last, true), last)
      assert.is_true(fits(formats.aadhaar, "23456789012" .. last, false), last)
    end
    -- The check digit is right, the first digit is the smallest, and one below it.
    for first, is_good in pairs { ["0"] = false, ["1"] = false, ["2"] = true, ["3"] = true, ["9"] = true } do
      for last = 0, 9 do
        local number = first .. "0000000000" .. last
        if core.text.verhoeff(number) then assert.equal(is_good, fits(formats.aadhaar, number, true), number) end
      end
    end
  end)

  -- The runs of the formats leave little to the checks: here they leave all.
  local function by_check(name) return { runs = { { " -~", 1, 0 } }, check = name } end

  it("look at a text of any characters", function()
    assert_fits(by_check "latitude,longitude", { "-9.5,-179.5" }, {
      "/,1", ":,1", "1/,1", "1:,1", "+1,1", "1,+1", "1/5,1", "1-5,1", "1.5/,1", "1.:,1", "1./,1", "1.~,1", "1;1", "(1,1", "1,1 ", " 1,1", "1.5.,1",
    })
    assert_fits(by_check "money", { "10", "1.05" }, { "1/5", "1-5", "1:", "/1", ":1", "1.:", "1./", "1.5~", "0~", "~", "0.0~", "1,5", "1;50", "1-05", "1/05" })
    assert_fits(by_check "not only dots", { "~", ".~", "~.", "-" }, { ".", ".." })
    assert_fits(by_check "holder of a PAN", { "ABCPE1234F", "   P      " }, { "P", "ABCP", "ABCPE1234", "ABCPE1234FG", "   ~      ", "   N      ",
      "   p      " })
    assert_fits(by_check "Verhoeff", { "234567890124" }, { "2345678901a4", "234567890125", "/", ":", "2/", "2:", "2~" })
    assert_fits(by_check "transaction reference", { "client_ref_id:a b", "a b" }, { "client_ref_id:" .. ("~"):rep(21), ":" })
  end)

  it("can be each of a format's two, which stand beside each other", function()
    assert_fits({ runs = { { "0-9.", 1, 0 } }, check = "money" }, { "1.5" }, { "1.", "x" })
    local both = { runs = { { "0-9.", 1, 0 } }, check = "not only dots", strict = "money" }
    for value, problem in pairs { ["."] = "format", ["1."] = "strict", ["x"] = "format", ["0"] = "strict" } do
      assert_problem(problem, { format = both }, value, true)
    end
    assert_put('"0"', { format = both }, "0", false)
    assert_put('"1.5"', { format = both }, "1.5", true)
  end)
end)

describe("a text", function()
  it("is a string, or the digits of a whole number, of as many bytes as are allowed", function()
    for _, value in ipairs { true, false, {}, print, io.stdout } do assert_problem("type", {}, value) end
    assert_put('"7"', {}, 7)
    assert_put('"0"', {}, 0)
    assert_put('"123"', { max = 3 }, 123)
    assert_problem("length", { max = 3 }, 1234)
    for _, value in ipairs { 7.5, -1, 0 / 0, 1 / 0, -1 / 0, 1e300 } do
      assert_problem("number", {}, value)
      assert_problem("format", { format = formats.digits }, value)
    end
    assert_put('"7"', { format = formats.digits }, 7)
    assert_put('""', {}, "")
    assert_put('"abc"', { max = 3, required = true }, "abc")
    assert_problem("length", { max = 3 }, "abcd")
    assert_problem("length", { max = 3 }, "abé")
    assert_put('"abc"', { max = 3 }, "abc")
    local format = { runs = { { "x", 1 } } }
    assert_problem("length", { max = 3, format = format }, "abcd")
    assert_problem("format", { format = format }, "")
    assert_problem("format", { format = format, required = true }, "y")
  end)

  it("says something where it is required: blanks and what does not show say nothing", function()
    for _, text in ipairs { "", " ", "   ", "\194\160", "\226\128\139", "\227\128\128", "\239\187\191", " \226\128\139 ", "\t", "\n", "\r\n", "\11\12" } do
      assert_problem("empty", { required = true }, text)
      assert_problem("empty", { required = true, means = "name" }, text)
      assert_problem("empty", { required = true, format = { runs = { { "x", 1 } } } }, text)
      assert_problem("empty", { type = "opaque" }, text)
    end
    for _, text in ipairs { " ", "\194\160", "\227\128\128" } do assert_problem("blanks", {}, text) end
    assert_problem("hidden", {}, "\226\128\139")
    assert_put('" "', { means = "name" }, " ")
  end)

  it("has no blanks at its ends, and nothing in it that does not show; a person's name may have blanks", function()
    for _, text in ipairs { " a", "a ", "  a", "\194\160a", "a\227\128\128", "é ", " é" } do
      assert_problem("blanks", {}, text)
      assert_problem("blanks", { required = true }, text)
      assert_put('"' .. text .. '"', { means = "name" }, text)
      assert_put('"' .. text .. '"', { type = "opaque" }, text)
    end
    for _, text in ipairs { "é\226\128\139é", "é\226\128\174a", "\239\187\191a", "a\226\129\160", "\194\173a", "é\194\128" } do
      assert_problem("hidden", {}, text)
      assert_problem("hidden", { means = "name" }, text)
      assert_put('"' .. text .. '"', { type = "opaque" }, text)
    end
    -- Looked at as a whole only where an end is no plain character, or where it is a person's name.
    assert_put('"a\226\128\139a"', {}, "a\226\128\139a")
    assert_problem("hidden", { means = "name" }, "a\226\128\139a")
    for _, text in ipairs { "a b", "é é", "~", "!", "क्‍ष", "a\226\128\141b" } do
      assert_put('"' .. text .. '"', {}, text)
      assert_put('"' .. text .. '"', { means = "name", required = true }, text)
    end
    assert_problem("blanks", { format = { runs = { { "a", 1 } } } }, "a ")
    assert_problem("hidden", { format = { runs = { { "a", 1 } } } }, "a\226\128\139")
    assert_put('"a "', { format = { runs = { { "a ", 2 } } } }, "a ")
    assert_problem("type", { means = "name" }, 7)
  end)

  it("has no control character: in the body, in the query, in the path; in XML only TAB, CR and LF", function()
    for _, place in ipairs { "body", "query", "path" } do
      for c = 1, 31 do
        local text = "a" .. string.char(c)
        local is_line = c == 9 or c == 10 or c == 13
        assert_problem("control", { place = place }, text .. "a")
        if is_line then
          assert.is_string((put({ place = place, multiline = true }, text .. "a")))
        else
          assert_problem("lines", { place = place, multiline = true }, text .. "a")
        end
      end
      assert_problem("control", { place = place }, "a\127")
      assert_problem("lines", { place = place, multiline = true }, "a\127")
      assert_problem("control", { place = place }, "\0")
      for _, multiline in ipairs { true, false } do
        for _, text in ipairs { "\255", "a\128", "\192\128", "\237\160\128", "\244\144\128\128", "\195", "a\226\130" } do
          assert_problem("utf8", { place = place, multiline = multiline }, text)
          if place ~= "body" then assert_problem("utf8", { place = place, multiline = multiline }, text .. "\1") end
        end
        assert.is_string((put({ place = place, multiline = multiline }, "é€😀 ~")))
      end
    end
  end)

  it("is written as JSON in the body, percent-encoded elsewhere, and is known as it was", function()
    local text = 'a "b"\\/é&=?+#%~_.-:'
    local written, kept = put({}, text)
    assert.same({ '"a \\"b\\"\\\\/é&=?+#%~_.-:"', text }, { written, kept })
    for _, place in ipairs { "query", "path" } do
      written, kept = put({ place = place }, text)
      assert.same({ "a%20%22b%22%5C%2F%C3%A9%26%3D%3F%2B%23%25~_.-%3A", text }, { written, kept })
      assert_put("a:%26b", { place = place, keep = ":" }, "a:&b")
    end
    assert_put('"a\\tb\\r\\nc"', { multiline = true }, "a\tb\r\nc")
    assert_put("a%09b", { multiline = true, place = "query" }, "a\tb")
  end)
end)

describe("a whole number", function()
  local MOST = 9007199254740992

  it("is one from the smallest on, as a number or as plain digits", function()
    for value, wanted in pairs {
      [0] = "0", [1] = "1", [7.0] = "7", [MOST] = "9007199254740992", [MOST - 1] = "9007199254740991", ["0"] = "0", ["007"] = "7",
      ["9007199254740993"] = "9007199254740993", [("0"):rep(40) .. "5"] = "5", ["10"] = "10", ["99"] = "99", [100] = "100",
      ["18446744073709551615"] = "18446744073709551615", ["18446744073709551609"] = "18446744073709551609",
    } do
      for _, place in ipairs { "body", "query", "path" } do
        local written, kept = put({ type = "integer", place = place }, value)
        assert.same({ wanted, wanted }, { written, kept })
      end
    end
    for _, value in ipairs { -1, 0.5, 1.5, -0.5, MOST + 2.0, 1e300, -1e300, 1 / 0, -1 / 0, 0 / 0, "-1", "1.0", "1e3", "0x10", "a", "1a", "/", ":",
      "1/", "1:", "/1", ":1",
      "18446744073709551616", "18446744073709551620", "28446744073709551615", "184467440737095516150", ("9"):rep(32), "1\0", "1 1", "" } do
      assert_problem("format", { type = "integer" }, value)
      if value ~= "" then assert_problem("format", { type = "integer", required = true }, value) end
    end
    for _, value in ipairs { " 1", "1 " } do assert_problem("blanks", { type = "integer" }, value) end
    for _, value in ipairs { "", " " } do assert_problem("empty", { type = "integer", required = true }, value) end
    for _, value in ipairs { true, {}, print } do assert_problem("type", { type = "integer" }, value) end
    for _, value in ipairs { 5, 5.0, "5", "6", 6, "500" } do assert.is_string((put({ type = "integer", min = 5 }, value))) end
    for _, value in ipairs { 4, 4.0, "4", 0, "0", "04", -5, 4.5 } do assert_problem("format", { type = "integer", min = 5 }, value) end
    assert_problem("format", { type = "integer", min = -5 }, -1)
    assert_put("0", { type = "integer", min = -5 }, 0)
    assert_put("7", { type = "integer", max = 0 }, 7)
  end)

  it("is exact where Lua has integers", function()
    local to_integer = math.tointeger -- luacheck: ignore (Lua 5.3 and later)
    if not to_integer then return end
    for _, text in ipairs { "9007199254740991", "9007199254740993", "9223372036854775807", "0" } do
      local value = to_integer(tonumber(text))
      assert_put(text, { type = "integer" }, value)
      assert_put('"' .. text .. '"', {}, value)
    end
    for _, value in ipairs { to_integer(-1), math.mininteger } do -- luacheck: ignore
      assert_problem("format", { type = "integer" }, value)
      assert_problem("number", {}, value)
    end
  end)

  it("of rupees may have its paise written when there are none, and is one that a double holds", function()
    local field = { type = "integer", means = "rupees", min = 1 }
    for value, wanted in pairs { ["100.00"] = "100", ["100.0"] = "100", ["1.000000"] = "1", ["007.0"] = "7", [100.0] = "100", ["100"] = "100",
      ["9007199254740992"] = "9007199254740992", ["9007199254740992.0"] = "9007199254740992" } do
      assert_put(wanted, field, value)
    end
    for _, value in ipairs { "100.01", "100.5", "0.5", 0.5, 100.01, 1.5, 4503599627370495.5 } do assert_problem("fraction", field, value) end
    for _, value in ipairs { "100.", ".5", "100.a", "a.0", "100.0.0", "-1.0", "1e2", "0.0", "0", 0, -1, -0.5, 1e300, 0 / 0, "9007199254740993",
      MOST + 2.0, "100.00a", "1.-0" } do
      assert_problem("format", field, value)
    end
    for _, value in ipairs { "1.0", "1.5" } do assert_problem("format", { type = "integer" }, value) end
    assert_problem("blanks", field, " 1.0")
    assert_problem("format", { type = "integer" }, 1.5)
  end)
end)

describe("a date of birth", function()
  it("is from 1900 on, and not after today where that is known", function()
    local function of(today) return { means = "birth", format = formats.date, today = today } end
    for _, day in ipairs { "1900-01-01", "1999-12-31", "2026-09-21", "2026-09-20", "2025-12-31", "2026-08-31" } do assert_put('"' .. day .. '"',
      of(20260921), day) end
    for _, day in ipairs { "1899-12-31", "0001-01-01", "2026-09-22", "2026-10-01", "2027-01-01" } do assert_problem("birth", of(20260921), day) end
    assert_put('"9999-12-31"', of(nil), "9999-12-31")
    assert_problem("birth", of(nil), "1899-12-31")
    assert_problem("format", of(20260921), "1990-02-30")
  end)
end)

describe("an account", function()
  it("is no number as a spreadsheet shows it", function()
    local field = { means = "account" }
    for _, text in ipairs { "1.23457E+11", "1.23457e+11", "1,23457E+11", "1E+11", "1E11", "1e-5", "123.0", "123,0", "123.", "1,", "0.5", "12.34e5", "9.e9" } do
      assert_problem("spreadsheet", field, text)
      assert_put('"' .. text .. '"', {}, text)
    end
    for _, text in ipairs { "123456789", "1", "E11", "1E", "1E+", "1.5E", "1.5E+", "1.5E-", "1F11", "1.2.3", "1E+1a", "1E1.0", ".5", ",5", "AB123",
      "1-2", "1+5", "1 E5", "1Ee5", "1E++5", "1.a", "1:5",
      "1/5", "1.5E+5 x" } do
      assert_put('"' .. text .. '"', field, text)
    end
    assert_put('"7"', field, 7)
  end)
end)

describe("what comes back as it was given", function()
  it("is a text of any content, not empty, or a whole number", function()
    local field = { type = "opaque", max = 5 }
    for value, wanted in pairs { [7] = "7", [0] = "0", [123456789] = "123456789", ["007"] = '"007"', [" a "] = '" a "', ['"'] = '"\\""',
      ["12345"] = '"12345"' } do
      assert_put(wanted, field, value)
    end
    assert_problem("empty", { type = "opaque" }, "")
    assert_problem("length", { type = "opaque", max = 5 }, "123456")
    assert_problem("control", { type = "opaque" }, "1\n")
    assert_problem("utf8", { type = "opaque" }, "\255")
    for _, value in ipairs { 1.5, -1, 1e300 } do assert_problem("format", { type = "opaque" }, value) end
    for _, value in ipairs { true, {} } do assert_problem("type", { type = "opaque" }, value) end
    assert_put("a%26", { type = "opaque", place = "query" }, "a&")
  end)
end)

describe("a list", function()
  local function items(count)
    local list = {}
    for index = 1, count do list[index] = "a" end
    return list
  end

  it("is of up to a hundred strings, without holes", function()
    for _, place in ipairs { "body", "query" } do
      local written, kept = put({ type = "list", max = 3, place = place }, { "a", 'b"', "" })
      assert.equal(place == "body" and '["a","b\\"",""]' or "%5B%22a%22%2C%22b%5C%22%22%2C%22%22%5D", written)
      assert.same({ "a", 'b"', "" }, kept)
      written, kept = put({ type = "list", place = place }, {})
      assert.equal(place == "body" and "[]" or "%5B%5D", written)
      assert.same({}, kept)
    end
    assert_put('["a"]', { type = "list" }, { "a" })
    assert.equal(100, #select(2, put({ type = "list" }, items(100))))
    assert_problem("items", { type = "list" }, items(101))
    for _, value in ipairs { "a", 7, true, { [2] = "a" }, { x = "a" }, { "a", x = "b" }, { [0] = "a" }, { [1.5] = "a" }, { 7 },
      { true }, { "a", {} } } do
      assert_problem("type", { type = "list" }, value)
    end
    assert_put('["abc"]', { type = "list", max = 3 }, { "abc" })
    assert_problem("item length", { type = "list", max = 3 }, { "abc", "abcd" })
    assert_problem("control", { type = "list" }, { "a", "b\n" })
    assert_problem("control", { type = "list", multiline = true }, { "a\n" })
    assert_problem("utf8", { type = "list" }, { "\255", "a" })
    assert_put("[]", { type = "list", required = true }, {})
  end)
end)

describe("an address", function()
  it("is written from its names, in the documented order", function()
    local all = { area = "f", district = "e", pincode = "d", state = "c", city = 'b"', line = "a" }
    local text = '{"line":"a","city":"b\\"","state":"c","pincode":"d","district":"e","area":"f"}'
    local written, kept = put({ type = "address" }, all)
    assert.equal(text, kept)
    assert.equal('"' .. text:gsub("[\\\"]", "\\%0") .. '"', written)
    for _, name in ipairs { "line", "city", "state", "pincode", "district", "area" } do
      assert.equal(('{"%s":"v"}'):format(name), select(2, put({ type = "address" }, { [name] = "v" })))
    end
    assert.equal('%22%7B%5C%22line%5C%22%3A%5C%22a%5C%22%7D%22', (put({ type = "address", place = "query" }, { line = "a" })))
    assert_problem("empty", { type = "address" }, {})
    assert_problem("address value", { type = "address" }, { line = 7 })
    assert_problem("control", { type = "address" }, { line = "a\n" })
    assert_problem("utf8", { type = "address" }, { city = "\255" })
    for _, value in ipairs { 7, true } do assert_problem("type", { type = "address" }, value) end
  end)

  it("has no other names; the detail is the one that is wrong", function()
    for _, name in ipairs { "lines", "lin", "Line", "", "street", "line\0" } do
      local written, problem, detail = put({ type = "address" }, { [name] = "v" })
      assert.same({ nil, "address name", name }, { written, problem, detail })
    end
    assert_problem("address name", { type = "address" }, { line = "a", wrong = "b" })
    for _, name in ipairs { 7, true, 0, 1.5 } do assert_problem("type", { type = "address" }, { [name] = "v" }) end
  end)

  it("says something in one line at least, and has nothing hidden", function()
    for _, blank in ipairs { "", " ", "\226\128\139" } do
      assert_problem("empty", { type = "address" }, { line = blank })
      assert_problem("empty", { type = "address" }, { line = blank, city = blank })
      assert_put('"{\\"line\\":\\"\\",\\"city\\":\\"c\\"}"', { type = "address" }, { line = blank, city = "c" })
      assert_put('"{\\"city\\":\\"c\\"}"', { type = "address" }, { blank, "c" })
      assert_problem("empty", { type = "address" }, { blank })
      assert_put('["","c"]', { type = "list", means = "address" }, { blank, "c" })
      assert_put('["","c"]', { type = "list", means = "address" }, { line = blank, city = "c" })
      assert_problem("empty", { type = "list", means = "address" }, { blank, blank })
    end
    assert_problem("hidden", { type = "address" }, { line = "a\226\128\174b" })
    assert_problem("hidden", { type = "list", means = "address" }, { "a\226\128\174b" })
    assert_put('["a\226\128\174b"]', { type = "list" }, { "a\226\128\174b" })
    assert_put('[" "]', { type = "list" }, { " " })
    assert_problem("empty", { type = "list", means = "address" }, {})
    assert_put("[]", { type = "list" }, {})
  end)

  it("may be given as a list of lines, and a list of lines by names", function()
    assert_put('"{\\"line\\":\\"a\\",\\"city\\":\\"b\\",\\"state\\":\\"c\\",\\"pincode\\":\\"d\\",\\"district\\":\\"e\\",\\"area\\":\\"f\\"}"',
      { type = "address" },
      { "a", "b", "c", "d", "e", "f" })
    assert_problem("address lines", { type = "address" }, { "a", "b", "c", "d", "e", "f", "g" })
    assert_problem("type", { type = "address" }, { 7 })
    assert_problem("address value", { type = "address" }, { line = true })
    local field = { type = "list", means = "address", max = 3 }
    local written, kept = put(field, { area = "f", line = "a", state = "c" })
    assert.equal('["a","","c","","","f"]', written)
    assert.same({ "a", "", "c", "", "", "f" }, kept)
    written, kept = put(field, { city = "b" })
    assert.equal('["","b"]', written)
    assert.same({ "", "b" }, kept)
    assert_put('["a","b","c","d","e","f","g"]', field, { "a", "b", "c", "d", "e", "f", "g" })
    assert_problem("item length", field, { line = "abcd" })
    assert_problem("item length", field, { "abcd" })
    assert_put('["abc"]', field, { line = "abc" })
    assert_problem("address name", field, { lines = "a" })
    assert_problem("type", { type = "list" }, { line = "a" })
    assert_problem("type", field, '["a"]')
    assert_put('"{\\"line\\":\\"abcd\\"}"', { type = "address", max = 100 }, { line = "abcd" })
  end)

  it("may be JSON text of an object or a list, on one line, that says something", function()
    for _, text in ipairs { '{"line":"a"}', '["a"]', ' {"line":"a"}', '   [7]', '{"a":"\\u00e9é"}', "[-1.5]", '{"a":["",{"b":"c"}]}', '[""," ",0]',
      '["\\u0020"]' } do
      local written, kept = put({ type = "address" }, text)
      assert.equal(text, kept)
      assert.equal('"' .. text:gsub("[\\\"]", "\\%0") .. '"', written)
    end
    for _, text in ipairs { "", " ", "   ", "{}", "[]", '{"line":""}', '{"line":" ","city":"\226\128\139"}', "[null]", '["",null,true]',
      '{"a":{"b":""}}', '[{"x":null}]', '{"a":{"b":{}},"c":[]}' } do
      assert_problem("empty", { type = "address" }, text)
    end
    for _, text in ipairs { "a", '"a"', "7", "null", "{", "[", '{"line":"a"', '{"line":"a"}x', '{"a":\n1}', '{"a":1}\n', '{"a":\127}', '{"a":"\127"}', "\t[1]",
      "{]", "z{}", "|1}", "\\1]", '{"a":"\255"}', '{"a":"\31"}', "[1][1]" } do
      assert_problem("format", { type = "address" }, text)
    end
    assert_problem("hidden", { type = "address" }, '{"a":"b\226\128\174c"}')
    assert.is_string((put({ type = "address" }, '{"a":"' .. " ~" .. '"}')))
    local function deep(n) return ("["):rep(n) .. "1" .. ("]"):rep(n) end
    assert.is_string((put({ type = "address" }, deep(64))))
    assert_problem("format", { type = "address" }, deep(65))
  end)

  it("is as long as is allowed", function()
    local text = '{"line":"abc"}'
    assert.is_string((put({ type = "address", max = #text }, text)))
    assert_problem("length", { type = "address", max = #text - 1 }, text)
    assert_problem("length", { type = "address", max = #text - 1 }, { line = "abc" })
    local long = '{"line":"' .. ("\\\""):rep(2000) .. '"}'
    assert.equal(long, select(2, put({ type = "address", max = 10000 }, long)))
    assert.equal('"' .. long:gsub("[\\\"]", "\\%0") .. '"', (put({ type = "address", max = 10000 }, long)))
  end)
end)

local CONTEXT_FIELDS = { "initiator_id", "user_code", "client_ref_id" }

local function context_fields(more)
  local fields = {}
  for index, name in ipairs(CONTEXT_FIELDS) do fields[index] = { name = name } end
  for _, field in ipairs(more or {}) do fields[#fields + 1] = field end
  return fields
end

describe("a draft's parameters", function()
  it("stand in their places, in the plan's order", function()
    local draft = plan_of({
      { name = "a", place = "path", tail = "/x/" }, { name = "b", place = "query" }, { name = "c" }, { name = "d", place = "path", tail = "" },
      { name = "e", place = "query" }, { name = "f", type = "integer" }, { name = "g" },
    }, true, "/head/")
    local made = draft { a = "1", b = "2", c = "3", d = "4", e = "5", f = 6 }
    assert.equal("/head/1/x/4?b=2&e=5", made:path())
    assert.equal('{"c":"3","f":6}', made:body())
    assert.same({ a = "1", b = "2", c = "3", d = "4", e = "5", f = "6" }, made:secrets())
    assert.equal("6", made:value "f")
    assert.is_nil(made:value "g")
    assert.is_nil(made:client_ref_id())
    assert.equal("{}", plan_of({ { name = "c" } }, true) {}:body())
    assert.is_nil(plan_of({ { name = "b", place = "query" } }, false) {}:body())
    assert.equal("/p", plan_of({ { name = "b", place = "query" } }, false) {}:path())
  end)

  it("come from the call, and where it says nothing from the client", function()
    local drafts = plan_of(context_fields())
    assert.equal('{"initiator_id":"I","user_code":"U","client_ref_id":"R"}', drafts({}, "I", "U", "R"):body())
    assert.equal('{"initiator_id":"i","user_code":"U"}', drafts({ initiator_id = "i" }, "I", "U"):body())
    assert.equal('{"user_code":"u","client_ref_id":"r"}', drafts({ user_code = "u", client_ref_id = "r" }, nil, "U", "R"):body())
    assert.equal("r", drafts({ client_ref_id = "r" }, nil, "U", "R"):client_ref_id())
    assert.equal('{"x":"v"}', plan_of({ { name = "x" } })({ x = "v" }, "I", "U", "R"):body())
    assert.equal("{}", plan_of({ { name = "x" } })({}, "I", "U", "R"):body())
  end)

  it("have a default perhaps, and a timestamp that is required the time", function()
    local drafts = plan_of { { name = "a", required = true, default = "A" }, { name = "b", default = "B" }, { name = "n", type = "integer",
      required = true, default = 2 },
      { name = "timestamp", required = true }, { name = "user_code", required = true, default = "D" } }
    local function body(params, given) return draft_of(drafts, params, given):body() end
    assert.equal('{"a":"A","b":"B","n":2,"timestamp":"T","user_code":"D"}', body({}, { timestamp = "T", user_code = "U" }))
    assert.equal('{"a":"x","b":"y","n":7,"timestamp":"z","user_code":"w"}', body({ a = "x", b = "y", n = 7, timestamp = "z", user_code = "w" },
      { timestamp = "T" }))
    assert.same({ nil, { { 4, "missing" } } }, { draft_of(drafts, {}, {}) })
    assert.equal("{}", draft_of(plan_of { { name = "timestamp" } }, {}, { timestamp = "T" }):body())
    assert.same({ nil, { { 1, "type" } } }, { draft_of(plan_of { { name = "a", required = true, default = true } }, {}) })
  end)

  it("of our own making need no look at their format; those of the caller do, the next one too", function()
    local format = { runs = { { "a", 1, 0 } } }
    local function problems_of(params, reference, is_ours)
      local draft, problems = draft_of(plan_of { { name = "client_ref_id", format = format }, { name = "x", format = format } }, params, {
        client_ref_id = reference, is_ours = is_ours })
      if draft then return draft:body() end
      local list = {}
      for index, problem in ipairs(problems) do list[index] = problem[1] .. problem[2] end
      return table.concat(list, " ")
    end
    assert.equal('{"client_ref_id":"zz"}', problems_of({}, "zz", true))
    assert.equal("1format", problems_of({}, "zz", false))
    assert.equal("1format", problems_of({ client_ref_id = "zz" }, "aa", true))
    assert.equal("2format", problems_of({ x = "zz" }, "zz", true))
    assert.equal("1format", (function()
      local _, problems = draft_of(plan_of { { name = "user_code", format = format } }, {}, {
        initiator_id = "a", user_code = "zz", client_ref_id = "a", is_ours = true })
      return problems[1][1] .. problems[1][2]
    end)())
  end)

  it("have their problems told, all of them, in the plan's order, by index", function()
    local fields = { { name = "a", required = true }, { name = "b", type = "integer" }, { name = "c", type = "address" }, { name = "d", required = true },
      { name = "e" } }
    local draft, problems = plan_of(fields) { a = "", b = "x", c = { wrong = "v" }, e = "fine" }
    assert.is_nil(draft)
    assert.same({ { 1, "empty" }, { 2, "format" }, { 3, "address name", "wrong" }, { 4, "missing" } }, problems)
    draft, problems = plan_of(fields) { a = "v", b = "1", c = { line = "l" }, e = false }
    assert.is_nil(draft)
    assert.same({ { 4, "missing" }, { 5, "type" } }, problems)
    assert.is_nil((plan_of { { name = "a", required = true } } {}))
    assert.truthy((plan_of { { name = "a" } } {}))
  end)

  it("which are not known are told by name, whatever that is", function()
    local drafts = plan_of(context_fields { { name = "x" } })
    local function names(params)
      local draft, problems = drafts(params, "I", "U", "R")
      if draft then return nil end
      local list = {}
      for _, problem in ipairs(problems) do
        assert.equal("unknown", problem[2])
        list[#list + 1] = tostring(problem[1])
      end
      table.sort(list)
      return table.concat(list, " ")
    end
    assert.is_nil(names {})
    assert.is_nil(names { x = "v", user_code = "u" })
    assert.equal("y", names { y = "v" })
    assert.equal("y z", names { y = false, x = "v", z = {} })
    assert.equal("1 2 y", names { "a", "b", y = "v", x = "v" })
    assert.equal("true", names { [true] = "v" })
    assert.equal("5", names { [5] = "v", x = "v" })
    -- One name too many and one that hides behind __index count as what they are.
    local hidden = setmetatable({}, { __index = function(_, name) return name == "x" and "v" or nil end })
    assert.equal('{"initiator_id":"I","user_code":"U","client_ref_id":"R","x":"v"}', drafts(hidden, "I", "U", "R"):body())
    hidden = setmetatable({ y = 1 }, { __index = function(_, name) return name == "x" and "v" or nil end })
    assert.equal("y", names(hidden))
    assert.error(function() drafts(nil) end)
    assert.error(function() drafts "x" end)
  end)
end)

describe("what a call gives beyond the plan", function()
  local function extra(values, has_body, params)
    local draft, problems = draft_of(plan_of({ { name = "x", place = has_body and "body" or "query" } }, has_body), params or {}, { extra = values })
    if not draft then
      local list = {}
      for index, problem in ipairs(problems) do list[index] = tostring(problem[1]) .. ": " .. problem[2] end
      return nil, table.concat(list, ", ")
    end
    return has_body and draft:body() or draft:path(), draft:secrets()
  end

  it("has names of 1 to 64 letters, digits and _.-, which the plan has not", function()
    for _, has_body in ipairs { true, false } do
      for _, name in ipairs { "a", "Z", "z", "A", "0", "9", "_", ".", "-", "a_b.c-D9", ("n"):rep(64) } do
        assert.equal(has_body and '{"' .. name .. '":"v"}' or "/p?" .. name .. "=v", (extra({ [name] = "v" }, has_body)))
      end
      for _, name in ipairs { "", ("n"):rep(65), "a b", "é", "/", ":", "@", "[", "`", "{", "a\0", "a\n", 7, true } do
        assert.same({ nil, tostring(name) .. ": extra name" }, { extra({ [name] = "v" }, has_body) })
      end
      assert.same({ nil, "x: extra known" }, { extra({ x = "v" }, has_body) })
      assert.same({ nil, "client_ref_id: extra reference" }, { extra({ client_ref_id = "v" }, has_body) })
      assert.same({ nil, "client_ref_id: extra reference, 7: extra name" }, { extra({ [7] = "v", client_ref_id = "v", b = "v" }, has_body) })
    end
  end)

  it("is JSON in a body", function()
    local body, secrets = extra({ a = "s", b = 7, c = true, d = { "u", { v = 1.5 } }, e = {}, f = { k = "w" } }, true, { x = "0" })
    assert.equal('{"x":"0","a":"s","b":7,"c":true,"d":["u",{"v":1.5}],"e":[],"f":{"k":"w"}}', body)
    assert.same({ x = "0", a = "s", b = "7", c = {}, d = { "u", "1.5" }, e = {}, f = "w" }, secrets)
    for _, value in ipairs { print, 0 / 0, { [1] = "a", x = "b" }, io.stdout } do assert.same({ nil, "a: extra value" }, { extra({ a = value }, true) }) end
    assert.same({ nil, "a: extra control" }, { extra({ a = "\n" }, true) })
    assert.same({ nil, "a: extra control" }, { extra({ a = { "\127" } }, true) })
  end)

  it("is a scalar in a query", function()
    local path, secrets = extra({ a = "s &é", b = 7, c = true, d = 1.5, e = false }, false, { x = "0" })
    assert.equal("/p?x=0&a=s%20%26%C3%A9&b=7&c=true&d=1.5&e=false", path)
    assert.same({ x = "0", a = "s &é", b = "7", c = {}, d = "1.5", e = {} }, secrets)
    for _, value in ipairs { {}, { "a" }, print } do assert.same({ nil, "a: extra scalar" }, { extra({ a = value }, false) }) end
    assert.same({ nil, "a: extra value" }, { extra({ a = 0 / 0 }, false) })
    assert.same({ nil, "a: extra control" }, { extra({ a = "\n" }, false) })
    assert.same({ nil, "a: extra utf8" }, { extra({ a = "\255" }, false) })
    assert.same({ nil, "a: extra utf8" }, { extra({ a = "\255\n" }, false) })
  end)
end)

describe("a capture", function()
  local field = { means = "capture", multiline = true, max = 300 }

  it("is XML with a PidData of which the device says no error", function()
    local good = { "<PidData/>", "<PidData></PidData>", '<PidData><Resp errCode="0"/></PidData>', '<PidData><Resp errCode="00"/></PidData>',
      "<PidData />", "<a:PidData></a:PidData>",
      '<?xml version="1.0"?><PidData></PidData>', "<!-- x --><PidData/>", "<PidData\n></PidData\n>", "<PidData><Resp errCode=''/></PidData>",
      '<PidData><Resp errCode=" 0 " errInfo="fine"/></PidData>', "<PidData><Resp/></PidData>", "x<PidData/>y", '<PidData a="/"></PidData>',
        "<PidData><Other errCode='7'/></PidData>",
      "<PidData><!-- <Resp errCode='7'/> --></PidData>", "<PidData><![CDATA[<Resp errCode='7'/>]]></PidData>",
        "<PidData><?x <Resp errCode='7'/>?></PidData>", "< ><PidData/>" }
    for _, text in ipairs(good) do assert.is_string((put(field, text)), text) end
    for _, text in ipairs { "x", "<", "<PidData>", "</PidData>", "<piddata/>", "<PidDat/>", "<PidDataX/>", "<Other/>", "PidData",
      "<!-- <PidData/> -->", "<![CDATA[<PidData/>]]>",
      "<?PidData/?>", "<x PidData='1'/>", "</PidData><PidData>", "<!--<PidData/>" } do
      assert_problem("capture", field, text)
    end
    for _, text in ipairs { "", " ", "\n", "\239\187\191", "\226\128\139" } do assert_problem("empty", field, text) end
    for _, value in ipairs { 7, true } do assert_problem("type", field, value) end
    assert.is_string((put({ means = "capture", max = 10 }, "<PidData/>")))
    assert_problem("length", { means = "capture", max = 9 }, "<PidData/>")
    assert_problem("lines", field, "<PidData/>\1")
  end)

  it("that failed is named with what the device says", function()
    for text, said in pairs {
      ['<Resp errCode="720" errInfo="Device not ready"/>'] = "720: Device not ready", ["<Resp errCode='7'/>"] = "7", ["<Resp errcode=7 errinfo=x/>"] = "7: x",
      ['<resp ERRCODE = "10"/>'] = "10", ['<Resp errInfo="a" errCode="1"></Resp>'] = "1: a", ['<a:Resp a:errCode="1"/>'] = "1",
        ['<Resp errCode="0" errCode="7"/>'] = "7",
      ['<Resp errCode="7" errCode="0"/>'] = "7", ['<Resp errCode="12345678901234567" errInfo="x"/>'] = "1234567890123456: x",
      ['<Resp errCode="7" errInfo="' .. ("y"):rep(81) .. '"/>'] = "7: " .. ("y"):rep(80), ['<Resp errCode="7" errInfo="a\tb~ \127"/>'] = "7: a?b~ ?",
        ['<Resp errCode="-1"'] = "-1",
      ['<Resp errCode="100"'] = "100", ['<Resp errCode="7'] = "7</PidData>", ["<Resp errCode=\t'7' />"] = "7",
    } do
      local written, problem, detail = put(field, "<PidData>" .. text .. "</PidData>")
      assert.same({ nil, "capture failed", said }, { written, problem, detail }, text)
    end
  end)

  it("may have a byte-order mark and blanks before it, of which the mark is left out with what stands before it", function()
    for before, left in pairs { [""] = "", ["\239\187\191"] = "", [" \239\187\191"] = "", ["\239\187\191 \239\187\191\n"] = "\n", [" "] = " ",
      ["\t\r\n"] = "\t\r\n", ["\239\187\191 "] = " " } do
      local _, kept = put(field, before .. "<PidData/>")
      assert.equal(left .. "<PidData/>", kept)
    end
    local _, kept = put(field, "<PidData/>\239\187\191")
    assert.equal("<PidData/>\239\187\191", kept)
  end)
end)

describe("a plan", function()
  local function plan(field)
    return pcall(core.plan, "/p", true, { field })
  end

  it("knows places and kinds, and no others", function()
    for _, place in ipairs { "path", "query", "body" } do
      for _, kind in ipairs { "string", "integer", "opaque", "list", "address" } do
        assert.is_true((plan { name = "x", place = place, type = kind }))
      end
    end
    for _, wrong in ipairs { "paths", "pat", "", "header" } do
      local ok, problem = plan { name = "x", place = wrong, type = "string" }
      assert.is_false(ok)
      assert.truthy(tostring(problem):find("no such place: " .. wrong .. "$"), problem)
      ok, problem = plan { name = "x", place = "body", type = wrong }
      assert.is_false(ok)
      assert.truthy(tostring(problem):find("no such type: " .. wrong .. "$"), problem)
    end
    local _, problem = plan { name = "x", type = "string" }
    assert.truthy(tostring(problem):find "no such place: nil$")
    _, problem = plan { name = "x", place = "body" }
    assert.truthy(tostring(problem):find "no such type: nil$")
    for _, name in ipairs { false, {} } do assert.is_false((plan { name = name, place = "body", type = "string" })) end
    assert.is_false((plan { place = "body", type = "string" }))
  end)

  it("is a path, whether there is a body, and a list of fields", function()
    for _, wrong in ipairs { false, {}, print } do assert.is_false((pcall(core.plan, wrong, true, {}))) end
    for _, wrong in ipairs { "x", 7, false } do assert.is_false((pcall(core.plan, "/p", true, wrong))) end
    for _, wrong in ipairs { "x", 7, false } do
      local ok, problem = pcall(core.plan, "/p", true, { wrong })
      assert.is_false(ok)
      assert.truthy(tostring(problem):find("table expected", 1, true), problem)
    end
    assert.equal("/p", core.plan("/p", true, {}) {}:path())
    assert.equal("{}", core.plan("/p", true, {}, "what comes after") {}:body())
  end)

  it("keeps what it was made of", function()
    local function made_of_new_strings(n)
      return core.plan("/head" .. n .. "/", true, {
        { name = "a" .. n, place = "path", type = "string", max = 9, tail = "/tail" .. n, keep = ":" .. n },
        { name = "b" .. n, place = "body", type = "string", max = 9, key = '"b' .. n .. '":' },
      })
    end
    local drafts = {}
    for n = 1, 20 do drafts[n] = made_of_new_strings(n) end
    collectgarbage()
    collectgarbage()
    local litter = {}
    for n = 1, 3000 do litter[n] = "/litter" .. n .. (":"):rep(n % 7) end
    assert.equal(3000, #litter)
    for n = 1, 20 do
      local draft = drafts[n] { ["a" .. n] = "x:", ["b" .. n] = "y" }
      drafts[n] = nil
      collectgarbage()
      assert.same({ "/head" .. n .. "/x:/tail" .. n, '{"b' .. n .. '":"y"}' }, { draft:path(), draft:body() })
      assert.same({ ["a" .. n] = "x:", ["b" .. n] = "y" }, draft:secrets())
    end
  end)

  it("has fields without a maximum: nothing fits but what is empty; without a minimum: from 0 on", function()
    local drafts = core.plan("/p", true, { { name = "x", place = "body", type = "string", key = '"x":' },
      { name = "y", place = "body", type = "integer", key = '"y":' } })
    assert.equal('{"x":"","y":0}', drafts { x = "", y = 0 }:body())
    assert.same({ nil, { { 1, "length" }, { 2, "format" } } }, { drafts { x = "a", y = -1 } })
  end)
end)

describe("the views of a draft", function()
  local NOW = 1790000000000
  local drafts = plan_of({ { name = "customer_id", place = "path", tail = "/t" }, { name = "x" } }, true, "/c/")
  local gets = plan_of({ { name = "x", place = "query" } }, false)

  local function head_of(target)
    return "POST " .. target .. "\0 HTTP/1.1\r\nhost: h\r\nsecret-key: \0\r\nsecret-key-timestamp: \0\r\na: b\r\n"
  end

  local function emitters(target)
    local signer, timestamps = core.signer "k", core.timestamps(0, 1)
    return core.emitter(signer, timestamps, head_of(target or "/base")), core.emitter(signer, timestamps, "http://h/base"), signer, timestamps
  end

  it("are the signed bytes of one attempt, and of a further one", function()
    local emit, sign, signer = emitters()
    local draft = drafts { customer_id = "7", x = "é" }
    for index = 0, 2 do
      local bytes, at, more = emit(draft, NOW)
      local digits = ("%.0f"):format(NOW + 2 * index)
      assert.same({ NOW + 2 * index }, { at, more })
      assert.equal(("POST /base/c/7/t HTTP/1.1\r\nhost: h\r\nsecret-key: %s\r\nsecret-key-timestamp: %s\r\na: b\r\ncontent-length: 10\r\n\r\n"):format(
        signer:sign(digits), digits) .. '{"x":"é"}', bytes)
      digits = ("%.0f"):format(NOW + 2 * index + 1)
      assert.same({ signer:sign(digits), NOW + 2 * index + 1, digits, "http://h/base/c/7/t", '{"x":"é"}' }, { sign(draft, NOW) })
    end
    assert.equal(4, select("#", sign(gets { x = "v" }, NOW)))
    local bytes = emit(gets { x = "v" }, NOW)
    assert.truthy(bytes:find "^POST /base/p%?x=v HTTP/1.1\r\n")
    assert.falsy(bytes:find("content-length", 1, true))
    assert.truthy(bytes:find "\r\n\r\n$")
  end)

  it("are none while there is no timestamp: then it says how long to wait", function()
    local emit, sign, _, timestamps = emitters()
    local draft = drafts { customer_id = "7" }
    timestamps:next(NOW + 60000)
    for _ = 1, 60001 do
      if not timestamps:next(NOW) then break end
    end
    for _, each in ipairs { emit, sign } do
      local bytes, wait, more = each(draft, NOW)
      assert.same({ nil, nil, "number" }, { bytes, more, type(wait) })
      assert.is_true(wait >= 1)
    end
  end)

  it("have a head of at most 64 KiB, with 128 bytes to spare, and take no timestamp otherwise", function()
    local emit, _, _, timestamps = emitters("/" .. ("b"):rep(40000))
    local function with(n) return emit(drafts { customer_id = "7", x = ("y"):rep(200) }, n) end
    assert.is_string((with(NOW)))
    local long = core.plan("/", false, { { name = "x", place = "query", type = "string", max = 70000, key = "x=" } })
    -- The first length that is refused, by halving.
    local good, bad = 0, 65536
    while bad - good > 1 do
      local middle = math.floor((good + bad) / 2)
      local bytes, reason = emit(long { x = ("z"):rep(middle) }, NOW)
      if bytes then
        good = middle
      else
        assert.equal("head: request line and headers are larger than 65536 bytes", reason)
        bad = middle
      end
    end
    local last = timestamps:last()
    assert.is_nil((emit(long { x = ("z"):rep(bad) }, NOW)))
    assert.equal(last, timestamps:last())
    local bytes = emit(long { x = ("z"):rep(good) }, NOW)
    -- Without signature, timestamp and the empty line, with a byte for each of the three places.
    assert.equal(65536, #bytes - 44 - 13 - 2 + 3 + 128)
  end)

  it("are gone once it was released or closed, but not before", function()
    local emit, sign = emitters()
    local draft = drafts { customer_id = "7", x = "v" }
    for _, way in ipairs { "release", "close" } do
      draft = draft_of(drafts, { customer_id = "7", x = "v" }, { spare = draft })
      assert.equal("v", draft:value "x")
      draft[way](draft)
      draft[way](draft)
      for _, name in ipairs { "path", "body", "value", "client_ref_id", "secrets" } do
        assert.error_matches(function() draft[name](draft, "x") end, "the draft was released")
      end
      for _, each in ipairs { emit, sign } do assert.error_matches(function() each(draft, NOW) end, "the draft was released") end
    end
    for _, name in ipairs { "path", "body", "value", "client_ref_id", "secrets", "release", "close" } do
      for _, wrong in ipairs { 7, io.stdout, "x" } do assert.error(function() draft[name](wrong, "x") end) end
    end
  end)

  it("are of the spare draft where there is one that was released", function()
    local draft = drafts { customer_id = "7", x = "v" }
    local other = draft_of(drafts, { customer_id = "8" }, { spare = draft })
    assert.are_not.equal(draft, other)
    assert.same({ "/c/7/t", "/c/8/t" }, { draft:path(), other:path() })
    draft:release()
    assert.equal(draft, (draft_of(gets, { x = "w" }, { spare = draft })))
    assert.same({ "/p?x=w" }, { draft:path(), draft:body() })
    assert.same({ x = "w" }, draft:secrets())
    draft:release()
    local refused, problems = draft_of(drafts, { x = true }, { spare = draft })
    assert.same({ nil, { { 2, "type" } } }, { refused, problems })
    assert.error_matches(function() draft:path() end, "the draft was released")
    assert.equal(draft, (draft_of(drafts, { customer_id = "9" }, { spare = draft })))
    assert.same({ "/c/9/t", "{}" }, { draft:path(), draft:body() })
    for _, wrong in ipairs { io.stdout, 7, "x", core.signer "k", core.timestamps() } do
      assert.equal("/c/1/t", draft_of(drafts, { customer_id = "1" }, { spare = wrong }):path())
    end
  end)

  it("can be large, and the draft small again", function()
    local big = core.plan("/", true, { { name = "x", place = "body", type = "string", max = 1000000, key = '"x":' } })
    local draft = big { x = ("y"):rep(500000) }
    assert.equal(500008, #draft:body())
    draft:release()
    assert.equal(draft, (draft_of(big, { x = "z" }, { spare = draft })))
    assert.equal('{"x":"z"}', draft:body())
  end)

  it("are emitted by what signs and draws, and by nothing else", function()
    local signer, timestamps = core.signer "k", core.timestamps(0, 1)
    for _, wrong in ipairs { "", 7, false, io.stdout } do
      assert.error(function() core.emitter(wrong, timestamps, "http://h") end)
      assert.error(function() core.emitter(signer, wrong, "http://h") end)
    end
    for _, wrong in ipairs { false, {}, io.stdout, "a\0", "a\0b\0", "a\0b\0c\0d\0", "\0\0\0\0" } do
      assert.error(function() core.emitter(signer, timestamps, wrong) end)
    end
    assert.error(function() core.emitter(signer, timestamps) end)
    assert.error(function() core.emitter(timestamps, signer, "http://h") end)
    local emit = core.emitter(signer, timestamps, "http://h", "what comes after")
    for _, wrong in ipairs { 7, io.stdout, signer } do assert.error(function() emit(wrong) end) end
    assert.is_string((emit(drafts { customer_id = "1" })))
  end)
end)
