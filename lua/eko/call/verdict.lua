--- The judge: what an answer means, of every call. Sans-IO, and without a history: what else is known of a debit is for
-- `eko.call.settlement`.
--
-- An answer is judged by its HTTP status, then by `response_type_id`, then by `status`. A listed outcome counts when the status is 0
-- or repeats the `response_type_id` (the documentation has the second, production has been seen to send the first); with any other
-- status the status names the error. `response_status_id` and `message` decide nothing, with one exception (`by_hint`). Source: the
-- platform's error and response-code pages, and its published samples.
--
-- Of an answer to a call that moves money the verdict counts:
--
-- | kind | meaning |
-- |---|---|
-- | `result` | the platform's word on the transaction; `state` says which |
-- | `refused` | it says that nothing was done; believed only when an inquiry does not contradict it |
-- | `final` | it was not processed: nothing has to be looked up |
-- | `authentication` | it was not let in; `code` 2483 to 2487, or nil for a bare 401 or 403 |
-- | `lost` | everything else: the money may have moved |
--
-- `state`: `succeeded` (tx_status 0), `failed` (1), `pending` (2, 5, 6), `refund_pending` (3), `refunded` (4), else `unknown`.
-- @module eko.call.verdict
local envelope = require "eko.call.envelope"
local facts = require "eko.call.facts"
local http_statuses = require "eko.base.http_statuses"
local outcomes = require "eko.base.outcomes"
local redact = require "eko.base.redact"

local verdict = {}

local OK, PARTIAL_CONTENT = http_statuses.OK, http_statuses.PARTIAL_CONTENT
local failures, steps, codes = outcomes.failures, outcomes.steps, outcomes.codes

-- ---- any call ----

local function http_failure(http_status)
  local name, advice = outcomes.of_http(http_status)
  return { kind = "http", name = name, code = http_status, message = "HTTP " .. http_status .. ": " .. advice }
end

local function is_none(http_status) return not http_statuses.is_success(http_status) or http_status == PARTIAL_CONTENT end

-- Whether an envelope says more than the HTTP status that it came with.
local function is_particular(status, id, http_status)
  if not http_statuses.is_client_error(http_status) then return false end
  if codes[status] or codes[id] then return true end
  return http_statuses.is_not_accepted(http_status) and status and status ~= 0 and not outcomes.http[status]
end

-- What the codes of an answer that was read decide, or nil. Without a response_type_id the status stands for it.
local function outcome_of(endpoint, status, id, hint, has_reference)
  if id == nil then id = status end
  local hinted = endpoint.by_hint and endpoint.by_hint[id]
  -- DigiKhata answers the recipient's OTP with 2131 whether it was right or wrong; only the hint tells them apart (0 in the
  -- published success), or a plain status 0.
  if hinted and (status == 0 or status == id and hint == 0) then return hinted end
  if failures[id] then return nil end
  local outcome, bare = endpoint.outcomes[id], endpoint.without_reference
  if outcome and (status == 0 or status == id or status == nil) then
    return bare and not has_reference and bare[id] or outcome
  elseif status == 0 then
    return steps[id] or id == 0 and has_reference and endpoint.sends_sms and "otp_sent" or "unrecognised"
  end
end

-- The failure that codes name: the status does; a bare 1 leaves that to response_type_id; where that is all, the hint may tell a
-- wrong OTP from one that has expired.
local function named(endpoint, status, id, hint)
  local code = status ~= 0 and status or id or nil
  if status == 1 and codes[id] then code = id end
  local naming = outcomes.refined[code] and codes[hint] and hint or code
  local known, special = codes[naming], endpoint.errors and endpoint.errors[naming]
  local failure = { kind = "api", name = special or known and known.name, code = code }
  failure.message = outcomes.advice(special) or known and known.advice
  if failure.name then return failure end
  failure.name, failure.message = "unrecognised_failure", "the platform answered with a failure that is not documented"
  return failure
end

local NO_ENVELOPE = "the answer has neither status nor response_type_id: parameters are missing, malformed or unexpected, "
  .. "nothing is due, or the service is not active"
