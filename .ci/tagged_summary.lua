-- tagged_summary.lua RESULTS NN ... : what .ci/tagged_results.lua wrote, by number; the numbers' sentences come on standard input.
-- Ends with 1 when a number has no spec that failed by an assertion.
local sentences = {}
for line in io.lines() do
  local number, sentence = line:match "^(%d%d) (.*)$"
  sentences[number] = sentence
end

local KINDS = { { "failure", "fails by an assertion" }, { "error", "fails by an error" }, { "pending", "was not run" },
  { "success", "passes" } }

local by_number = {}
for i = 2, #arg do by_number[arg[i]] = { failure = {}, error = {}, pending = {}, success = {} } end

local file, file_tags
for line in io.lines(arg[1]) do
  local status, rest = line:match "^(%a+)\t?(.*)$"
  if status == "file" then
    file, file_tags = rest:match "^(%S+)\t(.*)$"
  elseif status ~= "end" then
    local tags, name, message = rest:match "^([^\t]*)\t([^\t]*)\t(.*)$"
    local seen = {}
    for number in (tags ~= "" and tags or file_tags):gmatch "#harm(%d%d)" do
      if by_number[number] and not seen[number] then
        seen[number] = true
        local list = by_number[number][status]
        list[#list + 1] = ("%s: %s%s"):format(file, name, message ~= "" and "\n         " .. message or "")
      end
    end
  end
end

local without = {}
for i = 2, #arg do
  local number = arg[i]
  local counted = by_number[number]
  print(("\n%s %s\n   %d by an assertion, %d by an error, %d not run, %d passed"):format(number, sentences[number], #counted.failure,
    #counted.error, #counted.pending, #counted.success))
  for _, kind in ipairs(KINDS) do
    for _, each in ipairs(counted[kind[1]]) do print(("   %s: %s"):format(kind[2], each)) end
  end
  if #counted.failure == 0 then without[#without + 1] = number end
end
if #without > 0 then
  print("\nno spec fails by an assertion for: " .. table.concat(without, ", "))
  os.exit(1)
end
print "\nevery number has a spec that fails by an assertion"
