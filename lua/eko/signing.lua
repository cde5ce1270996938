--- Signed headers, with timestamps that are used once per key.
-- Every client of one access key in a Lua state draws from the same timestamps, so that two clients cannot collide;
-- processes that share a key take lanes. A client with a clock of its own keeps timestamps of its own.
-- @module eko.signing

local core = require "eko.core"

local signing = {}

-- A source that some client holds stays findable; one that was used lately is kept although nobody holds it, because a
-- new one for the same key would start at the clock, behind what the old one handed out.
local findable = setmetatable({}, { __mode = "v" }) -- fingerprint of key and lane -> source
local kept, kept_count = {}, 0
local KEEP_MS, PRUNE_AT = 300000, 256

local function prune(now)
  for source in pairs(kept) do
    if now - source.timestamps:last() > KEEP_MS then
      kept[source] = nil
      kept_count = kept_count - 1
    end
  end
end

local function shared_source(access_key, index, count, now)
  local name = ("%s/%d/%d"):format(core.text.sha256_hex("eko timestamps " .. access_key), index, count)
  local source = findable[name]
  if not source then
    if kept_count >= PRUNE_AT then prune(now) end
    source = { timestamps = core.timestamps(index, count) }
    findable[name] = source
    kept[source] = true
    kept_count = kept_count + 1
  end
  return source
end

local methods = {}
local meta = { __index = methods, __tostring = function() return "eko.signing" end, __metatable = "eko.signing" }

--- A signer for one pair of keys.
-- @param options { developer_key =, access_key =, clock = function or nil, timestamp_lane = { index =, count = } or nil }
-- @return an object with `sign(deadline, carrier_of)` and `correct(server_ms)`
function signing.new(options)
  local lane = options.timestamp_lane
  local index, count = lane and lane.index or 0, lane and lane.count or 1
  local clock = options.clock or core.text.now_ms
  local source
  if options.clock then
    source = { timestamps = core.timestamps(index, count) }
  else
    source = shared_source(options.access_key, index, count, clock())
  end
  local signer, developer_key = core.signer(options.access_key), options.developer_key
  local timestamps, own_clock, stamp = source.timestamps, options.clock, signer.stamp
  return setmetatable({
    next = function()
      local secret_key, timestamp = stamp(signer, timestamps, own_clock and own_clock())
      return secret_key, timestamp, developer_key
    end,
    clock = clock,
    source = source, -- held, so that it stays findable
    timestamps = timestamps,
  }, meta)
end

--- The signature of one attempt: made now, with a timestamp that was never used before.
-- @param deadline monotonic seconds until which it may wait for a free timestamp
-- @param carrier_of returns what has `now()` and `sleep(seconds)`; only asked when it must wait
-- @return secret key, timestamp, developer key (the values of the three headers), or nil when the deadline would pass
function methods:sign(deadline, carrier_of)
  while true do
    local secret_key, timestamp, developer_key = self.next()
    if secret_key then return secret_key, timestamp, developer_key end
    local carrier = carrier_of()
    local wait = math.max(timestamp, 1) / 1000
    if carrier.now() + wait > deadline then return nil end
    carrier.sleep(wait)
  end
end

local TOLERANCE_MS = 30000

--- Moves the signing clock to the platform's when they are more than 30 s apart.
-- @param server_ms the platform's time in ms (the Date of an answer, so exact to a second)
-- @return true when it was moved
function methods:correct(server_ms)
  local ours = self.clock() + self.timestamps:offset()
  local drift = server_ms - ours
  if drift > -TOLERANCE_MS and drift < TOLERANCE_MS then return false end
  self.timestamps:adjust(self.timestamps:offset() + drift)
  return true
end

return signing
