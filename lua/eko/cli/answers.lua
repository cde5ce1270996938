--- What a person or a program types, as the values that a journey needs.
-- @module eko.cli.answers
local ascii = require "eko.base.ascii"
local trim = require("eko.base.input").trim

local answers = {}

--- Names of the needs as people say them.
answers.labels = {
  name = "Name", dob = "Date of birth (YYYY-MM-DD)", residence_address = "Address (line, city, state, PIN code)", otp = "OTP",
  aadhar = "Aadhaar number", pan_number = "PAN", piddata = "File with the PID block of the fingerprint device",
  consent = "Has the customer consented to the use of the Aadhaar number? (yes/no)", consent_language = "Language (number)",
  continue_with = "Wallet (number)",
}

--- Needs that must not be seen on a screen.
answers.secret = { aadhar = true, pan_number = true }

-- A city, a state and a PIN code stand at the end; whatever commas come before them belong to the line.
local function address(text)
  local parts = {}
  for part in (text .. ","):gmatch "([^,]*)," do parts[#parts + 1] = trim(part) end
  local count, lines = #parts, {}
  for index = 1, count - 3 do
    if parts[index] ~= "" then lines[#lines + 1] = parts[index] end
  end
  if not lines[1] or not parts[count]:find "^%d%d%d%d%d%d$" or parts[count - 2] == "" or parts[count - 1] == "" then
    return nil, "line, city, state and a PIN code of 6 digits, with commas between"
  end
  local line = table.concat(lines, ", ")
  return { line = line, city = parts[count - 2], state = parts[count - 1], pincode = parts[count] }
end

local function consent(text)
  local word = ascii.lower(text)
  if word == "yes" or word == "y" or word == "true" then return true end
  return nil, "yes, once the customer has consented (Ctrl-D stops)"
end

local function choice(text, step)
  local number = tonumber(text)
  if number and step.choices and step.choices[number] then return step.choices[number].value end
  for _, each in ipairs(step.choices or {}) do
    if ascii.lower(text) == ascii.lower(tostring(each.label)) or text == tostring(each.value) then return each.value end
  end
  return text
end

local function file_content(text)
  local content, problem = require("eko.cli.files").read((text:gsub("^@", "")))
  if content then return content end
  return nil, "a file that can be read (" .. problem .. ")"
end

local PARSERS = {
  residence_address = address, consent = consent, consent_language = choice, continue_with = choice, piddata = file_content,
  otp = function(text) return (text:gsub("[ \t\r\n\v\f]", "")) end,
  aadhar = function(text) return (text:gsub("[ \t\r\n\v\f-]", "")) end,
  pan_number = function(text) return ascii.upper((text:gsub("[ \t\r\n\v\f]", ""))) end,
}

--- Reads an answer: what was typed, as the value that is needed, checked.
-- @tparam table step
-- @tparam string need
-- @tparam string text
-- @treturn[1] any the value
-- @treturn[2] nil
-- @treturn[2] string what is expected
function answers.read(step, need, text)
  text = trim(text)
  local value, expected = text, nil
  if PARSERS[need] then value, expected = PARSERS[need](text, step) end
  if value == nil then return nil, expected end
  local check = step.validators[need]
  local ok
  if check then ok, expected = check(value) else ok = true end
  if ok then return value end
  return nil, expected
end

local PID = '<?xml version="1.0"?><PidData><Resp errCode="0" fCount="1"/><Data type="X">c3ludGhldGlj</Data></PidData>'

--- Made-up values for trying a journey on an emulator, so that Enter will do for an answer.
-- @tparam table step
-- @tparam string need
-- @tparam string|nil otp the one that was sent last
-- @treturn any|nil
function answers.made_up(step, need, otp)
  if need == "otp" then return otp end
  if need == "residence_address" then return address "12 MG Road, Pune, Maharashtra, 411001" end
  local digits = "29990000111"
  local values = {
    name = "Asha Rao", dob = "1990-01-31", pan_number = "AAAPA1234A", piddata = PID,
    aadhar = digits .. require("eko.core").text.verhoeff_digit(digits),
  }
  if step.choices and step.choices[1] then values[need] = values[need] or step.choices[1].value end
  if need ~= "consent" then return values[need] end
end

return answers
