--- The engine of journeys: runs a wallet's states, which are data, as far as it can without a person.
--
-- A state may have:
--
-- * `about`, `prompt`: what it is for; what a person is told
-- * `needs`: what a person gives, in order; `choices` or `choices_from` where there is a choice
-- * `call`: a verb of the wallet (`of` another one), and `params`: parameter -> where its value comes from, `"input"` (a need),
--   `"kept_input"` (a need of an earlier state), `"kept"` (an answer), `"kept_or_empty"`, or `{ literal }`
-- * `on`: outcome -> next state, or `{ to =, with = { kept names that the answer must have }, signs = { field = value }, without = }`:
--   where the answer lacks one of `with`, or its fields speak against all `signs`, `without` is next
-- * `unexpected`: outcomes that this call has no reason to give; they stop the journey with an error
-- * `keep`: kept name -> where it stands in the result; `show`: the same for what a person must see
-- * `errors`: error name -> next state, the error being reported on the step; `refused`: where the platform's refusal of what
--   the person gave leads; `stale`: where its refusal of a kept value leads; `lost`: where to find out what happened when the
--   answer was lost
-- * `holds`: it looks into something between two tries of the same step: what is kept stays where the answer has no other value, and
--   the tries go on being counted
-- * `next`: the next state without a call; `switch`: the need that names the wallet to go on along; `final`
-- * `otp_to`: whose mobile the OTP went to, `"customer"` or `"aadhaar"`; `resend`: the state that has another sent
-- * `forgets`: kept inputs that are dropped on entry; `restore`: where a resumed journey enters instead
--
-- What is kept is plain data: no OTP, Aadhaar number, PAN or PID block is ever in it.
-- @module eko.journey.engine
local catalogue = require "eko.wallets.catalogue"
local errors = require "eko.base.errors"
local inputs = require "eko.journey.inputs"
local kept = require "eko.journey.kept"
local limits = require "eko.journey.limits"
local proof = require "eko.journey.proof"
local redact = require "eko.base.redact"
local retry = require "eko.call.retry"

local engine = {}

-- A state is passed at most so often while nobody is asked: 300 and 463 lead back, and must not lead round and round.
local MOST_VISITS = 2
local LONGEST_HISTORY = 100
local LONGEST_NAME = 64 -- of an error

--- After so many answers that were not accepted another OTP is had, or the sender is read again: not every wallet tells a wrong
-- OTP from a dead one, or a refused number from a customer whom it does not know. How many tries of an OTP the platform allows is
-- not published, so nobody is promised so many (`attempts_left`); where it allows fewer it says that the OTP has expired.
engine.MOST_WRONG = 5

local function main_target(state, outcome)
  local target = state.on[outcome]
  return type(target) == "table" and target.to or target
end

local function params_of(flow, state, given)
  local data, params = flow.data, { customer_id = flow.data.customer_id }
  local fields = catalogue.get(inputs.slug(data.wallet, state)).fields
  for name, source in pairs(state.params or {}) do
    local value
    if type(source) == "table" then
      value = source[1]
    elseif source == "input" then
      value = given[name]
    elseif source == "kept_input" then
      value = data.inputs[name]
    else
      value = data.kept[name]
      if value == nil and source == "kept_or_empty" then value = "" end
    end
    -- An identifier is text on the way out, also where it came as a number.
    if fields[name].type == "string" then value = inputs.text(value) end
    params[name] = value
  end
  return params
end

