-- core.terminal by itself, in a program at a terminal; under a sanitizer that program is under it, too. (What people see of it:
-- spec/cli/terminal_spec.lua.)
local interpreter = require "spec.support.interpreter"
local pty = require "spec.support.pty"
local shell = require "spec.support.shell"

local PROGRAM = [[
local terminal = require("eko.core").terminal
local line, why = terminal.read_line("SAY> ", arg[1] == "hidden")
print(("%s %s %s"):format(tostring(terminal.is_terminal(0)), tostring(line and #line), tostring(why)))
local again = terminal.read_line "AGAIN> "
print("THEN " .. tostring(again))
]]

describe("a line that is read from a terminal", function()
  local path

  setup(function()
    path = os.tmpname()
    shell.write_file(path, PROGRAM)
  end)
  teardown(function() os.remove(path) end)

  -- What the program wrote after the prompt, until it ended well.
  local function told(how, typed)
    local lua = os.getenv "EKO_THIS_LUA" or interpreter.program
    -- What runs in the background of a shell ignores SIGINT; at a person's terminal nothing does.
    local session = pty.start { terminal = true, command = ("env --default-signal=INT,QUIT %s %s %s"):format(lua, path, how) }
    session:expect "SAY> "
    session:send(typed)
    session:expect "AGAIN> "
    session:send "the end\n"
    local code, out = session:finish()
    assert.equal(0, code, out)
    assert.truthy(out:find("THEN the end\n", 1, true), out)
    return out:match "SAY> (.-)AGAIN> "
  end

  it("is shown as it is typed", function()
    local out = told("shown", "a word\n")
    assert.truthy(out:find("a word", 1, true), out)
    assert.truthy(out:find("true 6 nil", 1, true), out)
  end)

  it("is not shown when it is hidden", function()
    local out = told("hidden", "a word\n")
    assert.is_nil(out:find("word", 1, true), out)
    assert.truthy(out:find("true 6 nil", 1, true), out)
  end)

  it("may be empty", function() assert.truthy(told("hidden", "\n"):find("true 0 nil", 1, true)) end)

  it("may be as long as a terminal takes it", function()
    assert.truthy(told("hidden", ("x"):rep(4095) .. "\n"):find("true 4095 nil", 1, true))
  end)

  for _, how in ipairs { "shown", "hidden" } do
    it("may not come (" .. how .. ")", function()
      assert.truthy(told(how, "\4"):find("true nil end", 1, true))
    end)
  end
end)

-- By a program under the same sanitizer as this one.
local function run(code)
  return shell.run(("printf 'a word\\n' | %s -e %s"):format(os.getenv "EKO_THIS_LUA" or interpreter.program, shell.quote(code)))
end

describe("a line that is read from no terminal", function()
  it("is one all the same", function()
    local status, out = run [[local terminal = require("eko.core").terminal
      print(terminal.is_terminal(0), terminal.read_line("SAY> ", true))]]
    assert.equal(0, status, out)
    assert.equal("SAY> false\ta word\n", out)
  end)
end)

describe("a program that is told to end", function()
  it("says its last words and ends by that signal", function()
    for name, status in pairs { HUP = 129, INT = 130, TERM = 143 } do
      -- (While os.execute waits, SIGINT is ignored.)
      local ended, out = run(([[local core = require "eko.core"
        core.terminal.signals "last words"
        os.execute "(sleep 0.1; kill -%s $PPID) &"
        core.connection.sleep(5)]]):format(name))
      assert.equal(status, ended, out)
      assert.truthy(out:find("last words", 1, true), out)
    end
  end)
end)
