--- What may depend on the process's locale, written line by line: run by spec/base/locale_spec.lua under several.
package.path = "./?.lua;" .. package.path

local NAME = arg[1]
assert(jit or NAME == "C" or os.setlocale(NAME) and ("%.1f"):format(0.5) == "0,5", "the locale has no decimal comma")
os.setlocale "C"
-- As late as a program may do it: some of the library is loaded before, the rest after.
local eko = require "eko"
if NAME ~= "C" then assert(os.setlocale(NAME), "the locale was not taken") end

local core, json, money = require "eko.core", require "eko.base.json", require "eko.base.money"
local config, http_date, input, redact = require "eko.cli.config", require "eko.base.http_date", require "eko.base.input", require "eko.base.redact"
local request, catalog, sealed, store, suggest = require "eko.call.request", require "eko.wallets.catalogue", require "eko.base.sealed", require "eko.store",
  require "eko.base.suggest"
local envelope, facts, head = require "eko.call.envelope", require "eko.call.facts", require "eko.wire.head"

local function say(what, ...)
  local parts = {}
  for i = 1, select("#", ...) do
    local value = (select(i, ...))
    parts[i] = type(value) == "number" and json.encode(value) or type(value) == "table" and json.encode(value) or tostring(value)
  end
  io.write(what, ": ", table.concat(parts, " "), "\n")
end

local function quoted(text) return (text:gsub("[^ -~]", function(char) return ("<%02x>"):format(char:byte()) end)) end

-- ---- numbers ----

say("written", { 0.5, 1e-7, 1.5e300, -2.25, 123456.789, 1 / 3, 1e21, 42 })
local read = json.decode "[0.5, 1e-7, 1.5E300, -2.25, 123456.789, 0.3333333333333333, 1e21]"
say("read", read[1] == 1 / 2, read[2] == 1e-7, read[3] == 1.5e300, read[4] == -9 / 4, read[5] == 123456789 / 1000, read[6] == 1 / 3, read[7] == 1e21)
say("comma", json.decode "[0,5]"[2] == 5, json.decode '{"a":0,5}')
say("paise", money.parse "2.20834002375E9", money.parse "1e2", money.parse "4.0", money.parse "1,5", money.parse "1.000,00", money.parse "0.29")
say("identifiers", envelope.text(1.5), envelope.text(2.5e-3), envelope.text(12), envelope.text "0.10")
say("same amount", facts.mismatch({ data = { amount = 110.5, tid = "1" } }, { amount = "110.50" }))
say("settings", config.number "2.5", config.number "2,5", config.number "30", config.number "0x10")

-- ---- letters, blanks, controls ----

local onboard, transfer = catalog.get "ppi-levin-onboard-sender", catalog.get "dmt-initiate-transfer"
local function problems(endpoint, params)
  local draft, err = request.draft(endpoint, params, { initiator_id = "9962981729", user_code = "20810200" })
  if draft then return quoted(draft:body()) end
  local parts = {}
  for i, problem in ipairs(err.problems) do parts[i] = problem.field .. "=" .. problem.name end
  return table.concat(parts, " ")
end
local SENDER = { customer_id = "9444444444", name = "Asha Rao", dob = "1990-01-31", residence_address = { "1 Main", "Pune" } }
local DEBIT = { customer_id = "9444444444", recipient_id = 1, amount = 100, otp = "1234", otp_ref_id = "a", client_ref_id = "R-1" }
local function with(fields, name, value)
  local copy = {}
  for key, each in pairs(fields) do copy[key] = each end
  copy[name] = value
  return copy
end
for _, byte in ipairs { "\231", "\160", "\133", "\253" } do
  say("reference " .. quoted(byte), problems(transfer, with(DEBIT, "client_ref_id", "R" .. byte)))
  say("name " .. quoted(byte), problems(onboard, with(SENDER, "name", "Fran" .. byte .. "ois")))
  say("mobile " .. quoted(byte), problems(onboard, with(SENDER, "customer_id", "944444444" .. byte)))
  say("parameter " .. quoted(byte), problems(onboard, with(SENDER, "x" .. byte, "y")))
  say("date " .. quoted(byte), http_date.parse("Sun," .. byte .. "06 Nov 1994 08:49:37 GMT"))
  say("token " .. quoted(byte), select(2, sealed.open({ ("k"):rep(32) }, "eko1_" .. byte, 0)).name)
  say("key " .. quoted(byte), (select(2, pcall(store.is_key or function() return false end, "a" .. byte))))
  say("header " .. quoted(byte), head.problem("x-" .. byte, "y"))
  say("setting " .. quoted(byte), (pcall(eko.client, { developer_key = "k", access_key = "s", base_url = "https://a" .. byte .. "/v3" })))
  say("message " .. quoted(byte), quoted(redact.text("a" .. byte .. "570311" .. byte .. "b", { otp = "570311" })))
  say("field " .. quoted(byte), quoted(json.encode(envelope.invalid_params { invalid_params = { "otp" .. byte .. ": bad" } } or {})
    or "not UTF-8"))
