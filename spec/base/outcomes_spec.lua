--- Each signal of each wallet, in both envelopes, and what a caller gets.
local catalogue = require "eko.wallets.catalogue"
local json = require "eko.base.json"
local outcomes = require "eko.base.outcomes"
local response = require "eko.call.response"

local function read(slug, envelope, params)
  local http = { status = 200, headers = {}, body = json.encode(envelope) }
  return response.read(assert(catalogue.get(slug)), http, { client_ref_id = "REQ-1", body = json.encode(params or {}) })
end

-- The endpoints of each wallet by what they do.
local WALLETS = {
  customer = { get = "get-customer-info", onboard = "onboard-customer", verify = "verify-customer-otp" },
  digikhata = {
    get = "ppi-digikhata-get-sender", onboard = "ppi-digikhata-onboard-sender", verify = "ppi-digikhata-verify-otp",
    resend = "ppi-digikhata-generate-sender-otp", aadhaar = "ppi-digikhata-generate-aadhaar-otp",
    aadhaar_verify = "ppi-digikhata-verify-aadhaar-otp", pan = "ppi-digikhata-validate-pan",
  },
  levin = {
    get = "ppi-levin-get-sender", onboard = "ppi-levin-onboard-sender", verify = "ppi-levin-verify-otp",
    aadhaar = "aadhaar-ppi-levin-validate", aadhaar_verify = "aadhaar-ppi-levin-verify-otp",
    pan = "ppi-levin-validate-pan",
  },
  fino = {
    get = "dmt-get-sender", onboard = "dmt-onboard-sender", ekyc = "dmt-fino-sender-ekyc",
    verify = "dmt-fino-validate-ekyc-otp",
  },
}

-- { step, status, response_status_id, response_type_id, outcome } ; each row holds on every wallet that has the step.
local STEPS = {
  { "get", 0, -1, 309, "active" },
  { "get", 309, -1, 309, "active" },
  { "get", 308, 1, 308, "not_enrolled" },
  { "get", 0, 0, 308, "not_enrolled" },
  { "get", 2129, 1, 2129, "otp_sent" },
  { "get", 0, 0, 2129, "otp_sent" },
  { "get", 0, 0, 2134, "ekyc_required" },
  { "get", 0, 1, 2134, "ekyc_required" },
  { "get", 2134, 1, 2134, "ekyc_required" },
  { "get", 2136, 1, 2136, "aadhaar_required" },
  { "get", 0, 0, 2147, "pan_required" },
  { "onboard", 2129, 1, 2129, "otp_sent" },
  { "onboard", 0, 0, 2129, "otp_sent" },
  { "onboard", 0, 0, 300, "wallet_opened" },
  { "onboard", 300, 1, 300, "wallet_opened" },
  { "onboard", 0, -1, 309, "active" },
  { "onboard", 0, 0, 2134, "ekyc_required" },
  { "resend", 0, 0, 2129, "otp_sent" },
  { "resend", 2129, 1, 2129, "otp_sent" },
  { "verify", 0, -1, 309, "verified" },
  { "verify", 309, 0, 309, "verified" },
  { "verify", 2136, 1, 2136, "aadhaar_required" },
  { "verify", 0, 0, 2136, "aadhaar_required" },
  { "verify", 0, 0, 2147, "pan_required" },
  { "verify", 2147, 1, 2147, "pan_required" },
  { "verify", 0, 0, 2132, "verified" },
  { "verify", 2134, 1, 2134, "ekyc_required" },
  { "aadhaar", 0, 0, 2129, "otp_sent" },
  { "aadhaar", 2129, 1, 2129, "otp_sent" },
  { "aadhaar_verify", 0, 0, 2147, "pan_required" },
  { "aadhaar_verify", 2147, 1, 2147, "pan_required" },
  { "aadhaar_verify", 2136, 1, 2136, "aadhaar_required" },
  { "pan", 0, -1, 309, "verified" },
  { "pan", 0, 0, 2132, "verified" },
  { "pan", 2132, 0, 2132, "verified" },
  { "pan", 2136, 1, 2136, "aadhaar_required" },
  { "ekyc", 0, 0, 2129, "otp_sent" },
  { "ekyc", 2129, 1, 2129, "otp_sent" },
  { "ekyc", 0, 0, 2132, "verified" },
  -- A code that says nothing to us with status 0 is no success.
  { "get", 0, 0, 1388, "unrecognised" },
  { "verify", 0, 0, 1388, "unrecognised" },
  { "verify", 0, 0, 1900, "unrecognised" },
  { "verify", 0, 0, nil, "unrecognised" },
  { "pan", 0, 0, 1388, "unrecognised" },
}

