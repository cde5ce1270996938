--- The one checker of options: tables of names and values that a caller gave.
--
-- A schema says what there may be: `name = { check, "what it must be" }`. `check(value)` returns whether the value is right, and may say
-- what is wrong with it as a second value; where nothing is said of what it must be, that is all. A rule may have `copy`, a function that
-- makes what is kept of the value. A rule that is `true` takes anything: it is checked where it is used.
-- @module eko.base.options
local suggest = require "eko.base.suggest"

local options = {}

local function is_positive(value) return type(value) == "number" and value > 0 and value < math.huge end

--- Whether a value can be called.
-- @tparam any value
-- @treturn boolean
function options.is_callable(value)
  if type(value) == "function" then return true end
  local meta = getmetatable(value)
  return type(value) == "table" and type(meta) == "table" and type(meta.__call) == "function"
end

--- Rules that many schemas have.
options.flag = { function(value) return value == true or value == false end, "true or false" }
options.seconds = { is_positive, "seconds, more than 0" }
options.positive = { is_positive, "a number, more than 0" }
options.text = {
  function(value) return type(value) == "string" and value ~= "" and not value:find "[%z\1-\31\127]" end,
  "a string that is not empty and has no control characters",
}

--- The rule of a whole number.
-- @tparam number least
-- @tparam number most
-- @treturn table
function options.whole(least, most)
  return {
    function(value) return type(value) == "number" and value >= least and value <= most and value % 1 == 0 end,
    most < math.huge and ("a whole number from %d to %d"):format(least, most) or ("a whole number from %d"):format(least),
  }
end

--- A name that nobody knows.
-- @tparam table given
-- @tparam table known its keys are the known names
-- @treturn any the first such name, or nil where there is none
-- @treturn ?string the known name that was probably meant
function options.unknown(given, known)
  for name in next, given do
    if known[name] == nil then return name, suggest.among(name, known) end
  end
end

-- A value that is wrong, in words.
local function said(name, value, rule)
  local _, why = rule[1](value)
  return ("option %q must be %s"):format(name, table.concat({ rule[2] or why, rule[2] and why }, ": "))
end

--- What is wrong with options.
-- @tparam any given
-- @tparam table schema
-- @treturn ?string nil where they are in order; a value never stands in it
function options.problem(given, schema)
  if type(given) ~= "table" then return "a table of options is expected" end
  for name in next, given do
    if schema[name] == nil then
      local _, near = options.unknown(given, schema)
      return ("unknown option %q%s"):format(tostring(name), near and ("; did you mean %q?"):format(near) or "")
    end
  end
  for name, value in next, given do
    local rule = schema[name]
    if rule ~= true and not rule[1](value) then return said(name, value, rule) end
  end
  if getmetatable(given) == nil then return nil end
  for name, rule in next, schema do -- what is inherited
    local value = given[name]
    if value ~= nil and rule ~= true and not rule[1](value) then return said(name, value, rule) end
  end
end

--- Raises for options that are not in order.
-- @tparam string what who is speaking, such as "eko.client"
-- @tparam any given the caller's table
-- @tparam table schema
-- @tparam int level the stack level that an error is reported at, as `error` would take it in the function that calls this one
-- @tparam[opt] {string,...} required names of options that must be there
-- @treturn table what was given
-- @raise
function options.check(what, given, schema, level, required)
  local problem = options.problem(given, schema)
  if problem then error(what .. ": " .. problem, level + 1) end
  for index = 1, required and #required or 0 do
    local name = required[index]
    if given[name] == nil then error(("%s: option %q is missing: %s"):format(what, name, schema[name][2]), level + 1) end
  end
  return given
end

--- The same, and copies what is given.
-- @tparam string what who is speaking, such as "eko.client"
-- @tparam any given the caller's table
-- @tparam table schema
-- @tparam int level as of `options.check`
-- @tparam[opt] table into what holds where nothing is given; it is filled
-- @treturn table the copy
-- @raise
function options.read(what, given, schema, level, into)
  options.check(what, given, schema, level + 1)
  local copy = into or {}
  for name, rule in next, schema do
    local value = given[name]
    if value ~= nil then copy[name] = rule ~= true and rule.copy and rule.copy(value) or value end
  end
  return copy
end

return options
