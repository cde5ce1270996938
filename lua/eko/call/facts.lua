--- What a transaction is known by: what a call says of it, what an answer says of it, and whether that is the same one.
-- @module eko.call.facts
local ascii = require "eko.base.ascii"
local envelope = require "eko.call.envelope"
local money = require "eko.base.money"

local text_of = envelope.text

local facts = {}

local function digits_at_end(text) return text:sub(#text + 1 - #text:reverse():match "^%d*") end

-- Digits of an account that both sides show must be equal; what is covered is not compared.
local function same_account(ours, theirs)
  local n, m = #ours, #theirs
  if n == m then
    for i = 1, n do
      local a, b = ours:sub(i, i), theirs:sub(i, i)
      if a:find "%d" and b:find "%d" and a ~= b then return false end
    end
    return true
  end
  -- Of another length: what is covered may be covered by fewer marks; the digits before and behind the cover still count.
  if not theirs:find "%D" then return false end
  local first, last = theirs:match "^%d*", digits_at_end(theirs)
  return ours:sub(1, #first) == first and (last == "" or ours:sub(-#last) == last)
end

local COMPARE = {
  client_ref_id = function(ours, theirs) return ours == theirs end,
  tid = function(ours, theirs) return ours == theirs end,
  recipient_id = function(ours, theirs) return ours == theirs end,
  amount = function(ours, theirs)
    local a, b = money.parse(ours), money.parse(theirs)
    return a ~= nil and a == b
  end,
  account = same_account,
  ifsc = function(ours, theirs) return ascii.upper(ours) == ascii.upper(theirs) end,
}

--- What a call says of itself by which its answer can be told from another's.
-- @tparam table params values by name, as they were sent
-- @treturn table
function facts.of(params)
  local known = {}
  for name in pairs(COMPARE) do known[name] = text_of(params[name]) or nil end
  return known
end

local function differs(name, ours, value)
  local theirs = text_of(value)
  return theirs == false or theirs ~= nil and not COMPARE[name](ours, theirs)
end

--- The first thing that an answer says of another transaction.
-- @tparam table answer the envelope
-- @tparam table known of `facts.of`
-- @treturn ?string its name; nil when nothing differs
function facts.mismatch(answer, known)
  for name, ours in pairs(known) do
    local inside, beside = envelope.both(answer, name)
    if differs(name, ours, inside) or differs(name, ours, beside) then return name end
  end
end

--- Whether an answer names the transaction by the reference or the tid that is known of it.
-- @tparam table answer the envelope
-- @tparam table known
-- @treturn boolean
function facts.names(answer, known)
  for _, name in ipairs { "client_ref_id", "tid" } do
    local inside, beside = envelope.both(answer, name)
    if known[name] and (text_of(inside) == known[name] or text_of(beside) == known[name]) then return true end
  end
  return false
end

--- What an answer says of its transaction, as text.
-- @tparam table answer the envelope
-- @treturn table `{ tid, tx_status, reason }`
function facts.details(answer)
  local function one(name)
    local inside, beside = envelope.both(answer, name)
    return text_of(inside) or text_of(beside) or nil
  end
  return { tid = one "tid", tx_status = one "tx_status", reason = one "reason" }
end

return facts
