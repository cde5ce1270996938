-- The main job, end to end: a customer's OTP verified on every wallet against the emulator as a server, over HTTP and HTTPS.
local core = require "eko.core"
local eko = require "eko"
local emulator_server = require "spec.support.emulator_server"
local curl = require "eko.wire.carrier.curl"
local tls = require "spec.support.tls"

local MOBILE = "9444444444"
local WALLETS = { { "customer" }, { "digikhata" }, { "levin", { intent_id = "19" } } }

local function client_of(server, more)
  local options = {
    base_url = server.base_url, developer_key = server.developer_key, access_key = server.access_key,
    initiator_id = "9962981729", user_code = "20810200", ca_file = server.ca_file,
  }
  for name, value in pairs(more or {}) do options[name] = value end
  return eko.client(options)
end

local function verify(client, wallet, more, otp)
  local sent = assert(client[wallet]:get { customer_id = MOBILE })
  local params = { customer_id = MOBILE, otp = otp, otp_ref_id = sent.otp_ref_id }
  for name, value in pairs(more or {}) do params[name] = value end
  return function(code)
    params.otp = code
    return client[wallet]:verify_otp(params)
  end
end

local ACTIVE = { customers = { [MOBILE] = { name = "Asha Rao", customer = "active", digikhata = "active", levin = "active",
  balance = "1250.50", used = 100 } } }

