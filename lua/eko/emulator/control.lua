--- Steering a platform from another process: a second, loopback-only port, off unless asked for.
--
-- `POST /<command>` with a JSON object; the answer is `{"result": ...}` or `{"error": "..."}`. The commands are in
-- docs/emulator.md. Whoever can reach the port can read OTPs and settle transfers, so a request is heard only with
--
-- * the server's token (`Authorization: Bearer <token>`): else 401
-- * its own `Host`, and its own `Origin` where there is one: else 403. A page in a browser of this machine cannot reach the port by a
--   name that it had point here
-- * `Content-Type: application/json`: else 415. A page's form cannot send that
--
-- @module eko.emulator.control
local http = require "eko.emulator.http"
local json = require "eko.emulator.json"
local ascii = require "eko.emulator.ascii"
local core_text = require("eko.core").text

local control = {}

--- A clock that can be moved.
-- @treturn table `now()` -> milliseconds since 1970, `advance(ms)`
function control.clock()
  local offset = 0
  return {
    now = function() return core_text.now_ms() + offset end,
    advance = function(ms)
      offset = offset + ms
      return offset
    end,
  }
end

local commands = {}

function commands.sms(server, given)
  return json.list(server.platform:sms(given.mobile))
end

function commands.enrol(server, given)
  server.platform:enrol(given.mobile, given.preset)
  return true
end

function commands.customer(server, given)
  return server.platform:customer(given.mobile) or json.null
end

function commands.requests(server, given)
  return json.list(server.platform:requests(given.filter))
end

function commands.count(server, given)
  return server.platform:count(given.filter)
end

function commands.fault(server, given)
  server.platform:fault(given)
  return true
end

function commands.script(server, given)
  server.platform:script(given.where, given.answers)
  return true
end

function commands.clear(server)
  server.platform:clear()
  return true
end

function commands.advance(server, given)
  if not server.clock then error("this server's clock cannot be moved", 0) end
  return server.clock.advance(given.ms)
end

function commands.settle(server, given)
  return server.platform:settle(given.reference, given.tx_status)
end

function commands.debits(server, given)
  return server.platform:debits(given.reference)
end

function commands.transactions(server, given)
  return json.list(server.platform:transactions(given.reference))
end

function commands.agent(server, given)
  server.platform:add_agent(given)
  return true
end

function commands.balance(server, given)
  return server.platform:agent_balance(given.initiator_id) or json.null
end

--- How many connections were accepted: shows that a client kept one alive.
-- @tparam table server
-- @treturn int
function commands.connections(server)
  return server.connections
end

local function refused(status, problem)
  return http.json(status, { error = problem })
end

--- Whether a text names this port: by address, or as localhost.
local function is_own(server, text)
  local address, port = server.control_url:match "^http://(.*):(%d+)$"
  return text == address .. ":" .. port or text == "localhost:" .. port
end

--- Refuses what did not come from somebody whom the server's owner told.
local function refuse(server, headers)
  local origin = headers.origin
  if not is_own(server, ascii.lower(headers.host or "")) then
    return refused(403, "the Host is not this server's")
  elseif origin and not is_own(server, ascii.lower(origin):match "^http://(.*)$" or "") then
    return refused(403, "the Origin is not this server's")
  end
  local token = (headers.authorization or ""):match "^[Bb][Ee][Aa][Rr][Ee][Rr] +([^ \t\r\n\v\f]+)$"
  if not token or not core_text.constant_time_equal(token, server.control_token) then
    return refused(401, "the control token is missing or wrong (Authorization: Bearer <token>)")
  end
  local content_type = ascii.lower(headers["content-type"] or "")
  if not content_type:find "^application/json[ \t\r\n\v\f]*$" and not content_type:find "^application/json[ \t\r\n\v\f]*;" then
    return refused(415, "the Content-Type must be application/json")
  end
end

--- @tparam table server with `control_url`, `control_token`, `platform`
-- @tparam table request
-- @treturn table response
function control.handle(server, request)
  local refusal = refuse(server, request.headers)
  if refusal then return refusal end
  local command = commands[(request.url:match("^/([A-Za-z0-9_]+)$")) or ""]
  if request.method ~= "POST" or not command then return refused(404, "POST /<command>; there is no such command") end
  local given = json.decode(request.body or "{}")
  if type(given) ~= "table" then return refused(400, "the body must be a JSON object") end
  local ok, result = pcall(command, server, given)
  if not ok then return refused(400, tostring(result)) end
  return http.json(200, { result = result })
end

--- The names of the commands, sorted.
-- @treturn {string,...}
function control.names()
  local names = {}
  for name in pairs(commands) do names[#names + 1] = name end
  table.sort(names, ascii.less)
  return names
end

return control
