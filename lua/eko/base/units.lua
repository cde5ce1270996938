--- Numbers that more than one module needs, by name.
-- @module eko.base.units
local units = {}

--- Every whole number up to this one, either way, is exact in a double: what all numbers of Lua 5.1 are, and LuaJIT's.
units.EXACT = 2 ^ 53

--- Milliseconds in a second.
units.MS_PER_SECOND = 1000

--- Seconds in an hour.
units.HOUR = 3600

--- Seconds in a day.
units.DAY = 24 * units.HOUR

--- Seconds in a year of 365 days.
units.YEAR = 365 * units.DAY

return units
