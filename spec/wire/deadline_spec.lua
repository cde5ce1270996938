-- A call ends with its deadline, whatever it waits for: over libcurl and, inside a real nginx, over cosockets.
local cjson = require("cjson").new()
local core = require "eko.core"
local curl = require "eko.wire.carrier.curl"
local interpreter = require "spec.support.interpreter"
local name_server = require "spec.support.name_server"
local nginx = require "spec.support.nginx"
local raw_server = require "spec.support.raw_server"
local shell = require "spec.support.shell"
local new_transport = require "spec.support.transport"

local now = core.text.monotonic
local TIMEOUT, LATEST = 0.7, 2.2

local HTTP = [[
  lua_ssl_verify_depth 3;
  server {
    listen unix:{{prefix}}/app.sock;
    client_max_body_size 32m;
    client_body_buffer_size 32m;
    resolver {{dns}} ipv6=off;
    location / { content_by_lua_block { require("spec.support.nginx_calls").handle() } }
  }
]]

local names, server
setup(function()
  names = name_server.start()
  server = nginx.start { http = (HTTP:gsub("{{dns}}", names.address)), package_path = nginx.root .. "/?.lua" }
end)
teardown(function()
  curl.close_idle()
  server:stop()
  names.stop()
end)

local function with_libcurl(request, settings)
  request.deadline = now() + TIMEOUT
  return new_transport(settings)(request)
end

local function with_cosockets(request, settings)
  local job = { request = request, settings = settings, seconds = TIMEOUT }
  local answer = server:request { unix = "app.sock", method = "POST", path = "/", body = cjson.encode(job), timeout = 60 }
  assert.equal(200, answer.status, server:error_log())
  local told = cjson.decode(answer.body)
  if told.response then return told.response end
  told.error.sent = ({ ["true"] = true, ["false"] = false })[told.error.sent]
  return nil, told.error, told.took -- without the time that a large job takes on its way into nginx
end

local function assert_in_time(perform, request, phase, settings)
  request.method, request.headers = request.method or "GET", {}
  local started = now()
  local response, err, took = perform(request, settings or { connect_timeout = 10 })
  took = took or now() - started
  assert.is_nil(response)
  assert.equal("timeout", err.name, err.message)
  -- libcurl tells a handshake from the connecting before it only when it has ended.
  assert.equal(perform == with_libcurl and phase == "tls" and "connect" or phase, err.phase)
  assert.is_true(took < LATEST, ("it took %.1f s"):format(took))
  assert.is_true(took > TIMEOUT - 0.1, ("it gave up after %.1f s"):format(took))
  return err
end

local function with_server(script, run)
  local raw = raw_server.start(script)
  local ok, err = pcall(run, raw.url)
  raw.stop()
  if not ok then error(err, 0) end
end

-- What a server does that keeps a call waiting: { what, the steps, the phase it is noticed in, the request, the scheme, `sent` }.
local WAITS = {
  { "a TLS handshake that nobody answers", { { "sleep", 6 } }, "tls", {}, "https", false },
  { "a TLS handshake of drops", { { "send", "\22\3\3\64\0" }, { "drip", 6 } }, "tls", {}, "https", false },
  { "a large body that is taken in sips", { { "sip", 20 } }, "send", { method = "POST", body = ("b"):rep(24000000) }, "http", false },
  { "an answer that does not come", { { "read" }, { "sleep", 6 } }, "receive", {}, "http", nil },
  { "a status line of drops", { { "read" }, { "send", "HTTP/1.1 200 " }, { "drip", 6 } }, "receive", {}, "http", nil },
  { "a head of drops", { { "read" }, { "send", "HTTP/1.1 200 OK\r\nx: " }, { "drip", 6 } }, "receive", {}, "http", true },
  { "a body of drops", { { "read" }, { "send", "HTTP/1.1 200 OK\r\ncontent-length: 999999\r\n\r\n" }, { "drip", 6 } }, "receive", {}, "http",
    true },
  { "a body without an end", { { "read" }, { "send", "HTTP/1.1 200 OK\r\n\r\n" }, { "drip", 6 } }, "receive", {}, "http", true },
}

