--- A store that keeps nothing on the server, such as the cookie, with what eko.nginx must know of its journeys in an nginx shared
-- dictionary: claims, and how far each has come. So an older cookie, sent by a tab that had no newer one yet or by somebody who kept
-- it, is not taken for the journey; its counts of OTPs are older, too. All of that covers one machine. How far journeys have come is a
-- table of fixed size: a flood may push out those that have not come far, and an older cookie of such a one is as good as any.
-- @module eko.nginx.claimed
local slots = require "eko.nginx.slots"
local store = require "eko.store"

local claimed = {}

-- Which part of the dictionary the table takes at most; the counters take another half, the rest is for claims.
local SHARE = 1 / 4
local ENDED = slots.MOST - 1

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
function own.holds(self, key, claim) return self.keeper:holds(key, claim) end
function own.release(self, key, claim) return self.keeper:release(key, claim) end

function own.revoke(self, key)
  local value = own.get(self, key)
  self:note(key, nil)
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
  return self.marks:get(key)
end

--- Notes how far it has come. What another worker has noted in the meantime, such as its end, is not taken back.
-- @tparam string key
-- @tparam ?number number which grows with everything that is done; nil: it has come to its end
function meta.__index:note(key, number)
  number = math.min(number or ENDED, ENDED)
  if number >= self.marks:get(key) then self.marks:set(key, number, self.ttl) end
end

--- Makes a store with claims out of one without.
-- @tparam table inner a store, see `eko.store`
-- @tparam table keeper an `eko.store.shared_dict`
-- @tparam number ttl seconds that a journey lives
-- @treturn table the store, with `reached` and `note`; `in_browser` is true
function claimed.new(inner, keeper, ttl)
  return setmetatable({ inner = inner, keeper = keeper, marks = slots.new(keeper.dict, "mark", SHARE), ttl = ttl, in_browser = true }, meta)
end

return claimed
