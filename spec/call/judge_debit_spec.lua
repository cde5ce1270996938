-- The judge by itself, of calls that move money: what an answer proves. Rows as in judge_codes_spec.lua.
local facts = require "eko.call.facts"
local outcomes = require "eko.base.outcomes"
local redact = require "eko.base.redact"
local rows = require "spec.support.rows"
local verdict = require "eko.call.verdict"

local NIL, given, show = rows.NIL, rows.given, rows.show

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
      assert.same({ "lost", "unknown", "what names the transaction came damaged" },
        { damaged(names).kind, damaged(names).state, damaged(names).why }, show(names))
    end
    for _, names in ipairs { {}, { "recipient_id" }, { "bank_ref_num", "otp_ref_id" } } do assert.equal("result", damaged(names).kind) end
    assert.equal("result", damaged(nil).kind)
  end)

  it("with codes that fit is what its tx_status says; a failed one is a refusal", function()
    for _, codes in ipairs(FINE) do
      for tx_status, state in pairs(STATES) do
        local _, _, found = debit { status = codes[1], id = codes[2], tx = tx_status }
        assert_found(state == "failed" and "refused" or "result", state, nil, found, show { codes, tx_status })
        assert.same({ "T1", tostring(tx_status) }, { found.tid, found.tx_status }, show { codes, tx_status })
      end
    end
  end)

  it("with codes of a failure is lost, unless its tx_status says that the money stayed or comes back", function()
    for _, codes in ipairs(FAILURE) do
      for tx_status, state in pairs(STATES) do
        local _, _, found = debit { status = codes[1], id = codes[2], tx = tx_status }
        if state == "failed" then
          assert_found("refused", state, nil, found, show { codes, tx_status })
        elseif state == "refunded" or state == "refund_pending" then
          assert_found("result", state, nil, found, show { codes, tx_status })
        else
          assert_found("lost", "unknown", "its codes contradict each other", found, show { codes, tx_status })
        end
      end
    end
  end)

  it("with codes that are not known is lost whatever its tx_status is", function()
    for _, codes in ipairs(UNKNOWN) do
      for _, tx_status in ipairs { 0, 1, 2, 3, 4, 5, 6, NIL } do
        local _, _, found = debit { status = codes[1], id = codes[2], tx = tx_status }
        assert_found("lost", "unknown", "its codes are not known", found, show { codes, tx_status })
      end
    end
  end)

  it("with a tx_status that is not known, or two, is lost", function()
    for _, tx_status in ipairs { 7, -1, false, 10 } do
      for _, codes in ipairs { { 0, 325 }, { 347, 347 } } do
        local _, _, found = debit { status = codes[1], id = codes[2], tx = tx_status }
        assert_found("lost", "unknown", "its tx_status is not known, or it has two", found, show { tx_status, codes })
      end
    end
  end)

  it("that is to give money back says so by 4 and by nothing else", function()
    for tx_status, state in pairs(STATES) do
      for _, codes in ipairs { { 0, 74 }, { 0, 325 }, { 347, 347 } } do
        local _, _, found = debit({ status = codes[1], id = codes[2], tx = tx_status }, nil, REFUND)
        if state == "refunded" then
          assert_found("result", "refunded", nil, found, show { tx_status, codes })
        else
          assert_found("lost", "unknown", "it does not say that the refund is done", found, show { tx_status, codes })
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
        assert_found("result", row[3], nil, found, show(row))
      else
        assert_found("lost", "unknown", "it does not say what became of the money", found, show(row))
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
        assert_found("refused", "failed", nil, found, show(row))
      else
        assert_found("lost", "unknown", "the failure does not say whether anything was done", found, show(row))
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
        assert.same({ "authentication", "unknown", row[3] }, { found.kind, found.state, found.code }, show(row))
        _, _, found = debit({ status = row[1], id = row[2] }, { data = { tid = "T1" } })
        assert_found("lost", "unknown", "its codes contradict each other", found, show(row))
      else
        assert.are_not.equal("authentication", found.kind, show(row))
        assert.is_nil(found.code, show(row))
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
        assert.is_nil(found.tid, show { row, place })
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
        assert_found("authentication", "unknown", nil, found, status)
      elseif TAKEN[status] then
        assert_found("final", "failed", nil, found, status)
      elseif status == 200 then
        assert_found("lost", "unknown", "it cannot be read", found, status)
      else
        assert_found("lost", "unknown", "its HTTP status leaves open what was done", found, status)
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
      assert.equal(named, failure.name, status)
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
      assert.same({ row[4], nil, "result" }, { outcome, failure, found.kind }, show(row))
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
      assert.same({ row[2], row[3] }, { name, code }, show(row))
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
