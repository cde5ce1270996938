--- An emulated platform in this process, on a clock that stands still, and requests to it made by hand.
--
--     local s = platform.new { customers = { [platform.mobile] = { levin = "active" } } }
--     local body, response = s.call("GET", platform.levin)
--     s.clock.ms = s.clock.ms + 1000

local caller = require "spec.support.emulator_caller"
local emulator = require "eko.emulator"

local platform = { start_ms = 1790000000000 }

local mobile = "9444444444"
platform.mobile = mobile

platform.profile = "/customer/profile/" .. mobile
platform.account = "/customer/account/" .. mobile
platform.digikhata = "/customer/payment/ppi-digikhata/sender/" .. mobile
platform.levin = "/customer/payment/ppi-levin/sender/" .. mobile
platform.fino = "/customer/payment/dmt-fino/sender/" .. mobile

--- Synthetic, all of it: the Aadhaar number has a valid check digit, the PAN is a person's by its fourth letter.
platform.person = { name = "Asha Rao", dob = "1990-05-17", residence_address = { "1 Test Street", "Pune", "MH", "411001" } }
platform.aadhaar, platform.pan = "234567890124", "ABCPE1234F"
platform.pid_block = "<?xml version=\"1.0\"?><PidData><Data type=\"X\">c3ludGhldGlj</Data></PidData>"

function platform.merge(...)
  local all = {}
  for _, part in ipairs { ... } do
    for name, value in pairs(part) do all[name] = value end
  end
  return all
end

function platform.wrong(otp)
  return (otp:gsub("^.", function(digit) return digit == "1" and "2" or "1" end))
end

--- @tparam[opt] table options of the platform
-- @treturn table `platform`, `clock` (its `ms`), `request(method, path, params, headers)` -> a signed request, `call` of the same ->
-- decoded body (nil when it is no JSON), HTTP answer; `otp([mobile])` -> the newest
function platform.new(options)
  local clock = { ms = platform.start_ms }
  local function now() return clock.ms end
  local emulated = emulator.new(platform.merge({ seed = 42 }, options or {}, { clock = now }))
  local s = { platform = emulated, clock = clock, request = caller.new {
    developer_key = emulated.developer_key, access_key = emulated.access_key, base = emulated.base_path, clock = now,
  } }
  function s.call(method, path, params, headers)
    local response = emulated:handle(s.request(method, path, params, headers))
    local is_json, body = pcall(caller.json.decode, response.body)
    return is_json and body or nil, response
  end
  function s.otp(of)
    local inbox = emulated:sms(of or mobile)
    return inbox[#inbox].otp
  end
  --- Looks the sender up on a wallet's path and verifies the OTP that comes.
  function s.sign_in(base, extra)
    local ref = s.call("GET", base).data.otp_ref_id
    return s.call("POST", base .. "/otp/verify", platform.merge({ otp = s.otp(), otp_ref_id = ref }, extra or {}))
  end
  return s
end

return platform
