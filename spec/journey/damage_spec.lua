-- Answers of the platform in which one text is damaged, one member after the other, in each journey: a damaged name changes nothing, an
-- identifier that the journey needs is told as `damaged_reference`, without one SMS after the other.
local eko = require "eko"
local journey = require "spec.support.journey"
local rails = require("eko.emulator.customers").rails

local mobile = "9444444444"

-- What stands inside a string that was valid before.
local FORMS = {
  ["a byte of Latin-1"] = "\233", ["a raw TAB"] = "\t", ["half a surrogate"] = "\\ud83d", ["an overlong form"] = "\192\175",
  ["the other half"] = "\\ude00", ["a NUL"] = "\0", ["a cut character"] = "\226\130",
}

-- Identifiers that a journey hands on, by wallet; the others are of no use to it. (A pkid and a consentId are none by their names.)
local NEEDED = {
  customer = { otp_ref_id = true, wallet_token = true }, digikhata = { otp_ref_id = true }, levin = { otp_ref_id = true, wallet_token = true },
  fino = { otp_ref_id = true, kyc_request_id = true },
}
local LEFT_OUT = { pkid = true, consentId = true }

--- A journey against an emulator whose answers go through `damage` on their way.
local function start(wallet)
  local clock = { ms = 1790000000000 }
  local function now()
    clock.ms = clock.ms + 1
    return clock.ms
  end
  local platform = require("eko.emulator").new { seed = 7, clock = now, levin = { token_on_2136 = true } }
  local s = { platform = platform, calls = {}, seen = {} }
  function s.wait(ms) clock.ms = clock.ms + ms end
  local function transport(request)
    local response, err = platform(request)
    if not response then return nil, err end
    s.calls[#s.calls + 1] = request.method .. " " .. request.url:match "^[^?]*"
    for name in response.body:gmatch '"([%w_]+)":"[^"]' do s.seen[name] = true end
    if s.damage then response.body = response.body:gsub('("' .. s.damage[1] .. '":"[^"\\])', "%1" .. s.damage[2]) end
    return response
  end
  local client = eko.client { transport = transport, developer_key = platform.developer_key, access_key = platform.access_key, clock = now,
    initiator_id = platform.initiator_id, user_code = platform.user_code, retries = 0 }
  s.flow = client:onboarding(wallet, { customer_id = mobile })
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
for _, wallet in ipairs(rails) do
  local s = start(wallet)
  assert(drive(s).done)
  clean[wallet] = s
end

local function members(wallet)
  local list = {}
  for name in pairs(clean[wallet].seen) do list[#list + 1] = name end
  table.sort(list)
  return list
end

for wallet, whole in pairs(clean) do
  describe("a damaged text in the journey of " .. wallet, function()
    for form, bytes in pairs(FORMS) do
      it(("is no hindrance where nothing depends on it: %s"):format(form), function()
        local count = 0
        for _, name in ipairs(members(wallet)) do
          if not NEEDED[wallet][name] and not LEFT_OUT[name] then
            count = count + 1
            local s = start(wallet)
            s.damage = { name, bytes }
            local step, err = drive(s)
            assert(step and step.done, name .. ": " .. tostring(err))
            assert.same(whole.calls, s.calls, name)
            assert.equal(whole.sms(), s.sms())
          end
        end
        assert.truthy(count >= 2, count)
      end)

      it(("is told where it is an identifier that the journey needs: %s"):format(form), function()
        for name in pairs(NEEDED[wallet]) do
          local s = start(wallet)
          s.damage = { name, bytes }
          local step, err = drive(s)
          assert.is_nil(step, name)
          assert.equal("damaged_reference", err.name, name .. ": " .. tostring(err))
          assert.equal("decode", err.kind)
          assert.same({ name }, err.damaged)
          assert.truthy(err.message:find("Nothing is lost", 1, true))
          -- Whoever tries again and again has one SMS more sent, and no more.
          local sms = s.sms()
          local last
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
          -- The journey is carried on elsewhere, the platform mends itself, and the customer gets on.
          s.flow = assert(s.flow.client:resume(assert(s.flow:suspend(journey.key)), journey.key))
          s.damage = nil
          s.wait(60000)
          assert.is_true(s.flow:step().can_resend)
          step = assert(s.flow:resend())
          assert.is_true(assert(drive(s, step)).done)
        end
      end)
    end

    it("that comes once is made up for by one call more", function()
      for name in pairs(NEEDED[wallet]) do
        local s = start(wallet)
        s.damage = { name, "\233" }
        assert.equal("damaged_reference", select(2, drive(s)).name)
        s.damage = nil
        assert.is_true(assert(drive(s)).done)
      end
    end)
  end)
end

