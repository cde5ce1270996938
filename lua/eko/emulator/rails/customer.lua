--- Customer Management: enrolment of the base customer.
--
-- Its endpoints end at 2136 (Aadhaar) and 2147 (PAN), which are done on a PPI rail; the base customer follows.
--
-- @module eko.emulator.rails.customer
local envelope = require "eko.emulator.envelope"
local profile = require "eko.emulator.profile"
local kyc = require "eko.emulator.rails.kyc"

local function send_otp(call)
  return call:otp_sent("sender", 1, { intent_id = 19, kyc_request_id = "" })
end

local function get(call)
  if call.rail.state == "not_enrolled" then return envelope.not_enrolled { sender_name = "", ekyc_enabled = "" } end
  return send_otp(call)
end

local function onboard(call)
  local state = call.rail.state
  if state == "otp_pending" then
    return envelope.refused(327, "Enrolment done. Verification pending.")
  elseif state ~= "not_enrolled" then
    return envelope.refused(17, "User wallet already exists")
  end
  kyc.enrol(call, "otp_pending")
  return send_otp(call)
end

local function resend(call)
  if call.rail.state == "not_enrolled" then return envelope.not_found() end
  return send_otp(call)
end

local function failed(verdict)
  if verdict == "expired" or verdict == "exhausted" then
    return envelope.refused(303, "OTP expired", { otp = "OTP expired" })
  end
  return envelope.refused(302, "Wrong OTP", { otp = "Wrong OTP" })
end

local AFTER_FIRST_OTP = { ["2136"] = "aadhaar_pending", ["2147"] = "pan_pending", ["309"] = "active" }

local function verify(call)
  -- One verify endpoint once served every purpose; a ref of a rail's Aadhaar OTP is still taken here.
  local session = call.platform.otp:find(call:text "otp_ref_id")
  if session and session.purpose == "aadhaar" and session.mobile == call.mobile then
    return kyc.verify_aadhaar_of(call, session.rail, failed)
  end
  local verdict = call:judge_otp("sender")
  if verdict ~= "ok" then return failed(verdict) end
  local rail = call.rail
  if rail.state == "otp_pending" then
    rail.state = AFTER_FIRST_OTP[call.options.customer.new_sender]
  end
  if rail.state == "aadhaar_pending" then
    return envelope.aadhaar_pending()
  elseif rail.state == "pan_pending" then
    return envelope.pan_required()
  end
  return envelope.profile(profile.build(call.customer, "customer", call.now))
end

local ONBOARDING = { "name", "dob", "residence_address" }
local ONBOARDING_FORMATS = { name = "sender_name", dob = "dob", residence_address = "address_list" }

return function(add)
  add { slug = "get-customer-info", method = "GET", path = "/customer/profile/{id}", rail = "customer", handler = get }
  add { slug = "onboard-customer", method = "POST", path = "/customer/account/{id}", rail = "customer",
    required = ONBOARDING, formats = ONBOARDING_FORMATS, handler = onboard,
    legacy = { "POST /customer/account" } }
  add { slug = "verify-customer-otp", method = "POST", path = "/customer/account/{id}/otp/verify", rail = "customer",
    required = { "otp_ref_id", "otp" }, documented = { "user_code" }, optional = { "intent_id", "service_code" },
    handler = verify, legacy = { "PUT /customer/account/otp/verify" } }
  add { slug = "resend-customer-otp", method = "POST", rail = "customer", handler = resend,
    legacy = { "POST /customer/account/otp" } }
end
