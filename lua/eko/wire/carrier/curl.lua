--- The carrier of plain Lua programs: connections made by libcurl, waited for by blocking.
-- Connections and what they share are made lazily and belong to one process: after a fork the child starts with none.
-- @module eko.wire.carrier.curl

local core = require "eko.core"
local loop = require "eko.wire.loop"

local network, pid = core.connection.network, core.connection.pid
local monotonic = core.text.monotonic

local IDLE_PER_TARGET = 64
local FRESH_SECONDS = 1

local carrier = {
  --- The clock of deadlines, in seconds; it never steps.
  now = monotonic,
}

--- Waits.
-- @tparam number seconds
function carrier.sleep(seconds)
  if not loop.wait(nil, false, monotonic() + seconds) then core.connection.sleep(seconds) end
end

local set -- { pid =, networks = { [ca_file] = network }, idle = { [key] = list of connections } }

local function current_set()
  local id = pid()
  if not set or set.pid ~= id then
    set = { pid = id, networks = {}, idle = {} }
  end
  return set
end

local function failure(name, message, phase)
  return { name = name, message = message, phase = phase }
end

local connection = {}
connection.__index = connection
connection.__tostring = function() return "eko.carrier.curl.connection" end

--- Moves the bytes of an exchange, blocking; or while others run, where there is a loop.
-- @tparam userdata state of `core.http1.exchange`, which knows when it is over
-- @tparam string|userdata request its bytes, or a draft that has emitted them
-- @tparam number deadline seconds of `now()`
function connection:send(state, request, deadline)
  local raw = self.raw
  local fd, wants_write = raw:drive(state, request, loop.loops == 0)
  while fd do
    -- Lua's own handler of an interrupt runs here, between two waits.
    local beside = loop.wait(fd, wants_write, deadline)
    fd, wants_write = raw:drive(state, request, not beside)
  end
end

--- Gives the connection back for another exchange. Only after a fully read answer, which said for how long it may wait for one.
function connection:give_back()
  local idle = self.idle
  local n = #idle
  if n >= IDLE_PER_TARGET then return self:close() end
  self.made_in = nil
  idle[n + 1] = self
end

--- Closes the connection; harmless when repeated.
function connection:close()
  self.raw:close()
end

local function idle_of(owner, key)
  local idle = owner.idle[key]
  if not idle then
    idle = {}
    owner.idle[key] = idle
  end
  return idle
end

local function network_for(owner, ca_file)
  local known = owner.networks[ca_file or ""]
  if known then return known end
  local made, name, detail = network(ca_file)
  if not made then return nil, failure(name, detail, "tls") end
  owner.networks[ca_file or ""] = made
  return made
end

--- An idle connection that is alive, or a new one.
-- @tparam table target `{ origin =, unix_path =, key =, ca_file =, proxy =, connect_timeout = seconds }`
-- @tparam number deadline seconds of `now()`
-- @tparam number now seconds of `now()`
-- @tparam[opt] boolean fresh whether only one will do that is new or was idle for less than a second
-- @treturn[1] table the connection
-- @treturn[2] nil
-- @treturn[2] table the error `{ name =, message =, phase = "connect" or "tls" }`
function carrier.take(target, deadline, now, fresh)
  local idle = set and set.idle[target.key] -- what a parent process made is not alive here
  for n = idle and #idle or 0, 1, -1 do
    local found = idle[n]
    local is_fit = found.raw:wake(fresh and FRESH_SECONDS)
    if is_fit == nil then break end -- it stays, for others; the last one given back is the first one taken, so no other is fresh
    idle[n] = nil
    if is_fit then return found end
    found:close()
  end
  local owner = current_set()
  local left = deadline - now
  if left <= 0 then return nil, failure("timeout", "no time was left to connect", "connect") end
  if target.connect_timeout < left then left = target.connect_timeout end
  local shared, err = network_for(owner, target.ca_file)
  if not shared then return nil, err end
  local raw, name, detail, phase = shared:connect(target.origin, left, target.proxy, target.unix_path)
  if not raw then return nil, failure(name, detail, phase) end
  return setmetatable({ raw = raw, idle = idle_of(owner, target.key), made_in = raw:timings() }, connection)
end

--- Whether settings of a client can work at all, before anything is connected.
-- @tparam table settings `{ ca_file =, proxy =, base_url = }`
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] string the name of the setting that cannot
-- @treturn[2] string why
function carrier.check(settings)
  if settings.ca_file then
    local shared, err = network_for(current_set(), settings.ca_file)
    if not shared and err.name ~= "out_of_memory" then return nil, "ca_file", err.message end
  end
  if settings.proxy then
    local ok, reason = core.connection.check_proxy(settings.proxy)
    if not ok then return nil, "proxy", reason end
    if (settings.base_url or ""):find "^http://unix:" then return nil, "proxy", "no proxy leads to a socket in the file system" end
  end
  return true
end

--- Closes every idle connection of this process.
function carrier.close_idle()
  local owner = current_set()
  for key, idle in pairs(owner.idle) do
    for _, each in ipairs(idle) do each:close() end
    owner.idle[key] = nil
  end
end

return carrier
