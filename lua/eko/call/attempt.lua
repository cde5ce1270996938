--- The attempts of one call: sign its draft, send it, read the answer, and heed what that says of our clock.
-- What may be sent again is said by `eko.call.retry`.
-- @module eko.call.attempt

local core = require "eko.core"
local carriers = require "eko.wire.carrier"
local errors = require "eko.base.errors"
local exchange = require "eko.wire.exchange"
local facts = require "eko.call.facts"
local header_rules = require "eko.wire.headers"
local http_statuses = require "eko.base.http_statuses"
local loop = require "eko.wire.loop"
local outcomes = require "eko.base.outcomes"
local redact = require "eko.base.redact"
local response_reader = require "eko.call.response"
local retry = require "eko.call.retry"
local settlement = require "eko.call.settlement"
local units = require "eko.base.units"

local monotonic, boottime, read_answer = core.text.monotonic, core.text.boottime, response_reader.read
local EXPIRED_TIMESTAMP, MS_PER_SECOND = outcomes.EXPIRED_TIMESTAMP, units.MS_PER_SECOND

-- Of an answer with 200 nobody looks at the headers.
local HEADERS_UNLESS = http_statuses.OK
-- How a request travels over our own exchange; one that moves money on a fresh connection.
local AS_USUAL, FRESH = { headers_unless = HEADERS_UNLESS }, { headers_unless = HEADERS_UNLESS, fresh = true }
-- Bytes that are shown of what an observer raised.
local LONGEST_REPORT = 500

local attempt = {}

local function identifier(text, secrets)
  if type(text) ~= "string" or not text:find "^[A-Za-z_][A-Za-z0-9_]*$" then return nil end
  return redact.text(text, secrets) == text and text or nil
end

local NOT_IN_ORDER = { malformed_request = true, invalid_url = true, invalid_headers = true }

-- What a transport returned in place of an answer, as an error of ours.
local function transport_error(err, sent, endpoint)
  if type(err) ~= "table" then err = { name = "transport_failed", message = tostring(err or "no reason was given") } end
  local was_sent = err.sent
  if was_sent ~= nil and type(was_sent) ~= "boolean" then was_sent = nil end
  local kind = "transport"
  if was_sent == false and NOT_IN_ORDER[err.name] then kind = "invalid_request" end
  local secrets = redact.sent(sent)
  local name = identifier(err.name, secrets) or "transport_failed"
  local made = errors.new {
    kind = kind,
    name = name,
    message = redact.text(tostring(err.message or name), secrets),
    phase = identifier(err.phase, secrets),
    sent = was_sent,
    client_ref_id = sent.client_ref_id,
  }
  made.retryable = retry.is_retryable(endpoint, made)
  return made
end

-- The headers of a request; those of a head have 1 and 2 where signature and timestamp belong.
local function headers_of(self, secret_key, timestamp, own)
  local made = {
    ["accept"] = "application/json",
    ["content-type"] = "application/json", -- of a GET too: the vendor lists it for every call
    ["developer_key"] = self.signing.developer_key,
    ["secret-key"] = secret_key,
    ["secret-key-timestamp"] = timestamp,
    ["user-agent"] = self.user_agent,
  }
  if own then
    for name, value in next, own do made[name] = value end
  end
  return made
end

-- What the client's function gives for an attempt, checked; or nil and why nothing can be sent.
local function make_headers(self, endpoint, sent)
  local ok, own = loop.protected(self.make_headers, {
    slug = endpoint.slug, method = endpoint.method, client_ref_id = sent.client_ref_id,
  })
  local problem
  if not ok then
    problem = settlement.raised(own, "the function of the option headers", redact.sent(sent)).message
  else
    own, problem = header_rules.check(own == nil and {} or own)
    problem = problem and "what the function of the option headers returned cannot be sent: " .. problem
  end
  if not problem then
    sent.headers = own
    return own
  end
  return nil, transport_error({ name = "invalid_headers", message = problem, sent = false }, sent, endpoint)
end

-- Where the requests of a method go and what they have in common. It is made once, unless the client makes headers for each attempt.
local function way_of(self, endpoint, sent)
  local method, own, err = endpoint.method, self.headers, nil
  if self.make_headers then own, err = make_headers(self, endpoint, sent) end
  if err then return nil, err end
  local head, target = self.direct:head(method, self.base_url, headers_of(self, 1, 2, own), exchange.first_header)
  if not head then return nil, transport_error(target, sent, endpoint) end
  local way = { emit = core.emitter(self.signing.signer, self.signing.timestamps, head), target = target }
  if not self.make_headers then self.ways[method] = way end
  return way
end

local function exhausted(sent)
  return errors.new {
    kind = "transport",
    name = "timestamps_exhausted",
    message = "more calls were signed than milliseconds passed, and the deadline did not leave time to wait",
    sent = false,
    retryable = true,
    client_ref_id = sent.client_ref_id,
  }
end

-- What is known when a request leaves, for `settlement.proves_unsent`.
local function departure(signing, timestamp)
  return {
    timestamp = timestamp / MS_PER_SECOND, boottime = boottime(), clock = signing.clock() / MS_PER_SECOND,
    corrections = signing.found.corrections or 0,
  }
