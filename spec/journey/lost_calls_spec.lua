-- Journeys over HTTP, in which each call fails once in each way.
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

  -- Kind, whether the platform carries the call out, and whether the client waits for its time to run out.
  local faults = {
    { "delay", false, seconds = 2 }, { "delay", true, seconds = 2 }, { "drop", false }, { "drop", true }, { "reset", false },
    { "reset", true }, { "html_502", false }, { "html_502", true }, { "unavailable", false }, { "truncated", true },
    { "garbage", true }, { "empty_204", true }, { "no_key", false }, { "no_key", true }, { "too_many", false },
  }

  for _, wallet in ipairs(wallets) do
    for _, fault in ipairs(faults) do
      local kind, commit = fault[1], fault[2]
      it(("of %s survives %s %s at each of its calls"):format(wallet, kind, commit and "after the fact" or "before it"), function()
        -- Time is short only for the call that is delayed.
        local impatient = fault.seconds and journey.client(server, { timeout = 0.3 }) or client
        for call = 0, journey.calls_of(server, client, wallet) - 1 do
          server.clear()
          server.fault { kind = kind, commit = commit, seconds = fault.seconds, after = call }
          local mobile = journey.mobile()
          local flow = impatient:onboarding(wallet, { customer_id = mobile })
          local step, failures = journey.drive(flow, journey.otp_of(server, mobile))
          assert.equal(1, #failures, "call " .. call)
          assert.equal("active", server.customer(mobile)[step.wallet].state, "call " .. call)
        end
      end)
    end
  end

  it("is safe with the client's own repetitions too", function()
    local patient = journey.client(server, { retries = 2 })
    server.fault { kind = "unavailable", slug = "ppi-digikhata-consent-details" }
    server.fault { kind = "reset", slug = "ppi-digikhata-consent-languages" }
    local mobile = journey.mobile()
    local _, failures = journey.drive(patient:onboarding("digikhata", { customer_id = mobile }), journey.otp_of(server, mobile))
    assert.equal(0, #failures)
    assert.equal("active", server.customer(mobile).digikhata.state)
  end)

  it("is not spoiled by a fault that comes again and again", function()
    server.fault { kind = "html_502", commit = true, times = 3 }
    local mobile = journey.mobile()
    local step, failures = journey.drive(client:onboarding("levin", { customer_id = mobile }), journey.otp_of(server, mobile))
    assert.equal(3, #failures)
    assert.is_true(step.done)
  end)
end)
