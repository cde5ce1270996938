--- Clients of the library over a transport that answers from a list and keeps what it was asked.
--
--     local transport, seen = scripted.transport { { name = "timeout" }, { body = scripted.PROFILE } }
--     local client = scripted.client(transport, { retries = 0 })

local eko = require "eko"

local scripted = {}

scripted.KEYS = { developer_key = "test-developer-key", access_key = "test-access-key-123", initiator_id = "9962981729", user_code = "20810200" }

--- @treturn client over a transport
function scripted.client(transport, more)
  local options = { transport = transport, base_url = "http://127.0.0.1:1/ekoapi/v3" }
  for name, value in pairs(scripted.KEYS) do options[name] = value end
  for name, value in pairs(more or {}) do options[name] = value end
  return eko.client(options)
end

--- @tparam table answers each `{ status, headers, body }`, an error (`{ name, message, sent }`) or a function of the request; the last is
-- given again and again
-- @treturn function a transport
-- @treturn table the requests that it was given
function scripted.transport(answers)
  local seen = {}
  return function(request)
    seen[#seen + 1] = request
    local answer = answers[math.min(#seen, #answers)]
    if type(answer) == "function" then answer = answer(request) end
    if answer.name then return nil, { name = answer.name, message = answer.message, sent = answer.sent } end
    return { status = answer.status or 200, headers = answer.headers or {}, body = answer.body }
  end, seen
end

scripted.PROFILE = '{"status":0,"response_status_id":-1,"response_type_id":309,"message":"ok","data":{"customer_profile":{"name":"A",'
  .. '"mobile":"9444444444","balance":"0.00","kyc_state":1,"chart":[{"data_type_id":10,"label":"","data":{"used":1,"remaining":2,'
  .. '"unavailable":0}}]},"wallet_token":"a.b.c"}}'
scripted.VERIFY = { customer_id = "9444444444", otp = "012345", otp_ref_id = "a+/=~", intent_id = "19" }
scripted.TRANSFER = { recipient_id = 1, amount = 100, customer_id = "9444444444", otp = "1234", otp_ref_id = "66", client_ref_id = "REF-1" }
scripted.GET = { customer_id = "9444444444" }

return scripted
