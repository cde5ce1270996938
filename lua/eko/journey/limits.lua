--- What one journey may do: OTPs sent, answers refused, calls made. The counts are part of the journey, so they hold across
-- processes and wallets; what would pass a bound is not done, and ends the journey.
-- @module eko.journey.limits
local errors = require "eko.base.errors"
local options = require "eko.base.options"
local outcomes = require "eko.base.outcomes"
local retry = require "eko.call.retry"
local units = require "eko.base.units"

local limits = {}

--- The bounds of a journey that was given none.
--
-- * `otps`: how many OTPs are sent to the customer at most (each costs the customer a wrong tap and somebody an SMS). One that
--   may have been sent counts
-- * `refusals`: how many answers of a person may be refused, by us as ill-formed or by the platform
-- * `calls`: how many requests may reach the platform
-- * `resend_seconds`: seconds from one `flow:resend()` to the next
limits.defaults = { otps = 6, refusals = 12, calls = 60, resend_seconds = 30 }

local MOST = 1000
local SCHEMA = {
  otps = options.whole(1, MOST), refusals = options.whole(1, MOST), calls = options.whole(1, MOST), resend_seconds = options.whole(0, MOST),
}

-- One call of a journey is sent so often at most, by a client that repeats as often as is usual: twice more where that is
-- harmless, and once signed anew.
local MOST_SENDINGS = 4
local ONCE, AS_USUAL = { once = true }, {}

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
-- @tparam any value
-- @treturn boolean
function limits.is_bound(name, value)
  local rule = SCHEMA[name]
  return rule ~= nil and rule[1](value)
end

--- Checks what a caller gave.
-- @tparam ?table given bounds by name
-- @tparam int level the stack level that misuse is reported at
-- @treturn ?table a copy, or nil where none was given
function limits.check(given, level)
  if given == nil then return nil end
  local copy = options.read('the option "limits" of a journey', given, SCHEMA, level)
  return next(copy) and copy or nil
end

--- Counts of a journey that has done nothing yet.
-- @treturn table `{ otps, refusals, calls }`
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
-- @tparam table data of the journey
-- @tparam string name of the error
-- @tparam[opt] table cause the error that led to it
-- @treturn nil
-- @treturn table the error
function limits.finish(data, name, cause)
  data.ended = name
  data.kept, data.inputs, data.otp, data.left = {}, {}, nil, nil
  return nil, ending(name, cause)
end

--- Whether another OTP may be sent.
-- @tparam table data of the journey
-- @treturn boolean
function limits.otp_left(data)
  return data.counts.otps < most(data, "otps")
end

--- Whether more OTPs were sent than may be: a platform can send one with any answer, also to what does not ask for one.
-- @tparam table data of the journey
-- @treturn boolean
function limits.is_beyond(data)
  return data.counts.otps > most(data, "otps")
end

--- Whether an endpoint may be called. Where it may not the journey has ended.
-- @tparam table data of the journey
-- @tparam table endpoint an entry of the catalogue
-- @treturn[1] table the options of the call
-- @treturn[2] nil
-- @treturn[2] table the error
function limits.allow_call(data, endpoint)
  local calls, otps = most(data, "calls") - data.counts.calls, most(data, "otps") - data.counts.otps
  if calls < 1 then return limits.finish(data, "too_many_calls") end
  if endpoint.sends_sms and otps < 1 then return limits.finish(data, "too_many_otps") end
  -- The last one that is left is not sent a second time.
  return (calls < MOST_SENDINGS or endpoint.sends_sms and otps == 1) and ONCE or AS_USUAL
end

-- Answers that come with an OTP, or that say that the customer is there: perhaps since the first try of the same call, which a
-- balancer has repeated.
local WITH_OTP = { otp_sent = true, wallet_opened = true }
local WITH_OTP_ERRORS = { otp_required = true, wallet_already_exists = true, verification_pending = true }

-- Whether a call that failed with this error may have had an OTP sent. That it failed to authenticate is also what a balancer's
-- second try of a call is told whose first was carried out.
local function may_have_sent(err)
  if retry.is_unknown(err) or retry.authentication(err) then return true end
  -- With an HTTP status that says no, but a platform's answer in it that nobody knows.
  if err.kind == "http" and err.response ~= nil then return true end
  return err.kind == "api" and (outcomes.codes[err.code] == nil or WITH_OTP_ERRORS[err.name] == true)
end

-- How many OTPs a call has had sent, at most.
local function otps_of(endpoint, call, sendings)
  local result, err = call.result, call.err
  if not endpoint.sends_sms then return result and result.outcome == "otp_sent" and 1 or 0 end
  local possible = err and may_have_sent(err) or result and (WITH_OTP[result.outcome] or not call.is_understood)
  -- Where it was sent again it had failed to authenticate before.
  return (possible and 1 or 0) + (sendings > 1 and 1 or 0)
end

--- Counts a call: how often it was sent, and every OTP that it may have had sent.
-- @tparam table data of the journey
-- @tparam table endpoint
-- @tparam table call { result = or err =, is_understood = whether the result is one that the journey knows }
function limits.count_call(data, endpoint, call)
  local counts, result, err = data.counts, call.result, call.err
  if err and err.sent == false then return end
  local meta = result and result.response and result.response.meta
  local sendings = err and err.attempts or meta and meta.attempts or 1
  counts.calls = counts.calls + sendings
  counts.otps = counts.otps + otps_of(endpoint, call, sendings)
end

--- Counts an answer of a person that was not accepted.
-- @tparam table data of the journey
-- @tparam[opt] table err why
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table the error that ended the journey
function limits.count_refusal(data, err)
  data.counts.refusals = data.counts.refusals + 1
  if data.counts.refusals >= most(data, "refusals") then return limits.finish(data, "too_many_refusals", err) end
  return true
end

--- Whether another OTP may be asked for now; notes that it was.
-- @tparam table data of the journey
-- @tparam number now ms
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table an error: `too_many_otps`, which ends the journey, or `resend_too_soon` with `retry_after` (seconds)
function limits.allow_resend(data, now)
  if not limits.otp_left(data) then return limits.finish(data, "too_many_otps") end
  local window = most(data, "resend_seconds") * units.MS_PER_SECOND
  local passed = data.resent_at and now - data.resent_at or window
  -- A clock that is further back than the wait is long was set back: nobody knows how much time has passed.
  if passed >= window or passed < -window then
    data.resent_at = now
    return true
  end
  local seconds = math.ceil(math.min(window, window - passed) / units.MS_PER_SECOND)
  return nil, errors.new {
    kind = "invalid_request", name = "resend_too_soon", sent = false, retryable = true, retry_after = seconds,
    message = ("an OTP was asked for a moment ago; another can be had in %d seconds"):format(seconds),
  }
end

return limits
