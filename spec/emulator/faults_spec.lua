-- Faults that the money rules are checked with: answers of every kind, and a balancer that repeats a request.
local answers = require "spec.support.answers"
local caller = require "spec.support.emulator_caller"
local core = require "eko.core"
local emulator_server = require "spec.support.emulator_server"
local rails = require "spec.support.emulator_rails"
local socket = require "socket"

local mobile, answer = rails.mobile, answers.of
local LOAD = "/customer/payment/ppi-digikhata/sender/" .. mobile .. "/wallet/loadwallet"
local DATE, OWN_DATE = "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 21 Sep 2026 14:13:20 GMT"

--- A transfer of 500 on Fino, struck by a fault: s, decoded body, response.
local function struck(plan, options)
  local s = rails.new(options)
  local order = s.order("fino", s.recipient "fino", 500)
  local handle = s.platform:fault(plan)
  local body, response = s.call("POST", rails.all.fino[1], order)
  assert.equal(1, handle.seen)
  return s, body, response
end

local function show(body)
  if body == nil then return nil end
  return body.response_type_id and answer(body) or body.message
end

describe("an answer fault", function()
  -- plan, HTTP status, the answer's name or text, Date, debits
  local ANSWERS = {
    { { kind = "answer", status = 409 }, 409, nil, OWN_DATE, 0 },
    { { kind = "answer", status = 409, commit = true }, 409, "transferred", OWN_DATE, 1 },
    { { kind = "answer", status = 206, commit = true }, 206, "transferred", OWN_DATE, 1 },
    { { kind = "answer", status = 499, body = "", commit = true }, 499, nil, OWN_DATE, 1 },
    { { kind = "answer", status = 200, body = { status = "pending" } }, 200, nil, OWN_DATE, 0 },
    { { kind = "answer", body = { message = "hm" }, commit = true }, 200, "hm", OWN_DATE, 1 },
    { { kind = "answer", commit = true, date_offset = -3600 }, 200, "transferred", "Mon, 21 Sep 2026 13:13:20 GMT", 1 },
    { { kind = "answer", commit = true, date = DATE }, 200, "transferred", DATE, 1 },
    { { kind = "answer", commit = true, date = false }, 200, "transferred", nil, 1 },
    { { kind = "redirect" }, 302, nil, OWN_DATE, 0 },
    { { kind = "redirect", status = 307, commit = true }, 307, nil, OWN_DATE, 1 },
    { { kind = "redirect", status = 308, location = "/elsewhere", commit = true }, 308, nil, OWN_DATE, 1 },
    { { kind = "too_many", commit = true }, 429, nil, OWN_DATE, 1 },
    { { kind = "auth", code = 2483 }, 401, "wrong_developer_key", OWN_DATE, 0 },
    { { kind = "auth", code = 2484 }, 401, "bad_signature", OWN_DATE, 0 },
    { { kind = "auth", code = 2485, commit = true }, 401, "expired_timestamp", OWN_DATE, 1 },
    { { kind = "auth", code = 2486, http = 403 }, 403, "invalid_timestamp", OWN_DATE, 0 },
    { { kind = "auth", code = 2487, date_offset = 120 }, 401, "missing_security_headers", "Mon, 21 Sep 2026 14:15:20 GMT", 0 },
    { { kind = "auth" }, 401, nil, OWN_DATE, 0 },
    { { kind = "auth", code = 2485, text = true, http = 403 }, 403, nil, OWN_DATE, 0 },
    { { kind = "altered", remove = { "response_type_id", "status" } }, 200, "Transaction successful", OWN_DATE, 1 },
    { { kind = "altered", set = { status = 55, response_type_id = 55 }, status = 500 }, 500, "55/0/55", OWN_DATE, 1 },
    { { kind = "altered", commit = false, set = { status = 55 } }, 200, nil, OWN_DATE, 0 },
    { { kind = "foreign", what = "tid" }, 200, "transferred", OWN_DATE, 1 },
  }
  for index, row in ipairs(ANSWERS) do
    it(("%d: %s with HTTP %d"):format(index, row[1].kind, row[2]), function()
      local s, body, response = struck(row[1])
      assert.same({ row[2], row[4], row[5] }, { response.status, response.headers.date, s.platform:debits() })
      assert.equal(row[3], show(body))
      local entry = s.platform:requests("dmt-initiate-transfer")[1]
      assert.same({ row[1].kind, row[2] }, { entry.fault, entry.http_status })
    end)
  end

  it("says what it is told to", function()
    local _, _, response = struck { kind = "auth" }
    assert.equal("Kindly use registered credentials to access this API", response.body)
    assert.equal("text/plain;charset=UTF-8", response.headers["content-type"])
    _, _, response = struck { kind = "auth", text = "no", code = 2484 }
    assert.equal("no", response.body)
    _, _, response = struck { kind = "answer", status = 503, headers = { ["Retry-After"] = DATE, ["content-type"] = false } }
    assert.same({ DATE, nil, "HTTP 503" }, { response.headers["retry-after"], response.headers["content-type"], response.body })
    _, _, response = struck { kind = "redirect", location = "/elsewhere", status = 301 }
    assert.equal("/elsewhere", response.headers.location)
    _, _, response = struck { kind = "truncated", bytes = 7 }
    assert.equal(7, #response.body)
    local s = rails.new()
    s.platform:fault { kind = "answer", date = { DATE, OWN_DATE } }
    assert.equal(DATE .. ", " .. OWN_DATE, s.platform(s.request("GET", "/customer/profile/" .. mobile)).headers.date)
  end)

  it("changes members of the platform's own answer, and leaves the rest", function()
    local _, body = struck { kind = "altered", set = { ["data.tx_status"] = "5", tx_status = "2", ["data.more.deep"] = 1 },
      remove = { "data.tid" } }
    assert.same({ "5", "2", nil, 1, "500.00" },
      { body.data.tx_status, body.tx_status, body.data.tid, body.data.more.deep, body.data.amount })
    local s, _, response = struck { kind = "altered", duplicate = { ["data.tid"] = "9", status = 7 } }
    local tid = s.platform:transactions()[1].tid
    assert.truthy(response.body:find(('"tid":"%s","tid":"9"'):format(tid), 1, true))
    assert.truthy(response.body:find('"status":0,"status":7', 1, true))
    assert.is_nil(response.body:find("u0000", 1, true))
    s, _, response = struck { kind = "altered", duplicate = { ["data.tid"] = "9" }, first = true }
    tid = s.platform:transactions()[1].tid
    assert.truthy(response.body:find(('"tid":"9","tid":"%s"'):format(tid), 1, true))
    assert.equal(tid, s.inquire(tid).data.tid)
  end)

  it("speaks of somebody else's transaction", function()
    local places = { reference = "client_ref_id", tid = "tid", amount = "amount", account = "account", recipient = "recipient_id" }
    for what, member in pairs(places) do
      local s, plain = struck { kind = "altered" }
      local _, body = struck { kind = "foreign", what = what }
      assert.are_not.equal(plain.data[member], body.data[member], what)
      assert.equal(type(plain.data[member]), type(body.data[member]), what)
      for name, value in pairs(plain.data) do
        if name ~= member then assert.same(value, body.data[name], name) end
      end
      assert.equal(1, s.platform:debits())
    end
    local _, body = struck { kind = "foreign", what = "reference", value = "theirs" }
    assert.equal("theirs", body.data.client_ref_id)
    local s = rails.new()
    s.transfer("fino", s.recipient "fino", 500)
    s.platform:fault { kind = "foreign", slug = "transaction-inquiry" }
    assert.are_not.equal("ref-1", s.inquire("client_ref_id:ref-1").data.client_ref_id)
    assert.equal("ref-1", s.inquire("client_ref_id:ref-1").data.client_ref_id)
  end)

  it("is refused when it cannot be", function()
    local s = rails.new()
    for _, case in ipairs {
      { { kind = "answer", status = 100 }, "200 to 599" }, { { kind = "answer", status = "200" }, "200 to 599" },
      { { kind = "auth", http = 1000 }, "200 to 599" }, { { kind = "foreign", what = "name" }, "`what` of a foreign answer" },
      { { kind = "cut", ending = "burst" }, "close, reset or keep" }, { { kind = "balancer", copy = "dupplicate" }, "did you mean 'duplicate'" },
      { { kind = "balancer", node = "third" }, "same or other" }, { { kind = "balancer", debits = 1 }, "first or second" },
      { { kind = "balancer", later = 1 }, "goes with answer" }, { { kind = "answer", boddy = "" }, "did you mean 'body'" },
    } do
      assert.error_matches(function() s.platform:fault(case[1]) end, case[2])
    end
  end)
end)

describe("a balancer", function()
  -- options of the fault; what the caller is told; the same entry's other outcome; debits; whether the told tid is the one that paid
  local COPIES = {
    { {}, "expired_timestamp", "325", 1 },
    { { answer = "first" }, "transferred", "auth 2485", 1, true },
    { { debits = "second" }, "transferred", "auth 2485", 1, true },
    { { debits = "second", answer = "first" }, "expired_timestamp", "325", 1 },
    { { node = "other" }, "failed", "325", 1 },
    { { copy = "duplicate", answer = "first" }, "transferred", "1", 1, true },
    { { copy = "duplicate", debits = "second", answer = "first" }, "failed", "325", 1 },
    { { copy = "consumed" }, "transaction_declined", "325", 1, false },
    { { copy = "consumed", answer = "first" }, "transferred", "55", 1, true },
    { { copy = "consumed", debits = "second" }, "transferred", "55", 1, true },
    { { copy = "consumed", debits = "second", answer = "first" }, "transaction_declined", "325", 1, false },
    { { copy = "debits" }, "transferred", "325", 2, false },
    { { copy = "debits", answer = "first" }, "transferred", "325", 2, true },
  }
  for index, row in ipairs(COPIES) do
    it(("%d: is told %s"):format(index, row[2]), function()
      local plan = { kind = "balancer" }
      for name, value in pairs(row[1]) do plan[name] = value end
      local s, body = struck(plan)
      assert.equal(row[2], answer(body))
      assert.equal(row[4], s.platform:debits "ref-1")
      assert.equal(("%.2f"):format(1000000 - 510 * row[4]), s.platform:agent_balance())
      local found = s.inquire "client_ref_id:ref-1"
      assert.equal("0", found.data.tx_status)
      if row[5] ~= nil then assert.equal(row[5], found.data.tid == body.data.tid) end
      assert.equal(1, s.platform:count "dmt-initiate-transfer")
      assert.equal(row[3], s.platform:requests("dmt-initiate-transfer")[1].copy)
    end)
  end

  it("asks the platform's own options when the copy meets another node", function()
    local s, body = struck({ kind = "balancer", node = "other" }, { duplicate_ref = "process" })
    assert.equal("transaction_declined", answer(body))
    assert.equal("OTP already Consumed", body.data.reason)
    assert.equal(1, s.platform:debits())
    assert.equal(2, #s.platform:transactions "ref-1")
  end)

  it("may hold the second back until after later requests", function()
    local s, body = struck { kind = "balancer", debits = "second", answer = "first", later = 2 }
    assert.equal("expired_timestamp", answer(body))
    assert.equal(0, s.platform:debits())
    assert.equal("transaction_not_found", answer(s.inquire "client_ref_id:ref-1"))
    assert.equal(0, s.platform:debits())
    assert.equal("transaction_not_found", answer(s.inquire "client_ref_id:ref-1"))
    assert.equal(1, s.platform:debits())
    assert.equal("0", s.inquire("client_ref_id:ref-1").data.tx_status)
    assert.equal("325", s.platform:requests("dmt-initiate-transfer")[1].copy)
    s = struck { kind = "balancer", debits = "second", answer = "first", later = 1 }
    s.platform:clear()
    s.inquire "client_ref_id:ref-1"
    assert.equal(0, s.platform:debits())
  end)

  it("repeats wallet loads, refunds and what moves no money", function()
    local s = rails.new()
    s.platform:fault { kind = "balancer", answer = "first", copy = "debits" }
    assert.equal("wallet_loaded", answer(s.call("POST", LOAD, { amount = "250", org_id = "1", client_ref_id = "load-1" })))
    assert.same({ 2, "5500.00" }, { s.platform:debits "load-1", s.platform:customer(mobile).digikhata.balance })
    local tid = s.transfer("fino", s.recipient "fino", 500).data.tid
    s.platform:settle(tid, "3")
    s.platform:fault { kind = "balancer", node = "other" }
    local before = tonumber(s.platform:agent_balance())
    assert.equal("not_refundable", answer(s.call("POST", "/customer/payment/refund/" .. tid, { otp = s.otp() })))
    assert.equal(before + 510, tonumber(s.platform:agent_balance()))
    before = #s.platform:sms(mobile)
    s.platform:fault { kind = "balancer" }
    assert.equal("expired_timestamp", answer(s.call("GET", "/customer/payment/ppi-levin/sender/" .. mobile)))
    assert.equal(before + 1, #s.platform:sms(mobile))
  end)

  it("may shift the Date of what it tells", function()
    local _, _, response = struck { kind = "balancer", date_offset = 3600 }
    assert.same({ 401, "Mon, 21 Sep 2026 15:13:20 GMT" }, { response.status, response.headers.date })
  end)
end)

describe("damage after the money left", function()
  it("is the error that a caller sees", function()
    local cases = {
      { { kind = "cut" }, "connection_closed", true }, { { kind = "cut", bytes = 20 }, "connection_closed", nil },
      { { kind = "interim" }, "connection_closed", nil }, { { kind = "interim", status = 103, ending = "keep" }, "timeout", nil },
      { { kind = "reset" }, "connection_reset", true }, { { kind = "drop", commit = true }, "connection_closed", nil },
    }
    for _, case in ipairs(cases) do
      local s = rails.new()
      local order = s.order("fino", s.recipient "fino", 500)
      s.platform:fault(case[1])
      local response, err = s.platform(s.request("POST", rails.all.fino[1], order))
      assert.is_nil(response)
      assert.same({ case[2], case[3] }, { err.name, err.sent }, case[1].kind)
      assert.equal(1, s.platform:debits())
    end
  end)
end)

describe("on the wire", function()
  local server, signed

  setup(function()
    server = emulator_server.start { config = { customers = { [mobile] = { digikhata = "active" } } } }
    signed = caller.new {
      developer_key = server.developer_key, access_key = server.access_key, base = server.base_url, clock = core.text.now_ms,
    }
  end)

  teardown(function() server.stop() end)

  --- Loads 250 rupees under a fault; everything that came until the connection ended or fell silent, and the reason.
  local function bytes_of(plan, reference)
    server.clear()
    server.fault(plan)
    local request = signed("POST", LOAD, { amount = "250", org_id = "1", client_ref_id = reference })
    local host, port = request.url:match "^%a+://([^:/]+):(%d+)"
    local client = assert(socket.connect(host, tonumber(port)))
    client:settimeout(0.5)
    local lines = { ("POST %s HTTP/1.1"):format(request.url:match "^%a+://[^/]+(.*)$"), "host: " .. host, "content-length: " .. #request.body }
    for name, value in pairs(request.headers) do lines[#lines + 1] = name .. ": " .. value end
    assert(client:send(table.concat(lines, "\r\n") .. "\r\n\r\n" .. request.body))
    local whole, problem, partial = client:receive "*a"
    client:close()
    return whole or partial, problem
  end

  it("they are the same, and the server counts debits", function()
    local cases = {
      { { kind = "answer", status = 425, commit = true, body = "" }, "^HTTP/1.1 425 ", 1, "timeout" },
      { { kind = "answer", status = 206, commit = true }, '^HTTP/1.1 206 .*"response_type_id":2447', 1, "timeout" },
      { { kind = "auth", code = 2485, http = 403, date = DATE }, "^HTTP/1.1 403 .*date: Thu, 01 Jan 1970", 0, "timeout" },
      { { kind = "redirect", status = 307, commit = true }, "^HTTP/1.1 307 .*location: http", 1, "timeout" },
      { { kind = "balancer" }, '^HTTP/1.1 401 .*"status":2485', 1, "timeout" },
      { { kind = "balancer", copy = "debits" }, '^HTTP/1.1 200 .*"response_type_id":2447', 2, "timeout" },
      { { kind = "interim" }, "^HTTP/1.1 100 Interim\r\n\r\n$", 1, nil },
      { { kind = "interim", status = 102, ending = "keep" }, "^HTTP/1.1 102 Interim\r\n\r\n$", 1, "timeout" },
      { { kind = "cut", bytes = 20 }, "^HTTP/1.1 200 OK\r\ncon$", 1, nil },
      { { kind = "cut", ending = "reset" }, "^HTTP/1.1 200 OK\r\n.*\r\n\r\n{", 1, "closed" },
      { { kind = "altered", duplicate = { ["data.tid"] = "9" } }, '"tid":"3%d+","tid":"9"', 1, "timeout" },
    }
    for index, case in ipairs(cases) do
      local reference = "load-" .. index
      local bytes, problem = bytes_of(case[1], reference)
      assert.truthy(bytes:find(case[2]), index .. ": " .. bytes)
      assert.equal(case[4], problem, index)
      assert.equal(case[3], server.debits(reference), index)
      assert.equal(case[3], #server.transactions(reference))
    end
  end)

  it("a Date may stand there several times, or not at all", function()
    local bytes = bytes_of({ kind = "answer", commit = true, date = { DATE, OWN_DATE } }, "dates-1")
    assert.truthy(bytes:find("date: " .. DATE, 1, true) and bytes:find("date: " .. OWN_DATE, 1, true))
    bytes = bytes_of({ kind = "answer", commit = true, date = false }, "dates-2")
    assert.is_nil(bytes:lower():find("\ndate:", 1, true))
    assert.equal(1, server.debits "dates-2")
  end)
end)
