--- Endpoints that a program describes itself: definitions, single requests, and catalogued ones at another path. They are entries like
-- those of the catalogue, so calls to them go the same way.
--
-- What they do is taken with care: anything but a GET moves money unless it is said that it does not, and what the catalogue knows of a
-- path (it moves money, is billed, sends an SMS) holds for everything that is sent there, whatever is said.
-- @module eko.catalog.define
local ascii = require "eko.base.ascii"
local catalog = require "eko.catalog"
local core = require "eko.core"
local formats = require "eko.call.formats"
local options = require "eko.base.options"
local outcomes = require "eko.base.outcomes"
local parameters = require "eko.catalog.parameters"
local paths = require "eko.catalog.paths"
local suggest = require "eko.base.suggest"
local units = require "eko.base.units"

local define = {}

local METHODS = { GET = true, POST = true, PUT = true, PATCH = true, DELETE = true }
local TYPES = { string = true, integer = true, opaque = true, list = true, address = true }
local MEANINGS = { name = true, birth = true, account = true, rupees = true, capture = true, address = true }
local LONGEST_NAME, LONGEST_SLUG = 64, 64
-- Bytes that a parameter may be allowed at most, and those of a query.
local MOST_BYTES, QUERY_BYTES = 1048576, 8192
local MARKS = { "moves_money", "billed", "sends_sms" }

local function near(name, known)
  local found = suggest.among(name, known)
  return found and (", did you mean %q?"):format(found) or ""
end

local function unknown_key(given, known, what)
  local key = options.unknown(given, known)
  if key ~= nil then return ("%s knows no %q%s"):format(what, tostring(key), near(key, known)) end
end

-- Parameters of a path in its order: they are written one after the other.
local function in_order(params, names)
  local at, found, by_name = 0, {}, {}
  for index, param in ipairs(params) do
    found[index], by_name[param.name] = param, param
  end
  for index, param in ipairs(params) do
    if param.place == "path" then
      at = at + 1
      found[index] = by_name[names[at]]
    end
  end
  return found
end

