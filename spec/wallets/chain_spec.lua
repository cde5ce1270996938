-- What one verb returns, the next one takes: for every published sample of an answer, each value of the typed result goes into every call of
-- its rail that has such a parameter, and each rail is walked with the values as they come.
local catalogue = require "eko.wallets.catalogue"
local eko = require "eko"
local json = require "eko.base.json"
local observed = require "spec.fixtures.observed"
local parameters = require "eko.catalog.parameters"
local wallets = require "eko.wallets"

local CUSTOMER = "9444444444"
local ORIGIN = "http://127.0.0.1:1"
local SCRAP = { client_ref_id = "R", dry_run = true }

-- A good value of every parameter.
local USUAL = {
  customer_id = CUSTOMER, name = "Asha Devi", dob = "1990-02-28", residence_address = { line = "12 Lake Road", pincode = "411001" }, otp = "012345",
  otp_ref_id = "r", intent_id = "19", kyc_request_id = "1", aadhar = "234567890124", pan_number = "ABCPE1234F", piddata = "<PidData/>",
  consent_language = "6", recipient_id = 1, recipient_name = "Ravi", recipient_mobile = "9555555555", bank_id = 108, bank_code = "SBIN0005656",
  account = "00001234567890", ifsc = "SBIN0005656", amount = 1, tid = "1", ["transaction-reference"] = "1",
}

-- What a value is called elsewhere.
local ALSO = {
  consentId = { "consent_id" }, pkid = { "consent_language" }, mobile = { "customer_id", "recipient_mobile" }, sender_name = { "name" },
  customer_id = { "recipient_mobile" }, tid = { "transaction-reference" }, refund_tid = { "tid", "transaction-reference" },
  bank_recipient_id = { "recipient_id" }, collectable_amount = { "amount" },
}

