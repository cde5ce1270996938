local eko = require "eko"
local journey = require "spec.support.journey"
local json = require "eko.base.json"
local onboarding = require "eko.journey"

local mobile = "9444444444"
local key = journey.key
local person = journey.person
local envelope, every_text = journey.envelope, journey.every_text

local function setup(options, client_options)
  return journey.of_one(mobile, options, client_options)
end

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
    assert.truthy(message("levin", {}):find("onboarding_spec.lua", 1, true))
    assert.truthy(message("levine", {}):find("onboarding_spec.lua", 1, true))
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

describe("flow:advance", function()
  it("refuses misuse at the caller's line", function()
    local flow = setup().begin "levin"
    for _, bad in ipairs { "otp", 5, { opt = "123456" }, { customer_id = "9333333333" } } do
      local ok, problem = pcall(function() flow:advance(bad) end)
      assert.is_false(ok)
      assert.truthy(problem:find("onboarding_spec.lua", 1, true), problem)
    end
    assert.has_no.errors(function() flow:advance { customer_id = mobile } end)
  end)

  it("tells what each step is about", function()
    local prompts = {}
    for _, wallet in ipairs(onboarding.wallets) do
      local s = setup()
      local flow = s.begin(wallet)
      local step = flow:advance()
      for _ = 1, 20 do
        assert.truthy(step.prompt ~= "" and #step.prompt > 5)
        prompts[step.wallet .. "." .. step.state] = step.prompt
        for _, need in ipairs(step.needs) do
          assert.is_function(step.validators[need])
          local good = journey.answers(step, s.newest)[need]
          assert.is_true(step.validators[need](good), need)
          local ok, expected = step.validators[need]("\1")
          assert.is_nil(ok)
          assert.is_string(expected)
        end
        if step.done then break end
        step = assert(flow:advance(journey.answers(step, s.newest)))
      end
      assert.is_true(step.done)
    end
    assert.equal("OTP sent to ******4444", prompts["levin.otp"])
    assert.equal("OTP sent to ******4444", prompts["customer.otp"])
    assert.equal("OTP sent to the mobile linked to the Aadhaar number", prompts["levin.aadhaar_otp"])
    assert.equal("OTP sent to the mobile linked to the Aadhaar number", prompts["fino.ekyc_otp"])
    assert.truthy(prompts["digikhata.consent_language"]:find "language")
    assert.truthy(prompts["customer.choice"]:find "wallet")
    assert.equal("the customer may transact", prompts["fino.done"])
  end)

  it("says when an OTP was sent where, and whether another can be had", function()
    local s = setup()
    local step = select(2, s.upto("levin", "otp"))
    assert.equal("******4444", step.otp.to)
    assert.truthy(step.otp.at > 1790000000000 and step.otp.at <= s.clock.ms)
    assert.is_true(step.can_resend)
    assert.is_nil(step.consent)
    step = select(2, s.upto("fino", "ekyc"))
    assert.is_nil(step.otp)
    assert.is_false(step.can_resend)
  end)

  it("ends with the customer's profile, and stays there", function()
    local s = setup()
    local flow = s.begin "levin"
    local step = journey.drive(flow, s.newest)
    assert.is_true(step.done)
    assert.same({}, step.needs)
    assert.equal("verified", step.outcome)
    assert.equal("Asha Rao", step.customer_profile.name)
    assert.equal("0.00", step.customer_profile.balance)
    assert.equal("verified", step.result.outcome)
    local count = s.platform:count()
    assert.is_true(flow:advance({ otp = "123456" }).done)
    assert.equal(count, s.platform:count())
    flow = assert(s.client:resume(flow:suspend(key), key))
    step = flow:advance()
    assert.is_true(step.done)
    assert.equal("verified", step.outcome)
  end)

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
    s.script("ppi-levin-verify-otp", envelope(2377, 1, -1))
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

  it("uses what it was given beyond the next need, once", function()
    local s = setup()
    local flow = s.upto("levin", "otp")
    local step = assert(flow:advance { otp = s.newest(), consent = true, aadhar = person.aadhar, pan_number = person.pan_number })
    assert.equal("aadhaar_otp", step.state)
    step = assert(flow:advance { otp = s.newest() })
    assert.equal("pan", step.state)
    assert.same({ "pan_number" }, step.needs)
  end)

  it("asks again for what is ill-formed, and says what is expected, and calls nobody", function()
    local s = setup()
    local flow = s.upto("levin", "aadhaar")
    local count = s.platform:count()
    local step = assert(flow:advance { consent = true, aadhar = "12345" })
    assert.equal("aadhaar", step.state)
    assert.equal("invalid_input", step.error.name)
    assert.equal("invalid_request", step.error.kind)
    assert.truthy(step.error.invalid_params.aadhar:find "12 digits")
    assert.is_nil(tostring(step.error):find("12345", 1, true))
    assert.equal(count, s.platform:count())
    step = assert(flow:advance { consent = true, aadhar = person.aadhar })
    assert.equal("aadhaar_otp", step.state)
    step = assert(flow:advance { otp = {} })
    assert.equal("invalid_input", step.error.name)
    step = assert(flow:advance { otp = "" })
    assert.equal("invalid_input", step.error.name)
  end)

  it("does nothing with an Aadhaar number without consent", function()
    for wallet, state in pairs { digikhata = "aadhaar", levin = "aadhaar", fino = "ekyc" } do
      local s = setup()
      local flow = s.upto(wallet, state)
      local count = s.platform:count()
      for _, consent in ipairs { false, "true", 1, "yes" } do
        local step = assert(flow:advance {
          consent = consent, aadhar = person.aadhar, piddata = wallet == "fino" and person.piddata or nil })
        assert.equal(state, step.state)
        assert.truthy(step.error.invalid_params.consent)
      end
      local step = assert(flow:advance { aadhar = person.aadhar })
      assert.equal(state, step.state)
      assert.equal("consent", step.needs[1])
      assert.equal(count, s.platform:count())
    end
  end)

  it("shows DigiKhata's languages and the consent in the chosen one, and proves it", function()
    local s = setup { digikhata = { require_consent = true } }
    local flow, step = s.upto("digikhata", "consent_language")
    assert.equal(13, #step.choices)
    assert.same({ value = "4", label = "Hindi" }, step.choices[4])
    assert.is_true(step.validators.consent_language "4")
    assert.is_nil((step.validators.consent_language "14"))
    step = assert(flow:advance { consent_language = "14" })
    assert.equal("consent_language", step.state)
    assert.truthy(step.error.invalid_params.consent_language:find "one of 1, 2")
    step = assert(flow:advance { consent_language = "4" })
    assert.equal("aadhaar", step.state)
    assert.equal("Hindi", step.consent.language)
    assert.equal(104, step.consent.id)
    assert.truthy(step.consent.text:find "Aadhaar" and step.consent.short and step.consent.audio_url)
    assert.is_true(journey.drive(flow, s.newest).done)
    assert.equal(104, s.platform:customer(mobile).digikhata.consent_id)
  end)

  it("takes the older spelling of the languages, and any language where none is listed", function()
    local s = setup { digikhata = { consent_key = "consentlanguage" } }
    local _, step = s.upto("digikhata", "consent_language")
    assert.equal("Bengali", step.choices[2].label)
    s = setup()
    s.script("ppi-digikhata-consent-languages", envelope(0, 0, 2444, { data = { consent_language_list = {} } }))
    local flow
    flow, step = s.upto("digikhata", "consent_language")
    assert.is_nil(step.choices)
    assert.equal("aadhaar", assert(flow:advance { consent_language = "3" }).state)
  end)

  it("asks for the language again when the platform does not take it", function()
    local s = setup()
    local flow = s.upto("digikhata", "consent_language")
    s.script("ppi-digikhata-consent-details", envelope(461, 1, -1, { invalid_params = { consent_language = "no" } }))
    local step = assert(flow:advance { consent_language = "4" })
    assert.equal("consent_language", step.state)
    assert.equal("validation_failed", step.error.name)
    assert.equal(13, #step.choices)
    assert.equal("aadhaar", assert(flow:advance { consent_language = "1" }).state)
  end)

  it("stops at an answer that it does not know, with the whole of it, and loses nothing", function()
    local s = setup()
    local flow = s.upto("levin", "otp")
    local otp = s.newest()
    local body = envelope(0, 0, 9999, { data = { surprise = "yes", wallet_token = "secret-token", otp = otp, note = "it was " .. otp } })
    s.script("ppi-levin-verify-otp", body)
    local step, err = flow:advance { otp = otp }
    assert.is_nil(step)
    assert.equal("unexpected_outcome", err.name)
    assert.equal("unrecognised", err.outcome)
    assert.equal(9999, err.code)
    assert.equal("yes", err.response.data.surprise)
    every_text(err, function(text, path)
      assert.is_nil(text:find(otp, 1, true), path)
      assert.is_nil(text:find("secret-token", 1, true), path)
    end)
    assert.equal("otp", flow:state())
    s.script("ppi-levin-verify-otp", envelope(9999, 1, 9999, { data = { surprise = "yes" } }))
    step, err = flow:advance { otp = otp }
    assert.is_nil(step)
    assert.equal("unrecognised_failure", err.name)
    assert.equal("yes", err.response.data.surprise)
    assert.equal("aadhaar", assert(flow:advance { otp = otp }).state)
  end)

  it("stops at an outcome that has no place there", function()
    local s = setup { customers = { [mobile] = { levin = "active" } } }
    local flow = s.upto("levin", "otp")
    s.script("ppi-levin-verify-otp", envelope(0, 0, 2134, { data = {} }))
    local _, err = flow:advance { otp = s.newest() }
    assert.equal("unexpected_outcome", err.name)
    assert.equal("ekyc_required", err.outcome)
    assert.is_true(journey.drive(flow, s.newest).done)
  end)

  it("stops where the answer lacks what comes next needs", function()
    local s = setup { customers = { [mobile] = { levin = "active" } } }
    s.script("ppi-levin-get-sender", envelope(2129, 1, 2129, { data = { intent_id = 19, otp_ref_id = "" } }))
    local flow = s.begin "levin"
    local _, err = flow:advance()
    assert.equal("unexpected_outcome", err.name)
    assert.truthy(tostring(err):find "otp_ref_id is missing")
    assert.is_true(journey.drive(flow, s.newest).done)
  end)

  it("does not go round and round", function()
    local s = setup()
    local opened = { body = envelope(0, 0, 300, { data = {} }) }
    s.platform:script("ppi-levin-onboard-sender", { opened, opened, opened, opened })
    local flow = s.begin("levin", { name = person.name, dob = person.dob, residence_address = person.residence_address })
    local step, err = flow:advance()
    assert.is_nil(step)
    assert.equal("journey_stuck", err.name)
    assert.truthy(s.platform:count() <= 6)
    s.platform:clear()
    assert.is_true(journey.drive(flow, s.newest).done)
  end)

  it("asks again for details that the platform refuses, the named ones only", function()
    local s = setup()
    local flow = s.upto("levin", "details")
    local step = assert(flow:advance { name = "R2 D2", dob = person.dob, residence_address = person.residence_address })
    assert.equal("details", step.state)
    assert.equal("invalid_sender_name", step.error.name)
    assert.same({ "name" }, step.needs)
    step = assert(flow:advance { name = "Asha Rao", dob = "2020-01-01" })
    assert.equal("validation_failed", step.error.name)
    assert.same({ "dob" }, step.needs)
    assert.truthy(step.error.invalid_params.dob)
    s.script("ppi-levin-onboard-sender", envelope(461, 1, -1))
    step = assert(flow:advance { dob = person.dob })
    assert.same({ "name", "dob", "residence_address" }, step.needs)
    step = assert(flow:advance { name = "Asha Rao", dob = person.dob, residence_address = person.residence_address })
    assert.equal("otp", step.state)
  end)

  it("does not blame a person for the configuration", function()
    local s = setup()
    local flow = s.upto("levin", "details")
    s.script("ppi-levin-onboard-sender", envelope(461, 1, -1, { invalid_params = { service_code = "no" } }))
    local given = { name = person.name, dob = person.dob, residence_address = person.residence_address }
    local step, err = flow:advance(given)
    assert.is_nil(step)
    assert.equal("validation_failed", err.name)
    assert.equal("otp", assert(flow:advance()).state)
    local no_code = setup({}, { user_code = "99999999" })
    step, err = no_code.begin("levin"):advance()
    assert.is_nil(step)
    assert.equal("agent_not_allowed", err.name)
  end)

  it("asks again for a PAN that the platform refuses", function()
    local s = setup { customers = { [mobile] = { levin = "pan_pending" } } }
    local flow = s.upto("levin", "pan")
    for code, name in pairs { [1428] = "name_mismatch", [1237] = "id_proof_already_used", [461] = "validation_failed" } do
      s.script("ppi-levin-validate-pan", envelope(code, 1, -1))
      local step = assert(flow:advance { pan_number = person.pan_number })
      assert.equal("pan", step.state)
      assert.equal(name, step.error.name)
      assert.same({ "pan_number" }, step.needs)
    end
    assert.is_true(flow:advance({ pan_number = person.pan_number }).done)
  end)

  it("gives the error of a call that failed, and tries again when told to", function()
    local s = setup()
    local flow = s.begin "levin"
    s.platform:fault { kind = "too_many" }
    local step, err = flow:advance()
    assert.is_nil(step)
    assert.equal("rate_limited", err.name)
    assert.equal("details", assert(flow:advance()).state)
    assert.same({ "rate_limited", nil }, { flow:history()[1].error, flow:history()[1].to })
  end)

  it("asks the platform what happened when an answer was lost, and sends no PAN twice unasked", function()
    local s = setup { customers = { [mobile] = { levin = "pan_pending" } } }
    local flow = s.upto("levin", "pan")
    s.platform:fault { kind = "reset", commit = true, slug = "ppi-levin-validate-pan" }
    local step, err = flow:advance { pan_number = person.pan_number }
    assert.is_nil(step)
    assert.equal("connection_reset", err.name)
    assert.equal("sender", flow:state())
    step = assert(flow:advance())
    assert.equal("otp", step.state)
    step = assert(flow:advance { otp = s.newest() })
    assert.is_true(step.done)
    assert.equal(1, s.platform:count "ppi-levin-validate-pan")
  end)

  it("finds a customer whose KYC was finished elsewhere meanwhile", function()
    for wallet, state in pairs { digikhata = "aadhaar", levin = "aadhaar", fino = "ekyc" } do
      local s = setup()
      local flow = s.upto(wallet, state)
      s.platform:enrol(mobile, { [wallet] = "active" })
      assert.is_true(journey.drive(flow, s.newest).done)
      assert.equal("already_kyc_approved", flow:history()[#flow:history() - (wallet == "fino" and 1 or 2)].error)
    end
  end)

  it("does not take a profile for the end while DigiKhata's wallet is not opened", function()
    local s = setup { digikhata = { new_sender = "309" } }
    local flow = s.upto("digikhata", "otp")
    local step = assert(flow:advance { otp = s.newest() })
    assert.equal("consent_language", step.state)
    assert.is_true(journey.drive(flow, s.newest).done)
    -- The published sample of an open one: not "registered", but kyc_state 0.
    s = setup { customers = { [mobile] = { digikhata = "active" } } }
    flow = s.upto("digikhata", "otp")
    s.script("ppi-digikhata-verify-otp", envelope(0, -1, 309, { data = { is_registered = 0, kyc_state = 0,
      customer_profile = { kyc_state = 1 } } }))
    assert.is_true(flow:advance({ otp = s.newest() }).done)
    -- And one that says nothing of it.
    flow = s.upto("digikhata", "otp")
    s.script("ppi-digikhata-verify-otp", envelope(0, -1, 309, { data = { customer_profile = {} } }))
    assert.is_true(flow:advance({ otp = s.newest() }).done)
  end)
end)

describe("Levin's wallet_token", function()
  local function sent_tokens(s)
    local tokens, transport = {}, s.platform
    local client = eko.client {
      developer_key = transport.developer_key, access_key = transport.access_key, initiator_id = transport.initiator_id,
      user_code = transport.user_code, retries = 0, clock = transport.internals.clock,
      transport = function(request)
        local body = request.body and json.decode(request.body) or {}
        tokens[#tokens + 1] = body.wallet_token
        return transport(request)
      end,
    }
    local flow = client:onboarding("levin", { customer_id = mobile })
    return journey.drive(flow, s.newest), tokens
  end

  it("is sent empty where none was given", function()
    local step, tokens = sent_tokens(setup())
    assert.is_true(step.done)
    assert.same({ "", "", "" }, tokens)
  end)

  it("is sent on all the later calls where one was given, and kept out of everything else", function()
    local step, tokens = sent_tokens(setup { strict_token = true, levin = { token_on_2136 = true } })
    assert.is_true(step.done)
    assert.equal(3, #tokens)
    for _, token in ipairs(tokens) do assert.truthy(token:find "^eyJ") end
  end)

  it("is had anew when it has run out, in each later state", function()
    for _, state in ipairs { "aadhaar", "aadhaar_otp", "pan" } do
      local s = setup { strict_token = true, otp = { ttl = 10000 }, levin = { token_on_2136 = true, token_ttl = 60 } }
      local flow = s.upto("levin", state)
      s.clock.ms = s.clock.ms + 61000
      local step = assert(flow:advance(journey.answers(flow:step(), s.newest)))
      assert.equal("otp", step.state)
      assert.equal("validation_failed", step.error.name)
      assert.is_true(journey.drive(flow, s.newest).done)
    end
  end)

  it("is no riddle without end where the platform wants one that it does not give", function()
    local s = setup()
    local flow = s.upto("levin", "aadhaar")
    local function refuse()
      s.script("aadhaar-ppi-levin-validate", envelope(97, 1, -1, { invalid_params = { wallet_token = "wallet_token is mandatory" } }))
      return flow:advance { consent = true, aadhar = person.aadhar }
    end
    -- One look whether there is one now, and then an error.
    local step = assert(refuse())
    assert.same({ "otp", "missing_parameter" }, { step.state, step.error.name })
    step = assert(flow:advance { otp = s.newest() })
    assert.equal("aadhaar", step.state)
    flow = assert(s.client:resume(flow:suspend(key), key))
    local err
    step, err = refuse()
    assert.is_nil(step)
    assert.equal("missing_parameter", err.name)
    assert.truthy(err.invalid_params.wallet_token)
    assert.equal("aadhaar", flow:state())
    assert.is_true(journey.drive(flow, s.newest).done)
  end)
end)

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
      assert.equal("otp", step.state)
      assert.equal(0, step.wrong)
      assert.equal(before + 1, s.platform:count(slug))
      step = assert(flow:advance { otp = s.newest() })
      assert.are_not.equal("otp", step.state)
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
      assert.equal("aadhaar", step.state)
      assert.same({ "consent", "aadhar" }, step.needs)
      assert.equal(wallet == "digikhata", step.consent ~= nil)
      assert.is_true(journey.drive(flow, s.newest).done)
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

describe("flow:history", function()
  it("tells what happened, in order, and nothing secret", function()
    local s = setup()
    local flow = s.begin "levin"
    journey.drive(flow, s.newest)
    local history = flow:history()
    assert.same({ "sender not_enrolled", "details otp_sent", "otp aadhaar_required", "aadhaar otp_sent",
      "aadhaar_otp pan_required", "pan verified" }, journey.trail(flow))
    assert.same({ "get", "details" }, { history[1].call, history[1].to })
    for index = 2, #history do assert.truthy(history[index].at >= history[index - 1].at) end
    history[1].state = "changed"
    assert.equal("sender", flow:history()[1].state)
    every_text(history, function(text, path) assert.is_nil(text:find("9444444444", 1, true), path) end)
    local resumed = assert(s.client:resume(flow:suspend(key), key))
    assert.same(flow:history(), resumed:history())
  end)

  it("does not grow for ever", function()
    local s = setup()
    local flow = s.client:onboarding("digikhata", { customer_id = mobile }, { limits = { calls = 1000 } })
    assert.equal("otp", journey.drive(flow, s.newest, { stop = "otp" }).state)
    for _ = 1, 130 do
      s.script("ppi-digikhata-verify-otp", envelope(0, 0, 9999))
      flow:advance { otp = "1" }
    end
    assert.equal(100, #flow:history())
    local token = flow:suspend(key)
    assert.truthy(#token < 2048)
    local resumed = assert(s.client:resume(token, key)):history()
    assert.truthy(#resumed >= 10 and #resumed <= 30)
    local last = flow:history()
    assert.same(last[#last], resumed[#resumed])
    assert.equal(last[#last - #resumed + 1].at, resumed[1].at)
  end)

  it("takes no name of an error that is not a plain word", function()
    for _, name in ipairs { ("\255"):rep(5000), ("x"):rep(5000), "two words", {}, 5 } do
      local s = setup({}, { transport = function() return nil, { name = name, message = "x" } end })
      local flow = s.begin "levin"
      assert.is_nil((flow:advance()))
      assert.truthy(flow:history()[1].error:find "^%a[%w_]+$")
      assert.truthy(#flow:history()[1].error <= 64)
      assert.is_string((flow:suspend(key)))
    end
  end)
end)

describe("eko.run", function()
  it("asks until the journey is done", function()
    local s = setup()
    local asked = {}
    local step = assert(eko.run(s.begin "digikhata", function(each)
      asked[#asked + 1] = each.state
      return #asked < 20 and journey.answers(each, s.newest) or nil
    end))
    assert.is_true(step.done)
    assert.same({ "details", "otp", "consent_language", "aadhaar", "aadhaar_otp", "pan" }, asked)
  end)

  it("stops where nothing is answered, or where a call fails, and goes on from there", function()
    local s = setup()
    local flow = s.begin "levin"
    local step = eko.run(flow, function() return nil end)
    assert.equal("details", step.state)
    s.platform:fault { kind = "unavailable" }
    local asked = 0
    local function answer(each)
      asked = asked + 1
      return asked < 20 and journey.answers(each, s.newest) or nil
    end
    local err
    step, err = eko.run(flow, answer)
    assert.is_nil(step)
    assert.equal("service_unavailable", err.name)
    assert.is_true(eko.run(flow, answer).done)
  end)
end)

describe("journeys side by side", function()
  it("do not touch each other", function()
    local s = setup()
    local first = s.client:onboarding("levin", { customer_id = "9000000001" })
    local second = s.client:onboarding("levin", { customer_id = "9000000002" })
    local step_one, step_two = assert(first:advance()), assert(second:advance())
    for _ = 1, 10 do
      local one = journey.answers(step_one, function() return s.otp "9000000001" end)
      local two = journey.answers(step_two, function() return s.otp "9000000002" end)
      step_one, step_two = assert(first:advance(one)), assert(second:advance(two))
      assert.is_nil(step_one.error or step_two.error)
    end
    assert.equal("active", s.platform:customer("9000000001").levin.state)
    assert.equal("active", s.platform:customer("9000000002").levin.state)
  end)
end)

