--- Endpoints as data, and catalogues of them.
--
-- An entry, as a catalogue gives it out:
--
-- * `slug`, `method`, `path` (with `{name}` where a parameter goes), `about`
-- * `params`: a list in wire order of `{ name, place = "path" | "query" | "body", type, required, means, format, max, min,
--   multiline, default, from }` (see `eko.catalog.parameters`)
-- * `fields`: the same by name
-- * `role`: what the endpoint is for, `other` where nothing is said; `outcomes`, `errors`, `settles`, `refusals`, `by_hint` and
--   `without_reference`: what its answers mean (see `eko.base.outcomes`)
-- * `moves_money`: it is sent once, whatever happens; true of anything but a GET, unless its author says `false`
-- * `billed`: calling it costs the agent a fee; `sends_sms`: it sends somebody an SMS; `carries_pid`: a biometric capture, which is good
--   for one call. What may be repeated: `eko.call.retry`
--
-- To add an endpoint, add one entry to one of the lists: `endpoints.lua` of a wallet's room, or those beside this file
-- (docs/adding.md). The catalogue of all of them is `eko.wallets.catalogue`.
-- @module eko.catalog
local ascii = require "eko.base.ascii"
local outcomes = require "eko.base.outcomes"
local parameters = require "eko.catalog.parameters"
local request = require "eko.call.request"
local suggest = require "eko.base.suggest"

local catalog = {}

--- What nearly every call begins with: "*" in an entry's `params`.
catalog.common = { "initiator_id!", "user_code", "client_ref_id", "customer_id!" }

local MARKS = { "moves_money", "billed", "sends_sms" }
local OVERRIDES = { "type", "means", "format", "max", "min", "multiline", "default", "from", "key" }

--- Where a parameter goes when nothing is said: the path that names it, the query of a GET, else the body.
local function place_of(entry, name)
  if entry.path:find("{" .. name .. "}", 1, true) then return "path" end
  return entry.method == "GET" and "query" or "body"
end

local function expand_parameter(entry, short)
  local own = type(short) == "table" and short or { short }
  local name, mark = own[1]:match("^([^!]+)(!?)$")
  local shared = parameters[name] or {}
  local param = { name = name, place = own.place or place_of(entry, name), required = mark == "!" }
  for _, key in ipairs(OVERRIDES) do
    if own[key] ~= nil then
      param[key] = own[key]
    else
      param[key] = shared[key]
    end
  end
  -- What is of another type than the shared one means something else.
  if own.type and own.type ~= shared.type then param.means, param.default = own.means, own.default end
  assert(param.type, name .. " of " .. entry.slug .. " has no type")
  param.max = param.max or request.LONGEST_VALUE
  return param
end

--- Whether an entry moves money. Of what is sent by anything but a GET, only its author can say that it does not.
-- @tparam table entry
-- @treturn boolean
function catalog.moves_money(entry)
  if entry.moves_money == nil then return entry.method ~= "GET" end
  return entry.moves_money
end

--- Gives an entry that moves money what money is judged by, where its role has none of it.
-- @tparam table entry
function catalog.settle(entry)
  if not entry.moves_money then return end
  local other = outcomes.roles.other
  entry.settles, entry.refusals = entry.settles or other.settles, entry.refusals or other.refusals
end

--- Expands an entry as the files of this folder have it.
-- @tparam table entry it becomes what this module gives out
-- @treturn table the same
function catalog.expand(entry)
  entry.role, entry.about = entry.role or "other", entry.about or ""
  entry.moves_money = catalog.moves_money(entry)
  local role = assert(outcomes.roles[entry.role], "no such role: " .. tostring(entry.role))
  local params, fields = {}, {}
  for _, short in ipairs(entry.params or {}) do
    for _, each in ipairs(short == "*" and catalog.common or { short }) do
      local param = expand_parameter(entry, each)
      assert(not fields[param.name], param.name .. " stands twice in " .. entry.slug)
      params[#params + 1], fields[param.name] = param, param
    end
  end
  entry.params, entry.fields = params, fields
  entry.outcomes, entry.errors = role.outcomes, role.errors
  entry.by_hint, entry.settles, entry.refusals = role.by_hint, role.settles, role.refusals
  entry.without_reference = role.without_reference
  catalog.settle(entry)
  for _, mark in ipairs(MARKS) do entry[mark] = entry[mark] or false end
  entry.carries_pid = fields.piddata ~= nil
  return entry
end

local function add(file, unexpanded, slugs)
  for _, entry in ipairs(file) do
    assert(not unexpanded[entry.slug], entry.slug .. " stands twice in the catalogue")
    unexpanded[entry.slug] = entry
    slugs[#slugs + 1] = entry.slug
  end
end

--- A catalogue of lists of endpoints.
-- @tparam {table,...} lists what the files of endpoints give
-- @treturn table `get` and `list`, below
function catalog.of(lists)
  local unexpanded, entries, slugs, made = {}, {}, {}, {}
  for _, each in ipairs(lists) do add(each, unexpanded, slugs) end
  table.sort(slugs, ascii.less)

  -- An entry is expanded when it is first asked for: a program uses a few of them, and what is not there costs neither start-up
  -- time nor the collector's.
  local function entry_of(slug)
    local entry = entries[slug]
    if not entry and unexpanded[slug] then
      entry = catalog.expand(unexpanded[slug])
      entries[slug] = entry
    end
    return entry
  end

  --- One endpoint.
  -- @tparam string slug such as `"ppi-levin-verify-otp"`
  -- @treturn[1] table the entry; it is shared, so do not change it
  -- @treturn[2] nil
  -- @treturn[2] string|nil the slug that was probably meant
  function made.get(slug)
    local entry = entries[slug] or entry_of(slug)
    if entry then return entry end
    return nil, suggest.nearest(slug, slugs)
  end

  --- All endpoints.
  -- @treturn {table,...} the entries, sorted by slug; a new list
  -- @treturn {string,...} their slugs in the same order; a new list
  function made.list()
    local list, names = {}, {}
    for index, slug in ipairs(slugs) do list[index], names[index] = entry_of(slug), slug end
    return list, names
  end

  return made
end

return catalog
