--- The Date of an HTTP answer (RFC 9110, section 5.6.7), as seconds since the Unix epoch.
-- @module eko.http_date

local http_date = {}

local MONTHS = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12 }

-- Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
local function days(year, month, day)
  local y = month <= 2 and year - 1 or year
  local era = math.floor(y / 400)
  local year_of_era = y - era * 400
  local day_of_year = math.floor((153 * (month + (month > 2 and -3 or 9)) + 2) / 5) + day - 1
  local day_of_era = year_of_era * 365 + math.floor(year_of_era / 4) - math.floor(year_of_era / 100) + day_of_year
  return era * 146097 + day_of_era - 719468
end

--- Reads the preferred form: `Sun, 06 Nov 1994 08:49:37 GMT`.
-- @param text the value of a Date header, or nil
-- @return seconds since the Unix epoch, or nil when it is anything else
function http_date.parse(text)
  if type(text) ~= "string" then return nil end
  local day, month, year, hour, minute, second =
    text:match("^%a%a%a, (%d%d) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT$")
  if not MONTHS[month] then return nil end
  return days(tonumber(year), MONTHS[month], tonumber(day)) * 86400 + hour * 3600 + minute * 60 + second
end

return http_date
