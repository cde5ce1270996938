--- What a shape makes of an envelope's data, said once more in Lua: what the core's typed view is compared with.
local null = require("eko.base.json").null

local typed_model = {}

local function is_absent(value) return value == nil or value == null or value == "" end

-- The pairs of a table that was an object whose names are numbers, as a list in their order; nil for any other.
local function numbered(value)
  local places = {}
  for name in pairs(value) do
    if type(name) ~= "string" or not name:find "^%d+$" or #name > 15 then return nil end
    places[#places + 1] = name
  end
  table.sort(places, function(a, b) return tonumber(a) < tonumber(b) end)
  return places[1] and places
end

-- A decoded table does not say whether it was an empty list or an empty object: `holds` passes over those.
local function items_of(value)
  local list = {}
  local places = numbered(value)
  if places then
    for _, name in ipairs(places) do list[#list + 1] = value[name] end
  else
    for i = 1, #value do list[i] = value[i] end
  end
  return list
end

local function record_of(value)
  if type(value) ~= "table" then return nil end
  if not numbered(value) and value[1] == nil then return next(value) ~= nil and value or nil end
  local found
  for _, item in ipairs(items_of(value)) do
    local is_record = type(item) == "table" and item[1] == nil and next(item) ~= nil
    if is_record and found then return nil end
    found = found or is_record and item
  end
  return found or nil
end

local function same_scalar(kind, typed, value)
  if kind == "opaque" or kind == "boolean" then return typed == value end
  if type(value) == "string" then
    if typed == value then return true end
    if kind == "string" and not value:find "^%-?%d[%d.]*[eE][%d+-]+$" then return false end -- digits of a number that no double holds
    return tostring(typed) == value or tonumber(typed) ~= nil and tonumber(typed) == tonumber(value)
  end
  return type(value) == "number" and tonumber(typed) == value
end

local function can_be(kind, value)
  local is_text, is_number = type(value) == "string", type(value) == "number"
  if kind == "boolean" then return type(value) == "boolean" end
  if kind == "number" then return is_number or is_text and value:find "^%-?%d+%.?%d*$" ~= nil end
  return is_text or is_number
end

local check

-- What is wrong with a record's typed view, or nil.
local function check_record(shape, typed, value, path)
  for name, item in pairs(typed) do
    if shape[name] == nil then return path .. "." .. tostring(name) .. " is in no shape" end
    local wrong = check(shape[name], item, value[name], path .. "." .. name)
    if wrong then return wrong end
  end
  for name, kind in pairs(shape) do
    local item = value[name]
    if typed[name] == nil and type(kind) == "string" and kind ~= "map" and not is_absent(item) and can_be(kind, item) then
      return path .. "." .. name .. " is missing: " .. tostring(item)
    end
  end
end

function check(kind, typed, value, path)
  if is_absent(value) then return path .. " is made of nothing" end
  if type(kind) == "string" then
    if kind == "map" then return type(value) ~= "table" and path .. " is no map" or nil end
    return not same_scalar(kind, typed, value) and path .. " differs: " .. tostring(typed) .. ", " .. tostring(value) or nil
  elseif type(value) ~= "table" then
    return path .. " is made of " .. tostring(value)
  elseif next(value) == nil then
    return next(typed) ~= nil and path .. " is made of an empty container" or nil
  elseif kind.record then
    local record = record_of(value)
    if not record then return next(typed) ~= nil and path .. " is made of no record" or nil end
    return check_record(kind.record, typed, record, path)
  end
  local records, index = {}, 0
  if not numbered(value) and value[1] == nil then
    records[1] = value
  else
    for _, item in ipairs(items_of(value)) do
      records[#records + 1] = type(item) == "table" and next(item) == nil and {} or record_of(item)
    end
  end
  for _, item in ipairs(typed) do
    -- an empty container may have been a record without members, or no record
    repeat index = index + 1 until not records[index] or next(records[index]) ~= nil or next(item) == nil
    if not records[index] then return path .. " has more records than came" end
    local wrong = check_record(kind.list, item, records[index], path .. "[" .. index .. "]")
    if wrong then return wrong end
  end
end

--- What a typed result says that the envelope does not, or the other way round; nil when they agree.
-- @tparam table shape
-- @tparam table typed
-- @tparam table envelope
-- @treturn ?string
function typed_model.difference(shape, typed, envelope)
  local data = record_of(envelope.data)
  if not data then return next(typed) ~= nil and "data are made of nothing" or nil end
  return check_record(shape, typed, data, "data")
end

return typed_model
