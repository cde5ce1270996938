--- Journeys: onboarding that stops for people and goes on anywhere.
--
--     local flow = client:onboarding("levin", { customer_id = "9444444444" })
--     local step, err = flow:advance()
--     step, err = flow:advance { otp = "123456" }
--     local token = flow:suspend(key)           -- put it away ...
--     flow = client:resume(token, key)          -- ... and go on, in another process or on another machine
--
-- A step holds:
--
-- * `wallet`, `state`; `needs` (names in order), `prompt`, `validators` (need -> function value -> true, or nil and what is
--   expected)
-- * `choices` (a list of { value, label }), `consent` (`{ id, language, text, short, audio_url }`, to be read out), where there is one
-- * `journey`: a random id of this journey, the same in every process that carries it on
-- * `otp` (`{ to, at }`, at in ms: the OTP that is waited for), `can_resend`, `wrong` (how many answers were not accepted here),
--   `attempts_left` (0: the platform has said that it takes no more tries of this OTP; nil: it has not said how many it takes)
-- * `error`: what was wrong with the last input; the journey goes on all the same, unless `flow:ended()`
-- * `done`, and when it is: `outcome`, `was_active` (nothing had to be enrolled: the customer was active before), `customer_profile`,
--   `result` (the typed result of the last call; the latter two only in the process that made it)
-- @module eko.journey
local ascii = require "eko.base.ascii"
local base64url = require "eko.base.base64url"
local catalogue = require "eko.wallets.catalogue"
local core = require "eko.core"
local engine = require "eko.journey.engine"
local errors = require "eko.base.errors"
local inputs = require "eko.journey.inputs"
local limits = require "eko.journey.limits"
local option_rules = require "eko.base.options"
local proof = require "eko.journey.proof"
local sealed = require "eko.base.sealed"
local suggest = require "eko.base.suggest"
local token = require "eko.journey.token"
local units = require "eko.base.units"
local wallets = require "eko.wallets"

local journey = {}

--- The wallets that have a journey.
journey.wallets = wallets.names

local DEFAULT_TTL, LONGEST_TTL = units.HOUR, units.YEAR

--- The states of a wallet's journey, as data (see `eko.journey.engine`). Not to be changed.
-- @tparam string name a wallet
-- @treturn table `{ wallet, title, start, states }`
function journey.definition(name)
  if not wallets.is(name) then error(("there is no journey %q"):format(tostring(name)), 2) end
  return wallets.part(name, "onboarding")
end

local flow = {}
local meta = { __index = flow, __metatable = "eko.flow" }

function meta.__tostring(self)
  return ("eko.flow: %s, %s"):format(self.data.wallet, self.data.state)
end

function flow:flow_definition() return journey.definition(self.data.wallet) end
function flow:definition() return self:flow_definition().states[self.data.state] end

--- The name of the state that the journey is in.
-- @treturn string
function flow:state() return self.data.state end

local function prompt_of(self, state)
  if self.data.ended then return "The journey has ended: begin again later" end
  if state.otp_to and self.data.otp then return "OTP sent to " .. self.data.otp.to end
  return state.prompt or state.about
end

local function validators_of(self, state)
  local validators, name = {}, self.data.state
  for _, need in ipairs(state.needs or {}) do
    validators[need] = function(value)
      if self.data.state ~= name then return nil, "the journey has gone on since" end
      return inputs.check(self, need, value)
    end
  end
  return validators
end

local function consent_of(self)
  local detail = self.memory.consent
  if type(detail) ~= "table" then return nil end
  return { id = detail.consentId, language = detail.consentLanguage, text = detail.consentContent, short = detail.consent,
    audio_url = detail.audioUrl }
end

