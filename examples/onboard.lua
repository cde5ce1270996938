-- Onboards a customer, asking on standard input for whatever a person must give (or reading it from there: one answer a line).
--
--   lua examples/onboard.lua 9444444444 levin
--
-- With EKO_ACCESS_KEY and the others in the environment it talks to that platform; without, to an emulator of its own, and takes
-- each OTP from the SMS that the emulator would have sent.
local eko = require "eko"

local client = eko.client {
  environment = os.getenv "EKO_ENVIRONMENT" or (not os.getenv "EKO_ACCESS_KEY" and "emulator" or nil),
  developer_key = os.getenv "EKO_DEVELOPER_KEY", access_key = os.getenv "EKO_ACCESS_KEY",
  initiator_id = os.getenv "EKO_INITIATOR_ID", user_code = os.getenv "EKO_USER_CODE", base_url = os.getenv "EKO_BASE_URL",
}
local mobile, wallet = arg[1] or "9444444444", arg[2] or "levin"

local function answer(need)
  local messages = client.emulator and client.emulator:sms(mobile)
  if need == "otp" and messages then return messages[#messages].otp end
  io.write(need, ": ")
  local line = io.read "*l"
  if need == "consent" then return line == "yes" end
  return need == "residence_address" and line and { line } or line
end

local step, err = eko.run(client:onboarding(wallet, { customer_id = mobile }), function(step)
  print("-- " .. (step.error and step.error.message or step.prompt))
  local inputs = {}
  for _, need in ipairs(step.needs) do
    inputs[need] = answer(need)
    if not inputs[need] then return nil end
  end
  return inputs
end)

print(step and (step.done and "done: " .. step.outcome or "stopped at " .. step.state) or tostring(err))
os.exit(step and step.done and 0 or 1)
