--- Journeys as endpoints of nginx, ready to be mounted.
--
--     -- in init_by_lua_block
--     app = require("eko.nginx").new {
--       client = function() return eko.client { ... } end,
--       key = ..., store = require("eko.store.shared_dict").new "journeys", shared_dict = "eko",
--     }
--     -- location = /onboarding/start { content_by_lua_block { app:start() } }
--
-- | endpoint | request | |
-- |---|---|---|
-- | `app:start()` | POST `{ "wallet": "levin", "customer_id": "9444444444" }` | begins; a cookie carries the journey from here |
-- | `app:advance()` | POST `{ "journey": "...", "state": "otp", "inputs": { "otp": "123456" } }` | gives what the step needs; `state`,
-- the one that the page shows, may be left out |
-- | `app:resend()` | POST `{ "journey": "..." }` | has another OTP sent |
-- | `app:resume()` | GET | where the journey stands: for a page that was loaded again |
-- | `app:cancel()` | POST `{ "journey": "..." }` | forgets the journey here; the platform keeps what it has |
--
-- The answer is the step (see `eko.journey`) as JSON, without `validators` and `result`; or a problem (RFC 9457,
-- `application/problem+json`) whose `name` is stable, with the `step` to go on from where there is one. No token and no reference
-- of the platform is ever in it; name, balance and the platform's own words only once the person at hand has proved to be the customer
-- (`flow:proved()`).
--
-- The tabs of a browser share one journey. `journey` is `step.journey` of what the page shows; where another journey was begun since,
-- nothing is done, and the answer is 409 `journey_replaced` with the `mobile` (masked) of the one that is open. Beginning and cancelling
-- end what another tab's request is doing at that moment: it is answered with 409, and nothing of it is kept.
--
-- Requests must come from the site's own page: header `X-Requested-With`, `Origin` (or the option `origins`), JSON, and a cookie that
-- is `HttpOnly`, `Secure` and `SameSite=Strict`. A journey is worked on by one request at a time; a second one is answered with 409.
-- Who may onboard customers at all is for your own log-in to say, in `access_by_lua` or in front.
--
-- All of them work in the rewrite, access and content phases.
-- @module eko.nginx
local ascii = require "eko.base.ascii"
local cookies = require "eko.nginx.cookies"
local claimed = require "eko.nginx.claimed"
local endpoints = require "eko.nginx.endpoints"
local journey_limits = require "eko.journey.limits"
local limits = require "eko.nginx.limits"
local option_rules = require "eko.base.options"
local sealed = require "eko.base.sealed"
local slots = require "eko.nginx.slots"
local shared_dict = require "eko.store.shared_dict"
local wallets = require "eko.wallets"

-- luacheck: globals ngx (only nginx loads this file)
local ngx = ngx

local nginx = {}

local meta = { __index = endpoints, __metatable = "eko.nginx", __tostring = function() return "eko.nginx" end }

local function is_store(value) return value == "cookie" or type(value) == "table" or type(value) == "function" end

local function are_wallets(value)
  if type(value) ~= "table" or value[1] == nil then return false end
  for _, name in ipairs(value) do
    if not wallets.is(name) then return false, ("there is no journey %q"):format(tostring(name)) end
  end
  return true
end

local function are_origins(value)
  for _, origin in ipairs(type(value) == "table" and value or { value }) do
    if type(origin) ~= "string" or not origin:find "^https?://[^/ \t\r\n\v\f]+$" then return false end
  end
  return true
end

local function is_dictionary(value)
  if type(value) ~= "string" then return false end
  if not ngx.shared[value] then return false, ('put "lua_shared_dict %s 1m;" into the http block of nginx.conf'):format(value) end
  return true
end

