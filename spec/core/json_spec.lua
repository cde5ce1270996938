local cjson = require "cjson"
local json = require "eko.base.json"
local math_type = math.type -- luacheck: ignore (Lua 5.3 and later)

local function is_integer(value)
  return type(value) == "number" and (not math_type or math_type(value) == "integer")
end

describe("json.decode", function()
  it("makes an integer of every integer", function()
    local value = json.decode '{"a":2129,"b":[0,-1,{"c":9007199254740992}],"d":49678.0,"e":1e3,"f":0.5}'
    for _, number in ipairs { value.a, value.b[1], value.b[2], value.b[3].c, value.d, value.e } do
      assert.is_true(is_integer(number))
    end
    assert.equal(49678, value.d)
    assert.equal(0.5, value.f)
  end)

  it("keeps long integers digit for digit", function()
    local value = json.decode '{"tid":250121123714472002,"list":[-9007199254740993],"ok":9007199254740992,"s":"9007199254740993"}'
    assert.equal("250121123714472002", value.tid)
    assert.equal("-9007199254740993", value.list[1])
    assert.equal(9007199254740992, value.ok)
    assert.equal("9007199254740993", value.s)
  end)

  it("makes no whole number of one that is whole only when it is rounded, and none of one beyond 2^53", function()
    for _, text in ipairs {
      "1e-400", "-1e-999999999999999999", "1.00000000000000000001", "123456789012345678.5", "0.99999999999999999999", "4503599627370496.5",
      "9007199254740993.0", "90071992547409930e-1", "1e22", "1e400", "9007199254740992.0", "-9007199254740993",
    } do
      assert.equal(text, json.decode("[" .. text .. "]")[1])
    end
    for text, wanted in pairs {
      ["0e-400"] = 0, ["-0.0"] = 0, ["0.00000000000000000000"] = 0, ["100.00000000000000000000"] = 100, ["1500e-2"] = 15, ["1.5e1"] = 15,
      ["90071992547409910e-1"] = 9007199254740991, ["-9007199254740992"] = -9007199254740992, ["1000000000000000000000e-20"] = 10,
    } do
      local value = json.decode(text)
      assert.is_true(is_integer(value), text)
      assert.equal(wanted, value)
    end
    for text, wanted in pairs { ["150e-2"] = 1.5, ["0.1"] = 0.1, ["12345678901234567890e-19"] = 1.234567890123456789 } do
      assert.equal(wanted, json.decode(text))
    end
  end)

  it("has one null, and it is lua-cjson's", function()
    assert.equal(cjson.null, json.null)
    assert.equal(json.null, json.decode('{"name":null}').name)
    assert.same({}, json.decode("[]"))
    assert.same({}, json.decode("{}"))
  end)

  it("refuses what is not JSON", function()
    for _, text in ipairs {
      "", " ", "NaN", "[NaN]", "[Infinity]", "[0x10]", "[+1]", "[01]", "{a:1}", "[1,]", '{"a":1,}', '["a\nb"]', '["\255"]',
      '["\\ud800"]', "[1] 2", "<html>", '{"a":1', "nul", "'a'", '["\\x41"]', ("["):rep(100) .. ("]"):rep(100),
    } do
      local value, reason, offset = json.decode(text)
      assert.is_nil(value, text)
      assert.is_string(reason)
      assert.is_number(offset)
    end
  end)

  it("does not depend on the global settings of lua-cjson, nor change them", function()
    local before = { cjson.encode_number_precision(), cjson.decode_invalid_numbers(), cjson.decode_max_depth(),
      cjson.encode_keep_buffer() }
    finally(function()
      cjson.decode_max_depth(before[3])
    end)
    cjson.decode_max_depth(2)
    assert.same({ a = { b = { c = 1 } } }, json.decode '{"a":{"b":{"c":1}}}')
    cjson.decode_max_depth(before[3])
    json.encode { 1.5, { a = "b" } }
    assert.same(before, { cjson.encode_number_precision(), cjson.decode_invalid_numbers(), cjson.decode_max_depth(),
      cjson.encode_keep_buffer() })
    assert.has_no.errors(function()
      cjson.decode "[NaN]" -- still as liberal as it was
    end)
  end)
end)

describe("json.encode", function()
  it("always gives the same bytes", function()
    local cases = {
      { {}, "[]" },
      { { 1, 2.0, 3.5 }, "[1,2,3.5]" },
      { { b = 1, a = { c = true, aa = false } }, '{"a":{"aa":false,"c":true},"b":1}' },
      { "a\"b\\c/d\n\r\t\b\f\0\31\127\195\169", [["a\"b\\c/d\n\r\t\b\f\u0000\u001f\u007fé"]] },
      { json.null, "null" },
      { 9007199254740992, "9007199254740992" },
      { 0.1, "0.1" },
      { 1e300, "1e+300" },
      { { { {} } }, "[[[]]]" },
    }
    for _, case in ipairs(cases) do
      assert.equal(case[2], json.encode(case[1]))
    end
  end)

  it("gives floats back exactly", function()
    for _, number in ipairs { 1 / 3, 0.1 + 0.2, 123456789.123456789, -2.5e-300 } do
      assert.equal(number, tonumber(json.encode(number)))
    end
  end)

  it("says why it cannot", function()
    local cycle = {}
    cycle.self = cycle
    for _, value in ipairs { 0 / 0, 1 / 0, -1 / 0, "\255", { 1, nil, 3 }, { [0] = 1 }, { [1.5] = 1 }, { 1, a = 2 }, cycle,
      print, coroutine.create(function() end), { ["\255"] = 1 } } do
      local text, reason = json.encode(value)
      assert.is_nil(text)
      assert.is_string(reason)
    end
  end)
end)
