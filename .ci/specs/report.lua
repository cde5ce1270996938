-- report.lua RESULTS JOBS LEFT SECONDS: what .ci/specs/run says at the end. RESULTS has a line a file (see .ci/specs/one), the slowest
-- first; there should be JOBS. LEFT lists what now lies in the tree and did not before.
local results, jobs, left, seconds = arg[1], tonumber(arg[2]), arg[3], tonumber(arg[4])
local SLOWEST = 10

local sums = { processor = 0, assertions = 0, passed = 0, failed = 0, errors = 0, pending = 0 }
local most, failing, count = {}, {}, 0 -- most: path -> the assertions of the Lua that carried out most

for line in io.lines(results) do
  local on, path, took, numbers = line:match "^(%S+) (%S+) (%S+) (.*)$"
  local each = {}
  each.processor, each.assertions, each.passed, each.failed, each.errors, each.pending =
    numbers:match "^(%S+) (%d+) (%d+) (%d+) (%d+) (%d+)$"
  for name in pairs(sums) do sums[name] = sums[name] + each[name] end
  most[path] = math.max(most[path] or 0, tonumber(each.assertions))
  count = count + 1
  if count == 1 then print "the slowest spec files, in seconds (of the processor's)" end
  if count <= SLOWEST then print(("%7.1f (%5.1f)  %-8s %s"):format(took, each.processor, on, path)) end
  if each.failed + each.errors > 0 then failing[#failing + 1] = path .. " on " .. on end
end

if count < jobs then
  failing[#failing + 1] = ("%d spec files of which nothing is known"):format(jobs - count)
  sums.errors = sums.errors + jobs - count
end
for path in io.lines(left) do
  failing[#failing + 1] = path .. " is new in the tree"
  sums.errors = sums.errors + 1
end
table.sort(failing)
for _, each in ipairs(failing) do print("FAILED: " .. each) end

local distinct, files = 0, 0
for _, number in pairs(most) do distinct, files = distinct + number, files + 1 end
print(("%d assertions in %d runs, %d of them in %d spec files on one Lua or another; %.0f seconds of the processor"):format(sums.assertions,
  count, distinct, files, sums.processor))
print(("%d successes / %d failures / %d errors / %d pending : %d seconds"):format(sums.passed, sums.failed, sums.errors, sums.pending,
  seconds))
os.exit(sums.failed + sums.errors == 0)
