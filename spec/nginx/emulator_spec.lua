-- The emulator as a location of nginx: who may read its SMS, and its faults on nginx's wire.
local caller = require "spec.support.emulator_caller"
local core = require "eko.core"
local nginx = require "spec.support.nginx"
local socket = require "socket"

local mobile = "9444444444"
local KEYS = { developer_key = "developer-key-of-specs", access_key = "access-key-of-specs" }
local LOAD = "/customer/payment/ppi-digikhata/sender/" .. mobile .. "/wallet/loadwallet"
local DATE = "Thu, 01 Jan 1970 00:00:00 GMT"

describe("the emulator in nginx", function()
  local server, signed

  setup(function()
    server = nginx.start {
      ports = { "emulator" },
      files = { ["lua/mounted.lua"] = [[
        local emulated = require("eko.emulator.nginx").new { developer_key = "developer-key-of-specs", access_key = "access-key-of-specs",
          customers = { ["9444444444"] = { levin = "active", digikhata = "active" } } }
        function emulated:control()
          ngx.req.read_body()
          ngx.print(tostring(assert(loadstring("local platform = ... " .. ngx.req.get_body_data()))(self.platform)))
        end
        return emulated
      ]] },
      http = [[
        underscores_in_headers on;
        server {
          listen 127.0.0.1:{{emulator}};
          location /ekoapi/ { content_by_lua_block { require("mounted"):serve() } }
          location = /sms { content_by_lua_block { require("mounted"):sms() } }
          location = /control { content_by_lua_block { require("mounted"):control() } }
        }
      ]],
    }
    signed = caller.new { developer_key = KEYS.developer_key, access_key = KEYS.access_key, base = "/ekoapi/v3", clock = core.text.now_ms }
  end)

  teardown(function() server:stop() end)

  --- Everything that comes for some lines and a body, until the connection ends or falls silent.
  local function exchange(lines, body)
    local client = assert(socket.connect("127.0.0.1", server.ports.emulator))
    client:settimeout(0.5)
    if body then lines[#lines + 1] = "Content-Length: " .. #body end
    assert(client:send(table.concat(lines, "\r\n") .. "\r\n\r\n" .. (body or "")))
    local whole, _, partial = client:receive "*a"
    client:close()
    return whole or partial
  end

  local function control(code)
    return exchange({ "POST /control HTTP/1.1", "Host: 127.0.0.1", "Connection: close" }, code):match "\r\n\r\n%x+\r\n(.-)\r\n"
  end

  local function call(method, path, params)
    local request = signed(method, path, params)
    local lines = { method .. " " .. request.url .. " HTTP/1.1", "Host: 127.0.0.1" }
    for name, value in pairs(request.headers) do lines[#lines + 1] = name .. ": " .. value end
    return exchange(lines, request.body)
  end

  it("shows SMS to who asks for this machine by its own names", function()
    assert.truthy(call("GET", "/customer/payment/ppi-levin/sender/" .. mobile):find "^HTTP/1.1 200")
    local names = {
      ["127.0.0.1"] = 200, ["127.0.0.1:8080"] = 200, localhost = 200, ["LOCALHOST:1"] = 200, ["[::1]:8080"] = 200, ["127.0.0.9"] = 200,
      ["rebound.example"] = 403, ["127.0.0.1.rebound.example"] = 403, ["localhost.rebound.example:80"] = 403, ["10.0.0.1"] = 403,
    }
    for name, status in pairs(names) do
      local answer = exchange { "GET /sms HTTP/1.1", "Host: " .. name, "Connection: close" }
      assert.equal(status, tonumber(answer:match "^HTTP/1.1 (%d+)"), name)
      assert.equal(status == 200, answer:find('"otp"', 1, true) ~= nil, name)
    end
  end)

  it("does the faults of the money rules, and counts debits", function()
    local cases = {
      { [[{ kind = "answer", status = 409, commit = true, body = "" }]], "^HTTP/1.1 409 ", 1 },
      { [[{ kind = "answer", status = 206, commit = true }]], '^HTTP/1.1 206 .*"response_type_id":2447', 1 },
      { [[{ kind = "auth", code = 2485, http = 403 }]], '^HTTP/1.1 403 .*"status":2485', 0 },
      { [[{ kind = "auth", code = 2485, date = "]] .. DATE .. [[" }]], "\r\n[Dd]ate: " .. DATE:gsub("%p", "%%%0"), 0 },
      { [[{ kind = "balancer" }]], '^HTTP/1.1 401 .*"status":2485', 1 },
      { [[{ kind = "balancer", copy = "debits", answer = "first" }]], "^HTTP/1.1 200 ", 2 },
      { [[{ kind = "interim" }]], "^HTTP/1.1 100 Interim\r\n\r\n$", 1 },
      { [[{ kind = "cut", bytes = 20 }]], "^HTTP/1.1 200 OK\r\n...$", 1 },
      { [[{ kind = "altered", duplicate = { ["data.tid"] = "9" } }]], '"tid":"3%d+","tid":"9"', 1 },
    }
    for index, case in ipairs(cases) do
      local reference = "load-" .. index
      control("platform:fault " .. case[1])
      local answer = call("POST", LOAD, { amount = "250", org_id = "1", client_ref_id = reference })
      assert.truthy(answer:find(case[2]), index .. ": " .. answer)
      assert.equal(("%d"):format(case[3]), control(("return platform:debits %q"):format(reference)), index)
    end
  end)
end)
