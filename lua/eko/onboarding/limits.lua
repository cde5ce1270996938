--- What one journey may do: OTPs sent, answers refused, calls made. The counts are part of the journey, so they hold across
-- processes and wallets; what would pass a bound is not done, and ends the journey.
-- @module eko.onboarding.limits
local errors = require "eko.errors"
local outcomes = require "eko.outcomes"
local settings = require "eko.settings"

local limits = {}

--- The bounds of a journey that was given none.
--
-- * `otps`: how many OTPs are sent to the customer at most (each costs the customer a wrong tap and somebody an SMS). One that
--   may have been sent counts
-- * `refusals`: how many answers of a person may be refused, by us as ill-formed or by the platform
-- * `calls`: how many requests may reach the platform
-- * `resend_seconds`: seconds from one `flow:resend()` to the next
limits.defaults = { otps = 6, refusals = 12, calls = 60, resend_seconds = 30 }

local LEAST = { otps = 1, refusals = 1, calls = 10, resend_seconds = 0 }
local MOST = 1000

-- One call is sent so often at most: twice more by a client's `retries`, and once signed anew.
local MOST_SENDINGS = 4

local MESSAGES = {
  too_many_otps = "the journey has had as many OTPs sent as it may; begin again later: what is verified stays verified",
  too_many_refusals = "as many answers were refused in this journey as may be; begin again: what is verified stays verified",
  too_many_calls = "the journey has made as many calls as it may; look at flow:history() for what it goes round in",
}

--- The names of the errors that end a journey.
limits.endings = {}
for name in pairs(MESSAGES) do limits.endings[name] = true end

--- Whether a value may be a bound.
-- @tparam string name
-- @param value anything
-- @treturn boolean
function limits.is_bound(name, value)
  local least = LEAST[name]
  return least ~= nil and type(value) == "number" and value >= least and value <= MOST and value % 1 == 0
end

--- Checks what a caller gave.
-- @tparam ?table given bounds by name
-- @tparam int level the stack level that misuse is reported at
-- @treturn ?table a copy, or nil where none was given
function limits.check(given, level)
  if given == nil then return nil end
  if type(given) ~= "table" then error('option "limits" of a journey is a table', level) end
  settings.refuse_unknown('the option "limits" of a journey', given, LEAST, level + 1)
  local copy = {}
  for name, value in pairs(given) do
    if not limits.is_bound(name, value) then
      error(("limits.%s is a whole number from %d to %d"):format(name, LEAST[name], MOST), level)
    end
    copy[name] = value
  end
  return next(copy) and copy or nil
end

--- Counts of a journey that has done nothing yet.
function limits.counts()
  return { otps = 0, refusals = 0, calls = 0 }
end

local function most(data, name)
  return data.limits and data.limits[name] or limits.defaults[name]
end

local function ending(name, cause)
  return errors.new {
    kind = "invalid_request", name = name, sent = false, retryable = false, cause = cause, message = MESSAGES[name],
  }
end

--- The error that ended a journey, or nil.
-- @tparam table data of the journey
-- @treturn ?table
function limits.ended(data)
  return data.ended and ending(data.ended)
end

--- Ends a journey. Nothing is kept but its counts and history.
-- @return nil
-- @treturn table the error
function limits.finish(data, name, cause)
  data.ended = name
  data.kept, data.inputs, data.otp, data.left = {}, {}, nil, nil
  return nil, ending(name, cause)
end

--- Whether another OTP may be sent.
-- @treturn boolean
function limits.otp_left(data)
  return data.counts.otps < most(data, "otps")
end

--- Whether an endpoint may be called. Where it may not the journey has ended.
-- @return true, or nil and the error
function limits.allow_call(data, endpoint)
  if data.counts.calls + MOST_SENDINGS > most(data, "calls") then return limits.finish(data, "too_many_calls") end
  if endpoint.sends_sms and not limits.otp_left(data) then return limits.finish(data, "too_many_otps") end
  return true
end

-- Whether an error says that the platform has understood the call and done nothing.
local function is_refusal(err, is_lost)
  return err.kind == "api" and not is_lost and outcomes.codes[err.code] ~= nil and not outcomes.authentication[err.code]
    and err.name ~= "otp_required"
end

--- Counts a call: what was sent, and every OTP that it may have had sent.
-- @tparam table data of the journey
-- @tparam table call { endpoint =, result = or err =, is_understood = (whether the result is one that the journey knows), is_lost = }
function limits.count_call(data, call)
  local counts, result, err = data.counts, call.result, call.err
  if err and err.sent == false then return end
  local meta = result and result.response and result.response.meta
  local sendings = err and err.attempts or meta and meta.attempts or 1
  counts.calls = counts.calls + sendings
  local possible
  if result then
    possible = result.outcome == "otp_sent" or call.endpoint.sends_sms and not call.is_understood
  else
    possible = call.endpoint.sends_sms and not is_refusal(err, call.is_lost)
  end
  -- What was signed anew had failed to authenticate; where a balancer had repeated it, the first may have been carried out.
  local before = call.endpoint.sends_sms and sendings > 1
  counts.otps = counts.otps + (possible and 1 or 0) + (before and 1 or 0)
end

--- Counts an answer of a person that was not accepted.
-- @tparam table data of the journey
-- @tparam[opt] table err why
-- @return true, or nil and the error that ended the journey
function limits.count_refusal(data, err)
  data.counts.refusals = data.counts.refusals + 1
  if data.counts.refusals >= most(data, "refusals") then return limits.finish(data, "too_many_refusals", err) end
  return true
end

--- Whether another OTP may be asked for now; notes that it was.
-- @tparam table data of the journey
-- @tparam number now ms
-- @return true, or nil and an error: `too_many_otps`, which ends the journey, or `resend_too_soon` with `retry_after` (seconds)
function limits.allow_resend(data, now)
  if not limits.otp_left(data) then return limits.finish(data, "too_many_otps") end
  local window = most(data, "resend_seconds") * 1000
  local passed = data.resent_at and now - data.resent_at or window
  -- A clock that is further back than the wait is long was set back: nobody knows how much time has passed.
  if passed >= window or passed < -window then
    data.resent_at = now
    return true
  end
  local seconds = math.ceil(math.min(window, window - passed) / 1000)
  return nil, errors.new {
    kind = "invalid_request", name = "resend_too_soon", sent = false, retryable = true, retry_after = seconds,
    message = ("an OTP was asked for a moment ago; another can be had in %d seconds"):format(seconds),
  }
end

return limits
