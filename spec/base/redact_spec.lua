local redact = require "eko.base.redact"

describe("redact.mask", function()
  it("shows four digits of an Aadhaar number and of a mobile, and nothing else that is sensitive", function()
    assert.equal("XXXXXXXX0124", redact.mask("aadhar", "234567890124"))
    assert.equal("XXXXXXXX0124", redact.mask("aadhaar", 234567890124))
    assert.equal("******4444", redact.mask("customer_id", "9444444444"))
    assert.equal("******4444", redact.mask("recipient_mobile", "9444444444"))
    for _, name in ipairs {
      "otp", "pan", "pan_number", "piddata", "wallet_token", "developer_key", "access_key", "secret-key", "secret_key",
      "Secret-Key", "account", "dob", "residence_address", "OTP",
    } do
      assert.equal("[redacted]", redact.mask(name, "value"), name)
      assert.is_true(redact.is_sensitive(name))
    end
    assert.equal("[redacted]", redact.mask("residence_address", { "12 Lake Road" }))
    assert.equal("[redacted]", redact.mask("aadhar", "1234"))
    assert.equal("[redacted]", redact.mask("aadhar", {}))
  end)

  it("leaves the rest alone", function()
    assert.equal("ref", redact.mask("otp_ref_id", "ref"))
    assert.equal(5, redact.mask("amount", 5))
    assert.equal("", redact.mask("otp", ""))
    assert.is_nil(redact.mask("otp", nil))
    assert.is_false(redact.is_sensitive("customer_id"))
    assert.is_false(redact.is_sensitive("tid"))
  end)
end)

describe("redact.text", function()
  it("removes the values of a call", function()
    assert.equal("otp [redacted]!", redact.text("otp 0123!", { otp = "0123" }))
    assert.equal("[redacted]-[redacted]", redact.text("aaabbb-aaabbb", { otp = "aaabbb" }))
    assert.equal("a.b%c [redacted]", redact.text("a.b%c %d+", { wallet_token = "%d+" }))
    assert.equal("line [redacted]", redact.text("line Lake Road", { residence_address = { "Lake Road" } }))
    assert.equal("n [redacted]", redact.text("n 4829", { otp = 4829 }))
    assert.equal("[redacted] x", redact.text("abcdef x", { otp = "abc", wallet_token = "abcdef" }))
  end)

  it("removes what looks like a secret", function()
    assert.equal("id XXXXXXXX0124.", redact.text("id 234567890124."))
    assert.equal("id XXXXXXXX0124.", redact.text("id 2345 6789 0124."))
    assert.equal("id XXXXXXXX0124.", redact.text("id 2345-6789-0124."))
    assert.equal("PAN [redacted]", redact.text("PAN ABCPE1234F"))
    assert.equal("pan [redacted]", redact.text("pan abcpe1234f"))
    assert.equal("to ******4444", redact.text("to 9444444444"))
    assert.equal("[redacted]", redact.text("eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln"))
  end)

  it("leaves ordinary text alone", function()
    for _, text in ipairs { "", "OTP expired", "tid 1234567890123456", "amount 110.00", "REQ-20260101-001" } do
      assert.equal(text, redact.text(text, { otp = "12", amount = 110 }))
    end
  end)
end)

describe("redact.table", function()
  it("copies, deep, without what is sensitive", function()
    local original = {
      status = 2131, message = "Validate OTP Failed 4829 for 9444444444",
      data = { account = "123456", list = { { aadhar = "234567890124", tid = "355419717321" } }, echo = "x 4829 x" },
      invalid_params = { otp = "wrong: 4829", customer_id = "does not exist", deep = { otp = "4829" } },
    }
    local shown = redact.table(original, { otp = "4829" })
    assert.same({
      status = 2131, message = "Validate OTP Failed [redacted] for ******4444",
      data = { account = "[redacted]", list = { { aadhar = "XXXXXXXX0124", tid = "355419717321" } }, echo = "x [redacted] x" },
      invalid_params = { otp = "wrong: [redacted]", customer_id = "does not exist", deep = { otp = "[redacted]" } },
    }, shown)
    assert.equal("123456", original.data.account)
  end)
end)

describe("redact.path", function()
  it("masks mobiles and drops the query", function()
    assert.equal("/customer/profile/******4444", redact.path("/customer/profile/9444444444?initiator_id=9962981729&otp=1"))
    assert.equal("/a/355419717321", redact.path("/a/355419717321"))
  end)

  it("leaves the identifier of a transaction whole, which may look like a mobile", function()
    assert.equal("/refund/9570311840/otp", redact.path("/refund/9570311840/otp", "9570311840"))
    assert.equal("/transaction/client_ref_id:9570311840", redact.path("/transaction/client_ref_id:9570311840?x=1", "client_ref_id:9570311840"))
    assert.equal("/******4444/refund/9570311840", redact.path("/9444444444/refund/9570311840", "9570311840"))
  end)
end)

