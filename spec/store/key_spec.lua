-- The keys under which stores keep journeys.
local store = require "eko.store"

describe("a key of a store", function()
  it("is random, and fits", function()
    local seen = {}
    for _ = 1, 1000 do
      local key = store.new_key()
      assert.equal(24, #key, key)
      assert.is_true(store.is_key(key), key)
      assert.is_nil(seen[key], key .. " came twice")
      seen[key] = true
    end
    assert.is_false(store.is_key "")
    assert.is_false(store.is_key "a b")
    assert.is_false(store.is_key(("a"):rep(65)))
    assert.is_false(store.is_key(nil))
  end)
end)
