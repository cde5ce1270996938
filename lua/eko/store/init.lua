--- Where a journey waits between two requests.
--
-- Every store has the same methods, and every value has a time to live:
--
-- * `store:put(key, value, ttl[, claim])` -> true: keeps it for `ttl` seconds, in place of what was there; with a claim, only
--   while that claim still holds (else `nil, "claim_lost"`)
-- * `store:get(key)` -> the value, or nil when there is none
-- * `store:take(key)` -> the value, which is gone then; of several at the same time one gets it
-- * `store:touch(key, ttl)` -> whether there was something that now lives `ttl` seconds more
-- * `store:delete(key)` -> true, also when there was nothing
--
-- A store on a server can also have one request at a time work on a key (`store.claims` says whether it can):
--
-- * `store:claim(key, ttl)` -> a claim (text), or `nil, "claimed"` while somebody else holds one. A claim ends by itself after
--   `ttl` seconds, so that a worker that died does not hold it for ever
-- * `store:holds(key, claim)` -> whether the claim is still held
-- * `store:release(key, claim)` -> whether it was still held; what somebody else claimed since is left alone
-- * `store:delete(key, claim)` -> true, if the claim is still held (else `nil, "claim_lost"`)
-- * `store:revoke(key)` -> whether there was a value: it is gone, and so is the claim of whoever is working on it, so that nothing
--   of that work is put any more
--
-- Whatever fails is `nil, err`, where `err` is an error of `eko.base.errors` of the kind `store` with one of the names
-- `store_unavailable` (not reached in time), `store_refused` (it answered with an error), `store_full`, `value_too_large`.
--
-- | module | keeps it | for |
-- |---|---|---|
-- | `eko.store.shared_dict` | in the memory of one nginx | one machine; lost on restart, kept on reload |
-- | `eko.store.redis` | in Redis | many machines, nginx or plain Lua |
-- | `eko.store.cookie` | in the browser, sealed | no server state at all |
--
-- What is put in should be what `flow:suspend` gives: sealed text. Keys are random (`eko.store.new_key`), never a mobile number.
--
-- The three are lazy fields of this module, too: `eko.store.redis` is loaded when it is first asked for.
-- @module eko.store
local common = require "eko.store.common"

local MODULES = { cookie = "eko.store.cookie", redis = "eko.store.redis", shared_dict = "eko.store.shared_dict" }

local meta = {}

function meta.__index(self, name)
  local module = MODULES[name]
  if not module then return nil end
  local loaded = require(module)
  rawset(self, name, loaded)
  return loaded
end

return setmetatable({
  new_key = common.new_key, is_key = common.is_key, failure = common.failure, class = common.class,
}, meta)
