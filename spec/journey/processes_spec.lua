-- Journeys over HTTP that go on in other processes and beside each other.
local emulator_server = require "spec.support.emulator_server"
local journey = require "spec.support.journey"
local rails = require("eko.emulator.customers").rails

describe("a journey over HTTP", function()
  local server, client

  setup(function()
    server = emulator_server.start()
    client = journey.client(server)
  end)
  teardown(function() server.stop() end)
  before_each(function() server.clear() end)

  local wallets = rails

  --- Carries a journey by turns: every step is done by the next process, from the token of the one before.
  local function by_turns(wallet, mobile, turns, seen)
    local flow = client:onboarding(wallet, { customer_id = mobile })
    local token, turn = flow:suspend(journey.key), 0
    local given
    for _ = 1, 20 do
      turn = turn + 1
      local interpreter = turns[(turn - 1) % #turns + 1]
      local answer = journey.elsewhere(interpreter, server, { token = token, key = journey.key, inputs = given })
      assert.is_nil(answer.error)
      assert.equal(interpreter, answer.lua)
      local step = answer.step
      token = answer.token
      seen[step.wallet .. "." .. step.state] = true
      if step.done then return answer end
      step.needs = step.needs or {}
      given = journey.answers(step, journey.otp_of(server, mobile))
    end
    error "it does not end"
  end

  for _, wallet in ipairs(wallets) do
    it("of " .. wallet .. " is put away at each stop and goes on in another process, by turns on both Luas", function()
      local these = journey.interpreters()
      for _, turns in ipairs { these, { these[2], these[1] } } do
        local mobile, seen = journey.mobile(), {}
        local answer = by_turns(wallet, mobile, turns, seen)
        assert.is_true(answer.step.done)
        assert.equal("active", server.customer(mobile)[answer.step.wallet].state)
        assert.is_true(seen[wallet .. ".details"] and seen[answer.step.wallet .. ".done"])
      end
    end)
  end

  it("goes on in another process from the state in which a call failed", function()
    local other = journey.interpreters()[2]
    local resumed = {}
    for _, wallet in ipairs(wallets) do
      for call = 0, journey.calls_of(server, client, wallet) - 1 do
        local mobile, made, perform = journey.mobile(), 0, require "spec.support.transport" {}
        local failing = journey.client(server, { transport = function(request)
          made = made + 1
          if made == call + 1 then return nil, { name = "connection_refused", message = "nobody listens", sent = false } end
          return perform(request)
        end })
        local flow = failing:onboarding(wallet, { customer_id = mobile })
        local step = journey.drive(flow, journey.otp_of(server, mobile), { on_failure = function(failed)
          local answer = journey.elsewhere(other, server, { token = failed:suspend(journey.key), key = journey.key })
          assert.is_nil(answer.error)
          resumed[wallet .. "." .. failed:state()] = true
          return assert(client:resume(answer.token, journey.key))
        end })
        assert.equal("active", server.customer(mobile)[step.wallet].state, wallet .. ", call " .. call)
      end
    end
    for _, state in ipairs { "customer.sender", "customer.details", "customer.otp", "digikhata.consent_languages",
      "digikhata.consent_text", "digikhata.aadhaar", "digikhata.aadhaar_otp", "digikhata.pan", "levin.aadhaar", "levin.pan",
      "fino.sender", "fino.ekyc", "fino.ekyc_otp" } do
      assert.is_true(resumed[state], state)
    end
  end)

  it("of several customers is interleaved", function()
    local flows = {}
    for index = 1, 8 do
      local mobile = journey.mobile()
      flows[index] = { mobile = mobile, flow = client:onboarding(wallets[index % 4 + 1], { customer_id = mobile }) }
    end
    local left = #flows
    for _ = 1, 40 do
      for _, each in ipairs(flows) do
        if not (each.step and each.step.done) then
          local given = each.step and journey.answers(each.step, journey.otp_of(server, each.mobile)) or nil
          each.step = assert(each.flow:advance(given))
          if each.step.done then left = left - 1 end
        end
      end
    end
    assert.equal(0, left)
    for _, each in ipairs(flows) do
      assert.equal("active", server.customer(each.mobile)[each.step.wallet].state, each.step.wallet)
    end
  end)
end)
