-- The OTPs of a journey, on every wallet: wrong, expired, early and sent again.
local answers = require "spec.support.answers"
local journey = require "spec.support.journey"

local mobile, setup, key = journey.customer, journey.of_customer, journey.key

describe("flow:advance with an OTP", function()
  it("keeps the state at a wrong OTP and reports it", function()
    local s = setup()
    local flow = s.upto("digikhata", "otp")
    local otp = s.newest()
    local step = assert(flow:advance { otp = journey.wrong(otp) })
    assert.equal("otp", step.state)
    assert.same({ "otp" }, step.needs)
    assert.equal("wrong_otp", step.error.name)
    assert.equal(1, step.wrong)
    step = assert(flow:advance {})
    assert.is_nil(step.error)
    assert.equal(1, step.wrong)
    step = assert(flow:advance { otp = otp })
    assert.equal("consent_language", step.state)
    assert.equal(0, step.wrong)
    assert.is_nil(step.error)
  end)

  it("has another OTP sent after five wrong ones, and says how many tries are left only when the platform has said it", function()
    local s = setup { levin = { expired = "2138" } }
    local flow, step = s.upto("levin", "otp")
    assert.is_nil(step.attempts_left)
    for _ = 1, 4 do
      step = assert(flow:advance { otp = "1" })
      assert.is_nil(step.attempts_left)
    end
    local sent = #s.platform:sms(mobile)
    step = assert(flow:advance { otp = "1" })
    assert.equal("wrong_otp", step.error.name)
    assert.equal(sent + 1, #s.platform:sms(mobile))
    s.script("ppi-levin-verify-otp", answers.named "otp_attempts_exhausted")
    step = assert(flow:advance { otp = "2" })
    assert.equal("otp", step.state)
    assert.equal("otp_attempts_exhausted", step.error.name)
    assert.equal(0, step.attempts_left)
    assert.equal(0, assert(s.client:resume(flow:suspend(key), key)):step().attempts_left)
    step = assert(flow:resend())
    assert.is_nil(step.attempts_left)
    assert.is_nil(select(2, s.upto("levin", "aadhaar")).attempts_left)
  end)

  for wallet, states in pairs {
    customer = { "otp" }, digikhata = { "otp", "aadhaar_otp" }, levin = { "otp" }, fino = { "ekyc_otp" },
  } do
    for _, state in ipairs(states) do
      it(("renews an expired OTP of %s.%s the wallet's own way"):format(wallet, state), function()
        local s = setup()
        local flow = s.upto(wallet, state)
        local old = s.newest()
        s.clock.ms = s.clock.ms + 301000
        local step = assert(flow:advance { otp = old })
        assert.equal("otp_expired", step.error.name)
        if wallet == "fino" then
          assert.equal("ekyc", step.state)
        elseif state == "aadhaar_otp" then
          assert.equal("aadhaar", step.state)
          assert.truthy(step.consent.text)
        else
          assert.equal("otp", step.state)
          assert.are_not.equal(old, s.newest())
          assert.equal(0, step.wrong)
        end
        assert.is_true(journey.drive(flow, s.newest).done)
      end)
    end
  end

  it("takes no OTP that was given before it was asked for", function()
    local s = setup { customers = { [mobile] = { levin = "active" } } }
    local flow = s.begin("levin", { otp = "123456" })
    local step = assert(flow:advance { otp = "123456" })
    assert.equal("otp", step.state)
    assert.is_nil(step.error)
    assert.equal(0, s.platform:count "ppi-levin-verify-otp")
    -- The answer is lost after the fact: the next advance has another OTP sent, for which the old one cannot be meant.
    s.platform:fault { kind = "drop", commit = true, slug = "ppi-levin-verify-otp" }
    local otp = s.newest()
    assert.is_nil((flow:advance { otp = otp }))
    step = assert(flow:advance { otp = otp })
    assert.equal("otp", step.state)
    assert.equal(1, s.platform:count "ppi-levin-verify-otp")
  end)
end)

describe("flow:resend", function()
  it("has another OTP sent, each wallet's own way", function()
    for wallet, slug in pairs {
      customer = "get-customer-info", digikhata = "ppi-digikhata-generate-sender-otp", levin = "ppi-levin-get-sender",
    } do
      local s = setup()
      local flow = s.upto(wallet, "otp")
      local old, before = s.newest(), s.platform:count(slug)
      assert(flow:advance { otp = journey.wrong(old) })
      local step = assert(flow:resend())
      assert.equal("otp", step.state, wallet)
      assert.equal(0, step.wrong, wallet)
      assert.equal(before + 1, s.platform:count(slug), wallet)
      step = assert(flow:advance { otp = s.newest() })
      assert.are_not.equal("otp", step.state, wallet)
    end
  end)

  it("has Fino's eKYC OTP sent again by reading the sender", function()
    local s = setup()
    local flow = s.upto("fino", "ekyc_otp")
    local sent = #s.platform:sms(mobile)
    assert.equal("ekyc_otp", assert(flow:resend()).state)
    assert.equal(sent + 1, #s.platform:sms(mobile))
    assert.is_true(flow:advance({ otp = s.newest() }).done)
  end)

  it("asks for consent and number again where an Aadhaar OTP is to be sent again", function()
    for _, wallet in ipairs { "digikhata", "levin" } do
      local s = setup()
      local flow = s.upto(wallet, "aadhaar_otp")
      local step = assert(flow:resend())
      assert.equal("aadhaar", step.state, wallet)
      assert.same({ "consent", "aadhar" }, step.needs, wallet)
      assert.equal(wallet == "digikhata", step.consent ~= nil, wallet)
      assert.is_true(journey.drive(flow, s.newest).done, wallet)
    end
  end)

  it("is an error where no OTP is waited for", function()
    local s = setup()
    local flow = s.begin "levin"
    local step, err = flow:resend()
    assert.is_nil(step)
    assert.equal("nothing_to_resend", err.name)
    assert.equal("sender", flow:state())
  end)

  it("goes on by advance when it failed itself", function()
    local s = setup()
    local flow = s.upto("digikhata", "otp")
    s.platform:fault { kind = "html_502" }
    assert.is_nil((flow:resend()))
    assert.equal("otp", assert(flow:advance()).state)
    assert.is_true(journey.drive(flow, s.newest).done)
  end)
end)
