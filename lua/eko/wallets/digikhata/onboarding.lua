--- The journey of a PPI DigiKhata sender: mobile OTP, consent in a chosen language, Aadhaar OTP, PAN.
-- @module eko.wallets.digikhata.onboarding
local steps = require "eko.wallets.steps"

-- A profile may come although the wallet is not opened yet. Of the flags in it no single one can be relied on, but when both by
-- which the platform's own client has judged say that it is not opened, Aadhaar comes first.
local OPENED = { kyc_state = 0, is_registered = 1 }

return {
  wallet = "digikhata",
  title = "PPI DigiKhata",
  start = "sender",
  states = {
    sender = {
      about = "read the sender; an OTP is sent",
      call = "get",
      keep = { otp_ref_id = "otp_ref_id" },
      on = {
        active = { to = "done", signs = OPENED, without = "consent_languages" },
        not_enrolled = "details",
        otp_sent = { to = "otp", with = { "otp_ref_id" }, without = "resend" },
        aadhaar_required = "consent_languages",
        pan_required = "pan",
      },
      unexpected = { "wallet_opened", "ekyc_required" },
    },
    details = steps.with(steps.wallet_details, {
      on = {
        otp_sent = { to = "otp", with = { "otp_ref_id" }, without = "resend" },
        wallet_opened = "sender",
        active = { to = "done", signs = OPENED, without = "sender" },
        aadhaar_required = "consent_languages",
        pan_required = "pan",
      },
    }),
    base_customer = steps.base_customer,
    resend = {
      about = "have another OTP sent",
      call = "send_otp",
      keep = { otp_ref_id = "otp_ref_id" },
      on = {
        otp_sent = { to = "otp", with = { "otp_ref_id" } },
        active = { to = "done", signs = OPENED, without = "consent_languages" },
        not_enrolled = "details",
        wallet_opened = "sender",
        aadhaar_required = "consent_languages",
        pan_required = "pan",
      },
      errors = { user_not_found = "sender", already_kyc_approved = "sender" },
      unexpected = { "ekyc_required" },
    },
    otp = steps.with(steps.otp, {
      forgets = steps.DETAILS,
      on = {
        verified = { to = "done", signs = OPENED, without = "consent_languages" },
        aadhaar_required = "consent_languages",
        pan_required = "pan",
        otp_sent = { to = "otp", with = { "otp_ref_id" }, without = "resend" },
        not_enrolled = "details",
        wallet_opened = "sender",
      },
      errors = {
        wrong_otp = "otp",
        otp_expired = "resend",
        otp_verification_failed = "resend",
        otp_attempts_exhausted = "otp",
        user_not_found = "sender",
      },
      stale = "resend",
      resend = "resend",
    }),
    consent_languages = {
      about = "the languages in which the consent can be read",
      forgets = steps.DETAILS,
      call = "consent_languages",
      params = { org_id = { "1" } },
      show = { languages = "consent_language_list" },
      on = { consent_languages = "consent_language", pan_required = "pan", otp_sent = "sender", not_enrolled = "sender" },
      errors = { otp_required = "sender", not_enrolled = "sender", user_not_found = "sender", pan_required = "pan" },
      unexpected = { "wallet_opened", "aadhaar_required", "ekyc_required" },
    },
    consent_language = {
      about = "choose the language of the consent",
      needs = { "consent_language" },
      choices_from = "languages",
      prompt = "In which language shall the customer read the consent?",
      next = "consent_text",
      restore = "consent_languages",
    },
    consent_text = {
      about = "the text that the customer consents to",
      call = "consent_details",
      params = { org_id = { "1" }, consent_language = "kept_input" },
      show = { consent = "consent_detail" },
      keep = { consent_id = "consent_detail.consentId" },
      on = { consent_details = "aadhaar", pan_required = "pan", otp_sent = "sender", not_enrolled = "sender" },
      errors = { otp_required = "sender", not_enrolled = "sender", user_not_found = "sender", pan_required = "pan" },
      refused = "consent_languages",
      unexpected = { "wallet_opened", "aadhaar_required", "ekyc_required" },
    },
    aadhaar = steps.with(steps.aadhaar, {
      prompt = "Read the consent to the customer. With it, enter the Aadhaar number.",
      errors = {
        aadhaar_validation_failed = "aadhaar",
        otp_verification_failed = "aadhaar",
        already_kyc_approved = "sender",
        verification_pending = "sender",
        user_not_found = "sender",
      },
      restore = "consent_text",
    }),
    aadhaar_otp = steps.with(steps.aadhaar_otp, {
      params = { otp = "input", otp_ref_id = "kept", consent_id = "kept" },
      on = {
        verified = "done",
        pan_required = "pan",
        aadhaar_required = "consent_text",
        otp_sent = { to = "aadhaar_otp", with = { "otp_ref_id" }, without = "consent_text" },
        not_enrolled = "details",
        wallet_opened = "sender",
      },
      errors = {
        wrong_otp = "aadhaar_otp",
        otp_verification_failed = "aadhaar_otp",
        aadhaar_validation_failed = "aadhaar_otp",
        otp_attempts_exhausted = "aadhaar_otp",
        otp_expired = "consent_text",
        already_kyc_approved = "sender",
        user_not_found = "sender",
      },
      stale = "consent_text",
      resend = "consent_text",
    }),
    pan = steps.with(steps.pan, {
      on = {
        verified = "done",
        aadhaar_required = "consent_languages",
        pan_required = "pan",
        otp_sent = "sender",
        not_enrolled = "details",
        wallet_opened = "sender",
      },
    }),
    done = steps.done,
  },
}
