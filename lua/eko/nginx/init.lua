--- Journeys as endpoints of nginx, ready to be mounted.
--
--     -- in init_by_lua_block
--     app = require("eko.nginx").new {
--       client = function() return eko.client { ... } end,
--       key = ..., store = require("eko.store.shared_dict").new "journeys", shared_dict = "eko",
--     }
--     -- location = /onboarding/start { content_by_lua_block { app:start() } }
--
-- | endpoint | request | |
-- |---|---|---|
-- | `app:start()` | POST `{ "wallet": "levin", "customer_id": "9444444444" }` | begins; a cookie carries the journey from here |
-- | `app:advance()` | POST `{ "state": "otp", "inputs": { "otp": "123456" } }` | gives what the step needs; `state`, the one that the
-- page shows, may be left out |
-- | `app:resend()` | POST `{}` | has another OTP sent |
-- | `app:resume()` | GET | where the journey stands: for a page that was loaded again |
-- | `app:cancel()` | POST `{}` | forgets the journey here; the platform keeps what it has |
--
-- The answer is the step (see `eko.onboarding`) as JSON, without `validators` and `result`; or a problem (RFC 9457,
-- `application/problem+json`) whose `name` is stable, with the `step` to go on from where there is one. No token and no reference
-- of the platform is ever in it.
--
-- Requests must come from the site's own page: header `X-Requested-With`, `Origin` (or the option `origins`), JSON, and a cookie that
-- is `HttpOnly`, `Secure` and `SameSite=Strict`. A journey is worked on by one request at a time; a second one is answered with 409.
-- Who may onboard customers at all is for your own log-in to say, in `access_by_lua` or in front.
--
-- All of them work in the rewrite, access and content phases.
-- @module eko.nginx
local answer = require "eko.nginx.answer"
local cookies = require "eko.nginx.cookies"
local formats = require "eko.formats"
local inputs_of = require "eko.onboarding.inputs"
local limits = require "eko.nginx.limits"
local onboarding = require "eko.onboarding"
local request = require "eko.nginx.request"
local sealed = require "eko.sealed"
local settings = require "eko.settings"
local shared_dict = require "eko.store.shared_dict"
local stores = require "eko.store"

-- luacheck: globals ngx (only nginx loads this file)
local ngx = ngx

local nginx = {}

local POST, READ = { POST = true }, { GET = true, POST = true }

local app = {}
local meta = { __index = app, __metatable = "eko.nginx", __tostring = function() return "eko.nginx" end }

-- Made when it is first needed, in the worker: a function may give a client or a store.
local function made(self, name)
  local value = self[name]
  if type(value) == "function" then
    value = value()
    self[name] = value
  end
  return value
end

local function log_failure(what)
  ngx.log(ngx.ERR, "eko.nginx: ", tostring(what))
end

local function store_failure(err)
  log_failure(err)
  return answer.problem("store_unavailable", "try again in a moment", { cause = err.name }, { ["Retry-After"] = "1" })
end

local function no_journey(self, cause)
  self.jar.write(self.cookie_name, nil, 0)
  return answer.problem("no_journey", "begin again; what the platform has verified stays verified", { cause = cause })
end

local function busy()
  return answer.problem("journey_busy", "wait for its answer, then look where the journey stands", nil, { ["Retry-After"] = "1" })
end

-- The id of the caller's journey, or nil.
local function id_of(self)
  local id = self.jar.read(self.cookie_name)
  return stores.is_key(id) and id or nil
end

-- The journey, or nil and the answer.
local function open(self, id)
  local token, err = made(self, "store"):get(id)
  if err then return nil, store_failure(err) end
  if not token then return nil, no_journey(self) end
  local flow, flow_err = made(self, "client"):resume(token, self.keys, { context = id })
  if not flow then return nil, no_journey(self, flow_err.name) end
  return flow
end

-- Puts the journey away again, or forgets it when it is over. Returns the answer when that failed.
local function keep(self, id, claim, flow, step)
  local store = made(self, "store")
  local ok, err
  if step and step.done then
    ok, err = store:delete(id)
    self.jar.write(self.cookie_name, nil, 0)
  else
    local token
    token, err = flow:suspend(self.keys, { ttl = self.ttl, context = id })
    if token then ok, err = store:put(id, token, self.ttl, store.claims and claim or nil) end
    if ok then self.jar.write(self.cookie_name, id, self.ttl) end
  end
  if ok then return nil end
  if err == "claim_lost" then return busy() end
  return store_failure(err)
