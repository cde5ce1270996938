--- A server in a process of its own that writes down every byte of each request and answers that there is nothing here, which
-- settles a call that moves money too. Bounded: it ends after a minute without a connection, or after 2,000 of them.
-- Run as a program it is that server: golden_server.lua <directory> tcp|unix|tls [certificate key].

local shell = require "spec.support.shell"

local server = {}

local ANSWER = "HTTP/1.1 404 X\r\nconnection: close\r\ncontent-length: 23\r\n\r\nNo Mapping Rule matched"

--- Starts one.
-- @param kind "tcp", "unix" or "tls"
-- @param pair of "tls": { cert =, key = }, paths
-- @return { origin =, port =, socket =, requests = function() -> list of texts, byte for byte, stop = function() }
function server.start(kind, pair)
  local directory = shell.directory()
  local pid = shell.start(("%s spec/support/golden_server.lua %s %s %s"):format(require("spec.support.interpreter").program, directory, kind,
    pair and pair.cert .. " " .. pair.key or ""), directory .. "/out")
  local sleep, port = require("eko.core").connection.sleep, nil
  for _ = 1, 1000 do
    port = shell.content(directory .. "/port")
    if port then break end
    sleep(0.01)
  end
  assert(port, "the server did not start: " .. tostring(shell.content(directory .. "/out")))
  local origins = {
    tcp = "http://127.0.0.1:" .. port, tls = "https://localhost:" .. port, unix = "http://unix:" .. directory .. "/socket:",
  }
  return {
    port = port, origin = origins[kind],
    requests = function()
      local text, list, from = shell.content(directory .. "/requests") or "", {}, 1
      while from <= #text do
        local length, start = text:match("^(%d+)\n()", from)
        list[#list + 1] = text:sub(start, start + length - 1)
        from = start + length
      end
      return list
    end,
    stop = function() os.execute("kill " .. pid .. " 2>/dev/null; rm -rf " .. directory) end,
  }
end

local function read_request(client)
  local bytes = {}
  local head
  repeat
    local byte = client:receive(1)
    if not byte then return nil end
    bytes[#bytes + 1] = byte
    head = byte == "\n" and table.concat(bytes) or ""
  until head:find "\r\n\r\n$"
  local length = tonumber(head:match "\r\ncontent%-length: (%d+)\r\n" or 0)
  local body = length > 0 and client:receive(length) or ""
  return body and head .. body
end

local function listen(directory, kind)
  if kind == "unix" then
    local unix = require "socket.unix"
    local listening = assert((type(unix) == "table" and unix.stream or unix)())
    assert(listening:bind(directory .. "/socket"))
    assert(listening:listen(16))
    return listening, "0"
  end
  local listening = assert(require("socket").bind("127.0.0.1", 0))
  local _, port = listening:getsockname()
  return listening, tostring(port)
end

local function serve(directory, kind, cert, key)
  local listening, port = listen(directory, kind)
  listening:settimeout(60)
  shell.write_file(directory .. "/port.new", port)
  os.rename(directory .. "/port.new", directory .. "/port")
  local log = assert(io.open(directory .. "/requests", "ab"))
  for _ = 1, 2000 do
    local client = listening:accept()
    if not client then return end
    client:settimeout(30)
    if kind == "tls" then
      client = assert(require("ssl").wrap(client, { mode = "server", protocol = "any", certificate = cert, key = key }))
      client:settimeout(30)
      client = client:dohandshake() and client
    end
    local request = client and read_request(client)
    if request then
      log:write(#request, "\n", request)
      log:flush()
      client:send(ANSWER)
    end
    if client then client:close() end
  end
end

if arg and arg[0] and arg[0]:find "golden_server%.lua$" then serve(arg[1], arg[2], arg[3], arg[4]) end

return server
