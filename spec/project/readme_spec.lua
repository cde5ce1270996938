-- The code in the README and in the guides is run as it stands there, each example alone, and prints what it says.
local FILES = { "README.md", "docs/onboarding.md" }

--- @return a list of { file =, number =, code =, lines = what stands after --> }
local function examples()
  local list = {}
  for _, file in ipairs(FILES) do
    local handle = assert(io.open(file))
    local text, number = handle:read "*a", 0
    handle:close()
    for code in text:gmatch "```lua\n(.-)```" do
      number = number + 1
      local lines = {}
      for line in code:gmatch "%-%->%s*([^\n]+)" do lines[#lines + 1] = line end
      list[#list + 1] = { file = file, number = number, code = code, lines = lines }
    end
  end
  return list
end

local function plain(text) return (text:gsub("%s+", " ")) end

-- "..." at the end of a line stands for its rest.
local function is_printed(line, printed)
  local beginning = plain(line):match "^(.-) ?%.%.%.$"
  for _, each in ipairs(printed) do
    if plain(each) == plain(line) or beginning and plain(each):sub(1, #beginning) == beginning then return true end
  end
  return false
end

--- Runs an example with no more than Lua's own globals; a name that it has not made is an error.
-- @return whether it ran, why not, and the lines that it printed
local function run(code)
  local printed = {}
  local function print(...)
    local parts = {}
    for j = 1, select("#", ...) do parts[j] = tostring((select(j, ...))) end
    printed[#printed + 1] = table.concat(parts, " ")
  end
  local env = setmetatable({ print = print }, { __index = function(_, name)
    return rawget(_G, name) or error("the example has no variable " .. name, 2)
  end })
  local chunk
  if setfenv then
    chunk = setfenv(assert(loadstring(code, "example")), env)
  else
    chunk = assert(load(code, "example", "t", env))
  end
  local ok, problem = pcall(chunk)
  return ok, problem, printed
end

describe("an example of the documentation", function()
  local count = {}
  for _, example in ipairs(examples()) do
    count[example.file] = example.number
    it(("works as it stands, alone: %s, number %d #harm16"):format(example.file, example.number), function()
      local ok, problem, printed = run(example.code)
      assert.is_true(ok, tostring(problem))
      for _, line in ipairs(example.lines) do
        assert.is_true(is_printed(line, printed), line .. " was not printed: " .. table.concat(printed, " | "))
      end
    end)
  end

  it("is in each of the files", function()
    assert.is_true(count["README.md"] >= 3)
    assert.is_true(count["docs/onboarding.md"] >= 1)
  end)
end)
