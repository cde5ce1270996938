local core = require "eko.core"
local json = require "eko.base.json"

local read_codes, read_envelope, read_shape = core.json.reader "codes", core.json.reader "envelope", core.json.reader { s = "string" }

local READERS = { codes = read_codes, envelope = read_envelope, shape = read_shape }

local function codes_of(data, ...) return { data ~= nil, ... } end

describe("core.json.reader", function()
  local CASES = {
    { '{"status":0,"response_type_id":2131,"response_status_id":-1}', { 0, 2131, -1 } },
    { ' {\n"data" : {"status":5,"a":[{"status":6}]} , "status" :\t0 } ', { 0 } },
    { '{"status":"302","response_type_id":"-1"}', { 302, -1 } }, { '{"status":"007"}', { 7 } },
    { '{"response_status_id":1,"response_status_id":2}', { nil, nil, 2 } },
    { '{"x":"status","y":"\\"status\\":9","z":"}","status":3}', { 3 } }, { '{"x\\\\":"status","st\\u0061tus":3}', { 3 } },
    { '{"status":1.5,"response_type_id":1e3,"response_status_id":true}', { false, 1000, false } },
    { '{"status":12345678901234567890,"response_type_id":"1234567890123456"}', { false, false } },
    { '{"status":null,"response_type_id":""}', {} }, { '{"data":["status",1]}', {} }, { "{}", {} }, { '{"status":[],"response_type_id":{}}', { false, false } },
    { '{"status":"OK","response_type_id":"1.0","response_status_id":" 1"}', { false, false, false } },
    { '{"status":"0x1","response_type_id":"+1","response_status_id":"-"}', { false, false, false } },
    { '{"status":9007199254740992,"response_type_id":9007199254740993}', { 9007199254740992, false } },
  }

  it("gives the codes as numbers, nil where they are absent and false where they are none, whatever else it reads", function()
    for _, case in ipairs(CASES) do
      for name, read in pairs(READERS) do
        local found = codes_of(read(case[1]))
        local wanted = { true, case[2][1], case[2][2], case[2][3] }
        for i = 1, 4 do assert.equal(wanted[i], found[i], name .. case[1]) end
      end
    end
  end)

  it("takes a tx_status beside the data as in it, in one form that both have", function()
    local function state(beside, inside)
      local text = ('{"tx_status":%s,"data":{"tx_status":%s}}'):format(beside, inside)
      return (select(5, read_shape(text)))
    end
    for _, case in ipairs {
      { "null", "null", nil }, { '""', "null", nil }, { "0", "null", 0 }, { '"3"', '""', 3 }, { "null", "5", 5 }, { "1", '"1"', 1 }, { "1.0", "1", 1 },
      { "0", "1", false }, { "0", "true", false }, { "true", "0", false }, { "null", '"00"', false }, { "10", "10", false }, { "-1", "null", false },
      { "[]", "null", false }, { '"0 "', "null", false }, { "null", "{}", false }, { "0.5", "null", false },
    } do assert.equal(case[3], state(case[1], case[2]), case[1] .. " " .. case[2]) end
    assert.is_nil((select(5, read_shape '{"data":[{"tx_status":1}]}')))
  end)

  it("says whether the data have a reference to go on with", function()
    for data, wanted in pairs {
      ['{"otp_ref_id":"x"}'] = true, ['{"otp_ref_id":7}'] = true, ['[{"otp_ref_id":"x"}]'] = true, ['{"otp_ref_id":""}'] = false,
      ['{"otp_ref_id":null}'] = false, ["{}"] = false, ["[]"] = false, ["null"] = false, ['{"x":{"otp_ref_id":"x"}}'] = false,
    } do
      for _, read in ipairs { read_envelope, read_shape } do assert.equal(wanted, (select(6, read('{"data":' .. data .. "}"))), data) end
    end
  end)

  it("says what an answer is that is none", function()
    for _, text in ipairs {
      '{"status"}', '{"status":', '{"status":1', '{"status":1,"a":"}', '{"status":1}x', '{"status":1}}', '{"a":[,"status":1}', "", " ", "{", '{"', '{"\\',
      "<status>", '{"status":1}\0', '{"status":1\0}', '{"data":}',
    } do
      for _, read in pairs(READERS) do
        local data, name, detail = read(text)
        assert.same({ nil, "invalid_json" }, { data, name }, text)
        assert.truthy(detail:find("at byte", 1, true))
      end
    end
    for _, text in ipairs { "[]", "1", '[{"status":1}]', '"x"', "null", "true" } do
      for _, read in pairs(READERS) do assert.equal("not_an_object", (select(2, read(text)))) end
    end
  end)

  it("reads no further than its text, and each reader finds what a strict one finds", function()
    local state = 7
    local function random(n)
      state = (state * 1103515245 + 12345) % 2147483648
      return math.floor(state / 65536) % n + 1
    end
    local parts = { "{", "}", "[", "]", '"', "\\", ":", ",", "status", '"status":', '"response_type_id":', "1", "-", " ", '"a"' }
    local count = 0
    for _ = 1, 20000 do
      local text = {}
      for i = 1, random(12) do text[i] = parts[random(#parts)] end
      text = "{" .. table.concat(text) .. "}"
      local value = core.json.decode(text)
      local found = codes_of(read_codes(text))
      for _, read in ipairs { read_envelope, read_shape } do
        local other = codes_of(read(text))
        for i = 1, 5 do
          if other[i] ~= found[i] then error("two readers differ: " .. text) end
        end
      end
      if type(value) == "table" and found[1] then
        count = count + 1
        for i, name in ipairs { "status", "response_type_id" } do
          local expected = value[name]
          if type(expected) == "string" and expected:find "^%-?%d+$" then expected = tonumber(expected) end
          if expected == json.null or expected == "" then expected = nil end
          if expected ~= nil and type(expected) ~= "number" then expected = false end
          assert.equal(expected, found[i + 1], text)
        end
      elseif type(value) ~= "table" then
        assert.is_false(found[1], text)
      end
    end
    assert.is_true(count > 50)
  end)

  it("of a long failure keeps nothing but the codes", function()
    local text = '{"data":{' .. ('"a":[{"b":"c"},1],'):rep(50000) .. '"b":1},"status":302,"list":[' .. ("[],"):rep(50000) .. "[]]}"
    collectgarbage()
    collectgarbage "stop"
    local before = collectgarbage "count"
    assert.same({ true, 302, nil, nil, nil, false }, codes_of(read_codes(text)))
    local used = collectgarbage "count" - before
    collectgarbage "restart"
    assert.is_true(used < 64, used)
    assert.equal("invalid_json", (select(2, read_codes("{" .. ('"a":1,'):rep(1000) .. '"status":1}'))))
    assert.equal(1, (select(2, read_envelope("{" .. ('"a":1,'):rep(1000) .. '"status":1}'))))
  end)
end)
