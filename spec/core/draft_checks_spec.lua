-- The checks of a draft, one value at a time, at both sides of each limit: texts, numbers, and what they mean. Nothing is sent.
local drafts_of = require "spec.support.drafts"
local formats = require "eko.call.formats"

local put, assert_put, assert_problem = drafts_of.put, drafts_of.assert_put, drafts_of.assert_problem

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
    for _, means in ipairs { "account", "address", "rupees" } do assert_put('"a\226\128\139a"', { means = means }, "a\226\128\139a") end
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
    assert_put('"1"', { format = formats.digits }, "1", true)
    assert_put('"a"', {}, "a", true)
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
    assert_put("9007199254740992", { type = "integer" }, 2.0 ^ 53)
    for power = 54, 66 do assert_problem("format", { type = "integer" }, 2.0 ^ power) end
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
    for _, means in ipairs { "address", "account" } do
      for _, value in ipairs { "1.0", 1.5 } do assert_problem("format", { type = "integer", means = means }, value) end
      assert_put("9007199254740993", { type = "integer", means = means }, "9007199254740993")
    end
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
    local bare = { means = "birth" }
    assert_put('"1990-02-28"', bare, "1990-02-28")
    for _, text in ipairs { "1990-02-30", "1990-02-28x", "1990-02-5", "1990", "", "1990-00-01x" } do assert_problem("birth", bare, text) end
  end)
end)

describe("an account", function()
  it("is no number as a spreadsheet shows it", function()
    local field = { means = "account" }
    for _, text in ipairs { "1,234,567", "12,34,567.00",
      "1.23457E+11", "1.23457e+11", "1,23457E+11", "1E+11", "1E11", "1e-5", "123.0", "123,0", "123.", "1,", "0.5", "12.34e5", "9.e9" } do
      assert_problem("spreadsheet", field, text)
      assert_put('"' .. text .. '"', {}, text)
    end
    for _, text in ipairs { "123456789", "1", "E11", "1E", "1E+", "1.5E", "1.5E+", "1.5E-", "1F11", "1f11", "1E,5", "1E*5", "1.2.3", "1E+1a",
      "1E1.0", ".5", ",5", "AB123", "1-2", "1+5", "1 E5", "1Ee5", "1E++5", "1.a", "1:5", "1/5", "1.5E+5 x" } do
      assert_put('"' .. text .. '"', field, text)
    end
    assert_put('"7"', field, 7)
    for _, means in ipairs { "name", "address" } do assert_put('"1E5"', { means = means }, "1E5") end
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
