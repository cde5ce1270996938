--- What the platform received: for specs that show that a request was seen once, or never. Nothing secret is kept.
--
-- @module eko.emulator.log
local log = {}
log.__index = log

--- @tparam number limit how many requests are kept
-- @treturn log
function log.new(limit)
  return setmetatable({ limit = limit, first = 1, last = 0, entries = {} }, log)
end

--- @tparam table entry
function log:add(entry)
  self.last = self.last + 1
  self.entries[self.last] = entry
  if self.last - self.first >= self.limit then
    self.entries[self.first] = nil
    self.first = self.first + 1
  end
end

--- A path with the mobile in it masked.
-- @tparam string path
-- @treturn string
function log.mask(path)
  return (path:gsub("%d%d%d%d%d%d+", function(digits)
    return ("*"):rep(#digits - 4) .. digits:sub(-4)
  end))
end

local function fits(entry, filter)
  if type(filter) == "function" then
    return filter(entry)
  elseif type(filter) == "string" then
    return entry.slug == filter
  end
  for name, value in pairs(filter or {}) do
    if entry[name] ~= value then return false end
  end
  return true
end

--- What was received.
-- @tparam ?string|table|function filter a slug, a table of fields, or entry -> boolean; nil for all
-- @treturn table list of copies, oldest first
function log:list(filter)
  local list = {}
  for index = self.first, self.last do
    local entry = self.entries[index]
    if fits(entry, filter) then
      local copy = {}
      for name, value in pairs(entry) do copy[name] = value end
      list[#list + 1] = copy
    end
  end
  return list
end

--- How much was received.
-- @tparam ?string|table|function filter as for `list`; without one, everything ever received is counted
-- @treturn number
function log:count(filter)
  if filter == nil then return self.last end
  return #self:list(filter)
end

return log
