-- PPI Levin: its steps from nothing to an active wallet, and its knobs.
local answers = require "spec.support.answers"
local emulated = require "spec.support.emulator_platform"

local mobile, person, aadhaar, pan = emulated.mobile, emulated.person, emulated.aadhaar, emulated.pan
local levin = emulated.levin
local merge, wrong = emulated.merge, emulated.wrong
local answer = answers.of

describe("PPI Levin", function()
  local function verify(s, ref, extra)
    return s.call("POST", levin .. "/otp/verify", merge({ otp = s.otp(), otp_ref_id = ref, intent_id = "19" }, extra or {}))
  end

  --- From nothing to the Aadhaar OTP's ref.
  local function to_aadhaar_otp(s, token)
    local ref = s.call("POST", levin, person).data.otp_ref_id
    local body = verify(s, ref)
    assert.equal("aadhaar_required", answer(body))
    local given = token and body.data.wallet_token or ""
    local sent = s.call("POST", levin .. "/aadhaar/otp",
      { aadhar = aadhaar, wallet_token = given, wallet_id = "", otp_ref_id = ref })
    return sent.data.otp_ref_id, sent, body, given
  end

  it("leads a new customer to done without a wallet_token", function()
    local s = emulated.new()
    assert.equal("not_enrolled", answer(s.call("GET", levin)))
    local ref, sent, body = to_aadhaar_otp(s)
    assert.is_nil(body.data)
    assert.equal("otp_sent", answer(sent))
    assert.equal("", sent.data.intent_id)
    body = s.call("POST", levin .. "/aadhaar/otp/verify",
      { otp = s.otp(), otp_ref_id = ref, intent_id = "20", wallet_token = "", wallet_id = "" })
    assert.equal("pan_required", answer(body))
    assert.same({ wallet_token = "", wallet_id = "", application_id = "" }, body.data)
    body = s.call("POST", levin .. "/pan", { pan_number = pan, wallet_token = "", wallet_id = "" })
    assert.equal("active", answer(body))
    assert.equal("active", s.platform:customer(mobile).levin.state)
    body = s.sign_in(levin, { intent_id = "19" })
    assert.truthy(body.data.wallet_token:find "^eyJ[%w_-]+%.[%w_-]+%.[%w_-]+$")
    assert.equal("", body.data.wallet_id)
  end)

  it("takes the Aadhaar OTP on the sender's verify endpoint too, by intent_id 20", function()
    local s = emulated.new()
    local ref = to_aadhaar_otp(s)
    assert.equal("not_validated", answer(verify(s, ref)))
    assert.equal("pan_required", answer(verify(s, ref, { intent_id = 20 })))
  end)

  it("needs an intent_id", function()
    local s = emulated.new()
    local ref = s.call("POST", levin, person).data.otp_ref_id
    assert.equal("missing_parameter", answer(verify(s, ref, { intent_id = false })))
    assert.equal("validation_failed", answer(verify(s, ref, { intent_id = "5" })))
    assert.equal("aadhaar_required", answer(verify(s, ref, { intent_id = 19 })))
  end)

  it("tells a wrong OTP by 2138, an Aadhaar OTP's by 2131, an expired one by 303", function()
    local s = emulated.new()
    local ref = s.call("POST", levin, person).data.otp_ref_id
    assert.equal("not_validated", answer(verify(s, ref, { otp = wrong(s.otp()) })))
    s.clock.ms = s.clock.ms + 300000
    assert.equal("otp_expired", answer(verify(s, ref)))
    ref = to_aadhaar_otp(s)
    assert.equal("otp_failed", answer(s.call("POST", levin .. "/aadhaar/otp/verify",
      { otp = wrong(s.otp()), otp_ref_id = ref })))
    s = emulated.new { levin = { expired = "2138" } }
    ref = s.call("POST", levin, person).data.otp_ref_id
    s.clock.ms = s.clock.ms + 300000
    assert.equal("not_validated", answer(verify(s, ref)))
  end)

  it("can hand out a token with 2136 and insist on it", function()
    local s = emulated.new { strict_token = true, levin = { token_on_2136 = true, token_ttl = 60 } }
    local ref, _, _, token = to_aadhaar_otp(s, true)
    assert.truthy(token:find "^eyJ")
    local function finish(with)
      return s.call("POST", levin .. "/aadhaar/otp/verify", { otp = s.otp(), otp_ref_id = ref, wallet_token = with })
    end
    assert.equal("validation_failed", answer(finish ""))
    assert.equal("validation_failed", answer(finish(token .. "x")))
    assert.equal("pan_required", answer(finish(token)))
    s.clock.ms = s.clock.ms + 60000
    assert.equal("validation_failed", answer(s.call("POST", levin .. "/pan", { pan_number = pan, wallet_token = token })))
  end)

  it("has the portal's shapes and the older PAN answer as knobs", function()
    local s = emulated.new { levin = { aadhaar = "portal", legacy_pan = true } }
    local ref, sent = to_aadhaar_otp(s)
    assert.equal("portal_sample", answer(sent))
    assert.equal("XXXXXX4444", sent.data.mobile_hint)
    assert.equal("portal_wrong_otp", answer(s.call("POST", levin .. "/aadhaar/otp/verify",
      { otp = wrong(s.otp()), otp_ref_id = ref })))
    local body = s.call("POST", levin .. "/aadhaar/otp/verify", { otp = s.otp(), otp_ref_id = ref })
    assert.equal("portal_sample", answer(body))
    assert.is_true(body.data.verified)
    assert.equal("XXXXXXXX0124", body.data.masked_aadhaar)
    assert.equal("ekyc_done", answer(s.call("POST", levin .. "/pan", { pan_number = pan })))
  end)

  it("checks the Aadhaar number's digit only when told to", function()
    local ref = emulated.new { customers = { [mobile] = { levin = "aadhaar_pending" } } }
      .call("POST", levin .. "/aadhaar/otp", { aadhar = "123456789012" })
    assert.equal("otp_sent", answer(ref))
    local s = emulated.new { aadhaar = "strict", customers = { [mobile] = { levin = "aadhaar_pending" } } }
    assert.equal("not_validated", answer(s.call("POST", levin .. "/aadhaar/otp", { aadhar = "234567890123" })))
    assert.equal("otp_sent", answer(s.call("POST", levin .. "/aadhaar/otp", { aadhar = aadhaar })))
    s.platform:enrol(mobile, { aadhaar = "999999990019" })
    assert.equal("not_validated", answer(s.call("POST", levin .. "/aadhaar/otp", { aadhar = aadhaar })))
  end)
end)
