--- A TCP server in a process of its own that does exactly what a script says, byte for byte, and writes down each request.
-- A script is a list of connections; a connection is a list of steps: { "read" } a whole request, { "send", bytes },
-- { "sleep", seconds }, { "sip", seconds } (reads a little now and then), { "drip", seconds } (sends one byte now and then),
-- { "reset" } (RST), { "close" } (FIN; also what happens at the end of the steps).
-- Run as a program it is that server: raw_server.lua <directory>.

local shell = require "spec.support.shell"

local raw_server = {}

local function serialize(script)
  local out = { "return {" }
  for _, connection in ipairs(script) do
    out[#out + 1] = "{"
    for _, step in ipairs(connection) do
      local value = type(step[2]) == "string" and ("%q"):format(step[2]):gsub("\r", "\\r"):gsub("%z", "\\0") or tostring(step[2])
      out[#out + 1] = ("{%q,%s},"):format(step[1], value)
    end
    out[#out + 1] = "},"
  end
  out[#out + 1] = "}"
  return table.concat(out)
end

--- Starts a server for a script; the last connection is repeated for further ones.
-- @return { url =, port =, requests = function() -> list of request texts, stop = function() }
function raw_server.start(script)
  local directory = shell.directory()
  shell.write_file(directory .. "/script.lua", serialize(script))
  local pid = shell.start(("%s spec/support/raw_server.lua %s"):format(require("spec.support.interpreter").program, directory),
    directory .. "/out")
  local sleep = require("eko.core").connection.sleep
  local port
  for _ = 1, 500 do
    port = shell.content(directory .. "/port")
    if port and port ~= "" then break end
    sleep(0.01)
  end
  assert(port, "the raw server did not start: " .. tostring(shell.content(directory .. "/out")))
  return {
    port = tonumber(port),
    url = "http://127.0.0.1:" .. port,
    requests = function()
      local list = {}
      for request in (shell.content(directory .. "/requests") or ""):gmatch("(.-)%z") do list[#list + 1] = request end
      return list
    end,
    stop = function()
      os.execute("kill " .. pid .. " 2>/dev/null; rm -rf " .. directory)
    end,
  }
end

local function read_request(client)
  local head = {}
  while true do
    local line = client:receive("*l")
    if not line then return nil end
    head[#head + 1] = line
    if line == "" then break end
  end
  local text = table.concat(head, "\r\n") .. "\r\n"
  local length = tonumber(text:lower():match("content%-length: (%d+)") or 0)
  local body = length > 0 and client:receive(length) or ""
  return body and text .. body
end

local function now_and_then(seconds, act)
  local socket = require "socket"
  local ends = socket.gettime() + seconds
  while socket.gettime() < ends and act() do socket.sleep(0.02) end
end

local function play(client, steps, record)
  for _, step in ipairs(steps) do
    local what, value = step[1], step[2]
    if what == "read" then
      local request = read_request(client)
      if not request then return end
      record(request)
    elseif what == "send" then
      client:send(value)
    elseif what == "sleep" then
      require("socket").sleep(value)
    elseif what == "sip" then
      now_and_then(value, function() return client:receive(80000) end)
    elseif what == "drip" then
      now_and_then(value, function() return client:send "x" end)
    elseif what == "reset" then
      client:setoption("linger", { on = true, timeout = 0 })
      return
    elseif what == "close" then
      return
    end
  end
end

local function serve(directory)
  local socket = require "socket"
  local script = assert(loadfile(directory .. "/script.lua"))()
  local server = assert(socket.bind("127.0.0.1", 0))
  server:settimeout(60)
  local _, port = server:getsockname()
  shell.write_file(directory .. "/port.new", tostring(port))
  os.rename(directory .. "/port.new", directory .. "/port")
  local log = assert(io.open(directory .. "/requests", "ab"))
  local number = 0
  while true do
    local client = server:accept()
    if not client then return end
    client:settimeout(30)
    client:setoption("tcp-nodelay", true)
    number = number + 1
    play(client, script[math.min(number, #script)], function(request)
      log:write(request, "\0")
      log:flush()
    end)
    client:close()
  end
end

if arg and arg[0] and arg[0]:find("raw_server%.lua$") then
  serve(arg[1])
end

return raw_server
