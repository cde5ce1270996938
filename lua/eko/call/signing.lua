--- Signed headers, with timestamps that are used once per key, and what the platform's answers say of our clock.
--
-- Which timestamps of a key were used stands in memory that the processes share (src/crypto/ring.c): all clients of a Lua state, the
-- children of a script, the workers of an nginx draw from one sequence. A client with a clock of its own keeps timestamps of its own.
-- @module eko.call.signing

local ascii = require "eko.base.ascii"
local core = require "eko.core"
local http_date = require "eko.base.http_date"
local outcomes = require "eko.base.outcomes"
local units = require "eko.base.units"

local MS_PER_SECOND = units.MS_PER_SECOND

local signing = {}

-- What is known of a pair of keys at a platform, for all clients of this Lua state: whether a call was let in, and how the clocks
-- differ. Kept for as long as the state lives: it is small, and forgetting it would cost a refused call.
local platforms = {}

local function platform_of(keys)
  local known = platforms[keys]
  if not known then
    known = { is_known = false, clocks = {} }
    platforms[keys] = known
  end
  return known
end

local function clock_of(clocks, name, make)
  local clock = clocks[name]
  if not clock then
    clock = { timestamps = make() }
    clocks[name] = clock
  end
  return clock
end

local methods = {}
local meta = { __index = methods, __tostring = function() return "eko.signing" end, __metatable = "eko.signing" }

local function is_nginx()
  local ngx = rawget(_G, "ngx")
  return type(ngx) == "table" and ngx.worker ~= nil
end

-- One platform, however its URL is written: case and the port that goes without saying make no difference.
local function platform_name(base_url)
  local scheme, authority, path = base_url:match "^([A-Za-z]+)://([^/]*)(.*)$"
  if not scheme then return base_url end
  scheme, authority = ascii.lower(scheme), ascii.lower(authority)
  return scheme .. "://" .. authority:gsub(scheme == "https" and ":443$" or ":80$", "") .. path
end

local function digest(text) return core.text.sha256_hex("eko timestamps " .. text) end

--- A signer for one pair of keys.
-- @tparam table options `{ developer_key =, access_key =, base_url =, clock = function or nil, timestamp_lane = { index =, count = } or
-- nil }`
-- @tparam[opt] table kin a signer with the same clock, lane and platform: its access key holds where `options` has none, and timestamps
-- are shared
-- @treturn table an object with the methods below; its `signer` and `timestamps` stay the same and may be used directly, with the time
-- that `own_clock` gives where there is one. `timestamps:last()` right after signing is what was signed with
function signing.new(options, kin)
  if kin and not options.access_key and options.developer_key == kin.developer_key then return kin end
  local lane, access_key = options.timestamp_lane, options.access_key
  local index, count = lane and lane.index or 0, lane and lane.count or 1
  local key = access_key and digest(access_key) or kin.key
  local name = ("%s/%d/%d"):format(key, index, count)
  local platform = platform_of(digest(("%s\n%s\n%s"):format(key, options.developer_key, platform_name(options.base_url))))
  local own_clock = options.clock
  -- Of what the clocks show only that is shared which was measured with the same clock.
  local clocks = own_clock and (kin and kin.clocks or {}) or platform.clocks
  local found = clock_of(clocks, name, function()
    if own_clock then return core.timestamps(index, count) end
    return core.timestamps(index, count, name, is_nginx())
  end)
  return setmetatable({
    clock = own_clock or core.text.now_ms,
    own_clock = own_clock,
    developer_key = options.developer_key,
    signer = access_key and core.signer(access_key) or kin.signer,
    timestamps = found.timestamps,
    platform = platform,
    found = found,
    key = key,
    clocks = clocks,
  }, meta)
end

--- Waits until there may be a free timestamp.
-- @tparam number ms to wait, as `timestamps` says
-- @tparam number deadline monotonic seconds
-- @tparam function carrier_of returns what has `now()` and `sleep(seconds)`, or nil where nothing can wait
-- @treturn boolean whether it waited; false when the deadline would pass
function methods:wait(ms, deadline, carrier_of) -- luacheck: ignore self
  local carrier, seconds = carrier_of(), math.max(ms, 1) / MS_PER_SECOND
  if not carrier or carrier.now() + seconds > deadline then return false end
  carrier.sleep(seconds)
  return true
