-- An OTP, whatever it is for: how long it lives, whom it belongs to, what its reference looks like.
local answers = require "spec.support.answers"
local emulated = require "spec.support.emulator_platform"

local mobile, person = emulated.mobile, emulated.person
local profile, digikhata, levin = emulated.profile, emulated.digikhata, emulated.levin
local wrong = emulated.wrong
local answer = answers.of

describe("the life of an OTP", function()
  local function verify(s, ref, otp)
    return answer(s.call("POST", digikhata .. "/otp/verify", { otp = otp or s.otp(), otp_ref_id = ref }))
  end

  it("ends with a newer one", function()
    local s = emulated.new()
    local first = s.call("POST", digikhata, person).data.otp_ref_id
    local first_otp = s.otp()
    local second = s.call("POST", digikhata .. "/otp").data.otp_ref_id
    assert.equal("otp_failed", verify(s, first, first_otp))
    assert.equal("aadhaar_required", verify(s, second))
  end)

  it("ends after three wrong attempts, even for the right one", function()
    local s = emulated.new()
    local ref = s.call("POST", digikhata, person).data.otp_ref_id
    for _ = 1, 3 do assert.equal("otp_failed_wrong", verify(s, ref, wrong(s.otp()))) end
    assert.equal("otp_failed_expired", verify(s, ref))
    ref = s.call("POST", digikhata .. "/otp").data.otp_ref_id
    assert.equal("aadhaar_required", verify(s, ref))
  end)

  it("is bound to its customer and rail", function()
    local s = emulated.new()
    local ref = s.call("POST", digikhata, person).data.otp_ref_id
    local otp = s.otp()
    assert.equal("otp_failed", answer(s.call("POST", "/customer/payment/ppi-digikhata/sender/9333333333/otp/verify",
      { otp = otp, otp_ref_id = ref })))
    assert.equal("not_validated", answer(s.call("POST", levin .. "/otp/verify",
      { otp = otp, otp_ref_id = ref, intent_id = "19" })))
    assert.equal("aadhaar_required", verify(s, ref, otp))
  end)

  it("has length, lifetime and attempts as knobs", function()
    local s = emulated.new { otp = { ttl = 10, attempts = 1, length = 4 } }
    local ref = s.call("POST", digikhata, person).data.otp_ref_id
    assert.equal(4, #s.otp())
    s.clock.ms = s.clock.ms + 9999
    assert.equal("otp_failed_wrong", verify(s, ref, wrong(s.otp())))
    assert.equal("otp_failed_expired", verify(s, ref))
  end)

  it("is compared as text: an integer will do unless it lost a leading zero", function()
    local with_zero, without
    for seed = 1, 200 do
      local s = emulated.new { seed = seed }
      local ref = s.call("POST", digikhata, person).data.otp_ref_id
      if s.otp():find "^0" then with_zero = with_zero or { s, ref } else without = without or { s, ref } end
      if with_zero and without then break end
    end
    local s, ref = without[1], without[2]
    assert.equal("aadhaar_required", verify(s, ref, tonumber(s.otp())))
    s, ref = with_zero[1], with_zero[2]
    assert.equal("otp_failed_wrong", verify(s, ref, tonumber(s.otp())))
    assert.equal("aadhaar_required", verify(s, ref, s.otp()))
  end)

  it("has a ref of any of the forms that were seen", function()
    local shapes = {
      base64_88 = { 88, "^[%w+/]+=*$" }, base64_96 = { 96, "^[%w+/]+=*$" }, base64_160 = { 160, "^[%w+/]+=*$" },
      not_base64_74 = { 74, "^[%w+/]+=$" }, uuid = { 36, "^%x+%-%x+%-4%x+%-a%x+%-%x+$" }, digits_9 = { 9, "^[1-9]%d+$" },
      tilde = { nil, "^9444444444~9444444444~Channel4~%d+~%d+$" },
    }
    for form, shape in pairs(shapes) do
      local s = emulated.new { otp_ref_id = form }
      local ref = s.call("POST", digikhata, person).data.otp_ref_id
      assert.truthy(ref:find(shape[2]), form)
      assert.equal(shape[1] or #ref, #ref, form)
      assert.equal("aadhaar_required", verify(s, ref), form)
    end
    local s = emulated.new { otp_ref_id = function(rail, purpose) return rail .. "+/=" .. purpose end }
    assert.equal("digikhata+/=sender", s.call("POST", digikhata, person).data.otp_ref_id)
    local seen = {}
    for seed = 1, 60 do
      seen[#emulated.new { seed = seed }.call("POST", digikhata, person).data.otp_ref_id] = true
    end
    for form, shape in pairs(shapes) do
      assert.truthy(shape[1] == nil or seen[shape[1]], "no seed gives a reference of the form " .. form)
    end
  end)

  it("is listed with its time, and told to whoever listens", function()
    local heard = {}
    local s = emulated.new { on_sms = function(to, message) heard[#heard + 1] = to .. " " .. message.purpose end }
    s.call("POST", digikhata, person)
    assert.same({ { to = mobile, otp = s.otp(), purpose = "sender", at = emulated.start_ms } }, s.platform:sms(mobile))
    assert.same({ mobile .. " sender" }, heard)
    assert.same({}, s.platform:sms "9333333333")
  end)

  it("comes with status 0 in the live envelope", function()
    local s = emulated.new { envelope = "live", customers = { [mobile] = { levin = "active", digikhata = "active", customer = "active" } } }
    for _, path in ipairs { levin, digikhata, profile } do
      assert.equal("otp_sent", answer(s.call("GET", path)), path)
    end
  end)
end)