describe("a text that is cut before it is searched", function()
  local LIMIT = 1000

  -- What would be recognised where it stands whole, and what of it may be seen.
  local SECRETS = {
    { text = "234567890124", seen = "0124" }, { text = "2345 6789 0124", seen = "0124" }, { text = "2345-6789-0124", seen = "0124" },
    { text = "9444444444", seen = "4444" }, { text = "ABCPE1234F" }, { text = "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJl" },
    { text = "a secret with blanks", params = { otp = "a secret with blanks" } },
    { text = ("<Pid>x</Pid>"):rep(60), params = { piddata = ("<Pid>x</Pid>"):rep(60) } },
    { text = "\226\130\172 12\255", params = { account = "\226\130\172 12\255" } },
  }

  it("shows nothing that was begun before the cut, wherever the cut falls", function()
    for _, secret in ipairs(SECRETS) do
      for _, before in ipairs { ".", "x ", "Id: ", "eyJ.", "/" } do
        for start = math.max(LIMIT - #secret.text - 3, LIMIT - 80), LIMIT + 2 do
          local padding = before:rep(math.ceil(start / #before)):sub(-start)
          local shown = redact.text(padding .. secret.text .. " and more", secret.params, LIMIT)
          local rest = shown:sub(#padding + 1):gsub("%.%.%.$", "")
          assert.is_nil(rest:find(secret.text:sub(1, 4), 1, true), ("%q after %d bytes: %q"):format(secret.text, start, rest))
        end
      end
    end
  end)

  it("keeps what is whole, and says that there was more", function()
    assert.equal("the words before, [redacted]...", redact.text("the words before, ABCPE1234F. 2345 6789 01", nil, 40))
    assert.equal("short", redact.text("short", nil, 5))
    assert.equal(("x"):rep(LIMIT - 13) .. "...", redact.text(("x"):rep(2 * LIMIT), nil, LIMIT))
    assert.is_true(#redact.text(("a b"):rep(redact.BODY_LIMIT)) <= redact.BODY_LIMIT + 3)
  end)
end)

describe("many secrets", function()
  it("are all covered, also where they overlap", function()
    for _, case in ipairs {
      { "111-111", { otp = "111" }, "[redacted]-[redacted]" },
      { "abc-defg", { account = "abc-def", otp = "abc-defg" }, "[redacted]" },
      { "abcde fghij", { account = "abcde", otp = "abcde fghij" }, "[redacted]" },
      { "12345 67890 1 2", { account = "1234567890", otp = "67890 1 2" }, "[redacted]" },
      { "-234567890124-", { aadhar = "234567890124" }, "-XXXXXXXX0124-" },
      { "+0\0b%+", { otp = "0\0b%" }, "+[redacted]+" },
      { "a ]]]^ e", { account = "]]]^" }, "a [redacted] e" },
    } do
      assert.equal(case[3], redact.text(case[1], case[2]), case[1])
    end
  end)

  it("are covered, word for word and no other, in random texts", function()
    local state = 20261
    local function random(n)
      state = (state * 1103515245 + 12345) % 2147483648
      return math.floor(state / 65536) % n + 1
    end
    local function text_of(alphabet, length)
      local parts = {}
      for i = 1, length do
        local at = random(#alphabet)
        parts[i] = alphabet:sub(at, at)
      end
      return table.concat(parts)
    end
    -- What is short is looked for as it was given; only whole words count.
    for _ = 1, 3000 do
      local text, secrets, covered = text_of("xyZ- ", random(40)), {}, {}
      for i = 1, random(5) do
        secrets[i] = text_of("xyz", 2 + random(2))
        local lower = ("-" .. text .. "-"):lower()
        for from, to in lower:gmatch("()%f[%w]" .. secrets[i] .. "()%f[%W]") do
          for at = from, to - 1 do covered[at - 1] = true end
        end
      end
      local left = {}
      for at = 1, #text do
        if not covered[at] then left[#left + 1] = text:sub(at, at) end
      end
      assert.equal(table.concat(left), (redact.text(text, { residence_address = secrets }):gsub("%[redacted%]", "")))
    end
  end)

  it("are prepared once for many texts", function()
    local secrets = redact.secrets { otp = 4829, aadhar = 234567890124, wallet_token = { "aaa", "bbb" }, tid = "555" }
    assert.equal("[redacted] XXXXXXXX0124 [redacted] [redacted] 555", redact.text("4829 234567890124 aaa bbb 555", secrets))
    assert.same({ x = "[redacted]" }, redact.table({ x = "4829" }, secrets))
  end)
end)

describe("redact.table's limit", function()
  it("holds whatever a body of that length can", function()
    for _, body in ipairs {
      '{"a":"' .. ("x"):rep(redact.BODY_LIMIT - 8) .. '"}', '{"a":[' .. ("1,"):rep(math.floor(redact.BODY_LIMIT / 2 - 8)) .. "1]}",
      '{"a":[' .. ('"",'):rep(math.floor(redact.BODY_LIMIT / 3 - 8)) .. '""]}', '{"a":[' .. ("[],"):rep(math.floor(redact.BODY_LIMIT / 3 - 8)) .. "[]]}",
    } do
      assert.is_true(#body <= redact.BODY_LIMIT)
      local value = require("eko.base.json").decode(body)
      assert.same(value, redact.table(value))
    end
  end)

  it("hides or leaves out what is beyond", function()
    local shown = redact.table({ list = { "aaaa", "bbbb", "cccc" } }, nil, 12)
    assert.same({ list = { "aaaa", "[redacted]" } }, shown)
    assert.same({ list = { "aaaa", "bbbb", "cccc" } }, redact.table({ list = { "aaaa", "bbbb", "cccc" } }, nil, math.huge))
  end)
end)

describe("a failing answer", function()
  local catalog, response = require "eko.wallets.catalogue", require "eko.call.response"
  local levin, transfer = catalog.get "ppi-levin-verify-otp", catalog.get "dmt-initiate-transfer"
  local EIGHT_MEGABYTES = 8388608

  local function read(endpoint, status, body)
    return response.read(endpoint, { status = status, headers = {}, body = body }, { client_ref_id = "r", facts = { client_ref_id = "r" } })
  end

  -- An envelope of a length, to the byte.
  local function long(codes, length)
    local head = '{' .. codes .. ',"message":"x","filler":"'
    return head .. ("y"):rep(length - #head - 2) .. '"}'
  end

  it("of 8 MB takes no more than a part of its own size to examine #harm08", function()
    local bodies = {
      long('"status":302,"response_type_id":302', EIGHT_MEGABYTES),
      '{"status":302,"response_type_id":302,"data":{' .. ('"a":"1234567890",'):rep(math.floor(EIGHT_MEGABYTES / 17)) .. '"b":1}}',
      "Bad gateway " .. ("2345 6789 0124 "):rep(math.floor(EIGHT_MEGABYTES / 15)),
    }
    for i, body in ipairs(bodies) do
      for _, status in ipairs { 200, 400, 403, 500, 502 } do
        collectgarbage()
        collectgarbage "stop"
        local before = collectgarbage "count"
        local _, err = read(levin, status, body)
        local used = collectgarbage "count" - before
        collectgarbage "restart"
        assert.equal(status, err.http_status)
        assert.is_true(used < 2048, ("body %d, status %d: %.0f KiB were used"):format(i, status, used))
      end
    end
  end)

  it("within the limit is judged whole, beyond it is unreadable", function()
    local body = '"status":302,"response_type_id":302,"tid":"5"'
    local limit = require("eko.base.redact").BODY_LIMIT
    for _, status in ipairs { 200, 400 } do
      local _, err = read(levin, status, long(body, limit))
      assert.equal("wrong_otp", err.name)
      assert.equal("5", err.response.tid)
      _, err = read(levin, status, long(body, limit + 1))
      assert.equal(status == 200 and "answer_too_long" or "bad_request", err.name)
      assert.equal(status == 200 and "decode" or "http", err.kind)
      assert.is_nil(err.response)
      assert.is_false(err.retryable)
    end
  end)

  it("beyond the limit never settles a debit, whatever it says", function()
    local limit = require("eko.base.redact").BODY_LIMIT
    for codes, within in pairs {
      ['"status":0,"response_type_id":325,"data":{"tx_status":"0","tid":"5","client_ref_id":"r"}'] = "result",
      ['"status":-1,"response_type_id":-1,"invalid_params":{"amount":"bad"}'] = "refused",
      ['"status":0,"response_type_id":325,"data":{"tx_status":"1","tid":"5","client_ref_id":"r"}'] = "refused",
    } do
      local _, _, verdict = read(transfer, 200, long(codes, limit))
      assert.equal(within, verdict.kind, codes)
      for _, status in ipairs { 200, 400, 422 } do
        local result, err
        result, err, verdict = read(transfer, status, long(codes, limit + 1))
        assert.is_nil(result)
        assert.equal("lost", verdict.kind, codes)
        assert.is_nil(err.response)
      end
    end
  end)

  it("beyond the limit never settles a debit either when it looks like a page or like nothing", function()
    local limit = require("eko.base.redact").BODY_LIMIT
    for _, unit in ipairs { "<p>", " ", "x" } do
      for status, within in pairs { [401] = "authentication", [403] = "authentication", [404] = "final", [405] = "final" } do
        for length, expected in pairs { [limit] = within, [limit + 3] = "lost" } do
          local result, _, verdict = read(transfer, status, unit:rep(math.floor(length / #unit)))
          assert.is_nil(result)
          assert.equal(expected, verdict.kind, status .. " " .. unit)
        end
      end
    end
  end)

  it("is as long a success as it likes", function()
    local id, outcome = next(levin.outcomes)
    local result = assert(read(levin, 200, long(('"status":0,"response_type_id":%d'):format(id), 4 * 65536)))
    assert.equal(outcome, result.outcome)
  end)
end)
