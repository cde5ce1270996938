--- The places of a Lua source that are mutated. A parser that keeps nothing but them.
local edits = require "edits"
local lex = require "lex"

local UNARY = { ["not"] = true, ["#"] = true, ["-"] = true, ["~"] = true }
-- Left priority, right priority.
local BINARY = {
  ["or"] = { 1, 1 }, ["and"] = { 2, 2 }, ["<"] = { 3, 3 }, [">"] = { 3, 3 }, ["<="] = { 3, 3 }, [">="] = { 3, 3 }, ["~="] = { 3, 3 },
  ["=="] = { 3, 3 }, ["|"] = { 4, 4 }, ["~"] = { 5, 5 }, ["&"] = { 6, 6 }, ["<<"] = { 7, 7 }, [">>"] = { 7, 7 }, [".."] = { 9, 8 },
  ["+"] = { 10, 10 }, ["-"] = { 10, 10 }, ["*"] = { 11, 11 }, ["/"] = { 11, 11 }, ["//"] = { 11, 11 }, ["%"] = { 11, 11 },
  ["^"] = { 14, 13 },
}
local UNARY_PRIORITY = 12
local ENDS = { ["end"] = true, ["else"] = true, ["elseif"] = true, ["until"] = true }

local Parser = {}
Parser.__index = Parser

function Parser:text() local token = self.tokens[self.i]; return token and token.kind ~= "string" and token.text or nil end
function Parser:kind() local token = self.tokens[self.i]; return token and token.kind end

function Parser:take(text)
  if text and self:text() ~= text then
    local token = self.tokens[self.i]
    error(("%s was expected at byte %d, not %s"):format(text, token and token.at or -1, token and token.text or "the end"))
  end
  self.i = self.i + 1
  return self.tokens[self.i - 1]
end

function Parser:accept(text)
  if self:text() ~= text then return false end
  self.i = self.i + 1
  return true
end

function Parser:site(kind, first, last, list)
  self.sites[#self.sites + 1] = {
    kind = kind, fn = self.fn, at = self.tokens[first].at, stop = self.tokens[last].stop, list = list,
  }
end

-- Edits of a part of a source, each { at, stop, text }.
function Parser:replaced(first, last, texts)
  local list, at, stop = {}, self.tokens[first].at, self.tokens[last].stop
  for index, text in ipairs(texts) do list[index] = { at, stop, text } end
  return list
end

function Parser:literal(i)
  local texts = edits.constant("lua", self.tokens[i])
  if texts then self:site("constant", i, i, self:replaced(i, i, texts)) end
end

function Parser:body(name)
  local outer = self.fn
  self.fn = name or outer
  self:take "("
  while not self:accept ")" do self.i = self.i + 1 end
  self:block()
  self:take "end"
  self.fn = outer
end

function Parser:table()
  self:take "{"
  while not self:accept "}" do
    local name
    if self:accept "[" then
      name = self.tokens[self.i].text:match "^[\"'](.*)[\"']$"
      self:expression()
      self:take "]"
      self:take "="
    elseif self:kind() == "name" and self.tokens[self.i + 1].text == "=" then
      name = self:take().text
      self:take "="
    end
    self:expression(nil, name)
    if not self:accept "," then self:accept ";" end
  end
end

function Parser:arguments()
  if self:kind() == "string" then
    self:literal(self.i)
    self.i = self.i + 1
  elseif self:text() == "{" then
    self:table()
  else
    self:take "("
    if self:text() ~= ")" then self:list() end
    self:take ")"
  end
end

-- A name or a bracket, and what follows it. Gives whether it ends with a call.
function Parser:suffixed()
  local is_call = false
  if self:accept "(" then
    self:expression()
    self:take ")"
  else
    self:take()
  end
  while true do
    local text = self:text()
    if text == "." then
      self.i, is_call = self.i + 2, false
    elseif text == "[" then
      self:take "["
      self:expression()
      self:take "]"
      is_call = false
    elseif text == ":" then
      self.i, is_call = self.i + 2, true
      self:arguments()
    elseif text == "(" or text == "{" or self:kind() == "string" then
      self:arguments()
      is_call = true
    else
      return is_call
    end
  end
end

function Parser:simple(name)
  local kind, text = self:kind(), self:text()
  if kind == "number" or kind == "string" or text == "nil" or text == "true" or text == "false" then
    self:literal(self.i)
    self.i = self.i + 1
  elseif text == "..." then
    self.i = self.i + 1
  elseif text == "{" then
    self:table()
  elseif text == "function" then
    self.i = self.i + 1
    self:body(name)
  else
    self:suffixed()
  end
end

