--- The endpoints themselves: what each takes, checks and does. `eko.nginx` says what they are for.
-- @module eko.nginx.endpoints
local answer = require "eko.nginx.answer"
local cookies = require "eko.nginx.cookies"
local inputs = require "eko.journey.inputs"
local journeys = require "eko.nginx.journeys"
local limits = require "eko.nginx.limits"
local request = require "eko.nginx.request"
local store = require "eko.store"

-- luacheck: globals ngx (only nginx loads this file)
local ngx = ngx

local endpoints = {}

local POST, READ = { POST = true }, { GET = true, POST = true }

-- With `lua_check_client_abort on` a browser that leaves would end the work in the middle: an OTP that nobody counts, and a claim
-- that nobody lets go of. (Where it is off, or where the application has a handler of its own, this does nothing.)
local function run_on() end
local function see_it_through() pcall(ngx.on_abort, run_on) end

-- An endpoint: the guard in front; what raises is logged and answered.
local function endpoint(methods, reads_body, handle)
  local function reply_to(self)
    if not self.attributes.secure and not cookies.is_private() then
      error("cookies without Secure are for TLS and for loopback only: leave out cookie.secure = false", 0)
    end
    local refusal = request.guard(self, methods)
    if refusal then return refusal end
    local body
    if reads_body then
      body, refusal = request.read(self.max_body)
      if not body then return refusal end
    end
    return handle(self, body)
  end
  return function(self)
    see_it_through()
    local ok, reply = pcall(reply_to, self)
    if not ok then
      journeys.log_failure(reply)
      reply = answer.problem("internal_error", "the server's error log says more")
    end
    return answer.send(reply)
  end
end

local function invalid(name, expected)
  return answer.problem("invalid_input", name .. ": " .. inputs.said(expected), { invalid_params = { [name] = expected } })
end

-- Nil, or the answer when there were too many.
local function refused(self, limit, customer_id)
  local ok, seconds, by = limits.count(self, limit, customer_id)
  if ok then return nil end
  return answer.problem("too_many_attempts", ("too many for this %s; try again in %d seconds"):format(by, seconds), { by = by },
    { ["Retry-After"] = ("%d"):format(seconds) })
end

local function start(self, body)
  if type(body.wallet) ~= "string" or not self.wallets[body.wallet] then
    return invalid("wallet", "one of " .. table.concat(self.wallet_names, ", "))
  end
  local customer_id, expected = inputs.customer(body.customer_id)
  if not customer_id then return invalid("customer_id", expected) end
  local refusal = refused(self, "starts", customer_id)
  if refusal then return refusal end
  local flow = journeys.client(self):onboarding(body.wallet, { customer_id = customer_id }, self.journey_limits)
  return journeys.begin(self, flow)
end

-- The answer where a page does not say which journey it means.
local function unnamed(body)
  if store.is_key(body.journey) then return nil end
  return invalid("journey", "`journey` of the step that the page shows")
end

-- What a person gave, or nil and the answer.
local function inputs_in(body)
  local given = body.inputs
  if given == nil then given = {} end
  if type(given) ~= "table" then return nil, invalid("inputs", "an object of values by name") end
  for name in pairs(given) do
    if not inputs.known[name] or name == "customer_id" then
      return nil, answer.problem("invalid_input", "inputs holds a name that no step needs")
    end
  end
  return given
end

-- Whether the journey is where the page believes it to be. One that is taken up again enters some states by the state before.
local function stands_at(flow, state)
  local shown = flow:flow_definition().states[state]
  return state == nil or state == flow:state() or shown ~= nil and shown.restore == flow:state()
end

-- Work on a journey that is counted first.
local function counted(self, limit, work)
  return function(flow)
    local too_many = refused(self, limit, flow.data.customer_id)
    if too_many then return nil, nil, too_many end
    return work(flow)
  end
end

local function advance(self, body)
  local refusal = unnamed(body)
  if refusal then return refusal end
  local given
  given, refusal = inputs_in(body)
  if not given then return refusal end
  local go_on = counted(self, "attempts", function(flow) return flow:advance(given) end)
  return journeys.with(self, body.journey, function(flow)
    if stands_at(flow, body.state) then return go_on(flow) end
    return nil, nil, journeys.moved_on()
  end)
end

local function resend(self, body)
  return unnamed(body) or journeys.with(self, body.journey, counted(self, "resends", function(flow) return flow:resend() end))
end

-- A journey that needs a person is only shown; one that stands between two calls goes on.
local function resume(self)
  local flow, refusal = journeys.open(self, journeys.id(self))
  if not flow then return refusal end
  if flow:ended() then return answer.failure(flow:ended(), flow, true) end
  local step = flow:step()
  if step.needs[1] or step.done then return answer.step(flow, step) end
  return journeys.with(self, nil, counted(self, "attempts", function(claimed) return claimed:advance() end))
end

local function cancel(self, body)
  return unnamed(body) or journeys.cancel(self, body.journey)
end

endpoints.start = endpoint(POST, true, start)
endpoints.advance = endpoint(POST, true, advance)
endpoints.resend = endpoint(POST, true, resend)
endpoints.resume = endpoint(READ, false, resume)
endpoints.cancel = endpoint(POST, true, cancel)

return endpoints
