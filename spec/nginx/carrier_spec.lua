-- What the carrier inside nginx makes of connections and faults: the same as the one of scripts.
local cjson = require("cjson").new()
local nginx_carrier = require "spec.support.nginx_carrier"
local raw_faults = require "spec.support.raw_faults"
local raw_server = require "spec.support.raw_server"
local socket = require "socket"

local MOBILE = nginx_carrier.mobile
local client_options, call = nginx_carrier.client_options, nginx_carrier.call
local bench, server

setup(function()
  bench = nginx_carrier.start()
  server = bench.server
end)
teardown(function() bench.stop() end)
before_each(function()
  bench.http.clear()
  bench.https.clear()
end)

local function post(url, more)
  local job = {
    request = { method = "POST", url = url .. "/a/path?x=1", headers = { ["content-type"] = "application/json" }, body = "{}" },
    settings = { connect_timeout = 1, max_response_bytes = 1000 },
  }
  for name, value in pairs(more or {}) do job[name] = value end
  return bench.ask("/content", job)
end

local function with_server(script, run)
  local raw = raw_server.start(script)
  local ok, err = pcall(run, raw)
  raw.stop()
  if not ok then error(err, 0) end
end

local OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

describe("inside nginx a fault of the answer", function()
  for _, fault in ipairs(raw_faults) do
    it("is named: " .. fault[1], function()
      with_server({ fault[2] }, function(raw)
        local err = post(raw.url, { seconds = 0.7 }).error
        assert.equal(fault[3], err.name)
        assert.equal(tostring(fault[4]), err.sent)
        assert.equal("receive", err.phase)
        assert.equal(1, #raw.requests())
      end)
    end)
  end

  it("of a kept-alive connection does not make a POST arrive twice", function()
    for _, death in ipairs { "close", "reset" } do
      with_server({ { { "read" }, { "send", OK }, { "read" }, { death } }, { { "read" }, { "send", OK } } }, function(raw)
        assert.is_false(post(raw.url).response.timings.reused)
        local err = post(raw.url).error
        assert.equal(death == "close" and "connection_closed" or "connection_reset", err.name)
        assert.equal("nil", err.sent)
        socket.sleep(0.05)
        assert.equal(2, #raw.requests())
      end)
    end
  end)

  it("of a call is an error like in a script, and the platform saw it once", function()
    local faults = {
      { { kind = "drop" }, "transport", "connection_closed", "nil" }, { { kind = "reset" }, "transport", "connection_reset", "true" },
      { { kind = "truncated" }, "decode", "invalid_json", "true" }, { { kind = "length_long" }, "transport", "connection_closed", "true" },
      { { kind = "bad_status_line" }, "transport", "malformed_response", "nil" },
      { { kind = "bad_chunk" }, "transport", "malformed_response", "true" }, { { kind = "html_502" }, "http", "bad_gateway", "true" },
      { { kind = "delay", seconds = 2 }, "transport", "timeout", "nil" },
    }
    local filter = { slug = "ppi-levin-verify-otp" }
    for _, platform in ipairs { bench.http, bench.https } do
      for _, fault in ipairs(faults) do
        local before = platform.count(filter)
        local plan = { path = "/otp/verify$", method = "POST" }
        for name, value in pairs(fault[1]) do plan[name] = value end
        platform.fault(plan)
        local job = call(platform, "levin", "verify_otp", { customer_id = MOBILE, otp = "1", otp_ref_id = "x", intent_id = "19" },
          { timeout = fault[1].kind == "delay" and 0.5 or 5 })
        local err = bench.ask("/content", job).error
        -- nginx does not tell a reset from an end under TLS.
        local name = fault[1].kind == "reset" and platform == bench.https and "connection_closed" or fault[3]
        assert.same({ fault[2], name, fault[4], true }, { err.kind, err.name, err.sent, err.is_ours })
        socket.sleep(0.02)
        assert.equal(before + 1, platform.count(filter))
      end
    end
  end)
end)

-- A port that accepts nobody: its queue is full.
local function full_port(run)
  local listener = socket.tcp()
  assert(listener:bind("127.0.0.1", 0))
  assert(listener:listen(0))
  local _, port = listener:getsockname()
  local waiting = {}
  for i = 1, 3 do
    waiting[i] = socket.tcp()
    waiting[i]:settimeout(0)
    waiting[i]:connect("127.0.0.1", port)
  end
  local ok, err = pcall(run, "http://127.0.0.1:" .. port)
  for _, each in ipairs(waiting) do each:close() end
  listener:close()
  if not ok then error(err, 0) end
end

describe("inside nginx a connection that cannot be made", function()
  local function refused(url, name, more)
    local err = post(url, more).error
    assert.same({ name, "false" }, { err.name, err.sent }, err.message)
    return err
  end

  it("is named, and nothing was sent", function()
    refused("http://127.0.0.1:1", "connection_refused")
    refused("http://no-such-host.invalid", "host_not_found")
    refused("http://name.silent", "timeout")
    refused("ftp://127.0.0.1", "invalid_url")
    refused("http://unix:/nonexistent/socket:", "connection_refused")
    refused("http://127.0.0.1:1", "timeout", { seconds = -1 })
  end)

  it("ends when the time to connect is over", function()
    full_port(function(url)
      local started = socket.gettime()
      assert.equal("connect", refused(url, "timeout", { settings = { connect_timeout = 0.3 } }).phase)
      assert.is_true(socket.gettime() - started < 0.9)
    end)
  end)

  it("says which line of nginx.conf is missing", function()
    local job = { request = { method = "GET", url = "http://api.example/", headers = {} } }
    local err = bench.ask("/", job, "no_resolver.sock").error
    assert.same({ "no_resolver", "false" }, { err.name, err.sent })
    assert.truthy(err.message:find("resolver <address", 1, true))
    err = refused("https://localhost:1", "unsupported_option", { settings = { ca_file = "/x.pem" } })
    assert.truthy(err.message:find("lua_ssl_trusted_certificate", 1, true))
    refused("https://localhost:1", "unsupported_option", { settings = { proxy = "http://127.0.0.1:1" } })
  end)

  it("refuses a certificate of another CA, for another host, or expired", function()
    local function refused_certificate(port, path)
      local job = call({ base_url = ("https://localhost:%d/ekoapi/v3"):format(port) }, "levin", "verify_otp",
        { customer_id = MOBILE, otp = "1", otp_ref_id = "x", intent_id = "19" })
      local err = bench.ask(path or "/content", job).error
      assert.same({ "transport", "tls_verification_failed", "false", false }, { err.kind, err.name, err.sent, err.retryable })
      assert.equal("tls", err.phase)
    end
    refused_certificate(server.ports.expired)
    refused_certificate(server.ports.wrong_host)
    refused_certificate(server.ports.unknown_ca, "/other_ca")
    assert.is_nil(bench.ask("/seen", {}).refused_upstream)
  end)

  it("names a handshake that is not one, or that nobody answers", function()
    with_server({ { { "send", "hello\r\n" }, { "sleep", 0.3 } } }, function(raw)
      assert.equal("tls", refused(raw.url:gsub("^http://127.0.0.1", "https://localhost"), "tls_handshake_failed").phase)
    end)
    with_server({ { { "sleep", 2 } } }, function(raw)
      refused(raw.url:gsub("^http://127.0.0.1", "https://localhost"), "timeout", { seconds = 0.4 })
    end)
  end)
end)

describe("inside nginx a connection", function()
  it("is kept for the next call, over HTTP and HTTPS", function()
    for _, platform in ipairs { bench.http, bench.https } do
      local base = client_options(platform).base_url:match "^%a+://[^/]+"
      assert(post(base).response)
      local before = platform.connections()
      for _ = 1, 5 do assert.is_true(post(base).response.timings.reused) end
      assert.equal(before, platform.connections())
    end
  end)

  it("is not kept when the server closed it, sent more, or asked for its end", function()
    for _, steps in ipairs {
      { { "read" }, { "send", OK } },
      { { "read" }, { "send", OK }, { "sleep", 0.05 }, { "send", "HTTP/1.1 200 OK\r\n" }, { "sleep", 1 } },
      { { "read" }, { "send", OK .. "more" }, { "sleep", 1 } },
      { { "read" }, { "send", "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" }, { "sleep", 1 } },
    } do
      with_server({ steps, { { "read" }, { "send", OK } } }, function(raw)
        assert.is_false(post(raw.url).response.timings.reused)
        socket.sleep(0.15)
        local second = post(raw.url).response
        assert.is_false(second.timings.reused)
        assert.equal("ok", second.body)
        assert.equal(2, #raw.requests())
      end)
    end
  end)

  it("is made to a socket in the file system", function()
    local answer = bench.ask("/content", { request = { method = "GET", headers = {},
      url = "http://unix:" .. server.prefix .. "/ready.sock:/x" } })
    assert.equal(204, answer.response.status)
  end)

  it("serves a call although the client that wanted it is gone", function()
    with_server({ { { "read" }, { "sleep", 0.3 }, { "send", OK } } }, function(raw)
      local job = cjson.encode { request = { method = "POST", url = raw.url .. "/", headers = {}, body = "{}" } }
      assert(server:begin { unix = "app.sock", path = "/mark", headers = { job = job } }):close()
      socket.sleep(0.6)
      assert.equal("ok", bench.ask("/seen", {}).mark.response.body)
    end)
  end)
end)

describe("inside nginx a phase", function()
  local seen
  setup(function()
    server:request { unix = "app.sock", path = "/phases" }
    bench.entries["HTTP/2 over TLS"](call(bench.http, "levin", "get", { customer_id = MOBILE }))
    socket.sleep(0.1)
    seen = bench.ask("/seen", {})
  end)

  for _, phase in ipairs { "init", "init_worker", "set", "balancer", "header_filter", "body_filter", "log" } do
    it("that cannot wait gets a clear error: " .. phase, function()
      local err = assert(seen[phase], phase .. " was not run").error
      assert.equal(phase, seen[phase].phase)
      assert.same({ "transport", "wrong_phase", "false", false }, { err.kind, err.name, err.sent, err.retryable })
      assert.truthy(err.message:find(phase .. "_by_lua*", 1, true))
      assert.truthy(err.message:find(phase == "init" and "init_worker_by_lua" or "ngx.timer.at(0", 1, true))
      assert.truthy(err.message:find("content_by_lua*", 1, true))
    end)
  end

  it("of TLS certificates can wait", function()
    assert.equal("ssl_cert", seen.ssl_cert.phase)
    assert.equal("otp_sent", seen.ssl_cert.answer.outcome)
  end)
end)

describe("outside nginx too", function()
  it("a socket in the file system is a base_url", function()
    local client = require("eko").client(client_options({ base_url = "http://unix:" .. server.prefix .. "/ready.sock:/ekoapi/v3" }))
    local _, err = client.levin:get { customer_id = MOBILE }
    assert.same({ "http", "empty_answer" }, { err.kind, err.name })
    client = require("eko").client(client_options({ base_url = "http://unix:/nonexistent/socket:/ekoapi/v3" }, { retries = 0 }))
    _, err = client.levin:get { customer_id = MOBILE }
    assert.same({ "connection_refused", false }, { err.name, err.sent })
    require("eko.wire.carrier.curl").close_idle()
  end)
end)
