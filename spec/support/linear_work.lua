--- Runs below callgrind and calls what `spec.support.linear_cases` lists, each for two lengths of input. `os.remove` marks where
-- a measured call begins and ends: callgrind writes down what it counted at each of its calls (--dump-before=remove). The names
-- of the cases go to standard output, in order, "name<TAB>problem" where one could not be called.
if rawget(_G, "jit") then jit.off() end

local LENGTH = tonumber(arg[1])

local cases = require "spec.support.linear_cases"

local measured = {}

local MOST_GARBAGE = 65536 -- KiB
local LARGE = 65536 -- bytes

local function measure(call)
  if collectgarbage "count" > MOST_GARBAGE then collectgarbage() end
  -- What was freed is put in order by the next large allocation: it is none of the call's.
  local _ = ("x"):rep(LARGE)
  os.remove ""
  local ok, problem = pcall(call)
  os.remove ""
  return ok, problem
end

-- Where much is slow, what was seen by then will do.
local MOST_SECONDS = 200

collectgarbage "stop"
measure(function() end)
for _, case in ipairs(cases) do
  if os.clock() > MOST_SECONDS then break end
  local ok, problem
  for _, n in ipairs { LENGTH, 2 * LENGTH } do
    local call = case.make(n)
    ok, problem = measure(call)
  end
  measured[#measured + 1] = case.name .. (ok and "" or "\t" .. tostring(problem):gsub("%c", " "))
end
io.write(table.concat(measured, "\n"), "\n")
