-- time.lua WORK BASE_URL WARM_UP COUNT: microseconds of CPU (user and system, of this process) that one piece of work takes.

local name, base_url, warm_up, count = arg[1], arg[2], tonumber(arg[3]), tonumber(arg[4])
local once = dofile("bench/work.lua")[name](base_url)

for _ = 1, warm_up do once() end
local start = os.clock()
for _ = 1, count do once() end
print(("%.6f"):format((os.clock() - start) * 1e6 / count))
