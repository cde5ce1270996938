--- The calls whose bytes spec/fixtures/golden holds: groups of { name =, slug =, params =, options =, client = }. `client` are options
-- of the client in place of the usual ones, false for none.

local catalogue = require "eko.wallets.catalogue"
local wallets = require "eko.wallets"
local null = require("eko.base.json").null
local golden_sets = require "spec.support.golden_sets"

local rep = string.rep
local CUSTOMER = "9444444444"

local function merged(...)
  local made = {}
  for _, each in ipairs { ... } do
    for name, value in pairs(each) do made[name] = value end
  end
  return made
end

-- What the platform's answers were seen to hold, in form; none is a real one.
local REFERENCES = {
  { "base64 of 88", "Ab+/" .. rep("x9Zk", 20) .. "Qw==" }, { "base64 of 96", rep("q0+/", 24) },
  { "base64 of 160", rep("JDJhJDEy", 19) .. "JDJhJDE=" }, { "74 that are no base64", rep("xY3+", 18) .. "B=" },
  { "a UUID", "123e4567-e89b-12d3-a456-426614174000" }, { "nine digits", "066902416" },
  { "joined by ~", "4202888~4202888~Channel4~7~7" }, { "an integer", 66748392 }, { "an integral float", 66748392.0 },
  { "0", 0 }, { "2^53", 9007199254740992 }, { "blanks around", " 007 " }, { "percent-encoded already", "a%2Bb%3D" },
  { "every mark of ASCII", [[ !"#$%&'()*+,-./:;<=>?@[\]^_`{|}~]] }, { "2 to 4 bytes", "\194\128é\224\160\128₹￿𐀀💰\244\143\191\191" },
}
local OTPS = { "0012", 12, 123456.0, "123456", "0", 0, "٠١٢", "1 2", '"', "\\" }

local function references(add)
  for index, form in ipairs(REFERENCES) do
    local params = { customer_id = CUSTOMER, otp = OTPS[(index - 1) % #OTPS + 1], otp_ref_id = form[2] }
    add("otp_ref_id in a body: " .. form[1], "ppi-levin-verify-otp", merged(params, { intent_id = "19" }), { client_ref_id = "R" })
    add("otp_ref_id in a query: " .. form[1], "made-up-opaque-query", params)
  end
end

local function places(add)
  for _, reference in ipairs { "client_ref_id:REQ-9", "355419717321" } do
    add("a query that keeps its colon: " .. reference, "made-up-search", { reference = reference, word = "a:b" })
    add("a path: " .. reference, "made-up-paths", { customer_id = CUSTOMER, tid = "0012", reference = reference, number = 7.0 })
  end
  add("a number as text in a path", "made-up-paths",
    { customer_id = CUSTOMER, tid = "1", reference = "_", number = "0012", note = "a/b:c" })
  add("a path's first and last segment", "made-up-edges", { first = "a.b-c_d", last = "..9" }, { client_ref_id = "R" })
  add("an opaque integer in a path", "made-up-edges", { first = "-", last = 12.0 }, { client_ref_id = "R" })
  add("opaque text in a path that is no segment", "made-up-edges", { first = "x", last = "a/b:~é" }, { client_ref_id = "R" })
  local many = {}
  for letter in ("abcdefghijklmnopqrs"):gmatch "." do many[letter] = letter .. " +/&=?#%é₹💰\"\\~" end
  add("many in a query", "made-up-long-query", merged(many, { amount = "7", channel = 2.0, latlong = "1,2", dob = "2000-02-29" }))
  add("a query with gaps", "made-up-long-query", { b = "", k = "0", s = "é" }, { client_ref_id = "R" })
  add("a query that keeps its colon, beside long text", "made-up-search", { reference = "client_ref_id:R", word = rep("x", 4096) })
  local long = {}
  for letter in ("abcdefghijklmnopqrs"):gmatch "." do long[letter] = rep("é", 127) .. letter end
  add("a query of 15 KB", "made-up-long-query", long)
  for _, kind in ipairs { "post", "put", "patch", "delete", "get" } do
    add("no members: " .. kind, "made-up-empty-" .. kind, kind == "post" and { customer_id = CUSTOMER } or nil)
  end
  add("one member, and it is empty", "made-up-empty-post", { customer_id = CUSTOMER, note = "" })
  add("one in a query, and it is empty", "made-up-empty-get", { note = "" })
  add("names", "made-up-names", { ["a.b-c_D9"] = "1", ["transaction-reference"] = "a:b", otp = "007", _ = "x" })
end

local function lists(add)
  local work = { line = "9" }
  add("a list, addresses", "made-up-lists", { before = "x", lines = { "12 Lake Road", "", '"\\/é₹💰' }, between = "y",
    home = { area = "f", district = "e", pincode = "d", state = "c", city = "b", line = "a" }, work = work, behind = "z" })
  add("an empty list", "made-up-lists", { lines = {}, work = work })
  add("a list of one", "made-up-lists", { lines = { "x" }, short_lines = { "éé", "abcd" }, work = work })
  add("ready-made addresses", "made-up-lists", { home = ' {"line" : "9\\u00e9", "town":[1,2.50,null,true]}', work = '["a"]' })
  add("an address with gaps, by names and as a list", "onboard-customer", { customer_id = CUSTOMER, name = "Asha", dob = "1990-02-28",
    residence_address = { pincode = "411001", line = "12 Lake Road" } }, { client_ref_id = "R" })
  add("an address as a list with gaps", "dmt-onboard-sender", { customer_id = CUSTOMER, name = "Asha", dob = "1990-02-28",
    residence_address = { "12 Lake Road", " ", "Maharashtra", "", "Pune", "Camp" } }, { client_ref_id = "R" })
  add("an address with an empty member", "made-up-lists", { work = { line = "", city = '"\\é' } })
  add("lists in a query", "made-up-lists-query", { lines = { "a b", '"é' }, home = { line = "1 & 2" }, behind = "z" })
  add("an empty list in a query", "made-up-lists-query", { lines = {} })
  local line = '<Data type="X">MjAyNi+/\\é₹💰</Data>\r\n\t'
  add("a PID block of 100 KB", "made-up-pid", { piddata = "<PidData>\n" .. rep(line, math.floor(102400 / #line)) .. "</PidData>", behind = "z" })
  add("a PID block of 100 KB without an end", "made-up-pid", { piddata = "<PidData>\n" .. rep(line, math.floor(102400 / #line)) })
  add("a PID block of TAB, CR and LF", "made-up-pid", { piddata = "\t\r\n" })
  add("an empty PID block", "made-up-pid", { piddata = "" })
end

local EXTRA = {
  b = "text \"\\/é₹💰+&=%", a = 1, A = 2.0, _ = true, ["x.y-z"] = false, n = -5, half = 0.5, tenth = 0.1, huge = 1e300,
  beyond = 9007199254740994.0, ["9"] = "a digit", empty = "",
}
local NESTED = {
  z = { 1, "two", { three = { 4 } }, true }, y = { b = { d = 1, c = 2 }, a = {}, ["a b\"é"] = "x" }, nothing = null, list = { null, null },
  deep = { { { { { "x" } } } } },
}

local function options(add)
  add("extra in a body", "ppi-levin-verify-otp", { customer_id = CUSTOMER, otp = "1", otp_ref_id = "r", intent_id = "19" },
    { client_ref_id = "R", extra = merged(EXTRA, NESTED) })
  add("extra in a query", "get-customer-info", { customer_id = CUSTOMER }, { extra = EXTRA })
  add("extra alone in a body", "made-up-empty-put", nil, { extra = { a = {} } })
  add("extra alone in a query", "made-up-empty-get", nil, { extra = { b = "é ", a = 1 } })
  add("extra behind a list and an address", "made-up-lists", { lines = { "x" }, work = { line = "9" } }, { extra = { ["0"] = "x" } })
  add("extra beside a colon in a query", "made-up-search", { reference = "client_ref_id:R" }, { extra = { a = "x:y" } })
  add("extra beside a colon in a path", "transaction-inquiry", { ["transaction-reference"] = "client_ref_id:R" }, { extra = { a = "b" } })
  add("extra in a debit", "ppi-digikhata-load-wallet", { customer_id = CUSTOMER, amount = "5", org_id = "1" },
    { client_ref_id = "R", extra = { pipe = 7 } })
  local aadhaar, pan = { customer_id = CUSTOMER, aadhar = "234567890124" }, { customer_id = CUSTOMER, pan_number = "ABCPE1234F" }
  add("strict, of one call", "ppi-digikhata-generate-aadhaar-otp", aadhaar, { client_ref_id = "R", strict = true })
  add("strict, of the client", "ppi-digikhata-validate-pan", pan, { client_ref_id = "R" }, { strict = true })
  add("not strict, in spite of the client", "ppi-digikhata-validate-pan", merged(pan, { pan_number = "ABCDE1234F" }),
    { client_ref_id = "R", strict = false }, { strict = true })
  add("strict, with a colon in a query", "made-up-search", { reference = "client_ref_id:R" }, { strict = true })
end

local function context(add)
  local get, verify = { customer_id = CUSTOMER }, { customer_id = CUSTOMER, otp = "1", otp_ref_id = "r" }
  add("a GET with what the client knows", "get-customer-info", get)
  add("a GET of a client without a user_code", "get-customer-info", get, nil, { user_code = false })
  add("a GET that gives its own", "get-customer-info", merged(get, { initiator_id = "1", user_code = "2" }))
  add("a GET of a client that knows nothing", "get-customer-info", merged(get, { initiator_id = "1" }), nil,
    { initiator_id = false, user_code = false })
  add("a POST with what the client knows", "verify-customer-otp", verify, { client_ref_id = "R" })
  add("a POST that gives its own", "verify-customer-otp", merged(verify, { initiator_id = "1", user_code = "2" }),
    { client_ref_id = "R" })
  -- (A client's own options are visible ASCII.)
  local hard, blanks = { initiator_id = '"\\é₹💰+/', user_code = " a&b=c%:" }, { initiator_id = '"\\é ₹💰+/', user_code = "%: a&b=c" }
  add("a client's values that are hard to write", "verify-customer-otp", merged(verify, hard), { client_ref_id = "R" })
  add("the same in a query", "get-customer-info", merged(get, hard))
  add("a client's values with blanks inside", "verify-customer-otp", merged(verify, blanks), { client_ref_id = "R" })
  add("blanks inside, in a query", "get-customer-info", merged(get, blanks))
  add("values of 255 bytes", "get-customer-info", merged(get, { initiator_id = rep("9", 255), user_code = rep("é", 127) }))
  add("an endpoint without user_code", "get-refund-otp", { tid = "12" })
  add("a user_code that may be empty", "onboard-customer", { customer_id = CUSTOMER, name = "x", dob = "2000-01-01", residence_address = {},
    user_code = "" }, { client_ref_id = "R" })
  for _, slug in ipairs { "get-customer-info", "ppi-digikhata-consent-languages", "ppi-digikhata-generate-sender-otp", "get-refund-otp" } do
    local params = { customer_id = CUSTOMER, org_id = slug:find "consent" and "1" or nil }
    if slug == "get-refund-otp" then params = { tid = "12" } end
    add("no client_ref_id: " .. slug, slug, params)
    add("client_ref_id by option: " .. slug, slug, params, { client_ref_id = "OPTION-1" })
    if slug ~= "get-refund-otp" then
      add("client_ref_id by params: " .. slug, slug, merged(params, { client_ref_id = "PARAMS-1" }))
      add("client_ref_id by both: " .. slug, slug, merged(params, { client_ref_id = "PARAMS-1" }), { client_ref_id = "OPTION-1" })
    end
  end
  for _, number in ipairs { 100, 100.0, "100", "0100", 1, 9007199254740992, "9007199254740992" } do
    add(("amount as %s %s"):format(type(number) == "string" and "text" or math.type and math.type(number) or "number", number),
      "dmt-send-otp", { customer_id = CUSTOMER, recipient_id = "7", amount = number }, { client_ref_id = "R" })
  end
  add("a recipient_id of 0", "dmt-send-otp", { customer_id = CUSTOMER, recipient_id = 0, amount = 1 }, { client_ref_id = "R" })
  add("a recipient_id of -0", "dmt-send-otp", { customer_id = CUSTOMER, recipient_id = -0.0, amount = 1 }, { client_ref_id = "R" })
  add("an empty wallet_token", "aadhaar-ppi-levin-validate", { customer_id = CUSTOMER, aadhar = "234567890124", wallet_token = "",
    wallet_id = "" }, { client_ref_id = "R" })
  add("an empty wallet_token in a query", "ppi-levin-get-recipients", { customer_id = CUSTOMER, wallet_token = "" })
end

-- What people mistype, and nothing says so.
local function doubtful(add)
  local customer = { customer_id = CUSTOMER, name = "Asha", dob = "1990-02-28", residence_address = { "12 Lake Road" } }
  local function onboard(name, changes) add(name, "onboard-customer", merged(customer, changes), { client_ref_id = "R" }) end
  onboard("a name of blanks", { name = "  " })
  onboard("a name of a no-break space", { name = "\194\160" })
  onboard("a name of a space without width", { name = "\226\128\139" })
  onboard("a name with a bidirectional control", { name = "Asha \226\128\174iveD" })
  onboard("an empty address", { residence_address = {} })
  onboard("an address of blanks", { residence_address = { " ", "" } })
  onboard("a birth in the future", { dob = "2999-01-01" })
  onboard("a birth before 1900", { dob = "1899-12-31" })
  add("an address of blanks, by names", "dmt-onboard-sender", merged(customer, { residence_address = { line = " ", city = "" } }),
    { client_ref_id = "R" })
  add("an account as a spreadsheet shows it", "dmt-add-recipient", { customer_id = CUSTOMER, recipient_mobile = "9555555555",
    recipient_name = "Ravi", ifsc = "SBIN0005656", account = "1.23457E+11" }, { client_ref_id = "R" })
  local capture = { customer_id = CUSTOMER, aadhar = "234567890124" }
  for _, form in ipairs {
    { "no PID block", "<a/>" }, { "a byte-order mark before a PID block", "\239\187\191<PidData/>" },
    { "a capture that failed", '<PidData><Resp errCode="730" errInfo="Capture timed out"/></PidData>' },
  } do add(form[1], "dmt-fino-sender-ekyc", merged(capture, { piddata = form[2] }), { client_ref_id = "R" }) end
end

local golden_calls = {}

--- The groups of the catalogue: their endpoints by the file that they stand in.
golden_calls.rails = { "transactions" }
for index, name in ipairs(wallets.names) do table.insert(golden_calls.rails, index, name) end
local MADE_BY = {
  references = references, places = places, lists = lists, options = options, context = context, doubtful = doubtful,
}
golden_calls.groups = { "references", "places", "lists", "options", "context", "doubtful" }

--- The calls of a group, which is a rail of the catalogue or one of the others.
function golden_calls.of(group)
  local calls = {}
  if MADE_BY[group] then
    MADE_BY[group](function(name, slug, params, call_options, client)
      calls[#calls + 1] = { name = name, slug = slug, params = params, options = call_options, client = client }
    end)
    return calls
  end
  local endpoints = wallets.is(group) and wallets.part(group, "endpoints") or require("eko.catalog." .. group)
  for _, entry in ipairs(endpoints) do
    for _, call in ipairs(golden_sets.of(assert(catalogue.get(entry.slug)))) do calls[#calls + 1] = call end
  end
  return calls
end

return golden_calls
