local core = require "eko.core"

-- A loop on a clock of its own, which goes on while the loop waits. Sockets that are in `ready` are; nobody waits for them.
local clock, ready, polled = 0, {}, nil
local function now() return clock end
local function poll(sockets, writes, seconds)
  local found = {}
  polled = { sockets, writes, seconds }
  for n, fd in ipairs(sockets) do
    if ready[fd] then found[#found + 1] = n end
  end
  if #found == 0 then clock = clock + seconds end
  return found
end

local function new_loop()
  local monotonic, real_poll, loaded = core.text.monotonic, core.connection.poll, package.loaded["eko.wire.loop"]
  core.text.monotonic, core.connection.poll, package.loaded["eko.wire.loop"] = now, poll, nil
  local made = require "eko.wire.loop"
  core.text.monotonic, core.connection.poll, package.loaded["eko.wire.loop"] = monotonic, real_poll, loaded
  return made
end

local loop = new_loop()

-- Runs functions, each a task, until none waits: what became of each, in the order in which they ended.
local function run(functions)
  local waiting, ends = {}, {}
  local function go_on(task)
    local is, raised = loop.resume(task)
    if is == "waits" then return true end
    ends[#ends + 1] = { task.name, is, raised or task.value, loop.sent(task) }
    return false
  end
  loop.loops = loop.loops + 1
  for name, each in ipairs(functions) do
    local task = loop.task()
    task.name = name
    loop.spawn(task, each)
    if go_on(task) then waiting[#waiting + 1] = task end
  end
  while #waiting > 0 do waiting = loop.turn(waiting, go_on) end
  loop.loops = loop.loops - 1
  return ends
end

describe("the event loop", function()
  it("lets each go on when its time is there, and the others meanwhile", function()
    local started = now()
    local function sleeper(seconds)
      return function()
        assert(loop.wait(nil, false, started + seconds))
        return seconds
      end
    end
    local ends = run { sleeper(6), sleeper(2), function() return "at once" end, sleeper(4) }
    assert.same({ { 3, "returned", "at once", false }, { 2, "returned", 2, false }, { 4, "returned", 4, false },
      { 1, "returned", 6, false } }, ends)
    assert.equal(6, now() - started)
  end)

  it("lets a task go on when its socket is ready, those before it in their order first", function()
    local started, order = now(), {}
    ready[8] = true
    local function waiter(name, fd, wants_write)
      return function()
        assert(loop.wait(fd, wants_write, started + 5))
        order[#order + 1] = name
        return name
      end
    end
    run { waiter("late", 7), waiter("first", 8), waiter("second", 8, true) }
    assert.same({ "first", "second", "late" }, order)
    assert.same({ { 7 }, { false }, 5 }, polled)
    run { waiter("reads", 8), waiter("writes", 8, true) }
    assert.same({ { 8, 8 }, { false, true }, 0 }, polled)
    assert.equal(5, now() - started)
  end)

  it("knows what ended each", function()
    local thread
    local ends = run {
      function() error({ "mine" }, 0) end,
      function() coroutine.yield() end,
      function()
        thread = coroutine.running()
        loop.wait(nil, false, now() + 5)
      end,
      function()
        loop.wait(nil, false, now() + 1)
        coroutine.resume(thread) -- to its end, though it waits for the loop
      end,
    }
    assert.same({ 1, "raised", { "mine" }, false }, ends[1])
    assert.same({ 2, "foreign_yield" }, { ends[2][1], ends[2][2] })
    assert.same({ 4, "returned" }, { ends[3][1], ends[3][2] })
    assert.same({ 3, "returned" }, { ends[4][1], ends[4][2] })
  end)

  it("knows a task that somebody else has ended while it waited", function()
    local thread
    local ends = run {
      function()
        thread = coroutine.running()
        loop.wait(nil, false, now() + 5)
        error "raised to somebody else"
      end,
      function() coroutine.resume(thread) end,
      function() return "the rest" end,
    }
    assert.same({ { 2, "returned" }, { 3, "returned", "the rest", false }, { 1, "killed" } },
      { { ends[1][1], ends[1][2] }, ends[2], { ends[3][1], ends[3][2] } })
  end)

  it("knows no more of a task's requests when a coroutine of nobody's has made one", function()
    assert.same({ { 1, "returned" } }, run { function()
      coroutine.wrap(function()
        loop.began "whose"
        loop.ended(true)
      end)()
    end })
  end)

  it("takes a thread that is none of its own for a task's, and gives it back", function()
    local task, other = loop.task(), loop.task()
    task.is_light = true
    loop.loops = 1
    coroutine.wrap(function()
      assert.is_nil(loop.adopt(task))
      assert.equal(task, loop.current())
      assert.is_nil(loop.wait(nil, false, now() + 5)) -- it waits by itself
      loop.began "a-reference"
      loop.ended(nil)
      assert.equal(task, loop.adopt(other))
      assert.equal(other, loop.adopt(nil))
      assert.is_nil(loop.current())
    end)()
    loop.loops = 0
    assert.is_nil(loop.sent(task))
    assert.is_false(loop.sent(other))
  end)

  it("counts the calls of a task, and those of its tasks, too", function()
    local inner = loop.task()
    local function sent_after(...)
      local results = { ... }
      return run { function()
        for _, sent in ipairs(results) do
          loop.began "a-reference"
          if sent == "lost" then sent = nil end
          if sent ~= "under way" then loop.ended(sent) end
        end
      end }[1][4]
    end
    assert.is_false(sent_after(false, false))
    assert.is_true(sent_after(false, true))
    assert.is_nil(sent_after(true, "lost"))
    assert.is_nil(sent_after("under way"))
    run { function()
      inner.parent = loop.current()
      loop.spawn(inner, function()
        loop.began "inner"
        loop.ended(true)
      end)
      loop.resume(inner)
      assert.is_true(loop.sent(inner.parent))
      assert.equal("inner", inner.parent.client_ref_id)
    end }
    assert.is_true(loop.sent(inner))
  end)

  it("waits for nobody outside of it", function()
    assert.is_nil(loop.wait(nil, false, now() + 5))
    assert.is_nil(loop.current())
    loop.began "nobody's"
    loop.ended(true)
    assert.equal(0, loop.loops)
    assert.same({ true, 1 }, { loop.protected(function() return 1 end) })
    assert.is_false((loop.protected(error)))
  end)
end)
