-- .ci/specs: which spec files run where, and what is said of those that fail.
local shell = require "spec.support.shell"

local runs = dofile ".ci/specs/select.lua"

local function paths_of(command)
  local list = {}
  for path in shell.output_of(command):gmatch "[^\n]+" do list[#list + 1] = path end
  return list
end

local SPECS = paths_of "find spec -name '*_spec.lua' ! -path spec/project/rock_spec.lua | sort"

-- path -> how often it is in it
local function chosen(what)
  local counts = {}
  for _, each in ipairs(runs.select(what, SPECS)) do counts[each.path] = (counts[each.path] or 0) + 1 end
  return counts
end

describe("the list of spec files", function()
  it("has no line that no file is meant by, and a reason in each", function()
    local seen = {}
    for _, each in ipairs(runs.list.files) do
      local meant = 0
      for _, path in ipairs(SPECS) do
        if not seen[path] and runs.fits(runs.name_of(path), each[1]) then
          seen[path], meant = true, meant + 1
        end
      end
      assert.is_true(meant > 0, each[1])
      assert.truthy(each.why and each.why:find "%a", each[1])
    end
  end)

  it("has each file run once on Lua 5.4, and once at most on LuaJIT, by `make test` and `make check` together", function()
    local times = { ["lua5.4"] = {}, luajit = {} }
    for _, what in ipairs { "test", "check" } do
      for _, each in ipairs(runs.select(what, SPECS)) do times[each.on][each.path] = (times[each.on][each.path] or 0) + 1 end
    end
    local twice = 0
    for _, path in ipairs(SPECS) do
      assert.equal(1, times["lua5.4"][path], path)
      assert.is_true((times.luajit[path] or 0) <= 1, path)
      twice = twice + (times.luajit[path] or 0)
    end
    assert.is_true(twice > #SPECS / 2)
  end)

  it("has each C file's specs run under valgrind, and under ASan", function()
    local under_valgrind, under_asan = chosen "valgrind", chosen "asan"
    for _, source in ipairs(paths_of "find src -name '*.c' | sort") do
      local names = runs.list.c[source]
      assert.truthy(names and names[1], source .. " has no spec in .ci/specs/list.lua")
      for _, name in ipairs(names) do
        local path = "spec/" .. name .. "_spec.lua"
        assert.same({ 1, 1 }, { under_valgrind[path], under_asan[path] }, source .. ": " .. path)
      end
    end
    for source in pairs(runs.list.c) do assert.truthy(shell.content(source), source .. " is not there") end
  end)

  it("has only files that are there run in nginx", function()
    for what, names in pairs(runs.list.nginx) do
      local found = chosen(what)
      for name in pairs(names) do assert.equal(1, found["spec/" .. name .. "_spec.lua"], name) end
    end
  end)
end)

describe("a run of spec files", function()
  local directory
  setup(function() directory = shell.directory() end)
  teardown(function() os.execute("rm -rf " .. shell.quote(directory)) end)

  local function run(specs, environment)
    local paths = {}
    for name, code in pairs(specs) do
      paths[#paths + 1] = ("%s/%s_spec.lua"):format(directory, name)
      if code then shell.write_file(paths[#paths], code) end
    end
    return shell.run(("env EKO_JOBS=2 BUILD=%s/build SPECS='%s' %s .ci/specs/run lua5.4"):format(directory, table.concat(paths, " "),
      environment or ""))
  end

  local function it_says(code) return ("describe('it', function() it('says', function() %s end) end)"):format(code) end

  it("counts the assertions, and says what became of the specs in busted's words", function()
    local status, said = run { first = it_says "assert.equal(1, 1) assert.is_true(true) assert.same({}, {})", second = it_says "assert(1)" }
    assert.equal(0, status, said)
    assert.truthy(said:find("\n4 assertions in 2 runs, 4 of them in 2 spec files on one Lua or another; %d+ seconds of the processor\n"), said)
    assert.truthy(said:find "\n2 successes / 0 failures / 0 errors / 0 pending : %d+ seconds\n$", said)
    assert.truthy(said:find "%d+%.%d %( *%d+%.%d%)  lua5%.4   /.*/first_spec%.lua\n", said)
  end)

  -- What is in a file, and what is said of it then; variables.
  local FAILURES = {
    { "an assertion that does not hold", "assert.equal(1, 2, 'the two')", "the two\nExpected objects to be equal." },
    { "an error", "error 'oops'", "oops" },
    { "a signal", "os.execute 'kill -SEGV $PPID'", "it ended with the status 139" },
    { "no end", "while true do end", "it did not end in 1 seconds", "EKO_SPEC_SECONDS=1" },
    { "an end too early", "os.exit(0)", "it ran no spec" },
    { "a process that is left", "os.execute 'sleep 60 &'", "it left a process: sleep 60" },
    { "a process of another session that is left", "os.execute 'setsid sleep 61 &'", "it left a process: sleep 61" },
    { "a file that is left", "io.open(os.tmpname(), 'w'):close()", "it left a file: 1" },
    { "an assertion that says nothing", "assert.is(1)", "assert.is asserts nothing" },
    { "an assertion that there is not", "assert.is_tru(1)", "unknown modifier/assertion: 'is_tru'" },
  }
  for _, case in ipairs(FAILURES) do
    it("fails for " .. case[1] .. ", and says so", function()
      local status, said = run({ good = it_says "assert(1)", bad = it_says(case[2]) }, case[4])
      assert.equal(1, status, said)
      assert.truthy(said:find(case[3], 1, true), said)
      assert.truthy(said:find("\nFAILED: " .. directory .. "/bad_spec.lua on lua5.4\n", 1, true), said)
      if not case[4] then assert.is_nil(said:find("FAILED: " .. directory .. "/good", 1, true), said) end
      assert.is_nil(said:find(" / 0 failures / 0 errors", 1, true), said)
    end)
  end

  it("fails for a file without a spec, with an error, or that is not there", function()
    local status, said = run { none = "describe('it', function() end)", broken = "describe(", absent = false }
    assert.equal(1, status, said)
    assert.truthy(said:find "none_spec%.lua: it ran no spec\n", said)
    assert.truthy(said:find("unexpected symbol near <eof>", 1, true), said)
    assert.truthy(said:find "Cannot find file or directory: [^\n]*absent_spec%.lua", said)
    assert.truthy(said:find "\n0 successes / 0 failures / [4-9] errors / 0 pending : ", said)
  end)

  it("shows what is pending", function()
    local status, said = run { later = it_says "assert(1)" .. " pending 'what comes'" }
    assert.equal(0, status, said)
    assert.truthy(said:find("what comes", 1, true), said)
    assert.truthy(said:find "\n1 successes / 0 failures / 0 errors / 1 pending : ", said)
  end)
end)
