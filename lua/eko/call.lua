--- One call, from its parameters to a native table: plan, sign, send, read.
-- What is sent again, and when, is decided here and nowhere else.
-- @module eko.call

local core = require "eko.core"
local carriers = require "eko.carrier"
local catalog = require "eko.catalog"
local errors = require "eko.errors"
local frame = require "eko.frame"
local http_date = require "eko.http_date"
local redact = require "eko.redact"
local request = require "eko.request"
local response_reader = require "eko.response"

local monotonic = core.text.monotonic

local call = {}

local USER_AGENT = "lua-eko/0.1.0"
local BACKOFF_SECONDS, BACKOFF_LIMIT = 0.25, 4
local INQUIRY_SECONDS = 10

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

-- The same call would fail in the same way: somebody has to change something first.
local PERMANENT = {
  bad_transport = true,
  ca_file_unreadable = true,
  no_resolver = true,
  tls_verification_failed = true,
  unsupported_option = true,
  wrong_phase = true,
}

-- What a transport returned in place of an answer, as an error of ours.
local function transport_error(err, plan, money)
  if type(err) ~= "table" then err = { name = "transport_failed", message = tostring(err or "no reason was given") } end
  local sent = err.sent
  if sent ~= nil and type(sent) ~= "boolean" then sent = nil end
  local kind = "transport"
  if err.name == "malformed_request" or err.name == "invalid_url" then kind, sent = "invalid_request", false end
  local name = type(err.name) == "string" and err.name:find("^[%a_][%w_]*$") and err.name or "transport_failed"
  return errors.new {
    kind = kind,
    name = name,
    message = redact.text(tostring(err.message or name), request.sent(plan)),
    phase = err.phase,
    sent = sent,
    retryable = kind == "transport" and not money and not PERMANENT[name] and (sent == false or plan.method == "GET"),
    client_ref_id = plan.client_ref_id,
  }
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
  if not self.direct or not self.signing.is_settled or self.context.strict
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
  }
  if not response then return nil, transport_error(err, plan, endpoint.financial) end
  if not self.is_own_transport and not is_response(response) then return nil, bad_response(plan) end
  return response
end

-- Sends what was signed already.
local function send_directly(self, endpoint, plan, deadline)
  local response, err = self.direct.perform(plan.bound.frame.target, endpoint.method, plan.bytes, deadline, 200)
  if not response then return nil, transport_error(err, request.plain(plan), endpoint.financial) end
  return response
end

-- One attempt. Returns the answer, or nil, the error and the response when there was one.
local function attempt(self, endpoint, plan, deadline, typing)
  local response, err = (plan.bytes and send_directly or send)(self, endpoint, plan, deadline)
  if not response then return nil, err end
  local result = typing and response_reader.read_typed(endpoint, response, plan, typing)
  if result then return result, nil, response end
  local answer, read_err = response_reader.read(endpoint, response, request.plain(plan), typing)
  return answer, read_err, response
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
  pcall(self.on_exchange, event)
end

-- An authentication failure was not processed, whatever the method. It is worth one more signature when our clock is
-- found to be off, or when the timestamp was used before.
local function worth_signing_again(self, err, response)
  if not response or (response.status ~= 401 and response.status ~= 403) then return false end
  if err.name == "wrong_developer_key" or err.name == "missing_security_headers" then return false end
  local date = http_date.parse(response.headers["date"])
  if date and self.signing:correct(date * 1000 + 500) then return true end
  if err.code ~= 2485 then return false end
  self.signing:skip()
  return true
end

-- Only a GET whose outcome is unknown; one that sends an SMS only while it surely did not reach the platform.
local function worth_retrying(endpoint, err, response)
  if endpoint.method ~= "GET" then return false end
  local unknown = err.kind == "transport" and not PERMANENT[err.name]
  local failed = response and (response.status == 429 or response.status >= 500)
  if not unknown and not failed then return false end
  return err.sent == false or not endpoint.sends_sms
end

local function pause(tries, response)
  local most = math.min(BACKOFF_LIMIT, BACKOFF_SECONDS * 2 ^ tries)
  local after = response and tonumber(response.headers["retry-after"]) or 0
  return math.max(after, core.text.random() * most)
