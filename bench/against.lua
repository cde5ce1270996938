-- against.lua OLD_CHECKOUT [ROUNDS SECONDS]: one call of this checkout and of an older one, in turns; see bench/against.
-- Both are asked for the same pieces of work (bench/work.lua of this checkout, as far as it uses the public face alone).

local nginx = require "spec.support.nginx"
local results = require "bench.results"
local servers = require "bench.nginx_servers"

local emit, emit_gated, median = results.emit, results.emit_gated, results.median

local old, ROUNDS, SECONDS = arg[1], tonumber(arg[2] or 7), tonumber(arg[3] or 2)
local LUAS = { { name = "lua5.4", flavour = "5.4" }, { name = "luajit", flavour = "luajit" } }
local ROOTS = { old = old, new = nginx.root }

local function output_of(command)
  local pipe = assert(io.popen(command .. "; exit $?"))
  local text = pipe:read "a"
  if not pipe:close() then error("failed: " .. command, 0) end
  return text
end

local function command(root, lua, tool, ...)
  return ("LUA_PATH='%s/lua/?.lua;%s/lua/?/init.lua;;' LUA_CPATH='%s/build/%s/?.so;;' %s %s bench/time.lua %s"):format(
    root, root, root, lua.flavour, tool, lua.name, table.concat({ ... }, " "))
end

local function microseconds(root, lua, ...) return tonumber(output_of(command(root, lua, "", ...))) end

-- User instructions of one piece of work: 1,200 of them less 200, so that starting up cancels out.
local function instructions(root, name, base_url)
  local counts, profile = {}, os.tmpname()
  for _, count in ipairs { 1200, 200 } do
    output_of(command(root, LUAS[1], "valgrind -q --tool=callgrind --callgrind-out-file=" .. profile, name, base_url, 0, count))
    for line in io.lines(profile) do counts[count] = counts[count] or tonumber(line:match "^summary: (%d+)") end
  end
  os.remove(profile)
  return (counts[1200] - counts[200]) / 1000
end

-- The old and the new one in turns, each first in every other round; the medians, and the median of the rounds' ratios.
local function in_turns(measure)
  local old_values, new_values, ratios = {}, {}, {}
  for round = 1, ROUNDS do
    local values = {}
    for _, side in ipairs(round % 2 == 1 and { "old", "new" } or { "new", "old" }) do values[side] = measure(side) end
    old_values[round], new_values[round], ratios[round] = values.old, values.new, values.new / values.old
  end
  return median(old_values), median(new_values), median(ratios)
end

local function compare(name, limit, measure)
  local before, after, ratio = in_turns(measure)
  emit { name = name .. "_old", value = before, unit = "us" }
  emit_gated({ name = name, value = after, unit = "us", ratio_to = name .. "_old", ratio = ratio }, "ratio", "<=", limit)
end

local function plain_calls(base_url)
  local counts = { old = instructions(old, "call", base_url), new = instructions(ROOTS.new, "call", base_url) }
  emit { name = "call_instructions_old", value = counts.old, unit = "instructions" }
  emit_gated({ name = "call_instructions", value = counts.new, unit = "instructions", ratio_to = "call_instructions_old",
    ratio = counts.new / counts.old }, "value", "<=", 74000)
  for _, lua in ipairs(LUAS) do
    compare("call_cpu_" .. lua.name, 1.02, function(side) return microseconds(ROOTS[side], lua, "call", base_url, 500, 20000) end)
  end
end

-- What is made without being sent against what is done before bytes are sent.
local function dry_run()
  for _, lua in ipairs(LUAS) do
    local ratios, values, writes = {}, {}, {}
    for round = 1, ROUNDS do
      local took = {}
      for _, name in ipairs { "call_not_carried", "read", "dry_run" } do
        took[name] = microseconds(ROOTS.new, lua, name, "-", 500, 20000)
      end
      values[round], writes[round] = took.dry_run, took.call_not_carried - took.read
      ratios[round] = values[round] / writes[round]
    end
    local yardstick = "write_side_" .. lua.name
    emit { name = yardstick, value = median(writes), unit = "us" }
    emit_gated({ name = "dry_run_" .. lua.name, value = median(values), unit = "us", ratio_to = yardstick, ratio = median(ratios) },
      "ratio", "<=", 1.3)
  end
end

local function inside_nginx()
  local platform = servers.start_platform()
  local applications = {}
  local ok, problem = xpcall(function()
    for side, root in pairs(ROOTS) do applications[side] = servers.start_application(platform, 1000, root) end
    for _, connections in ipairs { 64, 256 } do
      for _, application in pairs(applications) do servers.load(application, "/call", connections, 2) end
      compare(("nginx_worker_cpu_%d"):format(connections), 1.02, function(side)
        return servers.load(applications[side], "/call", connections, SECONDS).cpu
      end)
    end
  end, debug.traceback)
  for _, application in pairs(applications) do application:stop() end
  platform:stop()
  if not ok then error(problem, 0) end
end

local upstream = nginx.start {
  ports = { "port" },
  http = ([[
    keepalive_requests 1000000000;
    server { listen 127.0.0.1:{{port}}; default_type application/json; location / { return 200 '%s'; } }
  ]]):format((assert(io.open "bench/answer.json"):read "a":gsub("\n$", ""))),
}
local ok, problem = xpcall(plain_calls, debug.traceback, ("http://127.0.0.1:%d/ekoapi/v3"):format(upstream.ports.port))
upstream:stop()
if not ok then error(problem, 0) end
dry_run()
inside_nginx()
results.emit_gates "against_gates_met"
