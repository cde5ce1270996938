-- Customer Management: a customer without a wallet yet.
local answers = require "spec.support.answers"
local emulated = require "spec.support.emulator_platform"

local mobile, person, aadhaar, pan = emulated.mobile, emulated.person, emulated.aadhaar, emulated.pan
local profile, account, digikhata, levin = emulated.profile, emulated.account, emulated.digikhata, emulated.levin
local wrong = emulated.wrong
local answer = answers.of

describe("Customer Management", function()
  local function onboard(s)
    assert.equal("not_enrolled", answer(s.call("GET", profile)))
    local body = s.call("POST", account, person)
    assert.equal("otp_due", answer(body))
    assert.equal(19, body.data.intent_id)
    return body.data.otp_ref_id
  end

  it("leads a new customer to Aadhaar, and on along a rail to done", function()
    local s = emulated.new()
    local ref = onboard(s)
    local body = s.call("POST", account .. "/otp/verify", { otp = s.otp(), otp_ref_id = ref })
    assert.equal("aadhaar_required", answer(body))
    assert.is_nil(body.data)
    s.platform:enrol(mobile, { digikhata = "aadhaar_pending" })
    ref = s.call("POST", digikhata .. "/aadhaar/otp", { aadhar = aadhaar }).data.otp_ref_id
    s.call("POST", digikhata .. "/aadhaar/otp/verify", { otp = s.otp(), otp_ref_id = ref })
    assert.equal("pan_pending", s.platform:customer(mobile).customer.state)
    ref = s.call("GET", profile).data.otp_ref_id
    body = s.call("POST", account .. "/otp/verify", { otp = s.otp(), otp_ref_id = ref })
    assert.equal("pan_required", answer(body))
    assert.same({ application_id = "" }, body.data)
    s.call("POST", digikhata .. "/pan", { pan_number = pan })
    assert.equal("active", s.platform:customer(mobile).customer.state)
    ref = s.call("GET", profile).data.otp_ref_id
    body = s.call("POST", account .. "/otp/verify", { otp = s.otp(), otp_ref_id = ref })
    assert.equal("active", answer(body))
    assert.is_nil(body.data.wallet_token)
    assert.equal("Asha Rao", body.data.customer_profile.name)
    assert.equal("25000", body.data.customer_profile.total_monthly_limit)
  end)

  it("has the other two ends as a knob", function()
    for knob, expected in pairs { ["309"] = "active", ["2147"] = "pan_required" } do
      local s = emulated.new { customer = { new_sender = knob } }
      local ref = onboard(s)
      assert.equal(expected, answer(s.call("POST", account .. "/otp/verify", { otp = s.otp(), otp_ref_id = ref })), knob)
    end
  end)

  it("refuses a second enrolment and wrong, expired and missing OTPs", function()
    local s = emulated.new()
    local ref = onboard(s)
    assert.equal("verification_pending", answer(s.call("POST", account, person)))
    assert.equal("wrong_otp", answer(s.call("POST", account .. "/otp/verify", { otp = wrong(s.otp()), otp_ref_id = ref })))
    assert.equal("missing_parameter", answer(s.call("POST", account .. "/otp/verify", { otp_ref_id = ref })))
    s.clock.ms = s.clock.ms + 300000
    assert.equal("otp_expired", answer(s.call("POST", account .. "/otp/verify", { otp = s.otp(), otp_ref_id = ref })))
    s.platform:enrol(mobile, { customer = "active" })
    assert.equal("wallet_already_exists", answer(s.call("POST", account, person)))
  end)

  it("takes an Aadhaar OTP's ref of a rail on its own verify endpoint", function()
    local s = emulated.new { customers = { [mobile] = { levin = "aadhaar_pending" } } }
    local ref = s.call("POST", levin .. "/aadhaar/otp", { aadhar = aadhaar }).data.otp_ref_id
    assert.equal("pan_required", answer(s.call("POST", account .. "/otp/verify", { otp = s.otp(), otp_ref_id = ref })))
    assert.equal("pan_pending", s.platform:customer(mobile).levin.state)
  end)
end)
