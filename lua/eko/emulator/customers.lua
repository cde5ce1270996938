--- The customers of the platform and how far each is on every rail.
--
-- @module eko.emulator.customers
local options = require "eko.emulator.options"
local ascii = require "eko.emulator.ascii"

local customers = {}
customers.__index = customers

customers.rails = { "customer", "digikhata", "levin", "fino" }

--- What a rail's customer may spend in a month, in rupees.
local MONTHLY_LIMITS = { customer = 25000, digikhata = 50000, levin = 50000, fino = 25000 }

local RAIL_STATES = {
  customer = { "not_enrolled", "otp_pending", "aadhaar_pending", "pan_pending", "active" },
  digikhata = { "not_enrolled", "wallet_exists", "otp_pending", "aadhaar_pending", "pan_pending", "active" },
  levin = { "not_enrolled", "otp_pending", "aadhaar_pending", "pan_pending", "active" },
  fino = { "not_enrolled", "ekyc_pending", "ekyc_otp_pending", "active" },
}

--- Whether a state of a rail comes after Aadhaar was verified.
local PAST_AADHAAR = { pan_pending = true, active = true }

function customers.new()
  return setmetatable({ by_mobile = {} }, customers)
end

local function new_rail(name)
  return { name = name, state = "not_enrolled", balance = 0, used = 0, limit = MONTHLY_LIMITS[name],
    aadhaar = false, pan = nil, recipients = {} }
end

--- The record of a mobile, made when there is none.
-- @tparam string mobile
-- @treturn table
function customers:open(mobile)
  local record = self.by_mobile[mobile]
  if not record then
    record = { mobile = mobile, name = "", rails = {} }
    for _, name in ipairs(customers.rails) do
      record.rails[name] = new_rail(name)
    end
    self.by_mobile[mobile] = record
  end
  return record
end

--- @tparam string mobile
-- @treturn ?table
function customers:find(mobile)
  return self.by_mobile[mobile]
end

--- Rupees in paise.
-- @tparam number|string rupees as text: decimal
-- @treturn number
function customers.paise(rupees)
  return math.floor(ascii.number(rupees) * 100 + 0.5)
end

--- Paise as the decimal text the platform sends, "1234.50".
-- @tparam number paise
-- @treturn string
function customers.rupees(paise)
  return ("%.0f.%02.0f"):format(math.floor(paise / 100), paise % 100)
end

--- The rail's spending in the current month; it starts again with each one.
-- @tparam table rail
-- @tparam number now milliseconds
-- @treturn number rupees
function customers.used(rail, now)
  local month = os.date("!%Y-%m", math.floor(now / 1000))
  if rail.month ~= month then
    if rail.month then
      rail.used = 0
    end
    rail.month = month
  end
  return rail.used
end

--- Carries what a rail learned over to the base customer: its own endpoints end at Aadhaar and PAN.
-- @tparam table record
function customers.follow(record)
  local base = record.rails.customer
  for _, name in ipairs { "digikhata", "levin" } do
    local state = record.rails[name].state
    if base.state == "aadhaar_pending" and PAST_AADHAAR[state] then
      base.state, base.aadhaar = "pan_pending", true
    end
    if base.state == "pan_pending" and state == "active" then
      base.state, base.pan = "active", record.rails[name].pan
    end
  end
end

local PRESET_FIELDS = {
  name = true, dob = true, customer = true, digikhata = true, levin = true, fino = true, balance = true, used = true,
  aadhaar = true, aadhaar_mobile = true,
}
local PRESET_RAIL_FIELDS = { state = true, balance = true, used = true, limit = true }

local function set_state(rail, state)
  for _, known in ipairs(RAIL_STATES[rail.name]) do
    if state == known then
      rail.state = state
      rail.aadhaar = PAST_AADHAAR[state] or false
      return
    end
  end
  error(("eko.emulator: %s cannot be '%s'; states: %s"):format(rail.name, tostring(state),
    table.concat(RAIL_STATES[rail.name], ", ")), 0)
end

local function set_rail(rail, preset)
  if preset.state then
    set_state(rail, preset.state)
  end
  rail.balance = preset.balance and customers.paise(preset.balance) or rail.balance
  rail.used = preset.used or rail.used
  rail.limit = preset.limit or rail.limit
end

--- Puts a customer where a test needs one.
-- @tparam string mobile 10 digits
-- @tparam table preset `name`, `dob`, `aadhaar` (the only number that will pass), `aadhaar_mobile` (where its OTP goes),
-- `balance` and `used` (rupees, every rail), and by rail (`customer`, `digikhata`, `levin`, `fino`) a state or
-- `{ state =, balance =, used =, limit = }`
function customers:enrol(mobile, preset)
  if type(mobile) ~= "string" or not mobile:find("^[6-9]%d%d%d%d%d%d%d%d%d$") then
    error("eko.emulator: a customer is named by a string of 10 digits that begins with 6 to 9", 0)
  end
  options.check_names("eko.emulator customer", preset, PRESET_FIELDS)
  local record = self:open(mobile)
  record.name = preset.name or (record.name ~= "" and record.name) or "Test Customer"
  record.dob = preset.dob or record.dob
  record.aadhaar = preset.aadhaar or record.aadhaar
  record.aadhaar_mobile = preset.aadhaar_mobile or record.aadhaar_mobile
  for _, name in ipairs(customers.rails) do
    local rail, own = record.rails[name], preset[name]
    if type(own) == "table" then
      options.check_names("eko.emulator customer " .. name, own, PRESET_RAIL_FIELDS)
    else
      own = { state = own }
    end
    set_rail(rail, { balance = preset.balance, used = preset.used })
    set_rail(rail, own)
  end
end

local function view_rail(rail, now)
  local used = customers.used(rail, now)
  local recipients = {}
  for index, recipient in ipairs(rail.recipients) do
    recipients[index] = { recipient_id = recipient.id, beneficiary_id = recipient.beneficiary_id }
  end
  return {
    state = rail.state, aadhaar_verified = rail.aadhaar, pan_verified = rail.pan ~= nil,
    balance = customers.rupees(rail.balance),
    limits = { total = rail.limit, used = used, remaining = rail.limit - used },
    consent_id = rail.consent_id, recipients = recipients,
  }
end

--- What the platform knows about a customer, as a copy.
-- @tparam string mobile
-- @tparam number now milliseconds
-- @treturn ?table `mobile`, `name` and a table for each rail; nil when the mobile is unknown
function customers:view(mobile, now)
  local record = self.by_mobile[mobile]
  if not record then return nil end
  local view = { mobile = mobile, name = record.name }
  for _, name in ipairs(customers.rails) do
    view[name] = view_rail(record.rails[name], now)
  end
  return view
end

return customers