end
say("trimmed", quoted(input.trim " a\160 " or ""))

-- ---- case: a Turkish i has no dot in lower case ----

say("names", redact.mask("PIDDATA", "x"), redact.mask("PIN_NO", "x"), redact.mask("INITIATOR_ID", "9962981729"), redact.mask("CUSTOMER-ID", "9444444444"))
say("PAN", redact.text("pan abcpi1234i", { pan_number = "ABCPI1234I" }), redact.text("ID INITIATE", { otp = "initiate" }))
say("near", suggest.nearest("CLIENT_REF_İD", { "client_ref_id", "otp" }), suggest.nearest("INITIATOR_ID", { "initiator_id", "otp" }))
say("ifsc", facts.mismatch({ data = { ifsc = "icic0000001", tid = "1" } }, { ifsc = "ICIC0000001" }))
local function headers(given)
  local seen
  local client = eko.client { developer_key = "k", access_key = "s", initiator_id = "9962981729", user_code = "2", headers = given,
    base_url = "HTTPS://API.EXAMPLE.IN/v3", transport = function(made)
      seen = made
      return { status = 200, headers = {}, body = '{"status":0,"response_type_id":22}' }
    end }
  client:call("ppi-levin-get-recipients", { customer_id = "9444444444" })
  local names = {}
  for name in pairs(seen.headers) do names[#names + 1] = name end
  table.sort(names, require "eko.base.ascii".less)
  return table.concat(names, " ") .. " " .. seen.url
end
say("headers", headers { ["X-INSTITUTION-ID"] = "1" })
local parser = core.exchange and core.http1 and core.http1.parser and core.http1.parser {}
if parser then
  parser:reset "GET"
  say("parsed", parser:feed "HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 2\r\nX-ID: 1\r\n\r\n{}", json.encode((select(2, parser:result()))))
end

-- ---- order ----

local client = eko.client { developer_key = "k", access_key = "s", initiator_id = "9962981729", user_code = "2", base_url = "https://a.example/v3" }
local dry = assert(client:call("dmt-initiate-transfer", DEBIT, { dry_run = true, extra = {
  Zeta = 0.5, alpha = 1e-7, ["_b"] = "x", ["a-b"] = "y", ab = { i = 1.5, I = 2, ["\195\182"] = 3 }, aB = "z" } }))
say("body", quoted(dry.body))
say("problems", problems(onboard, { zeta = 1, Alpha = 1, ["a_b"] = 1, ["a.b"] = 1, aB = 1, I = 1, i = 1 }))
local _, slugs = catalog.list()
say("slugs", table.concat(slugs, " "))

-- ---- journeys over the emulator, and what it writes ----

local emulator_http, emulator_json, journey = require "eko.emulator.http", require "eko.emulator.json", require "spec.support.journey"
for _, ms in ipairs { 0, 784111777000, 1767225600000, 1793577600000 } do
  say("emulator's date", emulator_http.date(ms), http_date.parse(emulator_http.date(ms)) == ms / 1000)
end
say("emulator's numbers", emulator_json.encode { 0.5, 1e-7, 2.25, 12, b = 1 }, emulator_json.encode { Z = 1, a = 2, _ = 3, I = 4, i = 5 })
for _, name in ipairs { "digikhata", "levin", "fino" } do
  local emulated = eko.client { environment = "emulator" }
  local function otp()
    local sms = emulated.emulator:sms "9444444444"
    return sms[#sms].otp
  end
  local flow = emulated:onboarding(name, { customer_id = "9444444444" })
  local step = journey.drive(flow, otp)
  say("journey", name, step.done, flow:state())
  local sender = emulated[name]:get { customer_id = "9444444444" }
  local profile = sender.customer_profile or {}
  say("profile", profile.balance, profile.next_allowed_limit, profile.total_monthly_limit, sender.next_allowed_limit)
end
