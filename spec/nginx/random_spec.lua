-- Two browsers' worth of tabs in random order, several requests at a time, with faults of the platform. Whatever comes first: what is
-- one customer's never goes out for, or comes back to, another one, and no more SMS are sent than a journey may have.
--
-- EKO_RANDOM_SEED repeats a run, EKO_RANDOM_ROUNDS makes it longer.
local journey = require "spec.support.journey"
local json = require "eko.base.json"
local people = require "spec.support.people"
local shops = require "spec.support.shop"
local socket = require "socket"

local ROUNDS = tonumber(os.getenv "EKO_RANDOM_ROUNDS" or 1500)
local SEED = tonumber(os.getenv "EKO_RANDOM_SEED" or math.floor(socket.gettime() * 1000) % 2147483647)
local MOST_OTPS, MOST_CALLS = 6, 60
local BROWSERS, TABS, AT_ONCE = 2, 3, 4

-- A generator of our own, so that a seed means the same on every Lua (Park and Miller).
local function generator(seed)
  local state = seed % 2147483646 + 1
  local random = {}
  function random.below(n)
    state = state * 16807 % 2147483647
    return state % n
  end
  function random.chance(share) return random.below(1000) < share * 1000 end
  function random.pick(list) return list[random.below(#list) + 1] end
  return random
end

local WALLETS = { "levin", "levin", "digikhata", "fino", "customer" }
local FAULTS = { "drop", "html_502", "empty_204", "truncated", "reset", "length_long", "garbage", "hang_up", "too_many", "delay" }

describe("tabs in random order", function()
  local shop
  setup(function() shop = shops.start { workers = 2 } end)
  teardown(function() shop:stop() end)

  -- What is known of a run: who is who, which journey is whose, what was typed for whom.
  local function new_run(store, seed)
    local run = { store = store, random = generator(seed), everybody = {}, owner = {}, typed = {}, starts = {}, flying = {}, tabs = {}, seen = {} }
    for browser = 1, BROWSERS do
      local first = shop:agent(store)
      first.unix = "app.sock"
      for tab = 1, TABS do run.tabs[#run.tabs + 1] = { name = browser .. "." .. tab, agent = tab == 1 and first or first:tab() } end
    end
    return run
  end

  local function newcomer(run)
    local person = people.new()
    run.everybody[#run.everybody + 1] = person
    run.everybody[person.customer_id] = person
    if run.random.chance(0.3) then
      local state = run.random.pick { "levin = 'active'", "levin = 'pan_pending'", "digikhata = 'active'", "fino = 'active'" }
      shop:platform(("platform:enrol('%s', { name = '%s', %s, balance = 50 })"):format(person.customer_id, person.name, state))
    end
    return person
  end

  local function otp_for(run, person)
    local newest = shop:sms(person.customer_id)[1]
    local otp = newest and newest.otp or "135790"
    if run.random.chance(0.2) then otp = journey.wrong(otp) end
    run.typed[otp] = run.typed[otp] or {}
    run.typed[otp][person] = true
    return otp
  end

  local function answers_for(run, tab)
    local step = tab.step
    return people.answers(tab.person, { wallet = step.wallet, needs = step.needs or {} }, function() return otp_for(run, tab.person) end)
  end

  local actions = {}
  function actions.start(run)
    local known = #run.everybody > 0 and run.random.chance(0.15)
    local person = known and run.random.pick(run.everybody) or newcomer(run)
    local wallet = run.random.pick(WALLETS)
    run.starts[person] = (run.starts[person] or 0) + 1
    return { wallet = wallet, customer_id = person.customer_id }, nil, person
  end
  function actions.advance(run, tab)
    return { journey = tab.agent.journey, state = tab.step.state, inputs = answers_for(run, tab) }, nil, tab.person
  end
  -- A page that was left open: an older step of the same journey.
  function actions.back(_, tab)
    return { journey = tab.agent.journey, inputs = { otp = "000000" }, state = "otp" }, "advance", tab.person
  end
  function actions.resend(_, tab) return { journey = tab.agent.journey }, nil, tab.person end
  function actions.cancel(_, tab) return { journey = tab.agent.journey }, nil, tab.person end
  function actions.resume() return nil, nil, nil, { method = "GET" } end

  local ORDER = { "start", "resume", "resume", "resend", "resend", "cancel", "back" }
  for _ = 1, 30 do ORDER[#ORDER + 1] = "advance" end

  local function begin(run, tab)
    local name = run.random.pick(ORDER)
    if not tab.person then name = run.random.chance(0.4) and "start" or "resume" end
    if name == "advance" and tab.done then name = "start" end
    local body, action, person, more = actions[name](run, tab)
    tab.busy = true
    run.flying[#run.flying + 1] = {
      tab = tab, action = action or name, person = person, client = tab.agent:begin(action or name, body, more),
    }
  end

  local function assert_only(run, text, person, where)
    for _, other in ipairs(run.everybody) do
      local found = other ~= person and people.found_in(text, other)
      if found then error(("%s of %s stands in what is %s's (%s): %s"):format(found, other.customer_id,
        person and person.customer_id or "nobody", where, text)) end
    end
  end

  local function show(tab, person, step)
    tab.person, tab.step, tab.done = person, step, step.done
  end

  local PROBLEMS = {
    [400] = true, [401] = true, [409] = true, [422] = true, [429] = true, [502] = true, [503] = true, [504] = true,
  }

  local function finish(run, flight)
    local tab, person = flight.tab, flight.person
    local value, answer = tab.agent:finish(flight.client)
    tab.busy = false
    local what = value and value.name or value and value.done and "done" or tostring(answer.status)
    run.seen[what] = (run.seen[what] or 0) + 1
    if answer.status == 204 then
      tab.person, tab.step, tab.agent.journey, tab.done = nil, nil, nil, nil
    elseif answer.status == 200 then
      if flight.action == "start" then run.owner[value.journey] = person end
      local owner = assert(run.owner[value.journey], "an answer of a journey that nobody began")
      if person then assert.equal(person, owner, "the answer is another customer's") end
      assert_only(run, answer.body, owner, flight.action)
      show(tab, owner, value)
    else
      assert.is_true(PROBLEMS[answer.status], answer.status .. " " .. answer.body)
      assert_only(run, answer.body, value.step and run.owner[value.step.journey] or person, flight.action)
      if value.name == "journey_replaced" then assert.same({}, answer.cookies) end
      if value.name == "journey_replaced" or value.name == "no_journey" then tab.person, tab.step, tab.done = nil, nil, nil end
      if value.step then show(tab, assert(run.owner[value.step.journey]), value.step) end
      if value.name:find "^too_many_[^a]" then tab.done = true end
    end
  end

  local function play(run)
    for _ = 1, ROUNDS do
      if run.random.chance(0.05) then
        local kind = run.random.pick(FAULTS)
        shop:platform(("platform:fault { kind = '%s', times = 1%s }"):format(kind, kind == "delay" and ", seconds = 0.1" or ""))
      end
      local tab = run.random.pick(run.tabs)
      if tab.busy or #run.flying >= AT_ONCE then
        if run.flying[1] then finish(run, table.remove(run.flying, run.random.below(#run.flying) + 1)) end
      else
        begin(run, tab)
      end
    end
    while run.flying[1] do finish(run, table.remove(run.flying, 1)) end
    shop:platform "platform:clear()"
  end

  -- The requests of a run hold what is their customer's, and nobody else's.
  local function examine(run)
    local calls = {}
    for _, text in ipairs(shop:received()) do
      local customer_id = text:match "/(%d%d%d%d%d%d%d%d%d%d)[/?\n]"
      local person = run.everybody[customer_id]
      -- What belongs to nobody in particular: the languages of the consent, and its text.
      if person then
        calls[person] = (calls[person] or 0) + 1
        local otp = text:match '"otp":"?(%d+)'
        if otp then assert.is_true(run.typed[otp] ~= nil and run.typed[otp][person] or otp == "000000", "another's OTP: " .. text) end
      end
      assert_only(run, text, person, "a request")
    end
    local total = 0
    for person, count in pairs(calls) do
      local starts = run.starts[person]
      local sms = tonumber(shop:platform(("return #platform:sms('%s')"):format(person.customer_id)))
      assert.is_true(sms <= starts * MOST_OTPS, ("%d SMS for %d journeys"):format(sms, starts))
      assert.is_true(count <= starts * MOST_CALLS, ("%d calls for %d journeys"):format(count, starts))
      total = total + sms
    end
    return total
  end

  for _, store in ipairs { "cookie", "dict", "redis" } do
    it("mixes nobody up (" .. store .. ")", function()
      local seed = SEED + #store
      shop:received()
      local run = new_run(store, seed)
      local ok, problem = pcall(function()
        play(run)
        return examine(run)
      end)
      if not ok then error(("EKO_RANDOM_SEED=%d: %s"):format(SEED, type(problem) == "table" and json.encode(problem) or tostring(problem))) end
      print(("  %s: EKO_RANDOM_SEED=%d, %d customers, %d SMS, answers %s"):format(store, SEED, #run.everybody, problem, json.encode(run.seen)))
      assert.is_true(#run.everybody > ROUNDS / 40)
      for _, name in ipairs { "200", "done", "journey_replaced", "journey_busy" } do
        assert.is_true((run.seen[name] or 0) > 0, name .. " is not among " .. json.encode(run.seen))
      end
    end)
  end
end)
