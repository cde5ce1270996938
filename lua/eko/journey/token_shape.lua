--- What the text inside a token must look like. It was sealed by a holder of the key, but perhaps by another program or by another
-- version of this library: nothing of it is believed before it was looked at.
-- @module eko.journey.token_shape
local inputs = require "eko.journey.inputs"
local json = require "eko.base.json"
local limits = require "eko.journey.limits"
local request = require "eko.call.request"
local units = require "eko.base.units"

local token_shape = {}

local LONGEST = 2048 -- bytes of a text
local LATEST = units.EXACT
local LONGEST_WORD = 64
local ID_CHARS = 22 -- of a journey, see `eko.journey`
local ROW_LENGTH = 6

local function is_text(value)
  return type(value) == "string" and #value <= LONGEST
end

local function is_count(value)
  return type(value) == "number" and value >= 0 and value < LATEST and value % 1 == 0
end

local function is_word(value)
  return type(value) == "string" and #value <= LONGEST_WORD and value:find "^[A-Za-z0-9_]*$" ~= nil
end

local function is_true(value)
  return value == true
end

local function every(value, check)
  if type(value) ~= "table" then return false end
  for name, item in pairs(value) do
    if not check(item, name) then return false end
  end
  return true
end

local function is_list(value, length)
  local found = type(value) == "table" and json.list_length(value)
  return found and (length == nil or found == length) or false
end

local function is_scalar(value)
  return is_text(value) or type(value) == "number"
end

local function is_kept(value, name)
  return is_word(name) and is_scalar(value)
end

-- Whether it is a good one is asked when it is used; here it must only be something that can be asked about.
local function is_input(value, name)
  return inputs.lasting[name] ~= nil and (is_scalar(value) or every(value, is_scalar))
end

local function is_row(row)
  if not is_list(row, ROW_LENGTH) then return false end
  for i = 2, ROW_LENGTH do
    if not is_word(row[i]) then return false end
  end
  return type(row[1]) == "number" and row[1] % 1 == 0 and row[1] > -LATEST and row[1] < LATEST
end

local function is_otp(value)
  local count = 0
  for _ in pairs(type(value) == "table" and value or {}) do count = count + 1 end
  return count == 2 and is_text(value.to) and is_count(value.at)
end

local function is_damage(value)
  return type(value) == "table" and is_word(value.name) and is_count(value.times)
end

local function is_bound(value, name)
  return limits.is_bound(name, value)
end

local MEMBERS = {
  v = is_count, t = is_count, w = is_word, s = is_word, x = is_count, m = is_damage, l = is_count, u = is_count, a = is_true, p = is_true,
  e = is_true, r = is_word, o = is_otp,
  c = function(value) return is_text(value) and request.is_mobile(value) == true end,
  j = function(value) return is_text(value) and #value == ID_CHARS and value:find "^[A-Za-z0-9_-]+$" ~= nil end,
  d = function(value) return limits.endings[value] ~= nil end,
  i = function(value) return every(value, is_input) end,
  k = function(value) return every(value, is_kept) end,
  b = function(value) return every(value, is_bound) end,
  n = function(value) return is_list(value, 3) and every(value, is_count) end,
  h = function(value) return is_list(value) and every(value, is_row) end,
}

local REQUIRED = { "v", "t", "w", "s", "c", "j", "i", "k", "x", "n", "h" }

--- Whether a decoded value is a journey of a version.
-- @tparam any packed what JSON can say
-- @tparam int version
-- @treturn boolean
function token_shape.fits(packed, version)
  if type(packed) ~= "table" or packed.v ~= version then return false end
  for _, name in ipairs(REQUIRED) do
    if packed[name] == nil then return false end
  end
  return every(packed, function(value, name) return MEMBERS[name] ~= nil and MEMBERS[name](value) end)
end

return token_shape