end

-- Distances of clocks, and how much two answers' may differ, in ms; how many seconds apart these two must be.
local NEAR, MIDDLE, FAR, ALIKE = 30000, 600000, units.DAY * MS_PER_SECOND, 5000
local APART = 1
-- A Date leaves half a second open, on average.
local HALF_A_SECOND = 500

-- Beyond ten minutes one answer is not believed: the next one must say the same, a while later.
local function is_confirmed(found, offset, at)
  local first = found.witness
  if first and math.abs(offset - first.offset) <= ALIKE then
    if at - first.at < APART then return false end
    found.witness = nil
    return true
  end
  found.witness = { offset = offset, at = at }
  return false
end

local function correct(self, offset)
  self.timestamps:adjust(offset)
  self.found.accepted_at = nil
  self.found.corrections = self:corrections() + 1
  return "corrected"
end

--- What an authentication failure says of our clock. From 30 s to 10 min off it is corrected by one with the code 2485 or without a
-- code; up to a day by two that agree; beyond that never. One whose Date is near this machine's clock ends a correction.
-- @tparam table failure `{ code = 2483 .. 2487 or nil, date = the Date header or nil, at = monotonic seconds }`
-- @treturn ?string `"corrected"` (signing anew can help), `"agrees"` (our clock is right: the timestamp was probably used),
-- `"unconfirmed"` (a second one must say so too), `"clock_wrong"`, or nil where there is no valid Date
-- @treturn ?number with `"clock_wrong"` the platform's time, ms
-- @treturn ?number and this machine's
function methods:examine(failure)
  local system = math.floor(self.clock())
  local date = http_date.parse(failure.date, system / MS_PER_SECOND)
  if not date then return nil end
  local theirs = date * MS_PER_SECOND
  local distance, offset = theirs - system, self.timestamps:offset()
  local agrees = math.abs(distance - offset) < NEAR
  if math.abs(distance) < NEAR then
    self.found.witness = nil
    if offset ~= 0 then correct(self, 0) end
    return agrees and "agrees" or "corrected"
  end
  if agrees then return "agrees" end
  if failure.code and failure.code ~= outcomes.EXPIRED_TIMESTAMP then return "unconfirmed" end -- it is not about the time
  if math.abs(distance) > FAR then return "clock_wrong", theirs, system end
  if math.abs(distance) > MIDDLE and not is_confirmed(self.found, distance, failure.at) then return "unconfirmed" end
  return correct(self, distance + HALF_A_SECOND)
end

--- Goes on beyond what others, with whom no timestamps are shared, may have used.
-- @tparam[opt] number refused the timestamp (ms) that they had used; the newest one when left out
function methods:skip(refused)
  local own_clock = self.own_clock
  self.timestamps:skip(core.text.random(), refused or self.timestamps:last(), own_clock and own_clock())
end

--- How often the clock was corrected: what was signed before and what was signed after can be told apart by it.
-- @treturn int
function methods:corrections()
  return self.found.corrections or 0
end

--- Notes that the platform let in a call that was signed with the present correction. (A Date that said otherwise was wrong.)
-- @tparam number now monotonic seconds
function methods:accepted(now)
  local found = self.found
  found.witness = nil
  self.platform.is_known = true
  found.accepted_at, found.last_accepted_at = now, now
end

--- Whether any call with these keys was ever let in by this base URL, in this Lua state.
-- @treturn boolean
function methods:was_accepted()
  return self.platform.is_known
end

--- Whether a call that was signed with the present correction was let in of late.
-- @tparam number seconds how long ago at most
-- @tparam number now monotonic seconds
-- @tparam[opt] int corrections what `corrections` was when the call in question was signed; if there were some since, a call with any
-- counts
-- @treturn boolean
function methods:accepted_within(seconds, now, corrections)
  local found = self.found
  local at = found.accepted_at
  if corrections and corrections ~= self:corrections() then at = found.last_accepted_at end
  return at ~= nil and now - at <= seconds
end

return signing
