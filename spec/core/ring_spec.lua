-- Who shares timestamps with whom: clients, forked processes, more keys than there is room for.
local core = require "eko.core"
local shell = require "spec.support.shell"

local T = 1700000000000

describe("timestamps of a name", function()
  it("are shared by all who give it, and by nobody else", function()
    local a, b, other = core.timestamps(0, 1, "one name"), core.timestamps(0, 1, "one name"), core.timestamps(0, 1, "another name")
    assert.equal(T, a:next(T))
    assert.equal(T + 1, b:next(T))
    assert.equal(T + 2, a:next(T))
    assert.equal(T, other:next(T))
    assert.equal(T, core.timestamps():next(T))
  end)

  it("are shared by several when there are more names than room", function()
    local sources, seen = {}, {}
    for i = 1, 300 do sources[i] = core.timestamps(0, 1, "name " .. i) end
    for _, source in ipairs(sources) do
      for i = 1, 3 do assert.truthy(source:next(T + i)) end
      local ts = core.timestamps(0, 1, "name 1"):next(T)
      assert.is_nil(seen[ts])
      seen[ts] = true
    end
  end)

  it("are closed once, and unusable then", function()
    for _, source in ipairs { core.timestamps(), core.timestamps(0, 1, "closing") } do
      source:close()
      source:close()
      for _, use in ipairs { "next", "last", "offset" } do
        local ok, message = pcall(source[use], source)
        assert.is_false(ok)
        assert.truthy(message:find("closed", 1, true))
      end
    end
  end)
end)

describe("processes that were forked", function()
  local function run(task, preloaded)
    local directory = shell.directory()
    -- LuaJIT drives this part, whichever Lua the rest runs on.
    local status, said = shell.run(('eval "$(make -s env LUA=luajit)"; %s luajit spec/support/forks.lua %s %s')
      :format(preloaded and "LD_PRELOAD=" .. preloaded or "", task, directory))
    local seen, count, twice = {}, 0, 0
    for line in shell.output_of("cat " .. directory .. "/*"):gmatch "[^\n]+" do
      count = count + 1
      if seen[line] then twice = twice + 1 end
      seen[line] = true
    end
    os.execute("rm -rf " .. directory)
    assert.equal(0, status, said)
    return count, twice
  end

  it("share no timestamp with their parent, each other and their children #harm10", function()
    local count, twice = run "draw"
    assert.equal(3000 + 3000 + 4 * (1000 + 2 * 1000 + 1000), count)
    assert.equal(0, twice)
  end)

  it("nor when each made its client for itself #harm10", function()
    local count, twice = run "late"
    assert.equal(5 * 3000, count)
    assert.equal(0, twice)
  end)

  it("nor where the kernel has no System V shared memory #harm10", function()
    local library = os.tmpname()
    assert(os.execute("cc -shared -fPIC -O1 -o " .. library .. " spec/support/no_shm.c"))
    local count, twice = run("late", library)
    os.remove(library)
    assert.equal(5 * 3000, count)
    assert.equal(0, twice)
  end)
end)
