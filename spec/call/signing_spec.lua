-- What authentication failures say of our clock, and what they do not; and what becomes of a timestamp that somebody else used.
local core = require "eko.core"
local eko = require "eko"
local signing = require "eko.call.signing"

local T = 1790000000000 -- a whole second
local SECOND, MINUTE, HOUR, DAY = 1000, 60000, 3600000, 86400000

local number = 0
local function new_key()
  number = number + 1
  return "signing-spec-key-" .. number
end

local function date(ms) return os.date("!%a, %d %b %Y %H:%M:%S GMT", math.floor(ms / 1000)) end

-- A signer with a clock of ours.
local function world(now)
  local clock = { now = now or T, at = 100 }
  local self = signing.new {
    developer_key = "d", access_key = new_key(), base_url = "http://127.0.0.1:1/x", clock = function() return clock.now end,
  }
  local function examine(text, code, later)
    clock.at = clock.at + (later or 1)
    return self:examine { code = code, date = text, at = clock.at }
  end
  return self, clock, examine
end

local function signed_at(self)
  assert(self.timestamps:next(self.own_clock and self.own_clock()))
  return self.timestamps:last()
end

describe("a Date", function()
  -- { ms from our clock, what the first of its kind says, the second a second later }
  local DISTANCES = {
    { 0, "agrees", "agrees" }, { 29 * SECOND, "agrees", "agrees" }, { -29 * SECOND, "agrees", "agrees" },
    { 30 * SECOND, "corrected", "agrees" }, { -30 * SECOND, "corrected", "agrees" }, { 5 * MINUTE, "corrected", "agrees" },
    { -5 * MINUTE, "corrected", "agrees" }, { 10 * MINUTE, "corrected", "agrees" }, { -10 * MINUTE, "corrected", "agrees" },
    { 601 * SECOND, "unconfirmed", "corrected" }, { -601 * SECOND, "unconfirmed", "corrected" },
    { 5 * HOUR, "unconfirmed", "corrected" }, { -5 * HOUR, "unconfirmed", "corrected" }, { DAY, "unconfirmed", "corrected" },
    { -DAY, "unconfirmed", "corrected" }, { DAY + SECOND, "clock_wrong", "clock_wrong" }, { -DAY - SECOND, "clock_wrong", "clock_wrong" },
    { 400 * DAY, "clock_wrong", "clock_wrong" }, { -400 * DAY, "clock_wrong", "clock_wrong" },
  }

  it("is followed by its distance: at once, by two, or never", function()
    for _, case in ipairs(DISTANCES) do
      for _, code in ipairs { 2485, false } do
        local self, clock, examine = world()
        local text = date(clock.now + case[1])
        assert.equal(case[2], (examine(text, code or nil)), text)
        assert.equal(case[3], (examine(text, code or nil)), text)
        local followed = (case[2] == "corrected" or case[3] == "corrected") and case[1] or 0
        local ts = signed_at(self)
        assert(math.abs(ts - clock.now - followed) <= 1000, text)
      end
    end
  end)

  it("far off names both times, and changes nothing", function()
    local self, clock, examine = world()
    local name, theirs, ours = examine("Fri, 31 Dec 9999 23:59:59 GMT", 2485)
    assert.same({ "clock_wrong", 253402300799000, clock.now }, { name, theirs, ours })
    assert.equal(T, signed_at(self))
  end)

  it("that is none says nothing", function()
    local self, _, examine = world()
    for _, text in ipairs { "Sat, 01 Jan 0000 00:00:00 GMT", "", "x", "Mon, 21 Sep 2026 14:13:20 PST", "Mon, 30 Feb 2026 00:00:00 GMT",
      date(T + 5 * MINUTE) .. ", " .. date(T + 6 * MINUTE) } do
      assert.is_nil((examine(text, 2485)))
      assert.is_nil((examine(text)))
    end
    assert.is_nil((examine(nil, 2485)))
    assert.equal(T, signed_at(self))
  end)

  it("twice alike is one, and one witness", function()
    local self, _, examine = world()
    local text = date(T + HOUR)
    assert.equal("unconfirmed", (examine(text .. ", " .. text)))
    assert.equal(0, self.timestamps:offset())
    assert.equal("corrected", (examine(text)))
  end)

  it("needs two witnesses beyond ten minutes: a second apart, and alike within 5 s", function()
    local self, clock, examine = world()
    local function at(ms, later)
      clock.now = clock.now + later * 1000
      return (examine(date(clock.now + ms), 2485, later))
    end
    assert.equal("unconfirmed", at(HOUR, 1))
    assert.equal("unconfirmed", at(HOUR, 0.25)) -- too soon
    assert.equal("unconfirmed", at(HOUR, 0.5))
    assert.equal("unconfirmed", at(2 * HOUR, 3)) -- another one
    assert.equal("unconfirmed", at(HOUR, 3)) -- the first is forgotten
    assert.equal("unconfirmed", at(HOUR + 7 * SECOND, 3))
    assert.equal("unconfirmed", at(-HOUR, 3))
    assert.equal(0, self.timestamps:offset())
    assert.equal("corrected", at(-HOUR + 4 * SECOND, 3))
    assert.equal("agrees", at(-HOUR, 3))
  end)

  it("does not lead us away in small steps", function()
    local self, clock, examine = world()
    for minutes = 9, 600, 9 do examine(date(clock.now + minutes * MINUTE), 2485, 0.1) end
    assert.is_true(math.abs(self.timestamps:offset()) <= 10 * MINUTE + 500)
  end)

  it("of a failure that is not about time says nothing but that our clock is right", function()
    for _, code in ipairs { 2483, 2484, 2486, 2487 } do
      local self, _, examine = world()
      for _, distance in ipairs { 5 * MINUTE, HOUR, HOUR, 40 * DAY } do
        assert.equal("unconfirmed", (examine(date(T + distance), code)))
      end
      assert.equal("agrees", (examine(date(T), code)))
      assert.equal(0, self.timestamps:offset())
      examine(date(T + 5 * MINUTE))
      assert.equal("corrected", (examine(date(T), code)))
      assert.equal(0, self.timestamps:offset())
    end
  end)

  it("near this machine's clock ends a correction, and the witness of another", function()
    -- { what was followed, what came later, what it says }: 20 s is near both.
    for _, case in ipairs { { 5 * MINUTE, 0, "corrected" }, { -5 * MINUTE, 0, "corrected" }, { 40 * SECOND, 20 * SECOND, "agrees" } } do
      local self, _, examine = world()
      assert.equal("corrected", (examine(date(T + case[1]), 2485)))
      assert.equal(case[3], (examine(date(T + case[2]), 2485)))
      assert.equal(0, self.timestamps:offset())
    end
    local self, _, examine = world()
    assert.equal("unconfirmed", (examine(date(T + HOUR), 2485)))
    assert.equal("agrees", (examine(date(T), 2485)))
    assert.equal("unconfirmed", (examine(date(T + HOUR), 2485)))
    assert.equal(0, self.timestamps:offset())
  end)

  it("is no witness any more once a call was let in", function()
    local self, clock, examine = world()
    for _ = 1, 3 do
      assert.equal("unconfirmed", (examine(date(clock.now + HOUR), 2485, 2)))
      self:accepted(clock.at)
    end
    assert.equal(0, self.timestamps:offset())
  end)

  it("is compared with a clock that gives fractions", function()
    local self, clock, examine = world(T + 0.75)
    assert.equal("corrected", (examine(date(clock.now + 5 * MINUTE), 2485)))
    assert.equal(5 * MINUTE + 500, self.timestamps:offset())
  end)
end)

