--- The journey of a DMT Fino sender: a biometric eKYC and, where the platform asks for one, its OTP.
-- @module eko.wallets.fino.onboarding
local steps = require "eko.wallets.steps"

return {
  wallet = "fino",
  title = "DMT Fino",
  start = "sender",
  states = {
    sender = {
      about = "read the sender",
      call = "get",
      keep = { otp_ref_id = "otp_ref_id", kyc_request_id = "kyc_request_id" },
      on = {
        active = "done",
        not_enrolled = "details",
        ekyc_required = "ekyc",
        -- Whether a resumed sender is told the references of the pending eKYC is undocumented.
        otp_sent = { to = "ekyc_otp", with = { "otp_ref_id", "kyc_request_id" }, without = "ekyc" },
      },
      unexpected = { "wallet_opened", "aadhaar_required", "pan_required" },
    },
    details = steps.with(steps.details, {
      about = "enrol the sender",
      keep = { otp_ref_id = "otp_ref_id", kyc_request_id = "kyc_request_id" },
      on = {
        ekyc_required = "ekyc",
        wallet_opened = "sender",
        active = "done",
        otp_sent = { to = "ekyc_otp", with = { "otp_ref_id", "kyc_request_id" }, without = "sender" },
      },
      errors = { wallet_already_exists = "sender", verification_pending = "sender", already_kyc_approved = "sender" },
      unexpected = { "not_enrolled", "aadhaar_required", "pan_required" },
    }),
    ekyc = {
      about = "verify Aadhaar number and fingerprint",
      needs = { "consent", "aadhar", "piddata" },
      forgets = steps.DETAILS,
      prompt = "With the customer's consent, enter the Aadhaar number and capture the fingerprint.",
      call = "ekyc",
      params = { aadhar = "input", piddata = "input" },
      keep = { otp_ref_id = "otp_ref_id", kyc_request_id = "kyc_request_id" },
      on = {
        otp_sent = { to = "ekyc_otp", with = { "otp_ref_id", "kyc_request_id" } },
        verified = "done",
        ekyc_required = "ekyc",
        wallet_opened = "sender",
        not_enrolled = "details",
      },
      errors = {
        ekyc_failed = "ekyc",
        aadhaar_validation_failed = "ekyc",
        already_kyc_approved = "sender",
        user_not_found = "sender",
      },
      refused = "ekyc",
      lost = "sender",
      unexpected = { "aadhaar_required", "pan_required" },
    },
    ekyc_otp = {
      about = "verify the eKYC with the OTP",
      needs = { "otp" },
      forgets = steps.DETAILS,
      otp_to = "aadhaar",
      call = "verify_otp",
      params = { otp = "input", otp_ref_id = "kept", kyc_request_id = "kept" },
      keep = { otp_ref_id = "otp_ref_id", kyc_request_id = "kyc_request_id" },
      on = {
        verified = "done",
        ekyc_required = "ekyc",
        otp_sent = { to = "ekyc_otp", with = { "otp_ref_id", "kyc_request_id" }, without = "ekyc" },
        wallet_opened = "sender",
        not_enrolled = "details",
      },
      errors = {
        wrong_otp = "otp_refused",
        otp_expired = "sender",
        otp_verification_failed = "otp_refused",
        otp_attempts_exhausted = "ekyc_otp",
        already_kyc_approved = "sender",
        user_not_found = "sender",
      },
      refused = "ekyc_otp",
      stale = "sender",
      lost = "sender",
      resend = "sender",
      unexpected = { "aadhaar_required", "pan_required" },
    },
    -- "Already registered" comes as a failed OTP (2131) too, perhaps because this very OTP was accepted before: reading the sender
    -- tells the two apart. Where the eKYC is still to be passed, the OTP is asked for again: a fingerprint is not wasted on a typing
    -- mistake.
    otp_refused = {
      about = "read the sender: an OTP is refused too where the customer is registered already",
      call = "get",
      keep = { otp_ref_id = "otp_ref_id", kyc_request_id = "kyc_request_id" },
      holds = true,
      on = {
        active = "done",
        ekyc_required = "ekyc_otp",
        otp_sent = { to = "ekyc_otp", with = { "otp_ref_id", "kyc_request_id" }, without = "ekyc" },
        not_enrolled = "details",
      },
      unexpected = { "wallet_opened", "aadhaar_required", "pan_required" },
    },
    done = steps.done,
  },
}
