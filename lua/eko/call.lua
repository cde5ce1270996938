--- One call, from its parameters to a native table: plan, sign, send, read.
-- What may be sent again is said by `eko.retry`; what became of money by `eko.settlement`.
-- @module eko.call

local core = require "eko.core"
local carriers = require "eko.carrier"
local catalog = require "eko.catalog"
local concurrently = require "eko.concurrently"
local errors = require "eko.errors"
local frame = require "eko.frame"
local redact = require "eko.redact"
local request = require "eko.request"
local response_reader = require "eko.response"
local retry = require "eko.retry"
local settlement = require "eko.settlement"
local verdicts = require "eko.verdict"

local monotonic = core.text.monotonic

local call = {}

local USER_AGENT = "lua-eko/" .. require "eko.version"

local function unknown_endpoint(slug, near)
  return errors.new {
    kind = "invalid_request",
    name = "unknown_endpoint",
    sent = false,
    retryable = false,
    message = ("there is no endpoint %q%s; eko.endpoints() lists them"):format(
      tostring(slug), near and (", did you mean %q?"):format(near) or ""),
  }
end

-- What a call sent, names and values, which no text that is shown may repeat: parameters and what signs them.
local function secrets_of(self, plan)
  local sent = request.sent(plan)
  sent.developer_key, sent.secret_key = self.signing.developer_key, plan.secret_key
  return redact.secrets(sent)
end

local function identifier(text) return type(text) == "string" and text:find "^[%a_][%w_]*$" and text or nil end

-- What a transport returned in place of an answer, as an error of ours.
local function transport_error(self, err, plan, endpoint)
  if type(err) ~= "table" then err = { name = "transport_failed", message = tostring(err or "no reason was given") } end
  local sent = err.sent
  if sent ~= nil and type(sent) ~= "boolean" then sent = nil end
  local kind = "transport"
  if sent == false and (err.name == "malformed_request" or err.name == "invalid_url") then kind = "invalid_request" end
  local name = identifier(err.name) or "transport_failed"
  local made = errors.new {
    kind = kind,
    name = name,
    message = redact.text(tostring(err.message or name), secrets_of(self, plan)),
    phase = identifier(err.phase),
    sent = sent,
    client_ref_id = plan.client_ref_id,
  }
  made.retryable = retry.is_retryable(endpoint, made)
  return made
end

local function bad_response(plan)
  return errors.new {
    kind = "transport",
    name = "bad_transport",
    message = "the transport returned neither { status = number, headers = table, body = string } nor nil and an error",
    retryable = false,
    client_ref_id = plan.client_ref_id,
  }
end

-- The headers of a request that are the same each time.
local function constant_headers(self, has_body)
  return {
    ["accept"] = "application/json",
    ["content-type"] = has_body and "application/json" or nil,
    ["developer_key"] = self.signing.developer_key,
    ["user-agent"] = USER_AGENT,
  }
end

local function signed_headers(self, plan, deadline)
  local secret_key, timestamp = self.signing:sign(deadline, carriers.choose)
  if secret_key then
    local headers = constant_headers(self, plan.body ~= nil)
    if plan.facts then plan.left = settlement.departure(self.signing, timestamp) end
    plan.timestamp, plan.secret_key = timestamp, secret_key
    headers["secret-key"], headers["secret-key-timestamp"] = secret_key, timestamp
    return headers
  end
  return nil, errors.new {
    kind = "transport",
    name = "timestamps_exhausted",
    message = "more calls were signed than milliseconds passed, and the deadline did not leave time to wait",
    sent = false,
    retryable = true,
    client_ref_id = plan.client_ref_id,
  }
end

-- What a transport of the user's returned, made fit for reading.
local function is_response(response)
  if type(response) ~= "table" or type(response.status) ~= "number" then return false end
  if type(response.headers) ~= "table" then response.headers = {} end
  return response.body == nil or type(response.body) == "string"
end

-- What request.sign needs for an endpoint, made once; false where its calls go the longer way.
local function bind(self, endpoint)
  local has_body = endpoint.method ~= "GET"
  local bytes, target = self.direct.write(
    frame.pattern(endpoint.method, self.base_url, constant_headers(self, has_body), has_body))
  local cut, bound = bytes and frame.cut(bytes), false
  if cut then
    cut.target = target
    cut.signer, cut.timestamps = self.signing.signer, self.signing.timestamps
    cut.initiator_id, cut.user_code = self.context.initiator_id, self.context.user_code
    bound = request.bind(endpoint, cut) or false
  end
  self.bound[endpoint] = bound
  return bound
