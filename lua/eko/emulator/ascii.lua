--- Letters, order and numbers that mean the same in every locale of the process.
-- @module eko.emulator.ascii
local ascii = {}

local SMALL = {}
for code = 65, 90 do SMALL[string.char(code)] = string.char(code + 32) end

--- A text in small letters; only A to Z change.
-- @tparam string text
-- @treturn string
function ascii.lower(text) return (text:gsub("[A-Z]", SMALL)) end

--- Whether a text stands before another in the order of their bytes: for `table.sort`.
-- @tparam string a
-- @tparam string b
-- @treturn boolean
function ascii.less(a, b)
  for at = 1, math.min(#a, #b) do
    local x, y = a:byte(at), b:byte(at)
    if x ~= y then return x < y end
  end
  return #a < #b
end

--- A number as decimal text, with a point.
-- @tparam string form of `string.format`, such as `"%.2f"`
-- @tparam number value
-- @treturn string
function ascii.format(form, value) return (form:format(value):gsub("[^0-9eE+-]+", ".")) end

--- Decimal text as a number.
-- @tparam string|number text
-- @treturn ?number nil for what is neither digits nor digits with a point
function ascii.number(text)
  if type(text) == "number" then return text end
  local whole, fraction = tostring(text):match "^(%d+)%.?(%d*)$"
  return whole and tonumber(whole) + (fraction == "" and 0 or tonumber(fraction) / 10 ^ #fraction)
end

return ascii
