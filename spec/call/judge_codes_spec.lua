-- The judge by itself: codes in, a meaning out, row by row. Endpoints are made up, so that each rule is seen alone. `make mutants` shows
-- that each comparison, constant and branch of the judge is held by one of the rows here and in judge_debit, judge_repeats. (What whole answers mean:
-- spec/base/outcomes_spec.lua, spec/call/verdict_spec.lua, spec/call/debit_spec.lua.)
local outcomes = require "eko.base.outcomes"
local rows = require "spec.support.rows"
local verdict = require "eko.call.verdict"

local NIL, given, show = rows.NIL, rows.given, rows.show

describe("the codes of an answer", function()
  local ENDPOINT = { outcomes = { [309] = "active", [36] = "never", [2129] = "own" }, by_hint = { [2131] = "recipient_verified" },
    errors = { [2138] = "wrong_otp", [7777] = "no_such_advice" } }
  local PLAIN = { outcomes = {} }

  local function of(endpoint, http_status, status, id, hint)
    local outcome, failure = verdict.of(endpoint, http_status, given(status), given(id), given(hint))
    if outcome then return outcome end
    assert.is_string(failure.message)
    return failure.name, failure.code, failure.kind
  end

  it("are an outcome where status and response_type_id agree", function()
    for _, row in ipairs {
      { 0, 309, "active" }, { 309, 309, "active" }, { NIL, 309, "active" }, { 0, 2129, "own" }, { 0, 308, "not_enrolled" },
      { 0, 2136, "aadhaar_required" }, { 0, 777, "unrecognised" }, { 0, NIL, "unrecognised" }, { 0, false, "unrecognised" },
    } do
      assert.equal(row[3], (of(ENDPOINT, 200, row[1], row[2], NIL)), show(row))
      for _, http_status in ipairs { 201, 204, 205, 207, 299 } do assert.equal(row[3], (of(ENDPOINT, http_status, row[1], row[2], NIL))) end
    end
    assert.equal("otp_sent", (of(PLAIN, 200, 0, 2129, NIL)))
  end)

  it("are a failure otherwise; of response_type_ids some are whatever the status says", function()
    for _, row in ipairs {
      { 0, 36, "monthly_limit_exhausted", 36 }, { 36, 36, "monthly_limit_exhausted", 36 }, { 0, 347, "insufficient_balance", 347 },
      { 463, 309, "user_not_found", 463 }, { 308, 309, "not_enrolled", 308 }, { 777, 309, "unrecognised_failure", 777 },
      { false, 309, "unrecognised_failure", 309 }, { 1, 309, "unrecognised_failure", 1 }, { 1, 347, "insufficient_balance", 347 },
      { 1, 777, "unrecognised_failure", 1 }, { 1, NIL, "unrecognised_failure", 1 }, { 347, 302, "insufficient_balance", 347 },
      { NIL, 347, "insufficient_balance", 347 }, { NIL, 777, "unrecognised_failure", 777 }, { 777, NIL, "unrecognised_failure", 777 },
      { 308, 308, "not_enrolled", 308 }, { NIL, 308, "not_enrolled", 308 }, { -1, -1, "unrecognised_failure", -1 },
      { NIL, NIL, "no_envelope", nil }, { NIL, false, "unrecognised_failure", nil }, { false, NIL, "unrecognised_failure", nil },
      { false, false, "unrecognised_failure", nil }, { 2138, 2138, "wrong_otp", 2138 }, { 0, 2138, "wrong_otp", 2138 },
      { -5, 347, "unrecognised_failure", -5 }, { 7777, 7777, "no_such_advice", 7777, true }, { 2, 347, "unrecognised_failure", 2 }, { 0, 302,
        "wrong_otp", 302 },
    } do
      local outcome, failure = verdict.of(ENDPOINT, 200, given(row[1]), given(row[2]), nil)
      assert.same({ nil, row[3], row[4], "api" }, { outcome, failure.name, failure.code, failure.kind }, show(row))
      assert.equal(not row[5], failure.message ~= nil, show(row))
    end
    assert.same({ "aadhaar_validation_failed", 2138, "api" }, { of(PLAIN, 200, 2138, 2138, NIL) })
    local function message(...) return select(2, verdict.of(ENDPOINT, 200, ...)).message end
    assert.equal(outcomes.codes[302].advice, message(2138, 2138))
    assert.equal(outcomes.codes[347].advice, message(347, 347))
    assert.equal("the platform answered with a failure that is not documented", message(777, 777))
    assert.equal("the answer has neither status nor response_type_id: parameters are missing, malformed or unexpected, nothing is due, or the service "
      .. "is not active", message())
  end)

  it("stand for a response_type_id where there is none, and go with a reference", function()
    local sending = { outcomes = { [309] = "active", [1741] = "otp_sent" }, without_reference = { [1741] = "bank_registered" }, sends_sms = true,
      by_hint = { [2131] = "recipient_verified" } }
    local silent = { outcomes = { [1741] = "otp_sent" } }
    for _, row in ipairs {
      { sending, 309, NIL, "active" }, { sending, 2131, NIL, "recipient_verified", 0 }, { sending, 0, 1741, "bank_registered" }, { sending, 1741,
        1741, "bank_registered" },
      { sending, 0, 1741, "otp_sent", nil, true }, { sending, 1741, NIL, "bank_registered" }, { sending, 1741, NIL, "otp_sent", nil, true },
        { silent, 0, 1741, "otp_sent" },
      { sending, 0, 309, "active" }, { sending, 0, NIL, "otp_sent", nil, true }, { sending, 0, 0, "otp_sent", nil, true }, { sending, 0, NIL, "unrecognised" },
      { silent, 0, NIL, "unrecognised", nil, true }, { sending, 0, 777, "unrecognised", nil, true }, { sending, 0, 308, "not_enrolled", nil, true },
      { sending, 0, -1, "unrecognised", nil, true }, { sending, 0, 1, "unrecognised", nil, true }, { sending, 0, false, "unrecognised", nil, true },
    } do
      local outcome = verdict.of(row[1], 200, given(row[2]), given(row[3]), row[5], nil, row[6])
      assert.equal(row[4], outcome, show(row))
    end
    for _, row in ipairs { { 36, "monthly_limit_exhausted" }, { 308, "not_enrolled" }, { 777, "unrecognised_failure" }, { 1, "unrecognised_failure" } } do
      local outcome, failure = verdict.of(sending, 200, row[1], nil, nil, nil, true)
      assert.same({ nil, row[2] }, { outcome, failure.name }, show(row))
    end
  end)

  it("are made more exact by words", function()
    local function refined(name, http_status, envelope)
      local failure = verdict.refine({ name = name, message = "as it was" }, http_status, envelope)
      return failure.name, failure.message
    end
    for _, row in ipairs {
      { "user_not_found", { message = "Wallet Token is not valid" }, "wrong_wallet_token" }, { "user_not_found",
        { invalid_params = { wallet_token = "expired" } }, "wrong_wallet_token" },
      { "user_not_found", { data = { reason = "wallet_token" } }, "wrong_wallet_token" }, { "user_not_found", { message = "OTP token is wrong" },
        "user_not_found" },
      { "user_not_found", { message = "User not found" }, "user_not_found" }, { "user_not_found", {}, "user_not_found" }, { "wrong_otp",
        { message = "token" }, "wrong_otp" },
      { "unrecognised_failure", { invalid_params = { amount = "x" } }, "validation_failed" }, { "unrecognised_failure", {}, "unrecognised_failure" },
      { "wrong_otp", { invalid_params = { otp = "x" } }, "wrong_otp" }, { "unrecognised_failure", { message = "wallet token" }, "unrecognised_failure" },
    } do
      local name, message = refined(row[1], 200, row[2])
      assert.equal(row[3], name, show(row))
      assert.equal(name == row[1] and "as it was" or outcomes.advice(name), message, show(row))
    end
    for http_status, name in pairs { [400] = "bad_request", [422] = "bad_request", [200] = "unrecognised_failure", [421] = "unrecognised_failure",
      [399] = "unrecognised_failure",
      [423] = "unrecognised_failure", [401] = "unrecognised_failure", [404] = "unrecognised_failure" } do
      local found, message = refined("unrecognised_failure", http_status, {})
      assert.same({ name, name == "bad_request" and select(2, outcomes.of_http(http_status)) or "as it was" }, { found, message })
      assert.same({ "wrong_otp", "as it was" }, { refined("wrong_otp", http_status, {}) }, http_status)
    end
    assert.equal("validation_failed", (refined("unrecognised_failure", 400, { invalid_params = { amount = "x" } })))
  end)

  it("are told apart by the hint: an OTP that was wrong or right, wrong or expired", function()
    for _, row in ipairs {
      { 0, 2131, NIL, "recipient_verified" }, { 0, 2131, 1, "recipient_verified" }, { 2131, 2131, 0, "recipient_verified" },
      { 2131, 2131, 1, "otp_verification_failed", 2131 }, { 2131, 2131, NIL, "otp_verification_failed", 2131 }, { 1, 2131, 0, "otp_verification_failed", 2131 },
      { 2131, 2131, 302, "wrong_otp", 2131 }, { 2131, 2131, 303, "otp_expired", 2131 }, { 1, 777, 303, "otp_expired", 1 }, { 2138, 2138, 303,
        "otp_expired", 2138 },
      { 347, 347, 303, "insufficient_balance", 347 }, { 777, 777, 303, "unrecognised_failure", 777 }, { 2131, 2131, 777, "otp_verification_failed", 2131 },
      { NIL, 2131, 0, "otp_verification_failed", 2131 }, { 2131, 309, 0, "otp_verification_failed", 2131 }, { 1, 777, 2138, "wrong_otp", 1 },
    } do
      local name, code = of(ENDPOINT, 200, row[1], row[2], row[3])
      assert.same({ row[4], row[5] }, { name, code }, show(row))
    end
    assert.same({ "otp_verification_failed", 2131, "api" }, { of(PLAIN, 200, 2131, 2131, 0) })
    assert.equal("otp_verification_failed", (of(PLAIN, 200, 0, 2131, 0)))
  end)

  it("without a response_type_id are what the status says, and with a reference that an OTP was sent", function()
    local SENDS = { outcomes = { [1741] = "otp_sent", [43] = "recipient_added" }, without_reference = { [1741] = "bank_registered" }, sends_sms = true }
    for _, row in ipairs {
      { ENDPOINT, 309, NIL, NIL, false, "active" }, { ENDPOINT, 2129, NIL, NIL, false, "own" }, { ENDPOINT, 2131, NIL, 0, false, "recipient_verified" },
      { ENDPOINT, 2131, NIL, 1, false, "otp_verification_failed" }, { ENDPOINT, 36, NIL, NIL, false, "monthly_limit_exhausted" },
      { ENDPOINT, 308, NIL, NIL, false, "not_enrolled" }, { ENDPOINT, 0, NIL, NIL, true, "unrecognised" }, { ENDPOINT, 0, 0, NIL, true, "unrecognised" },
      { SENDS, 0, NIL, NIL, true, "otp_sent" }, { SENDS, 0, 0, NIL, true, "otp_sent" }, { SENDS, 0, NIL, NIL, false, "unrecognised" },
      { SENDS, 0, 777, NIL, true, "unrecognised" }, { SENDS, 0, false, NIL, true, "unrecognised" }, { SENDS, 0, 308, NIL, true, "not_enrolled" },
      { SENDS, 1, NIL, NIL, true, "unrecognised_failure" }, { SENDS, 0, 1741, NIL, true, "otp_sent" }, { SENDS, 0, 1741, NIL, false, "bank_registered" },
      { SENDS, 1741, NIL, NIL, false, "bank_registered" }, { SENDS, 0, 43, NIL, false, "recipient_added" }, { SENDS, 0, 43, NIL, true, "recipient_added" },
    } do
      local outcome, failure = verdict.of(row[1], 200, given(row[2]), given(row[3]), given(row[4]), nil, row[5])
      assert.equal(row[6], outcome or failure.name, show(row))
    end
  end)

  it("are named more exactly by words: a token, a field, a bad request", function()
    local function refined(name, http_status, envelope)
      local failure = verdict.refine({ kind = "api", name = name, message = "as it was" }, http_status, envelope)
      return failure.name, failure.message
    end
    local token = outcomes.advice "wrong_wallet_token"
    for _, envelope in ipairs {
      { message = "Invalid wallet token" }, { data = { description = "Token expired" } }, { data = { reason = "the wallet_token" } },
      { invalid_params = { wallet_token = "x" } }, { invalid_params = { "wallet token" } }, { comment = "TOKEN" },
    } do assert.same({ "wrong_wallet_token", token }, { refined("user_not_found", 200, envelope) }) end
    for _, envelope in ipairs {
      {}, { message = "no such customer" }, { message = "no such OTP token" }, { data = { wallet_token = "token" } },
      { invalid_params = { customer_id = "x" } },
    } do
      assert.same({ "user_not_found", "as it was" }, { refined("user_not_found", 200, envelope) }, show(envelope))
    end
    assert.same({ "wrong_otp", "as it was" }, { refined("wrong_otp", 400, { message = "token", invalid_params = { otp = "x" } }) })
    local said, bad = { invalid_params = { otp = "x" } }, select(2, outcomes.of_http(400))
    for _, status in ipairs { 200, 400, 422 } do
      assert.same({ "validation_failed", outcomes.advice "validation_failed" }, { refined("unrecognised_failure", status, said) }, status)
    end
    assert.same({ "bad_request", bad }, { refined("unrecognised_failure", 400, {}) })
    assert.same({ "bad_request", select(2, outcomes.of_http(422)) }, { refined("unrecognised_failure", 422, { message = "token" }) })
    for _, status in ipairs { 200, 401, 421, 423 } do
      assert.same({ "unrecognised_failure", "as it was" }, { refined("unrecognised_failure", status, {}) }, status)
    end
  end)

  it("say more than the HTTP status only where they are known, or where that says nothing", function()
    for _, row in ipairs {
      { 400, 347, 347, "insufficient_balance", 347 }, { 404, 347, NIL, "insufficient_balance", 347 }, { 404, NIL, 347, "insufficient_balance", 347 },
      { 499, 347, 347, "insufficient_balance", 347 }, { 403, 2485, 2485, "expired_timestamp", 2485 }, { 400, 0, 347, "insufficient_balance", 347 },
      { 400, 0, 308, "not_enrolled", 308 }, { 400, 309, 309, "unrecognised_failure", 309 },
      { 400, 777, 777, "unrecognised_failure", 777 }, { 422, 777, NIL, "unrecognised_failure", 777 },
      { 400, -1, NIL, "unrecognised_failure", -1 }, { 400, 1, NIL, "unrecognised_failure", 1 },
      { 400, 0, 309, "bad_request", 400, "http" }, { 400, 0, NIL, "bad_request", 400, "http" }, { 400, NIL, 777, "bad_request", 400, "http" },
      { 400, false, NIL, "bad_request", 400, "http" }, { 400, NIL, NIL, "bad_request", 400, "http" },
      { 400, 400, NIL, "bad_request", 400, "http" }, { 422, 404, NIL, "bad_request", 422, "http" }, { 404, 777, 777, "not_found", 404, "http" },
      { 401, 777, 777, "forbidden", 401, "http" }, { 421, 777, NIL, "bad_request", 421, "http" }, { 423, 777, NIL, "bad_request", 423, "http" },
      { 500, 347, 347, "server_error", 500, "http" }, { 399, 347, 347, "redirect", 399, "http" }, { 302, 0, 309, "redirect", 302, "http" },
      { 199, 0, 309, "unexpected_status", 199, "http" }, { 206, 0, 309, "unexpected_status", 206, "http" }, { 300, 0, 309, "redirect", 300, "http" },
      { 206, 347, 347, "unexpected_status", 206, "http" }, { 600, 347, 347, "server_error", 600, "http" },
    } do
      assert.same({ row[4], row[5], row[6] or "api" }, { of(ENDPOINT, row[1], row[2], row[3], NIL) }, show(row))
    end
  end)

  it("can be missing altogether: then the HTTP status counts, or what was wrong with the answer", function()
    for _, row in ipairs {
      { 200, "empty_answer", "http", "empty_answer", 200 }, { 299, "empty_answer", "http", "empty_answer", 299 }, { 204, "empty_answer", "http",
        "empty_answer", 204 },
      { 200, "invalid_json", "decode", "invalid_json", nil }, { 206, "invalid_json", "http", "unexpected_status", 206 },
      { 500, "empty_answer", "http", "server_error", 500 }, { 503, "invalid_json", "http", "service_unavailable", 503 }, { 300, "x", "http", "redirect", 300 },
      { 199, "x", "http", "unexpected_status", 199 }, { 207, "x", "decode", "x", nil }, { 205, "x", "decode", "x", nil },
    } do
      local failure = verdict.of_unread(row[1], row[2], "the detail")
      assert.same({ row[3], row[4], row[5] }, { failure.kind, failure.name, failure.code }, show(row))
      if row[3] == "decode" then
        assert.equal("the detail", failure.message, show(row))
      elseif failure.name == "empty_answer" then
        assert.equal("the platform answered with nothing: the service is probably not activated for this user_code", failure.message)
      else
        assert.equal("HTTP " .. row[1] .. ": " .. select(2, outcomes.of_http(row[1])), failure.message, show(row))
      end
    end
  end)

  it("are named by HTTP status in classes", function()
    for status, name in pairs { [400] = "bad_request", [418] = "bad_request", [499] = "bad_request", [500] = "server_error", [599] = "server_error",
      [600] = "server_error",
      [999] = "server_error", [300] = "redirect", [399] = "redirect", [299] = "unexpected_status", [100] = "unexpected_status", [403] = "forbidden",
        [401] = "forbidden",
      [404] = "not_found", [429] = "rate_limited", [502] = "bad_gateway" } do
      local found, advice = outcomes.of_http(status)
      assert.equal(name, found, status)
      assert.is_true(#advice > 10, status)
    end
    assert.equal(select(2, outcomes.of_http(500)), select(2, outcomes.of_http(599)))
    assert.equal(select(2, outcomes.of_http(401)), select(2, outcomes.of_http(403)))
    assert.equal("initiated", outcomes.transaction "2")
    assert.equal("completed", outcomes.transaction(0))
    assert.equal("unrecognised", outcomes.transaction(7))
    assert.equal("unrecognised", outcomes.transaction "x")
    assert.equal(outcomes.codes[302].advice, outcomes.advice "wrong_otp")
    assert.equal(outcomes.codes[168].advice, outcomes.advice "transaction_not_found")
    assert.is_nil(outcomes.advice "no such name")
  end)
end)
