-- How long a connection may wait for its next request: over libcurl and, inside a real nginx, over cosockets. The server counts
-- the connections that reach it.
local core = require "eko.core"
local curl = require "eko.carrier.curl"
local emulator_server = require "spec.support.emulator_server"
local exchange = require "eko.exchange"
local nginx_carrier = require "spec.support.nginx_carrier"
local raw_server = require "spec.support.raw_server"

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

-- Answers with a header Keep-Alive, on a connection that stays open: { the header lines, idle seconds, whether the connection is used
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
}

local function keep_alive_script(line)
  local answer = "HTTP/1.1 200 OK\r\n" .. line .. "content-length: 2\r\n\r\nok"
  return { { { "read" }, { "send", answer }, { "read" }, { "send", answer }, { "sleep", 0.2 } }, { { "read" }, { "send", answer } } }
end

local function request_to(origin, fresh)
  return { method = "POST", url = origin .. "/a", headers = { ["content-type"] = "application/json" }, body = "{}", fresh = fresh }
end

local transport = exchange.new {}

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
