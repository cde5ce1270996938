--- Transfers: the OTP that is bound to recipient and amount, and the transfer itself.
--
-- @module eko.emulator.payments.transfers
local check = require "eko.emulator.check"
local customers = require "eko.emulator.customers"
local envelope = require "eko.emulator.envelope"
local ledger = require "eko.emulator.payments.ledger"
local ascii = require "eko.emulator.ascii"
local recipients = require "eko.emulator.payments.recipients"

local transfers = {}

local BOUNDS = { digikhata = { 100, 50000 }, levin = { 100, 50000 }, fino = { 100, 5000 } }

--- What is charged: 1 %, at least 10 rupees on DMT and 4 on a wallet.
local function fee_for(rail, amount)
  return math.max(rail.name == "fino" and 10 or 4, math.floor(amount / 100))
end

local function prepare(call)
  local refusal = recipients.not_ready(call)
  if refusal then return nil, refusal end
  local recipient = recipients.find(call.rail, check.integer(call.params.recipient_id))
  -- Without a bank registration (beneficiary_id null) no money can go out.
  if not recipient or not recipient.beneficiary_id then
    return nil, envelope.refused(313, "Recipient registration not done",
      { recipient_id = "recipient_id is not registered" })
  end
  local amount, limits = check.integer(call.params.amount), BOUNDS[call.rail.name]
  if amount < limits[1] or amount > limits[2] then
    return nil, envelope.refused(461, "Validation failed",
      { amount = ("amount must be %d to %d"):format(limits[1], limits[2]) })
  end
  return { recipient = recipient, amount = amount, fee = fee_for(call.rail, amount),
    binding = ("%.0f %.0f"):format(recipient.id, amount) }
end

local function over_limit(call, order)
  return customers.used(call.rail, call.now) + order.amount > call.rail.limit
end

local function send_otp(call)
  local order, refusal = prepare(call)
  if not order then
    return refusal
  elseif over_limit(call, order) then
    return envelope.signal(36, "Sender/Beneficiary monthly limit exhausted", {})
  end
  local ref = call:issue_otp("transfer", { binding = order.binding }).ref
  local published = call.rail.name ~= "fino" and call.options.envelope == "docs"
  return envelope.answer(published and 2133 or 0, published and 1 or 0, 2133, "OTP sent", { otp_ref_id = ref })
end

local function declined(call, order, reason, transaction)
  local data = { tx_status = "1", txstatus_desc = "Failed", reason = reason }
  if transaction then
    data.tid, data.amount = transaction.tid, ascii.format("%.2f", order.amount)
    data.client_ref_id, data.balance = transaction.client_ref_id or "", customers.rupees(call.agent.balance)
  end
  return envelope.signal(55, "Transaction declined. Please try after sometime.", data)
end

local REASONS = {
  used = "OTP already Consumed", wrong = "Wrong OTP", unknown = "Wrong OTP", expired = "OTP expired",
  exhausted = "OTP expired",
}

--- Whose money moves: DigiKhata spends what was loaded onto the wallet, the others the agent's balance (the customer
-- paid in cash).
local function purse(call)
  return call.rail.name == "digikhata" and call.rail or call.agent
end

local function wallet_fields(call, order, transaction)
  local recipient = order.recipient
  local data = {
    debit_user_id = call.initiator_id, channel = call:text "channel" or "2", txn_wallet = "0",
    utility_acc_no = call.mobile, sender_name = call.mobile, ekyc_enabled = "0",
    remaining_limit_before_pan_required = 50000, balance = customers.rupees(call.rail.balance), is_otp_required = "0",
    pipe = 13, state = "1", timestamp = call:text "timestamp", pan_required = 2, gst_benefit = "0.0",
    last_used_okekey = "0", customer_id = call.mobile, account = recipient.account,
  }
  for _, name in ipairs {
    "total_sent", "utrnumber", "insurance_acquired", "totalfee", "next_allowed_limit", "aadhar", "pinNo",
    "payment_mode_desc", "npr", "insurance_amount", "paymentid", "mdr", "kyc_state",
  } do
    data[name] = ""
  end
  data.bank_ref_num = transaction.bank_ref_num
  return data
end

local function fino_fields(call, order, transaction)
  return {
    sender_name = call.customer.name, balance = customers.rupees(call.agent.balance), account = order.recipient.account,
    client_ref_id = transaction.client_ref_id, timestamp = os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(call.now / 1000)),
    bank_ref_num = transaction.bank_ref_num,
  }
end

