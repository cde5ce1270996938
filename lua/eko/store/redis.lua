--- A store in Redis (2.6 or later), for many machines.
--
--     local store = require("eko.store.redis").new { host = "127.0.0.1", port = 6379, password = os.getenv "REDIS_PASSWORD" }
--
-- Inside nginx it speaks through `resty.redis` (OpenResty's; Debian calls it `nginx.redis`), which never blocks the worker; in a
-- plain Lua program through `redis` (redis-lua, Debian's lua-redis, on LuaSocket). What must be one step is a script that Redis
-- runs as one. In a Redis Cluster a key and its claim lie on one node.
-- @module eko.store.redis
local common = require "eko.store.common"
local options = require "eko.base.options"
local units = require "eko.base.units"

local redis = {}

local PUT_CLAIMED = [[
if redis.call("get", KEYS[2]) ~= ARGV[3] then return 0 end
redis.call("set", KEYS[1], ARGV[1], "PX", ARGV[2])
return 1]]
local TAKE = [[
local value = redis.call("get", KEYS[1])
if value then redis.call("del", KEYS[1]) end
return value]]
local RELEASE = [[
if redis.call("get", KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call("del", KEYS[1])]]
local DELETE_CLAIMED = [[
if redis.call("get", KEYS[2]) ~= ARGV[1] then return 0 end
redis.call("del", KEYS[1])
return 1]]
local REVOKE = [[
redis.call("del", KEYS[2])
return redis.call("del", KEYS[1])]]

local function name_of(self, key) return ("%s{%s}"):format(self.prefix, key) end
local function claim_of(self, key) return name_of(self, key) .. ":claim" end
local function milliseconds(seconds) return ("%.0f"):format(math.max(1, seconds * units.MS_PER_SECOND)) end

-- A reply, or nil when there is nothing, or nil and the error.
local function run(self, ...)
  local reply, kind, message = self.adapter.run(self.settings, ...)
  if reply == nil and kind then return common.failure(kind, ("Redis at %s: %s"):format(self.settings.where, message)) end
  return reply
end

local own = {}

function own.put(self, key, value, ttl, claim)
  local reply, err
  if claim then
    reply, err = run(self, "eval", PUT_CLAIMED, 2, name_of(self, key), claim_of(self, key), value, milliseconds(ttl), claim)
    if reply == 0 then return nil, "claim_lost" end
  else
    reply, err = run(self, "set", name_of(self, key), value, "PX", milliseconds(ttl))
  end
  if err then return nil, err end
  return reply ~= nil
end

function own.get(self, key)
  return run(self, "get", name_of(self, key))
end

function own.take(self, key)
  return run(self, "eval", TAKE, 1, name_of(self, key))
end

function own.touch(self, key, ttl)
  local reply, err = run(self, "pexpire", name_of(self, key), milliseconds(ttl))
  if err then return nil, err end
  -- redis-lua makes a boolean of it.
  return reply == 1 or reply == true
end

function own.delete(self, key, claim)
  local reply, err
  if claim then
    reply, err = run(self, "eval", DELETE_CLAIMED, 2, name_of(self, key), claim_of(self, key), claim)
    if reply == 0 then return nil, "claim_lost" end
  else
    reply, err = run(self, "del", name_of(self, key))
  end
  if err then return nil, err end
  return reply ~= nil
end

function own.claim(self, key, ttl, claim)
  local reply, err = run(self, "set", claim_of(self, key), claim, "NX", "PX", milliseconds(ttl))
  if err then return nil, err end
  if reply == nil then return nil, "claimed" end
  return claim
end

function own.holds(self, key, claim)
  local reply, err = run(self, "get", claim_of(self, key))
  if err then return nil, err end
  return reply == claim
end

function own.release(self, key, claim)
  local reply, err = run(self, "eval", RELEASE, 1, claim_of(self, key), claim)
  if err then return nil, err end
  return reply == 1
end

function own.revoke(self, key)
  local reply, err = run(self, "eval", REVOKE, 2, name_of(self, key), claim_of(self, key))
  if err then return nil, err end
  return reply == 1
end

local meta = common.class("eko.store.redis", own)

local is_text, is_whole = options.text[1], options.whole(0, math.huge)[1]

local SCHEMA = {
  host = { is_text, "a host name or an address" },
  port = { is_whole, "a port number" },
  path = { is_text, "the path of a unix socket" },
  username = options.text,
  password = options.text,
  database = { is_whole, "the number of a database" },
  prefix = options.text,
  timeout = options.seconds,
  keepalive = options.seconds,
  pool_size = { options.positive[1], "a number of connections, more than 0" },
  library = { function(value) return type(value) == "table" end, "the client library, as `require` returned it" },
}

local function checked(given)
  local copy = options.read("eko.store.redis", given, SCHEMA, 3)
  if copy.username and not copy.password then error('eko.store.redis: "username" needs a "password"', 3) end
  copy.host, copy.port, copy.timeout = copy.host or "127.0.0.1", copy.port or 6379, copy.timeout or 1
  copy.keepalive, copy.pool_size, copy.prefix = copy.keepalive or 30, copy.pool_size or 64, copy.prefix or "eko:journey:"
  copy.where = copy.path and "unix:" .. copy.path or ("%s:%d"):format(copy.host, copy.port)
  return copy
end

local function adapter_for_here()
  local ngx = rawget(_G, "ngx")
  if type(ngx) == "table" and ngx.socket and ngx.get_phase then return require "eko.store.redis.nginx" end
  return require "eko.store.redis.plain"
end

--- Makes a store. Connects when it is first used.
-- @tparam table given all optional: `host` ("127.0.0.1"; inside nginx a name needs `resolver`), `port` (6379), or `path` of a unix
-- socket; `username`, `password`, `database`; `prefix` of the keys ("eko:journey:"); `timeout` of each step (1 second);
-- `keepalive` (30 seconds) and `pool_size` (64) of a worker's idle connections; `library`, a client library of your own with the
-- interface of resty.redis (inside nginx) or redis-lua
-- @raise when an option is wrong or no client library is there
-- @treturn table the store, see `eko.store`
function redis.new(given)
  local made = checked(given or {})
  local adapter = adapter_for_here()
  local library, missing = adapter.library(made.library)
  if not library then error("eko.store.redis: " .. missing, 2) end
  made.library = library
  return setmetatable({ settings = made, prefix = made.prefix, adapter = adapter }, meta)
end

return redis
