--- The places of a C source that are mutated.
local edits = require "edits"
local lex = require "lex"

local CLOSING = { ["("] = ")", ["["] = "]", ["{"] = "}" }
local CLOSES = { [")"] = true, ["]"] = true, ["}"] = true }

-- The index of the other bracket, for each bracket; and for each token whether it stands in round ones.
local function pairs_of(tokens)
  local pair, open, inside = {}, {}, {}
  for i, token in ipairs(tokens) do
    inside[i] = #open > 0 and tokens[open[#open]].text == "("
    if token.kind == "op" and CLOSING[token.text] then
      open[#open + 1] = i
    elseif token.kind == "op" and CLOSES[token.text] then
      local other = table.remove(open)
      if not other or CLOSING[tokens[other].text] ~= token.text then error("brackets do not match: byte " .. token.at) end
      pair[i], pair[other] = other, i
    end
  end
  if #open > 0 then error("brackets do not match: byte " .. tokens[open[#open]].at) end
  return pair, inside
end

-- For each token in the body of a function its name.
local function functions_of(tokens, pair)
  local names, i = {}, 1
  while i <= #tokens do
    local text = tokens[i].text
    local before = text == "{" and i > 2 and tokens[i - 1].text == ")" and pair[i - 1] or nil
    if before and tokens[before - 1] and tokens[before - 1].kind == "name" then
      for inside = i, pair[i] do names[inside] = tokens[before - 1].text end
    end
    i = (text == "{" or text == "(") and pair[i] + 1 or i + 1
  end
  return names
end

local ASSIGN = { ["="] = true, ["+="] = true, ["-="] = true, ["*="] = true, ["/="] = true, ["%="] = true, ["&="] = true, ["|="] = true,
  ["^="] = true, ["<<="] = true, [">>="] = true }

local function is_edge(token)
  local text = token.text
  return token.kind ~= "string" and token.kind ~= "char"
    and (ASSIGN[text] or text == "," or text == ";" or text == "?" or text == ":" or text == "return" or text == "case")
end

-- The other end of an operand that begins (step 1) or ends (step -1) at a token; `stops` has operators at which it ends too.
local function operand(tokens, pair, i, step, stops)
  local last = i
  while tokens[i] do
    local token = tokens[i]
    local bracket = pair[i]
    if is_edge(token) or stops[token.text] then break end
    if bracket then
      if (bracket < i) == (step > 0) then break end -- the bracket around the operand
      i = bracket
    end
    last = i
    i = i + step
  end
  return last
end

local STOPS = { ["&&"] = { ["&&"] = true, ["||"] = true }, ["||"] = { ["||"] = true } }

local function Reader(source)
  local tokens, defines = lex.c(source)
  local pair, inside = pairs_of(tokens)
  local names, sites = functions_of(tokens, pair), {}
  local reader = { tokens = tokens, defines = defines, pair = pair, inside = inside, names = names, sites = sites }

  function reader.site(kind, first, last, texts)
    local at, stop, list = tokens[first].at, tokens[last].stop, {}
    for index, text in ipairs(texts) do list[index] = { at, stop, text } end
    sites[#sites + 1] = { kind = kind, fn = names[first] or "(file)", at = at, stop = stop, list = list }
    return sites[#sites]
  end

  function reader.condition(first, last)
    if last < first then return end
    reader.site("branch", first, last, edits.condition("c", source:sub(tokens[first].at, tokens[last].stop)))
  end
  return reader
end

local function logic(reader, i)
  local tokens, other = reader.tokens, edits.swapped(reader.tokens[i])
  if tokens[i].kind ~= "op" or not other then return end
  local stops = STOPS[tokens[i].text]
  local first, last = operand(tokens, reader.pair, i - 1, -1, stops), operand(tokens, reader.pair, i + 1, 1, stops)
  local site = reader.site("logic", i, i, { other })
  site.list[2] = { tokens[first].at, tokens[i + 1].at - 1, "" }
  site.list[3] = { tokens[i - 1].stop + 1, tokens[last].stop, "" }
end

local function for_condition(reader, i)
  local first, last = nil, nil
  local at, stop = i + 2, reader.pair[i + 1]
  while at < stop do
    if reader.tokens[at].text == ";" then
      if first then last = at - 1 break end
      first = at + 1
    end
    at = (reader.pair[at] or at) + 1
  end
  if first and last then reader.condition(first, last) end
end

local function branch(reader, i)
  local tokens, token = reader.tokens, reader.tokens[i]
  local follows = tokens[i + 1] and tokens[i + 1].text == "("
  if token.kind == "name" and follows and (token.text == "if" or token.text == "while") then
    reader.condition(i + 2, reader.pair[i + 1] - 1)
  elseif token.kind == "name" and follows and token.text == "for" then
    for_condition(reader, i)
  elseif token.text == "?" and token.kind == "op" then
    reader.condition(operand(tokens, reader.pair, i - 1, -1, {}), i - 1)
  end
end

local HEADS = { ["if"] = true, ["while"] = true, ["for"] = true, ["switch"] = true }
local COMPOUND = { ["if"] = true, ["while"] = true, ["for"] = true, ["switch"] = true, ["do"] = true, ["else"] = true, ["case"] = true,
  ["default"] = true, ["{"] = true, ["}"] = true, [";"] = true, ["static"] = true, ["const"] = true }
local JUMPS = { ["return"] = true, ["goto"] = true }

local function begins_statement(reader, i)
  local tokens, pair = reader.tokens, reader.pair
  local before = tokens[i - 1] and tokens[i - 1].text
  if before == ";" or before == "{" or before == "}" or before == "else" or before == "do" then return true end
  if before == ")" then
    local head = tokens[pair[i - 1] - 1]
    return head ~= nil and HEADS[head.text] == true
  end
  if before ~= ":" then return false end
  for at = i - 2, 1, -1 do -- a label, not the second half of a condition
    local text = tokens[at].text
    if text == "case" or text == "default" then return true end
    if text == "?" or text == ";" or text == "{" or text == "}" then return false end
  end
  return false
end

local function is_declaration(tokens, i)
  if tokens[i].kind ~= "name" or JUMPS[tokens[i].text] then return false end
  local second, third = tokens[i + 1], tokens[i + 2]
  return second.kind == "name" or second.text == "*" and (third.kind == "name" or third.text == "*")
end

local function statement(reader, i)
  local tokens, pair = reader.tokens, reader.pair
  if not reader.names[i] or reader.inside[i] or COMPOUND[tokens[i].text] or is_declaration(tokens, i) then return end
  if not begins_statement(reader, i) then return end
  local at = i
  while tokens[at].text ~= ";" do
    if pair[at] and pair[at] < at then return end -- a list of initial values
    at = (pair[at] or at) + 1
  end
  reader.site("statement", i, at, { ";" })
end

--- @tparam string source
-- @treturn table as of lua_sites.lua
return function(source)
  local reader = Reader(source)
  for i, token in ipairs(reader.tokens) do
    local comparison = edits.comparison("c", reader.tokens, i)
    if comparison then reader.site("comparison", i, i, comparison) end
    local constant = edits.constant("c", token)
    if constant then reader.site("constant", i, i, constant) end
    logic(reader, i)
    branch(reader, i)
    statement(reader, i)
  end
  for _, token in ipairs(reader.defines) do
    local list = {}
    for index, text in ipairs(edits.constant("c", token)) do list[index] = { token.at, token.stop, text } end
    reader.sites[#reader.sites + 1] = { kind = "constant", fn = "(file)", at = token.at, stop = token.stop, list = list }
  end
  return reader.sites
end
