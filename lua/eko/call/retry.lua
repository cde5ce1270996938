--- What may be sent again, and what is lost. One rule each; calls, errors (`retryable`) and journeys ask here.
--
-- Repeated by the loop is only: a GET that sends no SMS and is not billed and whose outcome is unknown; and once, signed anew, a
-- call that neither moves money nor carries a PID block and that was refused because of its authentication. Money is sent once.
-- @module eko.call.retry
local http_date = require "eko.base.http_date"
local http_statuses = require "eko.base.http_statuses"
local outcomes = require "eko.base.outcomes"
local units = require "eko.base.units"

local retry = {}

-- The same call would fail in the same way: somebody has to change something first.
local PERMANENT = {
  bad_transport = true, ca_file_unreadable = true, no_resolver = true, tls_verification_failed = true,
  unsupported_option = true, wrong_phase = true, response_too_large = true,
}

-- HTTP statuses by which whatever stands in front of the platform says that it does not know what became of a request, or
-- that it gave up. Every 5xx, 3xx and 1xx, and every 2xx but 200, is one too.
local UNDECIDED = { [408] = true, [409] = true, [425] = true, [429] = true, [499] = true }

-- Those of them that may pass by themselves: a redirect or a page that is no answer would come again.
local PASSING = { [408] = true, [425] = true, [429] = true, [499] = true }

local function is_undecided(status)
  return UNDECIDED[status] or not http_statuses.is_client_error(status) and status ~= http_statuses.OK
end

--- Whether a call may have been carried out although it failed with this error.
-- @tparam table err of `eko.base.errors`
-- @treturn boolean
function retry.is_unknown(err)
  if err.sent == false then return false end
  local kind = err.kind
  if kind == "transport" or kind == "decode" or kind == "indeterminate" then return true end
  if kind == "http" then return err.name == "empty_answer" or is_undecided(err.http_status) end
  return err.name == "no_envelope"
end

local function is_refused_authentication(err)
  return err.kind == "api" and outcomes.authentication[err.code] == true
end

-- A refusal of the whole request that does not say why: a signature or an address that is not liked.
local function is_bare_refusal(err)
  return err.kind == "http" and http_statuses.is_turned_away(err.http_status)
end

--- Whether an error is an authentication failure: `"coded"` (2483 to 2487), `"bare"` (401 or 403 without one), or nil.
-- @tparam table err
-- @treturn ?string
function retry.authentication(err)
  if is_refused_authentication(err) then return "coded" end
  return is_bare_refusal(err) and "bare" or nil
end

--- Whether the loop may repeat a call that failed: a GET that sends no SMS and is not billed, and whose outcome is unknown.
-- @tparam table endpoint an entry of the catalogue
-- @tparam table err
-- @treturn boolean
function retry.may_repeat(endpoint, err)
  if endpoint.method ~= "GET" or endpoint.sends_sms or endpoint.billed or endpoint.moves_money then return false end
  if err.kind == "transport" then return not PERMANENT[err.name] end
  return err.kind == "http" and (PASSING[err.http_status] == true or err.http_status >= 500)
end

--- Whether a call that was refused because of its authentication may be signed and sent once more.
-- @tparam table endpoint
-- @tparam table err; `clock_corrected` where its Date showed that our clock was off
-- @treturn boolean
function retry.may_sign_again(endpoint, err)
  if endpoint.moves_money or endpoint.billed or endpoint.carries_pid then return false end
  local kind = retry.authentication(err)
  return kind == "coded" or kind == "bare" and err.clock_corrected == true
end

--- `retryable` of an error: what the loop would have repeated, and whatever surely was not received.
-- @tparam table endpoint
-- @tparam table err
-- @treturn boolean
function retry.is_retryable(endpoint, err)
  if err.kind == "invalid_request" or err.kind == "indeterminate" then return false end
  if err.sent == false then return not PERMANENT[err.name] end
  return retry.may_repeat(endpoint, err) or retry.may_sign_again(endpoint, err)
end

local LONGEST_WAIT = units.DAY
local LONGEST_HEADER = 64

--- How long a server asks to be left alone (the header Retry-After: seconds, or a date).
-- @tparam ?table headers by lower-case name
-- @tparam number now seconds since the Unix epoch, where the answer does not say by its own Date
-- @treturn ?number seconds, 0 or more
function retry.after(headers, now)
  local text = headers and headers["retry-after"]
  if type(text) ~= "string" or #text > LONGEST_HEADER then return nil end
  local digits = text:match "^[ \t\r\n\v\f]*(%d+)[ \t\r\n\v\f]*$"
  if digits then return math.min(tonumber(digits), LONGEST_WAIT) end
  local date = http_date.parse(text)
  return date and math.max(0, math.min(date - (http_date.parse(headers["date"]) or now), LONGEST_WAIT))
end

-- Two tries are never nearer to each other than this, in seconds.
local SHORTEST, FIRST, LONGEST = 0.1, 0.25, 4

--- How long to wait before another try.
-- @tparam number tries how many there were before, 0 for the first
-- @tparam ?number after what the server asks for, in seconds
-- @tparam number random 0 to 1
-- @treturn number seconds
function retry.pause(tries, after, random)
  local most = math.min(LONGEST, FIRST * 2 ^ tries)
  return math.max(after or 0, SHORTEST + random * (most - SHORTEST))
end

return retry
