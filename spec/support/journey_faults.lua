--- Faults and untrue answers for random journeys: all that the emulator can do to an exchange, with its ways of being odd drawn by chance.

local faults = require "eko.emulator.faults"

local journey_faults = {}

journey_faults.kinds = {}
for kind in pairs(faults.kinds) do journey_faults.kinds[#journey_faults.kinds + 1] = kind end
table.sort(journey_faults.kinds)

local codes = { 2483, 2484, 2485, 2485, 2485, 2486, 2487 }
local statuses = { 201, 202, 206, 301, 302, 307, 308, 400, 404, 408, 409, 422, 425, 429, 429, 499, 500, 502, 503, 504, 599 }
local dates = {
  "Thu, 01 Jan 1970 00:00:00 GMT", "Sat, 01 Jan 0000 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "nonsense", false,
  { "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 02 Jan 1970 00:00:00 GMT" },
}
local offsets = { 0, 0, 5, 45, -45, 300, -300, 1200, 7200, -86400 * 3 }
local members = { "data.otp_ref_id", "data", "response_type_id", "status", "data.kyc_request_id", "data.customer_profile" }

-- The fields of a kind that are its own.
local own = {}

function own.auth(walk)
  return { code = walk:chance(75) and walk:pick(codes) or nil, http = walk:pick { 401, 403 }, text = walk:chance(20) or nil }
end

function own.answer(walk)
  return { status = walk:pick(statuses), headers = { ["retry-after"] = walk:pick { "1", "Fri, 31 Dec 2027 23:59:59 GMT", "x" } } }
end

function own.redirect(walk) return { status = walk:pick { 301, 302, 303, 307, 308 } } end

function own.too_many(walk) return { retry_after = walk:pick { 1, 3600, "Fri, 31 Dec 2027 23:59:59 GMT" } } end

function own.altered(walk)
  if walk:chance(50) then return { remove = { walk:pick(members) } } end
  return { duplicate = { [walk:pick(members)] = "other" }, first = walk:chance(50) or nil }
end

function own.foreign(walk) return { what = walk:pick { "reference", "mobile", "recipient" } } end

function own.balancer(walk)
  return { copy = walk:pick { "replayed", "replayed", "other", "duplicate", "consumed", "debits" }, debits = walk:pick { "first", "second" },
    answer = walk:pick { "first", "second" } }
end

function own.delay() return { seconds = 99 } end

function own.cut(walk) return { bytes = walk:upto(300), ending = walk:pick { "close", "reset" } } end

--- A plan of some fault.
-- @param walk who draws: `upto`, `pick`, `chance`
function journey_faults.plan(walk)
  local kind = walk:pick(journey_faults.kinds)
  if walk:chance(30) then kind = walk:pick { "auth", "balancer", "reset", "answer" } end
  local plan = own[kind] and own[kind](walk) or {}
  plan.kind, plan.after, plan.times = kind, walk:upto(4) - 1, walk:upto(3)
  if walk:chance(60) then plan.commit = walk:chance(50) end
  if kind == "balancer" then plan.commit = nil end
  if walk:chance(25) then plan.date_offset = walk:pick(offsets) end
  if walk:chance(10) then plan.date = walk:pick(dates) end
  return plan
end

local ids = {
  -1, 0, 17, 22, 23, 43, 300, 302, 303, 308, 319, 327, 342, 346, 461, 463, 585, 1388, 1428, 1741, 2129, 2131, 2133, 2134, 2135, 2136,
  2138, 2147, 2377, 2444, 2446, 2483, 2485, 9999,
}
local steps = { 300, 308, 2129, 2134, 2136, 2147, 1388 }
local parameters = { "name", "wallet_token", "otp_ref_id", "otp", "aadhar", "consent_id", "consent_language", "initiator_id", "x" }

--- An answer that the platform did not give. It never says that the customer is done: that would be a lie to believe.
function journey_faults.answer(walk)
  local id = walk:pick(walk:chance(50) and steps or ids)
  local body = {
    status = walk:pick { 0, 0, 1, id, id, walk:pick(ids) }, response_status_id = walk:pick { -1, 0, 1, 302, 303 }, response_type_id = id,
    message = walk:pick { "", "x", "Customer Already registred" },
  }
  if walk:chance(60) then
    body.data = walk:pick {
      {}, { otp_ref_id = "" }, { otp_ref_id = "made up", kyc_request_id = "1" }, { otp_ref_id = 12345, kyc_request_id = 6 },
      { wallet_token = ("w"):rep(walk:upto(3000)), wallet_id = "w" }, { consent_language_list = "none" },
      { consent_language_list = { { pkid = 3 }, 5, {} } }, { consent_detail = {} }, { consent_detail = { consentId = 12 } },
      "text", { 1, 2 },
    }
  end
  if walk:chance(30) then body.invalid_params = { [walk:pick(parameters)] = "no" } end
  return { body = body, http_status = walk:pick { 200, 200, 200, 200, 400, 401, 403, 404, 500 } }
end

return journey_faults
