--- One-time passwords: sessions that are bound to a customer, a rail and a purpose.
--
-- A session dies when it is used, when its time is over, after too many wrong attempts, and when a new one is issued
-- for the same customer, rail and purpose. A transfer's session is bound to its recipient and amount as well.
--
-- @module eko.emulator.otp
local core_text = require("eko.core").text

local otp = {}
otp.__index = otp

--- How an `otp_ref_id` may look. The documentation calls it an integer; these are the forms that were seen.
otp.forms = {
  base64_88 = function(random) return core_text.base64_encode(random:bytes(64)) end,
  base64_96 = function(random) return core_text.base64_encode(random:bytes(72)) end,
  -- base64 of the hexadecimal digits of something like a bcrypt hash
  base64_160 = function(random)
    local hash = "$2a$12$" .. core_text.base64_encode(random:bytes(42)):sub(1, 53):gsub("+", ".")
    return core_text.base64_encode((hash:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)))
  end,
  -- looks like base64, but 74 is not a multiple of 4
  not_base64_74 = function(random) return core_text.base64_encode(random:bytes(57)):sub(1, 73) .. "=" end,
  uuid = function(random)
    local hex = random:hex(16)
    return ("%s-%s-4%s-a%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(14, 16), hex:sub(18, 20), hex:sub(21))
  end,
  digits_9 = function(random) return ("%d"):format(random:below(9) + 1) .. random:digits(8) end,
  tilde = function(random, mobile)
    local number = ("%d"):format(random:below(9) + 1) .. random:digits(6)
    return mobile .. "~" .. mobile .. "~Channel4~" .. number .. "~" .. number
  end,
}

local ONBOARDING_FORMS = {
  "base64_88", "base64_96", "base64_160", "not_base64_74", "uuid", "digits_9", "tilde",
}

--- Forms by rail and purpose; anything else draws from all of them.
local USUAL_FORMS = {
  fino = { ekyc = { "digits_9" }, transfer = { "digits_9" } },
  digikhata = { recipient = { "tilde" } },
}

--- @tparam table settings `otp_ref_id`, `otp` (ttl, attempts, length), `on_sms`
-- @tparam random random
-- @treturn otp
function otp.new(settings, random)
  return setmetatable({
    form = settings.otp_ref_id, ttl = settings.otp.ttl * 1000, attempts = settings.otp.attempts,
    length = settings.otp.length, on_sms = settings.on_sms, random = random,
    by_ref = {}, current = {}, phones = {},
  }, otp)
end

local function make_ref(self, mobile, rail, purpose)
  local form = self.form
  if type(form) == "function" then return form(rail, purpose) end
  local usual = USUAL_FORMS[rail] and USUAL_FORMS[rail][purpose] or ONBOARDING_FORMS
  return otp.forms[form or self.random:pick(usual)](self.random, mobile)
end

local SMS_LIMIT = 200

local function deliver(self, mobile, message)
  local inbox = self.phones[mobile]
  if not inbox then
    inbox = {}
    self.phones[mobile] = inbox
  end
  inbox[#inbox + 1] = message
  if #inbox > SMS_LIMIT then
    table.remove(inbox, 1)
  end
  if self.on_sms then
    self.on_sms(mobile, { to = message.to, otp = message.otp, purpose = message.purpose, at = message.at })
  end
end

--- Issues a fresh OTP, sends it, and kills the one before it.
-- @tparam table order `mobile` (the customer), `rail`, `purpose`, `now` (ms), `to` (another phone), `binding`
-- @treturn table session: `ref`, `otp`, `purpose`, `rail`, `mobile`
function otp:issue(order)
  local slot = order.mobile .. " " .. order.rail .. " " .. order.purpose
  local before = self.current[slot]
  if before then
    self.by_ref[before.ref] = nil
  end
  local session = {
    slot = slot, ref = make_ref(self, order.mobile, order.rail, order.purpose), otp = self.random:digits(self.length),
    mobile = order.mobile, rail = order.rail, purpose = order.purpose, binding = order.binding,
    expires = order.now + self.ttl, wrong = 0, used = false,
  }
  self.current[slot] = session
  self.by_ref[session.ref] = session
  deliver(self, order.mobile, {
    to = order.to or order.mobile, otp = session.otp, purpose = order.purpose, at = order.now,
  })
  return session
end

--- Judges an OTP.
-- @tparam table attempt `ref`, `otp` (both text), `mobile`, `rail`, `purpose`, `now`, `binding`
-- @treturn string "ok", "wrong", "expired", "exhausted" (too many wrong ones before), "used", or "unknown" (a ref that
-- was never issued, was replaced by a newer one, or belongs to another customer, rail or purpose)
-- @treturn ?table session
function otp:judge(attempt)
  local session = attempt.ref and self.by_ref[attempt.ref]
  if not session or session.mobile ~= attempt.mobile or session.rail ~= attempt.rail
    or session.purpose ~= attempt.purpose then
    return "unknown"
  elseif session.used then
    return "used", session
  elseif session.wrong >= self.attempts then
    return "exhausted", session
  elseif attempt.now >= session.expires then
    return "expired", session
  elseif session.otp ~= attempt.otp or session.binding ~= attempt.binding then
    session.wrong = session.wrong + 1
    return "wrong", session
  end
  session.used = true
  return "ok", session
end

--- The living session behind a ref, whatever it is for.
-- @tparam string ref
-- @treturn ?table
function otp:find(ref)
  return self.by_ref[ref]
end

--- Whether a customer has a session that could still be used.
-- @tparam string mobile
-- @tparam string rail
-- @tparam string purpose
-- @tparam number now
-- @treturn boolean
function otp:alive(mobile, rail, purpose, now)
  local session = self.current[mobile .. " " .. rail .. " " .. purpose]
  return session ~= nil and not session.used and session.wrong < self.attempts and now < session.expires
end

--- What a customer's phones received, oldest first.
-- @tparam string mobile
-- @treturn table list of `{ to, otp, purpose, at }`
function otp:inbox(mobile)
  local copy = {}
  for index, message in ipairs(self.phones[mobile] or {}) do
    copy[index] = { to = message.to, otp = message.otp, purpose = message.purpose, at = message.at }
  end
  return copy
end

return otp
