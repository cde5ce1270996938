--- Makes the call of a row of spec/fixtures/debit_answers.lua and tells what came of it, as plain data: in a script and in nginx.

local answers = require "spec.fixtures.debit_answers"
local eko = require "eko"
local errors = require "eko.base.errors"

local debit_calls = {}

local function client_of(job, row)
  local options = {
    base_url = row.base_url or ("%s/%s/%d"):format(job.url, job.run, job.number), initiator_id = "9962981729",
    user_code = "20810200", developer_key = "spec-developer-key", timeout = row.timeout or 5, retries = 0,
    -- A key of its own, so that no row's clock is corrected by another one's Date.
    access_key = ("spec-access-key-%s-%d"):format(job.run, job.number),
  }
  if row.own_clock then options.clock = require("eko.core").text.now_ms end
  for name, value in pairs(row.client or {}) do options[name] = value end
  -- On a commit that does not have it yet, the row goes without.
  if not pcall(eko.client, options) then options.inquiry_timeout = nil end
  return eko.client(options)
end

local function name_of(problem)
  if type(problem) == "table" then return tostring(problem.name) end
  return problem and tostring(problem)
end

local function told_error(err)
  local inquiry = type(err.inquiry) == "table" and err.inquiry or nil
  return {
    kind = err.kind == "indeterminate" and "indeterminate" or "error", error_kind = err.kind, name = err.name, state = err.state,
    tid = err.tid, tx_status = err.tx_status, reason = err.reason, retryable = err.retryable, text = tostring(err),
    is_ours = errors.is(err), inquiry = inquiry and inquiry.state, inquiry_error = inquiry and name_of(inquiry.error),
  }
end

local FIELDS = { "state", "tid", "tx_status", "reason", "amount", "fee", "bank_ref_num", "client_ref_id" }

local function told(result, err)
  if not result then return told_error(err) end
  local seen = { kind = "result", text = tostring(result) }
  for _, name in ipairs(FIELDS) do seen[name] = result[name] end
  return seen
end

-- A call that goes out first with the same keys.
local function call_before(client)
  client:call("dmt-get-sender", { customer_id = "9444444444" })
end

local function inquire(client, what)
  if not client.inquire then return { kind = "nothing", text = "there is no client:inquire" } end
  return told(client:inquire(what))
end

--- Makes the call of a row.
-- @param job { url = the server's, run = a word, number = the row's, by_verb = true for the wallet's verb in place of the slug }
-- @return { kind = "result", "error" or "indeterminate", state =, tid =, ... }
function debit_calls.perform(job)
  local row = answers.rows[job.number]
  local client = client_of(job, row)
  if row.before then call_before(client) end
  if row.what then return inquire(client, answers.what(job.run, job.number)) end
  local call = answers.call(job.run, job.number, job.by_verb)
  local options = { client_ref_id = call.client_ref_id }
  if call.wallet then
    local wallet = client[call.wallet]
    return told(wallet[call.verb](wallet, call.params, options))
  end
  return told(client:call(call.slug, call.params, options))
end

return debit_calls
