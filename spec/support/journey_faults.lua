--- Faults for random journeys: all that the emulator can do to an exchange, with its ways of being odd drawn by chance.

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

return journey_faults
