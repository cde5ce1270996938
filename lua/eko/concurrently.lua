--- Plain blocking-looking code, side by side on one thread.
--
-- Outside nginx each function runs in a coroutine; where the libcurl carrier would block, it yields to one poll loop instead.
-- (Making a new connection still blocks; kept-alive ones are shared.) Inside nginx they are light threads of ngx_lua.
-- @module eko.concurrently
local core = require "eko.core"

local monotonic, poll = core.text.monotonic, core.connection.poll

local module = {}

-- The loop that is running, if any: { [coroutine] = true for its own }. The carrier asks it how to wait.
local running

--- Whether there is a loop at all; cheap, for the many calls that are made without one.
function module.is_running() return running ~= nil end

--- Waits for a socket or until a time, letting others run meanwhile.
-- @param fd a descriptor, or nil to wait for the time alone
-- @param wants_write whether to wait for writing (else for reading)
-- @param deadline seconds of the monotonic clock
-- @return true when the caller runs inside the loop and has waited; nil when it must block by itself
function module.wait(fd, wants_write, deadline)
  if not running or not running[coroutine.running()] then return nil end
  coroutine.yield(fd or false, wants_write, deadline)
  return true
end

local function finish(state, index, ok, value, err)
  state.done = state.done + 1
  if ok then
    state.results[index], state.errors[index] = value, err
  else
    state.errors[index] = value
  end
  if state.on_progress then state.on_progress(state.done, state.count) end
end

-- Runs a task until it waits or ends.
local function resume(state, task)
  local ok, first, second, third = coroutine.resume(task.thread)
  if ok and coroutine.status(task.thread) ~= "dead" then
    task.fd, task.wants_write, task.deadline = first, second, third
    state.waiting[#state.waiting + 1] = task
  else
    running[task.thread] = nil
    state.active = state.active - 1
    finish(state, task.index, ok, first, second)
  end
end

local function start_more(state, functions)
  while state.active < state.limit and state.started < state.count do
    state.started, state.active = state.started + 1, state.active + 1
    local thread = coroutine.create(functions[state.started])
    running[thread] = true
    resume(state, { thread = thread, index = state.started })
  end
end

-- One turn: waits until something can go on, then lets it.
local function turn(state)
  local sockets, writes, tasks, now = {}, {}, {}, monotonic()
  local first = now + 60
  for _, task in ipairs(state.waiting) do
    if task.fd then
      local n = #sockets + 1
      sockets[n], writes[n], tasks[n] = task.fd, task.wants_write or false, task
    end
    if task.deadline < first then first = task.deadline end
  end
  local ready = {}
  for _, n in ipairs(poll(sockets, writes, math.max(0, first - now))) do ready[tasks[n]] = true end
  now = monotonic()
  local waiting = state.waiting
  state.waiting = {}
  for _, task in ipairs(waiting) do
    if ready[task] or task.deadline <= now then resume(state, task) else state.waiting[#state.waiting + 1] = task end
  end
end

local function run_plain(state, functions)
  local outer = running
  running = {}
  local ok, err = pcall(function()
    start_more(state, functions)
    while state.active > 0 do
      turn(state)
      start_more(state, functions)
    end
  end)
  running = outer
  if not ok then error(err, 0) end
end

local function run_nginx(ngx, state, functions)
  local function worker()
    while state.started < state.count do
      state.started = state.started + 1
      local index = state.started
      finish(state, index, pcall(functions[index]))
    end
  end
  local threads = {}
  for i = 1, math.min(state.limit, state.count) do threads[i] = ngx.thread.spawn(worker) end
  for _, thread in ipairs(threads) do ngx.thread.wait(thread) end
end

local function check(functions, options)
  if type(functions) ~= "table" then error("eko.concurrently: a list of functions is expected", 3) end
  for i = 1, #functions do
    if type(functions[i]) ~= "function" then error(("eko.concurrently: item %d is not a function"):format(i), 3) end
  end
  require("eko.settings").refuse_unknown("eko.concurrently", options, { limit = true, on_progress = true }, 4)
  local limit = options.limit
  if limit ~= nil and not (type(limit) == "number" and limit >= 1 and limit % 1 == 0) then
    error('eko.concurrently: option "limit" must be a whole number from 1', 3)
  end
  if options.on_progress ~= nil and type(options.on_progress) ~= "function" then
    error('eko.concurrently: option "on_progress" must be a function', 3)
  end
end

--- Runs functions side by side; each may call a client as if it were alone.
-- @param functions a list of functions without arguments, each returning `value` or `nil, err`
-- @param options { limit = how many run at a time (64), on_progress = function(done, count) }
-- @return a list of their values and a list of their errors (also what one raised), both by the position of the function
function module.concurrently(functions, options)
  options = options or {}
  check(functions, options)
  local state = {
    count = #functions, limit = options.limit or 64, on_progress = options.on_progress,
    results = {}, errors = {}, waiting = {}, active = 0, started = 0, done = 0,
  }
  local ngx = rawget(_G, "ngx")
  if type(ngx) == "table" and ngx.thread then run_nginx(ngx, state, functions) else run_plain(state, functions) end
  return state.results, state.errors
end

return module