-- { step, status, response_status_id, response_type_id, name }
local FAILURES = {
  { "verify", 2131, 1, 2131, "otp_verification_failed" },
  { "verify", 0, 1, 2131, "otp_verification_failed" },
  { "verify", 0, 0, 2131, "otp_verification_failed" },
  { "verify", 2131, 0, 2131, "otp_verification_failed" },
  { "verify", 2131, 302, 2131, "wrong_otp" },
  { "verify", 2131, 303, 2131, "otp_expired" },
  { "verify", 0, 303, 2131, "otp_expired" },
  { "verify", 302, 1, -1, "wrong_otp" },
  { "verify", 303, 1, -1, "otp_expired" },
  { "verify", 302, 302, 309, "wrong_otp" },
  { "verify", 1, 302, 309, "wrong_otp" },
  { "verify", 1, 303, -1, "otp_expired" },
  { "verify", 1, 327, -1, "verification_pending" },
  { "verify", 2138, 1, 2138, "wrong_otp" },
  { "verify", 0, 0, 2138, "wrong_otp" },
  { "verify", 2135, 1, 2135, "ekyc_failed" },
  { "verify", 0, 0, 2135, "ekyc_failed" },
  { "verify", 463, 1, -1, "user_not_found" },
  { "verify", 463, 1, 309, "user_not_found" },
  { "verify", 1, 463, 1388, "user_not_found" },
  { "verify", 1, 1, 309, "unrecognised_failure" },
  { "verify", 5009, 1, 5009, "unrecognised_failure" },
  { "verify", 319, 1, -1, "invalid_initiator" },
  { "verify", 346, 1, -1, "agent_not_allowed" },
  { "verify", 97, 1, -1, "missing_parameter" },
  { "verify", 461, 1, -1, "validation_failed" },
  { "verify", 327, 1, -1, "verification_pending" },
  { "get", 463, 1, -1, "user_not_found" },
  { "get", 346, 1, 346, "agent_not_allowed" },
  { "get", 0, 0, 346, "agent_not_allowed" },
  { "get", 585, 1, -1, "already_kyc_approved" },
  { "onboard", 17, 1, -1, "wallet_already_exists" },
  { "onboard", 327, 1, -1, "verification_pending" },
  { "onboard", 463, 1, -1, "user_not_found" },
  { "onboard", 132, 1, -1, "invalid_sender_name" },
  { "aadhaar", 2138, 1, 2138, "aadhaar_validation_failed" },
  { "aadhaar", 0, 0, 2138, "aadhaar_validation_failed" },
  { "aadhaar_verify", 2131, 1, 2131, "otp_verification_failed" },
  { "aadhaar_verify", 2131, 302, 2131, "wrong_otp" },
  { "aadhaar_verify", 2138, 1, 2138, "aadhaar_validation_failed" },
  { "aadhaar_verify", 1, 302, 1388, "wrong_otp" },
  { "aadhaar", 1, 463, 1388, "user_not_found" },
  { "pan", 463, 1, -1, "user_not_found" },
  { "ekyc", 2135, 1, 2135, "ekyc_failed" },
  { "ekyc", 463, 1, -1, "user_not_found" },
}