local EMPTY = "the platform answered with nothing: the service is probably not activated for this user_code"

--- What the codes of an answer mean.
-- @tparam table endpoint an entry of the catalogue
-- @tparam int http_status
-- @tparam any ... what the core read, in its order: `status`, `response_type_id`, `response_status_id` and `tx_status`, each of them an
-- integer, nil or false; whether the data have an `otp_ref_id`
-- @treturn[1] string the outcome
-- @treturn[2] nil
-- @treturn[2] table the failure: `{ kind = "api" | "http", name, code, message }`
function verdict.of(endpoint, http_status, ...)
  local status, id, hint, _, has_reference = ...
  if http_status ~= OK and is_none(http_status) then
    if not is_particular(status, id, http_status) then return nil, http_failure(http_status) end
  else
    local outcome = outcome_of(endpoint, status, id, hint, has_reference)
    if outcome then return outcome end
    if status == nil and id == nil then return nil, { kind = "api", name = "no_envelope", message = NO_ENVELOPE } end
  end
  return nil, named(endpoint, status, id, hint)
end

local function is_token(text) return text:find "token" ~= nil and not text:find "otp" end

--- What a failure's words add to its codes.
-- @tparam table failure as `verdict.of` has it; it may be renamed
-- @tparam int http_status
-- @tparam table answer the envelope
-- @treturn table the failure
function verdict.refine(failure, http_status, answer)
  local name = failure.name
  if name == "user_not_found" and (envelope.says(answer, is_token) or envelope.complains_of(answer, is_token)) then
    failure.name = "wrong_wallet_token"
  elseif name == "unrecognised_failure" and envelope.invalid_params(answer) then
    failure.name = "validation_failed"
  elseif name == "unrecognised_failure" and http_statuses.is_not_accepted(http_status) then
    failure.name, failure.message = outcomes.of_http(http_status)
  end
  failure.message = name ~= failure.name and outcomes.advice(failure.name) or failure.message
  return failure
end

--- What an answer means that could not be read.
-- @tparam int http_status
-- @tparam string problem what is wrong with it, by name
-- @tparam ?string detail a sentence
-- @treturn table the failure
function verdict.of_unread(http_status, problem, detail)
  if is_none(http_status) then return http_failure(http_status) end
  if problem == "empty_answer" then return { kind = "http", name = problem, code = http_status, message = EMPTY } end
  return { kind = "decode", name = problem, message = detail }
end

-- ---- money ----

local STATES = {
  [0] = "succeeded", [1] = "failed", [2] = "pending", [3] = "refund_pending", [4] = "refunded", [5] = "pending", [6] = "pending",
}

-- What a response_type_id may say by itself, without a `tx_status` (see `settles` in `eko.base.outcomes`).
local STATES_ALONE = { succeeded = true, refunded = true }

--- The state that a `tx_status` stands for.
-- @tparam ?int|boolean tx_status as the core reads it: an integer, nil or false
-- @treturn string
function verdict.state_of(tx_status) return STATES[tx_status] or "unknown" end

