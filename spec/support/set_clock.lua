-- Run by set_clock.sh, with a clock that can be set: it is off by `wrong`, the platform corrects that, and then it is set right.
local ffi = require "ffi"
local core = require "eko.core"

ffi.cdef "void set_clock(double ms); void set_boot(double ms);"

local function near(ts, expected) return math.abs(ts - expected) < 2000 end

local right = 0
for _, wrong in ipairs { 3600000, -3600000, 90000, -90000, 86300000, -86300000 } do
  ffi.C.set_clock(0)
  local truth, source = core.text.now_ms(), core.timestamps()
  ffi.C.set_clock(wrong)
  assert(near(source:next(), truth + wrong))
  source:adjust(-wrong)
  assert(near(source:next(), truth))
  ffi.C.set_clock(wrong + 10000) -- a little is no reason
  assert(near(source:next(), truth + 10000) and source:offset() == -wrong)
  ffi.C.set_clock(0)
  local ts = assert(source:next())
  -- (What was handed out ten seconds ahead stays used.)
  if ts - truth < 12000 and ts >= truth and source:offset() == 0 then right = right + 1 end
end

-- A clock that was 131,072 s ahead (that is how much a ring holds) for two minutes, and was set right.
local source, T, minutes = core.timestamps(), 1700000000000, 0
for second = 0, 120 do assert(source:next(T + (131072 + second) * 1000)) end
while not source:next(T) do
  minutes = minutes + 1
  assert(minutes <= 10)
  ffi.C.set_boot(minutes * 60000)
end
print(("%d right, %d minutes"):format(right, minutes))
