--- Steering a platform from another process: a second, loopback-only port, off unless asked for.
--
-- `POST /<command>` with a JSON object; the answer is `{"result": ...}` or `{"error": "..."}`. Commands: `sms`, `enrol`,
-- `customer`, `requests`, `count`, `fault`, `script`, `clear`, `advance`, `settle`, `agent`, `balance`, `connections`.
--
-- @module eko.emulator.control
local http = require "eko.emulator.http"
local json = require "eko.emulator.json"
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
  if not server.clock then
    error("this server's clock cannot be moved", 0)
  end
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
function commands.connections(server)
  return server.connections
end

local function answered(status, body)
  return http.json(status, body)
end

--- @tparam table server
-- @tparam table request
-- @treturn table response
function control.handle(server, request)
  local command = commands[(request.url:match("^/([%w_]+)$")) or ""]
  if request.method ~= "POST" or not command then
    return answered(404, { error = "POST /<command>; there is no such command" })
  end
  local given = json.decode(request.body or "{}")
  if type(given) ~= "table" then
    return answered(400, { error = "the body must be a JSON object" })
  end
  local ok, result = pcall(command, server, given)
  if not ok then
    return answered(400, { error = tostring(result) })
  end
  return answered(200, { result = result })
end

return control