end

-- Plans and signs in one step; nil where that cannot be done, for whatever reason.
local function sign_directly(self, endpoint, params, options)
  if not self.direct or self.context.strict or endpoint.moves_money
    or options.extra ~= nil or options.strict ~= nil or options.dry_run then
    return nil
  end
  local bound = self.bound[endpoint]
  if bound == nil then bound = bind(self, endpoint) end
  if not bound then return nil end
  local clock, spare = self.signing.own_clock, self.spare
  local n = #spare
  local plan = request.sign(bound, params, options.client_ref_id, clock and clock(), spare[n])
  if plan then spare[n] = nil end
  return plan
end

-- Signs a plan and hands it to the transport.
local function send(self, endpoint, plan, deadline)
  local headers, sign_err = signed_headers(self, plan, deadline)
  if not headers then return nil, sign_err end
  local response, err = self.transport {
    method = plan.method,
    url = self.base_url .. plan.path,
    headers = headers,
    body = plan.body,
    deadline = deadline,
    first_header = frame.FIRST_HEADER,
    headers_unless = 200, -- only those of a failure are of use here
    fresh = endpoint.moves_money or nil,
  }
  if not response then return nil, transport_error(self, err, plan, endpoint) end
  if not self.is_own_transport and not is_response(response) then return nil, bad_response(plan) end
  return response
end

-- Sends what was signed already.
local function send_directly(self, endpoint, plan, deadline)
  local response, err = self.direct.perform(plan.bound.frame.target, endpoint.method, plan.bytes, deadline, 200)
  if not response then return nil, transport_error(self, err, request.plain(plan), endpoint) end
  return response
end

-- What cannot even be read (memory may have run out) is lost like an answer that never came: somebody has to look the money up.
local function read_money(endpoint, response, plan, typing)
  local ok, answer, err, verdict = pcall(response_reader.read, endpoint, response, plan, typing)
  if ok then return answer, err, response, verdict end
  return nil, errors.new {
    kind = "decode", name = "unreadable_answer", message = "the answer came, but could not be read", sent = true, slug = endpoint.slug,
    http_status = response.status, client_ref_id = plan.client_ref_id,
  }, response
end

-- One attempt. Returns the answer, or nil, the error and the response when there was one; for money the verdict too.
local function attempt(self, endpoint, plan, deadline, typing)
  concurrently.began(plan.client_ref_id)
  local response, err = (plan.bytes and send_directly or send)(self, endpoint, plan, deadline)
  concurrently.ended(response and true or err and err.sent)
  if not response then return nil, err end
  local result = typing and response_reader.read_typed(endpoint, response, plan, typing)
  if result then return result, nil, response end
  if endpoint.moves_money then return read_money(endpoint, response, plan, typing) end
  local answer, read_err = response_reader.read(endpoint, response, request.plain(plan), typing)
  return answer, read_err, response
end

local function report_once(self, problem)
  if self.is_observer_broken then return end
  self.is_observer_broken = true
  local text = "eko: on_exchange raised, which is told once: " .. redact.text(tostring(problem):sub(1, 500))
  local ngx = rawget(_G, "ngx")
  if type(ngx) == "table" and ngx.log then ngx.log(ngx.ERR, text) else io.stderr:write(text, "\n") end
end

