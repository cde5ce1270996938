--- The platform's answers by name, for specs that say which one came, or give one:
--
--     assert.equal("pan_required", answers.of(body))
--     s.script("ppi-levin-validate-pan", answers.named "name_mismatch")
--
-- An answer is told by three codes, in this order: status, response_status_id, response_type_id ("-" for one that is absent).
-- The names are the library's (`eko.base.outcomes`) where it has one.

local answers = {}

local CODES = {
  -- what is due next; the platform says some of it with a status of 0 and some with the code as the status
  not_enrolled = "308/1/308",
  otp_sent = "0/0/2129",
  otp_due = "2129/1/2129",
  aadhaar_required = "2136/1/2136",
  pan_required = "0/0/2147",
  ekyc_required = "0/0/2134",
  wallet_opened = "0/0/300",
  -- what went well
  active = "0/-1/309",
  ekyc_done = "0/0/2132",
  biometric_done = "0/0/2450",
  consent_languages = "0/0/2444",
  consent_details = "0/0/2446",
  no_recipients = "0/-1/22",
  recipients = "0/0/23",
  recipient_added = "0/0/43",
  bank_registered = "0/0/1741",
  recipient_verified = "2131/0/2131",
  transferred = "0/0/325",
  on_its_way = "0/0/-",
  wallet_loaded = "0/0/2447",
  transaction_found = "0/0/1472",
  refunded = "0/0/74",
  refund_otp_sent = "0/0/2133",
  refund_otp_due = "2133/1/2133",
  -- The portal's samples carry 1388, whatever they are a sample of.
  portal_sample = "0/0/1388",
  portal_wrong_otp = "1/302/1388",
  -- OTPs: each wallet has its own way to refuse one
  wrong_otp = "302/1/-1",
  otp_expired = "303/1/-1",
  otp_failed = "2131/1/2131",
  otp_failed_wrong = "2131/302/2131",
  otp_failed_expired = "2131/303/2131",
  not_validated = "2138/1/2138", -- Levin's wrong OTP; Aadhaar numbers and biometric data that fail
  -- a refund's, by response_status_id or, as a knob, by status
  refund_wrong_otp = "1/302/-",
  refund_otp_expired = "1/303/-",
  refund_wrong_otp_by_status = "302/1/302",
  refund_otp_expired_by_status = "303/1/303",
  -- refusals of a step or of a transaction
  ekyc_failed = "2135/1/2135",
  transaction_declined = "55/1/55",
  monthly_limit_exhausted = "36/1/36",
  already_a_recipient = "2148/1/2148",
  not_refundable = "1/-1/-",
  -- refusals of a request, and of who sends it
  wrong_developer_key = "2483/1/2483",
  bad_signature = "2484/1/2484",
  expired_timestamp = "2485/1/2485",
  invalid_timestamp = "2486/1/2486",
  missing_security_headers = "2487/1/2487",
  failed = "1/1/-1",
  wallet_already_exists = "17/1/-1",
  recipient_limit_reached = "39/1/-1",
  missing_parameter = "97/1/-1",
  invalid_recipient_name = "131/1/-1",
  invalid_sender_name = "132/1/-1",
  invalid_ifsc = "136/1/-1",
  transaction_not_found = "168/1/-1",
  sender_not_verified = "204/1/-1",
  recipient_not_registered = "313/1/-1",
  invalid_initiator = "319/1/-1",
  verification_pending = "327/1/-1",
  recipient_already_registered = "342/1/-1",
  agent_not_allowed = "346/1/-1",
  insufficient_balance = "347/1/-1",
  invalid_channel = "460/1/-1",
  validation_failed = "461/1/-1",
  user_not_found = "463/1/-1",
  already_kyc_approved = "585/1/-1",
  id_proof_already_used = "1237/1/-1",
  name_mismatch = "1428/1/-1",
  otp_attempts_exhausted = "2377/1/-1",
  -- what no documentation knows
  unknown_success = "0/0/9999",
  unknown_failure = "9999/1/9999",
}

local NAMES = {}
for name, codes in pairs(CODES) do
  assert(not NAMES[codes], "two names for the answer " .. codes)
  NAMES[codes] = name
end

--- @tparam table body a decoded answer
-- @treturn string status / response_status_id / response_type_id
function answers.codes(body)
  local function show(value)
    if value == nil then return "-" end
    return type(value) == "number" and ("%d"):format(value) or ("%q"):format(tostring(value))
  end
  return show(body.status) .. "/" .. show(body.response_status_id) .. "/" .. show(body.response_type_id)
end

--- @tparam table body a decoded answer
-- @treturn string its name; its codes where it has none
function answers.of(body)
  local codes = answers.codes(body)
  return NAMES[codes] or codes
end

--- @tparam string name
-- @tparam[opt] table more what stands beside the codes, such as `data`
-- @treturn table a body that has these codes
function answers.named(name, more)
  local codes = assert(CODES[name], "no answer has the name " .. name)
  local status, rsid, rtid = codes:match "^(%S+)/(%S+)/(%S+)$"
  local body = {
    status = tonumber(status), response_status_id = tonumber(rsid), response_type_id = tonumber(rtid), message = "test",
  }
  for key, value in pairs(more or {}) do body[key] = value end
  return body
end

return answers