-- What belongs to one endpoint: { slug, status, response_status_id, response_type_id, outcome or "!" and the error }.
local OTHERS = {
  { "aadhaar-ppi-levin-validate", 0, 0, 1388, "otp_sent" },
  { "aadhaar-ppi-levin-verify-otp", 0, 0, 1388, "aadhaar_verified" },
  { "ppi-digikhata-verify-aadhaar-otp", 0, 0, 1388, "unrecognised" },
  { "ppi-digikhata-consent-languages", 0, 0, 2444, "consent_languages" },
  { "ppi-digikhata-consent-details", 0, 0, 2446, "consent_details" },
  { "ppi-digikhata-load-wallet", 0, 0, 2447, "wallet_loaded" },
  { "ppi-digikhata-load-wallet", 347, 1, -1, "!insufficient_balance" },
  { "ppi-digikhata-get-recipients", 0, 0, 23, "recipients" },
  { "ppi-levin-get-recipients", 0, -1, 22, "no_recipients" },
  { "dmt-get-recipients", 0, -1, 22, "no_recipients" },
  { "dmt-get-recipients", 463, 1, -1, "!user_not_found" },
  { "dmt-get-recipients", 2136, 1, 2136, "!aadhaar_required" },
  { "dmt-get-recipients", 0, 0, 2136, "aadhaar_required" },
  { "dmt-get-recipients", 308, 1, 308, "!not_enrolled" },
  { "ppi-digikhata-add-recipient", 0, 0, 43, "recipient_added" },
  { "ppi-levin-add-recipient", 2148, 1, 2148, "!recipient_already_registered" },
  { "ppi-levin-add-recipient", 0, 0, 2148, "!recipient_already_registered" },
  { "dmt-add-recipient", 342, 1, -1, "!recipient_already_registered" },
  { "dmt-add-recipient", 39, 1, -1, "!recipient_limit_reached" },
  { "ppi-digikhata-recipient-bank-otp", 0, 0, 1741, "otp_sent" },
  { "ppi-levin-add-recipient-bank", 0, 0, 1741, "bank_registered" },
  { "ppi-digikhata-validate-recipient-otp", 2131, 0, 2131, "recipient_verified" },
  { "ppi-digikhata-validate-recipient-otp", 0, 1, 2131, "recipient_verified" },
  { "ppi-digikhata-validate-recipient-otp", 0, 0, 2131, "recipient_verified" },
  { "ppi-digikhata-validate-recipient-otp", 2131, 1, 2131, "!otp_verification_failed" },
  { "ppi-digikhata-validate-recipient-otp", 2131, 302, 2131, "!wrong_otp" },
  { "ppi-digikhata-validate-recipient-otp", 2131, 303, 2131, "!otp_expired" },
  { "ppi-digikhata-validate-recipient-otp", 1, 0, 2131, "!otp_verification_failed" },
  { "ppi-digikhata-validate-recipient-otp", 0, 0, nil, "unrecognised" },
  { "ppi-digikhata-send-transaction-otp", 2133, 1, 2133, "otp_sent" },
  { "ppi-levin-send-transaction-otp", 0, 0, 2133, "otp_sent" },
  { "dmt-send-otp", 0, 0, 2133, "otp_sent" },
  { "dmt-send-otp", 36, 1, 36, "!monthly_limit_exhausted" },
  { "dmt-send-otp", 945, 1, 945, "!monthly_limit_exhausted" },
  { "dmt-send-otp", 314, 1, -1, "!monthly_limit_exhausted" },
  { "get-refund-otp", 2133, 1, 2133, "otp_sent" },
  { "get-refund-otp", 0, 0, 2133, "otp_sent" },
  { "get-refund-otp", 2129, 1, 2129, "otp_sent" },
  { "get-refund-otp", 1, -1, nil, "!unrecognised_failure" },
  { "get-refund-otp", 168, 1, -1, "!transaction_not_found" },
  { "initiate-refund", 0, 0, 74, "refunded" },
  { "initiate-refund", 1, 302, nil, "!wrong_otp" },
  { "initiate-refund", 1, 303, nil, "!otp_expired" },
  { "initiate-refund", 302, 1, 302, "!wrong_otp" },
  { "initiate-refund", 1, 347, nil, "!insufficient_balance" },
  { "transaction-inquiry", 0, 0, 1472, "found" },
  { "transaction-inquiry", 168, 1, -1, "!transaction_not_found" },
  { "transaction-inquiry", 1, 463, -1, "!transaction_not_found" },
  { "dmt-initiate-transfer", 55, 1, 55, "!transaction_declined" },
  { "dmt-initiate-transfer", 0, 0, 55, "!transaction_declined" },
  { "ppi-levin-initiate-transaction", 347, 1, -1, "!insufficient_balance" },
  { "ppi-levin-initiate-transaction", 2136, 1, 2136, "!aadhaar_required" },
  { "ppi-levin-initiate-transaction", 0, 0, 2136, "!aadhaar_required" },
  { "ppi-levin-initiate-transaction", 0, 0, 325, "!unclear_answer" },
}

local function envelope_of(row)
  return {
    status = row[2], response_status_id = row[3], response_type_id = row[4], message = "words that decide nothing",
    data = { otp_ref_id = "x" },
  }
end

-- The codes may arrive as text.
local function as_text(envelope)
  for _, name in ipairs { "status", "response_status_id", "response_type_id" } do
    envelope[name] = envelope[name] and tostring(envelope[name])
  end
  return envelope
end

