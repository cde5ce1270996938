--- One call as a rail's handler sees it: who calls, about whom, with which parameters.
--
-- @module eko.emulator.call
local check = require "eko.emulator.check"
local envelope = require "eko.emulator.envelope"
local json = require "eko.emulator.json"

local call = {}
call.__index = call

local BLANK_RAIL = { digikhata = true, levin = true, fino = true, customer = true }

local function strip_nulls(params)
  local present = {}
  for name, value in pairs(params) do
    if value ~= json.null then
      present[name] = value
    end
  end
  return present
end

--- @tparam table platform internals: `customers`, `options`, ...
-- @tparam table match what routes:find gave
-- @tparam table params query or body
-- @tparam number now milliseconds
-- @tparam[opt] table judgement of a node that sees a copy (see `eko.emulator.balancer`): `duplicate_ref`, `otp`
-- @treturn call
function call.new(platform, match, params, now, judgement)
  local self = setmetatable({
    platform = platform, options = platform.options, judgement = judgement or {}, route = match.route, is_legacy = match.is_legacy,
    params = strip_nulls(params), now = now, reference = match.values.reference,
  }, call)
  self.mobile = match.values.id or self:text "customer_id"
  self.initiator_id, self.user_code = self:text "initiator_id", self:text "user_code"
  return self
end

--- A parameter as text.
-- @tparam string name
-- @treturn ?string
function call:text(name)
  local value = self.params[name]
  return value ~= nil and check.text(value) or nil
end

local COMMON = { initiator_id = true, user_code = true, client_ref_id = true, customer_id = true }
local MAY_BE_EMPTY = { wallet_token = true, wallet_id = true }

local function has_unknown(self)
  local known = {}
  for _, list in ipairs { "required", "documented", "optional" } do
    for _, name in ipairs(self.route[list] or {}) do known[name] = true end
  end
  for name in pairs(self.params) do
    if not known[name] and not COMMON[name] then return true end
  end
  return false
end

local function refuse_caller(self)
  local agent = self.platform.agents[self.initiator_id]
  if not agent then
    return envelope.refused(319, "Invalid Sender/Initiator", { initiator_id = "initiator_id is not known" })
  elseif self.user_code and self.user_code ~= "" then
    agent = self.platform.user_codes[self.user_code]
    if not agent then
      return envelope.refused(346, "Agent not allowed to do this transaction", { user_code = "user_code is not known" })
    end
  end
  self.agent = agent
end

--- Everything that is checked before a rail looks at the call.
-- @treturn ?table the envelope that refuses
function call:refuse()
  local strict = self.options.strict
  local refusal = check.missing(self.params, { "initiator_id" })
    or check.missing(self.params, self.route.required or {}, MAY_BE_EMPTY)
    or (strict and check.missing(self.params, self.route.documented or {}, MAY_BE_EMPTY))
    or refuse_caller(self)
    or check.formats(self, { client_ref_id = "reference" })
  if refusal then
    return refusal
  elseif (strict or self.route.strict) and has_unknown(self) then
    return envelope.no_key()
  elseif self.route.rail and not (self.mobile and check.has("mobile", self.mobile)) then
    return envelope.refused(461, "Validation failed", { customer_id = "customer_id must be a 10 digit mobile number" })
  end
  return self.route.formats and check.formats(self, self.route.formats) or nil
end

--- Looks the customer up, after `refuse` had nothing against the call. An unknown one has a blank rail.
function call:identify()
  local name = self.route.rail
  if not name then return end
  self.customer = self.platform.customers:find(self.mobile)
  if self.customer then
    self.rail = self.customer.rails[name]
  else
    assert(BLANK_RAIL[name])
    self.rail = { name = name, state = "not_enrolled", recipients = {} }
  end
end

--- Issues an OTP of the call's rail.
-- @tparam string purpose "sender", "aadhaar", "ekyc", "recipient" or "transfer"
-- @tparam[opt] table extra `to`, `binding`
-- @treturn table session
function call:issue_otp(purpose, extra)
  extra = extra or {}
  return self.platform.otp:issue {
    mobile = self.mobile, rail = self.route.rail, purpose = purpose, now = self.now, to = extra.to,
    binding = extra.binding,
  }
end

--- Judges `otp` and `otp_ref_id` of the call; compared as text.
-- @tparam string purpose
-- @tparam[opt] table extra `rail`, `binding`, `ref`, `mobile` in place of the call's own
-- @treturn string verdict, see `otp:judge`
function call:judge_otp(purpose, extra)
  extra = extra or {}
  local memory, given = self.judgement.otp, self:text "otp"
  if memory == "used" then return "used" end
  local verdict, session = self.platform.otp:judge {
    ref = extra.ref or self:text "otp_ref_id", otp = given, mobile = extra.mobile or self.mobile,
    rail = extra.rail or self.route.rail, purpose = purpose, now = self.now, binding = extra.binding,
  }
  if memory == "unused" and verdict == "used" and session.otp == given and session.binding == extra.binding then
    return "ok"
  end
  return verdict
end

--- 'Validate the OTP', in the shape that the endpoint's sample has, or with status 0 as seen in production.
-- @tparam number published 1 where the sample has status 2129, 0 where it has status 0
-- @tparam table data
-- @treturn table envelope
function call:otp_answer(published, data)
  if published == 1 and self.options.envelope == "docs" then return envelope.signal(2129, "Validate the OTP", data) end
  return envelope.go_on(2129, "Validate the OTP", data)
end

--- Issues an OTP and says so.
-- @tparam string purpose
-- @tparam number published see `otp_answer`
-- @tparam table data gets `otp_ref_id`
-- @treturn table envelope
function call:otp_sent(purpose, published, data)
  data.otp_ref_id = self:issue_otp(purpose).ref
  return self:otp_answer(published, data)
end

return call
