-- The forms in which platforms write what a call must not tell, and what looks like them and must stay: a table of each kind, then
-- random ones in random places.
local eko = require "eko"
local json = require "eko.base.json"
local redact = require "eko.base.redact"

local CALL = {
  initiator_id = "9962981729", user_code = "20810200", client_ref_id = "REQ-570311-1", customer_id = "9444444444",
  otp = "570311", otp_ref_id = "f47ac10b-5703-4372-a567-0e02b2c3d479", aadhar = "234567890124", pan_number = "ABCPE1234F",
  wallet_token = "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJl", account = "918273645546372819", dob = "1990-02-03",
  residence_address = { "12 Lake Road", "Pune", "caf\195\169 Lane" }, piddata = '<PidData a="1">\n<Data>AbC+/=</Data></PidData>',
  developer_key = "becbbce45f79c6f5109f848acd540567", access_key = "f74c50a1-f705-4634-9cda-30a477df91b7",
  secret_key = "MC6dKW278tBef+AuqL/5rW2K3WgOegF0ZHLW/FriZQw=", recipient_mobile = "09888888888", amount = 1100,
}

-- What is hidden -> the forms in which it may be written.
local FORMS = {
  otp = { "570311", "570 311", "570-311", "5 7 0 3 1 1", "57-03-11", "#570311", "(570311)", "otp_570311", "570311.",
    "570\194\160311", "570\226\128\175311", "570\226\128\147311",
    "%35%37%30%33%31%31",
    "\\u0035\\u0037\\u0030311", "&#53;70311", "\239\188\149\239\188\151\239\188\144311", "\\n570311", "OTP\\t570311\\r\\n", '\\"570311\\"' },
  aadhar = { "234567890124", "2345 6789 0124", "2345-6789-0124", "23456 78901 24", "2345.6789.0124", "2345_6789_0124", "234567 890124",
    "234 567 890 124", "2 3 4 5 6 7 8 9 0 1 2 4", "2345\194\1606789\194\1600124", "2345\226\128\1476789\226\128\1470124", "2345  6789  0124",
    "2345 - 6789 - 0124", "2345/6789/0124", "2345,6789,0124", "2345\t6789\t0124", "2345%206789%200124", "2345+6789+0124",
    "2345&nbsp;6789&#160;0124", "2345\\u00a06789\\u00a00124", "UID234567890124", "2345\n6789\n0124", "%32%33456789%30124",
    "%2532%2533%2534567890124",
    "\224\165\168\224\165\169\224\165\170\224\165\171\224\165\172\224\165\173\224\165\174\224\165\1750124" },
  pan_number = { "ABCPE1234F", "abcpe1234f", "AbcPe1234F", "ABCPE-1234F", "ABCPE 1234 F", "ABCPE-1234-F", "ABCPE.1234.F", "abcpe 1234 f",
    "ABC PE1 234F", "A B C P E 1 2 3 4 F", "ABCPE%2D1234F", "ABCPE_1234_F", "ABCPE/1234/F", "%41BCPE1234F" },
  customer_id = { "9444444444", "09444444444", "mobile9444444444x", "919444444444",
    "+919444444444", "00919444444444", "+91 94444 44444", "+91-9444444444",
    "94444 44444", "94444-44444", "944 444 4444", "9444 444 444", "(0)9444444444", "0 94444 44444", "%2B919444444444", "94444.44444" },
  recipient_mobile = { "9888888888", "09888888888", "98888 88888", "+91 98888 88888" },
  wallet_token = { "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJl", "eyJhbGciOiJIUzI1NiJ9%2EeyJhIjoxfQ%2Ec2lnbmF0dXJl",
    "xeyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJlx", "EYJHBGCIOIJIUZI1NIJ9.EYJHIJOXFQ.C2LNBMF0DXJL" },
  account = { "918273645546372819", "9182 7364 5546 3728 19", "9182-7364-5546-3728-19", "918273645546372819%20" },
  dob = { "1990-02-03", "03-02-1990", "03/02/1990", "3/2/1990", "03.02.1990", "1990/02/03", "19900203", "02/03/1990", "3 Feb 1990",
    "03 February 1990", "Feb 3, 1990", "03-FEB-1990", "3rd Feb 1990", "1990-02-03T00:00:00", "1990-02-03T00:00:00.000Z",
    "1990-02-03T00:00:00Z",
    "1990\\/02\\/03" },
  residence_address = { "12 Lake Road", "12, LAKE ROAD", "12+Lake+Road", "12%20Lake%20Road", "12  Lake\nRoad", "Pune", "PUNE",
    "caf\195\169 Lane", "caf\\u00e9 Lane", "caf%C3%A9%20Lane" },
  piddata = { CALL.piddata, json.encode(CALL.piddata), "&lt;PidData a=&quot;1&quot;&gt;\n&lt;Data&gt;AbC+/=&lt;/Data&gt;&lt;/PidData&gt;" },
  developer_key = { CALL.developer_key, CALL.developer_key:upper(), "key=" .. CALL.developer_key .. "&x" },
  access_key = { CALL.access_key, (CALL.access_key:gsub("-", "")), CALL.access_key:upper() },
  secret_key = { CALL.secret_key, "MC6dKW278tBef%2BAuqL%2F5rW2K3WgOegF0ZHLW%2FFriZQw%3D", "MC6dKW278tBef+AuqL\\/5rW2K3WgOegF0ZHLW\\/FriZQw=" },
}

