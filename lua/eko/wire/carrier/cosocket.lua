--- The carrier of nginx: cosockets, so that waiting never stops the worker.
-- Idle connections are kept by ngx_lua, in a pool of the worker that is named by everything that makes two connections different.
-- @module eko.wire.carrier.cosocket

local ascii = require "eko.base.ascii"
local core = require "eko.core"
local units = require "eko.base.units"

local ngx = ngx -- luacheck: ignore (nginx has it, and only nginx calls this)
local monotonic = core.text.monotonic
local MS_PER_SECOND = units.MS_PER_SECOND

local KEEP_MS, POOL_SIZE = 30000, 512
local FRESH_SECONDS = 1
local RECEIVE_BYTES = 32768
local LONGEST_MS = units.DAY * MS_PER_SECOND
local IMPRECISION_MS = 5
local SHORT_BYTES = 16384 -- what a socket takes at once

local carrier = {
  --- The clock of deadlines, in seconds. nginx's own stands still while Lua runs, this one does not.
  now = monotonic,
  --- Waits without blocking the worker.
  sleep = function(seconds) ngx.sleep(seconds) end,
}

local function failure(name, message, phase)
  return { name = name, message = message, phase = phase }
end

-- The phases of ngx_lua in which a socket can wait without blocking the worker.
local WAITING_PHASES = {
  rewrite = true,
  server_rewrite = true,
  access = true,
  content = true,
  timer = true,
  ssl_cert = true,
  ssl_session_fetch = true,
  ssl_client_hello = true,
}

local DIRECTIVES = {
  timer = "a timer",
  ssl_cert = "ssl_certificate_by_lua*",
}

local WRONG_PHASE = "inside nginx a call can be made in rewrite_by_lua*, access_by_lua*, content_by_lua*, "
  .. "ssl_certificate_by_lua* and in timers, but not in %s: nothing can wait there without stopping the whole worker. %s"
local WAY_OUT = "Make the call in a timer: ngx.timer.at(0, function(premature) ... end)."
local WAY_OUT_OF_INIT = "Make the client here and the call later: in a handler, or in a timer that init_worker_by_lua* starts."


--- Why nothing can wait in the phase at hand.
-- @treturn ?table an error `{ name = "wrong_phase", message =, phase = "connect" }`; nil where it can
function carrier.wrong_phase()
  local phase = ngx.get_phase()
  if WAITING_PHASES[phase] then return nil end
  local place = DIRECTIVES[phase] or phase .. "_by_lua*"
  return failure("wrong_phase", WRONG_PHASE:format(place, phase == "init" and WAY_OUT_OF_INIT or WAY_OUT), "connect")
end

-- What ngx_lua says, by a piece of its text, as the names that every carrier uses.
local CONNECT_ERRORS = {
  { "timed out", "timeout" },
  { "timeout", "timeout" },
  { "connection refused", "connection_refused" },
  { "connection reset", "connection_reset" },
  { "no route to host", "network_unreachable" },
  { "network is unreachable", "network_unreachable" },
  { "no resolver defined", "no_resolver" },
  { "could not be resolved", "host_not_found" },
  { "failed to resolve", "host_not_found" },
  { "no such file", "connection_refused" },
}

local NO_RESOLVER = "nginx cannot look up %s: put `resolver <address of a name server>;` into the http block of nginx.conf "
  .. "(cosockets read neither /etc/resolv.conf nor /etc/hosts)"

local function connect_error(text, target)
  local lower = ascii.lower(text)
  for _, entry in ipairs(CONNECT_ERRORS) do
    if lower:find(entry[1], 1, true) then
      local name = entry[2]
      return failure(name, name == "no_resolver" and NO_RESOLVER:format(target.host) or text, "connect")
    end
  end
  return failure("connection_failed", text, "connect")
end

local function tls_error(text)
  if text == "timeout" then return failure("timeout", "the TLS handshake took too long", "tls") end
  if text:find("handshake failed", 1, true) then return failure("tls_handshake_failed", "the TLS handshake failed", "tls") end
  -- "18: self-signed certificate", "20: unable to get local issuer certificate", "certificate host mismatch" ...
  if text:find("certificate", 1, true) or text:find "^%d+: " then
    return failure("tls_verification_failed",
      text .. " (nginx trusts what lua_ssl_trusted_certificate names, to the depth of lua_ssl_verify_depth)", "tls")
  end
  if text == "closed" or text:find("reset", 1, true) then return failure("connection_reset", text, "tls") end
  return failure("tls_handshake_failed", text, "tls")
