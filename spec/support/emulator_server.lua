--- Starts `bin/eko emulator` as a process of its own, with its control port, and steers it.
--
--     local server = emulator_server.start { config = { customers = {...} }, args = "--tls" }
--     server.base_url, server.developer_key, server.access_key
--     server.sms("9444444444")[1].otp
--     server.stop()

local cjson = require "cjson"
local interpreter = require "spec.support.interpreter"
local shell = require "spec.support.shell"
local socket = require "socket"

local emulator_server = {}

local json = cjson.new()
local function read_file(path) return shell.content(path) or "" end

--- A process that ended but was not yet collected by its parent (state Z) counts as gone.
local function is_running(pid)
  local state = read_file("/proc/" .. pid .. "/stat"):match "%) (%a)"
  return state ~= nil and state ~= "Z"
end

emulator_server.is_running = is_running

--- Sends one command to the control port.
local function command(url, token, name, given)
  local host, port = url:match "^http://([%d.]+):(%d+)"
  local client = assert(socket.connect(host, tonumber(port)))
  client:settimeout(10)
  local body = next(given or {}) and json.encode(given) or "{}"
  assert(client:send(("POST /%s HTTP/1.1\r\nhost: %s:%s\r\nauthorization: Bearer %s\r\ncontent-type: application/json\r\n"
    .. "connection: close\r\ncontent-length: %d\r\n\r\n%s"):format(name, host, port, token or "", #body, body)))
  local answer = assert(client:receive "*a")
  client:close()
  local decoded = json.decode(answer:match "\r\n\r\n(.*)$")
  if decoded.error then error("emulator control: " .. decoded.error, 3) end
  if decoded.result == cjson.null then return nil end
  return decoded.result
end

local function wait_until_listening(server, paths)
  local deadline = socket.gettime() + 15
  while true do
    local out = read_file(paths.out)
    if out:find "\nlistening [^\n]+\n" or out:find "^listening [^\n]+\n" then return out end
    if socket.gettime() > deadline or not is_running(server.pid) then
      error("the emulator did not start: " .. out .. read_file(paths.err))
    end
    socket.sleep(0.02)
  end
end

local function add_controls(server)
  local function control(name, given) return command(server.control_url, server.control_token, name, given) end
  function server.sms(mobile) return control("sms", { mobile = mobile }) end
  function server.enrol(mobile, preset) return control("enrol", { mobile = mobile, preset = preset }) end
  function server.customer(mobile) return control("customer", { mobile = mobile }) end
  function server.requests(filter) return control("requests", { filter = filter }) end
  function server.count(filter) return control("count", { filter = filter }) end
  function server.fault(plan) return control("fault", plan) end
  function server.script(where, answers) return control("script", { where = where, answers = answers }) end
  function server.clear() return control "clear" end
  function server.advance(ms) return control("advance", { ms = ms }) end
  function server.settle(reference, status) return control("settle", { reference = reference, tx_status = status }) end
  function server.debits(reference) return control("debits", { reference = reference }) end
  function server.transactions(reference) return control("transactions", { reference = reference }) end
  function server.balance(initiator_id) return control("balance", { initiator_id = initiator_id }) end
  function server.connections() return control "connections" end
end

--- @tparam[opt] table options `config` (options of the platform), `args` (more arguments of `eko emulator`), `lua`
-- (interpreter), `developer_key`, `access_key` (made up when absent)
-- @treturn table server: `base_url`, `control_url`, `control_token`, `ca_file`, `developer_key`, `access_key`, `pid`, `output()`,
-- the controls, `stop()`
function emulator_server.start(options)
  options = options or {}
  local base = os.tmpname()
  local paths = { out = base .. ".out", err = base .. ".err", config = base .. ".json" }
  shell.write_file(paths.out, "")
  local config = options.config or {}
  shell.write_file(paths.config, next(config) and json.encode(config) or "{}")
  local keys = ""
  if options.developer_key then
    keys = ("EKO_DEVELOPER_KEY='%s' EKO_ACCESS_KEY='%s' "):format(options.developer_key, options.access_key)
  end
  local pid = shell.output_of(("%s%s bin/eko emulator --control --lifetime 900 --config %s %s >%s 2>%s </dev/null & echo $!"):format(
    keys, options.lua or interpreter.program, paths.config, options.args or "", paths.out, paths.err)):match "%d+"
  local server = { pid = pid }
  local out = wait_until_listening(server, paths)
  server.base_url = out:match "listening ([^\n]+)"
  server.control_url = out:match "control ([^\n]+)"
  server.control_token = out:match "control_token ([^\n]+)"
  server.ca_file = out:match "ca_file ([^\n]+)"
  server.developer_key = options.developer_key or out:match "developer_key ([^\n]+)"
  server.access_key = options.access_key or out:match "access_key ([^\n]+)"
  add_controls(server)
  function server.output() return read_file(paths.out), read_file(paths.err) end
  function server.is_running() return is_running(pid) end
  function server.stop(signal)
    os.execute(("kill -%s %s 2>/dev/null"):format(signal or "TERM", pid))
    local deadline = socket.gettime() + 5
    while is_running(pid) and socket.gettime() < deadline do socket.sleep(0.02) end
    local stopped = not is_running(pid)
    if not stopped then os.execute("kill -KILL " .. pid .. " 2>/dev/null") end
    for _, path in pairs(paths) do os.remove(path) end
    os.remove(base)
    return stopped
  end
  return server
end

return emulator_server