end

-- Sleeps before another try, unless the deadline would pass meanwhile or nothing can wait here.
local function wait_for_retry(tries, response, deadline)
  local carrier = carriers.choose()
  local seconds = pause(tries, response)
  if not carrier or carrier.now() + seconds >= deadline then return false end
  carrier.sleep(seconds)
  return true
end

local function perform(self, endpoint, plan, deadline, typing)
  local number, tries, signed_again = 0, 0, false
  while true do
    number = number + 1
    local answer, err, response = attempt(self, endpoint, plan, deadline, typing)
    if not answer or self.on_exchange then plan = request.plain(plan) end -- a signature is used once
    if self.on_exchange then observe(self, endpoint, plan, number, answer, err, response) end
    if answer then
      if number > 1 then
        local meta = typing and getmetatable(answer) or answer.meta
        meta.attempts = number
      end
      return answer
    end
    err.attempts = number
    if not signed_again and worth_signing_again(self, err, response) then
      signed_again = true
    elseif tries < self.retries and worth_retrying(endpoint, err, response) and wait_for_retry(tries, response, deadline) then
      tries = tries + 1
    else
      return nil, err, response
    end
  end
end

-- Whether money may have moved although we cannot tell.
local function is_lost(endpoint, err, response)
  if not endpoint.financial or err.sent == false then return false end
  if err.kind == "transport" or err.kind == "decode" then return true end
  if err.kind == "http" then return response == nil or response.status >= 500 or err.name == "empty_answer" end
  return err.name == "no_envelope"
end

local LOST = "the answer was lost (%s) and money may have moved; do not send it again: ask transaction-inquiry for "
  .. "client_ref_id:%s until it is final%s"

-- The answer of a money-moving call was lost: it is looked up, and never sent again.
local function look_up(self, plan, err)
  local inquiry, inquiry_err
  if plan.client_ref_id then
    inquiry, inquiry_err = self.call("transaction-inquiry",
      { ["transaction-reference"] = "client_ref_id:" .. plan.client_ref_id }, { timeout = INQUIRY_SECONDS })
  end
  return errors.new {
    kind = "indeterminate",
    name = err.name,
    code = err.code,
    sent = err.sent,
    retryable = false,
    cause = err,
    inquiry = inquiry,
    inquiry_error = inquiry_err,
    client_ref_id = plan.client_ref_id,
    response = err.response,
    message = LOST:format(err.name, tostring(plan.client_ref_id),
      inquiry and "; err.inquiry holds what it says now" or "; it could not tell yet (err.inquiry_error)"),
  }
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

--- Makes the function that performs a call.
-- @param self { base_url =, transport =, direct = (of `eko.exchange`, when the transport is ours), signing =,
--   timeout = seconds, retries =, context = { initiator_id =, user_code =, strict = }, on_exchange = }; the made function is
--   also stored as `self.call`
-- @return a function (slug, params, options, typing) -> answer | nil, err; options are checked already, `typing` is a
--   wallet's (see `eko.response`)
function call.new(self)
  self.bound, self.spare = {}, {}
  function self.call(slug, params, options, typing)
    local endpoint, near = catalog.get(slug)
    if not endpoint then return nil, unknown_endpoint(slug, near) end
    local plan = sign_directly(self, endpoint, params, options)
    if not plan then
      local plan_err
      plan, plan_err = request.plan(endpoint, params, context_of(self, options))
      if not plan then return nil, plan_err end
    end
    local deadline = monotonic() + (options.timeout or self.timeout)
    if options.dry_run then
      local headers, sign_err = signed_headers(self, plan, deadline)
      if not headers then return nil, sign_err end
      return { method = plan.method, url = self.base_url .. plan.path, headers = headers, body = plan.body }
    end
    local answer, err, response = perform(self, endpoint, plan, deadline, typing)
    if answer then
      if plan.bytes then
        plan.bytes = nil -- it holds what the call sent
        self.spare[#self.spare + 1] = plan
      end
      return answer
    end
    if is_lost(endpoint, err, response) then err = look_up(self, plan, err) end
    return nil, err
  end
  return self.call
end

return call
