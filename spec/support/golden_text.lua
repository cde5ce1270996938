--- Writes Lua data that people can read: names sorted or in a given order, text in single quotes as it goes over the wire, cut
-- into lines, and what repeats itself as rep("…", times).

local golden_text = {}

local null = require("eko.base.json").null
local WIDTH = 120

local ESCAPES = { ["\\"] = "\\\\", ["'"] = "\\'", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function literal(text)
  return "'" .. text:gsub("[%c\\']", function(c) return ESCAPES[c] or ("\\%03d"):format(c:byte()) end) .. "'"
end

-- How often what stands at `from`, with the shortest period, repeats itself there; nil where that saves little.
local function repetition(text, from)
  for period = 1, 100 do
    if text:byte(from) == text:byte(from + period) then
      local unit, times, behind = text:sub(from, from + period - 1), 1, from + period
      while text:sub(behind, behind + period - 1) == unit do times, behind = times + 1, behind + period end
      if times > 2 and times * period > 80 then return unit, times, behind end
    end
  end
end

-- Where a line of the text may end: behind a comma, before a & or ?, else anywhere but inside a character.
local function line_end(text)
  if #text <= WIDTH then return #text end
  local cut
  for position = WIDTH, WIDTH / 2, -1 do
    if text:sub(position, position) == "," then return position end
    if text:sub(position + 1, position + 1):find "[&?]" then return position end
  end
  cut = WIDTH
  while text:byte(cut + 1) >= 0x80 and text:byte(cut + 1) < 0xc0 do cut = cut - 1 end
  return cut
end

local function plain_parts(text, parts)
  while text ~= "" do
    local size = line_end(text)
    parts[#parts + 1] = literal(text:sub(1, size))
    text = text:sub(size + 1)
  end
end

local function text_of(text, indent)
  local parts, from, plain = {}, 1, 1
  while #text - from >= 80 do
    local unit, times, behind = repetition(text, from)
    if unit then
      plain_parts(text:sub(plain, from - 1), parts)
      parts[#parts + 1] = ("rep(%s, %d)"):format(literal(unit), times)
      from, plain = behind, behind
    else
      from = from + 1
    end
  end
  plain_parts(text:sub(plain), parts)
  if not parts[1] then return "''" end
  return table.concat(parts, "\n" .. indent .. "  .. ")
end

local function number_of(value)
  if value % 1 ~= 0 or value >= 2 ^ 63 or value <= -2 ^ 63 then
    local short = ("%.15g"):format(value)
    return tonumber(short) == value and short or ("%.17g"):format(value)
  end
  return ("%d"):format(value) .. (math.type(value) == "float" and ".0" or "")
end

local function key_of(key)
  if type(key) == "string" and key:find "^[%a_][%w_]*$" then return key .. " = " end
  return "[" .. (type(key) == "string" and literal(key) or tostring(key)) .. "] = "
end

local function sorted_names(map, order)
  local place, names = {}, {}
  for index, name in ipairs(order) do place[name] = index end
  for name in pairs(map) do
    if type(name) ~= "number" or name > #map then names[#names + 1] = name end
  end
  table.sort(names, function(a, b)
    if place[a] or place[b] then return (place[a] or 1000) < (place[b] or 1000) end
    return tostring(a) < tostring(b)
  end)
  return names
end

--- A value as Lua source.
-- @param value nil, booleans, numbers, text, JSON's null and tables of them
-- @param order names that stand before the others, in this order
-- @param indent what stands before its lines
function golden_text.source(value, order, indent)
  indent = indent or ""
  if value == null then return "null" end
  if type(value) == "string" then return text_of(value, indent) end
  if type(value) == "number" then return number_of(value) end
  if type(value) ~= "table" then return tostring(value) end
  local inner, parts, size = indent .. "  ", {}, 0
  local function add(text)
    parts[#parts + 1] = text
    size = size + #text + 2
  end
  for _, item in ipairs(value) do add(golden_text.source(item, order, inner)) end
  for _, name in ipairs(sorted_names(value, order)) do add(key_of(name) .. golden_text.source(value[name], order, inner)) end
  if not parts[1] then return "{}" end
  local flat = "{ " .. table.concat(parts, ", ") .. " }"
  if #indent > 0 and #indent + size < WIDTH + 20 and not flat:find "\n" and not value.slug then return flat end
  return "{\n" .. inner .. table.concat(parts, ",\n" .. inner) .. ",\n" .. indent .. "}"
end

return golden_text
