--- Who may talk to the platform: the three security headers.
--
-- secret-key = base64(HMAC-SHA256(key = the text base64(access_key), message = the timestamp's digits)); a timestamp
-- is good for two minutes either way, and once. Failures are 401 with the codes 2483 to 2487; the older platform
-- said 403 in plain text.
--
-- @module eko.emulator.auth
local text = require("eko.core").text
local http = require "eko.emulator.http"

local auth = {}
auth.__index = auth

local MESSAGES = {
  [2483] = "Unauthorized",
  [2484] = "Invalid secret-key or timestamp",
  [2485] = "Expired security headers (secret-key-timestamp older than 2 minutes)",
  [2486] = "Invalid secret-key-timestamp (expected milliseconds since the UNIX epoch)",
  [2487] = "Missing security headers",
}

local digits_13 = "^" .. ("%d"):rep(13) .. "$"

--- @tparam table options of the platform, keys included
-- @treturn auth
function auth.new(options)
  return setmetatable({
    developer_key = options.developer_key,
    key = text.base64_encode(options.access_key),
    window = options.skew * 1000,
    replay = options.replay,
    legacy = options.auth == "legacy",
    used = {},
    used_count = 0,
  }, auth)
end

--- Forgets the timestamps that are too old to be accepted anyway.
local function sweep(self, now)
  local kept = 0
  for stamp in pairs(self.used) do
    if tonumber(stamp) < now - self.window then
      self.used[stamp] = nil
    else
      kept = kept + 1
    end
  end
  self.used_count, self.sweep_at = kept, kept * 2 + 1000
end

local function remember(self, stamp, now)
  self.used[stamp] = true
  self.used_count = self.used_count + 1
  if self.used_count > (self.sweep_at or 1000) then
    sweep(self, now)
  end
end

local function verdict(self, headers, now, memory)
  local developer_key, secret, stamp =
    headers["developer_key"], headers["secret-key"], headers["secret-key-timestamp"]
  if not developer_key or not secret or not stamp or secret == "" or stamp == "" then
    return 2487
  elseif not text.constant_time_equal(developer_key, self.developer_key) then
    return 2483
  elseif not stamp:find(digits_13) then
    return 2486
  elseif not text.constant_time_equal(secret, text.hmac_sha256_base64(self.key, stamp)) then
    return 2484
  elseif math.abs(now - tonumber(stamp)) > self.window then
    return 2485
  elseif memory == "used" or (self.replay and memory ~= "unknown" and self.used[stamp]) then
    return 2485
  end
  if memory ~= "unknown" then
    remember(self, stamp, now)
  end
  return nil
end

--- What the older platform says to whom it does not know.
auth.refusal_text = "Kindly use registered credentials to access this API"

--- The body of an authentication failure.
-- @tparam number code 2483 to 2487
-- @treturn table
function auth.envelope(code)
  return { message = MESSAGES[tonumber(code)] or "Unauthorized", status = code, response_type_id = code, response_status_id = 1 }
end

--- Judges a request's headers. A timestamp counts as used only once its signature was right.
-- @tparam table headers lower-case name -> value
-- @tparam number now milliseconds
-- @tparam[opt] string memory of the node that is asked: "used" (it has seen this timestamp), "unknown" (it has not, whatever
-- others have)
-- @treturn ?table the response that refuses, or nil when the request is welcome
-- @treturn ?number the code
function auth:refuse(headers, now, memory)
  local code = verdict(self, headers, now, memory)
  if not code then
    return nil
  elseif self.legacy then
    return http.plain(403, auth.refusal_text), code
  end
  return http.json(401, auth.envelope(code)), code
end

return auth
