-- The life of the library inside nginx: made before the fork, reloaded, loaded anew for every request; and whose timestamps
-- are whose.
local cjson = require("cjson").new()
local load = require "spec.support.nginx_load"
local nginx = require "spec.support.nginx"
local socket = require "socket"

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
  local alarms = application:alarms()
  application:stop { alarms = options.alarm ~= nil }
  if not ok then error(err, 0) end
  for _, alarm in ipairs(alarms) do assert(options.alarm and alarm:find(options.alarm, 1, true), alarm) end
end

-- Who signs with what: a few stamps of every worker, as { worker, timestamp }.
local function stamps(application, workers)
  local found, seen, deadline = {}, {}, socket.gettime() + 10
  local count = 0
  while count < workers or #found < 40 * workers do
    assert(socket.gettime() < deadline, "not every worker answers")
    local told = cjson.decode(application:request({ unix = "app.sock", path = "/stamp" }).body)
    if not seen[told.worker] then seen[told.worker], count = true, count + 1 end
    found[#found + 1] = { worker = told.worker, timestamp = tonumber(told.timestamp), pid = told.pid }
  end
  return found
end

-- Each timestamp is there once; `lane` and `count` are what they must be of.
local function check(found, seen, lane, count)
  for _, stamp in ipairs(found) do
    assert.is_nil(seen[stamp.timestamp], ("%.0f was handed out twice"):format(stamp.timestamp))
    seen[stamp.timestamp] = true
    assert.equal(lane, stamp.timestamp % count)
  end
end

describe("the timestamps of the workers", function()
  for _, loaded in ipairs { "master", "worker", "both", "burst" } do
    it("are of one sequence for all, over reloads; the library is loaded: " .. loaded, function()
      with_application({ path = "/echo/0", workers = 3, loaded = loaded }, function(application)
        local seen = {}
        for _ = 1, 4 do
          check(stamps(application, 3), seen, 0, 1)
          application:reload()
          socket.sleep(0.2)
        end
      end)
    end)
  end

  it("keep to the lane that an operator gave the machine", function()
    with_application({ path = "/echo/0", workers = 2, client = "timestamp_lane = { index = 2, count = 3 }," }, function(application)
      check(stamps(application, 2), {}, 2, 3)
    end)
  end)

  -- Two masters at a time, as when nginx is upgraded, or when two of a user's share a key.
  it("are of one sequence for two nginx of the same user", function()
    local options = { path = "/echo/0", workers = 2, keys = { developer_key = "twins", access_key = "spec-twins-access-key" } }
    local function copy()
      local own = {}
      for name, value in pairs(options) do own[name] = value end
      return own
    end
    with_application(copy(), function(first)
      with_application(copy(), function(second)
        local seen = {}
        for _ = 1, 5 do
          check(stamps(first, 2), seen, 0, 1)
          check(stamps(second, 2), seen, 0, 1)
        end
      end)
    end)
  end)

  it("are never used twice by the workers of a machine and its second one", function()
    local function options(index, workers)
      return { path = "/echo/0", keys = load.keys, workers = workers, client = ("timestamp_lane = { index = %d, count = 2 },"):format(index) }
    end
    with_application(options(0, 1), function(first)
      with_application(options(1, 3), function(second)
        local before = load.ask(platform, "platform.sock", "/echoed")
        local running = {}
        for i, application in ipairs { first, second } do
          running[i] = load.begin(driver, { unix = application.prefix .. "/app.sock", path = "/verify/MARKER", count = 2000,
            concurrency = 32, keep = true, first = i * 100000 })
        end
        for _, begun in ipairs(running) do
          local told = load.finish(begun)
          assert.same({ 2000, {}, {}, {} }, { told.right, told.wrong, told.refused, told.lost })
        end
        local after = load.ask(platform, "platform.sock", "/echoed")
        assert.same({ 4000, 0, 0 }, { after.calls - before.calls, after.reused - before.reused, after.twice - before.twice })
      end)
    end)
  end)
end)

describe("a call that is under way when nginx reloads", function()
  it("ends as if nothing had happened", function()
    with_application({ path = "/slow/1" }, function(application)
      local slow = load.begin(driver, { unix = application.prefix .. "/app.sock", path = "/verify/MARKER", count = 4, concurrency = 4 })
      socket.sleep(0.2)
      local old = application:workers()[1]
      application:reload()
      local told = load.finish(slow)
      assert.same({ 4, {}, {}, {} }, { told.right, told.wrong, told.refused, told.lost })
      socket.sleep(0.3)
      for _, pid in ipairs(application:workers()) do assert.not_equal(old, pid) end
    end)
  end)
end)

describe("a process without forks", function()
  it("makes calls", function()
    with_application({ path = "/echo/0", main = "master_process off;" }, function(application)
      local told = load.drive(driver, { unix = application.prefix .. "/app.sock", path = "/verify/MARKER", count = 50, concurrency = 4 })
      assert.same({ 50, {}, {}, {} }, { told.right, told.wrong, told.refused, told.lost })
    end)
  end)
end)

describe("with lua_code_cache off", function()
  it("every request loads the library anew, and nothing grows or crashes", function()
    with_application({ path = "/echo/0.01", http = "lua_code_cache off;", alarm = "lua_code_cache is off" }, function(application)
      local pid = application:workers()[1]
      local function resident()
        local file = assert(io.open(("/proc/%d/status"):format(pid)))
        local text = file:read "*a"
        file:close()
        return tonumber(text:match "VmRSS:%s*(%d+)")
      end
      local job = { unix = application.prefix .. "/app.sock", path = "/verify/MARKER", count = 150, concurrency = 4 }
      local function drive()
        local told = load.drive(driver, job)
        assert.same({ 150, {}, {}, {} }, { told.right, told.wrong, told.refused, told.lost })
        return resident()
      end
      local first = drive()
      local second = drive()
      -- (A sanitizer keeps what was freed for a while.)
      assert.is_true(second - first < 8192 or os.getenv "EKO_NGINX_PROGRAM" ~= nil, ("%d KB became %d KB"):format(first, second))
      assert.same({ pid }, application:workers())
    end)
  end)
end)

describe("credentials", function()
  it("reach a worker through nginx's env directive only", function()
    local server = nginx.start {
      env = { EKO_ACCESS_KEY = "spec-access-key", EKO_DEVELOPER_KEY = "spec-developer-key" }, main = "env EKO_ACCESS_KEY;",
      http = [[
        init_by_lua_block { before_fork = os.getenv "EKO_DEVELOPER_KEY" }
        server { listen unix:{{prefix}}/app.sock; location / { content_by_lua_block {
          ngx.print(tostring(before_fork), " ", tostring(os.getenv "EKO_DEVELOPER_KEY"), " ", tostring(os.getenv "EKO_ACCESS_KEY"))
        } } }]],
    }
    local body = server:request({ unix = "app.sock" }).body
    server:stop()
    assert.equal("spec-developer-key nil spec-access-key", body)
  end)
end)
