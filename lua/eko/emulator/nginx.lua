--- The emulator as a location of nginx.
--
--     -- in init_by_lua_block
--     emulated = require("eko.emulator.nginx").new()
--     -- in the server block
--     underscores_in_headers on;           # else nginx drops the header developer_key
--     location /ekoapi/ { content_by_lua_block { emulated:serve() } }
--
-- The platform's state lives in one worker's memory: with `worker_processes 1` it is one platform, with more it would be several,
-- which is refused. A reload begins anew.
-- @module eko.emulator.nginx
local emulator = require "eko.emulator"
local faults = require "eko.emulator.faults"
local json = require "eko.emulator.json"
local ascii = require "eko.emulator.ascii"

-- luacheck: globals ngx (only nginx loads this file)
local ngx = ngx

local mounted = {}

local MOST_SMS = 10

local Mounted = {}
Mounted.__index = Mounted

local TOO_MANY = "eko.emulator: the platform lives in one worker; put worker_processes 1; into nginx.conf (there are %d)\n"
local NOT_LOCAL = "eko.emulator: the SMS can be read from this machine only\n"

local function plain(status, text)
  ngx.status = status
  ngx.header["Content-Type"] = "text/plain"
  ngx.print(text)
  return ngx.exit(ngx.HTTP_OK)
end

local function request_headers()
  local headers = {}
  for name, value in pairs(ngx.req.get_headers()) do
    headers[ascii.lower(name)] = type(value) == "table" and table.concat(value, ", ") or tostring(value)
  end
  return headers
end

local function write(response)
  ngx.status = response.status
  for name, value in pairs(response.headers) do ngx.header[name] = value end
  if response.status ~= 204 then ngx.print(response.body or "") end
  return ngx.exit(ngx.HTTP_OK)
end

-- A fault of the connection: the bytes go out as they are, and the connection ends.
local function write_damaged(response)
  local bytes, _, delay = faults.on_wire(response)
  if delay > 0 then ngx.sleep(delay) end
  if not bytes then return write(response) end
  local socket = ngx.req.socket(true)
  if socket then socket:send(bytes) end
  return ngx.exit(444)
end

--- A content handler: answers as the platform does.
function Mounted:serve()
  if ngx.worker.count() ~= 1 then return plain(500, TOO_MANY:format(ngx.worker.count())) end
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  local response = self.platform:handle {
    method = ngx.req.get_method(), url = ngx.var.request_uri, headers = request_headers(), body = body,
  }
  if response.fault then return write_damaged(response) end
  return write(response)
end

-- By its address and by the name that it asked for: a page in a browser of this machine could have had its own name point here.
local function is_local()
  local address, host = ngx.var.remote_addr or "", ngx.var.host or ""
  return (address:find "^127%." ~= nil or address == "::1" or address:find "^unix:" ~= nil)
    and (host:find "^127%.%d+%.%d+%.%d+$" ~= nil or host == "localhost" or host == "[::1]")
end

--- A content handler for examples and tests: the newest SMS, newest first, as JSON; those of `?customer_id=` alone, where one is
-- given. OTPs stand in it, so it answers this machine only.
function Mounted:sms()
  if not is_local() then return plain(403, NOT_LOCAL) end
  local customer_id = ngx.var.arg_customer_id
  local received = customer_id and self.platform:sms(customer_id) or self.sent
  local list = json.list()
  for i = #received, math.max(1, #received - MOST_SMS + 1), -1 do list[#list + 1] = received[i] end
  ngx.header["Content-Type"] = "application/json"
  ngx.header["Cache-Control"] = "no-store"
  ngx.print(json.encode(list))
  return ngx.exit(ngx.HTTP_OK)
end

--- Makes a platform to be mounted.
-- @tparam[opt] table options of `eko.emulator.new`
-- @treturn table `platform` (with `developer_key` and `access_key` for the client), `serve`, `sms`
function mounted.new(options)
  local sent, own = {}, {}
  for name, value in pairs(options or {}) do own[name] = value end
  function own.on_sms(mobile, message)
    sent[#sent + 1] = message
    if #sent > MOST_SMS then table.remove(sent, 1) end
    if options and options.on_sms then options.on_sms(mobile, message) end
  end
  return setmetatable({ platform = emulator.new(own), sent = sent }, Mounted)
end

return mounted