-- "client_ref_id was used before": then it may be our own first copy that used it. (That of an OTP is another's.)
local function is_reference(text)
  text = text:gsub("otpref", "")
  return (text:find "clientref" or text:find "refid" or text:find "refno" or text:find "reference") ~= nil
end

local function names_reference(answer) return envelope.complains_of(answer, is_reference) end

-- What an answer holds that speaks of a transaction of its own, wherever it stands and however it is spelt.
local TRANSACTION = { tid = true, txstatus = true }

local function is_failure(code) return code == -1 or code == 1 or codes[code] ~= nil end

-- "fine", "failure" or "unknown": how the two codes of an envelope fit together for this endpoint.
local function class_of(endpoint, status, id)
  local settles = endpoint.settles
  if status == nil then return "unknown" end
  if (status == 0 or status == id) and (id == nil or settles[id]) then return "fine" end
  if status == 0 then return is_failure(id) and "failure" or "unknown" end
  if is_failure(status) and (id == nil or id == 0 or settles[id] or is_failure(id)) then return "failure" end
  return "unknown"
end

local function authentication_code(status, id)
  local listed = outcomes.authentication
  if listed[status] then return (id == nil or id == status) and status end
  return listed[id] and (status == nil or status == 1) and id
end

local function lost(why) return { kind = "lost", state = "unknown", why = why } end

-- A failure without a tx_status: a refusal when it says what is wrong, or when it is one of the endpoint's written list.
local function refusal(endpoint, status, id, invalid, answer)
  if envelope.holds(answer, TRANSACTION) then return lost "a tid was given, so something was begun" end
  local by_parameters = id == -1 and invalid ~= nil
  local code = status ~= 0 and status ~= 1 and status or id
  if by_parameters or endpoint.refusals and endpoint.refusals[code] then return { kind = "refused", state = "failed" } end
  return lost "the failure does not say whether anything was done"
end

local function by_transaction_status(endpoint, class, tx_status)
  local state = STATES[tx_status]
  if endpoint.role == "refund" then
    if state == "refunded" then return { kind = "result", state = state } end
    return lost "it does not say that the refund is done"
  elseif state == "failed" then
    return { kind = "refused", state = state }
  elseif class == "fine" or state == "refund_pending" or state == "refunded" then
    return { kind = "result", state = state }
  end
  return lost "its codes contradict each other"
end

-- What an answer is whatever became of the money: another's, or an authentication failure; nil otherwise.
local function turned_away(answer, status, id, known)
  local foreign = facts.mismatch(answer, known)
  if foreign then
    return { kind = "lost", state = "unknown", why = "it speaks of another transaction (" .. foreign .. ")", foreign = true }
  end
  local code = authentication_code(status, id)
  if not code then return nil end
  if envelope.holds(answer, TRANSACTION) then return lost "its codes contradict each other" end
  return { kind = "authentication", code = code, state = "unknown" }
end

local function transaction(reading)
  local endpoint, answer, status, id = reading.endpoint, reading.envelope, reading.status, reading.response_type_id
  local found = turned_away(answer, status, id, reading.facts)
  if found then return found end
  local tx_status, invalid = reading.tx_status, envelope.invalid_params(answer)
  if tx_status ~= nil and not STATES[tx_status] then return lost "its tx_status is not known, or it has two" end
  if names_reference(answer) then return lost "the reference was used before" end
  local class = class_of(endpoint, status, id)
  if class == "unknown" then return lost "its codes are not known" end
  if tx_status then return by_transaction_status(endpoint, class, tx_status) end
  local alone = class == "fine" and endpoint.settles[id]
  if STATES_ALONE[alone] then return { kind = "result", state = alone } end
  if class == "failure" then return refusal(endpoint, status, id, invalid, answer) end
  return lost "it does not say what became of the money"
end

-- ---- money: HTTP ----

-- The platform, or what stands in front of it, did not take the request.
local NOT_TAKEN = {}
for _, status in ipairs { 400, 404, 405, 406, 411, 413, 414, 415, 417, 421, 422, 426, 431 } do NOT_TAKEN[status] = true end

-- What only the platform's own envelopes have.
local OWN = { "response_type_id", "response_status_id", "data", "invalid_params", "invalid_parameters" }

-- Whether an answer is an envelope of the platform's. What repeats the HTTP status and has nothing else of an envelope is a
-- server's own page in JSON.
local function is_ours(reading)
  local answer, http_status = reading.envelope, reading.http.status
  if not answer then return false end
  for _, name in ipairs(OWN) do
    if answer[name] ~= nil then return true end
  end
  if envelope.holds(answer, TRANSACTION) then return true end
  return answer.status ~= nil and (http_status == OK or reading.status ~= http_status)
end

-- What only an envelope of the platform's holds, and what no page and no text does (it may be compressed, or in another encoding).
local MARKS = { "response_type_id", "tx_status", "client_ref_id" }
local UNREADABLE = "[%z\1-\8\14-\31\127]"

-- Whether a body that was not read as an object may be an envelope all the same. (One that is too long was not even looked at.)
local function may_be_envelope(body)
  if type(body) ~= "string" then return false end
  if #body > redact.BODY_LIMIT then return true end
  if body:find "^[ \t\r\n\v\f\239\187\191]*{" or body:find(UNREADABLE) then return true end
  for _, mark in ipairs(MARKS) do
    if body:find(mark) then return true end
  end
end

-- A 401 or 403. An envelope that says anything but an authentication failure came from behind the door.
local function unauthorized(reading)
  if not reading.envelope then
    if may_be_envelope(reading.http.body) then return lost "it cannot be read" end
  else
    local found = turned_away(reading.envelope, reading.status, reading.response_type_id, reading.facts)
    if found then return found end
    if is_ours(reading) then return lost "its codes contradict its HTTP status" end
  end
  return { kind = "authentication", state = "unknown" }
end

-- What names a transaction: an answer in which it is damaged decides nothing by luck.
local NAMED_BY = { tid = true, client_ref_id = true }

local function is_damaged(reading)
  for _, name in ipairs(reading.damaged or {}) do
    if NAMED_BY[name] then return true end
  end
  return false
end

local function of_money(reading)
  local status, answer = reading.http.status, reading.envelope
  local found
  if is_damaged(reading) then
    found = lost "what names the transaction came damaged"
  elseif http_statuses.is_turned_away(status) then
    found = unauthorized(reading)
  elseif status ~= OK and not NOT_TAKEN[status] then
    found = lost "its HTTP status leaves open what was done"
  elseif is_ours(reading) then
    found = transaction(reading)
  elseif status == OK or not answer and may_be_envelope(reading.http.body) then
    found = lost "it cannot be read"
  else
    found = { kind = "final", state = "failed" }
  end
  if answer and not found.foreign and found.kind ~= "authentication" then
    local told = facts.details(answer)
    found.tid, found.tx_status, found.reason = told.tid, told.tx_status, told.reason
  end
  return found
end

-- What a transaction came to, by its state where the id does not say it.
local function transaction_outcome(reading, found)
  local endpoint, id = reading.endpoint, reading.response_type_id
  if not (endpoint.outcomes[id] and found.state == endpoint.settles[id]) then
    return outcomes.transaction(reading.tx_status)
  end
  return endpoint.outcomes[id]
end

-- How a call that moves money failed, by name: its codes alone may look well.
local function debit_failure(reading, found)
  local endpoint, http_status, id = reading.endpoint, reading.http.status, reading.response_type_id
  if not reading.envelope then return verdict.of_unread(http_status, reading.problem, reading.detail) end
  local outcome, failure = verdict.of(endpoint, http_status, reading.status, id, reading.response_status_id, reading.tx_status)
  if outcome or failure.name == "unrecognised_failure" and endpoint.settles[id] then
    local name = codes[id] and codes[id].name or reading.tx_status == 1 and "transaction_declined" or "unclear_answer"
    failure = { kind = "api", name = name, code = id or nil, message = outcomes.advice(name) or "the answer decides nothing" }
  end
  if found.foreign then failure.name = "foreign_answer" end
  return failure
end

--- What an answer to a call that moves money means.
-- @tparam table reading `endpoint`; `http`, its `status` and `body`; `facts` of the call; the codes `status`, `response_type_id`,
-- `response_status_id` and `tx_status` as the core reads them, the `envelope`, and the names of identifiers that came `damaged`; or,
-- where it could not be read, a `problem` and its `detail`
-- @treturn[1] string the outcome
-- @treturn[1] nil
-- @treturn[1] table the verdict: `{ kind, state, code, why, foreign, tid, tx_status, reason }`
-- @treturn[2] nil
-- @treturn[2] table the failure, as `verdict.of` has it, or of kind `decode`; also `why`
-- @treturn[2] table the verdict
function verdict.of_debit(reading)
  local found = of_money(reading)
  if found.kind == "result" then return transaction_outcome(reading, found), nil, found end
  local failure = debit_failure(reading, found)
  failure.why = found.why
  return nil, failure, found
end

return verdict
