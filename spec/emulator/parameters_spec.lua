-- What is wrong with parameters, field by field.
local answers = require "spec.support.answers"
local emulated = require "spec.support.emulator_platform"

local person = emulated.person
local account, levin, fino = emulated.account, emulated.levin, emulated.fino
local merge = emulated.merge
local answer = answers.of

describe("the emulator's checks of parameters", function()
  it("answers 97 with every field that is missing", function()
    local body = emulated.new().call("POST", account, { name = "Asha Rao" })
    assert.equal("missing_parameter", answer(body))
    assert.same({ dob = "dob is mandatory", residence_address = "residence_address is mandatory" }, body.invalid_params)
  end)

  it("knows its agents", function()
    local s = emulated.new()
    assert.equal("invalid_initiator", answer(s.call("GET", levin, { initiator_id = "9000000000" })))
    assert.equal("agent_not_allowed", answer(s.call("GET", levin, { user_code = "1" })))
    assert.equal("missing_parameter", answer(s.call("GET", levin, { initiator_id = false })))
    assert.equal("not_enrolled", answer(s.call("GET", levin, { user_code = false })))
    assert.equal("missing_parameter", answer(s.call("GET", fino, { user_code = false })))
    s.platform:add_agent { initiator_id = "9000000000", user_code = "1", balance = 5 }
    assert.equal("not_enrolled", answer(s.call("GET", levin, { initiator_id = "9000000000", user_code = "1" })))
    assert.equal("5.00", s.platform:agent_balance "9000000000")
  end)

  it("judges formats by its table of codes", function()
    local s = emulated.new()
    local function with(changes) return s.call("POST", account, merge(person, changes)) end
    assert.equal("invalid_sender_name", answer(with { name = "R2 D2" }))
    for _, dob in ipairs { "17-05-1990", "1990-02-30", "2008-09-22", "1990-13-01" } do
      assert.equal("validation_failed", answer(with { dob = dob }), dob)
    end
    assert.equal("validation_failed", answer(with { client_ref_id = ("x"):rep(21) }))
    assert.equal("validation_failed", answer(s.call("GET", "/customer/profile/5444444444")))
    local several = with { name = "R2 D2", dob = "x" }
    assert.truthy(several.invalid_params.name and several.invalid_params.dob, "both fields are to be named")
    assert.equal("otp_due", answer(with { dob = "2008-09-21" }))
  end)

  it("in strict mode asks for what is documented and takes nothing else", function()
    local s = emulated.new { strict = true }
    assert.equal("missing_parameter", answer(s.call("POST", account .. "/otp/verify", { otp = "1", otp_ref_id = "x", user_code = false })))
    assert.same({ message = "No key for Response" }, s.call("POST", account, merge(person, { surprise = 1 })))
    assert.equal("validation_failed", answer(s.call("POST", account, merge(person, { residence_address = "one line" }))))
  end)
end)
