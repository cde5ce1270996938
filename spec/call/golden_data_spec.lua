-- What codes mean, how formats look, in which words problems are told: as spec/fixtures/golden/data.txt has it. Who changes it on
-- purpose writes that anew (see spec/support/golden_data.lua), and reads the difference.
local golden_data = require "spec.support.golden_data"

local function lines_of_fixture()
  local lines = {}
  for line in io.lines "spec/fixtures/golden/data.txt" do lines[#lines + 1] = line end
  return lines
end

-- What stands in one list and not in the other, by lines.
local function missing(from, list)
  local found, lines = {}, {}
  for _, line in ipairs(from) do found[line] = true end
  for _, line in ipairs(list) do
    if not found[line] then lines[#lines + 1] = line end
  end
  return lines
end

describe("the data of the modules", function()
  local expected, actual = lines_of_fixture(), golden_data.lines()

  it("is as the fixture has it", function()
    assert.same({}, missing(actual, expected), "gone")
    assert.same({}, missing(expected, actual), "new")
    assert.equal(#expected, #actual)
  end)

  it("is there: each kind of it", function()
    local kinds = {}
    for _, line in ipairs(actual) do
      local kind = line:match "^[%a]+%.?[%a]*"
      kinds[kind] = (kinds[kind] or 0) + 1
    end
    for kind, least in pairs { ["outcomes.codes"] = 100, ["outcomes.roles"] = 100, problem = 60 } do assert.is_true((kinds[kind] or 0) >= least, kind) end
  end)
end)
