local bad_calls = require "spec.fixtures.bad_calls"
local catalogue = require "eko.wallets.catalogue"
local errors = require "eko.base.errors"
local json = require "eko.base.json"
local redact = require "eko.base.redact"
local request = require "eko.call.request"

local CONTEXT = { initiator_id = "9962981729", user_code = "20810200", client_ref_id = "REQ-1" }
local CUSTOMER = "9444444444"

-- The views of a draft; or nil and the error. `context` holds the options of the call too.
local function plan(slug, params, context)
  local endpoint = assert(catalogue.get(slug))
  context = context or CONTEXT
  local draft, reference = request.draft(endpoint, params, context, context)
  if not draft then return nil, reference end
  assert.equal(draft:client_ref_id(), reference)
  return { method = endpoint.method, path = draft:path(), body = draft:body(), client_ref_id = reference, draft = draft }
end

local function with(context)
  for name, value in pairs(CONTEXT) do
    if context[name] == nil then
      context[name] = value
    end
  end
  return context
end

describe("request.draft", function()
  it("writes the three verify calls byte for byte", function()
    local head = '{"initiator_id":"9962981729","user_code":"20810200","client_ref_id":"REQ-1","otp":"012345","otp_ref_id":"a+/=~"'
    local cases = {
      { "verify-customer-otp", "/customer/account/9444444444/otp/verify", head .. "}" },
      { "ppi-digikhata-verify-otp", "/customer/payment/ppi-digikhata/sender/9444444444/otp/verify", head .. "}" },
      { "ppi-levin-verify-otp", "/customer/payment/ppi-levin/sender/9444444444/otp/verify", head .. ',"intent_id":"19"}' },
    }
    for _, case in ipairs(cases) do
      local params = { customer_id = CUSTOMER, otp = "012345", otp_ref_id = "a+/=~" }
      params.intent_id = case[1]:find "levin" and "19" or nil
      local made = assert(plan(case[1], params))
      assert.equal("POST", made.method)
      assert.equal(case[2], made.path)
      assert.equal(case[3], made.body)
      assert.equal("REQ-1", made.client_ref_id)
      assert.equal((case[2]:gsub("9444444444", "******4444")), redact.path(made.path))
      assert.equal("012345", made.draft:value "otp")
    end
  end)

  it("puts the parameters of a GET into the query, in the catalogue's order", function()
    local made = assert(plan("ppi-levin-get-recipients", { wallet_token = "a b&c=/+", customer_id = CUSTOMER },
      { initiator_id = "9962981729", user_code = "20810200" }))
    assert.equal("/customer/payment/ppi-levin/sender/9444444444/recipients?initiator_id=9962981729&user_code=20810200"
      .. "&wallet_token=a%20b%26c%3D%2F%2B", made.path)
    assert.equal("/customer/payment/ppi-levin/sender/******4444/recipients", redact.path(made.path))
    assert.is_nil(made.body)
    assert.is_nil(made.client_ref_id)
  end)

  it("gives every call but GET a reference of its own", function()
    local context = { initiator_id = "9962981729", user_code = "20810200" }
    local seen = {}
    for _ = 1, 3 do
      local made = assert(plan("ppi-digikhata-generate-sender-otp", { customer_id = CUSTOMER }, context))
      assert.is_truthy(made.client_ref_id:find "^[%w_-]+$")
      assert.is_true(#made.client_ref_id <= 20)
      assert.is_nil(seen[made.client_ref_id])
      seen[made.client_ref_id] = true
      assert.equal(made.client_ref_id, json.decode(made.body).client_ref_id)
    end
    assert.is_nil(assert(plan("get-customer-info", { customer_id = CUSTOMER }, context)).client_ref_id)
    assert.is_truthy(assert(plan("ppi-digikhata-consent-languages", { customer_id = CUSTOMER, org_id = "1" }, context))
      .path:find "client_ref_id=")
    assert.equal("MINE", assert(plan("get-customer-info", { customer_id = CUSTOMER, client_ref_id = "MINE" })).client_ref_id)
  end)

  it("lets a call's own value win over the client's", function()
    local made = assert(plan("get-customer-info", { customer_id = CUSTOMER, initiator_id = "1", user_code = "2" }))
    assert.equal("/customer/profile/9444444444?initiator_id=1&user_code=2&client_ref_id=REQ-1", made.path)
    assert.equal("/customer/profile/9444444444?initiator_id=9962981729&user_code=20810200&client_ref_id=REQ-1",
      assert(plan("get-customer-info", { customer_id = CUSTOMER })).path)
  end)

  it("sends an OTP and its reference exactly as they are given", function()
    local function body(params)
      params.customer_id, params.intent_id = CUSTOMER, "19"
      return assert(plan("ppi-levin-verify-otp", params)).body
    end
    assert.is_truthy(body({ otp = "012345", otp_ref_id = " 007 " }):find('"otp":"012345","otp_ref_id":" 007 "', 1, true))
    assert.is_truthy(body({ otp = 12345, otp_ref_id = 66748392.0 }):find('"otp":12345,"otp_ref_id":66748392,', 1, true))
    assert.is_truthy(body({ otp = 'a"\\', otp_ref_id = "ä/" }):find('"otp":"a\\"\\\\","otp_ref_id":"ä/"', 1, true))
  end)

  it("writes integers as JSON integers", function()
    for _, amount in ipairs { 100, 100.0, "100", "0100" } do
      local made = assert(plan("dmt-send-otp", { customer_id = CUSTOMER, recipient_id = "7", amount = amount }))
      assert.is_truthy(made.body:find('"recipient_id":7,"amount":100,', 1, true))
    end
    assert.is_truthy(assert(plan("dmt-send-otp", { customer_id = CUSTOMER, recipient_id = 9007199254740992, amount = 1 }))
      .body:find('"recipient_id":9007199254740992,', 1, true))
  end)

  it("writes lists, and Fino's address", function()
    local function body(slug, address)
      return assert(plan(slug, { customer_id = CUSTOMER, name = "Asha", dob = "1990-02-28", residence_address = address })).body
    end
    assert.is_truthy(body("onboard-customer", { "12 \"A\"", "" }):find('"residence_address":["12 \\"A\\"",""]}', 1, true))
    local made = body("dmt-onboard-sender", { area = "B", line = "12", pincode = "411001" })
    assert.equal('{"line":"12","pincode":"411001","area":"B"}', json.decode(made).residence_address)
    assert.equal('{"line":"9"}', json.decode(body("dmt-onboard-sender", '{"line":"9"}')).residence_address)
  end)

  it("takes lines in piddata and nowhere else", function()
    local made = assert(plan("dmt-fino-sender-ekyc", {
      customer_id = CUSTOMER, aadhar = "234567890124", piddata = "<PidData>\r\n\t<Skey/>\n</PidData>",
    }))
    assert.equal("<PidData>\r\n\t<Skey/>\n</PidData>", json.decode(made.body).piddata)
  end)

  it("takes an empty wallet_token, which a new Levin sender has", function()
    local made = assert(plan("aadhaar-ppi-levin-validate", {
      customer_id = CUSTOMER, aadhar = "234567890124", wallet_token = "", wallet_id = "",
    }))
    assert.is_truthy(made.body:find('"wallet_token":"","wallet_id":""', 1, true))
    assert.is_nil(assert(plan("aadhaar-ppi-levin-validate", { customer_id = CUSTOMER, aadhar = "234567890124" }))
      .body:find("wallet", 1, true))
  end)

  it("keeps the colon of a client_ref_id in the path", function()
    local made = assert(plan("transaction-inquiry", { ["transaction-reference"] = "client_ref_id:REQ-9" }))
    assert.is_truthy(made.path:find("^/tools/reference/transaction/client_ref_id:REQ%-9%?initiator_id="))
    assert.equal("/tools/reference/transaction/client_ref_id:REQ-9", redact.path(made.path))
  end)

  it("checks Aadhaar's digit and the PAN's holder only when asked to", function()
    local aadhaar = { customer_id = CUSTOMER, aadhar = "123456789012" }
    local pan = { customer_id = CUSTOMER, pan_number = "ABCDE1234F" }
    assert.is_table(plan("ppi-digikhata-generate-aadhaar-otp", aadhaar))
    assert.is_table(plan("ppi-digikhata-validate-pan", pan))
    local _, err = plan("ppi-digikhata-generate-aadhaar-otp", aadhaar, with { strict = true })
    assert.equal("invalid_format", err.name)
    assert.is_truthy(err.invalid_params.aadhar:find("check digit", 1, true))
    _, err = plan("ppi-digikhata-validate-pan", pan, with { strict = true })
    assert.is_string(err.invalid_params.pan_number)
  end)

  it("is not changed by what the caller does to the parameters afterwards", function()
    local params = { customer_id = CUSTOMER, otp = "012345", otp_ref_id = "r", intent_id = "19" }
    local made = assert(plan("ppi-levin-verify-otp", params))
    params.otp = "9"
    assert.equal("012345", made.draft:value "otp")
    assert.is_nil(params.initiator_id)
  end)

  it("gives the same bytes for the same call", function()
    local first = assert(plan("onboard-customer", { name = "A", dob = "1990-02-28", residence_address = { "x" }, customer_id = CUSTOMER }))
    local second = assert(plan("onboard-customer", { customer_id = CUSTOMER, residence_address = { "x" }, dob = "1990-02-28", name = "A" }))
    assert.equal(first.body, second.body)
  end)
end)

describe("extra parameters", function()
  it("go into the body, sorted", function()
    local made = assert(plan("get-customer-info", { customer_id = CUSTOMER }, with { extra = { z = true, ["a.b"] = 1.0, m = "x y" } }))
    assert.is_truthy(made.path:find("&a.b=1&m=x%20y&z=true", 1, true))
    made = assert(plan("ppi-digikhata-generate-sender-otp", { customer_id = CUSTOMER },
      with { extra = { zone = { 1, "b", { c = {} } }, flag = false, text = "a\\nb" } }))
    assert.is_truthy(made.body:find(',"flag":false,"text":"a\\\\nb","zone":[1,"b",{"c":[]}]}', 1, true))
  end)

  it("are refused when they cannot be sent", function()
    local function refused(slug, extra, field)
      local made, err = plan(slug, { customer_id = CUSTOMER }, with { extra = extra })
      assert.is_nil(made)
      assert.equal("invalid_request", err.kind)
      assert.is_string(err.invalid_params[field], field)
    end
    local post = "ppi-digikhata-generate-sender-otp"
    refused(post, { user_code = "1" }, "extra.user_code")
    refused(post, { ["a b"] = "1" }, "extra.a?b")
    refused(post, { ["a\r\n"] = "1" }, "extra.a??")
    refused(post, { [("a"):rep(65)] = "1" }, "extra." .. ("a"):rep(64))
    refused(post, { [1] = "1" }, "extra.[1]")
    refused(post, { x = "a\nb" }, "extra.x")
    refused(post, { x = { "\0" } }, "extra.x")
    refused(post, { x = { ["\r"] = 1 } }, "extra.x")
    refused(post, { x = "\255" }, "extra.x")
    refused(post, { x = 0 / 0 }, "extra.x")
    refused(post, { x = print }, "extra.x")
    refused(post, "x", "extra")
    refused("get-customer-info", { x = {} }, "extra.x")
    refused("get-customer-info", { x = "a\r\nb" }, "extra.x")
    refused("get-customer-info", { x = 1 / 0 }, "extra.x")
  end)
end)

describe("an endpoint that takes no client_ref_id", function()
  local REFUND = { ["get-refund-otp"] = { tid = "355419717321" }, ["initiate-refund"] = { tid = "355419717321", otp = "012345" } }

  it("is sent none: not the client's, not a made-up one, not through extra", function()
    for slug, params in pairs(REFUND) do
      for _, context in ipairs { CONTEXT, { initiator_id = "9962981729" }, with { strict = true }, with { extra = { note = "x" } } } do
        local made = assert(plan(slug, params, context))
        assert.is_nil(made.client_ref_id)
        local sent = json.decode(made.body)
        assert.is_nil(sent.client_ref_id)
        assert.is_nil(sent.user_code)
        assert.equal("9962981729", sent.initiator_id)
        assert.is_truthy(made.path:find("^/customer/payment/refund/355419717321"))
      end
      local made, err = plan(slug, params, with { extra = { client_ref_id = "REQ-2" } })
      assert.is_nil(made)
      assert.is_string(err.invalid_params["extra.client_ref_id"])
      local given = { client_ref_id = "REQ-2" }
      for name, value in pairs(params) do given[name] = value end
      made, err = plan(slug, given)
      assert.is_nil(made)
      assert.equal("unknown_parameter", err.name)
    end
  end)
end)

describe("a refused call", function()
  local function contains_value(err, value)
    local function look(item)
      if type(item) == "table" then
        for key, inner in pairs(item) do
          if look(key) or look(inner) then
            return true
          end
        end
      end
      return type(item) == "string" and item:find(value, 1, true) ~= nil
    end
    return look(err) or tostring(err):find(value, 1, true) ~= nil
  end

  it("has at least 60 examples", function()
    assert.is_true(#bad_calls >= 60)
  end)

  for _, call in ipairs(bad_calls) do
    it("with " .. call.name .. " names " .. call.field, function()
      local made, err = plan(call.slug, call.params)
      assert.is_nil(made)
      assert.is_true(errors.is(err))
      assert.equal("invalid_request", err.kind)
      assert.is_false(err.sent)
      assert.is_false(err.retryable)
      assert.equal(call.slug, err.slug)
      assert.same({ call.field }, (function()
        local fields = {}
        for field in pairs(err.invalid_params) do
          fields[#fields + 1] = field
        end
        return fields
      end)())
      assert.is_truthy(tostring(err):find(call.field .. ": ", 1, true))
      assert.equal(1, #err.problems)
      assert.equal(err.name, err.problems[1].name)
      local value = call.params[call.field]
      if type(value) == "string" and #value > 3 then
        assert.is_false(contains_value(err, value))
      end
    end)
  end

  it("names all problems at once, in the catalogue's order", function()
    local _, err = plan("ppi-levin-verify-otp", { customer_id = "12", otp = "", otpref = "x", intent_id = true }, {})
    assert.equal("invalid_request", err.name)
    local seen = {}
    for index, problem in ipairs(err.problems) do
      seen[index] = problem.field .. " " .. problem.name
    end
    assert.same({
      "initiator_id missing_parameter", "user_code missing_parameter", "customer_id invalid_format",
      "otp missing_parameter", "otp_ref_id missing_parameter", "intent_id wrong_type", "otpref unknown_parameter",
    }, seen)
    assert.is_truthy(tostring(err):find("did you mean otp_ref_id", 1, true))
    assert.is_truthy(tostring(err):find("^eko: invalid_request: invalid_request: ppi%-levin%-verify%-otp was not sent: "))
  end)

  it("bears the problem's name when there is one kind only", function()
    local names = {}
    for _, params in ipairs {
      {}, { customer_id = "12" }, { customer_id = true }, { customer_id = CUSTOMER, mobil = "x" },
    } do
      names[#names + 1] = select(2, plan("get-customer-info", params)).name
    end
    assert.same({ "missing_parameter", "invalid_format", "wrong_type", "unknown_parameter" }, names)
  end)

  it("may have parameters that are no table", function()
    for _, params in ipairs { "x", 12, true, print } do
      local _, err = plan("get-customer-info", params)
      assert.equal("wrong_type", err.name)
      assert.is_string(err.invalid_params.params)
    end
    assert.equal("missing_parameter", select(2, plan("get-customer-info", nil)).name)
  end)

  it("does not show a value that was put where a name belongs", function()
    local _, err = plan("get-customer-info", { customer_id = CUSTOMER, ["234567890124"] = true })
    assert.is_nil(tostring(err):find("234567890124", 1, true))
  end)
end)
