local core = require "eko.core"
local problems = require "eko.call.problems"
local formats = require "eko.call.formats"
local suggest = require "eko.base.suggest"

local function accepts(name, value, strict)
  local format = problems.format_of { name = "x", place = "body", type = "string", format = name }
  local draft = core.plan("/", true, { { name = "x", place = "body", type = "string", format = format, max = 255, min = 0, key = '"x":' } })
  return draft({ x = value }, nil, nil, nil, strict) ~= nil
end

local CASES = {
  mobile = {
    good = { "6111111111", "9444444444", "7000000000" },
    bad = { "", "5944444444", "944444444", "94444444441", "9444444444\n", "+919444444444", "９４４４４４４４４４", "94444 4444" },
  },
  date = {
    good = { "1990-02-28", "2000-02-29", "2024-02-29", "1999-12-31", "0001-01-01" },
    bad = { "1990-2-28", "1990-02-30", "1900-02-29", "2023-02-29", "1990-13-01", "1990-00-10", "1990-01-00", "1990-04-31",
      "28-02-1990", "1990-02-28 ", "1990/02/28", "0000-01-01", "19900228" },
  },
  pan = {
    good = { "ABCPE1234F", "ABCDE1234F" },
    bad = { "abcpe1234f", "ABCPE1234", "ABCPE12345", "ABCPE1234FF", "AB1PE1234F", "" },
    lax = { "ABCDE1234F" },
  },
  aadhaar = {
    good = { "234567890124", "123456789012", "234567890123" },
    bad = { "23456789012", "2345678901244", "2345 6789 0124", "23456789012a", "" },
    lax = { "123456789012", "234567890123", "034567890124" },
  },
  ifsc = {
    good = { "SBIN0005656", "HDFC0ABC123" },
    bad = { "SBIN00005656", "SBIN1005656", "sbin0005656", "SBI00005656", "SBIN000565" },
  },
  ["lat-long"] = {
    good = { "19.0760,72.8777", "-90,180", "0,0", "90.0,-180.000" },
    bad = { "19.0760", "91,0", "0,181", "19.0760, 72.8777", "19.,72", ".5,1", "a,b", "1,2,3", "1e1,2", "0x1,2" },
  },
  ["client-ref"] = {
    good = { "REQ-20260101-001", "2026010100123456789", "a", ("a"):rep(20), "ref_20250121_001" },
    bad = { "", ("a"):rep(21), "a b", "a:b", "ä", "a/b" },
  },
  ["transaction-reference"] = {
    good = { "355419717321", ("9"):rep(40), "client_ref_id:REQ-1", "client_ref_id:" .. ("a"):rep(20) },
    bad = { "", "..", "a/b", "a%2fb", "client_ref_id:", "client_ref_id:" .. ("a"):rep(21), "tid:1", ("9"):rep(41),
      "client_ref_id:a:b", "a?b", "a#b" },
  },
  digits = { good = { "19", "20", "0" }, bad = { "", "-1", "1.0", "19 ", "a" } },
  money = { good = { "500", "500.5", "500.50", "0.01" }, bad = { "0", "0.00", "-5", "5.", "5.123", ".5", "1,000", "" } },
  ["path-segment"] = { good = { "a.b", "A-1_2" }, bad = { ".", "..", "a/b", "", "a%2f", "a b" } },
}

describe("formats", function()
  for name, case in pairs(CASES) do
    it("of " .. name, function()
      assert.is_string(formats[name].expected)
      for _, value in ipairs(case.good) do
        assert.is_true(accepts(name, value), value)
      end
      for _, value in ipairs(case.bad) do
        assert.is_false(accepts(name, value), value)
      end
      for _, value in ipairs(case.lax or {}) do
        assert.is_true(accepts(name, value, false), value)
        assert.is_false(accepts(name, value, true), value)
      end
    end)
  end

  it("have a case each", function()
    for name in pairs(formats) do
      assert.is_table(CASES[name], name)
    end
  end)

  it("strictly take the numbers that UIDAI's check digit fits", function()
    for _, number in ipairs { "234567890124", "999999990019", "200000000009", "999941057058" } do
      assert.is_true(accepts("aadhaar", number, true))
      assert.is_true(core.text.verhoeff(number))
    end
    assert.is_true(accepts("pan", "ABCPE1234F", true))
  end)
end)

describe("a suggestion", function()
  local names = { "aadhar", "customer_id", "otp", "otp_ref_id", "pan_number", "user_code" }
  it("is the nearest name", function()
    for wrong, right in pairs {
      aadhaar = "aadhar", customerid = "customer_id", ["customer-id"] = "customer_id", Otp = "otp", opt = "otp",
      otp_refid = "otp_ref_id", pan = "pan_number", usercode = "user_code", mobile = "customer_id", user_cdoe = "user_code",
    } do
      assert.equal(right, suggest.nearest(wrong, names), wrong)
    end
  end)
  it("is not made up", function()
    for _, wrong in ipairs { "colour", "x", "", ("y"):rep(65) } do
      assert.is_nil(suggest.nearest(wrong, names))
    end
    assert.is_nil(suggest.nearest(12, names))
    assert.is_nil(suggest.nearest(nil, names))
    assert.is_nil(suggest.nearest("otp", {}))
  end)
end)
