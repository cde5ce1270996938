-- What a call takes as it comes, and the form that goes out: tables of forms for each kind of value.
local catalog = require "eko.wallets.catalogue"
local json = require "eko.base.json"
local request = require "eko.call.request"

local unpack = table.unpack or unpack -- luacheck: ignore
local CUSTOMER = "9444444444"
local NOW = 1790000000000 -- 2026-09-21 in India
local CONTEXT = { initiator_id = "9962981729", user_code = "20810200", clock = function() return NOW end }
local OPTIONS = { client_ref_id = "R" }

-- Good calls, of which one value is changed.
local GOOD = {
  ["onboard-customer"] = { customer_id = CUSTOMER, name = "Asha Devi", dob = "1990-02-28", residence_address = { "12 Lake Road" } },
  ["dmt-onboard-sender"] = { customer_id = CUSTOMER, name = "Asha Devi", dob = "1990-02-28", residence_address = { line = "12 Lake Road" } },
  ["ppi-levin-verify-otp"] = { customer_id = CUSTOMER, otp = "012345", otp_ref_id = "r", intent_id = "19" },
  ["ppi-levin-send-transaction-otp"] = { customer_id = CUSTOMER, recipient_id = 10, amount = 100 },
  ["ppi-levin-add-recipient"] = { customer_id = CUSTOMER, bank_id = 108, recipient_name = "Ravi", recipient_mobile = "9555555555",
    account = "00001234567890", ifsc = "SBIN0005656" },
  ["ppi-levin-initiate-transaction"] = { customer_id = CUSTOMER, recipient_id = 10, amount = 100 },
  ["ppi-digikhata-load-wallet"] = { customer_id = CUSTOMER, amount = "500" },
  ["ppi-digikhata-generate-aadhaar-otp"] = { customer_id = CUSTOMER, aadhar = "234567890124" },
  ["ppi-digikhata-validate-pan"] = { customer_id = CUSTOMER, pan_number = "ABCPE1234F" },
  ["ppi-digikhata-recipient-bank-otp"] = { customer_id = CUSTOMER, recipient_id = "15186" },
  ["ppi-digikhata-consent-details"] = { customer_id = CUSTOMER, consent_language = "6" },
  ["dmt-fino-validate-ekyc-otp"] = { customer_id = CUSTOMER, otp = "1", otp_ref_id = "2", kyc_request_id = "3" },
  ["dmt-add-recipient"] = { customer_id = CUSTOMER, recipient_mobile = "9555555555", recipient_name = "Ravi", ifsc = "SBIN0005656",
    account = "00001234567890" },
  ["initiate-refund"] = { tid = "355419717321", otp = "012345" },
  ["transaction-inquiry"] = { ["transaction-reference"] = "355419717321" },
}

local function drafted(slug, field, value)
  local params = {}
  for name, each in pairs(GOOD[slug]) do params[name] = each end
  if field then params[field] = value end
  return request.draft(assert(catalog.get(slug)), params, CONTEXT, OPTIONS)
end

-- What goes out for a field: its JSON text in a body, or the path.
local function sent(slug, field, value)
  local draft, err = drafted(slug, field, value)
  if not draft then return nil, err end
  local body = draft:body()
  local at = body and select(2, body:find('"' .. field .. '":', 1, true))
  return at and (body:match('^(".-[^\\]")[,}]', at + 1) or body:match('^""', at + 1) or body:match("^[^,}]+", at + 1)) or draft:path(), draft
end

local function assert_sent(slug, field, value, expected)
  local text, draft = sent(slug, field, value)
  local name = ("%s, %s = %s"):format(slug, field, tostring(value))
  assert.truthy(text, name .. ": " .. tostring(draft))
  assert.equal(expected, text, name)
end

