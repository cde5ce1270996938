-- Tabs and browsers: whose journey a request is about, and what becomes of answers that come late.
local json = require "eko.base.json"
local people = require "spec.support.people"
local shops = require "spec.support.shop"
local socket = require "socket"

local STORES = { "cookie", "dict", "redis" }

describe("eko.nginx and the tabs of a browser", function()
  local shop
  setup(function() shop = shops.start { workers = 2 } end)
  teardown(function() shop:stop() end)
  before_each(function() shop:received() end)

  local function answers_of(person, step)
    return people.answers(person, step, function() return shop:otp(person.customer_id) end)
  end

  -- Carries a tab's journey to a state. Returns the step.
  local function carry(tab, wallet, person, state)
    local step, answer = tab:start(wallet, person.customer_id)
    for _ = 1, 10 do
      assert.equal(200, answer.status, answer.body)
      if step.state == state then return step end
      step, answer = tab:advance(answers_of(person, step), step.state)
    end
    error("it did not come to " .. state)
  end

  local function slowly(person, seconds)
    shop:platform(("platform:fault { kind = 'delay', seconds = %s, times = 1, path = '%s' }"):format(seconds, person.customer_id))
  end

  local function copy_of(cookies)
    local copy = {}
    for name, value in pairs(cookies) do copy[name] = value end
    return copy
  end

  -- Of a platform's requests none holds what is one's for the other.
  local function assert_apart(a, b)
    for _, text in ipairs(shop:received()) do
      local of_a = text:find(a.customer_id, 1, true) ~= nil
      assert.is_nil(people.found_in(text, of_a and b or a), "crossed: " .. text)
    end
  end

  local function assert_replaced(problem, answer, person)
    assert.equal(409, answer.status, answer.body)
    assert.equal("journey_replaced", problem.name)
    assert.equal("******" .. person.customer_id:sub(-4), problem.mobile)
    assert.is_nil(people.found_in(answer.body, person))
    assert.same({}, answer.cookies)
    for _, never in ipairs { "step", "state", "wallet", "journey", "otp" } do assert.is_nil(problem[never], never) end
  end

  local STATES = {
    { "levin", "details" }, { "levin", "otp" }, { "levin", "aadhaar" }, { "levin", "aadhaar_otp" }, { "levin", "pan" },
    { "digikhata", "details" }, { "digikhata", "otp" }, { "digikhata", "consent_language" }, { "digikhata", "aadhaar" },
    { "digikhata", "pan" }, { "fino", "details" }, { "fino", "ekyc" }, { "fino", "ekyc_otp" },
    { "customer", "details" }, { "customer", "otp" }, { "customer", "choice" },
  }

  for _, store in ipairs(STORES) do
    describe("(" .. store .. ")", function()
      for _, case in ipairs(STATES) do
        local wallet, state = case[1], case[2]
        it(("sends nothing of one customer for another: both tabs in %s.%s #harm05"):format(wallet, state), function()
          local one, a, b = shop:agent(store), people.new(), people.new()
          local two = one:tab()
          local shown = carry(one, wallet, a, state)
          local inputs = answers_of(a, shown)
          carry(two, wallet, b, state)
          local sms = shop:sms_count()
          assert_apart(a, b)
          local problem, answer = one:advance(inputs, state)
          assert_apart(a, b)
          assert.same({}, shop:received(), "the platform was called for a tab that shows another customer")
          assert_replaced(problem, answer, b)
          problem, answer = one:resend()
          assert_replaced(problem, answer, b)
          assert.equal(sms, shop:sms_count())
          problem, answer = one:cancel()
          assert_replaced(problem, answer, b)
          local step = two:resume()
          assert.equal(two.journey, step.journey)
          assert.equal(200, select(2, two:advance(answers_of(b, step), step.state)).status)
        end)
      end

      -- What a tab is doing while another one begins or cancels: `begin` starts the request and says for how long the platform thinks.
      local IN_FLIGHT = {
        { "an advance", "details", function(tab, person, step)
          return tab:begin("advance", { journey = tab.journey, state = step.state, inputs = answers_of(person, step) })
        end },
        { "a resend", "otp", function(tab) return tab:begin("resend", { journey = tab.journey }) end },
        { "an OTP", "otp", function(tab, person, step)
          return tab:begin("advance", { journey = tab.journey, state = step.state, inputs = answers_of(person, step) })
        end },
        { "the last step", "pan", function(tab, person, step)
          return tab:begin("advance", { journey = tab.journey, state = step.state, inputs = answers_of(person, step) })
        end },
      }

      for _, case in ipairs(IN_FLIGHT) do
        local what, state, begin = case[1], case[2], case[3]

        it(("a start ends %s that is under way: its late answer neither comes back nor takes the place #harm05"):format(what), function()
          local one, a, b = shop:agent(store), people.new(), people.new()
          local two = one:tab()
          local step = carry(one, "levin", a, state)
          local old = copy_of(one.cookies)
          slowly(a, 0.5)
          local client = begin(one, a, step)
          socket.sleep(0.1)
          local started = two:start("levin", b.customer_id)
          local problem, late = one:finish(client)
          assert.same({}, late.cookies, "the late answer sets a cookie")
          local now, answer = two:resume()
          assert.equal(200, answer.status, answer.body)
          assert.equal(started.journey, now.journey)
          assert.equal(409, late.status, late.body)
          assert.equal("journey_busy", problem.name)
          assert.is_nil(people.found_in(late.body, b))
          local revived = shop:agent(store)
          for name, value in pairs(old) do revived.cookies[name] = value end
          revived.journey = one.journey
          assert.equal(401, select(2, revived:resume()).status)
          assert.equal(401, select(2, revived:advance({}, state)).status)
          problem, late = one:advance({}, state)
          assert_replaced(problem, late, b)
          assert_apart(a, b)
        end)

        it(("a cancel ends %s that is under way #harm05"):format(what), function()
          local one, a = shop:agent(store), people.new()
          local two = one:tab()
          two.journey = nil
          local step = carry(one, "levin", a, state)
          two.journey = one.journey
          local old = copy_of(one.cookies)
          slowly(a, 0.5)
          local client = begin(one, a, step)
          socket.sleep(0.1)
          assert.equal(204, select(2, two:cancel()).status)
          local _, late = one:finish(client)
          assert.same({}, late.cookies, "the late answer sets a cookie")
          assert.same({}, one.cookies)
          assert.equal(409, late.status, late.body)
          local revived = shop:agent(store)
          for name, value in pairs(old) do revived.cookies[name] = value end
          revived.journey = one.journey
          assert.equal(401, select(2, revived:resume()).status)
          assert.equal(401, select(2, revived:advance({}, state)).status)
        end)
      end

      it("an answer that was given before a start, and arrives after it, brings no other journey back", function()
        local one, a, b = shop:agent(store), people.new(), people.new()
        local two = one:tab()
        local step = carry(one, "levin", a, "details")
        local client = one:begin("advance", { journey = one.journey, state = "details", inputs = answers_of(a, step) })
        socket.sleep(0.3)
        two:start("levin", b.customer_id)
        local shown = one:finish(client)
        assert.equal("otp", shown.state)
        local now, answer = two:resume()
        -- A journey in a cookie is overwritten then, and must be begun again; it is never another customer's.
        if store == "cookie" then
          assert.equal(401, answer.status)
        else
          assert.equal(two.journey, now.journey)
        end
      end)

      it("is not had for more SMS by starts that fail while a resend is under way #harm06", function()
        local one, a = shop:agent(store), people.new()
        local two = one:tab()
        carry(one, "digikhata", a, "otp")
        for _ = 1, 8 do
          local b = people.new()
          shop:platform(("platform:fault { kind = 'html_502', times = 9, path = '%s' }"):format(b.customer_id))
          slowly(a, 0.2)
          local client = one:begin("resend", { journey = one.journey })
          socket.sleep(0.05)
          assert.equal(502, select(2, two:start("levin", b.customer_id)).status)
          one:finish(client)
        end
        shop:platform "platform:clear()"
        local sent = #shop:sms(a.customer_id)
        assert.is_true(sent <= 6, sent .. " SMS in one journey")
        -- Nobody knows how many OTPs the journey has had sent: it is over.
        assert.equal(401, select(2, one:resume()).status)
        assert.equal(200, select(2, one:start("digikhata", a.customer_id)).status)
      end)

      it("a journey that can be kept no longer has no SMS sent again and again #harm06", function()
        local one, a = shop:agent(store), people.new()
        carry(one, "digikhata", a, "otp")
        shop:received()
        -- The platform's reference does not fit the token.
        shop:platform [[for _ = 1, 9 do platform:script("ppi-digikhata-generate-sender-otp", { { body = { status = 0, message = "m",
          response_status_id = 0, response_type_id = 2129, data = { otp_ref_id = ("r"):rep(3000) } } } }) end]]
        for _ = 1, 8 do assert.not_equal(200, select(2, one:resend()).status) end
        shop:platform "platform:clear()"
        assert.is_true(#shop:received() <= 5, "the platform was asked for more OTPs than a journey may have")
        assert.equal(401, select(2, one:resume()).status)
        assert.equal(200, select(2, one:start("digikhata", a.customer_id)).status)
      end)

      it("a browser that leaves while an OTP is sent has it counted all the same #harm06", function()
        local one, a = shop:agent("leaving_" .. store), people.new()
        carry(one, "digikhata", a, "otp")
        local sent, before = 1, 0
        for _ = 1, 7 do
          if sent == before then break end
          before = sent
          slowly(a, 0.1)
          local client = one:begin("resend", { journey = one.journey })
          socket.sleep(0.05)
          client:close()
          socket.sleep(1.6) -- what nobody lets go of ends by itself
          sent = #shop:sms(a.customer_id)
        end
        shop:platform "platform:clear()"
        assert.is_true(sent <= 6, sent .. " SMS in one journey")
        assert.equal(2, sent)
        local problem, answer = one:resend()
        -- A journey in a cookie has gone on since: its newer cookie did not arrive.
        assert.equal(store == "cookie" and "journey_moved_on" or "resend_too_soon", problem.name, answer.body)
      end)

      it("a start that the platform does not answer leaves the journey that was open", function()
        local one, a, b = shop:agent(store), people.new(), people.new()
        local two = one:tab()
        carry(one, "levin", a, "otp")
        shop:platform(("platform:fault { kind = 'html_502', times = 9, path = '%s' }"):format(b.customer_id))
        local _, answer = two:start("levin", b.customer_id)
        assert.equal(502, answer.status, answer.body)
        assert.same({}, answer.cookies)
        local step = one:resume()
        assert.equal(one.journey, step.journey)
        assert.equal("aadhaar", one:advance(answers_of(a, step), "otp").state)
      end)

      it("two starts at the same time: whichever cookie wins, no tab works for the other's customer", function()
        for round = 1, 4 do
          local one, a, b = shop:agent(store), people.new(), people.new()
          local two = one:tab()
          if round > 2 then carry(one, "fino", people.new(), "details") end
          slowly(a, 0.2)
          local first = one:begin("start", { wallet = "levin", customer_id = a.customer_id })
          local second = two:begin("start", { wallet = "levin", customer_id = b.customer_id })
          if round % 2 == 0 then one:finish(first) end
          local step = two:finish(second)
          if round % 2 == 1 then step = one:finish(first) end
          local winner, loser = round % 2 == 0 and two or one, round % 2 == 0 and one or two
          local of_winner = round % 2 == 0 and b or a
          assert.equal(winner.journey, step.journey)
          assert.equal("details", winner:resume().state)
          local problem, answer = loser:advance(answers_of(of_winner == a and b or a, step), "details")
          assert_replaced(problem, answer, of_winner)
          assert.equal("otp", winner:advance(answers_of(of_winner, step), "details").state)
          assert_apart(a, b)
        end
      end)

      it("a second start for the same mobile replaces the first as well", function()
        local one, a = shop:agent(store), people.new()
        local two = one:tab()
        carry(one, "levin", a, "otp")
        carry(two, "levin", a, "otp")
        assert.not_equal(one.journey, two.journey)
        local problem, answer = one:advance({ otp = shop:otp(a.customer_id) }, "otp")
        assert_replaced(problem, answer, a)
        assert.equal("aadhaar", two:advance({ otp = shop:otp(a.customer_id) }, "otp").state)
      end)

      it("a page from before (the back button) is told that the journey has gone on", function()
        local one, a = shop:agent(store), people.new()
        local step = carry(one, "levin", a, "details")
        one:advance(answers_of(a, step), "details")
        local problem, answer = one:advance(answers_of(a, step), "details")
        assert.equal(409, answer.status)
        assert.equal("journey_moved_on", problem.name)
        assert.same({}, answer.cookies)
      end)

      it("two browsers have nothing to do with each other, and a journey's name opens nothing", function()
        local one, two, a, b = shop:agent(store), shop:agent(store), people.new(), people.new()
        carry(one, "levin", a, "otp")
        carry(two, "levin", b, "otp")
        local thief = shop:agent(store)
        thief.journey = one.journey
        assert.equal(401, select(2, thief:advance({ otp = "123456" }, "otp")).status)
        assert.equal(401, select(2, thief:resend()).status)
        assert.equal(204, select(2, thief:cancel()).status)
        assert.is_nil(one.journey:find(one.cookies.eko_journey, 1, true))
        for _, each in ipairs { { one, a }, { two, b } } do
          assert.equal("aadhaar", each[1]:advance({ otp = shop:otp(each[2].customer_id) }, "otp").state)
        end
        assert_apart(a, b)
      end)

      it("a request that does not say which journey it means is refused", function()
        local one, a = shop:agent(store), people.new()
        carry(one, "levin", a, "otp")
        shop:received()
        for _, action in ipairs { "advance", "resend", "cancel" } do
          for _, journey in ipairs { "nil", '""', "1", "{}", "[]", "true", "null", '"' .. ("x"):rep(65) .. '"', '"a b"' } do
            local body = journey == "nil" and "{}" or ('{"journey":%s}'):format(journey)
            local problem, answer = one:send(action, nil, { body = body })
            assert.equal(422, answer.status, action .. " " .. body)
            assert.equal("invalid_input", problem.name)
            assert.equal("string", type(problem.invalid_params.journey))
            assert.same({}, answer.cookies)
          end
        end
        assert.same({}, shop:received())
        assert.equal("otp", one:resume().state)
      end)
    end)
  end

  it("does not take an older cookie for the journey, so that it has no more SMS than it may #harm06", function()
    local one, a = shop:agent "cookie", people.new()
    carry(one, "levin", a, "otp")
    local old = copy_of(one.cookies)
    local sent = 0
    for _ = 1, 8 do
      for name, value in pairs(old) do one.cookies[name] = value end
      local before = #shop:sms(a.customer_id)
      local _, answer = one:resend()
      sent = sent + #shop:sms(a.customer_id) - before
      if answer.status ~= 200 then assert.same({}, answer.cookies) end
    end
    assert.is_true(sent <= 5, sent .. " more SMS by one cookie")
    for name, value in pairs(old) do one.cookies[name] = value end
    local problem, answer = one:resume()
    assert.equal(409, answer.status)
    assert.equal("journey_moved_on", problem.name)
    assert.equal(204, select(2, one:cancel()).status)
    assert.same({}, one.cookies)
    for name, value in pairs(old) do one.cookies[name] = value end
    assert.equal(401, select(2, one:resume()).status)
    assert.equal(401, select(2, one:resend()).status)
  end)

  it("does not open a journey again that has come to its end, by a cookie that was kept", function()
    local one, a = shop:agent "cookie", people.new()
    local step = carry(one, "levin", a, "pan")
    local old = copy_of(one.cookies)
    assert.is_true(one:advance(answers_of(a, step), "pan").done)
    assert.same({}, one.cookies)
    for name, value in pairs(old) do one.cookies[name] = value end
    assert.equal(401, select(2, one:resume()).status)
    assert.equal(401, select(2, one:advance(answers_of(a, step), "pan")).status)
  end)

  it("has the browser keep the id from the beginning, and writes it anew only when it is old", function()
    for _, store in ipairs { "dict", "redis" } do
      local one, a = shop:agent(store), people.new()
      local step = carry(one, "levin", a, "details")
      local _, answer = one:advance(answers_of(a, step), "details")
      assert.same({}, answer.cookies)
    end
    local one, a = shop:agent "brief", people.new()
    one:start("levin", a.customer_id)
    socket.sleep(1.01)
    -- It may have been forgotten by now; while it was not, its cookie is given another second.
    local _, answer = one:advance({}, "details")
    assert.is_true(answer.status == 401 or answer.cookies[1]:find "^eko_journey=" ~= nil)
  end)

  it("keeps the cookie of a journey that cannot be read just now, and drops the one of a dead journey", function()
    local one = shop:agent "memory"
    one:start("levin", people.new().customer_id)
    local cookies = copy_of(one.cookies)
    for name, expected in pairs {
      out_of_memory = 503, token_from_future = 503, anything_new = 503, malformed_token = 401, truncated_token = 401, tampered_token = 401,
      expired_token = 401, wrong_token_context = 401, unknown_token_key = 401, unsupported_token_version = 401,
    } do
      for _, request in ipairs { { "resume", { method = "GET" } }, { "advance", {} }, { "resend", {} } } do
        local more = { method = request[2].method, headers = { ["x-fail"] = name } }
        local problem, answer = one:send(request[1], { journey = one.journey }, more)
        assert.equal(expected, answer.status, name .. " " .. answer.body)
        assert.equal(name, problem.cause)
        assert.equal(expected == 503 and 0 or 1, #answer.cookies, name)
        one.cookies = copy_of(cookies)
      end
    end
    assert.equal("details", one:resume().state)
    local dead = shop:agent "memory"
    dead.cookies = copy_of(cookies)
    dead.journey = one.journey
    assert.equal(204, select(2, dead:send("cancel", { journey = one.journey }, { headers = { ["x-fail"] = "tampered_token" } })).status)
    assert.same({}, dead.cookies)
    assert.equal("string", type(json.encode(cookies)))
  end)
end)
