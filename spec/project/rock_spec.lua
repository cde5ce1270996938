-- The rock as a user gets it: built by LuaRocks, whose flags are its own, installed into a tree, used from another directory.
-- For every Lua that the rockspec names. Runs under .ci/check-rock, not with the other specs.
local command = require "spec.support.command"
local shell = require "spec.support.shell"

local VERSIONS = { "5.4", "5.3", "5.2", "5.1" }
-- What is built with the headers of Lua 5.1 or of LuaJIT is loaded by both.
local HEADERS = { ["5.1"] = { "/usr/include/lua5.1", "/usr/include/luajit-2.1" } }
local PROGRAMS = { ["5.1"] = { "lua5.1", "luajit" } }

local USE = [[
local eko = require "eko"
assert(eko.sign("test-access-key-123", 1700000000000) == "88lqTf9ew69XbVbeczjxVL8/B4vibfp1MvTi1mIj2Xo=")
local client = eko.client { environment = "emulator" }
assert(client.levin:get { customer_id = "9444444444" }.outcome == "not_enrolled")
io.write "works"
]]

local run = shell.run

--- The line of the README that installs, for a Lua.
local function install_line(version, headers)
  local line = assert(shell.read_file("README.md"):match "`(luarocks [^`]*make[^`]*)`", "the README says how to install")
  line = line:gsub("%-%-lua%-version %S+", "--lua-version " .. version)
  return headers and line .. " LUA_INCDIR=" .. headers or line
end

local function listing(directory)
  local _, text = run("cd " .. directory .. " && find . -path ./.git -prune -o -type f -print | LC_ALL=C sort")
  return text
end

describe("the rock #harm15", function()
  local home = shell.directory()
  local source = home .. "/source"

  setup(function()
    assert.equal(0, (run("mkdir -p " .. source .. " && tar -cf - --exclude=./build --exclude=./.git . | tar -xf - -C " .. source)))
    run("make -s -C " .. source .. " clean")
  end)
  teardown(function() os.execute("rm -rf " .. shell.quote(home)) end)

  -- Nothing of the checkout may be found.
  local function environment(rest)
    return "unset LUA_PATH LUA_CPATH LUA_PATH_5_4 LUA_CPATH_5_4 LUA_INIT; " .. command.environment(home) .. " " .. rest
  end

  for _, version in ipairs(VERSIONS) do
    for _, headers in ipairs(HEADERS[version] or { false }) do
      local name = "for Lua " .. version .. (headers and " with the headers of " .. headers or "")
      local tree = ("%s/%s%s"):format(home, version, headers and headers:gsub("/", "-") or "")

      describe(name, function()
        local status, output

        setup(function()
          local line = install_line(version, headers):gsub("^luarocks", "luarocks --tree " .. tree)
          status, output = run(("cd %s && %s"):format(source, environment(line)))
        end)
        teardown(function() run("make -s -C " .. source .. " clean") end)

        it("is installed by the README's line", function() assert.equal(0, status, output) end)

        it("exports the function that Lua looks for, and nothing else", function()
          local _, symbols = run(("nm -D --defined-only %s/lib/lua/%s/eko/core.so"):format(tree, version))
          assert.equal("luaopen_eko_core", (symbols:gsub("%x+ %a ", ""):gsub("\n$", "")))
        end)

        for _, program in ipairs(PROGRAMS[version] or { "lua" .. version }) do
          it("is required and called from another directory by " .. program, function()
            shell.write_file(home .. "/use.lua", USE)
            local share, lib = tree .. "/share/lua/" .. version, tree .. "/lib/lua/" .. version
            local code, text = run(("cd / && %s LUA_PATH='%s/?.lua;%s/?/init.lua;;' LUA_CPATH='%s/?.so;;' %s %s/use.lua"):format(
              environment "", share, share, lib, program, home))
            assert.equal("works", text)
            assert.equal(0, code)
          end)
        end

        it("brings an eko that runs from any directory", function()
          local code, text = run(("cd / && %s %s/bin/eko --version"):format(environment "", tree))
          assert.equal("eko " .. require("eko")._VERSION .. "\n", text)
          assert.equal(0, code)
          code, text = run(("cd / && %s %s/bin/eko onboard levin 9444444444 --emulator </dev/null"):format(environment "", tree))
          assert.equal(3, code, text) -- a journey that stopped where it needs a person
        end)
      end)
    end
  end

  it("is cleaned away by make clean, with what LuaRocks left of building it", function()
    local before = listing(source)
    local line = install_line("5.4", false):gsub("^luarocks", "luarocks --tree " .. home .. "/clean")
    for _, each in ipairs { line, line .. " --pack-binary-rock" } do
      assert.equal(0, (run(("cd %s && %s"):format(source, environment(each)))))
    end
    run("make -s -C " .. source .. " core-5.4")
    assert.not_equal(before, listing(source))
    assert.equal(0, (run("make -s -C " .. source .. " clean")))
    assert.equal(before, listing(source))
    assert.equal(0, (run("test ! -e " .. source .. "/build && test ! -e " .. source .. "/eko")))
  end)
end)
