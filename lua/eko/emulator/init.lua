--- A stateful platform of your own: agents, customers, OTPs, four rails, and faults on purpose.
--
-- It stands apart from the client: of this library it requires `eko.core` alone, so that a mistake in the client
-- cannot hide in it. It does no I/O; `eko.emulator.server` puts it on a socket.
--
--     local platform = require("eko.emulator").new { customers = { ["9444444444"] = { levin = "active" } } }
--     local response = platform:handle { method = "GET", url = "/ekoapi/v3/customer/profile/9444444444?...",
--                                        headers = {...} }
--     platform:sms("9444444444")[1].otp
--
-- @module eko.emulator
local auth = require "eko.emulator.auth"
local balancer = require "eko.emulator.balancer"
local calls = require "eko.emulator.call"
local core_text = require("eko.core").text
local customers = require "eko.emulator.customers"
local faults = require "eko.emulator.faults"
local http = require "eko.emulator.http"
local json = require "eko.emulator.json"
local ledger = require "eko.emulator.payments.ledger"
local log = require "eko.emulator.log"
local options = require "eko.emulator.options"
local otp = require "eko.emulator.otp"
local ascii = require "eko.emulator.ascii"
local random = require "eko.emulator.random"
local routes = require "eko.emulator.routes"
local scripts = require "eko.emulator.scripts"

local emulator = {}

local Platform = {}
Platform.__index = Platform

local DEFAULT_AGENT = { initiator_id = "9962981729", user_code = "20810200", balance = 1000000 }

local FIRST_IDS = { recipient = 10000000, beneficiary = 40000, transaction = 55000000000 }

local function new_internals(settings)
  local source = random.new(settings.seed)
  settings.developer_key = settings.developer_key or source:hex(16)
  settings.access_key = settings.access_key or source:hex(18)
  local ids = {}
  return {
    options = settings, random = source, clock = settings.clock or core_text.now_ms,
    auth = auth.new(settings), routes = routes.new(settings), customers = customers.new(),
    otp = otp.new(settings, source), faults = faults.new(), scripts = scripts.new(), log = log.new(settings.log_limit),
    expected = {}, agents = {}, user_codes = {}, transactions = ledger.book(), token_key = source:bytes(32),
    next_id = function(_, kind)
      ids[kind] = (ids[kind] or FIRST_IDS[kind]) + 1
      return ids[kind]
    end,
  }
end

--- Makes a platform.
-- @tparam[opt] table given options, see `eko.emulator.options`: `developer_key`, `access_key` (random when absent),
-- `clock` (-> ms since 1970), `seed`, `customers`, `agents` and the knobs
-- @treturn Platform; raises on an unknown option, naming the nearest one
function emulator.new(given)
  local ok, settings = pcall(options.read, given)
  if not ok then error(settings, 2) end
  if type(settings.otp_ref_id) == "string" and not otp.forms[settings.otp_ref_id] then
    error(("eko.emulator: there is no otp_ref_id form '%s' (did you mean '%s'?)"):format(settings.otp_ref_id,
      options.nearest(settings.otp_ref_id, otp.forms)), 2)
  end
  local internals = new_internals(settings)
  local platform = setmetatable({
    developer_key = settings.developer_key, access_key = settings.access_key, base_path = settings.base_path,
    base_url = "http://127.0.0.1" .. settings.base_path, initiator_id = DEFAULT_AGENT.initiator_id,
    user_code = DEFAULT_AGENT.user_code, internals = internals,
  }, Platform)
  platform:add_agent(DEFAULT_AGENT)
  for _, agent in ipairs(settings.agents or {}) do
    platform:add_agent(agent)
  end
  for mobile, preset in pairs(settings.customers or {}) do
    platform:enrol(mobile, preset)
  end
  return platform
end

local function read_params(request, query)
  if request.method == "GET" then return query end
  local content_type = ascii.lower(request.headers["content-type"] or "")
  if not content_type:find("^application/json[ \t\r\n\v\f]*$") and not content_type:find("^application/json[ \t\r\n\v\f]*;") then
    return nil, http.json(415, { status = 1, response_status_id = 1, message = "Unsupported Media Type" })
  end
  local body = json.decode(request.body or "")
  if type(body) ~= "table" or #body > 0 or (request.body or ""):find("^[ \t\r\n\v\f]*%[") then
    return nil, http.json(400, { status = 1, response_status_id = -1, message = "Malformed request body" })
  end
  return body
end

local function answer_call(internals, arrival, params, judgement)
  local call = calls.new(internals, arrival.match, params, arrival.now, judgement)
  local refusal = call:refuse()
  if refusal then return refusal end
  call:identify()
  return arrival.match.route.handler(call)
end

