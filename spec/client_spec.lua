-- A client: what it signs, sends and shows, and what its hooks see.
local eko = require "eko"
local json = require "eko.base.json"
local shell = require "spec.support.shell"
local support = require "spec.support.scripted_client"

local client_with, scripted = support.client, support.transport
local KEYS, PROFILE, VERIFY, GET = support.KEYS, support.PROFILE, support.VERIFY, support.GET

describe("a client", function()
  it("signs every call with a timestamp of its own", function()
    local transport, seen = scripted { { body = PROFILE } }
    local client = client_with(transport)
    local last = 0
    for i = 1, 300 do
      assert(client.levin:verify_otp(VERIFY))
      local headers = seen[i].headers
      local ts = tonumber(headers["secret-key-timestamp"])
      assert.is_true(ts > last, ("%.0f does not come after %.0f"):format(ts, last))
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
      assert.is_nil(used[ts], ts .. " was used twice")
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
        assert.is_nil(value:find(KEYS.access_key, 1, true), value)
        assert.is_nil(value:find(KEYS.developer_key, 1, true), value)
      elseif type(value) == "table" and not seen[value] then
        seen[value] = true
        for k, v in pairs(value) do walk(k, seen) walk(v, seen) end
      end
    end
    walk({ client, tostring(client), tostring(client.levin), client.levin }, {})
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
        assert.is_nil(tostring(value):find("9444444444", 1, true), tostring(value))
        assert.is_nil(tostring(value):find("secret", 1, true), tostring(value))
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
