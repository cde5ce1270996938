--- A store that keeps nothing on the server, such as the cookie, with claims that lie in an nginx shared dictionary. They cover one
-- machine.
-- @module eko.nginx.claimed
local store = require "eko.store"

local claimed = {}

-- What of the dictionary must be free for marks: the rest is for claims.
local RESERVE = 1 / 8

local function mark_of(key) return key .. ":ended" end

local own = {}

function own.put(self, key, value, ttl, claim)
  if claim and not self.keeper:holds(key, claim) then return nil, "claim_lost" end
  return self.inner:put(key, value, ttl)
end

function own.get(self, key)
  if self.dict:get(mark_of(key)) then return nil end
  return self.inner:get(key)
end

function own.take(self, key)
  local value = own.get(self, key)
  if value then self.inner:delete(key) end
  return value
end

function own.touch(self, key, ttl)
  return own.get(self, key) ~= nil and self.inner:touch(key, ttl)
end

function own.delete(self, key, claim)
  if claim and not self.keeper:holds(key, claim) then return nil, "claim_lost" end
  return self.inner:delete(key)
end

function own.claim(self, key, ttl) return self.keeper:claim(key, ttl) end
function own.seize(self, key, ttl) return self.keeper:seize(key, ttl) end
function own.holds(self, key, claim) return self.keeper:holds(key, claim) end
function own.release(self, key, claim) return self.keeper:release(key, claim) end

-- A request that is on its way may still carry the value. The mark stops it for as long as a claim could be held; it is left out
-- where there is little room, because a claim is wanted more.
function own.revoke(self, key)
  local value = own.get(self, key)
  if self.dict:free_space() >= self.dict:capacity() * RESERVE then self.dict:safe_set(mark_of(key), true, self.ttl) end
  self.keeper:revoke(key)
  -- What the browser keeps by now may be another key's.
  if value then self.inner:delete(key) end
  return value ~= nil
end

local meta = store.class("eko.nginx.claimed", own)

--- Makes a store with claims out of one without.
-- @tparam table inner a store, see `eko.store`
-- @tparam table keeper an `eko.store.shared_dict` for the claims
-- @tparam number ttl seconds that a claim is held at most
-- @treturn table the store; `in_browser` is true
function claimed.new(inner, keeper, ttl)
  return setmetatable({ inner = inner, keeper = keeper, dict = keeper.dict, ttl = ttl, in_browser = true }, meta)
end

return claimed
