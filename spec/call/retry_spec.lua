-- What is sent again, shown by what a transport is handed.
local core = require "eko.core"
local eko = require "eko"

local KEYS = { developer_key = "test-developer-key", access_key = "retry-spec-access-key", initiator_id = "9962981729", user_code = "20810200" }

local function client_with(transport, more)
  local options = { transport = transport, base_url = "http://127.0.0.1:1/ekoapi/v3" }
  for name, value in pairs(KEYS) do options[name] = value end
  for name, value in pairs(more or {}) do options[name] = value end
  return eko.client(options)
end

local function date(offset)
  return os.date("!%a, %d %b %Y %H:%M:%S GMT", math.floor(core.text.now_ms() / 1000 + offset))
end

-- Answers every request with `answer` (a table, or a function of the request's number), and inquiries with `inquiry`.
local function platform(answer, inquiry)
  local seen = { posts = 0, gets = 0, at = {} }
  return function(request)
    if request.method == "GET" and inquiry and request.url:find("/tools/reference/", 1, true) then
      seen.gets = seen.gets + 1
      return { status = inquiry.status or 200, headers = {}, body = inquiry.body }
    end
    seen.posts = seen.posts + 1
    seen.at[seen.posts] = core.text.monotonic()
    local given = type(answer) == "function" and answer(seen.posts) or answer
    if given.name then return nil, { name = given.name, sent = given.sent } end
    return { status = given.status or 200, headers = given.headers or {}, body = given.body }
  end, seen
end

local NOT_FOUND = { body = '{"status":168,"response_status_id":1,"response_type_id":-1,"message":"TID does not exist"}' }
local PROFILE = { body = '{"status":0,"response_status_id":-1,"response_type_id":309,"data":{}}' }
local NO_RECIPIENTS = { body = '{"status":0,"response_status_id":-1,"response_type_id":22}' }

local TRANSFER = { recipient_id = 1, amount = 100, customer_id = "9444444444", otp = "1234", otp_ref_id = "66", client_ref_id = "REF-1" }
local MONEY = {
  { "a transfer", "dmt-initiate-transfer", TRANSFER },
  { "a wallet's load", "ppi-digikhata-load-wallet", { customer_id = "9444444444", amount = "100", org_id = "1", client_ref_id = "REF-1" } },
}
local PID = '<?xml version="1.0"?><PidData></PidData>'
local VERIFY = { "ppi-levin-verify-otp", { customer_id = "9444444444", otp = "012345", otp_ref_id = "a+/=~", intent_id = "19" } }
local EKYC = { "dmt-fino-sender-ekyc", { customer_id = "9444444444", aadhar = "234567890124", piddata = PID } }

local function refused(status, code, when)
  local body = code and ('{"message":"m","status":%d,"response_type_id":%d,"response_status_id":1}'):format(code, code) or "Forbidden"
  return { status = status, headers = { date = when }, body = body }
end

-- Every authentication failure: { HTTP status, code or nil, seconds that its Date is off, or nil without one }.
local FAILURES = {}
for _, status in ipairs { 401, 403, 200 } do
  for _, code in ipairs { 2483, 2484, 2485, 2486, 2487, false } do
    if code or status ~= 200 then
      for _, off in ipairs { 0, 40, -40, 300, -300, 5000, false } do FAILURES[#FAILURES + 1] = { status, code, off } end
    end
  end
end

local function told(failure)
  return ("HTTP %d, code %s, Date off by %s"):format(failure[1], tostring(failure[2]), tostring(failure[3]))
end

local function answer_of(failure)
  return refused(failure[1], failure[2], failure[3] and date(failure[3]) or nil)
end

local number = 0
local function fresh_key() -- a key of its own: what one case corrects must not serve the next
  number = number + 1
  return { access_key = "retry-spec-" .. number }
end

describe("an authentication failure", function()
  it("of a call that moves money never makes us send it again #harm01", function()
    for _, money in ipairs(MONEY) do
      for _, failure in ipairs(FAILURES) do
        local transport, seen = platform(answer_of(failure), NOT_FOUND)
        client_with(transport, fresh_key()):call(money[2], money[3])
        assert.equal(1, seen.posts, money[1] .. ": " .. told(failure))
      end
    end
  end)

  it("of a call with a biometric capture does not either #harm01", function()
    for _, failure in ipairs(FAILURES) do
      local transport, seen = platform(answer_of(failure))
      client_with(transport, fresh_key()):call(EKYC[1], EKYC[2])
      assert.equal(1, seen.posts, told(failure))
    end
  end)

  it("is signed anew once, for another call: for each code, and without one when the clock is off", function()
    for _, failure in ipairs(FAILURES) do
      local transport, seen = platform(answer_of(failure))
      local _, err = client_with(transport, fresh_key()):call(VERIFY[1], VERIFY[2])
      local off = failure[3]
      local corrects = off and math.abs(off) > 30 and math.abs(off) < 600
      assert.equal((failure[2] or corrects) and 2 or 1, seen.posts, told(failure))
      assert.equal(seen.posts == 2 or nil, err.signed_again, told(failure))
    end
  end)

  it("that was mended by the new signature is a success, with its attempts", function()
    local transport, seen = platform(function(n) return n == 1 and refused(401, 2485) or PROFILE end)
    local answer = assert(client_with(transport, fresh_key()):call(VERIFY[1], VERIFY[2]))
    assert.same({ 2, 2 }, { seen.posts, answer.meta.attempts })
  end)
end)

describe("a repeated GET", function()
  local function recipients(client, options) return client.levin:recipients({ customer_id = "9444444444" }, options) end

  it("comes no sooner than a tenth of a second after the one before #harm11", function()
    for _ = 1, 12 do
      local transport, seen = platform { status = 503, body = "" }
      recipients(client_with(transport, { retries = 1 }))
      assert.equal(2, seen.posts)
      assert.is_true(seen.at[2] - seen.at[1] >= 0.1)
    end
  end)

  it("waits for what Retry-After asks, in seconds or as a date in any of its forms #harm11", function()
    local function in_two() return math.floor(core.text.now_ms() / 1000) + 2 end
    local forms = {
      function() return "1" end,
      function() return os.date("!%a, %d %b %Y %H:%M:%S GMT", in_two()) end,
      function() return os.date("!%A, %d-%b-%y %H:%M:%S GMT", in_two()) end,
      function() return (os.date("!%a %b %d %H:%M:%S %Y", in_two()):gsub(" 0(%d) ", "  %1 ")) end,
    }
    for _, status in ipairs { 429, 503 } do
      for index, form in ipairs(forms) do
        local transport, seen = platform(function(n)
          return n == 1 and { status = status, headers = { ["retry-after"] = form() }, body = "" } or NO_RECIPIENTS
        end)
        assert(recipients(client_with(transport)))
        assert.equal(2, seen.posts)
        assert.is_true(seen.at[2] - seen.at[1] >= 0.9, status .. ", form " .. index)
      end
    end
  end)

  it("is not made when what Retry-After asks lies behind the deadline, nor are nonsense values waited for", function()
    for _, text in ipairs { "3600", os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 3600) } do
      local transport, seen = platform { status = 429, headers = { ["retry-after"] = text }, body = "" }
      local _, err = recipients(client_with(transport, { timeout = 1 }))
      assert.equal(1, seen.posts)
      assert.is_true(err.retry_after > 3000)
    end
    for _, text in ipairs { "soon", "-5", "1e9", "", "99999999999999999999999", "Sun, 31 Feb 2027 00:00:00 GMT" } do
      local transport, seen = platform(function(n)
        return n == 1 and { status = 429, headers = { ["retry-after"] = text }, body = "" } or NO_RECIPIENTS
      end)
      local answer = recipients(client_with(transport, { timeout = 5 }))
      assert.equal(text:find "^999" and 1 or 2, seen.posts, text)
      assert.equal(text:find "^999" == nil, answer ~= nil)
    end
  end)

  it("is made as often as the call allows #harm11", function()
    for retries, wanted in pairs { [0] = 1, [1] = 2, [2] = 3 } do
      local transport, seen = platform { name = "connection_reset" }
      pcall(recipients, client_with(transport, { retries = 5 }), { retries = retries })
      assert.equal(wanted, seen.posts)
    end
    local client = client_with((platform(PROFILE)))
    for _, bad in ipairs { -1, 1.5, "2", 101 } do
      local ok, message = pcall(recipients, client, { retries = bad })
      assert.is_false(ok)
      assert.truthy(message:find("retries", 1, true))
    end
  end)
end)

describe("retryable", function()
  local catalogue = require "eko.wallets.catalogue"
  local errors = require "eko.base.errors"

  -- { error, of a GET, of a GET that sends an SMS, of a POST, of a biometric capture, of money }
  local CASES = {
    { { kind = "transport", name = "connection_refused", sent = false }, true, true, true, true, true },
    { { kind = "transport", name = "timestamps_exhausted", sent = false }, true, true, true, true, true },
    { { kind = "transport", name = "tls_verification_failed", sent = false }, false, false, false, false, false },
    { { kind = "transport", name = "wrong_phase", sent = false }, false, false, false, false, false },
    { { kind = "transport", name = "timeout" }, true, false, false, false, false },
    { { kind = "transport", name = "connection_closed", sent = true }, true, false, false, false, false },
    { { kind = "http", name = "rate_limited", http_status = 429, sent = true }, true, false, false, false, false },
    { { kind = "http", name = "server_error", http_status = 500, sent = true }, true, false, false, false, false },
    { { kind = "http", name = "redirect", http_status = 302, sent = true }, false, false, false, false, false },
    { { kind = "http", name = "not_found", http_status = 404, sent = true }, false, false, false, false, false },
    { { kind = "http", name = "forbidden", http_status = 403, sent = true }, false, false, false, false, false },
    { { kind = "http", name = "forbidden", http_status = 403, sent = true, clock_corrected = true }, true, true, true, false, false },
    { { kind = "api", name = "expired_timestamp", code = 2485, sent = true }, true, true, true, false, false },
    { { kind = "api", name = "wrong_otp", code = 302, sent = true }, false, false, false, false, false },
    { { kind = "decode", name = "invalid_json", sent = true }, false, false, false, false, false },
    { { kind = "indeterminate", name = "timeout" }, false, false, false, false, false },
    { { kind = "invalid_request", name = "missing_parameter", sent = false }, false, false, false, false, false },
  }
  local SLUGS = { "ppi-levin-get-recipients", "ppi-levin-get-sender", "ppi-levin-verify-otp", "dmt-fino-sender-ekyc", "dmt-initiate-transfer" }

  it("is what the loop would have repeated, and whatever surely was not received", function()
    local retry = require "eko.call.retry"
    for _, case in ipairs(CASES) do
      for i, slug in ipairs(SLUGS) do
        assert.equal(case[i + 1], retry.is_retryable(catalogue.get(slug), errors.new(case[1])), case[1].name .. " of " .. slug)
      end
    end
  end)

  it("differs from what is unknown, which may have been carried out", function()
    local retry = require "eko.call.retry"
    for _, case in ipairs {
      { { kind = "transport", name = "timeout" }, true }, { { kind = "transport", name = "timeout", sent = false }, false },
      { { kind = "decode", name = "invalid_json", sent = true }, true }, { { kind = "api", name = "no_envelope", sent = true }, true },
      { { kind = "http", name = "empty_answer", http_status = 204, sent = true }, true },
      { { kind = "http", http_status = 302, sent = true }, true }, { { kind = "http", http_status = 206, sent = true }, true },
      { { kind = "http", http_status = 408, sent = true }, true }, { { kind = "http", http_status = 409, sent = true }, true },
      { { kind = "http", http_status = 425, sent = true }, true }, { { kind = "http", http_status = 429, sent = true }, true },
      { { kind = "http", http_status = 499, sent = true }, true }, { { kind = "http", http_status = 503, sent = true }, true },
      { { kind = "http", http_status = 404, sent = true }, false }, { { kind = "http", http_status = 400, sent = true }, false },
      { { kind = "api", name = "wrong_otp", code = 302, sent = true }, false },
    } do
      assert.equal(case[2], retry.is_unknown(case[1]), tostring(case[1].name) .. tostring(case[1].http_status))
    end
  end)
end)
