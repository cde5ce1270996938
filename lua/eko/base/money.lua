--- Amounts of money as integer paise, exactly.
--
-- The platform writes an amount as a decimal text in many ways (`"110.00"`, `"4.0"`, `"2.20834002375E9"`), sometimes as a
-- JSON number. Two amounts are compared and added as what this module makes of them, never as floats.
-- @module eko.base.money
local options = require "eko.base.options"
local units = require "eko.base.units"

local money = {}

local LONGEST = 40 -- bytes
local LIMIT = units.EXACT - 1 -- paise
local LIMIT_DIGITS = 16
local to_integer = rawget(math, "tointeger") -- of Lua 5.3 and later
local PAISE_PER_RUPEE = 100
local RUPEES_LIMIT = math.floor(LIMIT / PAISE_PER_RUPEE) -- whole ones

-- Nothing here may depend on the process's locale: no %d, no comparison of texts, no tonumber of what may hold a point.
local DIGITS = "[0-9]+"

-- The parts of a text: sign, whole digits, digits behind the point, exponent; nil unless it is of the grammar.
local function parts_of(text)
  if #text > LONGEST then return nil end
  local sign, whole, rest = text:match("^(%-?)(" .. DIGITS .. ")(.*)$")
  if not sign then return nil end
  local fraction, after = rest:match("^%.(" .. DIGITS .. ")(.*)$")
  rest = after or rest
  if rest == "" then return sign, whole, fraction or "", 0 end
  local direction, exponent = rest:match "^[eE]([%+%-]?)([0-9][0-9]?)$"
  if not direction then return nil end
  exponent = tonumber(exponent, 10)
  return sign, whole, fraction or "", direction == "-" and -exponent or exponent
end

-- At most LIMIT_DIGITS digits, then zeros, as a number; nil beyond LIMIT. All on the way there is exact.
local function number_of(digits, zeros)
  local value = 0
  for i = 1, #digits + zeros do
    local digit = i <= #digits and digits:byte(i) - 48 or 0
    if value > (LIMIT - digit) / 10 then return nil end
    value = value * 10 + digit
  end
  return value
end

local function parse_text(text)
  local sign, whole, fraction, exponent = parts_of(text)
  if not sign then return nil, "malformed" end
  local significant, zeros = (whole .. fraction):match "^0*(.-)(0*)$"
  if significant == "" then return 0 end
  local shift = exponent - #fraction + #zeros + 2 -- the value is significant * 10^shift paise
  if shift < 0 then return nil, "fraction_of_a_paisa" end
  local paise = #significant + shift <= LIMIT_DIGITS and number_of(significant, shift)
  if not paise then return nil, "too_large" end
  return sign == "-" and -paise or paise
end

local function parse_number(rupees)
  if rupees % 1 ~= 0 then return nil, "malformed" end -- NaN and the infinities too
  if rupees > RUPEES_LIMIT or rupees < -RUPEES_LIMIT then return nil, "too_large" end
  if rupees == 0 then return 0 end -- a double has a -0
  return (to_integer and to_integer(rupees) or rupees) * PAISE_PER_RUPEE
end

--- Reads an amount in rupees.
--
-- A text is `["-"] whole ["." digits] [("e"|"E") [sign] 1-2 digits]`, at most 40 bytes, where `whole` and `digits` are one
-- or more of 0-9. Zeros in front are digits like others (`"007.50"` is 750 paise), and what is too fine for a paisa is judged
-- by value: `"1.500"` and `"100e-4"` are whole paise. There are no blanks, no grouping, no `+`, no currency.
-- A Lua number is rupees and must be whole: whoever has paise has them as text or as an integer already.
-- @tparam string|number amount in rupees
-- @treturn[1] int the paise; on Lua 5.3 and later of subtype integer, and never -0
-- @treturn[2] nil
-- @treturn[2] string `"fraction_of_a_paisa"` (a text finer than a paisa), `"too_large"` (more than 2^53-1 paise either way) or
-- `"malformed"` (everything else, of whatever type)
function money.parse(amount)
  local kind = type(amount)
  if kind == "string" then return parse_text(amount) end
  if kind == "number" then return parse_number(amount) end
  return nil, "malformed"
end

-- Whole paise that every Lua holds exactly; nil and why not.
local function check_paise(paise)
  if type(paise) ~= "number" or paise % 1 ~= 0 then return nil, "malformed" end
  if paise > LIMIT or paise < -LIMIT then return nil, "too_large" end
  return paise
end

local GROUPINGS = { indian = true, none = true }
local STYLE = {
  grouping = { function(value) return GROUPINGS[value] ~= nil end, '"indian" or "none"' },
  symbol = options.text,
}

-- The last three digits, and before them two and two.
local function indian(digits)
  local thousands, rest = digits:match "^(.+)(...)$"
  if not thousands then return digits end
  return thousands:reverse():gsub("..", "%0,"):reverse():gsub("^,", "") .. "," .. rest
end

--- Writes an amount in rupees, with two digits behind the point.
-- @tparam int paise at most 2^53-1 either way; `-0` is written as `0`
-- @tparam[opt] table style
--
-- * `grouping`: `"indian"` (`12,34,567.00`) or `"none"`, which it is where nothing is said and which `money.parse` reads
-- * `symbol`: what stands before the digits and behind a minus, such as `"₹"`
-- @treturn[1] string such as `"-1234567.50"`
-- @treturn[2] nil
-- @treturn[2] string `"malformed"` (no whole number) or `"too_large"`
-- @raise for another style
function money.format(paise, style)
  style = options.check("eko.money.format", style == nil and {} or style, STYLE, 2)
  local whole, problem = check_paise(paise)
  if not whole then return nil, problem end
  local sign = whole < 0 and "-" or ""
  whole = math.abs(whole)
  local behind = whole % PAISE_PER_RUPEE
  local rupees = ("%d"):format((whole - behind) / PAISE_PER_RUPEE)
  if style.grouping == "indian" then rupees = indian(rupees) end
  return sign .. (style.symbol or "") .. rupees .. (".%02d"):format(behind)
end

--- Adds amounts.
-- @tparam {int,...} amounts in paise, each and every sum on the way at most 2^53-1 either way
-- @treturn[1] int the sum in paise; 0 of none
-- @treturn[2] nil
-- @treturn[2] string `"malformed"` (something that is no whole number) or `"too_large"`
-- @treturn[2] int which of the amounts it was
-- @raise for what is no list
function money.sum(amounts)
  if type(amounts) ~= "table" then error("eko.money.sum: a list of paise is expected", 2) end
  local total = 0
  for index = 1, #amounts do
    local paise, problem = check_paise(amounts[index])
    if paise then paise, problem = check_paise(total + paise) end
    if not paise then return nil, problem, index end
    total = paise
  end
  return to_integer and to_integer(total) or total + 0
end

return money
