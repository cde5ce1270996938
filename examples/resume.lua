-- One journey, two processes: the first starts it and puts it away as text, the second goes on from that text, on any machine
-- that holds the key. In between the customer reads an SMS.
--
--   export EKO_TOKEN_KEY=... (32 random characters or more), EKO_ACCESS_KEY and the others
--   lua examples/resume.lua start 9444444444 > token
--   lua examples/resume.lua finish token
--
-- To try it: start `eko emulator --show-sms` and set EKO_BASE_URL and the keys to what it prints.
local eko = require "eko"

local client = eko.client {
  developer_key = os.getenv "EKO_DEVELOPER_KEY", access_key = os.getenv "EKO_ACCESS_KEY",
  initiator_id = os.getenv "EKO_INITIATOR_ID", user_code = os.getenv "EKO_USER_CODE", base_url = os.getenv "EKO_BASE_URL",
}
local key = assert(os.getenv "EKO_TOKEN_KEY", "set EKO_TOKEN_KEY")

local function start(mobile)
  local flow = client:onboarding("levin", { customer_id = mobile, name = "Asha Rao", dob = "1990-01-31",
    residence_address = { "12 MG Road", "Pune", "Maharashtra", "411001" } })
  local step = assert(flow:advance())
  io.stderr:write(step.prompt, "\n")
  print(flow:suspend(key))
end

local function finish(path)
  local flow = assert(client:resume(assert(io.open(path)):read "*l", key))
  local step = assert(eko.run(flow, function(step)
    local inputs = {}
    if step.error then io.stderr:write(step.error.message, "\n") end
    for _, need in ipairs(step.needs) do
      io.stderr:write(step.prompt, " ", need, ": ")
      inputs[need] = io.read "*l"
      if need == "consent" then inputs.consent = inputs.consent == "yes" end
      if not inputs[need] then return nil end
    end
    return inputs
  end))
  print(step.done and "done: " .. step.outcome or "stopped at " .. step.state)
end

local action = ({ start = start, finish = finish })[arg[1]]
if not (action and arg[2]) then
  io.stderr:write "usage: resume.lua start <mobile> | finish <file>\n"
  os.exit(2)
end
action(arg[2])
