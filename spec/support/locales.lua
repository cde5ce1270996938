--- Locales to run programs under, made here: what the machine has does not matter.
local interpreter = require "spec.support.interpreter"
local shell = require "spec.support.shell"

local locales = {}

--- A decimal comma and grouping; letters, blanks and controls beyond ASCII; an `i` of its own, and another order of names.
locales.names = { "de_DE.UTF-8", "fr_FR.ISO-8859-1", "tr_TR.ISO-8859-9" }

--- Makes them.
-- @treturn string the directory, for LOCPATH
function locales.make()
  local directory = shell.directory()
  for _, name in ipairs(locales.names) do
    local language, charset = name:match "^(.-)%.(.*)$"
    local made = os.execute(("mkdir -p %s && localedef -i %s -f %s %s/%s 2>/dev/null"):format(directory, language, charset, directory, name))
    assert(made == true or made == 0, "no locale can be made here: the package locales is missing (apt-get install locales)")
  end
  return directory
end

--- Runs a program of Lua under one of them.
-- @tparam string directory of `locales.make`
-- @tparam string name
-- @tparam {string,...} categories of `os.setlocale`
-- @tparam string arguments of the interpreter, for a shell
-- @treturn boolean whether it ended well
-- @treturn string what it wrote
function locales.run(directory, name, categories, arguments)
  local init = {}
  for _, category in ipairs(categories) do
    init[#init + 1] = ("assert(os.setlocale([[%s]], [[%s]]), [[the locale was not taken]])"):format(name, category)
  end
  local status, text = shell.run(("LOCPATH=%s LUA_INIT='%s' %s %s"):format(directory, table.concat(init, " "), interpreter.program, arguments))
  return status == 0, text
end

return locales