-- A transport may name its errors as it likes; in the history stands nothing but plain words.
local function plain_name(name)
  if name == nil or (type(name) == "string" and #name <= LONGEST_NAME and name:find "^[A-Za-z0-9_]+$") then return name end
  return "unnamed"
end

local function note(flow, state_name, entry)
  local history = flow.data.history
  entry.at, entry.state, entry.error = flow.clock(), state_name, plain_name(entry.error)
  history[#history + 1] = entry
  if #history > LONGEST_HISTORY then table.remove(history, 1) end
end

local function unexpected(flow, state, result, params, message)
  return errors.new {
    kind = "api", name = "unexpected_outcome", sent = true, retryable = false, outcome = result.outcome,
    code = result.response.response_type_id, response = redact.table(result.response, params),
    message = ("%s gave the outcome %q in the state %s: %s; nothing was lost, the same step can be tried again"):format(
      state.call, tostring(result.outcome), flow.data.state, message),
  }
end

-- Whether a result's fields speak against every sign: some of them are there, and none has the value looked for.
local function contradicts(result, signs)
  local told = false
  for name, expected in pairs(signs) do
    if result[name] == expected then return false end
    told = told or result[name] ~= nil
  end
  return told
end

-- Where an outcome leads; nil and an error when it leads nowhere.
local function target_of(flow, state, result, params)
  local target = state.on[result.outcome]
  if not target then
    return nil, unexpected(flow, state, result, params, "the journey does not know how to go on from there")
  elseif type(target) == "string" then
    return target
  elseif target.signs and contradicts(result, target.signs) then
    return target.without
  end
  for _, name in ipairs(target.with or {}) do
    if kept.dig(result, state.keep[name]) == nil then
      if target.without then return target.without end
      return nil, unexpected(flow, state, result, params, name .. " is missing in the answer")
    end
  end
  return target.to
end

local function enter(flow, name)
  local data, before = flow.data, flow:definition()
  local is_same = data.state == name
  data.state = name
  local state = flow:definition()
  if not (is_same or state.holds or before and before.holds) then data.wrong, data.left = 0, nil end
  for _, each in ipairs(state.forgets or {}) do data.inputs[each] = nil end
  if state.final then
    data.kept, data.inputs, data.otp = {}, {}, nil
    flow.error = nil -- what was refused on the way had been accepted before
  end
end

local function announce_otp(flow)
  local state = flow:definition()
  if not state.otp_to then return end
  local to = state.otp_to == "customer" and redact.mobile(flow.data.customer_id) or "the mobile linked to the Aadhaar number"
  flow.data.otp = { to = to, at = flow.clock() }
  flow.data.wrong, flow.data.left = 0, nil
end

-- Errors by which the platform refuses what a person gave, and of which input they speak when it does not say.
local REFUSALS = {
  invalid_sender_name = { name = true }, name_mismatch = { name = true }, id_proof_already_used = {}, validation_failed = {},
  missing_parameter = {},
}

-- The platform refused a value that an earlier answer gave (a token may have expired): it is no longer good, and a better one is
-- looked for. Where there was none to refuse, that is done once: perhaps the platform does not give one.
local function stale_target(flow, state, err)
  if not state.stale or not REFUSALS[err.name] then return nil end
  local refused, dropped = false, false
  for name in pairs(err.invalid_params or {}) do
    local source = state.params[name]
    if source == "kept" or source == "kept_or_empty" then
      refused, dropped = true, dropped or flow.data.kept[name] ~= nil
      flow.data.kept[name] = nil
    end
  end
  if refused and not dropped then
    flow.data.looked = not flow.data.looked or nil
    refused = flow.data.looked
  end
  return refused and state.stale or nil
end

local function intersection(needs, names)
  local common = {}
  for _, need in ipairs(needs) do
    if names[need] ~= nil then common[#common + 1] = need end
  end
  return common
end

local function kept_inputs_of(state)
  local names = {}
  for name, source in pairs(state.params) do
    if source == "kept_input" then names[#names + 1] = name end
  end
  return names
end

local function refused_target(flow, state, err)
  local about = REFUSALS[err.name]
  if not about or not state.refused then return nil end
  local needs = flow:flow_definition().states[state.refused].needs or kept_inputs_of(state)
  local named = intersection(needs, err.invalid_params or about)
  if #named == 0 then
    -- It names other parameters than a person's: no person can mend that.
    if err.invalid_params then return nil end
    named = needs
  end
  for _, need in ipairs(named) do flow.data.inputs[need] = nil end
  return state.refused
end

local function count_failure(flow, state, err)
  flow.data.wrong = flow.data.wrong + 1
  if err.name == "otp_attempts_exhausted" then flow.data.left = 0 end
  if flow.data.wrong < engine.MOST_WRONG then return nil end
  return state.resend or flow:flow_definition().start
end

-- By which errors the platform refuses an OTP that a person gave; elsewhere they lead on without anybody's mistake.
local OTP_REFUSALS = {
  wrong_otp = true, otp_expired = true, otp_verification_failed = true, otp_attempts_exhausted = true,
  aadhaar_validation_failed = true,
}

-- Where a refusal leads, and whether it is one of what the person gave.
local function refusal_target(flow, state, err)
  if err.kind ~= "api" then return nil end
  local target = stale_target(flow, state, err)
  if target then return target, false end
  target = refused_target(flow, state, err)
  if target then return target, true end
  target = state.errors and state.errors[err.name]
  return target, target == flow.data.state or inputs.wanted(state, "otp") and OTP_REFUSALS[err.name] or false
end

local function handle_error(flow, state, err)
  local from = flow.data.state
  if err.signed_again and err.kind == "api" and not retry.authentication(err) and inputs.wanted(state, "otp") then
    -- The first of the two may have been carried out, and the second been refused for just that: nobody's mistake is counted,
    -- and the sender is read.
    note(flow, from, { call = state.call, error = err.name, to = state.lost })
    enter(flow, state.lost)
    return true
  end
  local target, is_persons = refusal_target(flow, state, err)
  if target and (target == from or flow:flow_definition().states[target].holds) then target = count_failure(flow, state, err) or target end
  local lost = not target and retry.is_unknown(err) and state.lost or nil
  note(flow, from, { call = state.call, error = err.name, to = target or lost })
  if not target then
    if lost then enter(flow, lost) end
    return nil, err
  end
  enter(flow, target)
  flow.error = err
  if is_persons then return limits.count_refusal(flow.data, err) end
  return true
end

-- The call of a state, counted. Returns the result, or nil and the error, and whether nothing may be done about that.
local function call(flow, state, params)
  local data, calls = flow.data, flow.client[state.of or flow.data.wallet]
  local endpoint = catalogue.get(inputs.slug(data.wallet, state))
  local stopped = kept.stops(data, endpoint)
  if stopped then return nil, stopped, true end
  local options, ended = limits.allow_call(data, endpoint)
  if not options then return nil, ended, true end
  local result, err = calls[state.call](calls, params, options)
  limits.count_call(data, endpoint, { result = result, err = err, is_understood = result and state.on[result.outcome] ~= nil })
  if proof.is_enrolment(state, result, err) then data.enrolling = true end
  if not limits.is_beyond(data) then return result, err end
  result, err = limits.finish(data, "too_many_otps", err)
  return result, err, true
end

-- Goes where what an answer lacked can be had again. Returns the error.
local function look_again(flow, state, result, err)
  local target = state.on[result.outcome]
  local to = type(target) == "table" and target.without or state.lost
  note(flow, flow.data.state, { call = state.call, outcome = result.outcome, error = err.name, to = to })
  if to then enter(flow, to) end
  return err
end

-- Goes where a result leads.
local function follow(flow, state, result, target)
  local data, from = flow.data, flow.data.state
  kept.remember(flow, state, result)
  note(flow, from, { call = state.call, outcome = result.outcome, to = target })
  if proof.given_by(state, result.outcome) then data.proved = true end
  enter(flow, target)
  if result.outcome == "otp_sent" then announce_otp(flow) end
  if flow:definition().final then flow.result, data.outcome = result, result.outcome end
  -- What a person gave led nowhere, without an error: that is asked for again.
  if target == from and state.needs and result.outcome ~= "otp_sent" then return limits.count_refusal(data) end
  return true
end

-- One call. True when the journey moved (or stays, with an error to show), else nil and the error.
local function perform(flow, state, given)
  local params = params_of(flow, state, given)
  local result, err, is_final = call(flow, state, params)
  if not result then
    if is_final then return nil, err end
    return handle_error(flow, state, err)
  end
  local missing = kept.missing(flow, state, result, main_target(state, result.outcome))
  if missing then return nil, look_again(flow, state, result, kept.damaged(flow, state, result, params, missing)) end
  local target, target_err = target_of(flow, state, result, params)
  if not target then
    note(flow, flow.data.state, { call = state.call, outcome = result.outcome, error = target_err.name })
    return nil, target_err
  end
  return follow(flow, state, result, target)
end

local function switch(flow, chosen)
  note(flow, flow.data.state, { to = chosen })
  flow.data.wallet, flow.data.kept, flow.data.inputs.continue_with = chosen, {}, nil
  enter(flow, flow:flow_definition().start)
end

local function stuck(state_name)
  return errors.new {
    kind = "api", name = "journey_stuck", sent = true, retryable = false,
    message = ("the platform leads back to the state %s again and again; look at flow:history()"):format(state_name),
  }
end

-- Passes a state whose needs are all given. Returns true, or nil and the error.
local function pass(flow, state, given)
  if state.switch then
    switch(flow, given[state.switch])
  elseif state.next then
    note(flow, flow.data.state, { to = state.next })
    enter(flow, state.next)
  else
    return perform(flow, state, given)
  end
  return true
end

-- The step at which a person is asked. What was ill-formed on the way there counts as one refusal.
local function asked(flow, ill_formed)
  if ill_formed and not flow:definition().final then
    local ok, ended = limits.count_refusal(flow.data, ill_formed)
    if not ok then return nil, ended end
  end
  return flow:step()
end

--- Goes on until a person is needed, the journey is done, or a call failed.
-- @tparam table flow the journey
-- @tparam table given what a person gave, by name
-- @treturn[1] table the step
-- @treturn[2] nil
-- @treturn[2] table an error
function engine.advance(flow, given)
  local over = limits.ended(flow.data)
  if over then return nil, over end
  flow.error = nil
  local pending, visits = inputs.take(flow, given), {}
  local ill_formed = flow.error
  -- An OTP that is given before one was asked for cannot be the one that is about to be sent.
  if not inputs.wanted(flow:definition(), "otp") then pending.otp = nil end
  while true do
    local state, name = flow:definition(), flow.data.state
    local before = flow.error
    local values = not state.final and inputs.gather(flow, state, pending)
    if flow.error ~= before then ill_formed = flow.error end
    if not values then return asked(flow, ill_formed) end
    local place = flow.data.wallet .. "." .. name
    visits[place] = (visits[place] or 0) + 1
    if visits[place] > MOST_VISITS then return nil, stuck(name) end
    for used in pairs(values) do pending[used] = nil end
    local ok, err = pass(flow, state, values)
    if not ok then return nil, err end
  end
end

--- Has another OTP sent.
-- @tparam table flow the journey
-- @treturn[1] table the step
-- @treturn[2] nil
-- @treturn[2] table an error; named `nothing_to_resend` where no OTP is waited for
function engine.resend(flow)
  local data, over = flow.data, limits.ended(flow.data)
  if over then return nil, over end
  local target, before = flow:definition().resend or data.damaged and data.state, data.resent_at
  if not target then
    return nil, errors.new {
      kind = "invalid_request", name = "nothing_to_resend", sent = false, retryable = false,
      message = ("no OTP is waited for in the state %s; flow:advance() goes on"):format(flow.data.state),
    }
  end
  local ok, refusal = limits.allow_resend(data, flow.clock())
  if not ok then return nil, refusal end
  note(flow, data.state, { to = target })
  enter(flow, target)
  kept.again(data)
  local step, err = engine.advance(flow, {})
  if err and err.sent == false then data.resent_at = before end
  return step, err
end

return engine
