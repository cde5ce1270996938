-- Our handler inside nginx against a plain proxy_pass: requests a second and p99 (medians of the turns, and of their ratios), and the
-- worker's CPU time for a request (lower quartiles of the turns, and their ratio), in turns in the same run.
-- One worker, a platform that answers after 50 ms, 64 and 256 connections. Prints one JSON object a line, as bench/run does.

local results = require "bench.results"
local servers = require "bench.nginx_servers"

local emit, emit_gated, median = results.emit, results.emit_gated, results.median

local SECONDS, ROUNDS = tonumber(arg[1] or 1), tonumber(arg[2] or 21)
local PAUSE = tonumber(arg[3] or 1000) -- see docs/nginx.md, "Garbage"
local CONNECTIONS = { 64, 256 }

local load, start_platform = servers.load, servers.start_platform

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

local platform = start_platform()
local application = servers.start_application(platform, PAUSE)
local ok, problem = xpcall(function()
  for _, connections in ipairs(CONNECTIONS) do compare(application, connections) end
  neighbour(application)
  emit { name = "nginx_worker_resident", value = servers.resident(application:workers()[1]), unit = "KB" }
  results.emit_gates "nginx_gates_met"
end, debug.traceback)
application:stop()
platform:stop()
if not ok then error(problem, 0) end
