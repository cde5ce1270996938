-- start.lua BASE_URL: what a fresh process pays. Prints milliseconds of CPU for `require "eko"`, KB of Lua memory and KB of
-- resident memory that it takes, and milliseconds of CPU from exec to the first answer.

local function resident_kb()
  local file = assert(io.open "/proc/self/status")
  local kb = tonumber(file:read("*a"):match "VmRSS:%s*(%d+)")
  file:close()
  return kb
end

collectgarbage()
local lua_before, resident_before, start = collectgarbage "count", resident_kb(), os.clock()
require "eko"
local required = os.clock() - start
collectgarbage()
local lua_kb, resident = collectgarbage "count" - lua_before, resident_kb() - resident_before

local before_call = os.clock()
dofile("bench/work.lua").call(arg[1])()
local first_call = os.clock() - before_call

-- os.clock counts from exec; what stands between the two parts is our own measuring.
print(("%.4f %.1f %d %.4f"):format(required * 1000, lua_kb, resident, (start + required + first_call) * 1000))
