--- What the PPI rails have in common: Aadhaar by OTP, then PAN.
--
-- @module eko.emulator.rails.kyc
local core_text = require("eko.core").text
local customers = require "eko.emulator.customers"
local envelope = require "eko.emulator.envelope"
local profile = require "eko.emulator.profile"

local kyc = {}

--- Writes down who enrols.
-- @tparam table call
-- @tparam string state of the rail from now on
function kyc.enrol(call, state)
  local record = call.platform.customers:open(call.mobile)
  record.name, record.dob = call.params.name, call.params.dob
  call.customer, call.rail = record, record.rails[call.route.rail]
  call.rail.state = state
end

--- Whether an Aadhaar number is taken: twelve digits, the right check digit where that is asked for, and the
-- customer's own where it is known.
-- @tparam table call
-- @treturn boolean
function kyc.aadhaar_accepted(call)
  local number = call:text "aadhar"
  if not number or not number:find("^" .. ("%d"):rep(12) .. "$") then
    return false
  elseif call.options.aadhaar == "strict" and not (number:find("^[2-9]") and core_text.verhoeff(number)) then
    return false
  end
  return call.customer.aadhaar == nil or call.customer.aadhaar == number
end

--- Sends the Aadhaar OTP, to the phone that is linked to the Aadhaar number.
-- @tparam table call
-- @tparam function answer session -> envelope
-- @treturn table envelope
function kyc.send_aadhaar_otp(call, answer)
  local state = call.rail.state
  if state == "not_enrolled" then
    return envelope.not_found()
  elseif state == "pan_pending" then
    return envelope.pan_required()
  elseif state == "active" then
    return envelope.refused(585, "Customer already KYC approved")
  elseif state ~= "aadhaar_pending" then
    return envelope.refused(327, "Enrolment done. Verification pending.")
  elseif not kyc.aadhaar_accepted(call) then
    return nil
  end
  return answer(call:issue_otp("aadhaar", { to = call.customer.aadhaar_mobile }))
end

--- Notes that Aadhaar is verified.
-- @tparam table call
-- @tparam table rail the rail that it is verified on
function kyc.aadhaar_done(call, rail)
  rail.aadhaar = true
  if rail.state == "aadhaar_pending" then
    rail.state = "pan_pending"
  end
  customers.follow(call.customer)
end

--- Verifies an Aadhaar OTP of a rail, perhaps not the call's own.
-- @tparam table call
-- @tparam string rail_name
-- @tparam function failed verdict -> envelope
-- @treturn table envelope
function kyc.verify_aadhaar_of(call, rail_name, failed)
  local verdict = call:judge_otp("aadhaar", { rail = rail_name })
  if verdict ~= "ok" then return failed(verdict) end
  kyc.aadhaar_done(call, call.customer.rails[rail_name])
  return envelope.pan_required()
end

--- Takes the PAN. The same number again is answered like the first time, so that a lost answer can be asked for.
-- @tparam table call
-- @tparam[opt] function done call -> envelope, in place of the profile
-- @treturn table envelope
function kyc.take_pan(call, done)
  local rail, pan = call.rail, call:text "pan_number"
  if rail.state == "not_enrolled" then
    return envelope.not_found()
  elseif rail.state == "active" and rail.pan ~= pan then
    return envelope.refused(585, "Customer already KYC approved")
  elseif rail.state == "aadhaar_pending" then
    return envelope.aadhaar_pending()
  elseif rail.state ~= "pan_pending" and rail.state ~= "active" then
    return envelope.no_key()
  end
  rail.pan, rail.state = pan, "active"
  customers.follow(call.customer)
  if done then return done(call) end
  return envelope.profile(profile.build(call.customer, rail.name, call.now))
end

return kyc