--- Where the journey stands now, without doing anything.
-- @treturn table the step
function flow:step()
  local state, data = self:definition(), self.data
  local step = {
    wallet = data.wallet,
    state = data.state,
    journey = data.journey,
    needs = data.ended and {} or inputs.open(self, state),
    prompt = prompt_of(self, state),
    validators = validators_of(self, state),
    choices = inputs.choices(self, state),
    can_resend = (state.resend or data.damaged) ~= nil and not data.ended and limits.otp_left(data),
    wrong = data.wrong,
    attempts_left = data.left,
    error = limits.ended(data) or self.error,
    done = state.final or false,
  }
  if state.otp_to and data.otp then step.otp = { to = data.otp.to, at = data.otp.at } end
  if inputs.wanted(state, "consent") then step.consent = consent_of(self) end
  if state.final then
    step.result, step.outcome, step.was_active = self.result, data.outcome, not data.enrolling
    step.customer_profile = self.result and self.result.customer_profile
  end
  return step
end

local function check_inputs(given, level)
  if given == nil then return {} end
  if type(given) ~= "table" then error("the inputs of a journey are a table", level) end
  return (option_rules.check("the inputs of a journey", given, inputs.known, level))
end

local function check_inputs_of(self, given, level)
  given = check_inputs(given, level + 1)
  if given.customer_id ~= nil and inputs.customer(given.customer_id) ~= self.data.customer_id then
    error("a journey is one customer's: customer_id cannot be changed", level)
  end
  return given
end

--- Goes on as far as possible without a person.
-- @tparam[opt] table given what a person gave: values for the step's `needs`, and anything that later steps need. Name, birth
-- date, address and choices are kept until they are used; everything else serves this advance only
-- @raise when an input has an unknown name, or is another customer's
-- @treturn[1] table the step: what is needed next, or `done`. A wrong OTP and an ill-formed input stand in `step.error`
-- @treturn[2] nil
-- @treturn[2] table an error: a call failed or was answered unexpectedly. Nothing is lost: `advance` again tries again, or
-- asks the platform first what became of the call
function flow:advance(given)
  given = check_inputs_of(self, given, 3)
  local all = self.first or {}
  self.first = nil
  for name, value in pairs(given) do all[name] = value end
  all.customer_id = nil
  return engine.advance(self, all)
end

--- Has the OTP that is waited for sent again, the way the wallet has for it (where the Aadhaar number must be given again for
-- that, the step asks for it).
-- @treturn[1] table the step
-- @treturn[2] nil
-- @treturn[2] table an error; named `nothing_to_resend` where no OTP is waited for
function flow:resend()
  self.first = nil
  return engine.resend(self)
end

--- Whether the person at hand has proved in this journey to be who the customer is: by a right OTP to the customer's mobile or to
-- the one that is linked to the Aadhaar number, or by a biometric eKYC. Without one, what a step says of the customer (name,
-- balance) is nothing to show to that person: some wallets give a profile to whoever names a mobile number.
-- @treturn boolean
function flow:proved() return self.data.proved or false end

--- The error that has ended the journey, which every `advance` and `resend` gives from then on.
-- @treturn ?table nil, or an error named `too_many_otps`, `too_many_refusals` or `too_many_calls`
function flow:ended() return limits.ended(self.data) end

--- What happened so far.
-- @treturn {table,...} `{ at = ms, state, call, outcome or error, to }`; nothing secret stands in it
function flow:history()
  local list = {}
  for i, entry in ipairs(self.data.history) do
    list[i] = { at = entry.at, state = entry.state, call = entry.call, outcome = entry.outcome, error = entry.error, to = entry.to }
  end
  return list
end

local CONTEXT = { function(value) return type(value) == "string" end, "a string" }
local SUSPEND_OPTIONS = {
  ttl = { function(value) return option_rules.seconds[1](value) and value <= LONGEST_TTL end, "a number of seconds, at most a year" },
  context = {
    function(value) return CONTEXT[1](value) and value ~= "" end, "a string that is not empty, which would bind the token to nothing",
  },
  under_way = true,
}
local RESUME_OPTIONS = { context = CONTEXT }
local NEW_OPTIONS = { limits = true }