end

-- Nil, or the answer when there were too many for this customer.
local function refused(self, limit, customer_id)
  local ok, seconds, err = limits.count(self, limit, customer_id)
  if ok then return nil end
  if err then return store_failure(err) end
  return answer.problem("too_many_attempts", ("try again in %d seconds"):format(seconds), nil,
    { ["Retry-After"] = ("%d"):format(seconds) })
end

local function claims_of(self)
  local store = made(self, "store")
  return store.claims and store or self.claims
end

-- Has `work(flow)` -> step or nil, err or nil, answer done by one request at a time, and puts the journey away.
local function with_journey(self, work)
  local id = id_of(self)
  if not id then return no_journey(self) end
  local claims = claims_of(self)
  local claim, why = claims:claim(id, self.claim_ttl)
  if not claim then return why == "claimed" and busy() or store_failure(why) end
  local done, reply = pcall(function()
    local flow, refusal = open(self, id)
    if not flow then return refusal end
    local step, err, answered = work(flow)
    if answered then return answered end
    refusal = keep(self, id, claim, flow, step)
    if refusal then return refusal end
    return step and answer.step(step) or answer.failure(err, flow:step())
  end)
  local _, err = claims:release(id, claim)
  if err then log_failure(err) end
  if not done then error(reply, 0) end
  return reply
end

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
    local ok, reply = pcall(reply_to, self)
    if not ok then
      log_failure(reply)
      reply = answer.problem("internal_error", "the server's error log says more")
    end
    return answer.send(reply)
  end
end

local function invalid(name, expected)
  return answer.problem("invalid_input", ("%s: expected %s"):format(name, expected), { invalid_params = { [name] = expected } })
end

local function is_mobile(value)
  local format = formats.mobile
  return type(value) == "string" and #value == format.length and value:find(format.pattern) ~= nil
end

local function start(self, body)
  if type(body.wallet) ~= "string" or not self.wallets[body.wallet] then
    return invalid("wallet", "one of " .. table.concat(self.wallet_names, ", "))
  elseif not is_mobile(body.customer_id) then
    return invalid("customer_id", formats.mobile.expected)
  end
  local refusal = refused(self, "starts", body.customer_id)
  if refusal then return refusal end
  local flow = made(self, "client"):onboarding(body.wallet, { customer_id = body.customer_id })
  local step, err = flow:advance()
  if not step then return answer.failure(err) end
  local before = id_of(self)
  if before then
    local ok, delete_err = made(self, "store"):delete(before)
    if not ok then return store_failure(delete_err) end
  end
  return keep(self, stores.new_key(), nil, flow, step) or answer.step(step)
end

-- What a person gave, or nil and the answer.
local function inputs_in(body)
  local given = body.inputs
  if given == nil then given = {} end
  if type(given) ~= "table" then return nil, invalid("inputs", "an object of values by name") end
  for name in pairs(given) do
    if not inputs_of.known[name] or name == "customer_id" then
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

local function advance(self, body)
  local given, refusal = inputs_in(body)
  if not given then return refusal end
  return with_journey(self, function(flow)
    if not stands_at(flow, body.state) then
      return nil, nil, answer.problem("journey_moved_on", "ask where it stands, and show that")
    end
    local too_many = refused(self, "attempts", flow.data.customer_id)
    if too_many then return nil, nil, too_many end
    return flow:advance(given)
  end)
end

local function resend(self)
  return with_journey(self, function(flow)
    local too_many = refused(self, "resends", flow.data.customer_id)
    if too_many then return nil, nil, too_many end
    return flow:resend()
  end)
end

-- A journey that needs a person is only shown; one that stands between two calls goes on.
local function resume(self)
  local id = id_of(self)
  if not id then return no_journey(self) end
  local flow, refusal = open(self, id)
  if not flow then return refusal end
  local step = flow:step()
  if step.needs[1] or step.done then return answer.step(step) end
  return with_journey(self, function(claimed) return claimed:advance() end)
end

local function cancel(self)
  local id = id_of(self)
  self.jar.write(self.cookie_name, nil, 0)
  if id then
    local ok, err = made(self, "store"):delete(id)
    if not ok then return store_failure(err) end
  end
  return answer.empty()
end

