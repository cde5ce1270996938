--- The client: what a program holds to talk to one environment with one pair of keys. Immutable once made.
-- @module eko.client

local call = require "eko.call"
local carriers = require "eko.wire.carrier"
local catalogue = require "eko.wallets.catalogue"
local errors = require "eko.base.errors"
local option_rules = require "eko.base.options"
local settings = require "eko.settings"
local signing = require "eko.call.signing"
local suggest = require "eko.base.suggest"
local wallets = require "eko.wallets"

local client = {}

local USER_AGENT = "lua-eko/" .. require "eko.version"

local INQUIRY = {
  client_ref_id = { function(value) return type(value) == "string" end, "a string" },
  tid = { function(value) return type(value) == "string" or type(value) == "number" end, "a string of digits" },
  amount = true, recipient_id = true, account = true, ifsc = true, initiator_id = true, user_code = true,
}

local function check_inquiry(what, level)
  if type(what) ~= "table" then error("inquire: a table is expected, { client_ref_id = } or { tid = }", level) end
  option_rules.check("inquire", what, INQUIRY, level)
  if what.client_ref_id == nil and what.tid == nil then error("inquire: client_ref_id or tid is missing", level) end
end

-- The emulator of this client, and the keys that it made up.
local function start_emulator(checked)
  local platform = require("eko.emulator").new {
    developer_key = checked.developer_key,
    access_key = checked.access_key,
    clock = checked.clock,
    endpoints = catalogue.documented(),
  }
  checked.developer_key, checked.access_key = platform.developer_key, platform.access_key
  checked.initiator_id = checked.initiator_id or platform.initiator_id
  checked.user_code = checked.user_code or platform.user_code
  checked.transport = platform
  return platform
end

local function new_exchange(checked)
  return require("eko.wire.exchange").new {
    ca_file = checked.ca_file,
    proxy = checked.proxy,
    connect_timeout = checked.connect_timeout,
    max_response_bytes = checked.max_response_bytes,
  }
end

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

-- The endpoints of single requests: they are called by themselves in place of a slug.
local requests = setmetatable({}, { __mode = "k" })

-- Looks an endpoint up among those that the client knows beside the catalogue's, and there.
local function finder(own)
  return function(slug)
    if requests[slug] then return slug end
    local endpoint, near = own[slug], nil
    if not endpoint then endpoint, near = catalogue.get(slug) end
    if endpoint then return endpoint end
    for name in next, own do
      if not near and suggest.nearest(slug, { name }) then near = name end
    end
    return nil, unknown_endpoint(slug, near)
  end
end

-- The endpoints that a client knows beside the catalogue's: those that were defined, and those with another path.
local function own_endpoints(checked, what, level)
  local own = {}
  for slug, endpoint in next, checked.defined do own[slug] = endpoint end
  for slug, path in next, checked.paths or {} do
    local endpoint, err = finder(own)(slug)
    if not endpoint then error(("%s: option \"paths\": %s"):format(what, err.message), level) end
    local moved, problem = require("eko.catalog.define").moved(endpoint, path, checked.base_url, catalogue)
    if not moved then error(("%s: option \"paths\": %s: %s"):format(what, slug, problem), level) end
    own[slug] = moved
  end
  return own
end

-- What stands behind each client: its options, the function that performs its calls, what it shares with its siblings. Out of reach of
-- whoever holds the client.
local states = setmetatable({}, { __mode = "k" })

-- The state of the client that a method was called on.
local function state_of(self, name)
  local state = states[self]
  if not state then error(("a method of a client is called with a colon: client:%s(...)"):format(name), 3) end
  return state
end

local methods = {}

