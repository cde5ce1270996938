--- A platform with a customer who may transact on every rail, and transfers made by hand.
--
--     local s = rails.new { transfer = { outcome = "awaited" } }
--     local id = s.recipient "fino"
--     local body, response = s.transfer("fino", id, 500, { client_ref_id = "ref-1" })

local answers = require "spec.support.answers"
local assert = require "luassert"
local emulated = require "spec.support.emulator_platform"

local rails = { mobile = emulated.mobile, start_ms = emulated.start_ms }

local mobile, merge = emulated.mobile, emulated.merge

--- Base path, and what the rail wants beside the recipient's name and account.
rails.all = {
  digikhata = { "/customer/payment/ppi-digikhata", { bank_id = 11, bank_code = "SBIN0000123" } },
  levin = { "/customer/payment/ppi-levin", { bank_id = 11, ifsc = "SBIN0000123", recipient_type = "3" } },
  fino = { "/customer/payment/dmt-fino", { ifsc = "SBIN0000123" } },
}

rails.bank = { recipient_name = "Ravi Kumar", recipient_mobile = "9876543210", account = "12345678901" }

--- A transfer's parameters, its OTP apart.
function rails.fields(rail, id, amount, extra)
  local fields = { customer_id = mobile, recipient_id = id, amount = amount, client_ref_id = "ref-1" }
  if rail ~= "fino" then
    fields = merge(fields, { timestamp = "2026-09-21T14:13:20Z", currency = "INR", channel = 2 })
  end
  return merge(fields, extra or {})
end

local function add_calls(s)
  --- A recipient whose bank account is registered where the rail wants that.
  function s.recipient(rail)
    local base = rails.all[rail][1] .. "/sender/" .. mobile
    local body = s.call("POST", base .. "/recipient", merge(rails.bank, rails.all[rail][2]))
    assert.equal("recipient_added", answers.of(body))
    local id = body.data.recipient_id
    if rail == "levin" then
      assert.equal("bank_registered", answers.of(s.call("POST", base .. "/bank/recipient", { recipient_id = id })))
    elseif rail == "digikhata" then
      body = s.call("POST", base .. "/recipient/bank/otp", { recipient_id = id })
      assert.equal("bank_registered", answers.of(body))
      assert.truthy(body.data.otp_ref_id:find("~Channel4~", 1, true))
      body = s.call("POST", base .. "/recipient/bank/otp/verify", { otp = s.otp(), otp_ref_id = body.data.otp_ref_id })
      assert.equal("recipient_verified", answers.of(body))
    end
    return id
  end

  --- Has the OTP of a transfer sent; answers its otp_ref_id.
  function s.transfer_otp(rail, id, amount)
    return s.call("POST", rails.all[rail][1] .. "/otp", { customer_id = mobile, recipient_id = id, amount = amount }).data.otp_ref_id
  end

  --- A transfer's parameters, with an OTP of its own.
  function s.order(rail, id, amount, extra)
    local ref = s.transfer_otp(rail, id, amount)
    return rails.fields(rail, id, amount, merge({ otp = s.otp(), otp_ref_id = ref }, extra or {}))
  end

  function s.transfer(rail, id, amount, extra)
    return s.call("POST", rails.all[rail][1], s.order(rail, id, amount, extra))
  end

  function s.inquire(reference)
    return s.call("GET", "/tools/reference/transaction/" .. reference)
  end
end

--- @tparam[opt] table options of the platform; the clock (`s.clock.ms`) stands still
-- @treturn table what `emulator_platform.new` gives, and `recipient`, `transfer_otp`, `order`, `transfer`, `inquire`
function rails.new(options)
  local s = emulated.new(merge({
    customers = { [mobile] = { digikhata = "active", levin = "active", fino = "active", balance = 5000, name = "Asha Rao" } },
  }, options or {}))
  add_calls(s)
  return s
end

return rails
