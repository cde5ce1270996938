--- Requests to an emulated platform, made by hand and signed here: with luaossl's HMAC and LuaSocket's base64, so that
-- nothing is shared with what is tested.

local cjson = require "cjson"
local hmac = require "openssl.hmac"
local mime = require "mime"

local caller = {}

local json = cjson.new()
caller.json = json

--- base64(HMAC-SHA256(timestamp, key = base64(access_key)))
function caller.sign(access_key, timestamp)
  return (mime.b64(hmac.new((mime.b64(access_key)), "sha256"):final(timestamp)))
end

--- @tparam table who `developer_key`, `access_key`, `clock` (-> ms), `base` (URL or path before the endpoint's path)
-- @treturn function (method, path, params, headers) -> a signed request; `false` as a parameter or header leaves it out
function caller.new(who)
  local last = 0
  local function timestamp()
    last = math.max(last + 1, math.floor(who.clock()))
    return ("%.0f"):format(last)
  end
  local function with_identity(params)
    local all = { initiator_id = "9962981729", user_code = "20810200" }
    for name, value in pairs(params or {}) do all[name] = value end
    for name, value in pairs(all) do
      if value == false then all[name] = nil end
    end
    return all
  end
  local function query(params)
    local parts = {}
    for name, value in pairs(params) do
      parts[#parts + 1] = name .. "=" .. tostring(value):gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end)
    end
    return "?" .. table.concat(parts, "&")
  end
  return function(method, path, params, headers)
    local stamp = timestamp()
    local request = { method = method, url = who.base .. path, headers = {
      developer_key = who.developer_key, ["secret-key"] = caller.sign(who.access_key, stamp),
      ["secret-key-timestamp"] = stamp, ["content-type"] = "application/json",
    } }
    if method == "GET" then
      request.url = request.url .. query(with_identity(params))
    else
      request.body = type(params) == "string" and params or json.encode(with_identity(params))
    end
    for name, value in pairs(headers or {}) do
      request.headers[name] = value or nil
    end
    return request
  end
end

return caller
