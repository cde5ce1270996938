--- Redis from a plain Lua program: `redis` (redis-lua; Debian's lua-redis) over LuaSocket, one connection a store.
-- @module eko.store.redis.plain
local core = require "eko.core"

local adapter = {}

--- The client library.
-- @tparam ?table given one of the caller's own
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string what is missing
function adapter.library(given)
  if given then return given end
  local found, library = pcall(require, "redis")
  if found and type(library) == "table" and library.connect then return library end
  return nil, "the client library redis-lua is missing: Debian's package lua-redis (for Lua 5.1 to 5.3 and LuaJIT), or "
    .. "luarocks install redis-lua; a library from elsewhere goes into the option `library`"
end

-- redis-lua knows no time limit for a unix socket, and none that holds after connecting: so the socket is made here.
local function open(settings)
  local client, ok, err
  if settings.path then
    client = require "socket.unix"()
    client:settimeout(settings.timeout)
    ok, err = client:connect(settings.path)
  else
    client = require("socket").tcp()
    client:settimeout(settings.timeout)
    ok, err = client:connect(settings.host, settings.port)
  end
  if not ok then
    client:close()
    return nil, err
  end
  if not settings.path then client:setoption("tcp-nodelay", true) end
  return client
end

local function bare(message)
  return (tostring(message):gsub("^.-redis error: ", ""):gsub("^.-connection error: ", ""))
end

-- redis-lua raises: a text with "redis error" in it where Redis answered with an error.
local function attempt(client, command, ...)
  local ok, reply = pcall(client[command], client, ...)
  if ok then return reply end
  return nil, tostring(reply):find("redis error: ", 1, true) and "store_refused" or "store_unavailable", bare(reply)
end

-- The name and the message of what went wrong, or nothing.
local function problem_of(_, kind, message)
  return kind, message
end

local function greet(client, settings)
  local kind, message
  if settings.username then
    kind, message = problem_of(attempt(client, "auth", settings.username, settings.password))
  elseif settings.password then
    kind, message = problem_of(attempt(client, "auth", settings.password))
  end
  if not kind and settings.database then kind, message = problem_of(attempt(client, "select", settings.database)) end
  return kind, message
end

local function connect(settings)
  local socket, err = open(settings)
  if not socket then return nil, "store_unavailable", err end
  local client = settings.library.connect { socket = socket }
  local kind, message = greet(client, settings)
  if kind then
    socket:close()
    return nil, kind, message
  end
  return { client = client, socket = socket, pid = core.connection.pid() }
end

-- An idle connection that became readable was closed by Redis; one of another process belongs to that.
local function is_usable(kept)
  if kept.pid ~= core.connection.pid() then return false end
  local readable = require("socket").select({ kept.socket }, nil, 0)
  return readable[1] == nil
end

local kept_of = setmetatable({}, { __mode = "k" }) -- settings -> connection

--- Runs one command.
-- @tparam table settings of `eko.store.redis`
-- @tparam string command in lower case
-- @tparam any ... its arguments
-- @treturn[1] any the reply; nil when there is nothing
-- @treturn[2] nil
-- @treturn[2] string the error's name
-- @treturn[2] string its message
function adapter.run(settings, command, ...)
  local kept = kept_of[settings]
  if kept and not is_usable(kept) then
    kept.socket:close()
    kept = nil
  end
  if not kept then
    local kind, message
    kept, kind, message = connect(settings)
    if not kept then return nil, kind, message end
    kept_of[settings] = kept
  end
  local reply, kind, message = attempt(kept.client, command, ...)
  if kind == "store_unavailable" then
    kept.socket:close()
    kept_of[settings] = nil
  end
  return reply, kind, message
end

return adapter
