-- The options headers and user_agent_suffix: what a program may add to what is sent, and what it may not.
local eko = require "eko"
local client_options = require "spec.support.client_options"
local raw_server = require "spec.support.raw_server"

local ANSWER, options_with = client_options.ANSWER, client_options.with
local HTTP = "HTTP/1.1 200 OK\r\ncontent-length: " .. #ANSWER .. "\r\n\r\n" .. ANSWER
local GET = { customer_id = "9444444444" }
local DRY = { dry_run = true }
local PAY = { method = "POST", path = "/pay", body = { client_ref_id = "R" } }

local function client_with(more)
  local client = eko.client(options_with(more))
  return client -- no tail call: Lua 5.1 could not name this line in an error
end

local function headers_of(client) return assert(client.levin:get(GET, DRY)).headers end

-- Each: headers that are refused, and what is said.
local WRONG = {
  { "x", "no table" }, { 5, "no table" }, { true, "no table" }, { { "x" }, "header name: " }, { { [""] = "x" }, "header name: " },
  { { ["a b"] = "x" }, "header name: " }, { { ["a:"] = "x" }, "header name: " }, { { ["a\r\nb"] = "x" }, "header name: " },
  { { ["a\0"] = "x" }, "header name: " }, { { ["\195\169"] = "x" }, "header name: " }, { { ["a/b"] = "x" }, "header name: " },
  { { [("a"):rep(129)] = "x" }, "header name: " },
  { { a = 5 }, "not a string" }, { { a = 1 }, "not a string" }, { { a = 2 }, "not a string" }, { { a = true }, "not a string" },
  { { a = {} }, "not a string" },
  { { a = "x\r\ny: z" }, "control character" }, { { a = "x\n" }, "control character" }, { { a = "\0" }, "control character" },
  { { a = "x\ty" }, "control character" }, { { a = "\127" }, "control character" }, { { a = "\r" }, "control character" },
  { { a = " x" }, "white space" }, { { a = "x " }, "white space" }, { { a = ("x"):rep(4097) }, "longer than 4096" },
  { { ["X-A"] = "1", ["x-a"] = "2" }, "given twice" },
}

