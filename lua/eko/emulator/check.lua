--- Checks of parameters, and the answers that refuse them.
--
-- A missing parameter is 97; a malformed one has a code of the platform's table where that has one (131, 132, 136 ...)
-- and 461 otherwise. All fields that are wrong stand in invalid_params together.
--
-- @module eko.emulator.check
local envelope = require "eko.emulator.envelope"
local json = require "eko.emulator.json"
local ascii = require "eko.emulator.ascii"

local check = {}

--- A parameter as text: numbers without a fraction as their digits, so that 123456 and "123456" are the same OTP and
-- an integer that lost its leading zero is not.
-- @tparam any value
-- @treturn ?string nil for anything that has no such text
function check.text(value)
  if type(value) == "string" then
    return value
  elseif type(value) == "number" and value % 1 == 0 then
    return ("%.0f"):format(value)
  end
  return nil
end

local function integer(value)
  local digits = check.text(value)
  return digits and digits:find("^%d+$") and #digits <= 15 and tonumber(digits) or nil
end
check.integer = integer

local function days_from_civil(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  return 365 * year + math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
    + math.floor((153 * (month - 3) + 2) / 5) + day
end

local MONTH_LENGTHS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function is_adult(dob, now)
  local year, month, day = dob:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)$")
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  if not year or month < 1 or month > 12 or day < 1 then return false end
  local leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  if day > MONTH_LENGTHS[month] + (month == 2 and leap and 1 or 0) then return false end
  local today = os.date("!*t", math.floor(now / 1000))
  return days_from_civil(year + 18, month, day) <= days_from_civil(today.year, today.month, today.day)
end

local function matches(pattern)
  return function(value)
    local as_text = check.text(value)
    return as_text ~= nil and as_text:find(pattern) ~= nil
  end
end

local function is_address_list(value, call)
  if type(value) == "string" then return value ~= "" and not call.options.strict end
  if type(value) ~= "table" or #value == 0 then return false end
  for _, line in ipairs(value) do
    if type(line) ~= "string" then return false end
  end
  return true
end

local function is_address_object(value, call)
  if type(value) == "table" then return not call.options.strict and next(value) ~= nil end
  local address = type(value) == "string" and json.decode(value)
  return type(address) == "table" and next(address) ~= nil
end

-- Each format: the code it is refused with, what is expected, and the test.
local FORMATS = {
  mobile = { 140, "must be a 10 digit mobile number", matches("^[6-9]%d%d%d%d%d%d%d%d%d$") },
  sender_name = { 132, "must contain letters only", function(value)
    return type(value) == "string" and #value >= 3 and value:find("^[A-Za-z ]+$") ~= nil
  end },
  recipient_name = { 131, "must contain letters only", function(value)
    return type(value) == "string" and value:find("^[A-Za-z ]+$") ~= nil
  end },
  name_length = { 122, "must be 1 to 50 characters", function(value)
    return type(value) == "string" and #value >= 1 and #value <= 50
  end },
  dob = { 461, "must be YYYY-MM-DD, at least 18 years ago", function(value, call)
    return type(value) == "string" and is_adult(value, call.now)
  end },
  address_list = { 461, "must be a list of address lines", is_address_list },
  address_object = { 461, "must be a JSON object as a string", is_address_object },
  pan = { 461, "must be a PAN", matches("^[A-Z][A-Z][A-Z][A-Z][A-Z]%d%d%d%d[A-Z]$") },
  ifsc = { 136, "is not an IFSC", matches("^[A-Z][A-Z][A-Z][A-Z]0[A-Z%d][A-Z%d][A-Z%d][A-Z%d][A-Z%d][A-Z%d]$") },
  account = { 102, "has an invalid length", function(value)
    local account = check.text(value)
    return account ~= nil and #account >= 6 and #account <= 20 and account:find("^[A-Za-z0-9]+$") ~= nil
  end },
  amount = { 461, "must be a whole number of rupees", function(value)
    return (integer(value) or 0) > 0
  end },
  integer = { 461, "must be an integer", function(value) return integer(value) ~= nil end },
  reference = { 461, "must be 1 to 20 of A-Z a-z 0-9 _ -", function(value)
    local ref = check.text(value)
    return ref ~= nil and #ref <= 20 and ref:find("^[A-Za-z0-9_-]+$") ~= nil
  end },
  text = { 461, "must be text", function(value) return check.text(value) ~= nil end },
}

--- Whether a single value has a format.
-- @tparam string name of the format
-- @tparam any value
-- @tparam[opt] table call
-- @treturn boolean
function check.has(name, value, call)
  return FORMATS[name][3](value, call) and true or false
end

--- @tparam table params
-- @tparam table names of the parameters that must be there; an empty string is as good as nothing
-- @tparam[opt] table may_be_empty set of names for which an empty string will do
-- @treturn ?table the answer that refuses
function check.missing(params, names, may_be_empty)
  local invalid
  for _, name in ipairs(names) do
    local value = params[name]
    if value == nil or value == json.null or (value == "" and not (may_be_empty and may_be_empty[name])) then
      invalid = invalid or {}
      invalid[name] = name .. " is mandatory"
    end
  end
  return invalid and envelope.refused(97, "Mandatory field missing", invalid) or nil
end

--- @tparam table call
-- @tparam table rules name -> format; absent parameters are not judged
-- @treturn ?table the answer that refuses
function check.formats(call, rules)
  local names, invalid, code = {}, nil, nil
  for name in pairs(rules) do names[#names + 1] = name end
  table.sort(names, ascii.less)
  for _, name in ipairs(names) do
    local rule, value = FORMATS[rules[name]], call.params[name]
    if value ~= nil and value ~= json.null and value ~= "" and not rule[3](value, call) then
      invalid = invalid or {}
      invalid[name] = name .. " " .. rule[2]
      code = code or rule[1]
    end
  end
  return invalid and envelope.refused(code, "Validation failed", invalid) or nil
end

return check
