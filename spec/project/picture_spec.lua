-- docs/architecture.svg against the tree that it is drawn from (.ci/tree.lua).
local shell = require "spec.support.shell"
local tree = dofile ".ci/tree.lua"

local PICTURE = "docs/architecture.svg"

local function has(text, part) return text:find(part, 1, true) ~= nil end

-- A small tree: two folders of Lua, one of C.
local FILES = {
  ["lua/eko/init.lua"] = 'local call = require("eko.call")\nreturn call\n',
  ["lua/eko/call/init.lua"] = '-- require "eko.wire"\nreturn require "eko.core"\n',
  ["lua/eko/wire/head.lua"] = ("-- a line\n"):rep(140) .. "return {}\n",
  ["src/core.c"] = '#include "base/text.h"\n',
  ["src/base/text.h"] = "int text;\n",
}

describe("the picture of the tree", function()
  local directory

  local function write(path, text)
    os.execute(("mkdir -p %s/%s"):format(directory, path:match "^(.*)/"))
    shell.write_file(directory .. "/" .. path, text)
  end

  local function draw(picture) return tree.draw(tree.round(tree.of(directory), picture)) end

  before_each(function()
    directory = shell.directory()
    for path, text in pairs(FILES) do write(path, text) end
  end)
  after_each(function() os.execute("rm -rf " .. directory) end)

  it("is what the tree gives (else run `make graphs`)", function()
    local stored = shell.read_file(PICTURE)
    assert.equal(stored, tree.draw(tree.round(tree.of ".", stored)))
  end)

  it("has the rooms in their layers, their sizes, and an arrow for each require and include", function()
    local svg = draw()
    local rooms, arrows = {}, {}
    for name in svg:gmatch '<g id="([^"]+)"' do rooms[#rooms + 1] = name end
    for arrow in svg:gmatch "<title>([^<]+ needs [^<]+)</title>" do arrows[#arrows + 1] = arrow end
    assert.same({ "lua/eko/", "lua/eko/call", "src/", "lua/eko/wire", "src/base" }, rooms)
    assert.same({ "lua/eko/ needs lua/eko/call", "lua/eko/call needs src/", "src/ needs src/base" }, arrows)
    assert.is_true(has(svg, ">1 file, 100 lines</text>"))
    assert.is_false(has(svg, "#cf222e"))
    assert.equal(svg, draw())
  end)

  it("is another one with one arrow more, one room more, one file more", function()
    local before = draw()
    write("lua/eko/call/init.lua", 'require "eko.wire.head"\nreturn require "eko.core"\n')
    local arrow = draw(before)
    assert.is_true(has(arrow, "lua/eko/call needs lua/eko/wire"))
    assert.not_equal(before, arrow)
    write("lua/eko/store/init.lua", "return {}\n")
    local room = draw(arrow)
    assert.is_true(has(room, "lua/eko/store/</text>"))
    write("lua/eko/store/redis.lua", "return {}\n")
    assert.is_true(has(draw(room), ">2 files, 100 lines</text>"))
  end)

  it("shows an arrow upwards in red", function()
    write("lua/eko/call/init.lua", 'return pcall(require, "eko.core"), require "eko"\n')
    assert.is_true(has(draw(), "#cf222e"))
  end)

  it("keeps the lines that it says for as long as they are less than a hundred off", function()
    local before = draw()
    for lines, size in pairs { [30] = 100, [199] = 100, [200] = 200, [1249] = 1200 } do
      write("lua/eko/wire/head.lua", ("-- a line\n"):rep(lines))
      local text = size == 1200 and "1,200" or tostring(size)
      assert.equal(size == 100, draw(before) == before, lines)
      assert.is_true(has(draw(before), ">1 file, " .. text .. " lines</text>"), lines)
    end
  end)
end)
