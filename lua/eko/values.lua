--- Checking a parameter's value and writing it down: one function a type.
--
-- A checker takes `(value, field, strict)` and gives the text that goes onto the wire (JSON for a body, the plain
-- string for path and query), or `nil, problem, expected`. It never says anything of the value itself.
--
-- Problems: `missing_parameter` (absent, or empty where a value is needed), `wrong_type`, `invalid_format`.
-- @module eko.values
local core = require "eko.core"
local formats = require "eko.formats"
local json = require "eko.json"
local suggest = require "eko.suggest"

local quote = core.text.json_quote
local find, format, type, tonumber = string.find, string.format, type, tonumber

local values = {}

local LARGEST = 9007199254740992 -- 2^53: beyond it a double cannot tell neighbours apart

local CONTROL, CONTROL_BUT_LINES = "%c", "[%z\1-\8\11\12\14-\31\127]"

--- Text in JSON quotes when it is valid UTF-8 without control characters; else nil and what is expected.
--
-- json_quote escapes every control character (DEL too), so a text that only grew by its two quotes holds none; the
-- search tells control characters from quotes and backslashes, which are harmless.
local function clean(value, control)
  local text = quote(value)
  if not text then
    return nil, "text in valid UTF-8"
  elseif #text ~= #value + 2 and find(value, control) then
    return nil, control == CONTROL and "text without control characters (line breaks, NUL ...)"
      or "text without control characters other than TAB and line breaks"
  end
  return text
end

local function quote_clean(value, field)
  local text = quote(value)
  if not text or #text ~= #value + 2 then
    local expected
    text, expected = clean(value, field.control)
    if not text then
      return nil, "invalid_format", expected
    end
  end
  return field.plain and value or text
end

local function check_string(value, field, strict)
  if type(value) ~= "string" then
    return nil, "wrong_type", field.expected_type
  elseif #value > field.max then
    return nil, "invalid_format", field.expected_length
  end
  local fits = field.fits
  if fits then
    if fits(value) then
      if strict and field.strict and not field.strict(value) then
        return nil, "invalid_format", field.strict_expected
      end
      return field.plain and value or '"' .. value .. '"'
    elseif value == "" and field.required then
      return nil, "missing_parameter", "it must not be empty: " .. field.expected
    end
    return nil, "invalid_format", field.expected
  elseif value == "" and field.required then
    return nil, "missing_parameter", "it must not be empty"
  end
  return quote_clean(value, field)
end

--- An integer, an integral float or plain digits, as digits; nil when it is none of these or out of range.
local function integer_text(value, minimum)
  if type(value) == "string" then
    if #value > 32 or not find(value, "^%d+$") then
      return nil
    end
    value = tonumber(value)
  end
  -- NaN and the infinities leave NaN.
  if value % 1 ~= 0 or value > LARGEST or value < minimum then
    return nil
  end
  return format("%d", value)
end

local function check_integer(value, field)
  local kind = type(value)
  if kind ~= "number" and kind ~= "string" then
    return nil, "wrong_type", field.expected_type
  elseif value == "" and field.required then
    return nil, "missing_parameter", "it must not be empty: " .. field.expected_type
  end
  local text = integer_text(value, field.min)
  if not text then
    return nil, "invalid_format", field.expected_type
  end
  return text
end

--- An OTP or its reference: whatever string it is, it goes out as that string.
local function check_opaque(value, field)
  local kind = type(value)
  if kind == "number" then
    local text = integer_text(value, 0)
    if not text then
      return nil, "invalid_format", field.expected_type
    end
    return text
  elseif kind ~= "string" then
    return nil, "wrong_type", field.expected_type
  elseif value == "" then
    return nil, "missing_parameter", field.expected_value
  elseif #value > field.max then
    return nil, "invalid_format", field.expected_length
  end
  return quote_clean(value, field)
end

local MOST_ITEMS = 100

local function check_list(value, field)
  local length = type(value) == "table" and json.list_length(value)
  if not length then
    return nil, "wrong_type", field.expected_type
  elseif length > MOST_ITEMS then
    return nil, "invalid_format", "a list of at most " .. MOST_ITEMS .. " strings"
  end
  local parts = {}
  for index = 1, length do
    local item = value[index]
    if type(item) ~= "string" then
      return nil, "wrong_type", field.expected_type
    elseif #item > field.max then
      return nil, "invalid_format", "strings of at most " .. field.max .. " bytes"
    end
    local text, expected = clean(item, CONTROL)
    if not text then
      return nil, "invalid_format", expected
    end
    parts[index] = text
  end
  return "[" .. table.concat(parts, ",") .. "]"
end

-- The order in which the platform documents them.
local ADDRESS = { "line", "city", "state", "pincode", "district", "area" }
local IS_ADDRESS = {}
for _, key in ipairs(ADDRESS) do
  IS_ADDRESS[key] = true
end

local function unknown_address_key(value)
  for key in next, value do
    if not IS_ADDRESS[key] then
      local near = suggest.nearest(key, ADDRESS)
      return "only the keys " .. table.concat(ADDRESS, ", ") .. (near and " (did you mean " .. near .. "?)" or "")
    end
  end
