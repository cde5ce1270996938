--- The options of a client: one schema, checked whole and copied.
-- @module eko.settings

local ascii = require "eko.base.ascii"
local headers = require "eko.wire.headers"
local input = require "eko.base.input"
local options = require "eko.base.options"

local settings = {}

local BASE_URLS = {
  sandbox = "https://staging.eko.in/ekoapi/v3",
  production = "https://api.eko.in/ekoicici/v3",
  emulator = "http://127.0.0.1/ekoapi/v3",
}

local is_text = options.text[1]
local function visible(value) return type(value) == "string" and value:find("^[\33-\126]+$") ~= nil end
local function key(value)
  local problem = input.key_problem(value)
  return not problem, problem
end

local callable = options.is_callable

local function copy_of(value)
  local copy = {}
  for name, each in next, value do copy[name] = each end
  return copy
end

local function path_table(value)
  if type(value) ~= "table" then return false end
  for slug, path in next, value do
    if type(slug) ~= "string" or type(path) ~= "string" then return false end
  end
  return true
end

local is_lane, is_lane_count = options.whole(0, 999)[1], options.whole(1, 1000)[1]

local function lane(value)
  if type(value) ~= "table" then return false end
  local index, count = value.index, value.count
  return is_lane(index) and is_lane_count(count) and index < count
end

local function header_table(value)
  if callable(value) then return true end
  return headers.check(value)
end

local function copy_headers(value) return callable(value) and value or headers.check(value) end

local SCHEMA = {
  developer_key = { key },
  access_key = { key },
  initiator_id = { visible, "a string without blanks, such as a mobile number" },
  user_code = { visible, "a string without blanks" },
  environment = { function(v) return BASE_URLS[v] ~= nil end, '"sandbox", "production" or "emulator"' },
  base_url = { is_text, "a URL such as https://host/path" },
  transport = { callable, "a function request -> response | nil, err" },
  timeout = options.seconds,
  connect_timeout = options.seconds,
  retries = options.whole(0, 100),
  inquiry_timeout = options.seconds,
  ca_file = { is_text, "the path of a PEM file" },
  proxy = { is_text, "a URL such as http://host:port" },
  clock = { callable, "a function that returns milliseconds since the Unix epoch" },
  timestamp_lane = { lane, "{ index = 0 .. count - 1, count = 1 .. 1000 }", copy = copy_of },
  on_exchange = { callable, "a function of one event" },
  max_response_bytes = { options.positive[1], "bytes, more than 0" },
  strict = options.flag,
  paths = { path_table, "a table { [slug] = path }", copy = copy_of },
  headers = { header_table, "a table { name = value } or a function that returns one", copy = copy_headers },
  user_agent_suffix = { headers.is_product, 'products such as "shop/1.2", with one blank between two, at most 128 bytes' },
}

-- What belongs to a client alone; of the rest a sibling has what the client has that it was made of.
local OF_ONE = {}
for _, name in ipairs {
  "developer_key", "access_key", "initiator_id", "user_code", "timeout", "retries", "inquiry_timeout", "on_exchange", "strict", "paths",
  "headers", "user_agent_suffix",
} do
  OF_ONE[name] = SCHEMA[name]
end

local function is_loopback(host)
  return host == "localhost" or host:find("^127%.%d+%.%d+%.%d+$") ~= nil or host == "[::1]"
end

local function without_slashes(url)
  return url:sub(1, #url - #url:reverse():match "^/*")
end

-- nginx's notation for a socket in the file system; only this machine can be at its other end.
local function check_unix_url(url)
  local path = url:match "^http://unix:/[A-Za-z0-9%-%._~/@+]+(:.*)$"
  if not path or not path:find "^:/[A-Za-z0-9%-%._~/%%]*$" then
    return nil, "a socket in the file system is written http://unix:/path/of/socket:/path"
  end
  return without_slashes(url)
end

-- The signature covers neither the URL nor the body: without TLS anybody on the way could change both.
local function check_base_url(url)
  if url:find "^[A-Za-z]+://unix:" then return check_unix_url(url) end
  local scheme, authority, behind = url:match("^([A-Za-z]+)://([^/?#]+)()")
  local path = url:sub(behind or 1)
  scheme = scheme and not path:find "[?#]" and ascii.lower(scheme)
  if scheme ~= "https" and scheme ~= "http" then return nil, "it must be an https:// URL without query or fragment" end
  if authority:find("[@ \t\r\n\v\f]") then return nil, "it must not hold user information" end
  local host = authority:match("^(%[[%x:.]+%])") or authority:match("^([^:]+)")
  local port = host and authority:sub(#host + 1)
  if not host or not host:find("^[A-Za-z0-9%.%-_%[%]:]+$") or not (port == "" or port:find("^:%d+$")) then
    return nil, "its host is not valid"
  end
  if scheme == "http" and not is_loopback(host) then
    return nil, "http:// is only for a loopback address: the signature does not protect the body, TLS does"
  end
  if not path:find("^[A-Za-z0-9%-%._~/%%]*$") then return nil, "its path holds characters that do not belong there" end
  return scheme .. "://" .. authority .. without_slashes(path)
end

--- Checks the options of eko.client and returns a copy with the defaults filled in.
-- @tparam any given the caller's table
-- @tparam int level the stack level that an error is reported at
-- @treturn table a new one, with `base_url` always set
-- @raise when an option is unknown or wrong
function settings.check(given, level)
  local checked = options.read("eko.client", given, SCHEMA, level)
  if not checked.environment and not checked.base_url then checked.environment = "sandbox" end
  local url, reason = check_base_url(checked.base_url or BASE_URLS[checked.environment])
  if not url then error('eko.client: option "base_url" was refused: ' .. reason, level) end
  checked.base_url = url
  checked.timeout = checked.timeout or 30
  checked.connect_timeout = checked.connect_timeout or 10
  checked.retries = checked.retries or 2
  checked.inquiry_timeout = checked.inquiry_timeout or 10
  return checked
end

--- Checks the options of a sibling.
-- @tparam any given the caller's table: what differs from the client that it is made of
-- @tparam table checked that client's
-- @tparam int level the stack level that an error is reported at
-- @treturn table a new one like `checked`
-- @raise when an option is unknown, wrong, or one that siblings share
function settings.check_sibling(given, checked, level)
  for name in next, type(given) == "table" and given or {} do
    if SCHEMA[name] and not OF_ONE[name] then
      error(("client:with: option %q belongs to the connections, the platform and the clock, which siblings share: make another client")
        :format(name), level)
    end
  end
  local changed = options.read("client:with", given, OF_ONE, level, copy_of(checked))
  return changed
end

--- Raises unless both keys are there.
-- @tparam table checked
-- @tparam int level the stack level that an error is reported at
-- @raise
function settings.require_keys(checked, level)
  for _, name in ipairs { "developer_key", "access_key" } do
    if not checked[name] then
      error(("eko.client: option %q is missing; take it from the environment, for example os.getenv %q"):format(
        name, name == "developer_key" and "EKO_DEVELOPER_KEY" or "EKO_ACCESS_KEY"), level)
    end
  end
end

return settings