local function check_verified(server, client)
  for _, each in ipairs(WALLETS) do
    local answer = verify(client, each[1], each[2])
    local texts = server.sms(MOBILE)
    local sender = assert(answer(texts[#texts].otp))
    assert.equal("verified", sender.outcome)
    assert.equal("1250.50", sender.customer_profile.balance)
    assert.equal("string", type(sender.customer_profile.next_allowed_limit))
    local used = sender.customer_profile.chart[1].data
    assert.equal(100, used.used)
    if math.type then assert.equal("integer", math.type(used.remaining)) end
    assert.equal(each[1] == "levin", sender.wallet_token ~= nil)
    assert.is_nil(sender.customer_profile.email)
    assert.equal("", sender.response.data.customer_profile.email)
    assert.equal(309, sender.response.response_type_id)
  end
end

describe("verifying an OTP over HTTP", function()
  local server
  setup(function() server = emulator_server.start { config = ACTIVE } end)
  teardown(function() curl.close_idle() server.stop() end)
  before_each(function() server.clear() end)

  it("gives a native table on each wallet", function() check_verified(server, client_of(server)) end)

  it("keeps its connection between calls", function()
    local reused = {}
    local client = client_of(server, { on_exchange = function(event) reused[#reused + 1] = event.timings.reused end })
    for _ = 1, 3 do client.levin:get { customer_id = MOBILE } end
    assert.is_true(reused[2] and reused[3])
  end)

  it("tells a wrong OTP from a right one on each wallet", function()
    local client = client_of(server)
    for _, each in ipairs(WALLETS) do
      local answer = verify(client, each[1], each[2])
      local texts = server.sms(MOBILE)
      local right = texts[#texts].otp
      local wrong = right == "000000" and "111111" or "000000"
      local sender, err = answer(wrong)
      assert.is_nil(sender)
      assert.equal("api", err.kind)
      assert.equal("wrong_otp", err.name)
      assert.is_true(err.sent)
      assert.equal("verified", assert(answer(right)).outcome)
    end
  end)

  it("gives references and OTPs back byte for byte, whatever they look like", function()
    for _, form in ipairs { "base64_88", "base64_96", "base64_160", "not_base64_74", "uuid", "digits_9", "tilde" } do
      local forms = emulator_server.start { config = { otp_ref_id = form, customers = ACTIVE.customers } }
      local client = client_of(forms)
      for _, each in ipairs(WALLETS) do
        local answer = verify(client, each[1], each[2])
        local texts = forms.sms(MOBILE)
        assert.equal("verified", assert(answer(texts[#texts].otp)).outcome)
      end
      curl.close_idle()
      forms.stop()
    end
  end)

  it("sends nothing for a bad call", function()
    local client, before = client_of(server), server.count()
    local bad_calls = require "spec.fixtures.bad_calls"
    assert.is_true(#bad_calls >= 60)
    for _, bad in ipairs(bad_calls) do
      local answer, err = client:call(bad.slug, bad.params)
      assert.is_nil(answer, bad.name)
      assert.equal("invalid_request", err.kind, bad.name)
      assert.is_false(err.sent)
      assert.is_not_nil(err.invalid_params[bad.field], bad.name)
      assert.is_truthy(tostring(err):find(bad.field, 1, true), bad.name)
    end
    assert.equal(before, server.count())
  end)
end)

describe("faults on the wire", function()
  local server
  setup(function() server = emulator_server.start { config = ACTIVE } end)
  teardown(function() curl.close_idle() server.stop() end)
  before_each(function() server.clear() end)

  -- kind, err.kind, err.name, err.sent
  local faults = {
    { { kind = "drop" }, "transport", "connection_closed", nil },
    { { kind = "drop", commit = true }, "transport", "connection_closed", nil },
    { { kind = "reset" }, "transport", "connection_reset", true },
    { { kind = "truncated" }, "decode", "invalid_json", true },
    { { kind = "length_long" }, "transport", "connection_closed", true },
    { { kind = "length_short" }, "decode", "invalid_json", true },
    { { kind = "oversize" }, "transport", "response_too_large", true },
    { { kind = "bad_status_line" }, "transport", "malformed_response", nil },
    { { kind = "bad_header" }, "transport", "malformed_response", true },
    { { kind = "bad_chunk" }, "transport", "malformed_response", true },
    { { kind = "garbage" }, "transport", "malformed_response", nil },
    { { kind = "html_502" }, "http", "bad_gateway", true },
    { { kind = "empty_204" }, "http", "empty_answer", true },
    { { kind = "no_key" }, "api", "no_envelope", true },
    { { kind = "too_many" }, "http", "rate_limited", true },
    { { kind = "unavailable" }, "http", "service_unavailable", true },
    { { kind = "redirect" }, "http", "redirect", true },
    { { kind = "delay", seconds = 2 }, "transport", "timeout", nil },
  }
  for _, fault in ipairs(faults) do
    it("are named: " .. fault[1].kind .. (fault[1].commit and " after the request was carried out" or ""), function()
      local client = client_of(server, { max_response_bytes = 100000 })
      local answer = verify(client, "levin", { intent_id = "19" })
      local plan = { path = "/otp/verify$", method = "POST" }
      for name, value in pairs(fault[1]) do plan[name] = value end
      server.fault(plan)
      local filter = { slug = "ppi-levin-verify-otp" }
      local before = server.count(filter)
      local texts = server.sms(MOBILE)
      local sender, err
      if fault[1].kind == "delay" then
        sender, err = client.levin:verify_otp({ customer_id = MOBILE, otp = "1", otp_ref_id = "x", intent_id = "19" }, { timeout = 0.5 })
      else
        sender, err = answer(texts[#texts].otp)
      end
      assert.is_nil(sender)
      assert.same({ fault[2], fault[3] }, { err.kind, err.name })
      assert.equal(fault[4], err.sent)
      core.connection.sleep(0.05)
      assert.equal(before + 1, server.count(filter))
    end)
  end

  it("never make a POST arrive twice, also on a kept-alive connection that dies", function()
    local client = client_of(server)
    for _, kind in ipairs { "drop", "hang_up" } do
      assert(client.levin:get { customer_id = MOBILE })
      local filter = { slug = "ppi-levin-verify-otp" }
      local before = server.count(filter)
      server.fault { path = "/otp/verify$", kind = kind }
      client.levin:verify_otp { customer_id = MOBILE, otp = "1", otp_ref_id = "x", intent_id = "19" }
      assert.equal(before + 1, server.count(filter))
      client.levin:verify_otp { customer_id = MOBILE, otp = "1", otp_ref_id = "x", intent_id = "19" }
      assert.equal(before + 2, server.count(filter))
    end
  end)
end)

describe("verifying an OTP over HTTPS", function()
  local certificates
  setup(function() certificates = tls.make() end)
  teardown(function() certificates.remove() end)

  local function with_server(certificate, run)
    local server = emulator_server.start {
      config = ACTIVE, args = ("--tls --cert %s --key %s"):format(certificate.cert, certificate.key),
    }
    local ok, err = pcall(run, server)
    curl.close_idle()
    server.stop()
    if not ok then error(err, 0) end
  end

  it("works with the platform's own CA, and keeps the connection", function()
    with_server(certificates.good, function(server)
      local events = {}
      local client = client_of(server, { ca_file = certificates.ca_file, on_exchange = function(event) events[#events + 1] = event end })
      check_verified(server, client)
      assert.is_false(events[1].timings.reused)
      assert.is_true(events[1].timings.tls > 0)
      assert.is_true(events[#events].timings.reused)
    end)
  end)

  it("survives a connection that the server closed", function()
    with_server(certificates.good, function(server)
      local client = client_of(server, { ca_file = certificates.ca_file })
      server.fault { kind = "hang_up", times = 5 }
      for _ = 1, 5 do
        assert.equal("otp_sent", assert(client.levin:get { customer_id = MOBILE }).outcome)
        core.connection.sleep(0.02)
      end
      assert.equal(5, server.count { slug = "ppi-levin-get-sender" })
    end)
  end)

  local function refused(server, ca_file)
    local client = client_of(server, { ca_file = ca_file })
    local sender, err = client.levin:verify_otp { customer_id = MOBILE, otp = "1", otp_ref_id = "x", intent_id = "19" }
    assert.is_nil(sender)
    assert.same({ "transport", "tls_verification_failed" }, { err.kind, err.name })
    assert.is_false(err.sent)
    assert.equal(0, server.count())
  end

  it("refuses a certificate of another CA", function()
    with_server(certificates.good, function(server)
      refused(server, certificates.other_ca_file)
      refused(server, nil) -- the system's CAs signed nothing here either
    end)
  end)

  it("refuses an expired certificate", function()
    with_server(certificates.expired, function(server) refused(server, certificates.ca_file) end)
  end)

  it("refuses a certificate for another host", function()
    with_server(certificates.wrong_host, function(server) refused(server, certificates.ca_file) end)
  end)

  it("does not take a session of one CA for another", function()
    with_server(certificates.good, function(server)
      assert(client_of(server, { ca_file = certificates.ca_file }).levin:get { customer_id = MOBILE })
      curl.close_idle()
      local _, err = client_of(server, { ca_file = certificates.other_ca_file }).levin:get { customer_id = MOBILE }
      assert.equal("tls_verification_failed", err.name)
    end)
  end)

  it("says when the client is made that a CA file cannot be read, and when it connects that it is gone since", function()
    with_server(certificates.good, function(server)
      assert.is_false((pcall(client_of, server, { ca_file = "/nonexistent.pem" })))
      local response, err = require "spec.support.transport" { ca_file = "/nonexistent.pem" } {
        method = "GET", url = server.base_url, headers = {}, deadline = core.text.monotonic() + 5,
      }
      assert.is_nil(response)
      assert.same({ "ca_file_unreadable", false }, { err.name, err.sent })
      assert.equal(0, server.count())
    end)
  end)
end)
