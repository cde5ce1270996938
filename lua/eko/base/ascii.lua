--- Letters as the protocols have them, whatever the process's locale: bytes that are no ASCII stay what they are.
--
-- In a single-byte locale `%a`, `%w`, `%s` and `%c`, `lower` and `upper` take more bytes for letters, blanks and controls than
-- ASCII has, and the Turkish one has an `i` of its own. So what decides or writes uses written sets (`[A-Za-z0-9]`) and these.
-- (`%d` and `%x` mean the same everywhere.)
-- @module eko.base.ascii
local byte = string.byte

local ascii = {}

local LOWER, UPPER = {}, {}
for code = 65, 90 do
  local upper, lower = string.char(code), string.char(code + 32)
  LOWER[upper], UPPER[lower] = lower, upper
end

--- A text in small letters.
-- @tparam string text
-- @treturn string
function ascii.lower(text) return (text:gsub("[A-Z]", LOWER)) end

--- A text in capitals.
-- @tparam string text
-- @treturn string
function ascii.upper(text) return (text:gsub("[a-z]", UPPER)) end

--- Whether a text stands before another in the order of their bytes: for `table.sort`. (`<` asks the locale, by whose order the members
-- of a request would change places.)
-- @tparam string a
-- @tparam string b
-- @treturn boolean
function ascii.less(a, b)
  for at = 1, math.min(#a, #b) do
    local x, y = byte(a, at), byte(b, at)
    if x ~= y then return x < y end
  end
  return #a < #b
end

return ascii
