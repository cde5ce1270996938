--- How often something may be done for one customer, counted in an nginx shared dictionary.
-- The customer's number is not kept: a keyed digest stands for it.
-- @module eko.nginx.limits
local core = require "eko.core"
local store = require "eko.store"

local limits = {}

--- What holds when nothing else is said: how often, in how many seconds.
limits.defaults = {
  starts = { count = 20, seconds = 3600 },
  attempts = { count = 60, seconds = 3600 },
  resends = { count = 10, seconds = 3600 },
}

local function is_rule(rule)
  return type(rule) == "table" and type(rule.count) == "number" and rule.count >= 1 and type(rule.seconds) == "number"
    and rule.seconds > 0
end

--- Checks limits and fills in the defaults.
-- @tparam ?table given name -> { count =, seconds = }
-- @tparam int level the stack level that misuse is reported at
-- @treturn table
function limits.read(given, level)
  local rules = {}
  for name in pairs(given or {}) do
    if not limits.defaults[name] then
      error(('limits: unknown limit %q; there are starts, attempts and resends'):format(tostring(name)), level + 1)
    end
  end
  for name, default in pairs(limits.defaults) do
    local rule = given and given[name] or default
    if not is_rule(rule) then
      error(('limits: %q is { count = , seconds = }'):format(name), level + 1)
    end
    rules[name] = { count = rule.count, seconds = rule.seconds }
  end
  return rules
end

--- Counts one more.
-- @tparam table app `dict`, `dict_name`, `limits`, `keys`
-- @tparam string name of the limit
-- @tparam string customer_id
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] number seconds until it may be tried again
-- @treturn[3] nil
-- @treturn[3] nil
-- @treturn[3] table an error of the kind `store`
function limits.count(app, name, customer_id)
  local rule, dict = app.limits[name], app.dict
  local digest = core.text.hmac_sha256_base64(app.keys[1], "eko limit " .. customer_id):sub(1, 22)
  local counter = ("limit:%s:%s"):format(name, digest)
  -- Adding before counting: `incr` with a first value would push out what is still wanted when the dictionary is full.
  local ok, err = dict:safe_add(counter, 0, rule.seconds)
  if not ok and err == "no memory" and dict:flush_expired(200) > 0 then ok, err = dict:safe_add(counter, 0, rule.seconds) end
  if not ok and err ~= "exists" then
    local _, failure = store.failure("store_full",
      ("lua_shared_dict %s: %s; make it larger in nginx.conf"):format(app.dict_name, tostring(err)))
    return nil, nil, failure
  end
  local count = dict:incr(counter, 1)
  -- It may expire between the two steps; then a new time begins with the next request.
  if not count or count <= rule.count then return true end
  return nil, math.max(1, math.ceil(dict:ttl(counter) or 1))
end

return limits
