--- One mutant at a time: built in a directory of its own, and tried by the specs.
--
-- The environment says how C is built: MUTANTS_COMPILE and MUTANTS_LINK are the beginnings of two commands, MUTANTS_OBJECTS are the
-- objects of all files, MUTANTS_MODULE what is linked (eko/core.so).
local trial = {}

local HERE = arg[0]:match "^(.*)/[^/]*$"
local MEMORY = 1500000 -- KiB of addresses that the specs may use

local function quoted(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

trial.quoted, trial.read, trial.write = quoted, read, write

local function succeeds(command)
  local ok = os.execute(command)
  return ok == true or ok == 0
end

local function must(command)
  if not succeeds(command) then error("this failed: " .. command, 0) end
end

local function environment(name, otherwise)
  return os.getenv(name) or otherwise or error(name .. " is not set: use `make mutants`", 0)
end

-- ---- how each language is built ----

local C, Lua = {}, {}
C.__index, Lua.__index = C, Lua

function C.new(path, directory)
  local name = path:match "[^/]*$"
  local self = setmetatable({
    source = directory .. "/" .. name, object = directory .. "/mutant.o", rest = "", compiler = environment "MUTANTS_COMPILE",
    module = directory .. "/" .. environment("MUTANTS_MODULE", "eko/core.so"),
  }, C)
  must("mkdir -p " .. quoted(self.module:match "^(.*)/"))
  local others = {}
  for object in (os.getenv "MUTANTS_OBJECTS" or ""):gmatch "%S+" do
    if object:match "[^/]*$" ~= name:gsub("%.c$", ".o") then others[#others + 1] = quoted(object) end
  end
  if #others > 0 then
    self.rest = quoted(directory .. "/rest.o")
    must(("cc -r -nostdlib -o %s %s"):format(self.rest, table.concat(others, " ")))
  end
  self.link = ("%s -o %s %s %s %s"):format(environment "MUTANTS_LINK", quoted(self.module), quoted(self.object), self.rest,
    os.getenv "MUTANTS_LIBS" or "")
  self.paths = ('LUA_CPATH=%s"/?.so;$LUA_CPATH"'):format(quoted(directory))
  return self
end

function C:compile(source, level)
  write(self.source, source)
  local command = ("%s %s -c %s -o %s 2>/dev/null"):format(self.compiler, level, quoted(self.source), quoted(self.object))
  return succeeds(command) and read(self.object) or nil
end

-- The compiled bytes of a source, by which equal mutants are told; nil for what cannot be compiled.
function C:image(source) return self:compile(source, "-O0") end

-- How the compiler is made to look more closely: what makes no difference to it there makes none.
C.closely = { "-O1", "-O2" }

function C:install() must(self.link) end

function Lua.new(path, directory)
  local self = setmetatable({ place = directory .. "/" .. path:gsub("^[^/]*/", "") }, Lua)
  must("mkdir -p " .. quoted(self.place:match "^(.*)/"))
  self.paths = ('LUA_PATH=%s"/?.lua;"%s"/?/init.lua;$LUA_PATH"'):format(quoted(directory), quoted(directory))
  return self
end

Lua.closely = {}

function Lua:image(source)
  local made = load(source, "=x", "t")
  self.made = source
  return made and string.dump(made, true) or nil
end

function Lua:install() write(self.place, self.made) end

-- ---- the specs ----

-- Runs the specs in one process, which ends at the first failure. What is left of it is killed.
local function command_of(run)
  return ([[
    ulimit -v %d; ulimit -t %d
    %s timeout -k 1 %d lua5.4 %s --no-keep-going -o %s %s >%s 2>&1 </dev/null &
    process=$!; wait $process; status=$?; kill -KILL -- -$process 2>/dev/null; exit $status
  ]]):format(MEMORY, run.seconds, run.paths, run.patience, os.getenv "BUSTED" or "/usr/bin/busted", quoted(HERE .. "/handler.lua"),
    table.concat(run.specs, " "), quoted(run.output))
end

local Trial = {}
Trial.__index = Trial

--- @tparam string path of the source
-- @tparam table specs paths
-- @tparam string directory of its own, which must be there
function trial.new(path, specs, directory)
  local language = path:match "%.c$" and C or Lua
  local self = setmetatable({
    builder = language.new(path, directory), specs = {}, output = directory .. "/output", known = {}, closely = {},
  }, Trial)
  for index, spec in ipairs(specs) do self.specs[index] = quoted(spec) end
  self.original = assert(read(path), path)
  self.image = self.builder:image(self.original) or error(path .. " cannot be compiled", 0)
  return self
end

-- `seconds` of the processor and `patience` by the clock are given.
function Trial:run(seconds, patience)
  local ok = succeeds(command_of {
    seconds = seconds, patience = patience, paths = self.builder.paths, specs = self.specs, output = self.output,
  })
  if ok then return true end
  local last
  for spec in read(self.output):gmatch "mutants: file\t([^\n]*)" do last = spec end
  return false, last
end

--- The specs on the source as it is.
-- @treturn boolean whether they pass
-- @treturn string what they printed
-- @treturn number seconds that they took
function Trial:baseline()
  self.builder:image(self.original)
  self.builder:install()
  local began = os.time()
  local ok = self:run(600, 600)
  return ok, read(self.output), os.time() - began
end

-- The spec that killed is the first that the next mutant meets.
function Trial:first(name)
  for index, spec in ipairs(self.specs) do
    if name and spec:find(name:gsub("^%./", ""), 1, true) then
      table.insert(self.specs, 1, table.remove(self.specs, index))
      return
    end
  end
end

-- What survived: whether it is the same to a compiler that looks more closely, or is noticed in what that makes of it.
function Trial:fate_of_survivor(source, seconds)
  for _, level in ipairs(self.builder.closely) do
    self.closely[level] = self.closely[level] or self.builder:compile(self.original, level)
    if self.builder:compile(source, level) == self.closely[level] then return "same" end
  end
  if #self.builder.closely == 0 then return "survived" end
  self.builder:install()
  return self:run(2 + 4 * seconds, 20 + 10 * seconds) and "survived" or "killed"
end

--- What becomes of a mutant.
-- @tparam string source its own
-- @tparam number seconds that the specs take on the source as it is
-- @treturn string `invalid` (it cannot be compiled), `same` (the compiler makes the same of it), `killed`, `survived`
function Trial:fate(source, seconds)
  local image = self.builder:image(source)
  if not image then return "invalid" end
  if image == self.image then return "same" end
  if not self.known[image] then
    self.builder:install()
    local ok, killer = self:run(2 + 4 * seconds, 20 + 10 * seconds)
    if ok then
      self.known[image] = self:fate_of_survivor(source, seconds)
    else
      self.known[image] = "killed"
      self:first(killer)
    end
  end
  return self.known[image]
end

return trial
