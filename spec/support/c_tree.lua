--- What is wrong with a tree of C sources: includes that go up or round, files and functions that are too long.
local lex = dofile ".ci/mutants/lex.lua"
local tree = require "spec.support.tree"

local c_tree = {}

--- The sources below a directory.
-- @return a table: path from there -> text
function c_tree.read(directory)
  local files = {}
  local pipe = assert(io.popen(("cd %s && find . -name '*.[ch]'"):format(directory)))
  for line in pipe:lines() do
    local path = line:gsub("^%./", "")
    local file = assert(io.open(directory .. "/" .. path))
    files[path] = file:read "*a"
    file:close()
  end
  pipe:close()
  return files
end

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

-- The files that one includes, in its order; what stands in <> is not ours.
local function includes_of(text)
  local list = {}
  for path in ("\n" .. text):gmatch '\n%s*#%s*include%s+"([^"]*)"' do list[#list + 1] = path end
  return list
end

-- A layer is a folder, "" for what stands beside the folders.
local function layer_of(path) return path:match "^(.-)/[^/]*$" or "" end

-- A file and its header are one.
local function unit_of(path) return (path:gsub("%.[ch]$", "")) end

local function check_arrows(files, layers, report)
  local height = {}
  for index, layer in ipairs(layers) do height[layer] = index end
  for _, path in ipairs(sorted_keys(files)) do
    local from = height[layer_of(path)]
    if not from then report("%s stands in no layer", path) end
    for _, included in ipairs(includes_of(files[path])) do
      local to = height[layer_of(included)]
      if not files[included] then
        report("%s includes %s, which is not there", path, included)
      elseif from and to and to > from then
        report("%s includes %s, which lies above it", path, included)
      end
    end
  end
end

local function check_circles(files, report)
  local graph = {}
  for path, text in pairs(files) do
    local edges = graph[unit_of(path)] or {}
    graph[unit_of(path)] = edges
    for _, included in ipairs(includes_of(text)) do
      if unit_of(included) ~= unit_of(path) then edges[unit_of(included)] = true end
    end
  end
  for _, circle in ipairs(tree.circles(graph)) do report("a circle: %s", circle) end
end

local CLOSES = { ["("] = ")", ["["] = "]", ["{"] = "}" }

-- The token that closes the bracket at `open`, and how many commas stand in that bracket itself.
local function close_of(tokens, open)
  local depth, commas = 0, 0
  for i = open, #tokens do
    local text = tokens[i].kind == "op" and tokens[i].text
    if CLOSES[text] then
      depth = depth + 1
    elseif text == ")" or text == "]" or text == "}" then
      depth = depth - 1
      if depth == 0 then return i, commas end
    elseif text == "," and depth == 1 then
      commas = commas + 1
    end
  end
  error("a bracket is not closed: byte " .. tokens[open].at)
end

-- How many lines hold a token from one to another: comments and empty lines do not count.
local function lines_of(text, tokens, first, last)
  local lines, line, at, before = 0, 0, 1, -1
  for i = first, last do
    for _ in text:sub(at, tokens[i].at - 1):gmatch "\n" do line = line + 1 end
    at = tokens[i].at
    if line ~= before then lines = lines + 1 end
    before = line
  end
  return lines
end

--- The functions that a source defines.
-- @return a list of `{ name =, lines =, parameters = }`; lines without comments and empty ones
function c_tree.functions_of(text)
  local tokens, list, first, i = lex.c(text), {}, 1, 1
  while i <= #tokens do
    local token = tokens[i]
    if token.kind == "op" and token.text == "(" then
      local close, commas = close_of(tokens, i)
      local after = tokens[close + 1]
      if after and after.text == "{" and tokens[i - 1].kind == "name" then
        local stop = close_of(tokens, close + 1)
        local is_empty = close == i + 1 or (close == i + 2 and tokens[i + 1].text == "void")
        list[#list + 1] = { name = tokens[i - 1].text, lines = lines_of(text, tokens, first, stop), parameters = is_empty and 0 or commas + 1 }
        i, first = stop, stop + 1
      else
        i = close
      end
    elseif token.kind == "op" and token.text == "{" then
      i = close_of(tokens, i)
    elseif token.text == ";" then
      first = i + 1
    end
    i = i + 1
  end
  return list
end

local function check_sizes(files, limits, report)
  for _, path in ipairs(sorted_keys(files)) do
    local _, lines = files[path]:gsub("\n", "")
    if lines > limits.file then report("%s has %d lines", path, lines) end
    for _, f in ipairs(c_tree.functions_of(files[path])) do
      if f.lines > limits.lines then report("%s: %s has %d lines", path, f.name, f.lines) end
      if f.parameters > limits.parameters then report("%s: %s has %d parameters", path, f.name, f.parameters) end
    end
  end
end

--- @param files path -> text
-- @param layers a list of folders, the lowest first
-- @param limits `{ file = lines, lines = of a function, parameters = }`
-- @return a list of sentences
function c_tree.problems(files, layers, limits)
  local list = {}
  local function report(...) list[#list + 1] = string.format(...) end
  check_arrows(files, layers, report)
  check_circles(files, report)
  check_sizes(files, limits, report)
  return list
end

return c_tree
