--- The journey of a PPI Levin sender: mobile OTP, Aadhaar OTP, PAN.
-- The later steps are documented to need a `wallet_token`, which a new sender is not given before the end: it is sent where
-- one was received, and empty where none was.
-- @module eko.wallets.levin.onboarding
local steps = require "eko.wallets.steps"

return {
  wallet = "levin",
  title = "PPI Levin",
  start = "sender",
  states = {
    sender = {
      about = "read the sender; an OTP is sent",
      call = "get",
      keep = { otp_ref_id = "otp_ref_id" },
      on = {
        active = "done",
        not_enrolled = "details",
        otp_sent = { to = "otp", with = { "otp_ref_id" } },
        aadhaar_required = "aadhaar",
        pan_required = "pan",
      },
      unexpected = { "wallet_opened", "ekyc_required" },
    },
    details = steps.with(steps.wallet_details, {
      on = {
        otp_sent = { to = "otp", with = { "otp_ref_id" }, without = "sender" },
        wallet_opened = "sender",
        active = "done",
        aadhaar_required = "aadhaar",
        pan_required = "pan",
      },
    }),
    base_customer = steps.base_customer,
    otp = steps.with(steps.otp, {
      forgets = steps.DETAILS,
      params = { otp = "input", otp_ref_id = "kept", intent_id = { "19" } },
      keep = { otp_ref_id = "otp_ref_id", wallet_token = "wallet_token", wallet_id = "wallet_id" },
      on = {
        verified = "done",
        aadhaar_required = "aadhaar",
        pan_required = "pan",
        otp_sent = { to = "otp", with = { "otp_ref_id" }, without = "sender" },
        not_enrolled = "details",
        wallet_opened = "sender",
      },
    }),
    aadhaar = steps.with(steps.aadhaar, {
      forgets = steps.DETAILS,
      prompt = "With the customer's consent, enter the Aadhaar number.",
      params = { aadhar = "input", wallet_token = "kept_or_empty", wallet_id = "kept_or_empty" },
      -- 463 stands for a refused Aadhaar number in the portal's samples.
      errors = {
        aadhaar_validation_failed = "aadhaar",
        otp_verification_failed = "aadhaar",
        user_not_found = "aadhaar",
        already_kyc_approved = "sender",
        verification_pending = "sender",
      },
      stale = "sender",
    }),
    aadhaar_otp = steps.with(steps.aadhaar_otp, {
      forgets = steps.DETAILS,
      params = {
        otp = "input", otp_ref_id = "kept", intent_id = { "20" }, wallet_token = "kept_or_empty", wallet_id = "kept_or_empty",
      },
      keep = { otp_ref_id = "otp_ref_id", wallet_token = "wallet_token", wallet_id = "wallet_id" },
      on = {
        verified = "done",
        pan_required = "pan",
        aadhaar_verified = "pan",
        aadhaar_required = "aadhaar",
        otp_sent = { to = "aadhaar_otp", with = { "otp_ref_id" }, without = "aadhaar" },
        not_enrolled = "details",
        wallet_opened = "sender",
      },
      errors = {
        wrong_otp = "aadhaar_otp",
        otp_verification_failed = "aadhaar_otp",
        aadhaar_validation_failed = "aadhaar_otp",
        otp_attempts_exhausted = "aadhaar_otp",
        otp_expired = "aadhaar",
        already_kyc_approved = "sender",
        user_not_found = "sender",
      },
      stale = "sender",
      resend = "aadhaar",
    }),
    pan = steps.with(steps.pan, {
      params = { pan_number = "input", wallet_token = "kept_or_empty", wallet_id = "kept_or_empty" },
      on = {
        verified = "done",
        aadhaar_required = "aadhaar",
        pan_required = "pan",
        otp_sent = "sender",
        not_enrolled = "details",
        wallet_opened = "sender",
      },
      stale = "sender",
    }),
    done = steps.done,
  },
}