local function observe(self, endpoint, plan, number, answer, err, response)
  local event = {
    slug = endpoint.slug,
    method = plan.method,
    path = redact.path(plan.path),
    attempt = number,
    client_ref_id = plan.client_ref_id,
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
local function heed_authentication(self, err, response, plan, verdict)
  local kind = response and retry.authentication(err)
  if not kind then return end
  local headers = response.headers or {}
  if verdict and verdict.kind == "authentication" and (verdict.code == nil or verdict.code == 2485) then
    verdict.proof = settlement.proves_unsent(self.signing, plan.left, headers)
  end
  local code = kind == "coded" and err.code or nil
  local found, server_ms, system_ms = self.signing:examine { code = code, date = headers["date"], at = monotonic() }
  if found == "corrected" then
    err.clock_corrected = true
  elseif found == "clock_wrong" then
    clock_wrong(err, server_ms, system_ms)
  elseif code == 2485 and found ~= "unconfirmed" then
    self.signing:skip(tonumber(plan.timestamp))
  end
end

-- Whether the platform let a call in: it answered, and with something else than an authentication failure.
local function was_accepted(answer, err)
  return answer ~= nil or err.kind == "api" and not retry.authentication(err)
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

local function perform(self, endpoint, plan, how)
  local number, tries, signed_again = 0, 0, nil
  while true do
    number = number + 1
    local answer, err, response, verdict = attempt(self, endpoint, plan, how.deadline, how.typing)
    if response and was_accepted(answer, err) then self.signing:accepted(how.deadline) end
    if not answer or self.on_exchange then plan = request.plain(plan) end -- a signature is used once
    if err then
      err.attempts, err.signed_again = number, signed_again
      heed_authentication(self, err, response, plan, verdict)
      err.retryable = retry.is_retryable(endpoint, err)
    end
    if self.on_exchange then observe(self, endpoint, plan, number, answer, err, response) end
    if answer then
      if number > 1 then set_attempts(answer, how.typing, number) end
      return answer
    elseif how.once then
      return nil, err, verdict
    elseif not signed_again and retry.may_sign_again(endpoint, err) then
      signed_again = true
    elseif tries < how.retries and retry.may_repeat(endpoint, err) and wait_for_retry(tries, response, how.deadline) then
      tries = tries + 1
    else
      return nil, err, verdict
    end
  end
end

-- A debit whose bytes may have left is not forgotten, whatever raises: a transport or a clock of the user's, or that memory ran out.
local function perform_money(self, endpoint, plan, how)
  local ok, answer, err, verdict = concurrently.protected(perform, self, endpoint, plan, how)
  if ok and answer then return answer end
  if not ok then
    if not plan.left then error(answer, 0) end
    err, verdict = settlement.raised(answer, "the call, once its request may have left,", secrets_of(self, plan)), nil
    err.slug, err.client_ref_id, err.attempts = endpoint.slug, plan.client_ref_id, 1
  end
  return settlement.settle(self, endpoint, plan, err, verdict, how)
end

-- What the client knows, with what this call says of itself.
local function context_of(self, options)
  if options.client_ref_id == nil and options.extra == nil and options.strict == nil then return self.context end
  return {
    initiator_id = self.context.initiator_id,
    user_code = self.context.user_code,
    client_ref_id = options.client_ref_id,
    extra = options.extra,
    strict = options.strict == nil and self.context.strict or options.strict,
  }
end

-- Planned and, where that can be done in one step, signed; or nil and the error.
local function plan_of(self, endpoint, params, options)
  local plan = sign_directly(self, endpoint, params, options)
  if plan then return plan end
  local err
  plan, err = request.plan(endpoint, params, context_of(self, options))
  if plan and endpoint.moves_money then
    plan.facts = verdicts.facts(request.sent(plan))
    if endpoint.fields.tid then plan.facts.tid = plan.facts.tid or verdicts.facts(params).tid end
  end
  if err and endpoint.moves_money then err.state = "not_sent" end
  return plan, err
end

local function dry_run(self, plan, deadline)
  local headers, err = signed_headers(self, plan, deadline)
  if not headers then return nil, err end
  return { method = plan.method, url = self.base_url .. plan.path, headers = headers, body = plan.body }
end

--- Makes the function that performs a call.
-- @param self { base_url =, transport =, direct = (of `eko.exchange`, when the transport is ours), signing =,
--   timeout = seconds, retries =, inquiry_timeout = seconds, context = { initiator_id =, user_code =, strict = }, on_exchange = };
--   the made function is also stored as `self.call`
-- @return a function (slug, params, options, typing) -> answer | nil, err; options are checked already, `typing` is a
--   wallet's (see `eko.response`)
function call.new(self)
  self.bound, self.spare = {}, {}
  function self.call(slug, params, options, typing)
    local endpoint, near = catalog.get(slug)
    if not endpoint then return nil, unknown_endpoint(slug, near) end
    local plan, plan_err = plan_of(self, endpoint, params, options)
    if not plan then
      if endpoint.moves_money then plan_err.state = "not_sent" end
      return nil, plan_err
    end
    local how = {
      deadline = monotonic() + (options.timeout or self.timeout), retries = options.retries or self.retries, once = options.once,
      typing = typing,
    }
    if options.dry_run then return dry_run(self, plan, how.deadline) end
    if endpoint.moves_money then return perform_money(self, endpoint, plan, how) end
    local answer, err = perform(self, endpoint, plan, how)
    if answer then
      if plan.bytes then
        plan.bytes = nil -- it holds what the call sent
        self.spare[#self.spare + 1] = plan
      end
      return answer
    end
    return nil, err
  end
  return self.call
end

return call
