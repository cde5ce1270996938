-- What a call takes as it comes, and the form that goes out: identifiers, OTPs, amounts, constants, accounts. (Of a person:
-- person_values_spec.lua.)
local catalogue = require "eko.wallets.catalogue"
local request = require "eko.call.request"
local values = require "spec.support.values"

local CUSTOMER, GOOD, CONTEXT, OPTIONS = values.CUSTOMER, values.GOOD, values.CONTEXT, values.OPTIONS
local drafted, sent, refused = values.drafted, values.sent, values.refused
local NO_NUMBERS, NO_SCALARS = values.NO_NUMBERS, values.NO_SCALARS

-- slug, field, digits that it takes: each is written as text there.
local AS_TEXT = {
  { "ppi-levin-verify-otp", "intent_id", "19" }, { "ppi-levin-verify-otp", "user_code", "20810200" },
  { "ppi-levin-verify-otp", "initiator_id", "9962981729" }, { "ppi-levin-verify-otp", "client_ref_id", "20260101" },
  { "ppi-levin-send-transaction-otp", "beneficiary_id", "4202888" }, { "ppi-levin-send-transaction-otp", "customer_id", CUSTOMER },
  { "ppi-digikhata-recipient-bank-otp", "recipient_id", "15186" }, { "ppi-digikhata-generate-aadhaar-otp", "consent_id", "41" },
  { "ppi-digikhata-generate-aadhaar-otp", "aadhar", "234567890124" }, { "ppi-digikhata-load-wallet", "amount", "500" },
  { "ppi-digikhata-load-wallet", "org_id", "1" }, { "dmt-fino-validate-ekyc-otp", "kyc_request_id", "987654321" },
  { "ppi-levin-add-recipient", "recipient_type", "3" }, { "ppi-levin-add-recipient", "account", "38220154326" },
  { "ppi-levin-add-recipient", "recipient_mobile", "9555555555" }, { "ppi-levin-add-recipient", "account_type", "1" },
  { "ppi-levin-initiate-transaction", "state", "1" }, { "ppi-levin-initiate-transaction", "recipient_id_type", "1" },
}

-- slug, field: each is written as a number there.
local AS_NUMBER = {
  { "ppi-levin-send-transaction-otp", "recipient_id" }, { "ppi-levin-add-recipient", "bank_id" }, { "initiate-refund", "state" },
  { "ppi-levin-send-transaction-otp", "service_code" }, { "ppi-levin-initiate-transaction", "channel" },
}

