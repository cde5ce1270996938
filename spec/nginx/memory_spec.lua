-- A worker after ten thousand calls is as big as before. Under valgrind (EKO_NGINX_PROGRAM, see `make sanitize`) it also has no
-- error that the C core takes part in.
local load = require "spec.support.nginx_load"
local socket = require "socket"
local valgrind_report = require "spec.support.valgrind_report"

local CALLS = 10000
local under_valgrind = (os.getenv "EKO_NGINX_PROGRAM" or ""):find("valgrind", 1, true) ~= nil

local platform, driver

setup(function()
  platform, driver = load.platform(), load.driver()
end)

teardown(function()
  driver:stop()
  platform:stop()
end)

local function resident(pid)
  local file = assert(io.open(("/proc/%d/status"):format(pid)))
  local text = file:read "*a"
  file:close()
  return tonumber(text:match "VmRSS:%s*(%d+)")
end

local function drive(application, count)
  for _, path in ipairs { "/look_up/MARKER", "/verify/MARKER" } do
    local told = load.drive(driver, { unix = application.prefix .. "/app.sock", path = path, count = count / 2, concurrency = 16, keep = true })
    assert.same({ count / 2, {}, {}, {} }, { told.right, told.wrong, told.refused, told.lost })
  end
end

describe("a worker", function()
  it("does not grow over ten thousand calls", function()
    -- An own clock, because so many calls at once would have to wait for free timestamps.
    local application = load.application(platform, {
      path = "/echo/0", client = "clock = (function() local ms = 1790000000000 return function() ms = ms + 1 return ms end end)(),",
      patience = under_valgrind and 20 or nil,
    })
    local pid = application:workers()[1]
    drive(application, 1000)
    socket.sleep(0.1)
    local before = resident(pid)
    drive(application, CALLS)
    socket.sleep(0.1)
    local growth = resident(pid) - before
    assert.same({ pid }, application:workers())
    local log = application:stop()
    -- Under valgrind it is valgrind that grows, and its report on leaks that counts.
    assert.is_true(under_valgrind or growth < 2048, ("it grew by %d KB"):format(growth))
    assert.same({}, valgrind_report.of_ours(log))
  end)
end)