-- What a reader could make of a text: without anything but letters and digits, escapes undone as far as he can.
local function folded(text)
  local escapes = require "eko.base.redact.escapes"
  local all = {}
  for i, view in ipairs(escapes.views(text)) do all[i] = view.text:lower():gsub("[^a-z0-9]+", "") end
  return table.concat(all, "|")
end

local PLACES = { "%s", "Invalid %s", "%s is not valid", "wrong (%s), try again", "value=%s;", "<b>%s</b>", "a\t%s\nb",
  '{"x":"%s"', "\226\130\172%s\226\130\172" }

local function put(place, text) return (place:gsub("%%s", function() return text end)) end

local secrets = redact.secrets(CALL)

describe("in prose a secret is hidden", function()
  for name, forms in pairs(FORMS) do
    it("as a whole word in every form: " .. name, function()
      for _, form in ipairs(forms) do
        for _, place in ipairs(PLACES) do
          local shown = redact.text(put(place, form), secrets)
          local cover = { "[redacted]", "XXXXXXXX0124", "******4444", "******8888", "XXXXXXXX4444", "XXXXXXXX8888" }
          local is_covered = false
          for _, each in ipairs(cover) do is_covered = is_covered or shown:find(each, 1, true) ~= nil end
          assert.is_true(is_covered, ("%q is shown: %q"):format(put(place, form), shown))
          for part in folded(form):gmatch "[^|]+" do
            if #part > 4 and not part:find "^%d%d%d%d%d?$" then assert.is_nil(folded(shown):find(part, 1, true), ("%q is shown: %q"):format(form, shown)) end
          end
          local value = redact.table({ unknown = put(place, form), [put(place, form)] = 1 }, secrets)
          assert.equal(shown, value.unknown)
          assert.equal(1, value[shown])
        end
      end
    end)
  end

  it("under a harmless name also where it is a number", function()
    local shown = redact.table({ a = 570311, b = 234567890124, c = 9444444444, d = 570312, e = { 570311 }, f = 0.5, g = 345678901234 }, secrets)
    assert.same({ a = "[redacted]", b = "XXXXXXXX0124", c = "******4444", d = 570312, e = { "[redacted]" }, f = 0.5, g = "XXXXXXXX1234" },
      shown)
    assert.same({ a = "[redacted]" }, redact.table({ a = 12345 }, { otp = "012345" }))
  end)

  it("not when it has less than three characters", function()
    assert.equal("12 attempts", redact.text("12 attempts", { otp = "12" }))
    assert.equal("[redacted] attempts", redact.text("123 attempts", { otp = "123" }))
  end)
end)

describe("a secret that an identifier is equal to", function()
  local ANSWER = { data = { tid = "570311", bank_ref_num = "234567890124", otp_ref_id = "ABCPE1234F", refund_tid = "570311-7" } }
  local both = redact.secrets(CALL, ANSWER)

  it("is hidden in prose all the same where it stands by itself", function()
    for _, secret in ipairs { "570311", "234567890124", "ABCPE1234F" } do
      for _, frame in ipairs { "%s", "OTP %s is wrong", "(%s)", "refused: %s.", "%s, %s", "value=%s" } do
        local shown = redact.text((frame:gsub("%%s", secret)), both)
        assert.is_nil(shown:find(secret, 1, true), shown)
      end
    end
  end)

  it("stays in its own member, and within a longer identifier", function()
    assert.equal("570311", redact.table(ANSWER, both).data.tid)
    assert.equal("refund 570311-7 is due", redact.text("refund 570311-7 is due", both))
    assert.equal("REQ-570311-1 is known", redact.text("REQ-570311-1 is known", both))
  end)
end)

