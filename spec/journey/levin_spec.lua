-- What is Levin's own: a wallet_token, which goes with all the later calls.
local answers = require "spec.support.answers"
local eko = require "eko"
local journey = require "spec.support.journey"
local json = require "eko.base.json"

local mobile, setup, key, person = journey.customer, journey.of_customer, journey.key, journey.person

describe("Levin's wallet_token", function()
  local function sent_tokens(s)
    local tokens, transport = {}, s.platform
    local client = eko.client {
      developer_key = transport.developer_key, access_key = transport.access_key, initiator_id = transport.initiator_id,
      user_code = transport.user_code, retries = 0, clock = transport.internals.clock,
      transport = function(request)
        local body = request.body and json.decode(request.body) or {}
        tokens[#tokens + 1] = body.wallet_token
        return transport(request)
      end,
    }
    local flow = client:onboarding("levin", { customer_id = mobile })
    return journey.drive(flow, s.newest), tokens
  end

  it("is sent empty where none was given", function()
    local step, tokens = sent_tokens(setup())
    assert.is_true(step.done)
    assert.same({ "", "", "" }, tokens)
  end)

  it("is sent on all the later calls where one was given, and kept out of everything else", function()
    local step, tokens = sent_tokens(setup { strict_token = true, levin = { token_on_2136 = true } })
    assert.is_true(step.done)
    assert.equal(3, #tokens)
    for _, token in ipairs(tokens) do assert.truthy(token:find "^eyJ", token) end
  end)

  it("is had anew when it has run out, in each later state", function()
    for _, state in ipairs { "aadhaar", "aadhaar_otp", "pan" } do
      local s = setup { strict_token = true, otp = { ttl = 10000 }, levin = { token_on_2136 = true, token_ttl = 60 } }
      local flow = s.upto("levin", state)
      s.clock.ms = s.clock.ms + 61000
      local step = assert(flow:advance(journey.answers(flow:step(), s.newest)))
      assert.equal("otp", step.state, state)
      assert.equal("validation_failed", step.error.name, state)
      assert.is_true(journey.drive(flow, s.newest).done, state)
    end
  end)

  it("is no riddle without end where the platform wants one that it does not give", function()
    local s = setup()
    local flow = s.upto("levin", "aadhaar")
    local function refuse()
      s.script("aadhaar-ppi-levin-validate", answers.named("missing_parameter", { invalid_params = { wallet_token = "wallet_token is mandatory" } }))
      return flow:advance { consent = true, aadhar = person.aadhar }
    end
    -- One look whether there is one now, and then an error.
    local step = assert(refuse())
    assert.same({ "otp", "missing_parameter" }, { step.state, step.error.name })
    step = assert(flow:advance { otp = s.newest() })
    assert.equal("aadhaar", step.state)
    flow = assert(s.client:resume(flow:suspend(key), key))
    local err
    step, err = refuse()
    assert.is_nil(step)
    assert.equal("missing_parameter", err.name)
    assert.truthy(err.invalid_params.wallet_token)
    assert.equal("aadhaar", flow:state())
    assert.is_true(journey.drive(flow, s.newest).done)
  end)
end)
