--- A store in an nginx shared dictionary (`lua_shared_dict`): all workers of one nginx see it, a reload keeps it, a restart
-- does not. Nothing that is still wanted is ever pushed out: a full dictionary is an error.
--
-- A value lies under a name of its own, and a small entry under the key says which: so a value is taken away by exactly one
-- of many, and a newer value is never deleted in place of an older one. No method yields.
-- @module eko.store.shared_dict
local store = require "eko.store"

local shared_dict = {}

local FULL = "no memory"
-- How many expired entries are cleared away, at most, before a full dictionary is given up.
local CLEAR = 200
-- How long it is remembered that a value was taken: longer than two workers can be apart in taking it, in seconds.
local TAKEN_FOR = 60
-- A claim that has less than this left is not released but ends by itself: it could end between the look and the deletion,
-- and then the deletion would hit another's.
local MARGIN = 1

local function failed(self, err)
  if err == FULL then
    return store.failure("store_full", ("lua_shared_dict %s is full: make it larger in nginx.conf (a journey takes about 2 KB), "
      .. "or let journeys live less long"):format(self.name))
  end
  return store.failure("store_refused", ("lua_shared_dict %s: %s"):format(self.name, tostring(err)))
end

-- safe_set and safe_add of a dictionary, once more after expired entries were cleared away.
local function safely(self, method, name, value, ttl)
  local dict = self.dict
  local ok, err = dict[method](dict, name, value, ttl)
  if not ok and err == FULL and dict:flush_expired(CLEAR) > 0 then ok, err = dict[method](dict, name, value, ttl) end
  return ok, err
end

local function value_name(key, version) return key .. ":v:" .. version end

local own = {}

function own.put(self, key, value, ttl, claim)
  local dict = self.dict
  if claim and dict:get(key .. ":c") ~= claim then return nil, "claim_lost" end
  local version, before = store.new_key(), dict:get(key)
  local name = value_name(key, version)
  local ok, err = safely(self, "safe_set", name, value, ttl)
  if not ok then return failed(self, err) end
  ok, err = safely(self, "safe_set", key, version, ttl)
  if not ok then
    dict:delete(name)
    return failed(self, err)
  end
  if before then dict:delete(value_name(key, before)) end
  return true
end

-- The value and its name. It may be replaced between the two looks, but hardly twice.
local function find(self, key)
  for _ = 1, 3 do
    local version = self.dict:get(key)
    if not version then return nil end
    local name = value_name(key, version)
    local value = self.dict:get(name)
    if value then return value, name end
  end
  return nil
end

function own.get(self, key)
  return (find(self, key))
end

function own.take(self, key)
  local value, name = find(self, key)
  if not value then return nil end
  local first, err = safely(self, "safe_add", name .. ":t", true, TAKEN_FOR)
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

function own.delete(self, key)
  local _, name = find(self, key)
  if name then self.dict:delete(name) end
  return true
end

function own.claim(self, key, ttl, claim)
  local ok, err = safely(self, "safe_add", key .. ":c", claim, ttl)
  if ok then return claim end
  if err == "exists" then return nil, "claimed" end
  return failed(self, err)
end

function own.release(self, key, claim)
  local name, dict = key .. ":c", self.dict
  if dict:get(name) ~= claim then return false end
  local left = dict:ttl(name)
  if left and left > MARGIN then dict:delete(name) end
  return true
end

local meta = store.class("eko.store.shared_dict", own)

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
