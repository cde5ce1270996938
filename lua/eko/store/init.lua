--- Where a journey waits between two requests.
--
-- Every store has the same methods, and every value has a time to live:
--
-- * `store:put(key, value, ttl[, claim])` -> true: keeps it for `ttl` seconds, in place of what was there; with a claim, only
--   while that claim still holds (else `nil, "claim_lost"`)
-- * `store:get(key)` -> the value, or nil when there is none
-- * `store:take(key)` -> the value, which is gone then; of several at the same time one gets it
-- * `store:touch(key, ttl)` -> whether there was something that now lives `ttl` seconds more
-- * `store:delete(key)` -> true, also when there was nothing
--
-- A store on a server can also have one request at a time work on a key (`store.claims` says whether it can):
--
-- * `store:claim(key, ttl)` -> a claim (text), or `nil, "claimed"` while somebody else holds one. A claim ends by itself after
--   `ttl` seconds, so that a worker that died does not hold it for ever
-- * `store:holds(key, claim)` -> whether the claim is still held
-- * `store:release(key, claim)` -> whether it was still held; what somebody else claimed since is left alone
-- * `store:delete(key, claim)` -> true, if the claim is still held (else `nil, "claim_lost"`)
-- * `store:revoke(key)` -> whether there was a value: it is gone, and so is the claim of whoever is working on it, so that nothing
--   of that work is put any more
--
-- Whatever fails is `nil, err`, where `err` is an error of `eko.base.errors` of the kind `store` with one of the names
-- `store_unavailable` (not reached in time), `store_refused` (it answered with an error), `store_full`, `value_too_large`.
--
-- | module | keeps it | for |
-- |---|---|---|
-- | `eko.store.shared_dict` | in the memory of one nginx | one machine; lost on restart, kept on reload |
-- | `eko.store.redis` | in Redis | many machines, nginx or plain Lua |
-- | `eko.store.cookie` | in the browser, sealed | no server state at all |
--
-- What is put in should be what `flow:suspend` gives: sealed text. Keys are random (`eko.store.new_key`), never a mobile number.
-- @module eko.store
local base64url = require "eko.base.base64url"
local errors = require "eko.base.errors"
local units = require "eko.base.units"

local store = {}

local KEY_BYTES = 18
local LONGEST_KEY = 64
local LONGEST_TTL = units.YEAR

--- A new key: 144 random bits as 24 letters, digits, `-` and `_`.
-- @treturn string
function store.new_key()
  return base64url.random(KEY_BYTES)
end

--- Whether a value could be a key (a cookie's content is anybody's text).
-- @tparam any value
-- @treturn boolean
function store.is_key(value)
  return type(value) == "string" and #value <= LONGEST_KEY and value:find "^[A-Za-z0-9_-]+$" ~= nil
end

--- An error of a store.
-- @tparam string name
-- @tparam string message what happened and what to do
-- @treturn nil
-- @treturn table the error
function store.failure(name, message)
  return nil, errors.new { kind = "store", name = name, message = message, retryable = name == "store_unavailable" }
end

local function check_key(key, level)
  if not store.is_key(key) then
    error("a key of a store is 1 to 64 letters, digits, - or _ (see eko.store.new_key)", level + 1)
  end
end

local function check_ttl(ttl, level)
  if not (type(ttl) == "number" and ttl > 0 and ttl <= LONGEST_TTL) then
    error("a time to live is a number of seconds, more than 0 and at most a year", level + 1)
  end
end

local function check_claim(claim, level)
  if not store.is_key(claim) then error("a claim is what store:claim returned", level + 1) end
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
    return own.claim(self, key, ttl, store.new_key())
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
function store.class(name, own)
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

return store
