-- How long a connection may wait for its next request: over libcurl and, inside a real nginx, over cosockets. The server counts
-- the connections that reach it.
local core = require "eko.core"
local curl = require "eko.carrier.curl"
local emulator_server = require "spec.support.emulator_server"
local exchange = require "eko.exchange"
local nginx_carrier = require "spec.support.nginx_carrier"

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
