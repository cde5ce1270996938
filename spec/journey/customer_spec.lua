-- What is Customer Management's own: an end that goes on along a wallet.
local journey = require "spec.support.journey"

local mobile, setup, person = journey.customer, journey.of_customer, journey.person

describe("Customer Management's end", function()
  it("says so, and goes on along a wallet of the caller's choice without asking for the details again", function()
    local s = setup()
    local flow, step = s.upto("customer", "choice")
    assert.same({ "continue_with" }, step.needs)
    assert.same({ "digikhata", "levin" }, { step.choices[1].value, step.choices[2].value })
    assert.is_nil((step.validators.continue_with "fino"))
    step = assert(flow:advance { continue_with = "fino" })
    assert.equal("choice", step.state)
    assert.truthy(step.error.invalid_params.continue_with:find "digikhata, levin")
    step = assert(flow:advance { continue_with = "digikhata" })
    assert.equal("digikhata", step.wallet)
    assert.equal("otp", step.state)
    assert.is_true(journey.drive(flow, s.newest).done)
    assert.equal("active", s.platform:customer(mobile).digikhata.state)
    assert.equal("active", s.platform:customer(mobile).customer.state)
  end)

  it("can be chosen from the start", function()
    local s = setup()
    local flow = s.begin("customer", { continue_with = "levin", name = person.name, dob = person.dob,
      residence_address = person.residence_address })
    assert.equal("otp", assert(flow:advance()).state)
    local step = assert(flow:advance { otp = s.newest() })
    assert.same({ "levin", "otp" }, { step.wallet, step.state })
  end)
end)