describe("in prose what is no secret stays", function()
  for _, text in ipairs {
    -- a secret within a longer run of letters and digits
    "tid 3570311840", "tid 35703118401234", "ref A570311", "570311B", "9570311", "tid 235570311", "abcABCPE1234Fabc", "ABCPE1234FG", "punen",
    -- amounts
    "Rs. 570311.00", "INR 570311.5 debited", "amount 5703.11", "5,703.11", "Rs. 57,03,11.00", "balance 1570311.00", "1234567890.12 rupees",
    "110.00", "98765432.10",
    -- times, codes, addresses of machines
    "2026-11-27 10:20:30", "27/11/2026 10:20", "code 2131", "status 302, 310", "limit 5000 a day", "IP 192.168.100.200", "port 65535",
    "1700000000000", "1234567890123456", "since 2024 I",
    -- numbers of transactions, cards, references
    "UTR SBIN423412341234", "UTR SBINR52026112712345678", "card 1234-5678-9012-3456", "345678901234A", "TXN9777777777",
    "12345678-1234-1234-1234-12345678901a",
    -- identifiers of the call
    "client_ref_id REQ-570311-1 is used", "REQ-570311-1", "(REQ-570311-1).", "client_ref_id:REQ-570311-1", "ref=REQ-570311-1;",
    "otp_ref_id f47ac10b-5703-4372-a567-0e02b2c3d479", "user_code 20810200",
  } do
    it(text, function()
      assert.equal(text, redact.text(text, secrets))
      assert.same({ [text] = text }, redact.table({ [text] = text }, secrets))
    end)
  end

  it("whole where it is an identifier of the answer", function()
    local answer = {
      message = "tid 355419717321 (ref 9570311840), rrn 3554 1971 7322, id TX/570311/26, beneficiary 3570311840 25",
      data = { tid = "355419717321", list = { { bank_ref_num = 355419717322, bankRefNum = "355419717322" } }, refund_tid = "9570311840",
        application_id = "TX/570311/26" },
      beneficiary_id = 3570311840,
    }
    assert.same(answer, redact.table(answer, secrets))
    assert.equal(answer.message, redact.text(answer.message, redact.secrets(secrets, answer)))
    assert.not_equal(answer.message, redact.text(answer.message, secrets))
  end)
end)

describe("anybody's number is masked in prose", function()
  for text, shown in pairs {
    ["uid 345678901234"] = "uid XXXXXXXX1234", ["345678 901234"] = "XXXXXXXX1234", ["34567 89012 34"] = "XXXXXXXX1234",
    ["3456.7890.1234"] = "XXXXXXXX1234", ["3456\194\1607890\194\1601234"] = "XXXXXXXX1234", ["3456%207890%201234"] = "XXXXXXXX1234",
    ["482917 3456 7890 1234"] = "482917 XXXXXXXX1234", ["PQRPS4321Z"] = "[redacted]", ["PQRPS-4321Z"] = "[redacted]",
    ["pqrps4321z"] = "[redacted]", ["PQRPS 4321 Z"] = "[redacted]", ["to 9777777777"] = "to ******7777", ["09777777777"] = "******7777",
    ["97777 77777"] = "******7777", ["977-777-7777"] = "******7777", ["097777 77777"] = "******7777", ["919777777777"] = "XXXXXXXX7777",
    ["eyJhIjoxfQ.eyJiIjoyfQ.c2ln"] = "[redacted]",
  } do
    it(text, function() assert.equal(shown, redact.text(text)) end)
  end
end)

