--- What became of a transaction: looked up by its reference or its tid, and believed only when the answer is about it.
-- @module eko.call.inquiry
local envelope = require "eko.call.envelope"
local errors = require "eko.base.errors"
local facts = require "eko.call.facts"
local http_statuses = require "eko.base.http_statuses"
local redact = require "eko.base.redact"
local verdict = require "eko.call.verdict"

local inquiry = {}

local text_of = envelope.text

local NOT_FOUND = { [168] = true, [463] = true }
local ABOUT_THE_REFERENCE = {
  ["transaction-reference"] = true, transaction_reference = true, client_ref_id = true, tid = true, reference = true,
}

-- HTTP statuses under which an envelope is the platform's own word.
local OWN_WORD = {
  [http_statuses.OK] = true, [http_statuses.BAD_REQUEST] = true, [http_statuses.NOT_FOUND] = true,
  [http_statuses.UNPROCESSABLE_CONTENT] = true,
}

local TX_STATUS, TID = { txstatus = true }, { tid = true }

-- Whether an error says that there is no such transaction: by its code alone, not when it speaks of another parameter, and not when
-- it tells of a transaction all the same, or may have (an identifier came damaged).
local function is_not_found(err, known)
  if err.damaged or err.kind ~= "api" or not NOT_FOUND[err.code] or not OWN_WORD[err.http_status] then return false end
  for name in pairs(err.invalid_params or {}) do
    if not ABOUT_THE_REFERENCE[name] then return false end
  end
  local answer = err.response
  return not envelope.holds(answer, TX_STATUS) and (not envelope.holds(answer, TID) or facts.names(answer, { tid = known.tid }))
end

local function unreliable(name, message, answer)
  return errors.new {
    kind = "api", name = name, message = message, sent = true, state = "unknown", response = redact.table(answer),
    http_status = answer.meta.http_status, slug = answer.meta.slug,
  }
end

local SHOWN = { "amount", "fee", "bank_ref_num", "client_ref_id" }

-- What an answer says, or nil and an error.
local function read(answer, known)
  local other = facts.mismatch(answer, known)
  if other or not facts.names(answer, known) then
    return nil, unreliable("foreign_answer", "the platform answered about another transaction"
      .. (other and " (" .. other .. " differs)" or " (it names neither reference nor tid)") .. "; that decides nothing", answer)
  end
  local told = facts.details(answer)
  local is_known = answer.outcome == "found"
    or answer.outcome == "unrecognised" and text_of(answer.response_type_id) == nil
  if answer.meta.http_status ~= http_statuses.OK or not is_known then
    return nil, unreliable("unclear_answer", "the platform's answer to the inquiry is not one that is known", answer)
  end
  local found = {
    state = verdict.state_of(answer.meta.tx_status), tid = told.tid, tx_status = told.tx_status, reason = told.reason, response = answer,
  }
  for _, name in ipairs(SHOWN) do
    local inside, beside = envelope.both(answer, name)
    found[name] = text_of(inside) or text_of(beside) or nil
  end
  return found
end

--- Asks the platform.
-- @tparam function call (slug, params, options, typing) -> result | nil, err
-- @tparam table what `client_ref_id` or `tid` (the former counts where both are there), and what else is known of the transaction
-- (`amount`, `recipient_id`, `account`, `ifsc`); `initiator_id`, `user_code`
-- @tparam table options of the call
-- @tparam ?table typing that the answer is read by
-- @treturn[1] table `{ state, tid, tx_status, amount, fee, bank_ref_num, reason, client_ref_id, response }`
-- @treturn[1] ?table the typed result, with a typing
-- @treturn[2] nil
-- @treturn[2] table an error; `transaction_not_found` and `foreign_answer` leave the transaction's state `unknown`
function inquiry.ask(call, what, options, typing)
  local reference = what.client_ref_id
  local result, err = call("transaction-inquiry", {
    ["transaction-reference"] = reference and "client_ref_id:" .. reference or text_of(what.tid),
    initiator_id = what.initiator_id, user_code = what.user_code,
  }, options, typing)
  if options.dry_run then return result, err end
  local known = facts.of(what)
  if result then
    local found, problem = read(typing and result.response or result, known)
    if found then return found, result end
    return nil, problem
  end
  if is_not_found(err, known) then
    err.name = facts.mismatch(err.response, known) and "foreign_answer" or "transaction_not_found"
  elseif err.name == "transaction_not_found" then
    err.name = "unclear_answer"
  end
  err.state = "unknown"
  return nil, err
end

return inquiry
