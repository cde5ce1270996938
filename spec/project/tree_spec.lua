-- The tree reads from the top down, and nothing reaches back up: layers, circles, and how large files and functions are.
local shell = require "spec.support.shell"
local tree = require "spec.support.tree"

-- The layers of lua/, the lowest first: the beginnings of their modules' names (the face's: whole ones), and what they are there for.
local LAYERS = {
  { "core", { "eko.core" }, "C: bytes, crypto, JSON, HTTP/1.1, drafts, sockets. It requires nothing of Lua's." },
  { "base", { "eko.base." }, "Words and rules that all have: errors, outcomes, options, redaction, money, dates. They know nothing of calls." },
  { "wire", { "eko.wire." }, "Bytes in and out, and the event loop. No meaning." },
  { "call", { "eko.call", "eko.call." }, "One call, from its parameters to its verdict. It gets endpoints as objects, and knows no list of them." },
  { "catalog", { "eko.catalog", "eko.catalog." }, "What an endpoint's description means, and how one is made." },
  { "wallets", { "eko.wallets", "eko.wallets." }, "The rooms of the wallets, which are data, and all endpoints together." },
  { "journey", { "eko.journey", "eko.journey." }, "The engine that carries a customer through a wallet's states." },
  { "store", { "eko.store", "eko.store." }, "Where a journey waits. (Nothing of a journey is known there but that it is text.)" },
  { "nginx", { "eko.nginx", "eko.nginx." }, "Journeys as endpoints of nginx: made of journeys and stores." },
  { "the face", { "eko", "eko.client", "eko.settings", "eko.concurrently", "eko.version" }, "What a program requires, and nothing inside." },
  { "cli", { "eko.cli.", "bin/eko" }, "The command line: it uses what any program may use, and a few of our words." },
}
-- It plays the platform, so a fault of ours must not hide in it: it has its own of everything but the core. Who may know of it at all:
local EMULATOR = "eko.emulator"
local KNOW_THE_EMULATOR = { ["the face"] = true, cli = true }

-- Files in which a name that is required stands in a variable.
local UNNAMED = {
  ["lua/eko/init.lua"] = "modules are lazy fields",
  ["lua/eko/store/init.lua"] = "the stores are lazy fields",
  ["lua/eko/cli/help.lua"] = "it looks whether what bin/eko names is installed",
  ["lua/eko/store/redis/nginx.lua"] = "a client library has two names",
  ["lua/eko/emulator/server.lua"] = "its libraries are optional",
}

-- What a wallet's room may require: data that rooms share.
local SHARED_BY_WALLETS = { ["eko.wallets.shapes"] = true, ["eko.wallets.steps"] = true }

local MOST_LINES, MOST_OWN_LINES, MOST_PARAMETERS = 400, 60, 5


