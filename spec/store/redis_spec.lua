-- The store in Redis, from plain Lua against a real one. (From nginx: stores_in_nginx_spec.lua.)
local contract = require "spec.support.store_contract"
local redis = require "spec.support.redis"
local socket = require "socket"
local store = require "eko.store"

describe("eko.store.redis from plain Lua", function()
  local server, library
  setup(function() server, library = redis.start(), redis.library() end)
  teardown(function() server:stop() end)

  local function new(options)
    local all = { path = server.path, library = library, timeout = 0.5 }
    for name, value in pairs(options or {}) do all[name] = value end
    return require("eko.store.redis").new(all)
  end
  local function world() return { store = new(), claims = true, sleep = socket.sleep, key = store.new_key } end
  for _, list in ipairs { contract.cases, contract.claim_cases } do
    for _, case in ipairs(list) do
      it(case[1], function() case[2](world()) end)
    end
  end

  it("speaks over TCP too, to a database of its own", function()
    local one, key = new { port = server.port, database = 3 }, store.new_key()
    rawset(one.settings, "path", nil)
    assert.is_true(one:put(key, "value", 20))
    assert.equal("value", one:get(key))
    assert.is_nil(new():get(key))
  end)

  it("keeps journeys under random keys with an expiry", function()
    server:command "FLUSHALL"
    local one, key = new(), store.new_key()
    one:put(key, "sealed", 20)
    one:claim(key, 20)
    local keys = server:command "KEYS *"
    assert.equal(2, #keys)
    for _, each in ipairs(keys) do
      assert.truthy(each:find("eko:journey:{" .. key .. "}", 1, true), each)
      assert.truthy(tonumber(server:command("PTTL " .. each):sub(2)) > 0, each .. " does not expire")
    end
  end)

  it("takes a value once, whoever asks", function()
    local one, two, key = new(), new(), store.new_key()
    one:put(key, "value", 20)
    assert.equal("value", two:take(key))
    assert.is_nil(one:take(key))
  end)

  it("goes on when Redis closed the idle connection", function()
    local one, key = new(), store.new_key()
    one:put(key, "value", 20)
    server:command "CLIENT KILL TYPE normal SKIPME yes"
    assert.equal("value", one:get(key))
  end)

  it("names what is wrong", function()
    local one = require("eko.store.redis").new { path = server.directory .. "/nobody.sock", library = library }
    local value, err = one:get "key"
    assert.is_nil(value)
    assert.equal("store_unavailable", err.name)
    assert.is_true(err.retryable)
    assert.truthy(tostring(err):find("nobody.sock", 1, true))
    local two = new()
    server:command "SADD eko:journey:{set} x"
    value, err = two:get "set"
    assert.is_nil(value)
    assert.equal("store_refused", err.name)
    assert.truthy(err.message:find("WRONGTYPE", 1, true))
    assert.is_nil(two:get "other", "the connection is good all the same")
  end)

  it("waits no longer than the timeout for a Redis that does not answer", function()
    local one, key = new { timeout = 0.3 }, store.new_key()
    one:put(key, "value", 20)
    server:signal "STOP"
    local started = socket.gettime()
    local value, err = one:get(key)
    local took = socket.gettime() - started
    server:signal "CONT"
    assert.is_nil(value)
    assert.equal("store_unavailable", err.name)
    assert.is_true(took < 1.5)
    assert.equal("value", one:get(key), "it was not the late answer of the call before")
  end)

  it("logs in, and never shows the password", function()
    local locked = redis.start { password = "a-long-secret" }
    local key = store.new_key()
    local with = require("eko.store.redis").new { path = locked.path, password = "a-long-secret", library = library }
    assert.is_true(with:put(key, "value", 20))
    local value, err = require("eko.store.redis").new({ path = locked.path, password = "a-wrong-secret", library = library }):get(key)
    assert.is_nil(value)
    assert.equal("store_refused", err.name)
    assert.is_nil(tostring(err):find("a-wrong-secret", 1, true))
    value, err = require("eko.store.redis").new({ path = locked.path, library = library }):get(key)
    assert.is_nil(value)
    assert.truthy(err.message:find("NOAUTH", 1, true))
    locked:stop()
  end)

  it("says what is wrong with its options", function()
    local function message(options)
      local ok, problem = pcall(require("eko.store.redis").new, options)
      assert.is_false(ok)
      return problem
    end
    assert.truthy(message({ hots = "x" }):find('did you mean "host"?', 1, true))
    assert.truthy(message({ timeout = 0 }):find("seconds", 1, true))
    assert.truthy(message({ username = "x" }):find("password", 1, true))
    assert.truthy(message("x"):find("table", 1, true))
  end)
end)
