-- The start of a journey: what it is told, what it keeps of that, and what it asks for.
local journey = require "spec.support.journey"

local mobile, setup, key, person = journey.customer, journey.of_customer, journey.key, journey.person

describe("client:onboarding", function()
  it("says what is wrong with its arguments", function()
    local client = setup().client
    local function message(...)
      local arguments = { ... }
      local ok, problem = pcall(function() client:onboarding(arguments[1], arguments[2]) end)
      assert.is_false(ok)
      return problem
    end
    assert.truthy(message("levine", {}):find 'there is no journey "levine"; did you mean "levin"?')
    assert.truthy(message(nil, {}):find "there is no journey")
    assert.truthy(message("levin", {}):find "customer_id: ")
    assert.truthy(message("levin"):find "customer_id: ")
    assert.truthy(message("levin", { customer_id = "1234" }):find "10 digits")
    assert.truthy(message("levin", { customer_id = true }):find "string")
    assert.truthy(message("levin", { customer_id = mobile, nam = "x" }):find 'did you mean "name"?')
    assert.truthy(message("levin", "9444444444"):find "table")
    assert.truthy(message("levin", {}):find("start_spec.lua", 1, true))
    assert.truthy(message("levine", {}):find("start_spec.lua", 1, true))
  end)

  it("does nothing before it is told to advance", function()
    local s = setup()
    local flow = s.begin "levin"
    assert.equal("sender", flow:state())
    assert.equal("sender", flow:step().state)
    assert.same({}, flow:step().needs)
    assert.equal(0, s.platform:count())
    assert.equal("eko.flow: levin, sender", tostring(flow))
    assert.equal("eko.flow", getmetatable(flow))
  end)

  it("takes from the start what is known of the customer, and asks only for the rest", function()
    local s = setup()
    local flow = s.begin("levin", { name = person.name, dob = person.dob })
    assert.same({ "residence_address" }, flow:advance().needs)
    flow = s.begin("levin", { name = person.name, dob = person.dob, residence_address = person.residence_address })
    assert.equal("otp", flow:advance().state)
  end)

  it("goes all the way in one advance where everything is known", function()
    local s = setup { fino = { ekyc = "2132" } }
    local step = s.begin("fino", {
      name = person.name, dob = person.dob, residence_address = journey.fino_address, consent = true, aadhar = person.aadhar,
      piddata = person.piddata,
    }):advance()
    assert.is_true(step.done)
    assert.equal("verified", step.outcome)
  end)

  it("keeps what it was told at the start although it is put away before the first advance", function()
    local s = setup()
    local flow = s.begin("levin", { name = person.name, dob = person.dob, residence_address = person.residence_address })
    flow = assert(s.client:resume(flow:suspend(key), key))
    assert.equal("otp", flow:advance().state)
  end)

  it("has copies of what it keeps", function()
    local s = setup()
    local address = { "1 Test Street", "Pune" }
    local flow = s.begin("levin", { residence_address = address })
    address[1] = { "not text" }
    assert.equal("details", flow:advance().state)
    assert.equal("otp", flow:advance({ name = person.name, dob = person.dob }).state)
  end)

  it("reports ill-formed data on the first step, and goes on", function()
    local s = setup()
    local flow = s.begin("levin", { name = "a\nb", dob = "17-05-1990", residence_address = function() end })
    local step = flow:advance()
    assert.equal("details", step.state)
    assert.same({ "name", "dob", "residence_address" }, step.needs)
    assert.equal("invalid_input", step.error.name)
    assert.truthy(step.error.invalid_params.dob:find "YYYY%-MM%-DD")
    assert.truthy(step.error.invalid_params.name and step.error.invalid_params.residence_address)
    assert.is_string((flow:suspend(key)))
  end)
end)
