-- The rockspec against the tree: a module that is not in it is missing for everybody who installs the rock.
local shell = require "spec.support.shell"

local function lines(command)
  local list = {}
  for line in shell.output_of(command):gmatch "[^\n]+" do list[#list + 1] = line end
  return list
end

local function rockspec()
  local path = assert(lines("ls lua-eko-*.rockspec")[1])
  local chunk = assert(io.open(path)):read("*a")
  local env = {}
  if setfenv then
    setfenv(assert(loadstring(chunk)), env)()
  else
    assert(load(chunk, path, "t", env))()
  end
  return env, path
end

local function module_of(file)
  return (file:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

describe("the rockspec", function()
  local spec, path = rockspec()

  it("names every Lua module of the tree, and nothing else", function()
    local expected = {}
    for _, file in ipairs(lines("find lua -name '*.lua'")) do expected[module_of(file)] = file end
    local named = {}
    for name, value in pairs(spec.build.modules) do
      if type(value) == "string" then named[name] = value end
    end
    assert.same(expected, named)
  end)

  it("builds the core from every C source", function()
    local sources = lines("find src -name '*.c' | LC_ALL=C sort")
    local named = {}
    for _, file in ipairs(spec.build.modules["eko.core"].sources) do named[#named + 1] = file end
    table.sort(named)
    assert.same(sources, named)
  end)

  it("has the version of the library, which stands in one place #harm15", function()
    local version = require("eko")._VERSION
    assert.equal(version .. "-1", spec.version)
    assert.equal(("lua-eko-%s-1.rockspec"):format(version), path)
    assert.same({ "lua/eko/version.lua" }, lines(("grep -rlF '%s' lua src bin Makefile"):format(version)))
  end)

  it("has the version that a request names", function()
    local eko = require "eko"
    local agent
    local client = eko.client {
      developer_key = "key", access_key = "access", initiator_id = "9962981729", user_code = "20810200",
      transport = function(request)
        agent = request.headers["user-agent"]
        return nil, "not now"
      end,
    }
    client.levin:get { customer_id = "9444444444" }
    assert.equal("lua-eko/" .. eko._VERSION, agent)
  end)

  it("demands of everybody nothing that only some users need #harm15", function()
    for _, dependency in ipairs(spec.dependencies) do
      local rock = dependency:match "^%S+"
      assert.truthy(rock == "lua" or rock == "lua-cjson", rock .. " is demanded")
    end
  end)

  it("names modules that load", function()
    for name in pairs(spec.build.modules) do
      assert.is_not_nil(require(name), name)
    end
  end)

  it("installs the commands of bin/", function()
    local installed = {}
    for _, file in pairs(spec.build.install.bin) do installed[#installed + 1] = file end
    table.sort(installed)
    assert.same(lines("ls bin/*"), installed)
  end)
end)