describe("an identifier", function()
  it("is taken as text or as a whole number, and written as text where the endpoint has it as text", function()
    for _, case in ipairs(AS_TEXT) do
      local slug, field, digits = case[1], case[2], case[3]
      local number = tonumber(digits)
      for _, value in ipairs { digits, number, number + 0.0 } do sent(slug, field, value, '"' .. digits .. '"') end
      for _, value in ipairs(NO_NUMBERS) do refused(slug, field, value, "invalid_format") end
      for _, value in ipairs(NO_SCALARS) do refused(slug, field, value, "wrong_type") end
    end
  end)

  it("is written as a number where the endpoint has it as a number", function()
    for _, case in ipairs(AS_NUMBER) do
      local slug, field = case[1], case[2]
      for _, value in ipairs { 15186, 15186.0, "15186", "0015186" } do sent(slug, field, value, "15186") end
      for _, value in ipairs { "9007199254740993", "9223372036854775807" } do sent(slug, field, value, value) end
      sent(slug, field, 9007199254740992, "9007199254740992")
      if field ~= "amount" then sent(slug, field, -0.0, "0") end
      for _, value in ipairs(NO_NUMBERS) do refused(slug, field, value, "invalid_format") end
      for _, value in ipairs(NO_SCALARS) do refused(slug, field, value, "wrong_type") end
      for _, value in ipairs { "15186.0", "1e3", "0x1f", "+1", "-1", "1 2", "1,2", "abc", "1.5", ("9"):rep(21) } do
        refused(slug, field, value, "invalid_format")
      end
    end
  end)

  it("stands in a path as its digits", function()
    for _, number in ipairs { "355419717321", 355419717321, 355419717321.0 } do
      sent("transaction-inquiry", "transaction-reference", number,
        "/tools/reference/transaction/355419717321?initiator_id=9962981729&user_code=20810200&client_ref_id=R")
      local draft = assert(drafted("initiate-refund", "tid", number))
      assert.equal("/customer/payment/refund/355419717321", draft:path())
      assert.equal("355419717321", draft:value "tid")
    end
    local draft = assert(drafted("ppi-levin-verify-otp", "customer_id", 9444444444))
    assert.equal("/customer/payment/ppi-levin/sender/9444444444/otp/verify", draft:path())
  end)

  it("keeps its format when it comes as a number", function()
    for _, case in ipairs {
      { "ppi-levin-verify-otp", "customer_id", 5444444444 }, { "ppi-levin-verify-otp", "customer_id", 944444444 },
      { "ppi-digikhata-generate-aadhaar-otp", "aadhar", 23456789012 }, { "ppi-levin-verify-otp", "intent_id", 1234567890123 },
      { "ppi-levin-add-recipient", "ifsc", 5656 }, { "ppi-digikhata-validate-pan", "pan_number", 12 }, { "onboard-customer", "dob", 19900228 },
    } do refused(case[1], case[2], case[3], "invalid_format") end
    for _, field in ipairs { "name", "residence_address" } do refused("onboard-customer", field, 12, "wrong_type") end
    refused("ppi-levin-add-recipient", "recipient_name", 12, "wrong_type")
  end)

  it("is the reference that the call gives back, whatever it came as", function()
    local endpoint = catalogue.get "ppi-levin-verify-otp"
    for _, value in ipairs { "20260101", 20260101, 20260101.0 } do
      local draft, reference = request.draft(endpoint, GOOD["ppi-levin-verify-otp"], CONTEXT, { client_ref_id = value })
      assert.equal("20260101", reference)
      assert.equal("20260101", draft:client_ref_id())
    end
  end)

  it("has no blanks around it", function()
    local cases = {
      { "ppi-levin-verify-otp", "user_code", "20810200" }, { "ppi-levin-verify-otp", "initiator_id", "9962981729" },
      { "ppi-levin-verify-otp", "customer_id", CUSTOMER }, { "ppi-levin-verify-otp", "intent_id", "19" },
      { "ppi-levin-send-transaction-otp", "recipient_id", "10" }, { "ppi-levin-send-transaction-otp", "amount", "100" },
      { "ppi-levin-send-transaction-otp", "beneficiary_id", "4202888" }, { "ppi-levin-add-recipient", "account", "38220154326" },
      { "ppi-levin-add-recipient", "ifsc", "SBIN0005656" }, { "ppi-digikhata-validate-pan", "pan_number", "ABCPE1234F" },
      { "ppi-digikhata-generate-aadhaar-otp", "aadhar", "234567890124" }, { "transaction-inquiry", "transaction-reference", "1" },
      { "initiate-refund", "tid", "1" },
    }
    for _, case in ipairs(cases) do
      for _, blank in ipairs { " ", "  ", "\194\160", "\226\128\139", "\227\128\128", "\239\187\191", "\226\129\160" } do
        for _, value in ipairs { blank .. case[3], case[3] .. blank, blank .. case[3] .. blank } do
          local draft, err = drafted(case[1], case[2], value)
          assert.is_nil(draft, case[2])
          assert.truthy(err.invalid_params[case[2]]:find("blanks", 1, true) or err.invalid_params[case[2]]:find("do not show", 1, true),
            err.invalid_params[case[2]])
        end
      end
    end
  end)
end)

describe("an OTP and its reference", function()
  it("go out as they are given, as text or as a number", function()
    for _, field in ipairs { "otp", "otp_ref_id" } do
      for _, value in ipairs { "012345", " 007 ", "a+/=~", "1 2", "\226\128\139x" } do
        sent("ppi-levin-verify-otp", field, value, '"' .. value .. '"')
      end
      sent("ppi-levin-verify-otp", field, 12345, "12345")
      sent("ppi-levin-verify-otp", field, 12345.0, "12345")
      for _, value in ipairs(NO_NUMBERS) do refused("ppi-levin-verify-otp", field, value, "invalid_format") end
      for _, value in ipairs(NO_SCALARS) do refused("ppi-levin-verify-otp", field, value, "wrong_type") end
      for _, value in ipairs { "", " ", "\t", "\194\160", "\226\128\139" } do
        refused("ppi-levin-verify-otp", field, value, "missing_parameter")
      end
    end
  end)
end)

