-- A step, on every wallet: what it tells, what it takes, and what it asks for again.
local answers = require "spec.support.answers"
local support = require "spec.support.journey"
local rails = require("eko.emulator.customers").rails

local mobile, setup, key, person = support.customer, support.of_customer, support.key, support.person

describe("flow:advance", function()
  it("refuses misuse at the caller's line", function()
    local flow = setup().begin "levin"
    for _, bad in ipairs { "otp", 5, { opt = "123456" }, { customer_id = "9333333333" } } do
      local ok, problem = pcall(function() flow:advance(bad) end)
      assert.is_false(ok, "taken: " .. tostring(bad))
      assert.truthy(problem:find("steps_spec.lua", 1, true), problem)
    end
    assert.has_no.errors(function() flow:advance { customer_id = mobile } end)
  end)

  it("tells what each step is about", function()
    local prompts = {}
    for _, wallet in ipairs(rails) do
      local s = setup()
      local flow = s.begin(wallet)
      local step = flow:advance()
      for _ = 1, 20 do
        local where = step.wallet .. "." .. step.state
        assert.truthy(step.prompt ~= "" and #step.prompt > 5, where .. " has no prompt: " .. step.prompt)
        prompts[where] = step.prompt
        for _, need in ipairs(step.needs) do
          assert.is_function(step.validators[need], need)
          local good = support.answers(step, s.newest)[need]
          assert.is_true(step.validators[need](good), need)
          local ok, expected = step.validators[need]("\1")
          assert.is_nil(ok, need)
          assert.is_string(expected, need)
        end
        if step.done then break end
        step = assert(flow:advance(support.answers(step, s.newest)))
      end
      assert.is_true(step.done, wallet)
    end
    assert.equal("OTP sent to ******4444", prompts["levin.otp"])
    assert.equal("OTP sent to ******4444", prompts["customer.otp"])
    assert.equal("OTP sent to the mobile linked to the Aadhaar number", prompts["levin.aadhaar_otp"])
    assert.equal("OTP sent to the mobile linked to the Aadhaar number", prompts["fino.ekyc_otp"])
    assert.truthy(prompts["digikhata.consent_language"]:find "language")
    assert.truthy(prompts["customer.choice"]:find "wallet")
    assert.equal("the customer may transact", prompts["fino.done"])
  end)

  it("says when an OTP was sent where, and whether another can be had", function()
    local s = setup()
    local step = select(2, s.upto("levin", "otp"))
    assert.equal("******4444", step.otp.to)
    assert.truthy(step.otp.at > 1790000000000 and step.otp.at <= s.clock.ms)
    assert.is_true(step.can_resend)
    assert.is_nil(step.consent)
    step = select(2, s.upto("fino", "ekyc"))
    assert.is_nil(step.otp)
    assert.is_false(step.can_resend)
  end)

  it("ends with the customer's profile, and stays there", function()
    local s = setup()
    local flow = s.begin "levin"
    local step = support.drive(flow, s.newest)
    assert.is_true(step.done)
    assert.same({}, step.needs)
    assert.equal("verified", step.outcome)
    assert.equal("Asha Rao", step.customer_profile.name)
    assert.equal("0.00", step.customer_profile.balance)
    assert.equal("verified", step.result.outcome)
    local count = s.platform:count()
    assert.is_true(flow:advance({ otp = "123456" }).done)
    assert.equal(count, s.platform:count())
    flow = assert(s.client:resume(flow:suspend(key), key))
    step = flow:advance()
    assert.is_true(step.done)
    assert.equal("verified", step.outcome)
  end)

  it("uses what it was given beyond the next need, once", function()
    local s = setup()
    local flow = s.upto("levin", "otp")
    local step = assert(flow:advance { otp = s.newest(), consent = true, aadhar = person.aadhar, pan_number = person.pan_number })
    assert.equal("aadhaar_otp", step.state)
    step = assert(flow:advance { otp = s.newest() })
    assert.equal("pan", step.state)
    assert.same({ "pan_number" }, step.needs)
  end)

  it("asks again for what is ill-formed, and says what is expected, and calls nobody", function()
    local s = setup()
    local flow = s.upto("levin", "aadhaar")
    local count = s.platform:count()
    local step = assert(flow:advance { consent = true, aadhar = "12345" })
    assert.equal("aadhaar", step.state)
    assert.equal("invalid_input", step.error.name)
    assert.equal("invalid_request", step.error.kind)
    assert.truthy(step.error.invalid_params.aadhar:find "12 digits")
    assert.is_nil(tostring(step.error):find("12345", 1, true))
    assert.equal(count, s.platform:count())
    step = assert(flow:advance { consent = true, aadhar = person.aadhar })
    assert.equal("aadhaar_otp", step.state)
    step = assert(flow:advance { otp = {} })
    assert.equal("invalid_input", step.error.name)
    step = assert(flow:advance { otp = "" })
    assert.equal("invalid_input", step.error.name)
  end)

  it("does nothing with an Aadhaar number without consent", function()
    for wallet, state in pairs { digikhata = "aadhaar", levin = "aadhaar", fino = "ekyc" } do
      local s = setup()
      local flow = s.upto(wallet, state)
      local count = s.platform:count()
      for _, consent in ipairs { false, "true", 1, "yes" } do
        local step = assert(flow:advance {
          consent = consent, aadhar = person.aadhar, piddata = wallet == "fino" and person.piddata or nil })
        assert.equal(state, step.state, wallet)
        assert.truthy(step.error.invalid_params.consent, wallet .. " takes as a consent: " .. tostring(consent))
      end
      local step = assert(flow:advance { aadhar = person.aadhar })
      assert.equal(state, step.state, wallet)
      assert.equal("consent", step.needs[1], wallet)
      assert.equal(count, s.platform:count(), wallet)
    end
  end)

  it("asks again for details that the platform refuses, the named ones only", function()
    local s = setup()
    local flow = s.upto("levin", "details")
    local step = assert(flow:advance { name = "R2 D2", dob = person.dob, residence_address = person.residence_address })
    assert.equal("details", step.state)
    assert.equal("invalid_sender_name", step.error.name)
    assert.same({ "name" }, step.needs)
    step = assert(flow:advance { name = "Asha Rao", dob = "2020-01-01" })
    assert.equal("validation_failed", step.error.name)
    assert.same({ "dob" }, step.needs)
    assert.truthy(step.error.invalid_params.dob)
    s.script("ppi-levin-onboard-sender", answers.named "validation_failed")
    step = assert(flow:advance { dob = person.dob })
    assert.same({ "name", "dob", "residence_address" }, step.needs)
    step = assert(flow:advance { name = "Asha Rao", dob = person.dob, residence_address = person.residence_address })
    assert.equal("otp", step.state)
  end)

  it("does not blame a person for the configuration", function()
    local s = setup()
    local flow = s.upto("levin", "details")
    s.script("ppi-levin-onboard-sender", answers.named("validation_failed", { invalid_params = { service_code = "no" } }))
    local given = { name = person.name, dob = person.dob, residence_address = person.residence_address }
    local step, err = flow:advance(given)
    assert.is_nil(step)
    assert.equal("validation_failed", err.name)
    assert.equal("otp", assert(flow:advance()).state)
    local no_code = setup({}, { user_code = "99999999" })
    step, err = no_code.begin("levin"):advance()
    assert.is_nil(step)
    assert.equal("agent_not_allowed", err.name)
  end)

  it("asks again for a PAN that the platform refuses", function()
    local s = setup { customers = { [mobile] = { levin = "pan_pending" } } }
    local flow = s.upto("levin", "pan")
    for _, name in ipairs { "name_mismatch", "id_proof_already_used", "validation_failed" } do
      s.script("ppi-levin-validate-pan", answers.named(name))
      local step = assert(flow:advance { pan_number = person.pan_number })
      assert.equal("pan", step.state, name)
      assert.equal(name, step.error.name)
      assert.same({ "pan_number" }, step.needs, name)
    end
    assert.is_true(flow:advance({ pan_number = person.pan_number }).done)
  end)
end)
