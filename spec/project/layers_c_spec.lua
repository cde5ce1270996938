-- src/: a file includes what lies in its own folder or in a lower one, no files include each other, and none is too long to be read.
local c_tree = require "spec.support.c_tree"

-- The lowest first; "" is what stands beside the folders: core.c, which opens the rest.
local LAYERS = { "base", "crypto", "json", "draft", "http", "net", "cli", "" }
local LIMITS = { file = 400, lines = 60, parameters = 5 }

describe("the C core", function()
  it("has no include that goes up or round, no file of more than 400 lines, no function of more than 60 or with more than 5 parameters",
    function()
      local files = c_tree.read "src"
      assert.is_string(files["core.c"])
      assert.same({}, c_tree.problems(files, LAYERS, LIMITS))
    end)

  it("exports the function that Lua looks for, and nothing else", function()
    local found
    for template in package.cpath:gmatch "[^;]+" do
      local path = template:gsub("%?", "eko/core")
      local file = not found and io.open(path)
      if file then
        file:close()
        found = path
      end
    end
    local pipe = assert(io.popen("nm -D --defined-only '" .. assert(found) .. "'"))
    local names = {}
    for line in pipe:lines() do names[#names + 1] = line:match "%S+$" end
    pipe:close()
    for i = #names, 1, -1 do
      if names[i]:find "^__" then table.remove(names, i) end -- of a sanitizer
    end
    assert.same({ "luaopen_eko_core" }, names)
  end)
end)

-- What the check above is worth.
describe("a tree of C sources", function()
  local SMALL = { file = 6, lines = 3, parameters = 2 }

  local function problems(files) return c_tree.problems(files, { "low", "high", "" }, SMALL) end

  it("may include what lies below, beside it, or outside", function()
    assert.same({}, problems {
      ["low/a.h"] = "", ["low/a.c"] = '#include "low/a.h"\n#include <lua.h>\n', ["low/b.h"] = '#include "low/a.h"\n',
      ["high/c.c"] = '#include "low/b.h"\n', ["top.c"] = '#include "high/d.h"\n', ["high/d.h"] = "",
    })
  end)

  it("may not include what lies above", function()
    assert.same({ "low/a.c includes high/b.h, which lies above it" },
      problems { ["low/a.c"] = '  #  include "high/b.h"\n', ["high/b.h"] = "" })
  end)

  it("may not include what is not there, nor have folders of which nobody knows how high they lie", function()
    assert.same({ "low/a.c includes a.h, which is not there", "other/b.c stands in no layer" },
      problems { ["low/a.c"] = '#include "a.h"\n', ["low/a.h"] = "", ["other/b.c"] = "" })
  end)

  it("may have no circle, be it of headers or by way of the files behind them", function()
    assert.same({ "a circle: low/a -> low/b -> low/a" },
      problems { ["low/a.h"] = '#include "low/b.h"\n', ["low/b.h"] = '#include "low/a.h"\n' })
    assert.same({ "a circle: low/b -> low/c -> low/d -> low/b" }, problems {
      ["low/a.c"] = '#include "low/b.h"\n', ["low/b.h"] = "", ["low/b.c"] = '#include "low/b.h"\n#include "low/c.h"\n', ["low/c.h"] = "",
      ["low/c.c"] = '#include "low/d.h"\n', ["low/d.h"] = '#include "low/b.h"\n',
    })
  end)

  it("may have no file that is too long", function()
    assert.same({}, problems { ["low/a.c"] = ("\n"):rep(6) })
    assert.same({ "low/a.c has 7 lines" }, problems { ["low/a.c"] = ("\n"):rep(7) })
  end)

  it("may have no function that is too long; what says nothing to the compiler is not counted", function()
    assert.same({}, problems { ["low/a.c"] = "int f(void)\n{ /* one */\n\n/* two */\n}\n" })
    assert.same({ "low/a.c: f has 4 lines", "low/a.c: g has 4 lines" },
      problems { ["low/a.c"] = "int x[] = {1, 2}; int f(void)\n{\nx();\n} static\ng(int a)\n{ if (a) { x(); }\n}" })
  end)

  it("may have no function with too many parameters", function()
    assert.same({ "low/a.c: g has 3 parameters" },
      problems { ["low/a.c"] = "int f(int (*a)(int, int, int), int b) { return h(a, b, 1, 2); }\nint g(int a, int b[], int c) { }" })
  end)
end)
