-- The endpoints of `eko.nginx` in a real nginx: customers carried to the end over every store, and what a browser keeps meanwhile.
local journey = require "spec.support.journey"
local json = require "eko.base.json"
local shops = require "spec.support.shop"
local socket = require "socket"

local person = journey.person

describe("eko.nginx", function()
  local shop
  setup(function() shop = shops.start { workers = 4 } end)
  teardown(function() shop:stop_clean() end)

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
      local given = shop:answers(step, customer)
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
        local agent, customer = shop:agent(store), shop:new_customer()
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
      local agent, customer, seen = shop:agent(store), shop:new_customer(), {}
      onboard(agent, "digikhata", customer, function(step, here)
        local again, answer = here:resume()
        assert.equal(200, answer.status, answer.body)
        assert.equal(step.state, again.state)
        assert.same(step.needs, again.needs)
        assert.same(step.consent, again.consent)
        assert.same(step.choices, again.choices)
        seen[step.state] = true
      end)
      assert.is_true(seen.consent_language and seen.aadhaar and seen.pan, "a step was not seen again")
    end)

    it("has one of two equal requests win, with the store " .. store, function()
      for _ = 1, 5 do
        local agent, customer = shop:agent(store), shop:new_customer()
        local step = agent:start("levin", customer)
        step = agent:advance(shop:answers(step, customer))
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
      local agent, customer = shop:agent(store), shop:new_customer()
      agent:advance(shop:answers(agent:start("levin", customer), customer))
      shop.app:reload()
      local step, answer = agent:resume()
      assert.equal(200, answer.status)
      assert.equal("otp", step.state)
      assert.equal("aadhaar", agent:advance({ otp = shop:otp(customer) }, "otp").state)
    end)
  end

  it("keeps the journey in one cookie where there is no server state, and an id alone where there is", function()
    local customer = shop:new_customer()
    local agent = shop:agent "cookie"
    local _, answer = agent:start("levin", customer)
    assert.equal(200, answer.status, answer.body)
    assert.equal(2, #answer.cookies)
    assert.is_true(#agent.cookies.eko_state < 2100)
    agent = shop:agent "dict"
    _, answer = agent:start("levin", shop:new_customer())
    assert.equal(1, #answer.cookies)
    assert.equal(24, #agent.cookies.eko_journey)
    assert.truthy(answer.cookies[1]:find("Path=/; Max-Age=1800; HttpOnly; SameSite=Strict", 1, true))
    assert.is_nil(answer.cookies[1]:find("Secure", 1, true))
    agent = shop:agent "secure"
    _, answer = agent:send("start", { wallet = "levin", customer_id = shop:new_customer() }, { headers = { origin = "https://shop.example" } })
    assert.equal(200, answer.status, answer.body)
    assert.truthy(answer.cookies[1]:find "^__Host%-eko_journey=[%w_-]+; Path=/; Max%-Age=1800; HttpOnly; SameSite=Strict; Secure$")
    assert.equal("no-store", answer.headers["cache-control"])
    assert.equal("nosniff", answer.headers["x-content-type-options"])
  end)

  it("does not open a token under another id", function()
    local one, two = shop:agent "cookie", shop:agent "cookie"
    one:start("levin", shop:new_customer())
    two:start("levin", shop:new_customer())
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
    local agent, customer = shop:agent "redis", shop:new_customer()
    agent:advance(shop:answers(agent:start("levin", customer), customer))
    local keys = shop.redis:command "KEYS *"
    assert.equal(1, #keys)
    local value = shop.redis:command("GET " .. keys[1])
    assert.truthy(value:find "^eko1_[%w_-]+$")
    assert.is_nil((keys[1] .. value):find(customer, 1, true))
  end)

  it("forgets a journey after its time, and when it is told to", function()
    local agent = shop:agent "brief"
    agent:start("levin", shop:new_customer())
    assert.equal(200, select(2, agent:resume()).status)
    socket.sleep(2.1)
    local problem, answer = agent:resume()
    assert.equal(401, answer.status)
    assert.equal("no_journey", problem.name)
    for _, store in ipairs { "cookie", "dict", "redis" } do
      agent = shop:agent(store)
      agent:start("levin", shop:new_customer())
      local before = agent.cookies.eko_journey
      assert.equal(204, select(2, agent:cancel()).status, store)
      agent.cookies.eko_journey = before
      assert.equal(401, select(2, agent:resume()).status, store)
    end
  end)

  it("replaces a journey that was begun before", function()
    local agent = shop:agent "dict"
    agent:start("levin", shop:new_customer())
    local first = agent.cookies.eko_journey
    agent:start("fino", shop:new_customer())
    assert.not_equal(first, agent.cookies.eko_journey)
    local old = shop:agent "dict"
    old.cookies.eko_journey = first
    assert.equal(401, select(2, old:resume()).status)
    assert.equal("fino", agent:resume().wallet)
  end)

  it("sends another OTP, and says when there is none to send", function()
    local agent, customer = shop:agent "dict", shop:new_customer()
    local step = agent:start("levin", customer)
    local problem, answer = agent:resend()
    assert.equal(409, answer.status)
    assert.equal("nothing_to_resend", problem.name)
    step = agent:advance(shop:answers(step, customer))
    assert.is_true(step.can_resend)
    local before = #shop:sms(customer)
    step, answer = agent:resend()
    assert.equal(200, answer.status)
    assert.equal("otp", step.state)
    assert.equal(before + 1, #shop:sms(customer))
    assert.equal("******" .. customer:sub(-4), step.otp.to)
  end)

  it("takes no answer to a step that is over", function()
    local agent, customer = shop:agent "dict", shop:new_customer()
    local step = agent:start("levin", customer)
    step = agent:advance(shop:answers(step, customer), "details")
    assert.equal("otp", step.state)
    shop:problem(409, "journey_moved_on", agent:advance({ name = person.name }, "details"))
    shop:problem(409, "journey_moved_on", agent:advance({ name = person.name }, "no such state"))
    assert.equal("otp", agent:resume().state)
  end)

  it("tells the platform's failures apart, and loses nothing over them", function()
    local agent, customer = shop:agent "redis", shop:new_customer()
    agent:advance(shop:answers(agent:start("levin", customer), customer))
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

  it("does not keep what comes after its claim was lost", function()
    local agent, customer = shop:agent "impatient", shop:new_customer()
    agent:advance(shop:answers(agent:start("levin", customer), customer))
    shop:platform 'platform:fault { kind = "delay", seconds = 0.8, times = 1 }'
    local slow = agent:request_of("advance", { journey = agent.journey, inputs = { otp = shop:otp(customer) }, state = "otp" })
    local client = assert(shop.app:begin(slow))
    socket.sleep(0.5)
    local step = agent:resend()
    assert.equal("table", type(step))
    local answer = assert(shop.app:finish(client))
    assert.equal(409, answer.status)
  end)
end)