--- The entry of an endpoint at another path.
-- @tparam table endpoint an entry
-- @tparam string path with the same parameters in it, such as "/older/path/{customer_id}"
-- @tparam string base_url that it is below
-- @tparam table catalogue of `eko.catalog`, which may know the path
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string what is wrong
function define.moved(endpoint, path, base_url, catalogue)
  local segments, names = paths.read(path)
  if not segments then return nil, names end
  local wanted, count = {}, 0
  for name in endpoint.path:gmatch "{([^}]+)}" do
    wanted[#wanted + 1] = "{" .. name .. "}"
    if names[name] then count = count + 1 end
  end
  if count ~= #wanted or count ~= #names then
    return nil, "its parameters must be " .. (#wanted > 0 and table.concat(wanted, ", ") or "none")
  end
  local entry = {}
  for key, value in next, endpoint do entry[key] = value end
  entry.path, entry.params = path, in_order(endpoint.params, names)
  paths.take_class(catalogue, entry, segments, base_url)
  catalog.settle(entry)
  return entry
end

-- ---- definitions ----

local KEYS = {
  slug = true, method = true, path = true, params = true, role = true, moves_money = true, billed = true, sends_sms = true, about = true,
}
local PARAMETER_KEYS = {
  type = true, means = true, format = true, max = true, min = true, multiline = true, default = true, from = true, place = true,
  [1] = true,
}

local function is_whole(value, least, most)
  return type(value) == "number" and value % 1 == 0 and value >= least and value <= most
end

-- What a parameter's own keys must be; each gives what is wrong.
local CHECKS = {
  type = function(value) if not TYPES[value] then return ("there is no type %q%s"):format(tostring(value), near(value, TYPES)) end end,
  means = function(value)
    if not MEANINGS[value] then return ("there is no meaning %q%s"):format(tostring(value), near(value, MEANINGS)) end
  end,
  default = function(value)
    if type(value) ~= "string" and not is_whole(value, 0, units.EXACT) then return "default must be text or a whole number" end
  end,
  format = function(value)
    if type(value) ~= "string" or not formats[value] then
      return ("there is no format %q%s"):format(tostring(value), near(value, formats))
    end
  end,
  max = function(value) if not is_whole(value, 1, MOST_BYTES) then return "max must be a whole number of bytes from 1 to 1048576" end end,
  min = function(value) if not is_whole(value, 0, units.EXACT) then return "min must be a whole number from 0" end end,
  multiline = function(value) if type(value) ~= "boolean" then return "multiline must be true or false" end end,
  from = function(value) if type(value) ~= "string" then return "from must be text" end end,
  place = function(value, method)
    if value == "query" or value == "body" and method ~= "GET" then return end
    return method == "GET" and 'place must be "query": a GET has no body' or 'place must be "query" or "body"'
  end,
}

local OF_THE_CLIENT = { initiator_id = true, user_code = true, client_ref_id = true }

-- One parameter as catalog.expand takes it; or nil and what is wrong.
local function read_parameter(given, method, names)
  local own = type(given) == "table" and given or { given }
  local written = own[1]
  local name, mark
  if type(written) == "string" then name, mark = written:match "^([A-Za-z_][A-Za-z0-9_.-]*)(!?)$" end
  if not name or #name > LONGEST_NAME then return nil, 'it must be "name", "name!" where it is required, or { "name!", type = ... }' end
  local problem = unknown_key(own, PARAMETER_KEYS, "a parameter")
  if problem then return nil, problem end
  local made, shared = { name .. (names[name] and "!" or mark) }, parameters[name] or {}
  for key, check in next, CHECKS do
    made[key] = own[key]
    problem = own[key] ~= nil and check(own[key], method)
    if problem then return nil, problem end
  end
  local kind = own.type or shared.type
  if not kind then return nil, ("the catalogue has none of this name%s; say its type"):format(near(name, parameters)) end
  if OF_THE_CLIENT[name] and kind ~= "string" then return nil, "it is a string everywhere" end
  if own.format and kind ~= "string" then return nil, "only a string has a format" end
  if names[name] and (kind ~= "string" and kind ~= "integer" or own.place) then
    return nil, "what stands in the path is a string or an integer, and has no other place"
  end
  return made, name
end

-- One item of the list; "*" stands for several.
local function read_item(given, method, names, add)
  for _, each in ipairs(given == "*" and catalog.common or { given }) do
    local param, name = read_parameter(each, method, names)
    local problem = param and add(param, name) or not param and name
    if problem then return problem end
  end
end

local function read_parameters(list, method, names)
  if list == nil then list = {} end
  if type(list) ~= "table" then return nil, "params must be a list" end
  local made, seen, count = {}, {}, 0
  for _ in next, list do count = count + 1 end
  if count ~= #list then return nil, "params must be a list without holes" end
  local function add(param, name)
    if seen[name] then return "it is listed twice" end
    made[#made + 1], seen[name] = param, true
  end
  for index = 1, count do
    local given = list[index]
    local problem = read_item(given, method, names, add)
    if problem then
      local shown = type(given) == "table" and given[1] or given
      return nil, ("parameter %d%s: %s"):format(index, type(shown) == "string" and (" (%q)"):format(shown) or "", problem)
    end
  end
  for _, name in ipairs(names) do
    if not seen[name] then return nil, ("params does not list {%s} of the path"):format(name) end
  end
  return made
end

local function check_flags(given)
  for _, mark in ipairs(MARKS) do
    if given[mark] ~= nil and type(given[mark]) ~= "boolean" then return mark .. " must be true or false" end
  end
end

local function check_method(method)
  if METHODS[method] then return end
  local upper = type(method) == "string" and ascii.upper(method)
  return ("method must be GET, POST, PUT, PATCH or DELETE%s"):format(METHODS[upper] and ", in capital letters" or "")
end

-- Begins an entry.
local function begin(given, segments, base_url, catalogue)
  local entry = {}
  for key in next, KEYS do entry[key] = given[key] end
  entry.moves_money = catalog.moves_money(entry)
  return entry, paths.take_class(catalogue, entry, segments, base_url)
end

local function finish(entry, same, names)
  local carries_pid = entry.carries_pid
  entry.role = entry.role or same and same.role
  catalog.expand(entry)
  entry.carries_pid = entry.carries_pid or carries_pid or false
  entry.params = in_order(entry.params, names)
  return entry
end

local function check_definition(given)
  if type(given) ~= "table" then return "a table is expected" end
  local problem = unknown_key(given, KEYS, "a definition") or check_method(given.method) or check_flags(given)
  if problem then return problem end
  if type(given.slug) ~= "string" or #given.slug > LONGEST_SLUG or not given.slug:find "^[A-Za-z0-9][A-Za-z0-9._-]*$" then
    return "slug must be a name of at most 64 letters, digits, ., _ and -"
  end
  if given.role ~= nil and not (type(given.role) == "string" and outcomes.roles[given.role]) then
    return ("there is no role %q%s"):format(tostring(given.role), near(given.role, outcomes.roles))
  end
  if given.about ~= nil and type(given.about) ~= "string" then return "about must be text" end
end

--- The entry of a definition.
-- @tparam table given `{ slug =, method =, path = "/x/{customer_id}", params = { "initiator_id!", ... }, role =, moves_money =,
--   billed =, sends_sms =, about = }`; parameters as the catalogue's files have them
-- @tparam string base_url
-- @tparam table catalogue of `eko.catalog`, which may know the path
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string what is wrong, and where
function define.endpoint(given, base_url, catalogue)
  local problem = check_definition(given)
  if problem then return nil, problem end
  local segments, names = paths.read(given.path)
  if not segments then return nil, "path: " .. names end
  local params
  params, problem = read_parameters(given.params, given.method, names)
  if not params then return nil, problem end
  local entry, same = begin(given, segments, base_url, catalogue)
  entry.params = params
  return finish(entry, same, names)
end

-- ---- requests ----

local REQUEST_KEYS = { method = true, path = true, query = true, body = true, moves_money = true }

local function as_text(value)
  if type(value) == "boolean" then return tostring(value) end
  if type(value) == "number" then return (core.json.encode(value)) end
  return type(value) == "string" and value or nil
end

-- The query as parameters of the entry, sorted by name. One that the body has too goes by another name within the call; its - makes it no
-- less secret (see `eko.base.redact`).
local function read_query(query, params, values, body)
  if query == nil then return end
  if type(query) ~= "table" then return "query must be a table { name = value }" end
  local names = {}
  for name in next, query do
    if type(name) ~= "string" or #name > LONGEST_NAME or not name:find "^[A-Za-z0-9_.-]+$" then
      return "query: a name is 1 to 64 letters, digits, _, - or ."
    end
    names[#names + 1] = name
  end
  table.sort(names, ascii.less)
  for index, name in ipairs(names) do
    local value, alias = as_text(query[name]), name
    if value == nil then return ("query: %s must be a string, a number or a boolean"):format(name) end
    while body[alias] ~= nil or alias ~= name and query[alias] ~= nil do alias = "-" .. alias end
    values[alias] = value
    params[index] = { alias, type = "string", means = false, format = false, place = "query", max = QUERY_BYTES, key = name .. "=" }
  end
end

local function check_request(given)
  if type(given) ~= "table" then return "a table { method =, path = } is expected" end
  local problem = unknown_key(given, REQUEST_KEYS, "a request") or check_method(given.method) or check_flags(given)
  if problem then return problem end
  if given.body ~= nil and given.method == "GET" then return "a GET has no body" end
  if given.body ~= nil and type(given.body) ~= "table" then return "body must be a table { name = value }" end
end

--- The entry of a single request, and what is sent with it.
-- @tparam table given `{ method =, path =, query = { name = value }, body = { name = JSON value }, moves_money = }`
-- @tparam string base_url
-- @tparam table catalogue of `eko.catalog`, which may know the path
-- @treturn[1] table an entry
-- @treturn[1] table the parameters of the call
-- @treturn[1] table its extra parameters
-- @treturn[2] nil
-- @treturn[2] string what is wrong
function define.request(given, base_url, catalogue)
  local problem = check_request(given)
  if problem then return nil, problem end
  local segments, names = paths.read(given.path)
  if not segments then return nil, "path: " .. names end
  if #names > 0 then return nil, "path: it has no parameters here; client:define makes an endpoint that has some" end
  local params, values, extra = {}, {}, {}
  for name, value in next, given.body or {} do extra[name] = value end
  problem = read_query(given.query, params, values, extra)
  if problem then return nil, problem end
  local entry, same = begin(given, segments, base_url, catalogue)
  -- Only where the catalogue knows that there is no place for one, a call goes out without a reference.
  if given.method ~= "GET" and not values.client_ref_id and (extra.client_ref_id or not same or same.fields.client_ref_id) then
    params[#params + 1] = "client_ref_id"
    values.client_ref_id, extra.client_ref_id = extra.client_ref_id, nil
  end
  entry.slug, entry.params, entry.carries_pid = given.method .. " request", params, entry.carries_pid or extra.piddata ~= nil
  return finish(entry, same, names), values, extra
end

return define