-- `name` is what a function is called that stands here.
function Parser:expression(limit, name)
  limit = limit or 0
  local first = self.i
  if UNARY[self:text()] then
    self.i = self.i + 1
    self:expression(UNARY_PRIORITY)
  else
    self:simple(name)
  end
  while true do
    local priority = BINARY[self:text()]
    if not priority or priority[1] <= limit then return end
    local operator = self.i
    self.i = operator + 1
    self:expression(priority[2], name)
    self:operator(first, operator)
  end
end

-- What was read: from `first` on one operand, behind the operator the other.
function Parser:operator(first, operator)
  local tokens, last = self.tokens, self.i - 1
  local texts = edits.comparison("lua", tokens, operator)
  if texts then self:site("comparison", operator, operator, self:replaced(operator, operator, texts)) end
  local other = edits.swapped(tokens[operator])
  if other then
    local right = operator + 1
    self:site("logic", operator, operator, {
      { tokens[operator].at, tokens[operator].stop, other },
      { tokens[first].at, tokens[right].at - 1, "" },
      { tokens[operator - 1].stop + 1, tokens[last].stop, "" },
    })
  end
end

function Parser:list(names)
  local index = 1
  repeat
    self:expression(nil, names and names[index])
    index = index + 1
  until not self:accept ","
end

function Parser:condition()
  local first = self.i
  self:expression()
  local last = self.i - 1
  local text = self.source:sub(self.tokens[first].at, self.tokens[last].stop)
  self:site("branch", first, last, self:replaced(first, last, edits.condition("lua", text)))
end

function Parser:removable(first)
  self:site("statement", first, self.i - 1, self:replaced(first, self.i - 1, { "" }))
end

local STATEMENTS = {}

STATEMENTS["if"] = function(self)
  repeat
    self:condition()
    self:take "then"
    self:block()
  until not self:accept "elseif"
  if self:accept "else" then self:block() end
  self:take "end"
end

STATEMENTS["while"] = function(self)
  self:condition()
  self:take "do"
  self:block()
  self:take "end"
end

STATEMENTS["do"] = function(self)
  self:block()
  self:take "end"
end

STATEMENTS["for"] = function(self)
  while self:text() ~= "=" and self:text() ~= "in" do self.i = self.i + 1 end
  self.i = self.i + 1
  self:list()
  self:take "do"
  self:block()
  self:take "end"
end

STATEMENTS["repeat"] = function(self)
  self:block()
  self:take "until"
  self:condition()
end

STATEMENTS["function"] = function(self)
  local parts = {}
  while self:text() ~= "(" do parts[#parts + 1] = self:take().text end
  self:body(table.concat(parts))
end

STATEMENTS["local"] = function(self)
  if self:accept "function" then return self:body(self:take().text) end
  local names = {}
  while self:kind() == "name" do
    names[#names + 1] = self:take().text
    if self:accept "<" then self.i = self.i + 2 end
    if not self:accept "," then break end
  end
  if self:accept "=" then self:list(names) end
end

STATEMENTS["return"] = function(self)
  local first = self.i - 1
  if self:text() and not ENDS[self:text()] and self:text() ~= ";" or self:kind() == "string" then self:list() end
  self:accept ";"
  -- A module's last `return`: without it nothing is left to be judged.
  if self.tokens[self.i] then self:removable(first) end
end

STATEMENTS["break"] = function(self) self:removable(self.i - 1) end
STATEMENTS["goto"] = function(self) self:take(); self:removable(self.i - 2) end
STATEMENTS["::"] = function(self) self:take(); self:take "::" end
STATEMENTS[";"] = function() end

local function target(self, first)
  local parts = {}
  for i = first, self.i - 1 do parts[#parts + 1] = self.tokens[i].text end
  local name = table.concat(parts)
  return #name <= 60 and name or nil
end

function Parser:statement()
  local known = STATEMENTS[self:text()]
  if known then
    self.i = self.i + 1
    return known(self)
  end
  local first = self.i
  local names = {}
  local is_call = self:suffixed()
  if not is_call then
    names[1] = target(self, first)
    while self:accept "," do
      local at = self.i
      self:suffixed()
      names[#names + 1] = target(self, at)
    end
    self:take "="
    self:list(names)
  end
  self:removable(first)
end

function Parser:block()
  while self.tokens[self.i] and not ENDS[self:text()] do self:statement() end
end

--- @tparam string source
-- @treturn table a list of `{ kind, fn, at, stop, list }`; `list` has edits: `{ first byte, last byte, text }`
return function(source)
  local parser = setmetatable({ source = source, tokens = lex.lua(source), i = 1, sites = {}, fn = "(file)" }, Parser)
  parser:block()
  if parser.tokens[parser.i] then error("byte " .. parser.tokens[parser.i].at .. " was not understood") end
  return parser.sites
end