end

-- Signs a draft with a timestamp that was never used before. Returns what the emitter gives: the draft, which has the bytes; or, where it
-- has no head, signature, digits, URL and body.
local function sign(self, endpoint, sent, emit)
  local signing = self.signing
  local clock = signing.own_clock
  while true do
    local made, timestamp, digits, url, body = emit(sent.draft, clock and clock())
    if made then
      sent.timestamp = timestamp
      if endpoint.moves_money then sent.left = departure(signing, timestamp) end
      return made, digits, url, body
    elseif type(timestamp) == "string" then
      return nil, transport_error({ name = "malformed_request", message = timestamp, sent = false }, sent, endpoint)
    elseif not signing:wait(timestamp, sent.deadline, carriers.choose) then
      return nil, exhausted(sent)
    end
  end
end

-- Over a transport of the user's, which gets the request as a table. With `dry_run` the table is the result.
local function hand_over(self, endpoint, sent)
  local emit, own = self.emit, self.headers
  if self.make_headers then
    local err
    own, err = make_headers(self, endpoint, sent)
    if not own then return nil, err end
  end
  if not emit then
    emit = core.emitter(self.signing.signer, self.signing.timestamps, self.base_url)
    self.emit = emit
  end
  local secret_key, digits, url, body = sign(self, endpoint, sent, emit)
  if not secret_key then return nil, digits end
  local headers, method = headers_of(self, secret_key, digits, own), endpoint.method
  local request
  if sent.options.dry_run then
    request = { method = method, url = url, headers = headers, body = body }
  else
    request = {
      method = method, url = url, headers = headers, body = body, deadline = sent.deadline, fresh = endpoint.moves_money or nil,
      first_header = exchange.first_header, headers_unless = HEADERS_UNLESS,
    }
  end
  local response, err = exchange.hand_over(request.deadline and self.transport, request)
  if response then return response end
  return nil, transport_error(err, sent, endpoint)
end

--- The request of a call as a table, signed: for whoever sends it himself.
-- @function attempt.request
-- @tparam table self of `eko.call`
-- @tparam table endpoint an entry of the catalogue
-- @tparam table sent as of `attempt.perform`
-- @treturn[1] table `{ method, url, headers, body }`
-- @treturn[2] nil
-- @treturn[2] table the error
attempt.request = hand_over

-- Over our own exchange.
local function send(self, endpoint, sent)
  local way, way_err = self.ways[endpoint.method], nil
  if not way then way, way_err = way_of(self, endpoint, sent) end
  if not way then return nil, way_err end
  local request, sign_err = sign(self, endpoint, sent, way.emit)
  if not request then return nil, sign_err end
  local response, err = self.direct:perform(way.target, request, sent.deadline, endpoint.moves_money and FRESH or AS_USUAL)
  if response then return response end
  return nil, transport_error(err, sent, endpoint)
end

--- How the attempts of a client travel.
-- @tparam table self of `eko.call`
-- @treturn function (self, endpoint, sent) -> the response, or nil and the error
function attempt.way_of(self) return self.direct and send or hand_over end

local function read_facts(endpoint, response, sent, typing)
  sent.facts = facts.of(sent.draft:secrets())
  return read_answer(endpoint, response, sent, typing)
end

-- The answer to a debit; or nil, the error and the verdict. What cannot even be read (memory may have run out) is lost like an answer that
-- never came: somebody has to look the money up.
local function read_debit(endpoint, response, sent, typing)
  local ok, answer, err, judged = pcall(read_facts, endpoint, response, sent, typing)
  if ok then return answer, err, judged end
  return nil, errors.new {
    kind = "decode", name = "unreadable_answer", message = "the answer came, but could not be read", sent = true, slug = endpoint.slug,
    http_status = response.status, client_ref_id = sent.client_ref_id,
  }
end

local function report_once(self, sent, problem)
  if self.is_observer_broken then return end
  self.is_observer_broken = true
  local text = "eko: on_exchange raised, which is told once: " .. redact.text(tostring(problem), redact.sent(sent), LONGEST_REPORT)
  local ngx = rawget(_G, "ngx")
  if type(ngx) == "table" and ngx.log then ngx.log(ngx.ERR, text) else io.stderr:write(text, "\n") end
end

local function shown_path(endpoint, draft)
  local name = endpoint.fields.tid and "tid" or "transaction-reference"
  return redact.path(draft:path(), endpoint.fields[name] and draft:value(name))
end

-- Tells of an attempt: `{ number, response, answer, err }`.
local function observe(self, endpoint, sent, made)
  local response, answer, err = made.response, made.answer, made.err
  local event = {
    slug = endpoint.slug,
    method = endpoint.method,
    path = shown_path(endpoint, sent.draft),
    attempt = made.number,
    client_ref_id = sent.client_ref_id,
    http_status = response and response.status,
    outcome = answer and answer.outcome,
    error = err and err.name,
    kind = err and err.kind,
    sent = not err or err.sent,
    timings = response and response_reader.timings(response),
  }
  if err then event.sent = err.sent end
  local ok, problem = pcall(self.on_exchange, event)
  if not ok then report_once(self, sent, problem) end