end

local function milliseconds(deadline)
  local left = (deadline - monotonic()) * MS_PER_SECOND
  if left < 1 then return 1 end
  return left < LONGEST_MS and left or LONGEST_MS
end

-- Does what the times of a socket do not bound as a whole (ngx_lua counts each step of its own, and a name is looked up for as long
-- as resolver_timeout says) in a light thread that ends with the deadline. What `act` returns, or nil and "timeout".
local function within(deadline, act)
  local done, first, second = false, nil, nil
  local thread = ngx.thread.spawn(function()
    first, second = act()
    done = true
  end)
  if done then
    ngx.thread.wait(thread)
    return first, second
  end
  local alarm = ngx.thread.spawn(carrier.sleep, milliseconds(deadline) / MS_PER_SECOND)
  ngx.thread.wait(thread, alarm)
  if done then
    ngx.thread.kill(alarm)
    return first, second
  end
  ngx.thread.kill(thread)
  return nil, "timeout"
end

local connection = {}
connection.__index = connection
connection.__tostring = function() return "eko.carrier.cosocket.connection" end

-- ngx_lua counts a time from the start of each step; it is set again when the deadline has come noticeably nearer.
local function limit(self, deadline)
  local left = milliseconds(deadline)
  if self.left - left > IMPRECISION_MS then
    self.socket:settimeouts(left, left, left)
    self.left = left
  end
end

--- Moves the bytes of an exchange, right after `take`, which has just told the socket how much time there is: the whole request,
-- then what comes of the answer.
-- @tparam userdata state of `core.http1.exchange`, which knows when it is over
-- @tparam string|userdata request its bytes, or a draft that has emitted them
-- @tparam number deadline seconds of `now()`
function connection:send(state, request, deadline)
  local socket, bytes = self.socket, type(request) == "string" and request or request:bytes()
  local is_going_on
  if #bytes <= SHORT_BYTES then
    is_going_on = state:sent(socket:send(bytes))
  else
    is_going_on = state:sent(within(deadline, function() return socket:send(bytes) end))
  end
  while is_going_on do
    limit(self, deadline)
    is_going_on = state:feed(socket:receiveany(RECEIVE_BYTES))
  end
end

-- Objects of this type that nobody holds any more: what a call leaves behind, the collector has to take away.
local spare = {}

local function new_connection(socket, left, made_in, pool)
  local n = #spare
  local self = spare[n]
  if self then spare[n] = nil else self = setmetatable({}, connection) end
  self.socket, self.left, self.made_in, self.fresh_pool = socket, left, made_in, pool
  return self
end

--- Gives the connection back to the worker's pool. Only after a fully read answer, and nothing may be asked of the object
-- afterwards: it is another call's then.
-- @tparam number keep for how many seconds at most it may wait there
function connection:give_back(keep)
  local socket, pool, keep_ms = self.socket, self.fresh_pool, KEEP_MS
  self.socket, self.fresh_pool = nil, nil
  spare[#spare + 1] = self
  if pool then
    keep_ms = FRESH_SECONDS * MS_PER_SECOND
    pool.given_back = monotonic()
  end
  if keep * MS_PER_SECOND < keep_ms then keep_ms = keep * MS_PER_SECOND end
  if not socket:setkeepalive(keep_ms, POOL_SIZE) then socket:close() end
end

--- Closes the connection; harmless when repeated.
function connection:close()
  self.socket:close()
end

local NO_PROXY = "a proxy cannot be used inside nginx: route the connection in the network, or give a `transport`"
local NO_CA_FILE = "ca_file has no effect inside nginx: leave it out and name the file in nginx.conf, "
  .. "`lua_ssl_trusted_certificate <file>;`"

local function unfit(settings)
  if settings.proxy then return "proxy", NO_PROXY end
  if settings.ca_file then return "ca_file", NO_CA_FILE end
  return nil
end

--- Whether settings of a client can work at all.
-- @tparam table settings `{ ca_file =, proxy = }`
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] string the name of the setting that cannot
-- @treturn[2] string why
function carrier.check(settings)
  local name, reason = unfit(settings)
  if name then return nil, name, reason end
  return true