describe("a member", function()
  it("that is named as identifier, amount, fee, code, limit or time is not touched", function()
    local kept = {}
    for name in ([[tid refund_tid client_ref_id otp_ref_id bank_ref_num recipient_id beneficiary_id bank_recipient_id kyc_request_id
      application_id intent_id consentId pkid reference_tid transaction_id txnId TID utr upstream_rrn acknowledgement_number csp_id wallet_id
      reference_id approvalreferencenumber bbpstrxnrefid
      amount total_amount totalAmount fee fees commission tds balance service_tax collectable_amount refunded_amount customer_balance
      next_allowed_limit total_monthly_limit remaining_limit_before_pan_required used remaining unavailable gst_benefit total_sent
      response_type_id response_status_id code status_code user_code service_code error_code
      account_type id_proof_type_id recipient_id_type channel timestamp transaction_date otp_expiry_timestamp date createdAt
      secret-key-timestamp]]):gmatch "%S+" do
      kept[name] = { "570311", "3570311840", "355419717321", 570311, 355419717321, "9570311840", "234567-890129" }
    end
    for name, values in pairs(kept) do
      for _, value in ipairs(values) do
        assert.same({ [name] = value, data = { { [name] = value } } }, redact.table({ [name] = value, data = { { [name] = value } } }, secrets))
      end
    end
    local texts = {
      amount = "Rs. 570311.00", timestamp = "2026-11-27 10:20:30", fee = "1 100.00", date = "27 11 2026 1020",
      otp_ref_id = "9444444444~9444444444~Channel4~570311", balance = "2.20834002375E9",
    }
    assert.same(texts, redact.table(texts, secrets))
    assert.same({ status = 4829, tx_status = "48291", kyc_state = "482" }, redact.table({ status = 4829, tx_status = "48291", kyc_state = "482" },
      { otp = { "4829", "48291", "482" } }))
    assert.same({ timestamp = "1100-11-27 10:20:30" }, redact.table({ timestamp = "1100-11-27 10:20:30" }, { otp = "1100" }))
  end)

  it("that is named so holds no prose", function()
    assert.same({ code = "wrong OTP [redacted]", tid = "uid XXXXXXXX0124", tx_status = "[redacted]", status = "[redacted]" },
      redact.table({ code = "wrong OTP 570311", tid = "uid 2345 6789 0124", tx_status = "570311", status = 570311 }, secrets))
  end)

  it("that is named so and holds what cannot be there by chance is hidden", function()
    local shown = redact.table({ tid = CALL.wallet_token, code = CALL.developer_key, status = CALL.pan_number, client_ref_id = CALL.aadhar }, secrets)
    assert.same({ tid = "[redacted]", code = "[redacted]", status = "[redacted]", client_ref_id = "XXXXXXXX0124" }, shown)
  end)

  it("with a sensitive name is masked whatever it holds", function()
    for name in ([[otp OTP pin pinNo pan pan_no PAN_Number piddata wallet_token otp_verification_token developer_key access_key
      secret-key account account_number bank_account_no dob date_of_birth residence_address masked_aadhaar Authorization]]):gmatch "%S+" do
      for _, value in ipairs { "x1", 12, true, { "y" } } do assert.same({ [name] = "[redacted]" }, redact.table { [name] = value }, name) end
    end
    assert.same({ aadhaar_number = "XXXXXXXX0124", uid = "[redacted]", mobile = "******4444", phone = "******4444" },
      redact.table { aadhaar_number = 234567890124, uid = "12", mobile = "9444444444", phone = 9444444444 })
  end)

  it("of the answer that is sensitive is hidden in its texts too", function()
    local shown = redact.table { message = "OTP is 4829 for account 00123, required", data = { otp = "4829", account = "00123", pan = "required" } }
    assert.equal("OTP is [redacted] for account [redacted], required", shown.message)
  end)

  it("of what is wrong with parameters is read as prose, also in lists and deeper", function()
    local shown = redact.table({ invalid_params = { otp = "570311 is wrong", aadhar = { "no 2345 6789 0124" }, amount = "at least 100",
      { name = "otp", message = "570311?" }, deep = { otp = "1" } } }, secrets)
    assert.same({ otp = "[redacted] is wrong", aadhar = { "no XXXXXXXX0124" }, amount = "at least 100",
      { name = "otp", message = "[redacted]?" }, deep = { otp = "[redacted]" } }, shown.invalid_params)
  end)
end)

-- ---- random secrets in random places of real answers ----

local state = 570311
local function random(n)
  state = (state * 1103515245 + 12345) % 2147483648
  return math.floor(state / 65536) % n + 1
end