local function copy_of(map)
  local copy = {}
  for name, value in pairs(map) do copy[name] = value end
  return copy
end

-- The journey as somebody must find it who does not know what became of the call that is about to be made: the platform is asked
-- first, and the call counts.
local function under_way(self)
  local data, state, start = copy_of(self.data), self:definition(), self:flow_definition().start
  data.counts, data.history = copy_of(data.counts), self:history()
  if state.call then
    local interrupted = errors.new { kind = "transport", name = "interrupted", message = "the process did not wait for the answer" }
    limits.count_call(data, catalogue.get(inputs.slug(data.wallet, state)), { err = interrupted })
    data.enrolling = data.enrolling or proof.is_enrolment(state, nil, interrupted) or nil
    table.insert(data.history, { at = self.clock(), state = data.state, call = state.call, error = "interrupted", to = start })
  end
  data.state, data.wrong, data.left = start, 0, nil
  return data
end

--- Seals the journey into text that fits a cookie, a URL or a database field. The journey itself can go on.
-- @tparam string|{string,...} key at least 32 random bytes, or a list of such: the first seals
-- @tparam[opt] table options `{ ttl = seconds until it expires (3600), context = text that must be given to resume again,
-- under_way = true before a call whose answer this process may not live to see: resumed, the journey asks the platform first }`
-- @raise when the key is too short or an option is wrong
-- @treturn[1] string letters, digits, `-` and `_`, fewer than 2,048
-- @treturn[2] nil
-- @treturn[2] table an error named `token_too_large`: the platform gave a wallet_token of more than about 1,000 characters
function flow:suspend(key, options)
  options = option_rules.check("suspend", options or {}, SUSPEND_OPTIONS, 2)
  local keys = sealed.keys(key, 3)
  local data = options.under_way and under_way(self) or self.data
  return token.seal(data, keys, { now = self.clock() / units.MS_PER_SECOND, ttl = options.ttl or DEFAULT_TTL, context = options.context })
end

-- A caller's clock may have fractions of a ms, which a journey's data have no use for.
local function make(client, clock, data)
  local now = clock and function() return math.floor(clock()) end or core.text.now_ms
  return setmetatable({ client = client, clock = now, data = data, memory = {} }, meta)
end

local ID_BYTES = 16

-- 128 random bits as 22 letters, digits, - and _.
local function new_id()
  return base64url.random(ID_BYTES)
end

-- `client:onboarding`, `client:resume` and `eko.run` stand between a function here and its caller.
local CALLER = 3

--- Begins a journey. Part of a client: `client:onboarding(wallet, inputs, options)`.
-- @tparam table client the client that makes the calls
-- @tparam ?function clock returns ms since the Unix epoch
-- @tparam string name of a wallet, such as `"levin"`
-- @tparam table given `customer_id`, and anything that is known of the customer already
-- @tparam[opt] table options `{ limits = { otps = 6, refusals = 12, calls = 60, resend_seconds = 30 } }`, see `eko.journey.limits`
-- @raise when there is no such journey, an input or option is unknown, or `customer_id` is not a mobile number
-- @treturn table the flow
function journey.new(client, clock, name, given, options)
  if not wallets.is(name) then
    local near = suggest.nearest(name, journey.wallets)
    error(("there is no journey %q%s"):format(tostring(name), near and ("; did you mean %q?"):format(near) or ""), CALLER)
  end
  given = check_inputs(given, CALLER + 1)
  local customer_id, expected = inputs.customer(given.customer_id)
  if not customer_id then error("customer_id: " .. expected, CALLER) end
  options = option_rules.check("onboarding", options or {}, NEW_OPTIONS, CALLER)
  local made = make(client, clock, {
    wallet = name, state = journey.definition(name).start, customer_id = customer_id, journey = new_id(),
    inputs = {}, kept = {}, history = {}, wrong = 0, counts = limits.counts(), limits = limits.check(options.limits, CALLER + 1),
  })
  -- What may not be kept, or is ill-formed, waits for the first advance, which uses it or reports it.
  local first, invalid = inputs.take(made, given)
  for each in pairs(invalid) do first[each] = given[each] end
  made.first = first
  return made
