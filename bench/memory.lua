-- memory.lua BASE_URL: KB of Lua memory and KB resident after 1,000 calls, then after 100,000.

local once = dofile("bench/work.lua").call_own_clock(arg[1])

local function used_after(calls)
  for _ = 1, calls do once() end
  collectgarbage()
  collectgarbage()
  local file = assert(io.open "/proc/self/status")
  local resident = tonumber(file:read("*a"):match "VmRSS:%s*(%d+)")
  file:close()
  return collectgarbage "count", resident
end

local lua_1, resident_1 = used_after(1000)
local lua_100, resident_100 = used_after(99000)
print(("%.1f %d %.1f %d"):format(lua_1, resident_1, lua_100, resident_100))
