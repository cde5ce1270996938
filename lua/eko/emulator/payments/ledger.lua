--- Money: agents' balances, transactions, and looking them up again.
--
-- @module eko.emulator.payments.ledger
local customers = require "eko.emulator.customers"
local envelope = require "eko.emulator.envelope"

local ledger = {}

local descriptions = {
  ["0"] = "Success", ["1"] = "Failed", ["2"] = "Awaited", ["3"] = "Refund Pending", ["4"] = "Refunded", ["5"] = "Hold",
  ["6"] = "Response Awaited",
}

--- @tparam string status a tx_status
-- @treturn string
function ledger.describe(status)
  return descriptions[status] or "Initiated"
end

--- A transaction, written down under its tid and its client_ref_id.
-- @tparam table call
-- @tparam table fields `amount`, `fee` (rupees), `tx_status`, `recipient`
-- @treturn table
function ledger.record(call, fields)
  local transaction = {
    tid = "3" .. ("%011.0f"):format(call.platform:next_id "transaction"), client_ref_id = call:text "client_ref_id",
    mobile = call.mobile, sender_name = call.customer.name, at = call.now,
    bank_ref_num = fields.tx_status == "0" and call.platform.random:digits(12) or "",
  }
  for name, value in pairs(fields) do
    transaction[name] = value
  end
  local book = call.platform.transactions
  book.by_tid[transaction.tid] = transaction
  if transaction.client_ref_id then
    book.by_ref[transaction.client_ref_id] = transaction
  end
  return transaction
end

--- Refuses a client_ref_id that a transaction already has. What the real platform does is not published; processing
-- it again would be the dangerous answer.
function ledger.duplicate(call)
  local ref = call:text "client_ref_id"
  if ref and call.options.duplicate_ref == "reject" and call.platform.transactions.by_ref[ref] then
    return envelope.refused(1, "Duplicate client_ref_id", { client_ref_id = "client_ref_id was used before" })
  end
end

--- A point in time as the platform writes it: Indian time, no zone.
function ledger.indian_time(ms)
  return os.date("!%Y-%m-%d %H:%M:%S", math.floor(ms / 1000) + 19800)
end

local function inquire(call)
  local reference = call.reference
  local by_ref = reference:match("^client_ref_id:(.*)$")
  local book = call.platform.transactions
  local found
  if by_ref then
    found = book.by_ref[by_ref]
  else
    found = book.by_tid[reference]
  end
  if not found then
    return envelope.refused(168, "TID does not exist")
  end
  local recipient = found.recipient or {}
  return envelope.go_on(1472, "Sucess! Enquiry success.", {
    tid = found.tid, client_ref_id = found.client_ref_id or "", tx_status = found.tx_status,
    txstatus_desc = ledger.describe(found.tx_status), amount = ("%.2f"):format(found.amount),
    fee = ("%.1f"):format(found.fee), gst = "0.0", bank_ref_num = found.bank_ref_num,
    sender_name = found.sender_name, recipient_name = recipient.name or "", account = recipient.account or "",
    ifsc = recipient.ifsc or "", payment_mode = 5, beneficiary_account_type = 1,
    timestamp = ledger.indian_time(found.at),
  })
end

local load_fee = 5

--- Loads a DigiKhata wallet from the agent's balance. Its answer has no tx_status.
local function load_wallet(call)
  local written = call:text "amount"
  local amount = written and written:find "^%d+%.?%d*$" and tonumber(written)
  local duplicate = ledger.duplicate(call)
  if call.rail.state ~= "active" then
    return call.rail.state == "not_enrolled" and envelope.not_found() or envelope.refused(204, "Sender not verified")
  elseif not amount or amount <= 0 then
    return envelope.refused(461, "Validation failed", { amount = "amount must be an amount in rupees" })
  elseif duplicate then
    return duplicate
  end
  local debit = customers.paise(amount + load_fee)
  if call.agent.balance < debit then
    return envelope.refused(347, "Insufficient balance")
  end
  call.agent.balance = call.agent.balance - debit
  call.rail.balance = call.rail.balance + customers.paise(amount)
  local transaction = ledger.record(call, { amount = amount, fee = load_fee, tx_status = "0" })
  return envelope.go_on(2447, "Wallet loaded successfully", {
    tid = transaction.tid, fee = ("%.1f"):format(load_fee), description = "", customer_id = "", bank_ref_num = "",
  })
end

function ledger.routes(add)
  add { slug = "transaction-inquiry", method = "GET", path = "/tools/reference/transaction/{reference}",
    handler = inquire }
  add { slug = "ppi-digikhata-load-wallet", method = "POST", rail = "digikhata",
    path = "/customer/payment/ppi-digikhata/sender/{id}/wallet/loadwallet", required = { "amount", "org_id" },
    handler = load_wallet }
end

return ledger
