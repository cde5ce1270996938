-- One-use timestamps: none is handed out twice, whatever the clocks do and whoever asks; and there is always one again.
local core = require "eko.core"
local shell = require "spec.support.shell"

local T = 1700000000000
local SECOND, MINUTE, HOUR, DAY = 1000, 60000, 3600000, 86400000

describe("timestamps", function()
  it("are used once and increase, however fast they are asked for", function()
    local source, last = core.timestamps(), 0
    for _ = 1, 50000 do
      local ts = source:next()
      assert(ts > last)
      last = ts
    end
  end)

  it("are the clock's own when it is ahead", function()
    local source = core.timestamps()
    assert.equal(1700000000000, source:next(1700000000000))
    assert.equal(1700000000001, source:next(1700000000000))
    assert.equal(1700000005000, source:next(1700000005000))
  end)

  it("run at most 60 s ahead of the clock, and say how long to wait", function()
    local source, count = core.timestamps(), 0
    while source:next(1700000000000) do count = count + 1 end
    assert.equal(60001, count)
    local ts, wait = source:next(1700000000000)
    assert.is_nil(ts)
    assert.equal(1, wait)
    assert.equal(1700000060001, source:next(1700000000001))
    assert.is_nil((source:next(1700000000001)))
  end)

  it("never meet another lane's", function()
    local count = 4
    local seen = {}
    for index = 0, count - 1 do
      local source, last = core.timestamps(index, count), 0
      local handed_out, ts, wait = 0, source:next(1700000000001)
      while ts do
        assert(ts % count == index and ts > last and not seen[ts])
        assert(ts <= 1700000060001)
        seen[ts], last, handed_out = true, ts, handed_out + 1
        ts, wait = source:next(1700000000001)
      end
      assert.is_true(handed_out >= 15000)
      assert.is_true(wait >= 1 and wait <= count)
    end
  end)

  it("refuse a lane that cannot be", function()
    for _, lane in ipairs { { 4, 4 }, { -1, 4 }, { 0, 0 }, { 0, 1000001 } } do
      assert.is_false((pcall(core.timestamps, lane[1], lane[2])))
    end
  end)

  it("follow a correction forwards and back without using one twice", function()
    local source, seen = core.timestamps(), {}
    local function take(now)
      local ts = assert(source:next(now))
      assert(not seen[ts])
      seen[ts] = true
      return ts
    end
    local now = 1700000000000
    for _ = 1, 100 do take(now) end
    source:adjust(600000)
    assert.equal(600000, source:offset())
    assert.equal(now + 600000, take(now))
    for _ = 1, 100 do take(now) end
    source:adjust(0) -- back: not the 100 of before, nor those 10 minutes ahead when they come
    assert.equal(now + 100, take(now))
    assert.equal(now + 600101, take(now + 600000))
    source:adjust(-300000)
    assert.is_true(take(now + 600000) < now + 600000)
  end)

  it("start again from the clock when it was set back by more than a minute", function()
    local source = core.timestamps()
    assert.equal(1700000300000, source:next(1700000300000))
    assert.equal(1700000000000, source:next(1700000000000))
    assert.equal(1700000300001, source:next(1700000300000))
  end)
end)

-- Draws, and raises when a timestamp comes a second time or does not fit the clock.
local function drawer()
  local seen = {}
  local self = { seen = seen }
  function self.take(source, now, platform)
    local ts, wait = source:next(now)
    if not ts then
      assert(wait >= 1)
      return nil, wait
    end
    assert(not seen[ts], ("%.0f was handed out twice"):format(ts))
    seen[ts] = true
    if platform then assert(ts >= platform and ts <= platform + 85000, ("%.0f is not the platform's time"):format(ts)) end
    return ts
  end
  return self
end

