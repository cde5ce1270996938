--- Mutants: `make mutants FILES="src/draft/format.c lua/eko/call/verdict.lua" [SPECS="..."] [JOBS=n] [FUNCTIONS="..."]`.
--
-- One comparison, constant, branch, statement, `and` or `or` at a time is changed, and the specs must notice. Ends non-zero when they
-- do not notice one that is not listed as equivalent, when one that is listed is noticed or not there, or when a place got no mutant.
local HERE = arg[0]:match "^(.*)/[^/]*$"
package.path = HERE .. "/?.lua;" .. package.path

local mutants_of = require "mutants_of"
local report = require "report"
local trial = require "trial"

local quoted, read = trial.quoted, trial.read

local function words(text)
  local list = {}
  for word in (text or ""):gmatch "%S+" do list[#list + 1] = word end
  return list
end

local function fail(...)
  io.stderr:write("mutants: ", table.concat({ ... }, " "), "\n")
  os.exit(2)
end

local function arguments()
  local options, files, i = {}, {}, 1
  while arg[i] do
    local name = arg[i]:match "^%-%-(.*)$"
    if name then
      options[name], i = arg[i + 1] or "", i + 2
    else
      files[#files + 1], i = arg[i], i + 1
    end
  end
  return options, files
end

local function is_wanted(functions, name)
  if #functions == 0 then return true end
  for _, each in ipairs(functions) do
    if each == name then return true end
  end
  return false
end

local function sites_of(path, functions)
  local sites = {}
  for _, site in ipairs((mutants_of(path, assert(read(path), path)))) do
    if is_wanted(functions, site.fn) then sites[#sites + 1] = site end
  end
  return sites
end

-- A worker has every so manieth place; it writes `place mutant fate` line by line.
local function work(options, path)
  local number, count = options.worker:match "(%d+)/(%d+)"
  local tried = trial.new(path, words(options.specs), options.directory)
  local results = assert(io.open(options.directory .. "/results", "w"))
  for index, site in ipairs(sites_of(path, words(options.functions))) do
    if index % count == number % count then
      for order, mutant in ipairs(site.mutants) do
        results:write(index, " ", order, " ", tried:fate(mutant.source(), tonumber(options.seconds)), "\n")
        results:flush()
      end
    end
  end
  assert(results:close())
end

local function start(options, path, specs, seconds, directory)
  local workers, jobs = {}, tonumber(options.jobs) or 2
  for number = 1, jobs do
    local own = ("%s/%d"):format(directory, number)
    assert(os.execute("mkdir " .. quoted(own)))
    workers[number] = {
      directory = own,
      pipe = io.popen(("lua5.4 %s --worker %d/%d --seconds %d --directory %s --specs %s --functions %s %s"):format(quoted(arg[0]), number,
        jobs, seconds, quoted(own), quoted(table.concat(specs, " ")), quoted(options.functions or ""), quoted(path))),
    }
  end
  return workers
end

-- Gives each mutant of the places its fate. Raises what keeps it from that.
local function judge(options, path, specs, sites, directory)
  local own = directory .. "/baseline"
  assert(os.execute("mkdir " .. quoted(own)))
  local ok, output, seconds = trial.new(path, specs, own):baseline()
  if not ok then error(path .. ": the specs fail without a mutant:\n" .. output, 0) end
  for _, worker in ipairs(start(options, path, specs, seconds, directory)) do
    worker.pipe:read "*a"
    if not worker.pipe:close() then error(path .. ": a worker failed", 0) end
    for index, order, fate in read(worker.directory .. "/results"):gmatch "(%d+) (%d+) (%a+)" do
      sites[tonumber(index)].mutants[tonumber(order)].fate = fate
    end
  end
end

local function with_directory(run)
  local pipe = io.popen "mktemp -d"
  local directory = pipe:read "*l"
  pipe:close()
  local ok, problem = pcall(run, directory)
  os.execute("rm -rf " .. quoted(directory))
  if not ok then fail(tostring(problem)) end
end

io.stdout:setvbuf "line"
local options, files = arguments()
if options.worker then return work(options, files[1]) end
if #files == 0 then fail 'FILES="src/x.c lua/eko/y.lua" says which sources' end
local known, equivalents = dofile(options.table or HERE .. "/specs.lua"), dofile(options.equivalents or HERE .. "/equivalents.lua")
local is_good = true
for _, path in ipairs(files) do
  local specs = words(options.specs)
  if #specs == 0 then specs = known[path] or fail(path .. ': no specs are listed for it in .ci/mutants/specs.lua; give SPECS="..."') end
  local sites = sites_of(path, words(options.functions))
  with_directory(function(directory) judge(options, path, specs, sites, directory) end)
  is_good = report(path, sites, equivalents[path] or {}, options.functions and #words(options.functions) > 0) and is_good
end
os.exit(is_good and 0 or 1)
