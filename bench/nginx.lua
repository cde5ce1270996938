-- Our handler inside nginx against a plain proxy_pass: requests a second and p99 (medians of the turns, and of their ratios), and the
-- worker's CPU time for a request (lower quartiles of the turns, and their ratio), in turns in the same run.
-- One worker, a platform that answers after 50 ms, 64 and 256 connections. Prints one JSON object a line, as bench/run does.

local nginx = require "spec.support.nginx"
local results = require "bench.results"

local emit, emit_gated, median = results.emit, results.emit_gated, results.median

local SECONDS, ROUNDS = tonumber(arg[1] or 1), tonumber(arg[2] or 21)
local PAUSE = tonumber(arg[3] or 1000) -- see docs/nginx.md, "Garbage"
local CONNECTIONS = { 64, 256 }

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "a"
  pipe:close()
  return text
end

local function start_platform()
  return nginx.start {
    connections = 8192, ports = { "port" },
    http = ([[
      keepalive_requests 100000000;
      init_by_lua_block {
        body = [==[%s]==]
        function answer(seconds)
          ngx.req.read_body()
          ngx.sleep(seconds)
          ngx.header.content_type = "application/json"
          ngx.header.content_length = #body
          ngx.print(body)
        end
      }
      server {
        listen 127.0.0.1:{{port}} backlog=4096;
        location / { content_by_lua_block { answer(0.05) } }
        location /slow/ { content_by_lua_block { answer(2) } }
      }]]):format((read_file "bench/answer.json":gsub("\n$", ""))),
  }
end

local function start_application(platform)
  local address = "127.0.0.1:" .. platform.ports.port
  return nginx.start {
    connections = 8192, ports = { "port" }, package_path = nginx.root .. "/?.lua",
    http = ([[
      keepalive_requests 100000000;
      init_by_lua_block {
        collectgarbage("setpause", %d)
        handlers = require "bench.nginx_handlers"
        handlers.init("http://%s/ekoapi/v3")
        slow = require("eko").client { base_url = "http://%s/slow", developer_key = "k", access_key = "a",
          initiator_id = "9962981729", user_code = "20810200" }
      }
      upstream platform { server %s; keepalive 512; keepalive_requests 100000000; }
      server {
        listen 127.0.0.1:{{port}} backlog=4096;
        location = /call { content_by_lua_block { handlers.call() } }
        location = /proxy {
          proxy_pass http://platform;
          proxy_http_version 1.1;
          proxy_set_header Connection "";
        }
        location = /slow { content_by_lua_block { slow.levin:get { customer_id = "9444444444" } ngx.say "ok" } }
        location = /neighbour { content_by_lua_block { ngx.say "ok" } }
      }]]):format(PAUSE, address, address, address),
  }
end

-- CPU time of a process in seconds: the time on a core, by the scheduler's books.
local function cpu_of(pid)
  return tonumber(read_file(("/proc/%d/schedstat"):format(pid)):match "^%d+") / 1e9
end

local UNITS = { us = 1e-3, ms = 1, s = 1000 }

local function load(application, path, connections, seconds)
  local worker = application:workers()[1]
  local before = cpu_of(worker)
  local report = output_of(("wrk -t1 -c%d -d%ds --latency --timeout 20s http://127.0.0.1:%d%s"):format(connections, seconds,
    application.ports.port, path))
  local requests = tonumber(report:match "(%d+) requests in")
  local p99, unit = report:match "99%%%s+([%d.]+)(%a+)"
  if not requests or not p99 then error("wrk said:\n" .. report, 0) end
  if report:find "Non%-2xx" or report:find "Socket errors" then error(path .. " failed:\n" .. report .. application:error_log(), 0) end
  return {
    rate = tonumber(report:match "Requests/sec:%s+([%d.]+)"), p99 = tonumber(p99) * UNITS[unit],
    cpu = (cpu_of(worker) - before) * 1e6 / requests,
  }
end

-- What else runs on the machine only ever adds to CPU time.
local function lower_quartile(values)
  table.sort(values)
  return values[(#values + 3) // 4]
end

local MEASURES = {
  { key = "rate", name = "requests", unit = "1/s", comparison = ">=", limit = 0.97 },
  { key = "p99", name = "p99", unit = "ms", comparison = "<=", limit = 1.15 },
  { key = "cpu", name = "cpu", unit = "us", comparison = "<=", limit = 1.6, summary = lower_quartile },
}

local function compare(application, connections)
  local runs = { ["/proxy"] = {}, ["/call"] = {} }
  for path in pairs(runs) do load(application, path, connections, 2) end
  for round = 1, ROUNDS do
    -- Short turns, each first in every other round: what else the machine does then falls on both.
    local order = round % 2 == 1 and { "/proxy", "/call" } or { "/call", "/proxy" }
    for _, path in ipairs(order) do runs[path][round] = load(application, path, connections, SECONDS) end
  end
  for _, measure in ipairs(MEASURES) do
    local proxy, call, ratios = {}, {}, {}
    for round = 1, ROUNDS do
      proxy[round], call[round] = runs["/proxy"][round][measure.key], runs["/call"][round][measure.key]
      ratios[round] = call[round] / proxy[round]
    end
    local summary = measure.summary or median
    local ratio = median(ratios)
    if measure.summary then ratio = summary(call) / summary(proxy) end
    local yardstick = ("nginx_proxy_pass_%s_%d"):format(measure.name, connections)
    emit { name = yardstick, value = summary(proxy), unit = measure.unit }
    emit_gated({
      name = ("nginx_call_%s_%d"):format(measure.name, connections), value = summary(call), unit = measure.unit,
      ratio_to = yardstick, ratio = ratio,
    }, "ratio", measure.comparison, measure.limit)
  end
end

-- A location next to one that waits for the platform, in the same worker.
local function neighbour(application)
  local slow = io.popen(("wrk -t1 -c64 -d%ds --timeout 20s http://127.0.0.1:%d/slow"):format(SECONDS + 2, application.ports.port))
  os.execute "sleep 0.5"
  local beside = load(application, "/neighbour", 1, SECONDS)
  slow:read "a"
  slow:close()
  emit_gated({ name = "nginx_neighbour_p99_64", value = beside.p99, unit = "ms" }, "value", "<=", 10)
end

local function resident(pid)
  return tonumber(read_file(("/proc/%d/status"):format(pid)):match "VmRSS:%s*(%d+)")
end

local platform = start_platform()
local application = start_application(platform)
local ok, problem = xpcall(function()
  for _, connections in ipairs(CONNECTIONS) do compare(application, connections) end
  neighbour(application)
  emit { name = "nginx_worker_resident", value = resident(application:workers()[1]), unit = "KB" }
  results.emit_gates "nginx_gates_met"
end, debug.traceback)
application:stop()
platform:stop()
if not ok then error(problem, 0) end
