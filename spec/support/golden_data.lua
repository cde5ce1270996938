--- What the modules that are data say, a line each: what codes mean, how formats look, in which words problems are told. Run as a
-- program it writes them anew: lua5.4 spec/support/golden_data.lua >spec/fixtures/golden/data.txt
local formats = require "eko.call.formats"
local outcomes = require "eko.base.outcomes"
local problems = require "eko.call.problems"

local golden_data = {}

local function by_text(a, b) return tostring(a) < tostring(b) end

local function write(lines, path, value)
  if type(value) == "function" then return end
  if type(value) ~= "table" then
    lines[#lines + 1] = path .. " = " .. tostring(value)
    return
  end
  local names = {}
  for name in pairs(value) do names[#names + 1] = name end
  table.sort(names, by_text)
  for _, name in ipairs(names) do write(lines, path .. "." .. tostring(name), value[name]) end
end

-- A parameter of each kind, in what its sentences depend on.
local PARAMETERS = {
  { name = "text", type = "string", max = 9, place = "body" }, { name = "text from", type = "string", max = 9, place = "body", from = "somewhere" },
  { name = "segment", type = "string", max = 9, place = "path" }, { name = "pan", type = "string", format = "pan", max = 9, place = "body" },
  { name = "count", type = "integer", max = 9, place = "body" }, { name = "amount", type = "integer", min = 1, max = 9, place = "body" },
  { name = "otp", type = "opaque", max = 9, place = "body" }, { name = "otp_ref_id", type = "opaque", max = 9, place = "body" },
  { name = "other", type = "opaque", max = 9, place = "body" }, { name = "list", type = "list", max = 9, place = "body" },
  { name = "address", type = "address", max = 9, place = "body" }, { name = "lines", type = "list", means = "address", max = 9, place = "body" },
  { name = "home", type = "address", means = "address", max = 9, place = "body" },
  { name = "name", type = "string", means = "name", max = 9, place = "body" }, { name = "account", type = "string", means = "account", max = 9,
    place = "body" },
}

-- In each case what is told of it and what it is called; nothing where a problem is none of such a parameter.
local function write_problems(lines)
  for _, problem in ipairs(golden_data.problems) do
    for _, param in ipairs(PARAMETERS) do
      local ok, expected, name = pcall(problems.explain, param, problem, "lin")
      if ok and expected then lines[#lines + 1] = ("problem %s of %s = %s: %s"):format(problem, param.name, name, expected) end
    end
  end
end

--- What the core calls the problems (src/draft/draft.c, src/draft/draft_values.c).
golden_data.problems = {
  "missing", "empty", "type", "format", "strict", "length", "utf8", "control", "lines", "items", "item length", "address value",
  "address name", "address lines", "number", "fraction", "blanks", "hidden", "birth", "spreadsheet", "capture", "capture failed", "extra name",
    "extra known", "extra reference", "extra value", "extra scalar", "extra utf8", "extra control",
}

--- @treturn table lines
function golden_data.lines()
  local lines = {}
  write(lines, "formats", formats)
  write(lines, "outcomes", outcomes)
  for _, name in ipairs { "wrong_otp", "transaction_not_found", "damaged_reference", "wrong_wallet_token" } do
    lines[#lines + 1] = ("advice %s = %s"):format(name, outcomes.advice(name))
  end
  for _, status in ipairs { 100, 299, 300, 399, 402, 499, 599, 600 } do
    lines[#lines + 1] = ("HTTP %d = %s: %s"):format(status, outcomes.of_http(status))
  end
  write_problems(lines)
  return lines
end

if arg and arg[0] and arg[0]:find "golden_data%.lua$" then
  io.write(table.concat(golden_data.lines(), "\n"), "\n")
end

return golden_data
