--- A store that keeps nothing on the server, such as the cookie, with what eko.nginx must know of its journeys in an nginx shared
-- dictionary: claims, and how far each has come. So an older cookie, sent by a tab that had no newer one yet or by somebody who kept
-- it, is not taken for the journey; its counts of OTPs are older, too. All of that covers one machine, and where the dictionary has no
-- room for a mark, an older cookie is as good as any.
-- @module eko.nginx.claimed
local store = require "eko.store"

local claimed = {}

-- What of the dictionary new marks leave free: the rest is for claims.
local RESERVE = 1 / 8
local ENDED = 2 ^ 31

local function mark_of(key) return key .. ":mark" end

local function mark(self, key, number)
  local dict, name = self.dict, mark_of(key)
  if dict:get(name) == nil and dict:free_space() < dict:capacity() * RESERVE then return end
  dict:safe_set(name, number, self.ttl)
end

local own = {}

function own.put(self, key, value, ttl, claim)
  if claim and not self.keeper:holds(key, claim) then return nil, "claim_lost" end
  return self.inner:put(key, value, ttl)
end

function own.get(self, key)
  if self:reached(key) == ENDED then return nil end
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

function own.revoke(self, key)
  local value = own.get(self, key)
  mark(self, key, ENDED)
  self.keeper:revoke(key)
  -- What the browser keeps by now may be another key's.
  if value then self.inner:delete(key) end
  return value ~= nil
end

local meta = store.class("eko.nginx.claimed", own)

--- How far the journey under a key has come.
-- @tparam string key
-- @treturn number 0 where nobody knows
function meta.__index:reached(key)
  return self.dict:get(mark_of(key)) or 0
end

--- Notes how far it has come.
-- @tparam string key
-- @tparam ?number number which grows with everything that is done; nil: it has come to its end
function meta.__index:note(key, number)
  mark(self, key, number or ENDED)
end

--- Makes a store with claims out of one without.
-- @tparam table inner a store, see `eko.store`
-- @tparam table keeper an `eko.store.shared_dict`
-- @tparam number ttl seconds that a journey lives
-- @treturn table the store, with `reached` and `note`; `in_browser` is true
function claimed.new(inner, keeper, ttl)
  return setmetatable({ inner = inner, keeper = keeper, dict = keeper.dict, ttl = ttl, in_browser = true }, meta)
end

return claimed
