local nginx = require "spec.support.nginx"

local APP = [[
local slots = require "eko.nginx.slots"

local actions = {}

local function new() return slots.new(ngx.shared.small, "x", 1 / 2) end

function actions.flood()
  local table_of, kept = new(), {}
  for i = 1, 20 do
    kept[i] = "kept " .. i
    table_of:set(kept[i], 50 + i, 60)
    assert(table_of:count("refused " .. i, 1, 60))
    for _ = 1, 30 do table_of:count("busy " .. i, 40, 60) end
  end
  for i = 1, 20000 do
    assert(table_of:count("invented " .. i, 5, 60) == true)
    assert(table_of:get("never " .. i) == 0)
  end
  for i, name in ipairs(kept) do assert(table_of:get(name) == 50 + i, name) end
  for i = 1, 20 do assert(table_of:get("busy " .. i) == 30, "busy") end
  return tostring(#ngx.shared.small:get_keys(0))
end

function actions.count()
  local table_of, answers = new(), {}
  for i = 1, 5 do
    local ok, seconds = table_of:count("somebody", 3, 60)
    answers[i] = tostring(ok) .. " " .. tostring(seconds)
  end
  return table.concat(answers, ", ")
end

function actions.time()
  local table_of = new()
  table_of:set("brief", 7, 0.1)
  table_of:count("brief count", 1, 0.1)
  local before = table_of:get "brief" .. " " .. tostring((table_of:count("brief count", 1, 0.1)))
  ngx.sleep(0.15)
  return before .. ", " .. table_of:get "brief" .. " " .. tostring((table_of:count("brief count", 1, 0.1)))
end

function actions.largest()
  local table_of = new()
  table_of:set("a", slots.MOST - 1, 60)
  table_of:set("b", 0, 60)
  return table_of:get "a" - slots.MOST .. " " .. table_of:get "b"
end

-- Where others have taken all of the dictionary, nobody is refused, and it is said why nobody is counted.
function actions.full()
  local full = ngx.shared.full
  local i = 0
  while full:safe_set("other " .. i, 1) do i = i + 1 end
  local table_of = slots.new(full, "x", 1 / 2)
  table_of:set("a", 1, 60)
  local ok, why = table_of:count("a", 1, 60)
  return ("%s %s %d"):format(tostring(ok), tostring(why), table_of:get "a")
end

-- Names stand in it as digests only, and not under the same one in another dictionary.
function actions.names()
  new():set("9444444444", 1, 60)
  local text = table.concat(ngx.shared.small:get_keys(0), " ")
  return tostring(text:find("9444444444", 1, true)) .. " " .. tostring(ngx.shared.small:get "slots:key" == ngx.shared.full:get "slots:key")
end

return { handle = function() ngx.print(actions[ngx.var.uri:sub(2)]()) end }
]]

describe("eko.nginx.slots", function()
  local server
  setup(function()
    server = nginx.start { workers = 4, files = { ["lua/app.lua"] = APP }, http = [[
      lua_shared_dict small 64k;
      lua_shared_dict full 64k;
      init_by_lua_block { require "app" }
      server { listen unix:{{prefix}}/app.sock; location / { content_by_lua_block { require("app").handle() } } }
    ]] }
  end)
  teardown(function() server:stop() end)

  local function ask(action) return server:request({ unix = "app.sock", path = "/" .. action }).body end

  it("counts up to a bound", function()
    assert.truthy(ask "count":find "^true nil, true nil, true nil, nil [56]%d, nil [56]%d$")
  end)

  it("keeps its size, and what is large, in a flood", function()
    assert.is_true(tonumber(ask "flood") <= 256 + 1)
  end)

  it("forgets after a time", function() assert.equal("7 nil, 0 true", ask "time") end)
  it("holds every number that it may", function() assert.equal("-1 0", ask "largest") end)
  it("refuses nobody for want of room", function() assert.equal("true no memory 0", ask "full") end)
  it("keeps no names", function() assert.equal("nil false", ask "names") end)
end)
