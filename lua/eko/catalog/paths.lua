--- Paths: what one may hold, and what the catalogue knows of whatever is sent there.
-- @module eko.catalog.paths
local ascii = require "eko.base.ascii"

local paths = {}

local MARKS = { "moves_money", "billed", "sends_sms" }
local LONGEST = 2048

local function decoded(segment)
  return (segment:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

-- A part as a server may take it: some drop what follows a semicolon.
local function comparable(segment) return (ascii.lower(decoded(segment)):match "^[^;]*") end

-- A part of a path as it goes out: nothing of it is rewritten, so it must be percent-encoded where that is needed.
local function check_segment(segment)
  if segment == "" then return "it holds an empty part" end
  if segment:find "[^A-Za-z0-9%-._~!$&'()*+,;=:@%%]" then return "it holds what must be percent-encoded there" end
  if segment:gsub("%%%x%x", ""):find("%", 1, true) then return "it holds a % that encodes nothing" end
  local plain = decoded(segment)
  if plain:find "^%.+$" or plain:find "^%.+;" then return "it holds a part of dots alone" end
  if plain:find "[%z\1-\31\127/\\]" then return "it holds an encoded slash or control character" end
end

--- Reads a path.
-- @tparam any path absolute, percent-encoded where that is needed, with `{name}` as a whole part where a parameter goes
-- @treturn[1] table its parts: decoded and in small letters, "{}" for one in braces
-- @treturn[1] table the names in braces in their order; each is also a key
-- @treturn[2] nil
-- @treturn[2] string what is wrong
function paths.read(path)
  if type(path) ~= "string" then return nil, "it must be text" end
  if path:sub(1, 1) ~= "/" then return nil, "it must begin with a slash" end
  if #path > LONGEST then return nil, ("it is longer than %d bytes"):format(LONGEST) end
  local segments, names, from = {}, {}, 2
  repeat
    local slash = path:find("/", from, true)
    local segment = path:sub(from, (slash or 0) - 1)
    from = slash and slash + 1
    local name = segment:match "^{([A-Za-z_][A-Za-z0-9_-]*)}$"
    local problem = not name and check_segment(segment)
    if problem then return nil, problem end
    if name and names[name] then return nil, ("{%s} stands in it twice"):format(name) end
    segments[#segments + 1] = name and "{}" or comparable(segment)
    if name then
      names[#names + 1] = name
      names[name] = true
    end
  until not from or from > #path -- one slash at the end is let be
  return segments, names
end

local known_parts = setmetatable({}, { __mode = "k" }) -- catalogue -> slug -> the parts of its path

local function parts_by_slug(catalogue)
  local by_slug = known_parts[catalogue]
  if by_slug then return by_slug end
  by_slug = {}
  for _, endpoint in ipairs((catalogue.list())) do by_slug[endpoint.slug] = paths.read(endpoint.path) end
  known_parts[catalogue] = by_slug
  return by_slug
end

-- The parts of a base URL's path: it may hold the beginning of a path that is known.
local function parts_of(base_url)
  local made = {}
  local path = base_url:match "^%a+://unix:[^:]*:(.*)$" or base_url:match "^%a+://[^/]*(.*)$" or ""
  for part in path:gmatch "[^/]+" do made[#made + 1] = comparable(part) end
  return made
end

-- Whether what is sent to a path may arrive at one of the catalogue's, wherever that begins in it: "surely", "maybe", or nil.
local function arrives(segments, known)
  local more, how = #segments - #known, "surely"
  if more < 0 then return nil end
  for i = 1, #known do
    local a, b = segments[more + i], known[i]
    if a ~= b and b ~= "{}" then
      if a ~= "{}" then return nil end
      how = "maybe"
    end
  end
  return how
end

--- Says of an entry what a catalogue knows of its path.
-- @tparam table catalogue of `eko.catalog`
-- @tparam table entry its `method` and marks; they are added to
-- @tparam table segments of `paths.read`
-- @tparam string base_url that the path is below
-- @treturn ?table the entry of the catalogue that surely has the path
function paths.take_class(catalogue, entry, segments, base_url)
  local same
  local whole = parts_of(base_url)
  for _, segment in ipairs(segments) do whole[#whole + 1] = segment end
  for slug, known in pairs(parts_by_slug(catalogue)) do
    local endpoint = catalogue.get(slug)
    local how = (endpoint.method == "GET") == (entry.method == "GET") and arrives(whole, known)
    if how then
      for _, mark in ipairs(MARKS) do entry[mark] = entry[mark] or endpoint[mark] end
      entry.carries_pid = entry.carries_pid or endpoint.carries_pid
      if how == "surely" and (not same or slug < same.slug) then same = endpoint end
    end
  end
  return same
end

return paths