for _, carrier in ipairs { { "libcurl", with_libcurl }, { "cosockets", with_cosockets } } do
  local perform = carrier[2]
  describe("over " .. carrier[1] .. " the deadline", function()
    for _, wait in ipairs(WAITS) do
      local harm = carrier[1] == "cosockets" and wait[3] == "send" and " #harm11" or ""
      it("ends " .. wait[1] .. harm, function()
        with_server({ wait[2] }, function(url)
          local request = { url = url:gsub("^http://127.0.0.1", wait[5] == "https" and "https://localhost" or "http://127.0.0.1") .. "/" }
          for name, value in pairs(wait[4]) do request[name] = value end
          local err = assert_in_time(perform, request, wait[3])
          assert.equal(wait[6], err.sent)
        end)
      end)
    end
  end)
end

describe("over cosockets the deadline", function()
  it("ends the look-up of a name that no name server answers, though resolver_timeout is 30 s #harm11", function()
    local err = assert_in_time(with_cosockets, { url = "http://name.silent/" }, "connect")
    assert.is_false(err.sent)
    err = assert_in_time(with_cosockets, { url = "https://name.silent/" }, "connect")
    assert.is_false(err.sent)
  end)

  it("leaves the worker and the name in order", function()
    assert_in_time(with_cosockets, { url = "http://name.silent/" }, "connect")
    with_server({ { { "read" }, { "send", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok" } } }, function(url)
      local response = assert(with_cosockets({ method = "GET", headers = {}, url = url:gsub("127.0.0.1", "some.name") .. "/" }, {}))
      assert.equal("ok", response.body)
    end)
  end)
end)

-- A mount namespace whose resolv.conf names a server that takes every question and answers none.
local LOOK_UP = [[
  ip link set lo up && mount --bind %s /etc/resolv.conf || exit 9
  %s -e 'local s = require"socket".udp() assert(s:setsockname("127.0.0.1", 53)) print "ready" io.stdout:flush() s:settimeout(30)
    while s:receivefrom() do end' >%s.ready &
  silent=$!
  for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do test -s %s.ready && break; sleep 0.1; done
  %s -e '%s'
  kill $silent
]]

local PROGRAM = [[
  local now = require "eko.core".text.monotonic
  local transport = require "spec.support.transport" { connect_timeout = 10, proxy = %s }
  local started = now()
  local response, err = transport { method = "GET", url = "%s", headers = {}, deadline = now() + 0.7 }
  print(response == nil, err.name, err.phase, err.sent, now() - started)
]]

local function look_up_in_the_dark(url, proxy)
  local lua, file = interpreter.program, os.tmpname()
  shell.write_file(file, "nameserver 127.0.0.1\n")
  local script = LOOK_UP:format(file, lua, file, file, lua, PROGRAM:format(proxy and ("%q"):format(proxy) or "nil", url))
  shell.write_file(file .. ".sh", script)
  local started = now()
  local text = shell.output_of("unshare -rnm sh " .. file .. ".sh 2>&1")
  for _, suffix in ipairs { "", ".sh", ".ready" } do os.remove(file .. suffix) end
  return text, now() - started
end

describe("over libcurl the deadline", function()
  it("ends the look-up of a name that no name server answers, the proxy's too, and the program can end #harm11", function()
    for _, case in ipairs { { "http://name.silent/" }, { "https://name.silent/" }, { "http://127.0.0.1:1/", "http://proxy.silent:8080" } } do
      local text, whole = look_up_in_the_dark(case[1], case[2])
      local failed, name, phase, sent, took = text:match "^(%S+)%s+(%S+)%s+(%S+)%s+(%S+)%s+([%d.]+)"
      assert.same({ "true", "timeout", "connect", "false" }, { failed, name, phase, sent }, text)
      assert.is_true(tonumber(took) < LATEST, ("it took %s s"):format(took))
      assert.is_true(whole < LATEST + 3, ("the program took %.1f s"):format(whole))
    end
  end)

  it("ends a proxy that accepts and says nothing, or never comes to an end", function()
    for _, steps in ipairs { { { "sleep", 6 } }, { { "read" }, { "drip", 6 } }, { { "read" }, { "send", "HTTP/1.1 200 OK\r\nx: " }, { "drip", 6 } } } do
      for _, scheme in ipairs { "http", "https", "socks5" } do
        with_server({ steps }, function(url)
          local proxy = url:gsub("^http", scheme)
          local err = assert_in_time(with_libcurl, { url = "https://127.0.0.1:1/" }, "connect", { connect_timeout = 10, proxy = proxy })
          assert.is_false(err.sent)
        end)
      end
    end
  end)
end)
