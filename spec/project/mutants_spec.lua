-- The mutation tool (`make mutants`), on sources made up for it: which mutants there are, and what is said of them.
local shell = require "spec.support.shell"

local quote, write_file = shell.quote, shell.write_file

-- The tool is written for Lua 5.4, whichever Lua runs the specs.
local LUA = "lua5.4"

local function output_of(line)
  local status, text = shell.run(line)
  return text, status
end

local function lines_of(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do list[#list + 1] = line end
  table.sort(list)
  return list
end

describe("the mutants of a source", function()
  local directory

  setup(function() directory = shell.directory() end)
  teardown(function() os.execute("rm -rf " .. quote(directory)) end)

  -- kind, function, and the changed line; sorted
  local function mutants_of(name, source)
    write_file(directory .. "/" .. name, source)
    write_file(directory .. "/list.lua", [[
      package.path = "./.ci/mutants/?.lua;" .. package.path
      local file = io.open(arg[1])
      for _, site in ipairs((require "mutants_of"(arg[1], file:read "a"))) do
        for _, mutant in ipairs(site.mutants) do print((site.kind .. " " .. site.fn .. " " .. mutant.after):match "^(.-) *$") end
      end
    ]])
    local text, status = output_of(("%s %s %s"):format(LUA, quote(directory .. "/list.lua"), quote(directory .. "/" .. name)))
    assert.equal(0, status, text)
    return lines_of((text:gsub("status 0\n$", "")))
  end

  local function assert_mutants(name, source, expected)
    table.sort(expected)
    assert.same(expected, mutants_of(name, source))
  end

  local CASES = {
    { "a comparison of any kind", "lua", "local function f(a, b) g(a < b, a <= b, a == b, a ~= b) end", {
      "comparison f local function f(a, b) g(a <= b, a <= b, a == b, a ~= b) end",
      "comparison f local function f(a, b) g(a >= b, a <= b, a == b, a ~= b) end",
      "comparison f local function f(a, b) g(a < b, a < b, a == b, a ~= b) end",
      "comparison f local function f(a, b) g(a < b, a > b, a == b, a ~= b) end",
      "comparison f local function f(a, b) g(a < b, a <= b, a ~= b, a ~= b) end",
      "comparison f local function f(a, b) g(a < b, a <= b, a == b, a == b) end",
      "statement f local function f(a, b) end",
    } },
    { "a comparison with a number has neighbours; a number too", "lua", "return #a == 20", {
      "comparison (file) return #a ~= 20", "comparison (file) return #a <= 20", "comparison (file) return #a >= 20",
      "constant (file) return #a == 21", "constant (file) return #a == 19", "constant (file) return #a == 0",
    } },
    { "strings, words, 0 and 1", "lua", 'x.y = function() return "a", "", [[b]], true, false, nil, 0, 1 end', {
      'constant x.y x.y = function() return "", "", [[b]], true, false, nil, 0, 1 end',
      'constant x.y x.y = function() return "a~", "", [[b]], true, false, nil, 0, 1 end',
      'constant x.y x.y = function() return "a", "~", [[b]], true, false, nil, 0, 1 end',
      'constant x.y x.y = function() return "a", "", [[]], true, false, nil, 0, 1 end',
      'constant x.y x.y = function() return "a", "", [[b~]], true, false, nil, 0, 1 end',
      'constant x.y x.y = function() return "a", "", [[b]], false, false, nil, 0, 1 end',
      'constant x.y x.y = function() return "a", "", [[b]], true, true, nil, 0, 1 end',
      'constant x.y x.y = function() return "a", "", [[b]], true, false, true, 0, 1 end',
      'constant x.y x.y = function() return "a", "", [[b]], true, false, nil, 1, 1 end',
      'constant x.y x.y = function() return "a", "", [[b]], true, false, nil, -1, 1 end',
      'constant x.y x.y = function() return "a", "", [[b]], true, false, nil, 0, 2 end',
      'constant x.y x.y = function() return "a", "", [[b]], true, false, nil, 0, 0 end',
      "statement x.y x.y = function() end",
      'statement (file) without x.y = function() return "a", "", [[b]], true, false, nil, 0, 1 end',
    } },
    { "nothing in comments and in long brackets", "lua", "--[==[ a < 1 ]] ]==] -- if b then\nlocal x --[[ == ]] = y", {} },
    { "what `and` and `or` join", "lua", "t[a and b or c and d] = e", {
      "logic (file) t[a or b or c and d] = e", "logic (file) t[b or c and d] = e", "logic (file) t[a or c and d] = e",
      "logic (file) t[a and b and c and d] = e", "logic (file) t[c and d] = e", "logic (file) t[a and b] = e",
      "logic (file) t[a and b or c or d] = e", "logic (file) t[a and b or d] = e", "logic (file) t[a and b or c] = e",
      "statement (file) without t[a and b or c and d] = e",
    } },
    { "branches", "lua", "while a do if b then break elseif c() then return end end\nrepeat until d", {
      "branch (file) while not (a) do if b then break elseif c() then return end end",
      "branch (file) while true do if b then break elseif c() then return end end",
      "branch (file) while false do if b then break elseif c() then return end end",
      "branch (file) while a do if not (b) then break elseif c() then return end end",
      "branch (file) while a do if true then break elseif c() then return end end",
      "branch (file) while a do if false then break elseif c() then return end end",
      "branch (file) while a do if b then break elseif not (c()) then return end end",
      "branch (file) while a do if b then break elseif true then return end end",
      "branch (file) while a do if b then break elseif false then return end end",
      "statement (file) while a do if b then elseif c() then return end end",
      "statement (file) while a do if b then break elseif c() then end end",
      "branch (file) repeat until not (d)", "branch (file) repeat until true", "branch (file) repeat until false",
    } },
    { "comparisons, characters, macros", "c", "#define LIMIT 7 /* < 8 */\n#if 1 < 2\n#endif\nint f(int a) { return a < 'b'; }", {
      "constant (file) #define LIMIT 8 /* < 8 */", "constant (file) #define LIMIT 6 /* < 8 */", "constant (file) #define LIMIT 0 /* < 8 */",
      "comparison f int f(int a) { return a <= 'b'; }", "comparison f int f(int a) { return a >= 'b'; }",
      "constant f int f(int a) { return a < ('b'+1); }", "constant f int f(int a) { return a < ('b'-1); }",
      "statement f int f(int a) { ; }",
    } },
    { "what && and || join, and the condition of a ?", "c", "void g(void) { x = a[0u] && p->q || c ? f(b, c) : d; }", {
      "logic g void g(void) { x = a[0u] || p->q || c ? f(b, c) : d; }", "logic g void g(void) { x = p->q || c ? f(b, c) : d; }",
      "logic g void g(void) { x = a[0u] || c ? f(b, c) : d; }", "logic g void g(void) { x = a[0u] && p->q && c ? f(b, c) : d; }",
      "logic g void g(void) { x = c ? f(b, c) : d; }", "logic g void g(void) { x = a[0u] && p->q ? f(b, c) : d; }",
      "branch g void g(void) { x = !(a[0u] && p->q || c) ? f(b, c) : d; }", "branch g void g(void) { x = 1 ? f(b, c) : d; }",
      "branch g void g(void) { x = 0 ? f(b, c) : d; }", "constant g void g(void) { x = a[(0u+1)] && p->q || c ? f(b, c) : d; }",
      "constant g void g(void) { x = a[(0u-1)] && p->q || c ? f(b, c) : d; }", "statement g void g(void) { ; }",
    } },
    { "branches and statements, not declarations", "c",
      '/* if (x) */ void h(T *p)\n{\nint k, l[] = {K};\nfor (k = A; k; k++) if (k) f("<");\nelse { T *q = p; continue; }\nswitch (k) { case A: break; }\n}', {
      "branch h for (k = A; !(k); k++) if (k) f(\"<\");", "branch h for (k = A; 1; k++) if (k) f(\"<\");",
      "branch h for (k = A; 0; k++) if (k) f(\"<\");", "branch h for (k = A; k; k++) if (!(k)) f(\"<\");",
      "branch h for (k = A; k; k++) if (1) f(\"<\");", "branch h for (k = A; k; k++) if (0) f(\"<\");",
      "constant h for (k = A; k; k++) if (k) f(\"\");", "constant h for (k = A; k; k++) if (k) f(\"<~\");",
      "statement h for (k = A; k; k++) if (k) ;", "statement h else { T *q = p; ; }", "statement h switch (k) { case A: ; }",
    } },
  }

  for _, case in ipairs(CASES) do
    it("are those of " .. case[1] .. " (" .. case[2] .. ")", function() assert_mutants("made_up." .. case[2], case[3], case[4]) end)
  end

  it("are all there for every source of this project", function()
    local text, status = output_of(([[for f in $(find src -name '*.c') $(find lua -name '*.lua'); do %s %s "$f" >%s || echo "$f"; done]]):format(LUA,
      quote(directory .. "/list.lua"), quote(directory .. "/out")))
    assert.same({ "", 0 }, { text, status })
  end)
end)

describe("the mutation tool", function()
  local directory

  local SOURCE = {
    ["lua/made_up.lua"] = [[
local made_up = {}
function made_up.is_small(n)
  if n >= 10 then return false end
  return true
end
return made_up
]],
    ["src/made_up_c.c"] = [[
#include <lua.h>
static int is_small(lua_State *L)
{
    int n = (int)lua_tointeger(L, 1);
    lua_pushboolean(L, n < 10);
    return 1;
}
int luaopen_made_up_c(lua_State *L)
{
    lua_pushcfunction(L, is_small);
    return 1;
}
]],
  }

  local SPEC = [[
describe("is_small", function()
  it("knows", function()
    local is_small = %s
    assert.is_true(is_small(%d))
    assert.is_false(is_small(%d))
  end)
end)
]]
  local FUNCTION = { ["lua/made_up.lua"] = 'require "made_up".is_small', ["src/made_up_c.c"] = 'require "made_up_c"' }

  before_each(function()
    directory = shell.directory()
    os.execute(("mkdir -p %s/lua %s/src"):format(directory, directory))
    for path, source in pairs(SOURCE) do write_file(directory .. "/" .. path, source) end
  end)
  after_each(function() os.execute("rm -rf " .. quote(directory)) end)

  local function run(path, small, big, equivalents)
    write_file(directory .. "/made_up_spec.lua", SPEC:format(FUNCTION[path], small, big))
    write_file(directory .. "/equivalents.lua", "return " .. (equivalents or "{}"))
    local here = shell.output_of("pwd"):gsub("\n", "")
    return output_of(([[cd %s && LUA_PATH="./lua/?.lua;;" LUA_CPATH=";;" MUTANTS_COMPILE="cc -w -fPIC $(pkg-config --cflags lua5.4)" \
      MUTANTS_LINK="cc -shared" MUTANTS_MODULE=made_up_c.so %s %s/.ci/mutants/main.lua --equivalents equivalents.lua \
      --specs made_up_spec.lua %s]]):format(quote(directory), LUA, quote(here), path))
  end

  for _, path in ipairs { "lua/made_up.lua", "src/made_up_c.c" } do
    it("is content where a spec notices each mutant: " .. path, function()
      local text, status = run(path, 9, 10)
      assert.equal(0, status, text)
      assert.truthy(text:find "is_small +1 ", 1) -- one comparison
      assert.falsy(text:find("survived:", 1, true), text)
    end)

    it("names what survives, and where: " .. path, function()
      local text, status = run(path, 9, 11)
      assert.equal(1, status, text)
      local changed = path:find "lua$" and "if n > 10 then return false end" or "lua_pushboolean(L, n <= 10);"
      assert.truthy(text:find(("%s:%d %s: comparison `%s` survived: %s"):format(path, path:find "lua$" and 3 or 5,
        path:find "lua$" and "made_up.is_small" or "is_small", path:find "lua$" and ">=" or "<", changed), 1, true), text)
    end)

    it("wants the specs to pass without a mutant: " .. path, function()
      local text, status = run(path, 10, 11)
      assert.equal(2, status, text)
      assert.truthy(text:find("the specs fail without a mutant", 1, true), text)
    end)
  end

  it("takes a mutant for equivalent that is listed, and tells when one is listed that is killed or not there", function()
    local LISTED = '{ ["lua/made_up.lua"] = { ["made_up.is_small"] = { { why = "it is not asked", %s } } } }'
    local survivors = '"if n > 10 then return false end", "if n >= 11 then return false end"'
    local text, status = run("lua/made_up.lua", 9, 11, LISTED:format(survivors))
    assert.equal(0, status, text)
    assert.truthy(text:find "%(all%).* 0 +2 +%d+\n", text)
    for _, more in ipairs { "if n < 10 then return false end", "if n > 99 then return false end" } do
      text, status = run("lua/made_up.lua", 9, 11, LISTED:format(survivors .. ', "' .. more .. '"'))
      assert.equal(1, status, text)
      assert.truthy(text:find("listed as equivalent, but ", 1, true), text)
    end
  end)

  it("counts a mutant that does not end, or eats all memory, as noticed", function()
    write_file(directory .. "/lua/made_up.lua", [[
local made_up = {}
function made_up.is_small(n)
  local list = {}
  while #list < n do table.insert(list, tostring(list):rep(n * n * n * n * n)) end
  return #list < 10
end
return made_up
]])
    local text, status = run("lua/made_up.lua", 9, 10)
    assert.equal(0, status, text)
  end)
end)
