local catalogue = require "eko.wallets.catalogue"
local errors = require "eko.base.errors"
local json = require "eko.base.json"
local response = require "eko.call.response"
local math_type = math.type -- luacheck: ignore (Lua 5.3 and later)

local VERIFY = catalogue.get "ppi-levin-verify-otp"
local RECIPIENTS = catalogue.get "ppi-levin-get-recipients"
local SENDER = catalogue.get "ppi-levin-get-sender"
local PLAN = {
  client_ref_id = "REQ-1",
  draft = {
    secrets = function()
      return {
        otp = "482915", aadhar = "234567890124", pan_number = "ABCPE1234F", wallet_token = "tok-secret-1", customer_id = "9444444444",
      }
    end,
  },
}

local function read(status, body, endpoint, headers)
  local http = { status = status, headers = headers or {}, body = body, timings = { total = 1 } }
  local answer, err = response.read(endpoint or VERIFY, http, PLAN)
  if err then
    assert.is_nil(answer)
    assert.is_true(errors.is(err))
    assert.is_true(err.sent)
    assert.equal("REQ-1", err.client_ref_id)
    assert.equal(status, err.http_status)
  end
  return answer, err
end

local PROFILE = '{"status":0,"response_status_id":-1,"response_type_id":309,"message":"ok","data":{"a":null,"b":[],"c":250121123714472002}}'

describe("an answer", function()
  it("is the envelope with outcome and meta", function()
    local answer = assert(read(200, PROFILE))
    assert.equal("verified", answer.outcome)
    assert.equal(309, answer.response_type_id)
    assert.equal(json.null, answer.data.a)
    assert.same({}, answer.data.b)
    assert.equal("250121123714472002", answer.data.c)
    assert.same({ slug = "ppi-levin-verify-otp", http_status = 200, client_ref_id = "REQ-1", timings = { total = 1 },
      attempts = 1 }, answer.meta)
    if math_type then
      assert.equal("integer", math_type(answer.status))
    end
  end)

  it("keeps members of its own called outcome or meta aside", function()
    local answer = assert(read(200, '{"status":0,"response_type_id":309,"outcome":"failed","meta":{"x":1}}'))
    assert.equal("verified", answer.outcome)
    assert.same({ outcome = "failed", meta = { x = 1 } }, answer.meta.raw)
  end)

  it("may come with blanks around it, and without a plan", function()
    assert.equal("verified", assert(read(200, "\r\n " .. PROFILE .. "\n")).outcome)
    assert.equal("verified", response.read(VERIFY, { status = 200, body = PROFILE }).outcome)
    local _, err = response.read(VERIFY, { status = 502 })
    assert.equal("bad_gateway", err.name)
  end)

  it("counts without a status when it has a response_type_id that is listed", function()
    assert.equal("verified", assert(read(200, '{"response_type_id":309}')).outcome)
    assert.equal("unrecognised_failure", select(2, read(200, '{"response_type_id":-1}')).name)
  end)

  it("is never a success with a status that is no number", function()
    for _, status in ipairs { '"OK"', "true", "[]", "{}", '"0x0"', '"0 "', "0.5" } do
      local answer, err = read(200, '{"status":' .. status .. ',"response_type_id":309}')
      assert.is_nil(answer)
      assert.equal("unrecognised_failure", err.name)
    end
    assert.is_table(read(200, '{"status":null,"response_type_id":309}'))
  end)
end)

describe("what is no envelope", function()
  it("is an error that says what it is", function()
    local cases = {
      { '{"message":"No key for Response"}', "api", "no_envelope" },
      { "{}", "api", "no_envelope" },
      { '{"status":null,"response_type_id":null}', "api", "no_envelope" },
      { "[]", "decode", "not_an_object" },
      { '["x"]', "decode", "not_an_object" },
      { "12", "decode", "not_an_object" },
      { "null", "decode", "not_an_object" },
      { "false", "decode", "not_an_object" },
      { '"text"', "decode", "not_an_object" },
      { '{"status":0,"response_type_id":30', "decode", "invalid_json" },
      { '{"status":NaN}', "decode", "invalid_json" },
      { "<html><body>Bad Gateway</body></html>", "decode", "invalid_json" },
      { "Kindly use your production key", "decode", "invalid_json" },
      { "", "http", "empty_answer" },
      { " \r\n", "http", "empty_answer" },
    }
    for _, case in ipairs(cases) do
      local _, err = read(200, case[1])
      assert.equal(case[2], err.kind, case[1])
      assert.equal(case[3], err.name, case[1])
      assert.is_false(err.retryable)
    end
    assert.is_truthy(tostring(select(2, read(200, "<html>"))):find("HTML", 1, true))
    assert.is_truthy(select(2, read(200, '{"message":"No key for Response"}')).message:find("No key for Response", 1, true))
    assert.equal("empty_answer", select(2, read(204, nil)).name)
  end)
end)

