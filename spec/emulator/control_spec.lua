-- Who may steer an emulator, how its keys are fixed and written down, and what it says when strangers can reach it.
local caller = require "spec.support.emulator_caller"
local command = require "spec.support.command"
local core = require "eko.core"
local emulator_server = require "spec.support.emulator_server"
local socket = require "socket"
local shell = require "spec.support.shell"

local quote = shell.quote
local mobile = "9444444444"

--- Sends bytes to a port; status, decoded body (or text), head.
local function exchange(port, bytes)
  local client = assert(socket.connect("127.0.0.1", port))
  client:settimeout(10)
  assert(client:send(bytes))
  local whole, _, partial = client:receive "*a"
  client:close()
  whole = whole or partial
  local head, body = whole:match "^(.-)\r\n\r\n(.*)$"
  local ok, decoded = pcall(caller.json.decode, body)
  return tonumber(whole:match "^HTTP/1.1 (%d+)"), ok and decoded or body, head
end

--- A control request; `headers` (in order, whole lines) stand in place of the good ones where they have the same name.
local function steer(server, lines, method, path, body)
  local port = server.control_url:match ":(%d+)$"
  local good = { "Host: 127.0.0.1:" .. port, "Authorization: Bearer " .. (server.control_token or ""), "Content-Type: application/json" }
  local all = { (method or "POST") .. " " .. (path or "/sms") .. " HTTP/1.1", "Connection: close" }
  body = body or '{"mobile":"' .. mobile .. '"}'
  local replaced = {}
  for _, line in ipairs(lines) do
    replaced[line:match("^[^:]+"):lower()] = true
    if line:find ": " then all[#all + 1] = (line:gsub("PORT", port):gsub("TOKEN", server.control_token or "")) end
  end
  for _, line in ipairs(good) do
    if not replaced[line:match("^[^:]+"):lower()] then all[#all + 1] = line end
  end
  all[#all + 1] = "Content-Length: " .. #body
  return exchange(port, table.concat(all, "\r\n") .. "\r\n\r\n" .. body)
end

describe("the emulator's control port", function()
  local server

  setup(function()
    server = emulator_server.start { config = { customers = { [mobile] = { levin = "active" } } } }
    local signed = caller.new {
      developer_key = server.developer_key, access_key = server.access_key, base = server.base_url, clock = core.text.now_ms,
    }
    local request = signed("GET", "/customer/payment/ppi-levin/sender/" .. mobile)
    local lines = { "GET " .. request.url:match "^%a+://[^/]+(.*)$" .. " HTTP/1.1", "Host: 127.0.0.1", "Connection: close" }
    for name, value in pairs(request.headers) do lines[#lines + 1] = name .. ": " .. value end
    assert.equal(200, (exchange(server.base_url:match ":(%d+)/", table.concat(lines, "\r\n") .. "\r\n\r\n")))
  end)

  teardown(function() server.stop() end)

  -- what stands in place of the good headers, the status
  local STRANGERS = {
    { "no token", { "Authorization" }, 401 },
    { "an empty token", { "Authorization: Bearer " }, 401 },
    { "a wrong token", { "Authorization: Bearer aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }, 401 },
    { "half a token", { "Authorization: Bearer TOKE" }, 401 },
    { "the token by another scheme", { "Authorization: Basic TOKEN" }, 401 },
    { "the token in no scheme", { "Authorization: TOKEN" }, 401 },
    { "a name that was made to point here", { "Host: rebound.example:PORT" }, 403 },
    { "another port's Host", { "Host: 127.0.0.1:1" }, 403 },
    { "a Host without a port", { "Host: 127.0.0.1" }, 403 },
    { "a Host that begins well", { "Host: 127.0.0.1:PORT.rebound.example" }, 403 },
    { "an address of the same machine", { "Host: 127.0.0.2:PORT" }, 403 },
    { "0.0.0.0", { "Host: 0.0.0.0:PORT" }, 403 },
    { "two Hosts", { "Host: 127.0.0.1:PORT", "Host: rebound.example:PORT" }, { [403] = true, [400] = true } },
    { "a page of another site", { "Origin: https://shop.example" }, 403 },
    { "a page of another port", { "Origin: http://127.0.0.1:1" }, 403 },
    { "a page over TLS", { "Origin: https://127.0.0.1:PORT" }, 403 },
    { "a page that hides its origin", { "Origin: null" }, 403 },
    { "a page's simple request", { "Content-Type: text/plain" }, 415 },
    { "a page's form", { "Content-Type: application/x-www-form-urlencoded" }, 415 },
    { "no content type", { "Content-Type" }, 415 },
    { "a content type that begins like JSON", { "Content-Type: application/jsonp" }, 415 },
  }
  for _, row in ipairs(STRANGERS) do
    it("does not hear " .. row[1] .. " #harm14", function()
      local status, body, head = steer(server, row[2])
      local expected = type(row[3]) == "table" and row[3] or { [row[3]] = true }
      assert.is_true(expected[status] or false, tostring(status))
      assert.is_true(type(body) ~= "table" or body.result == nil)
      assert.is_nil(head:lower():find("access-control", 1, true))
      if server.control_token then
        assert.is_nil((head .. tostring(type(body) == "table" and body.error or body)):find(server.control_token, 1, true))
      end
    end)
  end

  it("hears who has the token, by address or as localhost, from a page of its own or from none", function()
    for _, lines in ipairs {
      {}, { "Host: localhost:PORT" }, { "Host: LOCALHOST:PORT" }, { "Origin: http://127.0.0.1:PORT" }, { "Origin: http://localhost:PORT" },
      { "Content-Type: Application/JSON; charset=utf-8" }, { "Authorization: bearer TOKEN" },
    } do
      local status, body = steer(server, lines)
      assert.equal(200, status)
      assert.equal(1, #body.result)
    end
  end)

  it("says what it does not know", function()
    for _, case in ipairs { { "POST", "/smss", "{}", 404 }, { "GET", "/sms", "", 404 }, { "OPTIONS", "/sms", "", 404 }, { "POST", "/sms", "{", 400 },
      { "POST", "/sms", '"text"', 400 }, { "POST", "/enrol", "{}", 400 }, { "POST", "/__index", "{}", 404 } } do
      local status, body = steer(server, {}, case[1], case[2], case[3])
      assert.equal(case[4], status)
      assert.is_string(body.error)
    end
  end)

  it("has a token for each server", function()
    local other = emulator_server.start()
    local token = other.control_token
    assert.is_true(#token >= 32)
    assert.are_not.equal(server.control_token, token)
    assert.equal(401, (steer({ control_url = other.control_url, control_token = server.control_token }, {})))
    other.stop()
  end)

  it("has its commands and all faults in docs/emulator.md", function()
    local text = shell.read_file "docs/emulator.md"
    for _, name in ipairs(require("eko.emulator.control").names()) do assert.truthy(text:find("`" .. name .. "`", 1, true), name) end
    for kind in pairs(require("eko.emulator.faults").kinds) do assert.truthy(text:find("`" .. kind .. "`", 1, true), kind) end
    assert.truthy(shell.read_file("README.md"):find("docs/emulator.md", 1, true))
  end)
end)

describe("eko emulator", function()
  local home = shell.directory()
  local eko, outputs = command.runner(home)
  local KEYS = { EKO_DEVELOPER_KEY = "dev-key-of-specs-1", EKO_ACCESS_KEY = "access-key'of$specs-2", EKO_CONTROL_TOKEN = "token-of-specs-0123456789" }

  teardown(function() os.execute("rm -rf " .. quote(home)) end)

  --- Starts one in the background, waits for its line `listening`; its output, errors and a function that ends it.
  local function start(arguments, env)
    local base = home .. "/server"
    shell.write_file(base .. ".out", "")
    local pid = shell.output_of(("%s %s bin/eko emulator --lifetime 60 %s >%s.out 2>%s.err </dev/null & echo $!"):format(
      command.environment(home, env), command.interpreter, arguments, base, base)):match "%d+"
    local deadline = socket.gettime() + 15
    while not shell.read_file(base .. ".out"):find "listening [^\n]+\n" and emulator_server.is_running(pid) and socket.gettime() < deadline do
      socket.sleep(0.02)
    end
    return shell.read_file(base .. ".out"), shell.read_file(base .. ".err"), function()
      os.execute("kill -TERM " .. pid)
      while emulator_server.is_running(pid) and socket.gettime() < deadline do socket.sleep(0.02) end
    end
  end

  it("warns when other machines may reach it, and only then #harm14", function()
    for host, warned in pairs { ["0.0.0.0"] = true, ["127.0.0.1"] = false, ["127.0.0.5"] = false, localhost = false } do
      local out, err, stop = start("--show-sms --host " .. host)
      stop()
      assert.truthy(out:find "listening http")
      assert.equal(warned, err:find("other machines may reach", 1, true) ~= nil, host)
    end
  end)

  it("writes a config that the other commands read, for nobody else's eyes #harm14", function()
    local path = home .. "/emulator.conf"
    for _, case in ipairs { { "", {} }, { "--control", KEYS }, { "--tls", KEYS } } do
      local out, problem, stop = start("--write-config " .. quote(path) .. " " .. case[1], case[2])
      assert.truthy(out:find "listening", problem)
      local mode = shell.output_of("stat -c %a " .. quote(path)):gsub("\n", "")
      local code, shown, err = eko("call ppi-levin-get-sender customer_id=9444444444 --json --config " .. quote(path))
      local text = shell.read_file(path)
      stop()
      assert.equal("600", mode)
      assert.equal(0, code, err)
      assert.truthy(shown:find "not_enrolled", shown)
      assert.truthy(text:find("base_url = " .. out:match "listening ([^\n]+)", 1, true))
      assert.is_nil(out:find("specs", 1, true))
      if case[1] == "--control" then
        assert.truthy(text:find("# control_token = " .. KEYS.EKO_CONTROL_TOKEN, 1, true))
        assert.truthy(text:find("# control = " .. out:match "control ([^\n]+)", 1, true))
      end
    end
    local code, _, err = eko "emulator --lifetime 1 --write-config /nonexistent/emulator.conf"
    assert.equal(1, code)
    assert.truthy(err:find("cannot write", 1, true))
  end)

  it("prints exports that a shell can read at any time #harm14", function()
    local out, problem, stop = start("--env --control --show-sms", KEYS)
    assert.truthy(out:find "listening", problem)
    for line in out:gmatch "[^\n]+" do assert.truthy(line:find "^export EKO_[%u_]+='" or line:find "^# ", line) end
    shell.write_file(home .. "/exports", out)
    local _, shown, err = eko("", { program = ([[sh -c '. %s/exports; exec %s bin/eko call ppi-levin-get-sender customer_id=9444444444 --json']])
      :format(home, command.interpreter) })
    local values = shell.output_of(([[sh -c '. %s/exports; printf "%%s|" "$EKO_DEVELOPER_KEY" "$EKO_ACCESS_KEY" "$EKO_CONTROL_TOKEN"']])
      :format(home))
    local control_url = out:match "EKO_CONTROL_URL='([^']+)'"
    local status, body = steer({ control_url = control_url, control_token = KEYS.EKO_CONTROL_TOKEN }, {}, "POST", "/count", "{}")
    stop()
    assert.truthy(shown:find "not_enrolled", err)
    assert.equal(("%s|%s|%s|"):format(KEYS.EKO_DEVELOPER_KEY, KEYS.EKO_ACCESS_KEY, KEYS.EKO_CONTROL_TOKEN), values)
    assert.same({ 200, 1 }, { status, body.result })
  end)

  it("takes keys and token from the environment or its options, never from arguments, and prints what it made up alone", function()
    local out, err, stop = start("--control", KEYS)
    stop()
    assert.is_nil((out .. err):find("specs", 1, true))
    assert.is_nil(out:find("_key ", 1, true))
    assert.is_nil(out:find("control_token", 1, true))
    shell.write_file(home .. "/platform.json", '{"developer_key":"dev-key-of-specs-1","access_key":"access-key-of-specs-2"}')
    out, err, stop = start("--config " .. quote(home .. "/platform.json"))
    stop()
    assert.is_truthy(out:find "listening", err)
    assert.is_nil(out:find("_key ", 1, true))
    for _, argument in ipairs { "--developer-key x", "--access-key=x", "--developer_key x" } do
      local code, _, problem = eko("emulator " .. argument)
      assert.equal(2, code)
      assert.truthy(problem:find("credentials are not taken from arguments", 1, true))
    end
    local code, _, problem = eko("emulator --control", { env = { EKO_CONTROL_TOKEN = "short" } })
    assert.equal(1, code)
    assert.truthy(problem:find("control_token", 1, true))
    assert.is_nil(table.concat(outputs):find(KEYS.EKO_CONTROL_TOKEN, 1, true))
  end)
end)

describe("cqueues and lua-http", function()
  it("are needed by the emulator's server alone", function()
    local code = [[
      for _, name in ipairs { "cqueues", "http.h1_connection", "http.headers" } do
        package.preload[name] = function() error(name .. " is not installed", 0) end
      end
      local platform = require("eko.emulator").new()
      local client = require("eko").client { environment = "emulator" }
      print(client:call("ppi-levin-get-sender", { customer_id = "9444444444" }).outcome)
      print(pcall(require("eko.emulator.server").new, { platform = platform }))
    ]]
    local path = os.tmpname()
    shell.write_file(path, code)
    local _, out = shell.run(command.interpreter .. " " .. path)
    os.remove(path)
    assert.truthy(out:find "^not_enrolled\nfalse\teko%.emulator%.server needs lua%-http, cqueues and luaossl", out)
  end)
end)