describe("a correction", function()
  -- What the clock does, as steps of { what, amount }: "clock" sets it by so much, "correct" sets the offset so that the platform's
  -- time comes out, "pass" lets time go by, "burst" signs so many. After each, the next timestamp is the platform's time, without
  -- anybody being told.
  local INTERLEAVINGS = {
    ["an hour ahead, corrected, set right"] = { { "clock", HOUR }, { "correct" }, { "burst", 500 }, { "clock", -HOUR } },
    ["a minute and a half ahead, corrected, set right"] = { { "clock", 90000 }, { "correct" }, { "burst", 500 }, { "clock", -90000 } },
    ["the same again and again"] = { { "clock", HOUR }, { "correct" }, { "burst", 100 }, { "clock", -HOUR },
      { "clock", HOUR }, { "correct" }, { "burst", 100 }, { "clock", -HOUR }, { "clock", HOUR }, { "correct" }, { "burst", 100 },
      { "clock", -HOUR }, { "clock", 2 * HOUR }, { "correct" }, { "burst", 100 }, { "clock", -2 * HOUR },
      { "clock", 3 * HOUR }, { "correct" }, { "burst", 100 }, { "clock", -3 * HOUR } },
    ["behind, corrected, and corrected back"] = { { "clock", -HOUR }, { "correct" }, { "burst", 500 }, { "clock", HOUR }, { "correct" } },
    ["ahead, corrected, further ahead, corrected"] = { { "clock", HOUR }, { "correct" }, { "burst", 100 }, { "clock", HOUR },
      { "correct" }, { "burst", 100 }, { "pass", HOUR }, { "clock", -2 * HOUR } },
    ["a day ahead, and right"] = { { "clock", DAY }, { "correct" }, { "burst", 1000 }, { "pass", MINUTE }, { "clock", -DAY } },
    ["wrong steps while corrected"] = { { "clock", 10 * MINUTE }, { "correct" }, { "burst", 10 }, { "clock", -5 * MINUTE },
      { "correct" }, { "burst", 10 }, { "clock", -5 * MINUTE } },
  }

  for name, steps in pairs(INTERLEAVINGS) do
    it("is followed and dropped: " .. name, function()
      local source, draw = core.timestamps(), drawer()
      local platform, clock = T, T
      draw.take(source, clock)
      for _, step in ipairs(steps) do
        local what, amount = step[1], step[2]
        if what == "clock" then
          clock = clock + amount
        elseif what == "correct" then
          source:adjust(platform - clock)
        elseif what == "pass" then
          clock, platform = clock + amount, platform + amount
        else
          for _ = 1, amount do draw.take(source, clock, platform) end
        end
      end
      for _ = 1, 100 do
        clock, platform = clock + 1, platform + 1
        draw.take(source, clock, platform)
      end
    end)
  end

  -- The clocks of the machine cannot be set here: a process gets some that can (spec/support/set_clock.c). (What it says of five
  -- minutes: when a clock was days ahead for long, and nothing is free, what is in the way is forgotten after those.)
  it("is dropped when the machine's clock was set since, either way and after a while of rest", function()
    local status, said = shell.run "sh spec/support/set_clock.sh"
    assert.equal(0, status, said)
    assert.truthy(said:find "^6 right, 5 minutes%s*$", said)
  end)

  it("is kept while timestamps run ahead of it", function()
    for _, offset in ipairs { -70000, 70000, -130000, -40000 } do
      local source = core.timestamps()
      source:adjust(offset)
      source:next(T)
      source:skip(1, source:last(), T)
      for _ = 1, 200 do source:next(T) end
      source:next(T)
      assert.equal(offset, source:offset())
    end
  end)

  it("is a whole number of milliseconds of at most a day #harm09", function()
    local source = core.timestamps()
    for _, good in ipairs { 0, 1, -1, 86400000, -86400000, 86400500 } do
      source:adjust(good)
      assert.equal(good, source:offset())
    end
    for _, bad in ipairs { 0 / 0, 1 / 0, -1 / 0, 0.5, 2 ^ 53, -2 ^ 53, 2 ^ 63, 2 ^ 64, -2 ^ 63, 1e300, 86401001, -86401001 } do
      assert.is_false((pcall(source.adjust, source, bad)), tostring(bad))
      assert.equal(86400500, source:offset())
    end
    assert.is_false((pcall(source.adjust, source)))
    assert.is_false((pcall(source.adjust, source, nil)))
    assert.is_false((pcall(source.adjust, source, "x")))
    for _, bad in ipairs { 0 / 0, 1 / 0, -1 / 0, 0, -1, 2 ^ 53, 253402300800000, 1e300 } do
      assert.is_false((pcall(source.next, source, bad)), tostring(bad))
      assert.is_false((pcall(source.skip, source, 0.5, T, bad)), tostring(bad))
    end
    for _, bad in ipairs { 0 / 0, 1 / 0, -1, 1.1 } do assert.is_false((pcall(source.skip, source, bad, T, T))) end
    for _, bad in ipairs { 0 / 0, 1.5, 1 / 0, -1, 2 ^ 40 } do
      assert.is_false((pcall(core.timestamps, bad, 4)))
      assert.is_false((pcall(core.timestamps, 0, bad)))
    end
  end)
end)

