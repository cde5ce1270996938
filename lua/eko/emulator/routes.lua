--- The endpoints of the platform, and how a request finds its own.
--
-- @module eko.emulator.routes
local documented = require "eko.emulator.documented"
local http = require "eko.emulator.http"
local ledger = require "eko.emulator.payments.ledger"
local ascii = require "eko.emulator.ascii"
local recipients = require "eko.emulator.payments.recipients"
local refunds = require "eko.emulator.payments.refunds"
local transfers = require "eko.emulator.payments.transfers"

local routes = {}
routes.__index = routes

local SOURCES = {
  require "eko.emulator.rails.customer", require "eko.emulator.rails.digikhata", require "eko.emulator.rails.levin",
  require "eko.emulator.rails.fino", recipients.routes, transfers.routes, ledger.routes,
  refunds.routes,
}

--- Puts a path into the tree: one level a segment, with "{}" for a parameter.
local function plant(tree, method, path, route, is_legacy)
  local node, names = tree, {}
  for _, segment in ipairs(http.segments(path)) do
    local name = segment:match("^{(.+)}$")
    if name then
      names[#names + 1] = name
    end
    local key = name and "{}" or segment
    node[key] = node[key] or {}
    node = node[key]
  end
  node.methods = node.methods or {}
  node.methods[method] = { route = route, names = names, is_legacy = is_legacy }
end

--- @tparam table settings options of the platform
-- @treturn routes
function routes.new(settings)
  local self = setmetatable({ tree = {}, slugs = {}, base = http.segments(settings.base_path) }, routes)
  local function add(route)
    self.slugs[route.slug] = route
    if route.path then
      plant(self.tree, route.method, route.path, route, false)
    end
    for _, alias in ipairs(settings.legacy_paths and route.legacy or {}) do
      local method, path = alias:match("^([^ \t\r\n\v\f]+) (.+)$")
      plant(self.tree, method, path, route, true)
    end
  end
  for _, source in ipairs(SOURCES) do
    source(add)
  end
  documented.routes(settings.endpoints or {}, function(route)
    if not self.slugs[route.slug] then add(route) end
  end)
  return self
end

local function descend(node, segments, index, values)
  if index > #segments then return node.methods end
  local segment = segments[index]
  local fixed = node[segment]
  if fixed and segment ~= "methods" then
    local methods = descend(fixed, segments, index + 1, values)
    if methods then return methods end
  end
  if node["{}"] and segment ~= "" then
    values[#values + 1] = segment
    local methods = descend(node["{}"], segments, index + 1, values)
    if methods then return methods end
    values[#values] = nil
  end
end

--- Finds the route of a request.
-- @tparam string method
-- @tparam string path percent-encoded
-- @treturn ?table match: `route`, `values` (by parameter name), `is_legacy`; nil when there is none
-- @treturn ?table the methods that the path knows, when only the method was wrong
function routes:find(method, path)
  local segments = http.segments(path)
  for index, expected in ipairs(self.base) do
    if segments[index] ~= expected then return nil end
  end
  local values = {}
  local methods = descend(self.tree, segments, #self.base + 1, values)
  if not methods then return nil end
  local entry = methods[method]
  if not entry then
    local allowed = {}
    for name in pairs(methods) do allowed[#allowed + 1] = name end
    table.sort(allowed, ascii.less)
    return nil, allowed
  end
  local named = {}
  for index, name in ipairs(entry.names) do
    named[name] = values[index]
  end
  return { route = entry.route, values = named, is_legacy = entry.is_legacy }
end

return routes
