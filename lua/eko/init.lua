--- Eko Platform Services for Lua: sign, call, onboard.
--
-- Beside the functions below it has modules as fields, which are loaded when they are first asked for: `eko.emulator`, `eko.errors`,
-- `eko.input`, `eko.money`, `eko.nginx`, `eko.outcomes` and `eko.store` (with `eko.store.cookie`, `.redis` and `.shared_dict`).
-- @module eko

local core = require "eko.core"
local catalogue = require "eko.wallets.catalogue"
local client = require "eko.client"
local input = require "eko.base.input"
local json = require "eko.base.json"
local suggest = require "eko.base.suggest"

local eko = {
  _VERSION = require "eko.version",
  --- JSON null, as it stands in a raw answer (the same value as lua-cjson's).
  null = json.null,
  --- Makes a client; see `eko.client`.
  client = client.new,
}

--- Signs a timestamp: base64(HMAC-SHA256(key = base64(access_key), message = the timestamp's digits)).
-- For tools; a client signs by itself and never uses a timestamp twice.
-- @tparam string access_key the access key
-- @tparam int|string timestamp_ms milliseconds since the Unix epoch; as a string, digits
-- @treturn string the value of the header `secret-key`
-- @raise for what cannot be an access key (quotes or blanks around it ...)
function eko.sign(access_key, timestamp_ms)
  local problem = input.key_problem(access_key)
  if problem then error("eko.sign: the access key must be " .. problem, 2) end
  local signer = core.signer(access_key)
  local secret_key = signer:sign(timestamp_ms)
  signer:close()
  return secret_key
end

--- Carries a journey through: `ask(step)` is called wherever a person is needed, and gives a table of inputs, or nil to stop.
-- @tparam table flow what `client:onboarding` or `client:resume` gave
-- @tparam function ask step -> a table of inputs, or nil
-- @treturn[1] table the last step (`done`, unless `ask` stopped)
-- @treturn[2] nil
-- @treturn[2] table an error, see `eko.base.errors`
-- @raise when `ask` gives something else
function eko.run(flow, ask)
  local step, err = require("eko.journey").run(flow, ask)
  return step, err -- no tail call: Lua 5.1 could not name the caller's line in an error
end

--- Runs functions side by side on one thread; each may call a client as if it were alone.
-- @tparam {function,...} functions without arguments, each returning `value` or `nil, err`
-- @tparam[opt] table options `{ limit = how many run at a time (64), on_progress = function(done, count) }`
-- @treturn {any,...} their values, by the position of the function
-- @treturn {any,...} their errors, likewise
-- @raise when an option is wrong
function eko.concurrently(functions, options)
  local results, errors = require("eko.concurrently").concurrently(functions, options)
  return results, errors
end

--- The endpoints of the catalogue.
-- @treturn {table,...} `{ slug =, method =, path = }`, sorted by slug
function eko.endpoints()
  local list = {}
  for _, endpoint in ipairs(catalogue.list()) do
    list[#list + 1] = { slug = endpoint.slug, method = endpoint.method, path = endpoint.path }
  end
  return list
end

local function copy(value)
  if type(value) ~= "table" then return value end
  local made = {}
  for k, v in pairs(value) do made[k] = copy(v) end
  return made
end

--- Describes an endpoint.
-- @tparam string slug a name of the catalogue
-- @treturn[1] table a copy of its entry: parameters with types, formats and where each value comes from; outcomes
-- @treturn[2] nil
-- @treturn[2] string a sentence, with the slug that was probably meant
function eko.describe(slug)
  local endpoint, near = catalogue.get(slug)
  if endpoint then return copy(endpoint) end
  return nil, ("there is no endpoint %q%s"):format(tostring(slug), near and (", did you mean %q?"):format(near) or "")
end

-- The fields that are modules.
local MODULES = {
  emulator = "eko.emulator", errors = "eko.base.errors", input = "eko.base.input", money = "eko.base.money", nginx = "eko.nginx",
  outcomes = "eko.base.outcomes", store = "eko.store",
}

local meta = {}

local function nearest(name)
  local names = {}
  for _, known in ipairs { eko, MODULES } do
    for each in next, known do names[#names + 1] = each end
  end
  return suggest.nearest(name, names)
end

-- A name that is near to one of ours is a mistyped one; what is not near is nil, and so is what begins with "_": libraries ask for it.
function meta.__index(self, name)
  local module = MODULES[name]
  if module then
    local loaded = require(module)
    rawset(self, name, loaded)
    return loaded
  end
  local near = type(name) == "string" and not name:find "^_" and nearest(name)
  if near then error(("eko has no %q, did you mean %q?"):format(name, near), 2) end
end

return setmetatable(eko, meta)
