--- The client: what a program holds to talk to one environment with one pair of keys. Immutable once made.
-- @module eko.client

local call = require "eko.call"
local carriers = require "eko.carrier"
local catalog = require "eko.catalog"
local errors = require "eko.errors"
local settings = require "eko.settings"
local signing = require "eko.signing"

local client = {}

local INQUIRY = {
  client_ref_id = true, tid = true, amount = true, recipient_id = true, account = true, ifsc = true, initiator_id = true, user_code = true,
}

local function check_inquiry(what, level)
  if type(what) ~= "table" then error("inquire: a table is expected, { client_ref_id = } or { tid = }", level) end
  settings.refuse_unknown("inquire", what, INQUIRY, level + 1)
  if what.client_ref_id == nil and what.tid == nil then error("inquire: client_ref_id or tid is missing", level) end
  if what.client_ref_id ~= nil and type(what.client_ref_id) ~= "string" then error("inquire: client_ref_id is a string", level) end
  if what.tid ~= nil and type(what.tid) ~= "string" and type(what.tid) ~= "number" then
    error("inquire: tid is a string of digits", level)
  end
end

-- The emulator of this client, and the keys that it made up.
local function start_emulator(checked)
  local platform = require("eko.emulator").new {
    developer_key = checked.developer_key,
    access_key = checked.access_key,
    clock = checked.clock,
  }
  checked.developer_key, checked.access_key = platform.developer_key, platform.access_key
  checked.initiator_id = checked.initiator_id or platform.initiator_id
  checked.user_code = checked.user_code or platform.user_code
  checked.transport = platform
  return platform
end

local function new_exchange(checked)
  return require("eko.exchange").new {
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

local function find(slug)
  local endpoint, near = catalog.get(slug)
  if endpoint then return endpoint end
  return nil, unknown_endpoint(slug, near)
end

local WALLETS = { customer = true, digikhata = true, levin = true, fino = true }

-- Wallets are bound when they are first asked for: a script uses one of the four.
local function index_of(methods, perform)
  return function(self, name)
    local method = methods[name]
    if method ~= nil or not WALLETS[name] then return method end
    local bound = require("eko.wallet").bind(name, perform)
    rawset(self, name, bound)
    return bound
  end
end

local function describe(checked)
  return ("eko.client (%s)"):format(checked.environment or checked.base_url)
end

--- Makes a client.
-- @param options see the README, "Options"; an unknown or ill-typed option raises
-- @return the client: `client:call(slug, params, options)` and the wallets `customer`, `digikhata`, `levin`, `fino`;
--   `client.emulator` with `environment = "emulator"`
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
  local perform = call.new {
    find = find,
    base_url = checked.base_url,
    transport = transport,
    direct = direct,
    signing = signing.new(checked),
    timeout = checked.timeout,
    retries = checked.retries,
    inquiry_timeout = checked.inquiry_timeout,
    context = { initiator_id = checked.initiator_id, user_code = checked.user_code, strict = checked.strict },
    on_exchange = checked.on_exchange,
  }
  checked.access_key = nil -- it is in the core now, and nobody who holds the client can get at it
  local methods = { emulator = platform }
  --- Calls an endpoint by its slug.
  -- @param slug a name of the catalogue, such as "ppi-levin-verify-otp"
  -- @param params the parameters by name
  -- @param call_options { timeout = seconds, retries =, dry_run =, client_ref_id =, extra = { name = value }, strict =,
  --   once = true to have it sent once, whatever comes }
  -- @return the answer with `outcome` and `meta`, or nil and an error
  function methods:call(slug, params, call_options) -- luacheck: ignore self
    local answer, err = perform(slug, params, call_options)
    return answer, err -- no tail call: misuse is reported at the line of this function's caller
  end
  --- Asks what became of a transaction.
  -- @param what { client_ref_id = your reference } or { tid = }; and what else is known of it, so that an answer about another
  --   transaction is told from one about this: amount (rupees), recipient_id, account, ifsc
  -- @param call_options as of `client:call`
  -- @return { state, tid, tx_status, amount, fee, bank_ref_num, reason, client_ref_id, response }; state is `succeeded`, `failed`,
  --   `pending`, `refund_pending`, `refunded` or `unknown`
  -- @return or nil and an error: `transaction_not_found` (err.state is `unknown`: it may still turn up), `foreign_answer`
  function methods:inquire(what, call_options) -- luacheck: ignore self
    check_inquiry(what, 3)
    local found, err = require("eko.inquiry").ask(perform, what, call.check(call_options, 3))
    if found then return found end
    return nil, err
  end
  --- Begins a journey; see `eko.onboarding`.
  -- @param name "customer", "digikhata", "levin" or "fino"
  -- @param inputs { customer_id = mobile, ... }
  -- @param journey_options { limits = { otps = 6, refusals = 12, calls = 60, resend_seconds = 30 } }
  -- @return a flow
  function methods:onboarding(name, inputs, journey_options)
    local flow = require("eko.onboarding").new(self, checked.clock, name, inputs, journey_options)
    return flow -- no tail call: Lua 5.1 could not name the caller's line in an error
  end
  --- Goes on with a journey that was suspended.
  -- @param token what `flow:suspend` gave
  -- @param key the key it was sealed with, or a list of keys
  -- @param resume_options { context = text } where one was given
  -- @return a flow, or nil and an error
  function methods:resume(token, key, resume_options)
    local flow, err = require("eko.onboarding").resume(self, checked.clock, token, key, resume_options)
    return flow, err
  end
  local shown = describe(checked)
  return setmetatable({}, {
    __index = index_of(methods, perform),
    __newindex = function() error("a client cannot be changed; make another one", 2) end,
    __tostring = function() return shown end,
    __metatable = "eko.client",
  })
end

return client
