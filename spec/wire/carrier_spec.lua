-- How long a connection may wait for its next request: over libcurl and, inside a real nginx, over cosockets. The server counts
-- the connections that reach it.
local core = require "eko.core"
local curl = require "eko.wire.carrier.curl"
local eko = require "eko"
local emulator_server = require "spec.support.emulator_server"
local nginx_carrier = require "spec.support.nginx_carrier"
local raw_server = require "spec.support.raw_server"
local shell = require "spec.support.shell"
local new_transport = require "spec.support.transport"

local sleep = core.connection.sleep

local function origin_of(server) return (server.base_url:match "^(%a+://[^/]+)"):gsub("^https://127%.0%.0%.1", "https://localhost") end

local bench, plain
setup(function()
  bench = nginx_carrier.start()
  plain = emulator_server.start()
end)
teardown(function()
  curl.close_idle()
  plain.stop()
  bench.stop()
end)

-- Answers with a header such as Keep-Alive, on a connection that stays open: { the header lines, idle seconds, whether the connection is used
-- again }. A server that names N seconds is not relied on from N - 1 on.
local KEEP_ALIVE = {
  { "", 0.05, true },
  { "keep-alive: timeout=0\r\n", 0.05, false },
  { "keep-alive: timeout=1\r\n", 0.05, false },
  { "keep-alive: timeout=2\r\n", 0.05, true },
  { "keep-alive: timeout=2\r\n", 1.2, false },
  { "keep-alive: timeout=5\r\n", 1.2, true },
  { "keep-alive: timeout=60, max=100\r\n", 0.05, true },
  { "keep-alive: timeout=99999999999999999999999999\r\n", 0.05, true },
  { "keep-alive: timeout=4294967296\r\n", 0.05, true },
  { "keep-alive: max=100, timeout=1\r\n", 0.05, false },
  { "keep-alive: max=1\r\n", 0.05, true },
  { "KEEP-ALIVE: MAX=5,TIMEOUT=1\r\n", 0.05, false },
  { "Keep-Alive: timeout = \"1\"\r\n", 0.05, false },
  { "keep-alive: timeout=60\r\nkeep-alive: timeout=1\r\n", 0.05, false },
  { "keep-alive: timeout=1\r\nkeep-alive: timeout=60\r\n", 0.05, false },
  { "connection: keep-alive\r\nkeep-alive: timeout=1\r\n", 0.05, false },
  { "keep-alive: timeout=\r\n", 0.05, true },
  { "keep-alive: timeout\r\n", 0.05, true },
  { "keep-alive: timeout=soon\r\n", 0.05, true },
  { "keep-alive: timeout=-1\r\n", 0.05, true },
  { "keep-alive: ,;= ,=,, 1\r\n", 0.05, true },
  { "keep-alive: xtimeout=1, timeoutx=1\r\n", 0.05, true },
  { "x: a\r\n b\r\n", 0.05, false }, -- read, but whoever puts an answer together like that is not asked again
  { "keep-alive:\r\n\ttimeout=60\r\n", 0.05, false },
  { "content-length: 2\r\n", 0.05, false },
  { "content-encoding: gzip\r\n", 0.05, true },
}

local function keep_alive_script(line)
  local answer = "HTTP/1.1 200 OK\r\n" .. line .. "content-length: 2\r\n\r\nok"
  return { { { "read" }, { "send", answer }, { "read" }, { "send", answer }, { "sleep", 0.2 } }, { { "read" }, { "send", answer } } }
end

local function request_to(origin, fresh)
  return { method = "POST", url = origin .. "/a", headers = { ["content-type"] = "application/json" }, body = "{}", fresh = fresh }
end

local transport = new_transport {}

-- Each: who carries, the server whose connections are counted, and a function that sends a POST and says whether it reused one.
local carriers = {
  { "libcurl", function() return plain end, function(server, fresh)
    local request = request_to(origin_of(server), fresh)
    request.deadline = core.text.monotonic() + 5
    return assert(transport(request)).timings.reused
  end },
  { "cosockets", function() return bench.http end, function(server, fresh)
    return bench.ask("/content", { request = request_to(origin_of(server), fresh) }).response.timings.reused
  end },
  { "cosockets and TLS", function() return bench.https end, function(server, fresh)
    return bench.ask("/content", { request = request_to(origin_of(server), fresh) }).response.timings.reused
  end },
}

for _, carrier in ipairs(carriers) do
  describe("over " .. carrier[1] .. " what moves money #harm01", function()
    local server_of, post = carrier[2], carrier[3]

    it("shares a connection that was just used, and never one that was idle for a second", function()
      local server = server_of()
      post(server, true)
      local before = server.connections()
      sleep(0.4)
      assert.is_true(post(server, true))
      assert.equal(before, server.connections())
      sleep(1.2)
      assert.is_false(post(server, true))
      assert.equal(before + 1, server.connections())
    end)

    it("leaves an older connection to those that do not mind its age", function()
      local server = server_of()
      post(server)
      local before = server.connections()
      sleep(1.2)
      assert.is_false(post(server, true))
      assert.is_true(post(server))
      assert.equal(before + 1, server.connections())
    end)
  end)
end

-- The same over a server of a script: a POST, and whether it reused a connection.
local bare = {
  { "libcurl", function(request)
    request.deadline = core.text.monotonic() + 5
    return assert(transport(request)).timings.reused
  end },
  { "cosockets", function(request) return bench.ask("/content", { request = request }).response.timings.reused end },
}

