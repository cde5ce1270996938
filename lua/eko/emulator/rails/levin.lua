--- PPI Levin: sender OTP, Aadhaar and PAN, with the wallet_token between them.
--
-- @module eko.emulator.rails.levin
local envelope = require "eko.emulator.envelope"
local kyc = require "eko.emulator.rails.kyc"
local profile = require "eko.emulator.profile"
local wallet_token = require "eko.emulator.wallet_token"

local function sender_otp(call)
  return call:otp_sent("sender", call.is_legacy and 0 or 1, { intent_id = 19, kyc_request_id = "" })
end

local function get(call)
  if call.rail.state == "not_enrolled" then return envelope.not_enrolled { sender_name = "", ekyc_enabled = "" } end
  return sender_otp(call)
end

local function onboard(call)
  local state = call.rail.state
  local base = call.customer and call.customer.rails.customer.state or "not_enrolled"
  if call.options.levin.require_customer and base == "not_enrolled" then
    return envelope.not_found()
  elseif state ~= "not_enrolled" and state ~= "otp_pending" then
    return envelope.refused(17, "User wallet already exists")
  end
  kyc.enrol(call, "otp_pending")
  return sender_otp(call)
end

local function sender_failed_for(call)
  return function(verdict)
    if (verdict == "expired" or verdict == "exhausted") and call.options.levin.expired == "303" then
      return envelope.refused(303, "OTP expired", { otp = "OTP expired" })
    end
    return envelope.signal(2138, "Invalid OTP", {})
  end
end

local function aadhaar_failed_for(call)
  return function(verdict)
    if call.options.levin.aadhaar == "portal" then return envelope.answer(1, 302, 1388, "Invalid OTP", {}) end
    return envelope.signal(2131, "Validate OTP Failed",
      { description = (verdict == "expired" or verdict == "exhausted") and "OTP expired" or "" })
  end
end

local function token_refused()
  return envelope.refused(461, "Validation failed", { wallet_token = "wallet_token is invalid or expired" })
end

local function verify_aadhaar(call)
  if not wallet_token.accepted(call) then return token_refused() end
  local answer = kyc.verify_aadhaar_of(call, "levin", aadhaar_failed_for(call))
  if answer.response_type_id ~= 2147 then
    return answer
  elseif call.options.levin.aadhaar == "portal" then
    return envelope.go_on(1388, "Aadhaar verified successfully", {
      verified = true, name = call.customer.name, gender = "M", dob = call.customer.dob or "",
      masked_aadhaar = "XXXXXXXX" .. (call.rail.aadhaar_tail or "0000"),
    })
  end
  return envelope.pan_required { wallet_token = "", wallet_id = "", application_id = "" }
end

local function pending_aadhaar(call)
  if call.options.levin.token_on_2136 then
    return envelope.aadhaar_pending { wallet_token = wallet_token.issue(call), wallet_id = "" }
  end
  return envelope.aadhaar_pending()
end

local function pending_pan(call)
  local token = call.options.levin.token_on_2136 and wallet_token.issue(call) or nil
  return envelope.pan_required(token and { wallet_token = token, wallet_id = "", application_id = "" })
end

local function verify(call)
  -- intent_id tells a sender's OTP (19) from an Aadhaar OTP (20), which is taken here as well as on its own endpoint.
  local intent = call:text "intent_id"
  if intent == "20" then
    return verify_aadhaar(call)
  elseif intent ~= "19" then
    return envelope.refused(461, "Validation failed", { intent_id = "intent_id must be 19 or 20" })
  end
  local verdict = call:judge_otp("sender")
  if verdict ~= "ok" then return sender_failed_for(call)(verdict) end
  local rail = call.rail
  if rail.state == "otp_pending" then
    rail.state = "aadhaar_pending"
  end
  if rail.state == "aadhaar_pending" then
    return pending_aadhaar(call)
  elseif rail.state == "pan_pending" then
    return pending_pan(call)
  end
  local data = profile.build(call.customer, "levin", call.now,
    { wallet_token = wallet_token.issue(call), wallet_id = "", sender_name = "" })
  data.account = nil
  return envelope.profile(data)
end

local function aadhaar_otp(call)
  if not wallet_token.accepted(call) then return token_refused() end
  local portal = call.options.levin.aadhaar == "portal"
  local answer = kyc.send_aadhaar_otp(call, function(session)
    call.rail.aadhaar_tail = call:text("aadhar"):sub(-4)
    if portal then
      return envelope.go_on(1388, "OTP sent successfully",
        { otp_ref_id = session.ref, mobile_hint = "XXXXXX" .. (call.customer.aadhaar_mobile or call.mobile):sub(-4) })
    end
    return call:otp_answer(0, { intent_id = "", kyc_request_id = "", otp_ref_id = session.ref })
  end)
  return answer or (portal and envelope.answer(1, 463, 1388, "Invalid Aadhaar", {})) or envelope.aadhaar_failed()
end

local function completed(call)
  return call.options.levin.legacy_pan and envelope.go_on(2132, "Customer Registration Completed")
    or envelope.profile(profile.build(call.customer, "levin", call.now))
end

local function take_pan(call)
  if not wallet_token.accepted(call) then return token_refused() end
  return kyc.take_pan(call, completed)
end

local BASE = "/customer/payment/ppi-levin/sender/{id}"

return function(add)
  local function route(entry)
    entry.rail = "levin"
    entry.path = BASE .. (entry.path or "")
    add(entry)
  end
  route { slug = "ppi-levin-get-sender", method = "GET", handler = get,
    legacy = { "POST /customer/profile/{id}/ppi-levin/otp" } }
  route { slug = "ppi-levin-onboard-sender", method = "POST", handler = onboard,
    required = { "name", "dob", "residence_address" }, optional = { "service_code" },
    formats = { name = "sender_name", dob = "dob", residence_address = "address_list" },
    legacy = { "POST /customer/account/{id}/ppi-levin" } }
  route { slug = "ppi-levin-verify-otp", method = "POST", path = "/otp/verify", handler = verify,
    required = { "otp", "otp_ref_id", "intent_id" }, documented = { "user_code" },
    optional = { "wallet_token", "wallet_id", "service_code" },
    legacy = { "POST /customer/account/{id}/ppi-levin/otp/verify" } }
  route { slug = "aadhaar-ppi-levin-validate", method = "POST", path = "/aadhaar/otp", handler = aadhaar_otp,
    required = { "aadhar" }, documented = { "wallet_token", "wallet_id" }, optional = { "otp_ref_id" },
    legacy = { "POST /customer/account/{id}/ppi-levin/aadhaar" } }
  route { slug = "aadhaar-ppi-levin-verify-otp", method = "POST", path = "/aadhaar/otp/verify",
    required = { "otp", "otp_ref_id" }, optional = { "intent_id", "wallet_token", "wallet_id" },
    handler = verify_aadhaar }
  route { slug = "ppi-levin-validate-pan", method = "POST", path = "/pan", required = { "pan_number" },
    optional = { "wallet_token", "wallet_id" }, formats = { pan_number = "pan" }, handler = take_pan,
    legacy = { "POST /customer/account/{id}/ppi-levin/pan" } }
end
