-- The stores in the workers of a real nginx: the shared dictionary, Redis, and what is claimed.
local contract = require "spec.support.store_contract"
local nginx = require "spec.support.nginx"
local redis = require "spec.support.redis"
local socket = require "socket"
local store = require "eko.store"

--- The stores inside nginx answer for themselves: one location runs a case, others what several requests do at once.
local APP = [[
local contract = require "spec.support.store_contract"
local store = require "eko.store"

local app = {}

local function make(name)
  if name == "dict" then return require("eko.store.shared_dict").new "journeys" end
  if name == "small" or name == "brief" then return require("eko.store.shared_dict").new(name) end
  if name == "claimed" then
    local dict = require "eko.store.shared_dict"
    return require("eko.nginx.claimed").new(dict.new "journeys", dict.new "keeper", 20)
  end
  if name == "locked" or name == "wrong" then
    return require("eko.store.redis").new { path = "{{locked}}", database = 2, username = "default",
      password = name == "locked" and "a-long-secret" or "a-wrong-secret" }
  end
  return require("eko.store.redis").new { path = name == "redis" and "{{redis}}" or nil, port = {{redis_port}}, timeout = 0.5 }
end

local actions = {}

function actions.case(args)
  contract.run(args.name, { store = make(args.store), claims = true, sleep = ngx.sleep, key = store.new_key })
  return "ok"
end

function actions.take(args) return make(args.store):take(args.key) or "nothing" end
function actions.put(args) return tostring(make(args.store):put(args.key, args.value, 20)) end
function actions.get(args) return make(args.store):get(args.key) or "nothing" end

function actions.claim(args)
  local claim, why = make(args.store):claim(args.key, 20)
  return claim and "mine" or why
end

function actions.fill()
  local small = make "small"
  local first = store.new_key()
  assert(small:put(first, "the first", 20))
  local kept = {}
  for _ = 1, 1000 do
    local key = store.new_key()
    local ok, err = small:put(key, ("x"):rep(1000), 20)
    if not ok then
      for _, each in ipairs(kept) do assert(small:get(each), "something was pushed out") end
      assert(small:get(first) == "the first")
      assert(small:get(key) == nil)
      return ("%d %s %s %s"):format(#kept, err.kind, err.name, err.message)
    end
    kept[#kept + 1] = key
  end
  return "never full"
end

-- What is in a full dictionary can be replaced and claimed: a claim, then a longer value, of all that are there.
function actions.grow()
  local full, keys = require("eko.store.shared_dict").new "growing", {}
  while true do
    local key = store.new_key()
    if not full:put(key, "x", 20) then break end
    keys[#keys + 1] = key
  end
  for round = 1, 3 do
    for _, key in ipairs(keys) do
      local claim = assert(full:claim(key, 20))
      assert(full:put(key, ("y"):rep(600 * round), 20, claim))
      assert(full:get(key) == ("y"):rep(600 * round))
      if round < 3 then full:release(key, claim) end
    end
  end
  -- The places that they left.
  for _ = 1, 4 do full:put(store.new_key(), "x", 20) end
  assert(select(2, full:put(store.new_key(), "x", 20)).name == "store_full")
  -- What ends here and there makes room for as much that is new.
  local ended, again = 0, 0
  for i = 1, #keys, 2 do
    full:revoke(keys[i])
    ended = ended + 1
  end
  while full:put(store.new_key(), "x", 20) do again = again + 1 end
  assert(again >= ended - 2 and again <= ended + 2, again .. " for " .. ended)
  return "grown: " .. #keys
end

-- Puts with a claim again and again, until the claim is taken away.
function actions.hold(args)
  local one, deadline = make(args.store), ngx.now() + 5
  local claim = assert(one:claim(args.key, 20))
  for count = 1, 1000000 do
    local ok, why = one:put(args.key, "value", 20, claim)
    if not ok then return why .. " after " .. count end
    if count % 200 == 0 then
      ngx.sleep(0.001)
      if ngx.now() > deadline then return "never lost" end
    end
  end
end

actions["end"] = function(args) return tostring(make(args.store):revoke(args.key)) end

function actions.refill()
  local brief, kept = make "brief", 0
  while brief:put(store.new_key(), ("x"):rep(1000), 0.2) do kept = kept + 1 end
  ngx.sleep(0.3)
  local ok, err = brief:put(store.new_key(), ("x"):rep(1000), 0.2)
  return ok and "room again after " .. kept or tostring(err)
end

function actions.log_in()
  local key = store.new_key()
  for _ = 1, 3 do assert(make "locked":put(key, "value", 20)) end
  assert(make "locked":get(key) == "value")
  local ok, err = make "wrong":put(key, "value", 20)
  return tostring(ok) .. " " .. tostring(err)
end

function actions.unknown() return tostring(select(2, pcall(require("eko.store.shared_dict").new, "nobody"))) end

function actions.busy()
  local one = make "redis"
  local started = ngx.now()
  local value, err = one:get(store.new_key())
  ngx.update_time()
  return ("%s %s %.1f"):format(tostring(value), err and err.name or "-", ngx.now() - started)
end

function app.handle()
  local args = ngx.req.get_uri_args()
  local ok, text = pcall(actions[ngx.var.uri:sub(2)], args)
  ngx.status = ok and 200 or 500
  ngx.print(text)
end

return app
]]

local function start(workers, server, locked)
  return nginx.start {
    workers = workers, package_path = nginx.root .. "/?.lua;" .. redis.nginx_path(),
    files = { ["lua/app.lua"] = (APP:gsub("{{redis}}", server.path):gsub("{{redis_port}}", server.port):gsub("{{locked}}", locked.path)) },
    http = [[
      lua_shared_dict journeys 10m;
      lua_shared_dict small 64k;
      lua_shared_dict brief 64k;
      lua_shared_dict growing 256k;
      lua_shared_dict keeper 1m;
      init_by_lua_block { require "app" require "eko.store.redis" require "eko.store.shared_dict" }
      server { listen unix:{{prefix}}/app.sock; location / { content_by_lua_block { require("app").handle() } } }
    ]],
  }
end

local function ask(server, action, args)
  local parts = {}
  for name, value in pairs(args or {}) do parts[#parts + 1] = name .. "=" .. value:gsub("[^%w_-]", function(byte)
    return ("%%%02X"):format(byte:byte())
  end) end
  return { unix = "app.sock", path = "/" .. action .. "?" .. table.concat(parts, "&") }, server
end

local function answer_of(server, action, args)
  local answer = server:request((ask(server, action, args)))
  return answer.body, answer.status
end

--- The answers of many requests that are under way at the same time.
local function at_once(server, count, action, args)
  local clients, answers = {}, {}
  for i = 1, count do clients[i] = assert(server:begin((ask(server, action, args)))) end
  for i = 1, count do answers[i] = assert(server:finish(clients[i])).body end
  return answers
end

local function tally(answers)
  local counts = {}
  for _, each in ipairs(answers) do counts[each] = (counts[each] or 0) + 1 end
  return counts
end

describe("the stores inside nginx", function()
  local server, database, locked
  setup(function()
    database, locked = redis.start(), redis.start { password = "a-long-secret" }
    server = start(4, database, locked)
  end)
  teardown(function()
    local log = server:stop()
    database:stop()
    locked:stop()
    assert.is_nil(log:find("secret", 1, true))
  end)

  for _, name in ipairs { "dict", "redis", "redis_tcp", "claimed" } do
    for _, list in ipairs { contract.cases, contract.claim_cases } do
      for _, case in ipairs(list) do
        it(name .. ": " .. case[1], function()
          assert.equal("ok", (answer_of(server, "case", { store = name, name = case[1] })))
        end)
      end
    end
  end

  for _, name in ipairs { "dict", "redis" } do
    it(name .. ": of many requests in four workers one takes a value", function()
      for _ = 1, 10 do
        local key = store.new_key()
        assert.equal("true", (answer_of(server, "put", { store = name, key = key, value = "treasure" })))
        local counts = tally(at_once(server, 40, "take", { store = name, key = key }))
        assert.same({ treasure = 1, nothing = 39 }, counts)
      end
    end)

    it(name .. ": of many requests in four workers one claims", function()
      for _ = 1, 10 do
        local counts = tally(at_once(server, 40, "claim", { store = name, key = store.new_key() }))
        assert.same({ mine = 1, claimed = 39 }, counts)
      end
    end)

    it(name .. ": nothing is lost on reload", function()
      local key = store.new_key()
      answer_of(server, "put", { store = name, key = key, value = "kept" })
      server:reload()
      assert.equal("kept", (answer_of(server, "get", { store = name, key = key })))
    end)
  end

  it("a full dictionary is an error, and nothing is pushed out for it", function()
    local report = answer_of(server, "fill")
    assert.truthy(report:find "^%d+ store store_full lua_shared_dict small is full: make it larger in nginx.conf")
    assert.is_true(tonumber(report:match "^%d+") > 5)
  end)

  it("a full dictionary takes longer values and claims of what is in it", function()
    local report = answer_of(server, "grow")
    assert.truthy(report:find "^grown: %d%d+$", report)
  end)

  for _, name in ipairs { "dict", "redis" } do
    it(name .. ": what was revoked is not put by a worker that is at it", function()
      for _ = 1, 20 do
        local key = store.new_key()
        local client = assert(server:begin((ask(server, "hold", { store = name, key = key }))))
        repeat local value = answer_of(server, "get", { store = name, key = key }) until value == "value"
        answer_of(server, "end", { store = name, key = key })
        assert.truthy(server:finish(client).body:find "^claim_lost after %d")
        assert.equal("nothing", (answer_of(server, "get", { store = name, key = key })))
      end
    end)
  end

  it("a dictionary has room again when what was in it has expired", function()
    assert.truthy(answer_of(server, "refill"):find "^room again after %d")
  end)

  it("redis: logs in to a database, and a wrong password is not let in by a connection of another's", function()
    local report = answer_of(server, "log_in")
    assert.truthy(report:find "^nil eko: store: store_refused: Redis at unix:.*WRONGPASS", report)
    assert.is_nil(report:find("a-wrong-secret", 1, true))
  end)

  it("a dictionary that nginx.conf does not have is named", function()
    assert.truthy(answer_of(server, "unknown"):find('put "lua_shared_dict nobody 10m;" into the http block', 1, true))
  end)

  it("a Redis that does not answer stops nobody, and is an error in time", function()
    database:signal "STOP"
    local client = assert(server:begin((ask(server, "busy"))))
    local started = socket.gettime()
    local answered = 0
    while socket.gettime() - started < 0.3 do
      answer_of(server, "claim", { store = "dict", key = store.new_key() })
      answered = answered + 1
    end
    local answer = server:finish(client).body
    database:signal "CONT"
    assert.truthy(answer:find "^nil store_unavailable 0%.[5-9]" or answer:find "^nil store_unavailable 1%.")
    assert.is_true(answered > 20)
  end)
end)
