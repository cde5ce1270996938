--- Customers who have nothing in common, and a record of every byte of their journeys, in which nothing of another's may stand.

local core = require "eko.core"
local journey = require "spec.support.journey"

local people = {}

local function letters(number)
  local text = ""
  for _ = 1, 5 do
    text = text .. string.char(97 + number % 26)
    number = math.floor(number / 26)
  end
  return text
end

-- The number with its check digit.
local function aadhaar(number)
  local body = ("7%010d"):format(number % 1e10)
  for digit = 0, 9 do
    if core.text.verhoeff(body .. digit) then return body .. digit end
  end
end

--- A person, synthetic like all of them. No two numbers give anything in common but the birth date.
-- @param number an integer, another for each person of all walks
-- @return what a person answers with, by need; `mobile`, `fino_address`, `unique` = what nobody else has
function people.new(number)
  local tail, word = number * 7919 + 1234567, letters(number * 31 + 17)
  local street = ("%d Q%s Street"):format(number + 100000, word)
  local one = {
    mobile = ("9%09d"):format(tail % 1e9), name = "Asha Q" .. word, dob = "1990-05-17", consent = true, consent_language = "4",
    residence_address = { street, "Pune", "MH", "411001" }, aadhar = aadhaar(tail * 13),
    fino_address = { line = street, city = "Pune", state = "MH", pincode = "411001" },
    pan_number = ("%sPE%04d%s"):format(letters(number):sub(1, 3):upper(), (number * 37) % 10000, word:sub(1, 1):upper()),
    piddata = ("<?xml version=\"1.0\"?>\n<PidData><Data type=\"X\">%s</Data></PidData>"):format(core.text.base64_encode(word .. word)),
  }
  one.unique = {
    mobile = one.mobile, name = one.name, street = street, aadhar = one.aadhar, pan_number = one.pan_number,
    piddata = core.text.base64_encode(word .. word),
  }
  return one
end

--- What a person gives for a step.
function people.answers(person, step, otp, own)
  local all = setmetatable({ continue_with = own.continue_with, residence_address = step.wallet == "fino" and person.fino_address or nil },
    { __index = person })
  return journey.answers(step, otp, all)
end

-- What the platform gave to one customer alone.
local GIVEN = { "otp_ref_id", "wallet_token", "kyc_request_id" }
local SHORTEST = 7

local Record = {}
Record.__index = Record

--- A record of what one journey sent, showed and put away.
-- @param person
function people.record(person)
  return setmetatable({ person = person, texts = {}, secrets = {}, requests = 0, sms = 0 }, Record)
end

--- Something that only this customer may meet.
function Record:secret(name, value)
  value = tostring(value or "")
  if #value >= SHORTEST then self.secrets[value] = name end
end

--- A text that this journey made.
function Record:text(where, text)
  self.texts[#self.texts + 1] = where .. ": " .. text
end

--- A value that this journey made, however deep.
function Record:value(where, value)
  local parts = {}
  journey.every_text(value, function(text) parts[#parts + 1] = text end)
  self:text(where, table.concat(parts, "\n"))
end

--- A request on the wire and what came back.
function Record:exchange(request, response)
  self.requests = self.requests + 1
  local headers = {}
  for name, value in pairs(request.headers) do headers[#headers + 1] = name .. ": " .. value end
  self:text("request", request.method .. " " .. request.url .. "\n" .. table.concat(headers, "\n") .. "\n" .. (request.body or ""))
  for _, name in ipairs(GIVEN) do
    for value in (response and response.body or ""):gmatch('"' .. name .. '"%s*:%s*"?([^",}]+)') do self:secret(name, value) end
  end
end

-- Digits count only where they stand alone: a part of a longer number is another number.
local function stands_in(text, value)
  local from = 1
  while true do
    local first, last = text:find(value, from, true)
    if not first then return false end
    if not value:find "^%d+$" or not (text:sub(first - 1, first - 1):find "%d" or text:sub(last + 1, last + 1):find "%d") then
      return true
    end
    from = first + 1
  end
end

--- What of one customer stands in another's record.
-- @return nil, or a sentence
function people.mixed_up(record, other)
  if record.person.mobile == other.person.mobile then return nil end
  local everything = table.concat(other.texts, "\n\n")
  for name, value in pairs(record.person.unique) do
    if stands_in(everything, value) then return ("another customer's %s stands in a journey"):format(name) end
  end
  for value, name in pairs(record.secrets) do
    if stands_in(everything, value) then return ("another customer's %s stands in a journey"):format(name) end
  end
end

return people
