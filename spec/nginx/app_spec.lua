local journey = require "spec.support.journey"
local json = require "eko.base.json"
local load = require "spec.support.nginx_load"
local shell = require "spec.support.shell"
local shops = require "spec.support.shop"
local socket = require "socket"

local person = journey.person

-- EKO_RELOAD_SECONDS makes it shorter on a developer's machine.
local RELOAD_SECONDS = tonumber(os.getenv "EKO_RELOAD_SECONDS" or 30)

describe("eko.nginx", function()
  local shop, last
  setup(function()
    shop = shops.start { workers = 4 }
    last = 9444440000
  end)

  local everything = {}
  teardown(function()
    local log = shop:stop()
    -- What no answer and no line of the log may hold.
    for _, secret in ipairs { "access-key-of-specs", ("k"):rep(31), person.aadhar, person.pan_number, "c3ludGhldGlj" } do
      assert.is_nil(log:find(secret, 1, true), "in the error log: " .. secret)
      for _, answer in ipairs(everything) do
        assert.is_nil(answer.body:find(secret, 1, true), "in an answer: " .. secret)
        assert.is_nil(answer.head:find(secret, 1, true), "in a head: " .. secret)
      end
    end
    for _, answer in ipairs(everything) do
      for _, name in ipairs { "wallet_token", "otp_ref_id", "kyc_request_id", "consent_id", "eko1_" } do
        assert.is_nil(answer.body:find(name, 1, true), name .. " in " .. answer.body)
      end
    end
    assert.is_nil(log:find "%[error%].*stack traceback")
  end)

  -- Every test has a customer of its own.
  local function new_customer()
    last = last + 1
    return ("%.0f"):format(last)
  end

  local function agent_of(app)
    local agent = shop:agent(app)
    setmetatable(agent.answers, { __newindex = function(list, index, answer)
      rawset(list, index, answer)
      everything[#everything + 1] = answer
    end })
    return agent
  end

  local function needs_of(step) return table.concat(step.needs or {}, " ") end

  local function answers_for(step, customer)
    return journey.answers(step, function() return shop:otp(customer) end)
  end

  -- To the end, a wrong OTP at each OTP on the way.
  local function onboard(agent, wallet, customer, visit)
    local step, answer = agent:start(wallet, customer)
    local trail, wrong = {}, {}
    for _ = 1, 20 do
      assert.equal(200, answer.status, answer.body)
      trail[#trail + 1] = step.state
      assert.equal(agent.journey, step.journey)
      if step.done then return step, trail end
      if visit then visit(step, agent) end
      local given = answers_for(step, customer)
      if given.otp and not wrong[step.state] then
        wrong[step.state] = true
        local state = step.state
        step, answer = agent:advance({ otp = journey.wrong(given.otp) }, state)
        assert.equal(200, answer.status)
        assert.equal(state, step.state)
        -- Levin tells a wrong Aadhaar OTP in words of its own.
        local is_levin = step.wallet == "levin" and state == "aadhaar_otp"
        assert.equal(is_levin and "otp_verification_failed" or "wrong_otp", step.error.name)
      else
        step, answer = agent:advance(given, step.state)
      end
    end
    error("the journey does not end")
  end

  local RAILS = {
    levin = { "details", "otp", "otp", "aadhaar", "aadhaar_otp", "aadhaar_otp", "pan", "done" },
    digikhata = { "details", "otp", "otp", "consent_language", "aadhaar", "aadhaar_otp", "aadhaar_otp", "pan", "done" },
    fino = { "details", "ekyc", "ekyc_otp", "ekyc_otp", "done" },
    -- The details that were given for the customer serve the wallet that was chosen, too.
    customer = { "details", "otp", "otp", "choice", "otp", "aadhaar", "aadhaar_otp", "aadhaar_otp", "pan", "done" },
  }

  for _, store in ipairs { "cookie", "dict", "redis" } do
    for wallet, expected in pairs(RAILS) do
      it(("carries a %s customer to the end, with the store %s"):format(wallet, store), function()
        local agent, customer = agent_of(store), new_customer()
        local step, trail = onboard(agent, wallet, customer)
        assert.same(expected, trail)
        if wallet ~= "fino" then
          assert.is_true(#step.customer_profile.chart > 0)
          assert.equal("number", type(step.customer_profile.chart[1].data.remaining))
        end
        assert.same({}, agent.cookies)
        local problem, answer = agent:resume()
        assert.equal(401, answer.status)
        assert.equal("no_journey", problem.name)
      end)
    end

    it("shows where a journey stands when the page is loaded again, with the store " .. store, function()
      local agent, customer, seen = agent_of(store), new_customer(), {}
      onboard(agent, "digikhata", customer, function(step, here)
        local again, answer = here:resume()
        assert.equal(200, answer.status, answer.body)
        assert.equal(step.state, again.state)
        assert.same(step.needs, again.needs)
        assert.same(step.consent, again.consent)
        assert.same(step.choices, again.choices)
        seen[step.state] = true
      end)
      assert.is_true(seen.consent_language and seen.aadhaar and seen.pan)
    end)

    it("has one of two equal requests win, with the store " .. store, function()
      for _ = 1, 5 do
        local agent, customer = agent_of(store), new_customer()
        local step = agent:start("levin", customer)
        step = agent:advance(answers_for(step, customer))
        assert.equal("otp", step.state)
        shop:platform 'platform:fault { kind = "delay", seconds = 0.2, times = 1 }'
        local request = agent:request_of("advance", { journey = agent.journey, inputs = { otp = shop:otp(customer) }, state = "otp" })
        local clients, statuses = {}, {}
        for i = 1, 6 do clients[i] = assert(shop.app:begin(request)) end
        for i = 1, 6 do
          local answer = assert(shop.app:finish(clients[i]))
          statuses[answer.status] = (statuses[answer.status] or 0) + 1
          if answer.status == 200 then
            agent:remember(answer)
          else
            assert.equal("journey_busy", json.decode(answer.body).name)
            assert.equal("1", answer.headers["retry-after"])
            assert.same({}, answer.cookies)
          end
        end
        assert.same({ [200] = 1, [409] = 5 }, statuses)
        assert.equal("aadhaar", agent:resume().state)
      end
    end)

    it("goes on after a reload of nginx, with the store " .. store, function()
      local agent, customer = agent_of(store), new_customer()
      agent:advance(answers_for(agent:start("levin", customer), customer))
      shop.app:reload()
      local step, answer = agent:resume()
      assert.equal(200, answer.status)
      assert.equal("otp", step.state)
      assert.equal("aadhaar", agent:advance({ otp = shop:otp(customer) }, "otp").state)
    end)
  end

  it("goes on with a cookie when nginx was lost, and with Redis", function()
    for _, store in ipairs { "cookie", "redis" } do
      local agent, customer = agent_of(store), new_customer()
      agent:advance(answers_for(agent:start("levin", customer), customer))
      for _, pid in ipairs(shop.app:workers()) do shop.app:kill_worker(pid) end
      local deadline = socket.gettime() + 10
      local answer
      repeat
        answer = shop.app:try(agent:request_of("resume", nil, { method = "GET" }))
      until answer or socket.gettime() > deadline
      assert.equal(200, answer.status)
      assert.equal("otp", json.decode(answer.body).state)
    end
  end)

  it("loses no journey to a reload every second and a killed worker, with a cookie or Redis", function()
    local driver = load.driver()
    local busy = load.begin(driver, { unix = shop.app.prefix .. "/app.sock", path = "/cookie/resume", seconds = RELOAD_SECONDS,
      concurrency = 16, headers = "x-requested-with: eko\r\n" })
    local started, reloads, done, in_flight, killed = socket.gettime(), 0, 0, 0, false
    local function is_over() return socket.gettime() - started > RELOAD_SECONDS end

    -- One step of a journey; once a second nginx reloads while it is under way.
    local function advance(agent, step, customer)
      local inputs = answers_for(step, customer)
      shop:platform 'platform:fault { kind = "delay", seconds = 0.1, times = 1 }'
      local client = assert(shop.app:begin(agent:request_of("advance", { journey = agent.journey, inputs = inputs, state = step.state })))
      if socket.gettime() - started > reloads + 1 then
        reloads, in_flight = reloads + 1, in_flight + 1
        shop.app:signal "HUP"
      end
      local answer = assert(shop.app:finish(client))
      assert.equal(200, answer.status, answer.body)
      agent:remember(answer)
      return assert(json.decode(answer.body))
    end

    while not is_over() do
      for _, store in ipairs { "cookie", "redis" } do
        local agent, customer = agent_of(store), new_customer()
        local step = agent:start("levin", customer)
        while not step.done do
          step = advance(agent, step, customer)
          if not killed and socket.gettime() - started > RELOAD_SECONDS / 2 then
            killed = true
            shop.app:kill_worker(shop.app:workers()[1])
          end
        end
        assert.same({}, agent.cookies)
        done = done + 1
      end
    end
    local told = load.finish(busy)
    driver:stop()
    -- Without a cookie there is no journey: that is what each of the others was told.
    for text in pairs(told.refused) do assert.truthy(text:find("no_journey", 1, true), text) end
    local lost = 0
    for _, count in pairs(told.lost) do lost = lost + count end
    assert.is_true(lost <= 16, lost .. " requests had no answer")
    assert.is_true(killed and done > RELOAD_SECONDS / 2 and in_flight > RELOAD_SECONDS / 2,
      ("%d journeys, %d reloads during a step"):format(done, in_flight))
  end)

  it("keeps the journey in one cookie where there is no server state, and an id alone where there is", function()
    local customer = new_customer()
    local agent = agent_of "cookie"
    local _, answer = agent:start("levin", customer)
    assert.equal(200, answer.status, answer.body)
    assert.equal(2, #answer.cookies)
    assert.is_true(#agent.cookies.eko_state < 2100)
    agent = agent_of "dict"
    _, answer = agent:start("levin", new_customer())
    assert.equal(1, #answer.cookies)
    assert.equal(24, #agent.cookies.eko_journey)
    assert.truthy(answer.cookies[1]:find("Path=/; Max-Age=1800; HttpOnly; SameSite=Strict", 1, true))
    assert.is_nil(answer.cookies[1]:find("Secure", 1, true))
    agent = agent_of "secure"
    _, answer = agent:send("start", { wallet = "levin", customer_id = new_customer() }, { headers = { origin = "https://shop.example" } })
    assert.equal(200, answer.status, answer.body)
    assert.truthy(answer.cookies[1]:find "^__Host%-eko_journey=[%w_-]+; Path=/; Max%-Age=1800; HttpOnly; SameSite=Strict; Secure$")
    assert.equal("no-store", answer.headers["cache-control"])
    assert.equal("nosniff", answer.headers["x-content-type-options"])
  end)

  it("does not open a token under another id", function()
    local one, two = agent_of "cookie", agent_of "cookie"
    one:start("levin", new_customer())
    two:start("levin", new_customer())
    two.cookies.eko_state = two.cookies.eko_journey .. "." .. one.cookies.eko_state:match "%.(.*)$"
    local problem, answer = two:resume()
    assert.equal(401, answer.status)
    assert.equal("no_journey", problem.name)
    assert.equal("wrong_token_context", problem.cause)
    assert.same(nil, two.cookies.eko_journey)
    one.cookies.eko_state = one.cookies.eko_state:sub(1, -3) .. "xx"
    assert.equal(401, select(2, one:resume()).status)
    one.cookies.eko_journey = "../../x; y"
    assert.equal(401, select(2, one:advance {}).status)
  end)

  it("keeps nothing of a customer's in Redis in the clear", function()
    shop.redis:command "FLUSHALL"
    local agent, customer = agent_of "redis", new_customer()
    agent:advance(answers_for(agent:start("levin", customer), customer))
    local keys = shop.redis:command "KEYS *"
    assert.equal(1, #keys)
    local value = shop.redis:command("GET " .. keys[1])
    assert.truthy(value:find "^eko1_[%w_-]+$")
    assert.is_nil((keys[1] .. value):find(customer, 1, true))
  end)

  it("forgets a journey after its time, and when it is told to", function()
    local agent = agent_of "brief"
    agent:start("levin", new_customer())
    assert.equal(200, select(2, agent:resume()).status)
    socket.sleep(2.1)
    local problem, answer = agent:resume()
    assert.equal(401, answer.status)
    assert.equal("no_journey", problem.name)
    for _, store in ipairs { "cookie", "dict", "redis" } do
      agent = agent_of(store)
      agent:start("levin", new_customer())
      local before = agent.cookies.eko_journey
      assert.equal(204, select(2, agent:cancel()).status)
      agent.cookies.eko_journey = before
      assert.equal(401, select(2, agent:resume()).status)
    end
  end)

  it("replaces a journey that was begun before", function()
    local agent = agent_of "dict"
    agent:start("levin", new_customer())
    local first = agent.cookies.eko_journey
    agent:start("fino", new_customer())
    assert.not_equal(first, agent.cookies.eko_journey)
    local old = agent_of "dict"
    old.cookies.eko_journey = first
    assert.equal(401, select(2, old:resume()).status)
    assert.equal("fino", agent:resume().wallet)
  end)

  it("sends another OTP, and says when there is none to send", function()
    local agent, customer = agent_of "dict", new_customer()
    local step = agent:start("levin", customer)
    local problem, answer = agent:resend()
    assert.equal(409, answer.status)
    assert.equal("nothing_to_resend", problem.name)
    step = agent:advance(answers_for(step, customer))
    assert.is_true(step.can_resend)
    local before = #shop:sms(customer)
    step, answer = agent:resend()
    assert.equal(200, answer.status)
    assert.equal("otp", step.state)
    assert.equal(before + 1, #shop:sms(customer))
    assert.equal("******" .. customer:sub(-4), step.otp.to)
  end)

  it("says what is wrong with an input where it was typed", function()
    local agent, customer = agent_of "dict", new_customer()
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
    local agent, customer = agent_of "dict", new_customer()
    agent:start("levin", customer)
    local given = { name = person.name, dob = person.dob, residence_address = person.residence_address }
    for _, blank in ipairs { "", " ", "\t\n", "\194\160", "\226\128\139\226\128\139", "\239\187\191", "\227\128\128 " } do
      for _, name in ipairs { "name", "dob" } do
        local inputs = { name = given.name, dob = given.dob, residence_address = given.residence_address }
        inputs[name] = blank
        local problem, answer = agent:advance(inputs)
        assert.equal(422, answer.status, answer.body)
        assert.equal("string", type(problem.invalid_params[name]))
        assert.equal(name, needs_of(problem.step))
      end
      agent, customer = agent_of "dict", new_customer()
      agent:start("levin", customer)
    end
    local step = agent:advance { name = "\194\160" .. given.name .. "\226\128\139", dob = "\239\187\191" .. given.dob .. "\r\n",
      residence_address = given.residence_address }
    assert.equal("otp", step.state)
    assert.equal("aadhaar", agent:advance({ otp = " " .. shop:otp(customer) .. "\194\160" }).state)
  end)

  it("skips a byte-order mark, and names what is no UTF-8", function()
    local customer = new_customer()
    local fine = json.encode { wallet = "levin", customer_id = customer }
    for _, body in ipairs { "\239\187\191" .. fine, "\239\187\191\239\187\191" .. fine, "\r\n" .. fine .. "\r\n" } do
      local step, answer = agent_of("dict"):send("start", nil, { body = body })
      assert.equal(200, answer.status, answer.body)
      assert.equal("details", step.state)
    end
    for _, body in ipairs { "\255\254" .. fine:gsub(".", "%0\0"), "\254\255" .. fine:gsub(".", "\0%0"), fine:gsub(".", "%0\0") .. "", fine .. "\0" } do
      local problem, answer = agent_of("dict"):send("start", nil, { body = body })
      assert.equal(400, answer.status)
      assert.equal("malformed_request", problem.name)
      assert.truthy(problem.detail:find("UTF-16", 1, true), problem.detail)
    end
  end)

  local function problem_of(expected, name, problem, answer)
    assert.equal(expected, answer.status, answer.body)
    assert.equal("application/problem+json", answer.headers["content-type"])
    assert.equal(name, problem.name)
    assert.equal(expected, problem.status)
    assert.equal("urn:lua-eko:problem:" .. name:gsub("_", "-"), problem.type)
    assert.is_true(#problem.title > 5)
    return problem
  end

  it("refuses what another site could send", function()
    local agent = agent_of "dict"
    local body = { wallet = "levin", customer_id = new_customer() }
    local own = "http://127.0.0.1:" .. shop.app.ports.app
    for _, headers in ipairs {
      { ["x-requested-with"] = false }, { ["x-requested-with"] = "" }, { origin = false }, { origin = "null" },
      { origin = "https://evil.example" }, { origin = own .. ".evil.example" }, { origin = own:gsub("http", "https") },
      { ["sec-fetch-site"] = "cross-site" }, { ["sec-fetch-site"] = "same-site" },
    } do
      problem_of(403, "cross_site", agent:send("start", body, { headers = headers }))
    end
    problem_of(403, "cross_site", agent:send("resume", nil, { method = "GET", headers = { ["x-requested-with"] = false } }))
    problem_of(403, "cross_site", agent:send("resume", nil, { method = "GET", headers = { origin = "https://evil.example" } }))
    assert.same({}, agent.cookies)
    assert.equal(200, select(2, agent:send("start", body, { headers = { ["sec-fetch-site"] = "same-origin" } })).status)
    problem_of(403, "cross_site", agent_of("secure"):send("start", body))
  end)

  it("refuses what is not a JSON object of a fair size", function()
    local agent, customer = agent_of "dict", new_customer()
    local fine = { wallet = "levin", customer_id = customer }
    for _, content_type in ipairs { false, "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "multipart/form-data" } do
      problem_of(415, "wrong_content_type", agent:send("start", fine, { headers = { ["content-type"] = content_type } }))
    end
    for _, body in ipairs { "", "{", "[]", "[{}]", "\"x\"", "1", "null", "{\"wallet\":NaN}", "{\"a\":1}{", "\255" } do
      problem_of(400, "malformed_request", agent:send("start", nil, { body = body }))
    end
    local _, answer = agent:send("start", fine, { headers = { ["content-type"] = "application/json; charset=utf-8" } })
    assert.equal(200, answer.status)
    problem_of(413, "request_too_large", agent:send("advance", nil, { body = "{\"x\":\"" .. ("y"):rep(20000) .. "\"}" }))
    local chunked = ("1000\r\n" .. ("y"):rep(4096) .. "\r\n"):rep(6) .. "0\r\n\r\n"
    problem_of(413, "request_too_large", agent:send("advance", nil,
      { body = chunked, headers = { ["transfer-encoding"] = "chunked", ["content-length"] = false } }))
    local _, small = agent:send("start", nil, { path = "/small/start", body = "{\"x\":\"" .. ("y"):rep(9000) .. "\"}" })
    assert.equal(500, small.status)
    assert.truthy(shop.app:error_log():find('put "client_body_buffer_size 16384;" into nginx.conf', 1, true))
  end)

  it("refuses other methods, naming those that fit", function()
    local agent = agent_of "dict"
    local problem, answer = agent:send("start", nil, { method = "GET" })
    problem_of(405, "method_not_allowed", problem, answer)
    assert.equal("POST", answer.headers.allow)
    problem, answer = agent:send("resume", nil, { method = "DELETE" })
    problem_of(405, "method_not_allowed", problem, answer)
    assert.equal("GET, POST", answer.headers.allow)
  end)

  it("says which member of a request is wrong", function()
    local agent = agent_of "dict"
    local customer = new_customer()
    for _, case in ipairs {
      { {}, "wallet" }, { { wallet = "levine", customer_id = customer }, "wallet" }, { { wallet = 1, customer_id = customer }, "wallet" },
      { { wallet = "levin" }, "customer_id" }, { { wallet = "levin", customer_id = "944" }, "customer_id" },
      { { wallet = "levin", customer_id = 944 }, "customer_id" }, { { wallet = "levin", customer_id = "\194\160" }, "customer_id" },
      { { wallet = "levin", customer_id = { "9444444444" } }, "customer_id" },
    } do
      local problem = problem_of(422, "invalid_input", agent:send("start", case[1]))
      assert.equal("string", type(problem.invalid_params[case[2]]))
    end
    problem_of(422, "invalid_input", agent_of("levin_only"):send("start", { wallet = "fino", customer_id = customer }))
    agent:start("levin", customer)
    problem_of(422, "invalid_input", agent:advance { nam = "x" })
    problem_of(422, "invalid_input", agent:advance { customer_id = new_customer() })
    problem_of(422, "invalid_input", agent:advance "x")
    problem_of(422, "invalid_input", agent:advance { "x" })
    assert.equal("details", agent:resume().state)
  end)

  it("takes no answer to a step that is over", function()
    local agent, customer = agent_of "dict", new_customer()
    local step = agent:start("levin", customer)
    step = agent:advance(answers_for(step, customer), "details")
    assert.equal("otp", step.state)
    problem_of(409, "journey_moved_on", agent:advance({ name = person.name }, "details"))
    problem_of(409, "journey_moved_on", agent:advance({ name = person.name }, "no such state"))
    assert.equal("otp", agent:resume().state)
  end)

  it("tells the platform's failures apart, and loses nothing over them", function()
    local agent, customer = agent_of "redis", new_customer()
    agent:advance(answers_for(agent:start("levin", customer), customer))
    shop:platform 'platform:fault { kind = "drop", times = 1 }'
    local problem, answer = agent:advance({ otp = shop:otp(customer) }, "otp")
    assert.equal(502, answer.status, answer.body)
    assert.equal("transport", problem.kind)
    assert.equal("string", type(problem.step.state))
    local step
    step, answer = agent:resume()
    assert.equal(200, answer.status)
    assert.equal("otp", step.state)
    shop:platform 'platform:fault { kind = "delay", seconds = 6, times = 1 }'
    problem, answer = agent:advance({ otp = shop:otp(customer) }, "otp")
    assert.equal(504, answer.status)
    assert.equal("timeout", problem.name)
    step = agent:resume()
    if step.state == "otp" then step = agent:advance({ otp = shop:otp(customer) }, "otp") end
    assert.equal("aadhaar", step.state)
  end)

  it("limits what is tried for one customer, over all workers", function()
    local customer = new_customer()
    local agent = agent_of "limited"
    local step = agent:start("levin", customer)
    agent:advance(answers_for(step, customer))
    assert.equal(200, select(2, agent:resend()).status)
    local problem, answer = agent:resend()
    problem_of(429, "too_many_attempts", problem, answer)
    assert.is_true(tonumber(answer.headers["retry-after"]) > 50)
    assert.equal(200, select(2, agent:advance { otp = "000000" }).status)
    assert.equal(200, select(2, agent:advance { otp = "000000" }).status)
    problem_of(429, "too_many_attempts", agent:advance { otp = shop:otp(customer) })
    assert.equal("otp", agent:resume().state)
    assert.equal(200, select(2, agent_of("limited"):start("fino", customer)).status)
    problem_of(429, "too_many_attempts", agent_of("limited"):start("levin", customer))
    assert.equal(200, select(2, agent_of("limited"):start("levin", new_customer())).status)
  end)

  it("says that the store is not there, and which", function()
    local agent = agent_of "no_redis"
    local problem, answer = agent:start("levin", new_customer())
    problem_of(503, "store_unavailable", problem, answer)
    assert.equal("store_unavailable", problem.cause)
    assert.is_nil(answer.body:find("redis.sock", 1, true))
    assert.equal("1", answer.headers["retry-after"])
    agent.cookies.eko_journey, agent.journey = "abcdefgh", "a-page-s-journey"
    problem_of(503, "store_unavailable", agent:resume())
    problem_of(503, "store_unavailable", agent:advance {})
    assert.truthy(shop.app:error_log():find("store_unavailable: Redis at unix:", 1, true))
  end)

  it("answers when something raised, and says no more than that", function()
    local agent = agent_of "raising"
    local _, answer = agent:start("levin", new_customer())
    problem_of(500, "internal_error", json.decode(answer.body), answer)
    assert.is_nil(answer.body:find("could not be made", 1, true))
    assert.truthy(shop.app:error_log():find("the client could not be made", 1, true))
  end)

  it("does not keep what comes after its claim was lost", function()
    local agent, customer = agent_of "impatient", new_customer()
    agent:advance(answers_for(agent:start("levin", customer), customer))
    shop:platform 'platform:fault { kind = "delay", seconds = 0.8, times = 1 }'
    local slow = agent:request_of("advance", { journey = agent.journey, inputs = { otp = shop:otp(customer) }, state = "otp" })
    local client = assert(shop.app:begin(slow))
    socket.sleep(0.5)
    local step = agent:resend()
    assert.equal("table", type(step))
    local answer = assert(shop.app:finish(client))
    assert.equal(409, answer.status)
  end)

  it("works in the access and rewrite phases, and over HTTP/2", function()
    for _, phase in ipairs { "access", "rewrite" } do
      local _, answer = agent_of("dict"):send("start", { wallet = "levin", customer_id = new_customer() }, { path = "/dict/" .. phase })
      assert.equal(200, answer.status)
      assert.equal("details", json.decode(answer.body).state)
    end
    local port = shop.app.ports.app_h2
    local text = shell.output_of(("curl -s --http2-prior-knowledge -i -H 'X-Requested-With: eko' -H 'Content-Type: application/json' "
      .. "-H 'Origin: http://127.0.0.1:%d' -d '{\"wallet\":\"levin\",\"customer_id\":\"%s\"}' http://127.0.0.1:%d/dict/start"):format(
      port, new_customer(), port))
    assert.truthy(text:find "^HTTP/2 200")
    assert.truthy(text:find('"state":"details"', 1, true))
    assert.truthy(text:find "set%-cookie: eko_journey=")
  end)
end)
