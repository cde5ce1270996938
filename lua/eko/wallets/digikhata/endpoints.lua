--- The PPI DigiKhata wallet.
-- Facts: the platform's v3 endpoint pages (PPI DigiKhata) and their samples. Parameters listed as optional although
-- those pages leave them out (`service_code`, `aadhar` and `consent_id` beside the Aadhaar OTP, `ifsc` ...) are what
-- the platform's own web client and its older reference send.
-- @module eko.wallets.digikhata.endpoints
local BASE = "/customer/payment/ppi-digikhata"
local SENDER = BASE .. "/sender/{customer_id}"
local SENDER_REF = "the otp_ref_id of ppi-digikhata-get-sender, ppi-digikhata-onboard-sender "
  .. "or ppi-digikhata-generate-sender-otp"

return {
  {
    slug = "ppi-digikhata-get-sender", method = "GET", path = SENDER,
    about = "read a sender; to one who must verify the mobile an OTP is sent",
    params = { "*" }, role = "get", sends_sms = true,
  },
  {
    slug = "ppi-digikhata-onboard-sender", method = "POST", path = SENDER,
    about = "open a wallet for a customer; an OTP is sent",
    params = { "*", "name!", "dob!", "residence_address!" }, role = "onboard", moves_money = false, sends_sms = true,
  },
  {
    slug = "ppi-digikhata-generate-sender-otp", method = "POST", path = SENDER .. "/otp",
    about = "send the sender a new OTP; the one before it is void",
    params = { "*" }, role = "send_otp", moves_money = false, sends_sms = true,
  },
  {
    slug = "ppi-digikhata-verify-otp", method = "POST", path = SENDER .. "/otp/verify",
    about = "verify the sender's mobile with the OTP",
    params = {
      "initiator_id!", "user_code!", "client_ref_id", "customer_id!", "otp!",
      { "otp_ref_id!", from = SENDER_REF }, "intent_id", "service_code",
    },
    role = "verify", moves_money = false,
  },
  {
    slug = "ppi-digikhata-consent-languages", method = "GET", path = SENDER .. "/aadhaar/consent/languages",
    about = "the languages in which the Aadhaar consent can be shown",
    params = { "initiator_id!", "user_code", "client_ref_id!", "customer_id!", "org_id!" }, role = "consent_languages",
  },
  {
    slug = "ppi-digikhata-consent-details", method = "GET", path = SENDER .. "/aadhaar/consent/details",
    about = "the Aadhaar consent in one language, as text and sound",
    params = { "initiator_id!", "user_code", "client_ref_id!", "customer_id!", "org_id!", "consent_language!" },
    role = "consent_details",
  },
  {
    slug = "ppi-digikhata-generate-aadhaar-otp", method = "POST", path = SENDER .. "/aadhaar/otp",
    about = "send an OTP to the mobile that is linked to the Aadhaar number",
    params = { "*", "aadhar!", "consent_id", "service_code" }, role = "aadhaar_otp", moves_money = false, sends_sms = true,
  },
  {
    slug = "ppi-digikhata-verify-aadhaar-otp", method = "POST", path = SENDER .. "/aadhaar/otp/verify",
    about = "verify the Aadhaar OTP",
    params = {
      "*", { "otp", from = "the SMS to the mobile linked to the Aadhaar number" },
      { "otp_ref_id!", from = "the otp_ref_id of ppi-digikhata-generate-aadhaar-otp" },
      "aadhar", "consent_id", "intent_id", "service_code",
    },
    role = "aadhaar_verify", moves_money = false,
  },
  {
    slug = "ppi-digikhata-validate-pan", method = "POST", path = SENDER .. "/pan",
    about = "check the sender's PAN: the last step of the enrolment",
    params = { "*", "pan_number!" }, role = "pan", moves_money = false,
  },
  {
    -- Documented as an ordinary call, but it debits the agent's e-value and credits the sender's wallet.
    slug = "ppi-digikhata-load-wallet", method = "POST", path = SENDER .. "/wallet/loadwallet",
    about = "move money from the agent's balance into the sender's wallet",
    params = { "*", { "amount!", type = "string", format = "money", from = "rupees, as text" }, "org_id!" },
    role = "load_wallet", moves_money = true,
  },
  {
    slug = "ppi-digikhata-get-recipients", method = "GET", path = SENDER .. "/recipients",
    about = "the people to whom the sender can send money",
    params = { "*" }, role = "recipients",
  },
  {
    slug = "ppi-digikhata-add-recipient", method = "POST", path = SENDER .. "/recipient",
    about = "add a recipient (at most five a day)",
    params = { "*", "bank_id!", "recipient_name!", "recipient_mobile!", "account!", "bank_code!", "ifsc", "service_code" },
    role = "add_recipient", moves_money = false,
  },
  {
    slug = "ppi-digikhata-recipient-bank-otp", method = "POST", path = SENDER .. "/recipient/bank/otp",
    about = "register the recipient's bank account; an OTP is sent",
    params = { "*", { "recipient_id!", type = "string" }, "service_code" },
    role = "recipient_bank_otp", moves_money = false, sends_sms = true,
  },
  {
    slug = "ppi-digikhata-validate-recipient-otp", method = "POST", path = SENDER .. "/recipient/bank/otp/verify",
    about = "verify the OTP of a recipient's bank account",
    params = { "*", "otp", { "otp_ref_id!", from = "the otp_ref_id of ppi-digikhata-recipient-bank-otp" }, "intent_id", "service_code" },
    role = "recipient_verify", moves_money = false,
  },
  {
    slug = "ppi-digikhata-send-transaction-otp", method = "POST", path = BASE .. "/otp",
    about = "send the OTP of one transfer; it holds for this amount and recipient only",
    params = {
      "initiator_id!", "user_code", "client_ref_id", "recipient_id!", "amount!", "customer_id!", "service_code", "beneficiary_id",
    },
    role = "transfer_otp", moves_money = false, sends_sms = true,
  },
  {
    slug = "ppi-digikhata-initiate-transaction", method = "POST", path = BASE,
    about = "send money to a recipient",
    params = {
      "initiator_id!", "user_code", "client_ref_id", "recipient_id!", "amount!", "timestamp!", "currency!",
      "customer_id!", "channel!", "otp", { "otp_ref_id", from = "the otp_ref_id of ppi-digikhata-send-transaction-otp" },
      "beneficiary_id", "service_code", "latlong", "state",
    },
    role = "transfer", moves_money = true,
  },
}