describe("moving beyond others", function()
  it("goes where nobody is who did not do so too, and stays there", function()
    for i = 0, 20 do
      local source = core.timestamps()
      local refused = source:next(T)
      source:skip(i / 20, refused, T)
      local ts = source:next(T)
      assert.is_true(ts > T + 60000 and ts <= T + 80001, ("%.0f"):format(ts - T))
      assert.is_true(source:next(T) - ts <= 1)
      assert.is_true(source:next(T + 1000) - ts <= 2)
      -- Ninety seconds on, the clock is ahead again.
      assert.equal(T + 90000, source:next(T + 90000))
    end
  end)

  it("happens once for all that was refused before it, and again for what was refused since", function()
    local source, refused = core.timestamps(), {}
    for i = 1, 200 do refused[i] = source:next(T) end
    source:skip(0.1, refused[1], T)
    local first = source:next(T)
    for i = 2, 200 do source:skip(0.9, refused[i], T) end
    assert.is_true(source:next(T) - first <= 1)
    source:skip(0.1, first, T)
    assert.is_true(source:next(T) - first > 100)
  end)

  it("never ends: at the edge one waits for the clock", function()
    local source, now = core.timestamps(), T
    for _ = 1, 1000 do
      source:skip(1, source:last(), now)
      local ts, wait = source:next(now)
      assert.is_true(ts and ts <= now + 85000 or wait >= 1 and wait <= 5)
      now = now + 5
    end
  end)

  -- Siblings that share nothing, and a platform that takes a timestamp once. Each call is signed at most twice.
  it("makes the second signature right, with siblings that race", function()
    local random = 12345
    local function chance()
      random = (random * 1103515245 + 12345) % 2147483648
      return random / 2147483648
    end
    for round = 1, os.getenv "EKO_VALGRIND" and 2 or 20 do
      local used, siblings, failed, again = {}, {}, 0, 0
      local function send(ts)
        if used[ts] then return false end
        used[ts] = true
        return true
      end
      -- One of them was here before and made a burst.
      local first, now = core.timestamps(), T
      for _ = 1, 20000 do send(first:next(now)) end
      for i = 1, 8 do siblings[i] = core.timestamps() end
      for _ = 1, 200 do
        now = now + math.floor(chance() * 3)
        local in_flight = {}
        for i, sibling in ipairs(siblings) do
          local ts = assert(sibling:next(now))
          in_flight[i] = not send(ts) and ts
        end
        for i, sibling in ipairs(siblings) do
          if in_flight[i] then
            again = again + 1
            sibling:skip(chance(), in_flight[i], now)
            if not send(assert(sibling:next(now))) then failed = failed + 1 end
          end
        end
      end
      assert(again >= 8)
      -- Two may still hit the same place by chance: streams of 200 in 20,000, 8 of them.
      assert(failed <= 2, ("round %d: %d of %d failed twice"):format(round, failed, again))
    end
  end)
end)

describe("whatever the clocks do", function()
  -- Several drawers of one name, as clients or processes have it; each with a clock that is set, corrected and left alone at random.
  local draw = drawer()
  local function walk(seed, base, steps)
    local state = seed
    local function random(most)
      state = (state * 16807) % 2147483647
      return state % most
    end
    local SPANS = { SECOND, 30 * SECOND, MINUTE, 10 * MINUTE, HOUR, 5 * HOUR, DAY }
    local function span() return (random(2) == 0 and 1 or -1) * random(SPANS[1 + random(#SPANS)]) end
    local sources, name = {}, "walk"
    for i = 1, 3 do sources[i] = core.timestamps(0, 1, name) end
    local clock = base
    for _ = 1, steps do
      local what = random(20)
      local i = 1 + random(#sources)
      if what == 0 then
        clock = math.max(base - 20 * DAY, clock + span())
      elseif what == 1 then
        sources[i]:adjust(span())
      elseif what == 2 then
        sources[i]:adjust(0)
      elseif what == 3 then
        sources[i] = core.timestamps(0, 1, name) -- another client, or a child
      elseif what == 4 then
        sources[i]:skip(random(1000) / 1000, sources[i]:last(), clock)
      elseif what == 5 then
        clock = clock + random(5000)
      end
      for _ = 1, random(50) do
        local ts, wait = draw.take(sources[i], clock)
        if ts then
          local at = clock + sources[i]:offset()
          assert(ts >= at and ts <= at + 85000, "not the time that it should be")
        else
          clock = clock + wait
        end
      end
    end
    -- It recovers: within two minutes there is one for each drawer, and then one a call.
    for _, source in ipairs(sources) do
      local deadline = clock + 120000
      while not draw.take(source, clock) do
        clock = clock + 1000
        assert(clock < deadline, "signing does not recover")
      end
      for _ = 1, 100 do
        clock = clock + 100
        assert(draw.take(source, clock) or draw.take(source, clock + 60000))
      end
    end
  end

  it("no timestamp comes twice, and signing recovers", function()
    local first = os.time() % 100000
    for i = 1, os.getenv "EKO_VALGRIND" and 2 or 40 do
      local ok, problem = pcall(walk, first + i, T + i * 40 * DAY, 1000)
      assert(ok, ("seed %d: %s"):format(first + i, tostring(problem)))
    end
  end)

  it("a clock that goes to and fro finds new ones each time #harm10", function()
    local source, fresh = core.timestamps(), drawer()
    for pass = 1, 4 do
      for _, hours in ipairs { 0, 1, 2, 3, 4, 5, 6, 7, -1, -2, 7, 3, 0 } do
        local now = T + hours * HOUR + pass
        for _ = 1, 20 do fresh.take(source, now, now) end
      end
    end
  end)

  it("a clock that was days ahead under load leaves what is needed now", function()
    -- 131072 s is what is remembered; just that far ahead each second collides.
    local source = core.timestamps()
    for second = 0, 200 do draw.take(source, T + (131072 + second) * SECOND) end
    local got, clock = nil, T
    for _ = 1, 300 do
      got = draw.take(source, clock)
      if got then break end
      clock = clock + 1000
    end
    assert.truthy(got)
  end)
end)
