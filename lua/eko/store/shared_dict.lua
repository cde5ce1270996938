--- A store in an nginx shared dictionary (`lua_shared_dict`): all workers of one nginx see it, a reload keeps it, a restart
-- does not. Nothing that is still wanted is ever pushed out: a full dictionary is an error, for what is new. What is in it already
-- can be replaced also then: a value takes the room of one of `ROOM` bytes from the beginning, and a sixteenth of the dictionary
-- is left to claims.
--
-- A value lies under a name of its own, and a small entry under the key says which: so a value is taken away by exactly one
-- of many, and a newer value is never deleted in place of an older one. No method yields.
-- @module eko.store.shared_dict
local common = require "eko.store.common"

local shared_dict = {}

local FULL = "no memory"
-- How many expired entries are cleared away, at most, before a full dictionary is given up.
local CLEAR = 200
-- How long it is remembered that a value was taken: longer than two workers can be apart in taking it, in seconds.
local TAKEN_FOR = 60
-- A claim that has less than this left is not released but ends by itself: it could end between the look and the deletion,
-- and then the deletion would hit another's.
local MARGIN = 1
-- How many bytes of room a value has at least. With its name and the dictionary's own it fills one of 2 KB.
local ROOM = 1900
-- Which part of the dictionary new values leave free.
local RESERVE = 1 / 16
-- How long a key is claimed while it is revoked, at most, in seconds.
local REVOKING = 10

local function failed(self, err)
  if err == FULL then
    return common.failure("store_full", ("lua_shared_dict %s is full: make it larger in nginx.conf (a journey takes about 2.3 KB), "
      .. "or let journeys live less long"):format(self.name))
  end
  return common.failure("store_refused", ("lua_shared_dict %s: %s"):format(self.name, tostring(err)))
end

--- Puts a value into a dictionary, once more after expired entries were cleared away where it is full.
-- @tparam table dict an nginx shared dictionary
-- @tparam string method `"safe_set"` or `"safe_add"`
-- @tparam string name
-- @tparam string|number|boolean value
-- @tparam number ttl seconds
-- @treturn[1] boolean true
-- @treturn[2] ?boolean nil or false
-- @treturn[2] string why not, as the dictionary says it: "exists", "no memory" ...
function shared_dict.safely(dict, method, name, value, ttl)
  local ok, err = dict[method](dict, name, value, ttl)
  if not ok and err == FULL and dict:flush_expired(CLEAR) > 0 then ok, err = dict[method](dict, name, value, ttl) end
  return ok, err
end

local safely = shared_dict.safely

local function value_name(key, version) return key .. ":v:" .. version end