end

local function address_from_table(value, field)
  local unknown = unknown_address_key(value)
  if unknown then
    return nil, "invalid_format", unknown
  end
  local parts = {}
  for _, key in ipairs(ADDRESS) do
    local item = value[key]
    if item ~= nil then
      if type(item) ~= "string" then
        return nil, "wrong_type", "strings in all of " .. table.concat(ADDRESS, ", ")
      end
      local text, expected = clean(item, CONTROL)
      if not text then
        return nil, "invalid_format", expected
      end
      parts[#parts + 1] = '"' .. key .. '":' .. text
    end
  end
  if #parts == 0 then
    return nil, "missing_parameter", "it must not be empty: " .. field.expected_type
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

--- An object, JSON-encoded inside a string; ready-made, or as a table.
local function check_address(value, field)
  local encoded = value
  if type(value) == "table" then
    local problem, expected
    encoded, problem, expected = address_from_table(value, field)
    if not encoded then
      return nil, problem, expected
    end
  elseif type(value) ~= "string" then
    return nil, "wrong_type", field.expected_type
  elseif value == "" then
    return nil, "missing_parameter", "it must not be empty: " .. field.expected_type
  elseif find(value, "%c") or not find(value, "^%s*[{%[]") or not core.json.check(value) then
    return nil, "invalid_format", field.expected_type
  end
  if #encoded > field.max then
    return nil, "invalid_format", field.expected_length
  end
  return quote(encoded)
end

local CHECKERS = {
  string = check_string, integer = check_integer, opaque = check_opaque, list = check_list, address = check_address,
}

local ADVICE = {
  otp = "it must not be empty: ask the customer for the code, do not send the call without it",
  otp_ref_id = "it must not be empty: an empty reference means that there is none yet, so have a new OTP sent first",
}

local function expected_type(param)
  if param.type == "integer" then
    return "a whole number" .. ((param.min or 0) > 0 and " above 0" or "") .. ", as an integer or as plain digits"
  elseif param.type == "opaque" then
    return "the string exactly as it was received (or an integer)"
  elseif param.type == "list" then
    return "a list of strings without holes"
  elseif param.type == "address" then
    return "a table { line, city, state, pincode, district, area } of strings, or the same as JSON text"
  end
  local known = param.format and formats[param.format]
  return "a string (numbers are not taken: identifiers are text)" .. (known and ": " .. known.expected or "")
end

--- A format as one function: value (a string) -> whether it has the format.
local function fits_of(known)
  local pattern, length, test = known.pattern, known.length, known.check
  return pattern and function(value)
    return find(value, pattern) ~= nil and (not length or #value == length) and (not test or test(value))
  end
end

--- Makes of a catalogue parameter what the checkers read.
-- @tparam table param a parameter of the catalogue
-- @treturn table `check` and everything it needs
function values.field(param)
  local format_name = param.format or (param.place == "path" and "path-segment" or nil)
  local known = format_name and assert(formats[format_name], "no such format: " .. format_name) or {}
  return {
    name = param.name, place = param.place, required = param.required, max = param.max, min = param.min or 0,
    check = assert(CHECKERS[param.type], "no such type: " .. tostring(param.type)),
    plain = param.place ~= "body",
    fits = fits_of(known), expected = known.expected,
    -- A format that is no more than these two needs no call of `fits`.
    pattern = not known.check and known.pattern or nil, length = not known.check and known.length or nil,
    strict = known.strict, strict_expected = known.strict_expected,
    control = param.multiline and CONTROL_BUT_LINES or CONTROL,
    expected_type = expected_type(param),
    expected_length = "at most " .. param.max .. " bytes",
    expected_value = ADVICE[param.name] or "it must not be empty",
  }
end

--- A value that the catalogue does not know, for a body: any JSON value without control characters.
-- @param value
-- @treturn[1] string JSON
-- @treturn[2] nil
-- @treturn[2] string what is expected
function values.any(value)
  local text = json.encode(value)
  if not text then
    return nil, "a string (UTF-8), a number, a boolean, a list or a table with string keys"
  elseif find(text, "\\u00[01]") or find(text, "\\[bfnrt]") or find(text, "\\u007[fF]") then
    -- A backslash that is itself escaped may look like one of these: decide on the strings themselves.
    local function spoiled(item)
      if type(item) == "string" then
        return find(item, "%c") ~= nil
      elseif type(item) == "table" then
        for key, inner in next, item do
          if spoiled(key) or spoiled(inner) then
            return true
          end
        end
      end
      return false
    end
    if spoiled(value) then
      return nil, "text without control characters (line breaks, NUL ...)"
    end
  end
  return text
end

--- The same for a query.
-- @param value
-- @treturn[1] string plain text
-- @treturn[2] nil
-- @treturn[2] string what is expected
function values.scalar(value)
  local kind = type(value)
  if kind ~= "string" and kind ~= "number" and kind ~= "boolean" then
    return nil, "a string, a number or a boolean (it goes into the query)"
  elseif kind == "string" then
    local text, expected = clean(value, CONTROL)
    return text and value, expected
  end
  return values.any(value)
end

return values
