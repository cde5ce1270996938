-- What a call takes of a person: names, addresses, births. (Everything else: values_spec.lua.)
local catalogue = require "eko.wallets.catalogue"
local eko = require "eko"
local json = require "eko.base.json"
local request = require "eko.call.request"
local values = require "spec.support.values"

local CUSTOMER, GOOD = values.CUSTOMER, values.GOOD
local drafted, sent, refused = values.drafted, values.sent, values.refused
local unpack = table.unpack or unpack -- luacheck: ignore

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
      refused(slug, "residence_address", {}, "missing_parameter")
      refused(slug, "residence_address", { unpack(blanks, 1, 6) }, "missing_parameter")
      for _, blank in ipairs(blanks) do
        refused(slug, "residence_address", { blank }, "missing_parameter")
        for _, name in ipairs(NAMES) do refused(slug, "residence_address", { [name] = blank }, "missing_parameter") end
      end
    end
    for _, text in ipairs { "", " ", "{}", "[]", '{"line":""}', '{"line":" ","city":"\226\128\139"}', '["",""]', '{"a":{"line":""}}', "[{}]", '[null]' } do
      refused("dmt-onboard-sender", "residence_address", text, "missing_parameter")
    end
    for _, text in ipairs { '{"line":"x"}', '["x"]', '{"a":{"b":["x"]}}', '[1]', '[0.5]' } do
      assert.equal(text, json.decode(assert(drafted("dmt-onboard-sender", "residence_address", text)):body()).residence_address)
    end
  end)

  it("has nothing hidden in it, no more lines than it has names, and strings alone", function()
    for _, slug in ipairs { "onboard-customer", "dmt-onboard-sender" } do
      for _, value in ipairs { { "x\226\128\174y" }, { line = "\226\129\166x" }, { "x\194\133" } } do
        refused(slug, "residence_address", value, "invalid_format", "do not show")
      end
      for _, value in ipairs { { line = 411001 }, { "x", 411001 }, { [1] = "x", [3] = "y" }, { [true] = "x" }, { "x", city = 1 } } do
        refused(slug, "residence_address", value, "wrong_type")
      end
      for _, value in ipairs { { line = "x", town = "y" }, { line = "x\ny" }, { "x\0" }, { "\255" } } do
        refused(slug, "residence_address", value, "invalid_format")
      end
    end
    refused("dmt-onboard-sender", "residence_address", { "1", "2", "3", "4", "5", "6", "7" }, "invalid_format", "at most these lines")
    refused("dmt-onboard-sender", "residence_address", '{"line":"x\226\128\174y"}', "invalid_format", "do not show")
    refused("onboard-customer", "residence_address", "12 Lake Road", "wrong_type")
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
      for _, blank in ipairs(BLANKS) do refused(case[1], case[2], blank, "missing_parameter") end
    end
    for _, blank in ipairs(BLANKS) do
      refused("ppi-levin-verify-otp", "user_code", blank, "missing_parameter")
      refused("dmt-fino-validate-ekyc-otp", "kyc_request_id", blank, "missing_parameter")
      refused("ppi-levin-verify-otp", "customer_id", blank, "missing_parameter")
    end
  end)

  it("has nothing in it that does not show or turns others around", function()
    for _, case in ipairs(FIELDS) do
      for _, hidden in ipairs(HIDDEN) do
        for _, name in ipairs { "Asha" .. hidden .. "Devi", hidden .. "Asha", "Asha" .. hidden } do
          refused(case[1], case[2], name, "invalid_format", "do not show")
        end
      end
      for _, control in ipairs { "\0", "\1", "\t", "\n", "\r", "\27", "\127" } do
        refused(case[1], case[2], "Asha" .. control .. "Devi", "invalid_format", "control characters")
      end
      refused(case[1], case[2], "Asha \255", "invalid_format", "UTF-8")
    end
  end)

  it("is else what it is, in any script", function()
    for _, name in ipairs { "Asha", "Asha Devi", " Asha ", "आशा देवी", "ന്‍", "ক্‌ষ", "O'Neil-Rao", "M. K. Rao", "Śā\204\132", "李", "👩" } do
      for _, case in ipairs(FIELDS) do sent(case[1], case[2], name, '"' .. name .. '"') end
    end
  end)
end)

describe("a birth", function()
  it("was after 1899 and not after today, in India", function()
    for _, day in ipairs { "1900-01-01", "1990-02-28", "2000-02-29", "2026-09-20", "2026-09-21" } do
      sent("onboard-customer", "dob", day, '"' .. day .. '"')
    end
    for _, day in ipairs { "1899-12-31", "0001-01-01", "0199-05-17", "2026-09-22", "2026-10-01", "2027-01-01", "2999-01-01", "9999-12-31" } do
      refused("onboard-customer", "dob", day, "invalid_format", "from 1900-01-01 to today")
      refused("dmt-onboard-sender", "dob", day, "invalid_format", "from 1900-01-01 to today")
    end
    for _, day in ipairs { "1990-02-30", "28-02-1990", "1990/02/28", "19900228", "1990-2-8", " 1990-02-28" } do
      refused("onboard-customer", "dob", day, "invalid_format")
    end
    -- 2026-09-21 begins in India half past six in the evening before, in UTC.
    local endpoint, params = catalogue.get "onboard-customer", { customer_id = CUSTOMER, name = "A", dob = "2026-09-21", residence_address = { "x" } }
    local function taken_at(ms) return request.draft(endpoint, params, { initiator_id = "1", clock = function() return ms end }) ~= nil end
    assert.is_false(taken_at(1789928999999))
    assert.is_true(taken_at(1789929000000))
    for _, unset in ipairs { 0, 1000, 86400000 * 366 } do assert.is_true(taken_at(unset), unset) end -- (a clock that was never set says nothing)
    assert.is_nil((request.draft(endpoint, { customer_id = CUSTOMER, name = "A", dob = "2999-01-01", residence_address = { "x" } }, { initiator_id = "1" })))
  end)

  it("is checked alone too", function()
    local check = request.checker(catalogue.get("onboard-customer").fields.dob)
    assert.is_true(check "1990-02-28")
    for _, day in ipairs { "1899-12-31", "2999-01-01" } do assert.equal("a date of birth from 1900-01-01 to today", select(2, check(day)), day) end
  end)
end)

describe("a shared name in an endpoint of a user's", function()
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
