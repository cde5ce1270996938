--- The HTTP side of the emulated platform, without sockets: targets in, answers out.
--
-- @module eko.emulator.http
local json = require "eko.emulator.json"

local http = {}

local function decode(text)
  return (text:gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
end

--- Splits a request's target.
-- @tparam string url absolute, or a path with an optional query
-- @treturn string path, still percent-encoded
-- @treturn table query: name -> value, decoded
function http.target(url)
  local target = url:gsub("^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*", ""):gsub("#.*$", "")
  local path, text = target:match("^([^?]*)%??(.*)$")
  local query = {}
  for name, value in text:gmatch("([^&=]+)=?([^&]*)") do
    query[decode((name:gsub("%+", " ")))] = decode((value:gsub("%+", " ")))
  end
  return path, query
end

--- The decoded segments of a path. A segment that decodes to something with a slash in it stays one segment.
-- @tparam string path
-- @treturn table list of strings
function http.segments(path)
  local segments = {}
  for segment in path:gmatch("/([^/]*)") do
    segments[#segments + 1] = decode(segment)
  end
  return segments
end

local DAYS = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" }
local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }

--- An HTTP date (RFC 9110, 5.6.7).
-- @tparam number ms milliseconds since 1970
-- @treturn string
function http.date(ms)
  local at = os.date("!*t", math.floor(ms / 1000))
  return ("%s, %02d %s %d %02d:%02d:%02d GMT"):format(DAYS[at.wday], at.day, MONTHS[at.month], at.year, at.hour, at.min, at.sec)
end

--- A JSON answer.
-- @tparam number status HTTP status
-- @tparam table|string body text is taken as it is
-- @treturn table response
function http.json(status, body)
  return {
    status = status,
    headers = { ["content-type"] = "application/json;charset=UTF-8" },
    body = type(body) == "string" and body or json.encode(body),
  }
end

--- An answer that is not JSON.
-- @tparam number status
-- @tparam string body
-- @tparam[opt="text/plain;charset=UTF-8"] string content_type
-- @treturn table response
function http.plain(status, body, content_type)
  return { status = status, headers = { ["content-type"] = content_type or "text/plain;charset=UTF-8" }, body = body }
end

return http
