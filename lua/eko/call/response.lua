--- Reading an answer: its bytes once, and what the judge (`eko.call.verdict`) makes of them as a result or an error. Sans-IO.
-- @module eko.call.response
local core = require "eko.core"
local failure = require "eko.call.failure"
local http_statuses = require "eko.base.http_statuses"
local redact = require "eko.base.redact"
local verdict = require "eko.call.verdict"

local response = {}

local judge, read_codes, read_whole = verdict.of, core.json.reader "codes", core.json.reader "envelope"

-- What making a connection takes that was made before.
local NONE = { name_lookup = 0, connect = 0, tls = 0 }

--- How long an exchange took, for `meta` and events.
-- @tparam table http an answer of `eko.wire.exchange`
-- @treturn ?table seconds: `{ name_lookup, connect, tls, first_byte, total, reused }`
function response.timings(http)
  if not http.total then return http.timings end
  local made_in = http.made_in or NONE
  return {
    name_lookup = made_in.name_lookup, connect = made_in.connect, tls = made_in.tls, first_byte = http.first_byte, total = http.total,
    reused = made_in == NONE,
  }
end

-- The envelope as a native table, with what was made of it.
local function whole(http, outcome, envelope, tx_status, repairs)
  local raw
  if envelope.outcome ~= nil or envelope.meta ~= nil then raw = { outcome = envelope.outcome, meta = envelope.meta } end
  envelope.outcome = outcome
  envelope.meta = {
    slug = http.slug or http.typing.slug, http_status = http.status, client_ref_id = http.client_ref_id,
    timings = response.timings(http), attempts = http.attempts or 1, tx_status = tx_status, raw = raw,
    repaired = repairs and repairs.repaired, damaged = repairs and repairs.damaged,
  }
  return envelope
end

-- A typed result has its answer in full at hand only when it is asked for: most callers never do. What came is its metatable.
local function full_answer(result, key)
  if key ~= "response" then return nil end
  local http = getmetatable(result)
  local envelope, _, _, _, tx_status, _, repairs = read_whole(http.body)
  local answer = whole(http, result.outcome, envelope, tx_status, repairs)
  rawset(result, "response", answer)
  return answer
end

local function show(result) return getmetatable(result).typing.title .. ": " .. tostring(result.outcome) end

local LIMIT = redact.BODY_LIMIT
local TOO_LONG = ("the answer is no success, and longer than the %d bytes of a failure that are examined"):format(LIMIT)

-- Of an answer that is longer than what a failure is worth, only a success is made values of.
local function is_long_success(endpoint, http_status, body)
  if endpoint.moves_money or not http_statuses.is_success(http_status) then return false end
  local is_read, status, id, hint = read_codes(body)
  return is_read and judge(endpoint, http_status, status, id, hint) ~= nil
end

-- What a reader gives for the bytes of an answer; or nil, and what is wrong.
local function read_bytes(endpoint, http, read)
  local status, body = http.status, http.body
  if not body or body == "" or status == http_statuses.NO_CONTENT then return nil, "empty_answer" end
  if #body > LIMIT and not is_long_success(endpoint, status, body) then return nil, "answer_too_long", TOO_LONG end
  return read(body, http)
end

local function judge_unread(http, problem, detail)
  if problem == "invalid_json" and not http.body:find "[^ \t\r\n\v\f]" then problem = "empty_answer" end
  return nil, verdict.of_unread(http.status, problem, detail)
end

-- For money the whole envelope counts. `reading`, for `eko.call.verdict`: `{ endpoint, http, facts }`.
local function judge_debit(reading, typing, data, ...)
  if data then
    reading.envelope = typing and read_whole(reading.http.body) or data
    local repairs = select(6, ...)
    reading.status, reading.response_type_id, reading.response_status_id, reading.tx_status = ...
    reading.damaged = repairs and repairs.damaged
  else
    reading.problem, reading.detail = ...
  end
  return verdict.of_debit(reading)
end

--- Reads an answer.
-- @tparam table endpoint an entry of the catalogue
-- @tparam table http `{ status = integer, headers = { [lower-case name] = value }, body = string, timings = ... }`; a typed result keeps
-- it, and what is known of the call is noted in it
-- @tparam[opt] table sent what was sent: `client_ref_id`, its `draft` (`eko.call.request`); for money also its `facts` (`eko.call.verdict`)
-- @tparam[opt] table typing `{ title, slug, read }`: what a wallet's verb makes of the answer (`eko.wallets`)
-- @treturn[1] table the envelope as a native table, with `outcome` and `meta = { slug, http_status, client_ref_id,
-- timings, attempts, tx_status, raw, repaired, damaged }`. Nil as a rule: `meta.raw`, what the envelope itself called `outcome` or
-- `meta`; `meta.repaired`, how often U+FFFD stands for what is no text; `meta.damaged`, the names of the identifiers that are absent
-- because of that (of an error `repaired` and `damaged`). With `typing` a result instead: `outcome`, the documented members of
-- `data`, and `response`, the whole answer. For money also `state`, `tid`, `tx_status` and `reason`
-- @treturn[2] nil
-- @treturn[2] table an error of kind `api`, `http` or `decode`, with `sent = true`. Of a failing answer, and of any to a call that
-- moves money, at most `redact.BODY_LIMIT` bytes are examined: a longer one counts as unreadable (`answer_too_long` where its
-- status is 2xx), and has neither `code` nor `response`
-- @treturn[3] ?table for money the verdict, see `eko.call.verdict`
function response.read(endpoint, http, sent, typing)
  local data, status, id, hint, tx_status, has_reference, repairs =
    read_bytes(endpoint, http, typing and typing.read or read_whole)
  local outcome, failed, found
  if endpoint.moves_money then
    local reading = { endpoint = endpoint, http = http, facts = sent and sent.facts or {} }
    outcome, failed, found = judge_debit(reading, typing, data, status, id, hint, tx_status, has_reference, repairs)
  elseif data then
    outcome, failed = judge(endpoint, http.status, status, id, hint, tx_status, has_reference)
  else
    outcome, failed = judge_unread(http, status, id)
  end
  if failed then
    local envelope = data and (typing and read_whole(http.body) or data)
    if envelope then verdict.refine(failed, http.status, envelope) end
    if data and repairs then failed.repaired, failed.damaged = repairs.repaired, repairs.damaged end
    return nil, failure.new(endpoint, http, failed, envelope, sent), found
  end
  http.client_ref_id = sent and sent.client_ref_id
  if typing then
    data.outcome = outcome
    http.__index, http.__tostring, http.typing = full_answer, show, typing -- it is the metatable of the data
  else
    http.slug = endpoint.slug
    whole(http, outcome, data, tx_status, repairs)
  end
  if found then data.state, data.tid, data.tx_status, data.reason = found.state, found.tid, found.tx_status, found.reason end
  return data, nil, found
end

return response
