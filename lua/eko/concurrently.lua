--- Plain blocking-looking code, side by side on one thread.
--
-- Outside nginx each function runs in a coroutine; where the libcurl carrier would block, it yields to one poll loop instead.
-- (Making a new connection still blocks; kept-alive ones are shared.) Inside nginx they are light threads of ngx_lua.
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
local core = require "eko.core"
local errors = require "eko.base.errors"
local option_rules = require "eko.base.options"

local monotonic, poll = core.text.monotonic, core.connection.poll
local running, status = coroutine.running, coroutine.status

-- Lua 5.1 and 5.2 do not tell; Lua 5.1 cannot leave a pcall either. Every function of C that is under way counts there.
local is_yieldable = coroutine.isyieldable or function() -- luacheck: ignore (Lua 5.3 and later, LuaJIT)
  local level, frame = 2, debug.getinfo(2, "S")
  while frame do
    if frame.what == "C" then return false end
    level = level + 1
    frame = debug.getinfo(level, "S")
  end
  return true
end

local module = {}

local tasks = setmetatable({}, { __mode = "k" }) -- by their coroutines

-- How many loops there are; cheap to ask, for the many calls that are made without one.
module.loops = 0

-- Calls that a coroutine made which is no task; it may belong to one.
local unattributed = 0

local function current_task()
  local thread = running()
  return thread and tasks[thread]
end

--- Waits for a socket or until a time, letting others run meanwhile.
-- @param fd a descriptor, or nil to wait for the time alone
-- @param wants_write whether to wait for writing (else for reading)
-- @param deadline seconds of the monotonic clock
-- @return true when the caller runs inside the loop and has waited, maybe for less than it asked; nil when it must block by
--   itself: it is no task, or stands inside a function of C that cannot be left
function module.wait(fd, wants_write, deadline)
  local task = module.loops > 0 and current_task()
  if not task or task.is_light or not is_yieldable() then return nil end
  task.fd, task.wants_write, task.deadline, task.waits = fd, wants_write, deadline, true
  coroutine.yield()
  task.waits = false
  return true
end

--- A call begins whose request may leave from here on.
function module.began(client_ref_id)
  if module.loops == 0 then return end
  local task = current_task()
  if not task then unattributed = unattributed + 1 end
  while task do
    task.under_way = task.under_way + 1
    task.client_ref_id = client_ref_id or task.client_ref_id
    task = task.parent
  end
end

--- What became of it.
-- @param sent as in an error: false, true, or nil when that is not known
function module.ended(sent)
  local task = module.loops > 0 and current_task()
  while task do
    task.under_way = task.under_way - 1
    if sent then task.answered = true elseif sent == nil then task.lost = true end
    task = task.parent
  end
end

-- In a coroutine of Lua 5.1 nothing can wait inside a pcall; LuaJIT and every later Lua can.
local can_wait_protected = coroutine.isyieldable ~= nil or rawget(_G, "jit") ~= nil -- luacheck: ignore

--- Calls a function as pcall does, though what it calls may wait. In a coroutine of Lua 5.1 an error is not caught: there a task ends
-- with it (`raised`).
module.protected = can_wait_protected and pcall or function(run, ...)
  if not running() then return pcall(run, ...) end
  return true, run(...)
end

local function sent_of(task)
  if task.under_way > 0 or task.lost then return nil end
  if task.answered then return true end
  if task.unattributed ~= unattributed then return nil end
  return false
end

