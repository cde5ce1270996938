--- A copy of the tree that a spec may change: what somebody adds to it is tried there, in processes of their own.
local command = require "spec.support.command"
local interpreter = require "spec.support.interpreter"
local shell = require "spec.support.shell"

local tree_copy = {}

local Copy = {}
Copy.__index = Copy

--- Copies lua/, src/, bin/, spec/, docs/, Makefile and rockspec into a new directory; the built core is the same one.
function tree_copy.make()
  local directory = shell.directory()
  local made = os.execute(("cp -R lua src bin spec docs Makefile lua-eko-*.rockspec %s && ln -s \"$PWD/build\" %s/build"):format(directory, directory))
  assert(made == true or made == 0, "the tree could not be copied")
  return setmetatable({ directory = directory }, Copy)
end

--- Puts text before the brace that ends a file.
function Copy:append(path, text)
  local whole, count = shell.read_file(self.directory .. "/" .. path):gsub("}%s*$", function() return text .. "}\n" end)
  assert(count == 1, path)
  shell.write_file(self.directory .. "/" .. path, whole)
end

--- Writes a file, in a folder of the copy that may be new.
function Copy:write(path, text)
  os.execute("mkdir -p " .. self.directory .. "/" .. path:match "^(.*)/")
  shell.write_file(self.directory .. "/" .. path, text)
end

--- Replaces text, which must be there.
function Copy:replace(path, old, new)
  local whole = shell.read_file(self.directory .. "/" .. path)
  local from, to = whole:find(old, 1, true)
  assert(from, path .. ": " .. old)
  shell.write_file(self.directory .. "/" .. path, whole:sub(1, from - 1) .. new .. whole:sub(to + 1))
end

--- Runs a file of the copy with the Lua that runs the specs.
-- @return the exit code, and all that it wrote
function Copy:run(arguments)
  local out = self.directory .. "/out"
  os.execute(("cd %s && %s LUA_PATH='%s/lua/?.lua;%s/lua/?/init.lua;'\"${LUA_PATH:-;;}\" %s %s >%s 2>&1; echo $? >%s.rc"):format(
    self.directory, command.environment(self.directory, {}), self.directory, self.directory, interpreter.program, arguments, out, out))
  return tonumber(shell.read_file(out .. ".rc"):match "%d+"), shell.read_file(out)
end

--- Runs specs of the copy.
function Copy:busted(arguments) return self:run((os.getenv "BUSTED" or "/usr/bin/busted") .. " " .. arguments) end

--- Removes it.
function Copy:remove() os.execute("rm -rf " .. self.directory) end

return tree_copy
