--- Typed calls: a wallet's verbs, and results with the documented types.
--
--     local sender, err = client.levin:verify_otp { customer_id = "9444444444", otp = "123456", ... }
--     sender.outcome, sender.customer_profile.balance, sender.wallet_token, sender.response
--
-- A result holds `outcome` and the documented members of `data` with their documented types (see `eko.wallets.shapes`); empty
-- ones are absent. `result.response` is the whole answer as it came; it is read in full when it is first asked for, so
-- `pairs(result)` shows it only from then on. `tostring` of a result shows wallet, verb and outcome only.
--
-- A wallet's verbs are its fields, so `pairs` lists them. A verb that is called with a dot raises, and so does a name of three
-- small letters or more that is no verb: it is a mistyped one. Any other name is nil: `__index`, `toJSON` and the like are what
-- libraries ask of tables they do not know.
-- @module eko.wallets
local ascii = require "eko.base.ascii"
local core = require "eko.core"
local suggest = require "eko.base.suggest"

local wallets = {}

--- The wallets, in the order in which a customer meets them. Each is a folder beside this file; its name stands here alone, and every
-- list of wallets is made of this one.
wallets.names = { "customer", "digikhata", "levin", "fino" }

local is_wallet = {}
for _, name in ipairs(wallets.names) do is_wallet[name] = true end

--- Whether there is a wallet of that name.
-- @tparam any name
-- @treturn ?boolean true, or nil
function wallets.is(name) return is_wallet[name] end

--- A part of a wallet's room.
-- @tparam string name one of `wallets.names`
-- @tparam string part `"endpoints"`, `"verbs"` or `"onboarding"`
-- @treturn table what that file gives, not to be changed
function wallets.part(name, part)
  assert(is_wallet[name], "no such wallet")
  return require("eko.wallets." .. name .. "." .. part)
end

-- What all wallets of one name share: verb -> what its answers are read by, and what is said of a verb that is not there.
-- Made when first bound: a client that never asks for a wallet does not pay for its shapes.
local function build_class(name)
  local typings, verbs = {}, {}
  for verb, entry in pairs(wallets.part(name, "verbs")) do
    local typing = { title = "eko." .. name .. "." .. verb, slug = entry.slug }
    function typing.read(...)
      typing.read = core.json.reader(entry.shape) -- compiled when it is first called
      return typing.read(...)
    end
    typings[verb] = typing
    verbs[#verbs + 1] = verb
  end
  table.sort(verbs, ascii.less)
  local meta = { __name = "eko.wallet" }
  function meta.__index(_, key)
    if type(key) ~= "string" or not key:find "^[A-Za-z][A-Za-z0-9_]*$" then return nil end
    local near = suggest.nearest(key, verbs)
    if not near and (#key < 3 or key:find "[A-Z]") then return nil end
    error(("%s has no verb %q%s; there are %s"):format(name, key, near and (", did you mean %q?"):format(near) or "",
      table.concat(verbs, ", ")), 2)
  end
  function meta.__tostring() return "eko.wallet: " .. name end
  return { typings = typings, meta = meta }
end

local classes = {}

local function verb_of(bound, name, verb, typing, call)
  local slug = typing.slug
  return function(self, params, options)
    if self ~= bound then error(("a verb is called with a colon: client.%s:%s { ... }"):format(name, verb), 2) end
    local result, err = call(slug, params, options, typing)
    return result, err -- no tail call: misuse is reported at the line of this function's caller
  end
end

--- Binds a wallet to a way of calling endpoints.
-- @tparam string name one of `wallets.names`
-- @tparam function call `(slug, params, options, typing) -> result | nil, err`
-- @treturn table one method a verb: `wallet:verb(params, options) -> result | nil, err`
-- @raise when there is no such wallet
function wallets.bind(name, call)
  if not is_wallet[name] then
    error("eko: no such wallet: " .. tostring(name) .. " (there are " .. table.concat(wallets.names, ", ") .. ")", 2)
  end
  local class = classes[name] or build_class(name)
  classes[name] = class
  local bound = {}
  for verb, typing in pairs(class.typings) do bound[verb] = verb_of(bound, name, verb, typing, call) end
  return setmetatable(bound, class.meta)
end

--- The verbs of a wallet: verb -> slug of its endpoint.
-- @tparam string name one of `wallets.names`
-- @treturn table a new table
function wallets.verbs(name)
  local verbs = {}
  for verb, entry in pairs(wallets.part(name, "verbs")) do
    verbs[verb] = entry.slug
  end
  return verbs
end

return wallets
