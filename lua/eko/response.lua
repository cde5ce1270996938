--- Reading an answer: its bytes once, and what the judge (`eko.verdict`) makes of them as a result or an error. Sans-IO.
-- @module eko.response
local core = require "eko.core"
local failure = require "eko.failure"
local redact = require "eko.redact"
local verdict = require "eko.verdict"

local setmetatable = setmetatable

local NONE = {}

local response = {}

local judge, read_codes, read_whole = verdict.of, core.json.reader "codes", core.json.reader "envelope"

local function envelope_of(http) return (read_whole(http.bytes or http.body, http.first, http.last)) end

-- The envelope as a native table, with what was made of it.
local function whole(reading, envelope, outcome)
  local raw
  if envelope.outcome ~= nil or envelope.meta ~= nil then raw = { outcome = envelope.outcome, meta = envelope.meta } end
  envelope.outcome = outcome
  envelope.meta = {
    slug = reading.endpoint.slug, http_status = reading.http.status, client_ref_id = reading.client_ref_id,
    timings = reading.http.timings, attempts = reading.attempts or 1, tx_status = reading.tx_status, raw = raw,
  }
  return envelope
end

-- A typed result has its answer in full at hand only when it is asked for: most callers never do.
local function full_answer(result, key)
  if key ~= "response" then return nil end
  local reading = getmetatable(result)
  local answer = whole(reading, envelope_of(reading.http), result.outcome)
  rawset(result, "response", answer)
  return answer
end

local function show(result) return getmetatable(result).typing.title .. ": " .. tostring(result.outcome) end

local function problem(reading, name, detail)
  reading.problem, reading.detail = name, detail
  return nil
end

-- Notes the codes that a reader gives; returns the data.
local function note(reading, data, status, id, hint, tx_status)
  if not data then return problem(reading, status, id) end
  reading.status, reading.response_type_id, reading.response_status_id, reading.tx_status = status, id, hint, tx_status
  return data
end

-- Of an answer that is longer than what a failure is worth, only a success is made values of. Whether it is one?
local function is_long_success(reading, text, first, last)
  local http_status = reading.http.status
  if reading.endpoint.moves_money or http_status < 200 or http_status > 299 then return false end
  return note(reading, read_codes(text, first, last)) and judge(reading) ~= nil
end

local TOO_LONG = ("the answer is no success, and longer than the %d bytes of a failure that are examined"):format(redact.BODY_LIMIT)

-- Reads the bytes: the data by the typing's shape, or the whole envelope.
local function examine(reading, http, typing)
  local text, first, last = http.bytes or http.body, http.first, http.last
  if not text or text == "" or http.status == 204 then return problem(reading, "empty_answer") end
  if (last or #text) - (first or 1) >= redact.BODY_LIMIT and not is_long_success(reading, text, first, last) then
    return problem(reading, "answer_too_long", TOO_LONG)
  end
  local data = note(reading, (typing and typing.read or read_whole)(text, first, last))
  if not data and not http.body:find "%S" then return problem(reading, "empty_answer") end
  if not typing then
    reading.envelope = data
  elseif data and reading.endpoint.moves_money then
    reading.envelope = envelope_of(http)
  end
  return data
end

--- Reads an answer.
-- @tparam table endpoint an entry of the catalogue
-- @tparam table http `{ status = integer, headers = { [lower-case name] = value }, body = string, timings = ... }`; a body may
-- stand in `bytes` from `first` to `last` too
-- @tparam[opt] table sent what was sent: `client_ref_id`, its `draft` (`eko.request`); for money also its `facts` (`eko.verdict`)
-- @tparam[opt] table typing `{ title, read }`: what a wallet's verb makes of the answer (`eko.wallet`)
-- @treturn[1] table the envelope as a native table, with `outcome` and `meta = { slug, http_status, client_ref_id,
-- timings, attempts, tx_status, raw }`. `meta.raw` holds members that the envelope itself called `outcome` or `meta`; it is nil as
-- a rule. With `typing` a result instead: `outcome`, the documented members of `data`, and `response`, the whole answer. For money
-- also `state`, `tid`, `tx_status` and `reason`
-- @treturn[2] nil
-- @treturn[2] table an error of kind `api`, `http` or `decode`, with `sent = true`. Of a failing answer, and of any to a call that
-- moves money, at most `redact.BODY_LIMIT` bytes are examined: a longer one counts as unreadable (`answer_too_long` where its
-- status is 2xx), and has neither `code` nor `response`
-- @return[3] for money the verdict, see `eko.verdict`
function response.read(endpoint, http, sent, typing)
  local reading = {
    __index = full_answer, __tostring = show, endpoint = endpoint, http = http, typing = typing,
    client_ref_id = sent and sent.client_ref_id, facts = sent and sent.facts or NONE,
    status = nil, response_type_id = nil, response_status_id = nil, tx_status = nil, -- the table is made large enough for them
  }
  local data = examine(reading, http, typing)
  local outcome, failed, found = judge(reading)
  if failed then
    reading.envelope = reading.envelope or data and envelope_of(http)
    return nil, failure.new(reading, failed, sent), found
  end
  if typing then
    data.outcome = outcome
    setmetatable(data, reading)
  else
    whole(reading, data, outcome)
  end
  if found then data.state, data.tid, data.tx_status, data.reason = found.state, found.tid, found.tx_status, found.reason end
  return data, nil, found
end

return response
