--- Plain blocking-looking code, side by side on one thread.
--
-- Outside nginx each function runs in a coroutine; where the libcurl carrier would block, it yields to one poll loop instead
-- (`eko.wire.loop`). (Making a new connection still blocks; kept-alive ones are shared.) Inside nginx they are light threads of ngx_lua.
--
-- A task never takes others with it: whatever becomes of one stands in its place among the errors, as an error of kind `task`.
--
-- | `name` | the function |
-- |---|---|
-- | `raised` | raised; `cause` is what (also nil). What an error of ours says of a call (`tid`, `inquiry` ...) stands here too |
-- | `no_result` | returned neither a value nor an error |
-- | `foreign_yield` | yielded by itself, which is no way to wait here. It is not resumed: `thread` is its coroutine |
-- | `killed` | was ended by somebody else, such as coroutine.close |
--
-- `sent` of these: false when no call that the function began left, true when all that left were answered, nil when one may have
-- been received that was not; `client_ref_id` is the reference of the last one. No message shows what was raised.
-- @module eko.concurrently
local errors = require "eko.base.errors"
local loop = require "eko.wire.loop"
local option_rules = require "eko.base.options"

local concurrently = {}

local function task_error(task, name, message)
  return errors.new {
    kind = "task", name = name, message = message, sent = loop.sent(task), client_ref_id = task.client_ref_id, retryable = false,
  }
end

-- Where in a Lua file an error was raised. What was raised may hold a secret; this cannot.
local function place_of(thread, level)
  for at = level, level + 20 do
    local info
    if thread then info = debug.getinfo(thread, at, "Sl") else info = debug.getinfo(at + 1, "Sl") end
    if not info then return "" end
    if info.currentline > 0 and info.source:sub(1, 1) == "@" then return (" at %s:%d"):format(info.short_src, info.currentline) end
  end
  return ""
end

local OF_THE_TASK = { kind = true, name = true, message = true, sent = true, retryable = true }

-- What one of our own errors says of its call is said of the task too, and its name is no secret.
local function raised_error(task, cause, place)
  local name, err = "", task_error(task, "raised")
  if errors.is(cause) then
    for field, value in pairs(cause) do
      if not OF_THE_TASK[field] then err[field] = value end
    end
    if type(cause.name) == "string" and cause.name:find "^[A-Za-z0-9_]+$" then name = " " .. cause.name end
  end
  err.cause = cause
  err.message = ("the function raised an error%s%s; `cause` holds it"):format(name, place)
  return err
end

local function report(text)
  local ngx = rawget(_G, "ngx")
  if type(ngx) == "table" and ngx.log then ngx.log(ngx.ERR, text) else io.stderr:write(text, "\n") end
end

local function tell_progress(state)
  local tell = state.on_progress
  if not tell then return end
  local place
  local ok = xpcall(function() tell(state.done, state.count) end, function() place = place_of(nil, 2) end)
  if ok or state.on_progress == nil then return end
  state.on_progress = nil
  report(("eko.concurrently: on_progress raised an error%s and is not called again"):format(place or ""))
end

-- A task has ended: with a value, which may be false, or with an error.
local function settle(state, task, value, err)
  if task.settled then return end
  task.settled = true
  if value == nil and not err then
    err = task_error(task, "no_result", "the function returned neither a value nor an error")
  elseif value then
    err = nil
  end
  state.results[task.index], state.errors[task.index] = value, err
  state.done = state.done + 1
  tell_progress(state)
end

local function next_task(state)
  local task = loop.task(state.parent)
  state.started = state.started + 1
  task.index, task.run = state.started, state.functions[state.started]
  state.tasks[task.index] = task
  return task
end

local FOREIGN = "the function yielded by itself, to nobody: here only calls of a client wait. It is not resumed (`thread` is its coroutine)"
local KILLED = "the function was ended by somebody else before it returned"

-- Lets a task go on; whether it waits again. Where it does not it has ended.
local function go_on(state, task)
  local now, raised = loop.resume(task)
  if now == "waits" then return true end
  if now == "returned" then
    settle(state, task, task.value, task.err)
  elseif now == "raised" then
    settle(state, task, nil, raised_error(task, raised, place_of(task.thread, 0)))
  elseif now == "killed" then
    settle(state, task, nil, task_error(task, "killed", KILLED))
  else
    local err = task_error(task, "foreign_yield", FOREIGN)
    err.thread = task.thread
    settle(state, task, nil, err)
  end
  return false
end