end

local function clock_wrong(err, server_ms, system_ms)
  local function shown(ms) return os.date("!%Y-%m-%d %H:%M:%S UTC", math.floor(ms / MS_PER_SECOND)) end
  err.name = "clock_wrong"
  err.message = ("set this machine's clock: it says %s, the platform's answer says %s; so far off the signature's time is not corrected")
    :format(shown(system_ms), shown(server_ms))
end

-- What an authentication failure tells of our clock and our timestamps.
local function heed_authentication(self, err, response, sent, judged)
  local kind = response and retry.authentication(err)
  if not kind then return end
  local headers = response.headers or {}
  if judged and judged.kind == "authentication" and (judged.code == nil or judged.code == EXPIRED_TIMESTAMP) then
    judged.proof = settlement.proves_unsent(self.signing, sent.left, headers)
  end
  local code = kind == "coded" and err.code or nil
  local found, server_ms, system_ms = self.signing:examine { code = code, date = headers["date"], at = monotonic() }
  if found == "corrected" then
    err.clock_corrected = true
  elseif found == "clock_wrong" then
    clock_wrong(err, server_ms, system_ms)
  elseif code == EXPIRED_TIMESTAMP and found ~= "unconfirmed" then
    self.signing:skip(sent.timestamp)
  end
end

-- Whether the platform let a call in that failed: it answered, and with something else than an authentication failure.
local function was_accepted(err)
  return err.kind == "api" and not retry.authentication(err)
end

-- Sleeps before another try, unless the deadline would pass meanwhile or nothing can wait here.
local function wait_for_retry(tries, response, deadline)
  local carrier = carriers.choose()
  local after = response and retry.after(response.headers, core.text.now_ms() / MS_PER_SECOND)
  local seconds = retry.pause(tries, after, core.text.random())
  if not carrier or carrier.now() + seconds >= deadline then return false end
  carrier.sleep(seconds)
  return true
end

local function set_attempts(answer, typing, number)
  local meta = typing and getmetatable(answer) or answer.meta
  meta.attempts = number
end

--- Performs a call: one attempt, and others where `eko.call.retry` lets them be.
-- @tparam table self of `eko.call`
-- @tparam table endpoint an entry of the catalogue
-- @tparam table sent `{ draft =, client_ref_id =, deadline = monotonic seconds, options = (of the call), typing = }`; what it was signed
-- with is noted in it
-- @tparam[opt] function read how an answer is read, when not as `eko.call.response` does it
-- @treturn[1] table the answer
-- @treturn[2] nil
-- @treturn[2] table the error
-- @treturn[2] ?table for money the verdict, see `eko.call.verdict`
function attempt.perform(self, endpoint, sent, read)
  local number, tries, signed_again = 0, 0, nil
  while true do
    number = number + 1
    local loops = loop.loops
    if loops > 0 then loop.began(sent.client_ref_id) end
    local response, err = self.travel(self, endpoint, sent)
    if loops > 0 then loop.ended(response and true or err and err.sent) end
    local answer, judged
    if response then
      answer, err, judged = (read or read_answer)(endpoint, response, sent, sent.typing)
      if answer or was_accepted(err) then self.signing:accepted(sent.deadline) end
    end
    if err then
      err.attempts, err.signed_again = number, signed_again
      heed_authentication(self, err, response, sent, judged)
      err.retryable = retry.is_retryable(endpoint, err)
    end
    if self.on_exchange then
      observe(self, endpoint, sent, { number = number, response = response, answer = answer, err = err })
    end
    if answer then
      if number > 1 then set_attempts(answer, sent.typing, number) end
      return answer
    elseif sent.options.once then
      return nil, err, judged
    elseif not signed_again and retry.may_sign_again(endpoint, err) then
      signed_again = true
    elseif tries < (sent.options.retries or self.retries) and retry.may_repeat(endpoint, err)
      and wait_for_retry(tries, response, sent.deadline) then
      tries = tries + 1
    else
      return nil, err, judged
    end
  end
end

--- Performs a call that moves money, and says what became of it. A debit whose bytes may have left is not forgotten, whatever raises: a
-- transport or a clock of the user's, or that memory ran out.
-- @tparam table self of `eko.call`
-- @tparam table endpoint an entry of the catalogue
-- @tparam table sent as of `attempt.perform`
-- @treturn[1] table the answer
-- @treturn[2] nil
-- @treturn[2] table the error, with `state`
function attempt.perform_money(self, endpoint, sent)
  sent.left = nil
  local ok, answer, err, judged = loop.protected(attempt.perform, self, endpoint, sent, read_debit)
  if ok and answer then return answer end
  if not ok then
    if not sent.left then error(answer, 0) end
    err, judged = settlement.raised(answer, "the call, once its request may have left,", redact.sent(sent)), nil
    err.slug, err.client_ref_id, err.attempts = endpoint.slug, sent.client_ref_id, 1
  end
  return settlement.settle(self, endpoint, sent, err, judged)
end

return attempt