-- Ours, however they are spelled.
for _, name in ipairs {
  "developer_key", "Developer_Key", "developer-key", "secret-key", "Secret-Key", "secret_key", "secret-key-timestamp", "secret_key_timestamp",
  "secret-key-other", "host", "Host", "HOST", "content-length", "Content_Length", "transfer-encoding", "Transfer-Encoding", "te", "trailer",
  "connection", "Keep-Alive", "upgrade", "expect", "proxy-connection", "proxy-authorization", "content-type", "content-encoding", "accept",
  "accept-encoding", "user-agent", "User_Agent", "range",
} do WRONG[#WRONG + 1] = { { [name] = "x" }, "set by the library itself" } end

local MANY = {}
for index = 1, 33 do MANY["x-" .. index] = "x" end
WRONG[#WRONG + 1] = { MANY, "more than 32" }

describe("the option headers", function()
  it("adds headers to each request, over our exchange and a transport, and copies them", function()
    local given = { ["X-Shop"] = "7", authorization = "Bearer abc.def", ["x-u"] = "caf\195\169", empty = "" }
    local server = raw_server.start { { { "read" }, { "send", HTTP }, { "read" }, { "send", HTTP } } }
    local options = options_with { headers = given, base_url = server.url, user_agent_suffix = "shop/1.2 till" }
    local theirs = headers_of(eko.client(options))
    options.transport = nil
    local ours = eko.client(options)
    given["X-Shop"], given.more = "8", "x"
    assert(ours.levin:get(GET))
    assert(ours:request { method = "POST", path = "/a", moves_money = false })
    local requests = server.requests()
    server.stop()
    assert.equal(2, #requests)
    for name, value in pairs { ["x-shop"] = "7", authorization = "Bearer abc.def", ["x-u"] = "caf\195\169", empty = "",
      developer_key = "key-1", ["user-agent"] = "lua-eko/" .. eko._VERSION .. " shop/1.2 till" } do
      assert.equal(value, theirs[name])
      for _, request in ipairs(requests) do assert.truthy(request:find("\r\n" .. name .. ": " .. value .. "\r\n", 1, true), name) end
    end
    assert.is_nil(requests[1]:find("more", 1, true))
  end)

  it("may be a function, which is asked for each attempt", function()
    local asked, seen = {}, {}
    local function make(info)
      asked[#asked + 1] = ("%s %s %s"):format(info.method, info.slug, info.client_ref_id or "-")
      return { ["X-Trace"] = "t" .. #asked }
    end
    local transport = function(request)
      seen[#seen + 1] = request.headers["x-trace"]
      if #seen == 1 then return nil, "lost" end
      return { status = 200, headers = {}, body = '{"status":0,"response_type_id":23}' }
    end
    for _, form in ipairs { make, setmetatable({}, { __call = function(_, info) return make(info) end }) } do
      asked, seen = {}, {}
      local client = client_with { headers = form, transport = transport }
      assert(client:call("ppi-levin-get-recipients", GET))
      assert.same({ "GET ppi-levin-get-recipients -", "GET ppi-levin-get-recipients -" }, asked)
      assert.same({ "t1", "t2" }, seen)
      assert.equal("t3", headers_of(client)["x-trace"])
      assert(client:request { method = "POST", path = "/a", body = { client_ref_id = "R" }, moves_money = false })
      assert.equal("POST POST request R", asked[4])
    end
    local server = raw_server.start { { { "read" }, { "send", HTTP }, { "read" }, { "send", HTTP } } }
    local options = options_with { headers = make, base_url = server.url }
    options.transport, asked = nil, {}
    local client = eko.client(options)
    for _ = 1, 2 do assert(client.levin:get(GET)) end
    local requests = server.requests()
    server.stop()
    for index = 1, 2 do assert.truthy(requests[index]:find("\r\nx-trace: t" .. index .. "\r\n", 1, true)) end
  end)

  it("may be a function that has none to add", function()
    for _, none in ipairs { function() end, function() return nil end, function() return {} end } do
      assert.is_nil(headers_of(client_with { headers = none })["x-trace"])
    end
  end)

  it("refuses what would break a request or take the place of ours, and shows no value", function()
    for index, row in ipairs(WRONG) do
      local ok, problem = pcall(function() client_with { headers = row[1] } end)
      assert.is_false(ok, index)
      assert.truthy(problem:find('headers_spec%.lua:%d+: eko%.client: option "headers" must be'), problem)
      assert.truthy(problem:find(row[2], 1, true), problem)
      assert.is_nil(problem:find("y: z", 1, true))
    end
  end)

  it("refuses the same from a function, before anything is sent or signed", function()
    local sent = 0
    local function transport()
      sent = sent + 1
      return { status = 200, headers = {}, body = ANSWER }
    end
    for _, direct in ipairs { false, true } do
      for index, row in ipairs(WRONG) do
        local options = options_with { headers = function() return row[1] end, clock = function() return 1700000000000 end }
        options.transport = not direct and transport or nil
        local client = eko.client(options)
        for _, call in ipairs {
          function() return client.levin:get(GET) end, function() return client:request(PAY) end, function() return client.levin:get(GET, DRY) end,
        } do
          local answer, err = call()
          assert.is_nil(answer, index)
          assert.same({ "invalid_request", "invalid_headers", false, false }, { err.kind, err.name, err.sent, err.retryable })
          assert.truthy(err.message:find(row[2], 1, true), err.message)
        end
        local _, err = client:request(PAY)
        assert.equal("not_sent", err.state)
        assert.equal("1700000000000", eko.client(options_with { clock = options.clock }).levin:get(GET, DRY).headers["secret-key-timestamp"])
      end
    end
    assert.equal(0, sent)
  end)

  it("tells a function that raises, and sends nothing", function()
    local sent, events = 0, {}
    for _, raised in ipairs { "oops key-1 9444444444", { "a table" }, 5, false, setmetatable({}, { __tostring = error }) } do
      local client = client_with {
        headers = function() error(raised, 0) end, transport = function() sent = sent + 1 end,
        on_exchange = function(event) events[#events + 1] = event end,
      }
      for _, call in ipairs { function() return client.levin:get(GET) end, function() return client:request(PAY) end } do
        local answer, err = call()
        assert.is_nil(answer)
        assert.same({ "invalid_request", "invalid_headers", false }, { err.kind, err.name, err.sent })
        assert.truthy(err.message:find("the option headers raised an error", 1, true), err.message)
        assert.is_nil(err.message:find("key-1", 1, true))
      end
    end
    assert.equal(0, sent)
    assert.equal(10, #events)
    for _, event in ipairs(events) do assert.is_false(event.sent) end
  end)

  it("shows no value in what a transport says", function()
    for _, headers in ipairs { { authorization = "Bearer abcdefgh" }, function() return { authorization = "Bearer abcdefgh" } end } do
      local client = client_with { headers = headers, retries = 0, transport = function(request)
        return nil, { name = "x", message = "sent " .. request.headers.authorization }
      end }
      local _, err = client.levin:get(GET)
      assert.is_nil(tostring(err):find("abcdefgh", 1, true), tostring(err))
    end
  end)
end)

describe("the option user_agent_suffix", function()
  it("is products, and nothing else", function()
    for _, good in ipairs { "a", "shop/1.2", "shop/1.2 till/0.1-beta+3", "x y z", ("x"):rep(128) } do
      assert.equal("lua-eko/" .. eko._VERSION .. " " .. good, headers_of(client_with { user_agent_suffix = good })["user-agent"])
    end
    for _, bad in ipairs { "", " ", "a ", " a", "a  b", "a/", "/1", "a/1/2", "a\r\nb", "a\n", "a\0", "a(b)", "a;b", "a,b", "caf\195\169", "a\tb",
      ("x"):rep(129), 5, {}, false } do
      local ok, problem = pcall(function() client_with { user_agent_suffix = bad } end)
      assert.is_false(ok, tostring(bad))
      assert.truthy(problem:find('headers_spec%.lua:%d+: eko%.client: option "user_agent_suffix" must be products'), problem)
    end
  end)
end)
