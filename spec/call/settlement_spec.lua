-- What an authentication failure proves of a debit, and what it does not; what a look-up may decide.
local eko = require "eko"

local KEYS = { developer_key = "test-developer-key", initiator_id = "9962981729", user_code = "20810200" }
local TRANSFER = { recipient_id = 1, amount = 100, customer_id = "9444444444", otp = "1234", otp_ref_id = "66", client_ref_id = "REF-1" }
local NOW = 1790000000 -- seconds; a multiple of a thousand milliseconds

local number = 0

local function date(seconds) return os.date("!%a, %d %b %Y %H:%M:%S GMT", math.floor(seconds)) end

-- A client whose clock and platform are ours. `answer(clock)` answers the debit; time may pass in it.
local function world(answer, inquiry)
  local clock = { now = NOW }
  local seen = { posts = 0, gets = 0 }
  number = number + 1
  local options = {
    base_url = "http://127.0.0.1:1/ekoapi/v3", access_key = "settlement-spec-" .. number,
    clock = function() return clock.now * 1000 end,
    transport = function(request)
      local given
      if request.method == "GET" then
        seen.gets = seen.gets + 1
        given = type(inquiry) == "function" and inquiry(request) or inquiry
      else
        seen.posts = seen.posts + 1
        given = answer(clock)
      end
      if given.name then return nil, { name = given.name, sent = given.sent } end
      return { status = given.status or 200, headers = given.headers or {}, body = given.body }
    end,
  }
  for name, value in pairs(KEYS) do options[name] = value end
  return eko.client(options), seen, clock
end

local NOT_FOUND = { body = '{"status":168,"response_status_id":1,"response_type_id":-1,"message":"TID does not exist"}' }
local function found(tx_status, more)
  return { body = ('{"status":0,"response_status_id":0,"response_type_id":1472,"data":{"tid":"12","tx_status":"%s",'
    .. '"client_ref_id":"REF-1","amount":"100.00"%s}}'):format(tx_status, more or "") }
end
local SUCCESS = { body = '{"status":0,"response_status_id":0,"response_type_id":325,"data":{"tid":"11","tx_status":"0"}}' }

local function expired(when, status)
  return { status = status or 401, headers = { date = when }, body = '{"message":"m","status":2485,"response_type_id":2485,"response_status_id":1}' }
end
local function bare(when) return { status = 403, headers = { date = when }, body = "Forbidden" } end

describe("an authentication failure of a debit", function()
  -- { what, the answer, state }
  local CASES = {
    { "proves by its Date that the request was too old", function(c) return expired(date(c.now + 200)) end, "not_sent" },
    { "without a code as well", function(c) return bare(date(c.now + 200)) end, "not_sent" },
    { "with its Date twice alike as well", function(c) return expired(date(c.now + 200) .. ", " .. date(c.now + 200)) end, "not_sent" },
    { "proves nothing when only the way may have taken so long", function(c)
      c.now = c.now + 200
      return expired(date(c.now))
    end, "unknown" },
    { "proves nothing within two minutes and a half", function(c) return expired(date(c.now + 149)) end, "unknown" },
    { "proves nothing when the platform is behind", function(c) return expired(date(c.now - 5000)) end, "unknown" },
    { "proves nothing without a Date", function() return expired(nil) end, "unknown" },
    { "proves nothing by a Date that is none", function() return expired "Sun, 31 Feb 2026 00:00:00 GMT" end, "unknown" },
    { "proves nothing by two Dates", function(c) return expired(date(c.now + 200) .. ", " .. date(c.now + 201)) end, "unknown" },
    { "proves nothing by a Date beyond a day", function(c) return expired(date(c.now + 90000)) end, "unknown" },
    { "proves nothing with an HTTP status that leaves all open", function(c) return expired(date(c.now + 200), 503) end, "unknown" },
    { "with another code is final: it was never let in", function(c)
      return { status = 401, headers = { date = date(c.now) }, body = '{"status":2484,"response_type_id":2484,"response_status_id":1}' }
    end, "failed" },
  }

  for _, case in ipairs(CASES) do
    it(case[1], function()
      local client, seen = world(case[2], NOT_FOUND)
      local result, err = client.fino:transfer(TRANSFER)
      assert.is_nil(result)
      assert.equal(case[3], err.state)
      assert.equal(1, seen.posts)
      assert.equal(case[3] == "failed" and 0 or 1, seen.gets)
      assert.equal(case[3] == "unknown", err.kind == "indeterminate")
      assert.equal(case[3] == "not_sent", err.retryable)
      if case[3] == "not_sent" then assert.is_false(err.sent) end
    end)
  end

  it("proves nothing once a call was accepted in the last ten minutes with the same clock, nor does another code", function()
    for _, code in ipairs { 2485, 2483, 2484, 2486, 2487 } do
      local first = true
      local client, seen = world(function(c)
        if first then
          first = false
          return SUCCESS
        end
        return { status = 401, headers = { date = date(c.now + 200) }, body = ('{"status":%d,"response_type_id":%d}'):format(code, code) }
      end, NOT_FOUND)
      assert(client.fino:transfer(TRANSFER))
      local _, err = client.fino:transfer(TRANSFER)
      assert.same({ "indeterminate", "unknown", 2, 1 }, { err.kind, err.state, seen.posts, seen.gets })
    end
  end)

  it("proves nothing against an inquiry that finds the debit, and nothing when the inquiry fails", function()
    local function late(c) return expired(date(c.now + 200)) end
    local client, seen = world(late, found "0")
    local result = assert(client.fino:transfer(TRANSFER))
    assert.same({ "succeeded", "12", true, 1 }, { result.state, result.tid, result.inquired, seen.posts })
    client = world(late, { name = "timeout" })
    local _, err = client.fino:transfer(TRANSFER)
    assert.same({ "indeterminate", "unknown", "timeout" }, { err.kind, err.inquiry.state, err.inquiry.error.name })
  end)
end)

