--- Every endpoint: those of each wallet's room, and those of no wallet.
-- @module eko.wallets.catalogue
-- @see eko.catalog
local catalog = require "eko.catalog"
local outcomes = require "eko.base.outcomes"
local wallets = require "eko.wallets"

local lists = { require "eko.catalog.transactions" }
for _, name in ipairs(wallets.names) do lists[#lists + 1] = wallets.part(name, "endpoints") end

local catalogue = catalog.of(lists)

local function shapes_by_slug()
  local shapes = {}
  for _, name in ipairs(wallets.names) do
    for _, verb in pairs(wallets.part(name, "verbs")) do shapes[verb.slug] = verb.shape end
  end
  return shapes
end

-- The id with which an endpoint says that all went well: the last one that is no further step, else a step. (23, recipients, is behind
-- 22, no recipients.)
local function id_of_success(endpoint)
  if endpoint.moves_money then return (next(endpoint.settles)) end
  local found, step
  for id in pairs(endpoint.outcomes) do
    if outcomes.steps[id] then step = math.min(step or id, id) else found = math.max(found or id, id) end
  end
  return found or step
end

--- What is documented of every endpoint, for an emulator to answer from.
-- @treturn {table,...} as `eko.emulator.documented` takes them
function catalogue.documented()
  local list, shapes = {}, shapes_by_slug()
  for index, endpoint in ipairs((catalogue.list())) do
    list[index] = {
      slug = endpoint.slug, method = endpoint.method, path = endpoint.path, params = endpoint.params, shape = shapes[endpoint.slug],
      moves_money = endpoint.moves_money, response_type_id = id_of_success(endpoint),
    }
  end
  return list
end

return catalogue
