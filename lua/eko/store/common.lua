--- What all stores have in common: keys, errors, and methods that check their arguments.
-- @module eko.store.common
local base64url = require "eko.base.base64url"
local errors = require "eko.base.errors"
local units = require "eko.base.units"

local common = {}

local KEY_BYTES = 18
local LONGEST_KEY = 64
local LONGEST_TTL = units.YEAR

--- A new key: 144 random bits as 24 letters, digits, `-` and `_`.
-- @treturn string
function common.new_key()
  return base64url.random(KEY_BYTES)
end

--- Whether a value could be a key (a cookie's content is anybody's text).
-- @tparam any value
-- @treturn boolean
function common.is_key(value)
  return type(value) == "string" and #value <= LONGEST_KEY and value:find "^[A-Za-z0-9_-]+$" ~= nil
end

--- An error of a store.
-- @tparam string name
-- @tparam string message what happened and what to do
-- @treturn nil
-- @treturn table the error
function common.failure(name, message)
  return nil, errors.new { kind = "store", name = name, message = message, retryable = name == "store_unavailable" }
end

local function check_key(key, level)
  if not common.is_key(key) then
    error("a key of a store is 1 to 64 letters, digits, - or _ (see eko.store.new_key)", level + 1)
  end
end

local function check_ttl(ttl, level)
  if not (type(ttl) == "number" and ttl > 0 and ttl <= LONGEST_TTL) then
    error("a time to live is a number of seconds, more than 0 and at most a year", level + 1)
  end
end

local function check_claim(claim, level)
  if not common.is_key(claim) then error("a claim is what store:claim returned", level + 1) end
end

-- The methods of a store that has claims; one without them says so.
local function claim_methods(methods, name, own)
  local function need_claims()
    if not own.claim then error(name .. " has no claims: it keeps nothing on the server", 3) end
  end
  function methods:claim(key, ttl)
    check_key(key, 2)
    check_ttl(ttl, 2)
    need_claims()
    return own.claim(self, key, ttl, common.new_key())
  end
  for _, each in ipairs { "release", "holds" } do
    methods[each] = function(self, key, claim)
      check_key(key, 2)
      check_claim(claim, 2)
      need_claims()
      return own[each](self, key, claim)
    end
  end
  function methods:revoke(key)
    check_key(key, 2)
    need_claims()
    return own.revoke(self, key)
  end
end

--- Makes the methods of a store out of its own ones, which then get nothing but good arguments.
-- @tparam string name for `tostring`
-- @tparam table own put(self, key, value, ttl, claim), get, take, touch, delete(self, key, claim); where there are claims also
-- claim(self, key, ttl, new claim), release and holds(self, key, claim), revoke(self, key)
-- @treturn table a metatable
function common.class(name, own)
  local methods = { claims = own.claim ~= nil }
  function methods:put(key, value, ttl, claim)
    check_key(key, 2)
    if type(value) ~= "string" then error("the value of a store is a string", 2) end
    check_ttl(ttl, 2)
    if claim ~= nil then check_claim(claim, 2) end
    return own.put(self, key, value, ttl, claim)
  end
  function methods:touch(key, ttl)
    check_key(key, 2)
    check_ttl(ttl, 2)
    return own.touch(self, key, ttl)
  end
  function methods:delete(key, claim)
    check_key(key, 2)
    if claim ~= nil then check_claim(claim, 2) end
    return own.delete(self, key, claim)
  end
  for _, each in ipairs { "get", "take" } do
    methods[each] = function(self, key)
      check_key(key, 2)
      return own[each](self, key)
    end
  end
  claim_methods(methods, name, own)
  return { __index = methods, __metatable = name, __tostring = function() return name end }
end

return common
