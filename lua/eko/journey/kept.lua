--- What a journey keeps of the platform's answers.
--
-- An identifier that came damaged is absent, and `meta.damaged` names it. Where the journey needs it, it can only go on with another, and
-- that costs the customer another OTP. So another is had once without being asked for, then only by `flow:resend`.
-- @module eko.journey.kept
local ascii = require "eko.base.ascii"
local errors = require "eko.base.errors"
local outcomes = require "eko.base.outcomes"
local redact = require "eko.base.redact"

local kept = {}

-- Good until the next answer; a token that is not repeated stays good.
local REFERENCES = { otp_ref_id = true, kyc_request_id = true }

-- So many damaged answers in a row, and no further OTP is sent without being asked for.
local MOST = 2

--- A value in a result.
-- @tparam table result
-- @tparam string path names with dots between
-- @treturn any nil where there is none
function kept.dig(result, path)
  local value = result
  for part in path:gmatch "[^.]+" do
    if type(value) ~= "table" then return nil end
    value = value[part]
  end
  return value
end

local function keepable(value)
  if type(value) == "string" or type(value) == "number" then return value end
end

--- Keeps what a state says of its call's result.
-- @tparam table flow the journey
-- @tparam table state that it is in
-- @tparam table result
function kept.remember(flow, state, result)
  local data = flow.data
  for name, path in pairs(state.keep or {}) do
    local value = keepable(kept.dig(result, path))
    if value ~= nil and data.damaged and data.damaged.name == name then data.damaged = nil end
    if value ~= nil or REFERENCES[name] and not state.holds then data.kept[name] = value end
  end
  for name, path in pairs(state.show or {}) do flow.memory[name] = kept.dig(result, path) end
end

local function takes(state, name)
  local source = state.params and state.params[name]
  return source == "kept" or source == "kept_or_empty"
end

-- Whether a journey that goes on in a state needs what is kept under a name.
local function is_needed(definition, target, name)
  if definition.states[target].final then return false end
  if REFERENCES[name] then return takes(definition.states[target], name) end
  for _, state in pairs(definition.states) do
    if takes(state, name) then return true end
  end
  return false
end

local function damaged_names(result)
  local names = {}
  for _, path in ipairs(result.response.meta.damaged or {}) do names[path:match "[^.]*$"] = true end
  return names
end

--- What an answer should have held that the journey needs where it leads.
-- @tparam table flow the journey
-- @tparam table state that it is in
-- @tparam table result of the state's call
-- @tparam ?string target where the outcome leads
-- @treturn ?{string,...} names, sorted; nil where nothing is missing
function kept.missing(flow, state, result, target)
  if not target then return nil end
  local damaged, missing = damaged_names(result), {}
  for name, path in pairs(state.keep or {}) do
    local has_other = flow.data.kept[name] ~= nil and not REFERENCES[name]
    if damaged[path:match "[^.]*$"] and not has_other and is_needed(flow:flow_definition(), target, name) then
      missing[#missing + 1] = name
    end
  end
  table.sort(missing, ascii.less)
  return missing[1] and missing
end

local function failure(data, more)
  more.kind, more.name, more.retryable = "decode", "damaged_reference", false
  more.message = ("in the state %s: %s"):format(data.state, outcomes.advice "damaged_reference")
  return errors.new(more)
end

--- Notes that what is needed came damaged.
-- @tparam table flow the journey
-- @tparam table state that it is in
-- @tparam table result of the state's call
-- @tparam table params of the call
-- @tparam {string,...} names of what is needed
-- @treturn table the error
function kept.damaged(flow, state, result, params, names)
  local data = flow.data
  data.damaged = { name = names[1], times = (data.damaged and data.damaged.times or 0) + 1 }
  return failure(data, { sent = true, outcome = result.outcome, damaged = names, call = state.call,
    response = redact.table(result.response, params) })
end

--- The error in place of a call by which one OTP after the other would be sent.
-- @tparam table data of the journey
-- @tparam table endpoint an entry of the catalogue
-- @treturn ?table nil where the call may be made
function kept.stops(data, endpoint)
  if not endpoint.sends_sms or not data.damaged or data.damaged.times < MOST then return nil end
  return failure(data, { sent = false })
end

--- Lets one more call be made.
-- @tparam table data of the journey
function kept.again(data)
  if data.damaged then data.damaged.times = MOST - 1 end
end

return kept