local function one_of(list) return list[random(#list)] end

local function run_of(alphabet, length)
  local parts = {}
  for i = 1, length do
    local at = random(#alphabet)
    parts[i] = alphabet:sub(at, at)
  end
  return table.concat(parts)
end

local function grouped(digits)
  local parts, joint = {}, one_of { " ", "-", ".", "\194\160", "" }
  while digits ~= "" do
    local size = 1 + random(5)
    parts[#parts + 1] = digits:sub(1, size)
    digits = digits:sub(size + 1)
  end
  return table.concat(parts, joint)
end

local DIGITS = "0123456789"

local function made_up()
  return {
    otp = "9" .. run_of("0123456789", 2 + random(4)), aadhar = "2" .. run_of(DIGITS, 11), pan = run_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 5)
      .. run_of(DIGITS, 4) .. run_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1), mobile = one_of { "9", "8", "7", "6" } .. run_of(DIGITS, 9),
    token = "eyJ" .. run_of("abcXYZ019_-", 30 + random(60)) .. "." .. run_of("abcXYZ019_-", 40) .. "." .. run_of("abcXYZ019_-", 20),
  }
end

local function written(kind, value)
  if kind == "aadhar" then return grouped(value) end
  if kind == "mobile" then return one_of { "", "0", "+91 ", "91", "+91" } .. one_of { value, value:sub(1, 5) .. " " .. value:sub(6) } end
  if kind == "pan" then return one_of { value, value:lower(), value:sub(1, 5) .. "-" .. value:sub(6) } end
  return value
end

-- Everything that a program could write into its log of an error.
local function told(err, into, seen)
  if type(err) == "table" then
    if seen[err] then return into end
    seen[err] = true
    for name, value in pairs(err) do
      told(name, into, seen)
      told(value, into, seen)
    end
  else
    into[#into + 1] = tostring(err)
  end
  return into
end

local function answer_with(texts, ids)
  local function text() return one_of(texts) end
  return one_of {
    function() return 200, { status = 302, response_type_id = 302, message = text(), data = { description = text(), tid = ids.tid, note = text() } } end,
    function() return 200, { status = 97, response_type_id = -1, message = text(), invalid_params = { aadhar = text(), [text()] = "bad" }, data = ids } end,
    function() return 200, { message = text(), data = { ids, { text(), { [text()] = text() } } } } end,
    function() return 400, { status = 1, message = text(), data = { deep = { deeper = { text() } } }, tid = ids.tid, reason = text() } end,
    function() return 403, { error = text(), client_ref_id = ids.client_ref_id } end,
  }()
end

describe("random secrets", function()
  it("are never told by an error or an event, and identifiers are never cut", function()
    local current, asked = nil, 0
    local heard = {}
    local client = eko.client {
      developer_key = "becbbce45f79c6f5109f848acd540567", access_key = "canary-access-key-7f3a9d", initiator_id = "9962981729",
      user_code = "20810200", retries = 0, base_url = "http://127.0.0.1:1/v3",
      on_exchange = function(event) told(event, heard, {}) end,
      transport = function(request)
        asked = asked + 1
        current.signature = request.headers["secret-key"]
        local texts = {}
        for kind, value in pairs(current.secrets) do
          for _ = 1, 2 do
            texts[#texts + 1] = one_of { "Invalid ", "", "value: ", "OTP=" } .. written(kind, value) .. one_of { "", " is wrong", ".", ", try again" }
          end
        end
        texts[#texts + 1] = "key " .. current.signature .. " becbbce45f79c6f5109f848acd540567 canary-access-key-7f3a9d"
        texts[#texts + 1] = "tid " .. current.ids.tid
        local status, answer = answer_with(texts, current.ids)
        if status == 403 then return { status = 403, headers = {}, body = one_of(texts) } end
        current.answer = answer
        return { status = status, headers = {}, body = json.encode(answer) }
      end,
    }
    for _ = 1, 400 do
      local s = made_up()
      local otp = s.otp
      current = { secrets = s, ids = {
        tid = one_of { "3" .. otp .. "840", "355" .. otp .. "1", run_of("123456789", 12) }, client_ref_id = "r" .. otp, amount = otp .. ".00",
        otp_ref_id = "a-" .. run_of(DIGITS, 4) .. "-b" .. otp, bank_ref_num = run_of("345", 12),
      } }
      local _, err = client:call("ppi-levin-validate-pan", { customer_id = s.mobile, pan_number = s.pan, wallet_token = s.token,
        client_ref_id = "r" .. otp }, { extra = { otp = otp, aadhar = s.aadhar } })
      local all = table.concat(told(err, { tostring(err) }, {}), "\n") .. "\n" .. table.concat(heard, "\n")
      heard = {}
      for kind, value in pairs { aadhar = s.aadhar, pan = s.pan, token = s.token, mobile = s.mobile, signature = current.signature,
        developer_key = "becbbce45f79c6f5109f848acd540567", access_key = "canary-access-key-7f3a9d" } do
        local bare = value:lower():gsub("[^a-z0-9]", "")
        for line in all:gmatch "[^\n]+" do
          assert.is_nil(line:lower():gsub("[^a-z0-9]", ""):find(bare, 1, true), kind .. " is told: " .. line)
        end
      end
      for line in all:gmatch "[^\n]+" do
        if line ~= current.ids.amount then -- which may be the same digits
          assert.is_nil((" " .. line .. " "):find("%f[%w]" .. otp .. "%f[%W]"), "the OTP is told: " .. line)
        end
      end
      if err.response then
        local function same(theirs, ours)
          for name, value in pairs(theirs) do
            if type(value) == "table" and type(ours[name]) == "table" then same(value, ours[name])
            elseif current.ids[name] == value then assert.equal(value, ours[name]) end
          end
        end
        same(current.answer, err.response)
      end
    end
    assert.equal(400, asked)
  end)
end)
