-- Answers in which an identifier came damaged, so that it is absent and `meta.damaged` names it: where the journey needs it, that is told as
-- `damaged_reference`, without one SMS after the other, and where it does not nothing changes.
local eko = require "eko"
local journey = require "spec.support.journey"

local mobile = "9444444444"

-- Identifiers that a journey hands on, by wallet (the customer goes on with Levin); the others are of no use to it.
local NEEDED = {
  customer = { otp_ref_id = true, wallet_token = true }, digikhata = { otp_ref_id = true }, levin = { otp_ref_id = true, wallet_token = true },
  fino = { otp_ref_id = true, kyc_request_id = true },
}

-- A client whose calls give what was found damaged in their answers along.
local function telling(client, s)
  return setmetatable({}, { __index = function(_, wallet)
    local calls = client[wallet]
    return setmetatable({}, { __index = function(_, verb)
      return function(_, ...)
        local result, err = calls[verb](calls, ...)
        if result and (s.found or s.told) then result.response.meta.damaged = { s.found or s.told } end
        return result, err
      end
    end })
  end })
end

--- A journey against an emulator in whose answers the identifier `damaged` is absent.
local function start(wallet)
  local clock = { ms = 1790000000000 }
  local function now()
    clock.ms = clock.ms + 1
    return clock.ms
  end
  local platform = require("eko.emulator").new { seed = 7, clock = now, levin = { token_on_2136 = true } }
  local s = { platform = platform, calls = {} }
  function s.wait(ms) clock.ms = clock.ms + ms end
  local function transport(request)
    local response, err = platform(request)
    if not response then return nil, err end
    s.calls[#s.calls + 1] = request.method .. " " .. request.url:match "^[^?]*"
    s.found = s.damaged and response.body:find('"' .. s.damaged .. '":"[^"]') and s.damaged
    if s.found then response.body = response.body:gsub('("' .. s.found .. '":)"[^"]*"', '%1""') end
    return response
  end
  local client = eko.client { transport = transport, developer_key = platform.developer_key, access_key = platform.access_key, clock = now,
    initiator_id = platform.initiator_id, user_code = platform.user_code, retries = 0 }
  function s.carry(flow)
    flow.client = telling(client, s)
    s.flow = flow
  end
  function s.resume(token) s.carry(assert(client:resume(token, journey.key))) end
  s.carry(client:onboarding(wallet, { customer_id = mobile }))
  function s.sms() return #platform:sms(mobile) end
  function s.otp()
    local inbox = platform:sms(mobile)
    return inbox[#inbox] and inbox[#inbox].otp
  end
  function s.answer(step) return s.flow:advance(journey.answers(step, s.otp)) end
  return s
end

local function drive(s, first)
  local step, err = first or s.flow:advance(), nil
  for _ = 1, 30 do
    if not step or step.done then return step, err end
    assert.is_nil(step.error)
    step, err = s.answer(step)
  end
  error "the journey does not end"
end

local clean = {}
for _, wallet in ipairs { "customer", "digikhata", "levin", "fino" } do
  local s = start(wallet)
  assert(drive(s).done)
  clean[wallet] = s
end

for wallet, whole in pairs(clean) do
  describe("a damaged identifier in the journey of " .. wallet, function()
    it("is no hindrance where nothing depends on it", function()
      for _, name in ipairs { "intent_id", "customer_id", "application_id", "otp_ref_id", "wallet_token", "kyc_request_id" } do
        if not NEEDED[wallet][name] then
          local s = start(wallet)
          s.told = name
          assert.is_true(assert(drive(s)).done)
          assert.same(whole.calls, s.calls, name)
          assert.equal(whole.sms(), s.sms())
        end
      end
    end)

    it("is told where the journey needs it, and the customer gets on", function()
      for name in pairs(NEEDED[wallet]) do
        local s = start(wallet)
        s.damaged = name
        local step, err = drive(s)
        assert.is_nil(step, name)
        assert.equal("damaged_reference", err.name, name .. ": " .. tostring(err))
        assert.equal("decode", err.kind)
        assert.same({ name }, err.damaged)
        assert.truthy(err.message:find("Nothing is lost", 1, true))
        -- Whoever tries again and again has one SMS more sent, and no more.
        local sms, last = s.sms(), nil
        for _ = 1, 12 do
          step, err = s.flow:advance()
          for _ = 1, 4 do
            if not step then break end
            assert.is_false(step.done)
            step, err = s.answer(step)
          end
          last = err or last
        end
        assert.equal("damaged_reference", last.name)
        assert.truthy(s.sms() <= sms + 1, ("%s: %d SMS, then %d"):format(name, sms, s.sms()))
        assert.is_nil(s.flow:ended())
        -- The journey is carried on elsewhere, the platform mends itself.
        s.resume(assert(s.flow:suspend(journey.key)))
        s.damaged = nil
        s.wait(60000)
        assert.is_true(s.flow:step().can_resend)
        assert.is_true(assert(drive(s, assert(s.flow:resend()))).done)
      end
    end)

    it("that comes once is made up for by one call more", function()
      for name in pairs(NEEDED[wallet]) do
        local s = start(wallet)
        s.damaged = name
        assert.equal("damaged_reference", select(2, drive(s)).name)
        s.damaged = nil
        assert.is_true(assert(drive(s)).done)
      end
    end)
  end)
end
