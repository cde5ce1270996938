-- select.lua WHAT ...: prints a line for each spec file that is to run: about how many seconds it takes, its lane (works or waits), on
-- what it runs, its path. The longest come first. SPECS names the files in place of all. WHAT:
--
-- | test | Lua 5.4 and LuaJIT, without what is marked `check` |
-- | check | what `test` leaves out |
-- | lua5.4, luajit | that half of `test` |
-- | lua5.1, lua5.2, lua5.3 | what drives no other program |
-- | asan | the same, on Lua 5.4 with the sanitized core |
-- | valgrind | the C files' specs |
-- | nginx-asan, nginx-valgrind | see `nginx` in list.lua |
--
-- Loaded by spec/project/runs_spec.lua it gives its functions.
local here = (debug.getinfo(1, "S").source:match "^@(.*/)" or "./")
local list = dofile(here .. "list.lua")

local NO_MARKS = { seconds = 1 }

local function name_of(path)
  return path:match "^spec/(.+)_spec%.lua$" or path:match "([^/]+)_spec%.lua$" or error(path .. " is no spec file", 0)
end

local function fits(name, pattern)
  return name:find("^" .. pattern:gsub("%*", ".*") .. "$") ~= nil
end

local function marks_of(path)
  for _, each in ipairs(list.files) do
    if fits(name_of(path), each[1]) then return each end
  end
  return NO_MARKS
end

-- The names of the C files' specs.
local c_specs = {}
for _, names in pairs(list.c) do
  for _, name in ipairs(names) do c_specs[name] = true end
end

local WHAT = {}

local function usual_luas(marks) return { "lua5.4", not marks.once and "luajit" or nil } end

function WHAT.test(_, marks, all)
  if all then return usual_luas(marks) end
  return not marks.check and (marks.split and { "lua5.4" } or usual_luas(marks))
end
function WHAT.check(_, marks) return marks.check and usual_luas(marks) or marks.split and { "luajit" } end
function WHAT.valgrind(path, _, all) return (all or c_specs[name_of(path)]) and { "valgrind" } end
function WHAT.asan(_, marks, all) return (all or not marks.outside) and { "asan" } end
for _, lua in ipairs { "lua5.1", "lua5.2", "lua5.3" } do
  WHAT[lua] = function(_, marks, all) return (all or not marks.outside) and { lua } end
end
WHAT["lua5.4"] = function(_, marks, all) return (all or not marks.check) and { "lua5.4" } end
WHAT.luajit = function(_, marks, all) return (all or not (marks.check or marks.once or marks.split)) and { "luajit" } end
for kind, files in pairs(list.nginx) do
  WHAT[kind] = function(path) return files[name_of(path)] and { kind } end
end

--- @tparam string what
-- @tparam {string,...} paths of spec files
-- @tparam[opt] boolean all these are wanted, whatever stands in the list
-- @treturn {table,...} `{ seconds =, lane =, on =, path = }`
local function select_files(what, paths, all)
  local choose = WHAT[what] or error("there is no " .. what .. " to run")
  local chosen = {}
  for _, path in ipairs(paths) do
    local marks = marks_of(path)
    for _, on in ipairs(choose(path, marks, all) or {}) do
      local seconds = list.nginx[on] and list.nginx[on][name_of(path)] or marks.seconds or 1
      chosen[#chosen + 1] = { seconds = seconds, lane = marks.waits and "waits" or "works", on = on, path = path }
    end
  end
  return chosen
end

if arg and (arg[0] or ""):find "select%.lua$" then
  local named = os.getenv "SPECS"
  local paths = {}
  if named and named:find "%S" then
    for path in named:gmatch "%S+" do paths[#paths + 1] = path end
  else
    -- What installs the rock is run by .ci/check-rock.
    named = nil
    for path in io.popen "find spec -name '*_spec.lua' ! -path spec/project/rock_spec.lua | sort":lines() do paths[#paths + 1] = path end
  end
  local chosen = {}
  for _, what in ipairs(arg) do
    for _, each in ipairs(select_files(what, paths, named ~= nil)) do chosen[#chosen + 1] = each end
  end
  table.sort(chosen, function(a, b)
    if a.seconds ~= b.seconds then return a.seconds > b.seconds end
    return a.path .. a.on < b.path .. b.on
  end)
  for _, each in ipairs(chosen) do print(("%d %s %s %s"):format(each.seconds, each.lane, each.on, each.path)) end
end

return { select = select_files, name_of = name_of, fits = fits, list = list }
