local caller = require "spec.support.emulator_caller"
local certificates = require "spec.support.tls"
local core = require "eko.core"
local emulator_server = require "spec.support.emulator_server"
local socket = require "socket"
local shell = require "spec.support.shell"

local mobile = "9444444444"
local levin = "/customer/payment/ppi-levin/sender/" .. mobile

local function caller_for(server)
  return caller.new {
    developer_key = server.developer_key, access_key = server.access_key, base = server.base_url, clock = core.text.now_ms,
  }
end

--- A raw connection: `ask(request)` -> status, body, head of the answer, or nil and the reason.
local function connect(server)
  local host, port = server.base_url:match "^https?://([^:/]+):(%d+)"
  local client = assert(socket.connect(host, tonumber(port)))
  client:settimeout(10)
  local connection = { client = client }

  function connection.send(request)
    local lines = { ("%s %s HTTP/1.1"):format(request.method, request.url:match "^%a+://[^/]+(.*)$"), "host: " .. host }
    for name, value in pairs(request.headers) do lines[#lines + 1] = name .. ": " .. value end
    if request.body then lines[#lines + 1] = "content-length: " .. #request.body end
    assert(client:send(table.concat(lines, "\r\n") .. "\r\n\r\n" .. (request.body or "")))
  end

  function connection.read()
    local head = {}
    while true do
      local line, problem = client:receive "*l"
      if not line then return nil, problem, table.concat(head, "\n") end
      if line == "" then break end
      head[#head + 1] = line
    end
    head = table.concat(head, "\n")
    local length = tonumber(head:match "content%-length: (%d+)" or 0)
    local body, problem, partial = client:receive(length)
    if not body then return nil, problem, head, partial end
    return tonumber(head:match "^HTTP/1.1 (%d+)"), body, head
  end

  function connection.ask(request)
    connection.send(request)
    return connection.read()
  end

  return connection
end

local run = shell.run

--- Sends a request with the curl program.
local function curl(request, options)
  local parts = { "curl -sS --max-time 10", options or "", "-X", request.method }
  for name, value in pairs(request.headers) do parts[#parts + 1] = ("-H '%s: %s'"):format(name, value) end
  if request.body then parts[#parts + 1] = ("--data-binary '%s'"):format(request.body) end
  parts[#parts + 1] = "'" .. request.url .. "'"
  return run(table.concat(parts, " "))
end

describe("the emulator's server", function()
  local server, signed

  setup(function()
    server = emulator_server.start { config = { customers = { [mobile] = { levin = "active", name = "Asha Rao" } } } }
    signed = caller_for(server)
  end)

  teardown(function() server.stop() end)

  before_each(function() server.clear() end)

  it("carries a customer through an OTP over one kept-alive connection", function()
    local before = server.connections()
    local connection = connect(server)
    local status, body, head = connection.ask(signed("GET", levin))
    assert.equal(200, status)
    assert.truthy(head:find "date: %a%a%a, %d%d %a%a%a %d%d%d%d %d%d:%d%d:%d%d GMT")
    local ref = caller.json.decode(body).data.otp_ref_id
    local inbox = server.sms(mobile)
    status, body = connection.ask(signed("POST", levin .. "/otp/verify",
      { otp = inbox[#inbox].otp, otp_ref_id = ref, intent_id = "19" }))
    assert.equal(200, status)
    body = caller.json.decode(body)
    assert.equal(309, body.response_type_id)
    assert.equal("Asha Rao", body.data.customer_profile.name)
    assert.equal(1, server.connections() - before)
    connection.client:close()
  end)

  it("answers many clients at a time", function()
    server.fault { kind = "delay", seconds = 1, slug = "ppi-levin-get-sender" }
    local slow, quick = connect(server), connect(server)
    local started = socket.gettime()
    slow.send(signed("GET", levin))
    socket.sleep(0.05)
    for _ = 1, 5 do
      assert.equal(200, (quick.ask(signed("GET", "/customer/profile/" .. mobile))))
    end
    assert.is_true(socket.gettime() - started < 0.9)
    assert.equal(200, (slow.read()))
    assert.is_true(socket.gettime() - started >= 1)
    slow.client:close()
    quick.client:close()
  end)

  -- { what stands in the head, the body's parts }: 9 MB each.
  local MEGABYTE = ("x"):rep(1048576)
  local LONG_BODIES = {
    ["by its length"] = { "content-length: 9437184", MEGABYTE },
    ["in chunks"] = { "transfer-encoding: chunked", "100000\r\n" .. MEGABYTE .. "\r\n" },
    ["in small chunks"] = { "transfer-encoding: chunked", ("400\r\n" .. MEGABYTE:sub(1, 1024) .. "\r\n"):rep(1024) },
  }
  for name, body in pairs(LONG_BODIES) do
    it("reads no endless body " .. name .. ", on either port, and lives on", function()
      for _, url in ipairs { server.base_url, server.control_url } do
        local client = assert(socket.connect("127.0.0.1", tonumber(url:match ":(%d+)")))
        client:settimeout(10)
        client:send("POST /sms HTTP/1.1\r\nhost: 127.0.0.1\r\n" .. body[1] .. "\r\n\r\n")
        for _ = 1, 9 do client:send(body[2]) end
        client:send "0\r\n\r\n"
        -- (It does not wait for the rest: the connection may be reset before its answer is seen.)
        local answer = client:receive "*l"
        assert.is_true(answer == nil or answer:find "^HTTP/1.1 413 " ~= nil, answer)
        client:close()
      end
      assert.equal(200, (connect(server).ask(signed("GET", levin))))
    end)
  end

  it("refuses what is no HTTP request and lives on", function()
    local connection = connect(server)
    connection.client:send "nonsense\r\n\r\n"
    local answer = connection.client:receive "*a"
    assert.truthy(answer == "" or answer == nil or answer:find "^HTTP/1.1 400")
    connection.client:close()
    local _, body = connect(server).ask { method = "GET", url = server.base_url .. "/nowhere", headers = {} }
    assert.equal("No Mapping Rule matched", body)
  end)

  describe("does on the wire", function()
    --- Plans a fault, sends one request, and gives everything that came until the connection ended or fell silent.
    local function bytes_of(plan)
      plan.slug = "ppi-levin-get-sender"
      server.fault(plan)
      local connection = connect(server)
      connection.client:settimeout(0.5)
      connection.send(signed("GET", levin))
      local whole, problem, partial = connection.client:receive "*a"
      return whole or partial, problem, connection
    end

    it("answers of something in between", function()
      local expected = {
        html_502 = "^HTTP/1.1 502 .*<html>", empty_204 = "^HTTP/1.1 204 ", no_key = '{"message":"No key for Response"}$',
        too_many = "^HTTP/1.1 429 .*retry%-after: 1\r\n", unavailable = "^HTTP/1.1 503 ",
        redirect = "^HTTP/1.1 302 .*location: http://127", truncated = "^HTTP/1.1 200 .*\r\n\r\n{",
      }
      for kind, pattern in pairs(expected) do
        local bytes, problem, connection = bytes_of { kind = kind }
        assert.truthy(bytes:find(pattern), kind .. ": " .. bytes)
        if kind == "truncated" then assert.is_nil(core.json.decode(bytes:match "\r\n\r\n(.*)$")) end
        assert.equal("timeout", problem)
        connection.client:settimeout(10)
        assert.equal(200, (connection.ask(signed("GET", levin))))
        connection.client:close()
      end
    end)

    it("damage to the answer's bytes", function()
      local bytes = bytes_of { kind = "length_long" }
      local declared, body = bytes:match "content%-length: (%d+).-\r\n\r\n(.*)$"
      assert.equal(tonumber(declared), #body + 10)
      bytes = bytes_of { kind = "length_short" }
      declared, body = bytes:match "content%-length: (%d+).-\r\n\r\n(.*)$"
      assert.equal(tonumber(declared), #body - 10)
      assert.truthy(bytes_of({ kind = "bad_status_line" }):find "^HTTP/1.1 20O OK\r\n")
      assert.truthy(bytes_of({ kind = "bad_header" }):find "\r\nthis line is no header\r\n")
      assert.truthy(bytes_of({ kind = "bad_chunk" }):find "transfer%-encoding: chunked\r\n\r\nzz\r\n")
      assert.truthy(bytes_of({ kind = "garbage" }):find "^\1\2\3")
      bytes = bytes_of { kind = "oversize", bytes = 100000 }
      assert.equal(100000, #bytes:match "\r\n\r\n(.*)$")
    end)

    it("the end of a connection: closed, reset inside the body, hung up after an answer", function()
      server.fault { kind = "drop" }
      local code = curl(signed("GET", levin))
      assert.equal(52, code)
      server.fault { kind = "reset" }
      local out
      code, out = curl(signed("GET", levin), "-i")
      assert.equal(56, code)
      assert.truthy(out:find "HTTP/1.1 200" and out:find "reset by peer")
      server.fault { kind = "hang_up" }
      local connection = connect(server)
      local status, _, head = connection.ask(signed("GET", levin))
      assert.equal(200, status)
      assert.is_nil(head:lower():find("connection: close", 1, true))
      assert.equal("closed", select(2, connection.client:receive(1)))
    end)

    it("with the request carried out, or not", function()
      local before = #server.sms(mobile)
      server.fault { kind = "drop" }
      curl(signed("GET", levin))
      assert.equal(before, #server.sms(mobile))
      server.fault { kind = "drop", commit = true }
      curl(signed("GET", levin))
      assert.equal(before + 1, #server.sms(mobile))
    end)
  end)

  it("is steered from outside", function()
    local other = "9333333333"
    assert.is_nil(server.customer(other))
    server.enrol(other, { digikhata = "pan_pending" })
    assert.equal("pan_pending", server.customer(other).digikhata.state)
    server.script("ppi-digikhata-get-sender", { { http_status = 200, body = { status = 7 } } })
    local connection = connect(server)
    local _, body = connection.ask(signed("GET", "/customer/payment/ppi-digikhata/sender/" .. other))
    assert.equal(7, caller.json.decode(body).status)
    local counted = server.count "ppi-digikhata-get-sender"
    assert.is_true(counted >= 1)
    assert.equal(counted, #server.requests "ppi-digikhata-get-sender")
    assert.equal("1000000.00", server.balance())
    assert.is_false(server.settle("no such transaction", "0"))
    assert.error_matches(function() server.fault { kind = "dorp" } end, "did you mean 'drop'")
    assert.error_matches(function() server.enrol("1", {}) end, "10 digits")
    connection.client:close()
  end)

  it("has a clock that can be moved", function()
    local connection = connect(server)
    local _, body = connection.ask(signed("GET", levin))
    local ref = caller.json.decode(body).data.otp_ref_id
    server.advance(100000)
    assert.equal(200, (connection.ask(signed("GET", "/customer/profile/" .. mobile))))
    server.advance(100000)
    local status
    status, body = connection.ask(signed("GET", levin))
    assert.equal(401, status)
    assert.equal(2485, caller.json.decode(body).status)
    server.advance(-200000)
    assert.is_string(ref)
    assert.equal(200, (connection.ask(signed("GET", levin))))
    connection.client:close()
  end)
end)

describe("eko emulator", function()
  it("says where it listens in one line, and stops cleanly when told to", function()
    local server = emulator_server.start()
    local out = server.output()
    assert.truthy(out:find "\nlistening http://127%.0%.0%.1:%d+/ekoapi/v3\n$")
    assert.truthy(server.is_running())
    local connection = connect(server)
    assert.is_true(server.stop())
    assert.is_nil((connection.client:receive(1)))
    assert.is_nil((socket.connect(server.base_url:match "//([^:]+):(%d+)")))
  end)

  it("takes keys from the environment and does not print them", function()
    local server = emulator_server.start { developer_key = "dev-key-canary", access_key = "access-key-canary" }
    local out, err = server.output()
    local status = connect(server).ask(caller_for(server)("GET", levin))
    server.stop()
    assert.equal(200, status)
    assert.is_nil((out .. err):find "canary")
  end)

  it("shows SMS only when asked", function()
    local quiet = emulator_server.start()
    local chatty = emulator_server.start { args = "--show-sms", config = { customers = { [mobile] = { levin = "active" } } } }
    connect(quiet).ask(caller_for(quiet)("GET", levin))
    connect(chatty).ask(caller_for(chatty)("GET", levin))
    local otp = chatty.sms(mobile)[1].otp
    assert.truthy(chatty.output():find("\nsms " .. mobile .. " sender " .. otp .. "\n", 1, true))
    assert.is_nil(quiet.output():find "sms")
    quiet.stop()
    chatty.stop()
  end)

  it("explains itself and its failures", function()
    local lua = require("spec.support.interpreter").program
    local code, out = run(lua .. " bin/eko emulator --help")
    assert.equal(0, code)
    assert.truthy(out:find "Examples?:" and out:find "Exit codes")
    assert.equal(2, (run(lua .. " bin/eko emulator --port ten")))
    assert.equal(2, (run(lua .. " bin/eko emulate")))
    code, out = run(lua .. " bin/eko emulator --config /nonexistent.json")
    assert.equal(1, code)
    assert.truthy(out:find "nonexistent.json")
    local server = emulator_server.start()
    code, out = run(lua .. " bin/eko emulator --port " .. server.base_url:match ":(%d+)/")
    server.stop()
    assert.equal(1, code)
    assert.truthy(out:find "cannot listen on 127.0.0.1 port")
    code, out = run(lua .. " bin/eko emulator --cert /nonexistent.pem --key /nonexistent.key")
    assert.equal(1, code)
    assert.truthy(out:find "nonexistent.pem")
  end)

  it("is found from any directory", function()
    local lua = require("spec.support.interpreter").program
    assert.equal(0, (run(("root=$PWD; cd / && env -u LUA_PATH -u LUA_CPATH %s $root/bin/eko emulator --help"):format(lua))))
    assert.equal(0, (run "root=$PWD; cd / && env -u LUA_PATH -u LUA_CPATH $root/bin/eko emulator --help"))
  end)
end)

describe("the emulator over TLS", function()
  local made, request

  setup(function() made = certificates.make() end)

  teardown(function() made.remove() end)

  local function with(certificate, run_checks)
    local server = emulator_server.start {
      args = ("--tls --cert %s --key %s"):format(certificate.cert, certificate.key),
      config = { customers = { [mobile] = { levin = "active" } } },
    }
    request = caller_for(server)
    local ok, problem = pcall(run_checks, server)
    server.stop()
    if not ok then error(problem, 0) end
  end

  it("answers who trusts its CA, and nobody else", function()
    with(made.good, function(server)
      assert.truthy(server.base_url:find "^https://127%.0%.0%.1:")
      local code, out = curl(request("GET", levin), "--cacert " .. made.ca_file)
      assert.equal(0, code)
      assert.equal(2129, caller.json.decode(out).status)
      assert.equal(60, (curl(request("GET", levin), "--cacert " .. made.other_ca_file)))
    end)
  end)

  it("speaks TLS 1.2 and 1.3 and nothing older", function()
    with(made.good, function(server)
      local ca = "--cacert " .. made.ca_file
      assert.equal(0, (curl(request("GET", levin), ca .. " --tls-max 1.2")))
      assert.equal(0, (curl(request("GET", levin), ca .. " --tlsv1.3")))
      local host, port = server.base_url:match "//([^:]+):(%d+)"
      local _, out = run(("echo | timeout 5 openssl s_client -tls1_1 -cipher ALL@SECLEVEL=0 -connect %s:%s"):format(host, port))
      assert.truthy(out:find "alert protocol version" or out:find "no protocols available", out)
    end)
  end)

  it("can show an expired certificate and one for another host", function()
    with(made.expired, function()
      local code, out = curl(request("GET", levin), "--cacert " .. made.ca_file)
      assert.equal(60, code)
      assert.truthy(out:find "expired")
    end)
    with(made.wrong_host, function()
      local code, out = curl(request("GET", levin), "--cacert " .. made.ca_file)
      assert.equal(60, code)
      assert.truthy(out:find "does not match" or out:find "no alternative")
    end)
  end)

  it("does faults on its wire too", function()
    with(made.good, function(server)
      local ca = "-i --cacert " .. made.ca_file
      server.fault { kind = "drop", commit = true }
      assert.are_not.equal(0, (curl(request("GET", levin), ca)))
      server.fault { kind = "reset" }
      local code, out = curl(request("GET", levin), ca)
      assert.equal(56, code)
      assert.truthy(out:find "HTTP/1.1 200")
      assert.equal(0, (curl(request("GET", levin), ca)))
      assert.equal(3, #server.sms(mobile))
    end)
  end)

  it("makes a certificate when none is given, and says where it is", function()
    local server = emulator_server.start { args = "--tls" }
    local code = curl(caller_for(server)("GET", levin), "--cacert " .. server.ca_file)
    server.stop()
    assert.equal(0, code)
    assert.is_nil(io.open(server.ca_file))
  end)
end)
