--- Signed headers, with timestamps that are used once per key.
-- Every client of one access key in a Lua state draws from the same timestamps, so that two clients cannot collide;
-- processes that share a key take lanes, the workers of an nginx by themselves. A client with a clock of its own keeps
-- timestamps of its own.
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

local function shared_source(fingerprint, index, count, now)
  local name = ("%s/%d/%d"):format(fingerprint, index, count)
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

-- Gives a signer its timestamps; returns the function that draws from them.
local function bind(self, index, count)
  local own_clock = self.own_clock
  local source = own_clock and { timestamps = core.timestamps(index, count) }
    or shared_source(self.fingerprint, index, count, self.clock())
  self.source = source -- held, so that it stays findable
  self.timestamps = source.timestamps
  local signer, timestamps, developer_key, stamp = self.signer, source.timestamps, self.developer_key, self.signer.stamp
  return function()
    local secret_key, timestamp = stamp(signer, timestamps, own_clock and own_clock())
    return secret_key, timestamp, developer_key
  end
end

-- A worker's share of a lane. The machine's index is the lowest digit and the generation the next, so that neither
-- machines nor the workers before and after a reload can meet, whatever their number of workers. A process without an
-- id (the privileged agent) takes what only worker 0 of the other generation has, which is gone but for a reload.
local function worker_lane(ngx, index, count)
  local id, generation = ngx.worker.id(), core.generation % 2
  if not id then id, generation = 0, 1 - generation end
  return index + count * (generation + 2 * id), count * 2 * ngx.worker.count()
end

local PHASE_MS = 5000

-- With lua_code_cache off every request has a Lua state of its own, and so timestamps of its own on the same lane: they
-- begin somewhere ahead of the clock, each somewhere else.
local function begin_apart(self)
  if core.opened_by == core.connection.pid() and not self.own_clock and self.timestamps:last() == 0 then
    self.timestamps:next(self.clock() + core.text.random() * PHASE_MS)
  end
end

-- Inside nginx the lane is known only in the worker: a client that was made in init_by_lua is there in all of them.
local function next_in_nginx(self, ngx, index, count)
  local before_fork
  return function()
    if ngx.get_phase() == "init" then
      before_fork = before_fork or bind(self, index, count)
      return before_fork()
    end
    self.next = bind(self, worker_lane(ngx, index, count))
    begin_apart(self)
    self.is_settled = true
    return self.next()
  end
end

--- A signer for one pair of keys.
-- @param options { developer_key =, access_key =, clock = function or nil, timestamp_lane = { index =, count = } or nil };
--   inside nginx the workers share the lane out among themselves
-- @return an object with `sign(deadline, carrier_of)`, `correct(server_ms)` and `skip()`; once `is_settled`, its `signer` and
--   `timestamps` stay the same and may be used directly, with the time that `own_clock` gives where there is one
function signing.new(options)
  local lane = options.timestamp_lane
  local index, count = lane and lane.index or 0, lane and lane.count or 1
  local self = setmetatable({
    clock = options.clock or core.text.now_ms,
    own_clock = options.clock,
    developer_key = options.developer_key,
    signer = core.signer(options.access_key),
    fingerprint = core.text.sha256_hex("eko timestamps " .. options.access_key),
  }, meta)
  local ngx = rawget(_G, "ngx")
  if type(ngx) == "table" and ngx.worker and ngx.get_phase then
    self.next = next_in_nginx(self, ngx, index, count)
  else
    self.next = bind(self, index, count)
    self.is_settled = true
  end
  return self
end

--- The signature of one attempt: made now, with a timestamp that was never used before.
-- @param deadline monotonic seconds until which it may wait for a free timestamp
-- @param carrier_of returns what has `now()` and `sleep(seconds)`, or nil where nothing can wait; only asked when it must
-- @return secret key, timestamp, developer key (the values of the three headers), or nil when the deadline would pass
function methods:sign(deadline, carrier_of)
  while true do
    local secret_key, timestamp, developer_key = self.next()
    if secret_key then return secret_key, timestamp, developer_key end
    local carrier = carrier_of()
    local wait = math.max(timestamp, 1) / 1000
    if not carrier or carrier.now() + wait > deadline then return nil end
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

local SKIP_MS = 30000

--- Leaves timestamps out: somebody else uses this lane too, and is likely to have used the next ones as well.
function methods:skip()
  self.timestamps:next(self.clock() + (1 + core.text.random()) / 2 * SKIP_MS)
end

-- What an authentication failure tells of our clock, and when the platform last let us in.
function methods:examine(f)
  local date = require("eko.http_date").parse(f.date)
  if not date then return nil end
  if f.code and f.code ~= 2485 then return "agrees" end
  if self:correct(date * 1000 + 500) then return "corrected" end
  return "agrees"
end
function methods:accepted(at) self.accepted_at = at end
function methods:was_accepted() return self.accepted_at ~= nil end
function methods:accepted_within(s, now) return self.accepted_at ~= nil and now - self.accepted_at < s end

return signing
