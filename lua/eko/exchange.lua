--- One HTTP/1.1 exchange: take a connection, send once, feed the parser, give the connection back.
-- It knows whether a request left, and never sends one a second time after a byte of it was handed to the kernel.
-- @module eko.exchange

local core = require "eko.core"
local carriers = require "eko.carrier"

local find, sub = string.find, string.sub
local http_request, new_head, new_parser = core.http1.request, core.http1.head, core.http1.parser

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
local function send(carrier, target, bytes, deadline, now, fresh)
  while true do
    local connection, err = carrier.take(target, deadline, now, fresh)
    if not connection then return nil, err end
    local ok, send_err, accepted = connection:send(bytes, deadline)
    if ok then return connection end
    local untouched = connection.reused and accepted == 0 and send_err.name ~= "timeout"
    connection:close()
    if not untouched then return nil, send_err end
  end
end

-- Reads until the answer is complete; returns when its first byte came, when its last did, and the bytes that came last; or
-- nil and the error. An answer whose head came is proof that the request was received.
local function receive(carrier, connection, parser, deadline)
  local first_byte, now, last
  while true do
    local chunk, err = connection:receive(deadline)
    local state, name, detail
    if chunk then
      last = chunk
      now = carrier.now()
      first_byte = first_byte or now
      state, name, detail = parser:feed(chunk)
    elseif err.name == "connection_closed" then
      state, name, detail = parser:finish()
    else
      return fail(err, parser:status() and true or nil)
    end
    if state == "done" then return first_byte, now, last end
    if state == "more" and now >= deadline then
      state, name, detail = nil, "timeout", "the answer was not whole in time"
    end
    if not state then
      return fail({ name = name, message = detail, phase = "receive" }, parser:status() and true or nil)
    end
  end
end

local EARLY_SECONDS = 1 -- before the peer closes a connection, it is not used any more

-- What the parser says of a connection: closed, or kept for so many seconds at most (nil: as long as the carrier likes).
local function part_with(connection, reusable)
  local keep = reusable ~= true and reusable and reusable - EARLY_SECONDS or nil
  if reusable and (not keep or keep > 0) then connection:give_back(keep) else connection:close() end
end

local UNIX = "http://unix:"

-- Where a URL's path begins. http://unix:/path/of/socket:/path is nginx's notation for a socket in the file system.
local function path_of(url)
  local slash = find(url, "/", 9, true)
  if slash ~= #UNIX + 1 or sub(url, 1, #UNIX) ~= UNIX then return slash, slash and slash - 1 end
  local colon = find(url, ":", slash, true)
  return colon and colon + 1, colon and colon - 1
end

-- A parser is one call's alone from here until it is put back: inside nginx other calls run meanwhile.
local function take_parser(self)
  local idle = self.parsers
  local parser = idle[#idle]
  if not parser then return new_parser { max_body = self.max_response_bytes } end
  idle[#idle] = nil
  return parser
end

local function target_of(self, origin)
  local target = self.targets[origin]
  if not target then
    target = make_target(self, origin)
    self.targets[origin] = target
  end
  return target
end

-- What most callers never ask for is put together when somebody does: the timings from the times in the response's list,
-- the body from the bytes it came in.
local lazy = {}

function lazy.timings(response)
  local made_in, started, first_byte, finished, reused = response[1], response[2], response[3], response[4], response[5]
  return {
    name_lookup = made_in.name_lookup,
    connect = made_in.connect,
    tls = made_in.tls,
    first_byte = first_byte - started,
    total = finished - started,
    reused = reused,
  }
end

function lazy.body(response)
  return response.bytes and sub(response.bytes, response.first, response.last)
end

local lazily = {
  __index = function(response, key)
    local make = lazy[key]
    if not make then return nil end
    local value = make(response)
    response[key] = value
    return value
  end,
}

-- Sends what is written already, and reads the answer: { status =, headers =, body =, timings = }. A body that came in one
-- piece is bytes first to last of `bytes`.
local function perform(self, target, method, bytes, deadline, headers_unless, fresh)
  local carrier = self.carrier
  if not carrier then
    local fitting, err = carriers.choose()
    if not fitting then return nil, err end
    carrier = fitting
  end
  local started = carrier.now()
  local connection, send_err = send(carrier, target, bytes, deadline, started, fresh)
  if not connection then return fail(send_err, false) end

  local parser = take_parser(self)
  parser:reset(method)
  local first_byte, finished, bytes_read = receive(carrier, connection, parser, deadline)
  if not first_byte then
    connection:close()
    self.parsers[#self.parsers + 1] = parser
    return nil, finished
  end
  local status, headers, body, reusable, first, last = parser:result(headers_unless, true)
  self.parsers[#self.parsers + 1] = parser
  local response = {
    connection:timings(), started, first_byte, finished, connection.reused,
    status = status, headers = headers, body = body, bytes = first and bytes_read, first = first, last = last,
  }
  part_with(connection, reusable)
  return setmetatable(response, lazily)
end

-- The bytes of a request and where they go; or nil and the error.
local function write(self, request)
  local url = request.url
  local path, origin_end = path_of(url)
  local target = target_of(self, path and sub(url, 1, origin_end) or url)
  if not target then return fail({ name = "invalid_url", message = "not an http or https URL" }, false) end
  local bytes, reason = http_request(request.method, path and sub(url, path) or "/", target.authority, request.headers,
    request.body, request.first_header)
  if not bytes then return fail({ name = "malformed_request", message = reason }, false) end
  return bytes, target
end

-- What the requests of one method to paths below a URL have in common, and where they go; or nil and the error.
local function head_of(self, method, url, headers, first_header)
  local path, origin_end = path_of(url)
  local target = target_of(self, path and sub(url, 1, origin_end) or url)
  if not target then return fail({ name = "invalid_url", message = "not an http or https URL" }, false) end
  local head, reason = new_head(method, path and sub(url, path) or "", target.authority, headers, first_header)
  if not head then return fail({ name = "malformed_request", message = reason }, false) end
  return head, target
end

local function run(self, request)
  local bytes, target = write(self, request)
  if not bytes then return nil, target end
  local response, err = perform(self, target, request.method, bytes, request.deadline, request.headers_unless, request.fresh)
  if not response then return nil, err end
  -- Whoever asked for this is not ours to know: he gets it all, and nothing else.
  return {
    status = response.status, headers = response.headers or {}, body = response.body, timings = response.timings,
  }
end

--- Makes a transport: a function `request -> response | nil, err` (see docs/architecture.md, "A transport").
-- A request may say `headers_unless = status`: the headers of an answer with that status are not looked at, and not made;
-- and `fresh = true`: it travels on a connection that is new or was idle for less than a second, as what moves money does.
-- @param settings { ca_file =, proxy =, connect_timeout = seconds, max_response_bytes =, carrier = (optional: the one that
--   fits is chosen at call time) }
-- @return the transport
-- @return the same in two steps, for whoever sends requests that have much in common: `:head(method, url, headers, first_header)` ->
--   what `emit` of a draft takes, target; `:perform(target, method, bytes, deadline, headers_unless, fresh)` -> response
function exchange.new(settings)
  local self = {
    ca_file = settings.ca_file,
    proxy = settings.proxy,
    connect_timeout = settings.connect_timeout or 10,
    max_response_bytes = settings.max_response_bytes or 8388608,
    carrier = settings.carrier,
    targets = {},
    parsers = {},
    head = head_of,
    perform = perform,
  }
  return function(request) return run(self, request) end, self
end

return exchange
