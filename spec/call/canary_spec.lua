-- Recognisable secrets are used in every way that a program uses them, and nothing that a log could hold may show one: errors
-- (with all they hold), tostring of everything, events, and what the emulator's server prints.
local core = require "eko.core"
local curl = require "eko.wire.carrier.curl"
local eko = require "eko"
local emulator_server = require "spec.support.emulator_server"
local errors = require "eko.base.errors"
local json = require "eko.base.json"

local MOBILE = "9444444444"
local SECRETS = {
  access_key = "canary-access-key-7f3a9d", developer_key = "canary-developer-key-51b2", otp = "482917", aadhar = "234567890124",
  pan_number = "ABCPE1234F", wallet_token = "eyJjYW5hcnk.eyJ0b2tlbiI6.c2lnbmF0dXJl", piddata = "<PidData>canary-fingerprint</PidData>",
  account = "918273645546372819",
}

local shown = {}

-- An address (table: 0x...) may hold any digits by chance.
local function see(text) shown[#shown + 1] = text:gsub("%f[%w]0x%x+", "0x") end

local function walk(value, seen)
  local kind = type(value)
  if kind == "string" or (kind == "number" and value % 1 == 0) then -- (a fraction is a time, and any digits stand in one)
    see(tostring(value))
  elseif kind == "table" and not seen[value] then
    seen[value] = true
    see(tostring(value))
    for k, v in pairs(value) do
      walk(k, seen)
      walk(v, seen)
    end
  elseif kind == "userdata" then
    see(tostring(value))
  end
end

local function note(result, err)
  if err then walk(err, {}) end
  if result then see(tostring(result)) end
end

local function check_nothing_shown(more)
  assert.is_true(#shown > 500)
  for _, text in ipairs(shown) do
    for name, secret in pairs(SECRETS) do
      assert.is_nil(text:find(secret, 1, true), name .. " was shown in " .. text)
    end
    for _, secret in ipairs(more or {}) do
      -- Six digits may well stand within a longer number by chance.
      local found
      if secret:find "^%d+$" then found = text:find("%f[%d]" .. secret .. "%f[%D]") else found = text:find(secret, 1, true) end
      assert.is_nil(found, "an OTP or a signature was shown in " .. text)
    end
    assert.is_nil(text:find("%f[%d]" .. MOBILE .. "%f[%D]"), "a mobile was shown whole in " .. text)
  end
end

-- Everything sensitive in one call, for each endpoint as far as it takes it.
local function calls(client)
  local sender = { customer_id = MOBILE }
  local function with(fields)
    local params = { customer_id = MOBILE }
    for k, v in pairs(fields) do params[k] = v end
    return params
  end
  local S = SECRETS
  return {
    function() return client.levin:get(sender) end,
    function() return client.levin:onboard(with { name = "Asha Rao", dob = "1990-02-03", residence_address = { "1 Main", "Pune" } }) end,
    function() return client.levin:verify_otp(with { otp = S.otp, otp_ref_id = "r", intent_id = "19" }) end,
    function() return client.customer:verify_otp(with { otp = S.otp, otp_ref_id = "r" }) end,
    function() return client.digikhata:verify_otp(with { otp = S.otp, otp_ref_id = "r" }) end,
    function()
      return client.levin:send_aadhaar_otp(with { aadhar = S.aadhar, wallet_token = S.wallet_token, wallet_id = "" })
    end,
    function() return client.digikhata:send_aadhaar_otp(with { aadhar = S.aadhar }) end,
    function() return client.levin:verify_pan(with { pan_number = S.pan_number, wallet_token = S.wallet_token }) end,
    function() return client.levin:recipients(with { wallet_token = S.wallet_token }) end,
    function() return client.fino:ekyc(with { aadhar = S.aadhar, piddata = S.piddata }) end,
    function() return client.fino:add_recipient(with { recipient_mobile = "9888888888", recipient_name = "Ravi", ifsc = "SBIN0005656",
      account = S.account }) end,
    function() return client.fino:transfer(with { recipient_id = 1, amount = 100, otp = S.otp, otp_ref_id = "r" }) end,
    -- and misplaced, as people do
    function() return client.levin:verify_otp(with { otp = S.otp .. "\n", otp_ref_id = S.wallet_token .. "\0", intent_id = S.otp .. " " }) end,
    function() return client.levin:verify_pan { customer_id = S.aadhar, pan_number = S.pan_number:lower(), [S.otp] = 1 } end,
    function() return client.levin:verify_otp(S.otp) end,
    function()
      return client.levin:verify_otp(with { otp = { S.otp }, otp_ref_id = "r", intent_id = "19" }, { extra = { [S.pan_number] = S.aadhar .. "\n" } })
    end,
  }
end

-- All strings that a request carries, as one text.
local function carried(request)
  local parts = {}
  local function collect(value)
    if type(value) == "table" then
      for _, item in pairs(value) do collect(item) end
    else
      parts[#parts + 1] = tostring(value)
    end
  end
  collect(request.body and json.decode(request.body) or {})
  for value in request.url:gmatch("=([^&]*)") do parts[#parts + 1] = value:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end) end
  return table.concat(parts, " ")
end

-- The platform's answers that repeat what they were sent, in every place that an error is made from.
local quote = core.json.encode
local echoes = {
  function(all) return 200, ('{"status":302,"response_status_id":1,"response_type_id":-1,"message":%s,"data":{"description":%s}}'):format(
    quote("Invalid " .. all), quote(all)) end,
  function(all) return 200, ('{"status":97,"response_type_id":-1,"message":"x","invalid_params":{"aadhar":%s,%s:"bad"}}'):format(
    quote(all), quote(all)) end,
  function(all) return 200, ('{"message":%s}'):format(quote(all)) end,
  function(all) return 200, ('{"status":0,"data":%s'):format(quote(all)) end,
  function(all) return 403, "no access for " .. all end,
  function(all) return 401, ('{"status":2484,"response_type_id":2484,"message":%s}'):format(quote(all)) end,
  function(all) return 500, "<html>" .. all .. "</html>" end,
  function(all) return 502, all end,
  function(all) return 400, ('{"status":1,"message":%s,"data":{"wallet_token":%s,"aadhar":%s,"nested":{"pan":%s}}}'):format(
    quote(all), quote(all), quote(all), quote(all)) end,
  function(all) return 200, ('{"status":12345,"response_type_id":12345,"message":%s,"data":{"list":[%s]}}'):format(quote(all), quote(all)) end,
}

local function options(more)
  local made = { developer_key = SECRETS.developer_key, access_key = SECRETS.access_key, initiator_id = "9962981729",
    user_code = "20810200", retries = 0, on_exchange = function(event) walk(event, {}) end }
  for name, value in pairs(more) do made[name] = value end
  return made
end

describe("no secret is shown", function()
  it("by errors, results or events, whatever the platform answers", function()
    for _, echo in ipairs(echoes) do
      local seen_signatures = {}
      local client = eko.client(options {
        base_url = "http://127.0.0.1:1/v3",
        transport = function(request)
          seen_signatures[#seen_signatures + 1] = request.headers["secret-key"]
          local status, body = echo(carried(request))
          return { status = status, headers = {}, body = body }
        end,
      })
      see(tostring(client))
      for _, run in ipairs(calls(client)) do note(run()) end
      check_nothing_shown(seen_signatures)
    end
  end)

  it("by errors of the transport", function()
    for _, fail in ipairs {
      function() return { name = "timeout" } end,
      function(all) return { name = all, message = "at " .. all, sent = false } end,
      function(all) return "broken with " .. all end,
    } do
      local client = eko.client(options {
        base_url = "http://127.0.0.1:1/v3",
        transport = function(request) return nil, fail(carried(request)) end,
      })
      for _, run in ipairs(calls(client)) do note(run()) end
    end
    check_nothing_shown()
  end)

  it("by the emulator as a server, its faults, and what it prints", function()
    local server = emulator_server.start { developer_key = SECRETS.developer_key, access_key = SECRETS.access_key }
    local client = eko.client(options { base_url = server.base_url, timeout = 2 })
    for _, kind in ipairs { "none", "drop", "reset", "truncated", "html_502", "no_key", "bad_header" } do
      if kind ~= "none" then server.fault { kind = kind, times = 100 } end
      for _, run in ipairs(calls(client)) do note(run()) end
      server.clear()
    end
    local otps = {}
    for _, sms in ipairs(server.sms(MOBILE)) do otps[#otps + 1] = sms.otp end
    local out, err = server.output()
    see(out)
    see(err)
    walk(server.requests(), {})
    curl.close_idle()
    server.stop()
    check_nothing_shown(otps)
  end)

  it("by misuse", function()
    for _, misuse in ipairs {
      function() eko.client { developer_key = SECRETS.developer_key, access_key = { SECRETS.access_key } } end,
      function() eko.client { developer_key = SECRETS.developer_key .. "\n", access_key = SECRETS.access_key } end,
      function() eko.client { developer_key = SECRETS.developer_key, access_key = SECRETS.access_key, timeout = "x" } end,
      function() eko.client { acces_key = SECRETS.access_key } end,
      function() eko.sign(SECRETS.access_key, SECRETS.access_key) end,
      function() core.emitter(core.signer(SECRETS.access_key), SECRETS.access_key) end,
    } do
      local ok, message = pcall(misuse)
      assert.is_false(ok)
      see(tostring(message))
    end
    for _, object in ipairs { core.signer(SECRETS.access_key), core.timestamps(), core.http1.exchange(),
      errors.new { kind = "api", name = "n", message = "m" } } do
      see(tostring(object))
    end
    check_nothing_shown()
  end)
end)
