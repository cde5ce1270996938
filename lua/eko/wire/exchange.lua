--- One HTTP/1.1 exchange: take a connection, let the carrier move the bytes, give the connection back.
-- What was sent, whether another connection may be asked and how long one is kept is known by the exchange of `core.http1`: a
-- request is never sent a second time after a byte of it was handed to the kernel.
-- @module eko.wire.exchange

local core = require "eko.core"
local carriers = require "eko.wire.carrier"
local head = require "eko.wire.head"

local find, sub = string.find, string.sub
local new_exchange = core.http1.exchange

local CONNECT_TIMEOUT = 10 -- seconds
local MAX_RESPONSE_BYTES = 8388608

local exchange = {
  --- The header that is written before the others. OpenResty's LuaJIT hashes a long string by samples from its first half: what
  -- tells one request from the next stands in front, or all the requests in memory form one chain that each new one is
  -- compared with.
  first_header = "secret-key",
}

-- [scheme://]host[:port] as a URL has it, or http://unix:/path; the pool's key holds all that makes two connections
-- different.
local function make_target(settings, method, origin)
  local unix_path = string.match(origin, "^http://unix:(/[^: \t\r\n\v\f]+)$")
  local scheme, authority = string.match(unix_path and "http://localhost" or origin, "^(https?)://([^/?#@ \t\r\n\v\f]+)$")
  if not scheme then return nil end
  return {
    method = method,
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

local UNIX = "http://unix:"

-- Where a URL's path begins. http://unix:/path/of/socket:/path is nginx's notation for a socket in the file system.
local function path_of(url)
  local slash = find(url, "/", 9, true)
  if slash ~= #UNIX + 1 or sub(url, 1, #UNIX) ~= UNIX then return slash, slash and slash - 1 end
  local colon = find(url, ":", slash, true)
  return colon and colon + 1, colon and colon - 1
end

--- What the requests of one method to paths below a URL have in common, and where they go.
-- @tparam table self of `exchange.new`
-- @tparam string method `"GET"`, `"POST"` ...
-- @tparam string url the URL, or what it begins with
-- @tparam table headers of `head.write`
-- @tparam[opt] string first_header of `head.write`
-- @treturn[1] string what that returns
-- @treturn[1] table the target of `perform`
-- @treturn[2] nil
-- @treturn[2] table the error `{ name =, message =, sent = false }`
local function head_of(self, method, url, headers, first_header)
  local path, origin_end = path_of(url)
  local target = make_target(self, method, path and sub(url, 1, origin_end) or url)
  if not target then return nil, { name = "invalid_url", message = "not an http or https URL", sent = false } end
  local text, reason = head.write(method, path and sub(url, path) or "", target.authority, headers, first_header)
  if not text then return nil, { name = "malformed_request", message = reason, sent = false } end
  return text, target
end

--- Sends what is written already, and reads the answer.
-- @tparam table self of `exchange.new`
-- @tparam table target as `head` gives it
-- @tparam string|userdata request the whole of it: bytes, or a draft that has emitted them
-- @tparam number deadline seconds of the monotonic clock
-- @tparam table how `headers_unless`: the status of an answer whose headers nobody looks at, they are left out; `fresh`: true when it
-- travels on a connection that is new or was idle for less than a second, as what moves money does
-- @treturn[1] table `{ status =, headers =, body =, first_byte = seconds, total = seconds, made_in = (what connecting took, of the
-- carrier; nil where the connection had been idle) }`, the caller's to keep
-- @treturn[2] nil
-- @treturn[2] table the error `{ name =, message =, phase =, sent = }`
local function perform(self, target, request, deadline, how)
  local carrier, idle = self.carrier, self.idle
  local state = idle[#idle] -- this call's alone until it is put back: inside nginx other calls run meanwhile
  if state then idle[#idle] = nil else state = new_exchange(self.max_response_bytes) end
  while true do
    local connection, connect_err = carrier.take(target, deadline, state:begin(target.method, deadline), how.fresh)
    if not connection then
      idle[#idle + 1], connect_err.sent = state, false
      return nil, connect_err
    end
    connection:send(state, request, deadline)
    local made_in = connection.made_in
    -- Of a failure: nil, the error, and whether another connection may be asked.
    local status, headers, body, keep, first_byte, total = state:result(how.headers_unless, made_in == nil)
    if status and keep then connection:give_back(keep) else connection:close() end
    if status then
      idle[#idle + 1] = state
      return { status = status, headers = headers, body = body, first_byte = first_byte, total = total, made_in = made_in }
    elseif not body then
      idle[#idle + 1] = state
      return nil, headers
    end
  end
end

local NO_RESPONSE = {
  name = "bad_transport",
  message = "the transport returned neither { status = number, headers = table, body = string } nor nil and an error",
}

--- Hands a request to a transport of the user's.
-- @tparam ?function transport see docs/architecture.md, "A transport"; without one nothing is sent, and the request is the result
-- @tparam table request as that page has it
-- @treturn[1] table the response, fit for reading
-- @treturn[2] nil
-- @treturn[2] any what the transport gave as its error
function exchange.hand_over(transport, request)
  if not transport then return request end
  local response, err = transport(request)
  if not response then return nil, err end
  if type(response) ~= "table" or type(response.status) ~= "number" then return nil, NO_RESPONSE end
  local headers, body = response.headers, response.body
  if body ~= nil and type(body) ~= "string" then return nil, NO_RESPONSE end
  return { status = response.status, headers = type(headers) == "table" and headers or {}, body = body, timings = response.timings }
end

--- Makes what sends requests and reads their answers.
-- @tparam table settings `{ ca_file =, proxy =, connect_timeout = seconds, max_response_bytes =, carrier = (optional: the one that fits
-- this program) }`
-- @treturn table `{ head =, perform = }`, see there
function exchange.new(settings)
  return {
    ca_file = settings.ca_file,
    proxy = settings.proxy,
    connect_timeout = settings.connect_timeout or CONNECT_TIMEOUT,
    max_response_bytes = settings.max_response_bytes or MAX_RESPONSE_BYTES,
    carrier = settings.carrier or carriers.of_program(),
    idle = {},
    head = head_of,
    perform = perform,
  }
end

return exchange
