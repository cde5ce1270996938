-- What is refused in a journey, and what eko.run is told by an ask that does not answer. Each way to a refusal is a row.

local eko = require "eko"
local journey = require "spec.support.journey"

local mobile, key, person = "9444444444", journey.key, journey.person
local envelope = journey.envelope

local function setup(options, client_options)
  local s = journey.of_one(mobile, options, client_options)
  function s.sent() return #s.platform:sms(mobile) end
  return s
end

local function right(s, flow) return journey.answers(flow:step(), s.newest) end

local function scripted(slug, ...)
  local code, rsid, id = ...
  return function(s) s.script(slug, envelope(code, rsid, id)) end
end

local pan = { customers = { [mobile] = { levin = "pan_pending" } } }

local refusals = {
  { "a wrong OTP", "levin", "otp", { otp = "1" } },
  { "a wrong Aadhaar OTP", "digikhata", "aadhaar_otp", { otp = "1" } },
  { "a wrong eKYC OTP", "fino", "ekyc_otp", { otp = "1" }, before = scripted("dmt-get-sender", 0, 0, 2134) },
  { "an Aadhaar number that the platform refuses", "digikhata", "aadhaar", { consent = true, aadhar = "999999990018" },
    options = { aadhaar = "strict" } },
  { "a fingerprint that does not fit", "fino", "ekyc", { consent = true, aadhar = person.aadhar, piddata = person.piddata },
    options = { fino = { ekyc = "2135" } } },
  { "a PAN that the platform refuses", "levin", "pan", { pan_number = person.pan_number }, options = pan,
    before = scripted("ppi-levin-validate-pan", 1428, 1, -1) },
  { "a PAN that leads nowhere", "levin", "pan", { pan_number = person.pan_number }, options = pan,
    before = scripted("ppi-levin-validate-pan", 0, 0, 2147) },
  { "an Aadhaar number that leads nowhere", "levin", "aadhaar", { consent = true, aadhar = person.aadhar },
    before = scripted("aadhaar-ppi-levin-validate", 2136, 1, 2136) },
  { "a name that the platform refuses", "levin", "details", { name = "R2D2", dob = person.dob,
    residence_address = person.residence_address } },
  { "an ill-formed OTP", "levin", "otp", { otp = "" } },
  { "an ill-formed birth date", "customer", "details", { name = person.name, dob = "17-05-1990",
    residence_address = person.residence_address } },
  { "an ill-formed Aadhaar number", "levin", "aadhaar", { consent = true, aadhar = "1" } },
  { "no consent", "levin", "aadhaar", { consent = false, aadhar = person.aadhar } },
  { "a language that there is not", "digikhata", "consent_language", { consent_language = "99" } },
  { "an ill-formed PAN", "levin", "pan", { pan_number = "x" }, options = pan },
  { "a wallet that there is not", "customer", "choice", { continue_with = "fino" } },
}

describe("refusals #harm06", function()
  for _, row in ipairs(refusals) do
    it("come to an end in eko.run: " .. row[1], function()
      local s = setup(row.options)
      local flow = s.upto(row[2], row[3])
      local asked = 0
      local step, err = eko.run(flow, function(each)
        asked = asked + 1
        if asked > 300 then return nil end
        if each.state ~= row[3] then return journey.answers(each, s.newest) end
        if row.before then row.before(s) end
        return row[4]
      end)
      assert.truthy(asked <= 40, "asked " .. asked .. " times")
      assert.truthy(s.sent() <= 6, s.sent() .. " SMS")
      assert.is_nil(step)
      assert.equal("too_many_refusals", err.name)
      assert.equal(err.name, flow:ended().name)
      assert.is_false(flow:step().done)
    end)
  end

  it("are twelve, over states and processes, and none of them is what the platform handles by itself", function()
    local s = setup { levin = { require_customer = true } }
    local flow = s.upto("levin", "otp") -- by way of 463, which is nobody's mistake
    for _ = 1, 4 do assert(flow:advance { otp = "1" }) end
    assert.equal("aadhaar", assert(flow:advance { otp = s.newest() }).state)
    for _ = 1, 7 do
      flow = assert(s.client:resume(flow:suspend(key), key))
      assert(flow:advance { consent = true, aadhar = "12" })
    end
    local step, err = flow:advance { consent = true, aadhar = "12" }
    assert.is_nil(step)
    assert.equal("too_many_refusals", err.name)
    assert.equal("invalid_input", err.cause.name)
    local resumed = assert(s.client:resume(flow:suspend(key), key))
    assert.equal("too_many_refusals", resumed:ended().name)
    assert.equal("too_many_refusals", select(2, resumed:advance()).name)
  end)
end)