end

--- Goes on with a journey that was put away. Part of a client: `client:resume(token, key)`.
-- @tparam table client the client that makes the calls
-- @tparam ?function clock returns ms since the Unix epoch
-- @tparam string text the token that `suspend` gave
-- @tparam string|{string,...} key the key, or a list of keys of which any may open it
-- @tparam[opt] table options `{ context = as it was given to suspend }`
-- @raise when the key is too short or an option is wrong
-- @treturn[1] table the flow
-- @treturn[2] nil
-- @treturn[2] table an error named `malformed_token`, `truncated_token`, `tampered_token`, `expired_token`,
-- `wrong_token_context`, `unknown_token_key`, `unsupported_token_version` or `token_from_future`; or one of kind `store` named
-- `out_of_memory`, which is retryable and says nothing of the token
function journey.resume(client, clock, text, key, options)
  options = option_rules.check("resume", options or {}, RESUME_OPTIONS, CALLER)
  local keys = sealed.keys(key, CALLER + 1)
  local now = (clock or core.text.now_ms)() / units.MS_PER_SECOND
  local data, err = token.open(text, keys, now, options.context)
  if not data then return nil, err end
  local state = wallets.is(data.wallet) and journey.definition(data.wallet).states[data.state]
  if not state then
    return nil, errors.new { kind = "invalid_request", name = "unsupported_token_version", sent = false, retryable = false,
      message = "the token holds a state that this version of the library does not know" }
  end
  -- What only memory held (the consent's text, the languages) is fetched again.
  data.state = state.restore or data.state
  return make(client, clock, data)
end

local function names_of(set)
  local names = {}
  for name in pairs(set) do names[#names + 1] = tostring(name) end
  table.sort(names, ascii.less)
  return table.concat(names, ", ")
end

-- What `ask` gave had none of what was asked for, or not all of what is needed at once.
local function nothing_answered(step, given)
  local needs, got = table.concat(step.needs, ", "), names_of(given)
  return nil, errors.new {
    kind = "invalid_request", name = "nothing_answered", sent = false, retryable = false,
    message = ("in the state %s ask gave %s, with which the journey cannot go on; it needs %s (nil stops there)"):format(
      step.state, got == "" and "nothing" or got, needs),
  }
end

local function answers_any(step, given)
  for _, need in ipairs(step.needs) do
    if given[need] ~= nil then return true end
  end
  return false
end

-- What changes with everything that a journey does, and with each answer that it keeps or refuses.
local function position(self)
  local data = self.data
  return ("%s %s %d %d %d"):format(data.wallet, data.state, data.counts.calls, data.counts.refusals, #self:step().needs)
end

--- Carries a journey through, asking a person wherever one is needed. It always ends: see `eko.journey.limits`.
-- @tparam table self a flow
-- @tparam function ask step -> table of inputs, or nil to stop there
-- @raise when `ask` gives something else
-- @treturn[1] table the last step (`done`, unless `ask` stopped)
-- @treturn[2] nil
-- @treturn[2] table the error of a call that failed, or one that ended the journey (`flow:ended()`), or one named
-- `nothing_answered`: what `ask` gave holds none of the step's needs, or only a part of those that must come together
function journey.run(self, ask)
  local step, err = self:advance()
  while step and not step.done do
    local given = ask(step)
    if not given then return step end
    if type(given) ~= "table" then error("eko.run: ask gives a table of inputs, or nil to stop there", CALLER) end
    if not answers_any(step, given) then return nothing_answered(step, given) end
    check_inputs_of(self, given, CALLER + 1)
    local before, asked = position(self), step
    step, err = self:advance(given)
    if step and position(self) == before then return nothing_answered(asked, given) end
  end
  return step, err
end

return journey
