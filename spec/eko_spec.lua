-- The face: what `require "eko"` has, and what it loads.
local interpreter = require "spec.support.interpreter"
local shell = require "spec.support.shell"

-- What a program prints, in a process of its own.
local function printed(program)
  local status, text = shell.run(interpreter.program .. " -e " .. shell.quote(program))
  assert.equal(0, status, text)
  return text
end

local FUNCTIONS = { "client", "concurrently", "describe", "endpoints", "run", "sign" }
local MODULES = {
  emulator = "eko.emulator", errors = "eko.base.errors", input = "eko.base.input", money = "eko.base.money", nginx = "eko.nginx",
  outcomes = "eko.base.outcomes", store = "eko.store",
}
local STORES = { cookie = "eko.store.cookie", redis = "eko.store.redis", shared_dict = "eko.store.shared_dict" }

describe("require \"eko\"", function()
  it("loads nothing that a client does not need", function()
    local text = printed [[
      require "eko"
      for name in pairs(package.loaded) do
        if name:find "^eko" or name:find "^cjson" or name:find "^cqueues" or name == "ngx" or name:find "^socket" then print(name) end
      end]]
    local loaded = {}
    for name in text:gmatch "[^\n]+" do loaded[name] = true end
    assert.is_true(loaded["eko.client"])
    for name in pairs(loaded) do
      local layer = name:match "^eko%.([^.]+)"
      for _, each in ipairs { "store", "nginx", "emulator", "journey", "cli", "concurrently" } do assert.are_not.equal(each, layer, name) end
      assert.truthy(name:find "^eko", name)
    end
  end)

  it("has modules as fields, loaded when they are first asked for", function()
    local text = printed [[
      local eko = require "eko"
      local function count() local n = 0 for name in pairs(package.loaded) do if name:find "^eko" then n = n + 1 end end return n end
      local before = count()
      print(eko.money.parse "2.20834002375E9", eko.errors.is {}, eko.outcomes.codes[2136].name, eko.input.trim " x ", count() == before)
      print(type(eko.store.new_key()), package.loaded["eko.store.redis"], package.loaded["eko.emulator"])
      print(type(eko.store.redis.new), type(eko.emulator.new), type(eko.nginx.new), count() > before + 10)]]
    assert.equal("220834002375\tfalse\taadhaar_required\tx\ttrue\nstring\tnil\tnil\nfunction\tfunction\tfunction\ttrue\n", text)
  end)

  it("has each module under its name, and always the same one", function()
    local eko = require "eko"
    for name, module in pairs(MODULES) do
      assert.equal(require(module), eko[name], name)
      assert.equal(eko[name], eko[name], name)
    end
    for name, module in pairs(STORES) do assert.equal(require(module), eko.store[name], name) end
    assert.is_nil(eko.store.sqlite)
  end)

  it("lists its functions", function()
    local text = printed [[
      local names = {}
      for name, value in pairs(require "eko") do if type(value) == "function" then names[#names + 1] = name end end
      table.sort(names)
      print(table.concat(names, " "))]]
    assert.equal(table.concat(FUNCTIONS, " ") .. "\n", text)
  end)

  it("raises for a mistyped name, with what was meant, and has nil for any other", function()
    local eko = require "eko"
    for name, meant in pairs {
      moeny = "money", concurrent = "concurrently", endpoint = "endpoints", Client = "client", emulater = "emulator", stores = "store",
      sing = "sign", version = "_VERSION",
    } do
      local ok, problem = pcall(function() return eko[name] end)
      assert.is_false(ok, name)
      assert.truthy(problem:find(("eko_spec%%.lua:%%d+: eko has no %q, did you mean %q"):format(name, meant)), problem)
    end
    for _, name in ipairs { "_", "__", "__index", "__call", "_NAME", "_VERSOIN", "journal", "webhook", "testing", 1, true } do
      assert.is_nil(eko[name], tostring(name))
    end
  end)
end)
