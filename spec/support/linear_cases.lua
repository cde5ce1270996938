--- Every function of ours that reads text which somebody else may have written, with hostile texts of any length:
-- `{ name =, make = function(length) -> a function of no arguments }`.
local core = require "eko.core"
local catalogue = require "eko.wallets.catalogue"
local eko = require "eko"
local formats = require "eko.call.formats"
local http_date = require "eko.base.http_date"
local input = require "eko.base.input"
local json = require "eko.base.json"
local redact = require "eko.base.redact"
local request = require "eko.call.request"
local response = require "eko.call.response"
local sealed = require "eko.base.sealed"
local suggest = require "eko.base.suggest"

local cases = {}

local function add(name, make) cases[#cases + 1] = { name = name, make = make } end

local function repeated(unit, n) return unit:rep(math.ceil(n / #unit)):sub(1, n) end

-- ---- texts ----

-- Each is repeated; the letters and digits in a row, so that a pattern that begins anew at each byte is seen for what it costs.
local ALPHABETS = {
  tokens = { "eyJ", "eyJa.", "eyJ-_", "e", "_", "-", "." },
  letters = { "A", "ABCDE1234", "client_ref_id:", "a:", "a 1: " },
  digits = { "1", "9", "1234 ", "12-", "0." },
  blanks = { " ", " x", "\n", "\t=", "\r\n " },
  markup = { "<", "{", '{"', "[", '"', "\\", "\\u00" },
  addresses = { "%", "%41", "=", ";", "a;", "a=b;", "&", "?", "/", ":" },
  bytes = { "\0", "\255", "\195", "\226\130\172" },
}

-- What makes that which was begun fail at its end.
local ENDS = { "", "x", "!", "\0" }

local levin = catalogue.get "ppi-levin-verify-otp"
local get = catalogue.get "ppi-levin-get-sender"
local transfer = catalogue.get "dmt-initiate-transfer"
local address = request.checker { name = "a", type = "address", max = 2 ^ 30 }
local plan = { draft = request.draft(levin, { initiator_id = "9962981729", user_code = "20810200", customer_id = "9444444444",
  otp = "482917", otp_ref_id = "r", intent_id = "19" }) }

local function read(endpoint, status, body) return response.read(endpoint, { status = status, headers = {}, body = body }, plan) end

local client_problem
local client = eko.client { developer_key = "d", access_key = "a", initiator_id = "9962981729", user_code = "20810200",
  base_url = "http://127.0.0.1:1/v3", retries = 0, transport = function() return nil, client_problem end }

local cookie_header
_G.ngx = { var = setmetatable({}, { __index = function(_, name) return name ~= "scheme" and cookie_header or "https" end }), ctx = {} }
local jar = require("eko.nginx.cookies").jar { secure = true, path = "/" }

local emulator_http, emulator_log = require "eko.emulator.http", require "eko.emulator.log"
local check = require "eko.emulator.check"
local answers, cli_config = require "eko.cli.answers", require "eko.cli.config"
local platform = require("eko.emulator").new { customers = { ["9444444444"] = { digikhata = "active" } } }
local signed = require("spec.support.emulator_caller").new {
  developer_key = platform.developer_key, access_key = platform.access_key, base = platform.base_path, clock = core.text.now_ms,
}
local KEYS = { ("k"):rep(32) }
local STEP = { wallet = "levin", state = "details", validators = {}, choices = { { value = "x", label = "y" } } }

local function load_wallet(amount)
  platform:handle(signed("POST", "/customer/payment/ppi-digikhata/sender/9444444444/wallet/loadwallet",
    { amount = amount:gsub("[^ -~]", "?"), org_id = "1" }))
end

local function quoted(text) return json.encode(text) or json.encode((text:gsub("[\128-\255]", "?"))) end

local OF_TEXT = {
  ["redact.text"] = function(t) redact.text(t) end,
  ["redact.text, a cut one"] = function(t) redact.text(t, nil, math.floor(#t / 2)) end,
  ["redact.text, a short secret"] = function(t) redact.text(t, { otp = "111" }) end,
  ["redact.table, a value"] = function(t) redact.table { x = t } end,
  ["redact.table, a name"] = function(t) redact.table { [t] = 1 } end,
  ["redact.table, a problem"] = function(t) redact.table { invalid_params = { [t] = t } } end,
  ["redact.path"] = function(t) redact.path(t) end,
  ["redact.mask"] = function(t) redact.mask("aadhar", t) end,
  ["suggest.nearest"] = function(t) suggest.nearest(t, { "customer_id", "otp_ref_id", "aadhar" }) end,
  ["a page of 502"] = function(t) read(levin, 502, t) end,
  ["a page of 403"] = function(t) read(levin, 403, t) end,
  ["an answer of 200"] = function(t) read(levin, 200, t) end,
  ["an answer of 200 to a debit"] = function(t) read(transfer, 200, t) end,
  ["a message"] = function(t) read(levin, 200, '{"status":302,"response_type_id":302,"message":' .. quoted(t) .. "}") end,
  ["a detail"] = function(t) read(levin, 400, '{"status":302,"response_type_id":302,"data":{"reason":' .. quoted(t) .. "}}") end,
  ["a problem"] = function(t)
    read(levin, 200, '{"status":97,"response_type_id":-1,"invalid_params":{' .. quoted(t) .. ":" .. quoted(t) .. "}}")
  end,
  ["sentences of problems"] = function(t)
    read(levin, 200, '{"status":97,"response_type_id":-1,"invalid_params":[' .. quoted(t) .. "]}")
  end,
  ["a code"] = function(t) read(levin, 200, '{"status":' .. quoted(t) .. ',"response_type_id":' .. quoted(t) .. "}") end,
  ["an identifier of a debit"] = function(t)
    t = quoted(t)
    response.read(transfer, { status = 200, headers = {}, body = '{"status":0,"response_type_id":325,"data":{"tid":' .. t
      .. ',"account":' .. t .. ',"ifsc":' .. t .. ',"amount":' .. t .. ',"client_ref_id":' .. t .. ',"tx_status":' .. t .. "}}" },
      { client_ref_id = "r", facts = { account = "12345678", tid = "5", amount = "5", client_ref_id = "r", ifsc = "SBIN0005656" } })
  end,
  ["a header that says when to try again"] = function(t)
    response.read(get, { status = 429, headers = { ["retry-after"] = t, date = t }, body = "" }, plan)
  end,
  ["the error of a transport"] = function(t)
    client_problem = { name = t, message = t }
    client:call("ppi-levin-get-sender", { customer_id = "9444444444" })
  end,
  ["json.decode"] = function(t) json.decode(t) end,
  ["json.decode, a string"] = function(t) json.decode('"' .. t .. '"') end,
  ["json.encode"] = function(t) json.encode { [t] = t } end,
  ["core.json.reader, codes"] = function(t) core.json.reader "codes"("{" .. t) end,
  ["core.json.reader, a shape"] = function(t) core.json.reader { data = "string" }('{"data":' .. quoted(t) .. "}") end,
  ["core.json.reader, damaged texts"] = function(t)
    t = t:gsub('["\\]', "\1")
    core.json.reader { data = "string" }('{"data":{"data":"' .. t .. '","tid":"' .. t .. '","list":[' .. ('{"a_id":"\1"},'):rep(math.floor(#t / 14)) .. "{}]}}")
    core.json.reader "envelope"('{"data":"' .. t .. '\255"}')
  end,
  ["http_date.parse"] = function(t) http_date.parse(t) end,
  ["sealed.open"] = function(t) sealed.open(KEYS, t, 0) end,
  ["sealed.open, with its prefix"] = function(t) sealed.open(KEYS, "eko1_" .. t, 0) end,
  ["request.draft, values"] = function(t) request.draft(levin, { customer_id = t, otp = t, otp_ref_id = t, intent_id = t }) end,
  ["request.draft, a name"] = function(t) request.draft(levin, { [t] = t }) end,
  ["request.draft, extra"] = function(t) request.draft(levin, {}, nil, { extra = { [t] = t, x = t, y = { t, { [t] = t } } } }) end,
  ["request.draft, extra in a query"] = function(t) request.draft(get, {}, nil, { extra = { [t] = t, x = t } }) end,
  ["request.draft, a person"] = function(t)
    request.draft(catalogue.get "onboard-customer", { customer_id = "9444444444", name = t, dob = t, residence_address = { t, line = t } })
    request.draft(catalogue.get "dmt-onboard-sender", { customer_id = t, name = t, dob = "1990-02-28", residence_address = { t, " ", t } })
  end,
  ["request.draft, an account and an amount"] = function(t)
    request.draft(catalogue.get "dmt-add-recipient", { account = t, ifsc = t, recipient_name = t })
    request.draft(catalogue.get "dmt-send-otp", { amount = t, recipient_id = t })
    request.draft(catalogue.get "dmt-send-otp", { amount = t .. "." .. t, recipient_id = "0" .. t })
  end,
  ["request.draft, an address"] = function(t) address(t) end,
  ["request.draft, an address by names"] = function(t) address { line = t, city = t } end,
  ["eko.client, base_url"] = function(t) pcall(eko.client, { developer_key = "d", access_key = "a", base_url = "https://a" .. t }) end,
  ["eko.client, a socket's base_url"] = function(t)
    pcall(eko.client, { developer_key = "d", access_key = "a", base_url = "http://unix:/a" .. t })
  end,
  ["eko.client, an option"] = function(t) pcall(eko.client, { developer_key = t, access_key = t, [t] = t }) end,
  ["a cookie"] = function(t)
    cookie_header = t
    jar.read "eko"
  end,
  ["emulator: a target"] = function(t) emulator_http.segments((emulator_http.target(t))) end,
  ["emulator: a query"] = function(t) emulator_http.target("/a?" .. t) end,
  ["emulator: a path in the log"] = function(t) emulator_log.mask(t) end,
  ["emulator: an amount"] = function(t) load_wallet(t) end,
  ["emulator: a whole number"] = function(t) check.integer(t) end,
  ["the command line: an argument"] = function(t) cli_config.refuse_credentials { t } end,
  ["eko.input, text"] = function(t) input.text(t) end,
  ["eko.input, text with marks"] = function(t) input.text(("\239\187\191"):rep(math.floor(#t / 3)) .. t) end,
  ["eko.input, trim"] = function(t) input.trim(t) end,
  ["eko.input, trim blanks"] = function(t) input.trim(("\226\128\139"):rep(math.floor(#t / 3)) .. t .. ("\194\160"):rep(math.floor(#t / 2))) end,
  ["eko.input, lines"] = function(t) for _ in input.lines(t) do end end,
  ["eko.input, a setting"] = function(t) input.setting(t, "access_key") end,
  ["eko.input, a setting in quotes"] = function(t) input.setting('"' .. t .. '" #', "access_key") end,
  ["eko.input, a setting with comments"] = function(t) input.setting("a" .. ("#"):rep(#t) .. t, "access_key") end,
  ["eko.input, a setting with its name"] = function(t) input.setting(("access_key="):rep(math.floor(#t / 11)) .. t, "access_key") end,
  ["eko.input, a key"] = function(t) input.key_problem(t) end,
  ["the command line: an address"] = function(t) answers.read(STEP, "residence_address", t) end,
  ["the command line: an OTP"] = function(t) answers.read(STEP, "otp", t) end,
  ["the command line: a choice"] = function(t) answers.read(STEP, "continue_with", t) end,
}

for _, name in ipairs { "is_utf8", "base64_encode", "base64_decode", "verhoeff",
  "verhoeff_digit", "mask", "sha256_hex" } do
  OF_TEXT["core.text." .. name] = function(t) core.text[name](t) end
end
for name in pairs(formats) do
  OF_TEXT["the format " .. name] = request.checker { name = "x", place = "query", type = "string", max = 2 ^ 30, format = name }
end
local money = select(2, pcall(require, "eko.base.money"))
if type(money) == "table" and money.parse then OF_TEXT["money.parse"] = function(t) money.parse(t) end end

local function sorted(map)
  local names = {}
  for name in pairs(map) do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- These go through what is listed by itself: a few texts will do, since each costs much beside what is measured.
local COMPOSED = {
  ["a message"] = true, ["a detail"] = true, ["a problem"] = true, ["sentences of problems"] = true, ["a code"] = true,
  ["an identifier of a debit"] = true, ["redact.table, a problem"] = true, ["redact.table, a value"] = true, ["a page of 403"] = true,
  ["the error of a transport"] = true, ["values.any"] = true, ["request.plan, values"] = true, ["request.plan, extra"] = true,
}
local A_FEW = { tokens = { "eyJ", "eyJa." }, digits = { "1", "1234 " }, blanks = { " ", "\t=" } }

for _, name in ipairs(sorted(OF_TEXT)) do
  local alphabets = COMPOSED[name] and A_FEW or ALPHABETS
  for _, kind in ipairs(sorted(alphabets)) do
    add(name .. ": " .. kind, function(n)
      local texts = {}
      for i, unit in ipairs(alphabets[kind]) do texts[i] = repeated(unit, n) .. ENDS[i % #ENDS + 1] end
      return function()
        for _, text in ipairs(texts) do OF_TEXT[name](text) end
      end
    end)
  end
end

-- ---- secrets ----

local function secret_cases(name, make)
  add("secrets: " .. name, function(n)
    local text, params = make(n / 2)
    return function() redact.text(text, params) end
  end)
  add("secrets in a table: " .. name, function(n)
    local text, params = make(n / 2)
    return function() redact.table({ a = { text:sub(1, math.floor(#text / 2)), text:sub(math.floor(#text / 2)) } }, params) end
  end)
end

secret_cases("one that nearly stands everywhere", function(n) return ("1"):rep(math.floor(n)), { otp = ("1"):rep(math.floor(n / 16)) .. "2" } end)
secret_cases("one that stands everywhere", function(n) return ("1"):rep(math.floor(n)), { otp = "111" } end)
secret_cases("one that overlaps itself", function(n) return ("ab"):rep(math.floor(n / 2)), { otp = ("ab"):rep(math.floor(n / 8)) .. "a" } end)
secret_cases("as long as the text", function(n) return ("x"):rep(math.floor(n)), { piddata = ("x"):rep(math.floor(n)) } end)
secret_cases("many", function(n)
  local list = {}
  for i = 1, n / 8 do list[i] = ("secret %d"):format(i) end
  return repeated("secret 7 secret ", n), { residence_address = list }
end)
secret_cases("many, each the end of the next", function(n)
  local list = {}
  for i = 1, math.sqrt(n) do list[i] = ("1"):rep(i + 2) end
  return repeated("1", n) .. "2", { residence_address = list }
end)
secret_cases("many that begin alike", function(n)
  local list = {}
  for i = 1, math.sqrt(n) do list[i] = ("1"):rep(math.floor(math.sqrt(n))) .. i end
  return repeated("1", n), { residence_address = list }
end)

-- ---- answers with many parts ----

local function members(n, make)
  local parts = {}
  for i = 1, n / 16 do parts[i] = make(i) end
  return parts
end

local function answer_cases(name, body)
  for _, how in ipairs { { 200, levin }, { 400, levin }, { 502, levin }, { 200, transfer } } do
    add(("an answer of %d to %s: %s"):format(how[1], how[2].slug, name), function(n)
      local text = body(n)
      return function() read(how[2], how[1], text) end
    end)
  end
  add("a web page's body: " .. name, function(n)
    local text = body(n)
    return function() redact.table(json.decode(text) or {}, { otp = "482917", aadhar = "234567890124" }) end
  end)
end

local function envelope(more) return '{"status":302,"response_type_id":302,"message":"x",' .. more .. "}" end

answer_cases("many members", function(n)
  return envelope('"data":{' .. table.concat(members(n, function(i) return ('"m%d":"%d"'):format(i, i) end), ",") .. "}")
end)
answer_cases("many members beside data", function(n)
  return envelope(table.concat(members(n, function(i) return ('"m%d":%d'):format(i, i) end), ","))
end)
answer_cases("many members of one name", function(n)
  return envelope(table.concat(members(n, function() return '"data":{"tid":"5"}' end), ","))
end)
answer_cases("many names of one length that differ in the middle", function(n)
  return envelope(table.concat(members(n / 8, function(i) return ('"%s%06d%s":0'):format(("a"):rep(60), i, ("b"):rep(60)) end), ","))
end)
answer_cases("many problems", function(n)
  return '{"status":97,"response_type_id":-1,"invalid_params":{'
    .. table.concat(members(n, function(i) return ('"m%d":"482917 is wrong"'):format(i) end), ",") .. "}}"
end)
answer_cases("a list of problems", function(n)
  return '{"status":97,"response_type_id":-1,"invalid_params":['
    .. table.concat(members(n, function(i) return ('"m%d: 482917"'):format(i) end), ",") .. "]}"
end)
answer_cases("a long list", function(n) return envelope('"data":{"list":[' .. ("1,"):rep(math.floor(n / 2)) .. "1]}") end)
answer_cases("deep lists", function(n) return envelope('"data":' .. ("["):rep(n) .. ("]"):rep(n)) end)
answer_cases("many lists as deep as is read", function(n)
  return envelope('"data":[' .. table.concat(members(n / 4, function() return ("["):rep(50) .. ("]"):rep(50) end), ",") .. "]")
end)
answer_cases("long numbers", function(n) return envelope('"data":{"a":' .. ("1"):rep(n) .. ',"b":1e' .. ("1"):rep(n) .. "}") end)
answer_cases("escapes", function(n)
  local count = math.floor(n / 6)
  return envelope('"data":{"' .. ("\\u0041"):rep(count) .. '":"' .. ("\\u0031"):rep(count) .. '"}')
end)

-- ---- parameters ----

add("request.draft: many unknown parameters", function(n)
  local params = {}
  for i = 1, n / 64 do params["unknown_" .. i] = "x" end
  return function() request.draft(levin, params) end
end)
add("request.draft: many extra parameters", function(n)
  local extra = {}
  for i = 1, n / 4 do extra["e" .. i] = ("x"):rep(40) end
  return function()
    request.draft(levin, { customer_id = "9444444444", otp = "482917", otp_ref_id = "r", intent_id = "19" },
      { initiator_id = "9962981729", user_code = "20810200" }, { extra = extra })
  end
end)
local capture = request.checker(catalogue.get("dmt-fino-sender-ekyc").fields.piddata)
for _, unit in ipairs { "<", "<!--", "<!-- -->", "<!--->", "<![CDATA[", "<![CDATA[]]>", "]]", "--", "<?", "<??>", "<a ", "<a b=", "<a b='", "<a b='x' ",
  "a='b' ", "<a:b:", "</", "</a>", "<PidData>", "<PidData/>", "<Resp errCode='0'/>", "<Resp ", "errCode='0' ", "errInfo='",
  "\239\187\191", " \239\187\191", "&lt;", "= ", "'", '"', "/>", "0", " " } do
  for _, around in ipairs { { "", "" }, { "<PidData ", "/>" }, { "<PidData><Resp errCode='0' errInfo='", "'/></PidData>" }, { "<!-- ", " --><PidData/>" } } do
    add(("a capture: %q between %q and %q"):format(unit, around[1], around[2]), function(n)
      -- (Whole units, an even number of them: what is cut, or leaves a quote open, is told in other words.)
      local text = around[1] .. unit:rep(math.floor(n / #unit / 8) * 8) .. around[2]
      return function() capture(text) end
    end)
  end
end
add("request.draft: many extra parameters in a query", function(n)
  local extra = {}
  for i = 1, n / 4 do extra["e" .. i] = ("x"):rep(40) end
  return function()
    request.draft(get, { customer_id = "9444444444" }, { initiator_id = "9962981729", user_code = "20810200" }, { extra = extra })
  end
end)
add("json.encode: many members", function(n)
  local map = {}
  for i = 1, n / 4 do map["m" .. i] = i end
  return function() json.encode(map) end
end)

-- ---- HTTP ----

local function head_cases(name, bytes)
  add("an answer's head: " .. name, function(n)
    local text = bytes(n)
    local state = core.http1.exchange()
    return function()
      state:feed(text)
      pcall(state.result, state)
    end
  end)
  add("an answer's head in small pieces: " .. name, function(n)
    local text = bytes(n)
    local state = core.http1.exchange()
    return function()
      for i = 1, #text, 7 do state:feed(text:sub(i, i + 6)) end
    end
  end)
end

head_cases("a long reason", function(n) return "HTTP/1.1 200 " .. ("x"):rep(n) .. "\r\n\r\n" end)
head_cases("a long name", function(n) return "HTTP/1.1 200 OK\r\n" .. ("x"):rep(n) .. ": 1\r\n\r\n" end)
head_cases("a long value", function(n) return "HTTP/1.1 200 OK\r\na: " .. (" "):rep(n) .. "\r\n\r\n" end)
head_cases("headers", function(n) return "HTTP/1.1 200 OK\r\n" .. ("a: 1\r\n"):rep(math.floor(n / 32)) .. "content-length: 0\r\n\r\n" end)
head_cases("folds", function(n) return "HTTP/1.1 200 OK\r\na: 1" .. ("\r\n x"):rep(math.floor(n / 4)) .. "\r\ncontent-length: 0\r\n\r\n" end)
head_cases("a length again and again", function(n) return "HTTP/1.1 200 OK\r\ncontent-length: " .. ("0,"):rep(math.floor(n / 2)) .. "0\r\n\r\n" end)
head_cases("chunked again and again", function(n)
  return "HTTP/1.1 200 OK\r\ntransfer-encoding: " .. ("chunked, "):rep(math.floor(n / 9)) .. "chunked\r\n\r\n0\r\n\r\n"
end)
head_cases("no line end", function(n) return "HTTP/1.1 200 OK\r\na: " .. ("\r"):rep(n) end)
head_cases("chunks", function(n)
  return "HTTP/1.1 502 X\r\ntransfer-encoding: chunked\r\n\r\n" .. ("1\r\nx\r\n"):rep(math.floor(n / 6)) .. "0\r\n\r\n"
end)
head_cases("a connection header", function(n) return "HTTP/1.1 200 OK\r\nconnection: " .. (",a "):rep(math.floor(n / 3)) .. "\r\n\r\n" end)

-- ---- two that are not linear: what measures must see it ----

add("control: a pattern that begins anew at each byte", function(n)
  local text = ("x"):rep(math.floor(n / 4))
  return function() text:find "x+y" end
end)
add("control: a loop in a loop", function(n)
  return function()
    local count = 0
    for _ = 1, n / 4 do
      for _ = 1, n / 4 do count = count + 1 end
    end
  end
end)

return cases
