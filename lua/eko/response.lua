--- Reading an answer: HTTP status, JSON, and what the platform decided. Sans-IO.
--
-- An answer is judged by `response_type_id` first and by `status` then. A listed outcome counts when the status is 0
-- or repeats the response_type_id (the documentation has the second, production has been seen to send the first); with
-- any other status the status names the error. `response_status_id` and `message` decide nothing, with one exception
-- (see `by_hint`). Source: the platform's error and response-code pages, and its published samples.
-- @module eko.response
local core = require "eko.core"
local envelopes = require "eko.envelope"
local errors = require "eko.errors"
local outcomes = require "eko.outcomes"
local redact = require "eko.redact"
local retry = require "eko.retry"
local verdict = require "eko.verdict"

local find, type = string.find, type
local decode_object, numeric = envelopes.decode, envelopes.code
local failures, steps, codes = outcomes.failures, outcomes.steps, outcomes.codes

local response = {}

local QUOTED = 200 -- bytes of the platform's own words

--- HTTP statuses: name and what to do.
local HTTP = {
  [400] = { "bad_request", "the platform could not read the request" },
  [401] = { "forbidden", nil },
  [403] = { "forbidden", nil },
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
HTTP[401][2] = "the platform refused access: the server's IP address may not be whitelisted (production wants a static "
  .. "one), the key may be inactive, or sandbox keys are used on production or the other way round"
HTTP[403][2] = HTTP[401][2]

local function quoted(text, params)
  if type(text) ~= "string" or text == "" then
    return nil
  end
  text = redact.text(text, params, 4 * QUOTED):gsub("%c+", " ")
  if #text > QUOTED then
    text = text:sub(1, QUOTED):gsub("[\192-\255][\128-\191]*$", "") .. "..."
  end
  return text
end

--- What the platform itself says: its message and the detail beside it.
local function platform_words(envelope, params)
  local message = quoted(envelope.message, params)
  local data = envelope.data
  local detail = type(data) == "table" and quoted(data.reason or data.description, params)
  if message and detail then
    return message .. ": " .. detail
  end
  return message or detail
end

local function message_of(advice, words)
  if words then
    return advice .. " (the platform says: " .. words .. ")"
  end
  return advice
end

local function invalid_params_of(envelope, params)
  local found = envelopes.invalid_params(envelope)
  if not found then
    return nil
  end
  local shown = {}
  for field, text in next, found do
    shown[redact.text(field, params, QUOTED)] = quoted(text, params) or ""
  end
  return shown
end

-- What a call sent, prepared for being looked for in the answer.
local function secrets_of(plan)
  return redact.secrets(plan and plan.draft and plan.draft:secrets())
end

local function is_too_long(http)
  return http.body ~= nil and #http.body > redact.BODY_LIMIT
end

local function failure(endpoint, http, plan, fields)
  fields.sent = true
  fields.slug = endpoint.slug
  fields.http_status = http.status
  fields.client_ref_id = plan and plan.client_ref_id
  fields.retryable = retry.is_retryable(endpoint, fields)
  return errors.new(fields)
end

local function answer_too_long(endpoint, http, plan)
  return failure(endpoint, http, plan, {
    kind = "decode", name = "answer_too_long",
    message = ("the answer is no success, and longer than the %d bytes of a failure that are examined"):format(redact.BODY_LIMIT),
  })
end

local function envelope_failure(endpoint, http, plan, envelope, fields)
  if is_too_long(http) then
    return answer_too_long(endpoint, http, plan)
  end
  local params = secrets_of(plan)
  fields.kind = "api"
  fields.message = message_of(fields.message, platform_words(envelope, params))
  fields.response = redact.table(envelope, params)
  fields.invalid_params = invalid_params_of(envelope, params)
  return failure(endpoint, http, plan, fields)
end

--- The name of a failure: the status names it; a bare 1 leaves that to response_type_id; where that is all, the hint
-- may tell a wrong OTP from one that has expired. Returns code, name, sentence.
local function name_of(endpoint, status, id, hint)
  local own = endpoint.errors
  local code = status and status ~= 0 and status or id or nil
  if status == 1 and codes[id] then
    code = id
  end
  local naming = outcomes.refined[code] and codes[hint] and hint or code
  local known = codes[naming]
  local special = own and own[naming]
  if special then
    return code, special, outcomes.advice(special)
  elseif known then
    return code, known.name, known.advice
  end
  return code, "unrecognised_failure", "the platform answered with a failure that is not documented"
end

local function api_failure(endpoint, http, plan, envelope, status, id, hint)
  local code, name, advice = name_of(endpoint, status, id, hint)
  return envelope_failure(endpoint, http, plan, envelope, {
    name = name, message = advice, code = code,
  })
end

--- Codes of an envelope -> outcome, or nil for a failure.
local function judge(endpoint, envelope, status, id)
  local by_hint = endpoint.by_hint
  if by_hint and by_hint[id] and (status == 0 or status == id) then
    -- DigiKhata answers the recipient's OTP with 2131 whether it was right or wrong; only the hint tells them apart
    -- (0 in the published success), or a plain status 0.
    if status == 0 or numeric(envelope.response_status_id) == 0 then
      return by_hint[id]
    end
  end
  if failures[id] then
    return nil
  end
  local outcome = endpoint.outcomes[id]
  local fine = status == 0 or status == id or status == nil
  if outcome and fine then
    return outcome
  elseif status == 0 then
    return steps[id] or "unrecognised"
  end
  return nil
end

local function decode_failure(endpoint, http, plan, name, message)
  if find(http.body, "^%s*<") then
    message = message .. "; it looks like HTML or XML, perhaps a proxy's page"
  end
  return failure(endpoint, http, plan, { kind = "decode", name = name, message = message })
end

local function empty_answer(endpoint, http, plan)
  return failure(endpoint, http, plan, {
    kind = "http", name = "empty_answer", code = http.status,
    message = "the platform answered with nothing: the service is probably not activated for this user_code",
  })
end

local function plain_http_failure(endpoint, http, plan, envelope)
  local status = http.status
  local known = HTTP[status]
  local name, advice
  if known then
    name, advice = known[1], known[2]
  elseif status >= 300 and status < 400 then
    name, advice = "redirect", "the platform answered with a redirect, which is never followed: check base_url"
  elseif status >= 500 then
    name, advice = "server_error", HTTP[500][2]
  elseif status >= 400 then
    name, advice = "bad_request", "the platform refused the request"
  else
    name, advice = "unexpected_status", "this is no final answer"
  end
  local params = secrets_of(plan)
  local words
  if envelope then
    words = platform_words(envelope, params)
  elseif http.body and not find(http.body:sub(1, 4 * QUOTED), "^%s*[<{]") then
    words = quoted(http.body, params)
  end
  local headers = http.headers or {}
  return failure(endpoint, http, plan, {
    kind = "http", name = name, code = status,
    message = message_of("HTTP " .. status .. ": " .. advice, words),
    response = envelope and redact.table(envelope, params) or nil,
    retry_after = retry.after(headers, core.text.now_ms() / 1000),
  })
end

--- Anything but 2xx. An envelope with a code that says more than the HTTP status is believed, up to 499.
local function http_failure(endpoint, http, plan)
  local envelope = http.body and not is_too_long(http) and decode_object(http.body) or nil
  if not envelope or http.status < 400 or http.status >= 500 then
    return plain_http_failure(endpoint, http, plan, envelope)
  end
  local status, id = numeric(envelope.status), numeric(envelope.response_type_id)
  local speaks = status and status ~= 0 and HTTP[status] == nil
  local particular = codes[status] or codes[id]
  local generic = http.status == 400 or http.status == 422
  if particular or (speaks and generic) then
    if status == 0 or not status then
      status = id
    end
    return api_failure(endpoint, http, plan, envelope, status, id, numeric(envelope.response_status_id))
  end
  return plain_http_failure(endpoint, http, plan, envelope)
end

--- The outcome, or nil and the error.
local function outcome_of(endpoint, http, plan, envelope)
  local status, id = envelope.status, envelope.response_type_id
  local listed = endpoint.outcomes[id == nil and 0 or id]
  if listed and (status == 0 or status == id) and not failures[id] then
    return listed -- what judge() would say, on the way that most answers go
  end
  status, id = numeric(status), numeric(id)
  if status == nil and id == nil then
    return nil, envelope_failure(endpoint, http, plan, envelope, {
      name = "no_envelope",
      message = "the answer has neither status nor response_type_id: parameters are missing, malformed or unexpected, "
        .. "nothing is due, or the service is not active",
    })
  end
  local outcome = judge(endpoint, envelope, status, id)
  if outcome then
    return outcome
  end
  return nil, api_failure(endpoint, http, plan, envelope, status, id, numeric(envelope.response_status_id))
end

-- A typed result has its answer in full at hand only when it is asked for: most callers never do.
local function full_answer(result, key)
  if key ~= "response" then
    return nil
  end
  local meta = getmetatable(result)
  local answer = response.whole(meta.endpoint, meta.http, { client_ref_id = meta.client_ref_id }, result.outcome)
  answer.meta.attempts = meta.attempts or 1
  rawset(result, "response", answer)
  return answer
end

local function show(result)
  return getmetatable(result).typing.title .. ": " .. tostring(result.outcome)
end

local function typed_result(data, outcome, endpoint, http, plan, typing)
  data.outcome = outcome
  return setmetatable(data, {
    __index = full_answer, __tostring = show, http = http, typing = typing, endpoint = endpoint,
    client_ref_id = plan and plan.client_ref_id,
  })
end

-- The envelope as a native table, with what was made of it.
local function whole(endpoint, http, plan, envelope, outcome)
  local raw
  if envelope.outcome ~= nil or envelope.meta ~= nil then
    raw = { outcome = envelope.outcome, meta = envelope.meta }
  end
  envelope.outcome = outcome
  envelope.meta = {
    slug = endpoint.slug, http_status = http.status, client_ref_id = plan and plan.client_ref_id,
    timings = http.timings, attempts = 1, raw = raw,
  }
  return envelope
end

--- The whole answer that a typed result was made of.
-- @tparam table endpoint an entry of the catalogue
-- @tparam table http see `response.read`
-- @tparam ?table plan
-- @tparam string outcome
-- @treturn table
function response.whole(endpoint, http, plan, outcome)
  return whole(endpoint, http, plan, decode_object(http.body), outcome)
end

--- Reads an answer by its shape, when it says in the plain way that the call went well; nothing otherwise.
-- @tparam table endpoint an entry of the catalogue
-- @tparam table http see `response.read`
-- @tparam[opt] table plan the plan that was sent
-- @tparam table typing see `response.read`
-- @treturn ?table the typed result
function response.read_typed(endpoint, http, plan, typing)
  local text = http.bytes or http.body
  if http.status ~= 200 or not text or endpoint.moves_money then
    return nil
  elseif (http.last or #text) - (http.first or 1) >= redact.BODY_LIMIT then
    return nil -- it may be a failure, which is not worth making values of
  end
  local data, status, id = typing.read(text, http.first, http.last)
  if not data or id == nil then
    return nil
  end
  local outcome = endpoint.outcomes[id]
  if outcome and (status == 0 or status == id) and not failures[id] then
    return typed_result(data, outcome, endpoint, http, plan, typing)
  end
end

local function read_any(endpoint, http, plan, typing)
  local http_status, body = http.status, http.body
  if http_status < 200 or http_status > 299 or http_status == 206 then
    return nil, http_failure(endpoint, http, plan)
  elseif http_status == 204 or not body or body == "" then
    return nil, empty_answer(endpoint, http, plan)
  end
  if is_too_long(http) then
    local outcome, err = outcome_of(endpoint, http, plan, core.json.codes(body))
    if not outcome then
      return nil, err
    end
  end
  local envelope, name, message = decode_object(body)
  if not envelope then
    if not find(body, "%S") then
      return nil, empty_answer(endpoint, http, plan)
    end
    return nil, decode_failure(endpoint, http, plan, name, message)
  end
  local outcome, err = outcome_of(endpoint, http, plan, envelope)
  if not outcome then
    return nil, err
  elseif typing then
    return typed_result((typing.read(body)), outcome, endpoint, http, plan, typing)
  end
  return whole(endpoint, http, plan, envelope, outcome)
end

-- What a transaction came to, by its state where the id does not say it.
local function outcome_of_money(endpoint, envelope, found)
  local id = numeric(envelope.response_type_id)
  if found.tx_status and not (id and endpoint.outcomes[id] and found.state == endpoint.settles[id]) then
    return outcomes.transaction(found.tx_status)
  end
  return endpoint.outcomes[id]
end

-- An answer to a call that moves money: what counts is the verdict. Where that is no result, the error says what came.
local function read_money(endpoint, http, plan, typing)
  local is_long = is_too_long(http)
  local envelope = http.body and not is_long and decode_object(http.body) or nil
  local found = verdict.of(endpoint, http, envelope, plan and plan.facts or {})
  if found.kind ~= "result" then
    local answer, err
    if is_long and http.status >= 200 and http.status <= 299 then
      err = answer_too_long(endpoint, http, plan)
    else
      answer, err = read_any(endpoint, http, plan)
    end
    -- The codes alone look well.
    if answer or err.name == "unrecognised_failure" and endpoint.settles[numeric(envelope.response_type_id) or -1] then
      local id = numeric(envelope.response_type_id) or nil
      local name = codes[id] and codes[id].name or found.tx_status == "1" and "transaction_declined" or "unclear_answer"
      err = envelope_failure(endpoint, http, plan, envelope, {
        name = name, code = id, message = outcomes.advice(name) or "the answer decides nothing",
      })
    end
    if found.foreign then err.name = "foreign_answer" end
    if found.why then err.message = err.message .. " (" .. found.why .. ")" end
    return nil, err, found
  end
  local outcome = outcome_of_money(endpoint, envelope, found)
  local result
  if typing then
    result = typed_result((typing.read(http.body)), outcome, endpoint, http, plan, typing)
  else
    result = whole(endpoint, http, plan, envelope, outcome)
  end
  result.state, result.tid, result.tx_status, result.reason = found.state, found.tid, found.tx_status, found.reason
  return result, nil, found
end

--- Reads an answer.
-- @tparam table endpoint an entry of the catalogue
-- @tparam table http `{ status = integer, headers = { [lower-case name] = value }, body = string, timings = ... }`; a body may
-- stand in `bytes` from `first` to `last` too
-- @tparam[opt] table plan what was sent: `client_ref_id`, its `draft` (`eko.request`); for money also its `facts` (`eko.verdict`)
-- @tparam[opt] table typing `{ title, read }`: what a wallet's verb makes of the answer (`eko.wallet`)
-- @treturn[1] table the envelope as a native table, with `outcome` and `meta = { slug, http_status, client_ref_id,
-- timings, attempts, raw }`. `meta.raw` holds members that the envelope itself called `outcome` or `meta`; it is nil as a rule.
-- With `typing` a result instead: `outcome`, the documented members of `data`, and `response`, the whole answer. For money also
-- `state`, `tid`, `tx_status` and `reason`
-- @treturn[2] nil
-- @treturn[2] table an error of kind `api`, `http` or `decode`, with `sent = true`. Of a failing answer, and of any to a call that
-- moves money, at most `redact.BODY_LIMIT` bytes are examined: a longer one counts as unreadable (`answer_too_long` where its
-- status is 2xx), and has neither `code` nor `response`
-- @return[3] for money the verdict, see `eko.verdict`
function response.read(endpoint, http, plan, typing)
  if endpoint.moves_money then
    return read_money(endpoint, http, plan, typing)
  end
  local result = typing and response.read_typed(endpoint, http, plan, typing)
  if result then
    return result
  end
  return read_any(endpoint, http, plan, typing)
end

return response
