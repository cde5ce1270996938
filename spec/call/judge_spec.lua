-- The judge by itself: codes in, a meaning out, row by row; and what may be repeated. Endpoints are made up, so that each rule is
-- seen alone. `make mutants` shows that each comparison, constant and branch is held by one of these rows. (What whole answers mean:
-- spec/base/outcomes_spec.lua, spec/call/verdict_spec.lua, spec/call/debit_spec.lua.)
local facts = require "eko.call.facts"
local outcomes = require "eko.base.outcomes"
local redact = require "eko.base.redact"
local retry = require "eko.call.retry"
local verdict = require "eko.call.verdict"

local NIL = {} -- what is not there, in a row
local function given(value) if value ~= NIL then return value end end

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
      assert.equal(row[3], (of(ENDPOINT, 200, row[1], row[2], NIL)))
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
      assert.same({ nil, row[3], row[4], "api" }, { outcome, failure.name, failure.code, failure.kind })
      assert.equal(not row[5], failure.message ~= nil)
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
      assert.equal(row[4], outcome)
    end
    for _, row in ipairs { { 36, "monthly_limit_exhausted" }, { 308, "not_enrolled" }, { 777, "unrecognised_failure" }, { 1, "unrecognised_failure" } } do
      local outcome, failure = verdict.of(sending, 200, row[1], nil, nil, nil, true)
      assert.same({ nil, row[2] }, { outcome, failure.name })
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
      assert.equal(row[3], name)
      assert.equal(name == row[1] and "as it was" or outcomes.advice(name), message)
    end
    for http_status, name in pairs { [400] = "bad_request", [422] = "bad_request", [200] = "unrecognised_failure", [421] = "unrecognised_failure",
      [399] = "unrecognised_failure",
      [423] = "unrecognised_failure", [401] = "unrecognised_failure", [404] = "unrecognised_failure" } do
      local found, message = refined("unrecognised_failure", http_status, {})
      assert.same({ name, name == "bad_request" and select(2, outcomes.of_http(http_status)) or "as it was" }, { found, message })
      assert.same({ "wrong_otp", "as it was" }, { refined("wrong_otp", http_status, {}) })
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
      assert.same({ row[4], row[5] }, { name, code })
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
      assert.equal(row[6], outcome or failure.name)
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
      assert.same({ "user_not_found", "as it was" }, { refined("user_not_found", 200, envelope) })
    end
    assert.same({ "wrong_otp", "as it was" }, { refined("wrong_otp", 400, { message = "token", invalid_params = { otp = "x" } }) })
    local said, bad = { invalid_params = { otp = "x" } }, select(2, outcomes.of_http(400))
    for _, status in ipairs { 200, 400, 422 } do
      assert.same({ "validation_failed", outcomes.advice "validation_failed" }, { refined("unrecognised_failure", status, said) })
    end
    assert.same({ "bad_request", bad }, { refined("unrecognised_failure", 400, {}) })
    assert.same({ "bad_request", select(2, outcomes.of_http(422)) }, { refined("unrecognised_failure", 422, { message = "token" }) })
    for _, status in ipairs { 200, 401, 421, 423 } do
      assert.same({ "unrecognised_failure", "as it was" }, { refined("unrecognised_failure", status, {}) })
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
      assert.same({ row[4], row[5], row[6] or "api" }, { of(ENDPOINT, row[1], row[2], row[3], NIL) })
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
      assert.same({ row[3], row[4], row[5] }, { failure.kind, failure.name, failure.code })
      if row[3] == "decode" then
        assert.equal("the detail", failure.message)
      elseif failure.name == "empty_answer" then
        assert.equal("the platform answered with nothing: the service is probably not activated for this user_code", failure.message)
      else
        assert.equal("HTTP " .. row[1] .. ": " .. select(2, outcomes.of_http(row[1])), failure.message)
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
      assert.is_true(#advice > 10)
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

-- ---- money ----

local FACTS = { client_ref_id = "REF-1", amount = "100", account = "123456789", ifsc = "SBIN0005656", recipient_id = "7", tid = "T1" }

local function endpoint_of(more)
  local endpoint = {
    slug = "x", method = "POST", moves_money = true, role = "transfer", errors = { [2138] = "wrong_otp" },
    outcomes = { [2447] = "wallet_loaded", [74] = "refunded" },
    settles = { [325] = "by_transaction", [2447] = "succeeded", [74] = "refunded", [99] = "pending", [98] = "succeeded" }, refusals = { [347] = true,
      [302] = true, [461] = true },
  }
  for name, value in pairs(more or {}) do endpoint[name] = value end
  return endpoint
end

local MONEY, REFUND = endpoint_of(), endpoint_of { role = "refund" }

-- Codes as the core reads them, and the envelope that they stand in. `more` stands beside them.
local function debit(row, more, endpoint)
  local status, id, tx_status = given(row.status), given(row.id), given(row.tx)
  local envelope = { status = status, response_type_id = id, response_status_id = given(row.hint), data = row.tx ~= nil and { tid = "T1",
    tx_status = tx_status } or nil }
  for name, value in pairs(more or {}) do envelope[name] = value end
  return verdict.of_debit {
    endpoint = endpoint or row.endpoint or MONEY, http = { status = row.http or 200, body = row.body }, facts = row.facts or FACTS, status = status,
    response_type_id = id, response_status_id = given(row.hint), tx_status = tx_status, envelope = envelope,
  }
end

local function assert_found(kind, state, why, found, row)
  assert.same({ kind, state, why }, { found.kind, found.state, found.why }, row)
end

local function damaged(names)
  local reading = { endpoint = MONEY, http = { status = 200 }, facts = FACTS, status = 0, response_type_id = 325, tx_status = 0, damaged = names,
    envelope = { status = 0, response_type_id = 325, data = { tx_status = 0, client_ref_id = "REF-1" } } }
  return select(3, verdict.of_debit(reading))
end

local FINE = { { 0, 325 }, { 325, 325 }, { 0, NIL }, { 2447, 2447 }, { 0, 2447 }, { 74, 74 }, { 0, 74 } }
local FAILURE = { { 347, 347 }, { 347, 325 }, { 347, NIL }, { 347, 0 }, { 347, -1 }, { 347, 1 }, { 1, 325 }, { 1, -1 }, { -1, -1 }, { -1, NIL }, { 0,
  -1 }, { 0, 1 },
  { 0, 347 }, { 55, 55 }, { 0, 308 }, { 308, 2447 }, { 1, 302 }, { 461, -1 } }
local UNKNOWN = { { NIL, 325 }, { NIL, NIL }, { false, 325 }, { 0, false }, { false, false }, { 325, false }, { 347, false }, { 777, 325 }, { 0,
  777 }, { 777, 777 }, { 777, NIL },
  { 347, 777 }, { 325, NIL }, { 325, 347 }, { 325, 0 }, { 0, 0 }, { NIL, 347 }, { 2, 325 }, { 777, 347 }, { false, 347 }, { -2, -1 }, { 0, -2 }, { 0, 2 } }
local STATES = { [0] = "succeeded", "failed", "pending", "refund_pending", "refunded", "pending", "pending" }

describe("an answer to a debit", function()
  it("in which what names it came damaged is lost", function()
    for _, names in ipairs { { "tid" }, { "client_ref_id" }, { "a_id", "tid" } } do
      assert.same({ "lost", "unknown" }, { damaged(names).kind, damaged(names).state })
    end
    for _, names in ipairs { {}, { "recipient_id" }, { "bank_ref_num", "otp_ref_id" } } do assert.equal("result", damaged(names).kind) end
    assert.equal("result", damaged(nil).kind)
  end)

  it("with codes that fit is what its tx_status says; a failed one is a refusal", function()
    for _, codes in ipairs(FINE) do
      for tx_status, state in pairs(STATES) do
        local _, _, found = debit { status = codes[1], id = codes[2], tx = tx_status }
        assert_found(state == "failed" and "refused" or "result", state, nil, found)
        assert.same({ "T1", tostring(tx_status) }, { found.tid, found.tx_status })
      end
    end
  end)

  it("with codes of a failure is lost, unless its tx_status says that the money stayed or comes back", function()
    for _, codes in ipairs(FAILURE) do
      for tx_status, state in pairs(STATES) do
        local _, _, found = debit { status = codes[1], id = codes[2], tx = tx_status }
        if state == "failed" then
          assert_found("refused", state, nil, found)
        elseif state == "refunded" or state == "refund_pending" then
          assert_found("result", state, nil, found)
        else
          assert_found("lost", "unknown", "its codes contradict each other", found)
        end
      end
    end
  end)

  it("with codes that are not known is lost whatever its tx_status is", function()
    for _, codes in ipairs(UNKNOWN) do
      for _, tx_status in ipairs { 0, 1, 2, 3, 4, 5, 6, NIL } do
        local _, _, found = debit { status = codes[1], id = codes[2], tx = tx_status }
        assert_found("lost", "unknown", "its codes are not known", found)
      end
    end
  end)

  it("with a tx_status that is not known, or two, is lost", function()
    for _, tx_status in ipairs { 7, -1, false, 10 } do
      for _, codes in ipairs { { 0, 325 }, { 347, 347 } } do
        local _, _, found = debit { status = codes[1], id = codes[2], tx = tx_status }
        assert_found("lost", "unknown", "its tx_status is not known, or it has two", found)
      end
    end
  end)

  it("that is to give money back says so by 4 and by nothing else", function()
    for tx_status, state in pairs(STATES) do
      for _, codes in ipairs { { 0, 74 }, { 0, 325 }, { 347, 347 } } do
        local _, _, found = debit({ status = codes[1], id = codes[2], tx = tx_status }, nil, REFUND)
        if state == "refunded" then
          assert_found("result", "refunded", nil, found)
        else
          assert_found("lost", "unknown", "it does not say that the refund is done", found)
        end
      end
    end
    assert_found("result", "refunded", nil, select(3, debit({ status = 0, id = 74 }, nil, REFUND)))
  end)

  it("without a tx_status is a result only by an id that says it alone", function()
    for _, row in ipairs {
      { 0, 2447, "succeeded" }, { 2447, 2447, "succeeded" }, { 0, 74, "refunded" }, { 0, 325 }, { 0, NIL }, { 325, 325 }, { 0, 99 },
    } do
      local _, _, found = debit { status = row[1], id = row[2] }
      if row[3] then
        assert_found("result", row[3], nil, found)
      else
        assert_found("lost", "unknown", "it does not say what became of the money", found)
      end
    end
    assert_found("lost", "unknown", "the failure does not say whether anything was done", select(3, debit { status = 55, id = 2447 }))
  end)

  it("without a tx_status is refused by a code of the written list, or by what is wrong with parameters", function()
    local params = { invalid_params = { amount = "too small" } }
    for _, row in ipairs {
      { 347, 347, true }, { 347, -1, true }, { 0, 347, true }, { 1, 347, true }, { 347, NIL, true }, { 302, 55, true }, { 55, 347, false }, { 55, 55,
        false }, { 1, -1, false },
      { 1, NIL, false }, { 0, -1, false }, { -1, 347, false }, { 308, 308, false },
      { 55, -1, true, params }, { 1, -1, true, params }, { 0, -1, true, params }, { 55, 55, false, params }, { 1, 1, false, params }, { 0, 1, false, params },
      { 55, -1, true, { data = { invalid_parameters = { "amount is too small" } } } }, { 461, -1, true, params }, { 347, 347, true, params },
    } do
      local _, _, found = debit({ status = row[1], id = row[2] }, row[4])
      if row[3] then
        assert_found("refused", "failed", nil, found)
      else
        assert_found("lost", "unknown", "the failure does not say whether anything was done", found)
      end
    end
    assert_found("lost", "unknown", "the failure does not say whether anything was done", select(3, debit({ status = 347, id = 347 }, nil,
      endpoint_of { refusals = false })))
    assert_found("refused", "failed", nil, select(3, debit({ status = 347, id = -1 }, params, endpoint_of { refusals = false })))
  end)

  it("is not refused where it speaks of a transaction or of the reference", function()
    for _, more in ipairs { { data = { tid = "T1" } }, { tid = "T1" }, { details = { { Tx_Status = "1" } } }, { TID = 0 } } do
      assert_found("lost", "unknown", "a tid was given, so something was begun", select(3, debit({ status = 347, id = 347 }, more)))
    end
    assert_found("refused", "failed", nil, select(3, debit({ status = 347, id = 347 }, { data = { tid = "" }, tidy = "x" })))
    for text, is_reference in pairs {
      client_ref_id = true, ["client ref"] = true, ClientRef = true, ref_id = true, ["ref no"] = true, REFERENCE = true,
        ["the reference was used"] = true, otp_ref_id = false,
      ["OTP reference"] = false, ["otp_ref_id and client_ref_id"] = true, amount = false, preferred = false, ["otp-ref"] = false, ["re otp ref no"] = false,
      ["re otp-ref fid"] = true,
    } do
      local _, _, found = debit({ status = 347, id = 347 }, { invalid_params = { [text] = "is wrong" } })
      assert_found(is_reference and "lost" or "refused", is_reference and "unknown" or "failed", is_reference and "the reference was used before" or nil, found)
      if is_reference then assert_found("lost", "unknown", "the reference was used before", select(3, debit({ status = 0, id = 325, tx = 0 },
        { invalid_params = { text } }))) end
    end
  end)

  it("is an authentication failure by its codes where they agree", function()
    for _, row in ipairs {
      { 2485, NIL, 2485 }, { 2485, 2485, 2485 }, { NIL, 2485, 2485 }, { 1, 2485, 2485 }, { 2483, 2483, 2483 }, { 2487, NIL, 2487 },
      { 2485, 2484 }, { 0, 2485 }, { 347, 2485 }, { 2485, 0 }, { 2485, -1 }, { 2, 2485 }, { false, 2485 }, { 2485, false }, { 2482, 2482 }, { 2488, NIL },
    } do
      local _, _, found = debit { status = row[1], id = row[2] }
      if row[3] then
        assert.same({ "authentication", "unknown", row[3] }, { found.kind, found.state, found.code })
        _, _, found = debit({ status = row[1], id = row[2] }, { data = { tid = "T1" } })
        assert_found("lost", "unknown", "its codes contradict each other", found)
      else
        assert.are_not.equal("authentication", found.kind)
        assert.is_nil(found.code)
      end
    end
  end)

  it("of another transaction is lost, by each thing that tells it apart, in data and beside it", function()
    for _, row in ipairs {
      { "client_ref_id", "REF-1", "REF-2" }, { "client_ref_id", "REF-1", "ref-1" }, { "tid", "T1", "T2" }, { "recipient_id", 7, 8 },
        { "recipient_id", "7", "07" },
      { "amount", "100.00", "100.01" }, { "amount", 100, 101 }, { "amount", "1e2", "x" }, { "ifsc", "sbin0005656", "SBIN0005657" },
      { "account", "123456789", "123456780" }, { "account", "XXXXX6789", "XXXXX6780" }, { "account", "1234*6789", "1235*6789" }, { "account",
        "XX6789", "XX6780" },
      { "account", "123X", "124X" }, { "account", "X", "0" }, { "account", "12X89", "12X88" }, { "account", "12X9", "13X9" }, { "account",
        "123456789X", "12345678" },
      { "account", "X123456789", "1234567890" }, { "account", "1X9", "2X9" }, { "account", "1234567X9", "1234567x8" }, { "client_ref_id", "", {} },
        { "tid", "T1", true },
      { "amount", "", false }, { "account", "X9", "X8" }, { "account", "1X", "2X" }, { "account", "XXXXXXXXX", "0XXXXXXXX" },
      { "account", "X23456789", "X23456780" }, { "account", "X9", {} }, { "ifsc", "", true }, { "ifsc", "", {} },
    } do
      local name, good, bad = row[1], row[2], row[3]
      for _, place in ipairs { "inside", "beside" } do
        local function answer(value)
          local more = place == "beside" and { [name] = value } or { data = { tx_status = 0, [name] = value } }
          return select(3, debit({ status = 0, id = 325, tx = 0 }, more))
        end
        assert.equal("result", answer(good).kind, name .. " " .. tostring(good))
        local found = answer(bad)
        assert.same({ "lost", "unknown", true, "it speaks of another transaction (" .. name .. ")" }, { found.kind, found.state, found.foreign, found.why },
          name .. " " .. tostring(bad))
        assert.is_nil(found.tid)
      end
    end
    local function same_account(ours, theirs) return not select(3, debit({ status = 0, id = 325, tx = 0, facts = { account = ours } },
      { account = theirs })).foreign end
    for ours, each in pairs { ["1111"] = { { "1111", true }, { "11", false }, { "111111", false } }, ["12AB"] = { { "1234", true }, { "1334",
      false }, { "12AB", true } } } do
      for _, row in ipairs(each) do assert.equal(row[2], same_account(ours, row[1]), ours .. " " .. row[1]) end
    end
    -- What the call did not say is not compared.
    assert.equal("result", select(3, debit({ status = 0, id = 325, tx = 0, facts = {} }, { amount = "5", client_ref_id = "OTHER" })).kind)
    assert.equal("lost", select(3, debit({ status = 0, id = 325, tx = 0, facts = { amount = "no amount" } }, { amount = "no amount" })).kind)
  end)

  it("is taken for the platform's by what only that has; what repeats the HTTP status is a server's own page", function()
    local function kind(http_status, envelope, status)
      return select(3, verdict.of_debit { endpoint = MONEY, http = { status = http_status, body = "{}" }, facts = FACTS, status = status,
        envelope = envelope }).kind
    end
    for _, name in ipairs { "response_type_id", "response_status_id", "data", "invalid_params", "invalid_parameters" } do
      assert.equal("lost", kind(400, { [name] = {} }), name)
    end
    for _, envelope in ipairs { { tid = "T1" }, { result = { tx_status = "0" } } } do assert.equal("lost", kind(404, envelope)) end
    assert.equal("final", kind(400, { message = "Bad Request" }))
    assert.equal("final", kind(404, { status = 404, error = "Not Found" }, 404))
    assert.equal("lost", kind(404, { status = 400 }, 400))
    assert.equal("lost", kind(404, { status = "x" }, false))
    local function why(http_status, envelope, status)
      local _, failure, found = verdict.of_debit { endpoint = MONEY, http = { status = http_status }, facts = FACTS, status = status, envelope = envelope }
      assert.equal(found.why, failure.why)
      return found.why
    end
    assert.equal("its codes are not known", why(200, { status = 200 }, 200))
    assert.equal("it cannot be read", why(200, { message = "x" }))
    assert.equal("its codes contradict its HTTP status", why(401, { data = {} }))
    assert.equal("its codes contradict its HTTP status", why(403, { status = 401 }, 401))
    assert.equal("lost", kind(200, {}))
    assert.equal("authentication", kind(401, { message = "x" }))
    assert.equal("authentication", kind(403, { status = 403 }, 403))
    assert.equal("lost", kind(403, { status = 401 }, 401))
    assert.equal("lost", kind(401, { data = {} }))
    assert.equal("authentication", kind(401, { status = 2484 }, 2484))
    assert.equal("lost", kind(401, { client_ref_id = "OTHER" }))
    assert.equal("lost", kind(403, { status = 2484, tid = "T1" }, 2484))
  end)

  it("that is no envelope is final, an authentication failure or lost by its HTTP status and by what it may have been", function()
    local function found_of(http_status, body)
      return select(3, verdict.of_debit { endpoint = MONEY, http = { status = http_status, body = body }, facts = FACTS, problem = "invalid_json",
        detail = "d" })
    end
    local TAKEN = {}
    for _, status in ipairs { 400, 404, 405, 406, 411, 413, 414, 415, 417, 421, 422, 426, 431 } do TAKEN[status] = true end
    for status = 100, 600 do
      local found = found_of(status, "Bad Request")
      if status == 401 or status == 403 then
        assert_found("authentication", "unknown", nil, found)
      elseif TAKEN[status] then
        assert_found("final", "failed", nil, found)
      elseif status == 200 then
        assert_found("lost", "unknown", "it cannot be read", found)
      else
        assert_found("lost", "unknown", "its HTTP status leaves open what was done", found)
      end
    end
    local limit = redact.BODY_LIMIT
    for _, body in ipairs { "{", "  {", "\239\187\191{", "\n\t{", "\1", "\0", "\127", "a\27", "x response_type_id", "tx_status", "<p>client_ref_id",
      ("x"):rep(limit + 1) } do
      for _, status in ipairs { 400, 401, 403 } do assert_found("lost", "unknown", "it cannot be read", found_of(status, body)) end
    end
    for _, body in ipairs { "", "x{", "<html>{", "a\tb\r\n\f\v", "response_type", "é", ("x"):rep(limit), "[", "tx-status" } do
      assert.equal("final", found_of(400, body).kind, body)
      assert.equal("authentication", found_of(403, body).kind, body)
    end
    for status, named in pairs { [200] = "invalid_json", [400] = "bad_request", [401] = "forbidden", [503] = "service_unavailable" } do
      local _, failure = verdict.of_debit { endpoint = MONEY, http = { status = status, body = "x" }, facts = FACTS, problem = "invalid_json", detail = "d" }
      assert.equal(named, failure.name)
    end
    assert.equal("final", found_of(400, nil).kind)
    assert.equal("authentication", found_of(401, nil).kind)
  end)

  it("has its outcome by its id where that says the same, else by tx_status", function()
    for _, row in ipairs {
      { 0, 325, 0, "completed" }, { 0, 325, 2, "initiated" }, { 0, 325, 3, "refund_pending" }, { 0, 325, 6, "awaited" }, { 0, NIL, 5, "on_hold" },
        { 0, 2447, 0, "wallet_loaded" },
      { 0, 2447, 2, "initiated" }, { 0, 2447, nil, "wallet_loaded" }, { 0, 74, nil, "refunded" }, { 0, 74, 4, "refunded" }, { 0, 74, 0,
        "completed" }, { 347, 347, 4, "refunded" },
      { 0, 2447, 4, "refunded" }, { 0, 98, 0, "completed" },
    } do
      local outcome, failure, found = debit { status = row[1], id = row[2], tx = row[3] }
      assert.same({ row[4], nil, "result" }, { outcome, failure, found.kind })
    end
  end)

  it("that failed has a name, a code and a reason", function()
    local function named(row, more)
      local outcome, failure, found = debit(row, more)
      assert.is_nil(outcome)
      assert.is_string(failure.message)
      assert.equal(found.why, failure.why)
      return failure.name, failure.code, failure.kind
    end
    for _, row in ipairs {
      { { status = 347, id = 347 }, "insufficient_balance", 347 }, { { status = 0, id = 325 }, "unclear_answer", 325 }, { { status = 0, id = 325,
        tx = 1 }, "transaction_declined", 325 },
      { { status = 0, id = NIL }, "unclear_answer", nil }, { { status = 777, id = 325 }, "unclear_answer", 325 }, { { status = 777, id = 777 },
        "unrecognised_failure", 777 },
      { { status = 0, id = 308 }, "not_enrolled", 308 }, { { status = 0, id = false }, "unclear_answer", nil }, { { status = 1, id = 325, tx = 1 },
        "transaction_declined", 325 },
      { { status = 347, id = 347, http = 500 }, "server_error", 500 }, { { status = 2138, id = 2138 }, "wrong_otp", 2138 }, { { status = 2485,
        id = 2485, http = 401 }, "expired_timestamp", 2485 },
      { { status = 0, id = 325, http = 503 }, "service_unavailable", 503 }, { { status = 1, id = 325, tx = 0 }, "unclear_answer", 325 },
      { { status = 777, id = 325, tx = 1 }, "transaction_declined", 325 }, { { status = 325, id = 777 }, "unrecognised_failure", 325 },
    } do
      local name, code = named(row[1])
      assert.same({ row[2], row[3] }, { name, code })
    end
    assert.same({ "foreign_answer", 325, "api" }, { named({ status = 0, id = 325 }, { client_ref_id = "OTHER" }) })
    assert.same({ "foreign_answer", 347, "api" }, { named({ status = 347, id = 347 }, { client_ref_id = "OTHER" }) })
    local _, failure = debit { status = 0, id = 325 }
    assert.equal("the answer decides nothing", failure.message)
    _, failure = debit { status = 0, id = 325, tx = 1 }
    assert.equal(outcomes.codes[55].advice, failure.message)
  end)

  it("tells what it says of the transaction, but not what another's says", function()
    local _, _, found = debit({ status = 0, id = 325, tx = 1 }, { data = { tid = "T1", tx_status = 1, reason = "declined" } })
    assert.same({ "T1", "1", "declined" }, { found.tid, found.tx_status, found.reason })
    _, _, found = debit({ status = 0, id = 325, tx = 1 }, { data = {}, tid = "T1", tx_status = "1", reason = "" })
    assert.same({ "T1", "1" }, { found.tid, found.tx_status, found.reason })
    assert.same({}, facts.details { tid = {}, reason = true, data = { tx_status = {} } })
    _, _, found = debit({ status = 0, id = 325, tx = 0 }, { client_ref_id = "OTHER" })
    assert.same({}, { found.tid, found.tx_status, found.reason })
    _, _, found = debit({ status = 2485, id = 2485 }, { reason = "expired" })
    assert.is_nil(found.reason)
  end)

  it("says as little as nothing of a transaction that it does not know", function()
    for tx_status, state in pairs(STATES) do assert.equal(state, verdict.state_of(tx_status)) end
    for _, other in ipairs { 7, -1, false } do assert.equal("unknown", verdict.state_of(other)) end
    assert.equal("unknown", verdict.state_of(nil))
    assert.same({ client_ref_id = "R", amount = "5", tid = nil }, facts.of { client_ref_id = "R", amount = 5, otp = "1", tid = "", account = true })
  end)

  it("names the transaction by its reference or its tid", function()
    for _, row in ipairs {
      { { client_ref_id = "REF-1" }, true }, { { data = { client_ref_id = "REF-1" } }, true }, { { tid = "T1" }, true }, { { data = { tid = "T1" } },
        true }, { {}, false },
      { { client_ref_id = "x" }, false }, { { tid = "x", data = { tid = "y" } }, false }, { { amount = "100" }, false },
        { { data = { client_ref_id = "x" }, client_ref_id = "REF-1" }, true },
    } do assert.equal(row[2], facts.names(row[1], FACTS)) end
    assert.is_false(facts.names({ client_ref_id = "REF-1" }, {}))
    assert.is_false(facts.names({}, {}))
    assert.is_true(facts.names({ tid = "T1" }, { tid = "T1" }))
    assert.equal("amount", facts.mismatch({ amount = "101" }, FACTS))
    assert.is_nil(facts.mismatch({ amount = "100" }, FACTS))
  end)
end)

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
      assert.is_true(retry.may_repeat(GET, err))
      for _, other in ipairs(OTHERS) do assert.is_false(retry.may_repeat(other, err)) end
    end
    for _, err in ipairs { { kind = "http", http_status = 409 }, { kind = "http", http_status = 400 }, { kind = "http", http_status = 302 },
      { kind = "decode" }, { kind = "api", code = 1 },
      { kind = "http", http_status = 404 }, { kind = "indeterminate" }, { kind = "decode", http_status = 500 } } do
      assert.is_false(retry.may_repeat(GET, err))
    end
    for _, name in ipairs(PERMANENT) do assert.is_false(retry.may_repeat(GET, { kind = "transport", name = name })) end
  end)

  it("is signed anew once where the platform's authentication said no", function()
    for code = 2480, 2490 do
      local is_one = code >= 2483 and code <= 2487
      assert.equal(is_one and "coded" or nil, retry.authentication { kind = "api", code = code })
      assert.equal(is_one, retry.may_sign_again(POST, { kind = "api", code = code }))
      for _, mark in ipairs { "moves_money", "billed", "carries_pid" } do assert.is_false(retry.may_sign_again({ [mark] = true }, { kind = "api",
        code = code })) end
      assert.is_nil(retry.authentication { kind = "http", code = code, http_status = 200 })
    end
    for status = 399, 404 do
      local is_one = status == 401 or status == 403
      assert.equal(is_one and "bare" or nil, retry.authentication { kind = "http", http_status = status })
      assert.is_nil(retry.authentication { kind = "api", http_status = status })
      assert.is_false(retry.may_sign_again(POST, { kind = "http", http_status = status }))
      assert.equal(is_one, retry.may_sign_again(POST, { kind = "http", http_status = status, clock_corrected = true }))
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
      assert.is_true(retry.is_unknown(err))
      err.sent = false
      assert.is_false(retry.is_unknown(err))
      err.sent = true
      assert.is_true(retry.is_unknown(err))
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
      assert.equal(0.1, retry.pause(tries, nil, 0))
      assert.is_true(math.abs(retry.pause(tries, nil, 1) - most) < 1e-9)
      assert.is_true(math.abs(retry.pause(tries, nil, 0.5) - (0.1 + (most - 0.1) / 2)) < 1e-9)
      assert.equal(9, retry.pause(tries, 9, 1))
      assert.equal(0.1, retry.pause(tries, 0, 0))
    end
  end)
end)
