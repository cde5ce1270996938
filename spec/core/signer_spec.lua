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
