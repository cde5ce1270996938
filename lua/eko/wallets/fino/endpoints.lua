--- Domestic money transfer over Fino.
-- Facts: the platform's v3 endpoint pages (DMT Fino). Reading a Fino sender sends no OTP of its own, but a sender who
-- stopped half way through the eKYC may be sent one, so it counts as sending.
-- @module eko.wallets.fino.endpoints
local BASE = "/customer/payment/dmt-fino"
local SENDER = BASE .. "/sender/{customer_id}"

return {
  {
    slug = "dmt-get-sender", method = "GET", path = SENDER,
    about = "read a sender",
    params = { "initiator_id!", "user_code!", "client_ref_id", "customer_id!" }, role = "get", sends_sms = true,
  },
  {
    slug = "dmt-onboard-sender", method = "POST", path = SENDER,
    about = "enrol a sender; the biometric eKYC follows",
    params = {
      "*", "name!", "dob!",
      { "residence_address!", type = "address", max = 2048, from = "the customer: { line, city, state, pincode, district, area }" },
    },
    role = "onboard", moves_money = false,
  },
  {
    slug = "dmt-fino-sender-ekyc", method = "PUT", path = SENDER .. "/otp",
    about = "biometric eKYC of a sender; an OTP is sent",
    params = { "*", "aadhar!", "piddata!" },
    role = "ekyc", moves_money = false, sends_sms = true, billed = true, -- a fee for each
  },
  {
    slug = "dmt-fino-validate-ekyc-otp", method = "PUT", path = SENDER .. "/otp/verify",
    about = "verify the OTP of the eKYC",
    params = { "*", "otp!", { "otp_ref_id!", from = "the otp_ref_id of dmt-fino-sender-ekyc" }, "kyc_request_id!" },
    role = "verify", moves_money = false,
  },
  {
    slug = "dmt-get-recipients", method = "GET", path = SENDER .. "/recipients",
    about = "the people to whom the sender can send money",
    params = { "*" }, role = "recipients",
  },
  {
    slug = "dmt-add-recipient", method = "POST", path = SENDER .. "/recipient",
    about = "add a recipient",
    params = { "*", "recipient_mobile!", "recipient_name!", "ifsc!", "account!", "bank_id", "recipient_type" },
    role = "add_recipient", moves_money = false,
  },
  {
    slug = "dmt-send-otp", method = "POST", path = BASE .. "/otp",
    about = "send the OTP of one transfer; it holds for this amount and recipient only",
    params = { "initiator_id!", "user_code", "client_ref_id", "recipient_id!", "amount!", "customer_id!", "intent_id" },
    role = "transfer_otp", moves_money = false, sends_sms = true,
  },
  {
    slug = "dmt-initiate-transfer", method = "POST", path = BASE,
    about = "send money to a recipient",
    params = {
      "initiator_id!", "user_code", "client_ref_id!", "recipient_id!", "amount!", "customer_id!", "otp!",
      { "otp_ref_id!", from = "the otp_ref_id of dmt-send-otp" }, "currency", "channel", "latlong", "state", "timestamp",
    },
    role = "transfer", moves_money = true,
  },
}
