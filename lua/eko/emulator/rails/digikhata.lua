--- PPI DigiKhata: sender OTP, Aadhaar with its consent, PAN, and the wallet's loading.
--
-- @module eko.emulator.rails.digikhata
local consent = require "eko.emulator.rails.consent"
local envelope = require "eko.emulator.envelope"
local kyc = require "eko.emulator.rails.kyc"
local profile = require "eko.emulator.profile"

-- How long after a verified OTP the look-up answers without one, when it does at all.
local REFRESH_WINDOW_MS = 300 * 1000

local function sender_otp(call, published_status)
  return call:otp_sent("sender", published_status, { intent_id = 19, kyc_request_id = "" })
end

local function wallet_profile(call)
  return envelope.profile(profile.build(call.customer, "digikhata", call.now, { wallet_token = "", wallet_id = "" }))
end

local function get(call)
  local rail = call.rail
  if rail.state == "not_enrolled" or rail.state == "wallet_exists" then
    return envelope.not_enrolled { sender_name = "", ekyc_enabled = "" }
  elseif call.options.digikhata.refresh_without_otp and rail.state == "active"
    and rail.verified_at and call.now - rail.verified_at < REFRESH_WINDOW_MS then
    return wallet_profile(call)
  end
  return sender_otp(call, 1)
end

local function onboard(call)
  local base = call.customer and call.customer.rails.customer.state or "not_enrolled"
  if call.options.digikhata.require_customer and base == "not_enrolled" then
    return envelope.not_found()
  elseif call.rail.state == "not_enrolled" then
    kyc.enrol(call, "otp_pending")
    return sender_otp(call, 0)
  elseif call.rail.state == "wallet_exists" then
    kyc.enrol(call, "otp_pending")
  end
  return envelope.wallet_opened(call)
end

local function resend(call)
  if call.rail.state == "not_enrolled" or call.rail.state == "wallet_exists" then return envelope.not_found() end
  return sender_otp(call, 0)
end

local function failed_for(call)
  return function(verdict) return envelope.otp_failed(verdict, call.options.digikhata.failure_rsid == "1" and 1 or nil) end
end

local function verify(call)
  local verdict = call:judge_otp("sender")
  if verdict ~= "ok" then return failed_for(call)(verdict) end
  local rail = call.rail
  rail.verified_at = call.now
  if rail.state == "otp_pending" then
    rail.state = "aadhaar_pending"
  end
  if rail.state == "aadhaar_pending" then
    if call.options.digikhata.new_sender == "309" then return wallet_profile(call) end
    return envelope.aadhaar_pending { otp_ref_id = "" }
  elseif rail.state == "pan_pending" then
    return envelope.pan_required()
  end
  return wallet_profile(call)
end

local function aadhaar_otp(call)
  return kyc.send_aadhaar_otp(call, function(session)
    return call:otp_answer(0, { intent_id = 20, kyc_request_id = "", otp_ref_id = session.ref })
  end) or envelope.aadhaar_failed()
end

local function aadhaar_verify(call)
  local refusal = consent.missing(call)
  if refusal then return refusal end
  local answer = kyc.verify_aadhaar_of(call, "digikhata", failed_for(call))
  if answer.response_type_id == 2147 then
    consent.record(call)
  end
  return answer
end

local function biometric(call)
  local state = call.rail.state
  if state == "not_enrolled" then
    return envelope.not_found()
  elseif state ~= "aadhaar_pending" and state ~= "pan_pending" then
    return envelope.no_key()
  elseif not kyc.aadhaar_accepted(call) or not call:text("piddata"):find("<PidData", 1, true) then
    return envelope.aadhaar_failed()
  end
  call.rail.by_biometric = true
  kyc.aadhaar_done(call, call.rail)
  return envelope.go_on(2450, "Biometric authentication successful", {})
end

local function create_wallet(call)
  if not call.rail.by_biometric then return envelope.no_key() end
  return kyc.take_pan(call, envelope.wallet_opened)
end

local BASE = "/customer/payment/ppi-digikhata/sender/{id}"

return function(add)
  local function route(entry)
    entry.rail = "digikhata"
    entry.path = BASE .. (entry.path or "")
    add(entry)
  end
  route { slug = "ppi-digikhata-get-sender", method = "GET", handler = get,
    legacy = { "GET /customer/profile/{id}/ppi-digikhata" } }
  route { slug = "ppi-digikhata-onboard-sender", method = "POST", handler = onboard,
    required = { "name", "dob", "residence_address" },
    formats = { name = "sender_name", dob = "dob", residence_address = "address_list" },
    legacy = { "POST /customer/account/{id}/ppi-digikhata" } }
  route { slug = "ppi-digikhata-generate-sender-otp", method = "POST", path = "/otp", handler = resend }
  route { slug = "ppi-digikhata-verify-otp", method = "POST", path = "/otp/verify", handler = verify,
    required = { "otp", "otp_ref_id" }, documented = { "user_code" }, optional = { "service_code", "intent_id" },
    legacy = { "POST /customer/account/{id}/ppi-digikhata/otp/verify" } }
  route { slug = "ppi-digikhata-consent-languages", method = "GET", path = "/aadhaar/consent/languages",
    required = { "org_id", "client_ref_id" }, handler = consent.languages }
  route { slug = "ppi-digikhata-consent-details", method = "GET", path = "/aadhaar/consent/details",
    required = { "org_id", "client_ref_id", "consent_language" }, handler = consent.details }
  route { slug = "ppi-digikhata-generate-aadhaar-otp", method = "POST", path = "/aadhaar/otp", handler = aadhaar_otp,
    required = { "aadhar" } }
  route { slug = "ppi-digikhata-verify-aadhaar-otp", method = "POST", path = "/aadhaar/otp/verify",
    required = { "otp", "otp_ref_id" }, optional = { "aadhar", "consent_id", "intent_id" }, handler = aadhaar_verify }
  route { slug = "ppi-digikhata-biometric", method = "POST", path = "/kyc/biometric",
    required = { "aadhar", "piddata" }, formats = { piddata = "text" }, handler = biometric }
  route { slug = "ppi-digikhata-validate-pan", method = "POST", path = "/pan", required = { "pan_number" },
    formats = { pan_number = "pan" }, handler = function(call) return kyc.take_pan(call) end }
  route { slug = "ppi-digikhata-create-wallet", method = "POST", path = "/wallet/createwallet",
    required = { "pan_number" }, formats = { pan_number = "pan" }, handler = create_wallet }
end