describe("a look-up", function()
  local function lost() return { name = "timeout" } end

  -- { what, the inquiry's answer, what the call ends with, its state }
  local CASES = {
    { "tx_status 0", found "0", "result", "succeeded" }, { "tx_status 2", found "2", "result", "pending" },
    { "tx_status 5", found "5", "result", "pending" }, { "tx_status 6", found "6", "result", "pending" },
    { "tx_status 3", found "3", "result", "refund_pending" }, { "tx_status 4", found "4", "result", "refunded" },
    { "tx_status 1", found "1", "api", "failed" },
    { "an unknown tx_status", found "9", "indeterminate", "unknown" }, { "no tx_status", found "", "indeterminate", "unknown" },
    { "not found", NOT_FOUND, "indeterminate", "unknown" },
    { "another's reference", { body = found("0").body:gsub("REF%-1", "REF-2") }, "indeterminate", "unknown" },
    { "neither reference nor tid of ours", { body = found("0").body:gsub('"client_ref_id":"REF%-1",', "") }, "indeterminate", "unknown" },
    { "another amount", { body = found("0").body:gsub("100%.00", "101.00") }, "indeterminate", "unknown" },
    { "the amount written otherwise", { body = found("0").body:gsub('"100%.00"', '"1.0E2"') }, "result", "succeeded" },
    { "another recipient", found("0", ',"recipient_id":2'), "indeterminate", "unknown" },
    { "two tids", found("0", ',"tid":"13"'), "indeterminate", "unknown" },
    { "a page", { status = 502, body = "<html>" }, "indeterminate", "unknown" },
    { "an authentication failure", expired(nil), "indeterminate", "unknown" },
  }

  for _, case in ipairs(CASES) do
    it("that finds " .. case[1], function()
      local client, seen = world(lost, case[2])
      local result, err = client.fino:transfer(TRANSFER, { retries = 0 })
      assert.equal(case[3], result and "result" or err.kind)
      assert.equal(case[4], (result or err).state)
      assert.equal(1, seen.posts)
      if not result then
        assert.is_table(err.inquiry)
        assert.is_string(err.inquiry.state)
        assert.equal("REF-1", err.client_ref_id)
      end
    end)
  end

  it("is a table on every error that leaves the money's fate open, and never another's #harm03", function()
    for _, inquiry in ipairs { NOT_FOUND, { name = "timeout" }, { status = 502, body = "<html>" },
      { body = found("0").body:gsub("REF%-1", "REF-2") }, { body = found("0").body:gsub("100%.00", "7.00") } } do
      local client = world(lost, inquiry)
      local result, err = client.fino:transfer(TRANSFER)
      assert.is_nil(result)
      assert.is_table(err.inquiry)
      assert.equal("unknown", err.inquiry.state)
      assert.truthy(err.inquiry.error)
      assert.is_nil(err.inquiry.tid)
    end
  end)

  it("may take the client's inquiry_timeout beyond the call's deadline", function()
    local core, deadline = require "eko.core", nil
    local options = { base_url = "http://127.0.0.1:1/ekoapi/v3", access_key = "settlement-timeout", inquiry_timeout = 7 }
    for name, value in pairs(KEYS) do options[name] = value end
    function options.transport(request)
      if request.method == "GET" then deadline = request.deadline - core.text.monotonic() end
      return nil, { name = "timeout" }
    end
    eko.client(options).fino:transfer(TRANSFER, { timeout = 3, retries = 0 })
    assert.is_true(deadline > 9 and deadline <= 10)
  end)
end)

describe("client:inquire", function()
  local function inquire(answer, what)
    local asked
    local client = world(function() return { name = "timeout" } end, function(request)
      asked = request.url
      return answer
    end)
    local ok, err = client:inquire(what or { client_ref_id = "REF-1" })
    return ok, err, asked
  end

  it("tells state, amounts and references as text", function()
    local told = assert(inquire { body = [[{"status":0,"response_type_id":1472,"data":{"tid":12,"tx_status":5,"client_ref_id":"REF-1",
      "amount":100.50,"fee":"4.0","bank_ref_num":"","reason":"On hold"}}]] })
    told.response = nil
    assert.same({ state = "pending", tid = "12", tx_status = "5", client_ref_id = "REF-1", amount = "100.5", fee = "4.0", reason = "On hold" }, told)
  end)

  it("asks by the reference, or by the tid", function()
    local _, _, asked = inquire(NOT_FOUND)
    assert.truthy(asked:find("/client_ref_id:REF-1?", 1, true))
    for _, tid in ipairs { "355419717321", 355419717321 } do
      local told
      told, _, asked = inquire({ body = '{"status":0,"response_type_id":1472,"data":{"tid":"355419717321","tx_status":"0"}}' }, { tid = tid })
      assert.truthy(asked:find("/355419717321?", 1, true))
      assert.equal("succeeded", told.state)
    end
  end)

  it("has an error for what is not found, and for what is another's", function()
    local _, err = inquire(NOT_FOUND)
    assert.same({ "transaction_not_found", "unknown" }, { err.name, err.state })
    _, err = inquire { body = found("0").body:gsub("REF%-1", "REF-2") }
    assert.same({ "foreign_answer", "unknown" }, { err.name, err.state })
    _, err = inquire(found "0", { client_ref_id = "REF-1", tid = "99" })
    assert.equal("foreign_answer", err.name)
    _, err = inquire(found "0", { client_ref_id = "REF-1", amount = 99 })
    assert.equal("foreign_answer", err.name)
    _, err = inquire(found("0", ',"account":"XXXXXXX1234","ifsc":"SBIN0000123"'), { client_ref_id = "REF-1", account = "50100991235" })
    assert.equal("foreign_answer", err.name)
    assert(inquire(found("0", ',"account":"XXXXXXX1235","ifsc":"SBIN0000123"'),
      { client_ref_id = "REF-1", account = "50100991235", ifsc = "SBIN0000123" }))
  end)

  it("does not take a failure about another parameter, or a generic one, for not found", function()
    for _, body in ipairs {
      '{"status":463,"response_type_id":-1,"invalid_params":{"initiator_id":"unknown"}}',
      '{"status":1,"response_type_id":-1,"response_status_id":1,"message":"No such transaction"}',
      '{"status":319,"response_type_id":-1}',
    } do
      local _, err = inquire { body = body }
      assert.are_not.equal("transaction_not_found", err.name)
    end
  end)

  it("raises for misuse", function()
    local client = world(function() return SUCCESS end, NOT_FOUND)
    for _, bad in ipairs { 1, {}, { client_ref = "x" }, { client_ref_id = 12 }, { tid = {} } } do
      assert.has_error(function() client:inquire(bad) end)
    end
    local _, err = client:inquire { client_ref_id = "not a reference" }
    assert.equal("invalid_request", err.kind)
  end)
end)

describe("a page in JSON under an HTTP status by which a request is not taken", function()
  it("is no envelope of the platform's when it only repeats that status", function()
    for _, status in ipairs { 400, 404, 405, 413, 415, 422 } do
      for _, form in ipairs { '{"timestamp":"2026-11-27","status":%d,"error":"x","path":"/y"}', '{"status":"%d"}', '{"message":"%d"}' } do
        local client, seen = world(function() return { status = status, body = form:format(status) } end, NOT_FOUND)
        local _, err = client.fino:transfer(TRANSFER)
        assert.same({ "failed", 1, 0 }, { err.state, seen.posts, seen.gets }, form)
      end
      for _, body in ipairs { '{"status":1}', '{"status":0,"data":{}}', ('{"status":%d,"response_type_id":55}'):format(status) } do
        local client, seen = world(function() return { status = status, body = body } end, NOT_FOUND)
        local _, err = client.fino:transfer(TRANSFER)
        assert.same({ "indeterminate", 1, 1 }, { err.kind, seen.posts, seen.gets }, body)
      end
    end
  end)
end)
