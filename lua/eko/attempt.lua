--- The attempts of one call: sign its draft, send it, read the answer, and heed what that says of our clock.
-- What may be sent again is said by `eko.retry`.
-- @module eko.attempt

local core = require "eko.core"
local carriers = require "eko.carrier"
local concurrently = require "eko.concurrently"
local errors = require "eko.errors"
local redact = require "eko.redact"
local response_reader = require "eko.response"
local retry = require "eko.retry"
local settlement = require "eko.settlement"

local monotonic = core.text.monotonic

local attempt = {}

local USER_AGENT = "lua-eko/" .. require "eko.version"

-- The header that is written before the others. OpenResty's LuaJIT hashes a long string by samples from its first half: what
-- tells one request from the next stands in front, or all the requests in memory form one chain that each new one is
-- compared with.
local FIRST_HEADER = "secret-key"

--- What a call sent, names and values, which no text that is shown may repeat: parameters and what signs them.
function attempt.secrets(self, sent)
  local secrets = sent.draft:secrets()
  secrets.developer_key, secrets.secret_key = self.signing.developer_key, sent.secret_key
  return redact.secrets(secrets)
end

local function identifier(text) return type(text) == "string" and text:find "^[%a_][%w_]*$" and text or nil end

-- What a transport returned in place of an answer, as an error of ours.
local function transport_error(self, err, sent, endpoint)
  if type(err) ~= "table" then err = { name = "transport_failed", message = tostring(err or "no reason was given") } end
  local was_sent = err.sent
  if was_sent ~= nil and type(was_sent) ~= "boolean" then was_sent = nil end
  local kind = "transport"
  if was_sent == false and (err.name == "malformed_request" or err.name == "invalid_url") then kind = "invalid_request" end
  local name = identifier(err.name) or "transport_failed"
  local made = errors.new {
    kind = kind,
    name = name,
    message = redact.text(tostring(err.message or name), attempt.secrets(self, sent)),
    phase = identifier(err.phase),
    sent = was_sent,
    client_ref_id = sent.client_ref_id,
  }
  made.retryable = retry.is_retryable(endpoint, made)
  return made
end

local function bad_response(sent)
  return errors.new {
    kind = "transport",
    name = "bad_transport",
    message = "the transport returned neither { status = number, headers = table, body = string } nor nil and an error",
    retryable = false,
    client_ref_id = sent.client_ref_id,
  }
end

-- The headers of a request; those of a head have 1 and 2 where signature and timestamp belong.
local function headers_of(self, has_body, secret_key, timestamp)
  return {
    ["accept"] = "application/json",
    ["content-type"] = has_body and "application/json" or nil,
    ["developer_key"] = self.signing.developer_key,
    ["secret-key"] = secret_key,
    ["secret-key-timestamp"] = timestamp,
    ["user-agent"] = USER_AGENT,
  }
end

-- Where the requests of a method go and what they have in common, made once.
local function way_of(self, method)
  local head, target = self.direct:head(method, self.base_url, headers_of(self, method ~= "GET", 1, 2), FIRST_HEADER)
  if not head then return nil, target end
  local way = { emit = core.emitter(self.signing.signer, self.signing.timestamps, head), target = target }
  self.ways[method] = way
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

-- Signs a draft with a timestamp that was never used before: the bytes of a request; or, where the emitter has no head, signature
-- and digits.
local function sign(self, endpoint, sent, emit)
  local signing = self.signing
  local clock = signing.own_clock
  while true do
    local made, timestamp, digits = emit(sent.draft, clock and clock())
    if made then
      sent.timestamp = timestamp
      if sent.facts then sent.left = settlement.departure(signing, timestamp) end
      return made, digits
    elseif type(timestamp) == "string" then
      return nil, transport_error(self, { name = "malformed_request", message = timestamp, sent = false }, sent, endpoint)
    elseif not signing:wait(timestamp, sent.deadline, carriers.choose) then
      return nil, exhausted(sent)
    end
  end
end

--- The request of a call as a table, signed: for whoever sends it himself.
-- @return `{ method, url, headers, body }`, or nil and the error
function attempt.request(self, endpoint, sent)
  self.emit_bare = self.emit_bare or core.emitter(self.signing.signer, self.signing.timestamps)
  local secret_key, digits = sign(self, endpoint, sent, self.emit_bare)
  if not secret_key then return nil, digits end
  sent.secret_key = secret_key
  local body = sent.draft:body()
  return {
    method = endpoint.method, url = self.base_url .. sent.draft:path(), headers = headers_of(self, body ~= nil, secret_key, digits),
    body = body,
  }
end

-- What a transport of the user's returned, made fit for reading.
local function is_response(response)
  if type(response) ~= "table" or type(response.status) ~= "number" then return false end
  if type(response.headers) ~= "table" then response.headers = {} end
  return response.body == nil or type(response.body) == "string"
end

-- Over a transport of the user's.
local function hand_over(self, endpoint, sent)
  local request, sign_err = attempt.request(self, endpoint, sent)
  if not request then return nil, sign_err end
  request.deadline, request.first_header, request.headers_unless = sent.deadline, FIRST_HEADER, 200
  request.fresh = endpoint.moves_money or nil
  local response, err = self.transport(request)
  if not response then return nil, transport_error(self, err, sent, endpoint) end
  if not is_response(response) then return nil, bad_response(sent) end
  return response
end

