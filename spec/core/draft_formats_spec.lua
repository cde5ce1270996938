-- The formats of parameters, value by value, at both sides of each limit. `make mutants` shows that each comparison, constant and branch
-- of them is held by one of these rows.
local core = require "eko.core"
local drafts_of = require "spec.support.drafts"
local formats = require "eko.call.formats"

local put, assert_put, assert_problem, fits, assert_fits = drafts_of.put, drafts_of.assert_put, drafts_of.assert_problem, drafts_of.fits, drafts_of.assert_fits

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
    for _, wrong in ipairs { "x", 7, true, {}, { runs = 7 } } do
      assert.error_matches(function() put({ format = wrong }, "x") end, "table expected")
    end
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
