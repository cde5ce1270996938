-- What a journey may do at most: OTPs, refusals, calls. Each way that leads to an SMS is a row; see refusals_spec.lua too.

local eko = require "eko"
local journey = require "spec.support.journey"
local rails = require("eko.emulator.customers").rails

local mobile, key, person = "9444444444", journey.key, journey.person
local envelope = journey.envelope
local MINUTE = 60000

local function setup(options, client_options)
  local s = journey.of_one(mobile, options, client_options)
  function s.sent() return #s.platform:sms(mobile) end
  function s.wait(ms) s.clock.ms = s.clock.ms + ms end
  return s
end

local details = { name = person.name, dob = person.dob, residence_address = person.residence_address }

local function right(s, flow) return journey.answers(flow:step(), s.newest) end

-- ---- ways to an SMS ----

local active = { customers = { [mobile] = { levin = "active", digikhata = "active" } } }

local function resending(wallet, state)
  return {
    wallet .. "." .. state .. ", sent again and again",
    begin = function(s) return (s.upto(wallet, state)) end,
    turn = function(s, flow)
      s.wait(MINUTE)
      if flow:state() == "aadhaar" then return flow:advance { consent = true, aadhar = person.aadhar } end
      return flow:resend()
    end,
  }
end

local function expiring(wallet, state, ends)
  return {
    ends = ends,
    wallet .. "." .. state .. ", given too late each time",
    begin = function(s) return (s.upto(wallet, state)) end,
    turn = function(s, flow)
      if flow:step().needs[1] == "otp" then
        local otp = s.newest()
        s.wait(6 * MINUTE)
        return flow:advance { otp = otp }
      end
      return flow:advance(right(s, flow))
    end,
  }
end

-- The answers to every call that sends an SMS are lost.
local function losing(wallet, fault, options)
  return {
    ("%s, the answers lost: %s, carried out: %s"):format(wallet, fault.kind, tostring(fault.commit)), options = options,
    begin = function(s)
      local flow = s.begin(wallet, details)
      local plan = { times = 1000 }
      for name, value in pairs(fault) do plan[name] = value end
      s.platform:fault(plan)
      return flow
    end,
    turn = function(_, flow) return flow:advance() end,
  }
end

local ways = {
  resending("customer", "otp"), resending("digikhata", "otp"), resending("levin", "otp"), resending("fino", "ekyc_otp"),
  resending("digikhata", "aadhaar_otp"), resending("levin", "aadhaar_otp"),
  expiring("customer", "otp"), expiring("digikhata", "otp"), expiring("levin", "otp"), expiring("fino", "ekyc_otp"),
  expiring("digikhata", "aadhaar_otp"), expiring("levin", "aadhaar_otp", "too_many_refusals"),
  losing("levin", { kind = "reset", commit = true }, active), losing("digikhata", { kind = "html_502", commit = true }, active),
  losing("levin", { kind = "truncated", commit = true }, active), losing("levin", { kind = "empty_204", commit = true }, active),
  losing("levin", { kind = "drop", commit = true }), losing("customer", { kind = "redirect", commit = true }),
  losing("customer", { kind = "too_many", commit = true }),
  {
    "a wallet_token that is never good for long", options = { strict_token = true, levin = { token_on_2136 = true, token_ttl = 60 } },
    begin = function(s) return (s.upto("levin", "aadhaar")) end,
    turn = function(s, flow)
      if flow:state() == "aadhaar" then s.wait(61000) end
      return flow:advance(right(s, flow))
    end,
  },
  {
    "another wallet after the customer's own",
    begin = function(s)
      local flow = s.upto("customer", "otp")
      for _ = 1, 3 do
        s.wait(MINUTE)
        assert(flow:resend())
      end
      assert.equal("choice", assert(flow:advance { otp = s.newest() }).state)
      assert.equal("levin", assert(flow:advance { continue_with = "levin" }).wallet)
      return flow
    end,
    turn = function(s, flow)
      s.wait(MINUTE)
      return flow:resend()
    end,
  },
  {
    "an Aadhaar number that is refused five times over, for an OTP each time", options = { aadhaar = "strict" },
    begin = function(s) return (s.upto("levin", "aadhaar")) end,
    turn = function(s, flow)
      if flow:state() == "aadhaar" then return flow:advance { consent = true, aadhar = "999999990018" } end
      return flow:advance(right(s, flow))
    end,
    ends = "too_many_refusals",
  },
}

