local catalogue = require "eko.wallets.catalogue"
local core = require "eko.core"
local errors = require "eko.base.errors"
local json = require "eko.base.json"
local request = require "eko.call.request"
local response = require "eko.call.response"
local wallets = require "eko.wallets"
local math_type = math.type -- luacheck: ignore (Lua 5.3 and later)

local CONTEXT = { initiator_id = "9962981729", user_code = "20810200" }
local CUSTOMER = "9444444444"

-- A wallet over a list of answers: plan, answer, read. Keeps the plans.
local function bound(name, answers)
  local plans = {}
  return wallets.bind(name, function(slug, params, _, typing)
    local endpoint = assert(catalogue.get(slug))
    local draft, reference = request.draft(endpoint, params, CONTEXT)
    if not draft then
      return nil, reference
    end
    local plan = { draft = draft, client_ref_id = reference, path = draft:path(), body = draft:body(), method = endpoint.method }
    plans[#plans + 1] = plan
    local body = answers[math.min(#plans, #answers)]
    return response.read(endpoint, { status = 200, headers = {}, body = body }, plan, typing)
  end), plans
end

-- At least: one that is added stands in its wallet's room alone.
local VERBS = {
  customer = "get onboard verify_otp",
  digikhata = "add_recipient consent_details consent_languages get load_wallet onboard recipients send_aadhaar_otp "
    .. "send_otp send_recipient_otp send_transfer_otp transfer verify_aadhaar_otp verify_otp verify_pan "
    .. "verify_recipient_otp",
  levin = "add_recipient get onboard recipients register_recipient_bank send_aadhaar_otp send_transfer_otp transfer "
    .. "verify_aadhaar_otp verify_otp verify_pan",
  fino = "add_recipient ekyc get onboard recipients send_transfer_otp transfer verify_otp",
}

local PROFILE = [[{"status":0,"response_status_id":-1,"response_type_id":309,"message":"Success!","data":{
  "customer_profile":{"total_monthly_limit":"50000.0","mobile":"9444444444","kyc_id":"","ekyc_enabled":0,"kyc_type":"",
    "balance":"110.00","next_allowed_limit":"5287.0","name":"Asha Devi","digital_ekyc":"1","email":null,"kyc_state":1,
    "chart":[{"data_type_id":10,"label":"","data":{"unavailable":0,"used":44713,"remaining":5287.0}}]},
  "wallet_token":"aaa.bbb.ccc","is_registered":0,"sender_name":"","ekyc_enabled":"","wallet_id":"","unheard_of":"x",
  "next_allowed_limit":5287,"kyc_state":"0"}}]]

describe("a wallet", function()
  it("has the verbs of its rail, each with an endpoint of the catalogue", function()
    local slugs = {}
    for name, expected in pairs(VERBS) do
      local object, verbs = bound(name, {}), wallets.verbs(name)
      for verb in expected:gmatch "%S+" do assert.is_string(verbs[verb], name .. " " .. verb) end
      for verb, slug in pairs(verbs) do
        assert.is_function(object[verb])
        assert.is_table((catalogue.get(slug)), slug)
        assert.is_nil(slugs[slug])
        slugs[slug] = true
      end
    end
  end)

  it("shows its name only, lists its verbs as fields, and has nothing that the rail has not", function()
    assert.equal("eko.wallet: levin", tostring((bound("levin", {}))))
    for name in pairs(VERBS) do
      local verbs = {}
      for verb, method in pairs((bound(name, {}))) do
        assert.is_function(method)
        verbs[verb] = wallets.verbs(name)[verb]
      end
      assert.same(wallets.verbs(name), verbs)
    end
    assert.is_nil(rawget(bound("customer", {}), "verify_pan"))
    assert.has_error(function()
      wallets.bind("paypal", print)
    end, "eko: no such wallet: paypal (there are " .. table.concat(wallets.names, ", ") .. ")")
  end)

  it("passes errors and dry runs through untouched", function()
    local err = errors.new { kind = "transport", name = "timeout", message = "m" }
    local object = wallets.bind("levin", function()
      return nil, err
    end)
    local result, got = object:verify_otp {}
    assert.is_nil(result)
    assert.equal(err, got)
    local dry = { method = "POST", url = "http://127.0.0.1/x", headers = {}, body = "{}" }
    object = wallets.bind("levin", function(slug, params, options)
      assert.same({ "ppi-levin-verify-otp", { otp = "1" }, { dry_run = true } }, { slug, params, options })
      return dry
    end)
    assert.equal(dry, object:verify_otp({ otp = "1" }, { dry_run = true }))
  end)
end)

describe("a typed result", function()
  for _, name in ipairs(wallets.names) do
    it("of " .. name .. " has the documented types", function()
      local object = bound(name, { PROFILE })
      local sender = assert(object:verify_otp {
        customer_id = CUSTOMER, otp = "012345", otp_ref_id = "r", kyc_request_id = name == "fino" and "1" or nil,
        intent_id = name == "levin" and "19" or nil,
      })
      local token = (name == "levin" or name == "digikhata") and "aaa.bbb.ccc" or nil
      local response_of = sender.response
      assert.equal("eko." .. name .. ".verify_otp: verified", tostring(sender))
      sender.response = nil
      assert.same({
        outcome = "verified", is_registered = 0, next_allowed_limit = 5287, kyc_state = 0, wallet_token = token,
        customer_profile = {
          name = "Asha Devi", mobile = "9444444444", balance = "110.00", total_monthly_limit = "50000.0",
          next_allowed_limit = "5287.0", kyc_state = 1, ekyc_enabled = 0, digital_ekyc = 1,
          chart = { { data_type_id = 10, data = { used = 44713, remaining = 5287, unavailable = 0 } } },
        },
      }, setmetatable(sender, nil))
      assert.equal("x", response_of.data.unheard_of)
      assert.equal("", response_of.data.wallet_id)
      assert.equal(json.null, response_of.data.customer_profile.email)
      assert.equal("verified", response_of.outcome)
    end)
  end

  it("has only an outcome where there is no data", function()
    for _, data in ipairs { "", ',"data":null', ',"data":{}', ',"data":[]', ',"data":"x"', ',"data":7' } do
      local object = bound("levin", { '{"status":2136,"response_status_id":1,"response_type_id":2136' .. data .. "}" })
      local sender = assert(object:verify_otp { customer_id = CUSTOMER, otp = "1", otp_ref_id = "r", intent_id = "19" })
      assert.equal("aadhaar_required", sender.outcome)
      sender.response = nil
      assert.same({ outcome = "aadhaar_required" }, setmetatable(sender, nil))
    end
  end)

  it("lists recipients", function()
    local object = bound("levin", { [[{"status":0,"response_type_id":23,"data":{"pan_required":2,"is_insured":"",
      "remaining_limit_before_pan_required":50000,"recipient_list":[
      {"recipient_id":10,"beneficiary_id":null,"recipient_name":"Ravi","is_self_account":"0","account":"43XXXXXXXXX45",
       "pipes":{"3":{"pipe":3,"status":1}},"imps_inactive_reason":""},
      {"recipient_id":"11","beneficiary_id":0,"channel":2.0}]}}]] })
    local list = assert(object:recipients { customer_id = CUSTOMER })
    assert.equal("recipients", list.outcome)
    assert.equal(2, list.pan_required)
    assert.equal(50000, list.remaining_limit_before_pan_required)
    assert.same({
      { recipient_id = 10, recipient_name = "Ravi", is_self_account = "0", account = "43XXXXXXXXX45",
        pipes = { ["3"] = { pipe = 3, status = 1 } } },
      { recipient_id = 11, beneficiary_id = 0, channel = 2 },
    }, list.recipient_list)
    if math_type then
      assert.equal("integer", math_type(list.recipient_list[2].recipient_id))
      assert.equal("integer", math_type(list.recipient_list[2].channel))
    end
  end)

  it("lists recipients in each form in which a list comes, and has no profile that is none", function()
    local record = '{"recipient_id":10,"beneficiary_id":null,"recipient_name":"Ravi","pipes":[]}'
    for _, list in ipairs { "[%s]", '{"0":%s}', '{"1":%s,"0":null}', "%s", "[null,%s]", "[[%s]]" } do
      for _, name in ipairs { "levin", "digikhata", "fino" } do
        local body = '{"status":0,"response_type_id":23,"data":{"recipient_list":' .. list:format(record) .. "}}"
        local result = assert(bound(name, { body }):recipients { customer_id = CUSTOMER })
        assert.same({ { recipient_id = 10, recipient_name = "Ravi" } }, result.recipient_list, body)
      end
    end
    for _, profile in ipairs { "[]", "null", '""', "0", "[null]" } do
      local sender = assert(bound("levin", { '{"status":0,"response_type_id":309,"data":{"customer_profile":' .. profile .. "}}" }):get {
        customer_id = CUSTOMER,
      })
      assert.is_nil(sender.customer_profile, profile)
    end
    local chart = '{"status":0,"response_type_id":309,"data":{"customer_profile":[{"name":"Asha","chart":{"0":{"label":"a"},"1":null}}]}}'
    local sender = assert(bound("digikhata", { chart }):get { customer_id = CUSTOMER })
    assert.same({ name = "Asha", chart = { { label = "a" } } }, sender.customer_profile)
  end)

  it("of a transfer has amounts as text", function()
    local object = bound("fino", { [[{"status":0,"response_type_id":325,"data":{"tx_status":0,"tid":250121123714472002,
      "amount":100,"fee":4.0,"balance":2208340023.75,"commission":"2.20834002375E9","tds":1e21,"recipient_id":10,
      "bank_ref_num":""}}]] })
    local transfer = assert(object:transfer {
      recipient_id = 10, amount = 100, customer_id = CUSTOMER, otp = "1234", otp_ref_id = "666902416",
    })
    transfer.response = nil
    assert.same({
      outcome = "completed", state = "succeeded", tx_status = "0", tid = "250121123714472002", amount = "100", fee = "4.0",
      balance = "2208340023.75", commission = "2.20834002375E9", tds = "1000000000000000000000", recipient_id = 10,
    }, setmetatable(transfer, nil))
  end)

  it("of a bank's registration keeps whom it is about", function()
    local levin = bound("levin", { '{"status":0,"response_type_id":43,"data":{"recipient_id":10,"recipient_mobile":"9555555555",'
      .. '"customer_id":"9444444444","beneficiary_id":"40367","account":""}}' })
    local result = assert(levin:register_recipient_bank { customer_id = CUSTOMER, recipient_id = "10" })
    result.response = nil
    assert.same({ outcome = "recipient_added", recipient_id = "10", recipient_mobile = "9555555555", customer_id = CUSTOMER,
      beneficiary_id = "40367" }, setmetatable(result, nil))
  end)

  it("has the consent, and Levin's Aadhaar", function()
    local object = bound("digikhata", {
      '{"status":0,"response_type_id":2444,"data":{"consent_language_list":[{"pkid":"1","consentLanguage":"English"}]}}',
      '{"status":0,"response_type_id":2446,"data":{"consent_detail":{"consentId":7,"consent":"I agree","audioUrl":""}}}',
    })
    local ask = { customer_id = CUSTOMER, org_id = "1", client_ref_id = "R" }
    assert.same({ { pkid = "1", consentLanguage = "English" } }, assert(object:consent_languages(ask)).consent_language_list)
    ask.consent_language = "1"
    assert.same({ consentId = 7, consent = "I agree" }, assert(object:consent_details(ask)).consent_detail)
    object = bound("levin", { '{"status":0,"response_type_id":1388,"data":{"verified":true,"name":"A","gender":""}}' })
    local verified = assert(object:verify_aadhaar_otp { customer_id = CUSTOMER, otp = "1", otp_ref_id = "r" })
    assert.same({ "aadhaar_verified", true, "A" }, { verified.outcome, verified.verified, verified.name })
    assert.is_nil(verified.gender)
  end)
end)

describe("a shape", function()
  it("turns a value into the documented type or leaves it out", function()
    local read = core.json.reader {
      n = "number", s = "string", o = "opaque", b = "boolean", m = "map", l = { list = { n = "number" } },
      r = { record = { s = "string" } },
    }
    local cases = {
      { { n = "12" }, { n = 12 } }, { { n = "-1.5" }, { n = -1.5 } }, { { n = "4.0" }, { n = 4 } },
      { { n = "123456789012345678" }, { n = "123456789012345678" } }, { { n = "0x10" }, {} }, { { n = "abc" }, {} },
      { { n = true }, {} }, { { n = {} }, {} },
      { { s = 12 }, { s = "12" } }, { { s = 0.000012 }, { s = "0.000012" } }, { { s = 49678.5 }, { s = "49678.5" } },
      { { s = true }, {} }, { { s = {} }, {} }, { { s = " " }, { s = " " } },
      { { o = "012" }, { o = "012" } }, { { o = 66748392 }, { o = 66748392 } }, { { o = {} }, {} }, { { o = true }, {} },
      { { b = false }, { b = false } }, { { b = "true" }, {} }, { { m = "x" }, {} },
      { { l = {} }, { l = {} } }, { { l = "x" }, {} },
      { { r = { s = "" } }, { r = {} } }, { { r = "x" }, {} }, { { x = 1 }, {} },
    }
    for _, name in ipairs { "n", "s", "o", "b", "m", "l", "r" } do
      cases[#cases + 1] = { { [name] = "" }, {} }
      cases[#cases + 1] = { { [name] = json.null }, {} }
    end
    for _, case in ipairs(cases) do
      local data, status, id = read(json.encode { status = 0, response_type_id = 309, data = case[1] })
      assert.same({ case[2], 0, 309 }, { data, status, id })
    end
  end)
end)

describe("a shape read from text", function()
  local read = core.json.reader {
    s = "string", n = "number", o = "opaque", b = "boolean", m = "map", l = { list = { s = "string" } }, r = { record = { n = "number" } },
  }

  local function data_of(members) return (read('{"status":0,"response_type_id":1,"data":{' .. members .. "}}")) end

  it("keeps the digits of money as they were sent, and writes an exponent out", function()
    for sent, kept in pairs { ["0.10"] = "0.10", ["4.0"] = "4.0", ["-0.5"] = "-0.5", ["1e21"] = "1000000000000000000000",
      ["2.20834002375E9"] = "2208340023.75", ["1.5e-5"] = "0.000015", ["-12.340e1"] = "-123.4",
      ["100E-2"] = "1", ["-0.0e5"] = "0", ["0.00120e+2"] = "0.12", ["9007199254740993.01e0"] = "9007199254740993.01", ["1e-15"] = "0.000000000000001",
      ["250121123714472002"] = "250121123714472002" } do
      assert.same({ s = kept }, data_of('"s":' .. sent))
    end
    for _, beyond in ipairs { "1e301", "1e-302", "1e99999999999999999999", ("1"):rep(70) .. "e1" } do
      assert.same({}, data_of('"s":' .. beyond))
    end
  end)

  it("takes escapes, any order, repeated and unknown members", function()
    assert.same({ s = 'a"\195\169\240\159\152\128/', n = 2 }, data_of [["x":{"s":["y"]},"n":1,"s":"a\"\u00e9\ud83d\ude00\/","n":2]])
    assert.same({ l = { {}, { s = "1" } }, r = {} }, data_of '"l":[{},{"s":1}],"r":{}')
    assert.same({ n = 1 }, data_of [["s":"a","s":"","n":0,"\u006e":1]])
  end)

  it("takes a list that came as an object, a record that came in a list, and nothing else that came as the wrong kind", function()
    local one, two = { s = "1" }, { s = "2" }
    for sent, kept in pairs {
      -- a list
      ['"l":[]'] = { l = {} }, ['"l":[{"s":1}]'] = { l = { one } }, ['"l":{"0":{"s":1},"1":{"s":2}}'] = { l = { one, two } },
      ['"l":{"10":{"s":2},"9":{"s":1}}'] = { l = { one, two } }, ['"l":{"1":{"s":1},"2":{"s":2}}'] = { l = { one, two } },
      ['"l":{"7":{"s":1}}'] = { l = { one } }, ['"l":{"0":null,"1":{"s":1},"2":"x"}'] = { l = { one } },
      ['"l":{"1":{"s":1},"0":{"s":9},"0":{"s":2}}'] = { l = { two, one } }, ['"l":{"s":1}'] = { l = { one } },
      ['"l":{"s":1,"x":2}'] = { l = { one } }, ['"l":[null,{"s":1},null]'] = { l = { one } }, ['"l":["x",1,true,{"s":1},[]]'] = { l = { one } },
      ['"l":[[{"s":1}],{"s":2}]'] = { l = { one, two } }, ['"l":[null]'] = { l = {} },
      ['"l":{}'] = {}, ['"l":{"x":1}'] = {}, ['"l":{"message":"none","0":{"s":1}}'] = {}, ['"l":"[]"'] = {}, ['"l":0'] = {}, ['"l":false'] = {},
      -- a record
      ['"r":{"n":1}'] = { r = { n = 1 } }, ['"r":{}'] = { r = {} }, ['"r":[{"n":1}]'] = { r = { n = 1 } }, ['"r":[null,{"n":1}]'] = { r = { n = 1 } },
      ['"r":{"0":{"n":1}}'] = { r = { n = 1 } }, ['"r":[]'] = {}, ['"r":[null]'] = {}, ['"r":[{"n":1},{"n":2}]'] = {}, ['"r":["n"]'] = {},
      ['"r":{"0":{"n":1},"1":{"n":2}}'] = {}, ['"r":true'] = {}, ['"r":"x"'] = {}, ['"r":[[{"n":1}]]'] = {},
      -- a map
      ['"m":{"3":{"pipe":3}}'] = { m = { ["3"] = { pipe = 3 } } }, ['"m":{}'] = { m = {} }, ['"m":[]'] = {}, ['"m":[1]'] = {}, ['"m":"x"'] = {},
      -- scalars
      ['"s":{}'] = {}, ['"s":[]'] = {}, ['"s":["x"]'] = {}, ['"s":true'] = {}, ['"n":[]'] = {}, ['"n":{}'] = {}, ['"n":"x"'] = {}, ['"n":true'] = {},
      ['"o":{}'] = {}, ['"o":[]'] = {}, ['"o":false'] = {}, ['"b":[]'] = {}, ['"b":"true"'] = {}, ['"b":1'] = {},
    } do
      assert.same(kept, data_of(sent), sent)
    end
    assert.same({ s = "1" }, (read '{"status":0,"data":[{"s":1}]}'))
    for _, data in ipairs { "[]", "null", '"x"', "7", "[[]]", '[{"s":1},{"s":2}]', "[null]" } do
      assert.same({}, (read('{"status":0,"data":' .. data .. "}")), data)
    end
  end)

  it("sorts a list of many numbers", function()
    local items, wanted = {}, 20000
    for i = 1, wanted do items[i] = ('"%d":{"s":%d}'):format((i * 7919) % wanted, (i * 7919) % wanted) end
    local list = data_of('"l":{' .. table.concat(items, ",") .. "}").l
    assert.equal(wanted, #list)
    for i = 1, wanted do assert.equal(tostring(i - 1), list[i].s) end
  end)

  it("keeps a long integer whole wherever it stands", function()
    assert.same({ n = "250121123714472002", o = "250121123714472002" }, data_of '"n":250121123714472002,"o":250121123714472002')
  end)

  it("reads texts of any length", function()
    local items = {}
    for i = 1, 2000 do items[i] = '{"s":"' .. i .. '"}' end
    local list = data_of('"l":[' .. table.concat(items, ",") .. "]").l
    assert.equal(2000, #list)
    assert.equal("2000", list[2000].s)
  end)
end)

describe("an otp_ref_id and an OTP", function()
  local FORMS = {
    ("aB3+"):rep(21) .. "aB==", ("zY/9"):rep(24), ("Q2+/"):rep(39) .. "QQ==",
    "zCISy" .. ("x+/"):rep(22) .. "BY=", "0f8fad5b-d9cb-469f-a165-70867728950e", "666902416",
    "9444444444~9444444444~Channel4~4202888~4202888", "007", " padded ", "%2B+/=~",
  }

  -- From the verb that announces an OTP to the one that takes it.
  local ROUTES = {
    { "customer", "get", {}, "verify_otp", {} },
    { "digikhata", "get", {}, "verify_otp", {} },
    { "digikhata", "send_otp", {}, "verify_otp", {} },
    { "digikhata", "send_aadhaar_otp", { aadhar = "234567890124" }, "verify_aadhaar_otp", {} },
    { "digikhata", "send_recipient_otp", { recipient_id = "10" }, "verify_recipient_otp", {} },
    { "levin", "get", {}, "verify_otp", { intent_id = "19" } },
    { "levin", "send_aadhaar_otp", { aadhar = "234567890124" }, "verify_aadhaar_otp", {} },
    { "fino", "ekyc", { aadhar = "234567890124", piddata = "<PidData/>" }, "verify_otp", { kyc_request_id = "1" } },
    { "fino", "send_transfer_otp", { recipient_id = 1, amount = 100 }, "transfer", { recipient_id = 1, amount = 100 } },
    { "levin", "send_transfer_otp", { recipient_id = 1, amount = 100 }, "transfer",
      { recipient_id = 1, amount = 100, timestamp = "2026-01-01T10:00:00Z", currency = "INR", channel = 2 } },
  }

  assert(#FORMS[1] == 88 and #FORMS[2] == 96 and #FORMS[3] == 160)

  for _, route in ipairs(ROUTES) do
    local name, from, first, to, second = route[1], route[2], route[3], route[4], route[5]
    it(("of %s pass unchanged from %s to %s"):format(name, from, to), function()
      for _, ref in ipairs(FORMS) do
        for _, id in ipairs { 2129, 1741, 2133 } do
          local object, plans = bound(name, { json.encode { status = 0, response_type_id = id, data = { otp_ref_id = ref } } })
          first.customer_id, second.customer_id = CUSTOMER, CUSTOMER
          local announced = assert(object[from](object, first))
          assert.equal(ref, announced.otp_ref_id)
          assert.equal(ref, announced.response.data.otp_ref_id)
          second.otp, second.otp_ref_id = "012345", announced.otp_ref_id
          object[to](object, second)
          assert.is_truthy(plans[2].body:find('"otp":"012345"', 1, true))
          assert.is_truthy(plans[2].body:find('"otp_ref_id":"' .. ref .. '"', 1, true), plans[2].body)
        end
      end
    end)
  end
end)
