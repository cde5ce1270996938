-- Run by set_clock.sh, with a clock that can be set: it is off by `wrong`, the platform corrects that, and then it is set right.
local ffi = require "ffi"
local core = require "eko.core"

ffi.cdef "void set_clock(double ms);"

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
print(right .. " right")
