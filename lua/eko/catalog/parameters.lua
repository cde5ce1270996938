--- The parameters that the endpoints share: what each is, said once.
--
-- An endpoint names the ones it takes (`"otp"`, or `"otp!"` where it is required); what differs from here stands in
-- the endpoint's own entry. A parameter's fields:
--
-- * `type`: `string` | `integer` | `list` (of strings) | `opaque` | `address`. `opaque` is for `otp` and
--   `otp_ref_id`: documented as integers, in practice text that must come back byte for byte, so a string goes out as
--   that very string and an integer as a JSON integer. `address` is a JSON-encoded object inside a string.
--   What is written as text may be given as a whole number, and what is written as a number as digits.
-- * `means`: `name` (a person's, which is never a number and shows what it holds), `birth`, `account`, `rupees`, `capture` (a PID
--   block), `address` (a list of lines; by names too, as an `address` may be a list)
-- * `format`: a name of `eko.call.formats`
-- * `max`: longest value in bytes (255 where nothing is said); `min`: smallest integer (0 where nothing is said)
-- * `multiline`: TAB, CR and LF are allowed (XML)
-- * `default`: what goes out where it is required and not given; `timestamp` has the time of the call
-- * `from`: where a caller gets the value
-- @module eko.catalog.parameters
return {
  initiator_id = { type = "string", from = "your registered identifier, given to the client once" },
  user_code = { type = "string", from = "the code of the agent who serves the customer, given to the client once" },
  client_ref_id = { type = "string", format = "client-ref", from = "your own unique reference of this attempt" },
  customer_id = { type = "string", format = "mobile", from = "the customer's mobile number" },

  name = { type = "string", means = "name", from = "the customer, as on the identity documents" },
  dob = { type = "string", means = "birth", format = "date", from = "the customer" },
  residence_address = { type = "list", means = "address", from = "the customer: line, city, state, pincode" },

  otp = { type = "opaque", max = 12, from = "the SMS to the customer" },
  otp_ref_id = { type = "opaque", max = 1024, from = "the answer that announced the OTP" },
  intent_id = { type = "string", format = "digits", max = 12, from = "\"19\" to verify the sender, \"20\" for Aadhaar" },
  kyc_request_id = { type = "string", max = 1024, from = "the answer of dmt-fino-sender-ekyc" },

  aadhar = { type = "string", format = "aadhaar", from = "the customer, with consent" },
  pan_number = { type = "string", format = "pan", from = "the customer" },
  piddata = { type = "string", means = "capture", max = 131072, multiline = true, from = "the fingerprint device: the PID block (XML)" },
  consent_id = { type = "string", from = "consentId of ppi-digikhata-consent-details" },
  consent_language = { type = "string", from = "a pkid of ppi-digikhata-consent-languages" },
  org_id = { type = "string", default = "1", from = "\"1\"" },

  wallet_token = { type = "string", max = 4096, from = "the answer of ppi-levin-verify-otp (309)" },
  wallet_id = { type = "string", from = "the answer of ppi-levin-verify-otp (309)" },

  recipient_id = { type = "integer", from = "the recipient list, or the answer that added the recipient" },
  beneficiary_id = { type = "string", from = "the recipient list, or the answer that registered the bank account" },
  recipient_name = { type = "string", means = "name", from = "the recipient" },
  recipient_mobile = { type = "string", format = "mobile", from = "the recipient" },
  recipient_type = { type = "string", default = "3", from = "\"3\": account number with IFSC" },
  recipient_id_type = { type = "string", from = "\"1\"" },
  bank_id = { type = "integer", from = "the platform's list of banks" },
  bank_code = { type = "string", from = "the IFSC of the recipient's bank" },
  account = { type = "string", means = "account", max = 64, from = "the recipient: the bank account number" },
  account_type = { type = "string", from = "\"1\"" },
  ifsc = { type = "string", format = "ifsc", from = "the recipient's bank" },

  amount = { type = "integer", means = "rupees", min = 1, from = "whole rupees" },
  channel = { type = "integer", default = 2, from = "2 (IMPS)" },
  currency = { type = "string", default = "INR", from = "\"INR\"" },
  timestamp = { type = "string", max = 64, from = "the time of the call, ISO 8601" },
  latlong = { type = "string", format = "lat-long", from = "where the agent is" },
  state = { type = "string", from = "\"1\"" },
  service_code = { type = "integer", from = "the service activated for the agent: 80 for the PPI wallets" },
}
