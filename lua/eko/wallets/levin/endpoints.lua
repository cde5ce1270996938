--- The PPI Levin wallet.
-- Facts: the platform's v3 endpoint pages (PPI Levin), and for the Aadhaar steps its older reference. `wallet_token`
-- where today's pages leave it out (add recipient, transfer OTP, transfer) is required by the older reference.
-- @module eko.wallets.levin.endpoints
local BASE = "/customer/payment/ppi-levin"
local SENDER = BASE .. "/sender/{customer_id}"

return {
  {
    slug = "ppi-levin-get-sender", method = "GET", path = SENDER,
    about = "read a sender; to one who must verify the mobile an OTP is sent",
    params = { "*" }, role = "get", sends_sms = true,
  },
  {
    slug = "ppi-levin-onboard-sender", method = "POST", path = SENDER,
    about = "open a wallet for a customer; an OTP is sent",
    params = { "*", "name!", "dob!", "residence_address!", "service_code" }, role = "onboard", moves_money = false, sends_sms = true,
  },
  {
    slug = "ppi-levin-verify-otp", method = "POST", path = SENDER .. "/otp/verify",
    about = "verify the sender's mobile with the OTP",
    params = {
      "initiator_id!", "user_code!", "client_ref_id", "customer_id!", "otp!",
      { "otp_ref_id!", from = "the otp_ref_id of ppi-levin-get-sender, ppi-levin-onboard-sender or aadhaar-ppi-levin-validate" },
      "intent_id!",
    },
    role = "verify", moves_money = false,
  },
  {
    -- wallet_token and wallet_id are documented as required here, but the platform hands the token out only with 309,
    -- which a new sender reaches after this very step. So both are optional, and "" may be sent for them.
    slug = "aadhaar-ppi-levin-validate", method = "POST", path = SENDER .. "/aadhaar/otp",
    about = "send an OTP to the mobile that is linked to the Aadhaar number",
    params = {
      "*", "aadhar!", "wallet_token", "wallet_id",
      { "otp_ref_id", from = "the otp_ref_id of the sender's own OTP (older reference)" },
    },
    role = "aadhaar_otp_placeholder", moves_money = false, sends_sms = true,
  },
  {
    slug = "aadhaar-ppi-levin-verify-otp", method = "POST", path = SENDER .. "/aadhaar/otp/verify",
    about = "verify the Aadhaar OTP",
    params = {
      "*", { "otp", from = "the SMS to the mobile linked to the Aadhaar number" },
      { "otp_ref_id!", from = "the otp_ref_id of aadhaar-ppi-levin-validate" }, "intent_id", "wallet_token", "wallet_id",
    },
    role = "aadhaar_verify_placeholder", moves_money = false,
  },
  {
    slug = "ppi-levin-validate-pan", method = "POST", path = SENDER .. "/pan",
    about = "check the sender's PAN: the last step of the enrolment",
    params = { "*", "pan_number", "wallet_id", "wallet_token" }, role = "pan", moves_money = false,
  },
  {
    slug = "ppi-levin-get-recipients", method = "GET", path = SENDER .. "/recipients",
    about = "the people to whom the sender can send money",
    params = { "*", "wallet_token" }, role = "recipients",
  },
  {
    slug = "ppi-levin-add-recipient", method = "POST", path = SENDER .. "/recipient",
    about = "add a recipient (at most five a day)",
    params = {
      "*", "bank_id!", "recipient_name!",
      "recipient_mobile!", "recipient_type!", "account!", "ifsc!", { "type", type = "string", from = "\"ifsc\"" }, "account_type",
      "bank_code", "wallet_token",
    },
    role = "add_recipient", moves_money = false,
  },
  {
    slug = "ppi-levin-add-recipient-bank", method = "POST", path = SENDER .. "/bank/recipient",
    about = "register the recipient's bank account (no OTP)",
    params = { "*", { "recipient_id", type = "string" }, "wallet_token" }, role = "recipient_bank", moves_money = false,
  },
  {
    slug = "ppi-levin-send-transaction-otp", method = "POST", path = BASE .. "/otp",
    about = "send the OTP of one transfer; it holds for this amount and recipient only",
    params = {
      "initiator_id!", "user_code", "client_ref_id", "recipient_id!", "amount!", "customer_id!", "service_code",
      "beneficiary_id", "wallet_token",
    },
    role = "transfer_otp", moves_money = false, sends_sms = true,
  },
  {
    slug = "ppi-levin-initiate-transaction", method = "POST", path = BASE,
    about = "send money to a recipient",
    params = {
      "initiator_id!", "user_code", "client_ref_id", "recipient_id!", "amount!", "timestamp!", "currency!",
      "customer_id!", "channel!", "otp", { "otp_ref_id", from = "the otp_ref_id of ppi-levin-send-transaction-otp" },
      "beneficiary_id", "latlong", "state", "recipient_id_type", "service_code", "wallet_token",
    },
    role = "transfer", moves_money = true,
  },
}
