--- Money: agents' balances, transactions, and looking them up again.
--
-- @module eko.emulator.payments.ledger
local customers = require "eko.emulator.customers"
local envelope = require "eko.emulator.envelope"
local ascii = require "eko.emulator.ascii"

local ledger = {}

local DESCRIPTIONS = {
  ["0"] = "Success", ["1"] = "Failed", ["2"] = "Awaited", ["3"] = "Refund Pending", ["4"] = "Refunded", ["5"] = "Hold",
  ["6"] = "Response Awaited",
}

--- @tparam string status a tx_status
-- @treturn string
function ledger.describe(status)
  return DESCRIPTIONS[status] or "Initiated"
end

--- An empty book of transactions.
-- @treturn table
function ledger.book()
  return { by_tid = {}, by_ref = {}, list = {} }
end

--- Where a transaction's money is not on its way or away: it failed, or it was refunded.
local AT_HOME = { ["1"] = true, ["4"] = true }

--- A transaction, written down under its tid and its `client_ref_id`; its money has not moved yet, see `ledger.turn`.
-- A reference stays with the transaction whose money left: a copy that was declined does not hide it.
-- @tparam table call
-- @tparam table fields `amount`, `fee` (rupees), `purse` (what pays: a table with `balance` in paise); `recipient`,
-- `spends` (the rail whose monthly limit it uses up), `fills` (what gets the amount: a table with `balance`)
-- @treturn table with tx_status "1"
function ledger.record(call, fields)
  local book = call.platform.transactions
  local transaction = {
    tid = "3" .. ("%011.0f"):format(call.platform:next_id "transaction"), client_ref_id = call:text "client_ref_id",
    mobile = call.mobile, sender_name = call.customer.name, at = call.now, slug = call.route.slug, agent = call.agent,
    tx_status = "1", bank_ref_num = "", out = false, left = false,
  }
  for name, value in pairs(fields) do
    transaction[name] = value
  end
  book.by_tid[transaction.tid] = transaction
  book.list[#book.list + 1] = transaction
  local known = transaction.client_ref_id and book.by_ref[transaction.client_ref_id]
  if transaction.client_ref_id and not (known and known.left) then
    book.by_ref[transaction.client_ref_id] = transaction
  end
  return transaction
end

local function move(transaction, direction, now)
  local purse, amount = transaction.purse, customers.paise(transaction.amount)
  purse.balance = purse.balance + direction * (amount + customers.paise(transaction.fee))
  if transaction.fills then
    transaction.fills.balance = transaction.fills.balance - direction * amount
  end
  if transaction.spends then
    transaction.spends.used = math.max(0, customers.used(transaction.spends, now) - direction * transaction.amount)
  end
end

--- Sends the customer the OTP of a refund. Each transfer has its own.
-- @tparam table platform internals
-- @tparam table transaction
-- @tparam number now
-- @treturn table session
function ledger.send_refund_otp(platform, transaction, now)
  local session = platform.otp:issue {
    mobile = transaction.mobile, rail = "refund " .. transaction.tid, purpose = "refund", now = now,
  }
  transaction.refund_ref = session.ref
  return session
end

--- Gives a transaction another status, and the money follows: it is out (paid by the purse) unless the status is 1 or 4. One that
-- turns to refund pending sends the customer an OTP.
-- @tparam table platform internals
-- @tparam table transaction
-- @tparam string status a tx_status
-- @tparam number now
function ledger.turn(platform, transaction, status, now)
  local out = not AT_HOME[status]
  if out ~= transaction.out then
    move(transaction, out and -1 or 1, now)
    transaction.out, transaction.left = out, transaction.left or out
  end
  if status == "3" and transaction.tx_status ~= "3" then
    ledger.send_refund_otp(platform, transaction, now)
  end
  if status == "0" and transaction.bank_ref_num == "" then
    transaction.bank_ref_num = platform.random:digits(12)
  end
  transaction.tx_status = status
end

--- @tparam table platform internals
-- @tparam string reference a tid or a `client_ref_id`
-- @treturn ?table
function ledger.find(platform, reference)
  local book = platform.transactions
  return book.by_tid[reference] or book.by_ref[reference]
end

--- What was written down, oldest first.
-- @tparam table platform internals
-- @tparam[opt] string reference only what has this `client_ref_id` or tid
-- @treturn table list of `{ tid, client_ref_id, slug, tx_status, amount, fee, left, at }`; `left`: its money left (it may be back)
function ledger.list(platform, reference)
  local list = {}
  for _, each in ipairs(platform.transactions.list) do
    if reference == nil or each.client_ref_id == reference or each.tid == reference then
      list[#list + 1] = {
        tid = each.tid, client_ref_id = each.client_ref_id, slug = each.slug, tx_status = each.tx_status,
        amount = ascii.format("%.2f", each.amount), fee = ascii.format("%.2f", each.fee), left = each.left, at = each.at,
      }
    end
  end
  return list
end

--- Refuses a `client_ref_id` that a transaction already has. What the real platform does is not published; processing
-- it again would be the dangerous answer.
-- @tparam table call
-- @treturn ?table the answer that refuses
function ledger.duplicate(call)
  local ref, mode = call:text "client_ref_id", call.judgement.duplicate_ref or call.options.duplicate_ref
  if ref and (mode == "always" or (mode == "reject" and call.platform.transactions.by_ref[ref])) then
    return envelope.refused(1, "Duplicate client_ref_id", { client_ref_id = "client_ref_id was used before" })
  end
end

--- A point in time as the platform writes it: Indian time, no zone.
-- @tparam number ms since 1970
-- @treturn string
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
  if not found then return envelope.refused(168, "TID does not exist") end
  local recipient = found.recipient or {}
  return envelope.go_on(1472, "Sucess! Enquiry success.", {
    tid = found.tid, client_ref_id = found.client_ref_id or "", tx_status = found.tx_status,
    txstatus_desc = ledger.describe(found.tx_status), amount = ascii.format("%.2f", found.amount),
    fee = ascii.format("%.1f", found.fee), gst = "0.0", bank_ref_num = found.bank_ref_num,
    sender_name = found.sender_name, recipient_name = recipient.name or "", account = recipient.account or "",
    ifsc = recipient.ifsc or "", payment_mode = 5, beneficiary_account_type = 1,
    timestamp = ledger.indian_time(found.at),
  })
end

local LOAD_FEE = 5

--- Loads a DigiKhata wallet from the agent's balance. Its answer has no tx_status.
local function load_wallet(call)
  local written = call:text "amount"
  local amount = written and (written:find "^%d+$" or written:find "^%d+%.%d*$") and ascii.number(written)
  local duplicate = ledger.duplicate(call)
  if call.rail.state ~= "active" then
    return call.rail.state == "not_enrolled" and envelope.not_found() or envelope.refused(204, "Sender not verified")
  elseif not amount or amount <= 0 then
    return envelope.refused(461, "Validation failed", { amount = "amount must be an amount in rupees" })
  elseif duplicate then
    return duplicate
  end
  local debit = customers.paise(amount + LOAD_FEE)
  if call.agent.balance < debit then return envelope.refused(347, "Insufficient balance") end
  local transaction = ledger.record(call, { amount = amount, fee = LOAD_FEE, purse = call.agent, fills = call.rail })
  ledger.turn(call.platform, transaction, "0", call.now)
  return envelope.go_on(2447, "Wallet loaded successfully", {
    tid = transaction.tid, fee = ascii.format("%.1f", LOAD_FEE), description = "", customer_id = "", bank_ref_num = "",
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
