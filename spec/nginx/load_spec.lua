-- Many calls at a time from a real nginx: nobody waits for somebody else, no timestamp is used twice, no answer is swapped.
local load = require "spec.support.nginx_load"
local shell = require "spec.support.shell"
local socket = require "socket"

-- The long run takes 30 s; EKO_RELOAD_SECONDS makes it shorter on a developer's machine.
local RELOAD_SECONDS = tonumber(os.getenv "EKO_RELOAD_SECONDS" or 30)

local platform, driver

setup(function()
  platform, driver = load.platform(), load.driver()
end)

teardown(function()
  driver:stop()
  platform:stop()
end)

local function with_application(options, run)
  local application = load.application(platform, options)
  local ok, err = pcall(run, application)
  local log = application:stop()
  if not ok then error(err, 0) end
  for _, never in ipairs { "stale", "[crit]", load.keys.access_key, load.keys.developer_key } do
    assert(not log:find(never, 1, true), never .. " stands in the error log:\n" .. log)
  end
end

describe("a worker that waits for the platform", function()
  it("serves its other requests meanwhile", function()
    with_application({ path = "/slow/2" }, function(application)
      local unix = application.prefix .. "/app.sock"
      local slow = load.begin(driver, { unix = unix, path = "/look_up/MARKER", count = 64, concurrency = 64 })
      socket.sleep(0.3)
      local neighbour = load.drive(driver, { unix = unix, path = "/neighbour", body = "ok", seconds = 1, concurrency = 4, keep = true })
      local told = load.finish(slow)
      assert.same({ 64, {}, {}, {} }, { told.right, told.wrong, told.refused, told.lost })
      assert.is_true(told.p50 >= 2 and told.seconds < 4, "64 calls of 2 s each took " .. told.seconds)
      -- Bench says what it is on an idle machine (below 10 ms); a worker that blocks would make it seconds.
      assert.is_true(neighbour.right > 500, neighbour.right .. " answers in 1 s")
      assert.is_true(neighbour.p99 < 0.1, "p99 " .. neighbour.p99)
    end)
  end)
end)

describe("four workers that share a key", function()
  it("make 20,000 calls at a time without using a timestamp twice", function()
    local options = { path = "/ekoapi/v3", keys = load.keys, workers = 4, ports = { "port" }, listen = "listen 127.0.0.1:{{port}} reuseport;" }
    with_application(options, function(application)
      local before = load.ask(platform, "platform.sock", "/seen")
      -- A key signs 1,000 calls a second, and may be a minute ahead of the clock.
      local told = load.drive(driver, { port = application.ports.port, path = "/outcome/MARKER", count = 20000, concurrency = 256,
        keep = true, body = "not_enrolled" })
      assert.same({ {}, {}, {} }, { told.wrong, told.refused, told.lost })
      assert.equal(20000, told.right)
      local seen = load.ask(platform, "platform.sock", "/seen")
      assert.equal(20000, seen.calls - before.calls)
      assert.equal(0, seen.unauthorized)
    end)
  end)
end)

local function descriptors(pid)
  return tonumber((shell.output_of(("ls /proc/%d/fd 2>/dev/null | wc -l"):format(pid)):gsub("%s", "")))
end

local function sum(counts)
  local n = 0
  for _, count in pairs(counts) do n = n + count end
  return n
end

local function wait_for_workers(application, count)
  local deadline = socket.gettime() + 15
  while #application:workers() ~= count do
    assert(socket.gettime() < deadline, "old workers are still there")
    socket.sleep(0.05)
  end
end

