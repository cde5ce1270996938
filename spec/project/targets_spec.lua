-- What is said about the targets of the Makefile, held against the Makefile, .ci/packages and each other.
local shell = require "spec.support.shell"

local read_file = shell.read_file
local makefile = read_file "Makefile"

local function lines_of(text_of_command)
  local lines = {}
  for line in shell.output_of(text_of_command):gmatch "[^\n]+" do lines[#lines + 1] = line end
  return lines
end

local function words(text)
  local list = {}
  for word in text:gmatch "%S+" do list[#list + 1] = word end
  return list
end

local function sorted(set)
  local list = {}
  for key in pairs(set) do list[#list + 1] = key end
  table.sort(list)
  return list
end

--- @treturn table group -> set of packages
-- @treturn table set of all packages
local function packages()
  local groups, all = {}, {}
  for line in io.lines ".ci/packages" do
    local found = line:find "^#" and {} or words(line)
    for i = 3, #found do
      groups[found[i]] = groups[found[i]] or {}
      groups[found[i]][found[1]] = true
    end
    if found[1] then all[found[1]] = true end
  end
  return groups, all
end

-- has-... are the Makefile's own.
local function targets()
  local found = {}
  for list in makefile:gsub("\\\n", " "):gmatch "%.PHONY:([^\n]*)" do
    for _, name in ipairs(words(list)) do
      if not name:find("$(", 1, true) then found[name] = true end
    end
  end
  return found
end

local flavours = words(makefile:match "\nFLAVOURS *= *([^\n]*)")

describe("make help", function()
  local described = {}
  for _, line in ipairs(lines_of "make -s help") do
    local names = assert(line:match "^([%w, .-]-): %S", line .. ": no target and a sentence")
    for name in names:gmatch "[^, ]+" do
      described[name] = (described[name] or 0) + 1
    end
  end

  it("has a line for each target, and one alone", function()
    local expected = {}
    for name in pairs(targets()) do expected[name] = 1 end
    assert.same(expected, described)
    assert.is_true(#sorted(expected) > 20)
  end)
end)

describe("what targets need", function()
  local groups, all = packages()

  it("is named by groups that are there", function()
    local count = 0
    for arguments in makefile:gmatch "%.ci/install ([^\n]*)" do
      for _, word in ipairs(words(arguments)) do
        if not word:find "^%-%-" and not word:find("$", 1, true) then
          assert.is_table(groups[word], word)
          count = count + 1
        end
      end
    end
    assert.is_true(count > 20)
  end)

  it("is installed by three of them alone", function()
    local target, installing = nil, {}
    for line in makefile:gmatch "[^\n]+" do
      target = line:match "^([%w.()$-]+):" or target
      if line:find("@.ci/install", 1, true) and not line:find("--check", 1, true) then installing[target] = true end
    end
    assert.same({ "demo", "deps", "test" }, sorted(installing))
  end)

  it("is what docs/development.md says, group for group", function()
    local told = {}
    for group, list in read_file "docs/development.md":gmatch "\n| (%l+) | [^\n|]* | `([^`\n]*)` |" do
      told[group] = {}
      for _, package in ipairs(words(list)) do told[group][package] = true end
    end
    assert.same(groups, told)
  end)

  it("is what the README says to those who use the library, or try it", function()
    local told, expected = {}, {}
    local rows = read_file "README.md":match "\n| dependency |[^\n]*\n|[-|]*\n(.-)\n\n"
    for row in (rows .. "\n"):gmatch "([^\n]*)\n" do
      local cell = row:match "([^|]*)|$"
      for list in cell:gsub("%b()", ""):gmatch "`([^`]*)`" do
        for _, package in ipairs(words(list)) do told[package] = true end
      end
    end
    for _, group in ipairs { "build", "run", "test", "graphs", "example", "install" } do
      for package in pairs(groups[group]) do expected[package] = true end
    end
    -- Never installed: it would take all modules of nginx along.
    assert.truthy(read_file "spec/support/fetch_nginx_redis.sh":find("lua-nginx-redis", 1, true))
    expected["lua-nginx-redis"] = true
    assert.same(sorted(expected), sorted(told))
  end)

  it("has what the rockspec demands", function()
    local env = {}
    local chunk = read_file(lines_of "ls lua-eko-*.rockspec"[1])
    if setfenv then setfenv(assert(loadstring(chunk)), env)() else assert(load(chunk, "rockspec", "t", env))() end
    for _, dependency in ipairs(env.dependencies) do
      local name = dependency:match "^%S+"
      assert.is_true(name == "lua" or groups.run[name], name)
    end
    assert.is_true(groups.build["libcurl4-openssl-dev"] and groups.build["libssl-dev"])
  end)

  it("is not named twice", function()
    local count = 0
    for line in io.lines ".ci/packages" do
      if line:find "^%w" then count = count + 1 end
    end
    assert.equal(#sorted(all), count)
  end)
end)

describe("what is told of commands", function()
  local TEXTS = lines_of "ls README.md CONTRIBUTING.md SECURITY.md docs/*.md examples/*/*.md .github/*.md .github/*/*.md .github/*/*.yml 2>/dev/null"

  local known = targets()
  for _, flavour in ipairs(flavours) do
    known["core-" .. flavour], known["test-" .. flavour] = true, true
  end

  for _, path in ipairs(TEXTS) do
    local text = read_file(path)

    it(path .. " names targets that are there", function()
      local code = {}
      for block in text:gmatch "```sh\n(.-)```" do code[#code + 1] = "\n" .. block end
      for line in text:gmatch "`(make [^`]*)`" do code[#code + 1] = "\n" .. line end
      for name in table.concat(code):gmatch "\nmake (%l[%w.-]*)" do assert.is_true(known[name] or false, name) end
    end)

    it(path .. " names files that are there", function()
      for file in text:gmatch "%f[%w_./-][%w_./-]+" do
        file = file:gsub("%.$", "")
        for _, folder in ipairs { "spec/", ".ci/", "docs/", "bench/" } do
          if file:sub(1, #folder) == folder then assert.is_truthy(io.open(file), file) end
        end
      end
    end)
  end
end)

describe("the workflow of CI", function()
  it("installs everything and runs .ci/run", function()
    local steps = {}
    for step in read_file ".github/workflows/ci.yml":gmatch "\n *%- run: ([^\n]*)" do steps[#steps + 1] = step end
    assert.truthy(table.remove(steps, 1):find "^apt%-get update && apt%-get install .* make$")
    assert.same({ "make deps", ".ci/run" }, steps)
  end)

  it("runs targets and scripts that are there", function()
    local count = 0
    local known = targets()
    for step in read_file ".ci/run":gmatch "\nstep ([^\n]*)" do
      local target = step:match "^make ([%w-]+)"
      if target then assert.is_true(known[target] or false, step) else assert.is_truthy(io.open(step:match "^%S+"), step) end
      count = count + 1
    end
    assert.is_true(count >= 7)
  end)
end)
