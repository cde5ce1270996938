--- What valgrind wrote into a log.

local valgrind_report = {}

local known
local function sources_of_ours()
  if known then return known end
  known = {}
  local pipe = assert(io.popen "find src -name '*.c'")
  for path in pipe:lines() do known[path:match "[^/]*$"] = true end
  pipe:close()
  return known
end

-- A frame is shown with its source file where there is debug information, with its library elsewhere.
local function has_frame_of_ours(block)
  if block:find("eko/core.so", 1, true) then return true end
  for name in block:gmatch "%(([%w_]+%.c):%d+%)" do
    if sources_of_ours()[name] then return true end
  end
  return false
end

--- The errors and leaks in whose stack the C core stands; nginx and LuaJIT have some of their own.
-- @return a list of texts
function valgrind_report.of_ours(log)
  local found, block = {}, {}
  for line in (log .. "\n"):gmatch "([^\n]*)\n" do
    local text = line:match "^==%d+== ?(.*)$"
    if text and text ~= "" then
      block[#block + 1] = text
    else
      local whole = table.concat(block, "\n")
      if has_frame_of_ours(whole) then found[#found + 1] = whole end
      block = {}
    end
  end
  return found
end

return valgrind_report
