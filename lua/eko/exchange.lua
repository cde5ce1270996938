--- One HTTP/1.1 exchange: take a connection, send once, feed the parser, give the connection back.
-- It knows whether a request left, and never sends one a second time after a byte of it was handed to the kernel.
-- @module eko.exchange

local core = require "eko.core"
local carriers = require "eko.carrier"

local find, sub = string.find, string.sub
local http_request, new_parser = core.http1.request, core.http1.parser

local exchange = {}

-- [scheme://]host[:port] as a URL has it, or http://unix:/path; the pool's key holds all that makes two connections
-- different.
local function make_target(settings, origin)
  local unix_path = string.match(origin, "^http://unix:(/[^:%s]+)$")
  local scheme, authority = string.match(unix_path and "http://localhost" or origin, "^(https?)://([^/?#@%s]+)$")
  if not scheme then return nil end
  return {
    origin = unix_path and "http://localhost" or origin,
    scheme = scheme,
    authority = authority,
    unix_path = unix_path,
    ca_file = settings.ca_file,
    proxy = settings.proxy,
    connect_timeout = settings.connect_timeout,
    key = table.concat({ origin, settings.ca_file or "", settings.proxy or "" }, "\n"),
  }
end

local function fail(err, sent)
  err.sent = sent
  return nil, err
end

-- A connection that carries the request. An idle connection that refuses the very first byte took nothing of it, so
-- another one may be asked; once a byte was accepted there is no second try.
local function send(carrier, target, bytes, deadline, now)
  while true do
    local connection, err = carrier.take(target, deadline, now)
    if not connection then return nil, err end
    local ok, send_err, accepted = connection:send(bytes, deadline)
    if ok then return connection end
    local untouched = connection.reused and accepted == 0 and send_err.name ~= "timeout"
    connection:close()
    if not untouched then return nil, send_err end
  end
end

-- Reads until the answer is complete. An answer whose head came is proof that the request was received.
local function receive(carrier, connection, parser, deadline)
  local first_byte
  while true do
    local chunk, err = connection:receive(deadline)
    local state, name, detail
    if chunk then
      first_byte = first_byte or carrier.now()
      state, name, detail = parser:feed(chunk)
    elseif err.name == "connection_closed" then
      state, name, detail = parser:finish()
    else
      return fail(err, parser:status() and true or nil)
    end
    if state == "done" then return first_byte end
    if not state then
      return fail({ name = name, message = detail, phase = "receive" }, parser:status() and true or nil)
    end
  end
end

local UNIX = "http://unix:"

-- Where a URL's path begins. http://unix:/path/of/socket:/path is nginx's notation for a socket in the file system.
local function path_of(url)
  local slash = find(url, "/", 9, true)
  if slash ~= #UNIX + 1 or sub(url, 1, #UNIX) ~= UNIX then return slash, slash and slash - 1 end
  local colon = find(url, ":", slash, true)
  return colon and colon + 1, colon and colon - 1
end

local function run(self, request)
  local carrier = self.carrier
  if not carrier then
    local fitting, err = carriers.choose()
    if not fitting then return nil, err end
    carrier = fitting
  end
  local url = request.url
  local path, origin_end = path_of(url)
  local origin = path and sub(url, 1, origin_end) or url
  local target = self.targets[origin]
  if not target then
    target = make_target(self, origin)
    if not target then return fail({ name = "invalid_url", message = "not an http or https URL" }, false) end
    self.targets[origin] = target
  end
  local bytes, reason =
    http_request(request.method, path and sub(url, path) or "/", target.authority, request.headers, request.body)
  if not bytes then return fail({ name = "malformed_request", message = reason }, false) end

  local started = carrier.now()
  local connection, send_err = send(carrier, target, bytes, request.deadline, started)
  if not connection then return fail(send_err, false) end

  local parser = table.remove(self.parsers) or new_parser { max_body = self.max_response_bytes }
  parser:reset(request.method)
  local first_byte, err = receive(carrier, connection, parser, request.deadline)
  if not first_byte then
    connection:close()
    self.parsers[#self.parsers + 1] = parser
    return nil, err
  end
  local status, headers, body, reusable = parser:result(request.headers_unless)
  local now = carrier.now()
  local made = connection:timings()
  local response = {
    status = status,
    headers = headers,
    body = body,
    timings = {
      name_lookup = made.name_lookup,
      connect = made.connect,
      tls = made.tls,
      first_byte = first_byte - started,
      total = now - started,
      reused = connection.reused,
    },
  }
  if reusable then connection:give_back(now) else connection:close() end
  self.parsers[#self.parsers + 1] = parser
  return response
end

--- Makes a transport: a function `request -> response | nil, err` (see docs/architecture.md, "A transport").
-- A request may say `headers_unless = status`: the headers of an answer with that status are not looked at, and not made.
-- @param settings { ca_file =, proxy =, connect_timeout = seconds, max_response_bytes =, carrier = (optional: the one that
--   fits is chosen at call time) }
-- @return the transport
function exchange.new(settings)
  local self = {
    ca_file = settings.ca_file,
    proxy = settings.proxy,
    connect_timeout = settings.connect_timeout or 10,
    max_response_bytes = settings.max_response_bytes or 8388608,
    carrier = settings.carrier,
    targets = {},
    parsers = {},
  }
  return function(request) return run(self, request) end
end

return exchange
