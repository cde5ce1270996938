-- What stops a journey: answers that it cannot use, and calls that failed or were lost. Nothing of what it had is lost.
local answers = require "spec.support.answers"
local journey = require "spec.support.journey"

local mobile, setup, person = journey.customer, journey.of_customer, journey.person
local every_text = journey.every_text

describe("a journey that cannot go on", function()
  it("stops at an answer that it does not know, with the whole of it, and loses nothing", function()
    local s = setup()
    local flow = s.upto("levin", "otp")
    local otp = s.newest()
    local body = answers.named("unknown_success", { data = { surprise = "yes", wallet_token = "secret-token", otp = otp, note = "it was " .. otp } })
    s.script("ppi-levin-verify-otp", body)
    local step, err = flow:advance { otp = otp }
    assert.is_nil(step)
    assert.equal("unexpected_outcome", err.name)
    assert.equal("unrecognised", err.outcome)
    assert.equal(9999, err.code)
    assert.equal("yes", err.response.data.surprise)
    every_text(err, function(text, path)
      assert.is_nil(text:find(otp, 1, true), path)
      assert.is_nil(text:find("secret-token", 1, true), path)
    end)
    assert.equal("otp", flow:state())
    s.script("ppi-levin-verify-otp", answers.named("unknown_failure", { data = { surprise = "yes" } }))
    step, err = flow:advance { otp = otp }
    assert.is_nil(step)
    assert.equal("unrecognised_failure", err.name)
    assert.equal("yes", err.response.data.surprise)
    assert.equal("aadhaar", assert(flow:advance { otp = otp }).state)
  end)

  it("stops at an outcome that has no place there", function()
    local s = setup { customers = { [mobile] = { levin = "active" } } }
    local flow = s.upto("levin", "otp")
    s.script("ppi-levin-verify-otp", answers.named("ekyc_required", { data = {} }))
    local _, err = flow:advance { otp = s.newest() }
    assert.equal("unexpected_outcome", err.name)
    assert.equal("ekyc_required", err.outcome)
    assert.is_true(journey.drive(flow, s.newest).done)
  end)

  it("stops where the answer lacks what comes next needs", function()
    local s = setup { customers = { [mobile] = { levin = "active" } } }
    s.script("ppi-levin-get-sender", answers.named("otp_due", { data = { intent_id = 19, otp_ref_id = "" } }))
    local flow = s.begin "levin"
    local _, err = flow:advance()
    assert.equal("unexpected_outcome", err.name)
    assert.truthy(tostring(err):find "otp_ref_id is missing")
    assert.is_true(journey.drive(flow, s.newest).done)
  end)

  it("does not go round and round", function()
    local s = setup()
    local opened = { body = answers.named("wallet_opened", { data = {} }) }
    s.platform:script("ppi-levin-onboard-sender", { opened, opened, opened, opened })
    local flow = s.begin("levin", { name = person.name, dob = person.dob, residence_address = person.residence_address })
    local step, err = flow:advance()
    assert.is_nil(step)
    assert.equal("journey_stuck", err.name)
    assert.truthy(s.platform:count() <= 6)
    s.platform:clear()
    assert.is_true(journey.drive(flow, s.newest).done)
  end)

  it("gives the error of a call that failed, and tries again when told to", function()
    local s = setup()
    local flow = s.begin "levin"
    s.platform:fault { kind = "too_many" }
    local step, err = flow:advance()
    assert.is_nil(step)
    assert.equal("rate_limited", err.name)
    assert.equal("details", assert(flow:advance()).state)
    assert.same({ "rate_limited", nil }, { flow:history()[1].error, flow:history()[1].to })
  end)

  it("asks the platform what happened when an answer was lost, and sends no PAN twice unasked", function()
    local s = setup { customers = { [mobile] = { levin = "pan_pending" } } }
    local flow = s.upto("levin", "pan")
    s.platform:fault { kind = "reset", commit = true, slug = "ppi-levin-validate-pan" }
    local step, err = flow:advance { pan_number = person.pan_number }
    assert.is_nil(step)
    assert.equal("connection_reset", err.name)
    assert.equal("sender", flow:state())
    step = assert(flow:advance())
    assert.equal("otp", step.state)
    step = assert(flow:advance { otp = s.newest() })
    assert.is_true(step.done)
    assert.equal(1, s.platform:count "ppi-levin-validate-pan")
  end)

  it("finds a customer whose KYC was finished elsewhere meanwhile", function()
    for wallet, state in pairs { digikhata = "aadhaar", levin = "aadhaar", fino = "ekyc" } do
      local s = setup()
      local flow = s.upto(wallet, state)
      s.platform:enrol(mobile, { [wallet] = "active" })
      assert.is_true(journey.drive(flow, s.newest).done, wallet)
      assert.equal("already_kyc_approved", flow:history()[#flow:history() - (wallet == "fino" and 1 or 2)].error, wallet)
    end
  end)
end)
