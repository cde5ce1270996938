--- What a journey has proved of the person in front of it, and whether that person was a customer before.
-- @module eko.journey.proof
local inputs = require "eko.journey.inputs"
local retry = require "eko.call.retry"

local proof = {}

-- By whose OTP it is: the outcomes of its check that only a right OTP has. (A platform that asks for Aadhaar again after an
-- Aadhaar OTP has not accepted it.)
local OTP_PASSED = {
  customer = { verified = true, aadhaar_required = true, pan_required = true },
  aadhaar = { verified = true, aadhaar_verified = true, pan_required = true },
}

local READS = { get = true, send_otp = true, consent_languages = true, consent_details = true }

--- Whether a result proves that the person at hand holds the customer's phone, the Aadhaar number's phone, or its finger.
-- @tparam table state
-- @tparam string outcome
-- @treturn boolean
function proof.given_by(state, outcome)
  if state.otp_to then return OTP_PASSED[state.otp_to][outcome] or false end
  return outcome == "verified" and inputs.wanted(state, "piddata")
end

--- Whether a state's call has enrolled somebody, or carried an enrolment on: who comes to the end without one was a customer before.
-- @tparam table state
-- @tparam ?table result of its call, or nil and
-- @tparam ?table err
-- @treturn boolean
function proof.is_enrolment(state, result, err)
  -- An OTP is sent to every customer who is read, and only its check tells who is active.
  if READS[state.call] or state.otp_to == "customer" then return false end
  if result then return result.outcome ~= "active" end
  return retry.is_unknown(err)
end

return proof
