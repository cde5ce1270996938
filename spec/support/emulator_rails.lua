--- A platform with a customer who may transact on every rail, and transfers made by hand.
--
--     local s = rails.new { transfer = { outcome = "awaited" } }
--     local id = s.recipient "fino"
--     local body, response = s.transfer("fino", id, 500, { client_ref_id = "ref-1" })

local caller = require "spec.support.emulator_caller"
local emulator = require "eko.emulator"

local rails = { mobile = "9444444444", start_ms = 1790000000000 }

local mobile = rails.mobile

--- Base path, and what the rail wants beside the recipient's name and account.
rails.all = {
  digikhata = { "/customer/payment/ppi-digikhata", { bank_id = 11, bank_code = "SBIN0000123" } },
  levin = { "/customer/payment/ppi-levin", { bank_id = 11, ifsc = "SBIN0000123", recipient_type = "3" } },
  fino = { "/customer/payment/dmt-fino", { ifsc = "SBIN0000123" } },
}

local bank = { recipient_name = "Ravi Kumar", recipient_mobile = "9876543210", account = "12345678901" }

local function merge(...)
  local all = {}
  for _, part in ipairs { ... } do
    for name, value in pairs(part) do all[name] = value end
  end
  return all
end

--- status / response_status_id / response_type_id in one string, "-" for what is absent.
function rails.signal(body)
  local function show(value) return type(value) == "number" and ("%d"):format(value) or "-" end
  return show(body.status) .. "/" .. show(body.response_status_id) .. "/" .. show(body.response_type_id)
end

local function add_calls(s)
  --- Answers decoded JSON (nil for other bodies) and the HTTP answer, whose `fault` is left in it.
  function s.call(method, path, params, headers)
    local response = s.platform:handle(s.request(method, path, params, headers))
    local is_json, body = pcall(caller.json.decode, response.body)
    return is_json and body or nil, response
  end

  function s.otp()
    local inbox = s.platform:sms(mobile)
    return inbox[#inbox].otp
  end

  --- A recipient whose bank account is registered.
  function s.recipient(rail)
    local base = rails.all[rail][1] .. "/sender/" .. mobile
    local id = s.call("POST", base .. "/recipient", merge(bank, rails.all[rail][2])).data.recipient_id
    if rail == "levin" then
      s.call("POST", base .. "/bank/recipient", { recipient_id = id })
    elseif rail == "digikhata" then
      local ref = s.call("POST", base .. "/recipient/bank/otp", { recipient_id = id }).data.otp_ref_id
      s.call("POST", base .. "/recipient/bank/otp/verify", { otp = s.otp(), otp_ref_id = ref })
    end
    return id
  end

  --- A transfer's parameters, with an OTP of its own.
  function s.order(rail, id, amount, extra)
    local ref = s.call("POST", rails.all[rail][1] .. "/otp", { customer_id = mobile, recipient_id = id, amount = amount }).data.otp_ref_id
    local fields = { customer_id = mobile, recipient_id = id, amount = amount, client_ref_id = "ref-1", otp = s.otp(), otp_ref_id = ref }
    if rail ~= "fino" then
      fields = merge(fields, { timestamp = "2026-09-21T14:13:20Z", currency = "INR", channel = 2 })
    end
    return merge(fields, extra or {})
  end

  function s.transfer(rail, id, amount, extra)
    return s.call("POST", rails.all[rail][1], s.order(rail, id, amount, extra))
  end

  function s.inquire(reference)
    return s.call("GET", "/tools/reference/transaction/" .. reference)
  end
end

--- @tparam[opt] table options of the platform; the clock (`s.clock.ms`) stands still
-- @treturn table `platform`, `clock`, `request`, `call`, `otp`, `recipient`, `order`, `transfer`, `inquire`
function rails.new(options)
  local clock = { ms = rails.start_ms }
  local platform = emulator.new(merge({
    seed = 42, clock = function() return clock.ms end,
    customers = { [mobile] = { digikhata = "active", levin = "active", fino = "active", balance = 5000, name = "Asha Rao" } },
  }, options or {}))
  local s = { platform = platform, clock = clock, request = caller.new {
    developer_key = platform.developer_key, access_key = platform.access_key, base = platform.base_path,
    clock = function() return clock.ms end,
  } }
  add_calls(s)
  return s
end

return rails
