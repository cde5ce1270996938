-- The platform's options: their names and types, seeds, customers put in place.
local emulated = require "spec.support.emulator_platform"
local emulator = require "eko.emulator"

local mobile, person = emulated.mobile, emulated.person
local digikhata = emulated.digikhata

describe("options", function()
  it("are checked by name, type and value", function()
    assert.error_matches(function() emulator.new { develper_key = "x" } end, "did you mean 'developer_key'")
    assert.error_matches(function() emulator.new { levin = { token_on = true } } end, "did you mean 'token_")
    assert.error_matches(function() emulator.new { envelope = "real" } end, "one of: docs, live")
    assert.error_matches(function() emulator.new { strict = 1 } end, "must be a boolean")
    assert.error_matches(function() emulator.new { otp_ref_id = "base64_80" } end, "did you mean 'base64_88'")
  end)

  it("give the same run for the same seed", function()
    local one, two = emulated.new { seed = 7 }, emulated.new { seed = 7 }
    assert.same(one.call("POST", digikhata, person), two.call("POST", digikhata, person))
    assert.equal(one.otp(), two.otp())
  end)
end)

describe("customers put in place", function()
  it("may stand in any state of any rail", function()
    local s = emulated.new { customers = { [mobile] = { name = "Mina Das", levin = { state = "active", balance = "12.34", used = 100 },
      digikhata = "pan_pending" } } }
    local view = s.platform:customer(mobile)
    assert.equal("Mina Das", view.name)
    assert.equal("12.34", view.levin.balance)
    assert.same({ total = 50000, used = 100, remaining = 49900 }, view.levin.limits)
    assert.is_true(view.digikhata.aadhaar_verified)
    assert.equal("not_enrolled", view.fino.state)
    view.levin.state = "changed"
    assert.equal("active", s.platform:customer(mobile).levin.state)
    assert.is_nil(s.platform:customer "9333333333")
  end)

  it("must be spelled right", function()
    local platform = emulated.new().platform
    assert.error_matches(function() platform:enrol(mobile, { levn = "active" }) end, "did you mean 'levin'")
    assert.error_matches(function() platform:enrol(mobile, { levin = "done" }) end, "levin cannot be 'done'")
    assert.error_matches(function() platform:enrol("123", {}) end, "10 digits")
  end)
end)