local function client_that_gets(answers)
  local sent = {}
  return eko.client {
    developer_key = "k", access_key = "a", initiator_id = "9962981729", user_code = "20810200", base_url = ORIGIN, retries = 0,
    transport = function(request)
      sent[#sent + 1] = request
      local answer = request.url:find "/tools/reference/" and observed["transaction-inquiry"][1] or answers[math.min(#sent, #answers)]
      return { status = answer[1], headers = {}, body = answer[2] }
    end,
  }, sent
end

local function usual_params(endpoint)
  local params = {}
  for _, param in ipairs(endpoint.params) do
    if param.required then params[param.name] = USUAL[param.name] or not parameters[param.name] and "1" or nil end
  end
  return params
end

-- All single values of a result, with the names that they have.
local function values_of(result, found)
  for name, value in pairs(result) do
    if type(value) == "table" then
      if name ~= "response" and name ~= "meta" and name ~= "pipes" then values_of(value, found) end
    elseif type(value) ~= "boolean" and name ~= "state" and name ~= "outcome" then -- (a transfer's state is a word of ours)
      found[#found + 1] = { name, value }
    end
  end
  return found
end

local function digits_of(value) return type(value) == "number" and ("%.0f"):format(value) or value end

-- The form that an endpoint documents.
local function written(param, value)
  local text = digits_of(value)
  if param.type == "integer" then text = text:gsub("%.0+$", "") end
  if param.place == "path" then return "/" .. text end
  if param.place == "query" then return param.name .. "=" .. text end
  local is_bare = param.type == "integer" or param.type == "opaque" and type(value) == "number"
  return '"' .. param.name .. '":' .. (is_bare and text or '"' .. text .. '"')
end

local function slugs_of(rail)
  local slugs = { "transaction-inquiry", "get-refund-otp", "initiate-refund" }
  for _, slug in pairs(wallets.verbs(rail)) do slugs[#slugs + 1] = slug end
  table.sort(slugs)
  return slugs
end

describe("each value of each published sample", function()
  it("is taken by every call of its rail that has such a parameter, in that call's form", function()
    local samples, results, links, seen = 0, 0, 0, {}
    for _, rail in ipairs(wallets.names) do
      local slugs = slugs_of(rail)
      for _, from in ipairs(slugs) do
        for _, sample in ipairs(observed[from] or {}) do
          samples = samples + 1
          local client = client_that_gets { sample }
          local verb
          for each, slug in pairs(wallets.verbs(rail)) do verb = slug == from and each or verb end
          local params = usual_params(catalogue.get(from))
          local result
          if verb then result = client[rail][verb](client[rail], params) else result = client:call(from, params) end
          results = results + (result and 1 or 0)
          for _, each in ipairs(result and values_of(verb and result or result.data or {}, {}) or {}) do
            local names = { each[1], (unpack or table.unpack)(ALSO[each[1]] or {}) } -- luacheck: ignore
            for _, to in ipairs(slugs) do
              local endpoint = catalogue.get(to)
              for _, name in ipairs(names) do
                local param, value = endpoint.fields[name], each[2]
                if param and value ~= "" then
                  params = usual_params(endpoint)
                  params[name] = value
                  local made, err = client:call(to, params, SCRAP)
                  local where = ("%s.%s -> %s.%s"):format(from, each[1], to, name)
                  assert.truthy(made, where .. ": " .. tostring(err))
                  local text = made.url .. "\n" .. (made.body or "")
                  assert.truthy(text:find(written(param, value), 1, true), where .. ": " .. text)
                  links = links + 1
                  seen[name] = (seen[name] or 0) + 1
                end
              end
            end
          end
        end
      end
    end
    print(("%d samples, %d results, %d values given on"):format(samples, results, links))
    assert.truthy(samples >= 72 and results >= 50 and links > 400, samples .. " " .. results .. " " .. links)
    for _, name in ipairs { "otp_ref_id", "intent_id", "recipient_id", "beneficiary_id", "consent_id", "consent_language", "wallet_token", "tid",
      "transaction-reference", "kyc_request_id", "customer_id", "amount", "user_code", "account", "ifsc", "name" } do
      assert.truthy(seen[name], name)
    end
  end)

  it("that is not there is missed by its name", function()
    local answer = { 200, (observed["ppi-levin-get-recipients"][1][2]:gsub('"beneficiary_id":%d+', '"beneficiary_id":null')) }
    local client = client_that_gets { answer }
    local recipient = assert(client.levin:recipients { customer_id = CUSTOMER }).recipient_list[1]
    assert.is_nil(recipient.beneficiary_id)
    local made = assert(client:call("ppi-levin-send-transaction-otp",
      { customer_id = CUSTOMER, recipient_id = recipient.recipient_id, beneficiary_id = recipient.beneficiary_id, amount = 1 }, SCRAP))
    assert.is_nil(made.body:find("beneficiary_id", 1, true))
  end)

  it("that is beyond 2^53 comes and goes digit for digit", function()
    for _, digits in ipairs { "9007199254740993", "9223372036854775807" } do
      local answer = { 200, (observed["ppi-levin-get-recipients"][1][2]:gsub('"recipient_id":%d+', '"recipient_id":' .. digits)
        :gsub('"beneficiary_id":%d+', '"beneficiary_id":' .. digits)) }
      local client = client_that_gets { answer }
      local recipient = assert(client.levin:recipients { customer_id = CUSTOMER }).recipient_list[1]
      local made = assert(client:call("ppi-levin-send-transaction-otp",
        { customer_id = CUSTOMER, recipient_id = recipient.recipient_id, beneficiary_id = recipient.beneficiary_id, amount = 1 }, SCRAP))
      assert.truthy(made.body:find('"recipient_id":' .. digits .. ",", 1, true), made.body)
      assert.truthy(made.body:find('"beneficiary_id":"' .. digits .. '"', 1, true), made.body)
    end
  end)
end)

-- verb, what its parameters are made of (`was` has the results before it, by verb), the body that goes out behind the context.
local WALKS = {
  customer = {
    { "onboard", function() return { name = "Asha Devi", dob = "1990-02-28", residence_address = USUAL.residence_address } end,
      '"name":"Asha Devi","dob":"1990-02-28","residence_address":["12 Lake Road","","","411001"]}' },
    { "verify_otp", function(was) return { otp = "012345", otp_ref_id = was.onboard.otp_ref_id } end, '"otp":"012345","otp_ref_id":"066902416"}' },
  },
  digikhata = {
    { "send_otp", function() return {} end, "" },
    { "verify_otp", function(was) return { otp = 12345, otp_ref_id = was.send_otp.otp_ref_id, intent_id = was.send_otp.intent_id } end,
      '"otp":12345,"otp_ref_id":"066902416","intent_id":"19"}' },
    { "consent_languages", function() return {} end },
    { "consent_details", function(was) return { consent_language = was.consent_languages.consent_language_list[1].pkid } end },
    { "send_aadhaar_otp", function(was) return { aadhar = "234567890124", consent_id = was.consent_details.consent_detail.consentId } end,
      '"aadhar":"234567890124","consent_id":"41"}' },
    { "verify_aadhaar_otp", function(was)
      return { otp = "012345", otp_ref_id = was.send_aadhaar_otp.otp_ref_id, intent_id = was.send_aadhaar_otp.intent_id,
        consent_id = was.consent_details.consent_detail.consentId }
    end, '"otp":"012345","otp_ref_id":"066902416","consent_id":"41","intent_id":"19"}' },
    { "verify_pan", function() return { pan_number = "ABCPE1234F" } end, '"pan_number":"ABCPE1234F"}' },
    { "add_recipient", function()
      return { bank_id = "108", recipient_name = "Ravi", recipient_mobile = 9555555555, account = "00001234567890", bank_code = "SBIN0005656" }
    end, '"bank_id":108,"recipient_name":"Ravi","recipient_mobile":"9555555555","account":"00001234567890","bank_code":"SBIN0005656"}' },
    { "send_recipient_otp", function(was) return { recipient_id = was.add_recipient.recipient_id } end, '"recipient_id":"15186"}' },
    { "verify_recipient_otp", function(was) return { otp = "012345", otp_ref_id = was.send_recipient_otp.otp_ref_id } end,
      '"otp":"012345","otp_ref_id":"066902416"}' },
    { "recipients", function() return {} end },
    { "send_transfer_otp", function(was)
      local one = was.recipients.recipient_list[1]
      return { recipient_id = one.recipient_id, beneficiary_id = one.beneficiary_id, amount = "110.00" }
    end, '"recipient_id":15186,"amount":110,"customer_id":"9444444444","beneficiary_id":"4202888"}' },
    { "transfer", function(was)
      return { recipient_id = was.add_recipient.recipient_id, amount = 110.0, otp = "012345", otp_ref_id = was.send_transfer_otp.otp_ref_id,
        beneficiary_id = was.send_recipient_otp.beneficiary_id, timestamp = "2026-01-01T10:00:00Z" }
    end, '"recipient_id":15186,"amount":110,"timestamp":"2026-01-01T10:00:00Z","currency":"INR","customer_id":"9444444444","channel":2,"otp":"012345",'
      .. '"otp_ref_id":"066902416","beneficiary_id":"4202888"}' },
  },
  levin = {
    { "onboard", function() return { name = "Asha Devi", dob = "1990-02-28", residence_address = { "12 Lake Road" } } end,
      '"name":"Asha Devi","dob":"1990-02-28","residence_address":["12 Lake Road"]}' },
    { "verify_otp", function(was) return { otp = "012345", otp_ref_id = was.onboard.otp_ref_id, intent_id = was.onboard.intent_id } end,
      '"otp":"012345","otp_ref_id":"066902416","intent_id":"19"}' },
    { "recipients", function(was) return { wallet_token = was.verify_otp.wallet_token } end },
    { "add_recipient", function(was)
      return { bank_id = 108, recipient_name = "Ravi", recipient_mobile = "9555555555", account = "00001234567890", ifsc = "SBIN0005656",
        wallet_token = was.verify_otp.wallet_token }
    end, '"bank_id":108,"recipient_name":"Ravi","recipient_mobile":"9555555555","recipient_type":"3","account":"00001234567890",'
      .. '"ifsc":"SBIN0005656","wallet_token":"eyJhbGciOiJub25lIn0.e30.synthetic"}' },
    { "register_recipient_bank", function(was) return { recipient_id = was.add_recipient.recipient_id } end, '"recipient_id":"15186"}' },
    { "send_transfer_otp", function(was)
      return { recipient_id = was.add_recipient.recipient_id, beneficiary_id = was.register_recipient_bank.beneficiary_id, amount = 110 }
    end, '"recipient_id":15186,"amount":110,"customer_id":"9444444444","beneficiary_id":"4202888"}' },
    { "transfer", function(was)
      local one = was.recipients.recipient_list[1]
      return { recipient_id = one.recipient_id, amount = "110", otp = "012345", otp_ref_id = was.send_transfer_otp.otp_ref_id,
        beneficiary_id = one.beneficiary_id, timestamp = "2026-01-01T10:00:00Z", wallet_token = was.verify_otp.wallet_token }
    end, '"recipient_id":15186,"amount":110,"timestamp":"2026-01-01T10:00:00Z","currency":"INR","customer_id":"9444444444","channel":2,"otp":"012345",'
      .. '"otp_ref_id":"066902416","beneficiary_id":"4202888","wallet_token":"eyJhbGciOiJub25lIn0.e30.synthetic"}' },
  },
  fino = {
    { "onboard", function() return { name = "Asha Devi", dob = "1990-02-28", residence_address = { "12 Lake Road", "Pune" } } end,
      '"name":"Asha Devi","dob":"1990-02-28","residence_address":"{\\"line\\":\\"12 Lake Road\\",\\"city\\":\\"Pune\\"}"}' },
    { "ekyc", function() return { aadhar = 234567890124, piddata = "\239\187\191<PidData/>" } end, '"aadhar":"234567890124","piddata":"<PidData/>"}' },
    { "verify_otp", function(was) return { otp = "012345", otp_ref_id = was.ekyc.otp_ref_id, kyc_request_id = was.ekyc.kyc_request_id } end,
      '"otp":"012345","otp_ref_id":"066902416","kyc_request_id":"987654321"}' },
    { "add_recipient", function()
      return { recipient_mobile = "9555555555", recipient_name = "Ravi", ifsc = "SBIN0005656", account = 38220154326 }
    end, '"recipient_mobile":"9555555555","recipient_name":"Ravi","ifsc":"SBIN0005656","account":"38220154326"}' },
    { "recipients", function() return {} end },
    { "send_transfer_otp", function(was) return { recipient_id = was.add_recipient.recipient_id, amount = "110.0" } end,
      '"recipient_id":15186,"amount":110,"customer_id":"9444444444"}' },
    { "transfer", function(was)
      return { recipient_id = was.recipients.recipient_list[1].recipient_id, amount = 110, otp = "012345", otp_ref_id = was.send_transfer_otp.otp_ref_id }
    end, '"recipient_id":15186,"amount":110,"customer_id":"9444444444","otp":"012345","otp_ref_id":"066902416"}' },
  },
}

describe("a rail walked with what its verbs return", function()
  for rail, walk in pairs(WALKS) do
    it("sends the bytes that " .. rail .. " documents", function()
      local answers = {}
      for index, step in ipairs(walk) do answers[index] = observed[wallets.verbs(rail)[step[1]]][1] end
      local client, sent = client_that_gets(answers)
      local was = {}
      for index, step in ipairs(walk) do
        local params = step[2](was)
        params.customer_id = CUSTOMER
        local result, err = client[rail][step[1]](client[rail], params, { client_ref_id = "REQ-20260101-001" })
        assert.truthy(result, step[1] .. ": " .. tostring(err))
        was[step[1]] = result
        local request = sent[index]
        assert.equal(request.method == "GET", request.body == nil)
        if request.body then
          local context = '{"initiator_id":"9962981729","user_code":"20810200","client_ref_id":"REQ-20260101-001"'
          assert.equal(context .. (step[3] ~= "" and "," .. step[3] or "}"), request.body, step[1])
          assert.truthy(json.decode(request.body))
        end
      end
    end)
  end
end)