describe("an ask of eko.run #harm06", function()
  local answers = {
    { "nothing", "levin", "details", {} },
    { "what is not needed", "levin", "details", { otp = "123456", pan_number = person.pan_number } },
    { "what nobody knows", "levin", "details", { nam = "Asha", [1] = "x" } },
    { "a part of what must come together", "levin", "aadhaar", { consent = true } },
    { "the other part", "levin", "aadhaar", { aadhar = person.aadhar } },
    { "the same part again", "levin", "details", { name = person.name } },
    { "nothing, to a choice", "customer", "choice", { name = person.name } },
  }
  for _, row in ipairs(answers) do
    it("that gives " .. row[1] .. " is told so, and not asked for ever", function()
      local s = setup()
      local flow, asked = s.upto(row[2], row[3]), 0
      local calls = s.platform:count()
      local ok, step, err = pcall(eko.run, flow, function()
        asked = asked + 1
        return asked <= 300 and row[4] or nil
      end)
      assert.truthy(asked <= 2, "asked " .. asked .. " times")
      assert.is_true(ok)
      assert.is_nil(step)
      assert.equal("nothing_answered", err.name)
      assert.truthy(err.message:find(row[3], 1, true))
      assert.is_nil(err.message:find(person.aadhar, 1, true))
      assert.equal(calls, s.platform:count())
      assert.is_nil(flow:ended())
    end)
  end

  it("that gives neither a table nor nil is misuse", function()
    for _, bad in ipairs { "123456", 5, true } do
      local flow = setup().begin "levin"
      local ok, problem = pcall(function() return (eko.run(flow, function() return bad end)) end)
      assert.is_false(ok)
      assert.truthy(problem:find("refusals_spec.lua", 1, true), problem)
    end
  end)
end)

describe("attempts_left", function()
  for attempts = 1, 6 do
    local harm = attempts < 5 and " #harm06" or "" -- five are what was promised
    it(("promises nothing that a platform of %d attempts does not keep%s"):format(attempts, harm), function()
      for _, place in ipairs { { "customer", "otp" }, { "digikhata", "otp" }, { "levin", "otp" }, { "levin", "aadhaar_otp" }, { "fino", "ekyc_otp" } } do
        for wrong = 0, 5 do
          local s = setup { otp = { attempts = attempts } }
          local flow, step = s.upto(place[1], place[2])
          for _ = 1, wrong do step = assert(flow:advance(step.needs[1] == "otp" and { otp = "1" } or right(s, flow))) end
          local left = step.attempts_left
          if step.needs[1] == "otp" and left and left > 0 then
            for _ = 2, left do assert(flow:advance { otp = "1" }) end
            step = assert(flow:advance { otp = s.newest() })
            assert.is_nil(step.error, ("%s.%s: promised %d after %d wrong ones"):format(place[1], place[2], left, wrong))
          end
        end
      end
    end)
  end
end)

describe("an OTP that is refused when its call was signed and sent anew #harm01", function()
  -- The first of the two was carried out, its answer lost by a balancer, and the copy told that its timestamp was used.
  it("is not taken for the person's mistake: the sender is read", function()
    for _, place in ipairs {
      { "digikhata", "ppi-digikhata-verify-otp", "otp" }, { "levin", "ppi-levin-verify-otp", "otp" },
    } do
      local slug, verifying, s = place[2], false, nil
      s = setup({}, { transport = function(request)
        local response = s.platform(request)
        if not (verifying and request.url:find "otp/verify") then return response end
        verifying = false
        s.script(slug, envelope(302, 302, 302))
        return { status = 401, headers = {}, body = '{"status":2485,"response_type_id":2485,"message":"expired"}' }
      end })
      local flow = s.upto(place[1], "otp")
      verifying = true
      local step = assert(flow:advance { otp = s.newest() })
      assert.is_nil(step.error, place[1])
      assert.equal("sender", flow:history()[#flow:history()].state)
      assert.equal(0, flow.data.counts.refusals)
      assert.equal(place[3], step.state)
    end
  end)
end)
