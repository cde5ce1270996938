--- What every store must do, as cases that run under busted and inside nginx alike.
--
-- A case is a function of a world: `world.store`, `world.sleep(seconds)`, `world.claims`, `world.key()`.

local contract = {}

local function equal(expected, value, what)
  if expected ~= value then
    error(("%s: expected %s, got %s"):format(what or "value", tostring(expected), tostring(value)), 2)
  end
end

local function raises(pattern, call, ...)
  local ok, problem = pcall(call, ...)
  if ok or not tostring(problem):find(pattern) then error(("expected an error with %q, got %s"):format(pattern, tostring(problem)), 2) end
end

contract.cases = {
  { "keeps a value", function(world)
    local store, key = world.store, world.key()
    equal(nil, store:get(key))
    equal(true, store:put(key, "one", 20))
    equal("one", store:get(key))
    equal("one", store:get(key), "again")
    equal(true, store:put(key, "two", 20))
    equal("two", store:get(key), "replaced")
  end },

  { "keeps keys apart", function(world)
    local store, a, b = world.store, world.key(), world.key()
    if world.single then return end
    store:put(a, "of a", 20)
    store:put(b, "of b", 20)
    equal("of a", store:get(a))
    equal("of b", store:get(b))
    store:delete(a)
    equal(nil, store:get(a))
    equal("of b", store:get(b), "the other one")
  end },

  { "gives nothing for another key", function(world)
    world.store:put(world.key(), "one", 20)
    equal(nil, world.store:get(world.key()))
  end },

  { "takes a value once", function(world)
    local store, key = world.store, world.key()
    store:put(key, "one", 20)
    equal("one", store:take(key))
    equal(nil, store:take(key), "a second time")
    equal(nil, store:get(key), "afterwards")
    store:put(key, "two", 20)
    equal("two", store:take(key), "a new one")
  end },

  { "deletes", function(world)
    local store, key = world.store, world.key()
    equal(true, store:delete(key), "nothing")
    store:put(key, "one", 20)
    equal(true, store:delete(key))
    equal(nil, store:get(key))
  end },

  { "forgets after the time to live", function(world)
    if world.no_clock then return end
    local store, key = world.store, world.key()
    store:put(key, "one", 0.1)
    equal("one", store:get(key))
    world.sleep(0.2)
    equal(nil, store:get(key))
    equal(nil, store:take(key))
    equal(false, store:touch(key, 20))
  end },

  { "lets a value live longer, or less long", function(world)
    if world.no_clock then return end
    local store, key = world.store, world.key()
    equal(false, store:touch(key, 20), "nothing")
    store:put(key, "one", 0.1)
    equal(true, store:touch(key, 20))
    world.sleep(0.2)
    equal("one", store:get(key))
    equal(true, store:touch(key, 0.1))
    world.sleep(0.2)
    equal(nil, store:get(key))
  end },

  { "keeps a token of 2,047 characters, byte for byte", function(world)
    local store, key, value = world.store, world.key(), ("Az09-_"):rep(341) .. "x"
    equal(2047, #value)
    equal(true, store:put(key, value, 20))
    equal(value, store:get(key))
  end },

  { "says what is wrong with its arguments", function(world)
    local store, key = world.store, world.key()
    raises("a key of a store", store.get, store, "9444444444 x")
    raises("a key of a store", store.put, store, ("k"):rep(65), "v", 1)
    raises("a key of a store", store.take, store)
    raises("is a string", store.put, store, key, 1, 20)
    raises("time to live", store.put, store, key, "v")
    raises("time to live", store.put, store, key, "v", 0)
    raises("time to live", store.touch, store, key, -1)
    if not world.claims then
      equal(false, store.claims)
      raises("has no claims", store.claim, store, key, 10)
      raises("has no claims", store.holds, store, key, "claim")
      raises("has no claims", store.revoke, store, key)
      return
    end
    raises("time to live", store.claim, store, key)
    raises("a claim is", store.release, store, key, nil)
    raises("a claim is", store.holds, store, key, "a b")
    raises("a claim is", store.delete, store, key, 5)
    raises("a key of a store", store.revoke, store, "a b")
  end },
}

contract.claim_cases = {
  { "claims once", function(world)
    local store, key = world.store, world.key()
    equal(true, store.claims)
    local claim = store:claim(key, 20)
    equal("string", type(claim))
    local second, why = store:claim(key, 20)
    equal(nil, second)
    equal("claimed", why)
    equal(true, store:release(key, claim))
    equal("string", type(store:claim(key, 20)), "after the release")
  end },

  { "does not mix claims with values", function(world)
    local store, key = world.store, world.key()
    store:claim(key, 20)
    equal(nil, store:get(key))
    store:put(key, "one", 20)
    store:delete(key)
    equal("claimed", select(2, store:claim(key, 20)))
  end },

  { "releases only what it holds", function(world)
    local store, key = world.store, world.key()
    local claim = store:claim(key, 20)
    equal(false, store:release(key, "somebody-elses"))
    equal("claimed", select(2, store:claim(key, 20)))
    equal(true, store:release(key, claim))
    equal(false, store:release(key, claim), "twice")
  end },

  { "ends the claim of a worker that died", function(world)
    local store, key = world.store, world.key()
    local lost = store:claim(key, 0.1)
    world.sleep(0.2)
    local mine = store:claim(key, 20)
    equal("string", type(mine))
    equal(false, store:release(key, lost), "the late one")
    equal("claimed", select(2, store:claim(key, 20)), "mine is still there")
  end },

  { "keeps nothing of a worker whose claim was lost", function(world)
    local store, key = world.store, world.key()
    local lost = store:claim(key, 0.1)
    equal(true, store:put(key, "first", 20, lost))
    world.sleep(0.2)
    local mine = store:claim(key, 20)
    equal(true, store:put(key, "second", 20, mine))
    local ok, why = store:put(key, "late", 20, lost)
    equal(nil, ok)
    equal("claim_lost", why)
    equal("second", store:get(key))
  end },

  { "deletes for whoever holds the claim", function(world)
    local store, key = world.store, world.key()
    local claim = store:claim(key, 20)
    store:put(key, "one", 20, claim)
    equal("claim_lost", select(2, store:delete(key, "somebody-elses")))
    equal("one", store:get(key))
    equal(true, store:delete(key, claim))
    equal(nil, store:get(key))
  end },

  { "ends a value and the work on it", function(world)
    local store, key = world.store, world.key()
    equal(false, store:revoke(key), "nothing")
    key = world.key()
    store:put(key, "one", 20)
    local claim = store:claim(key, 20)
    equal(true, store:revoke(key))
    equal(nil, store:get(key))
    equal(false, store:holds(key, claim))
    local ok, why = store:put(key, "late", 20, claim)
    equal(nil, ok)
    equal("claim_lost", why)
    equal(nil, store:get(key), "after the late one")
    equal("string", type(store:claim(key, 20)), "nobody holds it")
    equal(false, store:revoke(key), "twice")
  end },
}

--- Runs one case by its name.
function contract.run(name, world)
  for _, list in ipairs { contract.cases, contract.claim_cases } do
    for _, case in ipairs(list) do
      if case[1] == name then return case[2](world) end
    end
  end
  error("there is no case " .. name)
end

return contract
