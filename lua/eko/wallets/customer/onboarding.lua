--- The journey of Customer Management: mobile OTP. What comes after it (Aadhaar, PAN) has no endpoint here and goes on along
-- a PPI wallet that the caller chooses.
-- @module eko.wallets.customer.onboarding
local steps = require "eko.wallets.steps"

return {
  wallet = "customer",
  title = "Customer Management",
  start = "sender",
  states = {
    sender = {
      about = "read the customer; an OTP is sent when the mobile is not verified yet",
      call = "get",
      keep = { otp_ref_id = "otp_ref_id" },
      on = {
        active = "done",
        not_enrolled = "details",
        otp_sent = { to = "otp", with = { "otp_ref_id" } },
        aadhaar_required = "choice",
        pan_required = "choice",
      },
      unexpected = { "wallet_opened", "ekyc_required" },
    },
    details = steps.with(steps.details, {
      about = "enrol the customer",
      on = {
        otp_sent = { to = "otp", with = { "otp_ref_id" }, without = "sender" },
        wallet_opened = "sender",
        active = "done",
        aadhaar_required = "choice",
        pan_required = "choice",
      },
      errors = { wallet_already_exists = "sender", verification_pending = "sender" },
    }),
    -- The details are kept here: the wallet that comes after asks for the same.
    otp = steps.with(steps.otp, {
      on = {
        verified = "done",
        aadhaar_required = "choice",
        pan_required = "choice",
        otp_sent = { to = "otp", with = { "otp_ref_id" }, without = "sender" },
        not_enrolled = "details",
        wallet_opened = "sender",
      },
    }),
    choice = {
      about = "Customer Management ends here; Aadhaar and PAN are verified on a wallet",
      needs = { "continue_with" },
      choices = { { value = "digikhata", label = "PPI DigiKhata" }, { value = "levin", label = "PPI Levin" } },
      prompt = "The mobile is verified. Aadhaar or PAN comes next, on which wallet?",
      switch = "continue_with",
    },
    done = steps.done,
  },
}