local function assert_refused(slug, field, value, problem, words)
  local draft, err = drafted(slug, field, value)
  local name = ("%s, %s = %s"):format(slug, field, tostring(value))
  assert.is_nil(draft, name)
  assert.equal(1, #err.problems, name)
  assert.equal(field, err.problems[1].field, name)
  if problem then assert.equal(problem, err.problems[1].name, name) end
  if words then assert.truthy(err.invalid_params[field]:find(words, 1, true), name .. ": " .. err.invalid_params[field]) end
end

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

local NO_NUMBERS = { 1.5, -1, -0.5, 0 / 0, 1 / 0, -1 / 0, 2 ^ 54, 2 ^ 60, 1e300 }
local NO_SCALARS = { true, false, {}, { "19" }, print, io.stdout, json.null }

describe("an identifier", function()
  it("is taken as text or as a whole number, and written as text where the endpoint has it as text", function()
    for _, case in ipairs(AS_TEXT) do
      local slug, field, digits = case[1], case[2], case[3]
      local number = tonumber(digits)
      for _, value in ipairs { digits, number, number + 0.0 } do assert_sent(slug, field, value, '"' .. digits .. '"') end
      for _, value in ipairs(NO_NUMBERS) do assert_refused(slug, field, value, "invalid_format") end
      for _, value in ipairs(NO_SCALARS) do assert_refused(slug, field, value, "wrong_type") end
    end
  end)

  it("is written as a number where the endpoint has it as a number", function()
    for _, case in ipairs(AS_NUMBER) do
      local slug, field = case[1], case[2]
      for _, value in ipairs { 15186, 15186.0, "15186", "0015186" } do assert_sent(slug, field, value, "15186") end
      for _, value in ipairs { "9007199254740993", "9223372036854775807" } do assert_sent(slug, field, value, value) end
      assert_sent(slug, field, 9007199254740992, "9007199254740992")
      if field ~= "amount" then assert_sent(slug, field, -0.0, "0") end
      for _, value in ipairs(NO_NUMBERS) do assert_refused(slug, field, value, "invalid_format") end
      for _, value in ipairs(NO_SCALARS) do assert_refused(slug, field, value, "wrong_type") end
      for _, value in ipairs { "15186.0", "1e3", "0x1f", "+1", "-1", "1 2", "1,2", "abc", "1.5", ("9"):rep(21) } do
        assert_refused(slug, field, value, "invalid_format")
      end
    end
  end)

  it("stands in a path as its digits", function()
    for _, number in ipairs { "355419717321", 355419717321, 355419717321.0 } do
      assert_sent("transaction-inquiry", "transaction-reference", number,
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
    } do assert_refused(case[1], case[2], case[3], "invalid_format") end
    for _, field in ipairs { "name", "residence_address" } do assert_refused("onboard-customer", field, 12, "wrong_type") end
    assert_refused("ppi-levin-add-recipient", "recipient_name", 12, "wrong_type")
  end)

  it("is the reference that the call gives back, whatever it came as", function()
    local endpoint = catalog.get "ppi-levin-verify-otp"
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
        assert_sent("ppi-levin-verify-otp", field, value, '"' .. value .. '"')
      end
      assert_sent("ppi-levin-verify-otp", field, 12345, "12345")
      assert_sent("ppi-levin-verify-otp", field, 12345.0, "12345")
      for _, value in ipairs(NO_NUMBERS) do assert_refused("ppi-levin-verify-otp", field, value, "invalid_format") end
      for _, value in ipairs(NO_SCALARS) do assert_refused("ppi-levin-verify-otp", field, value, "wrong_type") end
      for _, value in ipairs { "", " ", "\t", "\194\160", "\226\128\139" } do
        assert_refused("ppi-levin-verify-otp", field, value, "missing_parameter")
      end
    end
  end)
end)

describe("an amount", function()
  it("is whole rupees, as a number or as decimal text, where the endpoint has a number", function()
    for _, slug in ipairs { "ppi-levin-send-transaction-otp", "ppi-levin-initiate-transaction" } do
      for _, value in ipairs { 100, 100.0, "100", "0100", "100.0", "100.00", "100.000" } do assert_sent(slug, "amount", value, "100") end
      for _, value in ipairs { 100.5, 0.5, "100.5", "100.50", "0.01", "99.999" } do
        assert_refused(slug, "amount", value, "invalid_format", "whole rupees")
      end
      for _, value in ipairs { 0, -100, 0 / 0, 1 / 0, 2 ^ 54, "0", "0.00", "-5", "+5", "1e3", "0x64", "1,000", ".5", "5.", "5.0.0", "100 rupees",
        "9007199254740993", ("9"):rep(40) } do
        assert_refused(slug, "amount", value, "invalid_format")
      end
      for _, value in ipairs(NO_SCALARS) do assert_refused(slug, "amount", value, "wrong_type") end
      for _, value in ipairs { "", " ", "\226\128\139" } do assert_refused(slug, "amount", value, "missing_parameter") end
    end
  end)

  it("is text, with paise perhaps, where the endpoint has text", function()
    local slug = "ppi-digikhata-load-wallet"
    for _, value in ipairs { 500, 500.0, "500" } do assert_sent(slug, "amount", value, '"500"') end
    for _, value in ipairs { "500.50", "500.5", "0500" } do assert_sent(slug, "amount", value, '"' .. value .. '"') end
    for _, value in ipairs { 500.5, 0, -500, 0 / 0, 2 ^ 54, "0.00", "1e3", "500.505", "5.", "1,000", "₹500" } do
      assert_refused(slug, "amount", value, "invalid_format")
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
    assert_sent("ppi-digikhata-load-wallet", "org_id", nil, '"1"')
    assert_sent("ppi-levin-add-recipient", "recipient_type", nil, '"3"')
    assert.truthy(assert(drafted("ppi-digikhata-consent-details")):path():find("&org_id=1&", 1, true))
  end)

  it("is the caller's where he gives it, and stays away where the endpoint does not require it", function()
    for field, value in pairs { timestamp = "2020-01-01T00:00:00Z", currency = "USD" } do
      assert_sent("ppi-levin-initiate-transaction", field, value, '"' .. value .. '"')
    end
    assert_sent("ppi-levin-initiate-transaction", "channel", "1", "1")
    local draft = assert(request.draft(catalog.get "dmt-initiate-transfer",
      { customer_id = CUSTOMER, recipient_id = 1, amount = 1, otp = "1", otp_ref_id = "r" }, CONTEXT, OPTIONS))
    for _, field in ipairs { "timestamp", "currency", "channel" } do assert.is_nil(draft:body():find(field, 1, true), field) end
    assert.is_nil(assert(drafted("dmt-add-recipient")):body():find("recipient_type", 1, true))
  end)

  it("is now by this machine's clock without another one", function()
    local draft = assert(request.draft(catalog.get "ppi-levin-initiate-transaction", GOOD["ppi-levin-initiate-transaction"],
      { initiator_id = "1" }))
    local year = tonumber(draft:value("timestamp"):match "^(%d%d%d%d)%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$")
    assert.truthy(year >= 2024)
  end)
end)

describe("an address", function()
  local NAMES = { "line", "city", "state", "pincode", "district", "area" }

  -- given, as a list, as an object (with its names in their order)
  local FORMS = {
    { { "12 Lake Road" }, '["12 Lake Road"]', '{"line":"12 Lake Road"}' },
    { { line = "12 Lake Road" }, '["12 Lake Road"]', '{"line":"12 Lake Road"}' },
    { { "a", "b", "c", "411001" }, '["a","b","c","411001"]', '{"line":"a","city":"b","state":"c","pincode":"411001"}' },
    { { pincode = "411001", state = "c", city = "b", line = "a" }, '["a","b","c","411001"]',
      '{"line":"a","city":"b","state":"c","pincode":"411001"}' },
    { { line = "a", city = "b", state = "c", pincode = "d", district = "e", area = "f" }, '["a","b","c","d","e","f"]',
      '{"line":"a","city":"b","state":"c","pincode":"d","district":"e","area":"f"}' },
    { { line = "a", area = "f" }, '["a","","","","","f"]', '{"line":"a","area":"f"}' },
    { { city = "b" }, '["","b"]', '{"city":"b"}' },
    { { "a", "", " ", "d" }, '["a","","","d"]', '{"line":"a","pincode":"d"}' },
    { { line = "", city = "b" }, '["","b"]', '{"line":"","city":"b"}' },
    { { '"\\/', "é₹💰" }, '["\\"\\\\/","é₹💰"]', '{"line":"\\"\\\\/","city":"é₹💰"}' },
  }

  it("is taken by names or as a list on each rail, whose own form goes out", function()
    for index, form in ipairs(FORMS) do
      local body = assert(drafted("onboard-customer", "residence_address", form[1])):body()
      assert.equal(form[2], body:match '"residence_address":(.*)}$', "form " .. index)
      body = assert(drafted("dmt-onboard-sender", "residence_address", form[1])):body()
      assert.equal(form[3], json.decode(body).residence_address, "form " .. index)
    end
    for _, slug in ipairs { "onboard-customer", "ppi-digikhata-onboard-sender", "ppi-levin-onboard-sender" } do
      GOOD[slug] = GOOD["onboard-customer"]
      assert.truthy(assert(drafted(slug, "residence_address", { line = "x", city = "y" })):body():find('"residence_address":["x","y"]', 1, true))
    end
  end)

  it("says something in one line at least", function()
    local blanks = { "", " ", "\t", "\194\160", "\226\128\139", "\227\133\164", "\239\187\191", "\226\129\160\226\160\128" }
    for _, slug in ipairs { "onboard-customer", "dmt-onboard-sender" } do
      assert_refused(slug, "residence_address", {}, "missing_parameter")
      assert_refused(slug, "residence_address", { unpack(blanks, 1, 6) }, "missing_parameter")
      for _, blank in ipairs(blanks) do
        assert_refused(slug, "residence_address", { blank }, "missing_parameter")
        for _, name in ipairs(NAMES) do assert_refused(slug, "residence_address", { [name] = blank }, "missing_parameter") end
      end
    end
    for _, text in ipairs { "", " ", "{}", "[]", '{"line":""}', '{"line":" ","city":"\226\128\139"}', '["",""]', '{"a":{"line":""}}', "[{}]", '[null]' } do
      assert_refused("dmt-onboard-sender", "residence_address", text, "missing_parameter")
    end
    for _, text in ipairs { '{"line":"x"}', '["x"]', '{"a":{"b":["x"]}}', '[1]', '[0.5]' } do
      assert.equal(text, json.decode(assert(drafted("dmt-onboard-sender", "residence_address", text)):body()).residence_address)
    end
  end)

  it("has nothing hidden in it, no more lines than it has names, and strings alone", function()
    for _, slug in ipairs { "onboard-customer", "dmt-onboard-sender" } do
      for _, value in ipairs { { "x\226\128\174y" }, { line = "\226\129\166x" }, { "x\194\133" } } do
        assert_refused(slug, "residence_address", value, "invalid_format", "do not show")
      end
      for _, value in ipairs { { line = 411001 }, { "x", 411001 }, { [1] = "x", [3] = "y" }, { [true] = "x" }, { "x", city = 1 } } do
        assert_refused(slug, "residence_address", value, "wrong_type")
      end
      for _, value in ipairs { { line = "x", town = "y" }, { line = "x\ny" }, { "x\0" }, { "\255" } } do
        assert_refused(slug, "residence_address", value, "invalid_format")
      end
    end
    assert_refused("dmt-onboard-sender", "residence_address", { "1", "2", "3", "4", "5", "6", "7" }, "invalid_format", "at most these lines")
    assert_refused("dmt-onboard-sender", "residence_address", '{"line":"x\226\128\174y"}', "invalid_format", "do not show")
    assert_refused("onboard-customer", "residence_address", "12 Lake Road", "wrong_type")
    assert.truthy(drafted("onboard-customer", "residence_address", { "1", "2", "3", "4", "5", "6", "7" }))
  end)
end)

describe("a name", function()
  local BLANKS = {
    "", " ", "   ", "\t", "\n", "\r\n", "\194\133", "\194\160", "\194\173", "\205\143", "\216\156", "\225\133\159", "\225\133\160", "\225\154\128",
    "\225\158\180", "\225\160\142", "\226\128\128", "\226\128\139", "\226\128\140", "\226\128\141", "\226\128\142", "\226\128\168", "\226\128\175",
    "\226\129\159", "\226\129\160", "\226\129\164", "\226\160\128", "\227\128\128", "\227\133\164", "\239\184\143", "\239\187\191", "\239\190\160",
    "\243\160\128\160", " \194\160\226\128\139 ", "\239\187\191 ",
  }
  local HIDDEN = {
    "\194\133", "\194\128", "\194\173", "\216\156", "\226\128\139", "\226\128\142", "\226\128\143", "\226\128\168", "\226\128\169", "\226\128\170",
    "\226\128\171", "\226\128\172", "\226\128\173", "\226\128\174", "\226\129\160", "\226\129\166", "\226\129\167", "\226\129\168", "\226\129\169",
    "\239\187\191", "\239\191\185", "\243\160\129\129",
  }
  local FIELDS = { { "onboard-customer", "name" }, { "dmt-onboard-sender", "name" }, { "ppi-levin-add-recipient", "recipient_name" },
    { "dmt-add-recipient", "recipient_name" } }

  it("that shows nothing is not given", function()
    for _, case in ipairs(FIELDS) do
      for _, blank in ipairs(BLANKS) do assert_refused(case[1], case[2], blank, "missing_parameter") end
    end
    for _, blank in ipairs(BLANKS) do
      assert_refused("ppi-levin-verify-otp", "user_code", blank, "missing_parameter")
      assert_refused("dmt-fino-validate-ekyc-otp", "kyc_request_id", blank, "missing_parameter")
      assert_refused("ppi-levin-verify-otp", "customer_id", blank, "missing_parameter")
    end
  end)

  it("has nothing in it that does not show or turns others around", function()
    for _, case in ipairs(FIELDS) do
      for _, hidden in ipairs(HIDDEN) do
        for _, name in ipairs { "Asha" .. hidden .. "Devi", hidden .. "Asha", "Asha" .. hidden } do
          assert_refused(case[1], case[2], name, "invalid_format", "do not show")
        end
      end
      for _, control in ipairs { "\0", "\1", "\t", "\n", "\r", "\27", "\127" } do
        assert_refused(case[1], case[2], "Asha" .. control .. "Devi", "invalid_format", "control characters")
      end
      assert_refused(case[1], case[2], "Asha \255", "invalid_format", "UTF-8")
    end
  end)

  it("is else what it is, in any script", function()
    for _, name in ipairs { "Asha", "Asha Devi", " Asha ", "आशा देवी", "ന്‍", "ক্‌ষ", "O'Neil-Rao", "M. K. Rao", "Śā\204\132", "李", "👩" } do
      for _, case in ipairs(FIELDS) do assert_sent(case[1], case[2], name, '"' .. name .. '"') end
    end
  end)
end)

describe("a birth", function()
  it("was after 1899 and not after today, in India", function()
    for _, day in ipairs { "1900-01-01", "1990-02-28", "2000-02-29", "2026-09-20", "2026-09-21" } do
      assert_sent("onboard-customer", "dob", day, '"' .. day .. '"')
    end
    for _, day in ipairs { "1899-12-31", "0001-01-01", "0199-05-17", "2026-09-22", "2026-10-01", "2027-01-01", "2999-01-01", "9999-12-31" } do
      assert_refused("onboard-customer", "dob", day, "invalid_format", "from 1900-01-01 to today")
      assert_refused("dmt-onboard-sender", "dob", day, "invalid_format", "from 1900-01-01 to today")
    end
    for _, day in ipairs { "1990-02-30", "28-02-1990", "1990/02/28", "19900228", "1990-2-8", " 1990-02-28" } do
      assert_refused("onboard-customer", "dob", day, "invalid_format")
    end
    -- 2026-09-21 begins in India half past six in the evening before, in UTC.
    local endpoint, params = catalog.get "onboard-customer", { customer_id = CUSTOMER, name = "A", dob = "2026-09-21", residence_address = { "x" } }
    local function taken_at(ms) return request.draft(endpoint, params, { initiator_id = "1", clock = function() return ms end }) ~= nil end
    assert.is_false(taken_at(1789928999999))
    assert.is_true(taken_at(1789929000000))
    for _, unset in ipairs { 0, 1000, 86400000 * 366 } do assert.is_true(taken_at(unset)) end -- (a clock that was never set says nothing)
    assert.is_nil((request.draft(endpoint, { customer_id = CUSTOMER, name = "A", dob = "2999-01-01", residence_address = { "x" } }, { initiator_id = "1" })))
  end)

  it("is checked alone too", function()
    local check = request.checker(catalog.get("onboard-customer").fields.dob)
    assert.is_true(check "1990-02-28")
    for _, day in ipairs { "1899-12-31", "2999-01-01" } do assert.equal("a date of birth from 1900-01-01 to today", select(2, check(day))) end
  end)
end)

describe("a shared name in an endpoint of a user's", function()
  local eko = require "eko"

  -- What a call to an endpoint with these parameters would send; or what is wrong with them, by name.
  local function outcome(list, params)
    local client = eko.client { developer_key = "k", access_key = "a", base_url = "http://127.0.0.1:1", transport = function() end }
    local made, err = client:define { slug = "my-own", method = "POST", path = "/x", params = list, moves_money = false }
      :call("my-own", params, { dry_run = true })
    return made and made.body or err.invalid_params
  end

  it("means what the shared one does only where it is of its type", function()
    assert.equal('{"dob":19900228}', outcome({ { "dob!", type = "integer" } }, { dob = 19900228 }))
    assert.equal('{"name":7}', outcome({ { "name!", type = "integer" } }, { name = "7" }))
    assert.equal('{"piddata":"x"}', outcome({ { "piddata!", type = "opaque" } }, { piddata = "x" }))
    assert.is_string(outcome({ { "channel!", type = "string" } }, {}).channel)
    assert.is_string(outcome({ { "timestamp!", type = "integer" } }, {}).timestamp:match "required")
    assert.equal('{"channel":2,"currency":"INR"}', outcome({ "channel!", "currency!" }, {}))
    assert.truthy(outcome({ "timestamp!" }, {}):find '^{"timestamp":"20%d%d%-')
  end)

  it("keeps its meaning with another format", function()
    for _, day in ipairs { "1", "12345678901", "1990022812" } do
      assert.is_string(outcome({ { "dob!", format = "digits" } }, { dob = day }).dob)
    end
    assert.is_string(outcome({ { "account!", format = "money" } }, { account = "12.50" }).account)
  end)
end)

describe("an account", function()
  it("is not what a spreadsheet made of it", function()
    for _, slug in ipairs { "ppi-levin-add-recipient", "dmt-add-recipient" } do
      for _, account in ipairs { "1,234,567", "12,34,567.00",
      "1.23457E+11", "1.23457e+11", "1,23457E+11", "1.23457E11", "1E+15", "1e15", "12E-3", "38220154326.0", "38220154326.00",
        "38220154326.", "38220154326,0" } do
        assert_refused(slug, "account", account, "invalid_format", "spreadsheet")
      end
      for _, account in ipairs { "38220154326", "00001234567890", "1234567890123456789", "ABC123", "12E", "E12", "1-2/3", "12 34" } do
        assert_sent(slug, "account", account, '"' .. account .. '"')
      end
    end
  end)
end)
