-- Where the parameters of a call go, where they come from, which are not known; what a plan is made of.
local core = require "eko.core"
local drafts_of = require "spec.support.drafts"
local null = require("eko.base.json").null

local plan_of, draft_of = drafts_of.plan_of, drafts_of.draft_of

local CONTEXT_FIELDS = { "initiator_id", "user_code", "client_ref_id" }

local function context_fields(more)
  local fields = {}
  for index, name in ipairs(CONTEXT_FIELDS) do fields[index] = { name = name } end
  for _, field in ipairs(more or {}) do fields[#fields + 1] = field end
  return fields
end

describe("a draft's parameters", function()
  it("stand in their places, in the plan's order", function()
    local draft = plan_of({
      { name = "a", place = "path", tail = "/x/" }, { name = "b", place = "query" }, { name = "c" }, { name = "d", place = "path", tail = "" },
      { name = "e", place = "query" }, { name = "f", type = "integer" }, { name = "g" },
    }, true, "/head/")
    local made = draft { a = "1", b = "2", c = "3", d = "4", e = "5", f = 6 }
    assert.equal("/head/1/x/4?b=2&e=5", made:path())
    assert.equal('{"c":"3","f":6}', made:body())
    assert.same({ a = "1", b = "2", c = "3", d = "4", e = "5", f = "6" }, made:secrets())
    assert.equal("6", made:value "f")
    assert.is_nil(made:value "g")
    assert.is_nil(made:client_ref_id())
    assert.equal("/p", plan_of({ { name = "c", tail = "/t" } }, true) { c = "1" }:path())
    assert.equal("{}", plan_of({ { name = "c" } }, true) {}:body())
    assert.is_nil(plan_of({ { name = "b", place = "query" } }, false) {}:body())
    assert.equal("/p", plan_of({ { name = "b", place = "query" } }, false) {}:path())
  end)

  it("come from the call, and where it says nothing from the client", function()
    local drafts = plan_of(context_fields())
    assert.equal('{"initiator_id":"I","user_code":"U","client_ref_id":"R"}', drafts({}, "I", "U", "R"):body())
    assert.equal('{"initiator_id":"i","user_code":"U"}', drafts({ initiator_id = "i" }, "I", "U"):body())
    assert.equal('{"user_code":"u","client_ref_id":"r"}', drafts({ user_code = "u", client_ref_id = "r" }, nil, "U", "R"):body())
    assert.equal("r", drafts({ client_ref_id = "r" }, nil, "U", "R"):client_ref_id())
    for value, text in pairs { r = "r", [7] = "7", [9007199254740991] = "9007199254740991", [math.maxinteger or 8] = math.maxinteger
      and "9223372036854775807" or "8" } do
      local draft, reference = drafts({ client_ref_id = value }, nil, "U", "R")
      assert.same({ text, text }, { reference, draft:client_ref_id() })
    end
    assert.same({ "R" }, { select(2, drafts({}, nil, nil, "R")) })
    for _, wrong in ipairs { -3.5e8, 0.5, -1 } do assert.same({ { 3, "number" } }, { select(2, drafts { client_ref_id = wrong })[1] }) end
    assert.equal('{"x":"v"}', plan_of({ { name = "x" } })({ x = "v" }, "I", "U", "R"):body())
    assert.equal("{}", plan_of({ { name = "x" } })({}, "I", "U", "R"):body())
  end)

  it("give no client_ref_id where none goes out, whatever the client has", function()
    for _, case in ipairs { { {}, "R" }, { { x = "v" }, "R" }, { { x = "v" }, nil }, { {}, core.text.ref_id } } do
      assert.equal(1, select("#", plan_of({ { name = "x" } })(case[1], "I", "U", case[2])))
    end
  end)

  it("give the client_ref_id that goes out as text, too: the digits of a number as they are written", function()
    local drafts = plan_of { { name = "client_ref_id" } }
    for _, case in ipairs { { "r", "r" }, { 42, "42" }, { 9007199254740991, "9007199254740991" },
      math.type and { math.tointeger "1234567890123456789", "1234567890123456789" } or nil } do
      local draft, reference = drafts { client_ref_id = case[1] }
      assert.same({ case[2], case[2] }, { reference, draft:client_ref_id() })
    end
    assert.same({ nil, { { 1, "number" } } }, { drafts { client_ref_id = -1.95449e+09 } })
  end)

  it("that are required have a default perhaps, and a timestamp the time", function()
    local drafts = plan_of { { name = "a", required = true, default = "A" }, { name = "b", default = "B" }, { name = "n", type = "integer",
      required = true, default = 2 },
      { name = "timestamp", required = true }, { name = "user_code", required = true, default = "D" } }
    local function body(params, given) return draft_of(drafts, params, given):body() end
    assert.equal('{"a":"A","n":2,"timestamp":"T","user_code":"D"}', body({}, { timestamp = "T", user_code = "U" }))
    assert.equal('{"a":"x","b":"y","n":7,"timestamp":"z","user_code":"w"}', body({ a = "x", b = "y", n = 7, timestamp = "z", user_code = "w" },
      { timestamp = "T" }))
    assert.same({ nil, { { 4, "missing" } } }, { draft_of(drafts, {}, {}) })
    for _, kind in ipairs { "integer", "opaque", "list" } do
      assert.same({ nil, { { 1, "missing" } } }, { draft_of(plan_of { { name = "timestamp", required = true, type = kind } }, {}, { timestamp = "T" }) })
    end
    assert.equal("{}", draft_of(plan_of { { name = "timestamp" } }, {}, { timestamp = "T" }):body())
    assert.same({ nil, { { 1, "type" } } }, { draft_of(plan_of { { name = "a", required = true, default = true } }, {}) })
  end)

  it("of our own making need no look at their format; those of the caller do, the next one too", function()
    local format = { runs = { { "a", 1, 0 } } }
    local ours = core.text.ref_id
    local function problems_of(params, reference)
      local draft, problems = draft_of(plan_of { { name = "client_ref_id", format = format }, { name = "x", format = format } }, params, {
        client_ref_id = reference })
      if draft then return (draft:body():gsub("%w" .. ("%w"):rep(19), "OURS")) end
      local list = {}
      for index, problem in ipairs(problems) do list[index] = problem[1] .. problem[2] end
      return table.concat(list, " ")
    end
    assert.equal('{"client_ref_id":"OURS"}', problems_of({}, ours))
    assert.equal("1format", problems_of({}, "zz"))
    assert.equal("1format", problems_of({ client_ref_id = "zz" }, ours))
    assert.equal("2format", problems_of({ x = "zz" }, ours))
    for _, wrong in ipairs { true, false, print, {} } do assert.equal("1type", problems_of({}, wrong)) end
    assert.same({ nil, { { 1, "format" } } }, { draft_of(plan_of { { name = "timestamp", required = true, format = format } }, {}, {
      timestamp = "zz", client_ref_id = ours }) })
    assert.equal("1format", (function()
      local _, problems = draft_of(plan_of { { name = "user_code", format = format } }, {}, {
        initiator_id = "a", user_code = "zz", client_ref_id = ours })
      return problems[1][1] .. problems[1][2]
    end)())
  end)

  it("have their problems told, all of them, in the plan's order, by index", function()
    local fields = { { name = "a", required = true }, { name = "b", type = "integer" }, { name = "c", type = "address" }, { name = "d", required = true },
      { name = "e" } }
    local draft, problems = plan_of(fields) { a = "", b = "x", c = { wrong = "v" }, e = "fine" }
    assert.is_nil(draft)
    assert.same({ { 1, "empty" }, { 2, "format" }, { 3, "address name", "wrong" }, { 4, "missing" } }, problems)
    draft, problems = plan_of(fields) { a = "v", b = "1", c = { line = "l" }, e = false }
    assert.is_nil(draft)
    assert.same({ { 4, "missing" }, { 5, "type" } }, problems)
    assert.is_nil((plan_of { { name = "a", required = true } } {}))
    assert.truthy((plan_of { { name = "a" } } {}))
  end)

  it("which are not known are told by name, whatever that is", function()
    local drafts = plan_of(context_fields { { name = "x" } })
    local function names(params)
      local draft, problems = drafts(params, "I", "U", "R")
      if draft then return nil end
      local list = {}
      for _, problem in ipairs(problems) do
        assert.equal("unknown", problem[2])
        list[#list + 1] = tostring(problem[1])
      end
      table.sort(list)
      return table.concat(list, " ")
    end
    assert.is_nil(names {})
    assert.is_nil(names { x = "v", user_code = "u" })
    assert.equal("y", names { y = "v" })
    assert.equal("y z", names { y = false, x = "v", z = {} })
    assert.equal("1 2 y", names { "a", "b", y = "v", x = "v" })
    assert.equal("true", names { [true] = "v" })
    assert.equal("5", names { [5] = "v", x = "v" })
    -- One name too many and one that hides behind __index count as what they are.
    local hidden = setmetatable({}, { __index = function(_, name) return name == "x" and "v" or nil end })
    assert.equal('{"initiator_id":"I","user_code":"U","client_ref_id":"R","x":"v"}', drafts(hidden, "I", "U", "R"):body())
    hidden = setmetatable({ y = 1 }, { __index = function(_, name) return name == "x" and "v" or nil end })
    assert.equal("y", names(hidden))
    for _, wrong in ipairs { "x", 7, print, false } do assert.equal(1, select("#", drafts(wrong))) end
    assert.is_nil(drafts "x")
    assert.is_nil(drafts(nil))
  end)
end)

describe("what a call gives beyond the plan", function()
  local function extra(values, has_body, params)
    local draft, problems = draft_of(plan_of({ { name = "x", place = has_body and "body" or "query" } }, has_body), params or {}, { extra = values })
    if not draft then
      local list = {}
      for index, problem in ipairs(problems) do list[index] = tostring(problem[1]) .. ": " .. problem[2] end
      return nil, table.concat(list, ", ")
    end
    return has_body and draft:body() or draft:path(), draft:secrets()
  end

  it("has names of 1 to 64 letters, digits and _.-, which the plan has not", function()
    for _, has_body in ipairs { true, false } do
      for _, name in ipairs { "a", "Z", "z", "A", "0", "9", "_", ".", "-", "a_b.c-D9", ("n"):rep(64) } do
        assert.equal(has_body and '{"' .. name .. '":"v"}' or "/p?" .. name .. "=v", (extra({ [name] = "v" }, has_body)))
      end
      for _, name in ipairs { "", ("n"):rep(65), "a b", "é", "/", ":", "@", "[", "`", "{", "a\0", "a\n", "a~", 7, true } do
        assert.same({ nil, tostring(name) .. ": extra name" }, { extra({ [name] = "v" }, has_body) })
      end
      assert.same({ nil, "x: extra known" }, { extra({ x = "v" }, has_body) })
      assert.same({ nil, "client_ref_id: extra reference" }, { extra({ client_ref_id = "v" }, has_body) })
      assert.same({ nil, "client_ref_id: extra reference, 7: extra name" }, { extra({ [7] = "v", client_ref_id = "v", b = "v" }, has_body) })
    end
  end)

  it("can be much, and names can be of any kind", function()
    for _, has_body in ipairs { true, false } do
      local values, parts = {}, {}
      for index = 1, 300 do
        local name = ("n%03d"):format(index)
        values[name] = ("v"):rep(200 + index)
        parts[index] = has_body and ('"%s":"%s"'):format(name, values[name]) or name .. "=" .. values[name]
      end
      for _ = 1, 20 do
        assert.equal(has_body and "{" .. table.concat(parts, ",") .. "}" or "/p?" .. table.concat(parts, "&"), (extra(values, has_body)))
      end
      for _, name in ipairs { {}, print, io.stdout, true, 1.5 } do
        assert.same({ nil, tostring(name) .. ": extra name" }, { extra({ [name] = "v" }, has_body) })
      end
    end
  end)

  it("is JSON in a body", function()
    local body, secrets = extra({ a = "s", b = 7, c = true, d = { "u", { v = 1.5 } }, e = {}, f = { k = "w" } }, true, { x = "0" })
    assert.equal('{"x":"0","a":"s","b":7,"c":true,"d":["u",{"v":1.5}],"e":[],"f":{"k":"w"}}', body)
    assert.same({ x = "0", a = "s", b = "7", c = {}, d = { "u", "1.5" }, e = {}, f = "w" }, secrets)
    for _, value in ipairs { print, 0 / 0, { [1] = "a", x = "b" }, io.stdout } do assert.same({ nil, "a: extra value" }, { extra({ a = value }, true) }) end
    assert.same({ nil, "a: extra control" }, { extra({ a = "\n" }, true) })
    assert.same({ nil, "a: extra control" }, { extra({ a = { "\127" } }, true) })
  end)

  it("is a scalar in a query", function()
    local path, secrets = extra({ a = "s &é", b = 7, c = true, d = 1.5, e = false }, false, { x = "0" })
    assert.equal("/p?x=0&a=s%20%26%C3%A9&b=7&c=true&d=1.5&e=false", path)
    assert.same({ x = "0", a = "s &é", b = "7", c = {}, d = "1.5", e = {} }, secrets)
    for _, value in ipairs { {}, { "a" }, print, null } do assert.same({ nil, "a: extra scalar" }, { extra({ a = value }, false) }) end
    assert.same({ nil, "a: extra value" }, { extra({ a = 0 / 0 }, false) })
    assert.same({ nil, "a: extra control" }, { extra({ a = "\n" }, false) })
    assert.same({ nil, "a: extra utf8" }, { extra({ a = "\255" }, false) })
    assert.same({ nil, "a: extra utf8" }, { extra({ a = "\255\n" }, false) })
  end)
end)

describe("a plan", function()
  local function plan(field)
    return pcall(core.plan, "/p", true, { field })
  end

  it("knows places and kinds, and no others", function()
    for _, place in ipairs { "path", "query", "body" } do
      for _, kind in ipairs { "string", "integer", "opaque", "list", "address" } do
        assert.is_true((plan { name = "x", place = place, type = kind }))
      end
    end
    for _, wrong in ipairs { "paths", "pat", "", "header" } do
      local ok, problem = plan { name = "x", place = wrong, type = "string" }
      assert.is_false(ok)
      assert.truthy(tostring(problem):find("no such place: " .. wrong .. "$"), problem)
      ok, problem = plan { name = "x", place = "body", type = wrong }
      assert.is_false(ok)
      assert.truthy(tostring(problem):find("no such type: " .. wrong .. "$"), problem)
    end
    local _, problem = plan { name = "x", type = "string" }
    assert.truthy(tostring(problem):find "no such place: nil$")
    _, problem = plan { name = "x", place = "body" }
    assert.truthy(tostring(problem):find "no such type: nil$")
    for _, name in ipairs { false, {} } do assert.is_false((plan { name = name, place = "body", type = "string" })) end
    assert.is_false((plan { place = "body", type = "string" }))
  end)

  it("is a path, whether there is a body, and a list of fields", function()
    for _, wrong in ipairs { false, {}, print } do assert.is_false((pcall(core.plan, wrong, true, {}))) end
    for _, wrong in ipairs { "x", 7, false } do assert.is_false((pcall(core.plan, "/p", true, wrong))) end
    for _, wrong in ipairs { "x", 7, false } do
      local ok, problem = pcall(core.plan, "/p", true, { wrong })
      assert.is_false(ok)
      assert.truthy(tostring(problem):find("table expected", 1, true), problem)
    end
    assert.equal("/p", core.plan("/p", true, {}) {}:path())
    assert.equal("{}", core.plan("/p", true, {}, "what comes after") {}:body())
  end)

  it("keeps what it was made of", function()
    local function made_of_new_strings(n)
      return core.plan("/head" .. n .. "/", true, {
        { name = "a" .. n, place = "path", type = "string", max = 9, tail = "/tail" .. n, keep = ":" .. n },
        { name = "b" .. n, place = "body", type = "string", max = 9, key = '"b' .. n .. '":' },
      })
    end
    local drafts = {}
    for n = 1, 20 do drafts[n] = made_of_new_strings(n) end
    collectgarbage()
    collectgarbage()
    local litter = {}
    for n = 1, 3000 do litter[n] = "/litter" .. n .. (":"):rep(n % 7) end
    assert.equal(3000, #litter)
    for n = 1, 20 do
      local draft = drafts[n] { ["a" .. n] = "x:", ["b" .. n] = "y" }
      drafts[n] = nil
      collectgarbage()
      assert.same({ "/head" .. n .. "/x:/tail" .. n, '{"b' .. n .. '":"y"}' }, { draft:path(), draft:body() })
      assert.same({ ["a" .. n] = "x:", ["b" .. n] = "y" }, draft:secrets())
    end
  end)

  it("has fields without a maximum: nothing fits but what is empty; without a minimum: from 0 on", function()
    local drafts = core.plan("/p", true, { { name = "x", place = "body", type = "string", key = '"x":' },
      { name = "y", place = "body", type = "integer", key = '"y":' } })
    assert.equal('{"x":"","y":0}', drafts { x = "", y = 0 }:body())
    assert.same({ nil, { { 1, "length" }, { 2, "format" } } }, { drafts { x = "a", y = -1 } })
  end)
end)
