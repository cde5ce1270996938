local core = require "eko.core"
local curl = require "eko.wire.carrier.curl"
local raw_faults = require "spec.support.raw_faults"
local raw_server = require "spec.support.raw_server"
local new_transport = require "spec.support.transport"

local now = core.text.monotonic
local OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

local function post(transport, url, timeout)
  return transport {
    method = "POST", url = url .. "/a/path?x=1", headers = { ["content-type"] = "application/json", b = "2" }, body = "{}",
    deadline = now() + (timeout or 5),
  }
end

local function with_server(script, run)
  local server = raw_server.start(script)
  local ok, err = pcall(run, server, new_transport { connect_timeout = 2, max_response_bytes = 1000 })
  curl.close_idle()
  server.stop()
  if not ok then error(err, 0) end
end

describe("an exchange over real sockets", function()
  it("sends the request once, in one piece, and reads the answer", function()
    with_server({ { { "read" }, { "send", OK } } }, function(server, transport)
      local response = assert(post(transport, server.url))
      assert.equal(200, response.status)
      assert.equal("ok", response.body)
      assert.equal("2", response.headers["content-length"])
      assert.is_false(response.timings.reused)
      assert.is_true(response.timings.total >= response.timings.first_byte)
      local request = server.requests()[1]
      assert.equal(("POST /a/path?x=1 HTTP/1.1\r\nhost: 127.0.0.1:%d\r\nb: 2\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
        :format(server.port), request)
    end)
  end)

  it("reuses a connection whose answer was read to its end", function()
    with_server({ { { "read" }, { "send", OK }, { "read" }, { "send", OK }, { "sleep", 1 } } }, function(server, transport)
      assert.is_false(assert(post(transport, server.url)).timings.reused)
      assert.is_true(assert(post(transport, server.url)).timings.reused)
      assert.equal(2, #server.requests())
    end)
  end)

  it("does not reuse one that the server closed, that has bytes waiting, or that was asked to be closed", function()
    for _, steps in ipairs {
      { { "read" }, { "send", OK } },
      { { "read" }, { "send", OK }, { "sleep", 0.05 }, { "send", "HTTP/1.1 200 OK\r\n" }, { "sleep", 1 } },
      { { "read" }, { "send", OK .. "more" }, { "sleep", 1 } },
      { { "read" }, { "send", "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" }, { "sleep", 1 } },
    } do
      with_server({ steps, { { "read" }, { "send", OK } } }, function(server, transport)
        assert.is_false(assert(post(transport, server.url)).timings.reused)
        core.connection.sleep(0.15)
        local second = assert(post(transport, server.url))
        assert.is_false(second.timings.reused)
        assert.equal("ok", second.body)
        assert.equal(2, #server.requests())
      end)
    end
  end)

  it("never sends a POST again when a kept-alive connection dies under it", function()
    for _, death in ipairs { "close", "reset" } do
      with_server({ { { "read" }, { "send", OK }, { "read" }, { death } }, { { "read" }, { "send", OK } } }, function(server, transport)
        assert(post(transport, server.url))
        local response, err = post(transport, server.url)
        assert.is_nil(response)
        assert.equal(death == "close" and "connection_closed" or "connection_reset", err.name)
        assert.is_nil(err.sent)
        core.connection.sleep(0.05)
        assert.equal(2, #server.requests())
      end)
    end
  end)

  for _, fault in ipairs(raw_faults) do
    it("names a fault: " .. fault[1], function()
      with_server({ fault[2] }, function(server, transport)
        local response, err = post(transport, server.url, 0.7)
        assert.is_nil(response)
        assert.equal(fault[3], err.name)
        assert.equal(fault[4], err.sent)
        assert.equal("receive", err.phase)
        assert.equal(1, #server.requests())
      end)
    end)
  end

  it("says that nothing was sent when it could not connect or send", function()
    local transport = new_transport { connect_timeout = 1 }
    local cases = {
      { "http://127.0.0.1:1", "connection_refused" },
      { "http://no-such-host.invalid:80", "host_not_found" },
      { "ftp://127.0.0.1", "invalid_url" },
      { "https://user@127.0.0.1", "invalid_url" },
    }
    for _, case in ipairs(cases) do
      local response, err = post(transport, case[1])
      assert.is_nil(response)
      assert.equal(case[2], err.name)
      assert.is_false(err.sent)
    end
    local _, late = post(transport, "http://127.0.0.1:1", -1)
    assert.equal("timeout", late.name)
    assert.is_false(late.sent)
  end)

  it("speaks no TLS with a server that does not, and has sent nothing", function()
    with_server({ { { "send", "hello\r\n" }, { "sleep", 0.3 } } }, function(server, transport)
      local _, err = post(transport, (server.url:gsub("^http", "https")))
      assert.equal("tls_handshake_failed", err.name)
      assert.is_false(err.sent)
      assert.equal("tls", err.phase)
    end)
  end)

  it("gives up a TLS handshake that nobody answers", function()
    with_server({ { { "sleep", 2 } } }, function(server, transport)
      local started = now()
      local _, err = post(transport, (server.url:gsub("^http", "https")), 0.4)
      assert.equal("timeout", err.name)
      assert.is_false(err.sent)
      assert.is_true(now() - started < 1.5)
    end)
  end)

  it("goes through a proxy's tunnel, and says when the proxy refuses", function()
    local tunnel = { { { "read" }, { "send", "HTTP/1.1 200 Connection established\r\n\r\n" }, { "read" }, { "send", OK }, { "sleep", 0.2 } } }
    with_server(tunnel, function(proxy)
      local transport = new_transport { proxy = proxy.url, connect_timeout = 2 }
      assert.equal("ok", assert(post(transport, "http://127.0.0.1:1")).body)
      local requests = proxy.requests()
      assert.truthy(requests[1]:find("^CONNECT 127.0.0.1:1 HTTP/1.1\r\n"))
      assert.truthy(requests[2]:find("^POST /a/path%?x=1 HTTP/1.1\r\nhost: 127.0.0.1:1\r\n"))
    end)
    with_server({ { { "read" }, { "send", "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n" } } }, function(proxy)
      local transport = new_transport { proxy = proxy.url, connect_timeout = 2 }
      local response, err = post(transport, "http://127.0.0.1:1")
      assert.is_nil(response)
      assert.equal("proxy_refused", err.name)
      assert.is_false(err.sent)
    end)
  end)

  it("refuses at this layer too what would break out of a header or the path", function()
    local transport = new_transport {}
    local bad = {
      { headers = { x = "a\r\nb: c" } }, { headers = { x = "a\nb" } }, { headers = { x = "a\0b" } }, { headers = { ["x\r\ny"] = "1" } },
      { url = "http://127.0.0.1:1/a\r\nhost: b" }, { url = "http://127.0.0.1:1/a b" }, { url = "http://127.0.0.1:1/a\0" },
      { method = "GET /x HTTP/1.1\r\n" },
    }
    for _, change in ipairs(bad) do
      local response, err = transport {
        method = change.method or "POST", url = change.url or "http://127.0.0.1:1/", headers = change.headers or {}, body = "{}",
        deadline = now() + 1,
      }
      assert.is_nil(response)
      assert.equal("malformed_request", err.name)
      assert.is_false(err.sent)
    end
  end)

  it("reads an answer that is cut into single bytes, and skips 1xx", function()
    local steps = { { "read" }, { "send", "HTTP/1.1 100 Continue\r\n\r\n" } }
    for byte in ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"):gmatch(".") do
      steps[#steps + 1] = { "send", byte }
    end
    steps[#steps + 1] = { "sleep", 0.2 }
    with_server({ steps }, function(server, transport)
      assert.equal("ok", assert(post(transport, server.url)).body)
    end)
  end)
end)

describe("the sockets of the core", function()
  it("wait for no time that no clock shows", function()
    local connection = core.connection
    for _, bad in ipairs { 0 / 0, -(0 / 0) } do
      assert.is_false((pcall(connection.sleep, bad)))
      assert.is_false((pcall(connection.poll, {}, {}, bad)))
      assert.is_false((pcall(function() return connection.network():connect("http://127.0.0.1:1", bad) end)))
    end
    assert.same({}, connection.poll({}, {}, -1 / 0))
    with_server({ { { "read" }, { "send", OK }, { "sleep", 0.5 } } }, function(server)
      local raw, state = assert(connection.network():connect(server.url, 2)), core.http1.exchange()
      local bytes = "GET / HTTP/1.1\r\n\r\n"
      assert.is_false((pcall(state.begin, state, "GET", 0 / 0)))
      state:begin("GET", -1 / 0)
      assert.is_nil(raw:drive(state, bytes, false))
      assert.equal("timeout", select(2, state:result()).name)
      raw:close()
      raw = assert(connection.network():connect(server.url, 2))
      state:begin("GET", 1 / 0)
      assert.is_nil(raw:drive(state, bytes, true))
      assert.same({ 200, "ok" }, { state:result(), (select(3, state:result())) })
      raw:close()
    end)
  end)

  it("never take a byte twice, however often they are driven, and say what they wait for", function()
    local body = ("x"):rep(4000000)
    local bytes = "POST / HTTP/1.1\r\ncontent-length: 4000000\r\n\r\n" .. body
    with_server({ { { "sleep", 0.2 }, { "read" }, { "send", OK }, { "sleep", 0.5 } } }, function(server)
      local raw, state = assert(core.connection.network():connect(server.url, 2)), core.http1.exchange()
      local waits, turns = {}, 0
      state:begin("POST", now() + 10)
      local fd, wants_write = raw:drive(state, bytes, false)
      while fd and turns < 10000 do
        turns = turns + 1
        waits[#waits + 1] = wants_write and "write" or "read"
        core.connection.poll({ fd }, { wants_write }, 5)
        fd, wants_write = raw:drive(state, bytes, false)
      end
      assert.equal(200, (state:result()))
      assert.equal("write", waits[1])
      assert.equal("read", waits[#waits])
      assert.equal(bytes, server.requests()[1])
      assert.is_nil(raw:drive(state, bytes, true)) -- it is over: nothing leaves any more
      assert.equal(1, #server.requests())
      raw:close()
    end)
  end)

  it("refuse an exchange that has begun with other bytes, one that is closed, and what is none", function()
    with_server({ { { "sleep", 1 } } }, function(server)
      local raw, state = assert(core.connection.network():connect(server.url, 2)), core.http1.exchange()
      state:begin("POST", now() + 5)
      assert.is_number(raw:drive(state, "GET / HTTP/1.1\r\n\r\n", false))
      assert.error_matches(function() raw:drive(state, "GET", false) end, "not an exchange of these bytes")
      state:close()
      assert.error_matches(function() raw:drive(state, "GET / HTTP/1.1\r\n\r\n", false) end, "not an exchange of these bytes")
      assert.error_matches(function() raw:drive(raw, "GET / HTTP/1.1\r\n\r\n", false) end, "eko.exchange expected")
      raw:close()
    end)
  end)
end)

describe("an exchange over any carrier", function()
  -- A carrier that plays a script in memory: what the cosocket carrier will be to the exchange.
  local function scripted(connections)
    local log = { taken = 0, closed = 0, given_back = 0, sent = {} }
    local carrier = { now = now, sleep = function() end }
    function carrier.take()
      log.taken = log.taken + 1
      local script = assert(connections[log.taken], "one connection too many")
      if script.refuse then return nil, { name = "connection_refused", phase = "connect" } end
      local connection = { made_in = not script.reused and { name_lookup = 0, connect = 0, tls = 0 } or nil }
      function connection.send(_, state, bytes)
        if script.send_error then return state:sent(nil, script.send_error, script.accepted) end
        log.sent[#log.sent + 1] = bytes
        local is_going_on = state:sent(#bytes)
        while is_going_on do is_going_on = state:feed(table.remove(script, 1), "closed") end
      end
      function connection.give_back() log.given_back = log.given_back + 1 end
      function connection.close() log.closed = log.closed + 1 end
      return connection
    end
    return new_transport { carrier = carrier }, log
  end

  it("asks for another connection only when an idle one took nothing at all", function()
    local transport, log = scripted { { reused = true, send_error = "connection_reset", accepted = 0 }, { OK } }
    assert.equal("ok", assert(post(transport, "http://h")).body)
    assert.same({ 2, 1, 1, 1 }, { log.taken, #log.sent, log.closed, log.given_back })
    for _, script in ipairs {
      { reused = true, send_error = "connection_reset", accepted = 1 },
      { reused = true, send_error = "connection_reset" },
      { reused = false, send_error = "connection_reset", accepted = 0 },
      { reused = true, send_error = "timeout", accepted = 0 },
    } do
      transport, log = scripted { script, { OK } }
      local response, err = post(transport, "http://h")
      assert.is_nil(response)
      assert.is_false(err.sent)
      assert.same({ 1, 0, 1, 0 }, { log.taken, #log.sent, log.closed, log.given_back })
    end
  end)

  it("asks for another one when the idle one was reset after it was looked at", function()
    -- (Connecting has to be over by then, however slow this machine is.)
    with_server({ { { "sleep", 1 }, { "reset" } }, { { "read" }, { "send", OK }, { "sleep", 0.5 } } }, function(server)
      local taken = 0
      local carrier = {}
      function carrier.take(...)
        taken = taken + 1
        if taken > 1 then return curl.take(...) end
        local raw = assert(core.connection.network():connect(server.url, 2))
        for _ = 1, 500 do -- until the reset is there
          if not raw:wake() then break end
          core.connection.sleep(0.01)
        end
        return {
          send = function(_, state, bytes) assert.is_nil(raw:drive(state, bytes, true)) end,
          close = function() raw:close() end,
        }
      end
      local response = assert(post(new_transport { carrier = carrier }, server.url))
      assert.equal("ok", response.body)
      assert.is_false(response.timings.reused)
      assert.same({ 2, 1 }, { taken, #server.requests() })
    end)
  end)

  it("gives back no connection that is not at the end of an exact answer", function()
    for _, answer in ipairs {
      OK .. "x", "HTTP/1.1 200 OK\r\n\r\nok", "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nx: a\r\n b\r\ncontent-length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\ncontent-length: 2, 2\r\n\r\nok",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    } do
      local transport, log = scripted { { answer } }
      assert(post(transport, "http://h"))
      assert.same({ 1, 0 }, { log.closed, log.given_back })
    end
  end)
end)
