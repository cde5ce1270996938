-- The history of a journey.
local answers = require "spec.support.answers"
local journey = require "spec.support.journey"

local mobile, setup, key = journey.customer, journey.of_customer, journey.key
local every_text = journey.every_text

describe("flow:history", function()
  it("tells what happened, in order, and nothing secret", function()
    local s = setup()
    local flow = s.begin "levin"
    journey.drive(flow, s.newest)
    local history = flow:history()
    assert.same({ "sender not_enrolled", "details otp_sent", "otp aadhaar_required", "aadhaar otp_sent",
      "aadhaar_otp pan_required", "pan verified" }, journey.trail(flow))
    assert.same({ "get", "details" }, { history[1].call, history[1].to })
    for index = 2, #history do assert.truthy(history[index].at >= history[index - 1].at, "entry " .. index .. " is before the last") end
    history[1].state = "changed"
    assert.equal("sender", flow:history()[1].state)
    every_text(history, function(text, path) assert.is_nil(text:find("9444444444", 1, true), path) end)
    local resumed = assert(s.client:resume(flow:suspend(key), key))
    assert.same(flow:history(), resumed:history())
  end)

  it("does not grow for ever", function()
    local s = setup()
    local flow = s.client:onboarding("digikhata", { customer_id = mobile }, { limits = { calls = 1000 } })
    assert.equal("otp", journey.drive(flow, s.newest, { stop = "otp" }).state)
    for _ = 1, 130 do
      s.script("ppi-digikhata-verify-otp", answers.named "unknown_success")
      flow:advance { otp = "1" }
    end
    assert.equal(100, #flow:history())
    local token = flow:suspend(key)
    assert.truthy(#token < 2048)
    local resumed = assert(s.client:resume(token, key)):history()
    assert.truthy(#resumed >= 10 and #resumed <= 30)
    local last = flow:history()
    assert.same(last[#last], resumed[#resumed])
    assert.equal(last[#last - #resumed + 1].at, resumed[1].at)
  end)

  it("takes no name of an error that is not a plain word", function()
    for _, name in ipairs { ("\255"):rep(5000), ("x"):rep(5000), "two words", {}, 5 } do
      local s = setup({}, { transport = function() return nil, { name = name, message = "x" } end })
      local flow = s.begin "levin"
      assert.is_nil((flow:advance()))
      local kept = flow:history()[1].error
      assert.truthy(kept:find "^%a[%w_]+$", kept)
      assert.truthy(#kept <= 64, kept)
      assert.is_string((flow:suspend(key)), kept)
    end
  end)
end)
