--- How often something may be done for one customer, and from one address, counted in an nginx shared dictionary.
--
-- Neither numbers nor addresses are kept: digests stand for them, keyed by a random key that lies beside the counters. So the keys
-- that seal journeys can be changed without anybody's counts beginning anew.
--
-- The counters are a table of fixed size, half the dictionary at most. Each customer (and address) has a few places where its
-- counter may stand; when all of them are taken, the one that has counted least makes room. So no flood of invented numbers shuts
-- anybody out, and it does not push out what has counted much either.
-- @module eko.nginx.limits
local core = require "eko.core"

-- luacheck: globals ngx (only nginx loads this file)
local ngx = ngx

local limits = {}

--- What holds when nothing else is said: how often, in how many seconds. An address has many customers: a shop's agents.
limits.defaults = {
  starts = { count = 20, seconds = 3600 },
  attempts = { count = 60, seconds = 3600 },
  resends = { count = 10, seconds = 3600 },
  addresses = {
    starts = { count = 600, seconds = 3600 },
    attempts = { count = 6000, seconds = 3600 },
    resends = { count = 300, seconds = 3600 },
  },
}

-- A counter is one number: who is counted (32 bits) and how often (20), so that counting is one step for all workers.
local MOST = 2 ^ 20

local function is_rule(rule)
  return type(rule) == "table" and type(rule.count) == "number" and rule.count >= 1 and rule.count < MOST
    and type(rule.seconds) == "number" and rule.seconds > 0
end

local function read_rules(given, defaults, where, level)
  if given == false then given = { starts = false, attempts = false, resends = false } end
  if type(given or {}) ~= "table" then error(("limits: %s is a table, or false"):format(where), level + 1) end
  local rules = {}
  for name in pairs(given or {}) do
    if not defaults[name] then
      error(('limits: unknown limit %q; there are starts, attempts and resends, and addresses for the same by address'):format(
        tostring(name)), level + 1)
    end
  end
  for _, name in ipairs { "starts", "attempts", "resends" } do
    local rule = given and given[name]
    if rule == nil then rule = defaults[name] end
    if rule and not is_rule(rule) then
      error(('limits: %q is { count = , seconds = }, or false'):format(name), level + 1)
    end
    rules[name] = rule and { count = rule.count, seconds = rule.seconds }
  end
  return rules
end

--- Checks limits and fills in the defaults.
-- @tparam ?table given name -> { count =, seconds = }, or false for none; `addresses`: the same for one address
-- @tparam int level the stack level that misuse is reported at
-- @treturn table
function limits.read(given, level)
  if given ~= nil and type(given) ~= "table" then error("limits: a table is expected", level + 1) end
  local rules = read_rules(given, limits.defaults, "it", level + 1)
  rules.addresses = read_rules(given and given.addresses, limits.defaults.addresses, "addresses", level + 1)
  return rules
end

-- What a counter takes in the dictionary, and in how many places one may stand.
local SLOT_BYTES, WAYS = 128, 8
local TRIES = 3

local function secret_of(dict)
  local name = "limit:key"
  local secret = dict:get(name)
  if secret then return secret end
  dict:safe_add(name, core.text.random_bytes(32))
  return dict:get(name)
end

local function number_of(bytes)
  local a, b, c, d = bytes:byte(1, 4)
  return ((a * 256 + b) * 256 + c) * 256 + d
end

-- Which places are somebody's, and the number by which the counter is known there.
local function places_of(dict, secret, who)
  local digest = core.text.base64_decode(core.text.hmac_sha256_base64(secret, who))
  local sets = math.max(1, math.floor(dict:capacity() / 2 / SLOT_BYTES / WAYS))
  return ("limit:%d:"):format(number_of(digest) % sets), number_of(digest:sub(5))
end

local function over(dict, place)
  return nil, math.max(1, math.ceil(dict:ttl(place) or 1))
end

local function step(dict, place, tag, rule)
  local value = dict:incr(place, 1)
  -- It may have expired, or been given to somebody else, between the two looks.
  if value and math.floor(value / MOST) == tag and value % MOST > rule.count then return over(dict, place) end
  return true
end

-- Takes a place for a new counter. Nil and "exists" where another worker was faster.
local function begin(dict, free, least, first, rule)
  local method, place = free and "safe_add" or "safe_set", free or least
  local ok, err = dict[method](dict, place, first, rule.seconds)
  if not ok and err == "no memory" and dict:flush_expired(200) > 0 then ok, err = dict[method](dict, place, first, rule.seconds) end
  return ok, err
end

-- Counts one more. True, or nil and the seconds until it may be tried again.
local function count(dict, who, rule)
  local secret = secret_of(dict)
  if not secret then return true end
  local prefix, tag = places_of(dict, secret, who)
  for _ = 1, TRIES do
    local free, least, least_count
    for way = 1, WAYS do
      local place = prefix .. way
      local value = dict:get(place)
      if not value then
        free = free or place
      elseif math.floor(value / MOST) == tag then
        if value % MOST >= rule.count then return over(dict, place) end
        return step(dict, place, tag, rule)
      elseif not least_count or value % MOST < least_count then
        least, least_count = place, value % MOST
      end
    end
    local ok, err = begin(dict, free, least, tag * MOST + 1, rule)
    if ok then return true end
    if err ~= "exists" then
      ngx.log(ngx.WARN, "eko.nginx: there is no room to count attempts: ", err, "; make the lua_shared_dict larger")
      return true
    end
  end
  return true
end

--- The address that a request is counted under: of IPv6 the first 64 bits, which are one subscriber's.
-- @tparam string binary `$binary_remote_addr`
-- @treturn ?string nil for a unix socket, which has none
function limits.address(binary)
  if #binary == 4 then return binary end
  if #binary ~= 16 then return nil end
  if binary:sub(1, 12) == ("\0"):rep(10) .. "\255\255" then return binary:sub(13) end
  return binary:sub(1, 8)
end

--- Counts one more, for the client's address and for the customer.
-- @tparam table app `dict`, `limits`
-- @tparam string name of the limit
-- @tparam string customer_id
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] number seconds until it may be tried again
-- @treturn[2] string "address" or "customer": for which there were too many
function limits.count(app, name, customer_id)
  local address = limits.address(ngx.var.binary_remote_addr)
  local rule = app.limits.addresses[name]
  if rule and address then
    local ok, seconds = count(app.dict, name .. " from " .. address, rule)
    if not ok then return nil, seconds, "address" end
  end
  rule = app.limits[name]
  if not rule then return true end
  local ok, seconds = count(app.dict, name .. " of " .. customer_id, rule)
  if not ok then return nil, seconds, "customer" end
  return true
end

return limits
