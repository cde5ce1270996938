-- Journeys carried to their end, alone and side by side.
local eko = require "eko"
local journey = require "spec.support.journey"

local setup = journey.of_customer

describe("eko.run", function()
  it("asks until the journey is done", function()
    local s = setup()
    local asked = {}
    local step = assert(eko.run(s.begin "digikhata", function(each)
      asked[#asked + 1] = each.state
      return #asked < 20 and journey.answers(each, s.newest) or nil
    end))
    assert.is_true(step.done)
    assert.same({ "details", "otp", "consent_language", "aadhaar", "aadhaar_otp", "pan" }, asked)
  end)

  it("stops where nothing is answered, or where a call fails, and goes on from there", function()
    local s = setup()
    local flow = s.begin "levin"
    local step = eko.run(flow, function() return nil end)
    assert.equal("details", step.state)
    s.platform:fault { kind = "unavailable" }
    local asked = 0
    local function answer(each)
      asked = asked + 1
      return asked < 20 and journey.answers(each, s.newest) or nil
    end
    local err
    step, err = eko.run(flow, answer)
    assert.is_nil(step)
    assert.equal("service_unavailable", err.name)
    assert.is_true(eko.run(flow, answer).done)
  end)
end)

describe("journeys side by side", function()
  it("do not touch each other", function()
    local s = setup()
    local first = s.client:onboarding("levin", { customer_id = "9000000001" })
    local second = s.client:onboarding("levin", { customer_id = "9000000002" })
    local step_one, step_two = assert(first:advance()), assert(second:advance())
    for _ = 1, 10 do
      local one = journey.answers(step_one, function() return s.otp "9000000001" end)
      local two = journey.answers(step_two, function() return s.otp "9000000002" end)
      step_one, step_two = assert(first:advance(one)), assert(second:advance(two))
      assert.is_nil(step_one.error or step_two.error)
    end
    assert.equal("active", s.platform:customer("9000000001").levin.state)
    assert.equal("active", s.platform:customer("9000000002").levin.state)
  end)
end)