local function begins_with(name, beginning) return name:sub(1, #beginning) == beginning end

local function is_emulator(module) return module == EMULATOR or begins_with(module, EMULATOR .. ".") end

-- The number and the name of a module's layer.
local function layer_of(module)
  for number, layer in ipairs(LAYERS) do
    for _, name in ipairs(layer[2]) do
      if module == name or name:find "%.$" and begins_with(module, name) then return number, layer[1] end
    end
  end
end

local function files_of(command)
  local files = {}
  for path in shell.output_of(command):gmatch "[^\n]+" do files[path] = shell.read_file(path) end
  return files
end

local SOURCES = files_of "find lua -name '*.lua'; echo bin/eko"

-- Who requires whom, of sources: module -> { module = line }; and what could not be read.
local function edges_of(sources, unnamed)
  local modules, edges, problems = { ["eko.core"] = true }, {}, {}
  for path in pairs(sources) do modules[tree.module_of(path)] = true end
  for path, text in pairs(sources) do
    local found, more = tree.requires(path, text, modules, unnamed)
    edges[tree.module_of(path)] = found
    for _, problem in ipairs(more) do problems[#problems + 1] = problem end
  end
  table.sort(problems)
  return edges, problems
end

-- Arrows that no order of layers forbids: into the emulator and out of it, and out of a wallet's room.
local function strange_arrows(edges)
  local problems = {}
  for from, targets in pairs(edges) do
    local room = from:match "^eko%.wallets%.([^.]+)%."
    for to, line in pairs(targets) do
      local is_wrong
      if is_emulator(from) then
        is_wrong = not is_emulator(to) and to ~= "eko.core"
      elseif is_emulator(to) then
        is_wrong = not KNOW_THE_EMULATOR[select(2, layer_of(from))]
      elseif room then
        is_wrong = not SHARED_BY_WALLETS[to]
      end
      if is_wrong then problems[#problems + 1] = ("%s must not require %s (line %d)"):format(from, to, line) end
    end
  end
  table.sort(problems)
  return problems
end

-- Everything that has a place in the layers.
local function layered(edges)
  local some = {}
  for from, targets in pairs(edges) do
    if not is_emulator(from) then some[from] = targets end
  end
  return some
end

-- Fails with what is wrong, a line each.
local function assert_none(problems) assert.equal("", table.concat(problems, "\n")) end

describe("the tree", function()
  local edges, unread = edges_of(SOURCES, UNNAMED)

  it("is read whole", function()
    assert_none(unread)
    local modules, arrows = 0, 0
    for _, targets in pairs(edges) do
      modules = modules + 1
      for _ in pairs(targets) do arrows = arrows + 1 end
    end
    assert.is_true(modules > 100 and arrows > 300, ("%d modules, %d arrows"):format(modules, arrows))
    -- One of each way to require: by name, in parentheses, one of two, by the beginning of a name.
    assert.is_number(edges["eko.call.attempt"]["eko.wire.loop"])
    assert.is_number(edges["eko.client"]["eko.journey"])
    assert.is_number(edges["eko.wire.carrier"]["eko.wire.carrier.curl"])
    assert.is_number(edges["bin/eko"]["eko.cli.doctor"])
  end)

  it("has no arrow from below to above", function() assert_none(tree.arrows_up(layered(edges), layer_of)) end)

  it("has no circle", function() assert_none(tree.circles(edges)) end)

  it("lets the emulator stand apart, and a wallet's room be data", function() assert_none(strange_arrows(edges)) end)

  it("has a layer for each name that stands among the layers", function()
    for _, layer in ipairs(LAYERS) do
      for _, name in ipairs(layer[2]) do
        local is_there = name == "eko.core"
        for module in pairs(edges) do is_there = is_there or module == name or name:find "%.$" and begins_with(module, name) end
        assert.truthy(is_there, name)
      end
    end
  end)
end)

describe("files and functions", function()
  it("have at most " .. MOST_LINES .. " lines: files of lua/, src/ and spec/", function()
    local files = files_of "find bin lua src spec -path spec/fixtures -prune -o -type f -print"
    assert.is_string(files["spec/project/tree_spec.lua"])
    assert_none(tree.large_files(files, MOST_LINES))
  end)

  it(("have at most %d lines of their own and %d parameters: functions of lua/"):format(MOST_OWN_LINES, MOST_PARAMETERS), function()
    local problems = {}
    for path, text in pairs(SOURCES) do
      for _, problem in ipairs(tree.large_functions(path, text, MOST_OWN_LINES, MOST_PARAMETERS)) do problems[#problems + 1] = problem end
    end
    assert_none(problems)
  end)
end)

-- What is read above is true of the tree as it is; here are trees that are wrong.
describe("a tree that is made up", function()
  -- Sources, and what is said of them: of what cannot be read, arrows up, circles, the emulator and the wallets' rooms.
  local WRONG = {
    { "an arrow up", { ["lua/eko/base/json.lua"] = 'local call = require "eko.call"', ["lua/eko/call/init.lua"] = "" },
      "arrows", "eko.base.json requires eko.call (line 1): base lies below call" },
    { "one inside a function", { ["lua/eko/call/init.lua"] = '--\nreturn function()\n  return require("eko.settings").check()\nend',
      ["lua/eko/settings.lua"] = "" }, "arrows", "eko.call requires eko.settings (line 3): call lies below the face" },
    { "one by the beginning of a name", { ["lua/eko/wire/head.lua"] = 'return require("eko.journey." .. name)', ["lua/eko/journey/token.lua"] = "" },
      "arrows", "eko.wire.head requires eko.journey.token (line 1): wire lies below journey" },
    { "one to the command line", { ["lua/eko/client.lua"] = 'pcall(require, "eko.cli.help")', ["lua/eko/cli/help.lua"] = "" },
      "arrows", "eko.client requires eko.cli.help (line 1): the face lies below cli" },
    { "a module in no layer", { ["lua/eko/journal/init.lua"] = "" }, "arrows", "eko.journal stands in no layer" },
    { "two that need each other", { ["lua/eko/base/a.lua"] = 'require "eko.base.b"', ["lua/eko/base/b.lua"] = 'f(require "eko.base.a")' },
      "circles", "eko.base.a -> eko.base.b -> eko.base.a" },
    { "a longer circle", { ["lua/eko/wire/a.lua"] = "require 'eko.wire.b'", ["lua/eko/wire/b.lua"] = 'require("eko.wire.c")',
      ["lua/eko/wire/c.lua"] = 'return x and require(y and "eko.wire.d" or "eko.wire.b")', ["lua/eko/wire/d.lua"] = "" },
      "circles", "eko.wire.b -> eko.wire.c -> eko.wire.b" },
    { "the emulator with something of ours", { ["lua/eko/emulator/json.lua"] = 'require "eko.base.json" require "eko.core"',
      ["lua/eko/base/json.lua"] = "" }, "strange", "eko.emulator.json must not require eko.base.json (line 1)" },
    { "an emulator below the face", { ["lua/eko/call/init.lua"] = '\nrequire "eko.emulator"', ["lua/eko/emulator/init.lua"] = "" },
      "strange", "eko.call must not require eko.emulator (line 2)" },
    { "a wallet that is more than data", { ["lua/eko/wallets/fino/verbs.lua"] = 'require "eko.wallets.shapes" require "eko.wallets"',
      ["lua/eko/wallets/init.lua"] = "", ["lua/eko/wallets/shapes.lua"] = "" },
      "strange", "eko.wallets.fino.verbs must not require eko.wallets (line 1)" },
    { "a name in a variable", { ["lua/eko/base/a.lua"] = "-- require\nlocal found = require(name)" },
      "unread", "lua/eko/base/a.lua:2 requires something that stands in a variable: name it, or say in this spec why" },
    { "another name for require", { ["lua/eko/base/a.lua"] = "local load = require" },
      "unread", "lua/eko/base/a.lua:1 requires something that stands in a variable: name it, or say in this spec why" },
    { "a module that is not there", { ["lua/eko/base/a.lua"] = '\n\nrequire "eko.gone"' },
      "unread", "lua/eko/base/a.lua:3 requires eko.gone, which is not there" },
    { "a reason for nothing", { ["lua/eko/base/listed.lua"] = 'require "socket"' },
      "unread", "lua/eko/base/listed.lua requires nothing that stands in a variable" },
    { "a name in a variable of a file that is listed", { ["lua/eko/base/listed.lua"] = 'local NAMES = { "eko.call" } pcall(require, NAMES[1])',
      ["lua/eko/call/init.lua"] = "" }, "arrows", "eko.base.listed requires eko.call (line 1): base lies below call" },
  }

  for _, row in ipairs(WRONG) do
    local name, sources, kind, said = row[1], row[2], row[3], row[4]
    it("is wrong with " .. name, function()
      local edges, unread = edges_of(sources, { ["lua/eko/base/listed.lua"] = sources["lua/eko/base/listed.lua"] and "a reason" })
      local found = { unread = unread, arrows = tree.arrows_up(layered(edges), layer_of), circles = tree.circles(edges), strange = strange_arrows(edges) }
      for each, problems in pairs(found) do assert.equal(each == kind and said or "", table.concat(problems, "\n")) end
    end)
  end

  it("is right from the top down", function()
    local edges, unread = edges_of({
      ["lua/eko/client.lua"] = '-- require "eko.cli.help"\nlocal x = "require \'eko.cli.help\'" require "eko.call" require "eko.emulator"',
      ["lua/eko/call/init.lua"] = 'require "eko.base.json"', ["lua/eko/base/json.lua"] = 'require "eko.core"',
      ["lua/eko/emulator/init.lua"] = 'require "eko.core"', ["lua/eko/cli/help.lua"] = 'require "eko.client" require "eko.base.json"',
    }, {})
    assert_none(unread)
    assert_none(tree.arrows_up(layered(edges), layer_of))
    assert_none(tree.circles(edges))
    assert_none(strange_arrows(edges))
  end)

  local function lines(count) return ("  call()\n"):rep(count) end

  it("has functions that are counted line by line, without what is nested in them", function()
    local text = "local function outer(a, b)\n" .. lines(3) .. "  each(function(...)\n" .. lines(10) .. "  end)\n" .. "end\n"
      .. "function meta.__index(self, name, c, d, e, ...) if a then while b do repeat f() until c end end return 'end' end\n"
      .. "function flow:method(a, b, c, d, e) --[[ end\n]] for i = 1, 2 do goto on ::on:: end\nend\nlocal short = function() end\n"
    assert.same({
      { name = "a function", params = 1, line = 5, lines = 12 },
      { name = "outer", params = 2, line = 1, lines = 6 },
      { name = "meta.__index", params = 6, line = 18, lines = 1 },
      { name = "flow:method", params = 5, line = 19, lines = 3 },
      { name = "short", params = 0, line = 22, lines = 1 },
    }, tree.functions(text))
  end)

  it("is wrong with a function that is too long, or takes too much, and with a file that is too long", function()
    local function said(text) return table.concat(tree.large_functions("x.lua", text, MOST_OWN_LINES, MOST_PARAMETERS), "\n") end
    assert.equal("", said("local function f(a, b, c, d, e)\n" .. lines(58) .. "end"))
    assert.equal("x.lua: f has 61 lines of its own (line 1)", said("local function f()\n" .. lines(59) .. "end"))
    assert.equal("x.lua: a function has 61 lines of its own (line 2)", said("function f()\n  g(function()\n" .. lines(59) .. "  end)\nend"))
    assert.equal("x.lua: f has 6 parameters (line 1)", said "function f(a, b, c, d, e, ...) end")
    assert.equal("x.lua: m.f has 6 parameters (line 1)", said "function m.f(self, b, c, d, e, g) end")
    assert.equal("", said "function m:f(b, c, d, e, g) end")
    assert.same({ "a has 401 lines" }, tree.large_files({ a = ("x\n"):rep(401), b = ("x\n"):rep(400) }, 400))
  end)
end)
