--- How often something may be done for one customer, and from one address, counted in an nginx shared dictionary: a table of fixed
-- size (`eko.nginx.slots`), so that no flood of invented numbers shuts anybody out, or pushes out what has counted much. Its digests
-- have a key of the dictionary's own: so the keys that seal journeys can be changed without anybody's counts beginning anew.
-- @module eko.nginx.limits
local options = require "eko.base.options"
local slots = require "eko.nginx.slots"
local units = require "eko.base.units"

-- luacheck: globals ngx (only nginx loads this file)
local ngx = ngx

local limits = {}

--- What holds when nothing else is said: how often, in how many seconds. An address has many customers: a shop's agents.
limits.defaults = {
  starts = { count = 20, seconds = units.HOUR },
  attempts = { count = 60, seconds = units.HOUR },
  resends = { count = 10, seconds = units.HOUR },
  addresses = {
    starts = { count = 600, seconds = units.HOUR },
    attempts = { count = 6000, seconds = units.HOUR },
    resends = { count = 300, seconds = units.HOUR },
  },
}

local function is_rule(rule)
  return type(rule) == "table" and type(rule.count) == "number" and rule.count >= 1 and rule.count < slots.MOST
    and type(rule.seconds) == "number" and rule.seconds > 0
end

local LIMIT = { function(value) return value == false or is_rule(value) end, "{ count = , seconds = }, or false" }
local OF_ADDRESSES = { starts = LIMIT, attempts = LIMIT, resends = LIMIT }
local SCHEMA = {
  starts = LIMIT, attempts = LIMIT, resends = LIMIT,
  addresses = { function(value) return value == false or type(value) == "table" end, "a table of the same limits, or false" },
}
local NONE = { starts = false, attempts = false, resends = false }

local function rules_of(given, defaults)
  local rules = {}
  for name in pairs(OF_ADDRESSES) do
    local rule = given[name]
    if rule == nil then rule = defaults[name] end
    rules[name] = rule and { count = rule.count, seconds = rule.seconds }
  end
  return rules
end

--- Checks limits and fills in the defaults.
-- @tparam ?table given name -> { count =, seconds = }, or false for none; `addresses`: the same for one address
-- @tparam int level the stack level that misuse is reported at
-- @treturn table
function limits.read(given, level)
  if given == nil then given = {} end
  options.check('eko.nginx: option "limits"', given, SCHEMA, level + 1)
  local of_addresses = given.addresses == false and NONE or given.addresses or {}
  options.check('eko.nginx: option "limits.addresses"', of_addresses, OF_ADDRESSES, level + 1)
  local rules = rules_of(given, limits.defaults)
  rules.addresses = rules_of(of_addresses, limits.defaults.addresses)
  return rules
end

--- Which part of the dictionary the counters take at most.
limits.SHARE = 1 / 2

-- What stands before an IPv4 address that is written as an IPv6 one: mapped (::ffff:0:0/96), translated (::ffff:0:0:0/96, RFC 7915;
-- 64:ff9b::/96, RFC 6052). Behind the two latter is everybody: they are not one subscriber's.
local BEFORE_IPV4 = {
  [("\0"):rep(10) .. "\255\255"] = true, [("\0"):rep(8) .. "\255\255\0\0"] = true, ["\0\100\255\155" .. ("\0"):rep(8)] = true,
}

--- The address that a request is counted under: of IPv6 the first 64 bits, which are one subscriber's; of an IPv4 address in IPv6 form,
-- and of 6to4 (2002::/16, which has 65,536 of such networks for each), that IPv4 address.
-- @tparam string binary `$binary_remote_addr`
-- @treturn ?string nil for a unix socket, which has none
function limits.address(binary)
  if #binary == 4 then return binary end
  if #binary ~= 16 then return nil end
  if BEFORE_IPV4[binary:sub(1, 12)] then return binary:sub(13) end
  if binary:sub(1, 2) == "\32\2" then return binary:sub(3, 6) end
  return binary:sub(1, 8)
end

local function count(app, rule, who)
  if not rule then return true end
  local ok, more = app.counters:count(who, rule.count, rule.seconds)
  if ok and more then
    ngx.log(ngx.WARN, "eko.nginx: there is no room to count attempts: ", more, "; make the lua_shared_dict larger")
  end
  return ok, more
end

--- Counts one more, for the client's address and for the customer.
-- @tparam table app `counters` (an `eko.nginx.slots`), `limits`
-- @tparam string name of the limit
-- @tparam string customer_id
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] number seconds until it may be tried again
-- @treturn[2] string "address" or "customer": for which there were too many
function limits.count(app, name, customer_id)
  local address = limits.address(ngx.var.binary_remote_addr)
  local ok, seconds = count(app, address and app.limits.addresses[name], name .. " from " .. tostring(address))
  if not ok then return nil, seconds, "address" end
  ok, seconds = count(app, app.limits[name], name .. " of " .. customer_id)
  if not ok then return nil, seconds, "customer" end
  return true
end

return limits