-- The names that a client has. Any other that is near to one of them is a mistyped one; what is not near is nil, and so is what begins
-- with "_": libraries ask for it.
local NAMES = { "call", "inquire", "onboarding", "resume", "with", "define", "request", "emulator" }
for _, name in ipairs(wallets.names) do NAMES[#NAMES + 1] = name end

local meta = { __metatable = "eko.client" }

-- Wallets are bound when they are first asked for: a script uses one of them.
function meta.__index(self, name)
  local method = methods[name]
  if method then return method end
  local state = states[self]
  if name == "emulator" then return state.shared.platform end
  if wallets.is(name) then
    local bound = wallets.bind(name, state.perform)
    rawset(self, name, bound)
    return bound
  end
  local near = type(name) == "string" and not name:find "^_" and suggest.nearest(name, NAMES)
  if near then error(("a client has no %q, did you mean %q?"):format(name, near), 2) end
end

function meta.__newindex() error("a client cannot be changed; client:with makes another one", 2) end

-- Lists all wallets, where `pairs` asks for it (Lua 5.2 and later); elsewhere it lists those that were used.
function meta.__pairs(self)
  for _, name in ipairs(wallets.names) do meta.__index(self, name) end
  return next, self, nil
end

function meta.__tostring(self)
  local checked = states[self].checked
  return ("eko.client (%s)"):format(checked.environment or checked.base_url)
end

local function is_callable(value) return value ~= nil and (type(value) ~= "table" or getmetatable(value) ~= nil) end

-- A client of options that are checked. `shared` is what siblings share: { transport =, direct =, platform = }; `kin` is the signer of the
-- client that this one is made of. The level is that of the function which calls this one.
local function make(checked, shared, kin, what, level)
  local own = own_endpoints(checked, what, level + 1)
  local signer = signing.new(checked, kin)
  local makes_headers = is_callable(checked.headers)
  local perform = call.new {
    find = finder(own),
    base_url = checked.base_url,
    transport = shared.transport,
    direct = shared.direct,
    signing = signer,
    timeout = checked.timeout,
    retries = checked.retries,
    inquiry_timeout = checked.inquiry_timeout,
    context = { initiator_id = checked.initiator_id, user_code = checked.user_code, strict = checked.strict, clock = checked.clock },
    headers = not makes_headers and checked.headers or nil,
    make_headers = makes_headers and checked.headers or nil,
    user_agent = USER_AGENT .. (checked.user_agent_suffix and " " .. checked.user_agent_suffix or ""),
    on_exchange = checked.on_exchange,
  }
  checked.access_key = nil -- it is in the core now, and nobody who holds the client can get at it
  local made = setmetatable({}, meta)
  states[made] = { checked = checked, shared = shared, signing = signer, own = own, perform = perform }
  return made
end

--- Makes a client.
-- @tparam table options see the README, "Options"
-- @treturn table the client: the methods below and the wallets (`client.levin` ..., see `eko.wallets`); `client.emulator` with
-- `environment = "emulator"`
-- @raise when an option is unknown, wrong or missing
function client.new(options)
  local checked = settings.check(options, 3)
  local platform = checked.environment == "emulator" and not checked.transport and start_emulator(checked) or nil
  settings.require_keys(checked, 3)
  local transport, direct = checked.transport, nil
  if not transport then
    local ok, option, reason = carriers.check(checked)
    if not ok then error(("eko.client: option %q cannot work: %s"):format(option, reason), 2) end
    direct = new_exchange(checked)
  end
  checked.defined = {}
  local made = make(checked, { transport = transport, direct = direct, platform = platform }, nil, "eko.client", 3)
  return made
end

--- Calls an endpoint by its slug.
-- @tparam string slug a name of the catalogue, such as `"ppi-levin-verify-otp"`
-- @tparam[opt] table params the parameters by name
-- @tparam[opt] table call_options `{ timeout = seconds, retries =, dry_run =, client_ref_id =, extra = { name = value }, strict =,
-- once = true to have it sent once, whatever comes }`
-- @treturn[1] table the answer with `outcome` and `meta`, see `eko.call.response`; with `dry_run` the signed request
-- @treturn[2] nil
-- @treturn[2] table an error, see `eko.base.errors`
-- @raise when an option is unknown or wrong
function methods:call(slug, params, call_options)
  local state = states[self] or state_of(self, "call")
  local answer, err = state.perform(slug, params, call_options)
  return answer, err -- no tail call: misuse is reported at the line of this function's caller
end

--- Signs and sends anything.
-- @tparam table given `{ method = "POST", path = "/below/the/base/url", query = { name = value }, body = { name = JSON value },
-- moves_money = false where it is sure that it moves none }`: without that, whatever is no GET is sent once, and looked up when its
-- answer is lost. The path goes out as it is given, so it must be percent-encoded where that is needed. What is no GET carries a
-- `client_ref_id`; nothing else is added
-- @tparam[opt] table call_options as of `client:call`, but for `extra`
-- @treturn[1] table the answer with `outcome` and `meta`
-- @treturn[2] nil
-- @treturn[2] table an error, see `eko.base.errors`
-- @raise when the request or an option is not in order
function methods:request(given, call_options)
  local state = state_of(self, "request")
  local endpoint, params, extra = require("eko.catalog.define").request(given, state.checked.base_url, catalogue)
  if not endpoint then error("client:request: " .. params, 2) end
  local options = { extra = extra }
  for name, value in next, call.check(call_options, 3) do options[name] = value end
  if options.extra ~= extra then error("client:request: it takes no extra: query and body hold everything", 2) end
  requests[endpoint] = true
  local answer, err = state.perform(endpoint, params, options)
  return answer, err
end

--- Asks what became of a transaction.
-- @tparam table transaction `{ client_ref_id = your reference }` or `{ tid = }`; and what else is known of it, so that an answer about
-- another transaction is told from one about this: `amount` (rupees), `recipient_id`, `account`, `ifsc`
-- @tparam[opt] table call_options as of `client:call`
-- @treturn[1] table `{ state, tid, tx_status, amount, fee, bank_ref_num, reason, client_ref_id, response }`; `state` is `succeeded`,
-- `failed`, `pending`, `refund_pending`, `refunded` or `unknown`, amounts are texts, in rupees
-- @treturn[2] nil
-- @treturn[2] table an error: `transaction_not_found` (`err.state` is `unknown`: it may still turn up), `foreign_answer` ...
-- @raise when what is known of the transaction or an option is not in order
function methods:inquire(transaction, call_options)
  local state = state_of(self, "inquire")
  check_inquiry(transaction, 3)
  local found, err = require("eko.call.inquiry").ask(state.perform, transaction, call.check(call_options, 3))
  if found then return found end
  return nil, err
end

--- Begins a journey; see `eko.journey`.
-- @tparam string name of a wallet, such as `"levin"`
-- @tparam table inputs `{ customer_id = mobile, ... }`
-- @tparam[opt] table journey_options `{ limits = { otps = 6, refusals = 12, calls = 60, resend_seconds = 30 } }`
-- @treturn table a flow
-- @raise when there is no such journey, or an input or option is not in order
function methods:onboarding(name, inputs, journey_options)
  local clock = state_of(self, "onboarding").checked.clock
  local flow = require("eko.journey").new(self, clock, name, inputs, journey_options)
  return flow -- no tail call: Lua 5.1 could not name the caller's line in an error
end

--- Goes on with a journey that was suspended.
-- @tparam string token what `flow:suspend` gave
-- @tparam string|{string,...} key the key it was sealed with, or a list of keys
-- @tparam[opt] table resume_options `{ context = text }` where one was given
-- @treturn[1] table a flow
-- @treturn[2] nil
-- @treturn[2] table an error, see `eko.journey.resume`
-- @raise when the key is too short or an option is wrong
function methods:resume(token, key, resume_options)
  local clock = state_of(self, "resume").checked.clock
  local flow, err = require("eko.journey").resume(self, clock, token, key, resume_options)
  return flow, err
end

--- A sibling: a client with other options, over the same connections. Siblings with one access key share its timestamps.
-- @tparam table options what differs: `developer_key`, `access_key`, `initiator_id`, `user_code`, `timeout`, `retries`,
-- `inquiry_timeout`, `strict`, `on_exchange`, `paths`, `headers`, `user_agent_suffix` (a table takes the place of this client's); the
-- others are those of all siblings
-- @treturn table the sibling; this client stays as it is
-- @raise when an option is unknown, wrong, or one that siblings share
function methods:with(options)
  local state = state_of(self, "with")
  local made = make(settings.check_sibling(options, state.checked, 3), state.shared, state.signing, "client:with", 3)
  return made
end

--- A sibling that knows another endpoint too.
-- @tparam table definition `{ slug =, method = "GET", "POST", "PUT", "PATCH" or "DELETE", path = "/x/{customer_id}", params = {
-- "initiator_id!", ... } as in the files of endpoints, role = (see eko.base.outcomes), moves_money = false where it is sure that it moves
-- none, billed =, sends_sms =, about = }`. It carries a `client_ref_id` only where `params` has it: list it, or money whose answer is lost
-- cannot be looked up
-- @treturn table the sibling: `client:call(slug, ...)`; this client stays as it is
-- @raise when the definition is not in order, or its slug is taken
function methods:define(definition)
  local state = state_of(self, "define")
  local endpoint, problem = require("eko.catalog.define").endpoint(definition, state.checked.base_url, catalogue)
  if not endpoint then error("client:define: " .. problem, 2) end
  local slug = endpoint.slug
  if state.own[slug] or catalogue.get(slug) then error(("client:define: the slug %q is taken"):format(slug), 2) end
  local changed = settings.check_sibling({}, state.checked, 3)
  changed.defined = { [slug] = endpoint }
  for name, each in next, state.checked.defined do changed.defined[name] = each end
  local made = make(changed, state.shared, state.signing, "client:define", 3)
  return made
end

return client
