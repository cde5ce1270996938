local caller = require "spec.support.emulator_caller"
local emulator = require "eko.emulator"

local mobile = "9444444444"
local aadhaar, pan = "234567890124", "ABCPE1234F"
local pid_block = "<?xml version=\"1.0\"?><PidData><Data type=\"X\">c3ludGhldGlj</Data></PidData>"
local person = { name = "Asha Rao", dob = "1990-05-17", residence_address = { "1 Test Street", "Pune", "MH", "411001" } }
local digikhata = "/customer/payment/ppi-digikhata/sender/" .. mobile
local levin = "/customer/payment/ppi-levin/sender/" .. mobile
local fino = "/customer/payment/dmt-fino/sender/" .. mobile
local account = "/customer/account/" .. mobile
local start_ms = 1790000000000

--- A platform on a clock that stands still, and `call(method, path, params, headers)` -> decoded body, HTTP answer.
local function setup(options)
  options = options or {}
  local clock = { ms = start_ms }
  options.clock = function() return clock.ms end
  options.seed = options.seed or 42
  local platform = emulator.new(options)
  local request = caller.new {
    developer_key = platform.developer_key, access_key = platform.access_key, base = platform.base_path,
    clock = options.clock,
  }
  local function call(method, path, params, headers)
    local response = platform:handle(request(method, path, params, headers))
    local is_json = (response.headers["content-type"] or ""):find "json"
    return is_json and caller.json.decode(response.body) or nil, response
  end
  local function last_otp(of)
    local inbox = platform:sms(of or mobile)
    return inbox[#inbox].otp
  end
  return { platform = platform, call = call, request = request, clock = clock, otp = last_otp }
end

--- status / response_status_id / response_type_id in one string, "-" for what is absent.
local function signal(body)
  local function show(value) return value and ("%d"):format(value) or "-" end
  return show(body.status) .. "/" .. show(body.response_status_id) .. "/" .. show(body.response_type_id)
end

local function merge(...)
  local all = {}
  for _, part in ipairs { ... } do
    for name, value in pairs(part) do all[name] = value end
  end
  return all
end

local function wrong(otp)
  return (otp:gsub("^.", function(digit) return digit == "1" and "2" or "1" end))
end

--- Looks the sender up and verifies the OTP that comes.
local function sign_in(s, base, extra)
  local ref = s.call("GET", base).data.otp_ref_id
  return s.call("POST", base .. "/otp/verify", merge({ otp = s.otp(), otp_ref_id = ref }, extra or {}))
end

describe("the emulator's authentication", function()
  local path = "/customer/profile/" .. mobile

  local function code(s, headers)
    local body, response = s.call("GET", path, nil, headers)
    return response.status, body and body.status, body
  end

  it("welcomes a signed request", function()
    local s = setup()
    assert.equal("308/1/308", signal(s.call("GET", path)))
  end)

  it("names what is wrong with 401 and a code", function()
    local s = setup()
    local stale = ("%d"):format(start_ms - 121000)
    local early = ("%d"):format(start_ms + 121000)
    local table_of_codes = {
      { { ["secret-key"] = false }, 2487 }, { { ["secret-key-timestamp"] = false }, 2487 },
      { { developer_key = false }, 2487 }, { { developer_key = "someone else's" }, 2483 },
      { { ["secret-key-timestamp"] = "1700000000" }, 2486 }, { { ["secret-key-timestamp"] = "17000000000ab" }, 2486 },
      { { ["secret-key"] = "AAAA" }, 2484 },
      { { ["secret-key-timestamp"] = stale, ["secret-key"] = caller.sign(s.platform.access_key, stale) }, 2485 },
      { { ["secret-key-timestamp"] = early, ["secret-key"] = caller.sign(s.platform.access_key, early) }, 2485 },
    }
    for _, case in ipairs(table_of_codes) do
      local status, got, body = code(s, case[1])
      assert.equal(401, status)
      assert.equal(case[2], got)
      assert.equal(case[2], body.response_type_id)
      assert.equal(1, body.response_status_id)
    end
  end)

  it("takes a timestamp once, and a refused signature does not use it up", function()
    local s = setup()
    local request = s.request("GET", path)
    local forged = s.request("GET", path, nil, { ["secret-key-timestamp"] = request.headers["secret-key-timestamp"] })
    assert.equal(401, s.platform:handle(forged).status)
    assert.equal(200, s.platform:handle(request).status)
    local again = s.platform:handle(request)
    assert.equal(401, again.status)
    assert.equal(2485, caller.json.decode(again.body).status)
    local lenient = setup { replay = false }
    request = lenient.request("GET", path)
    lenient.platform:handle(request)
    assert.equal(200, lenient.platform:handle(request).status)
  end)

  it("can answer as the older platform did", function()
    local _, response = setup { auth = "legacy" }.call("GET", path, nil, { developer_key = "x" })
    assert.equal(403, response.status)
    assert.equal("text/plain;charset=UTF-8", response.headers["content-type"])
  end)

  it("makes up keys, shows them as fields and nowhere else", function()
    local one, two = emulator.new(), emulator.new()
    assert.are_not.equal(one.access_key, two.access_key)
    assert.equal("eko.emulator", tostring(one))
  end)
end)

describe("the emulator's HTTP", function()
  it("knows its paths, methods and content type", function()
    local s = setup()
    local _, response = s.call("GET", "/customer/nothing")
    assert.equal(404, response.status)
    assert.equal("No Mapping Rule matched", response.body)
    _, response = s.call("PUT", account, person)
    assert.equal(405, response.status)
    assert.equal("POST", response.headers.allow)
    _, response = s.call("POST", account, person, { ["content-type"] = "application/x-www-form-urlencoded" })
    assert.equal(415, response.status)
    for _, text in ipairs { "", "{", "[1]", "[]", "\"text\"", "null", "{\"a\":NaN}" } do
      _, response = s.call("POST", account, text)
      assert.equal(400, response.status)
    end
    assert.equal("Mon, 21 Sep 2026 14:13:20 GMT", response.headers.date)
  end)

  it("writes integers as integers, money as text, and members in a steady order", function()
    local s = setup { customers = { [mobile] = { levin = "active", used = 44713, balance = "100000000000000" } } }
    local ref = s.call("GET", levin).data.otp_ref_id
    local _, response = s.call("POST", levin .. "/otp/verify", { otp = s.otp(), otp_ref_id = ref, intent_id = "19" })
    assert.truthy(response.body:find('"chart":[{"data":{"remaining":5287,"unavailable":0,"used":44713},"data_type_id":10,"label":""}]',
      1, true))
    assert.truthy(response.body:find('"balance":"100000000000000.00"', 1, true))
    assert.truthy(response.body:find '"response_status_id":%-1,"response_type_id":309,"status":0}$')
  end)

  it("reads absolute URLs and percent-encoding, and lets nothing break out of a segment", function()
    local s = setup()
    local request = s.request("GET", "/customer/profile/%39444444444")
    request.url = "http://127.0.0.1:1234" .. request.url
    assert.equal(200, s.platform:handle(request).status)
    local _, response = s.call("GET", "/customer/profile/9444444444%2F..")
    assert.equal(200, response.status)
    assert.equal(461, caller.json.decode(response.body).status)
  end)
end)

describe("the emulator's checks of parameters", function()
  it("answers 97 with every field that is missing", function()
    local body = setup().call("POST", account, { name = "Asha Rao" })
    assert.equal("97/1/-1", signal(body))
    assert.same({ dob = "dob is mandatory", residence_address = "residence_address is mandatory" }, body.invalid_params)
  end)

  it("knows its agents", function()
    local s = setup()
    assert.equal("319/1/-1", signal(s.call("GET", levin, { initiator_id = "9000000000" })))
    assert.equal("346/1/-1", signal(s.call("GET", levin, { user_code = "1" })))
    assert.equal("97/1/-1", signal(s.call("GET", levin, { initiator_id = false })))
    assert.equal("308/1/308", signal(s.call("GET", levin, { user_code = false })))
    assert.equal("97/1/-1", signal(s.call("GET", fino, { user_code = false })))
    s.platform:add_agent { initiator_id = "9000000000", user_code = "1", balance = 5 }
    assert.equal("308/1/308", signal(s.call("GET", levin, { initiator_id = "9000000000", user_code = "1" })))
    assert.equal("5.00", s.platform:agent_balance "9000000000")
  end)

  it("judges formats by its table of codes", function()
    local s = setup()
    local function with(changes) return s.call("POST", account, merge(person, changes)) end
    assert.equal("132/1/-1", signal(with { name = "R2 D2" }))
    for _, dob in ipairs { "17-05-1990", "1990-02-30", "2008-09-22", "1990-13-01" } do
      assert.equal("461/1/-1", signal(with { dob = dob }))
    end
    assert.equal("461/1/-1", signal(with { client_ref_id = ("x"):rep(21) }))
    assert.equal("461/1/-1", signal(s.call("GET", "/customer/profile/5444444444")))
    local several = with { name = "R2 D2", dob = "x" }
    assert.truthy(several.invalid_params.name and several.invalid_params.dob)
    assert.equal("2129/1/2129", signal(with { dob = "2008-09-21" }))
  end)

  it("in strict mode asks for what is documented and takes nothing else", function()
    local s = setup { strict = true }
    assert.equal("97/1/-1", signal(s.call("POST", account .. "/otp/verify", { otp = "1", otp_ref_id = "x", user_code = false })))
    assert.same({ message = "No key for Response" }, s.call("POST", account, merge(person, { surprise = 1 })))
    assert.equal("461/1/-1", signal(s.call("POST", account, merge(person, { residence_address = "one line" }))))
  end)
end)

describe("Customer Management", function()
  local profile = "/customer/profile/" .. mobile

  local function onboard(s)
    assert.equal("308/1/308", signal(s.call("GET", profile)))
    local body = s.call("POST", account, person)
    assert.equal("2129/1/2129", signal(body))
    assert.equal(19, body.data.intent_id)
    return body.data.otp_ref_id
  end

  it("leads a new customer to Aadhaar, and on along a rail to done", function()
    local s = setup()
    local ref = onboard(s)
    local body = s.call("POST", account .. "/otp/verify", { otp = s.otp(), otp_ref_id = ref })
    assert.equal("2136/1/2136", signal(body))
    assert.is_nil(body.data)
    s.platform:enrol(mobile, { digikhata = "aadhaar_pending" })
    ref = s.call("POST", digikhata .. "/aadhaar/otp", { aadhar = aadhaar }).data.otp_ref_id
    s.call("POST", digikhata .. "/aadhaar/otp/verify", { otp = s.otp(), otp_ref_id = ref })
    assert.equal("pan_pending", s.platform:customer(mobile).customer.state)
    ref = s.call("GET", profile).data.otp_ref_id
    body = s.call("POST", account .. "/otp/verify", { otp = s.otp(), otp_ref_id = ref })
    assert.equal("0/0/2147", signal(body))
    assert.same({ application_id = "" }, body.data)
    s.call("POST", digikhata .. "/pan", { pan_number = pan })
    assert.equal("active", s.platform:customer(mobile).customer.state)
    ref = s.call("GET", profile).data.otp_ref_id
    body = s.call("POST", account .. "/otp/verify", { otp = s.otp(), otp_ref_id = ref })
    assert.equal("0/-1/309", signal(body))
    assert.is_nil(body.data.wallet_token)
    assert.equal("Asha Rao", body.data.customer_profile.name)
    assert.equal("25000", body.data.customer_profile.total_monthly_limit)
  end)

  it("has the other two ends as a knob", function()
    for knob, expected in pairs { ["309"] = "0/-1/309", ["2147"] = "0/0/2147" } do
      local s = setup { customer = { new_sender = knob } }
      local ref = onboard(s)
      assert.equal(expected, signal(s.call("POST", account .. "/otp/verify", { otp = s.otp(), otp_ref_id = ref })))
    end
  end)

  it("refuses a second enrolment and wrong, expired and missing OTPs", function()
    local s = setup()
    local ref = onboard(s)
    assert.equal("327/1/-1", signal(s.call("POST", account, person)))
    assert.equal("302/1/-1", signal(s.call("POST", account .. "/otp/verify", { otp = wrong(s.otp()), otp_ref_id = ref })))
    assert.equal("97/1/-1", signal(s.call("POST", account .. "/otp/verify", { otp_ref_id = ref })))
    s.clock.ms = s.clock.ms + 300000
    assert.equal("303/1/-1", signal(s.call("POST", account .. "/otp/verify", { otp = s.otp(), otp_ref_id = ref })))
    s.platform:enrol(mobile, { customer = "active" })
    assert.equal("17/1/-1", signal(s.call("POST", account, person)))
  end)

  it("takes an Aadhaar OTP's ref of a rail on its own verify endpoint", function()
    local s = setup { customers = { [mobile] = { levin = "aadhaar_pending" } } }
    local ref = s.call("POST", levin .. "/aadhaar/otp", { aadhar = aadhaar }).data.otp_ref_id
    assert.equal("0/0/2147", signal(s.call("POST", account .. "/otp/verify", { otp = s.otp(), otp_ref_id = ref })))
    assert.equal("pan_pending", s.platform:customer(mobile).levin.state)
  end)
end)

describe("PPI DigiKhata", function()
  it("leads a new customer to done", function()
    local s = setup { customers = { [mobile] = { aadhaar_mobile = "9555555555" } } }
    assert.equal("308/1/308", signal(s.call("GET", digikhata)))
    local body = s.call("POST", digikhata, person)
    assert.equal("0/0/2129", signal(body))
    body = s.call("POST", digikhata .. "/otp")
    assert.equal("0/0/2129", signal(body))
    body = s.call("POST", digikhata .. "/otp/verify", { otp = s.otp(), otp_ref_id = body.data.otp_ref_id })
    assert.equal("2136/1/2136", signal(body))
    assert.same({ otp_ref_id = "" }, body.data)
    body = s.call("GET", digikhata .. "/aadhaar/consent/languages", { org_id = "1", client_ref_id = "ref_20250121_001" })
    assert.equal("0/0/2444", signal(body))
    assert.equal(13, #body.data.consent_language_list)
    assert.same({ pkid = "4", consentLanguage = "Hindi" }, body.data.consent_language_list[4])
    body = s.call("GET", digikhata .. "/aadhaar/consent/details", { org_id = "1", client_ref_id = "r1", consent_language = "4" })
    assert.equal("0/0/2446", signal(body))
    local consent_id = body.data.consent_detail.consentId
    assert.equal("number", type(consent_id))
    body = s.call("POST", digikhata .. "/aadhaar/otp", { aadhar = aadhaar })
    assert.equal("0/0/2129", signal(body))
    assert.equal(20, body.data.intent_id)
    local inbox = s.platform:sms(mobile)
    assert.equal("9555555555", inbox[#inbox].to)
    assert.equal("aadhaar", inbox[#inbox].purpose)
    body = s.call("POST", digikhata .. "/aadhaar/otp/verify",
      { otp = s.otp(), otp_ref_id = body.data.otp_ref_id, consent_id = consent_id })
    assert.equal("0/0/2147", signal(body))
    assert.equal(consent_id, s.platform:customer(mobile).digikhata.consent_id)
    body = s.call("POST", digikhata .. "/pan", { pan_number = pan })
    assert.equal("0/-1/309", signal(body))
    assert.equal("active", s.platform:customer(mobile).digikhata.state)
    body = sign_in(s, digikhata)
    assert.equal("0/-1/309", signal(body))
    assert.equal("", body.data.wallet_token)
    assert.equal(1, body.data.customer_profile.kyc_state)
    assert.equal(0, body.data.kyc_state)
  end)

  it("opens a wallet that exists with 300, without an OTP", function()
    local s = setup { customers = { [mobile] = { digikhata = "wallet_exists" } } }
    assert.equal("308/1/308", signal(s.call("GET", digikhata)))
    local body = s.call("POST", digikhata, person)
    assert.equal("0/0/300", signal(body))
    assert.same({ customer_id_type = "mobile_number", state_desc = "Non-Kyc", state = "2", customer_id = mobile }, body.data)
    assert.same({}, s.platform:sms(mobile))
    assert.equal("2129/1/2129", signal(s.call("GET", digikhata)))
  end)

  it("can ask for the base customer first", function()
    local s = setup { digikhata = { require_customer = true } }
    local body = s.call("POST", digikhata, person)
    assert.equal("463/1/-1", signal(body))
    assert.equal("customer_id does not exist in system", body.invalid_params.customer_id)
    s.call("POST", account, person)
    assert.equal("0/0/2129", signal(s.call("POST", digikhata, person)))
  end)

  it("tells wrong, expired, used and foreign OTPs by 2131", function()
    local s = setup()
    local ref = s.call("POST", digikhata, person).data.otp_ref_id
    local function verify(otp, with) return s.call("POST", digikhata .. "/otp/verify", { otp = otp, otp_ref_id = with or ref }) end
    local body = verify(wrong(s.otp()))
    assert.equal("2131/302/2131", signal(body))
    assert.equal("Wrong OTP", body.data.description)
    assert.equal("2131/1/2131", signal(verify(s.otp(), "not a ref")))
    assert.equal("2136/1/2136", signal(verify(s.otp())))
    assert.equal("2131/1/2131", signal(verify(s.otp())))
    ref = s.call("GET", digikhata).data.otp_ref_id
    s.clock.ms = s.clock.ms + 300000
    assert.equal("2131/303/2131", signal(verify(s.otp())))
    s = setup { digikhata = { failure_rsid = "1" } }
    ref = s.call("POST", digikhata, person).data.otp_ref_id
    assert.equal("2131/1/2131", signal(verify(wrong(s.otp()))))
  end)

  it("has the other readings as knobs", function()
    local s = setup { digikhata = { new_sender = "309" } }
    local ref = s.call("POST", digikhata, person).data.otp_ref_id
    local body = s.call("POST", digikhata .. "/otp/verify", { otp = s.otp(), otp_ref_id = ref })
    assert.equal("0/-1/309", signal(body))
    assert.equal(0, body.data.is_registered)
    assert.equal(1, body.data.kyc_state)
    assert.equal("aadhaar_pending", s.platform:customer(mobile).digikhata.state)

    s = setup { digikhata = { refresh_without_otp = true }, customers = { [mobile] = { digikhata = "active" } } }
    assert.equal("0/-1/309", signal(sign_in(s, digikhata)))
    assert.equal("0/-1/309", signal(s.call("GET", digikhata)))
    s.clock.ms = s.clock.ms + 300000
    assert.equal("2129/1/2129", signal(s.call("GET", digikhata)))

    s = setup { digikhata = { require_consent = true }, customers = { [mobile] = { digikhata = "aadhaar_pending" } } }
    ref = s.call("POST", digikhata .. "/aadhaar/otp", { aadhar = aadhaar }).data.otp_ref_id
    body = s.call("POST", digikhata .. "/aadhaar/otp/verify", { otp = s.otp(), otp_ref_id = ref })
    assert.equal("461/1/-1", signal(body))
    assert.truthy(body.invalid_params.consent_id)

    s = setup { digikhata = { consent_key = "consentlanguage" } }
    body = s.call("GET", digikhata .. "/aadhaar/consent/languages", { org_id = "1", client_ref_id = "r" })
    assert.equal("English", body.data.consent_language_list[1].consentlanguage)
    assert.equal("461/1/-1", signal(s.call("GET", digikhata .. "/aadhaar/consent/details",
      { org_id = "1", client_ref_id = "r", consent_language = "14" })))
  end)

  it("has a biometric branch", function()
    local s = setup { customers = { [mobile] = { digikhata = "aadhaar_pending" } } }
    assert.equal("2138/1/2138", signal(s.call("POST", digikhata .. "/kyc/biometric", { aadhar = aadhaar, piddata = "no PID" })))
    assert.same({ message = "No key for Response" }, s.call("POST", digikhata .. "/wallet/createwallet", { pan_number = pan }))
    assert.equal("0/0/2450", signal(s.call("POST", digikhata .. "/kyc/biometric", { aadhar = aadhaar, piddata = pid_block })))
    assert.equal(0, s.call("POST", digikhata .. "/wallet/createwallet", { pan_number = pan }).status)
    assert.equal("active", s.platform:customer(mobile).digikhata.state)
  end)

  it("asks for the steps in order and does not mind being asked again", function()
    local s = setup { customers = { [mobile] = { digikhata = "aadhaar_pending" } } }
    assert.equal("2136/1/2136", signal(s.call("POST", digikhata .. "/pan", { pan_number = pan })))
    assert.equal("2138/1/2138", signal(s.call("POST", digikhata .. "/aadhaar/otp", { aadhar = "12345678901" })))
    s.platform:enrol(mobile, { digikhata = "pan_pending" })
    assert.equal("0/0/2147", signal(s.call("POST", digikhata .. "/aadhaar/otp", { aadhar = aadhaar })))
    assert.equal("0/0/2147", signal(sign_in(s, digikhata)))
    assert.equal("461/1/-1", signal(s.call("POST", digikhata .. "/pan", { pan_number = "ABCPE1234" })))
    assert.equal("0/-1/309", signal(s.call("POST", digikhata .. "/pan", { pan_number = pan })))
    assert.equal("0/-1/309", signal(s.call("POST", digikhata .. "/pan", { pan_number = pan })))
    assert.equal("585/1/-1", signal(s.call("POST", digikhata .. "/pan", { pan_number = "ABCPE9999F" })))
    assert.equal("463/1/-1", signal(s.call("POST", "/customer/payment/ppi-digikhata/sender/9333333333/aadhaar/otp",
      { aadhar = aadhaar })))
  end)
end)

describe("PPI Levin", function()
  local function verify(s, ref, extra)
    return s.call("POST", levin .. "/otp/verify", merge({ otp = s.otp(), otp_ref_id = ref, intent_id = "19" }, extra or {}))
  end

  --- From nothing to the Aadhaar OTP's ref.
  local function to_aadhaar_otp(s, token)
    local ref = s.call("POST", levin, person).data.otp_ref_id
    local body = verify(s, ref)
    assert.equal("2136/1/2136", signal(body))
    local given = token and body.data.wallet_token or ""
    local sent = s.call("POST", levin .. "/aadhaar/otp",
      { aadhar = aadhaar, wallet_token = given, wallet_id = "", otp_ref_id = ref })
    return sent.data.otp_ref_id, sent, body, given
  end

  it("leads a new customer to done without a wallet_token", function()
    local s = setup()
    assert.equal("308/1/308", signal(s.call("GET", levin)))
    local ref, sent, body = to_aadhaar_otp(s)
    assert.is_nil(body.data)
    assert.equal("0/0/2129", signal(sent))
    assert.equal("", sent.data.intent_id)
    body = s.call("POST", levin .. "/aadhaar/otp/verify",
      { otp = s.otp(), otp_ref_id = ref, intent_id = "20", wallet_token = "", wallet_id = "" })
    assert.equal("0/0/2147", signal(body))
    assert.same({ wallet_token = "", wallet_id = "", application_id = "" }, body.data)
    body = s.call("POST", levin .. "/pan", { pan_number = pan, wallet_token = "", wallet_id = "" })
    assert.equal("0/-1/309", signal(body))
    assert.equal("active", s.platform:customer(mobile).levin.state)
    body = sign_in(s, levin, { intent_id = "19" })
    assert.truthy(body.data.wallet_token:find "^eyJ[%w_-]+%.[%w_-]+%.[%w_-]+$")
    assert.equal("", body.data.wallet_id)
  end)

  it("takes the Aadhaar OTP on the sender's verify endpoint too, by intent_id 20", function()
    local s = setup()
    local ref = to_aadhaar_otp(s)
    assert.equal("2138/1/2138", signal(verify(s, ref)))
    assert.equal("0/0/2147", signal(verify(s, ref, { intent_id = 20 })))
  end)

  it("needs an intent_id", function()
    local s = setup()
    local ref = s.call("POST", levin, person).data.otp_ref_id
    assert.equal("97/1/-1", signal(verify(s, ref, { intent_id = false })))
    assert.equal("461/1/-1", signal(verify(s, ref, { intent_id = "5" })))
    assert.equal("2136/1/2136", signal(verify(s, ref, { intent_id = 19 })))
  end)

  it("tells a wrong OTP by 2138, an Aadhaar OTP's by 2131, an expired one by 303", function()
    local s = setup()
    local ref = s.call("POST", levin, person).data.otp_ref_id
    assert.equal("2138/1/2138", signal(verify(s, ref, { otp = wrong(s.otp()) })))
    s.clock.ms = s.clock.ms + 300000
    assert.equal("303/1/-1", signal(verify(s, ref)))
    ref = to_aadhaar_otp(s)
    assert.equal("2131/1/2131", signal(s.call("POST", levin .. "/aadhaar/otp/verify",
      { otp = wrong(s.otp()), otp_ref_id = ref })))
    s = setup { levin = { expired = "2138" } }
    ref = s.call("POST", levin, person).data.otp_ref_id
    s.clock.ms = s.clock.ms + 300000
    assert.equal("2138/1/2138", signal(verify(s, ref)))
  end)

  it("can hand out a token with 2136 and insist on it", function()
    local s = setup { strict_token = true, levin = { token_on_2136 = true, token_ttl = 60 } }
    local ref, _, _, token = to_aadhaar_otp(s, true)
    assert.truthy(token:find "^eyJ")
    local function finish(with)
      return s.call("POST", levin .. "/aadhaar/otp/verify", { otp = s.otp(), otp_ref_id = ref, wallet_token = with })
    end
    assert.equal("461/1/-1", signal(finish ""))
    assert.equal("461/1/-1", signal(finish(token .. "x")))
    assert.equal("0/0/2147", signal(finish(token)))
    s.clock.ms = s.clock.ms + 60000
    assert.equal("461/1/-1", signal(s.call("POST", levin .. "/pan", { pan_number = pan, wallet_token = token })))
  end)

  it("has the portal's shapes and the older PAN answer as knobs", function()
    local s = setup { levin = { aadhaar = "portal", legacy_pan = true } }
    local ref, sent = to_aadhaar_otp(s)
    assert.equal("0/0/1388", signal(sent))
    assert.equal("XXXXXX4444", sent.data.mobile_hint)
    assert.equal("1/302/1388", signal(s.call("POST", levin .. "/aadhaar/otp/verify",
      { otp = wrong(s.otp()), otp_ref_id = ref })))
    local body = s.call("POST", levin .. "/aadhaar/otp/verify", { otp = s.otp(), otp_ref_id = ref })
    assert.equal("0/0/1388", signal(body))
    assert.is_true(body.data.verified)
    assert.equal("XXXXXXXX0124", body.data.masked_aadhaar)
    assert.equal("0/0/2132", signal(s.call("POST", levin .. "/pan", { pan_number = pan })))
  end)

  it("checks the Aadhaar number's digit only when told to", function()
    local ref = setup { customers = { [mobile] = { levin = "aadhaar_pending" } } }
      .call("POST", levin .. "/aadhaar/otp", { aadhar = "123456789012" })
    assert.equal("0/0/2129", signal(ref))
    local s = setup { aadhaar = "strict", customers = { [mobile] = { levin = "aadhaar_pending" } } }
    assert.equal("2138/1/2138", signal(s.call("POST", levin .. "/aadhaar/otp", { aadhar = "234567890123" })))
    assert.equal("0/0/2129", signal(s.call("POST", levin .. "/aadhaar/otp", { aadhar = aadhaar })))
    s.platform:enrol(mobile, { aadhaar = "999999990019" })
    assert.equal("2138/1/2138", signal(s.call("POST", levin .. "/aadhaar/otp", { aadhar = aadhaar })))
  end)
end)

describe("DMT Fino", function()
  local applicant = merge(person, { residence_address = '{"line":"1 Test Street","city":"Pune","state":"MH","pincode":"411001"}' })

  local function ekyc(s) return s.call("PUT", fino .. "/otp", { aadhar = aadhaar, piddata = pid_block }) end

  local function verify(s, data, otp)
    return s.call("PUT", fino .. "/otp/verify",
      { otp = otp or s.otp(), otp_ref_id = data.otp_ref_id, kyc_request_id = data.kyc_request_id })
  end

  it("leads a new customer to done by biometric eKYC and its OTP", function()
    local s = setup()
    local body = s.call("GET", fino)
    assert.equal("308/1/308", signal(body))
    assert.same({ ekyc_enabled = "" }, body.data)
    body = s.call("POST", fino, applicant)
    assert.equal("0/0/2134", signal(body))
    assert.same({ otp_ref_id = "" }, body.data)
    assert.equal("0/0/300", signal(s.call("POST", fino, applicant)))
    assert.equal("0/0/2134", signal(s.call("GET", fino)))
    body = ekyc(s)
    assert.equal("0/0/2129", signal(body))
    assert.truthy(body.data.otp_ref_id:find "^%d+$")
    assert.truthy(body.data.kyc_request_id:find "^%d+$")
    assert.equal("2131/302/2131", signal(verify(s, body.data, wrong(s.otp()))))
    assert.equal("0/0/2132", signal(verify(s, body.data)))
    assert.equal("active", s.platform:customer(mobile).fino.state)
    local again = verify(s, body.data)
    assert.equal("2131/1/2131", signal(again))
    assert.equal("Customer Already registred", again.data.description)
    body = s.call("GET", fino)
    assert.equal("0/-1/309", signal(body))
    assert.is_nil(body.data.wallet_token)
    assert.equal("0/-1/309", signal(s.call("POST", fino, applicant)))
  end)

  it("resumes with 2129 and fresh references while the OTP lives, with 2134 after", function()
    local s = setup()
    s.call("POST", fino, applicant)
    local first = ekyc(s).data
    local body = s.call("GET", fino)
    assert.equal("0/0/2129", signal(body))
    assert.are_not.equal(first.otp_ref_id, body.data.otp_ref_id)
    assert.equal("2131/1/2131", signal(verify(s, first)))
    s.clock.ms = s.clock.ms + 300000
    assert.equal("2131/303/2131", signal(verify(s, body.data)))
    assert.equal("0/0/2134", signal(s.call("GET", fino)))
    assert.equal("0/0/2132", signal(verify(s, ekyc(s).data)))
  end)

  it("has its other answers as knobs", function()
    local s = setup { fino = { onboard = "300", ekyc = "2132" } }
    assert.equal("0/0/300", signal(s.call("POST", fino, applicant)))
    assert.equal("0/0/2132", signal(ekyc(s)))
    s = setup { fino = { ekyc = "2135" }, customers = { [mobile] = { fino = "ekyc_pending" } } }
    local body = ekyc(s)
    assert.equal("2135/1/2135", signal(body))
    assert.equal("K-100 EKYC Verification failed", body.data.description)
    s = setup { fino = { ekyc = "2135_relationship" }, customers = { [mobile] = { fino = "ekyc_pending" } } }
    assert.truthy(ekyc(s).data.description:find "existing relationship")
    s = setup { fino = { resume_refs = false }, customers = { [mobile] = { fino = "ekyc_pending" } } }
    ekyc(s)
    assert.equal("", s.call("GET", fino).data.otp_ref_id)
  end)

  it("refuses what it cannot use", function()
    local s = setup()
    assert.equal("461/1/-1", signal(s.call("POST", fino, merge(applicant, { residence_address = "no JSON" }))))
    assert.equal("463/1/-1", signal(ekyc(s)))
    s.call("POST", fino, applicant)
    assert.equal("2135/1/2135", signal(s.call("PUT", fino .. "/otp", { aadhar = aadhaar, piddata = "no PID" })))
    local data = ekyc(s).data
    data.kyc_request_id = "1"
    assert.equal("2131/1/2131", signal(verify(s, data)))
  end)
end)

describe("the life of an OTP", function()
  local function verify(s, ref, otp)
    return signal(s.call("POST", digikhata .. "/otp/verify", { otp = otp or s.otp(), otp_ref_id = ref }))
  end

  it("ends with a newer one", function()
    local s = setup()
    local first = s.call("POST", digikhata, person).data.otp_ref_id
    local first_otp = s.otp()
    local second = s.call("POST", digikhata .. "/otp").data.otp_ref_id
    assert.equal("2131/1/2131", verify(s, first, first_otp))
    assert.equal("2136/1/2136", verify(s, second))
  end)

  it("ends after three wrong attempts, even for the right one", function()
    local s = setup()
    local ref = s.call("POST", digikhata, person).data.otp_ref_id
    for _ = 1, 3 do assert.equal("2131/302/2131", verify(s, ref, wrong(s.otp()))) end
    assert.equal("2131/303/2131", verify(s, ref))
    ref = s.call("POST", digikhata .. "/otp").data.otp_ref_id
    assert.equal("2136/1/2136", verify(s, ref))
  end)

  it("is bound to its customer and rail", function()
    local s = setup()
    local ref = s.call("POST", digikhata, person).data.otp_ref_id
    local otp = s.otp()
    assert.equal("2131/1/2131", signal(s.call("POST", "/customer/payment/ppi-digikhata/sender/9333333333/otp/verify",
      { otp = otp, otp_ref_id = ref })))
    assert.equal("2138/1/2138", signal(s.call("POST", levin .. "/otp/verify",
      { otp = otp, otp_ref_id = ref, intent_id = "19" })))
    assert.equal("2136/1/2136", verify(s, ref, otp))
  end)

  it("has length, lifetime and attempts as knobs", function()
    local s = setup { otp = { ttl = 10, attempts = 1, length = 4 } }
    local ref = s.call("POST", digikhata, person).data.otp_ref_id
    assert.equal(4, #s.otp())
    s.clock.ms = s.clock.ms + 9999
    assert.equal("2131/302/2131", verify(s, ref, wrong(s.otp())))
    assert.equal("2131/303/2131", verify(s, ref))
  end)

  it("is compared as text: an integer will do unless it lost a leading zero", function()
    local with_zero, without
    for seed = 1, 200 do
      local s = setup { seed = seed }
      local ref = s.call("POST", digikhata, person).data.otp_ref_id
      if s.otp():find "^0" then with_zero = with_zero or { s, ref } else without = without or { s, ref } end
      if with_zero and without then break end
    end
    local s, ref = without[1], without[2]
    assert.equal("2136/1/2136", verify(s, ref, tonumber(s.otp())))
    s, ref = with_zero[1], with_zero[2]
    assert.equal("2131/302/2131", verify(s, ref, tonumber(s.otp())))
    assert.equal("2136/1/2136", verify(s, ref, s.otp()))
  end)

  it("has a ref of any of the forms that were seen", function()
    local shapes = {
      base64_88 = { 88, "^[%w+/]+=*$" }, base64_96 = { 96, "^[%w+/]+=*$" }, base64_160 = { 160, "^[%w+/]+=*$" },
      not_base64_74 = { 74, "^[%w+/]+=$" }, uuid = { 36, "^%x+%-%x+%-4%x+%-a%x+%-%x+$" }, digits_9 = { 9, "^[1-9]%d+$" },
      tilde = { nil, "^9444444444~9444444444~Channel4~%d+~%d+$" },
    }
    for form, shape in pairs(shapes) do
      local s = setup { otp_ref_id = form }
      local ref = s.call("POST", digikhata, person).data.otp_ref_id
      assert.truthy(ref:find(shape[2]), form)
      assert.equal(shape[1] or #ref, #ref)
      assert.equal("2136/1/2136", verify(s, ref))
    end
    local s = setup { otp_ref_id = function(rail, purpose) return rail .. "+/=" .. purpose end }
    assert.equal("digikhata+/=sender", s.call("POST", digikhata, person).data.otp_ref_id)
    local seen = {}
    for seed = 1, 60 do
      seen[#setup { seed = seed }.call("POST", digikhata, person).data.otp_ref_id] = true
    end
    for _, shape in pairs(shapes) do
      assert.truthy(shape[1] == nil or seen[shape[1]])
    end
  end)

  it("is listed with its time, and told to whoever listens", function()
    local heard = {}
    local s = setup { on_sms = function(to, message) heard[#heard + 1] = to .. " " .. message.purpose end }
    s.call("POST", digikhata, person)
    assert.same({ { to = mobile, otp = s.otp(), purpose = "sender", at = start_ms } }, s.platform:sms(mobile))
    assert.same({ mobile .. " sender" }, heard)
    assert.same({}, s.platform:sms "9333333333")
  end)

  it("comes with status 0 in the live envelope", function()
    local s = setup { envelope = "live", customers = { [mobile] = { levin = "active", digikhata = "active", customer = "active" } } }
    for _, path in ipairs { levin, digikhata, "/customer/profile/" .. mobile } do
      assert.equal("0/0/2129", signal(s.call("GET", path)))
    end
  end)
end)

describe("recipients and transfers", function()
  local rails = {
    digikhata = { "/customer/payment/ppi-digikhata", { bank_id = 11, bank_code = "SBIN0000123" } },
    levin = { "/customer/payment/ppi-levin", { bank_id = 11, ifsc = "SBIN0000123", recipient_type = "3" } },
    fino = { "/customer/payment/dmt-fino", { ifsc = "SBIN0000123" } },
  }
  local bank = { recipient_name = "Ravi Kumar", recipient_mobile = "9876543210", account = "12345678901" }

  local function ready(options)
    return setup(merge({ customers = { [mobile] = { digikhata = "active", levin = "active", fino = "active", balance = 5000,
      name = "Asha Rao" } } }, options or {}))
  end

  --- Adds a recipient and registers its bank account where the rail wants that.
  local function recipient(s, rail)
    local base = rails[rail][1] .. "/sender/" .. mobile
    local body = s.call("POST", base .. "/recipient", merge(bank, rails[rail][2]))
    assert.equal("0/0/43", signal(body))
    local id = body.data.recipient_id
    if rail == "levin" then
      assert.equal("0/0/1741", signal(s.call("POST", base .. "/bank/recipient", { recipient_id = id })))
    elseif rail == "digikhata" then
      body = s.call("POST", base .. "/recipient/bank/otp", { recipient_id = id })
      assert.equal("0/0/1741", signal(body))
      assert.truthy(body.data.otp_ref_id:find("~Channel4~", 1, true))
      body = s.call("POST", base .. "/recipient/bank/otp/verify", { otp = s.otp(), otp_ref_id = body.data.otp_ref_id })
      assert.equal("2131/0/2131", signal(body))
    end
    return id
  end

  local function order(rail, id, amount, extra)
    local fields = { customer_id = mobile, recipient_id = id, amount = amount, client_ref_id = "ref-1" }
    if rail ~= "fino" then
      fields = merge(fields, { timestamp = "2026-09-21T14:13:20Z", currency = "INR", channel = 2 })
    end
    return merge(fields, extra or {})
  end

  local function transfer(s, rail, id, amount, extra)
    local ref = s.call("POST", rails[rail][1] .. "/otp", { customer_id = mobile, recipient_id = id, amount = amount }).data.otp_ref_id
    return s.call("POST", rails[rail][1], order(rail, id, amount, merge({ otp = s.otp(), otp_ref_id = ref }, extra or {}))), ref
  end

  it("moves money on each rail, and finds it again", function()
    for rail in pairs(rails) do
      local s = ready()
      local base = rails[rail][1] .. "/sender/" .. mobile
      assert.equal("0/-1/22", signal(s.call("GET", base .. "/recipients")))
      local id = recipient(s, rail)
      local listed = s.call("GET", base .. "/recipients")
      assert.equal("0/0/23", signal(listed))
      assert.equal(id, listed.data.recipient_list[1].recipient_id)
      assert.equal(rail == "fino" and "12345678901" or "1XXXXX78901", listed.data.recipient_list[1].account)
      local body = transfer(s, rail, id, 110)
      assert.equal("0/0/325", signal(body))
      assert.equal("0", body.data.tx_status)
      assert.equal(rail == "fino" and "120.0" or "114.0", body.data.collectable_amount)
      for _, reference in ipairs { body.data.tid, "client_ref_id:ref-1", "client_ref_id%3Aref-1" } do
        local found = s.call("GET", "/tools/reference/transaction/" .. reference)
        assert.equal("0/0/1472", signal(found))
        assert.equal(body.data.tid, found.data.tid)
        assert.equal("ref-1", found.data.client_ref_id)
        assert.equal("110.00", found.data.amount)
        assert.equal("2026-09-21 19:43:20", found.data.timestamp)
      end
      local limits = s.platform:customer(mobile)[rail].limits
      assert.equal(110, limits.used)
      assert.equal(limits.total, limits.used + limits.remaining)
    end
  end)

  it("spends the wallet on DigiKhata and the agent's balance elsewhere", function()
    local s = ready()
    transfer(s, "digikhata", recipient(s, "digikhata"), 110)
    assert.equal("4886.00", s.platform:customer(mobile).digikhata.balance)
    assert.equal("1000000.00", s.platform:agent_balance())
    s = ready()
    transfer(s, "levin", recipient(s, "levin"), 110)
    assert.equal("999886.00", s.platform:agent_balance())
  end)

  it("does not know a reference: 168", function()
    assert.equal("168/1/-1", signal(setup().call("GET", "/tools/reference/transaction/client_ref_id:none")))
  end)

  it("binds the OTP to recipient and amount, and takes it once", function()
    local s = ready()
    local id = recipient(s, "fino")
    local ref = s.call("POST", rails.fino[1] .. "/otp", { customer_id = mobile, recipient_id = id, amount = 500 }).data.otp_ref_id
    local function try(amount, extra)
      return s.call("POST", rails.fino[1], order("fino", id, amount, merge({ otp = s.otp(), otp_ref_id = ref }, extra or {})))
    end
    local body = try(501)
    assert.equal("55/1/55", signal(body))
    assert.equal("Wrong OTP", body.data.reason)
    assert.equal("Wrong OTP", try(500, { otp = wrong(s.otp()) }).data.reason)
    assert.equal("0/0/325", signal(try(500)))
    body = try(500, { client_ref_id = "ref-2" })
    assert.equal("OTP already Consumed", body.data.reason)
    assert.equal("1", s.call("GET", "/tools/reference/transaction/" .. body.data.tid).data.tx_status)
  end)

  it("refuses a client_ref_id that it has seen, unless told otherwise", function()
    local s = ready()
    local id = recipient(s, "fino")
    transfer(s, "fino", id, 500)
    local body = transfer(s, "fino", id, 500)
    assert.equal(1, body.status)
    assert.equal(500, s.platform:customer(mobile).fino.limits.used)
    s = ready { duplicate_ref = "process" }
    id = recipient(s, "fino")
    transfer(s, "fino", id, 500)
    assert.equal("0/0/325", signal(transfer(s, "fino", id, 500)))
  end)

  it("declines beyond the limit, the balance, and without a registered bank account", function()
    local s = ready { customers = { [mobile] = { fino = { state = "active", used = 24600 }, digikhata = "active" } } }
    local id = recipient(s, "fino")
    assert.equal("36/1/36", signal(s.call("POST", rails.fino[1] .. "/otp", { customer_id = mobile, recipient_id = id, amount = 500 })))
    assert.equal("461/1/-1", signal(s.call("POST", rails.fino[1] .. "/otp", { customer_id = mobile, recipient_id = id, amount = 99 })))
    id = recipient(s, "digikhata")
    assert.equal("Insufficient balance", transfer(s, "digikhata", id, 500).data.reason)
    local added = s.call("POST", digikhata .. "/recipient", merge(bank, rails.digikhata[2], { account = "99999999999" }))
    assert.equal("313/1/-1", signal(s.call("POST", rails.digikhata[1] .. "/otp",
      { customer_id = mobile, recipient_id = added.data.recipient_id, amount = 500 })))
    assert.equal("460/1/-1", signal(s.call("POST", rails.digikhata[1],
      order("digikhata", id, 500, { channel = 3, otp = "1", otp_ref_id = "1" }))))
  end)

  it("can leave a transfer on its way, and settle it", function()
    local s = ready { transfer = { outcome = "awaited" } }
    local body = transfer(s, "levin", recipient(s, "levin"), 110)
    assert.equal("0/0/-", signal(body))
    assert.equal("2", body.data.tx_status)
    assert.is_true(s.platform:settle("ref-1", "3"))
    local found = s.call("GET", "/tools/reference/transaction/" .. body.data.tid)
    assert.equal("3", found.data.tx_status)
    s = ready { transfer = { outcome = function(t) return t.amount > 200 and "failed" or "success" end } }
    local id = recipient(s, "levin")
    assert.equal("55/1/55", signal(transfer(s, "levin", id, 210)))
    assert.equal("1000000.00", s.platform:agent_balance())
    assert.equal("0/0/325", signal(transfer(s, "levin", id, 200, { client_ref_id = "ref-2" })))
  end)

  it("minds duplicates, the five a day, and who may add", function()
    local s = ready()
    recipient(s, "fino")
    recipient(s, "levin")
    assert.equal("342/1/-1", signal(s.call("POST", fino .. "/recipient", merge(bank, rails.fino[2]))))
    assert.equal("2148/1/2148", signal(s.call("POST", levin .. "/recipient", merge(bank, rails.levin[2]))))
    for n = 2, 5 do
      s.call("POST", levin .. "/recipient", merge(bank, rails.levin[2], { account = "1000000000" .. n }))
    end
    local sixth = merge(bank, rails.levin[2], { account = "10000000006" })
    assert.equal("39/1/-1", signal(s.call("POST", levin .. "/recipient", sixth)))
    s.clock.ms = s.clock.ms + 24 * 3600 * 1000
    assert.equal("0/0/43", signal(s.call("POST", levin .. "/recipient", sixth)))
    assert.equal("136/1/-1", signal(s.call("POST", levin .. "/recipient", merge(sixth, { ifsc = "SBIN00005656" }))))
    assert.equal("131/1/-1", signal(s.call("POST", levin .. "/recipient", merge(sixth, { recipient_name = "R2" }))))
    assert.equal("463/1/-1", signal(setup().call("GET", fino .. "/recipients")))
    s = setup { customers = { [mobile] = { levin = "pan_pending" } } }
    assert.equal("204/1/-1", signal(s.call("POST", levin .. "/recipient", merge(bank, rails.levin[2]))))
  end)

  it("loads a DigiKhata wallet from the agent's balance, findable by client_ref_id", function()
    local s = ready()
    local body = s.call("POST", digikhata .. "/wallet/loadwallet", { amount = "250", org_id = "1", client_ref_id = "load-1" })
    assert.equal("0/0/2447", signal(body))
    assert.equal("5250.00", s.platform:customer(mobile).digikhata.balance)
    assert.equal("999745.00", s.platform:agent_balance())
    assert.equal(body.data.tid, s.call("GET", "/tools/reference/transaction/client_ref_id:load-1").data.tid)
    assert.equal(1, s.call("POST", digikhata .. "/wallet/loadwallet", { amount = "250", org_id = "1", client_ref_id = "load-1" }).status)
    assert.equal("347/1/-1", signal(s.call("POST", digikhata .. "/wallet/loadwallet", { amount = "9999999", org_id = "1" })))
  end)

  it("begins a new month with a new limit", function()
    local s = ready { customers = { [mobile] = { fino = { state = "active", used = 25000 } } } }
    assert.equal(0, s.platform:customer(mobile).fino.limits.remaining)
    s.clock.ms = s.clock.ms + 31 * 24 * 3600 * 1000
    assert.equal(25000, s.platform:customer(mobile).fino.limits.remaining)
  end)
end)

describe("the older paths", function()
  it("are served only behind their flag", function()
    local _, response = setup().call("GET", "/customer/profile/" .. mobile .. "/ppi-digikhata")
    assert.equal(404, response.status)
  end)

  it("lead to the same places", function()
    local s = setup { legacy_paths = true }
    assert.equal("2129/1/2129", signal(s.call("POST", "/customer/account", merge(person, { customer_id = mobile }))))
    local ref = s.call("POST", "/customer/account/otp", { customer_id = mobile }).data.otp_ref_id
    assert.equal("2136/1/2136", signal(s.call("PUT", "/customer/account/otp/verify",
      { customer_id = mobile, otp = s.otp(), otp_ref_id = ref })))
    assert.equal("308/1/308", signal(s.call("GET", "/customer/profile/" .. mobile .. "/ppi-digikhata")))
    s.call("POST", levin, person)
    local body = s.call("POST", "/customer/profile/" .. mobile .. "/ppi-levin/otp")
    assert.equal("0/0/2129", signal(body))
    s.platform:enrol(mobile, { levin = "aadhaar_pending", fino = "ekyc_pending" })
    assert.equal("0/0/2129", signal(s.call("POST", account .. "/ppi-levin/aadhaar", { aadhar = aadhaar })))
    assert.equal("0/0/2129", signal(s.call("POST", account .. "/dmt-fino/ekyc", { aadhar = aadhaar, piddata = pid_block })))
  end)
end)

describe("customers put in place", function()
  it("may stand in any state of any rail", function()
    local s = setup { customers = { [mobile] = { name = "Mina Das", levin = { state = "active", balance = "12.34", used = 100 },
      digikhata = "pan_pending" } } }
    local view = s.platform:customer(mobile)
    assert.equal("Mina Das", view.name)
    assert.equal("12.34", view.levin.balance)
    assert.same({ total = 50000, used = 100, remaining = 49900 }, view.levin.limits)
    assert.is_true(view.digikhata.aadhaar_verified)
    assert.equal("not_enrolled", view.fino.state)
    view.levin.state = "changed"
    assert.equal("active", s.platform:customer(mobile).levin.state)
    assert.is_nil(s.platform:customer "9333333333")
  end)

  it("must be spelled right", function()
    local platform = setup().platform
    assert.error_matches(function() platform:enrol(mobile, { levn = "active" }) end, "did you mean 'levin'")
    assert.error_matches(function() platform:enrol(mobile, { levin = "done" }) end, "levin cannot be 'done'")
    assert.error_matches(function() platform:enrol("123", {}) end, "10 digits")
  end)
end)

describe("options", function()
  it("are checked by name, type and value", function()
    assert.error_matches(function() emulator.new { develper_key = "x" } end, "did you mean 'developer_key'")
    assert.error_matches(function() emulator.new { levin = { token_on = true } } end, "did you mean 'token_")
    assert.error_matches(function() emulator.new { envelope = "real" } end, "one of: docs, live")
    assert.error_matches(function() emulator.new { strict = 1 } end, "must be a boolean")
    assert.error_matches(function() emulator.new { otp_ref_id = "base64_80" } end, "did you mean 'base64_88'")
  end)

  it("give the same run for the same seed", function()
    local one, two = setup { seed = 7 }, setup { seed = 7 }
    assert.same(one.call("POST", digikhata, person), two.call("POST", digikhata, person))
    assert.equal(one.otp(), two.otp())
  end)
end)

describe("scripted answers", function()
  it("come once each, after authentication, and then the platform answers again", function()
    local s = setup { customers = { [mobile] = { levin = "active" } } }
    s.platform:script("ppi-levin-verify-otp", {
      { body = { status = 0, response_status_id = 0, response_type_id = 2147, data = { application_id = "" } } },
      { http_status = 500, body = "<html>", headers = { ["Content-Type"] = "text/html" } },
    })
    local params = { otp = "1", otp_ref_id = "x", intent_id = "19" }
    local _, response = s.call("POST", levin .. "/otp/verify", params, { developer_key = "x" })
    assert.equal(401, response.status)
    assert.equal("0/0/2147", signal(s.call("POST", levin .. "/otp/verify", params)))
    _, response = s.call("POST", levin .. "/otp/verify", params)
    assert.equal(500, response.status)
    assert.equal("text/html", response.headers["content-type"])
    assert.equal("2138/1/2138", signal(s.call("POST", levin .. "/otp/verify", params)))
  end)

  it("go by path as well, and can be taken back", function()
    local s = setup()
    local handle = s.platform:script("/sender/%d+$", { { body = { status = 1 } }, { body = { status = 2 } } })
    assert.equal(1, s.call("GET", levin).status)
    handle.clear()
    assert.equal(308, s.call("GET", levin).status)
    assert.error_matches(function() s.platform:script("ppi-levin-verify", {}) end, "did you mean 'ppi%-levin%-verify%-otp'")
  end)
end)

describe("faults in process", function()
  local function strike(plan, deadline)
    local s = setup { customers = { [mobile] = { levin = "active" } } }
    s.platform:fault(merge({ slug = "ppi-levin-get-sender" }, plan))
    local request = s.request("GET", levin)
    request.deadline = deadline
    local response, err = s.platform(request)
    return s, response, err
  end

  it("of the connection are errors that say what was sent", function()
    local expected = {
      drop = { "connection_closed" }, reset = { "connection_reset", true }, length_long = { "connection_closed", true },
      oversize = { "response_too_large", true }, bad_status_line = { "malformed_response" },
      bad_header = { "malformed_response", true }, bad_chunk = { "malformed_response", true }, garbage = { "malformed_response" },
    }
    for kind, want in pairs(expected) do
      local s, response, err = strike { kind = kind }
      assert.is_nil(response)
      assert.equal(want[1], err.name, kind)
      assert.equal(want[2], err.sent, kind)
      assert.equal("receive", err.phase)
      assert.equal(200, s.platform(s.request("GET", levin)).status)
    end
  end)

  it("of something in between are its answers", function()
    local expected = { html_502 = 502, empty_204 = 204, no_key = 200, too_many = 429, unavailable = 503, redirect = 302 }
    for kind, status in pairs(expected) do
      local s, response = strike { kind = kind }
      assert.equal(status, response.status)
      assert.same({}, s.platform:sms(mobile))
    end
    local _, response = strike { kind = "no_key" }
    assert.equal('{"message":"No key for Response"}', response.body)
    _, response = strike { kind = "too_many", retry_after = 7 }
    assert.equal("7", response.headers["retry-after"])
  end)

  it("of the body leave a cut answer", function()
    for _, kind in ipairs { "truncated", "length_short" } do
      local s, response = strike { kind = kind }
      assert.equal(200, response.status)
      assert.is_false(pcall(caller.json.decode, response.body))
      assert.equal(1, #s.platform:sms(mobile))
    end
  end)

  it("of time keep to the deadline", function()
    local now = require("eko.core").text.monotonic
    local s, response, err = strike({ kind = "delay", seconds = 5 }, now() + 1)
    assert.is_nil(response)
    assert.equal("timeout", err.name)
    assert.is_nil(err.sent)
    assert.equal(1, #s.platform:sms(mobile))
    response = select(2, strike({ kind = "delay", seconds = 5 }, now() + 10))
    assert.equal(5, response.timings.total)
  end)

  it("strike before or after the platform did its work", function()
    local s, _, err = strike { kind = "drop", commit = true }
    assert.is_nil(err.sent)
    assert.equal(1, #s.platform:sms(mobile))
    s = strike { kind = "drop" }
    assert.equal(0, #s.platform:sms(mobile))
  end)

  it("strike as planned: after so many, so many times, by method and path", function()
    local s = setup()
    local handle = s.platform:fault { kind = "unavailable", path = "/ppi%-levin/", method = "GET", after = 1, times = 2 }
    local got = {}
    for index = 1, 4 do
      local _, response = s.call("GET", levin)
      got[index] = response.status
    end
    assert.same({ 200, 503, 503, 200 }, got)
    assert.equal(2, handle.seen)
    s.platform:fault { kind = "unavailable" }.clear()
    local _, response = s.call("GET", digikhata)
    assert.equal(200, response.status)
    assert.error_matches(function() s.platform:fault { kind = "dorp" } end, "did you mean 'drop'")
    assert.error_matches(function() s.platform:fault { kind = "drop", slugg = "x" } end, "did you mean 'slug'")
    assert.error_matches(function() s.platform:fault { kind = "drop", slug = "nowhere" } end, "no endpoint")
  end)
end)

describe("the log", function()
  it("says what was received, how often, and nothing secret", function()
    local s = setup { customers = { [mobile] = { digikhata = "aadhaar_pending" } } }
    s.call("POST", digikhata .. "/aadhaar/otp", { aadhar = aadhaar })
    s.call("GET", "/nowhere/" .. mobile)
    s.call("GET", levin, nil, { developer_key = "x" })
    assert.equal(3, s.platform:count())
    assert.equal(1, s.platform:count "ppi-digikhata-generate-aadhaar-otp")
    assert.equal(1, s.platform:count { method = "POST", outcome = "2129" })
    assert.equal(1, s.platform:count(function(entry) return entry.http_status == 404 end))
    local entries = s.platform:requests()
    assert.same({
      method = "POST", slug = "ppi-digikhata-generate-aadhaar-otp", outcome = "2129", http_status = 200, at = start_ms,
      path = "/ekoapi/v3/customer/payment/ppi-digikhata/sender/******4444/aadhaar/otp",
    }, entries[1])
    assert.equal("/ekoapi/v3/nowhere/******4444", entries[2].path)
    assert.equal("auth 2483", entries[3].outcome)
    local shown = caller.json.encode(entries)
    for _, secret in ipairs { mobile, aadhaar, s.otp(), s.platform.access_key, s.platform.developer_key } do
      assert.is_nil(shown:find(secret, 1, true))
    end
  end)

  it("keeps a bounded number and counts them all", function()
    local s = setup { log_limit = 10 }
    for _ = 1, 25 do s.call("GET", levin) end
    assert.equal(10, #s.platform:requests())
    assert.equal(25, s.platform:count())
  end)
end)