describe("what was let in", function()
  it("is known of a pair of keys at a base URL, and of the present correction", function()
    local key = new_key()
    local function signer(more)
      local options = { developer_key = "d", access_key = key, base_url = "http://127.0.0.1:1/x" }
      for name, value in pairs(more or {}) do options[name] = value end
      return signing.new(options)
    end
    local self, twin = signer(), signer()
    assert.is_false(self:was_accepted())
    assert.is_false(self:accepted_within(600, 1000))
    self:accepted(1000)
    assert.is_true(twin:was_accepted())
    assert.is_true(twin:accepted_within(600, 1600))
    assert.is_false(twin:accepted_within(600, 1601))
    for _, other in ipairs { { developer_key = "e" }, { access_key = new_key() }, { base_url = "http://127.0.0.1:1/y" } } do
      assert.is_false(signer(other):was_accepted())
      assert.is_false(signer(other):accepted_within(600, 1000))
    end
    local now = core.text.now_ms()
    assert.equal("corrected", (twin:examine { code = 2485, date = date(now + 5 * MINUTE), at = 1601 }))
    assert.is_true(self:was_accepted())
    assert.is_false(self:accepted_within(600, 1000))
    assert.is_true(signed_at(self) >= now + 5 * MINUTE - 1000) -- what one has learnt, the other knows
  end)
end)

