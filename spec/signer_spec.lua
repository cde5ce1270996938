local core = require "eko.core"
local eko = require "eko"

describe("the signature", function()
  it("is base64(HMAC-SHA256(ts, base64(access_key)))", function()
    assert.equal("u30ak/iOGwKCaspqCeiYng8fd98QDx7kF3DBBOadQHk=", eko.sign("TEST_ACCESS_KEY_DO_NOT_USE", "1700000000000"))
    assert.equal("88lqTf9ew69XbVbeczjxVL8/B4vibfp1MvTi1mIj2Xo=", eko.sign("test-access-key-123", 1700000000000))
    assert.equal("88lqTf9ew69XbVbeczjxVL8/B4vibfp1MvTi1mIj2Xo=", eko.sign("test-access-key-123", 1700000000000.0))
  end)

  it("agrees with a one-shot HMAC for keys of every length, also beyond a block", function()
    for n = 1, 200 do
      local key = ("k"):rep(n)
      assert.equal(core.text.hmac_sha256_base64(core.text.base64_encode(key), "1700000000123"), eko.sign(key, 1700000000123))
    end
  end)

  it("refuses what is not a timestamp or a key", function()
    for _, bad in ipairs { "", "12a", "1.5", -1, 1.5, 0 / 0, 1 / 0, ("1"):rep(21), {}, true } do
      assert.is_false((pcall(eko.sign, "key", bad)))
    end
    assert.is_false((pcall(eko.sign, "key")))
    assert.is_false((pcall(eko.sign, "", 1)))
    assert.is_false((pcall(eko.sign, nil, 1)))
  end)

  it("keeps the key to itself, and is unusable once closed", function()
    local signer = core.signer("a-secret-access-key")
    assert.equal("eko.signer", tostring(signer))
    assert.equal("eko.signer", getmetatable(signer))
    signer:close()
    signer:close()
    local ok, message = pcall(signer.sign, signer, 1700000000000)
    assert.is_false(ok)
    assert.truthy(message:find("closed", 1, true))
    if _VERSION == "Lua 5.4" then
      local chunk = assert(load [[local core = ... ; local kept; do local s <close> = core.signer("k"); kept = s end; return kept]])
      assert.is_false((pcall(function(s) return s:sign(1) end, chunk(core))))
    end
  end)
end)

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
