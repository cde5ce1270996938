--- Refunds: a transfer that failed after the money had left waits (tx_status 3) for the customer's OTP.
--
-- The OTP's SMS goes out when the transfer turns to refund pending, and again by `get-refund-otp`. Neither call takes a
-- `client_ref_id`. The platform publishes placeholders for the failures alone (status 1, the code as `response_status_id`); what it
-- says of a transfer that cannot be refunded, or was, is an assumption here: status 1, `response_status_id` -1, as its samples of
-- refused refund OTPs have it.
--
-- @module eko.emulator.payments.refunds
local customers = require "eko.emulator.customers"
local envelope = require "eko.emulator.envelope"
local ledger = require "eko.emulator.payments.ledger"
local ascii = require "eko.emulator.ascii"

local refunds = {}

--- The transaction that a call is about, or the answer that refuses it.
local function refundable(call)
  if call.params.client_ref_id then return nil, envelope.no_key() end
  local transaction = call.platform.transactions.by_tid[call.reference]
  if not transaction then
    return nil, envelope.refused(168, "TID does not exist")
  elseif transaction.tx_status == "4" then
    return nil, envelope.answer(1, -1, nil, "Transaction already refunded", {})
  elseif transaction.tx_status ~= "3" then
    return nil, envelope.answer(1, -1, nil, "Transaction cannot be refunded", {})
  end
  return transaction
end

local function send_otp(call)
  local transaction, refusal = refundable(call)
  if not transaction then return refusal end
  local status = call.options.envelope == "docs" and 2133 or 0
  return envelope.answer(status, status == 0 and 0 or 1, 2133, "OTP sent",
    { otp_ref_id = ledger.send_refund_otp(call.platform, transaction, call.now).ref })
end

local REFUSALS = {
  wrong = { 302, "Wrong OTP" }, unknown = { 302, "Wrong OTP" }, used = { 303, "OTP expired" },
  expired = { 303, "OTP expired" }, exhausted = { 303, "OTP expired" },
}

local function refuse_otp(call, verdict)
  local code, message = REFUSALS[verdict][1], REFUSALS[verdict][2]
  if call.options.refund.failure == "status" then return envelope.signal(code, message, {}) end
  return envelope.answer(1, code, nil, message, {})
end

local function refund(call)
  local transaction, refusal = refundable(call)
  if not transaction then return refusal end
  local verdict = call:judge_otp("refund", {
    ref = call:text "otp_ref_id" or transaction.refund_ref, mobile = transaction.mobile, rail = "refund " .. transaction.tid,
  })
  if verdict ~= "ok" then return refuse_otp(call, verdict) end
  if call.options.refund.digikhata == "agent" then
    transaction.purse = transaction.agent
  end
  ledger.turn(call.platform, transaction, "4", call.now)
  return envelope.go_on(74, "Refund done", {
    refund_tid = "3" .. ("%011.0f"):format(call.platform:next_id "transaction"), tid = transaction.tid,
    amount = ascii.format("%.2f", transaction.amount), fee = ascii.format("%.1f", transaction.fee), tds = "0.0",
    commission_reverse = "0.0", refunded_amount = ascii.format("%.2f", transaction.amount + transaction.fee),
    balance = customers.rupees(transaction.agent.balance), timestamp = ledger.indian_time(call.now), currency = "INR",
  })
end

function refunds.routes(add)
  local path = "/customer/payment/refund/{reference}"
  add { slug = "get-refund-otp", method = "POST", path = path .. "/otp", handler = send_otp }
  add { slug = "initiate-refund", method = "POST", path = path, required = { "otp" },
    optional = { "otp_ref_id", "service_code", "state" }, formats = { otp = "text", service_code = "integer", state = "integer" },
    handler = refund }
end

return refunds
