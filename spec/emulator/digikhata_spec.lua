-- PPI DigiKhata: its steps from nothing to an active wallet, and its knobs.
local answers = require "spec.support.answers"
local emulated = require "spec.support.emulator_platform"

local mobile, person, aadhaar, pan, pid_block = emulated.mobile, emulated.person, emulated.aadhaar, emulated.pan, emulated.pid_block
local account, digikhata = emulated.account, emulated.digikhata
local wrong = emulated.wrong
local answer = answers.of

describe("PPI DigiKhata", function()
  it("leads a new customer to done", function()
    local s = emulated.new { customers = { [mobile] = { aadhaar_mobile = "9555555555" } } }
    assert.equal("not_enrolled", answer(s.call("GET", digikhata)))
    local body = s.call("POST", digikhata, person)
    assert.equal("otp_sent", answer(body))
    body = s.call("POST", digikhata .. "/otp")
    assert.equal("otp_sent", answer(body))
    body = s.call("POST", digikhata .. "/otp/verify", { otp = s.otp(), otp_ref_id = body.data.otp_ref_id })
    assert.equal("aadhaar_required", answer(body))
    assert.same({ otp_ref_id = "" }, body.data)
    body = s.call("GET", digikhata .. "/aadhaar/consent/languages", { org_id = "1", client_ref_id = "ref_20250121_001" })
    assert.equal("consent_languages", answer(body))
    assert.equal(13, #body.data.consent_language_list)
    assert.same({ pkid = "4", consentLanguage = "Hindi" }, body.data.consent_language_list[4])
    body = s.call("GET", digikhata .. "/aadhaar/consent/details", { org_id = "1", client_ref_id = "r1", consent_language = "4" })
    assert.equal("consent_details", answer(body))
    local consent_id = body.data.consent_detail.consentId
    assert.equal("number", type(consent_id))
    body = s.call("POST", digikhata .. "/aadhaar/otp", { aadhar = aadhaar })
    assert.equal("otp_sent", answer(body))
    assert.equal(20, body.data.intent_id)
    local inbox = s.platform:sms(mobile)
    assert.equal("9555555555", inbox[#inbox].to)
    assert.equal("aadhaar", inbox[#inbox].purpose)
    body = s.call("POST", digikhata .. "/aadhaar/otp/verify",
      { otp = s.otp(), otp_ref_id = body.data.otp_ref_id, consent_id = consent_id })
    assert.equal("pan_required", answer(body))
    assert.equal(consent_id, s.platform:customer(mobile).digikhata.consent_id)
    body = s.call("POST", digikhata .. "/pan", { pan_number = pan })
    assert.equal("active", answer(body))
    assert.equal("active", s.platform:customer(mobile).digikhata.state)
    body = s.sign_in(digikhata)
    assert.equal("active", answer(body))
    assert.equal("", body.data.wallet_token)
    assert.equal(1, body.data.customer_profile.kyc_state)
    assert.equal(0, body.data.kyc_state)
  end)

  it("opens a wallet that exists with 300, without an OTP", function()
    local s = emulated.new { customers = { [mobile] = { digikhata = "wallet_exists" } } }
    assert.equal("not_enrolled", answer(s.call("GET", digikhata)))
    local body = s.call("POST", digikhata, person)
    assert.equal("wallet_opened", answer(body))
    assert.same({ customer_id_type = "mobile_number", state_desc = "Non-Kyc", state = "2", customer_id = mobile }, body.data)
    assert.same({}, s.platform:sms(mobile))
    assert.equal("otp_due", answer(s.call("GET", digikhata)))
  end)

  it("can ask for the base customer first", function()
    local s = emulated.new { digikhata = { require_customer = true } }
    local body = s.call("POST", digikhata, person)
    assert.equal("user_not_found", answer(body))
    assert.equal("customer_id does not exist in system", body.invalid_params.customer_id)
    s.call("POST", account, person)
    assert.equal("otp_sent", answer(s.call("POST", digikhata, person)))
  end)

  it("tells wrong, expired, used and foreign OTPs by 2131", function()
    local s = emulated.new()
    local ref = s.call("POST", digikhata, person).data.otp_ref_id
    local function verify(otp, with) return s.call("POST", digikhata .. "/otp/verify", { otp = otp, otp_ref_id = with or ref }) end
    local body = verify(wrong(s.otp()))
    assert.equal("otp_failed_wrong", answer(body))
    assert.equal("Wrong OTP", body.data.description)
    assert.equal("otp_failed", answer(verify(s.otp(), "not a ref")))
    assert.equal("aadhaar_required", answer(verify(s.otp())))
    assert.equal("otp_failed", answer(verify(s.otp())))
    ref = s.call("GET", digikhata).data.otp_ref_id
    s.clock.ms = s.clock.ms + 300000
    assert.equal("otp_failed_expired", answer(verify(s.otp())))
    s = emulated.new { digikhata = { failure_rsid = "1" } }
    ref = s.call("POST", digikhata, person).data.otp_ref_id
    assert.equal("otp_failed", answer(verify(wrong(s.otp()))))
  end)

  it("has the other readings as knobs", function()
    local s = emulated.new { digikhata = { new_sender = "309" } }
    local ref = s.call("POST", digikhata, person).data.otp_ref_id
    local body = s.call("POST", digikhata .. "/otp/verify", { otp = s.otp(), otp_ref_id = ref })
    assert.equal("active", answer(body))
    assert.equal(0, body.data.is_registered)
    assert.equal(1, body.data.kyc_state)
    assert.equal("aadhaar_pending", s.platform:customer(mobile).digikhata.state)

    s = emulated.new { digikhata = { refresh_without_otp = true }, customers = { [mobile] = { digikhata = "active" } } }
    assert.equal("active", answer(s.sign_in(digikhata)))
    assert.equal("active", answer(s.call("GET", digikhata)))
    s.clock.ms = s.clock.ms + 300000
    assert.equal("otp_due", answer(s.call("GET", digikhata)))

    s = emulated.new { digikhata = { require_consent = true }, customers = { [mobile] = { digikhata = "aadhaar_pending" } } }
    ref = s.call("POST", digikhata .. "/aadhaar/otp", { aadhar = aadhaar }).data.otp_ref_id
    body = s.call("POST", digikhata .. "/aadhaar/otp/verify", { otp = s.otp(), otp_ref_id = ref })
    assert.equal("validation_failed", answer(body))
    assert.truthy(body.invalid_params.consent_id)

    s = emulated.new { digikhata = { consent_key = "consentlanguage" } }
    body = s.call("GET", digikhata .. "/aadhaar/consent/languages", { org_id = "1", client_ref_id = "r" })
    assert.equal("English", body.data.consent_language_list[1].consentlanguage)
    assert.equal("validation_failed", answer(s.call("GET", digikhata .. "/aadhaar/consent/details",
      { org_id = "1", client_ref_id = "r", consent_language = "14" })))
  end)

  it("has a biometric branch", function()
    local s = emulated.new { customers = { [mobile] = { digikhata = "aadhaar_pending" } } }
    assert.equal("not_validated", answer(s.call("POST", digikhata .. "/kyc/biometric", { aadhar = aadhaar, piddata = "no PID" })))
    assert.same({ message = "No key for Response" }, s.call("POST", digikhata .. "/wallet/createwallet", { pan_number = pan }))
    assert.equal("biometric_done", answer(s.call("POST", digikhata .. "/kyc/biometric", { aadhar = aadhaar, piddata = pid_block })))
    assert.equal(0, s.call("POST", digikhata .. "/wallet/createwallet", { pan_number = pan }).status)
    assert.equal("active", s.platform:customer(mobile).digikhata.state)
  end)

  it("asks for the steps in order and does not mind being asked again", function()
    local s = emulated.new { customers = { [mobile] = { digikhata = "aadhaar_pending" } } }
    assert.equal("aadhaar_required", answer(s.call("POST", digikhata .. "/pan", { pan_number = pan })))
    assert.equal("not_validated", answer(s.call("POST", digikhata .. "/aadhaar/otp", { aadhar = "12345678901" })))
    s.platform:enrol(mobile, { digikhata = "pan_pending" })
    assert.equal("pan_required", answer(s.call("POST", digikhata .. "/aadhaar/otp", { aadhar = aadhaar })))
    assert.equal("pan_required", answer(s.sign_in(digikhata)))
    assert.equal("validation_failed", answer(s.call("POST", digikhata .. "/pan", { pan_number = "ABCPE1234" })))
    assert.equal("active", answer(s.call("POST", digikhata .. "/pan", { pan_number = pan })))
    assert.equal("active", answer(s.call("POST", digikhata .. "/pan", { pan_number = pan })))
    assert.equal("already_kyc_approved", answer(s.call("POST", digikhata .. "/pan", { pan_number = "ABCPE9999F" })))
    assert.equal("user_not_found", answer(s.call("POST", "/customer/payment/ppi-digikhata/sender/9333333333/aadhaar/otp",
      { aadhar = aadhaar })))
  end)
end)