describe("an amount", function()
  it("is whole rupees, as a number or as decimal text, where the endpoint has a number", function()
    for _, slug in ipairs { "ppi-levin-send-transaction-otp", "ppi-levin-initiate-transaction" } do
      for _, value in ipairs { 100, 100.0, "100", "0100", "100.0", "100.00", "100.000" } do sent(slug, "amount", value, "100") end
      for _, value in ipairs { 100.5, 0.5, "100.5", "100.50", "0.01", "99.999" } do
        refused(slug, "amount", value, "invalid_format", "whole rupees")
      end
      for _, value in ipairs { 0, -100, 0 / 0, 1 / 0, 2 ^ 54, "0", "0.00", "-5", "+5", "1e3", "0x64", "1,000", ".5", "5.", "5.0.0", "100 rupees",
        "9007199254740993", ("9"):rep(40) } do
        refused(slug, "amount", value, "invalid_format")
      end
      for _, value in ipairs(NO_SCALARS) do refused(slug, "amount", value, "wrong_type") end
      for _, value in ipairs { "", " ", "\226\128\139" } do refused(slug, "amount", value, "missing_parameter") end
    end
  end)

  it("is text, with paise perhaps, where the endpoint has text", function()
    local slug = "ppi-digikhata-load-wallet"
    for _, value in ipairs { 500, 500.0, "500" } do sent(slug, "amount", value, '"500"') end
    for _, value in ipairs { "500.50", "500.5", "0500" } do sent(slug, "amount", value, '"' .. value .. '"') end
    for _, value in ipairs { 500.5, 0, -500, 0 / 0, 2 ^ 54, "0.00", "1e3", "500.505", "5.", "1,000", "₹500" } do
      refused(slug, "amount", value, "invalid_format")
    end
  end)
end)

describe("a constant", function()
  it("is there when the endpoint requires it and nobody gives it", function()
    local draft = assert(drafted("ppi-levin-initiate-transaction"))
    assert.equal('{"initiator_id":"9962981729","user_code":"20810200","client_ref_id":"R","recipient_id":10,"amount":100,'
      .. '"timestamp":"2026-09-21T14:13:20Z","currency":"INR","customer_id":"9444444444","channel":2}', draft:body())
    assert.equal("INR", draft:value "currency")
    assert.equal("2", draft:value "channel")
    sent("ppi-digikhata-load-wallet", "org_id", nil, '"1"')
    sent("ppi-levin-add-recipient", "recipient_type", nil, '"3"')
    assert.truthy(assert(drafted("ppi-digikhata-consent-details")):path():find("&org_id=1&", 1, true))
  end)

  it("is the caller's where he gives it, and stays away where the endpoint does not require it", function()
    for field, value in pairs { timestamp = "2020-01-01T00:00:00Z", currency = "USD" } do
      sent("ppi-levin-initiate-transaction", field, value, '"' .. value .. '"')
    end
    sent("ppi-levin-initiate-transaction", "channel", "1", "1")
    local draft = assert(request.draft(catalogue.get "dmt-initiate-transfer",
      { customer_id = CUSTOMER, recipient_id = 1, amount = 1, otp = "1", otp_ref_id = "r" }, CONTEXT, OPTIONS))
    for _, field in ipairs { "timestamp", "currency", "channel" } do assert.is_nil(draft:body():find(field, 1, true), field) end
    assert.is_nil(assert(drafted("dmt-add-recipient")):body():find("recipient_type", 1, true))
  end)

  it("is now by this machine's clock without another one", function()
    local draft = assert(request.draft(catalogue.get "ppi-levin-initiate-transaction", GOOD["ppi-levin-initiate-transaction"],
      { initiator_id = "1" }))
    local year = tonumber(draft:value("timestamp"):match "^(%d%d%d%d)%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$")
    assert.truthy(year >= 2024)
  end)
end)

describe("an account", function()
  it("is not what a spreadsheet made of it", function()
    for _, slug in ipairs { "ppi-levin-add-recipient", "dmt-add-recipient" } do
      for _, account in ipairs { "1,234,567", "12,34,567.00",
      "1.23457E+11", "1.23457e+11", "1,23457E+11", "1.23457E11", "1E+15", "1e15", "12E-3", "38220154326.0", "38220154326.00",
        "38220154326.", "38220154326,0" } do
        refused(slug, "account", account, "invalid_format", "spreadsheet")
      end
      for _, account in ipairs { "38220154326", "00001234567890", "1234567890123456789", "ABC123", "12E", "E12", "1-2/3", "12 34" } do
        sent(slug, "account", account, '"' .. account .. '"')
      end
    end
  end)
end)
