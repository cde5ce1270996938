-- Who the person at hand is: what a journey has proved, and who was a customer before; and the id that tells journeys apart.

local journey = require "spec.support.journey"
local rails = require("eko.emulator.customers").rails

local mobile, setup, key, person = journey.customer, journey.of_customer, journey.key, journey.person
local envelope = journey.envelope

local function preset(states) return { customers = { [mobile] = states } } end

-- Whether the flow says so of itself, on code that cannot say.
local function proved(flow) return flow.proved and flow:proved() end

describe("a journey that proves nothing #harm07", function()
  local rows = {
    { "fino: the first read gives an active customer's profile", "fino", preset { fino = "active" }, was_active = true, profile = true },
    { "customer: a first read that says so", "customer", preset { customer = "active" }, was_active = true, profile = false,
      script = { "get-customer-info", 0, -1, 309 } },
    { "digikhata: a look-up that gives a profile for a while after an OTP", "digikhata",
      { customers = { [mobile] = { digikhata = "active" } }, digikhata = { refresh_without_otp = true } }, profile = true, warm = true,
      was_active = true },
    { "a PAN alone, which anybody may know", "levin", preset { levin = "pan_pending" }, profile = true, was_active = false,
      script = { "ppi-levin-get-sender", 0, 0, 2147 }, upto = "pan" },
    { "fino: onboarding a customer who is there", "fino", preset { fino = "active" }, profile = true, was_active = true,
      script = { "dmt-get-sender", 308, 1, 308 }, details = true },
  }
  for _, row in ipairs(rows) do
    it("says so: " .. row[1], function()
      local s = setup(row[3])
      if row.warm then journey.drive(s.begin(row[2]), s.newest) end
      if row.script then s.script(row.script[1], envelope(row.script[2], row.script[3], row.script[4])) end
      local flow = s.begin(row[2], row.details and { name = person.name, dob = person.dob, residence_address = journey.fino_address })
      local step = assert(flow:advance())
      if row.upto then step = assert(flow:advance(journey.answers(step, s.newest))) end
      assert.is_true(step.done)
      assert.equal(row.profile, step.customer_profile ~= nil)
      assert.is_false(proved(flow))
      assert.equal(row.was_active, step.was_active)
    end)
  end
end)