for _, carrier in ipairs(bare) do
  describe("over " .. carrier[1] .. " an idle connection", function()
    for _, case in ipairs(KEEP_ALIVE) do
      local line, seconds, used_again = case[1], case[2], case[3]
      it(("is %s after %.2f s: %s%s"):format(used_again and "used again" or "given up", seconds, line:gsub("\r\n", " "),
        used_again and "" or "#harm11"), function()
        for _, unless in ipairs { 0, 200 } do -- also when nobody wants the headers
          local server = raw_server.start(keep_alive_script(line))
          local ok, problem = pcall(function()
            local request = request_to(server.url)
            request.headers_unless = unless
            assert.is_false(carrier[2](request))
            sleep(seconds)
            assert.equal(used_again, carrier[2](request))
          end)
          curl.close_idle()
          server.stop()
          if not ok then error(problem, 0) end
        end
      end)
    end
  end)
end

describe("over cosockets what moves money", function()
  it("does not take an older connection from a worker that was too busy to give it up", function()
    local function post(busy)
      return bench.ask("/content", { request = request_to(origin_of(bench.http), true), busy = busy }).response.timings.reused
    end
    post()
    assert.is_true(post())
    assert.is_false(post(1.3))
  end)
end)

local function client_with(more)
  local options = { developer_key = "k", access_key = "a", initiator_id = "9962981729", user_code = "1" }
  for name, value in pairs(more) do options[name] = value end
  return eko.client(options)
end

local function write_file(text)
  local path = os.tmpname()
  shell.write_file(path, text)
  return path
end

describe("a setting that cannot work", function()
  local PASSWORD = "s3cr3t-of-the-proxy"
  local proxies = {
    "ftp://127.0.0.1:21", "quic://127.0.0.1:1", "socks6://127.0.0.1:1", "file:///etc/passwd", "http://", "http://:8080", "socks5://", "http:///path",
    "http://127.0.0.1:port", "http://127.0.0.1:65536", "http://127.0.0.1:0", "http://127.0.0.1:-1", "http://127.0.0.1:99999999999999999999",
    "127.0.0.1:70000", "http://a host:80", "http://[::1:80", "ftp://user:" .. PASSWORD .. "@127.0.0.1:21", "http://user:" .. PASSWORD .. "@:80",
    "http://user:" .. PASSWORD .. "@127.0.0.1:99999",
  }
  for _, proxy in ipairs(proxies) do
    it("is said when the client is made: proxy " .. proxy:gsub(PASSWORD, "...") .. " #harm16", function()
      local ok, message = pcall(client_with, { proxy = proxy })
      assert.is_false(ok)
      assert.truthy(message:find('option "proxy" cannot work', 1, true), message)
      assert.is_nil(message:find(PASSWORD, 1, true))
    end)
  end

  it("is said when the client is made: ca_file #harm16", function()
    local key = write_file "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END PRIVATE KEY-----\n"
    local cut = write_file "-----BEGIN CERTIFICATE-----\nMIIB\n"
    local text, empty = write_file "not a certificate\n", write_file ""
    for _, path in ipairs { "/nonexistent/ca.pem", "/", key, cut, text, empty, "ca.pem\1" } do
      local ok, message = pcall(client_with, { ca_file = path })
      assert.is_false(ok, path)
      assert.truthy(message:find('"ca_file"', 1, true), message)
    end
    for _, path in ipairs { key, cut, text, empty } do os.remove(path) end
  end)

  it("is said at the place where the client is made #harm16", function()
    local ok, message = pcall(function()
      local client = eko.client { developer_key = "k", access_key = "a", ca_file = "/nonexistent" } -- luacheck: ignore
      return client
    end)
    assert.is_false(ok)
    assert.truthy(message:find("^[^\n]*carrier_spec.lua:%d+: eko.client: "), message)
  end)

  it("is a proxy before a socket in the file system #harm16", function()
    assert.is_false((pcall(client_with, { base_url = "http://unix:/run/x.sock:/v3", proxy = "http://127.0.0.1:8080" })))
  end)

  it("is none that can", function()
    for _, proxy in ipairs { "http://127.0.0.1:8080", "HTTP://proxy.example:3128", "proxy.example:3128", "proxy.example", "http://[::1]:8080",
      "http://user:word@proxy.example:8080", "http://proxy.example:8080/", "socks4://127.0.0.1:1080", "socks4a://127.0.0.1:1080",
      "socks5://127.0.0.1:1080", "socks5h://127.0.0.1" } do
      assert(client_with { proxy = proxy })
    end
    assert(client_with { ca_file = bench.certificates.ca_file })
    -- A transport of the user's reads neither.
    assert(client_with { ca_file = "/nonexistent", proxy = "ftp://x", transport = function() end })
    assert(client_with { ca_file = "/nonexistent", environment = "emulator" })
  end)

  it("is each of them inside nginx, whatever it says #harm16", function()
    for name, value in pairs { ca_file = bench.certificates.ca_file, proxy = "http://127.0.0.1:8080" } do
      local job = nginx_carrier.call(bench.http, "levin", "get", { customer_id = nginx_carrier.mobile }, { [name] = value, timeout = 4.5 })
      local ok, answer = pcall(bench.ask, "/content", job)
      assert.is_false(ok, "a client was made that can make no call")
      assert.truthy(tostring(answer):find(('option "%s" cannot work'):format(name), 1, true), answer)
    end
  end)
end)
