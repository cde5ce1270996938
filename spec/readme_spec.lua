-- The README's code is run as it stands there.
local function blocks()
  local text = assert(io.open("README.md")):read("*a")
  local list = {}
  for block in text:gmatch("```lua\n(.-)```") do list[#list + 1] = block end
  return list
end

describe("the README", function()
  local list = blocks()
  local expected = { { "aadhaar_required" }, { "true\t0.00" }, {}, {} }

  it("has an example of a call, of a journey, of calls side by side and of an inquiry", function() assert.equal(#expected, #list) end)

  for i, block in ipairs(list) do
    it("has code that works: example " .. i, function()
      local printed = {}
      local function print(...)
        local parts = {}
        for j = 1, select("#", ...) do parts[j] = tostring((select(j, ...))) end
        printed[#printed + 1] = table.concat(parts, "\t")
      end
      local eko = require "eko"
      -- what a reader has at hand after the first example
      local env = setmetatable({ print = print, eko = eko, client = eko.client { environment = "emulator" } }, { __index = _G })
      local chunk
      if setfenv then
        chunk = setfenv(assert(loadstring(block, "README")), env)
      else
        chunk = assert(load(block, "README", "t", env))
      end
      chunk()
      for _, line in ipairs(expected[i]) do
        local found = false
        for _, each in ipairs(printed) do found = found or each == line end
        assert.is_true(found, line .. " was not printed: " .. table.concat(printed, " | "))
      end
    end)
  end
end)
