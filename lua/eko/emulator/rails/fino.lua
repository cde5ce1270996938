--- DMT Fino: onboarding without a sender OTP; biometric eKYC, then its OTP.
--
-- @module eko.emulator.rails.fino
local envelope = require "eko.emulator.envelope"
local kyc = require "eko.emulator.rails.kyc"
local profile = require "eko.emulator.profile"

local function biometric_pending()
  return envelope.go_on(2134, "Customer KYC Pending", { otp_ref_id = "" })
end

local function own_profile(call)
  return envelope.profile(profile.build(call.customer, "fino", call.now))
end

local function send_ekyc_otp(call)
  local session = call:issue_otp("ekyc", { to = call.customer.aadhaar_mobile })
  call.rail.kyc_request_id = ("%d"):format(call.platform.random:below(9) + 1) .. call.platform.random:digits(7)
  return session
end

local function otp_pending(call)
  local session = send_ekyc_otp(call)
  local refs = call.options.fino.resume_refs
  return call:otp_answer(0, {
    user_code = call.user_code, intent_id = "", kyc_request_id = refs and call.rail.kyc_request_id or "",
    otp_ref_id = refs and session.ref or "",
  })
end

local function get(call)
  local rail = call.rail
  if rail.state == "ekyc_otp_pending" and not call.platform.otp:alive(call.mobile, "fino", "ekyc", call.now) then
    rail.state = "ekyc_pending"
  end
  if rail.state == "not_enrolled" then
    return envelope.not_enrolled { ekyc_enabled = "" }
  elseif rail.state == "ekyc_pending" then
    return biometric_pending()
  elseif rail.state == "ekyc_otp_pending" then
    return otp_pending(call)
  end
  return own_profile(call)
end

local function onboard(call)
  local state = call.rail.state
  if state == "active" then return own_profile(call) end
  local new = state == "not_enrolled"
  if new then
    kyc.enrol(call, "ekyc_pending")
  end
  if new and call.options.fino.onboard == "2134" then return biometric_pending() end
  return envelope.wallet_opened(call)
end

local function ekyc_failed(description)
  return envelope.signal(2135, "Customer KYC Pending", { description = description })
end

local function ekyc(call)
  local rail, mode = call.rail, call.options.fino.ekyc
  if rail.state == "not_enrolled" then
    return envelope.not_found()
  elseif rail.state == "active" then
    return envelope.refused(585, "Customer already KYC approved")
  elseif mode == "2135_relationship" then
    return ekyc_failed("Customer has an existing relationship with the bank")
  elseif mode == "2135" or not kyc.aadhaar_accepted(call)
    or not call:text("piddata"):find("<PidData", 1, true) then
    return ekyc_failed("K-100 EKYC Verification failed")
  elseif mode == "2132" then
    rail.state, rail.aadhaar = "active", true
    return envelope.go_on(2132, "Customer Registration Completed", { user_code = call.user_code })
  end
  rail.state = "ekyc_otp_pending"
  local session = send_ekyc_otp(call)
  return call:otp_answer(0, {
    user_code = call.user_code, intent_id = "", kyc_request_id = rail.kyc_request_id, otp_ref_id = session.ref,
  })
end

local function verify(call)
  local rail = call.rail
  if rail.state == "not_enrolled" then
    return envelope.not_found()
  elseif rail.state == "active" then
    return envelope.signal(2131, "Validate OTP Failed", { description = "Customer Already registred" })
  elseif call:text "kyc_request_id" ~= rail.kyc_request_id then
    return envelope.otp_failed "unknown"
  end
  local verdict = call:judge_otp("ekyc")
  if verdict ~= "ok" then return envelope.otp_failed(verdict) end
  rail.state, rail.aadhaar = "active", true
  return envelope.go_on(2132, "Customer Registration Completed", { user_code = call.user_code })
end

local BASE = "/customer/payment/dmt-fino/sender/{id}"

return function(add)
  local function route(entry)
    entry.rail = "fino"
    entry.path = BASE .. (entry.path or "")
    add(entry)
  end
  route { slug = "dmt-get-sender", method = "GET", handler = get, required = { "user_code" },
    legacy = { "GET /customer/profile/{id}/dmt-fino" } }
  route { slug = "dmt-onboard-sender", method = "POST", handler = onboard,
    required = { "name", "dob", "residence_address" },
    formats = { name = "sender_name", dob = "dob", residence_address = "address_object" },
    legacy = { "POST /customer/account/{id}/dmt-fino" } }
  route { slug = "dmt-fino-sender-ekyc", method = "PUT", path = "/otp", handler = ekyc,
    required = { "aadhar", "piddata" }, formats = { piddata = "text" },
    legacy = { "POST /customer/account/{id}/dmt-fino/ekyc" } }
  route { slug = "dmt-fino-validate-ekyc-otp", method = "PUT", path = "/otp/verify", handler = verify,
    required = { "otp", "otp_ref_id", "kyc_request_id" },
    legacy = { "PUT /customer/account/{id}/dmt-fino/otp/verify" } }
end