-- Through calls, which is what users see.

local PROFILE = '{"response_status_id":-1,"response_type_id":309,"status":0,"message":"ok","data":{"customer_profile":{"name":"A B"}}}'
local VERIFY = { customer_id = "9444444444", otp = "012345", otp_ref_id = "r", intent_id = "19" }

local function refused(code, text)
  local body = code and ('{"message":"x","status":%d,"response_type_id":%d,"response_status_id":1}'):format(code, code) or "Forbidden"
  return { status = code and 401 or 403, headers = { date = text }, body = body }
end

-- A client whose answers `judge(timestamp, clock)` gives; `seen` has the timestamps.
local function calling(judge)
  local clock, seen = { now = T }, {}
  local client = eko.client {
    base_url = "http://127.0.0.1:1/x", developer_key = "d", access_key = new_key(), initiator_id = "9962981729", user_code = "20810200",
    clock = function() return clock.now end, retries = 0, timeout = 0.2,
    transport = function(request)
      local ts = tonumber(request.headers["secret-key-timestamp"])
      seen[#seen + 1] = ts
      local answer = judge(ts, clock)
      return { status = answer.status or 200, headers = answer.headers or {}, body = answer.body }
    end,
  }
  local function call()
    clock.now = clock.now + 2000
    return client.levin:verify_otp(VERIFY)
  end
  return call, seen, clock
end

describe("a wrong Date", function()
  -- The platform refuses once or twice with it, and is well again.
  local WRONG = {
    ["of the year 0"] = "Sat, 01 Jan 0000 00:00:00 GMT", ["of the year 9999"] = "Fri, 31 Dec 9999 23:59:59 GMT",
    ["of 1970"] = "Thu, 01 Jan 1970 00:00:00 GMT", ["of 1994"] = "Sun, 06 Nov 1994 08:49:37 GMT",
    ["of the day after tomorrow"] = date(T + 2 * DAY), ["of the day before yesterday"] = date(T - 2 * DAY),
    ["of next month"] = date(T + 30 * DAY), ["of no day"] = "Mon, 31 Feb 2026 14:13:20 GMT", ["of the 99th hour"] = "Mon, 21 Sep 2026 99:13:20 GMT",
    ["twice, of an hour ahead and two"] = date(T + HOUR) .. ", " .. date(T + 2 * HOUR),
  }
  for name, text in pairs(WRONG) do
    it(name .. " does not change what is signed" .. (text:find("GMT, ", 1, true) and "" or " #harm09"), function()
      for _, code in ipairs { 2485, false } do
        local left = 4
        local call, seen, clock = calling(function()
          left = left - 1
          if left >= 0 then return refused(code, text) end
          return { body = PROFILE }
        end)
        for _ = 1, 4 do call() end
        local before = #seen
        for _ = 1, 3 do call() end
        assert.is_true(#seen > before, "nothing is signed any more")
        for _, ts in ipairs(seen) do
          assert.is_true(ts >= T and ts <= clock.now + 86000, ("%.0f was signed at %.0f"):format(ts, clock.now))
        end
      end
    end)
  end

  it("an hour off is followed only when another says so too #harm09", function()
    local calls = 0
    local call, seen, clock = calling(function(_, now)
      calls = calls + 1
      if calls == 1 then return refused(2485, date(now.now + HOUR)) end
      return { body = PROFILE }
    end)
    call()
    call()
    for _, ts in ipairs(seen) do assert.is_true(ts <= clock.now + 86000, ("%.0f was signed at %.0f"):format(ts, clock.now)) end
  end)

  it("is forgotten when a later failure's Date is ours", function()
    local texts = { date(T + 5 * MINUTE), date(T + 4 * SECOND), date(T + 4 * SECOND) }
    local calls = 0
    local call, seen, clock = calling(function()
      calls = calls + 1
      if texts[calls] then return refused(2485, texts[calls]) end
      return { body = PROFILE }
    end)
    for _ = 1, 4 do call() end
    local ts = seen[#seen]
    assert.is_true(ts >= clock.now and ts <= clock.now + 86000, ("%.0f was signed at %.0f"):format(ts, clock.now))
  end)

  it("is said, with both times, when it is days off", function()
    local call = calling(function() return refused(2485, "Fri, 31 Dec 9999 23:59:59 GMT") end)
    local answer, err = call()
    assert.is_nil(answer)
    assert.equal("clock_wrong", err.name)
    assert.truthy(tostring(err):find("9999-12-31", 1, true))
    assert.truthy(tostring(err):find("2026-09-21", 1, true))
    assert.truthy(tostring(err):find("clock", 1, true))
  end)
end)

-- A platform as it is: a timestamp is taken once, and within two minutes of its clock.
local function platform(clock_of)
  local used = {}
  return used, function(ts, clock)
    local now = clock_of(clock)
    if used[ts] or math.abs(ts - now) > 120000 then return refused(2485, date(now)) end
    used[ts] = true
    return { body = PROFILE }
  end
end

describe("a platform's clock", function()
  it("is followed from both sides, and left when ours is set right", function()
    for _, wrong in ipairs { 3 * MINUTE, -3 * MINUTE, 10 * MINUTE, -10 * MINUTE, HOUR, -HOUR, DAY - MINUTE, -DAY + MINUTE } do
      local off = wrong
      local _, judge = platform(function(clock) return clock.now - off end)
      local call, seen, clock = calling(judge)
      clock.now = T + wrong
      if math.abs(wrong) > 10 * MINUTE then
        assert.is_nil((call()))
        require("socket").sleep(1.05)
      end
      for _ = 1, 5 do assert(call()) end
      clock.now, off = clock.now - wrong, 0 -- somebody sets our clock right
      local before = #seen
      for _ = 1, 3 do assert(call()) end
      -- A clock that was ahead is noticed by itself; one that was behind costs one refused call.
      assert.equal(wrong > 0 and 3 or 4, #seen - before)
    end
  end)
end)

describe("a timestamp that somebody else used", function()
  it("costs one more signature, however far the others are ahead #harm10", function()
    for _, ahead in ipairs { 0, 100, 5000, 20000, 40000, 60000 } do
      local used, judge = platform(function(clock) return clock.now end)
      local call, seen = calling(judge)
      for ts = T, T + 2000 + ahead do used[ts] = true end
      for _ = 1, 20 do assert(call()) end
      assert.equal(21, #seen)
    end
  end)

  it("costs one more also when we are ahead of the clock ourselves #harm10", function()
    for _, burst in ipairs { 10, 1000, 40000 } do
      local used, judge = platform(function(clock) return clock.now end)
      local call, seen, clock = calling(judge)
      -- A sibling makes the same burst with the same clock.
      local sibling = core.timestamps()
      assert(call())
      for _ = 1, burst do used[sibling:next(clock.now + 2000)] = true end
      for ts = clock.now, clock.now + 2000 + burst do used[ts] = true end
      local before = #seen
      for _ = 1, 10 do assert(call()) end
      assert.equal(11, #seen - before)
    end
  end)

  it("is told from the timestamps of clients that share ours: they do not collide", function()
    local key, seen = new_key(), {}
    for _ = 1, 50 do
      local self = signing.new { developer_key = "d", access_key = key, base_url = "http://127.0.0.1:1/" .. math.random(3) }
      for _ = 1, 20 do
        local ts = signed_at(self)
        assert.is_nil(seen[ts])
        seen[ts] = true
      end
    end
  end)
end)
