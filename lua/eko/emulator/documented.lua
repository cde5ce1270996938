--- Endpoints that no rail knows: they are answered from what is documented of them.
--
-- Whoever starts the platform hands them in (option `endpoints`). What is asked is held against the parameters that are documented: one
-- that is missing or malformed is refused as by the rails, and one that is unknown always, because nothing else is known of the endpoint.
-- What is answered has the documented form: what the caller gave where a member has its name, made-up values elsewhere. Money moves, and
-- can be looked up; of anything else nothing is remembered.
-- @module eko.emulator.documented
local check = require "eko.emulator.check"
local envelope = require "eko.emulator.envelope"
local json = require "eko.emulator.json"
local ledger = require "eko.emulator.payments.ledger"

local documented = {}

-- What is checked of a value: by its format, by what it means, else by its type.
local CHECKS = {
  mobile = "mobile", pan = "pan", ifsc = "ifsc", ["client-ref"] = "reference", account = "account", rupees = "amount",
  integer = "integer", string = "text", opaque = "text",
}

local MADE_UP = "1"

local members_of

local function value_of(kind, given)
  if type(kind) == "table" then
    return kind.list and json.list { members_of(kind.list, {}) } or members_of(kind.record, {})
  elseif kind == "map" then
    return {}
  elseif kind == "boolean" then
    return true
  elseif kind == "number" then
    return check.integer(given) or 1
  end
  return check.text(given) or MADE_UP
end

function members_of(shape, given)
  local members = {}
  for name, kind in pairs(shape) do members[name] = value_of(kind, given[name]) end
  return members
end

local function transfer(call, data)
  call.customer = { name = "" }
  local transaction = ledger.record(call, { amount = check.integer(call.params.amount) or 0, fee = 0, purse = call.agent })
  ledger.turn(call.platform, transaction, "0", call.now)
  data.tid, data.tx_status, data.client_ref_id = transaction.tid, transaction.tx_status, transaction.client_ref_id
  return data
end

local function answer(call)
  local endpoint = call.route.endpoint
  local refusal = endpoint.moves_money and ledger.duplicate(call)
  if refusal then return refusal end
  local data = members_of(endpoint.shape or {}, call.params)
  if endpoint.moves_money then data = transfer(call, data) end
  return envelope.go_on(endpoint.response_type_id, "Success", data)
end

-- The parameters wherever they stand: in the query, the body or the path.
local function collect(arrival, params)
  local all = {}
  for _, each in ipairs { arrival.query, params, arrival.match.values } do
    for name, value in pairs(each) do all[name] = value end
  end
  return all
end

local function route_of(endpoint)
  local route = {
    slug = endpoint.slug, method = endpoint.method, path = endpoint.path, endpoint = endpoint, handler = answer, collect = collect,
    strict = true, required = {}, optional = {}, formats = {},
  }
  for _, param in ipairs(endpoint.params) do
    local list = param.required and route.required or route.optional
    list[#list + 1] = param.name
    route.formats[param.name] = CHECKS[param.format or param.means] or CHECKS[param.type]
  end
  return route
end

--- The routes of endpoints.
-- @tparam {table,...} endpoints each `{ slug, method, path, params = { { name, type, required, format, means }, ... } }`, and where they
-- are documented `shape` (member of `data` -> type, see `eko.wallets.shapes`), `response_type_id`, `moves_money`
-- @tparam function add
function documented.routes(endpoints, add)
  for _, endpoint in ipairs(endpoints) do add(route_of(endpoint)) end
end

return documented
