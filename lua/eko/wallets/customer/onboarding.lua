--- The journey of Customer Management: mobile OTP. What comes after it (Aadhaar, PAN) has no endpoint here and goes on along
-- a PPI wallet that the caller chooses.
-- @module eko.wallets.customer.onboarding
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
    details = {
      about = "enrol the customer",
      needs = { "name", "dob", "residence_address" },
      prompt = "Who is the customer? Name and address as on the identity documents.",
      call = "onboard",
      params = { name = "input", dob = "input", residence_address = "input" },
      keep = { otp_ref_id = "otp_ref_id" },
      on = {
        otp_sent = { to = "otp", with = { "otp_ref_id" }, without = "sender" },
        wallet_opened = "sender",
        active = "done",
        aadhaar_required = "choice",
        pan_required = "choice",
      },
      errors = { wallet_already_exists = "sender", verification_pending = "sender" },
      refused = "details",
      lost = "sender",
      unexpected = { "not_enrolled", "ekyc_required" },
    },
    -- The details are kept here: the wallet that comes after asks for the same.
    otp = {
      about = "verify the mobile",
      needs = { "otp" },
      otp_to = "customer",
      call = "verify_otp",
      params = { otp = "input", otp_ref_id = "kept" },
      keep = { otp_ref_id = "otp_ref_id" },
      on = {
        verified = "done",
        aadhaar_required = "choice",
        pan_required = "choice",
        otp_sent = { to = "otp", with = { "otp_ref_id" }, without = "sender" },
        not_enrolled = "details",
        wallet_opened = "sender",
      },
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
    },
    choice = {
      about = "Customer Management ends here; Aadhaar and PAN are verified on a wallet",
      needs = { "continue_with" },
      choices = { { value = "digikhata", label = "PPI DigiKhata" }, { value = "levin", label = "PPI Levin" } },
      prompt = "The mobile is verified. Aadhaar or PAN comes next, on which wallet?",
      switch = "continue_with",
    },
    done = { about = "the customer may transact", final = true },
  },
}
