--- Draws docs/architecture.svg from the tree: the folders of lua/eko and of src as rooms, each above those that it requires or includes,
-- with their sizes, and an arrow for each `require` and `#include` that leads from one to another.
--
--     lua5.4 .ci/tree.lua
--
-- spec/project/picture_spec.lua holds the stored picture against the tree.
local reader = dofile "spec/support/tree.lua"

local tree = {}

local function read_file(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text
end

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

-- ---- the tree ----

-- Where the two kinds of files lie.
local ROOTS = { { "lua/eko", { "%.lua$" } }, { "src", { "%.c$", "%.h$" } } }

-- The room of a file: its folder below the root; the files beside the folders are one room.
local function room_of(path)
  for _, root in ipairs(ROOTS) do
    local rest = path:match("^" .. root[1] .. "/(.*)$")
    if rest then return root[1] .. "/" .. (rest:match "^([^/]+)/" or "") end
  end
end

-- Path -> text of the files.
local function files_below(directory)
  local found = {}
  for _, root in ipairs(ROOTS) do
    local pipe = assert(io.popen(("cd '%s' && find %s -type f"):format(directory, root[1])))
    for path in pipe:lines() do
      for _, name in ipairs(root[2]) do
        if path:find(name) then found[path] = read_file(directory .. "/" .. path) end
      end
    end
    pipe:close()
  end
  return found
end

-- Whether a name that stands in a variable has a reason is another spec's business.
local ANY_REASON = setmetatable({}, { __index = function() return "" end })

-- The rooms that a file's `require`s or `#include`s lead into. `modules` is module -> its room.
local function named_rooms(path, text, modules, files)
  local found = {}
  if path:find "%.lua$" then
    for module in pairs((reader.requires(path, text, modules, ANY_REASON))) do found[modules[module]] = true end
  else
    for name in ("\n" .. text):gmatch '\n#include%s+"([^"]+)"' do
      if files["src/" .. name] then found[room_of("src/" .. name)] = true end
    end
  end
  return found
end

--- The rooms of a tree.
-- @tparam string directory that lua/ and src/ lie in
-- @treturn table name -> `{ name, files, lines, to = set of the rooms that it needs }`
function tree.of(directory)
  local rooms, files, modules = {}, files_below(directory), { ["eko.core"] = "src/" }
  for path in pairs(files) do
    if path:find "%.lua$" then modules[reader.module_of(path)] = room_of(path) end
  end
  for path, text in pairs(files) do
    local name = room_of(path)
    local room = rooms[name] or { name = name, files = 0, lines = 0, to = {} }
    rooms[name], room.files = room, room.files + 1
    room.lines = room.lines + select(2, text:gsub("\n", "\n"))
    for other in pairs(named_rooms(path, text, modules, files)) do
      if other ~= name then room.to[other] = true end
    end
  end
  return rooms
end

-- How many rooms lie below each on the longest way down. An arrow that closes a circle does not count; it is drawn upwards, in red.
local function levels_of(rooms)
  local levels, entered = {}, {}
  local function level_of(name)
    if levels[name] then return levels[name] end
    if entered[name] then return -1 end
    entered[name] = true
    local level = 0
    for _, other in ipairs(sorted_keys(rooms[name].to)) do level = math.max(level, level_of(other) + 1) end
    levels[name] = level
    return level
  end
  for _, name in ipairs(sorted_keys(rooms)) do level_of(name) end
  return levels
end

--- The rooms from the top down.
-- @tparam table rooms of `tree.of`
-- @treturn {table,...}
function tree.order(rooms)
  local levels, list = levels_of(rooms), {}
  for _, name in ipairs(sorted_keys(rooms)) do list[#list + 1] = rooms[name] end
  table.sort(list, function(a, b)
    if levels[a.name] ~= levels[b.name] then return levels[a.name] > levels[b.name] end
    return a.name < b.name
  end)
  return list
end

-- ---- sizes ----

local STEP = 100 -- lines

local function thousands(number) return (("%d"):format(number):gsub("^(%d+)(%d%d%d)$", "%1,%2")) end

local function size_text(files, lines)
  return ("%d %s, %s lines"):format(files, files == 1 and "file" or "files", thousands(lines))
end

--- Rounds the lines of each room to hundreds. What a picture says already stays for as long as it is less than a hundred lines off, so
-- that it does not change with every line.
-- @tparam table rooms of `tree.of`; they are changed
-- @tparam ?string picture the SVG that there is
-- @treturn table the same
function tree.round(rooms, picture)
  local said = {}
  for name, lines in (picture or ""):gmatch '<g id="([^"]*)".-, ([%d,]+) lines</text>' do said[name] = tonumber((lines:gsub(",", ""))) end
  for name, room in pairs(rooms) do
    local before = said[name]
    if before and math.abs(room.lines - before) < STEP then
      room.lines = before
    else
      room.lines = math.max(STEP, math.floor(room.lines / STEP + 0.5) * STEP)
    end
  end
  return rooms
end

-- ---- the picture ----

-- Where the boxes stand, how high a row is, how far apart the lanes are; where in its box a room's line leaves, and others' enter.
local LEFT, BOX, HEIGHT, ROW, TOP, LANE, ENTERS, LEAVES = 16, 410, 40, 50, 44, 27, 12, 28

local GREY, RED = "#57606a", "#cf222e"
local COLOURS = { ["lua/eko"] = "#ddebfb", src = "#fdeccd" }

local function escape(text) return (text:gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" })) end

local function title_of(room)
  if room.name:find "/$" then return room.name .. (room.name:find "^lua" and "*.lua" or "*.c") end
  return room.name .. "/"
end

local function top_of(row) return TOP + (row - 1) * ROW end

local BOX_TEXT = [[
<g id="%s"><rect x="%d" y="%d" width="%d" height="%d" rx="5" fill="%s" stroke="#57606a"/>
<text x="%d" y="%d" class="name">%s</text><text x="%d" y="%d" class="size">%s</text></g>
]]

local function box(room, y)
  return BOX_TEXT:format(escape(room.name), LEFT, y, BOX, HEIGHT, COLOURS[room.name:match "^lua/eko" or "src"], LEFT + 10, y + 25,
    escape(title_of(room)), LEFT + BOX - 10, y + 25, size_text(room.files, room.lines))
end

local DOT = '<circle cx="%d" cy="%d" r="4" fill="%s" stroke="none"><title>%s needs %s</title></circle>\n'

-- The lane of a room that others need: past a dot for each of them, and into its box. A dot below it is an arrow upwards, in red.
local function lane(out, made)
  local target, x, enters = made.target, made.x, top_of(made.row) + ENTERS
  for _, source in ipairs(made.sources) do
    local y = top_of(source.row) + LEAVES
    out[#out + 1] = DOT:format(x, y, y < enters and GREY or RED, escape(source.name), escape(target.name))
  end
  out[#out + 1] = ('<path d="M%d %dV%dH%d" stroke="%s" marker-end="url(#head)"/>\n')
    :format(x, math.min(made.from, enters), enters, LEFT + BOX + 9, GREY)
  if made.to > enters then out[#out + 1] = ('<path d="M%d %dV%d" stroke="%s"/>\n'):format(x, enters, made.to, RED) end
end

-- A lane for each room that others need, from left to right by their rooms from the top down. Below all that there are the next one
-- begins on the left again.
local function lanes_of(list)
  local lanes, x, lowest = {}, 0, 0
  for row, target in ipairs(list) do
    local made = { target = target, row = row, sources = {}, from = math.huge, to = top_of(row) + ENTERS }
    for other, source in ipairs(list) do
      if source.to[target.name] then
        made.sources[#made.sources + 1] = { name = source.name, row = other }
        made.from, made.to = math.min(made.from, top_of(other) + LEAVES), math.max(made.to, top_of(other) + LEAVES)
      end
    end
    if #made.sources > 0 then
      x = made.from > lowest and LEFT + BOX + LANE or x + LANE
      made.x, lowest = x, math.max(lowest, made.to)
      lanes[#lanes + 1] = made
    end
  end
  return lanes
end

-- All lanes, and for each room one line as far as its last dot; and how far they reach.
local function lines_of(list)
  local out, farthest, widest = {}, {}, LEFT + BOX
  for _, made in ipairs(lanes_of(list)) do
    lane(out, made)
    widest = math.max(widest, made.x)
    for _, source in ipairs(made.sources) do farthest[source.row] = math.max(farthest[source.row] or 0, made.x) end
  end
  for row = 1, #list do
    if farthest[row] then
      out[#out + 1] = ('<path d="M%d %dH%d" stroke="%s"/>\n'):format(LEFT + BOX, top_of(row) + LEAVES, farthest[row], GREY)
    end
  end
  return table.concat(out), widest
end

local HEAD = [[
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="Helvetica, Arial, sans-serif" role="img">
<title>The rooms of lua-eko, each above those that it needs</title>
<!-- Drawn by .ci/tree.lua from the tree: make graphs -->
<style>.name { font-size: 17px; font-weight: bold } .size { font-size: 14px; text-anchor: end } text { fill: #1f2328 }</style>
<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">
<path d="M0 0L10 5L0 10z" fill="#57606a"/></marker></defs>
<rect width="%d" height="%d" rx="8" fill="#ffffff"/>
<text x="%d" y="28" font-size="15">A dot: the room on its left needs the one that the dot's line leads into.</text>
<g fill="none" stroke-width="1.5">
]]

--- The picture.
-- @tparam table rooms of `tree.round`
-- @treturn string SVG
function tree.draw(rooms)
  local list, boxes = tree.order(rooms), {}
  for row, room in ipairs(list) do boxes[row] = box(room, top_of(row)) end
  local lines, widest = lines_of(list)
  local width, height = widest + LANE, top_of(#list + 1) + 4
  return HEAD:format(width, height, width, height, LEFT) .. lines .. "</g>\n" .. table.concat(boxes) .. "</svg>\n"
end

local PICTURE = "docs/architecture.svg"

if arg and arg[0] and arg[0]:find "tree%.lua$" then
  local svg = tree.draw(tree.round(tree.of ".", read_file(PICTURE)))
  local file = assert(io.open(PICTURE, "wb"))
  file:write(svg)
  file:close()
end

return tree