--- The platform's own answer to a request.
-- @tparam table internals
-- @tparam table arrival `request`, `match`, `allowed`, `query`, `now`
-- @tparam[opt] table judgement of the node that sees it, see `eko.emulator.balancer`
-- @treturn table response
-- @treturn ?table envelope, where there is one
-- @treturn ?string outcome, where there is no envelope
local function process(internals, arrival, judgement)
  local request, match = arrival.request, arrival.match
  if not match and arrival.allowed then
    local response = http.plain(405, "Method Not Allowed")
    response.headers.allow = table.concat(arrival.allowed, ", ")
    return response
  elseif not match then
    return http.plain(404, "No Mapping Rule matched")
  end
  local refusal, code = internals.auth:refuse(request.headers, arrival.now, judgement and judgement.replay)
  if refusal then return refusal, nil, ("auth %d"):format(code) end
  local params, unreadable = read_params(request, arrival.query)
  if not params then return unreadable end
  if match.route.collect then
    params = match.route.collect(arrival, params)
  end
  local scripted = internals.scripts:next(match.route.slug, request.path)
  if scripted then return scripted, nil, "scripted" end
  local envelope = answer_call(internals, arrival, params, judgement)
  return http.json(200, envelope), envelope
end

local function outcome_of(response, envelope, outcome)
  if outcome then
    return outcome
  elseif not envelope then
    return ("http %d"):format(response.status)
  end
  local id = envelope.response_type_id
  if id == nil or id == -1 then
    id = envelope.status
  end
  return id and ("%d"):format(id) or envelope.message
end

--- Lets the platform see a request twice, and gives the answer that the caller is told.
local function process_twice(internals, arrival, fault, entry)
  local function pass(judgement)
    local response, envelope, outcome = process(internals, arrival, judgement)
    return { response, envelope, outcome_of(response, envelope, outcome) }
  end
  local first, second, tells_second = balancer.passes(fault, pass)
  local told = first()
  if fault.later then
    table.insert(internals.expected, { left = fault.later + 1, come = function() entry.copy = second()[3] end })
    return told[1], told[2], told[3]
  end
  local other = second()
  if tells_second then
    told, other = other, told
  end
  entry.copy = other[3]
  return told[1], told[2], told[3]
end