-- A value with its length in front, and room behind.
local function roomy(value)
  local text = ("%d:%s"):format(#value, value)
  return text .. (" "):rep(ROOM - #text)
end

local function bare(text)
  local length, first = text:match "^(%d+):()"
  return text:sub(first, first + tonumber(length) - 1)
end

-- Puts a value that was not there, unless that takes of what is left free for others. A place that became free among others is not.
local function put_new(self, name, text, ttl)
  local dict = self.dict
  local least = dict:capacity() * RESERVE
  for try = 1, 2 do
    local before = dict:free_space()
    local ok, err = dict:safe_set(name, text, ttl)
    local after = dict:free_space()
    if not ok and err ~= FULL then return nil, err end
    if ok and (after >= least or after >= before) then return true end
    if ok then dict:delete(name) end
    if try == 2 or dict:flush_expired(CLEAR) == 0 then break end
  end
  return nil, FULL
end

-- Puts a value under its name. Where there is no room for two, the one before goes first, and comes back if that did not help.
local function put_value(self, name, text, ttl, name_before)
  local dict = self.dict
  if not name_before then return put_new(self, name, text, ttl) end
  local ok, err = safely(dict, "safe_set", name, text, ttl)
  if ok or err ~= FULL then return ok, err end
  local before, left = dict:get(name_before), dict:ttl(name_before)
  if not before then return nil, FULL end
  dict:delete(name_before)
  ok, err = dict:safe_set(name, text, ttl)
  if not ok then dict:safe_set(name_before, before, left) end
  return ok, err
end

local function is_held(dict, key, claim)
  return dict:get(key .. ":c") == claim
end

local own = {}

function own.put(self, key, value, ttl, claim)
  local dict = self.dict
  if claim and not is_held(dict, key, claim) then return nil, "claim_lost" end
  local version, before = common.new_key(), dict:get(key)
  local name, name_before = value_name(key, version), before and value_name(key, before)
  local ok, err = put_value(self, name, roomy(value), ttl, name_before and dict:get(name_before) and name_before)
  if not ok then return failed(self, err) end
  ok, err = safely(dict, "safe_set", key, version, ttl)
  if not ok then
    dict:delete(name)
    return failed(self, err)
  end
  if before then dict:delete(name_before) end
  -- Another worker may have taken the claim away in the meantime.
  if claim and not is_held(dict, key, claim) then
    dict:delete(name)
    return nil, "claim_lost"
  end
  return true
end

-- The value and its name. It may be replaced between the two looks, but hardly twice.
local function find(self, key)
  for _ = 1, 3 do
    local version = self.dict:get(key)
    if not version then return nil end
    local name = value_name(key, version)
    local text = self.dict:get(name)
    if text then return bare(text), name end
  end
  return nil
end

function own.get(self, key)
  return (find(self, key))
end

function own.take(self, key)
  local value, name = find(self, key)
  if not value then return nil end
  local first, err = safely(self.dict, "safe_add", name .. ":t", true, TAKEN_FOR)
  if not first then
    if err == "exists" then return nil end
    return failed(self, err)
  end
  self.dict:delete(name)
  return value
end

function own.touch(self, key, ttl)
  local _, name = find(self, key)
  if not name then return false end
  return self.dict:expire(name, ttl) == true and self.dict:expire(key, ttl) == true
end

function own.delete(self, key, claim)
  if claim and not is_held(self.dict, key, claim) then return nil, "claim_lost" end
  local _, name = find(self, key)
  if name then self.dict:delete(name) end
  return true
end

function own.claim(self, key, ttl, claim)
  local ok, err = safely(self.dict, "safe_add", key .. ":c", claim, ttl)
  if ok then return claim end
  if err == "exists" then return nil, "claimed" end
  return failed(self, err)
end

function own.holds(self, key, claim)
  return is_held(self.dict, key, claim)
end

function own.release(self, key, claim)
  local name, dict = key .. ":c", self.dict
  if dict:get(name) ~= claim then return false end
  local left = dict:ttl(name)
  if left and left > MARGIN then dict:delete(name) end
  return true
end

-- Claimed first, so that what another worker is putting is not put, and nobody claims a value that is about to go.
function own.revoke(self, key)
  local dict, was_there = self.dict, find(self, key) ~= nil
  safely(dict, "safe_set", key .. ":c", common.new_key(), REVOKING)
  local _, name = find(self, key)
  if name then dict:delete(name) end
  dict:delete(key)
  dict:delete(key .. ":c")
  return was_there
end

local meta = common.class("eko.store.shared_dict", own)

--- Makes a store. To be called inside nginx.
-- @tparam string name of a `lua_shared_dict`
-- @raise when nginx.conf has no such dictionary
-- @treturn table the store, see `eko.store`
function shared_dict.new(name)
  local ngx = rawget(_G, "ngx")
  local dict = type(ngx) == "table" and ngx.shared and ngx.shared[name]
  if not dict then
    error(('there is no shared dictionary %q: put "lua_shared_dict %s 10m;" into the http block of nginx.conf'):format(
      tostring(name), tostring(name)), 2)
  end
  return setmetatable({ dict = dict, name = name }, meta)
end

return shared_dict
