--- What the endpoints answer: a step as JSON, or a problem (RFC 9457). An answer is made as a table and sent at the very end,
-- because sending ends the request, and what was claimed must be released before.
-- @module eko.nginx.answer
local inputs = require "eko.journey.inputs"
local json = require "eko.base.json"
local outcomes = require "eko.base.outcomes"

-- luacheck: globals ngx (only nginx loads this file)
local ngx = ngx

local answer = {}

local TYPE = "urn:lua-eko:problem:"

--- The problems that the endpoints know of themselves: name -> status and title. A platform's error has its own name.
answer.problems = {
  malformed_request = { 400, "The request is malformed" },
  no_journey = { 401, "There is no journey, or it has expired" },
  cross_site = { 403, "The request did not come from this site's own page" },
  method_not_allowed = { 405, "The method does not fit" },
  journey_busy = { 409, "Another request is working on this journey" },
  journey_moved_on = { 409, "The journey has gone on since" },
  journey_replaced = { 409, "Another journey was begun in this browser" },
  nothing_to_resend = { 409, "No OTP is waited for" },
  request_too_large = { 413, "The request is too large" },
  wrong_content_type = { 415, "The request is not JSON" },
  invalid_input = { 422, "The request does not hold what is needed" },
  resend_too_soon = { 429, "An OTP was sent a moment ago" },
  too_many_attempts = { 429, "Too many attempts" },
  too_many_calls = { 429, "The journey has ended: it goes round in circles" },
  too_many_otps = { 429, "The journey has ended: too many OTPs were sent" },
  too_many_refusals = { 429, "The journey has ended: too many answers were refused" },
  internal_error = { 500, "Something went wrong here" },
  store_unavailable = { 503, "Journeys cannot be kept at the moment" },
}

local function make(status, content_type, value, headers)
  local all = { ["Content-Type"] = content_type, ["X-Content-Type-Options"] = "nosniff" }
  for name, content in pairs(headers or {}) do all[name] = content end
  return { status = status, headers = all, body = assert(json.encode(value)) }
end

--- Sends an answer. Nothing after it is carried out.
-- @tparam table reply of this module: `{ status, headers, body }`
function answer.send(reply)
  ngx.status = reply.status
  ngx.header["Cache-Control"] = "no-store"
  for name, content in pairs(reply.headers) do ngx.header[name] = content end
  if not reply.body then return ngx.exit(reply.status) end
  ngx.header["Content-Length"] = #reply.body
  ngx.print(reply.body)
  -- Ends the request in the rewrite and access phases as well.
  return ngx.exit(ngx.HTTP_OK)
end

--- A problem.
-- @tparam string name one of `answer.problems`
-- @tparam[opt] string detail what to do
-- @tparam[opt] table more members of the answer
-- @tparam[opt] table headers
-- @treturn table
function answer.problem(name, detail, more, headers)
  local status, title = answer.problems[name][1], answer.problems[name][2]
  local value = { type = TYPE .. name:gsub("_", "-"), title = title, status = status, detail = detail, name = name }
  for key, item in pairs(more or {}) do value[key] = item end
  return make(status, "application/problem+json", value, headers)
end

local function names(list)
  local copy = {}
  for i, each in ipairs(list or {}) do copy[i] = each end
  return copy
end

local STATUS_OF_KIND = { transport = 502, http = 502, decode = 502, api = 502, indeterminate = 502, invalid_request = 400 }
local TITLE_OF_KIND = {
  transport = "The platform was not reached",
  http = "The platform did not answer properly", decode = "The platform did not answer properly",
  api = "The platform refused", indeterminate = "The outcome is unknown", invalid_request = "The request does not hold what is needed",
}

-- In these errors stand words of the platform, which may be about the customer.
local QUOTES = { http = true, decode = true, api = true, indeterminate = true }

-- What may be said of an error: the platform's own words only to a person who has proved to be the customer.
local function words_of(err, proved)
  if proved or not QUOTES[err.kind] then return err.message, err.invalid_params end
  local params
  for name in pairs(err.invalid_params or {}) do
    if inputs.known[name] then
      params = params or {}
      params[name] = "what the platform accepts"
    end
  end
  return outcomes.advice(err.name) or TITLE_OF_KIND[err.kind], params
end

local function error_view(err, proved)
  if not err then return nil end
  local message, invalid_params = words_of(err, proved)
  return { name = err.name, message = message, invalid_params = invalid_params }
end

local PROFILE = { "name", "balance", "next_allowed_limit", "total_monthly_limit", "kyc_state", "kyc_type", "kyc_validity" }

local function profile_view(profile)
  if not profile then return nil end
  local view = { chart = names(profile.chart) }
  for _, name in ipairs(PROFILE) do view[name] = profile[name] end
  return view
end

--- What a page may know of a step: what is needed next, never a token, a reference or what was typed. What the platform says of
-- the customer is left out until the person at hand has proved to be that customer.
-- @tparam table flow the journey
-- @tparam[opt] table step of it; the one where it stands
-- @treturn table
function answer.view(flow, step)
  step = step or flow:step()
  local proved = flow:proved()
  return {
    journey = step.journey, wallet = step.wallet, state = step.state, needs = names(step.needs), prompt = step.prompt,
    choices = step.choices, consent = step.consent, otp = step.otp, can_resend = step.can_resend, wrong = step.wrong,
    attempts_left = step.attempts_left, error = error_view(step.error, proved), done = step.done, outcome = step.outcome,
    was_active = step.was_active, customer_profile = proved and profile_view(step.customer_profile) or nil,
  }
end

--- A step; where something that was given for it is ill-formed, the problem that names it.
-- @tparam table flow the journey
-- @tparam[opt] table step of it; the one where it stands
-- @treturn table
function answer.step(flow, step)
  local view = answer.view(flow, step)
  local wrong = view.error
  for _, need in ipairs(wrong and wrong.name == "invalid_input" and view.needs or {}) do
    if wrong.invalid_params[need] then
      return answer.problem("invalid_input", wrong.message, { invalid_params = wrong.invalid_params, step = view })
    end
  end
  return make(200, "application/json", view)
end

--- Nothing.
-- @treturn table
function answer.empty()
  return { status = 204, headers = {} }
end

--- The error of a call to the platform, or one that ended the journey.
-- @tparam table err of `eko.base.errors`
-- @tparam table flow the journey
-- @tparam[opt] boolean is_kept whether the journey goes on where it stands: trying again begins there
-- @treturn table
function answer.failure(err, flow, is_kept)
  local step = is_kept and answer.view(flow) or nil
  if answer.problems[err.name] then
    local wait = err.retry_after and { ["Retry-After"] = ("%d"):format(err.retry_after) }
    return answer.problem(err.name, err.message, { step = step }, wait)
  end
  local status = STATUS_OF_KIND[err.kind] or 502
  if err.name == "timeout" or err.http_status == 504 then status = 504 end
  local message, invalid_params = words_of(err, flow:proved())
  return make(status, "application/problem+json", {
    type = TYPE .. tostring(err.name):gsub("[^A-Za-z0-9]", "-"), title = TITLE_OF_KIND[err.kind], status = status, detail = message,
    name = err.name, kind = err.kind, retryable = err.retryable, sent = err.sent, invalid_params = invalid_params, step = step,
  })
end

return answer
