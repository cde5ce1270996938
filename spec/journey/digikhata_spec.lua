-- What is DigiKhata's own: the consent in a language, and a profile that is not the end.
local answers = require "spec.support.answers"
local journey = require "spec.support.journey"

local mobile, setup = journey.customer, journey.of_customer

describe("DigiKhata's journey", function()
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
    s.script("ppi-digikhata-consent-languages", answers.named("consent_languages", { data = { consent_language_list = {} } }))
    local flow
    flow, step = s.upto("digikhata", "consent_language")
    assert.is_nil(step.choices)
    assert.equal("aadhaar", assert(flow:advance { consent_language = "3" }).state)
  end)

  it("asks for the language again when the platform does not take it", function()
    local s = setup()
    local flow = s.upto("digikhata", "consent_language")
    s.script("ppi-digikhata-consent-details", answers.named("validation_failed", { invalid_params = { consent_language = "no" } }))
    local step = assert(flow:advance { consent_language = "4" })
    assert.equal("consent_language", step.state)
    assert.equal("validation_failed", step.error.name)
    assert.equal(13, #step.choices)
    assert.equal("aadhaar", assert(flow:advance { consent_language = "1" }).state)
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
    s.script("ppi-digikhata-verify-otp", answers.named("active", { data = { is_registered = 0, kyc_state = 0,
      customer_profile = { kyc_state = 1 } } }))
    assert.is_true(flow:advance({ otp = s.newest() }).done)
    -- And one that says nothing of it.
    flow = s.upto("digikhata", "otp")
    s.script("ppi-digikhata-verify-otp", answers.named("active", { data = { customer_profile = {} } }))
    assert.is_true(flow:advance({ otp = s.newest() }).done)
  end)
end)
