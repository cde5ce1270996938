--- What became of a call that moves money: the verdict on its answer, and where that does not decide, an inquiry.
--
-- A result is the platform's word. A refusal is believed when an inquiry does not contradict it, because a proxy may have sent the
-- request twice and given us the second one's answer. What is lost is looked up. What cannot be told even then is an error of kind
-- `indeterminate`, whose `inquiry` says what was found out. Nothing here sends the call again.
-- @module eko.call.settlement
local core = require "eko.core"
local errors = require "eko.base.errors"
local facts = require "eko.call.facts"
local http_date = require "eko.base.http_date"
local inquiry = require "eko.call.inquiry"
local loop = require "eko.wire.loop"
local outcomes = require "eko.base.outcomes"
local redact = require "eko.base.redact"
local units = require "eko.base.units"

local settlement = {}

local boottime = core.text.boottime
local MARGIN, RECENT = 150, 600 -- seconds

--- Whether an authentication failure's Date proves that no node of the platform can have taken the request: its timestamp was too old
-- by then for the platform's two minutes, however long it was under way, and nothing speaks against our clock's distance to theirs.
-- (A timestamp ahead of the Date proves nothing: another node may have taken it.)
-- @tparam table signing
-- @tparam table left when and how: `{ timestamp, boottime, clock (all in seconds), corrections (of the clock) }`
-- @tparam table headers of the answer
-- @treturn boolean
function settlement.proves_unsent(signing, left, headers)
  local date = http_date.parse(headers["date"])
  local clock = signing.clock() / units.MS_PER_SECOND
  if not date or math.abs(date - clock) >= units.DAY then return false end
  if signing:accepted_within(RECENT, core.text.monotonic(), left.corrections) then return false end
  local under_way = math.max(boottime() - left.boottime, clock - left.clock, 0)
  return left.timestamp < date - under_way - MARGIN
end

--- What was raised where nobody expects it, as an error: whether the request was received is not known.
-- @tparam any problem what was raised
-- @tparam string what was being done, for people
-- @tparam table secrets of `redact.secrets`
-- @treturn table
function settlement.raised(problem, what, secrets)
  local shows, text = pcall(tostring, problem)
  return errors.new {
    kind = "transport", name = "raised",
    message = ("%s raised an error (%s)"):format(what, shows and redact.text(text, secrets, redact.QUOTE_LIMIT) or "which cannot be shown"),
  }
end

-- What the platform and the inquiry say of the transaction, on an error.
local function tell(err, state, told, secrets)
  secrets = redact.secrets(secrets, told)
  err.state = state
  err.tid = told.tid or err.tid
  err.tx_status = told.tx_status and redact.text(told.tx_status, secrets, redact.QUOTE_LIMIT) or err.tx_status
  err.reason = told.reason and redact.text(told.reason, secrets, redact.QUOTE_LIMIT) or err.reason
  return err
end

-- What an inquiry found, or failed with, as it may stand in an error: its answer may repeat what the call itself sent.
local function shown(told, secrets)
  secrets = redact.secrets(secrets, told)
  local copy = setmetatable({}, getmetatable(told))
  for name, value in pairs(told) do copy[name] = value end
  for _, name in ipairs { "message", "reason", "tx_status" } do
    if type(copy[name]) == "string" then copy[name] = redact.text(copy[name], secrets) end
  end
  for _, name in ipairs { "response", "invalid_params" } do
    if type(copy[name]) == "table" then copy[name] = redact.table({ [name] = copy[name] }, secrets)[name] end
  end
  return copy
end

local ADVICE = "money may have moved; do not send it again: client:inquire { %s } until it is final"

local function indeterminate(err, told, secrets, inquired)
  local by = err.client_ref_id and ("client_ref_id = %q"):format(err.client_ref_id) or "tid = ..."
  return tell(errors.new {
    kind = "indeterminate", name = err.name, code = err.code, slug = err.slug, sent = err.sent, http_status = err.http_status,
    attempts = err.attempts, client_ref_id = err.client_ref_id, cause = err, response = err.response,
    invalid_params = err.invalid_params, inquiry = inquired,
    message = ("what became of the call is not known (%s), and %s"):format(err.name, ADVICE:format(by)),
  }, "unknown", told, secrets)
end

-- The refund of a transaction is looked up by the transaction: done when it is refunded; still to be done says nothing of a call
-- that may be under way.
local function state_of(endpoint, found, is_refusal)
  if endpoint.role ~= "refund" then return found.state end
  if found.state == "refunded" then return "refunded" end
  return is_refusal and found.state ~= "unknown" and "failed" or "unknown"