local function start_more(state, waiting)
  while #waiting < state.limit and state.started < state.count do
    local task = next_task(state)
    loop.spawn(task, task.run)
    if go_on(state, task) then waiting[#waiting + 1] = task end
  end
end

local function run_plain(state)
  local waiting = {}
  local function let(task) return go_on(state, task) end
  start_more(state, waiting)
  while #waiting > 0 do
    waiting = loop.turn(waiting, let)
    start_more(state, waiting)
  end
end

-- What ends a request of nginx ends every light thread of it, with whatever they have sent. Not only a task can do that, but any
-- coroutine and light thread that one has begun: so it is asked of the request.
local ENDS_REQUEST = { "exit", "exec", "redirect" }
local guarded

-- What is known of the request at hand; a table of nobody where there is none.
local function request_of(ngx)
  local ok, context = pcall(function() return ngx.ctx end)
  return ok and type(context) == "table" and context or {}
end

local function guard(ngx)
  if guarded == ngx then return end
  guarded = ngx
  for _, name in ipairs(ENDS_REQUEST) do
    local original = ngx[name]
    ngx[name] = function(...)
      if loop.loops > 0 and (loop.current() or (request_of(ngx).eko_loops or 0) > 0) then
        error(("ngx.%s inside a function of eko.concurrently would end the calls of the others: return first"):format(name), 2)
      end
      return original(...)
    end
  end
end

local function run_light(state, task)
  task.is_light = true
  local outer = loop.adopt(task)
  local place -- unknown where not even this handler can run: at the end of the stack
  local ok, value, err = xpcall(task.run, function(raised)
    place = place_of(nil, 2)
    return raised
  end)
  if ok then settle(state, task, value, err) else settle(state, task, nil, raised_error(task, value, place or "")) end
  loop.adopt(outer)
end

local function run_threads(state, ngx)
  local function worker()
    while state.started < state.count do run_light(state, next_task(state)) end
  end
  while state.started < state.count do
    local threads = {}
    for i = 1, math.min(state.limit, state.count - state.started) do
      local ok, thread = pcall(ngx.thread.spawn, worker)
      if not ok then break end
      threads[i] = thread
    end
    if #threads == 0 then worker() end -- a phase without light threads: one after the other
    for _, thread in ipairs(threads) do ngx.thread.wait(thread) end
  end
  for _, task in ipairs(state.tasks) do
    if not task.settled then settle(state, task, nil, task_error(task, "killed", KILLED)) end
  end
end

local function run_nginx(state, ngx)
  guard(ngx)
  local request = request_of(ngx)
  request.eko_loops = (request.eko_loops or 0) + 1
  local ok, problem = pcall(run_threads, state, ngx)
  request.eko_loops = request.eko_loops - 1
  if not ok then error(problem, 0) end
end

local BROKEN = "the loop itself failed before the function returned"

-- Waiting as such has failed (memory ran out, for one): what was found out so far is told all the same.
local function settle_rest(state, problem)
  report(("eko.concurrently: the loop failed (%s)"):format(type(problem) == "string" and problem:sub(1, 200) or type(problem)))
  for index = 1, state.count do
    local task = state.tasks[index] or loop.task()
    task.index = index
    if not task.settled then settle(state, task, nil, task_error(task, "killed", BROKEN)) end
  end
end

local SCHEMA = {
  limit = option_rules.whole(1, math.huge), on_progress = { function(value) return type(value) == "function" end, "a function" },
}

local function check(functions, options)
  if type(functions) ~= "table" then error("eko.concurrently: a list of functions is expected", 4) end
  for i = 1, #functions do
    if type(functions[i]) ~= "function" then error(("eko.concurrently: item %d is not a function"):format(i), 4) end
  end
  option_rules.check("eko.concurrently", options, SCHEMA, 4)
end

--- Runs functions side by side; each may call a client as if it were alone. It always returns, whatever they do.
-- @tparam {function,...} functions without arguments, each returning a `value` (which may be false) or `nil, err`
-- @tparam[opt] table options `{ limit = how many run at a time (64), on_progress = function(done, count) }`; when `on_progress` raises,
-- that is reported once (stderr, or nginx's log) and it is not called again
-- @treturn {any,...} their values, by the position of the function
-- @treturn {any,...} their errors, likewise: where there is no value there is an error, its own or one of kind `task` (see above)
-- @raise when the list or an option is not in order
function concurrently.concurrently(functions, options)
  options = options or {}
  check(functions, options)
  local state = {
    count = #functions, limit = options.limit or 64, on_progress = options.on_progress, functions = {}, parent = loop.current(),
    results = {}, errors = {}, tasks = {}, started = 0, done = 0,
  }
  for i = 1, state.count do state.functions[i] = functions[i] end
  local ngx = rawget(_G, "ngx")
  loop.loops = loop.loops + 1
  local ok, problem = pcall(type(ngx) == "table" and ngx.thread and run_nginx or run_plain, state, ngx)
  loop.loops = loop.loops - 1
  if not ok then settle_rest(state, problem) end
  return state.results, state.errors
end

return concurrently
