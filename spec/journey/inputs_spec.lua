-- What a person gives to a journey, in the forms that people and their keyboards give it: blank is not given, blanks around a value are
-- not meant.
local journey = require "spec.support.journey"
local rails = require("eko.emulator.customers").rails

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
        if need ~= "consent" then
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
        for name, value in pairs(given) do
          given[name] = around(value, blank)
          assert.is_true((step.validators[name](given[name])), name)
        end
        local after = assert(flow:advance(given))
        assert.is_nil(after.error)
        assert.not_equal(place[2], after.state)
      end
    end)
  end

  local NAMES = { line = "1 Test Street", city = "Pune", state = "MH", pincode = "411001" }

  it("is an address by names or as a list of lines, on each rail", function()
    for _, wallet in ipairs(rails) do
      local bodies = {}
      for _, given in ipairs { NAMES, { "1 Test Street", "Pune", "MH", "411001" }, { " 1 Test Street", "Pune\194\160", "MH", "411001\226\128\139" },
        { line = "1 Test Street ", city = " Pune", state = "MH", pincode = "\239\187\191411001" } } do
        local s = journey.of_one(mobile)
        local flow = s.begin(wallet, { name = person.name, dob = person.dob, residence_address = given })
        local calls, sent = flow.client[wallet], nil
        flow.client = { [wallet] = setmetatable({ onboard = function(_, params, options)
          sent = s.client:call(require("eko.wallets").verbs(wallet).onboard, params, { dry_run = true, client_ref_id = "r" }).body
          return calls:onboard(params, options)
        end }, { __index = function(_, verb) return function(_, ...) return calls[verb](calls, ...) end end }) }
        local step = assert(flow:advance())
        assert.equal(wallet == "fino" and "ekyc" or "otp", step.state)
        bodies[#bodies + 1] = sent
      end
      assert.equal(4, #bodies)
      for _, body in ipairs(bodies) do assert.equal(bodies[1], body, wallet) end
      for _, given in ipairs { {}, { "", " " }, { "\194\160", "\226\128\139" }, { line = "", city = "" }, { line = "\194\160" }, { street = "x" }, "x", "" } do
        local s = journey.of_one(mobile)
        local step = assert(s.begin(wallet, { name = person.name, dob = person.dob, residence_address = given }):advance())
        assert.equal("details", step.state)
        assert.same({ "residence_address" }, step.needs)
        assert.truthy(step.error.invalid_params.residence_address)
      end
    end
  end)

  it("is a birth between 1900 and today", function()
    local tomorrow = os.date("!%Y-%m-%d", os.time() + 2 * 86400)
    for _, dob in ipairs { tomorrow, "2999-01-01", "1899-12-31", "0001-01-01", "1990-02-30", "17-05-1990" } do
      local s = journey.of_one(mobile)
      local step = assert(s.begin("levin", { name = person.name, dob = dob, residence_address = NAMES }):advance())
      assert.same({ "dob" }, step.needs, dob)
      assert.is_function(step.validators.dob)
      assert.is_nil((step.validators.dob(dob)))
    end
    local s = journey.of_one(mobile)
    assert.equal("otp", assert(s.begin("levin", { name = person.name, dob = "1900-01-01", residence_address = NAMES }):advance()).state)
  end)

  it("is a capture that went well, before a try is spent on it", function()
    for block, said in pairs {
      ['<PidData><Resp errCode="720" errInfo="Device not ready"/></PidData>'] = "720: Device not ready",
      ["<?xml version='1.0'?><PidData><Resp errInfo='timed out' errCode='700'></Resp></PidData>"] = "700: timed out",
      ['\239\187\191<PidData>\r\n<Resp errCode="730"/></PidData>'] = "730", ["<xml/>"] = "<PidData>", ["1"] = "<PidData>",
    } do
      local s = journey.of_one(mobile)
      local flow = s.upto("fino", "ekyc")
      local calls = s.platform:count()
      local step = assert(flow:advance { consent = true, aadhar = person.aadhar, piddata = block })
      assert.equal("ekyc", step.state)
      assert.truthy(step.error.invalid_params.piddata:find(said, 1, true), step.error.message)
      assert.equal(calls, s.platform:count())
      assert.equal("ekyc_otp", assert(flow:advance { consent = true, aadhar = person.aadhar, piddata = "\239\187\191" .. person.piddata }).state)
    end
  end)

  it("names the customer with blanks around the number as well as without", function()
    local s = journey.of_one(mobile)
    for _, blank in ipairs(BLANKS) do
      local flow = s.client:onboarding("levin", { customer_id = blank .. mobile .. blank })
      assert.equal(mobile, flow.data.customer_id)
      assert.equal("details", assert(flow:advance { customer_id = mobile .. blank }).state)
      assert.is_false((pcall(flow.advance, flow, { customer_id = "9333333333" })))
      assert.is_false((pcall(s.client.onboarding, s.client, "levin", { customer_id = blank })))
      assert.equal(mobile, s.client:onboarding("levin", { customer_id = 9444444444 }).data.customer_id)
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
