--- Where the emulator's random values come from: the system, or a seed when a run must be repeatable.
--
-- @module eko.emulator.random
local text = require("eko.core").text

local random = {}
random.__index = random

--- @tparam[opt] number seed an integer; with one, two platforms of the same seed draw the same values
-- @treturn random
function random.new(seed)
  local source = {}
  if seed then
    -- Park and Miller's generator: its products stay below 2^53, so it is the same in every Lua.
    source.state = math.floor(seed) % 2147483646 + 1
  end
  return setmetatable(source, random)
end

--- @tparam number count how many bytes
-- @treturn string
function random:bytes(count)
  if not self.state then return text.random_bytes(count) end
  local bytes = {}
  for index = 1, count do
    self.state = self.state * 16807 % 2147483647
    bytes[index] = string.char(math.floor(self.state / 128) % 256)
  end
  return table.concat(bytes)
end

--- @tparam number limit at most 2^24
-- @treturn number an integer from 0 to limit - 1
function random:below(limit)
  local high, middle, low, extra = self:bytes(4):byte(1, 4)
  return (((high * 256 + middle) * 256 + low) * 256 + extra) % limit
end

--- @tparam number count
-- @treturn string that many decimal digits; the first may be 0
function random:digits(count)
  local digits = {}
  for index = 1, count do
    digits[index] = ("%d"):format(self:below(10))
  end
  return table.concat(digits)
end

--- @tparam number count of bytes
-- @treturn string twice as many lower-case hexadecimal digits
function random:hex(count)
  return (self:bytes(count):gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end))
end

--- One item of a list.
-- @tparam table list
-- @treturn any
function random:pick(list)
  return list[self:below(#list) + 1]
end

return random
