-- report.lua BASE_URL WORK_DIRECTORY: runs each benchmark in processes of its own and prints what it found; see bench/run.
-- What is compared is measured in turns and the ratio is the median of the rounds' ratios: whatever else the machine is
-- doing then meets both sides. A gate ("limit", "ok") is a statement about speed; it does not fail the run.

local results = require "bench.results"

local emit, emit_gated, median = results.emit, results.emit_gated, results.median

local base_url, directory = arg[1], arg[2]
local build = os.getenv "BUILD" or "build"

local ROUNDS, STARTS = 7, 20
local LUAS = { { name = "lua5.4", flavour = "5.4" }, { name = "luajit", flavour = "luajit" } }

-- A command is { line =, environment = }: a tool such as valgrind fits between the two.
local function c_command(program, ...)
  return { line = ("%s/bench/%s %s"):format(build, program, table.concat({ ... }, " ")), environment = "" }
end

local function lua_command(lua, script, ...)
  return {
    line = ("%s bench/%s.lua %s"):format(lua.name, script, table.concat({ ... }, " ")),
    environment = ("LUA_PATH='./lua/?.lua;./lua/?/init.lua;;' LUA_CPATH='%s/%s/?.so;;' "):format(build, lua.flavour),
  }
end

-- Returns the numbers that a command printed. The shell forks for it (it has something left to do), so that the command's
-- CPU clock starts at zero.
local function run(command, tool)
  local pipe = assert(io.popen(command.environment .. (tool or "") .. command.line .. "; exit $?"))
  local text = pipe:read "a"
  if not pipe:close() then error("failed: " .. command.line, 0) end
  local numbers = {}
  for number in text:gmatch "%S+" do
    numbers[#numbers + 1] = tonumber(number) or error(("%s printed %q"):format(command.line, number), 0)
  end
  return numbers
end

-- Runs the commands in turns; returns for each the list of what its runs printed.
local function in_turns(rounds, commands)
  local runs = {}
  for i = 1, #commands do runs[i] = {} end
  for round = 1, rounds do
    for i, command in ipairs(commands) do runs[i][round] = run(command) end
  end
  return runs
end

-- The median of the k-th number of every run.
local function typical(runs, k)
  local values = {}
  for i, numbers in ipairs(runs) do values[i] = numbers[k] end
  return median(values)
end

-- How the first number of each run stands to that of the yardstick's run in the same round.
local function ratio_to(yardstick, runs)
  local ratios = {}
  for round, numbers in ipairs(runs) do ratios[round] = numbers[1] / yardstick[round][1] end
  return median(ratios)
end

local function signatures()
  local commands = { c_command("sign", 300000) }
  for i, lua in ipairs(LUAS) do commands[i + 1] = lua_command(lua, "time", "sign", base_url, 10000, 300000) end
  local runs = in_turns(ROUNDS, commands)
  local yardstick = "signatures_c_openssl"
  emit { name = yardstick, value = 1e6 / typical(runs[1], 1), unit = "1/s" }
  for i, lua in ipairs(LUAS) do
    emit_gated({
      name = "signatures_" .. lua.name,
      value = 1e6 / typical(runs[i + 1], 1),
      unit = "1/s",
      ratio_to = yardstick,
      ratio = 1 / ratio_to(runs[1], runs[i + 1]),
    }, "ratio", ">=", 0.6)
  end
end

local function calls()
  local commands = { c_command("call", base_url, 500, 5000) }
  for i, lua in ipairs(LUAS) do commands[i + 1] = lua_command(lua, "time", "call", base_url, 500, 5000) end
  local runs = in_turns(ROUNDS, commands)
  local yardstick = "call_cpu_c_libcurl_cjson"
  emit { name = yardstick, value = typical(runs[1], 1), unit = "us" }
  for i, lua in ipairs(LUAS) do
    emit_gated({
      name = "call_cpu_" .. lua.name,
      value = typical(runs[i + 1], 1),
      unit = "us",
      ratio_to = yardstick,
      ratio = ratio_to(runs[1], runs[i + 1]),
    }, "ratio", "<=", 1)
  end
end

-- User-space instructions of a whole process.
local function instructions(command)
  local profile = directory .. "/callgrind.out"
  run(command, ("valgrind -q --tool=callgrind --callgrind-out-file='%s' "):format(profile))
  for line in io.lines(profile) do
    local total = line:match "^summary: (%d+)"
    if total then return tonumber(total) end
  end
  error("callgrind counted nothing for " .. command.line, 0)
end

-- Instructions of one piece of work: 1,200 of them less 200, so that starting up cancels out.
local function instructions_each(command_for)
  return (instructions(command_for(1200)) - instructions(command_for(200))) / 1000
end

local function call_instructions()
  local function of(name)
    return instructions_each(function(count) return lua_command(LUAS[1], "time", name, base_url, 0, count) end)
  end
  local yardstick = "call_instructions_c_libcurl_cjson"
  local c = instructions_each(function(count) return c_command("call", base_url, 0, count) end)
  emit { name = yardstick, value = c, unit = "instructions" }
  local call, not_carried = of "call", of "call_not_carried"
  local name = "call_instructions_lua5.4"
  emit_gated({ name = name, value = call, unit = "instructions", ratio_to = yardstick, ratio = call / c }, "value", "<=", 120000)
  local draft, read, sign = of "draft", of "read", of "sign"
  local parts = {
    draft = draft,
    sign = sign,
    http = call - not_carried,
    read = read,
    client = not_carried - draft - sign - read,
  }
  for _, part in ipairs { "draft", "sign", "http", "read", "client" } do
    emit {
      name = ("%s_%s"):format(name, part),
      value = parts[part],
      unit = "instructions",
      ratio_to = name,
      ratio = parts[part] / call,
    }
  end
end

local function starts()
  local commands = {}
  for i, lua in ipairs(LUAS) do commands[i] = lua_command(lua, "start", base_url) end
  local runs = in_turns(STARTS, commands)
  for i, lua in ipairs(LUAS) do
    emit { name = "require_cpu_" .. lua.name, value = typical(runs[i], 1), unit = "ms" }
    emit { name = "require_memory_" .. lua.name, value = typical(runs[i], 2), unit = "KB" }
    emit { name = "require_resident_" .. lua.name, value = typical(runs[i], 3), unit = "KB" }
    emit_gated({ name = "first_call_cpu_" .. lua.name, value = typical(runs[i], 4), unit = "ms" }, "value", "<=", 15)
  end
end

-- After 1,000 calls all that is kept is in place: pools, bound wallets, a catalogue.
local function growth(lua, what, before, after, limit)
  local at_1000 = ("%s_after_1000_calls_%s"):format(what, lua.name)
  emit { name = at_1000, value = before, unit = "KB" }
  emit {
    name = ("%s_after_100000_calls_%s"):format(what, lua.name),
    value = after,
    unit = "KB",
    ratio_to = at_1000,
    ratio = after / before,
  }
  emit_gated({ name = ("%s_growth_%s"):format(what, lua.name), value = after - before, unit = "KB" }, "value", "<=", limit)
end

local function memory()
  for _, lua in ipairs(LUAS) do
    local used = run(lua_command(lua, "memory", base_url))
    growth(lua, "memory", used[1], used[3], 64)
    growth(lua, "resident", used[2], used[4], 1024)
  end
end

for _, benchmark in ipairs { signatures, calls, call_instructions, starts, memory } do benchmark() end
results.emit_gates "gates_met"
