local core = require "eko.core"
local eko = require "eko"
local json = require "eko.base.json"
local shell = require "spec.support.shell"

local KEYS = { developer_key = "test-developer-key", access_key = "test-access-key-123", initiator_id = "9962981729", user_code = "20810200" }

local function client_with(transport, more)
  local options = { transport = transport, base_url = "http://127.0.0.1:1/ekoapi/v3" }
  for name, value in pairs(KEYS) do options[name] = value end
  for name, value in pairs(more or {}) do options[name] = value end
  return eko.client(options)
end

-- A transport that answers from a list and keeps what it was asked.
local function scripted(answers)
  local seen = {}
  return function(request)
    seen[#seen + 1] = request
    local answer = answers[math.min(#seen, #answers)]
    if type(answer) == "function" then answer = answer(request) end
    if answer.name then return nil, { name = answer.name, message = answer.message, sent = answer.sent } end
    return { status = answer.status or 200, headers = answer.headers or {}, body = answer.body }
  end, seen
end

local PROFILE = '{"status":0,"response_status_id":-1,"response_type_id":309,"message":"ok","data":{"customer_profile":{"name":"A",'
  .. '"mobile":"9444444444","balance":"0.00","kyc_state":1,"chart":[{"data_type_id":10,"label":"","data":{"used":1,"remaining":2,'
  .. '"unavailable":0}}]},"wallet_token":"a.b.c"}}'
local VERIFY = { customer_id = "9444444444", otp = "012345", otp_ref_id = "a+/=~", intent_id = "19" }
local TRANSFER = { recipient_id = 1, amount = 100, customer_id = "9444444444", otp = "1234", otp_ref_id = "66", client_ref_id = "REF-1" }
local GET = { customer_id = "9444444444" }

describe("a client", function()
  it("signs every call with a timestamp of its own", function()
    local transport, seen = scripted { { body = PROFILE } }
    local client = client_with(transport)
    local last = 0
    for i = 1, 300 do
      assert(client.levin:verify_otp(VERIFY))
      local headers = seen[i].headers
      local ts = tonumber(headers["secret-key-timestamp"])
      assert.is_true(ts > last)
      last = ts
      assert.equal(eko.sign(KEYS.access_key, headers["secret-key-timestamp"]), headers["secret-key"])
      assert.equal(KEYS.developer_key, headers.developer_key)
      assert.equal("application/json", headers["content-type"])
    end
  end)

  it("shares timestamps with the other clients of its key, and none with a client of another clock", function()
    local transport, seen = scripted { { body = PROFILE } }
    local a, b = client_with(transport), client_with(transport)
    for _ = 1, 100 do
      assert(a.levin:verify_otp(VERIFY))
      assert(b.levin:verify_otp(VERIFY))
    end
    local used = {}
    for _, request in ipairs(seen) do
      local ts = request.headers["secret-key-timestamp"]
      assert.is_nil(used[ts])
      used[ts] = true
    end
    local fixed = { clock = function() return 1700000000000 end }
    for _ = 1, 2 do
      local signed = client_with(transport, fixed).levin:verify_otp(VERIFY, { dry_run = true })
      assert.equal("1700000000000", signed.headers["secret-key-timestamp"])
      assert.equal("88lqTf9ew69XbVbeczjxVL8/B4vibfp1MvTi1mIj2Xo=", signed.headers["secret-key"])
    end
  end)

  it("keeps to its timestamp lane", function()
    local transport, seen = scripted { { body = PROFILE } }
    local client = client_with(transport, { timestamp_lane = { index = 2, count = 4 } })
    for i = 1, 50 do
      assert(client.levin:verify_otp(VERIFY))
      assert.equal(2, tonumber(seen[i].headers["secret-key-timestamp"]) % 4)
    end
  end)

  it("waits for a timestamp within its deadline, and says so when there is none", function()
    local transport, seen = scripted { { body = PROFILE } }
    local client = client_with(transport, { clock = function() return 1700000000000 end })
    for _ = 1, 60001 do client:call("ppi-levin-verify-otp", VERIFY, { dry_run = true }) end
    local answer, err = client.levin:verify_otp(VERIFY, { timeout = 0.05 })
    assert.is_nil(answer)
    assert.equal("transport", err.kind)
    assert.equal("timestamps_exhausted", err.name)
    assert.is_false(err.sent)
    assert.equal(0, #seen)
  end)

  it("builds and signs without sending when asked to", function()
    local transport, seen = scripted { { body = PROFILE } }
    local signed = client_with(transport).levin:verify_otp(VERIFY, { dry_run = true, client_ref_id = "REF-7" })
    assert.equal(0, #seen)
    assert.equal("POST", signed.method)
    assert.equal("http://127.0.0.1:1/ekoapi/v3/customer/payment/ppi-levin/sender/9444444444/otp/verify", signed.url)
    assert.equal('{"initiator_id":"9962981729","user_code":"20810200","client_ref_id":"REF-7","otp":"012345",'
      .. '"otp_ref_id":"a+/=~","intent_id":"19"}', signed.body)
  end)

  it("gives every call but a GET a reference of its own", function()
    local transport, seen = scripted { { body = PROFILE } }
    local client = client_with(transport)
    local answer = assert(client:call("ppi-levin-verify-otp", VERIFY))
    local sent = json.decode(seen[1].body)
    assert.truthy(sent.client_ref_id:find("^[A-Za-z0-9_-]+$"))
    assert.equal(sent.client_ref_id, answer.meta.client_ref_id)
    assert(client:call("ppi-levin-verify-otp", VERIFY))
    assert.are_not.equal(sent.client_ref_id, json.decode(seen[2].body).client_ref_id)
    client.levin:get(GET)
    assert.is_nil(seen[3].url:find("client_ref_id", 1, true))
    assert.is_nil(seen[3].body)
  end)

  it("lets a call's own value win over the client's", function()
    local signed = client_with(function() end).levin:get({ customer_id = "9444444444", user_code = "111" }, { dry_run = true })
    assert.truthy(signed.url:find("initiator_id=9962981729&user_code=111", 1, true))
  end)

  it("sends what the catalogue does not know only when told so", function()
    local client = client_with(function() end)
    local _, err = client:call("ppi-levin-verify-otp", { otp = "1", flavour = "x" })
    assert.equal("invalid_request", err.kind)
    assert.truthy(err.invalid_params.flavour)
    local signed = client.levin:verify_otp(VERIFY, { dry_run = true, extra = { flavour = "x", added = { 1, 2 } } })
    assert.truthy(signed.body:find(',"added":[1,2],"flavour":"x"}', 1, true))
  end)

  it("raises for an unknown or ill-typed option of a call, and names an unknown endpoint", function()
    local client = client_with(function() end)
    local ok, message = pcall(client.call, client, "ppi-levin-verify-otp", VERIFY, { dryrun = true })
    assert.is_false(ok)
    assert.truthy(message:find("dry_run", 1, true))
    assert.is_false((pcall(client.levin.verify_otp, client.levin, VERIFY, { timeout = 0 })))
    assert.is_false((pcall(client.levin.verify_otp, client.levin, VERIFY, { dry_run = 1 })))
    local answer, err = client:call("ppi-levin-verify-opt", VERIFY)
    assert.is_nil(answer)
    assert.equal("invalid_request", err.kind)
    assert.equal("unknown_endpoint", err.name)
    assert.truthy(tostring(err):find("ppi-levin-verify-otp", 1, true))
  end)

  it("cannot be changed and shows nothing of its keys", function()
    local client = client_with(function() end)
    assert.is_false((pcall(function() client.levin2 = 1 end)))
    local function walk(value, seen)
      if type(value) == "string" then
        assert.is_nil(value:find(KEYS.access_key, 1, true))
        assert.is_nil(value:find(KEYS.developer_key, 1, true))
      elseif type(value) == "table" and not seen[value] then
        seen[value] = true
        for k, v in pairs(value) do walk(k, seen) walk(v, seen) end
      end
    end
    walk({ client, tostring(client), tostring(client.levin), client.levin }, {})
  end)
end)

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
      assert.equal(3, n)
      assert.equal(3, err.attempts)
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
      assert.equal(1, n)
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
      assert.equal(1, n)
      assert.equal(fault.sent, err.kind == "transport" and err.sent or fault.sent)
    end
  end)

  it("are not made for what a GET got a definite answer to", function()
    for _, fault in ipairs { { status = 404, body = "No Mapping Rule matched" }, { body = '{"status":463,"response_type_id":-1}' },
      { body = "not json" }, { name = "tls_verification_failed", sent = false } } do
      local transport, seen = scripted { fault }
      local _, _, n = count(client_with(transport), seen, recipients)
      assert.equal(1, n)
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
      assert.equal(code, err.code)
      assert.is_true(err.sent)
    end
    for _, body in ipairs { "Kindly use your production key", '{"status":1,"message":"Forbidden"}', "" } do
      local transport = scripted { { status = 403, body = body } }
      local _, err = client_with(transport).levin:verify_otp(VERIFY)
      assert.equal("forbidden", err.name)
      assert.truthy(err.message:find("whitelist", 1, true) or err.message:find("allow", 1, true))
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
        { answer.state, answer.tid, answer.tx_status, answer.outcome, answer.inquired })
      assert.equal("REF-1", answer.response.data.client_ref_id)
      assert.equal(2, #seen)
      assert.equal("GET", seen[2].method)
      assert.truthy(seen[2].url:find("/tools/reference/transaction/client_ref_id:REF-1?", 1, true))
    end
  end)

  it("stays indeterminate when it cannot be looked up or is not found", function()
    for _, lookup in ipairs { { name = "timeout" }, { body = '{"status":168,"response_status_id":1,"response_type_id":-1}' } } do
      local transport = scripted { { name = "timeout" }, lookup }
      local _, err = client_with(transport, { retries = 0 }).fino:transfer(TRANSFER)
      assert.equal("indeterminate", err.kind)
      assert.is_false(err.retryable)
      assert.equal("unknown", err.state)
      assert.equal("unknown", err.inquiry.state)
      assert.truthy(err.inquiry.error)
    end
  end)

  it("is not looked up when it surely was not received, or not taken", function()
    for _, case in ipairs { { { name = "connection_refused", sent = false }, "transport", "not_sent" },
      { { status = 404, body = "x" }, "http", "failed" } } do
      local transport, seen = scripted { case[1] }
      local _, err = client_with(transport).fino:transfer(TRANSFER)
      assert.same({ case[2], case[3] }, { err.kind, err.state })
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

describe("on_exchange", function()
  it("sees every attempt and nothing secret", function()
    local events = {}
    local transport = scripted { { name = "timeout" }, { body = '{"status":0,"response_status_id":-1,"response_type_id":22}' } }
    local client = client_with(transport, { on_exchange = function(event) events[#events + 1] = event end })
    assert(client.levin:recipients { customer_id = "9444444444", wallet_token = "secret.wallet.token" })
    assert.equal(2, #events)
    assert.same({ "ppi-levin-get-recipients", "GET", "timeout", 1 }, { events[1].slug, events[1].method, events[1].error, events[1].attempt })
    assert.same({ 200, "no_recipients", 2 }, { events[2].http_status, events[2].outcome, events[2].attempt })
    for _, event in ipairs(events) do
      for _, value in pairs(event) do
        assert.is_nil(tostring(value):find("9444444444", 1, true))
        assert.is_nil(tostring(value):find("secret", 1, true))
      end
    end
  end)

  it("cannot break a call", function()
    local transport = scripted { { body = PROFILE } }
    assert(client_with(transport, { on_exchange = function() error("oops") end }).levin:verify_otp(VERIFY))
  end)
end)

describe("a transport of the user's", function()
  it("may return anything without breaking the caller", function()
    for _, bad in ipairs { function() return {} end, function() return 5 end, function() return nil end, function() return nil, "lost" end,
      function() return { status = "200" } end, function() return nil, { sent = "maybe" } end } do
      local answer, err = client_with(bad).levin:verify_otp(VERIFY)
      assert.is_nil(answer)
      assert.equal("transport", err.kind)
      assert.is_string(tostring(err))
    end
  end)
end)

describe("the access key", function()
  -- Everything that can be reached from a value: members, metatables and what functions have bound.
  local function reaches(value, text, seen)
    if value == text then return true end
    local kind = type(value)
    if (kind ~= "table" and kind ~= "function") or seen[value] then return false end
    seen[value] = true
    if kind == "function" then
      for i = 1, 255 do
        local name, bound = debug.getupvalue(value, i)
        if not name then return false end
        if reaches(bound, text, seen) then return true end
      end
      return false
    end
    local meta = debug.getmetatable(value)
    if meta and reaches(meta, text, seen) then return true end
    for key, item in next, value do
      if reaches(key, text, seen) or reaches(item, text, seen) then return true end
    end
    return false
  end

  it("cannot be reached from a client, not even by the debug library #harm12", function()
    local key = "a-key-that-nobody-" .. "may-see-again"
    local client = client_with((scripted { { body = PROFILE } }), { access_key = key })
    client.levin:verify_otp(VERIFY)
    -- (What this spec itself holds is not the client's.)
    local seen = { [package.loaded] = true, [_G] = true }
    assert.is_false(reaches(client, key, seen))
    assert.is_false(reaches(client.levin, key, seen))
    assert.is_false(reaches(debug.getmetatable(client), key, seen))
  end)
end)

describe("an on_exchange that raises", function()
  it("is told once, on stderr, and does no harm #harm16", function()
    local path = os.tmpname()
    local script = os.tmpname()
    shell.write_file(script, [[
      local eko = require "eko"
      local client = eko.client { developer_key = "k", access_key = "s", initiator_id = "9962981729", base_url = "http://127.0.0.1:1/x",
        transport = function() return { status = 200, headers = {}, body = '{"status":0,"response_type_id":22}' } end,
        on_exchange = function() error "the observer fell over" end }
      for _ = 1, 3 do assert(client.levin:recipients { customer_id = "9444444444" }) end
      io.stdout:write "done"
    ]])
    local interpreter = require("spec.support.interpreter").program
    assert.equal("done", shell.output_of(("%s %s 2>%s"):format(interpreter, script, path)))
    local errors = shell.read_file(path)
    os.remove(path)
    os.remove(script)
    local _, count = errors:gsub("the observer fell over", "")
    assert.equal(1, count, errors)
  end)
end)