-- Over our own exchange. (Of an answer with 200 nobody looks at the headers.)
local function send(self, endpoint, sent)
  local method = endpoint.method
  local way, err = self.ways[method], nil
  if not way then way, err = way_of(self, method) end
  if not way then return nil, transport_error(self, err, sent, endpoint) end
  local bytes, sign_err = sign(self, endpoint, sent, way.emit)
  if not bytes then return nil, sign_err end
  local response
  response, err = self.direct:perform(way.target, method, bytes, sent.deadline, 200, endpoint.moves_money or nil)
  if response then return response end
  return nil, transport_error(self, err, sent, endpoint)
end

-- What cannot even be read (memory may have run out) is lost like an answer that never came: somebody has to look the money up.
local function read_money(endpoint, response, sent)
  local ok, answer, err, verdict = pcall(response_reader.read, endpoint, response, sent, sent.typing)
  if ok then return answer, err, response, verdict end
  return nil, errors.new {
    kind = "decode", name = "unreadable_answer", message = "the answer came, but could not be read", sent = true, slug = endpoint.slug,
    http_status = response.status, client_ref_id = sent.client_ref_id,
  }, response
end

-- One attempt. Returns the answer, or nil, the error and the response when there was one; for money the verdict too.
local function once(self, endpoint, sent)
  local is_counted = concurrently.loops > 0
  if is_counted then concurrently.began(sent.client_ref_id) end
  local response, err = (self.direct and send or hand_over)(self, endpoint, sent)
  if is_counted then concurrently.ended(response and true or err and err.sent) end
  if not response then return nil, err end
  local result = sent.typing and response_reader.read_typed(endpoint, response, sent, sent.typing)
  if result then return result, nil, response end
  if endpoint.moves_money then return read_money(endpoint, response, sent) end
  local answer, read_err = response_reader.read(endpoint, response, sent, sent.typing)
  return answer, read_err, response
end

local function report_once(self, problem)
  if self.is_observer_broken then return end
  self.is_observer_broken = true
  local text = "eko: on_exchange raised, which is told once: " .. redact.text(tostring(problem):sub(1, 500))
  local ngx = rawget(_G, "ngx")
  if type(ngx) == "table" and ngx.log then ngx.log(ngx.ERR, text) else io.stderr:write(text, "\n") end
end

local function observe(self, endpoint, sent, number, answer, err, response)
  local event = {
    slug = endpoint.slug,
    method = endpoint.method,
    path = redact.path(sent.draft:path()),
    attempt = number,
    client_ref_id = sent.client_ref_id,
    http_status = response and response.status,
    outcome = answer and answer.outcome,
    error = err and err.name,
    kind = err and err.kind,
    sent = not err or err.sent,
    timings = response and response.timings,
  }
  if err then event.sent = err.sent end
  local ok, problem = pcall(self.on_exchange, event)
  if not ok then report_once(self, problem) end
end

local function clock_wrong(err, server_ms, system_ms)
  local function shown(ms) return os.date("!%Y-%m-%d %H:%M:%S UTC", math.floor(ms / 1000)) end
  err.name = "clock_wrong"
  err.message = ("set this machine's clock: it says %s, the platform's answer says %s; so far off the signature's time is not corrected")
    :format(shown(system_ms), shown(server_ms))
end

-- What an authentication failure tells of our clock and our timestamps.
local function heed_authentication(self, err, response, sent, verdict)
  local kind = response and retry.authentication(err)
  if not kind then return end
  local headers = response.headers or {}
  if verdict and verdict.kind == "authentication" and (verdict.code == nil or verdict.code == 2485) then
    verdict.proof = settlement.proves_unsent(self.signing, sent.left, headers)
  end
  local code = kind == "coded" and err.code or nil
  local found, server_ms, system_ms = self.signing:examine { code = code, date = headers["date"], at = monotonic() }
  if found == "corrected" then
    err.clock_corrected = true
  elseif found == "clock_wrong" then
    clock_wrong(err, server_ms, system_ms)
  elseif code == 2485 and found ~= "unconfirmed" then
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
  local after = response and retry.after(response.headers, core.text.now_ms() / 1000)
  local seconds = retry.pause(tries, after, core.text.random())
  if not carrier or carrier.now() + seconds >= deadline then return false end
  carrier.sleep(seconds)
  return true
end

local function set_attempts(answer, typing, number)
  local meta = typing and getmetatable(answer) or answer.meta
  meta.attempts = number
end

--- Performs a call: one attempt, and others where `eko.retry` lets them be.
-- @param self of `eko.call`
-- @param endpoint an entry of the catalogue
-- @param sent { draft =, client_ref_id =, facts = (for money), deadline =, retries =, once =, typing = }; the time that it was
--   signed with is noted in it
-- @return the answer; or nil, the error and for money the verdict
function attempt.perform(self, endpoint, sent)
  local number, tries, signed_again = 0, 0, nil
  while true do
    number = number + 1
    local answer, err, response, verdict = once(self, endpoint, sent)
    if answer or response and was_accepted(err) then self.signing:accepted(sent.deadline) end
    if err then
      err.attempts, err.signed_again = number, signed_again
      heed_authentication(self, err, response, sent, verdict)
      err.retryable = retry.is_retryable(endpoint, err)
    end
    if self.on_exchange then observe(self, endpoint, sent, number, answer, err, response) end
    if answer then
      if number > 1 then set_attempts(answer, sent.typing, number) end
      return answer
    elseif sent.once then
      return nil, err, verdict
    elseif not signed_again and retry.may_sign_again(endpoint, err) then
      signed_again = true
    elseif tries < sent.retries and retry.may_repeat(endpoint, err) and wait_for_retry(tries, response, sent.deadline) then
      tries = tries + 1
    else
      return nil, err, verdict
    end
  end
end

return attempt