local SCHEMA = {
  client = { function(value) return type(value) == "table" or type(value) == "function" end, "a client, or a function that makes one" },
  key = true, cookie = true, limits = true, journey_limits = true,
  store = { is_store, 'a store (see eko.store), a function that makes one, or "cookie"' },
  shared_dict = { is_dictionary, 'the name of a lua_shared_dict, such as "lua_shared_dict eko 1m;"' },
  wallets = { are_wallets, "a list of wallets" },
  origins = { are_origins, 'a list such as { "https://shop.example" }' },
  ttl = option_rules.seconds, claim_ttl = option_rules.seconds,
  max_body = { option_rules.positive[1], "bytes, more than 0" },
}
local REQUIRED = { "client", "shared_dict", "store" }

local function wallets_of(given)
  local names, set = given or wallets.names, {}
  for _, name in ipairs(names) do set[name] = true end
  return set, names
end

local function origins_of(given)
  if given == nil then return nil end
  local set = {}
  for _, origin in ipairs(type(given) == "table" and given or { given }) do
    set[ascii.lower(origin)] = true
  end
  return set
end

local function store_of(given, jar)
  return given == "cookie" and require("eko.store.cookie").new { jar = jar } or given
end

--- Makes the endpoints; best in `init_by_lua_block`, so that a mistake stops nginx from starting.
-- @tparam table options
--
-- * `client`: a client, or a function that makes one (called in the worker, once)
-- * `key`: the key that journeys are sealed with (at least 32 random bytes), or a list of which the first seals
-- * `store`: a store, a function that makes one, or `"cookie"`
-- * `shared_dict`: the name of a `lua_shared_dict` for limits (half of it at most), and for claims where the store has none. With
-- `1m` it counts 4,096 customers and addresses at a time, and keeps in mind 2,048 journeys in cookies and 2,000 claims
-- * `wallets`: those that may be used; all
-- * `ttl`: seconds that a journey waits for a person; 1800
-- * `claim_ttl`: seconds after which another request may go on where one was lost; 120. What comes later than that is not kept
-- * `cookie`: `{ name = "eko_journey", path = "/", domain =, secure = true, same_site = "Strict" }`; `secure = false` works on
--   loopback only
-- * `origins`: what this site's own origin is to browsers, where nginx sees another one (behind a proxy that ends TLS). It lets no
-- other site's page in
-- * `max_body`: bytes of a request; 16384, which is also the size of nginx's `client_body_buffer_size`: raise both
-- * `limits`: `{ starts =, attempts =, resends =, addresses = { starts =, attempts =, resends = } }`, each `{ count =, seconds = }`
-- or false; for one customer, and for one client address (`$remote_addr`; of IPv6 the first 64 bits). Defaults an hour: 20, 60, 10; of
-- an address 600, 6000, 300
-- * `journey_limits`: the bounds of one journey, `{ otps =, refusals =, calls =, resend_seconds = }`; see `eko.journey.limits`
-- @raise when an option is missing or wrong
-- @treturn table `start`, `advance`, `resend`, `resume`, `cancel`
function nginx.new(options)
  option_rules.check("eko.nginx", options, SCHEMA, 2, REQUIRED)
  local attributes = cookies.attributes(options.cookie, 2)
  local jar = cookies.jar(attributes)
  local keeper = shared_dict.new(options.shared_dict)
  local allowed, wallet_names = wallets_of(options.wallets)
  local bounds = journey_limits.check(options.journey_limits, 3)
  local ttl = options.ttl or 1800
  return setmetatable({
    client = options.client, keys = sealed.keys(options.key, 3), store = store_of(options.store, jar),
    with_claims = function(store) return claimed.new(store, keeper, ttl) end,
    counters = slots.new(ngx.shared[options.shared_dict], "limit", limits.SHARE), wallets = allowed, wallet_names = wallet_names,
    ttl = ttl, claim_ttl = options.claim_ttl or 120, max_body = options.max_body or 16384, attributes = attributes, jar = jar,
    cookie_name = attributes.name or "eko_journey", origins = origins_of(options.origins), limits = limits.read(options.limits, 2),
    journey_limits = bounds and { limits = bounds },
  }, meta)
end

return nginx
