--- What the platform's codes mean: outcomes, and the names of failures.
--
-- An answer has three codes. `response_type_id` says what was decided, `status` says whether it went well (but a step
-- that is merely next is often non-zero), `response_status_id` is a hint for screens and decides nothing here, one
-- documented exception apart (see `eko.call.response`).
--
-- Outcomes, by what the endpoint is for (its role):
--
-- | outcome | `response_type_id` | meaning |
-- |---|---|---|
-- | `active` | 309, 2132 (get, onboard, send_otp) | the customer may transact |
-- | `verified` | 309, 2132 (verify, Aadhaar, PAN, eKYC) | this check was the last: registration completed |
-- | `not_enrolled` | 308 | onboard the customer |
-- | `wallet_opened` | 300 | the wallet's record exists: read the sender again |
-- | `otp_sent` | 2129, 2133; 1741 (DigiKhata recipient); none, with an `otp_ref_id` | an OTP was sent; go on with its `otp_ref_id` |
-- | `aadhaar_required` | 2136 | Aadhaar comes next |
-- | `pan_required` | 2147 | PAN comes next |
-- | `ekyc_required` | 2134 | the biometric eKYC comes next |
-- | `aadhaar_verified` | 1388 (Levin Aadhaar verify, a placeholder of the documentation) | Aadhaar accepted |
-- | `recipients`, `no_recipients` | 23, 22 | the list, or none yet |
-- | `recipient_added` | 43 | |
-- | `bank_registered` | 1741 (Levin; DigiKhata without an `otp_ref_id`) | the recipient's account can receive |
-- | `recipient_verified` | 2131 (DigiKhata recipient OTP) | the same, after an OTP |
-- | `consent_languages`, `consent_details` | 2444, 2446 | |
-- | `wallet_loaded` | 2447 | |
-- | `refunded` | 74 (refund) | the money is back with the agent |
-- | `found` | 1472 | the transaction is in `data` |
-- | `completed`, `failed`, `initiated`, `refund_pending`, `refunded`, `on_hold`, `awaited` | 325, none | by `tx_status` |
-- | `unrecognised` | any other with status 0 | read the answer; never taken for a success |
-- @module eko.base.outcomes
local outcomes = {}

--- `tx_status` of a transfer -> outcome.
outcomes.transactions = {
  [0] = "completed", [1] = "failed", [2] = "initiated", [3] = "refund_pending", [4] = "refunded", [5] = "on_hold",
  [6] = "awaited",
}

-- What any call about a sender may be answered with instead of what it asked for.
local STEPS = {
  [300] = "wallet_opened", [308] = "not_enrolled", [2129] = "otp_sent", [2133] = "otp_sent",
  [2134] = "ekyc_required", [2136] = "aadhaar_required", [2147] = "pan_required",
}

--- The same, for the endpoints that do not list them: an outcome when the status is 0, else the error's name.
outcomes.steps = STEPS

local function with_steps(own)
  for id, outcome in next, STEPS do own[id] = outcome end
  return own
end

local function sender(done)
  return with_steps { [309] = done, [2132] = done }
end

local WRONG_OTP = { [2138] = "wrong_otp" }

-- Codes by which the platform refuses a call that moves money before it does anything: limits, recipients, banks, formats, the
-- agent, the OTP. One is believed only when no tid comes with it and an inquiry does not contradict it. 55 (declined), 1 and 461
-- (generic) are not among them: they stand beside a `tx_status`, or say nothing. Source: the tables of status codes.
local REFUSALS = {}
for _, code in ipairs {
  17, 36, 39, 41, 44, 45, 46, 48, 53, 97, 102, 122, 131, 132, 136, 140, 145, 204, 302, 303, 308, 313, 314, 317, 319, 327, 344, 346,
  347, 350, 460, 463, 467, 508, 521, 536, 537, 544, 945, 1297, 2123, 2131, 2136, 2138, 2147,
} do REFUSALS[code] = true end

