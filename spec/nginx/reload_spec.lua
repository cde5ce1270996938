-- Journeys in an nginx that is reloaded, and whose workers are killed.
local json = require "eko.base.json"
local load = require "spec.support.nginx_load"
local shops = require "spec.support.shop"
local socket = require "socket"

-- EKO_RELOAD_SECONDS makes it shorter on a developer's machine.
local RELOAD_SECONDS = tonumber(os.getenv "EKO_RELOAD_SECONDS" or 30)

describe("eko.nginx", function()
  local shop
  setup(function() shop = shops.start { workers = 4 } end)
  teardown(function() shop:stop_clean() end)

  it("goes on with a cookie when nginx was lost, and with Redis", function()
    for _, store in ipairs { "cookie", "redis" } do
      local agent, customer = shop:agent(store), shop:new_customer()
      agent:advance(shop:answers(agent:start("levin", customer), customer))
      for _, pid in ipairs(shop.app:workers()) do shop.app:kill_worker(pid) end
      local deadline = socket.gettime() + 10
      local answer
      repeat
        answer = shop.app:try(agent:request_of("resume", nil, { method = "GET" }))
      until answer or socket.gettime() > deadline
      assert.equal(200, answer.status, store)
      assert.equal("otp", json.decode(answer.body).state, store)
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
      local inputs = shop:answers(step, customer)
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
        local agent, customer = shop:agent(store), shop:new_customer()
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
end)
