--- JSON: the strict decoder of `eko.core`, and an encoder whose bytes are always the same.
--
-- lua-cjson takes `NaN`, `0x10`, `+1` and broken UTF-8, rounds long integers, makes every number a float on Lua 5.4 and
-- has settings that everybody in a process shares; the core's decoder does none of that.
-- @module eko.json
local core = require "eko.core"

local decode, quote = core.json.decode, core.text.json_quote
local concat, format, type = table.concat, string.format, type

local MAX_DEPTH = 64

local json = {}

--- JSON's null inside a decoded value: a light userdata, the same as lua-cjson's `cjson.null`.
json.null = decode "null"

--- Decodes a text.
--
-- Whole numbers become Lua integers (5.3 and later), however they are written; one beyond 2^53 becomes a string as it stands there, as
-- does one that would be whole only by rounding (1e-400); null becomes
-- `json.null`; an empty list and an empty object both become an empty table.
-- @tparam string text
-- @return[1] the value
-- @treturn[2] nil
-- @treturn[2] string what is wrong
-- @treturn[2] int where: the byte's position from 1
json.decode = decode

--- Decodes an answer of the platform: as `decode`, but one in which a code, the data, a tid or a reference stands twice with
-- different values is refused.
-- @tparam string text
-- @return[1] the value
-- @treturn[2] nil
-- @treturn[2] string what is wrong
-- @treturn[2] int where
-- @treturn[2] string|nil the name of the member that has two values
json.envelope = core.json.envelope

--- A number as JSON: an integral one without a fraction, any other with the fewest digits that give it back.
local function number_text(value)
  if value ~= value or value == math.huge or value == -math.huge then
    return nil, "NaN and infinity are not JSON"
  end
  if value % 1 == 0 and value >= -9007199254740992 and value <= 9007199254740992 then
    return format("%d", value)
  end
  for digits = 15, 17 do
    local text = format("%." .. digits .. "g", value)
    if tonumber(text) == value then
      return text
    end
  end
end

--- The length of a list, or nil where a table has holes or other keys than 1, 2, 3 ...
-- @tparam table value
-- @treturn int|nil
function json.list_length(value)
  local count, highest = 0, 0
  for key in next, value do
    if type(key) ~= "number" or key % 1 ~= 0 or key < 1 then
      return nil
    end
    count = count + 1
    highest = key > highest and key or highest
  end
  if highest == count then
    return count
  end
  return nil
end

local encode_value

local function encode_list(value, length, depth)
  local parts = {}
  for index = 1, length do
    local text, reason = encode_value(value[index], depth)
    if not text then
      return nil, reason
    end
    parts[index] = text
  end
  return "[" .. concat(parts, ",") .. "]"
end

local function encode_map(value, depth)
  local names, parts = {}, {}
  for name in next, value do
    if type(name) ~= "string" then
      return nil, "a table must be a list without holes, or have only strings as keys"
    end
    names[#names + 1] = name
  end
  table.sort(names)
  for index, name in ipairs(names) do
    local key = quote(name)
    if not key then
      return nil, "a key is not valid UTF-8"
    end
    local text, reason = encode_value(value[name], depth)
    if not text then
      return nil, reason
    end
    parts[index] = key .. ":" .. text
  end
  return "{" .. concat(parts, ",") .. "}"
end

function encode_value(value, depth)
  local kind = type(value)
  if kind == "string" then
    local text = quote(value)
    return text, not text and "a string is not valid UTF-8" or nil
  elseif kind == "number" then
    return number_text(value)
  elseif kind == "boolean" then
    return value and "true" or "false"
  elseif value == json.null then
    return "null"
  elseif kind ~= "table" then
    return nil, "a " .. kind .. " has no JSON form"
  elseif depth >= MAX_DEPTH then
    return nil, "the value is nested too deeply"
  end
  local length = json.list_length(value)
  if length then
    return encode_list(value, length, depth + 1)
  end
  return encode_map(value, depth + 1)
end

--- Encodes a value. The members of an object are sorted by name, so equal values give equal bytes; an empty table is
-- an empty list (`[]`).
-- @param value string, number, boolean, `json.null`, list or table with string keys
-- @treturn[1] string
-- @treturn[2] nil
-- @treturn[2] string why it cannot be encoded
function json.encode(value)
  return encode_value(value, 0)
end

--- A string in quotes, or nil when it is not valid UTF-8.
json.quote = quote

return json