--- Roles: `outcomes` by `response_type_id`, `errors` where a code means something else than in `outcomes.codes`,
-- for money `settles`, the ids that a transaction is answered with and what each says alone (`"by_transaction"`: nothing, `tx_status`
-- decides), and `refusals`; `by_hint` for the id that only `response_status_id` tells apart; `without_reference` for what an id
-- means where the data have no `otp_ref_id`.
outcomes.roles = {
  get = { outcomes = sender "active" },
  onboard = { outcomes = sender "active" },
  send_otp = { outcomes = sender "active" },
  verify = { outcomes = sender "verified", errors = WRONG_OTP },
  aadhaar_otp = { outcomes = sender "verified" },
  aadhaar_verify = { outcomes = sender "verified" },
  -- The published samples of the two Levin Aadhaar endpoints carry 1388, a filler that stands in dozens of unrelated
  -- samples; whether the platform ever sends it is unknown, so it is understood here and nowhere else.
  aadhaar_otp_placeholder = { outcomes = with_steps { [309] = "verified", [2132] = "verified", [1388] = "otp_sent" } },
  aadhaar_verify_placeholder = {
    outcomes = with_steps { [309] = "verified", [2132] = "verified", [1388] = "aadhaar_verified" },
  },
  pan = { outcomes = sender "verified" },
  ekyc = { outcomes = sender "verified" },
  consent_languages = { outcomes = { [2444] = "consent_languages" } },
  consent_details = { outcomes = { [2446] = "consent_details" } },
  recipients = { outcomes = { [22] = "no_recipients", [23] = "recipients" } },
  add_recipient = { outcomes = { [43] = "recipient_added" } },
  recipient_bank = { outcomes = { [43] = "recipient_added", [1741] = "bank_registered" } },
  recipient_bank_otp = { outcomes = { [1741] = "otp_sent", [2129] = "otp_sent" }, without_reference = { [1741] = "bank_registered" } },
  recipient_verify = { outcomes = {}, by_hint = { [2131] = "recipient_verified" }, errors = WRONG_OTP },
  transfer_otp = { outcomes = { [2129] = "otp_sent", [2133] = "otp_sent" } },
  transfer = { outcomes = {}, settles = { [325] = "by_transaction" }, refusals = REFUSALS, errors = WRONG_OTP },
  load_wallet = { outcomes = { [2447] = "wallet_loaded" }, settles = { [2447] = "succeeded" }, refusals = REFUSALS },
  refund_otp = { outcomes = { [2129] = "otp_sent", [2133] = "otp_sent" } },
  refund = { outcomes = { [74] = "refunded" }, settles = { [74] = "refunded" }, refusals = REFUSALS },
  -- What nobody has said more about.
  other = { outcomes = {}, settles = { [325] = "by_transaction" }, refusals = REFUSALS },
  inquiry = { outcomes = { [1472] = "found" }, errors = { [463] = "transaction_not_found" } },
}

--- A `response_type_id` that is a failure whatever the status says.
outcomes.failures = {
  [36] = true, [55] = true, [302] = true, [303] = true, [319] = true, [342] = true, [346] = true, [347] = true,
  [463] = true, [467] = true, [945] = true, [2131] = true, [2135] = true, [2138] = true, [2148] = true,
  [2483] = true, [2484] = true, [2485] = true, [2486] = true, [2487] = true,
}

--- Codes of a failure whose name `response_status_id` may make more exact.
outcomes.refined = { [1] = true, [2131] = true, [2138] = true }

