local catalogue = require "eko.wallets.catalogue"
local expand = require("eko.catalog").expand
local outcomes = require "eko.base.outcomes"
local formats = require "eko.call.formats"

local function names_of(entry)
  local names = {}
  for index, param in ipairs(entry.params) do
    names[index] = param.name .. (param.required and "!" or "")
  end
  return table.concat(names, " ")
end

describe("the catalogue", function()
  -- At least: one that is added is counted nowhere.
  it("has the endpoints of the five groups", function()
    local list, slugs = catalogue.list()
    assert.equal(#list, #slugs)
    local count = {}
    for _, entry in ipairs(list) do
      local group = entry.path:match("^/customer/payment/([^/]+)") or entry.path:match("^/(%a+)")
      count[group] = (count[group] or 0) + 1
    end
    for group, least in pairs { customer = 3, ["ppi-digikhata"] = 16, ["ppi-levin"] = 11, ["dmt-fino"] = 8, refund = 2, tools = 1 } do
      assert.is_true((count[group] or 0) >= least, group)
    end
  end)

  it("lists them sorted, and gives out a new list each time", function()
    local list, slugs = catalogue.list()
    for index = 2, #slugs do
      assert.is_true(slugs[index - 1] < slugs[index])
      assert.equal(slugs[index], list[index].slug)
    end
    list[1] = nil
    assert.is_table((catalogue.list())[1])
  end)

  it("gives one, or the one that was meant", function()
    assert.equal("POST", catalogue.get("ppi-levin-verify-otp").method)
    local entry, near = catalogue.get("ppi-levin-verify-opt")
    assert.is_nil(entry)
    assert.equal("ppi-levin-verify-otp", near)
    assert.same({ nil, "ppi-levin-verify-otp" }, { catalogue.get("ppi_levin_verify_otp") })
    assert.same({}, { catalogue.get("something else entirely") })
    assert.same({}, { catalogue.get(nil) })
    assert.same({}, { catalogue.get({}) })
  end)

  it("has the three verify endpoints as published", function()
    local expected = {
      ["verify-customer-otp"] = {
        "/customer/account/{customer_id}/otp/verify",
        "initiator_id! user_code! client_ref_id customer_id! otp otp_ref_id!",
      },
      ["ppi-digikhata-verify-otp"] = {
        "/customer/payment/ppi-digikhata/sender/{customer_id}/otp/verify",
        "initiator_id! user_code! client_ref_id customer_id! otp! otp_ref_id! intent_id service_code",
      },
      ["ppi-levin-verify-otp"] = {
        "/customer/payment/ppi-levin/sender/{customer_id}/otp/verify",
        "initiator_id! user_code! client_ref_id customer_id! otp! otp_ref_id! intent_id!",
      },
    }
    for slug, want in pairs(expected) do
      local entry = catalogue.get(slug)
      assert.equal("POST", entry.method)
      assert.equal(want[1], entry.path)
      assert.equal(want[2], names_of(entry))
      assert.is_false(entry.moves_money)
      assert.is_false(entry.sends_sms)
    end
    assert.equal("string", catalogue.get("ppi-levin-verify-otp").fields.intent_id.type)
    assert.equal("opaque", catalogue.get("ppi-levin-verify-otp").fields.otp.type)
    assert.equal("opaque", catalogue.get("ppi-levin-verify-otp").fields.otp_ref_id.type)
  end)

  it("has full entries, down to each parameter", function()
    local fino = catalogue.get("dmt-initiate-transfer")
    assert.equal("initiator_id! user_code client_ref_id! recipient_id! amount! customer_id! otp! otp_ref_id! currency "
      .. "channel latlong state timestamp", names_of(fino))
    assert.equal("/customer/payment/dmt-fino", fino.path)
    assert.same({ "body", "integer", true, 1 },
      { fino.fields.amount.place, fino.fields.amount.type, fino.fields.amount.required, fino.fields.amount.min })
    assert.equal("body", fino.fields.customer_id.place)
    local get = catalogue.get("dmt-get-sender")
    assert.equal("initiator_id! user_code! client_ref_id customer_id!", names_of(get))
    assert.same({ "query", "path" }, { get.fields.user_code.place, get.fields.customer_id.place })
    assert.same({ "PUT", "/customer/payment/dmt-fino/sender/{customer_id}/otp" },
      { catalogue.get("dmt-fino-sender-ekyc").method, catalogue.get("dmt-fino-sender-ekyc").path })
    local levin = catalogue.get("aadhaar-ppi-levin-validate")
    assert.equal("initiator_id! user_code client_ref_id customer_id! aadhar! wallet_token wallet_id otp_ref_id",
      names_of(levin))
    assert.equal("initiator_id! user_code client_ref_id! customer_id! org_id! consent_language!",
      names_of(catalogue.get("ppi-digikhata-consent-details")))
    assert.equal("string", catalogue.get("ppi-digikhata-load-wallet").fields.amount.type)
    assert.equal("address", catalogue.get("dmt-onboard-sender").fields.residence_address.type)
    assert.equal("list", catalogue.get("ppi-levin-onboard-sender").fields.residence_address.type)
    assert.equal("string", catalogue.get("ppi-digikhata-recipient-bank-otp").fields.recipient_id.type)
    assert.equal("integer", catalogue.get("ppi-digikhata-initiate-transaction").fields.recipient_id.type)
  end)

  it("has the two refund endpoints, which take no client_ref_id #harm03", function()
    local expected = {
      ["get-refund-otp"] = { "/customer/payment/refund/{tid}/otp", "initiator_id! tid!", false, true },
      ["initiate-refund"] = {
        "/customer/payment/refund/{tid}", "initiator_id! tid! otp! otp_ref_id service_code state", true, false,
      },
    }
    for slug, want in pairs(expected) do
      local entry = catalogue.get(slug)
      assert.is_table(entry)
      assert.same({ "POST", want[1], want[2], want[3], want[4] },
        { entry.method, entry.path, names_of(entry), entry.moves_money, entry.sends_sms })
      assert.equal("path", entry.fields.tid.place)
    end
    local fields = catalogue.get("initiate-refund").fields
    assert.same({ "opaque", "opaque", "integer", "integer" },
      { fields.otp.type, fields.otp_ref_id.type, fields.service_code.type, fields.state.type })
  end)

  it("knows what moves money and what sends an SMS", function()
    for _, entry in ipairs((catalogue.list())) do
      if entry.role ~= "other" then assert.equal(outcomes.roles[entry.role].settles ~= nil, entry.moves_money, entry.slug) end
    end
    for _, slug in ipairs {
      "dmt-initiate-transfer", "initiate-refund", "ppi-digikhata-initiate-transaction", "ppi-digikhata-load-wallet",
      "ppi-levin-initiate-transaction",
    } do assert.is_true(catalogue.get(slug).moves_money, slug) end
    for _, slug in ipairs { "dmt-get-sender", "get-customer-info", "ppi-digikhata-get-sender", "ppi-levin-get-sender" } do
      assert.same({ "GET", true }, { catalogue.get(slug).method, catalogue.get(slug).sends_sms }, slug)
    end
  end)

  it("takes what is no GET for moving money, unless its entry says otherwise", function()
    for _, case in ipairs {
      { "GET", nil, nil, false }, { "POST", nil, nil, true }, { "PUT", nil, false, false }, { "DELETE", nil, true, true },
      { "POST", "verify", nil, true }, { "POST", "verify", false, false }, { "GET", "verify", nil, false },
    } do
      local entry = expand { slug = "s", method = case[1], path = "/s", role = case[2], moves_money = case[3] }
      local name = ("%s, role %s, moves_money %s"):format(case[1], tostring(case[2]), tostring(case[3]))
      assert.equal(case[2] or "other", entry.role, name)
      assert.equal(case[4], entry.moves_money, name)
      assert.equal(case[4], entry.moves_money and entry.settles[325] == "by_transaction" and entry.refusals[302], name)
      assert.equal("", entry.about)
    end
  end)

  it("tells an emulator what is documented: parameters, the shape that a verb has, the id that says that all went well", function()
    local by_slug = {}
    for _, each in ipairs(catalogue.documented()) do by_slug[each.slug] = each end
    for slug, id in pairs {
      ["ppi-levin-get-recipients"] = 23, ["ppi-levin-get-sender"] = 2132, ["dmt-add-recipient"] = 43, ["dmt-send-otp"] = 2129,
      ["ppi-levin-initiate-transaction"] = 325, ["ppi-digikhata-load-wallet"] = 2447, ["initiate-refund"] = 74,
    } do assert.equal(id, by_slug[slug].response_type_id, slug) end
    local transfer = by_slug["dmt-initiate-transfer"]
    assert.same({ "POST", "/customer/payment/dmt-fino", true, "string" },
      { transfer.method, transfer.path, transfer.moves_money, transfer.shape.tid })
    assert.equal("initiator_id", transfer.params[1].name)
    assert.is_nil(by_slug["transaction-inquiry"].shape)
  end)

  it("is consistent", function()
    local types = { string = true, integer = true, opaque = true, list = true, address = true }
    for _, entry in ipairs((catalogue.list())) do
      assert.is_truthy(("GET POST PUT PATCH DELETE"):find(entry.method, 1, true))
      assert.is_table(outcomes.roles[entry.role])
      assert.is_string(entry.about)
      assert.equal("initiator_id", entry.params[1].name)
      local in_path = 0
      for _, param in ipairs(entry.params) do
        assert.is_true(types[param.type], entry.slug .. " " .. param.name)
        assert.is_true(param.format == nil or formats[param.format] ~= nil)
        assert.is_string(param.from)
        assert.equal(param, entry.fields[param.name])
        in_path = in_path + (param.place == "path" and 1 or 0)
        assert.is_true(param.place ~= "body" or entry.method ~= "GET")
        assert.is_true(param.place ~= "query" or (param.type ~= "list" and param.type ~= "address"))
      end
      assert.equal(select(2, entry.path:gsub("{", "")), in_path)
      assert.is_nil(entry.path:find("aadhar}", 1, true), "no Aadhaar number in a URL")
    end
  end)
end)
