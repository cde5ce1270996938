--- A balancer that lost an answer and repeats the request, byte for byte: the platform sees it twice.
--
-- One of the two passes is the platform's ordinary one, which moves the money. `debits` says whether that is the "first" (so as a
-- balancer does it) or the "second" (the first was refused by a node that had its reasons); `answer` whose answer the caller
-- gets, by default the second's. The other pass is the copy. What the platform makes of it says `copy`:
--
-- | copy | |
-- |---|---|
-- | `replayed` | 2485: its timestamp was used. The default |
-- | `other` | it meets a node with a replay memory of its own, and is judged by the rest. Short: `node = "other"` |
-- | `duplicate` | such a node, which refuses the `client_ref_id` as a duplicate |
-- | `consumed` | such a node, which declines: 55, 'OTP already Consumed', with a tid of its own (a load has no OTP: as `debits`) |
-- | `debits` | such a node, which knows nothing: the money leaves again |
--
-- With `later = n` the second pass comes only after n further requests were answered; with `answer` = "second" the caller would
-- have to wait for it, so it goes with "first" alone.
--
-- @module eko.emulator.balancer
local options = require "eko.emulator.options"

local balancer = {}

-- How a node judges the copy: its replay memory, duplicate references, the OTP.
local COPIES = {
  replayed = { replay = "used" },
  other = { replay = "unknown" },
  duplicate = { replay = "unknown", duplicate_ref = "always" },
  consumed = { replay = "unknown", duplicate_ref = "process", otp = "used" },
  debits = { replay = "unknown", duplicate_ref = "process", otp = "unused" },
}

local ordinary = {}
local BESIDE_A_DECLINED_COPY = { duplicate_ref = "process" }

local ORDINALS = { first = true, second = true }

--- Raises (without a position) when a plan makes no sense.
-- @tparam table plan
function balancer.check(plan)
  if plan.copy ~= nil and not COPIES[plan.copy] then
    error(("eko.emulator: there is no copy '%s' (did you mean '%s'?)"):format(tostring(plan.copy),
      options.nearest(tostring(plan.copy), COPIES)), 0)
  elseif plan.node ~= nil and plan.node ~= "same" and plan.node ~= "other" then
    error("eko.emulator: a balancer's `node` is same or other", 0)
  end
  for _, name in ipairs { "debits", "answer" } do
    if plan[name] ~= nil and not ORDINALS[plan[name]] then
      error(("eko.emulator: a balancer's `%s` is first or second"):format(name), 0)
    end
  end
  if plan.later ~= nil and (type(plan.later) ~= "number" or plan.later < 1 or plan.answer ~= "first") then
    error('eko.emulator: a balancer\'s `later` is a number from 1, and goes with answer = "first"', 0)
  end
end

--- Lets the platform see a request twice.
-- @tparam table fault
-- @tparam function pass (judgement) -> response, envelope, outcome: carries the request out once
-- @treturn function first
-- @treturn function second both without parameters, to be called in this order
-- @treturn boolean whether the caller gets the second's answer
function balancer.passes(fault, pass)
  local kind = fault.copy or (fault.node == "other" and "other") or "replayed"
  local function copy() return pass(COPIES[kind]) end
  local function own() return pass(kind == "consumed" and BESIDE_A_DECLINED_COPY or ordinary) end
  local tells_second = fault.answer ~= "first"
  if fault.debits == "second" then return copy, own, tells_second end
  return own, copy, tells_second
end

return balancer