describe("SMS of a journey #harm06", function()
  local function last_error(s, row, resumed)
    local flow = row.begin(s)
    for _ = 1, 60 do
      if resumed then
        local token = assert(flow:suspend(key))
        flow = assert(s.client:resume(token, key))
        if flow:state() == "consent_text" then assert(flow:advance()) end
      end
      local _, err = row.turn(s, flow)
      if err and (err.name == "too_many_otps" or err.name == "too_many_refusals") then return flow, err end
    end
    return flow
  end

  for _, row in ipairs(ways) do
    for _, resumed in ipairs { false, true } do
      it("have a bound: " .. row[1] .. (resumed and ", put away each time" or ""), function()
        local s = setup(row.options)
        local flow, err = last_error(s, row, resumed)
        assert.truthy(s.sent() <= 6, s.sent() .. " SMS were sent")
        assert.equal(row.ends or "too_many_otps", err and err.name)
        assert.equal(err.name, flow:ended().name)
        local sent, calls = s.sent(), s.platform:count()
        assert.is_nil((flow:advance { otp = "1" }))
        assert.is_nil((flow:resend()))
        assert.same({ sent, calls }, { s.sent(), s.platform:count() })
      end)
    end
  end

  it("are asked for six times where the answers are lost before anything was done", function()
    local s = setup()
    s.platform:fault { kind = "drop", commit = false, times = 1000 }
    local flow = s.begin "levin"
    for _ = 1, 30 do flow:advance() end
    assert.equal(6, s.platform:count "ppi-levin-get-sender")
  end)

  it("are bounded in eko.run, whatever the person types", function()
    for _, wallet in ipairs(rails) do
      local s, asked = setup(), 0
      local step, err = eko.run(s.begin(wallet), function(each)
        asked = asked + 1
        if asked > 300 then return nil end
        local given = journey.answers(each, s.newest)
        if given.otp then given.otp = journey.wrong(given.otp) end
        return given
      end)
      assert.truthy(s.sent() <= 6, wallet .. ": " .. s.sent() .. " SMS")
      assert.truthy(asked < 60, wallet .. ": asked " .. asked .. " times")
      assert.is_nil(step)
      -- (A sender who is read between two OTPs of an eKYC is sent another one by the emulator.)
      assert.equal(wallet == "fino" and "too_many_otps" or "too_many_refusals", err.name)
    end
  end)
end)

-- What a platform sends without being asked: another OTP with its answer to an OTP.
describe("an OTP that comes as the answer to one #harm06", function()
  for _, case in ipairs { { "customer", "otp" }, { "digikhata", "otp" }, { "levin", "otp" }, { "fino", "ekyc_otp" },
    { "digikhata", "aadhaar_otp" }, { "levin", "aadhaar_otp" } } do
    it(("ends a journey at its bound: %s.%s"):format(case[1], case[2]), function()
      local s = setup()
      local flow = s.upto(case[1], case[2])
      local slug = require("eko.journey.inputs").slug(case[1], flow:definition())
      local sent = s.sent()
      local answered, err = 0, nil
      for turn = 1, 20 do
        s.script(slug, envelope(0, 0, 2129, { data = { otp_ref_id = "r" .. turn, kyc_request_id = "k" } }))
        local before = s.platform:count(slug)
        err = select(2, flow:advance { otp = "123456" })
        answered = answered + s.platform:count(slug) - before
      end
      -- The one beyond the bound is not known before it is sent; none follows.
      assert.truthy(sent + answered <= 7, sent + answered .. " SMS")
      assert.equal("too_many_otps", err and err.name)
      assert.equal("too_many_otps", flow:ended().name)
    end)
  end
end)

describe("calls that send an SMS", function()
  it("are asked for without end where the call surely reached nobody", function()
    local s = setup({}, { transport = function() return nil, { name = "connection_refused", message = "x", sent = false } end })
    local flow = s.begin "levin"
    for _ = 1, 100 do assert.equal("connection_refused", select(2, flow:advance()).name) end
    assert.is_nil(flow:ended())
  end)

  it("are not asked for a second time, signed anew, when only one is left", function()
    local s = setup(active)
    s.platform:fault { kind = "reset", commit = true, times = 5 }
    local flow = s.begin "levin"
    for _ = 1, 5 do assert.is_nil((flow:advance())) end
    s.script("ppi-levin-get-sender", envelope(2485, 1, 2485))
    local requests = s.platform:count()
    assert.is_nil((flow:advance()))
    assert.equal(1, s.platform:count() - requests)
    assert.equal("too_many_otps", select(2, flow:advance()).name)
  end)
end)