local function accepted(call, order, transaction)
  local data = (call.rail.name == "fino" and fino_fields or wallet_fields)(call, order, transaction)
  data.tx_status, data.txstatus_desc, data.tid = "0", "Success", transaction.tid
  data.amount, data.fee = ascii.format("%.2f", order.amount), ascii.format("%.1f", order.fee)
  data.collectable_amount = ascii.format("%.1f", order.amount + order.fee)
  data.service_tax, data.tds, data.commission = "0.0", "0.0", "0.0"
  data.recipient_name, data.recipient_id = order.recipient.name, order.recipient.id
  data.bank, data.channel_desc, data.currency = recipients.bank(order.recipient.ifsc), "IMPS", "INR"
  return envelope.go_on(325, "Transaction successful", data)
end

local TX_STATUS = { success = "0", failed = "1", awaited = "2", refund_pending = "3", on_hold = "5", response_awaited = "6" }

local function record(call, order)
  return ledger.record(call, { amount = order.amount, fee = order.fee, recipient = order.recipient, purse = purse(call),
    spends = call.rail })
end

local function execute(call, order)
  local outcome = call.options.transfer.outcome
  if type(outcome) == "function" then
    outcome = outcome { mobile = call.mobile, amount = order.amount, rail = call.rail.name }
  end
  local transaction = record(call, order)
  if outcome == "failed" then return declined(call, order, "Beneficiary bank declined", transaction) end
  ledger.turn(call.platform, transaction, TX_STATUS[outcome] or "2", call.now)
  if transaction.tx_status == "0" then return accepted(call, order, transaction) end
  -- On its way: status 0, yet no response_type_id, and the money may still come back.
  return envelope.answer(0, 0, nil, "Transaction in progress", {
    tx_status = transaction.tx_status, txstatus_desc = ledger.describe(transaction.tx_status), tid = transaction.tid,
    amount = ascii.format("%.2f", order.amount),
  })
end

local function refuse_wording(call)
  local channel = call:text "channel"
  if channel and channel ~= "1" and channel ~= "2" then
    return envelope.refused(460, "Invalid channel", { channel = "channel must be 2" })
  elseif call.params.currency and call.params.currency ~= "INR" then
    return envelope.refused(461, "Validation failed", { currency = "currency must be INR" })
  end
  return ledger.duplicate(call)
end

local function transfer(call)
  local refusal = refuse_wording(call)
  if refusal then return refusal end
  local order
  order, refusal = prepare(call)
  if not order then return refusal end
  local verdict = call:judge_otp("transfer", { binding = order.binding })
  if verdict ~= "ok" then
    return declined(call, order, REASONS[verdict], verdict == "used" and record(call, order))
  elseif over_limit(call, order) then
    return declined(call, order, "Sender/beneficiary monthly limit exhausted")
  elseif purse(call).balance < customers.paise(order.amount + order.fee) then
    return declined(call, order, "Insufficient balance")
  end
  return execute(call, order)
end

local WALLET_OPTIONS = { "beneficiary_id", "latlong", "state", "service_code", "recipient_id_type", "wallet_token" }
local FORMATS = { amount = "amount", recipient_id = "integer" }

function transfers.routes(add)
  local function pair(rail, path, send_slug, transfer_slug, extra)
    add { slug = send_slug, method = "POST", path = path .. "/otp", rail = rail, formats = FORMATS,
      required = { "customer_id", "recipient_id", "amount" },
      optional = { "service_code", "beneficiary_id", "intent_id", "wallet_token" }, handler = send_otp }
    add { slug = transfer_slug, method = "POST", path = path, rail = rail, formats = FORMATS, required = extra.required,
      optional = extra.optional, handler = transfer }
  end
  local wallet = { required = { "customer_id", "recipient_id", "amount", "timestamp", "currency", "channel", "otp",
    "otp_ref_id" }, optional = WALLET_OPTIONS }
  pair("digikhata", "/customer/payment/ppi-digikhata", "ppi-digikhata-send-transaction-otp",
    "ppi-digikhata-initiate-transaction", wallet)
  pair("levin", "/customer/payment/ppi-levin", "ppi-levin-send-transaction-otp", "ppi-levin-initiate-transaction",
    wallet)
  pair("fino", "/customer/payment/dmt-fino", "dmt-send-otp", "dmt-initiate-transfer", {
    required = { "customer_id", "recipient_id", "amount", "otp", "otp_ref_id", "client_ref_id" },
    optional = { "currency", "channel", "latlong", "state", "timestamp" },
  })
end

return transfers
