-- A flow of your own, tried out against an emulator in this process: no account, no network.
-- Five calls in a row, each fed by the answers before it: a DMT sender pays a new recipient.
--
--   lua examples/prototype.lua
local eko = require "eko"

local client = eko.client { environment = "emulator" }
local mobile, known = "9444444444", {}
client.emulator:enrol(mobile, { name = "Asha Rao", fino = "active" })

local function last_otp()
  local messages = client.emulator:sms(mobile)
  return messages[#messages].otp
end

-- The flow: a verb, the outcome it must have, its parameters, and what of the result is needed later.
local flow = {
  { "get", "active", function() return {} end },
  { "add_recipient", "recipient_added", function()
    return { recipient_name = "Ravi Kumar", recipient_mobile = "9876543210", account = "12345678901", ifsc = "SBIN0000123" }
  end, "recipient_id" },
  { "recipients", "recipients", function() return {} end },
  { "send_transfer_otp", "otp_sent", function() return { recipient_id = known.recipient_id, amount = 500 } end, "otp_ref_id" },
  { "transfer", "completed", function()
    return { recipient_id = known.recipient_id, amount = 500, otp = last_otp(), otp_ref_id = known.otp_ref_id,
      client_ref_id = "prototype-1" }
  end, "tid" },
}

for _, call in ipairs(flow) do
  local verb, expected, params, kept = call[1], call[2], call[3](), call[4]
  params.customer_id = mobile
  local result, err = client.fino[verb](client.fino, params)
  if not result or result.outcome ~= expected then
    print(("%s: wanted %s, got %s"):format(verb, expected, tostring(result and result.outcome or err)))
    os.exit(1)
  end
  if kept then known[kept] = result[kept] end
  print(("%-18s %s"):format(verb, result.outcome))
end
print("transaction " .. known.tid .. " for the customer " .. client.emulator:customer(mobile).name)
