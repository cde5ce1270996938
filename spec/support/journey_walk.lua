--- A random journey, or several at once, against a platform in this process: everything that can go wrong may go wrong, in an
-- order that a seed decides. At the end the faults stop, and every journey must come to its end: done, or at one of its bounds.
-- No journey has more OTPs sent or makes more calls than it may, and nothing of one customer stands in what another's made.

local eko = require "eko"
local errors = require "eko.base.errors"
local inputs = require "eko.journey.inputs"
local rails = require("eko.emulator.customers").rails
local support = require "spec.support.journey"
local journey_faults = require "spec.support.journey_faults"
local limits = require "eko.journey.limits"
local journey = require "eko.journey"
local people = require "spec.support.journey_people"
local sealed = require "eko.base.sealed"

local walk = {}

local Walk = {}
Walk.__index = Walk

local wallets = rails
local kinds = { invalid_request = true, transport = true, http = true, decode = true, api = true, indeterminate = true, store = true }
local keys = { support.key, ("r"):rep(32) }

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
    -- Nine digits: no two OTPs of a walk are the same by chance, and none stands in another number.
    otp = { ttl = maybe(30, 60, 600), attempts = maybe(1, 2, 5), length = 9 },
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
  local person, preset = people.new(self.seed * 2 + number), {}
  for _, wallet in ipairs(wallets) do
    if self:chance(25) then preset[wallet] = self:pick(rail_states[wallet]) end
  end
  if self:chance(30) then preset.aadhaar = person.aadhar end
  if next(preset) then
    preset.name = person.name
    self.world.platform:enrol(person.mobile, preset)
  end
  return person
end

