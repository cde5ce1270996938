-- What a person gives to a journey, in the forms that people and their keyboards give it: blank is not given, blanks around a value are
-- not meant.
local journey = require "spec.support.journey"

local person = journey.person
local mobile = "9444444444"

local BLANKS = {
  "", " ", "\t", "\r\n", "\194\160", "\226\128\139", "\239\187\191", "\227\128\128", "\194\173", "\226\128\175 \226\129\160", "\226\128\142",
}

-- { wallet, state, what is given, whether the journey waits for it alone after the others were kept }
local PLACES = {
  { "customer", "details", { "name", "dob", "residence_address" } }, { "digikhata", "details", { "name", "dob", "residence_address" } },
  { "levin", "details", { "name", "dob", "residence_address" } }, { "fino", "details", { "name", "dob", "residence_address" } },
  { "customer", "otp", { "otp" } }, { "levin", "otp", { "otp" } }, { "digikhata", "otp", { "otp" } },
  { "digikhata", "consent_language", { "consent_language" } }, { "digikhata", "aadhaar", { "consent", "aadhar" } },
  { "levin", "aadhaar", { "consent", "aadhar" } }, { "levin", "aadhaar_otp", { "otp" } }, { "fino", "ekyc", { "consent", "aadhar", "piddata" } },
  { "fino", "ekyc_otp", { "otp" } }, { "levin", "pan", { "pan_number" } }, { "digikhata", "pan", { "pan_number" } },
  { "customer", "choice", { "continue_with" } },
}

local function blank_like(value, blank)
  if type(value) ~= "table" then return blank end
  local made = {}
  for name in pairs(value) do made[name] = blank end
  return made
end

local function around(value, blank)
  if type(value) == "string" then return blank .. value .. blank end
  if type(value) ~= "table" then return value end
  local made = {}
  for name, each in pairs(value) do made[name] = blank .. each .. blank end
  return made
end

local function arrive(place)
  local wallet, state = place[1], place[2]
  local s = journey.of_one(mobile, state == "choice" and { customer = { new_sender = "2136" } } or nil)
  local flow, step = s.upto(wallet, state)
  return s, flow, step
end

describe("what a person gives", function()
  for _, place in ipairs(PLACES) do
    it(("is asked for again where it is blank: %s in %s"):format(place[1], place[2]), function()
      for _, need in ipairs(place[3]) do
        if need ~= "consent" and need ~= "residence_address" then
          local s, flow, step = arrive(place)
          local calls = s.platform:count()
          for index, blank in ipairs(BLANKS) do
            if index <= 10 then
              local given = journey.answers(step, s.newest)
              given[need] = blank_like(given[need], blank)
              local asked = assert(flow:advance(given))
              assert.equal(place[2], asked.state)
              assert.equal("invalid_input", asked.error.name)
              assert.truthy(asked.error.invalid_params[need], need)
              local is_asked = false
              for _, each in ipairs(asked.needs) do is_asked = is_asked or each == need end
              assert.is_true(is_asked)
              assert.equal(calls, s.platform:count())
            end
          end
        end
      end
    end)

    it(("is taken without the blanks around it: %s in %s"):format(place[1], place[2]), function()
      for _, blank in ipairs { " ", "\194\160\226\128\139", "\239\187\191", "\r\n" } do
        local s, flow, step = arrive(place)
        local given = journey.answers(step, s.newest)
        for name, value in pairs(given) do given[name] = around(value, blank) end
        local after = assert(flow:advance(given))
        assert.is_nil(after.error)
        assert.not_equal(place[2], after.state)
      end
    end)
  end

  it("names the customer with blanks around the number as well as without", function()
    local s = journey.of_one(mobile)
    for _, blank in ipairs(BLANKS) do
      local flow = s.client:onboarding("levin", { customer_id = blank .. mobile .. blank })
      assert.equal(mobile, flow.data.customer_id)
      assert.equal("details", assert(flow:advance { customer_id = mobile .. blank }).state)
      assert.is_false((pcall(flow.advance, flow, { customer_id = "9333333333" })))
      assert.is_false((pcall(s.client.onboarding, s.client, "levin", { customer_id = blank })))
      assert(s.client:resume(assert(flow:suspend(journey.key)), journey.key))
    end
  end)

  it("replaces what was given before, also where it will not do", function()
    local s = journey.of_one(mobile)
    local flow = s.begin("levin", { name = "Asha Rao" })
    assert(flow:advance())
    local step = assert(flow:advance { name = "\194\160", dob = person.dob, residence_address = person.residence_address })
    assert.same({ "name" }, step.needs)
    step = assert(flow:advance { name = " Asha  Devi Rao\226\128\139" })
    assert.equal("otp", step.state)
  end)
end)
