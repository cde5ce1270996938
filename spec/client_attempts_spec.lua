-- How often a client tries: retries, signatures that are refused, and calls that move money, which are never sent again.
local core = require "eko.core"
local rows = require "spec.support.rows"
local support = require "spec.support.scripted_client"

local show = rows.show
local client_with, scripted = support.client, support.transport
local PROFILE, VERIFY, TRANSFER, GET = support.PROFILE, support.VERIFY, support.TRANSFER, support.GET

describe("retries", function()
  local function count(client, seen, run)
    local answer, err = run(client)
    return answer, err, #seen
  end
  local function recipients(client) return client.levin:recipients(GET) end
  local function get(client) return client.levin:get(GET) end
  local function verify(client) return client.levin:verify_otp(VERIFY) end

  it("are made for a GET whose outcome is unknown, at most twice", function()
    for _, fault in ipairs { { name = "timeout" }, { name = "connection_reset" }, { name = "connection_refused", sent = false },
      { status = 503, body = "busy" }, { status = 429, body = "{}" }, { status = 500, body = "<html>" } } do
      local transport, seen = scripted { fault }
      local _, err, n = count(client_with(transport), seen, recipients)
      assert.equal(3, n, show(fault))
      assert.equal(3, err.attempts, show(fault))
    end
    local transport, seen = scripted { { status = 502, body = "x" }, { body = '{"status":0,"response_status_id":-1,"response_type_id":22}' } }
    local answer, _, n = count(client_with(transport), seen, recipients)
    assert.equal("no_recipients", answer.outcome)
    assert.equal(2, n)
    assert.are_not.equal(seen[1].headers["secret-key-timestamp"], seen[2].headers["secret-key-timestamp"])
  end)

  it("are as many as the client allows, and end with the deadline", function()
    local transport, seen = scripted { { name = "timeout" } }
    client_with(transport, { retries = 0 }).levin:recipients(GET)
    assert.equal(1, #seen)
    transport, seen = scripted { { status = 429, headers = { ["retry-after"] = "60" }, body = "{}" } }
    local started = core.text.monotonic()
    client_with(transport, { timeout = 1 }).levin:recipients(GET)
    assert.equal(1, #seen)
    assert.is_true(core.text.monotonic() - started < 0.9)
  end)

  it("are not made for a GET that sends an SMS", function()
    for _, sent in ipairs { "unknown", "answered" } do
      local transport, seen = scripted { sent == "unknown" and { name = "timeout" } or { status = 503, body = "x" } }
      local _, _, n = count(client_with(transport), seen, get)
      assert.equal(1, n, sent)
    end
    local transport, seen = scripted { { name = "connection_refused", sent = false } }
    local _, err, n = count(client_with(transport), seen, get)
    assert.equal(1, n)
    assert.is_true(err.retryable, "it was not received: whoever called may call again")
  end)

  it("are never made for anything but a GET", function()
    for _, fault in ipairs { { name = "timeout" }, { name = "connection_refused", sent = false }, { status = 503, body = "x" }, { status = 429, body = "" } } do
      local transport, seen = scripted { fault }
      local _, err, n = count(client_with(transport), seen, verify)
      assert.equal(1, n, show(fault))
      assert.equal(fault.sent, err.kind == "transport" and err.sent or fault.sent, show(fault))
    end
  end)

  it("are not made for what a GET got a definite answer to", function()
    for _, fault in ipairs { { status = 404, body = "No Mapping Rule matched" }, { body = '{"status":463,"response_type_id":-1}' },
      { body = "not json" }, { name = "tls_verification_failed", sent = false } } do
      local transport, seen = scripted { fault }
      local _, _, n = count(client_with(transport), seen, recipients)
      assert.equal(1, n, show(fault))
    end
  end)
end)

describe("authentication failures", function()
  local function refused(code, date)
    return { status = 401, headers = { date = date }, body = ('{"message":"x","status":%d,"response_type_id":%d,"response_status_id":1}'):format(code, code) }
  end
  local NAMES = { [2483] = "wrong_developer_key", [2484] = "bad_signature", [2485] = "expired_timestamp", [2486] = "invalid_timestamp",
    [2487] = "missing_security_headers" }

  it("have names and plain words", function()
    for code, name in pairs(NAMES) do
      local transport = scripted { refused(code) }
      local _, err = client_with(transport).levin:verify_otp(VERIFY)
      assert.equal(name, err.name)
      assert.equal(code, err.code, name)
      assert.is_true(err.sent, name)
    end
    for _, body in ipairs { "Kindly use your production key", '{"status":1,"message":"Forbidden"}', "" } do
      local transport = scripted { { status = 403, body = body } }
      local _, err = client_with(transport).levin:verify_otp(VERIFY)
      assert.equal("forbidden", err.name, body)
      assert.truthy(err.message:find("whitelist", 1, true) or err.message:find("allow", 1, true), err.message)
    end
  end)

  it("make the client follow the platform's clock, once, for every method", function()
    for _, minutes in ipairs { 10, -10 } do
      local ours = 1700000000000
      local theirs = ours + minutes * 60000
      local date = os.date("!%a, %d %b %Y %H:%M:%S GMT", theirs / 1000)
      local function judge(request)
        local ts = tonumber(request.headers["secret-key-timestamp"])
        if math.abs(ts - theirs) <= 120000 then return { body = PROFILE, headers = { date = date } } end
        return refused(2485, date)
      end
      local transport, seen = scripted { judge }
      local client = client_with(transport, { clock = function() return ours end })
      assert.equal("verified", assert(client.levin:verify_otp(VERIFY)).outcome)
      assert.equal(2, #seen)
      assert.equal(seen[1].body, seen[2].body)
      assert.equal("verified", assert(client.levin:verify_otp(VERIFY)).outcome)
      assert.equal(3, #seen)
    end
  end)

  it("follow the clock for the older plain-text 403 as well", function()
    local ours, theirs = 1700000000000, 1700000400000
    local date = os.date("!%a, %d %b %Y %H:%M:%S GMT", theirs / 1000)
    local transport, seen = scripted { { status = 403, headers = { date = date }, body = "no" }, { body = PROFILE } }
    assert(client_with(transport, { clock = function() return ours end }).levin:verify_otp(VERIFY))
    assert.equal(2, #seen)
  end)

  it("are tried again once for a timestamp that was used, never more", function()
    local date = os.date("!%a, %d %b %Y %H:%M:%S GMT")
    local transport, seen = scripted { refused(2485, date), { body = PROFILE } }
    assert(client_with(transport).levin:verify_otp(VERIFY))
    assert.are_not.equal(seen[1].headers["secret-key-timestamp"], seen[2].headers["secret-key-timestamp"])
    transport, seen = scripted { refused(2485, date) }
    local _, err = client_with(transport).levin:verify_otp(VERIFY)
    assert.equal("expired_timestamp", err.name)
    assert.equal(2, #seen)
    transport, seen = scripted { refused(2484, date) }
    client_with(transport).levin:verify_otp(VERIFY)
    assert.equal(2, #seen)
  end)
end)

describe("a call that moves money", function()
  local FOUND = '{"status":0,"response_status_id":0,"response_type_id":1472,"message":"x","data":{"tid":"12","tx_status":"0",'
    .. '"client_ref_id":"REF-1"}}'

  it("is never sent again when its answer is lost: it is looked up", function()
    for _, fault in ipairs { { name = "timeout" }, { name = "connection_reset" }, { status = 502, body = "<html>" }, { body = '{"sta' },
      { status = 204, body = "" }, { body = '{"message":"No key for Response"}' } } do
      local transport, seen = scripted { fault, { body = FOUND } }
      local answer = assert(client_with(transport).fino:transfer(TRANSFER))
      assert.same({ "succeeded", "12", "0", "completed", true },
        { answer.state, answer.tid, answer.tx_status, answer.outcome, answer.inquired }, show(fault))
      assert.equal("REF-1", answer.response.data.client_ref_id)
      assert.equal(2, #seen)
      assert.equal("GET", seen[2].method, show(fault))
      assert.truthy(seen[2].url:find("/tools/reference/transaction/client_ref_id:REF-1?", 1, true))
    end
  end)

  it("stays indeterminate when it cannot be looked up or is not found", function()
    for _, lookup in ipairs { { name = "timeout" }, { body = '{"status":168,"response_status_id":1,"response_type_id":-1}' } } do
      local transport = scripted { { name = "timeout" }, lookup }
      local _, err = client_with(transport, { retries = 0 }).fino:transfer(TRANSFER)
      assert.equal("indeterminate", err.kind)
      assert.is_false(err.retryable, show(lookup))
      assert.equal("unknown", err.state, show(lookup))
      assert.equal("unknown", err.inquiry.state, show(lookup))
      assert.truthy(err.inquiry.error, show(lookup))
    end
  end)

  it("is not looked up when it surely was not received, or not taken", function()
    for _, case in ipairs { { { name = "connection_refused", sent = false }, "transport", "not_sent" },
      { { status = 404, body = "x" }, "http", "failed" } } do
      local transport, seen = scripted { case[1] }
      local _, err = client_with(transport).fino:transfer(TRANSFER)
      assert.same({ case[2], case[3] }, { err.kind, err.state }, show(case))
      assert.equal(1, #seen)
    end
  end)

  it("that was refused is looked up too: the refusal may be the copy's", function()
    local refusal, unknown = { body = '{"status":347,"response_type_id":-1}' }, { body = '{"status":168,"response_type_id":-1}' }
    local transport, seen = scripted { refusal, unknown }
    local _, err = client_with(transport).fino:transfer(TRANSFER)
    assert.same({ "api", "insufficient_balance", "failed", 2 }, { err.kind, err.name, err.state, #seen })
    transport = scripted { refusal, { body = FOUND } }
    assert.equal("succeeded", assert(client_with(transport).fino:transfer(TRANSFER)).state)
  end)
end)
