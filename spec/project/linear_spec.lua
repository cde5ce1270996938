-- Whatever reads text that somebody else may have written takes at most twice as long for twice as much of it. Instructions are
-- counted by callgrind, those of the interpreter's own pattern matching with the rest, so that the numbers are the same on any machine.
local command = require "spec.support.command"
local shell = require "spec.support.shell"

local LENGTH = 1024 -- bytes, and twice as many
-- Sorting and growing tables take a little more than twice as much; what is quadratic takes four times as much.
local MOST_GROWTH, SLACK = 2.3, 8000

-- callgrind's files, one for each mark, numbered as they were written.
local function counted(base, part)
  local text = shell.read_file(base .. "." .. part)
  return assert(tonumber(text:match "\nsummary: (%d+)"), "callgrind counted nothing")
end

local function run()
  local directory = shell.directory()
  local base = directory .. "/callgrind"
  local code = os.execute(("valgrind -q --tool=callgrind --dump-before=remove --callgrind-out-file=%s %s "
    .. "spec/support/linear_work.lua %d >%s/names 2>%s/errors"):format(base, command.interpreter, LENGTH, directory, directory))
  local errors = shell.read_file(directory .. "/errors")
  local cases, part = {}, 3 -- the two marks before it measure nothing
  for line in shell.read_file(directory .. "/names"):gmatch "[^\n]+" do
    local name, problem = line:match "^([^\t]*)\t?(.*)$"
    cases[#cases + 1] = { name = name, problem = problem, once = counted(base, part + 1), twice = counted(base, part + 3) }
    part = part + 4
  end
  os.execute("rm -rf " .. shell.quote(directory))
  return code == true or code == 0, cases, errors
end

describe("texts of others #harm08", function()
  local cases

  setup(function()
    assert(os.execute "command -v valgrind >/dev/null", "this spec needs valgrind: apt-get install valgrind")
    local ok, errors
    ok, cases, errors = run()
    assert(ok, errors)
  end)

  it("are read in time that grows with their length, by every function", function()
    local slow = {}
    for _, case in ipairs(cases) do
      if not case.name:find "^control" and case.twice > MOST_GROWTH * case.once + SLACK then
        slow[#slow + 1] = ("%s: %d instructions, then %d"):format(case.name, case.once, case.twice)
      end
    end
    assert.equal("", table.concat(slow, "\n"))
  end)

  it("are read without an error being raised", function()
    assert.is_true(#cases > 400)
    for _, case in ipairs(cases) do assert.equal("", case.problem, case.name) end
  end)

  it("would be seen to take longer", function()
    local seen = 0
    for _, case in ipairs(cases) do
      if case.name:find "^control" then
        seen = seen + 1
        assert.is_true(case.twice > MOST_GROWTH * case.once + SLACK, case.name)
      end
    end
    assert.equal(2, seen)
  end)
end)