local function expect(slug, row, wanted)
  for _, envelope in ipairs { envelope_of(row), as_text(envelope_of(row)) } do
    local answer, err = read(slug, envelope)
    if wanted:sub(1, 1) == "!" then
      assert.is_nil(answer)
      assert.equal(wanted:sub(2), err.name)
      assert.equal("api", err.kind)
      assert.is_true(err.sent)
      assert.is_number(err.code)
      assert.is_true(#err.message > 10)
    else
      assert.is_nil(err)
      assert.equal(wanted, answer.outcome)
    end
  end
end

local function title(slug, row, wanted)
  return ("%s: status %s, hint %s, type %s -> %s"):format(slug, row[2], row[3], tostring(row[4]), wanted)
end

for wallet, steps in pairs(WALLETS) do
  describe("signals of " .. wallet, function()
    for _, row in ipairs(STEPS) do
      local slug, wanted = steps[row[1]], row[5]
      -- Levin's two Aadhaar endpoints have 1388 of their own, below.
      if slug then
        it(title(slug, row, wanted), function()
          expect(slug, row, wanted)
        end)
      end
    end
    for _, row in ipairs(FAILURES) do
      local slug, wanted = steps[row[1]], "!" .. row[5]
      if slug then
        it(title(slug, row, wanted), function()
          expect(slug, row, wanted)
        end)
      end
    end
  end)
end

describe("signals of one endpoint", function()
  for _, row in ipairs(OTHERS) do
    it(title(row[1], row, row[5]), function()
      expect(row[1], row, row[5])
    end)
  end
end)

describe("a transfer", function()
  local BY_STATUS = {
    [0] = "completed", [2] = "initiated", [3] = "refund_pending", [4] = "refunded", [5] = "on_hold", [6] = "awaited",
    [1] = "!transaction_declined", [7] = "!unclear_answer", [99] = "!unclear_answer",
  }
  local function outcome(slug, envelope)
    local answer, err = read(slug, envelope)
    return answer and answer.outcome or "!" .. err.name
  end
  for _, slug in ipairs { "ppi-digikhata-initiate-transaction", "ppi-levin-initiate-transaction", "dmt-initiate-transfer" } do
    it("of " .. slug .. " is judged by tx_status", function()
      for tx_status, wanted in pairs(BY_STATUS) do
        for _, value in ipairs { tx_status, tostring(tx_status) } do
          assert.equal(wanted, outcome(slug, { status = 0, response_type_id = 325, data = { tx_status = value } }))
          assert.equal(wanted, outcome(slug, { status = 0, response_status_id = 0, data = { tx_status = value } }))
          assert.equal(wanted, outcome(slug, { status = 325, response_type_id = 325, data = { tx_status = value } }))
          assert.equal(wanted, outcome(slug, { status = 0, response_type_id = 325, tx_status = value, data = {} }))
        end
      end
      assert.equal("!unclear_answer", outcome(slug, { status = 0, data = { tx_status = json.null } }))
      assert.equal("!unclear_answer", outcome(slug, { status = 0, data = json.null }))
    end)
  end

  it("that was declined says why, and keeps its tid", function()
    local _, err = read("dmt-initiate-transfer", {
      status = 55, response_status_id = 1, response_type_id = 55, message = "Transaction declined. Please try after sometime.",
      data = { tx_status = "1", reason = "Wrong OTP", tid = "355419717321" },
    })
    assert.equal("transaction_declined", err.name)
    assert.equal(55, err.code)
    assert.is_truthy(err.message:find("Wrong OTP", 1, true))
    assert.equal("355419717321", err.response.data.tid)
    assert.is_false(err.retryable)
  end)
end)

describe("the tables of codes", function()
  it("have a name and a sentence for every documented status", function()
    for _, code in ipairs {
      17, 31, 36, 39, 41, 44, 45, 46, 48, 53, 55, 97, 102, 122, 131, 132, 136, 140, 145, 168, 204, 208, 302, 303, 313, 314,
      317, 319, 327, 342, 344, 346, 347, 350, 460, 461, 463, 467, 508, 521, 536, 537, 544, 585, 945, 1237, 1297, 1428,
      2123, 2377, 2483, 2484, 2485, 2486, 2487,
    } do
      local known = assert(outcomes.codes[code], "no " .. code)
      assert.is_truthy(known.name:find "^[a-z_]+$")
      assert.is_true(#known.advice > 20)
    end
  end)

  it("never list a failure as an outcome", function()
    for _, role in pairs(outcomes.roles) do
      for id in pairs(role.outcomes) do
        assert.is_nil(outcomes.failures[id])
      end
      for _, name in pairs(role.errors or {}) do
        assert.is_string(outcomes.advice(name))
      end
    end
  end)

  it("understand the filler 1388 on two endpoints only", function()
    local found = {}
    for _, entry in ipairs((catalogue.list())) do
      if entry.outcomes[1388] then
        found[#found + 1] = entry.slug
      end
    end
    assert.same({ "aadhaar-ppi-levin-validate", "aadhaar-ppi-levin-verify-otp" }, found)
  end)
end)
