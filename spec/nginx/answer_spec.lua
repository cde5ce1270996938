-- What an answer says of a customer, and to whom.
local people = require "spec.support.people"
local shops = require "spec.support.shop"

local BALANCE, USED = "4321.25", "777"

describe("what the endpoints say of a customer", function()
  local shop
  setup(function() shop = shops.start() end)
  teardown(function() shop:stop() end)
  after_each(function() shop:platform "platform:clear()" end)

  local GET = {
    fino = "dmt-get-sender", levin = "ppi-levin-get-sender", digikhata = "ppi-digikhata-get-sender", customer = "get-customer-info",
  }

  -- A customer of the rail who is in order there.
  local function active_customer(wallet)
    local person = people.new()
    shop:platform(("platform:enrol('%s', { name = '%s', %s = { state = 'active', balance = %s, used = %s } })"):format(person.customer_id,
      person.name, wallet, BALANCE, USED))
    return person
  end

  -- Has the platform answer the next call of an endpoint with a body, in Lua.
  local function script(slug, body) shop:platform(("platform:script('%s', { { body = %s } })"):format(slug, body)) end

  local function profile_of(person)
    return ([[{ status = 0, response_status_id = -1, response_type_id = 309, message = "found %s", data = { sender_name = "%s",
      customer_profile = { name = "%s", balance = "%s", next_allowed_limit = "24223.0", kyc_state = 0, kyc_type = "of %s",
      chart = { { data_type_id = 10, label = "", data = { used = %s, remaining = 24223, unavailable = 0 } } } } } }]]):format(person.name,
      person.name, person.name, BALANCE, person.name, USED)
  end

  local function assert_silent(text, person)
    for _, said in ipairs { person.name, BALANCE, USED, "24223", "chart", "kyc" } do
      assert.is_nil(text:find(said, 1, true), said .. " in " .. text)
    end
  end

  for wallet, slug in pairs(GET) do
    it("no name and no balance to who has only typed a mobile: " .. wallet .. " #harm07", function()
      local agent, person = shop:agent "dict", people.new()
      script(slug, profile_of(person))
      local step, answer = agent:start(wallet, person.customer_id)
      assert.equal(200, answer.status, answer.body)
      assert.is_true(step.done)
      assert_silent(answer.body, person)
      assert.is_true(step.was_active)
      assert.equal("active", step.outcome)
    end)
  end

  it("no name and no balance on Fino, whose customers are read without an OTP #harm07", function()
    local agent, person = shop:agent "cookie", active_customer "fino"
    local step, answer = agent:start("fino", person.customer_id)
    assert.is_true(step.done)
    assert_silent(answer.body, person)
    assert.is_true(step.was_active)
  end)

  it("none where the answer that says so comes on a later step, before any proof #harm07", function()
    local agent, person = shop:agent "redis", people.new()
    local step = agent:start("fino", person.customer_id)
    assert.equal("details", step.state)
    script("dmt-onboard-sender", profile_of(person))
    local answer
    step, answer = agent:advance(people.answers(person, step), "details")
    assert.is_true(step.done, answer.body)
    assert_silent(answer.body, person)
  end)

  it("none in a page that is loaded again, or after a wrong OTP #harm07", function()
    local agent, person = shop:agent "dict", active_customer "levin"
    local step = agent:start("levin", person.customer_id)
    assert.equal("otp", step.state)
    script("ppi-levin-verify-otp", ([[{ status = 1, response_status_id = 1, response_type_id = 2138,
      message = "Invalid OTP of %s", data = { description = "balance %s" } }]]):format(person.name, BALANCE))
    local answer
    step, answer = agent:advance({ otp = "000000" }, "otp")
    assert.equal(200, answer.status)
    assert.equal("string", type(step.error.message))
    assert_silent(answer.body, person)
    assert_silent(select(2, agent:resume()).body, person)
  end)

  it("none in the platform's own words about a refusal #harm07", function()
    local agent, person = shop:agent "dict", people.new()
    local step = agent:start("levin", person.customer_id)
    for _, body in ipairs {
      [[{ status = 1428, response_status_id = 1428, response_type_id = -1, message = "Name mismatch: it is %s", invalid_params = { name = "it is %s" } }]],
      [[{ status = 461, response_status_id = 1, response_type_id = -1, message = "for %s", data = { invalid_params = { name = "%s" } } }]],
      [[{ status = 9999, response_status_id = 1, response_type_id = 9999, message = "%s has ]] .. BALANCE .. [[, %s" }]],
    } do
      script("ppi-levin-onboard-sender", body:format(person.name, person.name))
      local _, answer = agent:advance(people.answers({ name = "Somebody Else", residence_address = person.residence_address,
        dob = person.dob }, step), "details")
      assert_silent(answer.body, person)
      assert_silent(select(2, agent:resume()).body, person)
    end
  end)

  it("name, balance and limits to who has proved to be the customer", function()
    for _, store in ipairs { "cookie", "dict", "redis" } do
      local agent, person = shop:agent(store), active_customer "levin"
      agent:start("levin", person.customer_id)
      local step = agent:advance({ otp = shop:otp(person.customer_id) }, "otp")
      assert.is_true(step.done)
      assert.is_true(step.was_active)
      assert.equal(person.name, step.customer_profile.name)
      assert.equal(tonumber(BALANCE), tonumber(step.customer_profile.balance))
      assert.equal(777, step.customer_profile.chart[1].data.used)
    end
  end)

  it("that a customer was enrolled just now", function()
    local agent, person = shop:agent "dict", people.new()
    local step = agent:start("levin", person.customer_id)
    while not step.done do
      assert.is_nil(step.was_active)
      step = agent:advance(people.answers(person, step, function() return shop:otp(person.customer_id) end), step.state)
    end
    assert.is_false(step.was_active)
    assert.equal(person.name, step.customer_profile.name)
  end)
end)

describe("the option `origins`", function()
  local shop
  setup(function() shop = shops.start() end)
  teardown(function() shop:stop() end)

  it("names this site's own origin, and lets no other site in #harm16", function()
    local function ask(headers)
      return shop:agent("secure"):send("start", { wallet = "fino", customer_id = people.new().customer_id }, { headers = headers })
    end
    for _, site in ipairs { false, "same-origin" } do
      assert.equal(200, select(2, ask { origin = "https://shop.example", ["sec-fetch-site"] = site }).status)
    end
    for _, site in ipairs { "cross-site", "same-site", "none", "" } do
      local problem, answer = ask { origin = "https://shop.example", ["sec-fetch-site"] = site }
      assert.equal(403, answer.status)
      assert.equal("cross_site", problem.name)
      assert.truthy(problem.detail:find("lets no other site in", 1, true), "#" .. site)
    end
    local problem = ask { origin = "https://other.example", ["sec-fetch-site"] = "cross-site" }
    assert.truthy(problem.detail:find("another site", 1, true))
    problem = ask { origin = "http://127.0.0.1:" .. shop.app.ports.app }
    assert.equal("cross_site", problem.name)
    -- A browser that asks whether it may is told nothing that lets it.
    local answer = shop.app:request { port = shop.app.ports.app, method = "OPTIONS", path = "/secure/start",
      headers = { origin = "https://shop.example", ["access-control-request-method"] = "POST" } }
    assert.equal(405, answer.status)
    for name in pairs(answer.headers) do assert.is_nil(name:find "^access%-control") end
  end)
end)
