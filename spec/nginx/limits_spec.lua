-- How often: of a customer, from an address, of one journey; and that no SMS is sent for what cannot be kept.
local json = require "eko.base.json"
local people = require "spec.support.people"
local shops = require "spec.support.shop"
local socket = require "socket"

describe("eko.nginx", function()
  local shop
  setup(function() shop = shops.start { workers = 4 } end)
  teardown(function() shop:stop() end)
  before_each(function() shop:received() end)

  -- A browser without an address: what it does is counted for its customers only.
  local function agent_of(app)
    local agent = shop:agent(app)
    agent.unix = "app.sock"
    return agent
  end

  local function answers_of(person, step)
    return people.answers(person, step, function() return shop:otp(person.customer_id) end)
  end

  local function carry(agent, wallet, person, state)
    local step, answer = agent:start(wallet, person.customer_id)
    for _ = 1, 10 do
      assert.equal(200, answer.status, answer.body)
      if step.state == state then return step end
      step, answer = agent:advance(answers_of(person, step), step.state)
    end
    error("it did not come to " .. state)
  end

  local function assert_problem(status, name, problem, answer)
    assert.equal(status, answer.status, answer.body)
    assert.equal(name, problem.name)
    assert.equal(status, problem.status)
    assert.same({}, answer.cookies)
    return answer
  end

  -- Somebody to whom the platform sends an OTP at once.
  local function known_customer()
    local person = people.new()
    shop:platform(("platform:enrol('%s', { name = '%s', levin = 'pan_pending' })"):format(person.customer_id, person.name))
    return person
  end

  local function start_many(app, numbers)
    local statuses, running = {}, {}
    local function finish_one()
      local answer = assert(shop.app:finish(table.remove(running, 1)))
      statuses[answer.status] = (statuses[answer.status] or 0) + 1
    end
    for _, number in ipairs(numbers) do
      running[#running + 1] = agent_of(app):begin("start", { wallet = "fino", customer_id = number })
      if #running == 8 then finish_one() end
    end
    while running[1] do finish_one() end
    return statuses
  end

  local invented = 6000000000
  local function invent(count)
    local numbers = {}
    for i = 1, count do
      invented = invented + 1
      numbers[i] = ("%.0f"):format(invented)
    end
    return numbers
  end

  local FLOOD = 700 -- numbers: more than the dictionary has room for

  for _, app in ipairs { "crowded", "crowded_cookie" } do
    it("a flood of invented numbers shuts nobody out, lets nobody try again, and ends no claim #harm06 " .. app, function()
      local stubborn, person = people.new(), people.new()
      local began = socket.gettime()
      for _ = 1, 20 do assert.equal(200, select(2, agent_of(app):start("fino", stubborn.customer_id)).status) end
      local flood_seconds = FLOOD * (socket.gettime() - began) / 20 -- one after the other, so at most that
      assert.equal(429, select(2, agent_of(app):start("fino", stubborn.customer_id)).status)
      local agent = agent_of(app)
      local step = carry(agent, "levin", person, "details")
      shop:platform(("platform:fault { kind = 'delay', seconds = %.1f, times = 1, path = '%s' }"):format(
        math.min(4 + flood_seconds, 25), person.customer_id))
      local given = { journey = agent.journey, state = "details", inputs = answers_of(person, step) }
      local slow = agent:begin("advance", given)
      socket.sleep(0.1)
      local statuses = start_many(app, invent(FLOOD))
      assert.same({ [200] = FLOOD }, statuses)
      local problem, answer = agent:send("advance", given)
      assert_problem(409, "journey_busy", problem, answer)
      assert.equal("otp", agent:finish(slow).state)
      assert.equal(200, select(2, agent_of(app):start("fino", people.new().customer_id)).status)
      problem, answer = agent_of(app):start("fino", stubborn.customer_id)
      assert_problem(429, "too_many_attempts", problem, answer)
      local keys = tonumber(shop.app:request({ unix = "app.sock", path = "/" .. app .. "/keys" }).body)
      -- 64 KB are 256 counters and 128 marks of journeys in cookies; then the key of the digests.
      assert.is_true(keys <= 256 + 128 + 8, keys .. " entries")
    end)
  end

  describe("while the store does not take anything", function()
    it("sends no SMS for a journey that cannot begin: a Redis that is gone #harm06", function()
      local person = known_customer()
      for _ = 1, 3 do
        local problem, answer = agent_of("no_redis"):start("levin", person.customer_id)
        assert_problem(503, "store_unavailable", problem, answer)
      end
      assert.same({}, shop:received())
      assert.equal(0, #shop:sms(person.customer_id))
    end)

    it("sends no SMS for a journey that cannot begin, and lets those go on that have: a full dictionary #harm06", function()
      local begun, refused = {}, 0
      local function start()
        local agent, person = agent_of "tight", known_customer()
        local _, answer = agent:start("levin", person.customer_id)
        if answer.status == 200 then
          begun[#begun + 1] = { agent, person }
        else
          refused = refused + 1
          assert.equal(503, answer.status, answer.body)
          assert.equal(0, #shop:sms(person.customer_id), "an SMS for a journey that cannot be kept")
        end
      end
      -- A journey that has grown takes more than one that was just begun.
      for _ = 1, 400 do
        start()
        if refused == 20 then break end
      end
      assert.equal(20, refused)
      assert.is_true(#begun > 20, #begun .. " journeys in 256 KB")
      for _, each in ipairs(begun) do
        local agent, person = each[1], each[2]
        assert.equal(1, #shop:sms(person.customer_id))
        local step, answer = agent:resend()
        assert.equal(200, answer.status, answer.body)
        assert.equal(2, #shop:sms(person.customer_id))
        step, answer = agent:advance({ otp = shop:otp(person.customer_id) }, step.state)
        assert.equal(200, answer.status, answer.body)
        assert.equal("pan", step.state)
      end
      refused = 0
      start()
      assert.equal(1, refused)
      local agent, person = begun[1][1], begun[1][2]
      assert.is_true(agent:advance({ pan_number = person.pan_number }, "pan").done)
    end)

    it("a journey that began can grow in a full dictionary #harm06", function()
      local grown, is_full = {}, false
      for i = 1, 3 do
        local agent, person = agent_of "growing", people.new()
        local step, answer = agent:start("digikhata", person.customer_id)
        assert.equal(200, answer.status, answer.body)
        grown[i] = { agent, person, step }
      end
      for _ = 1, 1000 do
        is_full = select(2, agent_of("growing"):start("fino", people.new().customer_id)).status == 503
        if is_full then break end
      end
      assert.is_true(is_full)
      for _, each in ipairs(grown) do
        local agent, person, step = each[1], each[2], each[3]
        while not step.done do
          local answer
          step, answer = agent:advance(answers_of(person, step), step.state)
          assert.equal(200, answer.status, answer.body)
        end
      end
    end)

    it("calls nobody when claims cannot be kept, and keeps the cookies", function()
      local agent, person = agent_of "filled_cookie", people.new()
      carry(agent, "levin", person, "otp")
      assert.is_true(tonumber(shop.app:request({ unix = "app.sock", path = "/filled/fill" }).body) > 100)
      shop:received()
      for _, request in ipairs { { "start", { wallet = "levin", customer_id = people.new().customer_id } },
        { "advance", { journey = agent.journey, inputs = { otp = shop:otp(person.customer_id) } } }, { "resend", { journey = agent.journey } } } do
        local problem, answer = agent:send(request[1], request[2])
        assert_problem(503, "store_unavailable", problem, answer)
        assert.equal("store_full", problem.cause)
      end
      assert.same({}, shop:received())
      assert.equal("otp", agent:resume().state)
    end)
  end)

  it("counts exactly, however many come at once", function()
    local person, running, statuses = people.new(), {}, {}
    for i = 1, 24 do running[i] = agent_of("limited"):begin("start", { wallet = "fino", customer_id = person.customer_id }) end
    for i = 1, 24 do
      local status = assert(shop.app:finish(running[i])).status
      statuses[status] = (statuses[status] or 0) + 1
    end
    assert.same({ [200] = 2, [429] = 22 }, statuses)
  end)

  it("goes on counting when the key that seals journeys is changed, and when the old one goes #harm12", function()
    for _, order in ipairs { { "key_before", "key_both", "key_after" }, { "key_both", "key_after", "key_before" } } do
      local person = people.new()
      assert.equal(200, select(2, agent_of(order[1]):start("fino", person.customer_id)).status)
      assert.equal(200, select(2, agent_of(order[2]):start("fino", person.customer_id)).status)
      for _, app in ipairs(order) do
        assert.equal(429, select(2, agent_of(app):start("fino", person.customer_id)).status, app)
      end
    end
  end)

  describe("by address", function()
    local function from(address, person)
      local agent = shop:agent "by_address"
      return agent:send("start", { wallet = "fino", customer_id = (person or people.new()).customer_id },
        { headers = { ["x-real-ip"] = address } })
    end

    it("counts what comes from one, of IPv6 from one subscriber", function()
      local SAME = {
        { "192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.1" },
        { "2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:0db8::1:a:b:c:d" },
        { "192.0.2.7", "::ffff:192.0.2.7", "192.0.2.7", "::ffff:c000:207" },
        { "192.0.2.9", "64:ff9b::192.0.2.9", "::ffff:0:192.0.2.9", "2002:c000:209:1::1" },
        { "2002:c000:20a:1::1", "2002:c000:20a:2::1", "2002:c000:20a:ffff::9", "192.0.2.10" },
      }
      for _, addresses in ipairs(SAME) do
        for i = 1, 3 do assert.equal(200, select(2, from(addresses[i])).status, addresses[i]) end
        local problem, answer = from(addresses[4])
        assert_problem(429, "too_many_attempts", problem, answer)
        assert.equal("address", problem.by)
        assert.is_true(tonumber(answer.headers["retry-after"]) > 50)
      end
      for _, other in ipairs { "192.0.2.2", "2001:db8:0:2::1", "2001:db8:1:1::1", "::ffff:192.0.2.8",
        "64:ff9b::192.0.2.11", "64:ff9b::192.0.2.12", "64:ff9b::192.0.2.13",
        "64:ff9b::192.0.2.14", "::ffff:0:192.0.2.15", "2002:c000:210::1" } do
        assert.equal(200, select(2, from(other)).status, other)
      end
    end)

    it("counts attempts and resends too, and nothing of who has no address", function()
      local agent, person = shop:agent "by_address", people.new()
      local near = { headers = { ["x-real-ip"] = "198.51.100.9" } }
      agent:send("start", { wallet = "levin", customer_id = person.customer_id }, near)
      local step = agent:resume()
      step = agent:send("advance", { journey = agent.journey, inputs = answers_of(person, step) }, near)
      assert.equal("otp", step.state)
      assert.equal(200, select(2, agent:send("resend", { journey = agent.journey }, near)).status)
      assert_problem(429, "too_many_attempts", agent:send("resend", { journey = agent.journey }, near))
      for _ = 1, 3 do agent:send("advance", { journey = agent.journey, inputs = {} }, near) end
      assert_problem(429, "too_many_attempts", agent:send("advance", { journey = agent.journey, inputs = {} }, near))
      for _ = 1, 8 do assert.equal(200, select(2, agent_of("by_address"):start("fino", people.new().customer_id)).status) end
    end)

    it("has a bound when nothing else is said #harm06", function()
      local sent = 0
      for _ = 1, 700 do
        local agent = shop:agent "crowded"
        local _, answer = agent:send("start", { wallet = "fino", customer_id = invent(1)[1] }, { headers = { ["x-real-ip"] = "203.0.113.5" } })
        if answer.status == 429 then break end
        sent = sent + 1
      end
      -- In so small a dictionary a counter that has counted one or two may have to go.
      assert.is_true(sent <= 610, sent .. " journeys were begun from one address")
    end)
  end)

  it("says when a journey has had its OTPs, and sends none afterwards", function()
    local agent, person = agent_of "brief_journeys", people.new()
    carry(agent, "levin", person, "otp")
    assert.equal(200, select(2, agent:resend()).status)
    local sms = #shop:sms(person.customer_id)
    local problem, answer = agent:resend()
    assert_problem(429, "too_many_otps", problem, answer)
    assert.equal("urn:lua-eko:problem:too-many-otps", problem.type)
    assert.same({}, problem.step.needs)
    for _, request in ipairs { { "resume", {}, { method = "GET" } }, { "advance", { journey = agent.journey } }, { "resend", { journey = agent.journey } } } do
      problem, answer = agent:send(request[1], request[2], request[3])
      assert_problem(429, "too_many_otps", problem, answer)
    end
    assert.equal(sms, #shop:sms(person.customer_id))
    assert.equal(204, select(2, agent:cancel()).status)
    assert.equal(200, select(2, agent:start("levin", person.customer_id)).status)
  end)

  it("says when too many answers were refused", function()
    local agent, person = agent_of "brief_journeys", people.new()
    carry(agent, "levin", person, "otp")
    local problem, answer
    for _ = 1, 3 do problem, answer = agent:advance({ otp = "x" }, "otp") end
    assert_problem(429, "too_many_refusals", problem, answer)
    assert_problem(429, "too_many_refusals", agent:resume())
  end)

  it("says when another OTP can be had", function()
    local agent, person = agent_of "dict", people.new()
    carry(agent, "levin", person, "otp")
    assert.equal(200, select(2, agent:resend()).status)
    local sms = #shop:sms(person.customer_id)
    local problem, answer = agent:resend()
    assert_problem(429, "resend_too_soon", problem, answer)
    local seconds = tonumber(answer.headers["retry-after"])
    assert.is_true(seconds > 20 and seconds <= 30, tostring(seconds))
    assert.equal("otp", problem.step.state)
    assert.equal(sms, #shop:sms(person.customer_id))
  end)

  it("counts a page that is loaded again and again while the platform does not answer", function()
    local agent, person = agent_of "limited", known_customer()
    agent:start("levin", person.customer_id)
    shop:platform(("platform:fault { kind = 'html_502', times = 99, path = '%s' }"):format(person.customer_id))
    agent:advance({ otp = shop:otp(person.customer_id) }, "otp")
    local statuses = {}
    for i = 1, 5 do statuses[i] = select(2, agent:resume()).status end
    assert.equal(429, statuses[5], json.encode(statuses))
    shop:platform "platform:clear()"
  end)
end)

describe("eko.nginx.limits", function()
  it("says what is wrong with its rules", function()
    local limits = require "eko.nginx.limits"
    local function message(given)
      local ok, problem = pcall(limits.read, given, 1)
      assert.is_false(ok)
      return problem
    end
    for pattern, given in pairs {
      ['did you mean "starts"?'] = { start = {} }, ['"starts" must be {'] = { starts = { count = 0, seconds = 1 } },
      ['"addresses" must be a table'] = { addresses = 1 }, ["a table of options is expected"] = 5,
      ['"limits.addresses": option "resends" must be'] = { addresses = { resends = { count = 1 } } },
    } do
      assert.truthy(message(given):find(pattern, 1, true), pattern .. " in " .. message(given))
    end
    assert.truthy(message({ addresses = { addresses = {} } }):find('unknown option "addresses"', 1, true))
    assert.same({ starts = false, attempts = false, resends = false }, limits.read({ addresses = false }, 1).addresses)
    assert.equal(20, limits.read(nil, 1).starts.count)
    assert.is_false(limits.read({ starts = false }, 1).starts)
  end)
end)