describe("flow:proved", function()
  -- wallet, preset, the state in which the proof is given, and was_active at the end
  local rows = {
    { "a new customer's OTP", "customer", { customer = { new_sender = "309" } }, "otp", false },
    { "a new sender's OTP", "digikhata", {}, "otp", false },
    { "a new sender's OTP", "levin", {}, "otp", false },
    { "an active sender's OTP", "levin", preset { levin = "active" }, "otp", true },
    { "an active sender's OTP", "digikhata", preset { digikhata = "active" }, "otp", true },
    { "the OTP of one who waits for Aadhaar", "levin", preset { levin = "aadhaar_pending" }, "otp", false },
    { "the OTP of one who waits for PAN", "digikhata", preset { digikhata = "pan_pending" }, "otp", false },
    { "a fingerprint and its OTP", "fino", {}, "ekyc_otp", false },
    { "a fingerprint alone", "fino", { fino = { ekyc = "2132" } }, "ekyc", false },
    { "the eKYC's OTP, begun elsewhere", "fino", preset { fino = "ekyc_otp_pending" }, "ekyc_otp", false, restart = true },
  }
  for _, row in ipairs(rows) do
    it(("is true by %s (%s), and not before, in any process"):format(row[1], row[2]), function()
      local s = setup(row[3])
      local flow, step = s.upto(row[2], row.restart and "ekyc" or row[4])
      if row.restart then
        step = assert(flow:advance(journey.answers(step, s.newest)))
      end
      assert.is_false(flow:proved())
      if step.needs[1] == "otp" then
        assert(flow:advance { otp = journey.wrong(s.newest()) })
        assert.is_false(flow:proved())
      end
      flow = assert(s.client:resume(flow:suspend(key), key))
      step = assert(flow:advance(journey.answers(flow:step(), s.newest)))
      assert.is_true(flow:proved())
      flow = assert(s.client:resume(flow:suspend(key), key))
      assert.is_true(flow:proved())
      if not step.done then step = journey.drive(flow, s.newest) end
      assert.is_true(flow:proved())
      assert.equal(row[5], step.was_active)
      flow = assert(s.client:resume(flow:suspend(key), key))
      assert.equal(row[5], flow:step().was_active)
      assert.is_true(flow:proved())
    end)
  end

  it("is true by the Aadhaar OTP alone, where the mobile was not asked", function()
    local s = setup(preset { digikhata = "aadhaar_pending" })
    s.script("ppi-digikhata-get-sender", envelope(2136, 1, 2136))
    local flow = s.begin "digikhata"
    local step = journey.drive(flow, s.newest, { stop = "aadhaar_otp" })
    assert.is_false(flow:proved())
    assert(flow:advance(journey.answers(step, s.newest)))
    assert.is_true(flow:proved())
  end)

  it("stays true on the wallet that is chosen after the customer's own", function()
    local s = setup()
    local flow = s.upto("customer", "choice")
    assert.is_true(flow:proved())
    assert(flow:advance { continue_with = "levin" })
    assert.is_true(flow:proved())
  end)

  it("is not given by answers that a check of an OTP can have without a right one", function()
    for _, answer in ipairs { { 0, 0, 2129, { otp_ref_id = "a" } }, { 308, 1, 308 }, { 0, 0, 300 }, { 0, 0, 9999 }, { 2138, 1, 2138 } } do
      local s = setup()
      local flow = s.upto("levin", "otp")
      s.script("ppi-levin-verify-otp", envelope(answer[1], answer[2], answer[3], { data = answer[4] }))
      flow:advance { otp = "123456" }
      assert.is_false(flow:proved(), answer[3])
    end
    local s = setup()
    local flow = s.upto("levin", "aadhaar")
    flow.data.proved = nil
    for _, id in ipairs { 309, 2147 } do
      s.script("aadhaar-ppi-levin-validate", envelope(0, 0, id))
      local other = assert(s.client:resume(flow:suspend(key), key))
      assert(other:advance { consent = true, aadhar = person.aadhar })
      assert.is_false(other:proved(), id)
    end
  end)
end)

describe("step.was_active", function()
  it("is told at the end only", function()
    local s = setup()
    local _, step = s.upto("levin", "otp")
    assert.is_nil(step.was_active)
  end)

  it("is false for whom this journey enrolled, also when an answer was lost on the way", function()
    local s = setup(preset { levin = "pan_pending" })
    local flow = s.upto("levin", "pan")
    s.platform:fault { kind = "reset", commit = true, slug = "ppi-levin-validate-pan" }
    assert.is_nil((flow:advance { pan_number = person.pan_number }))
    assert.is_false(journey.drive(flow, s.newest).was_active)
    -- And true for the same customer next time.
    assert.is_true(journey.drive(s.begin "levin", s.newest).was_active)
  end)

  it("is true for one who turns out to be enrolled already", function()
    local s = setup(preset { levin = "active" })
    s.script("ppi-levin-get-sender", envelope(308, 1, 308))
    local flow = s.begin("levin", { name = person.name, dob = person.dob, residence_address = person.residence_address })
    s.script("ppi-levin-onboard-sender", envelope(17, 1, -1))
    assert.is_true(journey.drive(flow, s.newest).was_active)
  end)
end)

describe("step.journey #harm05", function()
  it("is the journey's own: the same in every state and process, another one for each journey", function()
    local s, seen = setup(), {}
    for _, wallet in ipairs(rails) do
      local flow = s.begin(wallet)
      local id = flow:step().journey
      assert.is_string(id)
      assert.truthy(#id >= 22 and id:find "^[%w_-]+$")
      assert.is_nil(seen[id])
      seen[id] = true
      local step = assert(flow:advance())
      for _ = 1, 30 do
        assert.equal(id, step.journey)
        flow = assert(s.client:resume(flow:suspend(key), key))
        assert.equal(id, flow:step().journey)
        if step.done then break end
        step = assert(flow:advance())
        if not step.done then step = assert(flow:advance(journey.answers(step, s.newest))) end
      end
      assert.is_true(step.done)
    end
    for _ = 1, 1000 do
      local id = s.begin("levin"):step().journey
      assert.is_nil(seen[id])
      seen[id] = true
    end
  end)
end)