app.start = endpoint(POST, true, start)
app.advance = endpoint(POST, true, advance)
app.resend = endpoint(POST, true, resend)
app.resume = endpoint(READ, false, resume)
app.cancel = endpoint(POST, true, cancel)

local OPTIONS = {
  client = true, key = true, store = true, shared_dict = true, wallets = true, ttl = true, claim_ttl = true, cookie = true,
  origins = true, max_body = true, limits = true,
}

local function check_number(options, name, default, level)
  local value = options[name]
  if value == nil then return default end
  if not (type(value) == "number" and value > 0 and value < math.huge) then
    error(("eko.nginx: option %q is a number above 0"):format(name), level + 1)
  end
  return value
end

local function wallets_of(given, level)
  local names, set = given or onboarding.wallets, {}
  for _, name in ipairs(names) do
    onboarding.definition(name)
    set[name] = true
  end
  if not next(set) then error("eko.nginx: option \"wallets\" is a list of wallets", level + 1) end
  return set, names
end

local function origins_of(given, level)
  if given == nil then return nil end
  local set = {}
  for _, origin in ipairs(type(given) == "table" and given or { given }) do
    if type(origin) ~= "string" or not origin:find "^https?://[^/%s]+$" then
      error("eko.nginx: option \"origins\" is a list such as { \"https://shop.example\" }", level + 1)
    end
    set[origin:lower()] = true
  end
  return set
end

local function store_of(given, jar, level)
  if given == "cookie" then return require("eko.store.cookie").new { jar = jar } end
  if type(given) ~= "table" and type(given) ~= "function" then
    error('eko.nginx: option "store" is a store (see eko.store), a function that makes one, or "cookie"', level + 1)
  end
  return given
end

--- Makes the endpoints; best in `init_by_lua_block`, so that a mistake stops nginx from starting.
-- @tparam table options
--
-- * `client`: a client, or a function that makes one (called in the worker, once)
-- * `key`: the key that journeys are sealed with (at least 32 random bytes), or a list of which the first seals
-- * `store`: a store, a function that makes one, or `"cookie"`
-- * `shared_dict`: the name of a `lua_shared_dict` (1m will do) for limits, and for claims where the store has none
-- * `wallets`: those that may be used; all
-- * `ttl`: seconds that a journey waits for a person; 1800
-- * `claim_ttl`: seconds after which another request may go on where one was lost; 120. What comes later than that is not kept
-- * `cookie`: `{ name = "eko_journey", path = "/", domain =, secure = true, same_site = "Strict" }`; `secure = false` works on
--   loopback only
-- * `origins`: the origins that pages may have, where it is not the one that nginx sees (behind a proxy that ends TLS)
-- * `max_body`: bytes of a request; 16384, which is also the size of nginx's `client_body_buffer_size`: raise both
-- * `limits`: `{ starts =, attempts =, resends = }`, each `{ count =, seconds = }` for one customer; see `eko.nginx.limits`
-- @raise when an option is missing or wrong
-- @treturn table `start`, `advance`, `resend`, `resume`, `cancel`
function nginx.new(options)
  if type(options) ~= "table" then error("eko.nginx: a table of options is expected", 2) end
  settings.refuse_unknown("eko.nginx", options, OPTIONS, 3)
  if options.client == nil then error('eko.nginx: option "client" is missing: a client, or a function that makes one', 2) end
  if type(options.shared_dict) ~= "string" then
    error('eko.nginx: option "shared_dict" is missing: the name of a lua_shared_dict, such as "lua_shared_dict eko 1m;"', 2)
  end
  local attributes = cookies.attributes(options.cookie, 2)
  local jar = cookies.jar(attributes)
  local claims = shared_dict.new(options.shared_dict)
  local wallets, wallet_names = wallets_of(options.wallets, 2)
  return setmetatable({
    client = options.client, keys = sealed.keys(options.key, 3), store = store_of(options.store, jar, 2), claims = claims,
    dict = ngx.shared[options.shared_dict], dict_name = options.shared_dict, wallets = wallets, wallet_names = wallet_names,
    ttl = check_number(options, "ttl", 1800, 2), claim_ttl = check_number(options, "claim_ttl", 120, 2),
    max_body = check_number(options, "max_body", 16384, 2), attributes = attributes, jar = jar,
    cookie_name = attributes.name or "eko_journey", origins = origins_of(options.origins, 2), limits = limits.read(options.limits, 2),
  }, meta)
end

return nginx
