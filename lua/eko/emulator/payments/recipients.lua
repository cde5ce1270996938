--- Recipients of transfers: list, add, and the bank registration of the PPI rails.
--
-- @module eko.emulator.payments.recipients
local envelope = require "eko.emulator.envelope"
local check = require "eko.emulator.check"
local json = require "eko.emulator.json"

local recipients = {}

local DAY_MS, COOLING_MS = 24 * 3600 * 1000, 3600 * 1000
local LIMIT_BEFORE_PAN = 50000

local BANKS = { SBIN = "State Bank of India", HDFC = "HDFC Bank", ICIC = "ICICI Bank", UTIB = "Axis Bank" }

--- The name of the bank behind an IFSC.
-- @tparam string ifsc
-- @treturn string
function recipients.bank(ifsc)
  return BANKS[ifsc:sub(1, 4)] or (ifsc:sub(1, 4) .. " Bank")
end

local function mask_account(account)
  return account:sub(1, 1) .. ("X"):rep(#account - 6) .. account:sub(-5)
end

--- Refuses a customer who is not through onboarding on the call's rail.
-- @tparam table call
-- @treturn ?table envelope
function recipients.not_ready(call)
  if call.rail.state == "not_enrolled" then
    return envelope.not_found()
  elseif call.rail.state ~= "active" then
    return envelope.refused(204, "Sender not verified")
  end
end

--- @tparam table rail
-- @tparam ?number id
-- @treturn ?table
function recipients.find(rail, id)
  for _, recipient in ipairs(rail.recipients) do
    if recipient.id == id then return recipient end
  end
end

local function listed(call, recipient)
  local item = {
    recipient_id = recipient.id, beneficiary_id = recipient.beneficiary_id or json.null,
    recipient_name = recipient.name, recipient_mobile = recipient.mobile, bank = recipients.bank(recipient.ifsc),
    ifsc = recipient.ifsc, account = mask_account(recipient.account), account_type = "Bank Account", ifsc_status = 3,
    is_verified = 0, is_otp_required = "0", pipes = { ["3"] = { pipe = 3, status = 1 } },
  }
  if call.rail.name == "fino" then
    item.bank_recipient_id, item.account = recipient.id, recipient.account
    return item
  end
  for name, value in pairs {
    channel_absolute = 0, available_channel = 0, channel = 0, allowed_channel = 0, is_self_account = "0",
    is_imps_scheduled = 0, imps_inactive_reason = "", recipient_id_type = "acc_ifsc", is_rblbc_recipient = 1,
  } do
    item[name] = value
  end
  return item
end

function recipients.list(call)
  if call.rail.state == "not_enrolled" then
    return envelope.not_found()
  elseif #call.rail.recipients == 0 then
    return envelope.answer(0, -1, 22, "No recepients found")
  end
  local list = json.list()
  for index, recipient in ipairs(call.rail.recipients) do
    list[index] = listed(call, recipient)
  end
  return envelope.go_on(23, "Success!", {
    pan_required = 2, remaining_limit_before_pan_required = LIMIT_BEFORE_PAN, recipient_list = list,
    is_insured = call.rail.name ~= "fino" and "" or nil,
  })
end

local function duplicate(call)
  if call.rail.name == "fino" then return envelope.answer(342, 1, -1, "Recipient already registered", {}) end
  return envelope.signal(2148, "dmt.add.beneficiary.failed",
    { bank_recipient_id = "0", description = "Beneficiary allready added!" })
end

local function refuse_addition(call, ifsc, account)
  local added_today = 0
  for _, recipient in ipairs(call.rail.recipients) do
    if recipient.account == account and recipient.ifsc == ifsc then
      return duplicate(call)
    elseif call.now - recipient.added_at < DAY_MS then
      added_today = added_today + 1
    end
  end
  -- The platform publishes the daily limit but not the code for it; 39 is its 'maximum reached'.
  if call.rail.name ~= "fino" and added_today >= call.options.transfer.recipients_per_day then
    return envelope.refused(39, "Max recipient limit reached")
  end
end

function recipients.add(call)
  local refusal = recipients.not_ready(call)
  if refusal then return refusal end
  -- Both names are in use for the IFSC; where both come, bank_code is a bank selector.
  local ifsc = call:text "ifsc" or call:text "bank_code"
  if not ifsc or not check.has("ifsc", ifsc) then
    return envelope.refused(136, "Validation failed", { ifsc = "ifsc is not an IFSC" })
  end
  local account = call:text "account"
  refusal = refuse_addition(call, ifsc, account)
  if refusal then return refusal end
  local id = call.platform:next_id "recipient"
  local fino = call.rail.name == "fino"
  table.insert(call.rail.recipients, {
    id = id, beneficiary_id = fino and id or nil, name = call.params.recipient_name,
    mobile = call:text "recipient_mobile", ifsc = ifsc, account = account, added_at = call.now,
  })
  return envelope.go_on(43, "Success!Please transact using Recipientid", {
    recipient_id = id, customer_id = call.mobile, recipient_mobile = call:text "recipient_mobile",
    initiator_id = call.initiator_id, pipes = {}, recipient_id_type = not fino and "" or nil,
    otp_ref_id = fino and "" or nil,
  })
end

local function named_recipient(call)
  local recipient = recipients.find(call.rail, check.integer(call.params.recipient_id))
  if not recipient then
    return nil, envelope.refused(313, "Recipient registration not done", { recipient_id = "recipient_id is not known" })
  end
  return recipient
end

local function registered(recipient, ref)
  return envelope.go_on(1741, "Beneficiary registered", {
    beneficiary_id = ("%d"):format(recipient.beneficiary_id or recipient.pending_id), otp_ref_id = ref,
    recipient_name = "", ifsc = "", account = "", recipient_id = "",
  })
end

--- Levin registers at once, without an OTP.
-- @tparam table call
-- @treturn table the answer
function recipients.register(call)
  local recipient, refusal = named_recipient(call)
  if not recipient then return refusal end
  recipient.beneficiary_id = recipient.beneficiary_id or call.platform:next_id "beneficiary"
  return registered(recipient)
end

function recipients.send_bank_otp(call)
  local recipient, refusal = named_recipient(call)
  if not recipient then
    return refusal
  elseif recipient.registered_at and call.now - recipient.registered_at < COOLING_MS then
    return envelope.refused(461, "Recipient is in its cooling period")
  end
  recipient.pending_id = recipient.beneficiary_id or call.platform:next_id "beneficiary"
  call.rail.registering = recipient.id
  return registered(recipient, call:issue_otp("recipient").ref)
end

function recipients.verify_bank_otp(call)
  local verdict = call:judge_otp("recipient")
  local recipient = recipients.find(call.rail, call.rail.registering)
  if verdict ~= "ok" or not recipient then
    local rsid = verdict == "wrong" and 302 or (verdict == "expired" or verdict == "exhausted") and 303 or 1
    return envelope.signal(2131, "Validate OTP Failed", { description = "" }, rsid)
  end
  recipient.beneficiary_id, recipient.registered_at = recipient.pending_id, call.now
  -- Documented with status 2131 although it is the good answer; the vendor's own client looks for status 0.
  local status = tonumber(call.options.digikhata.recipient_status)
  return envelope.answer(status, 0, 2131, "Validate OTP", { application_id = "" })
end

local ADD_FORMATS = { recipient_mobile = "mobile", recipient_name = "recipient_name", account = "account" }

function recipients.routes(add)
  local function route(rail, base, entry)
    entry.rail, entry.path = rail, base .. "/sender/{id}" .. entry.path
    add(entry)
  end
  local digikhata, levin, fino =
    "/customer/payment/ppi-digikhata", "/customer/payment/ppi-levin", "/customer/payment/dmt-fino"
  local required = { "recipient_name", "recipient_mobile", "account" }
  route("digikhata", digikhata, { slug = "ppi-digikhata-get-recipients", method = "GET", path = "/recipients",
    handler = recipients.list })
  route("digikhata", digikhata, { slug = "ppi-digikhata-add-recipient", method = "POST", path = "/recipient",
    required = required, documented = { "bank_id", "bank_code" }, optional = { "ifsc" }, formats = ADD_FORMATS,
    handler = recipients.add })
  route("digikhata", digikhata, { slug = "ppi-digikhata-recipient-bank-otp", method = "POST",
    path = "/recipient/bank/otp", required = { "recipient_id" }, handler = recipients.send_bank_otp })
  route("digikhata", digikhata, { slug = "ppi-digikhata-validate-recipient-otp", method = "POST",
    path = "/recipient/bank/otp/verify", required = { "otp", "otp_ref_id" },
    optional = { "service_code", "intent_id" }, handler = recipients.verify_bank_otp })
  route("levin", levin, { slug = "ppi-levin-get-recipients", method = "GET", path = "/recipients",
    optional = { "wallet_token" }, handler = recipients.list })
  route("levin", levin, { slug = "ppi-levin-add-recipient", method = "POST", path = "/recipient", required = required,
    documented = { "bank_id", "recipient_type", "ifsc" },
    optional = { "bank_code", "type", "account_type", "wallet_token" }, formats = ADD_FORMATS,
    handler = recipients.add })
  route("levin", levin, { slug = "ppi-levin-add-recipient-bank", method = "POST", path = "/bank/recipient",
    required = { "recipient_id" }, optional = { "wallet_token" }, handler = recipients.register })
  route("fino", fino, { slug = "dmt-get-recipients", method = "GET", path = "/recipients",
    handler = recipients.list })
  route("fino", fino, { slug = "dmt-add-recipient", method = "POST", path = "/recipient", required = required,
    documented = { "ifsc" }, optional = { "bank_code", "bank_id", "recipient_type" }, formats = ADD_FORMATS,
    handler = recipients.add })
end

return recipients
