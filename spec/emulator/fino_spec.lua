-- DMT Fino: its steps by biometric eKYC, and its knobs.
local answers = require "spec.support.answers"
local emulated = require "spec.support.emulator_platform"

local mobile, person, aadhaar, pid_block = emulated.mobile, emulated.person, emulated.aadhaar, emulated.pid_block
local fino = emulated.fino
local merge, wrong = emulated.merge, emulated.wrong
local answer = answers.of

describe("DMT Fino", function()
  local applicant = merge(person, { residence_address = '{"line":"1 Test Street","city":"Pune","state":"MH","pincode":"411001"}' })

  local function ekyc(s) return s.call("PUT", fino .. "/otp", { aadhar = aadhaar, piddata = pid_block }) end

  local function verify(s, data, otp)
    return s.call("PUT", fino .. "/otp/verify",
      { otp = otp or s.otp(), otp_ref_id = data.otp_ref_id, kyc_request_id = data.kyc_request_id })
  end

  it("leads a new customer to done by biometric eKYC and its OTP", function()
    local s = emulated.new()
    local body = s.call("GET", fino)
    assert.equal("not_enrolled", answer(body))
    assert.same({ ekyc_enabled = "" }, body.data)
    body = s.call("POST", fino, applicant)
    assert.equal("ekyc_required", answer(body))
    assert.same({ otp_ref_id = "" }, body.data)
    assert.equal("wallet_opened", answer(s.call("POST", fino, applicant)))
    assert.equal("ekyc_required", answer(s.call("GET", fino)))
    body = ekyc(s)
    assert.equal("otp_sent", answer(body))
    assert.truthy(body.data.otp_ref_id:find "^%d+$")
    assert.truthy(body.data.kyc_request_id:find "^%d+$")
    assert.equal("otp_failed_wrong", answer(verify(s, body.data, wrong(s.otp()))))
    assert.equal("ekyc_done", answer(verify(s, body.data)))
    assert.equal("active", s.platform:customer(mobile).fino.state)
    local again = verify(s, body.data)
    assert.equal("otp_failed", answer(again))
    assert.equal("Customer Already registred", again.data.description)
    body = s.call("GET", fino)
    assert.equal("active", answer(body))
    assert.is_nil(body.data.wallet_token)
    assert.equal("active", answer(s.call("POST", fino, applicant)))
  end)

  it("resumes with 2129 and fresh references while the OTP lives, with 2134 after", function()
    local s = emulated.new()
    s.call("POST", fino, applicant)
    local first = ekyc(s).data
    local body = s.call("GET", fino)
    assert.equal("otp_sent", answer(body))
    assert.are_not.equal(first.otp_ref_id, body.data.otp_ref_id)
    assert.equal("otp_failed", answer(verify(s, first)))
    s.clock.ms = s.clock.ms + 300000
    assert.equal("otp_failed_expired", answer(verify(s, body.data)))
    assert.equal("ekyc_required", answer(s.call("GET", fino)))
    assert.equal("ekyc_done", answer(verify(s, ekyc(s).data)))
  end)

  it("has its other answers as knobs", function()
    local s = emulated.new { fino = { onboard = "300", ekyc = "2132" } }
    assert.equal("wallet_opened", answer(s.call("POST", fino, applicant)))
    assert.equal("ekyc_done", answer(ekyc(s)))
    s = emulated.new { fino = { ekyc = "2135" }, customers = { [mobile] = { fino = "ekyc_pending" } } }
    local body = ekyc(s)
    assert.equal("ekyc_failed", answer(body))
    assert.equal("K-100 EKYC Verification failed", body.data.description)
    s = emulated.new { fino = { ekyc = "2135_relationship" }, customers = { [mobile] = { fino = "ekyc_pending" } } }
    assert.truthy(ekyc(s).data.description:find "existing relationship")
    s = emulated.new { fino = { resume_refs = false }, customers = { [mobile] = { fino = "ekyc_pending" } } }
    ekyc(s)
    assert.equal("", s.call("GET", fino).data.otp_ref_id)
  end)

  it("refuses what it cannot use", function()
    local s = emulated.new()
    assert.equal("validation_failed", answer(s.call("POST", fino, merge(applicant, { residence_address = "no JSON" }))))
    assert.equal("user_not_found", answer(ekyc(s)))
    s.call("POST", fino, applicant)
    assert.equal("ekyc_failed", answer(s.call("PUT", fino .. "/otp", { aadhar = aadhaar, piddata = "no PID" })))
    local data = ekyc(s).data
    data.kyc_request_id = "1"
    assert.equal("otp_failed", answer(verify(s, data)))
  end)
end)
