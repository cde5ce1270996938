-- What is sealed in a token may be anybody's who holds the key: another program's, another version's, a mistake's. Whatever it
-- is, it is refused by name or carried on; nothing raises.

local journey = require "spec.support.journey"
local json = require "eko.base.json"
local sealed = require "eko.base.sealed"

local mobile, key, person = "9444444444", journey.key, journey.person

-- The keys of a journey's data, by what they hold; those of a version are looked up, so that this reads any.
local function packed_of(token)
  return assert(json.decode((assert(sealed.open({ key }, token, 0)))))
end

local function seal(plaintext)
  return sealed.seal({ key }, plaintext, 9e9)
end

local function waiting()
  local s = journey.of_one(mobile, { levin = { token_on_2136 = true } })
  local flow = s.upto("levin", "aadhaar_otp")
  return s, flow
end

-- Everything that JSON can say, and what no field expects.
local values = {
  json.null, true, false, 0, -1, 1.5, 1e300, -1e300, 9007199254740993, "", "x", ("x"):rep(3000), "\0\255", "9444444444", {}, { 1 }, { "x" },
  { { { {} } } }, { a = 1 }, { a = { b = { c = {} } } }, { [1] = json.null }, { to = 5, at = "x" }, { otp = "123456" },
}
local nested = {}
for _ = 1, 40 do nested = { nested } end
values[#values + 1] = nested

describe("a sealed token of another shape #harm12", function()
  local s, flow, good

  setup(function()
    s, flow = waiting()
    good = flow:suspend(key)
  end)

  -- Resumes, and does all that can be done with what comes of it. True, or false and what was raised.
  local function survives(plaintext)
    return pcall(function()
      local other, err = s.client:resume(seal(plaintext), key)
      if not other then
        assert(err.kind == "invalid_request" and type(err.name) == "string" and type(err.message) == "string")
        return err.name
      end
      other:step()
      other:history()
      tostring(other)
      assert(other:suspend(key))
      other:advance { otp = "1" }
      other:resend()
      return "resumed"
    end)
  end

  local function expect_refusal(packed, what)
    local text = type(packed) == "string" and packed or json.encode(packed)
    if not text then return end -- no JSON
    local ok, name = survives(text)
    assert.is_true(ok, what .. ": " .. tostring(name))
    assert.equal("unsupported_token_version", name, what)
  end

  it("is refused when it is no journey at all", function()
    for index, text in ipairs {
      "", "{", "no JSON", "null", "true", "12", '"text"', "[]", "{}", "[1,2,3]", '[[["x"]]]', '{"v":null}', '{"v":2}', '{"v":1}', '{"v":[]}',
      '{"v":"2"}', '{"v":2,"v":1}', ("["):rep(1000) .. ("]"):rep(1000), '{"v":99}', ("{\"a\":"):rep(200) .. "1" .. ("}"):rep(200),
    } do expect_refusal(text, "text " .. index) end
  end)

  it("is refused with any member missing that a journey always has, or one too many", function()
    local always = packed_of(s.begin("levin"):suspend(key))
    for name in pairs(always) do
      local packed = packed_of(good)
      packed[name] = nil
      expect_refusal(packed, "without " .. name)
      packed = packed_of(good)
      packed[name .. "_"] = packed[name]
      expect_refusal(packed, "with " .. name .. "_")
    end
    local list = {}
    for _, value in pairs(packed_of(good)) do list[#list + 1] = value end
    expect_refusal(list, "as a list")
  end)

  it("never raises, whatever stands in any place of it", function()
    local refused = 0
    local function try(packed, where)
      local text = json.encode(packed)
      if not text then return end
      local ok, name = survives(text)
      assert.is_true(ok, where .. ": " .. tostring(name))
      if name ~= "resumed" then refused = refused + 1 end
    end
    -- Each place of the packed journey, however deep, holds each of the values once.
    local function places(node, path, visit)
      for name, child in pairs(node) do
        local here = {}
        for i, part in ipairs(path) do here[i] = part end
        here[#here + 1] = name
        visit(here)
        if type(child) == "table" and #here < 3 then places(child, here, visit) end
      end
    end
    places(packed_of(good), {}, function(path)
      for index, value in ipairs(values) do
        local packed = packed_of(good)
        local node = packed
        for i = 1, #path - 1 do node = node[path[i]] end
        node[path[#path]] = value
        try(packed, table.concat(path, ".") .. " = value " .. index)
      end
    end)
    -- And what was put beside: kept references, inputs, rows, bounds.
    for _, member in ipairs { "i", "k", "o", "h", "n", "b" } do
      for index, value in ipairs(values) do
        for _, name in ipairs { "otp_ref_id", "wallet_token", "name", "residence_address", "aadhar", "otp", "to", "x", 1, 7 } do
          local packed = packed_of(good)
          packed[member] = type(packed[member]) == "table" and packed[member] or {}
          packed[member][name] = value
          try(packed, ("%s.%s = value %d"):format(member, name, index))
        end
      end
    end
    assert.truthy(refused > 500)
  end)

  it("is refused with a state, wallet or customer that there is not", function()
    for _, change in ipairs {
      { w = "airtel" }, { w = "Levin" }, { w = "" }, { w = "eko.journey" }, { w = "../levin" }, { s = "nowhere" }, { s = "" }, { s = "start" },
      { s = "consent_language" }, { c = "1234567890" }, { c = "94444" }, { c = "" }, { c = 9444444444 }, { c = "9444444444\n" },
    } do
      local packed = packed_of(good)
      for name, value in pairs(change) do packed[name] = value end
      expect_refusal(packed, next(change) .. " = " .. tostring(select(2, next(change))))
    end
  end)

  it("is refused with inputs that a journey never keeps", function()
    for _, name in ipairs { "otp", "aadhar", "pan_number", "piddata", "consent", "customer_id", "__index" } do
      local packed = packed_of(good)
      packed.i = { [name] = "123456789012" }
      expect_refusal(packed, name)
    end
  end)
end)

describe("a token of a journey", function()
  it("asks again for kept inputs that will not do", function()
    local new = journey.of_one(mobile)
    local details = new.upto("levin", "details")
    assert(details:advance { name = person.name, dob = person.dob })
    local packed = packed_of(details:suspend(key))
    packed.i.dob = "not a date"
    local other = assert(new.client:resume(seal(json.encode(packed)), key))
    local step = assert(other:advance { residence_address = person.residence_address })
    assert.same({ "dob" }, step.needs)
    assert.truthy(step.error.invalid_params.dob)
  end)
end)

describe("a token from the future", function()
  it("is refused when it was sealed more than two minutes ahead of this clock #harm12", function()
    for _, ahead in ipairs { 121000, 122000, 600000, 86400000, 30 * 86400000 } do
      local s, flow = waiting()
      local now = s.clock.ms
      s.clock.ms = now + ahead + 1000
      local token = flow:suspend(key, { ttl = 60 })
      s.clock.ms = now
      local other, err = s.client:resume(token, key)
      assert.is_nil(other, ahead)
      assert.equal("token_from_future", err.name)
      assert.equal("invalid_request", err.kind)
    end
  end)

  it("is taken within two minutes, which machines' clocks may differ", function()
    for _, ahead in ipairs { 0, 1000, 60000, 119000, -60000 } do
      local s, flow = waiting()
      local now = s.clock.ms
      s.clock.ms = now + ahead
      local token = flow:suspend(key)
      s.clock.ms = now
      assert.truthy(s.client:resume(token, key), ahead)
    end
  end)
end)

describe("memory that runs out while a token is opened", function()
  it("says nothing of the token: it can be opened again", function()
    local core = require "eko.core"
    local unseal = core.unseal
    local s, flow = waiting()
    local token = flow:suspend(key)
    finally(function() core.unseal = unseal end)
    core.unseal = function() return nil, "out_of_memory" end
    local other, err = s.client:resume(token, key)
    assert.is_nil(other)
    assert.same({ "out_of_memory", "store", true, false }, { err.name, err.kind, err.retryable, err.sent })
    core.unseal = function() return nil, "not_authentic", "it was changed" end
    assert.equal("tampered_token", select(2, s.client:resume(token, key)).name)
    core.unseal = unseal
    assert.truthy(s.client:resume(token, key))
  end)
end)
