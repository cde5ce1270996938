local options = require "eko.base.options"

local SCHEMA = {
  timeout = options.seconds, strict = options.flag, retries = options.whole(0, 5), from = options.whole(1, math.huge), name = options.text,
  list = { function(value) return type(value) == "table", "it is a " .. type(value) end, copy = function(value) return { value[1] } end },
  both = { function(value) return value == 1, "this is not" end, "one" }, anything = true,
}

-- Each: what is given, and the problem.
local WRONG = {
  { nil, "a table of options is expected" }, { "x", "a table of options is expected" }, { 5, "a table of options is expected" },
  { { timeot = 1 }, 'unknown option "timeot"; did you mean "timeout"?' }, { { zzz = 1 }, 'unknown option "zzz"' },
  { { 1 }, 'unknown option "1"' }, { { [true] = 1 }, 'unknown option "true"' }, { { timeot = false }, 'unknown option "timeot"; did you' },
  { { timeout = 0 }, 'option "timeout" must be seconds, more than 0' },
  { { timeout = 0 / 0 }, "seconds" }, { { timeout = math.huge }, "seconds" },
  { { timeout = "1" }, "seconds" }, { { strict = 1 }, 'option "strict" must be true or false' },
  { { retries = 1.5 }, "a whole number from 0 to 5" },
  { { retries = 6 }, "from 0 to 5" }, { { retries = -1 }, "from 0 to 5" }, { { retries = 0 / 0 }, "from 0 to 5" },
  { { from = 0 }, 'option "from" must be a whole number from 1' }, { { name = "" }, "not empty" }, { { name = "a\nb" }, "control" },
  { { list = 1 }, 'option "list" must be it is a number' }, { { both = 2 }, 'option "both" must be one: this is not' },
  { setmetatable({}, { __index = { timeout = -1 } }), 'option "timeout" must be' },
}

describe("options", function()
  it("that are not in order have a problem, which holds no value", function()
    for _, row in ipairs(WRONG) do
      local problem = options.problem(row[1], SCHEMA)
      assert.truthy(problem and problem:find(row[2], 1, true), tostring(problem))
    end
    assert.is_nil(options.problem({ strict = "a-secret" }, SCHEMA):find("secret", 1, true))
    for _, good in ipairs {
      {}, { timeout = 0.1, strict = false, retries = 0, from = 1e9, name = "x", list = {}, both = 1, anything = false },
    } do
      assert.is_nil(options.problem(good, SCHEMA))
    end
  end)

  it("raise where they were given, however deep they are checked", function()
    local function check(given) return (options.check("mine", given, SCHEMA, 2, { "name" })) end
    local function read(given) return (options.read("mine", given, SCHEMA, 2)) end
    local function below(given, level) return (options.check("mine", given, SCHEMA, level)) end
    local function outer(given) return (below(given, 3)) end
    local line = debug.getinfo(1, "l").currentline
    local cases = {
      function() return (check { name = "x", timeot = 1 }) end, function() return (check { strict = true }) end,
      function() return (read { timeout = 0 }) end, function() return (outer { strict = 1 }) end,
    }
    for index, case in ipairs(cases) do
      local ok, problem = pcall(case)
      assert.is_false(ok)
      local at = tonumber(problem:match "options_spec%.lua:(%d+): mine: ")
      assert.truthy(at == line + (index <= 2 and 2 or 3), problem)
    end
    assert.truthy(select(2, pcall(cases[2])):find('option "name" is missing: a string that is not empty', 1, true))
  end)

  it("are copied, and what is kept may be made of a value", function()
    local given = { timeout = 2, strict = false, list = { 7, 8 } }
    local copy = options.read("mine", given, SCHEMA, 1, { retries = 3, strict = true })
    assert.same({ timeout = 2, strict = false, list = { 7 }, retries = 3 }, copy)
    assert.are_not.equal(given, copy)
    assert.same({ timeout = 3 }, options.read("mine", setmetatable({}, { __index = { timeout = 3 } }), SCHEMA, 1))
    assert.same({ anything = false }, options.read("mine", { anything = false }, SCHEMA, 1))
    assert.equal(given, options.check("mine", given, SCHEMA, 1))
  end)

  it("tell what can be called", function()
    assert.is_true(options.is_callable(print))
    assert.is_true(options.is_callable(setmetatable({}, { __call = print })))
    for _, value in ipairs { 1, "x", {}, setmetatable({}, {}), setmetatable({}, { __metatable = "x" }), false } do
      assert.is_false(options.is_callable(value))
    end
  end)
end)