describe("an HTTP status", function()
  it("other than 2xx names the error", function()
    local cases = {
      { 301, "redirect" }, { 302, "redirect" }, { 307, "redirect" }, { 400, "bad_request" }, { 401, "forbidden" },
      { 403, "forbidden" }, { 404, "not_found" }, { 405, "method_not_allowed" }, { 408, "request_timeout" },
      { 413, "request_too_large" }, { 415, "unsupported_media_type" }, { 418, "bad_request" }, { 429, "rate_limited" },
      { 500, "server_error" }, { 502, "bad_gateway" }, { 503, "service_unavailable" }, { 504, "gateway_timeout" },
      { 599, "server_error" }, { 199, "unexpected_status" },
    }
    for _, case in ipairs(cases) do
      for _, body in ipairs { "", "plain words", "<html></html>", '{"message":"x"}', '{"status":1,"message":"x"}', PROFILE } do
        if not (case[1] == 400 and body:find('"status":1', 1, true)) then
          local _, err = read(case[1], body)
          assert.equal("http", err.kind, case[1] .. body)
          assert.equal(case[2], err.name)
          assert.equal(case[1], err.code)
        end
      end
    end
  end)

  it("of an authentication failure is named by its code", function()
    local names = {
      [2483] = "wrong_developer_key", [2484] = "bad_signature", [2485] = "expired_timestamp", [2486] = "invalid_timestamp",
      [2487] = "missing_security_headers",
    }
    for code, name in pairs(names) do
      for _, status in ipairs { 401, 403, 200 } do
        for _, body in ipairs {
          ('{"message":"m","status":%d,"response_type_id":%d,"response_status_id":1}'):format(code, code),
          ('{"message":"m","status":1,"response_type_id":%d,"response_status_id":1}'):format(code),
          ('{"message":"m","status":"%d"}'):format(code),
        } do
          local _, err = read(status, body)
          assert.equal("api", err.kind)
          assert.equal(name, err.name)
          assert.equal(code, err.code)
          assert.is_true(err.retryable, "it was not processed, and does not move money")
        end
      end
    end
  end)

  it("of 4xx gives way to an envelope that knows more", function()
    local cases = {
      { 400, '{"status":1,"response_status_id":302,"response_type_id":-1}', "wrong_otp", 1 },
      { 400, '{"status":463,"response_status_id":1,"response_type_id":-1}', "user_not_found", 463 },
      { 403, '{"status":346,"response_type_id":-1,"message":"Agent not allowed"}', "agent_not_allowed", 346 },
      { 404, '{"status":463}', "user_not_found", 463 },
      { 422, '{"status":97,"invalid_params":{"otp":"missing"}}', "missing_parameter", 97 },
    }
    for _, case in ipairs(cases) do
      local _, err = read(case[1], case[2])
      assert.equal("api", err.kind)
      assert.equal(case[3], err.name)
      assert.equal(case[4], err.code)
    end
  end)

  it("of a bad request says what the platform said, whatever its codes", function()
    local cases = {
      { 400, '{"status":1,"response_status_id":-1,"message":"Mandatory parameter missing"}', "bad_request", "Mandatory parameter missing" },
      { 400, '{"status":1,"response_type_id":1388,"message":"no"}', "bad_request", "no" }, { 422, '{"status":999,"message":"no"}', "bad_request", "no" },
      { 400, '{"message":"no"}', "bad_request", "no" }, { 400, "no", "bad_request", "no" }, { 400, '{"status":0,"message":"no"}', "bad_request", "no" },
      { 400, '{"status":1}', "bad_request", "" }, { 400, '{"status":1,"data":{"reason":"no"}}', "bad_request", "no" },
      { 400, '{"status":1,"invalid_params":{"otp":"is missing"}}', "validation_failed", "", "is missing" },
      { 400, '{"status":1,"message":"no","data":{"invalid_params":["otp: is missing"]}}', "validation_failed", "no", "is missing" },
      { 400, '{"message":"no","invalid_params":{"otp":"is missing"}}', "bad_request", "no", "is missing" },
      { 404, '{"message":"no","invalid_params":{"otp":"is missing"}}', "not_found", "no", "is missing" },
      { 200, '{"status":999,"response_type_id":-1,"invalid_params":{"otp":"is missing"}}', "validation_failed", "", "is missing" },
      { 200, '{"status":999,"response_type_id":-1,"message":"no"}', "unrecognised_failure", "no" },
    }
    for _, case in ipairs(cases) do
      local _, err = read(case[1], case[2])
      assert.equal(case[3], err.name, case[2])
      assert.truthy(err.message:find(case[4], 1, true), err.message)
      assert.same(case[5] and { otp = case[5] }, err.invalid_params)
    end
  end)

  it("that refuses access, and a wrong key, name a proxy that drops a header first and whitelisting last, if at all", function()
    for _, case in ipairs { { 403, "Forbidden" }, { 401, "" }, { 401, '{"status":2483,"response_type_id":2483}' } } do
      local message = select(2, read(case[1], case[2])).message
      local header, environment = message:find("proxy", 1, true), message:find("sandbox", 1, true)
      assert.is_true(header < environment)
      assert.is_true((message:find("whitelisted", 1, true) or math.huge) > environment)
    end
  end)

  it("says whether the call may be repeated", function()
    for status, wanted in pairs { [429] = true, [500] = true, [503] = true, [404] = false, [403] = false } do
      assert.equal(wanted, select(2, read(status, "", RECIPIENTS)).retryable)
      assert.is_false(select(2, read(status, "", VERIFY)).retryable)
      assert.is_false(select(2, read(status, "", SENDER)).retryable, "it sends an SMS")
    end
    assert.equal(7, select(2, read(429, "", RECIPIENTS, { ["retry-after"] = "7" })).retry_after)
    assert.equal(90, select(2, read(429, "", RECIPIENTS, {
      ["retry-after"] = "Sat, 21 Nov 2026 20:01:30 GMT", date = "Sat, 21 Nov 2026 20:00:00 GMT",
    })).retry_after)
    assert.is_nil(select(2, read(429, "", RECIPIENTS, { ["retry-after"] = "soon" })).retry_after)
  end)
end)

