-- Fino answers 2131 to a wrong OTP and to the OTP of a customer who is registered already, perhaps because this very OTP was accepted
-- before: the sender is read before anybody is told that the OTP was wrong.
local journey = require "spec.support.journey"

local mobile, envelope = "9444444444", journey.envelope
local GET, VERIFY = "dmt-get-sender", "dmt-fino-validate-ekyc-otp"

local REFUSALS = {
  { "2131/1, registered", envelope(2131, 1, 2131, { data = { description = "Customer Already registred" } }), "otp_verification_failed" },
  { "2131/1, nothing said", envelope(2131, 1, 2131), "otp_verification_failed" },
  { "2131/0", envelope(2131, 0, 2131), "otp_verification_failed" }, { "0/1/2131", envelope(0, 1, 2131), "otp_verification_failed" },
  { "2131/302", envelope(2131, 302, 2131, { data = { description = "Wrong OTP" } }), "wrong_otp" },
  { "2131/302, registered", envelope(2131, 302, 2131, { data = { description = "Customer Already registred" } }), "wrong_otp" },
  { "302", envelope(302, 1, 302), "wrong_otp" }, { "2138", envelope(2138, 1, 2138), "wrong_otp" },
}

local REFS = { otp_ref_id = "987654321", kyc_request_id = "87654321" }

-- What the sender is found to be, where that leads, and whether the OTP that was sent before is still the one that is waited for.
local SENDERS = {
  { "active", envelope(0, -1, 309, { data = { customer_profile = { name = "Asha Rao" } } }), "done" },
  { "registered (2132)", envelope(0, 0, 2132, { data = {} }), "done" },
  { "eKYC pending", envelope(0, 0, 2134, { data = { otp_ref_id = "" } }), "ekyc_otp", "before" },
  { "eKYC pending, status 2134", envelope(2134, 1, 2134), "ekyc_otp", "before" },
  { "OTP pending", envelope(0, 0, 2129, { data = REFS }), "ekyc_otp", "new" },
  { "OTP pending, without references", envelope(0, 0, 2129, { data = { otp_ref_id = "", kyc_request_id = "" } }), "ekyc" },
  { "not enrolled", envelope(308, 1, 308), "details" },
}

local function slugs(events, first)
  local list = {}
  for index = first, #events do list[#list + 1] = events[index].slug end
  return list
end

local function sent_with(s, flow)
  -- What the next try would go out with.
  local seen
  local calls = s.client.fino
  local own = { verify_otp = function(_, params) seen = params; return calls:verify_otp(params) end } -- luacheck: ignore
  flow.client = { fino = setmetatable(own, { __index = function(_, verb) return function(_, ...) return calls[verb](calls, ...) end end }) }
  assert(flow:advance { otp = s.newest() })
  return seen
end

describe("an OTP that Fino refuses", function()
  for _, refusal in ipairs(REFUSALS) do
    for _, sender in ipairs(SENDERS) do
      it(("as %s, the sender being %s"):format(refusal[1], sender[1]), function()
        local s = journey.of_one(mobile)
        local flow = s.upto("fino", "ekyc_otp")
        local before, otp = { otp_ref_id = flow.data.kept.otp_ref_id, kyc_request_id = flow.data.kept.kyc_request_id }, s.newest()
        local sms, first = #s.platform:sms(mobile), #s.events + 1
        s.script(VERIFY, refusal[2])
        s.script(GET, sender[2])
        local step = assert(flow:advance { otp = otp })
        assert.equal(sender[3], step.state)
        assert.same({ VERIFY, GET }, slugs(s.events, first))
        assert.equal(sms, #s.platform:sms(mobile))
        if step.done then
          assert.is_nil(step.error)
          return
        end
        assert.equal(refusal[3], step.error.name)
        if refusal[3] == "otp_verification_failed" then
          assert.truthy(step.error.message:find("wrong", 1, true) and step.error.message:find("registered already", 1, true))
        end
        if sender[4] then
          local kept = sender[4] == "new" and REFS or before
          local given = sent_with(s, flow)
          assert.same(kept, { otp_ref_id = given.otp_ref_id, kyc_request_id = given.kyc_request_id })
        end
      end)
    end
  end

  it("is said by the verb with both causes", function()
    local s = journey.of_one(mobile)
    s.script(VERIFY, REFUSALS[1][2])
    local _, err = s.client.fino:verify_otp { customer_id = mobile, otp = "123456", otp_ref_id = "1", kyc_request_id = "2" }
    assert.equal("otp_verification_failed", err.name)
    assert.truthy(err.message:find("wrong", 1, true) and err.message:find("registered already", 1, true), err.message)
    assert.truthy(err.message:find("read the sender", 1, true))
  end)

  it("is not forgotten where the sender cannot be read, nor asked for twice", function()
    local s = journey.of_one(mobile)
    local flow = s.upto("fino", "ekyc_otp")
    s.script(VERIFY, REFUSALS[2][2])
    s.platform:fault { slug = GET, kind = "unavailable" }
    local step, err = flow:advance { otp = s.newest() }
    assert.is_nil(step)
    assert.equal("http", err.kind)
    flow = assert(s.client:resume(assert(flow:suspend(journey.key)), journey.key))
    s.script(GET, SENDERS[1][2])
    step = assert(flow:advance())
    assert.is_true(step.done)
  end)

  it("counts the tries at one OTP over the looks at the sender, and has a new eKYC after five", function()
    local s = journey.of_one(mobile)
    local flow = s.upto("fino", "ekyc_otp")
    for try = 1, 4 do
      s.script(VERIFY, REFUSALS[5][2])
      s.script(GET, SENDERS[3][2])
      local step = assert(flow:advance { otp = "1" })
      assert.equal("ekyc_otp", step.state)
      assert.equal(try, step.wrong)
    end
    s.script(VERIFY, REFUSALS[5][2])
    s.script(GET, SENDERS[3][2])
    assert.equal("ekyc", assert(flow:advance { otp = "1" }).state)
  end)
end)