local function task_error(task, name, message)
  return errors.new {
    kind = "task", name = name, message = message, sent = sent_of(task), client_ref_id = task.client_ref_id, retryable = false,
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
  state.started = state.started + 1
  local task = {
    index = state.started, run = state.functions[state.started], parent = state.parent, under_way = 0, unattributed = unattributed,
  }
  state.tasks[task.index] = task
  return task
end

local FOREIGN = "the function yielded by itself, to nobody: here only calls of a client wait. It is not resumed (`thread` is its coroutine)"
local KILLED = "the function was ended by somebody else before it returned"

-- What a coroutine that is not waiting for us has come to; nil as long as it waits.
local function end_of(task, ok, raised)
  if task.returned then return task.value, task.err end
  if not ok then return nil, raised_error(task, raised, place_of(task.thread, 0)) end
  local err = task_error(task, "foreign_yield", FOREIGN)
  err.thread = task.thread
  return nil, err
end

-- Runs a task until it waits or ends. Whether it waits for us, and what it returned, it says itself: somebody else may have
-- resumed it, or ended it.
local function resume(state, task)
  local thread, ok, raised = task.thread, true, nil
  if status(thread) == "dead" then
    if not task.returned then return settle(state, task, nil, task_error(task, "killed", KILLED)) end
  elseif task.waits or not task.has_begun then
    task.has_begun = true
    ok, raised = coroutine.resume(thread)
    if ok and task.waits and status(thread) ~= "dead" then
      state.waiting[#state.waiting + 1] = task
      return
    end
  end
  tasks[thread] = nil
  settle(state, task, end_of(task, ok, raised))
end

local function start_more(state)
  while #state.waiting < state.limit and state.started < state.count do
    local task = next_task(state)
    task.thread = coroutine.create(function()
      local value, err = task.run()
      task.returned, task.value, task.err = true, value, err
    end)
    tasks[task.thread] = task
    resume(state, task)
  end
end

-- One turn: waits until something can go on, then lets it.
local function turn(state)
  local sockets, writes, owners, now = {}, {}, {}, monotonic()
  local first = now + 60
  for _, task in ipairs(state.waiting) do
    if task.fd then
      local n = #sockets + 1
      sockets[n], writes[n], owners[n] = task.fd, task.wants_write or false, task
    end
    if task.deadline < first then first = task.deadline end
  end
  local ready = {}
  for _, n in ipairs(poll(sockets, writes, math.max(0, first - now))) do ready[owners[n]] = true end
  now = monotonic()
  local waiting = state.waiting
  state.waiting = {}
  for _, task in ipairs(waiting) do
    if ready[task] or task.deadline <= now then resume(state, task) else state.waiting[#state.waiting + 1] = task end
  end
end

local function run_plain(state)
  state.waiting = {}
  start_more(state)
  while #state.waiting > 0 do
    turn(state)
    start_more(state)
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
      if module.loops > 0 and (current_task() or (request_of(ngx).eko_loops or 0) > 0) then
        error(("ngx.%s inside a function of eko.concurrently would end the calls of the others: return first"):format(name), 2)
      end
      return original(...)
    end
  end
end

local function run_light(state, task)
  local thread = running()
  local outer = thread and tasks[thread]
  task.is_light = true
  if thread then tasks[thread] = task end
  local place -- unknown where not even this handler can run: at the end of the stack
  local ok, value, err = xpcall(task.run, function(raised)
    place = place_of(nil, 2)
    return raised
  end)
  if ok then settle(state, task, value, err) else settle(state, task, nil, raised_error(task, value, place or "")) end
  if thread then tasks[thread] = outer end
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
    local task = state.tasks[index] or { index = index, under_way = 0, unattributed = unattributed }
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
-- @param functions a list of functions without arguments, each returning a `value` (which may be false) or `nil, err`
-- @param options { limit = how many run at a time (64), on_progress = function(done, count) }; when `on_progress` raises, that
--   is reported once (stderr, or nginx's log) and it is not called again
-- @return a list of their values and a list of their errors, both by the position of the function: where there is no value there
--   is an error, its own or one of kind `task` (see above)
function module.concurrently(functions, options)
  options = options or {}
  check(functions, options)
  local state = {
    count = #functions, limit = options.limit or 64, on_progress = options.on_progress, functions = {}, parent = current_task(),
    results = {}, errors = {}, tasks = {}, started = 0, done = 0,
  }
  for i = 1, state.count do state.functions[i] = functions[i] end
  local ngx = rawget(_G, "ngx")
  module.loops = module.loops + 1
  local ok, problem = pcall(type(ngx) == "table" and ngx.thread and run_nginx or run_plain, state, ngx)
  module.loops = module.loops - 1
  if not ok then settle_rest(state, problem) end
  return state.results, state.errors
end

return module
