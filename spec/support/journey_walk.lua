--- A random journey, or several at once, against a platform in this process: everything that can go wrong may go wrong, in an
-- order that a seed decides. At the end the faults stop, and every journey must come to its end.

local errors = require "eko.errors"
local faults = require "eko.emulator.faults"
local inputs = require "eko.onboarding.inputs"
local journey = require "spec.support.journey"
local sealed = require "eko.sealed"

local walk = {}

local Walk = {}
Walk.__index = Walk

local wallets = { "customer", "digikhata", "levin", "fino" }
local kinds = { invalid_request = true, transport = true, http = true, decode = true, api = true, indeterminate = true }
local keys = { journey.key, ("r"):rep(32) }

-- ---- chance, the same on every Lua ----

--- An integer from 1 to `most` (Park and Miller's generator: its products stay below 2^53).
function Walk:upto(most)
  self.state = self.state * 16807 % 2147483647
  return math.floor(self.state / 2147483647 * most) + 1
end

function Walk:chance(percent) return self:upto(100) <= percent end
function Walk:pick(list) return list[self:upto(#list)] end

-- ---- the world ----

local rail_states = {
  customer = { "otp_pending", "aadhaar_pending", "pan_pending", "active" },
  digikhata = { "wallet_exists", "otp_pending", "aadhaar_pending", "pan_pending", "active" },
  levin = { "otp_pending", "aadhaar_pending", "pan_pending", "active" },
  fino = { "ekyc_pending", "ekyc_otp_pending", "active" },
}

local function knobs(self)
  local function maybe(...) return self:chance(40) and self:pick { ... } or nil end
  return {
    seed = self.seed, log_limit = 50, envelope = maybe "live", auth = maybe "legacy", strict = maybe(true),
    strict_token = maybe(true), aadhaar = maybe "strict",
    otp_ref_id = maybe("base64_88", "base64_160", "not_base64_74", "uuid", "digits_9", "tilde"),
    otp = { ttl = maybe(30, 60, 600), attempts = maybe(1, 2, 5), length = maybe(4) },
    customer = { new_sender = maybe("309", "2147") },
    digikhata = {
      new_sender = maybe "309", refresh_without_otp = maybe(true), require_customer = maybe(true), require_consent = maybe(true),
      failure_rsid = maybe "1", consent_key = maybe "consentlanguage",
    },
    levin = {
      require_customer = maybe(true), token_on_2136 = maybe(true), token_ttl = maybe(60, 200), legacy_pan = maybe(true),
      aadhaar = maybe "portal", expired = maybe "2138",
    },
    fino = { onboard = maybe "300", ekyc = maybe("2132", "2135", "2135_relationship"), resume_refs = not maybe(true) },
  }
end

local function new_customer(self, number)
  local mobile = ("9%09d"):format(number)
  local preset = {}
  for _, wallet in ipairs(wallets) do
    if self:chance(25) then preset[wallet] = self:pick(rail_states[wallet]) end
  end
  if self:chance(30) then preset.aadhaar = journey.person.aadhar end
  if next(preset) then self.world.platform:enrol(mobile, preset) end
  return mobile
end

-- ---- what people and networks do ----

local function nonsense(self)
  return self:pick {
    "", " ", "x", "000000", "123456", ("9"):rep(12), "999999990019", "999999990019", "ZZZPZ9999Z", "1990-05-17", "2030-02-31",
    "a\0b", "a\nb", "\255\254", "नाम",
    ("x"):rep(300), ("x"):rep(70000), 0, -1, 123456, 1.5, 0 / 0, math.huge, true, false, {}, { "x" }, { {} }, { a = "b" },
    function() end, journey.person.residence_address, journey.fino_address, "digikhata", "14",
  }
end

local input_names = {
  "name", "dob", "residence_address", "otp", "aadhar", "pan_number", "piddata", "consent", "consent_language", "continue_with",
}

local function fault_plan(self)
  local all = self.fault_kinds
  local commit
  if self:chance(60) then commit = self:chance(50) end
  return { kind = self:pick(all), after = self:upto(4) - 1, times = self:upto(3), seconds = 99, commit = commit }
end

local ids = {
  -1, 0, 17, 22, 23, 43, 300, 302, 303, 308, 319, 327, 342, 346, 461, 463, 585, 1388, 1428, 1741, 2129, 2131, 2133, 2134, 2135, 2136,
  2138, 2147, 2377, 2444, 2446, 2483, 2485, 9999,
}
local steps = { 300, 308, 2129, 2134, 2136, 2147, 1388 }
local parameters = { "name", "wallet_token", "otp_ref_id", "otp", "aadhar", "consent_id", "consent_language", "initiator_id", "x" }

--- An answer that the platform did not give. It never says that the customer is done: that would be a lie to believe.
local function invented_answer(self)
  local id = self:pick(self:chance(50) and steps or ids)
  local body = {
    status = self:pick { 0, 0, 1, id, id, self:pick(ids) }, response_status_id = self:pick { -1, 0, 1, 302, 303 }, response_type_id = id,
    message = self:pick { "", "x", "Customer Already registred" },
  }
  if self:chance(60) then
    body.data = self:pick {
      {}, { otp_ref_id = "" }, { otp_ref_id = "made up", kyc_request_id = "1" }, { otp_ref_id = 12345, kyc_request_id = 6 },
      { wallet_token = ("w"):rep(self:upto(3000)), wallet_id = "w" }, { consent_language_list = "none" },
      { consent_language_list = { { pkid = 3 }, 5, {} } }, { consent_detail = {} }, { consent_detail = { consentId = 12 } },
      "text", { 1, 2 },
    }
  end
  if self:chance(30) then body.invalid_params = { [self:pick(parameters)] = "no" } end
  return { body = body, http_status = self:pick { 200, 200, 200, 200, 400, 401, 403, 404, 500 } }
end

local function log(self, text) self.log[#self.log + 1] = text end

local function must(condition, text)
  if not condition then error(text, 0) end
end

local function check_error(err)
  must(errors.is(err), "an error that is none: " .. tostring(err))
  must(type(err.name) == "string" and err.name:find "^[%w_]+$", "an error without a name: " .. tostring(err))
  must(kinds[err.kind], "an error of no kind: " .. tostring(err))
end

-- Whether the platform calls done whom the journey calls done.
local function check_done(self, each)
  local known = self.world.platform:customer(each.mobile)
  must(known and known[each.step.wallet].state == "active",
    ("done in the journey, %s on the platform"):format(known and known[each.step.wallet].state or "unknown"))
end

local function after(self, each, step, err)
  each.step, each.err = step or each.flow:step(), err
  if err then
    check_error(err)
    each.last_error = err
    log(self, ("  error %s, in %s"):format(err.name, each.flow:state()))
  else
    if step.error then check_error(step.error) end
    log(self, ("  %s.%s%s"):format(step.wallet, step.state, step.error and ", " .. step.error.name or ""))
    if step.done then check_done(self, each) end
  end
end

local function right_answers(self, each)
  local step = each.flow:step()
  return journey.answers(step, function() return self.world.otp(each.mobile) or "0000" end, { continue_with = each.continue_with })
end

local function advance(self, each, given)
  local what = {}
  for name in pairs(given or {}) do what[#what + 1] = name end
  log(self, each.name .. " advance " .. table.concat(what, " "))
  after(self, each, each.flow:advance(given))
end

local function wrong_answers(self, each)
  local given = self:chance(50) and right_answers(self, each) or {}
  if given.otp and self:chance(60) then
    given.otp = journey.wrong(given.otp)
  else
    for _ = 1, self:upto(3) do given[self:pick(input_names)] = nonsense(self) end
  end
  return given
end

local function damaged(self, token)
  local at = self:upto(#token)
  return self:pick { token:sub(1, at - 1), token:sub(1, at - 1) .. "%" .. token:sub(at + 1), token .. "A", "" }
end

local function check_token(token, context)
  local plaintext = assert(sealed.open(keys, token, 0, context))
  for _, secret in ipairs { journey.person.aadhar, journey.person.pan_number, "PidData" } do
    if plaintext:find(secret, 1, true) then error(secret .. " in a token", 0) end
  end
end

local function put_away(self, each)
  local context = self:chance(30) and "session " .. each.name or nil
  local token, err = each.flow:suspend(self:pick { keys, keys[1], keys[2] }, { context = context })
  if not token then
    must(err.name == "token_too_large", "not put away: " .. tostring(err))
    return
  end
  must(#token < 2048, "a token of " .. #token)
  check_token(token, context)
  local client = self.world.client
  if self:chance(20) then
    local flow, refusal = client:resume(damaged(self, token), keys, { context = context })
    must(not flow, "a damaged token was taken")
    check_error(refusal)
  end
  if self:chance(5) then
    self.world.clock.ms = self.world.clock.ms + 3601000
    local flow, refusal = client:resume(token, keys, { context = context })
    must(not flow and refusal.name == "expired_token", "an old token was taken")
    return
  end
  each.flow = assert(client:resume(token, keys, { context = context }))
  log(self, each.name .. " resumed in " .. each.flow:state())
end

local function turn(self, each)
  local dice = self:upto(100)
  if dice <= 50 then
    advance(self, each, right_answers(self, each))
  elseif dice <= 62 then
    advance(self, each, wrong_answers(self, each))
  elseif dice <= 67 then
    advance(self, each)
  elseif dice <= 72 then
    log(self, each.name .. " resend")
    after(self, each, each.flow:resend())
  elseif dice <= 82 then
    put_away(self, each)
  elseif dice <= 87 then
    local ms = self:upto(self:chance(50) and 60000 or 1200000)
    log(self, ("clock +%d"):format(ms))
    self.world.clock.ms = self.world.clock.ms + ms
  elseif dice <= 92 then
    local plan = fault_plan(self)
    log(self, "fault " .. plan.kind)
    self.world.platform:fault(plan)
  else
    local slug, answer = inputs.slug(each.flow.data.wallet, each.flow:definition()), invented_answer(self)
    if not slug or self:chance(40) then slug = self:pick(self.slugs) end
    log(self, ("script %s %d/%d, HTTP %d"):format(slug, answer.body.status, answer.body.response_type_id, answer.http_status))
    self.world.platform:script(slug, { answer })
  end
end

-- Everything works again and the person makes no mistakes: the journey must end, or be where the platform lets nobody pass.
local function finish(self, each)
  for _ = 1, 40 do
    if each.step.done then return end
    advance(self, each, right_answers(self, each))
  end
  local never = self.knobs.fino.ekyc == "2135" or self.knobs.fino.ekyc == "2135_relationship"
  must(never and each.flow:state() == "ekyc" and each.step.error and each.step.error.name == "ekyc_failed",
    "it does not end: in " .. each.flow:state())
end

local function begin(self, number)
  local mobile = self.mobiles[self:upto(#self.mobiles)]
  local wallet = self:pick(wallets)
  local given = { customer_id = mobile }
  if self:chance(20) then
    for _ = 1, self:upto(3) do given[self:pick(input_names)] = nonsense(self) end
  end
  local flow = self.world.client:onboarding(wallet, given)
  local each = { name = ("%s %d (%s)"):format(wallet, number, mobile:sub(-2)), flow = flow, mobile = mobile, step = flow:step(), wallet = wallet,
    continue_with = self:pick { "digikhata", "levin" } }
  log(self, "begin " .. each.name)
  return each
end

local function run(self)
  self.knobs = knobs(self)
  self.world = journey.in_process(self.knobs)
  self.mobiles = {}
  for number = 1, self:upto(2) do self.mobiles[number] = new_customer(self, number) end
  local all = { begin(self, 1) }
  if self:chance(30) then all[2] = begin(self, 2) end
  for _ = 1, self:upto(24) do turn(self, self:pick(all)) end
  self.world.platform:clear()
  for _, each in ipairs(all) do finish(self, each) end
  return all
end

local function sorted_keys(set)
  local list = {}
  for name in pairs(set) do list[#list + 1] = name end
  table.sort(list)
  return list
end

--- Walks.
-- @param seed an integer; the same one gives the same walk on every Lua
-- @return true and a list of { name, flow, step, last_error }, or false, what went wrong, and the walk as text
function walk.run(seed, slugs)
  local self = setmetatable({ seed = seed, state = seed * 7919 % 2147483646 + 1, log = {}, slugs = slugs,
    fault_kinds = sorted_keys(faults.kinds) }, Walk)
  for _ = 1, 3 do self:upto(2) end
  local ok, result = xpcall(function() return run(self) end, function(problem)
    return type(problem) == "string" and debug.traceback(problem, 2) or tostring(problem)
  end)
  if ok then return true, result end
  return false, result, table.concat(self.log, "\n")
end

return walk