end

-- A result out of what the inquiry found.
local function as_result(endpoint, found, result)
  local by_state = endpoint.role ~= "transfer" and endpoint.settles
  local outcome = outcomes.transaction(found.tx_status)
  for id, state in pairs(by_state or {}) do
    if state == found.state then outcome = endpoint.outcomes[id] end
  end
  result.outcome, result.state, result.inquired = outcome, found.state, true
  result.tid, result.tx_status, result.reason = found.tid, found.tx_status, found.reason
  return result
end

local function declined(err, found)
  return errors.new {
    kind = "api", name = "transaction_declined", code = err.code, slug = err.slug, sent = true, attempts = err.attempts,
    message = "the platform says that the transaction failed; its answer to the call itself was lost (" .. err.name .. ")",
    client_ref_id = err.client_ref_id, cause = err, inquiry = found, http_status = err.http_status,
  }
end

local function not_sent(err)
  err.sent, err.retryable = false, true
  err.message = err.message
    .. "; the request was too old for the platform when it arrived, and nothing is known of it: it may be sent again"
  return err
end

-- By the reference, or the tid where there is none; in the name of whoever the call was made for.
local function look_up(self, endpoint, sent)
  local draft = sent.draft
  local what = facts.of(draft:secrets())
  if endpoint.role == "refund" then what.client_ref_id = nil end
  if not what.client_ref_id and not what.tid then
    return nil, errors.new { kind = "invalid_request", name = "no_reference", sent = false, message = "the call carried no client_ref_id" }
  end
  what.initiator_id, what.user_code = draft:value "initiator_id", draft:value "user_code"
  local left = math.max(0, sent.deadline - core.text.monotonic()) + self.inquiry_timeout
  return inquiry.ask(self.call, what, { timeout = left }, sent.typing)
end

-- What the look-up makes of a call that is lost or was refused: `{ endpoint, err, verdict, secrets }`.
local function after_inquiry(ended, found, result_or_problem)
  local endpoint, err, verdict, secrets = ended.endpoint, ended.err, ended.verdict, ended.secrets
  local is_refusal = verdict.kind == "refused"
  if not found then
    local problem = shown(result_or_problem, secrets)
    local is_absent = problem.name == "transaction_not_found"
    if is_absent and is_refusal then return nil, tell(err, "failed", verdict, secrets) end
    if is_absent and verdict.proof then return nil, tell(not_sent(err), "not_sent", verdict, secrets) end
    return nil, indeterminate(err, verdict, secrets, { state = "unknown", error = problem })
  end
  local state = state_of(endpoint, found, is_refusal)
  if state == "unknown" then return nil, indeterminate(err, verdict, secrets, shown(found, secrets)) end
  if state ~= "failed" then return as_result(endpoint, found, result_or_problem) end
  local told = shown(found, secrets)
  if not is_refusal then err = declined(err, told) end
  err.inquiry = told
  return nil, tell(err, endpoint.role == "refund" and found.state or state, found, secrets)
end

--- Ends a call that moves money.
-- @tparam table self of `eko.call`: `call`, `signing`, `inquiry_timeout`
-- @tparam table endpoint an entry of the catalogue
-- @tparam table sent what was sent: `draft`, `client_ref_id`, `deadline` and `typing` of the call
-- @tparam table err what the one attempt failed with
-- @tparam ?table verdict on its answer, of `eko.call.verdict`, with `proof` where its Date proves that it was too late; nil without one
-- @treturn[1] table the result, where the look-up decided
-- @treturn[2] nil
-- @treturn[2] table the error, with `state`
function settlement.settle(self, endpoint, sent, err, verdict)
  verdict = verdict or { kind = "lost", state = "unknown" }
  local secrets = redact.sent(sent)
  if err.sent == false then return nil, tell(err, "not_sent", verdict, secrets) end
  local code = verdict.kind == "authentication" and verdict.code
  if verdict.kind == "final" or code and code ~= outcomes.EXPIRED_TIMESTAMP and not self.signing:was_accepted() then
    return nil, tell(err, "failed", verdict, secrets)
  end
  local ended = { endpoint = endpoint, err = err, verdict = verdict, secrets = secrets }
  -- A look-up that raises (somebody else's transport or clock, no memory) has failed; the call is not forgotten for that.
  local ok, result, problem = loop.protected(function()
    return after_inquiry(ended, look_up(self, endpoint, sent))
  end)
  if ok then return result, problem end
  return nil, indeterminate(err, verdict, secrets, { state = "unknown", error = settlement.raised(result, "the look-up", secrets) })
end

return settlement