end

-- Where to, and under which name: worked out once a target.
local function prepare(target)
  local host, port
  if target.unix_path then
    host = "unix:" .. target.unix_path
  else
    host = target.authority:match "^%[[^%]]+%]" or target.authority:match "^[^:]+"
    port = tonumber(target.authority:match ":(%d+)$") or (target.scheme == "https" and 443 or 80)
  end
  target.cosocket = {
    host = host,
    port = port,
    is_name = port ~= nil and not host:find "^%[" and not host:find "^[%d.]+$",
    sni = host:gsub("[%[%]]", ""),
    options = { pool = "eko " .. target.key, pool_size = POOL_SIZE },
    unfit = select(2, unfit(target)),
  }
  return target.cosocket
end

-- The pool of the connections that were idle for less than a second: of its own, because ngx_lua does not tell how old is what
-- it gives. A worker that was busy runs its timers late; so a pool that got nothing for a second is left behind for a new one.
local fresh_pools = {} -- by the target's key, like the pools of ngx_lua: clients share them

local function fresh_pool(key, now)
  local pool = fresh_pools[key]
  if not pool or now - pool.given_back >= FRESH_SECONDS then
    local number = pool and pool.number + 1 or 1
    pool = { number = number, given_back = now, options = { pool = ("eko fresh %d %s"):format(number, key), pool_size = POOL_SIZE } }
    fresh_pools[key] = pool
  end
  return pool
end

local function connect(socket, place, options, until_connected)
  if not place.port then return socket:connect(place.host, options) end
  if not place.is_name then return socket:connect(place.host, place.port, options) end
  return within(until_connected, function() return socket:connect(place.host, place.port, options) end)
end

local function handshake(socket, place, until_connected)
  local left = milliseconds(until_connected)
  socket:settimeouts(left, left, left)
  -- No session is asked for or given: one that is resumed would not be verified again.
  local ok, err = socket:sslhandshake(false, place.sni, true)
  if ok then return true end
  socket:close()
  return nil, tls_error(err)
end

-- What is left to do on a connection that did not come from the pool. Returns the times that making it took, in seconds from the start
-- of connecting; ngx_lua does not tell the look-up of a name from that.
local function finish(socket, target, place, started, until_connected)
  local made_in = { name_lookup = 0, connect = monotonic() - started, tls = 0 }
  if target.scheme == "https" then
    local done, err = handshake(socket, place, until_connected)
    if not done then return nil, err end
    made_in.tls = monotonic() - started
  end
  return made_in
end

--- A pooled connection of the worker, or a new one.
-- @tparam table target `{ scheme =, authority =, unix_path =, key =, ca_file =, proxy =, connect_timeout = seconds }`
-- @tparam number deadline seconds of `now()`
-- @tparam number now seconds of `now()`
-- @tparam[opt] boolean fresh whether only one will do that is new or was idle for less than a second
-- @treturn[1] table the connection
-- @treturn[2] nil
-- @treturn[2] table the error `{ name =, message =, phase = "connect" or "tls" }`
function carrier.take(target, deadline, now, fresh)
  local phase_err = carrier.wrong_phase()
  if phase_err then return nil, phase_err end
  local place = target.cosocket or prepare(target)
  if place.unfit then return nil, failure("unsupported_option", place.unfit, "connect") end
  local left = (deadline - now) * MS_PER_SECOND
  if left <= 0 then return nil, failure("timeout", "no time was left to connect", "connect") end
  if left > LONGEST_MS then left = LONGEST_MS end
  local until_connected = now + target.connect_timeout
  if until_connected > deadline then until_connected = deadline end
  local socket = ngx.socket.tcp()
  socket:settimeouts((until_connected - now) * MS_PER_SECOND, left, left)
  local pool = fresh and fresh_pool(target.key, now)
  local ok, connect_err = connect(socket, place, pool and pool.options or place.options, until_connected)
  if not ok then return nil, connect_error(connect_err, place) end
  local made_in, err
  if socket:getreusedtimes() == 0 then
    made_in, err = finish(socket, target, place, now, until_connected)
    if not made_in then return nil, err end
    left = milliseconds(deadline)
    socket:settimeouts(left, left, left)
  end
  return new_connection(socket, left, made_in, pool)
end

return carrier