-- code -> name, cause and what to do. The platform's tables of v3 status codes, its samples, and for some the tables
-- of the older versions that v3 took over.
local CODES = {
  [17] = { "wallet_already_exists", "the customer already has a wallet; read the sender instead" },
  [31] = { "agent_not_registrable", "the agent cannot be registered; ask the platform's support" },
  [36] = { "monthly_limit_exhausted", "the monthly limit of the sender or the recipient is used up" },
  [39] = { "recipient_limit_reached", "the sender has as many recipients as are allowed; remove one first" },
  [41] = { "wrong_ifsc", "the IFSC is wrong; check it against the recipient's bank" },
  [44] = { "incomplete_ifsc", "the IFSC is incomplete; give all 11 characters" },
  [45] = { "incomplete_ifsc", "the IFSC is incomplete; give all 11 characters" },
  [46] = { "invalid_account", "the recipient's account details are not valid; check account number and IFSC" },
  [48] = { "bank_not_found", "the recipient's bank is not known; check bank_id and IFSC" },
  [53] = { "imps_not_allowed", "IMPS is not allowed for this transfer" },
  [55] = { "transaction_declined", "the transaction was declined; look it up before anything is tried again" },
  [97] = { "missing_parameter", "a mandatory parameter is missing; err.invalid_params names it" },
  [102] = { "invalid_account_length", "the account number has a wrong length" },
  [122] = { "invalid_recipient_name", "the recipient's name must have 1 to 50 letters" },
  [131] = { "invalid_recipient_name", "the recipient's name may hold letters only" },
  [132] = { "invalid_sender_name", "the sender's name may hold letters only" },
  [136] = { "invalid_ifsc", "the IFSC is not well formed" },
  [140] = { "invalid_recipient_mobile", "the recipient's mobile number must have 10 digits" },
  [145] = { "invalid_recipient_mobile", "the recipient's mobile number must have 10 digits" },
  [168] = {
    "transaction_not_found",
    "the platform does not know this transaction (yet): after a lost answer that leaves the outcome open",
  },
  [204] = { "sender_not_verified", "the sender is not verified; verify the sender's OTP first" },
  [208] = { "amount_mismatch", "the amount is not the expected one" },
  [302] = { "wrong_otp", "the OTP is wrong; ask the customer again or have a new one sent" },
  [303] = { "otp_expired", "the OTP has expired; have a new one sent and use its otp_ref_id" },
  [313] = { "recipient_not_registered", "the recipient's registration is not complete" },
  [314] = { "monthly_limit_exhausted", "the monthly limit would be exceeded" },
  [317] = { "neft_not_allowed", "NEFT is not allowed for this transfer" },
  [319] = { "invalid_initiator", "the platform does not know this initiator_id (or sender); check the configuration" },
  [327] = { "verification_pending", "the customer is enrolled but not verified yet; read the sender to get an OTP" },
  [342] = { "recipient_already_registered", "this recipient is registered already; take it from the recipient list" },
  [344] = { "imps_not_available", "the recipient's bank does not take IMPS" },
  [346] = {
    "agent_not_allowed",
    "the agent may not do this: check user_code, that the agent is onboarded and that the service is activated",
  },
  [347] = { "insufficient_balance", "the agent's balance with the platform is too small; load it and try again" },
  [350] = { "recipient_verification_failed", "the bank gave no name for the recipient's account" },
  [460] = { "invalid_channel", "the channel is not valid; send 2 (IMPS)" },
  [461] = { "validation_failed", "the platform refused the request; err.invalid_params may name the field" },
  [463] = { "user_not_found", "the platform does not know this customer; onboard the customer first" },
  [467] = { "invalid_bank_details", "the bank details are not valid; check account number and IFSC" },
  [508] = { "ifsc_bank_mismatch", "the IFSC is not one of this bank" },
  [521] = { "unknown_ifsc", "the platform does not know this IFSC" },
  [536] = { "invalid_recipient_type", "the recipient type is not well formed" },
  [537] = { "invalid_recipient_type", "the recipient type has a wrong length" },
  [544] = { "bank_unavailable", "the recipient's bank is not available; the transaction was not processed" },
  [585] = { "already_kyc_approved", "the customer's KYC is approved already; nothing is left to do" },
  [945] = { "monthly_limit_exhausted", "the monthly limit of the recipient (or the sender) is used up" },
  [1237] = { "id_proof_already_used", "this proof of identity belongs to another customer already" },
  [1297] = { "agent_not_onboarded", "the agent is not onboarded; check user_code" },
  [1428] = { "name_mismatch", "the name is not the one on the identity document" },
  [2123] = { "inactive_user", "the user is inactive; ask the platform's support" },
  [2131] = {
    "otp_verification_failed",
    "the OTP was not accepted: it is wrong or was used, or (DMT Fino) the customer is registered already; read the sender, then ask "
      .. "for the OTP again or have a new one sent",
  },
  [2135] = { "ekyc_failed", "the eKYC failed; repeat it with a fresh capture of the finger" },
  [2138] = {
    "aadhaar_validation_failed",
    "the Aadhaar number or its OTP was not accepted, or the Aadhaar service is not activated for the agent",
  },
  [2148] = { "recipient_already_registered", "this account is a recipient already; take it from the recipient list" },
  [2377] = { "otp_attempts_exhausted", "too many wrong OTPs; wait as long as the platform says" },

  -- Steps that stand in the way of a call which was about something else.
  [308] = { "not_enrolled", "the customer is not enrolled here; onboard the customer first" },
  [2129] = { "otp_required", "the customer must verify an OTP first" },
  [2133] = { "otp_required", "an OTP must be given first" },
  [2134] = { "ekyc_required", "the customer must pass the biometric eKYC first" },
  [2136] = { "aadhaar_required", "the customer must verify Aadhaar first" },
  [2147] = { "pan_required", "the customer must give a PAN first" },

  -- Authentication.
  [2483] = {
    "wrong_developer_key",
    "the developer_key did not arrive (a proxy in between may drop it: nginx does, for its underscore), is wrong, or does not belong to "
      .. "this environment (sandbox and production have their own)",
  },
  [2484] = {
    "bad_signature",
    "the signature does not match: check that access_key is the one that belongs to the developer_key, unchanged",
  },
  [2485] = {
    "expired_timestamp",
    "the signature's time is more than two minutes off, or was used before: check this machine's clock",
  },
  [2486] = { "invalid_timestamp", "the signature's time is not in milliseconds since 1970" },
  [2487] = { "missing_security_headers", "secret-key or secret-key-timestamp is missing: a proxy may have removed it" },
}

