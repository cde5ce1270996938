--- The formats of parameters: what a value must look like, and how to say so.
--
-- `formats.<name>` = `{ expected, pattern, length, check = function(value) -> boolean, strict = function(value) ->
-- boolean, strict_expected }`. `value` is always a string; it must match `pattern`, have exactly `length` bytes where
-- there is one, and pass `check` where there is one. What does holds no character that JSON would have to escape. The
-- strict checks are advice: the platform's own examples fail them (an Aadhaar example without a valid check digit, a
-- PAN example with an unknown holder type).
-- @module eko.formats
local core = require "eko.core"

local find = string.find
local verhoeff = core.text.verhoeff

local formats = {}

local MONTHS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function is_date(value)
  local year, month, day = tonumber(value:sub(1, 4)), tonumber(value:sub(6, 7)), tonumber(value:sub(9))
  local longest = MONTHS[month]
  if month == 2 and year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0) then
    longest = 29
  end
  return year > 0 and longest ~= nil and day >= 1 and day <= longest
end

local function degrees(text, limit)
  if not (text:find("^%-?%d%d?%d?$") or text:find("^%-?%d%d?%d?%.%d+$")) then
    return false
  end
  local value = tonumber(text)
  return value >= -limit and value <= limit
end

local function is_lat_long(value)
  local latitude, longitude = value:match("^([^,]+),([^,]+)$")
  return latitude ~= nil and degrees(latitude, 90) and degrees(longitude, 180)
end

local CLIENT_REF = "^[%w_-]+$"

local function is_client_ref(value)
  return #value <= 20
end

local function is_transaction_reference(value)
  local reference = value:match("^client_ref_id:(.*)$")
  if reference then
    return is_client_ref(reference) and find(reference, CLIENT_REF) ~= nil
  end
  return #value <= 40 and find(value, CLIENT_REF) ~= nil
end

local function is_money(value)
  return (find(value, "^%d+$") or find(value, "^%d+%.%d%d?$")) ~= nil
end

-- Ten digits, the first 6 to 9.
formats.mobile = {
  expected = "a mobile number of 10 digits that begins with 6, 7, 8 or 9",
  pattern = "^[6-9]%d+$", length = 10,
}

formats.date = {
  expected = "a date that exists, as YYYY-MM-DD",
  pattern = "^%d%d%d%d%-%d%d%-%d%d$", length = 10, check = is_date,
}

-- The fourth letter says who holds it (income-tax department); a wallet belongs to a person, but that is not checked.
formats.pan = {
  expected = "a PAN: five capital letters, four digits, one capital letter",
  pattern = "^[A-Z][A-Z][A-Z][A-Z][A-Z]%d%d%d%d[A-Z]$", length = 10,
  strict = function(value)
    return find(value, "^...[PCHFATBLJG]") ~= nil
  end,
  strict_expected = "a PAN whose fourth letter is a kind of holder (P for a person)",
}

-- UIDAI: twelve digits, the first 2 to 9, the last one Verhoeff's check digit over the others.
formats.aadhaar = {
  expected = "an Aadhaar number of 12 digits",
  pattern = "^%d+$", length = 12,
  strict = function(value)
    return find(value, "^[2-9]") ~= nil and verhoeff(value)
  end,
  strict_expected = "an Aadhaar number whose check digit is right: one of the digits is mistyped",
}

formats.ifsc = {
  expected = "an IFSC of 11 characters: four capital letters, a zero, six capital letters or digits",
  pattern = "^[A-Z][A-Z][A-Z][A-Z]0[A-Z0-9]+$", length = 11,
}

formats["lat-long"] = {
  expected = "latitude,longitude in degrees, such as \"19.0760,72.8777\"",
  pattern = "^[-%d.,]+$", check = is_lat_long,
}

formats["client-ref"] = {
  expected = "1 to 20 letters, digits, _ or -",
  pattern = CLIENT_REF, check = is_client_ref,
}

formats["transaction-reference"] = {
  expected = "a tid (1 to 40 letters, digits, _ or -), or client_ref_id: followed by your own reference",
  pattern = "^[%w_:-]+$", check = is_transaction_reference,
}

-- What a path parameter must look like when its endpoint says nothing else: it cannot leave its place.
formats["path-segment"] = {
  expected = "letters, digits, _, - or . (not only dots)",
  pattern = "^[%w_.-]+$",
  check = function(value)
    return find(value, "[^.]") ~= nil
  end,
}

formats.digits = {
  expected = "a string of digits, such as \"19\"",
  pattern = "^%d+$",
}

formats.money = {
  expected = "an amount above 0 as a string, such as \"500\" or \"500.50\"",
  pattern = "[1-9]", check = is_money,
}

return formats
