--- What a person gives to a journey: what it must look like, and what of it is kept.
--
-- Name, birth date, address and the two choices are kept until the platform has accepted them. An OTP, an Aadhaar number, a
-- PAN and a PID block serve one call and are never part of the journey's data.
-- @module eko.journey.inputs
local ascii = require "eko.base.ascii"
local catalogue = require "eko.wallets.catalogue"
local errors = require "eko.base.errors"
local input = require "eko.base.input"
local request = require "eko.call.request"
local wallets = require "eko.wallets"

local inputs = {}

--- The inputs that a journey keeps.
inputs.lasting = { name = true, dob = true, residence_address = true, consent_language = true, continue_with = true }

--- Every input that a journey takes.
inputs.known = {
  customer_id = true, name = true, dob = true, residence_address = true, otp = true, aadhar = true, pan_number = true,
  piddata = true, consent = true, consent_language = true, continue_with = true,
}

--- What is expected, in a sentence: "expected a date ...", "it must not be empty".
-- @tparam string expected
-- @treturn string
function inputs.said(expected)
  return expected:find "^it " and expected or "expected " .. expected
end

--- The slug of the endpoint that a state calls, or nil.
-- @tparam string flow_wallet the journey's wallet
-- @tparam table state
-- @treturn ?string
function inputs.slug(flow_wallet, state)
  return state.call and wallets.verbs(state.of or flow_wallet)[state.call]
end

--- A value that may have come as a number, as the text that the platform is given.
-- @tparam any value
-- @treturn any digits of a number, else the value itself
function inputs.text(value)
  return type(value) == "number" and ("%.0f"):format(value) or value
end

-- What a person meant: a copy without the blanks around each text.
local function meant(value)
  if type(value) == "string" then return input.trim(value) end
  if type(value) ~= "table" then return value end
  local made = {}
  for key, item in pairs(value) do made[key] = type(item) == "string" and input.trim(item) or item end
  return made
end

local function check_consent(value)
  if value == true then return true end
  return nil, "true, once the customer has consented to the use of the Aadhaar number"
end

-- The check of the parameter that a need becomes, or of a text where it becomes none here.
local function build(flow_wallet, state, need)
  if need == "consent" then return check_consent end
  local slug = inputs.slug(flow_wallet, state)
  return request.checker(slug and catalogue.get(slug).fields[need] or { name = need, type = "string", max = 64 })
end

local built = setmetatable({}, { __mode = "k" }) -- state -> need -> validator

--- What a need must look like.
-- @tparam string flow_wallet the journey's wallet
-- @tparam table state
-- @tparam string need
-- @treturn function value -> true, or nil and what is expected
function inputs.validator(flow_wallet, state, need)
  local of_state = built[state]
  if not of_state then
    of_state = {}
    built[state] = of_state
  end
  of_state[need] = of_state[need] or build(flow_wallet, state, need)
  return of_state[need]
end

--- What a person may choose from in the journey's present state.
-- @tparam table flow the journey
-- @tparam table state that it is in
-- @treturn ?{table,...} `{ value =, label = }`; nil where there is no choice (or it is not known what there is)
function inputs.choices(flow, state)
  if state.choices then return state.choices end
  local list = state.choices_from and flow.memory[state.choices_from]
  local choices = {}
  for _, each in ipairs(type(list) == "table" and list or {}) do
    if type(each) == "table" and each.pkid then
      choices[#choices + 1] = { value = each.pkid, label = each.consentLanguage or each.consentlanguage }
    end
  end
  return choices[1] and choices or nil
end

local CHOSEN = { consent_language = true, continue_with = true }

local function check_choice(flow, state, value)
  local choices, known = inputs.choices(flow, state), {}
  for i, choice in ipairs(choices or {}) do
    if choice.value == value then return true end
    known[i] = choice.value
  end
  if not choices then return true end
  return nil, "one of " .. table.concat(known, ", ")
end

--- Whether a value will do for a need of the journey's present state.
-- @tparam table flow the journey
-- @tparam string need
-- @tparam any value
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] string what is expected
function inputs.check(flow, need, value)
  local state = flow:definition()
  value = meant(value)
  local ok, expected = inputs.validator(flow.data.wallet, state, need)(value)
  if ok and CHOSEN[need] then return check_choice(flow, state, value) end
  return ok, expected
end

--- Whether a state needs something.
-- @tparam table state
-- @tparam string need
-- @treturn boolean
function inputs.wanted(state, need)
  for _, each in ipairs(state.needs or {}) do
    if each == need then return true end
  end
  return false
end

-- The state of the journey that will ask for something; what only a wallet chosen later asks for is any text.
local function asking_state(definition, need)
  for _, state in pairs(definition.states) do
    if inputs.wanted(state, need) then return state end
  end
  return definition.states[definition.start]
end

local function refused(flow, invalid)
  local parts = {}
  for need, expected in pairs(invalid) do parts[#parts + 1] = need .. ": " .. inputs.said(expected) end
  table.sort(parts, ascii.less)
  return errors.new {
    kind = "invalid_request", name = "invalid_input", sent = false, retryable = false, invalid_params = invalid,
    message = ("in the state %s: %s"):format(flow.data.state, table.concat(parts, "; ")),
  }
end

--- Keeps what may be kept of what was given, checked and copied.
-- @tparam table flow the journey; its `error` says what was ill-formed
-- @tparam table given inputs by name
-- @treturn table the others, for the call at hand
-- @treturn table what was ill-formed: name -> what is expected
function inputs.take(flow, given)
  local pending, invalid = {}, {}
  local definition = flow:flow_definition()
  for name, value in pairs(given) do
    value = meant(value)
    if not inputs.lasting[name] then
      pending[name] = value
    else
      local ok, expected = inputs.validator(flow.data.wallet, asking_state(definition, name), name)(value)
      if not ok then invalid[name] = expected end
      -- Where it is asked for, what was given before is not what is meant any more.
      if ok or inputs.wanted(flow:definition(), name) then flow.data.inputs[name] = ok and value or nil end
    end
  end
  if next(invalid) then flow.error = refused(flow, invalid) end
  return pending, invalid
end

--- The customer of a journey, as the text that it is known by.
-- @tparam any value what somebody gave
-- @treturn[1] string a mobile number
-- @treturn[2] nil
-- @treturn[2] string what is expected
function inputs.customer(value)
  value = meant(value)
  local ok, expected = request.is_mobile(value)
  if not ok then return nil, expected end
  return inputs.text(value)
end

--- What is there of a state's needs.
-- @tparam table flow the journey; its `error` says what was ill-formed
-- @tparam table state
-- @tparam table pending inputs that are not kept
-- @treturn ?table the values by name, or nil when a person must be asked
function inputs.gather(flow, state, pending)
  local given, complete, invalid = {}, true, nil
  for _, need in ipairs(state.needs or {}) do
    local value = pending[need]
    if value == nil then value = flow.data.inputs[need] end
    if value == nil then
      complete = false
    else
      local ok, expected = inputs.check(flow, need, value)
      if ok then
        given[need] = value
      else
        invalid = invalid or {}
        invalid[need] = expected
        flow.data.inputs[need] = nil
      end
    end
  end
  if invalid then flow.error = refused(flow, invalid) end
  return complete and not invalid and given or nil
end

--- The needs of a state that are not there yet, in order.
-- @tparam table flow the journey
-- @tparam table state
-- @treturn {string,...}
function inputs.open(flow, state)
  local needs = {}
  for _, need in ipairs(state.needs or {}) do
    if flow.data.inputs[need] == nil then needs[#needs + 1] = need end
  end
  return needs
end

return inputs
