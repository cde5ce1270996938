--- The emulated platform on a socket: HTTP/1.1, or HTTPS with TLS 1.2 and later.
--
-- lua-http (on cqueues) reads the requests and writes ordinary answers; a fault that concerns the wire is written
-- byte by byte. Kept-alive connections and many clients at a time are served from one thread.
--
--     local server = require("eko.emulator.server").new { platform = platform }
--     assert(server:listen())
--     print(server.base_url)
--     server:run()
--
-- @module eko.emulator.server
local control = require "eko.emulator.control"
local core_text = require("eko.core").text
local faults = require "eko.emulator.faults"
local http = require "eko.emulator.http"
local options = require "eko.emulator.options"

local emulator_server = {}

local Server = {}
Server.__index = Server

local MAX_REQUEST_BODY = 4 * 1024 * 1024
local TOO_LARGE = http.plain(413, "Payload Too Large")
TOO_LARGE.headers.connection = "close"

-- Debian installs the pure-Lua parts of lua-http for Lua 5.1 to 5.3 only, and some of what those need for 5.1 only; they run on
-- later Luas as they are. They are added at the very end, and only where they are not found otherwise.
local DEBIAN_PATHS = "/usr/share/lua/5.3/?.lua;/usr/share/lua/5.1/?.lua;/usr/share/lua/5.1/?/init.lua"

local function need(name)
  local ok, module = pcall(require, name)
  if ok then return module end
  error("eko.emulator.server needs lua-http, cqueues and luaossl (Debian: lua-http lua-cqueues lua-luaossl), and " .. name
    .. " cannot be loaded", 0)
end

local function load_lua_http()
  -- (package.searchpath is not in Lua 5.1 proper, but in LuaJIT.)
  local search = rawget(package, "searchpath")
  if search and not (search("http.h1_connection", package.path) and search("fifo", package.path)) then
    package.path = package.path .. ";" .. DEBIAN_PATHS
  end
  return need "http.h1_connection", need "http.headers"
end

local KNOWN_OPTIONS = {
  platform = true, host = true, port = true, tls = true, cert_file = true, key_file = true, control = true,
  control_token = true, clock = true, idle_timeout = true,
}

local SHORTEST_TOKEN = 16