--- code -> `{ name = ..., advice = ... }`.
outcomes.codes = {}

-- The same sentences where a role gives a code another name.
local ADVICE = {}

for code, entry in next, CODES do
  outcomes.codes[code] = { name = entry[1], advice = entry[2] }
  ADVICE[entry[1]] = entry[2]
end
ADVICE.damaged_reference = "an identifier without which it cannot go on came damaged from the platform. Nothing is lost: advance asks for "
  .. "it once more, which may send another OTP; after that another is had by resend. If it comes damaged again, ask the platform's support"
ADVICE.wrong_wallet_token = "the wallet_token is not accepted, or no longer: verify the sender again and use the one that comes with it"

--- The sentence that belongs to an error's name.
-- @tparam string name
-- @treturn ?string nil where none does
function outcomes.advice(name)
  return ADVICE[name]
end

--- The authentication failure that is about the time of the signature.
outcomes.EXPIRED_TIMESTAMP = 2485

--- Codes of an authentication failure: such a request is never processed.
outcomes.authentication = { [2483] = true, [2484] = true, [2485] = true, [2486] = true, [2487] = true }

--- HTTP statuses: name and what to do.
outcomes.http = {
  [400] = { "bad_request", "the platform could not read the request" },
  [401] = { "forbidden", "the platform refused access: a proxy in between may drop the header developer_key (nginx does, for its "
    .. "underscore), sandbox keys may be used on production or the other way round, the key may be inactive, or, last, this "
    .. "server's IP address is not whitelisted" },
  [404] = { "not_found", "no such path: check base_url (environment, version) and the endpoint" },
  [405] = { "method_not_allowed", "the path exists, but not with this method" },
  [408] = { "request_timeout", "the platform waited too long for the request" },
  [413] = { "request_too_large", "the request is too large for the platform" },
  [415] = { "unsupported_media_type", "the platform wants another content type" },
  [429] = { "rate_limited", "too many requests: wait before the next" },
  [500] = { "server_error", "the platform failed; also seen with a wrong base_url or a service that is not activated" },
  [502] = { "bad_gateway", "a gateway in front of the platform got no valid answer from it" },
  [503] = { "service_unavailable", "the platform is not available at the moment" },
  [504] = { "gateway_timeout", "a gateway in front of the platform waited too long for it" },
}
outcomes.http[403] = outcomes.http[401]

local CLASSES = {
  [3] = { "redirect", "the platform answered with a redirect, which is never followed: check base_url" },
  [4] = { "bad_request", "the platform refused the request" }, [5] = { "server_error", outcomes.http[500][2] },
}
local NO_FINAL = { "unexpected_status", "this is no final answer" }

--- What an HTTP status means that is no answer.
-- @tparam int status
-- @treturn string the name of the failure
-- @treturn string a sentence
function outcomes.of_http(status)
  local known = outcomes.http[status] or CLASSES[math.min(5, math.floor(status / 100))] or NO_FINAL
  return known[1], known[2]
end

--- What a `tx_status` means.
-- @tparam int|string tx_status the number, or the same as text
-- @treturn string an outcome; `unrecognised` for a status that is not documented (look the transaction up)
function outcomes.transaction(tx_status)
  return outcomes.transactions[tonumber(tx_status)] or "unrecognised"
end

return outcomes
