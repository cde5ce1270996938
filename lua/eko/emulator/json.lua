--- JSON as the emulated platform reads and writes it.
--
-- Reading is lua-cjson's, through an instance of our own, so that nobody's global settings change. Writing is done
-- here: lua-cjson writes large integers with an exponent, cannot tell an empty list from an empty object, and orders
-- members at random; the answers of a platform that is tested against should be exact and the same each time.
--
-- @module eko.emulator.json
local cjson = require "cjson"
local ascii = require "eko.emulator.ascii"

local codec = cjson.new()
codec.decode_invalid_numbers(false)
codec.decode_max_depth(64)

local json = { null = cjson.null }

local list_mark = {}
local raw_mark = {}

--- Marks a table as a list, so that it is written as `[]` even when empty.
-- @tparam[opt] table items
-- @treturn table the same table
function json.list(items)
  return setmetatable(items or {}, list_mark)
end

local ESCAPES = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t",
}

local function escape(character)
  return ESCAPES[character] or ("\\u%04x"):format(character:byte())
end

local function quote(text)
  return '"' .. text:gsub('[%z\1-\31\127"\\]', escape) .. '"'
end

local function number(value)
  if value ~= value or value == math.huge or value == -math.huge then
    error("the emulator cannot write " .. tostring(value) .. " as JSON")
  end
  if value % 1 == 0 and value > -2 ^ 53 and value < 2 ^ 53 then return value == 0 and "0" or ("%.0f"):format(value) end
  return ascii.format("%.14g", value)
end

local encode

local function encode_list(items)
  local out = {}
  for index = 1, #items do
    out[index] = encode(items[index])
  end
  return "[" .. table.concat(out, ",") .. "]"
end

local function encode_object(members)
  local names, out = {}, {}
  for name in pairs(members) do
    names[#names + 1] = tostring(name)
  end
  table.sort(names, ascii.less)
  for index, name in ipairs(names) do
    local value = members[name]
    if value == nil then
      value = members[tonumber(name)]
    end
    out[index] = quote(name) .. ":" .. encode(value)
  end
  return "{" .. table.concat(out, ",") .. "}"
end

function encode(value)
  local kind = type(value)
  if kind == "table" then
    local mark = getmetatable(value)
    if mark == raw_mark then return value.text end
    if mark == list_mark or #value > 0 then return encode_list(value) end
    return encode_object(value)
  elseif kind == "string" then
    return quote(value)
  elseif kind == "number" then
    return number(value)
  elseif kind == "boolean" then
    return tostring(value)
  elseif value == json.null then
    return "null"
  end
  error("the emulator cannot write a " .. kind .. " as JSON")
end

--- Writes a value. Members of an object stand in alphabetical order; integral numbers are written as integers.
-- A table with items 1..n, or one marked by `json.list`, is a list; any other table is an object.
-- @tparam any value table, string, number, boolean or `json.null`
-- @treturn string JSON text
json.encode = encode

--- A number (or any value) that is to stand in the text exactly as given, such as `2.5E3`.
-- @tparam string text JSON text
-- @treturn table a value for `json.encode`
function json.raw(text)
  return setmetatable({ text = text }, raw_mark)
end

--- Reads JSON text.
-- @tparam string text
-- @treturn any the value; nil when the text is not JSON
function json.decode(text)
  local ok, value = pcall(codec.decode, text)
  if ok then return value end
  return nil
end

return json
