--- The carrier of plain Lua programs: connections made by libcurl, waited for by blocking.
-- Connections and what they share are made lazily and belong to one process: after a fork the child starts with none.
-- @module eko.carrier.curl

local concurrently = require "eko.concurrently"
local core = require "eko.core"

local is_running = concurrently.is_running
local network, pid = core.connection.network, core.connection.pid
local monotonic, boottime = core.text.monotonic, core.text.boottime

local IDLE_PER_TARGET = 64
local IDLE_SECONDS = 60
local FRESH_SECONDS = 1

local carrier = {
  --- The clock of deadlines, in seconds; it never steps.
  now = monotonic,
}

--- Waits for some seconds.
function carrier.sleep(seconds)
  if not concurrently.wait(nil, false, monotonic() + seconds) then core.connection.sleep(seconds) end
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

local NOW = 0 -- a deadline that has passed: try, do not wait

-- The same as raw:send, while others run.
local function send_beside(raw, bytes, deadline)
  local accepted = 0
  while true do
    local sent, name, detail, taken = raw:send(bytes, NOW, accepted)
    if sent or name ~= "timeout" or monotonic() >= deadline then return sent, name, detail, taken end
    accepted = taken
    if not concurrently.wait(raw:fd(), true, deadline) then return raw:send(bytes, deadline, accepted) end
  end
end

--- Sends all bytes before the deadline.
-- @return true, or nil, the error and how many bytes the kernel took
function connection:send(bytes, deadline)
  local raw = self.raw
  local sent, name, detail, accepted
  if is_running() then
    sent, name, detail, accepted = send_beside(raw, bytes, deadline)
  else
    sent, name, detail, accepted = raw:send(bytes, deadline)
  end
  if sent then return true end
  return nil, failure(name, detail, "send"), accepted
end

--- Waits for bytes of the answer.
-- @return a string that is not empty, or nil and the error (`connection_closed` at the end of the stream)
function connection:receive(deadline)
  local raw = self.raw
  local beside = is_running() and concurrently.wait(raw:fd(), false, deadline)
  local bytes, name, detail = raw:receive(beside and NOW or deadline)
  while not bytes and (name == "interrupted" or (beside and name == "timeout" and monotonic() < deadline)) do
    -- Lua's own handler of an interrupt runs here, between two waits.
    if beside then concurrently.wait(raw:fd(), false, deadline) end
    bytes, name, detail = raw:receive(beside and NOW or deadline)
  end
  if bytes then return bytes end
  return nil, failure(name, detail, "receive")
end

--- Gives the connection back for another exchange. Only after a fully read answer.
-- @param keep for how many seconds at most it may wait for one
function connection:give_back(keep)
  local idle = self.idle
  local n = #idle
  if n >= IDLE_PER_TARGET then return self:close() end
  self.idle_since = boottime()
  self.keep = keep and keep < IDLE_SECONDS and keep or IDLE_SECONDS
  self.reused = true
  idle[n + 1] = self
end

--- Closes the connection; harmless when repeated.
function connection:close()
  self.raw:close()
end

local NONE = { name_lookup = 0, connect = 0, tls = 0 }

--- Seconds that making this connection took: { name_lookup =, connect =, tls = }; zeros when it was made before.
function connection:timings()
  if self.reused then return NONE end
  return self.raw:timings()
end

-- The last one given back is the first one taken, so behind one that is not fresh there is none that is. The clock is one
-- that counts the machine's sleep: the peer may have been awake.
local function take_idle(idle, fresh)
  local n, now = #idle, boottime()
  while n > 0 do
    local found = idle[n]
    local age = now - found.idle_since
    if fresh and age >= FRESH_SECONDS then return nil end -- it stays, for others
    idle[n] = nil
    n = n - 1
    if age < found.keep and found.raw:alive() then return found end
    found:close()
  end
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
-- @param target { origin =, unix_path =, key =, ca_file =, proxy =, connect_timeout = seconds }
-- @param deadline seconds of `now()`
-- @param now the time
-- @param fresh whether only one will do that is new or was idle for less than a second
-- @return the connection, or nil and the error { name =, message =, phase = "connect" or "tls" }
function carrier.take(target, deadline, now, fresh)
  local waiting = set and set.idle[target.key]
  local found = waiting and take_idle(waiting, fresh) -- what a parent process made is not alive here
  if found then return found end
  local owner = current_set()
  local left = deadline - now
  if left <= 0 then return nil, failure("timeout", "no time was left to connect", "connect") end
  if target.connect_timeout < left then left = target.connect_timeout end
  local shared, err = network_for(owner, target.ca_file)
  if not shared then return nil, err end
  local raw, name, detail, phase = shared:connect(target.origin, left, target.proxy, target.unix_path)
  if not raw then return nil, failure(name, detail, phase) end
  return setmetatable({ raw = raw, idle = idle_of(owner, target.key), reused = false }, connection)
end

--- Whether settings of a client can work at all, before anything is connected.
-- @param settings { ca_file =, proxy =, base_url = }
-- @return true, or nil, the name of the setting that cannot, and why
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
