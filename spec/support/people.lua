--- Customers with data of their own, every bit of it synthetic, so that what is somebody else's is found wherever it stands.
--
--     local person = people.new()
--     person.customer_id, person.name, person.aadhar ...
--     people.found_in(text, person)        -- what of the person stands in the text, or nil

local journey = require "spec.support.journey"

local people = {}

local made = 0

-- A number as letters, four of them.
local function letters(number)
  local text = ""
  for _ = 1, 4 do
    text = string.char(97 + number % 26) .. text
    number = (number - number % 26) / 26
  end
  return text
end

--- Somebody whom nobody has met. `first`: where the mobiles begin.
function people.new(first)
  made = made + 1
  local word = letters(made * 7919 % 456976)
  local person = {}
  for name, value in pairs(journey.person) do person[name] = value end
  person.customer_id = ("%.0f"):format((first or 9333300000) + made)
  person.name = "Test " .. word:gsub("^.", string.upper) .. "xq"
  person.line = word .. "xq Street"
  person.residence_address = { person.line, "Pune", "MH", "411001" }
  person.fino_address = { line = person.line, city = "Pune", state = "MH", pincode = "411001" }
  person.aadhar = ("%.0f"):format(234500000000 + made * 7919 % 99999999 + made)
  person.pan_number = ("XQ%sP%s%04dF"):format(word:sub(1, 1):upper(), word:sub(2, 2):upper(), made % 10000)
  return person
end

--- What a person gives for a step.
-- @param otp a function that gives the newest OTP
function people.answers(person, step, otp)
  local given = journey.answers(step, otp, person)
  if given.residence_address and step.wallet == "fino" then given.residence_address = person.fino_address end
  return given
end

local TELLING = { "customer_id", "name", "line", "aadhar", "pan_number" }

--- What of a person stands in a text: the names of the fields, or nil.
function people.found_in(text, person)
  local found
  for _, field in ipairs(TELLING) do
    if text:find(person[field], 1, true) then found = (found and found .. ", " or "") .. field end
  end
  return found
end

return people
