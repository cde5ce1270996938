-- What the endpoints of `eko.nginx` take: requests of pages and of strangers, input as it was typed; and what they say of it.
local journey = require "spec.support.journey"
local json = require "eko.base.json"
local shell = require "spec.support.shell"
local shops = require "spec.support.shop"

local person = journey.person

describe("eko.nginx", function()
  local shop
  setup(function() shop = shops.start { workers = 4 } end)
  teardown(function() shop:stop_clean() end)

  local function needs_of(step) return table.concat(step.needs or {}, " ") end

  it("says what is wrong with an input where it was typed", function()
    local agent, customer = shop:agent "dict", shop:new_customer()
    local step, answer = agent:start("levin", customer)
    assert.equal("name dob residence_address", needs_of(step))
    assert.equal(200, answer.status)
    local problem
    problem, answer = agent:advance { name = person.name, dob = "1990-02-30", residence_address = person.residence_address }
    assert.equal(422, answer.status)
    assert.equal("application/problem+json", answer.headers["content-type"])
    assert.equal("invalid_input", problem.name)
    assert.truthy(problem.invalid_params.dob:find "YYYY%-MM%-DD")
    assert.equal("details", problem.step.state)
    assert.equal("dob", needs_of(problem.step))
    step = agent:advance { dob = person.dob }
    assert.equal("otp", step.state)
  end)

  it("takes blank input for none, and blanks around a value off", function()
    local agent, customer = shop:agent "dict", shop:new_customer()
    agent:start("levin", customer)
    local given = { name = person.name, dob = person.dob, residence_address = person.residence_address }
    for _, blank in ipairs { "", " ", "\t\n", "\194\160", "\226\128\139\226\128\139", "\239\187\191", "\227\128\128 " } do
      for _, name in ipairs { "name", "dob" } do
        local inputs = { name = given.name, dob = given.dob, residence_address = given.residence_address }
        inputs[name] = blank
        local problem, answer = agent:advance(inputs)
        assert.equal(422, answer.status, answer.body)
        assert.equal("string", type(problem.invalid_params[name]), ("%s = %q"):format(name, blank))
        assert.equal(name, needs_of(problem.step), ("%s = %q"):format(name, blank))
      end
      agent, customer = shop:agent "dict", shop:new_customer()
      agent:start("levin", customer)
    end
    local step = agent:advance { name = "\194\160" .. given.name .. "\226\128\139", dob = "\239\187\191" .. given.dob .. "\r\n",
      residence_address = given.residence_address }
    assert.equal("otp", step.state)
    assert.equal("aadhaar", agent:advance({ otp = " " .. shop:otp(customer) .. "\194\160" }).state)
  end)

  it("skips a byte-order mark, and names what is no UTF-8", function()
    local customer = shop:new_customer()
    local fine = json.encode { wallet = "levin", customer_id = customer }
    for _, body in ipairs { "\239\187\191" .. fine, "\239\187\191\239\187\191" .. fine, "\r\n" .. fine .. "\r\n" } do
      local step, answer = shop:agent("dict"):send("start", nil, { body = body })
      assert.equal(200, answer.status, answer.body)
      assert.equal("details", step.state)
    end
    for _, body in ipairs { "\255\254" .. fine:gsub(".", "%0\0"), "\254\255" .. fine:gsub(".", "\0%0"), fine:gsub(".", "%0\0") .. "", fine .. "\0" } do
      local problem, answer = shop:agent("dict"):send("start", nil, { body = body })
      assert.equal(400, answer.status)
      assert.equal("malformed_request", problem.name)
      assert.truthy(problem.detail:find("UTF-16", 1, true), problem.detail)
    end
  end)

  it("refuses what another site could send", function()
    local agent = shop:agent "dict"
    local body = { wallet = "levin", customer_id = shop:new_customer() }
    local own = "http://127.0.0.1:" .. shop.app.ports.app
    for _, headers in ipairs {
      { ["x-requested-with"] = false }, { ["x-requested-with"] = "" }, { origin = false }, { origin = "null" },
      { origin = "https://evil.example" }, { origin = own .. ".evil.example" }, { origin = own:gsub("http", "https") },
      { ["sec-fetch-site"] = "cross-site" }, { ["sec-fetch-site"] = "same-site" },
    } do
      shop:problem(403, "cross_site", agent:send("start", body, { headers = headers }))
    end
    shop:problem(403, "cross_site", agent:send("resume", nil, { method = "GET", headers = { ["x-requested-with"] = false } }))
    shop:problem(403, "cross_site", agent:send("resume", nil, { method = "GET", headers = { origin = "https://evil.example" } }))
    assert.same({}, agent.cookies)
    assert.equal(200, select(2, agent:send("start", body, { headers = { ["sec-fetch-site"] = "same-origin" } })).status)
    shop:problem(403, "cross_site", shop:agent("secure"):send("start", body))
  end)

  it("refuses what is not a JSON object of a fair size", function()
    local agent, customer = shop:agent "dict", shop:new_customer()
    local fine = { wallet = "levin", customer_id = customer }
    for _, content_type in ipairs { false, "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "multipart/form-data" } do
      shop:problem(415, "wrong_content_type", agent:send("start", fine, { headers = { ["content-type"] = content_type } }))
    end
    for _, body in ipairs { "", "{", "[]", "[{}]", "\"x\"", "1", "null", "{\"wallet\":NaN}", "{\"a\":1}{", "\255" } do
      shop:problem(400, "malformed_request", agent:send("start", nil, { body = body }))
    end
    local _, answer = agent:send("start", fine, { headers = { ["content-type"] = "application/json; charset=utf-8" } })
    assert.equal(200, answer.status)
    shop:problem(413, "request_too_large", agent:send("advance", nil, { body = "{\"x\":\"" .. ("y"):rep(20000) .. "\"}" }))
    local chunked = ("1000\r\n" .. ("y"):rep(4096) .. "\r\n"):rep(6) .. "0\r\n\r\n"
    shop:problem(413, "request_too_large", agent:send("advance", nil,
      { body = chunked, headers = { ["transfer-encoding"] = "chunked", ["content-length"] = false } }))
    local _, small = agent:send("start", nil, { path = "/small/start", body = "{\"x\":\"" .. ("y"):rep(9000) .. "\"}" })
    assert.equal(500, small.status)
    assert.truthy(shop.app:error_log():find('put "client_body_buffer_size 16384;" into nginx.conf', 1, true))
  end)

  it("refuses other methods, naming those that fit", function()
    local agent = shop:agent "dict"
    local problem, answer = agent:send("start", nil, { method = "GET" })
    shop:problem(405, "method_not_allowed", problem, answer)
    assert.equal("POST", answer.headers.allow)
    problem, answer = agent:send("resume", nil, { method = "DELETE" })
    shop:problem(405, "method_not_allowed", problem, answer)
    assert.equal("GET, POST", answer.headers.allow)
  end)

  it("says which member of a request is wrong", function()
    local agent = shop:agent "dict"
    local customer = shop:new_customer()
    for _, case in ipairs {
      { {}, "wallet" }, { { wallet = "levine", customer_id = customer }, "wallet" }, { { wallet = 1, customer_id = customer }, "wallet" },
      { { wallet = "levin" }, "customer_id" }, { { wallet = "levin", customer_id = "944" }, "customer_id" },
      { { wallet = "levin", customer_id = 944 }, "customer_id" }, { { wallet = "levin", customer_id = "\194\160" }, "customer_id" },
      { { wallet = "levin", customer_id = { "9444444444" } }, "customer_id" },
    } do
      local problem = shop:problem(422, "invalid_input", agent:send("start", case[1]))
      assert.equal("string", type(problem.invalid_params[case[2]]), case[2] .. " is not named")
    end
    shop:problem(422, "invalid_input", shop:agent("levin_only"):send("start", { wallet = "fino", customer_id = customer }))
    agent:start("levin", customer)
    shop:problem(422, "invalid_input", agent:advance { nam = "x" })
    shop:problem(422, "invalid_input", agent:advance { customer_id = shop:new_customer() })
    shop:problem(422, "invalid_input", agent:advance "x")
    shop:problem(422, "invalid_input", agent:advance { "x" })
    assert.equal("details", agent:resume().state)
  end)

  it("limits what is tried for one customer, over all workers", function()
    local customer = shop:new_customer()
    local agent = shop:agent "limited"
    local step = agent:start("levin", customer)
    agent:advance(shop:answers(step, customer))
    assert.equal(200, select(2, agent:resend()).status)
    local problem, answer = agent:resend()
    shop:problem(429, "too_many_attempts", problem, answer)
    assert.is_true(tonumber(answer.headers["retry-after"]) > 50)
    assert.equal(200, select(2, agent:advance { otp = "000000" }).status)
    assert.equal(200, select(2, agent:advance { otp = "000000" }).status)
    shop:problem(429, "too_many_attempts", agent:advance { otp = shop:otp(customer) })
    assert.equal("otp", agent:resume().state)
    assert.equal(200, select(2, shop:agent("limited"):start("fino", customer)).status)
    shop:problem(429, "too_many_attempts", shop:agent("limited"):start("levin", customer))
    assert.equal(200, select(2, shop:agent("limited"):start("levin", shop:new_customer())).status)
  end)

  it("says that the store is not there, and which", function()
    local agent = shop:agent "no_redis"
    local problem, answer = agent:start("levin", shop:new_customer())
    shop:problem(503, "store_unavailable", problem, answer)
    assert.equal("store_unavailable", problem.cause)
    assert.is_nil(answer.body:find("redis.sock", 1, true))
    assert.equal("1", answer.headers["retry-after"])
    agent.cookies.eko_journey, agent.journey = "abcdefgh", "a-page-s-journey"
    shop:problem(503, "store_unavailable", agent:resume())
    shop:problem(503, "store_unavailable", agent:advance {})
    assert.truthy(shop.app:error_log():find("store_unavailable: Redis at unix:", 1, true))
  end)

  it("answers when something raised, and says no more than that", function()
    local agent = shop:agent "raising"
    local _, answer = agent:start("levin", shop:new_customer())
    shop:problem(500, "internal_error", json.decode(answer.body), answer)
    assert.is_nil(answer.body:find("could not be made", 1, true))
    assert.truthy(shop.app:error_log():find("the client could not be made", 1, true))
  end)

  it("works in the access and rewrite phases, and over HTTP/2", function()
    for _, phase in ipairs { "access", "rewrite" } do
      local _, answer = shop:agent("dict"):send("start", { wallet = "levin", customer_id = shop:new_customer() }, { path = "/dict/" .. phase })
      assert.equal(200, answer.status, phase)
      assert.equal("details", json.decode(answer.body).state, phase)
    end
    local port = shop.app.ports.app_h2
    local text = shell.output_of(("curl -s --http2-prior-knowledge -i -H 'X-Requested-With: eko' -H 'Content-Type: application/json' "
      .. "-H 'Origin: http://127.0.0.1:%d' -d '{\"wallet\":\"levin\",\"customer_id\":\"%s\"}' http://127.0.0.1:%d/dict/start"):format(
      port, shop:new_customer(), port))
    assert.truthy(text:find "^HTTP/2 200")
    assert.truthy(text:find('"state":"details"', 1, true))
    assert.truthy(text:find "set%-cookie: eko_journey=")
  end)
end)
