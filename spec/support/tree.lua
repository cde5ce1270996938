--- What the sources say of the tree: who requires whom, how long a function is. All of texts, so that a spec can make some up.
local lex = dofile ".ci/mutants/lex.lua"

local tree = {}

--- The name of a Lua module, or the path of what is none.
function tree.module_of(path)
  local name = path:match "^lua/(.*)%.lua$"
  return name and name:gsub("/init$", ""):gsub("/", ".") or path
end

-- The tokens of a Lua source, each with the `line` that it begins on.
local function tokens_of(text)
  local tokens, line, newline = lex.lua(text), 1, text:find("\n", 1, true)
  for _, token in ipairs(tokens) do
    while newline and newline < token.at do line, newline = line + 1, text:find("\n", newline + 1, true) end
    token.line = line
  end
  return tokens
end

-- The text in quotes; nil for any other token, and for a long string.
local function quoted(token)
  return token and token.kind == "string" and token.text:match "^[\"'](.*)[\"']$" or nil
end

local ANY = "[^.]+"

-- The names that an expression in parentheses may have, which opens at a token, as patterns: what is no string is any word, and each of
-- what stands between `and` and `or` may be it. What has no string in it is left out.
local function patterns_in(tokens, open)
  local patterns, pattern, has_string, depth, i = {}, "", false, 1, open
  repeat
    i = i + 1
    local text, string = tokens[i].text, quoted(tokens[i])
    depth = depth + (text == "(" and 1 or text == ")" and -1 or 0)
    if depth == 0 or text == "and" or text == "or" then
      if has_string then patterns[#patterns + 1] = "^" .. pattern .. "$" end
      pattern, has_string = "", false
    elseif string then
      pattern, has_string = pattern .. string:gsub("%p", "%%%0"), true
    elseif text ~= ".." and pattern:sub(-#ANY) ~= ANY then
      pattern = pattern .. ANY
    end
  until depth == 0
  return patterns
end

-- The names that a `require` at a token may ask for, as patterns.
local function asked_for(tokens, at)
  local before, behind = tokens[at - 1], tokens[at + 1]
  if quoted(behind) then return { "^" .. quoted(behind):gsub("%p", "%%%0") .. "$" } end
  if behind and behind.text == "(" then return patterns_in(tokens, at + 1) end
  local is_protected = behind and behind.text == "," and before and before.text == "(" and tokens[at - 2].text:find "^x?pcall$"
  return is_protected and patterns_in(tokens, at + 1) or {}
end

--- The modules of ours that a source requires. A name that is put together (`require("eko.cli." .. name)`, `require(x and "eko.a" or
-- "eko.b")`) stands for every module that it can name. Where a name stands in a variable, the source must be listed with the reason: any
-- module that is named in it may be meant.
-- @tparam string path
-- @tparam string text
-- @tparam {[string]=boolean,...} modules the names of all modules of ours
-- @tparam {[string]=string,...} unnamed path -> why a name stands in a variable there
-- @treturn {[string]=int,...} module -> the line of its first `require`
-- @treturn {string,...} problems: a `require` that cannot be read, a reason for nothing
function tree.requires(path, text, modules, unnamed)
  local tokens, found, problems, is_unnamed = tokens_of(text), {}, {}, false
  local function problem(line, what) problems[#problems + 1] = ("%s:%d requires %s"):format(path, line, what) end
  local function add(pattern, line)
    local is_there
    for module in pairs(modules) do
      if module:find(pattern) then found[module], is_there = found[module] or line, true end
    end
    if not is_there and pattern:find "^^eko%f[%%$]" then problem(line, pattern:gsub("[%^%%$]", "") .. ", which is not there") end
  end
  for at, token in ipairs(tokens) do
    if token.kind == "name" and token.text == "require" then
      local patterns = asked_for(tokens, at)
      for _, pattern in ipairs(patterns) do add(pattern, token.line) end
      if not patterns[1] then
        is_unnamed = true
        if not unnamed[path] then problem(token.line, "something that stands in a variable: name it, or say in this spec why") end
      end
    end
  end
  if is_unnamed then
    for _, token in ipairs(tokens) do
      local name = quoted(token)
      if name and modules[name] and name ~= tree.module_of(path) then found[name] = found[name] or token.line end
    end
  elseif unnamed[path] then
    problems[#problems + 1] = path .. " requires nothing that stands in a variable"
  end
  return found, problems
end

--- Arrows from below to above.
-- @tparam table edges module -> { module = line }
-- @tparam function layer_of module -> the number of its layer, 1 the lowest, and its name; nil where it has none
-- @treturn {string,...}
function tree.arrows_up(edges, layer_of)
  local problems = {}
  for from, targets in pairs(edges) do
    local own, own_name = layer_of(from)
    if not own then problems[#problems + 1] = from .. " stands in no layer" end
    for to, line in pairs(targets) do
      local other, name = layer_of(to)
      if own and other and other > own then
        problems[#problems + 1] = ("%s requires %s (line %d): %s lies below %s"):format(from, to, line, own_name, name)
      end
    end
  end
  table.sort(problems)
  return problems
end

--- Circles, each once: the names in their order.
-- @tparam table edges name -> a set of names
-- @treturn {string,...}
function tree.circles(edges)
  local problems, state, way = {}, {}, {}
  local function sorted(map)
    local names = {}
    for name in pairs(map or {}) do names[#names + 1] = name end
    table.sort(names)
    return names
  end
  local function visit(name)
    state[name], way[#way + 1] = "open", name
    for _, to in ipairs(sorted(edges[name])) do
      if state[to] == "open" then
        local from = #way
        while way[from] ~= to do from = from - 1 end
        problems[#problems + 1] = table.concat(way, " -> ", from) .. " -> " .. to
      elseif not state[to] then
        visit(to)
      end
    end
    state[name], way[#way] = "done", nil
  end
  for _, name in ipairs(sorted(edges)) do
    if not state[name] then visit(name) end
  end
  return problems
end

local OPENS = { ["function"] = true, ["do"] = true, ["if"] = true, ["repeat"] = true }
local CLOSES = { ["end"] = true, ["until"] = true }

-- The name and the number of parameters of a function that begins at a token.
local function head_of(tokens, at)
  local name, params, i = "", 0, at + 1
  while tokens[i].text ~= "(" do
    name = name .. tokens[i].text
    i = i + 1
  end
  while tokens[i].text ~= ")" do
    if tokens[i].kind == "name" or tokens[i].text == "..." then params = params + 1 end
    i = i + 1
  end
  if name == "" and tokens[at - 1] and tokens[at - 1].text == "=" then name = tokens[at - 2].text end
  return name == "" and "a function" or name, params
end

--- The functions of a Lua source. Of what is nested in a function only the lines that the two share are its own.
-- @tparam string text
-- @treturn table a list of { name =, line =, lines = own ones, params = } in the order in which they end
function tree.functions(text)
  local tokens, open, list = tokens_of(text), {}, {}
  for at, token in ipairs(tokens) do
    if token.kind == "name" and OPENS[token.text] then
      open[#open + 1] = { line = token.line, nested = 0 }
      if token.text == "function" then
        open[#open].name, open[#open].params = head_of(tokens, at)
      end
    elseif token.kind == "name" and CLOSES[token.text] then
      local block = table.remove(open)
      local span = token.line - block.line
      local outer = open[#open]
      if block.name then
        list[#list + 1] = { name = block.name, params = block.params, line = block.line, lines = span + 1 - block.nested }
      end
      if outer then outer.nested = outer.nested + (block.name and span or block.nested) end
    end
  end
  return list
end

--- Functions that are too long, or take too much.
-- @treturn {string,...}
function tree.large_functions(path, text, most_lines, most_params)
  local problems = {}
  for _, each in ipairs(tree.functions(text)) do
    if each.lines > most_lines then
      problems[#problems + 1] = ("%s: %s has %d lines of its own (line %d)"):format(path, each.name, each.lines, each.line)
    end
    if each.params > most_params then
      problems[#problems + 1] = ("%s: %s has %d parameters (line %d)"):format(path, each.name, each.params, each.line)
    end
  end
  return problems
end

--- Files that are too long.
-- @tparam table files path -> text
-- @treturn {string,...}
function tree.large_files(files, most)
  local problems = {}
  for path, text in pairs(files) do
    local _, lines = text:gsub("\n", "\n")
    if lines > most then problems[#problems + 1] = ("%s has %d lines"):format(path, lines) end
  end
  table.sort(problems)
  return problems
end

return tree
