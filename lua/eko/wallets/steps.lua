--- Steps that the journeys of several wallets have in common. Data.
--
-- A journey takes a step as it stands here, or makes a state of it with `steps.with`: what the journey says of it stands in its own file,
-- as a rule where each outcome leads. What a state may have: `eko.journey.engine`.
-- @module eko.wallets.steps
local steps = {}

--- A state that is a step but for what a journey says of it.
-- @tparam table step one of this module
-- @tparam table own fields of the state, each of which stands in place of the step's
-- @treturn table a new state
function steps.with(step, own)
  local state = {}
  for name, value in next, step do state[name] = value end
  for name, value in next, own do state[name] = value end
  return state
end

--- What somebody is asked of a customer who is to be enrolled.
steps.DETAILS = { "name", "dob", "residence_address" }

local ENROLMENT = { name = "input", dob = "input", residence_address = "input" }

--- Enrol somebody.
steps.details = {
  needs = steps.DETAILS,
  prompt = "Who is the customer? Name and address as on the identity documents.",
  call = "onboard",
  params = ENROLMENT,
  keep = { otp_ref_id = "otp_ref_id" },
  refused = "details",
  lost = "sender",
  unexpected = { "not_enrolled", "ekyc_required" },
}

--- Open a PPI wallet.
steps.wallet_details = steps.with(steps.details, {
  about = "open the wallet",
  -- The customer must exist before the wallet does; what the first call was given serves the second.
  errors = { user_not_found = "base_customer", wallet_already_exists = "sender", verification_pending = "sender" },
})

--- Enrol the customer whom a PPI wallet stands on, then open the wallet.
steps.base_customer = {
  about = "enrol the customer whom the wallet stands on",
  needs = steps.DETAILS,
  call = "onboard",
  of = "customer",
  params = ENROLMENT,
  on = {
    otp_sent = "details",
    active = "details",
    wallet_opened = "details",
    aadhaar_required = "details",
    pan_required = "details",
  },
  errors = { wallet_already_exists = "details", verification_pending = "details", already_kyc_approved = "details" },
  refused = "details",
  lost = "details",
  unexpected = { "not_enrolled", "ekyc_required" },
}

--- Verify the mobile. Another OTP is sent by reading the sender.
steps.otp = {
  about = "verify the mobile",
  needs = { "otp" },
  otp_to = "customer",
  call = "verify_otp",
  params = { otp = "input", otp_ref_id = "kept" },
  keep = { otp_ref_id = "otp_ref_id" },
  errors = {
    wrong_otp = "otp",
    otp_expired = "sender",
    otp_verification_failed = "sender",
    otp_attempts_exhausted = "otp",
    user_not_found = "sender",
  },
  refused = "otp",
  stale = "sender",
  lost = "sender",
  resend = "sender",
  unexpected = { "ekyc_required" },
}

--- Have an Aadhaar OTP sent.
steps.aadhaar = {
  about = "have an OTP sent to the mobile that is linked to the Aadhaar number",
  needs = { "consent", "aadhar" },
  call = "send_aadhaar_otp",
  params = { aadhar = "input" },
  keep = { otp_ref_id = "otp_ref_id" },
  on = {
    otp_sent = { to = "aadhaar_otp", with = { "otp_ref_id" } },
    verified = "done",
    pan_required = "pan",
    aadhaar_required = "aadhaar",
    not_enrolled = "details",
    wallet_opened = "sender",
  },
  refused = "aadhaar",
  lost = "aadhaar",
  unexpected = { "ekyc_required" },
}

--- Verify the Aadhaar number by its OTP.
steps.aadhaar_otp = {
  about = "verify the Aadhaar number",
  needs = { "otp" },
  otp_to = "aadhaar",
  call = "verify_aadhaar_otp",
  keep = { otp_ref_id = "otp_ref_id" },
  refused = "aadhaar_otp",
  lost = "sender",
  unexpected = { "ekyc_required" },
}

--- Check the PAN.
steps.pan = {
  about = "check the PAN, the last step",
  needs = { "pan_number" },
  forgets = steps.DETAILS,
  prompt = "Enter the customer's PAN.",
  call = "verify_pan",
  params = { pan_number = "input" },
  errors = { already_kyc_approved = "sender", user_not_found = "sender", verification_pending = "sender" },
  refused = "pan",
  lost = "sender",
  unexpected = { "ekyc_required" },
}

--- The end.
steps.done = { about = "the customer may transact", final = true }

return steps
