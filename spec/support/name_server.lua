--- A DNS server in a process of its own: every name is 127.0.0.1, but one under .invalid does not exist and one under
-- .silent is never answered. nginx looks names up in nothing else than a name server.
-- Run as a program it is that server: name_server.lua <file for its port>.

local shell = require "spec.support.shell"

local name_server = {}

--- @return { port =, address = "127.0.0.1:port", stop = function() }
function name_server.start()
  local path = os.tmpname()
  local pid = shell.start(("%s spec/support/name_server.lua %s"):format(require("spec.support.interpreter").program, path), path .. ".out")
  local sleep = require("socket").sleep
  local port
  for _ = 1, 500 do
    port = tonumber(shell.content(path) or "")
    if port then break end
    sleep(0.01)
  end
  assert(port, "the name server did not start: " .. tostring(shell.content(path .. ".out")))
  return {
    port = port,
    address = "127.0.0.1:" .. port,
    stop = function()
      os.execute(("kill %s 2>/dev/null; rm -f %s %s.out"):format(pid, path, path))
    end,
  }
end

-- The labels of the question, and where it ends (RFC 1035, 4.1.2).
local function question(packet)
  local labels, at = {}, 13
  while true do
    local size = packet:byte(at)
    if not size or size > 63 then return nil end
    at = at + 1
    if size == 0 then break end
    labels[#labels + 1] = packet:sub(at, at + size - 1):lower()
    at = at + size
  end
  return labels, at + 3, packet:byte(at) * 256 + packet:byte(at + 1)
end

local A = 1
local HEAD = "%s\129%s\0\1\0%s\0\0\0\0"
local ADDRESS = "\192\12\0\1\0\1\0\0\0\1\0\4\127\0\0\1"

local function answer(packet)
  local labels, last, kind = question(packet)
  if not labels or labels[#labels] == "silent" then return nil end
  local asked = packet:sub(13, last)
  if labels[#labels] == "invalid" then return HEAD:format(packet:sub(1, 2), "\131", "\0") .. asked end
  local count = kind == A and "\1" or "\0"
  return HEAD:format(packet:sub(1, 2), "\128", count) .. asked .. (kind == A and ADDRESS or "")
end

local function serve(path)
  local socket = require "socket"
  local server = assert(socket.udp())
  assert(server:setsockname("127.0.0.1", 0))
  server:settimeout(300) -- nobody asks any more: whoever started it is gone
  local _, port = server:getsockname()
  shell.write_file(path, tostring(port))
  while true do
    local packet, host, from = server:receivefrom()
    if not packet then return end
    local reply = answer(packet)
    if reply then server:sendto(reply, host, from) end
  end
end

if arg and arg[0] and arg[0]:find("name_server%.lua$") then
  serve(arg[1])
end

return name_server
