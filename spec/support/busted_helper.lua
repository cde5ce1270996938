--- What `.ci/specs` has busted load first (`--helper`). It counts the assertions that are carried out and prints their number at the end;
-- an assertion without one (`assert.is(x)`, which luassert passes over) raises; temporary files lie where TMPDIR says.
local busted = require "busted"
local luassert = require "luassert"
local namespace = require "luassert.namespaces"
local util = require "luassert.util"

local count = 0
local LEADS_ON = { message = true, spy = true, stub = true, array = true } -- what is called and says nothing by itself

-- assert.is_true(x) and its like
local state = getmetatable(luassert.state())
local act = state.__call
local asserts = {} -- the words between the dots and underlines -> whether they say what must hold

local function says_something(tokens)
  local words = table.concat(tokens, "_")
  if asserts[words] == nil then
    asserts[words] = false
    for _, key in ipairs(util.extract_keys("assertion", tokens)) do
      if namespace.assertion[key] then asserts[words] = true end
    end
  end
  return asserts[words], words
end

function state.__call(self, ...)
  local says, words = says_something(self.tokens)
  if says then
    count = count + 1
  elseif not LEADS_ON[words] then
    error(("assert.%s asserts nothing"):format(words), 2)
  end
  return act(self, ...)
end

-- assert.equal(x, y) and its like, millions of which hold, are looked at here first: what luassert prepares for a failure's message
-- costs it ten times as much. What does not hold goes there.
local QUICK = { -- each with how many values it needs; a message may follow
  equal = { 2, function(expected, passed) return rawequal(expected, passed) end },
  is_nil = { 1, function(passed) return passed == nil end },
  is_true = { 1, function(passed) return passed == true end },
  is_false = { 1, function(passed) return passed == false end },
  truthy = { 1, function(passed) return passed end },
}
local quick = {}
for name, each in pairs(QUICK) do
  local needs, holds = each[1], each[2]
  quick[name] = function(...)
    local given = select("#", ...)
    if given < needs or given > needs + 1 or not holds(...) then return luassert.state()[name](...) end
    count = count + 1
    return ...
  end
end

-- What spec files know as `assert`. (luassert uses its own for itself.)
local counted = setmetatable({}, {
  __index = function(_, key) return quick[key] or luassert[key] end,
  __call = function(_, ...)
    count = count + 1
    return luassert(...)
  end,
})
busted.subscribe({ "file", "start" }, function(file)
  file.env = file.env or {}
  file.env.assert = counted
  return nil, true
end)

-- (os.tmpname looks at no environment.)
local directory = os.getenv "TMPDIR"
local made = 0
if directory then
  function os.tmpname() -- luacheck: ignore 122
    made = made + 1
    local path = ("%s/%d"):format(directory, made)
    io.open(path, "wb"):close()
    return path
  end
end

busted.subscribe({ "exit" }, function()
  io.write(("%d assertions\n"):format(count))
  return nil, true
end)