describe("a resend", function()
  it("comes no sooner than 30 seconds after the one before #harm06", function()
    local s = setup()
    local flow = s.upto("digikhata", "otp")
    assert(flow:resend())
    local sent = s.sent()
    local step, err = flow:resend()
    assert.equal(sent, s.sent())
    assert.is_nil(step)
    assert.equal("resend_too_soon", err.name)
    assert.truthy(err.retry_after >= 29 and err.retry_after <= 30 and err.retryable)
    assert.equal("otp", flow:state())
    s.wait(20000)
    flow = assert(s.client:resume(flow:suspend(key), key))
    assert.truthy(select(2, flow:resend()).retry_after <= 10)
    s.wait(10001)
    assert.equal("otp", assert(flow:resend()).state)
    assert.equal(sent + 1, s.sent())
  end)

  it("is not locked out by a clock that was set back", function()
    for _, back in ipairs { 1000, 29000, 31000, 3600000, 1e12 } do
      local s = setup()
      local flow = s.upto("customer", "otp")
      assert(flow:resend())
      -- The journey's clock alone: what cannot be signed for a clock that stands still is another matter.
      local set, waited = s.clock.ms - back, 0
      flow.clock = function() return set end
      local step, err = flow:resend()
      while not step and waited <= 61 do
        assert.truthy(err.retry_after <= 30, err.retry_after)
        set, waited = set + 1000, waited + 1
        step, err = flow:resend()
      end
      assert.truthy(step, back)
    end
  end)

  it("that reached nobody keeps nobody waiting", function()
    local down = false
    local s
    s = setup({}, { transport = function(request)
      if down then return nil, { name = "connection_refused", message = "x", sent = false } end
      return s.platform(request)
    end })
    local flow = s.upto("digikhata", "otp")
    down = true
    assert.equal("connection_refused", select(2, flow:resend()).name)
    down = false
    assert.equal("otp", assert(flow:advance()).state)
    assert.equal("otp", assert(flow:resend()).state)
  end)

  it("is not offered, and ends the journey, when no OTP is left", function()
    local s = setup()
    local flow = s.upto("digikhata", "otp")
    local step = flow:step()
    for _ = 1, 5 do
      assert.is_true(step.can_resend)
      s.wait(MINUTE)
      step = assert(flow:resend())
    end
    assert.is_false(step.can_resend)
    -- The last one may be answered.
    local other = assert(s.client:resume(flow:suspend(key), key))
    assert.equal("consent_language", assert(other:advance { otp = s.newest() }).state)
    s.wait(MINUTE)
    assert.equal("too_many_otps", select(2, flow:resend()).name)
    assert.equal(6, s.sent())
  end)
end)

describe("the limits of a journey", function()
  it("say what is wrong with them", function()
    local client = setup().client
    for _, bad in ipairs {
      5, { otps = 0 }, { otps = 1.5 }, { otps = "6" }, { refusals = -1 }, { calls = 0 / 0 }, { resend_seconds = -1 }, { otp = 3 },
      { calls = math.huge },
    } do
      local ok, problem = pcall(function() client:onboarding("levin", { customer_id = mobile }, { limits = bad }) end)
      assert.is_false(ok)
      assert.truthy(problem:find("limits_spec.lua", 1, true), problem)
    end
    local ok, problem = pcall(function() client:onboarding("levin", { customer_id = mobile }, { limit = {} }) end)
    assert.is_false(ok)
    assert.truthy(problem:find 'did you mean "limits"?')
  end)

  it("go along in the token", function()
    local s = setup(active)
    local flow = s.client:onboarding("levin", { customer_id = mobile }, { limits = { otps = 2, refusals = 3, resend_seconds = 0 } })
    assert(flow:advance())
    flow = assert(s.client:resume(flow:suspend(key), key))
    assert(flow:resend())
    assert.equal("too_many_otps", select(2, flow:resend()).name)
    assert.equal(2, s.sent())
    flow = s.client:onboarding("levin", { customer_id = mobile }, { limits = { refusals = 3 } })
    assert(flow:advance())
    for _ = 1, 2 do assert(flow:advance { otp = "1" }) end
    flow = assert(s.client:resume(flow:suspend(key), key))
    assert.equal("too_many_refusals", select(2, flow:advance { otp = "1" }).name)
  end)

  it("hold for calls: 60, whatever goes wrong", function()
    local s = setup()
    local flow = s.upto("digikhata", "otp")
    for _ = 1, 100 do
      s.script("ppi-digikhata-verify-otp", envelope(0, 0, 9999))
      flow:advance { otp = "1" }
    end
    assert.equal(60, s.platform:count())
    assert.equal("too_many_calls", flow:ended().name)
  end)

  it("leave nothing behind of an ended journey but counts and history", function()
    local s = setup()
    local flow = s.client:onboarding("levin", { customer_id = mobile }, { limits = { refusals = 1 } })
    assert(flow:advance { name = person.name })
    assert.is_nil((flow:advance { dob = "x" }))
    local step = flow:step()
    assert.same({ {}, false, false }, { step.needs, step.can_resend, step.done })
    assert.equal("too_many_refusals", step.error.name)
    assert.truthy(step.prompt:find "begin again")
    local plaintext = require("eko.base.sealed").open({ key }, flow:suspend(key), 0)
    assert.is_nil(plaintext:find(person.name, 1, true))
  end)
end)