--- What a balancer still holds back, once its time has come.
local function let_come(internals)
  local waiting = {}
  local expected = internals.expected
  internals.expected = waiting
  for _, each in ipairs(expected) do
    each.left = each.left - 1
    if each.left == 0 then
      each.come()
    else
      waiting[#waiting + 1] = each
    end
  end
end

local function carry_out(internals, arrival, fault, entry)
  if fault and not fault.commit then
    return http.json(200, {}), nil, "not carried out"
  elseif fault and fault.kind == "balancer" then
    return process_twice(internals, arrival, fault, entry)
  end
  return process(internals, arrival)
end

--- Answers a request, without I/O.
-- @tparam table request `method`, `url` (absolute, or path and query), `headers` (lower-case name -> value), `body`
-- @treturn table response `status`, `headers` (a value that is a list stands there several times), `body`; where a fault was
-- planned that concerns the connection, also `fault`, which `eko.emulator.faults` carries out
function Platform:handle(request)
  local internals = self.internals
  local now = math.floor(internals.clock())
  local path, query = http.target(request.url)
  local received = { method = request.method, path = path, headers = request.headers or {}, body = request.body }
  local match, allowed = internals.routes:find(received.method, path)
  local slug = match and match.route.slug
  local entry = { method = received.method, path = log.mask(path), slug = slug, at = now }
  internals.log:add(entry)
  local fault = internals.faults:strike { slug = slug, method = received.method, path = path }
  local arrival = { request = received, match = match, allowed = allowed, query = query, now = now }
  local response, envelope, outcome = carry_out(internals, arrival, fault, entry)
  entry.outcome = outcome_of(response, envelope, outcome)
  if fault then
    entry.fault = fault.kind
    response.envelope = envelope
    response = faults.apply(fault, response, now)
    response.envelope = nil
  else
    response.headers.date = http.date(now)
  end
  entry.http_status = response.status
  response.timings = {}
  let_come(internals)
  return response
end

--- An emulator is a transport: calling it answers a request, with faults of the connection as errors.
-- @tparam table request as for `handle`, and `deadline` (monotonic seconds)
-- @treturn ?table response, or nil
-- @treturn ?table err `{ name, message, sent, phase }`
function Platform:__call(request)
  local response = self:handle(request)
  for name, value in pairs(response.headers) do
    if type(value) == "table" then
      response.headers[name] = table.concat(value, ", ")
    end
  end
  if response.fault then return faults.in_process(response, request.deadline, self.internals.options.sleep) end
  return response
end

function Platform.__tostring()
  return "eko.emulator"
end

--- What a customer's phones received, oldest first. An Aadhaar OTP goes to the phone linked to the Aadhaar number, and
-- is listed here too.
-- @tparam string mobile
-- @treturn table list of `{ to, otp, purpose, at }`; purpose is "sender", "aadhaar", "ekyc", "recipient", "transfer" or
-- "refund", `at` in milliseconds of the platform's clock
function Platform:sms(mobile)
  return self.internals.otp:inbox(mobile)
end

--- Plans a fault, see `eko.emulator.faults`.
-- @tparam table plan
-- @treturn table handle with `clear()` and `seen`
function Platform:fault(plan)
  local ok, handle = pcall(self.internals.faults.plan, self.internals.faults, plan, self.internals.routes.slugs)
  if not ok then error(handle, 2) end
  return handle
end

--- Forgets all planned faults, what a balancer holds back, and scripted answers.
function Platform:clear()
  self.internals.expected = {}
  self.internals.faults:clear()
  self.internals.scripts:clear()
end

--- Says what the next calls of an endpoint are answered with, in place of the platform's own answer. Authentication
-- and the body's form are checked all the same.
-- @tparam string where a slug, or a Lua pattern that the path must match
-- @tparam table answers list of `{ body = table or text, http_status = 200, headers = {...} }`, used up in order
-- @treturn table handle with `clear()`
function Platform:script(where, answers)
  return self.internals.scripts:add(where, answers, self.internals.routes.slugs)
end

--- What was received, oldest first: `{ method, path, slug, at, http_status, outcome, fault, copy }`, the mobile masked. What a
-- balancer repeats is no request of the caller's: its outcome, or its original's, is the same entry's `copy`.
-- @tparam ?string|table|function filter a slug, a table of fields, or entry -> boolean
-- @treturn table
function Platform:requests(filter)
  return self.internals.log:list(filter)
end

--- How many requests were received.
-- @tparam ?string|table|function filter as for `requests`
-- @treturn number
function Platform:count(filter)
  return self.internals.log:count(filter)
end

--- What the platform knows about a customer.
-- @tparam string mobile
-- @treturn ?table a copy: `name`, and by rail `{ state, balance, limits, aadhaar_verified, pan_verified, ... }`
function Platform:customer(mobile)
  return self.internals.customers:view(mobile, math.floor(self.internals.clock()))
end

--- Puts a customer where a test needs one, see `customers:enrol`.
-- @tparam string mobile
-- @tparam table preset
function Platform:enrol(mobile, preset)
  local ok, problem = pcall(self.internals.customers.enrol, self.internals.customers, mobile, preset or {})
  if not ok then error(problem, 2) end
end

--- Adds an agent, or changes one.
-- @tparam table agent `initiator_id`, `user_code`, `balance` (rupees)
function Platform:add_agent(agent)
  local entry = { initiator_id = agent.initiator_id, user_code = agent.user_code,
    balance = customers.paise(agent.balance or 0) }
  self.internals.agents[entry.initiator_id] = entry
  self.internals.user_codes[entry.user_code] = entry
end

--- What an agent has, in rupees as decimal text.
-- @tparam[opt] string initiator_id the default agent's when absent
-- @treturn ?string
function Platform:agent_balance(initiator_id)
  local agent = self.internals.agents[initiator_id or self.initiator_id]
  return agent and customers.rupees(agent.balance)
end

--- Gives a transaction another status. The money follows: 1 (failed) and 4 (refunded) give it back, any other has it out; with 3
-- (refund pending) the customer gets the OTP of the refund.
-- @tparam string reference a tid or a `client_ref_id`
-- @tparam string tx_status "0" success, "1" failed, "3" refund pending, ...
-- @treturn boolean whether the transaction exists
function Platform:settle(reference, tx_status)
  local internals = self.internals
  local transaction = ledger.find(internals, reference)
  if transaction then
    ledger.turn(internals, transaction, tostring(tx_status), math.floor(internals.clock()))
  end
  return transaction ~= nil
end

--- The transfers and wallet loads that were written down, oldest first, declined ones with a tid among them.
-- @tparam[opt] string reference a `client_ref_id` or a tid: only what has it
-- @treturn table list of `{ tid, client_ref_id, slug, tx_status, amount, fee, left, at }`; amounts are decimal text, `left` says
-- whether its money ever left
function Platform:transactions(reference)
  return ledger.list(self.internals, reference)
end

--- How often money left.
-- @tparam[opt] string reference a `client_ref_id` or a tid; all transactions when absent
-- @treturn number
function Platform:debits(reference)
  local count = 0
  for _, transaction in ipairs(self:transactions(reference)) do
    count = count + (transaction.left and 1 or 0)
  end
  return count
end

return emulator
