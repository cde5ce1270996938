-- The judge by itself: what may be repeated, and after how long. Rows as in judge_codes_spec.lua.
local retry = require "eko.call.retry"
local rows = require "spec.support.rows"

local show = rows.show

describe("what may be repeated", function()
  local GET, POST = { method = "GET" }, { method = "POST" }
  local OTHERS = { { method = "GET", sends_sms = true }, { method = "GET", billed = true }, { method = "GET", moves_money = true }, POST, { method = "PUT" } }
  local PERMANENT = { "bad_transport", "ca_file_unreadable", "no_resolver", "tls_verification_failed", "unsupported_option", "wrong_phase",
    "response_too_large" }

  it("is a GET that sends no SMS, is not billed and moves no money, and whose outcome is not known", function()
    for _, err in ipairs { { kind = "transport", name = "timeout" }, { kind = "http", http_status = 500 }, { kind = "http", http_status = 503 },
      { kind = "http", http_status = 408 },
      { kind = "http", http_status = 425 }, { kind = "http", http_status = 429 }, { kind = "http", http_status = 499 }, { kind = "http",
        http_status = 501 } } do
      assert.is_true(retry.may_repeat(GET, err), show(err))
      for _, other in ipairs(OTHERS) do assert.is_false(retry.may_repeat(other, err)) end
    end
    for _, err in ipairs { { kind = "http", http_status = 409 }, { kind = "http", http_status = 400 }, { kind = "http", http_status = 302 },
      { kind = "decode" }, { kind = "api", code = 1 },
      { kind = "http", http_status = 404 }, { kind = "indeterminate" }, { kind = "decode", http_status = 500 } } do
      assert.is_false(retry.may_repeat(GET, err), show(err))
    end
    for _, name in ipairs(PERMANENT) do assert.is_false(retry.may_repeat(GET, { kind = "transport", name = name })) end
  end)

  it("is signed anew once where the platform's authentication said no", function()
    for code = 2480, 2490 do
      local is_one = code >= 2483 and code <= 2487
      assert.equal(is_one and "coded" or nil, retry.authentication { kind = "api", code = code }, show(code))
      assert.equal(is_one, retry.may_sign_again(POST, { kind = "api", code = code }), show(code))
      for _, mark in ipairs { "moves_money", "billed", "carries_pid" } do assert.is_false(retry.may_sign_again({ [mark] = true }, { kind = "api",
        code = code })) end
      assert.is_nil(retry.authentication { kind = "http", code = code, http_status = 200 }, show(code))
    end
    for status = 399, 404 do
      local is_one = status == 401 or status == 403
      assert.equal(is_one and "bare" or nil, retry.authentication { kind = "http", http_status = status }, status)
      assert.is_nil(retry.authentication { kind = "api", http_status = status }, status)
      assert.is_false(retry.may_sign_again(POST, { kind = "http", http_status = status }), status)
      assert.equal(is_one, retry.may_sign_again(POST, { kind = "http", http_status = status, clock_corrected = true }), status)
      assert.is_false(retry.may_sign_again({ billed = true }, { kind = "http", http_status = status, clock_corrected = true }))
    end
  end)

  it("is told by an error's retryable, with what surely was not received", function()
    assert.is_false(retry.is_retryable(GET, { kind = "invalid_request", sent = false }))
    assert.is_false(retry.is_retryable(GET, { kind = "indeterminate", sent = false }))
    assert.is_true(retry.is_retryable(POST, { kind = "transport", name = "timeout", sent = false }))
    assert.is_false(retry.is_retryable(POST, { kind = "transport", name = "timeout" }))
    assert.is_true(retry.is_retryable(GET, { kind = "transport", name = "timeout" }))
    assert.is_true(retry.is_retryable(POST, { kind = "api", code = 2485, sent = true }))
    assert.is_false(retry.is_retryable(POST, { kind = "api", code = 347, sent = true }))
    for _, name in ipairs(PERMANENT) do assert.is_false(retry.is_retryable(GET, { kind = "transport", name = name, sent = false })) end
  end)

  it("is another question than whether a call may have been carried out", function()
    for _, err in ipairs { { kind = "transport" }, { kind = "decode" }, { kind = "indeterminate" }, { kind = "http", name = "empty_answer",
      http_status = 200 }, { kind = "api", name = "no_envelope" } } do
      assert.is_true(retry.is_unknown(err), show(err))
      err.sent = false
      assert.is_false(retry.is_unknown(err), show(err))
      err.sent = true
      assert.is_true(retry.is_unknown(err), show(err))
    end
    for _, err in ipairs { { kind = "api", name = "wrong_otp" }, { kind = "invalid_request" },
      { kind = "store" } } do assert.is_false(retry.is_unknown(err)) end
    local UNDECIDED = { [408] = true, [409] = true, [425] = true, [429] = true, [499] = true }
    for status = 100, 600 do
      assert.equal(UNDECIDED[status] or status < 400 and status ~= 200 or status >= 500, retry.is_unknown { kind = "http", http_status = status }, status)
    end
  end)

  it("waits as long as the server says, up to a day", function()
    for text, seconds in pairs { ["0"] = 0, ["1"] = 1, [" 7 "] = 7, ["86400"] = 86400, ["86401"] = 86400, ["999999999"] = 86400, [("0"):rep(63) .. "5"] = 5 } do
      assert.equal(seconds, retry.after({ ["retry-after"] = text }, 0), text)
    end
    for _, text in ipairs { "", "-1", "1.5", "soon", "0x10", ("0"):rep(64) .. "5", "1 2",
      "1s" } do assert.is_falsy(retry.after({ ["retry-after"] = text }, 0), text) end
    assert.is_nil(retry.after(nil, 0))
    assert.is_nil(retry.after({}, 0))
    assert.is_nil(retry.after({ ["retry-after"] = 7 }, 0))
    local date = "Thu, 01 Jan 1970 00:10:00 GMT"
    assert.equal(500, retry.after({ ["retry-after"] = date }, 100))
    assert.equal(0, retry.after({ ["retry-after"] = date }, 700))
    assert.equal(300, retry.after({ ["retry-after"] = date, date = "Thu, 01 Jan 1970 00:05:00 GMT" }, 100))
    assert.equal(86400, retry.after({ ["retry-after"] = "Sat, 03 Jan 1970 00:00:00 GMT" }, 0))
  end)

  it("waits longer from try to try, with chance, but never less than a tenth of a second", function()
    for tries, most in pairs { [0] = 0.25, [1] = 0.5, [2] = 1, [3] = 2, [4] = 4, [5] = 4, [20] = 4 } do
      assert.equal(0.1, retry.pause(tries, nil, 0), show(tries))
      assert.is_true(math.abs(retry.pause(tries, nil, 1) - most) < 1e-9, show(tries))
      assert.is_true(math.abs(retry.pause(tries, nil, 0.5) - (0.1 + (most - 0.1) / 2)) < 1e-9, show(tries))
      assert.equal(9, retry.pause(tries, 9, 1), show(tries))
      assert.equal(0.1, retry.pause(tries, 0, 0), show(tries))
    end
  end)
end)
