-- Every documented path of the four wallets, over HTTP, against a platform in another process.

local answers = require "spec.support.answers"
local emulator_server = require "spec.support.emulator_server"
local journey = require "spec.support.journey"

local ms_per_minute = 60000

local digikhata_kyc = {
  "consent_languages consent_languages", "consent_language > consent_text", "consent_text consent_details", "aadhaar otp_sent",
  "aadhaar_otp pan_required", "pan verified",
}
local levin_kyc = { "aadhaar otp_sent", "aadhaar_otp pan_required", "pan verified" }

local function chain(...)
  local lines = {}
  for _, part in ipairs { ... } do
    for _, line in ipairs(type(part) == "table" and part or { part }) do lines[#lines + 1] = line end
  end
  return lines
end

local new_digikhata = chain("sender not_enrolled", "details otp_sent", "otp aadhaar_required", digikhata_kyc)
local new_levin = chain("sender not_enrolled", "details otp_sent", "otp aadhaar_required", levin_kyc)
local new_customer = { "sender not_enrolled", "details otp_sent", "otp aadhaar_required" }
local new_fino = { "sender not_enrolled", "details ekyc_required", "ekyc otp_sent", "ekyc_otp verified" }

-- A path: wallet, what the platform knows of the customer before (`enrol`), a scripted answer (endpoint, name, what stands beside), OTPs
-- spoiled, minutes to wait before the first OTP is given, the person's own answers, and the way it must go.
local groups = {
  { "as documented", {}, {
    { "customer, new, on to DigiKhata", "customer", own = { continue_with = "digikhata" },
      chain(new_customer, "choice > digikhata", new_digikhata), ends_on = "digikhata" },
    { "customer, new, on to Levin", "customer", chain(new_customer, "choice > levin", new_levin), ends_on = "levin" },
    { "customer, OTP pending", "customer", enrol = { customer = "otp_pending" },
      chain("sender otp_sent", "otp aadhaar_required", "choice > levin", new_levin), ends_on = "levin" },
    { "customer, Aadhaar pending", "customer", enrol = { customer = "aadhaar_pending" },
      chain("sender otp_sent", "otp aadhaar_required", "choice > levin", new_levin), ends_on = "levin" },
    { "customer, PAN pending", "customer", enrol = { customer = "pan_pending", levin = "pan_pending" },
      { "sender otp_sent", "otp pan_required", "choice > levin", "sender otp_sent", "otp pan_required", "pan verified" },
      ends_on = "levin" },
    { "customer, active", "customer", enrol = { customer = "active" }, { "sender otp_sent", "otp verified" } },
    { "customer, enrolled meanwhile (327)", "customer", enrol = { customer = "otp_pending" },
      script = { "get-customer-info", "not_enrolled" },
      chain("sender not_enrolled", "details verification_pending", "sender otp_sent", "otp aadhaar_required", "choice > levin",
        new_levin), ends_on = "levin" },
    { "customer, has a wallet (17)", "customer", enrol = { customer = "active" },
      script = { "get-customer-info", "not_enrolled" },
      { "sender not_enrolled", "details wallet_already_exists", "sender otp_sent", "otp verified" } },
    { "customer, wrong OTP then right", "customer", enrol = { customer = "active" }, spoil = 1,
      { "sender otp_sent", "otp wrong_otp", "otp verified" } },
    { "customer, expired then renewed", "customer", enrol = { customer = "active" }, wait = 6,
      { "sender otp_sent", "otp otp_expired", "sender otp_sent", "otp verified" } },
    { "customer, too many wrong ones then renewed", "customer", enrol = { customer = "active" }, spoil = 3,
      { "sender otp_sent", "otp wrong_otp", "otp wrong_otp", "otp wrong_otp", "otp otp_expired", "sender otp_sent",
        "otp verified" } },

    { "DigiKhata, new", "digikhata", new_digikhata },
    { "DigiKhata, OTP pending", "digikhata", enrol = { digikhata = "otp_pending" },
      chain("sender otp_sent", "otp aadhaar_required", digikhata_kyc) },
    { "DigiKhata, Aadhaar pending", "digikhata", enrol = { digikhata = "aadhaar_pending" },
      chain("sender otp_sent", "otp aadhaar_required", digikhata_kyc) },
    { "DigiKhata, PAN pending", "digikhata", enrol = { digikhata = "pan_pending" },
      { "sender otp_sent", "otp pan_required", "pan verified" } },
    { "DigiKhata, active", "digikhata", enrol = { digikhata = "active" }, { "sender otp_sent", "otp verified" } },
    { "DigiKhata, wallet opened (300)", "digikhata", enrol = { digikhata = "wallet_exists" },
      chain("sender not_enrolled", "details wallet_opened", "sender otp_sent", "otp aadhaar_required", digikhata_kyc) },
    { "DigiKhata, an OTP without a reference", "digikhata", enrol = { digikhata = "active" },
      script = { "ppi-digikhata-get-sender", "otp_due", { data = { intent_id = 19, otp_ref_id = "" } } },
      { "sender otp_sent", "resend otp_sent", "otp verified" } },
    { "DigiKhata, wrong OTP then right", "digikhata", enrol = { digikhata = "active" }, spoil = 1,
      { "sender otp_sent", "otp wrong_otp", "otp verified" } },
    { "DigiKhata, expired then renewed by its own resend", "digikhata", enrol = { digikhata = "active" }, wait = 6,
      { "sender otp_sent", "otp otp_expired", "resend otp_sent", "otp verified" } },
    { "DigiKhata, Aadhaar number refused then right", "digikhata", enrol = { digikhata = "aadhaar_pending",
      aadhaar = "999999990019" }, first_aadhar = "234567890124", own = { aadhar = "999999990019" },
      chain("sender otp_sent", "otp aadhaar_required", "consent_languages consent_languages", "consent_language > consent_text",
        "consent_text consent_details", "aadhaar aadhaar_validation_failed", "aadhaar otp_sent", "aadhaar_otp pan_required",
        "pan verified") },
    { "DigiKhata, Aadhaar not done at the PAN (2136)", "digikhata", enrol = { digikhata = "pan_pending" },
      script = { "ppi-digikhata-validate-pan", "aadhaar_required" },
      chain("sender otp_sent", "otp pan_required", "pan aadhaar_required", "consent_languages consent_languages",
        "consent_language > consent_text", "consent_text consent_details", "aadhaar pan_required", "pan verified") },
    { "DigiKhata, PAN not the customer's then right", "digikhata", enrol = { digikhata = "pan_pending" },
      script = { "ppi-digikhata-validate-pan", "name_mismatch" },
      { "sender otp_sent", "otp pan_required", "pan name_mismatch", "pan verified" } },

    { "Levin, new", "levin", new_levin },
    { "Levin, OTP pending", "levin", enrol = { levin = "otp_pending" },
      chain("sender otp_sent", "otp aadhaar_required", levin_kyc) },
    { "Levin, Aadhaar pending", "levin", enrol = { levin = "aadhaar_pending" },
      chain("sender otp_sent", "otp aadhaar_required", levin_kyc) },
    { "Levin, PAN pending", "levin", enrol = { levin = "pan_pending" },
      { "sender otp_sent", "otp pan_required", "pan verified" } },
    { "Levin, active", "levin", enrol = { levin = "active" }, { "sender otp_sent", "otp verified" } },
    { "Levin, wrong OTP (2138) then right", "levin", enrol = { levin = "active" }, spoil = 1,
      { "sender otp_sent", "otp wrong_otp", "otp verified" } },
    { "Levin, expired then renewed", "levin", enrol = { levin = "active" }, wait = 6,
      { "sender otp_sent", "otp otp_expired", "sender otp_sent", "otp verified" } },
    { "Levin, Aadhaar not done at the PAN (2136)", "levin", enrol = { levin = "pan_pending" },
      script = { "ppi-levin-validate-pan", "aadhaar_required" },
      { "sender otp_sent", "otp pan_required", "pan aadhaar_required", "aadhaar pan_required", "pan verified" } },
    { "Levin, Aadhaar number refused then right", "levin", enrol = { levin = "aadhaar_pending", aadhaar = "999999990019" },
      first_aadhar = "234567890124", own = { aadhar = "999999990019" },
      { "sender otp_sent", "otp aadhaar_required", "aadhaar aadhaar_validation_failed", "aadhaar otp_sent",
        "aadhaar_otp pan_required", "pan verified" } },

    { "Fino, new", "fino", new_fino },
    { "Fino, eKYC pending", "fino", enrol = { fino = "ekyc_pending" },
      { "sender ekyc_required", "ekyc otp_sent", "ekyc_otp verified" } },
    { "Fino, active", "fino", enrol = { fino = "active" }, { "sender active" } },
    { "Fino, on Fino already (309 to onboard)", "fino", enrol = { fino = "active" },
      script = { "dmt-get-sender", "not_enrolled" },
      { "sender not_enrolled", "details active" } },
    { "Fino, wrong OTP (2131/302) then right", "fino", enrol = { fino = "ekyc_pending" }, spoil = 1,
      { "sender ekyc_required", "ekyc otp_sent", "ekyc_otp wrong_otp", "otp_refused otp_sent", "ekyc_otp verified" } },
    { "Fino, expired (2131/303): the platform wants the eKYC again", "fino", enrol = { fino = "ekyc_pending" }, wait = 6,
      { "sender ekyc_required", "ekyc otp_sent", "ekyc_otp otp_expired", "sender ekyc_required", "ekyc otp_sent",
        "ekyc_otp verified" } },
    { "Fino, already registered (2131/1)", "fino", enrol = { fino = "ekyc_pending" },
      script = { "dmt-fino-validate-ekyc-otp", "otp_failed", { data = { description = "Customer Already registred" } } }, becomes = { fino = "active" },
      { "sender ekyc_required", "ekyc otp_sent", "ekyc_otp otp_verification_failed", "otp_refused active" } },
    { "Fino, eKYC failed (2135) then right", "fino", enrol = { fino = "ekyc_pending" },
      script = { "dmt-fino-sender-ekyc", "ekyc_failed", { message = "Customer KYC Pending", data = { description = "K-100 EKYC Verification failed" } } },
      { "sender ekyc_required", "ekyc ekyc_failed", "ekyc otp_sent", "ekyc_otp verified" } },
  } },

  { "as seen in production: status 0, base customer first, wallets not opened, other keys", {
    envelope = "live", customer = { new_sender = "2147" }, fino = { onboard = "300", ekyc = "2132" },
    digikhata = { require_customer = true, require_consent = true, new_sender = "309", failure_rsid = "1",
      consent_key = "consentlanguage", refresh_without_otp = true },
    levin = { require_customer = true, token_on_2136 = true, legacy_pan = true, expired = "2138" }, strict_token = true,
  }, {
    { "customer, PAN comes next (2147)", "customer", own = { continue_with = "levin" },
      chain("sender not_enrolled", "details otp_sent", "otp pan_required", "choice > levin", new_levin), ends_on = "levin" },
    { "DigiKhata, base customer missing (463), wallet not opened (309)", "digikhata",
      chain("sender not_enrolled", "details user_not_found", "base_customer otp_sent", "details otp_sent", "otp verified",
        digikhata_kyc) },
    { "DigiKhata, refused OTP (2131/1): another is sent", "digikhata", enrol = { digikhata = "active" }, spoil = 1,
      { "sender otp_sent", "otp otp_verification_failed", "resend otp_sent", "otp verified" } },
    { "Levin, base customer missing, token with 2136, PAN by 2132", "levin",
      chain("sender not_enrolled", "details user_not_found", "base_customer otp_sent", "details otp_sent",
        "otp aadhaar_required", levin_kyc) },
    { "Levin, expired (2138): renewed after five", "levin", enrol = { levin = "active" }, wait = 6,
      { "sender otp_sent", "otp wrong_otp", "otp wrong_otp", "otp wrong_otp", "otp wrong_otp", "otp wrong_otp",
        "sender otp_sent", "otp verified" } },
    { "Levin, the token runs out before the PAN", "levin", enrol = { levin = "aadhaar_pending" }, wait_in = { "pan", 20 },
      chain("sender otp_sent", "otp aadhaar_required", "aadhaar otp_sent", "aadhaar_otp pan_required", "pan validation_failed",
        "sender otp_sent", "otp pan_required", "pan verified") },
    { "Fino, wallet opened (300), no OTP (2132)", "fino",
      { "sender not_enrolled", "details wallet_opened", "sender ekyc_required", "ekyc verified" } },
  } },

  { "as the portal's samples have it, and with the strict knobs", {
    strict = true, aadhaar = "strict", levin = { aadhaar = "portal" }, customer = { new_sender = "309" },
    fino = { resume_refs = false }, otp = { length = 4 },
  }, {
    { "customer, done at once", "customer", { "sender not_enrolled", "details otp_sent", "otp verified" } },
    { "DigiKhata, new", "digikhata", new_digikhata },
    { "Levin, new, placeholders at Aadhaar (1388)", "levin",
      chain("sender not_enrolled", "details otp_sent", "otp aadhaar_required", "aadhaar otp_sent",
        "aadhaar_otp aadhaar_verified", "pan verified") },
    { "Levin, Aadhaar number with a wrong digit (463 in a placeholder)", "levin", enrol = { levin = "aadhaar_pending" },
      first_aadhar = "234567890123",
      { "sender otp_sent", "otp aadhaar_required", "aadhaar user_not_found", "aadhaar otp_sent",
        "aadhaar_otp aadhaar_verified", "pan verified" } },
    { "Fino, new", "fino", new_fino },
    { "Fino, resumed without references", "fino", enrol = { fino = "ekyc_otp_pending" },
      prepare = true, { "sender otp_sent", "ekyc otp_sent", "ekyc_otp verified" } },
  } },
}

--- Puts the customer where the path begins.
local function prepare(server, client, mobile, path)
  if path.enrol then server.enrol(mobile, path.enrol) end
  if path.prepare then
    -- An eKYC whose OTP is on its way, begun elsewhere.
    server.enrol(mobile, { fino = "ekyc_pending" })
    assert(client.fino:ekyc { customer_id = mobile, aadhar = journey.person.aadhar, piddata = journey.person.piddata })
  end
  if path.script then server.script(path.script[1], { { body = answers.named(path.script[2], path.script[3]) } }) end
end

--- A person who waits, mistypes and changes as the path says.
local function person_of(server, mobile, path)
  local newest, waited = journey.otp_of(server, mobile, path.spoil), false
  return function()
    if path.becomes then server.enrol(mobile, path.becomes) end
    local otp = newest()
    if path.wait and not waited then
      waited = true
      server.advance(path.wait * ms_per_minute)
    end
    return otp
  end
end

local function walk(server, client, mobile, path)
  local flow = client:onboarding(path[2], { customer_id = mobile })
  local otp, own, first = person_of(server, mobile, path), path.own or {}, path.first_aadhar
  local last_otp, waited
  local step, err = flow:advance()
  for _ = 1, 30 do
    assert(step, tostring(err))
    if step.done then return flow, step end
    local given = journey.answers(step, otp, own)
    if given.aadhar and first then given.aadhar, first = first, nil end
    if path.wait_in and step.state == path.wait_in[1] and not waited then
      waited = true
      server.advance(path.wait_in[2] * ms_per_minute)
    end
    -- Levin's expired OTP is told like a wrong one: the person goes on typing the same.
    if given.otp and step.error and step.error.name == "wrong_otp" and path.wait and step.wrong > 0 then given.otp = last_otp end
    last_otp = given.otp
    step, err = flow:advance(given)
  end
  error("the path does not end: " .. table.concat(journey.trail(flow), ", "))
end

for _, group in ipairs(groups) do
  describe("paths of the wallets, " .. group[1], function()
    local server, client

    setup(function()
      server = emulator_server.start { config = group[2] }
      -- The server's clock is moved ahead; signatures follow it, so that none is too old.
      local offset = 0
      client = journey.client(server, { clock = function() return require("eko.core").text.now_ms() + offset end })
      local advance = server.advance
      function server.advance(ms)
        offset = offset + ms
        return advance(ms)
      end
    end)
    teardown(function() server.stop() end)
    before_each(function() server.clear() end)

    for _, path in ipairs(group[3]) do
      it(path[1], function()
        local mobile = journey.mobile()
        prepare(server, client, mobile, path)
        local flow, step = walk(server, client, mobile, path)
        assert.same(path[3], journey.trail(flow))
        assert.equal("done", step.state)
        assert.equal(path.ends_on or path[2], step.wallet)
        assert.equal("active", server.customer(mobile)[step.wallet].state)
        assert.truthy(step.outcome == "verified" or step.outcome == "active")
      end)
    end
  end)
end