describe("reloading under load", function()
  it("swaps no answer, sends nothing twice, leaks no descriptor", function()
    with_application({ path = "/echo/0.2", workers = 2, shutdown_timeout = "20s" }, function(application)
      local unix = application.prefix .. "/app.sock"
      local master_before = descriptors(application.pid)
      local before = load.ask(platform, "platform.sock", "/echoed")
      local running = {}
      for i, path in ipairs { "/look_up/MARKER", "/verify/MARKER" } do
        running[i] = load.begin(driver, { unix = unix, path = path, seconds = RELOAD_SECONDS, concurrency = 16, first = i * 10000000 })
      end
      for second = 1, RELOAD_SECONDS - 1 do
        socket.sleep(1)
        if second == math.floor(RELOAD_SECONDS / 2) then
          application:kill_worker(application:workers()[1])
        else
          application:signal "HUP"
        end
      end
      for _, begun in ipairs(running) do
        local told = load.finish(begun)
        assert.same({}, told.wrong)
        assert.same({}, told.refused)
        -- Only the worker that was killed loses what it was doing: at most all the requests of a moment.
        assert.is_true(sum(told.lost) <= 16, sum(told.lost) .. " requests had no answer")
        assert.is_true(told.right > RELOAD_SECONDS * 20, told.right .. " answers")
      end
      local after = load.ask(platform, "platform.sock", "/echoed")
      assert.equal(before.twice, after.twice)
      assert.equal(before.reused, after.reused)
      wait_for_workers(application, 2)
      assert.is_true(math.abs(descriptors(application.pid) - master_before) <= 1)
      local before_more = {}
      for _, pid in ipairs(application:workers()) do before_more[pid] = descriptors(pid) end
      load.drive(driver, { unix = unix, path = "/look_up/MARKER", count = 500, concurrency = 16 })
      load.drive(driver, { unix = unix, path = "/look_up/MARKER", count = 500, concurrency = 16 })
      socket.sleep(0.2)
      for pid, count in pairs(before_more) do
        -- A worker keeps connections to the platform, as many as it once needed at a time.
        assert.is_true(descriptors(pid) - count <= 32, ("%d descriptors became %d"):format(count, descriptors(pid)))
      end
    end)
  end)
end)

-- Everything that an operator may do at a time. `loaded` is where the library is (spec/support/nginx_load.lua).
describe("four workers at full speed on one key", function()
  for _, loaded in ipairs { "master", "worker", "both" } do
    it("use no timestamp twice in ten reloads in twelve seconds, the library loaded: " .. loaded .. " #harm10", function()
      with_application({ path = "/echo/0.05", workers = 4, loaded = loaded, shutdown_timeout = "20s" }, function(application)
        local before = load.ask(platform, "platform.sock", "/echoed")
        local begun = load.begin(driver, { unix = application.prefix .. "/app.sock", path = "/look_up/MARKER", seconds = 13, concurrency = 64 })
        for _ = 1, 10 do
          socket.sleep(1.2)
          application:signal "HUP"
        end
        local told = load.finish(begun)
        local after = load.ask(platform, "platform.sock", "/echoed")
        assert.same({ {}, {}, {} }, { told.wrong, told.refused, told.lost })
        assert.is_true(told.right > 1000, told.right .. " answers")
        assert.equal(0, after.reused - before.reused)
      end)
    end)
  end
end)

describe("a fork after a burst", function()
  it("fails no call: workers of a master that signed", function()
    with_application({ path = "/echo/0", workers = 4, loaded = "burst" }, function(application)
      local before = load.ask(platform, "platform.sock", "/echoed")
      local told = load.drive(driver, { unix = application.prefix .. "/app.sock", path = "/look_up/MARKER", count = 2000, concurrency = 32 })
      local after = load.ask(platform, "platform.sock", "/echoed")
      assert.same({ 2000, {}, {}, {} }, { told.right, told.wrong, told.refused, told.lost })
      assert.equal(0, after.reused - before.reused)
    end)
  end)

  it("fails no call: children of a script #harm10", function()
    local before = load.ask(platform, "platform.sock", "/seen")
    local _, said = shell.run(('eval "$(make -s env LUA=luajit)"; luajit spec/support/forks.lua call http://127.0.0.1:%d/ekoapi/v3')
      :format(platform.ports.platform))
    local after = load.ask(platform, "platform.sock", "/seen")
    assert.equal("failed 0\n", said)
    assert.equal(200, after.calls - before.calls)
    assert.equal(0, after.unauthorized - before.unauthorized)
  end)
end)
