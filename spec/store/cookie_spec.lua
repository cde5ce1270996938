-- The store that is a cookie.
local contract = require "spec.support.store_contract"
local store = require "eko.store"

describe("eko.store.cookie", function()
  local function jar()
    local held = {}
    return { read = function(name) return held[name] end, write = function(name, content) held[name] = content end, held = held }
  end
  local function world()
    return { store = require("eko.store.cookie").new { jar = jar() }, single = true, no_clock = true, key = store.new_key }
  end
  for _, case in ipairs(contract.cases) do
    it(case[1], function() case[2](world()) end)
  end

  it("says that a value does not fit, and keeps nothing of it", function()
    local one, key = world().store, store.new_key()
    local ok, err = one:put(key, ("x"):rep(4000), 20)
    assert.is_nil(ok)
    assert.equal("value_too_large", err.name)
    assert.equal("store", err.kind)
    assert.is_nil(one:get(key))
  end)

  it("refuses text that would break out of a cookie", function()
    for _, value in ipairs { "a; Path=/", "a\r\nX: y", "a b", "\"a\"" } do
      local ok, err = world().store:put(store.new_key(), value, 20)
      assert.is_nil(ok, value)
      assert.equal("store_refused", err.name, value)
    end
  end)

  it("hands the time to live on to the jar", function()
    local given
    local one = require("eko.store.cookie").new { name = "x", jar = { read = function() end, write = function(...) given = { ... } end } }
    one:put("key", "value", 90)
    assert.same({ "x", "key.value", 90 }, given)
  end)

  it("takes no jar that is none", function()
    assert.has_error(function() require("eko.store.cookie").new {} end)
    assert.has_error(function() require("eko.store.cookie").new() end)
  end)
end)