describe("an error of the platform", function()
  it("has invalid_params under either name", function()
    for _, key in ipairs { "invalid_params", "invalid_parameters" } do
      local _, err = read(200, '{"status":463,"response_status_id":1,"response_type_id":-1,"message":"m","' .. key
        .. '":{"customer_id":"customer_id does not exist in system","n":5,"o":{},"p":null}}')
      assert.equal("user_not_found", err.name)
      assert.same({ customer_id = "customer_id does not exist in system", n = "5" }, err.invalid_params)
      assert.equal("customer_id does not exist in system", err.response[key].customer_id)
    end
    for _, odd in ipairs { "[]", '""', "null", "[1]", "{}" } do
      assert.is_nil(select(2, read(200, '{"status":97,"invalid_params":' .. odd .. "}")).invalid_params)
    end
  end)

  it("of Fino's 2131 names both of its causes, unless the hint tells which", function()
    local fino = catalogue.get "dmt-fino-validate-ekyc-otp"
    local _, err = read(200, '{"status":2131,"response_status_id":1,"response_type_id":2131,"data":{"description":"Customer Already registred"}}', fino)
    assert.equal("otp_verification_failed", err.name)
    assert.truthy(err.message:find "OTP was not accepted" and err.message:find "registered already")
    assert.equal("wrong_otp", select(2, read(200, '{"status":2131,"response_status_id":302,"response_type_id":2131}', fino)).name)
  end)

  it("quotes the platform, but no secret, and not at length", function()
    local _, err = read(200, json.encode {
      status = 461, response_type_id = -1,
      message = "otp 482915, 2345 6789 0124 and 234567890124, PAN ABCPE1234F or XYZPK9999Q, mobile 9444444444, "
        .. "tok-secret-1 " .. ("x"):rep(500),
      data = {
        otp = "482915", aadhar = "234567890124", wallet_token = "tok-secret-1", echo = "tok-secret-1",
        description = "\r\n482915",
      },
      invalid_params = { aadhar = "234567890124 is no number" },
    })
    local function all(value)
      if type(value) ~= "table" then
        return tostring(value)
      end
      local parts = {}
      for key, item in pairs(value) do
        parts[#parts + 1] = tostring(key) .. all(item)
      end
      return table.concat(parts, "|")
    end
    local shown = all(err) .. tostring(err)
    for _, secret in ipairs {
      "482915", "234567890124", "2345 6789 0124", "ABCPE1234F", "XYZPK9999Q", "tok-secret-1", "9444444444",
    } do
      assert.is_nil(shown:find(secret, 1, true), secret)
    end
    assert.is_truthy(err.message:find("XXXXXXXX0124", 1, true))
    assert.is_nil(err.message:find("%c"))
    assert.is_true(#err.message < 600)
    assert.is_truthy(err.message:find("the platform says", 1, true))
  end)

  it("quotes plain words of a refusal, redacted too", function()
    local _, err = read(403, "Kindly use registered credentials to access this API, 9444444444")
    assert.is_truthy(err.message:find("Kindly use registered credentials", 1, true))
    assert.is_nil(err.message:find("9444444444", 1, true))
    assert.is_truthy(err.message:find("whitelisted", 1, true))
  end)

  it("does not cut a letter in two", function()
    local _, err = read(200, json.encode { status = 461, message = ("क"):rep(200) })
    assert.is_truthy(require("eko.core").text.is_utf8(err.message))
  end)
end)
