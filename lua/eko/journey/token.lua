--- A journey as text: its data packed, sealed, and back.
-- @module eko.journey.token
local errors = require "eko.base.errors"
local json = require "eko.base.json"
local sealed = require "eko.base.sealed"
local token_shape = require "eko.journey.token_shape"

local token = {}

-- Version 1 had neither an id of its own nor counts: whoever kept one could have any number of OTPs sent.
local DATA_VERSION = 2

-- Machines' clocks differ; a token from further ahead was made under a wrong clock, and would outlive its time.
local FUTURE_SECONDS = 120

local MOST_CHARS = 2047
local MOST_ROWS = 30
local DETAILS = { "name", "dob", "residence_address" }

-- History as short rows: ms since the row before (the first: since 1970), state, call, outcome, error, to; "" for what is not there.
local function pack_history(history)
  local rows, before = {}, 0
  for i = math.max(1, #history - MOST_ROWS + 1), #history do
    local entry = history[i]
    rows[#rows + 1] = {
      entry.at - before, entry.state, entry.call or "", entry.outcome or "", entry.error or "", entry.to or "",
    }
    before = entry.at
  end
  return rows
end

local function present(value)
  return value ~= "" and value or nil
end

local function unpack_history(rows)
  local history, at = {}, 0
  for i, row in ipairs(rows) do
    at = at + row[1]
    history[i] = {
      at = at, state = row[2], call = present(row[3]), outcome = present(row[4]), error = present(row[5]), to = present(row[6]),
    }
  end
  return history
end

local function without_details(inputs)
  local rest = {}
  for name, value in pairs(inputs) do rest[name] = value end
  for _, name in ipairs(DETAILS) do rest[name] = nil end
  return rest
end

local function fits(packed)
  local plaintext = json.encode(packed)
  return sealed.length(#plaintext) <= MOST_CHARS and plaintext or nil
end

local function drop_oldest(rows)
  local first = table.remove(rows, 1)
  if rows[1] then rows[1][1] = rows[1][1] + first[1] end
end

-- Where there is not room for all, the oldest of the history goes first, then what a person can be asked again.
local function pack(data, now)
  local counts = data.counts
  local packed = {
    v = DATA_VERSION, t = now, w = data.wallet, s = data.state, c = data.customer_id, j = data.journey, i = data.inputs,
    k = data.kept, o = data.otp, x = data.wrong, l = data.left, a = data.looked, r = data.outcome, d = data.ended, b = data.limits,
    n = { counts.otps, counts.refusals, counts.calls }, u = data.resent_at, p = data.proved, e = data.enrolling, m = data.damaged,
    h = pack_history(data.history),
  }
  local plaintext = fits(packed)
  while not plaintext and packed.h[1] do
    drop_oldest(packed.h)
    plaintext = fits(packed)
  end
  if not plaintext then
    packed.i = without_details(packed.i)
    plaintext = fits(packed)
  end
  return plaintext
end

local function fail(name, message)
  return nil, errors.new { kind = "invalid_request", name = name, sent = false, retryable = false, message = message }
end

--- Seals a journey's data.
-- @tparam table data
-- @tparam {string,...} keys as of `sealed.keys`
-- @tparam table terms { now = seconds since the Unix epoch, ttl = seconds, context = text or nil }
-- @treturn[1] string less than 2,048 characters
-- @treturn[2] nil
-- @treturn[2] table an error named `token_too_large`
function token.seal(data, keys, terms)
  local now = math.floor(terms.now)
  local plaintext = pack(data, now)
  if plaintext then return sealed.seal(keys, plaintext, now + math.ceil(terms.ttl), terms.context) end
  return fail("token_too_large", "what the platform gave to keep (wallet_token, otp_ref_id) is too long for a token of less than "
    .. "2,048 characters; carry this journey on in this process")
end

local function unpacked(packed)
  return {
    wallet = packed.w, state = packed.s, customer_id = packed.c, journey = packed.j, inputs = packed.i, kept = packed.k,
    otp = packed.o, wrong = packed.x, left = packed.l, looked = packed.a, outcome = packed.r, ended = packed.d, limits = packed.b,
    counts = { otps = packed.n[1], refusals = packed.n[2], calls = packed.n[3] }, resent_at = packed.u,
    proved = packed.p, enrolling = packed.e, damaged = packed.m, history = unpack_history(packed.h),
  }
end

--- Opens a token.
-- @tparam string text the token
-- @tparam {string,...} keys as of `sealed.keys`
-- @tparam number now seconds since the Unix epoch
-- @tparam[opt] string context as it was given to `seal`
-- @treturn[1] table the journey's data
-- @treturn[2] nil
-- @treturn[2] table an error of `sealed.open`, or one named `unsupported_token_version` (what is sealed is no journey of this
-- version of the library) or `token_from_future`
function token.open(text, keys, now, context)
  local plaintext, err = sealed.open(keys, text, now, context)
  if not plaintext then return nil, err end
  local packed = json.decode(plaintext)
  if not token_shape.fits(packed, DATA_VERSION) then
    return fail("unsupported_token_version", "the token holds no journey of this version of the library")
  elseif packed.t > now + FUTURE_SECONDS then
    return fail("token_from_future", "the token was sealed later than this machine's clock says it is: one of two clocks is wrong")
  end
  return unpacked(packed)
end

return token
