local core = require "eko.core"
local curl = require "eko.wire.carrier.curl"
local eko = require "eko"
local emulator_server = require "spec.support.emulator_server"

local now = core.text.monotonic

local function client_of(server)
  return eko.client { base_url = server.base_url, developer_key = server.developer_key, access_key = server.access_key,
    initiator_id = "9962981729", user_code = "20810200", timeout = 10 }
end

describe("eko.concurrently", function()
  local server
  setup(function() server = emulator_server.start {} end)
  teardown(function() curl.close_idle() server.stop() end)
  before_each(function() server.clear() end)

  it("waits for many answers at the same time, and keeps their order", function()
    server.fault { kind = "delay", seconds = 0.3, times = 20, slug = "ppi-levin-get-sender" }
    local client, functions, seen = client_of(server), {}, {}
    for i = 1, 20 do
      functions[i] = function() return client.levin:get { customer_id = ("9%09d"):format(i) } end
    end
    local started = now()
    local results, errors = eko.concurrently(functions, { limit = 20, on_progress = function(done, count) seen[#seen + 1] = done / count end })
    assert.is_true(now() - started < 20 * 0.3 / 2)
    for i = 1, 20 do
      assert.is_nil(errors[i])
      assert.equal("not_enrolled", results[i].outcome)
    end
    assert.equal(20, #seen)
    assert.equal(1, seen[20])
  end)

  it("ends calls inside a pcall, a sort or a gsub of the caller's, on every Lua #harm04", function()
    local client = client_of(server)
    local function call(customer_id) return client.levin:get { customer_id = customer_id }.outcome end
    local inside = {
      function() return select(2, pcall(call, "9000000001")) end,
      function() return select(2, xpcall(function() return call "9000000002" end, tostring)) end,
      function() return (("9000000003"):gsub("%d+", call)) end,
      function()
        local outcome
        table.sort({ 2, 1 }, function(a, b)
          outcome = outcome or call "9000000004"
          return a < b
        end)
        return outcome
      end,
      function() return call "9000000005" end,
    }
    local results, errors = eko.concurrently(inside)
    for i = 1, #inside do
      assert.is_nil(errors[i])
      assert.equal("not_enrolled", results[i])
    end
  end)

  it("runs no more at a time than it was told", function()
    local active, most, functions = 0, 0, {}
    local client = client_of(server)
    for i = 1, 12 do
      functions[i] = function()
        active = active + 1
        most = math.max(most, active)
        local sender = client.levin:get { customer_id = "9444444444" }
        active = active - 1
        return sender and i
      end
    end
    local results = eko.concurrently(functions, { limit = 3 })
    assert.equal(3, most)
    for i = 1, 12 do assert.equal(i, results[i]) end
  end)

  it("gives each its own error, also what it raised, and its own deadline", function()
    server.fault { kind = "delay", seconds = 1, times = 1 }
    local client = client_of(server)
    local results, errors = eko.concurrently {
      function() return client.levin:get({ customer_id = "9444444441" }, { timeout = 0.3 }) end,
      function() return client.levin:get { customer_id = "bad" } end,
      function() error({ mine = true }) end,
      function() return "fine" end,
    }
    assert.equal("timeout", errors[1].name)
    assert.equal("invalid_format", errors[2].name)
    assert.is_true(errors[3].cause.mine)
    assert.same({ nil, nil, nil, "fine" }, { results[1], results[2], results[3], results[4] })
  end)

  it("waits between retries without stopping the others", function()
    server.fault { kind = "unavailable", times = 1, slug = "ppi-levin-get-recipients" }
    local client, order = client_of(server), {}
    eko.concurrently {
      function() client.levin:recipients { customer_id = "9444444442" } order[#order + 1] = "retried" end,
      function() client.levin:get { customer_id = "9444444443" } order[#order + 1] = "plain" end,
    }
    assert.equal(2, #order)
  end)

  it("may stand inside itself, with nothing to do, and is told of misuse", function()
    assert.same({}, (eko.concurrently {}))
    local results = eko.concurrently { function()
      return (eko.concurrently { function() return 1 end, function() return 2 end })
    end }
    assert.same({ { 1, 2 } }, results)
    assert.is_false((pcall(eko.concurrently, { 1 })))
    assert.is_false((pcall(eko.concurrently, {}, { limit = 0 })))
    assert.is_false((pcall(eko.concurrently, {}, { limits = 1 })))
  end)
end)

describe("a loop that fails itself", function()
  it("gives what was found out all the same, and an error for the rest", function()
    local poll, written, loaded = core.connection.poll, io.stderr, {}
    core.connection.poll = function() error("out of memory", 0) end
    local names = { "eko.wire.loop", "eko.concurrently" }
    for _, name in ipairs(names) do loaded[name], package.loaded[name] = package.loaded[name], nil end
    local module, loop = require "eko.concurrently", require "eko.wire.loop"
    core.connection.poll = poll
    for _, name in ipairs(names) do package.loaded[name] = loaded[name] end
    io.stderr = { write = function() end } -- luacheck: ignore (what is reported there is not this spec's)
    local results, errs = module.concurrently({
      function() return "done" end,
      function() return loop.wait(nil, false, core.text.monotonic() + 5) end,
      function() return "never begun" end,
    }, { limit = 1 })
    io.stderr = written -- luacheck: ignore
    assert.equal("done", results[1])
    for index = 2, 3 do
      assert.is_nil(results[index])
      assert.same({ "task", "killed", false }, { errs[index].kind, errs[index].name, errs[index].sent })
    end
  end)
end)
