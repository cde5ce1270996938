local options = require "eko.base.options"

local SCHEMA = {
  timeout = options.seconds, size = options.positive, strict = options.flag, retries = options.whole(0, 5), name = options.text,
  from = options.whole(1, math.huge), anything = true,
  list = { function(value) return type(value) == "table", "not a " .. type(value) end, copy = function(value) return { value[1] } end },
  both = { function(value) return value == 1, "this is not" end, "one" },
}

local function inheriting(given) return setmetatable({}, { __index = given }) end

local TABLE, TIMEOUT = "a table of options is expected", 'option "timeout" must be seconds, more than 0'
local SIZE, STRICT = 'option "size" must be a number, more than 0', 'option "strict" must be true or false'
local RETRIES, FROM = 'option "retries" must be a whole number from 0 to 5', 'option "from" must be a whole number from 1'
local NAME = 'option "name" must be a string that is not empty and has no control characters'

-- Each: what is given, and the problem.
local WRONG = {
  { nil, TABLE }, { "x", TABLE }, { 5, TABLE }, { { 1 }, 'unknown option "1"' }, { { [true] = 1 }, 'unknown option "true"' },
  { { timeot = 1 }, 'unknown option "timeot"; did you mean "timeout"?' }, { { zzz = 1 }, 'unknown option "zzz"' },
  { { strict = true, timeout = 1, timeot = false }, 'unknown option "timeot"; did you mean "timeout"?' },
  { { timeout = 0 }, TIMEOUT }, { { timeout = 0 / 0 }, TIMEOUT }, { { timeout = math.huge }, TIMEOUT }, { { timeout = "1" }, TIMEOUT },
  { { size = 0 }, SIZE }, { { size = {} }, SIZE }, { { strict = 1 }, STRICT }, { { strict = "true" }, STRICT },
  { { retries = 1.5 }, RETRIES }, { { retries = 6 }, RETRIES }, { { retries = -1 }, RETRIES }, { { retries = 0 / 0 }, RETRIES },
  { { retries = "1" }, RETRIES }, { { from = 0 }, FROM }, { { from = 1.5 }, FROM }, { { name = "" }, NAME }, { { name = "a\nb" }, NAME },
  { { name = 5 }, NAME }, { { list = 1 }, 'option "list" must be not a number' }, { { both = 2 }, 'option "both" must be one: this is not' },
  { inheriting { timeout = -1 }, TIMEOUT },
}

local RIGHT = {
  {}, { timeout = 0.1, size = 1e300, strict = false, retries = 0, from = 1e9, name = "x", list = {}, both = 1, anything = false },
  { retries = 5, strict = true }, { retries = 3, from = 1 }, inheriting { timeout = 1, anything = 5 },
}

describe("options", function()
  it("that are not in order have a problem, which holds no value", function()
    for _, row in ipairs(WRONG) do assert.equal(row[2], options.problem(row[1], SCHEMA)) end
    for _, good in ipairs(RIGHT) do assert.is_nil(options.problem(good, SCHEMA)) end
  end)

  it("that nobody knows are told beside others, with the name that was meant", function()
    assert.same({ "timeot", "timeout" }, { options.unknown({ 7, timeot = 1 }, { true, timeout = true }) })
    assert.is_nil(options.unknown({ 7 }, { true }))
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
    local missing = 'mine: option "name" is missing: a string that is not empty and has no control characters'
    assert.equal(missing, select(2, pcall(cases[2])):match ":%d+: (.*)$")
    assert.equal("mine: " .. STRICT, select(2, pcall(cases[4])):match ":%d+: (.*)$")
    assert.same({ name = "x" }, check { name = "x" })
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
    for _, value in ipairs { 1, "x", {}, setmetatable({}, {}), setmetatable({}, { __metatable = "x" }), false,
      setmetatable({}, { __call = 5 }), setmetatable({}, { __metatable = 5 }) } do
      assert.is_false(options.is_callable(value))
    end
  end)
end)
