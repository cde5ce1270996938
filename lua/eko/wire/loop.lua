--- The event loop: tasks that run in coroutines of one thread, and go on when a socket or a time is there that they wait for.
--
-- A task is a table: `thread`, `returned`, `value` and `err` of the function that it runs, `is_light` where its thread is one of nginx,
-- what it waits for, and what became of its calls (`loop.sent`). Who begins tasks, and what their ends mean, is for the layers above.
-- @module eko.wire.loop
local core = require "eko.core"

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

local loop = {}

local tasks = setmetatable({}, { __mode = "k" }) -- by their coroutines

-- How many loops there are; cheap to ask, for the many calls that are made without one.
loop.loops = 0

-- Calls that a coroutine made which is no task; it may belong to one.
local unattributed = 0

--- The task that runs.
-- @treturn ?table
function loop.current()
  local thread = running()
  return thread and tasks[thread]
end

local current_task = loop.current

--- Waits for a socket or until a time, letting others run meanwhile.
-- @tparam ?int fd a descriptor; nil to wait for the time alone
-- @tparam boolean wants_write whether to wait for writing (else for reading)
-- @tparam number deadline seconds of the monotonic clock
-- @treturn ?boolean true when the caller runs inside the loop and has waited, maybe for less than it asked; nil when it must block by
-- itself: it is no task, or stands inside a function of C that cannot be left
function loop.wait(fd, wants_write, deadline)
  local task = loop.loops > 0 and current_task()
  if not task or task.is_light or not is_yieldable() then return nil end
  task.fd, task.wants_write, task.deadline, task.waits = fd, wants_write, deadline, true
  coroutine.yield()
  task.waits = false
  return true
end

--- A call begins whose request may leave from here on.
-- @tparam ?string client_ref_id
function loop.began(client_ref_id)
  if loop.loops == 0 then return end
  local task = current_task()
  if not task then unattributed = unattributed + 1 end
  while task do
    task.under_way = task.under_way + 1
    task.client_ref_id = client_ref_id or task.client_ref_id
    task = task.parent
  end
end

--- What became of it.
-- @tparam ?boolean sent as in an error: false, true, or nil when that is not known
function loop.ended(sent)
  local task = loop.loops > 0 and current_task()
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
loop.protected = can_wait_protected and pcall or function(run, ...)
  if not running() then return pcall(run, ...) end
  return true, run(...)
end

--- A task that has not begun.
-- @tparam[opt] table parent the task that it belongs to, whose calls its calls are, too
-- @treturn table
function loop.task(parent)
  return { parent = parent, under_way = 0, unattributed = unattributed }
end

--- What is known of the requests of a task.
-- @tparam table task
-- @treturn ?boolean false when none left, true when all that left were answered, nil when one may have been received that was not
function loop.sent(task)
  if task.under_way > 0 or task.lost then return nil end
  if task.answered then return true end
  if task.unattributed ~= unattributed then return nil end
  return false
end

--- Gives a task a coroutine that will run a function.
-- @tparam table task
-- @tparam function run without arguments, returning `value` or `nil, err`
function loop.spawn(task, run)
  task.thread = coroutine.create(function()
    local value, err = run()
    task.returned, task.value, task.err = true, value, err
  end)
  tasks[task.thread] = task
end

--- Makes the running thread, which is none of the loop's, that of a task: its calls are the task's, and wait by themselves.
-- @tparam ?table task
-- @treturn ?table the task whose thread it was
function loop.adopt(task)
  local thread = running()
  if not thread then return nil end
  local before = tasks[thread]
  tasks[thread] = task
  return before
end

--- Runs a task until it waits or ends. Whether it waits for us, and what it returned, it says itself: somebody else may have resumed
-- it, or ended it.
-- @tparam table task
-- @treturn string `"waits"`, `"returned"`, `"raised"`, `"killed"` by somebody else, or `"foreign_yield"`
-- @treturn any with `"raised"` what
function loop.resume(task)
  local thread, ok, raised = task.thread, true, nil
  if status(thread) == "dead" then
    if not task.returned then return "killed" end
  elseif task.waits or not task.has_begun then
    task.has_begun = true
    ok, raised = coroutine.resume(thread)
    if ok and task.waits and status(thread) ~= "dead" then return "waits" end
  end
  tasks[thread] = nil
  if task.returned then return "returned" end
  if not ok then return "raised", raised end
  return "foreign_yield"
end

--- One turn: waits until something can go on, then lets it.
-- @tparam {table,...} waiting tasks
-- @tparam function go_on called with each task that can go on; returns whether it waits again
-- @treturn {table,...} those that wait now
function loop.turn(waiting, go_on)
  local sockets, writes, owners, now = {}, {}, {}, monotonic()
  local first = now + 60
  for _, task in ipairs(waiting) do
    if task.fd then
      local n = #sockets + 1
      sockets[n], writes[n], owners[n] = task.fd, task.wants_write or false, task
    end
    if task.deadline < first then first = task.deadline end
  end
  local ready = {}
  for _, n in ipairs(poll(sockets, writes, math.max(0, first - now))) do ready[owners[n]] = true end
  now = monotonic()
  local still = {}
  for _, task in ipairs(waiting) do
    local is_due = ready[task] or task.deadline <= now
    if not is_due or go_on(task) then still[#still + 1] = task end
  end
  return still
end

return loop
