-- Verifies a customer's OTP on each wallet and prints what the platform says of the customer.
--
--   EKO_DEVELOPER_KEY=... EKO_ACCESS_KEY=... EKO_INITIATOR_ID=... EKO_USER_CODE=... lua examples/verify_otp.lua 9444444444
--
-- EKO_BASE_URL names another platform than the sandbox; EKO_SMS_LOG a file in which `eko emulator --show-sms` shows the SMS it
-- sends (without it you are asked for each OTP). `make demo` runs this against the emulator.
local eko = require "eko"

local client = eko.client {
  developer_key = os.getenv "EKO_DEVELOPER_KEY",
  access_key = os.getenv "EKO_ACCESS_KEY",
  initiator_id = os.getenv "EKO_INITIATOR_ID",
  user_code = os.getenv "EKO_USER_CODE",
  base_url = os.getenv "EKO_BASE_URL",
}
local mobile = arg[1] or "9444444444"

local function last_sms()
  local otp
  for line in io.lines(os.getenv "EKO_SMS_LOG") do
    otp = line:match("^sms " .. mobile .. " %S+ (%d+)$") or otp
  end
  return otp
end

local function ask_otp()
  if os.getenv "EKO_SMS_LOG" then return last_sms() end
  io.write("OTP sent to ", mobile, ": ")
  return io.read "*l"
end

local function show(value, indent)
  local names = {}
  for name in pairs(value) do
    if name ~= "response" then names[#names + 1] = name end
  end
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  for _, name in ipairs(names) do
    local shown = value[name]
    if type(shown) == "table" then
      print(("%s%s:"):format(indent, name))
      show(shown, indent .. "  ")
    else
      if name == "wallet_token" then shown = "(a secret of " .. #shown .. " characters)" end
      print(("%s%s = %s"):format(indent, name, tostring(shown)))
    end
  end
end

local function verify(name, more)
  local wallet = client[name]
  local sender, err = wallet:get { customer_id = mobile }
  if not sender then return nil, err end
  if sender.outcome ~= "otp_sent" then return sender end
  local params = { customer_id = mobile, otp = ask_otp(), otp_ref_id = sender.otp_ref_id }
  for key, value in pairs(more or {}) do params[key] = value end
  return wallet:verify_otp(params)
end

local failed = false
for _, wallet in ipairs { { "customer" }, { "digikhata" }, { "levin", { intent_id = "19" } } } do
  local sender, err = verify(wallet[1], wallet[2])
  print(("== %s: %s"):format(wallet[1], sender and sender.outcome or tostring(err)))
  if sender then show(sender, "  ") else failed = true end
end
os.exit(failed and 1 or 0)
