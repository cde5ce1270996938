--- Typed calls: a wallet's verbs, and results with the documented types.
--
--     local sender, err = client.levin:verify_otp { customer_id = "9444444444", otp = "123456", ... }
--     sender.outcome, sender.customer_profile.balance, sender.wallet_token, sender.response
--
-- A result holds `outcome` and the documented members of `data` with their documented types (see `eko.wallet.shapes`); empty
-- ones are absent. `result.response` is the whole answer as it came; it is read in full when it is first asked for, so
-- `pairs(result)` shows it only from then on. `tostring` of a result shows wallet, verb and outcome only.
-- @module eko.wallet
local core = require "eko.core"

local wallet = {}

--- The wallets, in the order in which a customer meets them.
wallet.names = { "customer", "digikhata", "levin", "fino" }

local FILES = {
  customer = "eko.wallet.customer", digikhata = "eko.wallet.digikhata", levin = "eko.wallet.levin",
  fino = "eko.wallet.fino",
}

--- The method of one verb. Its shape is compiled when it is first called.
local function method_of(name, verb, slug, shape)
  local typing = { title = "eko." .. name .. "." .. verb }
  function typing.read(...)
    typing.read = core.json.reader(shape)
    return typing.read(...)
  end
  return function(self, params, options)
    local result, err = self.call(slug, params, options, typing)
    return result, err -- no tail call: misuse is reported at the line of this function's caller
  end
end

local function build_class(name)
  local methods = {}
  for verb, entry in pairs(require(FILES[name])) do
    methods[verb] = method_of(name, verb, entry.slug, entry.shape)
  end
  return {
    __name = "eko.wallet",
    __index = methods,
    __tostring = function()
      return "eko.wallet: " .. name
    end,
  }
end

-- Made when first bound: a client that never asks for a wallet does not pay for its shapes.
local classes = {}

--- Binds a wallet to a way of calling endpoints.
-- @tparam string name one of `wallet.names`
-- @tparam function call `(slug, params, options, typing) -> result | nil, err`
-- @treturn table one method a verb: `wallet:verb(params, options) -> result | nil, err`
-- @raise when there is no such wallet
function wallet.bind(name, call)
  if not FILES[name] then
    error("eko: no such wallet: " .. tostring(name) .. " (there are " .. table.concat(wallet.names, ", ") .. ")", 2)
  end
  classes[name] = classes[name] or build_class(name)
  return setmetatable({ call = call }, classes[name])
end

--- The verbs of a wallet: verb -> slug of its endpoint.
-- @tparam string name one of `wallet.names`
-- @treturn table a new table
function wallet.verbs(name)
  local verbs = {}
  for verb, entry in pairs(require(assert(FILES[name], "no such wallet"))) do
    verbs[verb] = entry.slug
  end
  return verbs
end

return wallet
