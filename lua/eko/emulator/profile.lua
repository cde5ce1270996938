--- The data of a 309 answer: who the customer is, the money, the limits.
--
-- Types follow the published samples: limits and balance are strings inside customer_profile, `next_allowed_limit` is a
-- number at the top, many fields are empty strings. The kyc flags do not agree with each other in any source; nothing
-- should be decided by them.
--
-- @module eko.emulator.profile
local customers = require "eko.emulator.customers"
local ascii = require "eko.emulator.ascii"

local profile = {}

local function chart(total, used)
  return { { data_type_id = 10, label = "", data = { unavailable = 0, used = used, remaining = total - used } } }
end

local function short(record, rail, now)
  local used = customers.used(rail, now)
  local left = rail.limit - used
  return {
    is_registered = 1,
    next_allowed_limit = left,
    kyc_state = 0,
    customer_profile = {
      name = record.name, mobile = record.mobile, balance = customers.rupees(rail.balance),
      total_monthly_limit = ("%.0f"):format(rail.limit), next_allowed_limit = ascii.format("%.1f", left),
      kyc_state = 0, chart = chart(rail.limit, used),
    },
  }
end

local EMPTY_FIELDS = {
  "id_proof_type_id", "id_proof", "otpOptionalSum", "otpOptionalSumNeft", "otpNotRequiredSum", "otpNotRequiredSumNeft",
  "ekyc_enabled",
}

local function kyc_flags(data, rail)
  local own = data.customer_profile
  own.digital_ekyc = rail.aadhaar and 1 or 0
  if rail.state ~= "active" then
    data.is_registered, data.kyc_state = 0, 1
  elseif rail.name == "digikhata" then
    data.is_registered, own.kyc_state = 0, 1
  end
end

--- @tparam table record customer
-- @tparam string rail_name
-- @tparam number now milliseconds
-- @tparam[opt] table extra members that only this answer has, such as `wallet_token`
-- @treturn table
function profile.build(record, rail_name, now, extra)
  local rail = record.rails[rail_name]
  local data = short(record, rail, now)
  if rail_name == "fino" then return data end
  local own = data.customer_profile
  for _, name in ipairs { "kyc_id", "kyc_validity", "kyc_remark", "kyc_type", "email" } do
    own[name] = ""
  end
  own.ekyc_enabled = 0
  for _, name in ipairs(EMPTY_FIELDS) do
    data[name] = ""
  end
  data.sender_name, data.account = record.name, ""
  kyc_flags(data, rail)
  for name, value in pairs(extra or {}) do
    data[name] = value
  end
  return data
end

return profile