--- @tparam table given `platform`; `host` ("127.0.0.1"), `port` (0: a free one); `tls` with `cert_file` and `key_file`
-- (PEM; without them a certificate for localhost is made, see `ca_file`); `control` (true or a port: a second loopback
-- port where another process can steer the platform); `control_token` (at least 16 characters without blanks; made up when
-- absent); `clock` (from `eko.emulator.control`, for `advance`);
-- `idle_timeout` (seconds that a kept-alive connection may be silent, 60)
-- @treturn Server; raises on an unknown option, and without position where lua-http or cqueues is not installed
function emulator_server.new(given)
  local ok, problem = pcall(options.check_names, "eko.emulator.server", given, KNOWN_OPTIONS)
  if not ok then error(problem, 2) end
  local token = given.control_token
  if token ~= nil and (type(token) ~= "string" or #token < SHORTEST_TOKEN or token:find "[^!-~]") then
    error(("eko.emulator.server: a control_token has at least %d visible characters"):format(SHORTEST_TOKEN), 2)
  end
  local cqueues = need "cqueues"
  local h1_connection, headers = load_lua_http()
  return setmetatable({
    platform = assert(given.platform, "eko.emulator.server: option 'platform' is missing"),
    host = given.host or "127.0.0.1", port = given.port or 0, tls = given.tls, cert_file = given.cert_file,
    key_file = given.key_file, control = given.control,
    control_token = token or (core_text.base64_encode(core_text.random_bytes(24)):gsub("+", "-"):gsub("/", "_")),
    clock = given.clock, idle_timeout = given.idle_timeout or 60,
    h1_connection = h1_connection, new_headers = headers.new, connections = 0, open = {}, loop = cqueues.new(), stopped = false,
  }, Server)
end

--- Closes with an RST. cqueues has no SO_LINGER; LuaSocket borrows the descriptor to set it.
local function reset(socket)
  local borrowed = require("socket").tcp()
  borrowed:setfd(socket:pollfd())
  borrowed:setoption("linger", { on = true, timeout = 0 })
  borrowed:setfd(-1)
  socket:close()
end

local function write_ordinary(self, stream, response)
  local headers = self.new_headers()
  headers:append(":status", ("%d"):format(response.status))
  for name, value in pairs(response.headers) do
    for _, each in ipairs(type(value) == "table" and value or { value }) do
      headers:append(name, each)
    end
  end
  local body = response.status ~= 204 and response.status ~= 304 and response.body or nil
  if body then
    headers:upsert("content-length", ("%d"):format(#body))
  end
  local bodiless = not body or body == ""
  local ok = stream:write_headers(headers, bodiless, self.idle_timeout)
  if ok and not bodiless then
    ok = stream:write_body_from_string(body, self.idle_timeout)
  end
  return ok
end

--- Carries out a fault. Returns whether the connection lives on.
local function write_damaged(self, connection, stream, response)
  local bytes, ending, delay = faults.on_wire(response)
  if delay > 0 then
    require("cqueues").sleep(delay)
  end
  if not bytes then return write_ordinary(self, stream, response) end
  local socket = connection.socket
  socket:xwrite(bytes, "bn", self.idle_timeout)
  stream:set_state("closed")
  if ending == "keep" then return true end
  connection.socket = nil
  if ending == "reset" then
    -- Whoever reads slowly should still see the bytes before the reset.
    require("cqueues").sleep(0.05)
    reset(socket)
  else
    socket:shutdown("w")
    socket:close()
  end
  return false
end

-- As a text; or nil and whether it is longer than what is read.
local function read_body(self, stream)
  local parts, size, ends = {}, 0, core_text.monotonic() + self.idle_timeout
  while size <= MAX_REQUEST_BODY do
    local part, problem = stream:get_next_chunk(math.max(0, ends - core_text.monotonic()))
    if not part then return not problem and table.concat(parts) or nil, false end
    parts[#parts + 1], size = part, size + #part
  end
  return nil, true
end

-- The request; or nil and the answer to one that is not read to its end, if it gets one.
local function read_request(self, stream)
  local headers = stream:get_headers(self.idle_timeout)
  if not headers then return nil end
  local request = { method = headers:get(":method"), url = headers:get(":path"), headers = {} }
  for name, value in headers:each() do
    if name == ":authority" then name = "host" end -- lua-http's name for it
    if name:sub(1, 1) ~= ":" then
      local before = request.headers[name]
      request.headers[name] = before and before .. ", " .. value or value
    end
  end
  if (tonumber(request.headers["content-length"]) or 0) > MAX_REQUEST_BODY then return nil, TOO_LARGE end
  if request.headers.expect == "100-continue" then
    stream:write_continue(self.idle_timeout)
  end
  local body, is_longer = read_body(self, stream)
  if not body then return nil, is_longer and TOO_LARGE or nil end
  request.body = body ~= "" and body or nil
  return request
end

local function answer(handler, request)
  local ok, response = pcall(handler, request)
  if ok then return response end
  io.stderr:write("eko.emulator: ", tostring(response), "\n")
  return { status = 500, headers = { ["content-type"] = "text/plain" }, body = "the emulator failed; see its stderr" }
end

local function serve_connection(self, connection, handler)
  while not self.stopped do
    local stream = connection:get_next_incoming_stream(self.idle_timeout)
    if not stream then return end
    local request, refusal = read_request(self, stream)
    if not request then
      if refusal then write_ordinary(self, stream, refusal) end
      return stream:shutdown()
    end
    local response = answer(handler, request)
    local lives
    if response.fault then
      lives = write_damaged(self, connection, stream, response)
    else
      lives = write_ordinary(self, stream, response)
    end
    if not lives or stream.close_when_done then return end
  end
end

local function serve(self, socket, handler, context)
  if context and not socket:starttls(context, self.idle_timeout) then return socket:close() end
  local connection = self.h1_connection.new(socket, "server", 1.1)
  self.open[connection] = true
  -- A coroutine of its own catches what it raises, as pcall does; across a pcall Lua 5.1 cannot yield.
  local ok, problem = require("cqueues.auxlib").resume(coroutine.create(serve_connection), self, connection, handler)
  self.open[connection] = nil
  if connection.socket then
    connection:close()
  end
  if not ok and not self.stopped then
    io.stderr:write("eko.emulator: ", tostring(problem), "\n")
  end
end

local function quietly(_, _, code) return code end

local function accept_loop(self, listener, handler, context, counted)
  while not self.stopped do
    local socket = listener:accept { nodelay = true }
    if socket then
      socket:setmode("b", "bf")
      socket:onerror(quietly)
      if counted then
        self.connections = self.connections + 1
      end
      self.loop:wrap(serve, self, socket, handler, context)
    end
  end
end

local function bind(host, port)
  local sockets = require "cqueues.socket"
  local listener = sockets.listen { host = host, port = port, reuseaddr = true, v6only = true }
  listener:onerror(quietly)
  if not listener:listen() then
    listener:close()
    return nil, ("cannot listen on %s port %d"):format(host, port)
  end
  local _, address, bound = listener:localname()
  return listener, bound, address
end

local function is_loopback(address)
  return address:find "^127%." ~= nil or address == "::1" or address:find "^::ffff:127%." ~= nil
end

local WARNING = "eko.emulator: listening on %s, which other machines may reach: an emulator is no platform to trust, and whoever "
  .. "has its keys can use it\n"

local function authority(host, port)
  return (host:find(":", 1, true) and "[%s]:%d" or "%s:%d"):format(host, port)
end

--- Opens the sockets.
-- @treturn ?boolean true; then `base_url`, `port`, `control_url` and `control_token` (if asked for) and `ca_file` (if a
-- certificate was made) are set. An address that other machines may reach is warned of on stderr
-- @treturn ?string what went wrong
function Server:listen()
  local context, problem
  if self.tls then
    context, problem = require("eko.emulator.tls").context(self)
    if not context then return nil, problem end
  end
  local listener, port, address = bind(self.host, self.port)
  if not listener then return nil, port end
  if not is_loopback(address) then
    io.stderr:write(WARNING:format(authority(address, port)))
  end
  self.listener, self.port = listener, port
  self.base_url = (self.tls and "https://" or "http://") .. authority(self.host, port) .. self.platform.base_path
  self.loop:wrap(accept_loop, self, listener, function(request) return self.platform:handle(request) end, context, true)
  return self.control and self:listen_for_control() or true
end

function Server:listen_for_control()
  local listener, port = bind("127.0.0.1", type(self.control) == "number" and self.control or 0)
  if not listener then return nil, port end
  self.control_listener = listener
  self.control_url = "http://" .. authority("127.0.0.1", port)
  self.loop:wrap(accept_loop, self, listener, function(request) return control.handle(self, request) end, nil, false)
  return true
end

--- Serves until `stop`.
-- @tparam[opt] function on_idle called about four times a second
function Server:run(on_idle)
  while not self.stopped do
    self:step(0.25)
    if on_idle then on_idle() end
  end
end

--- Serves whatever is ready, for a program with a loop of its own.
-- @tparam number timeout seconds
function Server:step(timeout)
  local ok, problem = self.loop:step(timeout)
  if not ok then
    io.stderr:write("eko.emulator: ", tostring(problem), "\n")
  end
end

--- Closes everything. May be called twice.
function Server:stop()
  if self.stopped then return end
  self.stopped = true
  for _, listener in pairs { self.listener, self.control_listener } do
    listener:close()
  end
  for connection in pairs(self.open) do
    if connection.socket then
      connection.socket:close()
      connection.socket = nil
    end
  end
  self.open = {}
  if self.ca_file then
    os.remove(self.ca_file)
  end
end

return emulator_server