-- The platform sent an OTP with one pass of a request, and an invented answer to the other says what it likes.
local function is_invented(self)
  local log = self.world.platform:requests()
  local last = log[#log]
  return last.outcome == "scripted" or last.copy == "scripted"
end

-- The way to the platform, which keeps a record of whose journey goes along it. A balancer's copy of a request is not of our sending.
local function recorded(self, request)
  local each = self.working
  local before = #self.world.platform:sms(each.person.mobile)
  local response, err = self.world.platform(request)
  local inbox = self.world.platform:sms(each.person.mobile)
  each.record:exchange(request, response)
  if #inbox > before and not is_invented(self) then each.record.sms = each.record.sms + 1 end
  for index = before + 1, #inbox do each.record:secret("otp", inbox[index].otp) end
  return response, err
end

-- Seconds. The clock that is signed with moves by hand only: waiting for it would be in vain.
local TIMEOUT = 0.01

local function client_options(self)
  local options = { transport = function(request) return recorded(self, request) end, clock = function()
    return self.world.clock.ms + self.skew
  end }
  function options.on_exchange(event) if self.working then self.working.record:value("event", event) end end
  return options
end

-- Our clock goes wrong, or right. One that is set back by much cannot sign before it has caught up: such a process is started anew.
local function set_clock(self, skew, all)
  local back = skew < self.skew
  self.skew = skew
  if not back then return end
  local platform = self.world.platform
  local options = client_options(self)
  for name, value in pairs {
    developer_key = platform.developer_key, access_key = platform.access_key, initiator_id = platform.initiator_id,
    user_code = platform.user_code, retries = 0, timeout = TIMEOUT,
  } do options[name] = value end
  self.world.client = eko.client(options)
  for _, each in ipairs(all) do each.flow.client = self.world.client end
end

-- ---- what people and networks do ----

local function nonsense(self)
  return self:pick {
    "", " ", "x", "000000", "123456", ("9"):rep(12), "999999990019", "999999990019", "ZZZPZ9999Z", "1990-05-17", "2030-02-31",
    "a\0b", "a\nb", "\255\254", "नाम",
    ("x"):rep(300), ("x"):rep(70000), 0, -1, 123456, 1.5, 0 / 0, math.huge, true, false, {}, { "x" }, { {} }, { a = "b" },
    function() end, support.person.residence_address, support.fino_address, "digikhata", "14",
  }
end

local input_names = {
  "name", "dob", "residence_address", "otp", "aadhar", "pan_number", "piddata", "consent", "consent_language", "continue_with",
}

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

-- The bounds of a journey, whatever happened to it.
local function check_bounds(self, each)
  local record, data = each.record, each.flow.data
  local most = setmetatable(data.limits or {}, { __index = limits.defaults })
  must(record.sms <= most.otps, ("%d OTPs were sent, %d may be"):format(record.sms, most.otps))
  must(record.requests <= most.calls, ("%d calls were made, %d may be"):format(record.requests, most.calls))
  must(record.sms <= data.counts.otps, ("%d OTPs were sent, %d are counted"):format(record.sms, data.counts.otps))
  must(data.counts.refusals <= most.refusals, "more refusals than may be")
  must(each.flow:step().journey == each.id, "the journey's id has changed")
  if not data.limits then
    self.totals.sms, self.totals.calls = math.max(self.totals.sms, record.sms), math.max(self.totals.calls, record.requests)
  end
end

local function after(self, each, step, err)
  each.step, each.err = step or each.flow:step(), err
  each.record:value("step", each.step)
  each.record:text("flow", tostring(each.flow))
  check_bounds(self, each)
  if err then
    each.record:value("error", err)
    each.record:text("error", tostring(err))
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
  return people.answers(each.person, each.flow:step(), function() return self.world.otp(each.mobile) or "0000" end,
    { continue_with = each.continue_with })
end

-- Does something with a journey: what goes over the wire meanwhile is this journey's.
local function with(self, each, work)
  self.working = each
  local step, err = work(each.flow)
  self.working = nil
  after(self, each, step, err)
end

local function advance(self, each, given)
  local what = {}
  for name in pairs(given or {}) do what[#what + 1] = name end
  log(self, each.name .. " advance " .. table.concat(what, " "))
  with(self, each, function(flow) return flow:advance(given) end)
end

local function wrong_answers(self, each)
  local given = self:chance(50) and right_answers(self, each) or {}
  if given.otp and self:chance(60) then
    given.otp = support.wrong(given.otp)
  else
    for _ = 1, self:upto(3) do given[self:pick(input_names)] = nonsense(self) end
  end
  return given
end

local function damaged(self, token)
  local at = self:upto(#token)
  return self:pick { token:sub(1, at - 1), token:sub(1, at - 1) .. "%" .. token:sub(at + 1), token .. "A", "" }
end

local function check_token(each, token, context)
  local plaintext = assert(sealed.open(keys, token, 0, context))
  each.record:text("token", plaintext)
  for _, secret in ipairs { each.person.aadhar, each.person.pan_number, "PidData" } do
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
  check_token(each, token, context)
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

-- A program that carries a journey through by itself, and that now and then has nothing to say.
local function run_through(self, each)
  log(self, each.name .. " run")
  local asked, mood = 0, self:upto(5)
  with(self, each, function(flow)
    return journey.run(flow, function()
      asked = asked + 1
      if mood == 1 then return {} end
      if mood == 2 or asked > 3 and self:chance(10) then return wrong_answers(self, each) end
      return asked < 200 and right_answers(self, each) or nil
    end)
  end)
  must(asked < 100, "asked without end")
end

local skews = { 0, 0, 0, 5000, -5000, 45000, -45000, 300000, -300000, 3600000, -7200000, 86400000 * 2 }

local function network_turn(self, each, all)
  local dice = self:upto(5)
  if dice <= 2 then
    local plan = journey_faults.plan(self)
    log(self, ("fault %s, copy %s, code %s, commit %s"):format(plan.kind, tostring(plan.copy), tostring(plan.code), tostring(plan.commit)))
    self.world.platform:fault(plan)
  elseif dice == 3 and self:chance(50) then
    set_clock(self, self:pick(skews), all)
    log(self, ("our clock is off by %d ms"):format(self.skew))
  else
    local slug, answer = inputs.slug(each.flow.data.wallet, each.flow:definition()), journey_faults.answer(self)
    if not slug or self:chance(30) then slug = self:pick(self.slugs) end
    log(self, ("script %s %d/%d, HTTP %d"):format(slug, answer.body.status, answer.body.response_type_id, answer.http_status))
    self.world.platform:script(slug, { answer })
  end
end

local function turn(self, each, all)
  local dice = self:upto(100)
  if dice <= 43 then
    advance(self, each, right_answers(self, each))
  elseif dice <= 53 then
    advance(self, each, wrong_answers(self, each))
  elseif dice <= 57 then
    advance(self, each)
  elseif dice <= 61 then
    log(self, each.name .. " resend")
    with(self, each, function(flow) return flow:resend() end)
  elseif dice <= 63 then
    run_through(self, each)
  elseif dice <= 72 then
    put_away(self, each)
  elseif dice <= 77 then
    local ms = self:upto(self:chance(50) and 60000 or 1200000)
    log(self, ("clock +%d"):format(ms))
    self.world.clock.ms = self.world.clock.ms + ms
  else
    network_turn(self, each, all)
  end
end

-- Everything works again and the person makes no mistakes: the journey must end, or be where the platform lets nobody pass.
local function finish(self, each)
  for _ = 1, 40 do
    if each.step.done or each.flow:ended() then return end
    advance(self, each, right_answers(self, each))
    -- A correction of the clock that has ended leaves timestamps behind that are ahead of it, for ten minutes at most.
    if each.err and each.err.name == "timestamps_exhausted" then self.world.clock.ms = self.world.clock.ms + 600000 end
  end
  local never = self.knobs.fino.ekyc == "2135" or self.knobs.fino.ekyc == "2135_relationship"
  must(never and each.flow:state() == "ekyc" and each.step.error and each.step.error.name == "ekyc_failed",
    "it does not end: in " .. each.flow:state())
end

local function begin(self, number)
  local person = self.people[self:upto(#self.people)]
  local wallet = self:pick(wallets)
  local given, own = { customer_id = person.mobile }, nil
  if self:chance(20) then
    for _ = 1, self:upto(3) do given[self:pick(input_names)] = nonsense(self) end
  end
  if self:chance(15) then
    own = { otps = self:upto(4), refusals = self:upto(20), calls = 10 + self:upto(40) }
  elseif self:chance(15) then
    own = { otps = 30, refusals = 50, calls = 200 } -- these come nearly everywhere
  end
  local flow = self.world.client:onboarding(wallet, given, own and { limits = own })
  local each = { name = ("%s %d (%s)"):format(wallet, number, person.mobile:sub(-2)), flow = flow, person = person,
    mobile = person.mobile, step = flow:step(), wallet = wallet, record = people.record(person), id = flow:step().journey,
    continue_with = self:pick { "digikhata", "levin" } }
  log(self, "begin " .. each.name)
  return each
end

local function check_separation(all)
  for _, one in ipairs(all) do
    for _, other in ipairs(all) do
      if one ~= other then
        must(one.id ~= other.id, "two journeys have one id")
        local problem = people.mixed_up(one.record, other.record)
        must(not problem, problem)
      end
    end
  end
end

local function run(self)
  self.knobs, self.skew = knobs(self), 0
  local options = client_options(self)
  options.timeout = TIMEOUT
  self.world = support.in_process(self.knobs, options)
  self.people = {}
  for number = 1, self:upto(2) do self.people[number] = new_customer(self, number) end
  local all = { begin(self, 1) }
  if self:chance(30) then all[2] = begin(self, 2) end
  for _ = 1, self:upto(24) do turn(self, self:pick(all), all) end
  self.world.platform:clear()
  set_clock(self, 0, all)
  for _, each in ipairs(all) do finish(self, each) end
  check_separation(all)
  return all
end

--- Walks.
-- @param seed an integer; the same one gives the same walk on every Lua
-- @param totals { sms, calls }: the most that one journey of all walks so far had, of those with the usual bounds
-- @return true and a list of { name, flow, step, last_error }, or false, what went wrong, and the walk as text
function walk.run(seed, slugs, totals)
  local self = setmetatable({ seed = seed, state = seed * 7919 % 2147483646 + 1, log = {}, slugs = slugs, totals = totals }, Walk)
  for _ = 1, 3 do self:upto(2) end
  local ok, result = xpcall(function() return run(self) end, function(problem)
    return type(problem) == "string" and debug.traceback(problem, 2) or tostring(problem)
  end)
  if ok then return true, result end
  return false, result, table.concat(self.log, "\n")
end

return walk
