--- The Date of an HTTP answer (RFC 9110, section 5.6.7), as seconds since the Unix epoch.
-- @module eko.base.http_date
local units = require "eko.base.units"

local http_date = {}

local MONTHS = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12 }
local LENGTHS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
-- By the days since 1970-01-01, which was a Thursday.
local WEEKDAYS = { [0] = "Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday" }
local DAY, HOUR = units.DAY, units.HOUR
local DAYS_PER_YEAR = 365.2425 -- on average

-- Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
local function days(year, month, day)
  local y = month <= 2 and year - 1 or year
  local era = math.floor(y / 400)
  local year_of_era = y - era * 400
  local day_of_year = math.floor((153 * (month + (month > 2 and -3 or 9)) + 2) / 5) + day - 1
  local day_of_era = year_of_era * 365 + math.floor(year_of_era / 4) - math.floor(year_of_era / 100) + day_of_year
  return era * 146097 + day_of_era - 719468
end

local function length_of(year, month)
  local is_leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  return month == 2 and is_leap and 29 or LENGTHS[month]
end

-- Seconds since the epoch of fields that are digits, or nil when there is no such day or time. A leap second is one only at the
-- end of a month, and counts as the first second of the next.
local function moment(year, month, day, clock)
  year, day = tonumber(year), tonumber(day)
  if year < 1970 or day < 1 or day > length_of(year, month) then return nil end
  local hour, minute, second = clock:match "^(%d%d):(%d%d):(%d%d)$"
  hour, minute, second = tonumber(hour), tonumber(minute), tonumber(second)
  if hour > 23 or minute > 59 or second > 60 then return nil end
  if second == 60 and not (hour == 23 and minute == 59 and day == length_of(year, month)) then return nil end
  return days(year, month, day) * DAY + hour * HOUR + minute * 60 + second, days(year, month, day) % 7
end

-- A year of two digits is the one that is not more than 50 years ahead.
local FAR_SECONDS = 50 * DAYS_PER_YEAR * DAY

local function moment_of_century(short, month, day, clock, now)
  local this_year = 1970 + math.floor(now / (DAYS_PER_YEAR * DAY))
  local first = this_year - this_year % 100 + 100 + tonumber(short)
  for year = first, first - 200, -100 do
    -- (29 February of a year that has none is passed over like one too far ahead.)
    local seconds, weekday = moment(year, month, day, clock)
    if seconds and seconds - now <= FAR_SECONDS then return seconds, weekday end
  end
  return nil
end

local CLOCK, NAME = "(%d%d:%d%d:%d%d)", "([A-Za-z][A-Za-z][A-Za-z])"

-- Each gives the seconds, and where the value goes on.
local FORMS = {
  function(text, at) -- Sun, 06 Nov 1994 08:49:37 GMT
    local name, day, month, year, clock, next_at = text:match("^" .. NAME .. ", (%d%d) " .. NAME .. " (%d%d%d%d) " .. CLOCK .. " GMT()", at)
    if not MONTHS[month] then return nil end
    local seconds, weekday = moment(year, MONTHS[month], day, clock)
    return seconds and WEEKDAYS[weekday]:sub(1, 3) == name and seconds, next_at
  end,
  function(text, at, now) -- Sunday, 06-Nov-94 08:49:37 GMT
    local name, day, month, year, clock, next_at = text:match("^([A-Za-z]+), (%d%d)%-" .. NAME .. "%-(%d%d) " .. CLOCK .. " GMT()", at)
    if not MONTHS[month] then return nil end
    local seconds, weekday = moment_of_century(year, MONTHS[month], day, clock, now)
    return seconds and WEEKDAYS[weekday] == name and seconds, next_at
  end,
  function(text, at) -- Sun Nov  6 08:49:37 1994
    local name, month, day, clock, year, next_at = text:match("^" .. NAME .. " " .. NAME .. " ([ %d]%d) " .. CLOCK .. " (%d%d%d%d)()", at)
    if not MONTHS[month] then return nil end
    local seconds, weekday = moment(year, MONTHS[month], day, clock)
    return seconds and WEEKDAYS[weekday]:sub(1, 3) == name and seconds, next_at
  end,
}

local function parse_one(text, at, now)
  for _, form in ipairs(FORMS) do
    local seconds, next_at = form(text, at, now)
    if seconds then return seconds, next_at end
  end
  return nil
end

local LONGEST = 256

--- Reads a date in any of the three forms that a server may use. A header that came several times (`X, X`) is the one value that it
-- has each time.
-- @tparam ?string text the value of a Date header
-- @tparam[opt] number now seconds since the Unix epoch, for years of two digits; this machine's clock when left out
-- @treturn ?number seconds since the Unix epoch; nil when it is no date, or several different ones
function http_date.parse(text, now)
  if type(text) ~= "string" or #text > LONGEST then return nil end
  local found, at = nil, 1
  while true do
    local seconds, next_at = parse_one(text, at, now or os.time())
    if not seconds or found and found ~= seconds then return nil end
    if next_at > #text then return seconds end
    found, at = seconds, text:match("^[ \t]*,[ \t]*()", next_at)
    if not at then return nil end
  end
end

return http_date
