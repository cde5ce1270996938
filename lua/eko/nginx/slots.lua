--- A table of fixed size in an nginx shared dictionary: small numbers by name, each for a time.
--
-- Names are not kept: digests stand for them, keyed by a random key that lies beside them. Each name has a few places where its number
-- may stand; when all of them are taken, the smallest number makes room. So the table never grows beyond its share of the dictionary,
-- and nothing that is new is refused.
--
-- A place holds one number, for both who it is (32 bits) and what is kept (20), so that counting is one step for all workers.
-- @module eko.nginx.slots
local core = require "eko.core"
local shared_dict = require "eko.store.shared_dict"

local slots = {}

--- Numbers are smaller than this.
slots.MOST = 2 ^ 20

local MOST = slots.MOST
-- What a place takes in the dictionary, and in how many places a name may stand.
local BYTES, WAYS = 128, 8
local KEY_BYTES = 32

-- The key of the digests. It is made with the dictionary, and goes with it: so it outlives every key that is ever changed.
local function secret_of(dict)
  local name = "slots:key"
  local secret = dict:get(name)
  if secret then return secret end
  dict:safe_add(name, core.text.random_bytes(KEY_BYTES))
  return dict:get(name)
end

local function number_of(bytes)
  local a, b, c, d = bytes:byte(1, 4)
  return ((a * 256 + b) * 256 + c) * 256 + d
end

local methods = {}
local meta = { __index = methods }

-- Where a name may stand, and by which number it is known there. Nil where there is no room for even the key.
local function places_of(self, name)
  local secret = secret_of(self.dict)
  if not secret then return nil end
  local digest = core.text.base64_decode(core.text.hmac_sha256_base64(secret, name))
  local sets = math.max(1, math.floor(self.dict:capacity() * self.share / BYTES / WAYS))
  return ("%s:%d:"):format(self.prefix, number_of(digest) % sets), number_of(digest:sub(5))
end

-- The place of a name and its number; without one the place that a new number takes, nil, and whether that is free.
local function find(self, prefix, tag)
  local free, least, least_number
  for way = 1, WAYS do
    local place = prefix .. way
    local value = self.dict:get(place)
    if not value then
      free = free or place
    elseif math.floor(value / MOST) == tag then
      return place, value % MOST
    elseif not least_number or value % MOST < least_number then
      least, least_number = place, value % MOST
    end
  end
  return free or least, nil, free ~= nil
end

local function begin(self, place, is_free, value, ttl)
  return shared_dict.safely(self.dict, is_free and "safe_add" or "safe_set", place, value, ttl)
end

--- The number of a name.
-- @tparam string name
-- @treturn number 0 where there is none
function methods:get(name)
  local prefix, tag = places_of(self, name)
  if not prefix then return 0 end
  local _, number = find(self, prefix, tag)
  return number or 0
end

--- Puts a number in a name's place.
-- @tparam string name
-- @tparam number number
-- @tparam number ttl seconds
function methods:set(name, number, ttl)
  local prefix, tag = places_of(self, name)
  if not prefix then return end
  local place, _, is_free = find(self, prefix, tag)
  local _, err = begin(self, place, is_free, tag * MOST + number, ttl)
  if err == "exists" then begin(self, place, false, tag * MOST + number, ttl) end
end

local TRIES = 3

--- Counts one more, unless that is too many.
-- @tparam string name
-- @tparam int most
-- @tparam number ttl seconds that counting goes on, from the first
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] number seconds until it may be tried again
-- @treturn[3] boolean true: not counted
-- @treturn[3] string why
function methods:count(name, most, ttl)
  local dict = self.dict
  local prefix, tag = places_of(self, name)
  if not prefix then return true, "no memory" end
  local function over(place) return nil, math.max(1, math.ceil(dict:ttl(place) or 1)) end
  for _ = 1, TRIES do
    local place, number, is_free = find(self, prefix, tag)
    if number then
      if number >= most then return over(place) end
      local value = dict:incr(place, 1)
      -- It may have expired, or been given to somebody else, between the two looks.
      if value and math.floor(value / MOST) == tag and value % MOST > most then return over(place) end
      return true
    end
    local ok, err = begin(self, place, is_free, tag * MOST + 1, ttl)
    if ok then return true end
    -- Another worker was faster; perhaps for the same name.
    if err ~= "exists" then return true, err end
  end
  return true
end

--- A table.
-- @tparam table dict an nginx shared dictionary
-- @tparam string prefix of its entries
-- @tparam number share of the dictionary that it takes at most, such as 1/2
-- @treturn table
function slots.new(dict, prefix, share)
  return setmetatable({ dict = dict, prefix = prefix, share = share }, meta)
end

return slots
