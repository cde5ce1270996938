--- Tokens of Lua and C: comments, and of C the preprocessor's lines, are left out.
--
-- A token is `{ kind = "name" | "number" | "string" | "char" | "op", text, at, stop }`: `at` and `stop` are its first and last byte.
local lex = {}

local function set_of(text)
  local set = {}
  for word in text:gmatch "%S+" do set[word] = true end
  return set
end

local OPS = {
  lua = set_of "... .. == ~= <= >= // :: << >>",
  c = set_of "... <<= >>= -> ++ -- << >> <= >= == != && || += -= *= /= %= &= |= ^= ##",
}

-- Where a string or a character that begins at a byte ends.
local function end_of_quoted(source, at)
  local quote, i = source:sub(at, at), at + 1
  while true do
    local c = source:sub(i, i)
    if c == quote then return i end
    if c == "" or c == "\n" then error("a string does not end: byte " .. at) end
    i = i + (c == "\\" and 2 or 1)
  end
end

local function end_of_long(source, at)
  local equals = source:match("^%[(=*)%[", at)
  if not equals then return nil end
  local _, stop = source:find("]" .. equals .. "]", at, true)
  return stop or error("a long bracket does not end: byte " .. at)
end

local function end_of_number(source, at)
  local exponent = source:find("^0[xX]", at) and "[pP]" or "[eE]"
  local i = at
  while true do
    if source:find("^" .. exponent .. "[+-]", i) then
      i = i + 2
    elseif source:find("^[%w_.]", i) then
      i = i + 1
    else
      return i - 1
    end
  end
end

local function operator_at(source, at, known)
  for size = 3, 2, -1 do
    local text = source:sub(at, at + size - 1)
    if #text == size and known[text] then return text end
  end
  return source:sub(at, at)
end

-- What both languages have: names, numbers, operators, strings.
local function next_token(source, at, language)
  local kind, stop
  if source:find("^[%a_]", at) then
    kind, stop = "name", select(2, source:find("^[%w_]+", at))
  elseif source:find("^%.?%d", at) then
    kind, stop = "number", end_of_number(source, at)
  elseif source:find("^[\"']", at) then
    kind = language == "c" and source:sub(at, at) == "'" and "char" or "string"
    stop = end_of_quoted(source, at)
  else
    kind, stop = "op", at + #operator_at(source, at, OPS[language]) - 1
  end
  return { kind = kind, text = source:sub(at, stop), at = at, stop = stop }
end

--- @treturn table a list of tokens
function lex.lua(source)
  local tokens, at = {}, (source:find "^#" and source:find("\n", 1, true)) or 1
  while true do
    at = source:find("%S", at)
    if not at then return tokens end
    if source:find("^%-%-", at) then
      local stop = end_of_long(source, at + 2) or (source:find("\n", at, true) or #source)
      at = stop + 1
    else
      local long = end_of_long(source, at)
      local token = long and { kind = "string", text = source:sub(at, long), at = at, stop = long } or next_token(source, at, "lua")
      tokens[#tokens + 1] = token
      at = token.stop + 1
    end
  end
end

-- The value of `#define NAME value`, when it is one literal.
local function defined(source, at, stop)
  local begin = select(2, source:find("^#%s*define%s+[%w_]+[ \t]+", at))
  if not begin or begin >= stop then return nil end
  local token = next_token(source, begin + 1, "c")
  if token.kind == "op" or token.kind == "name" or token.stop > stop then return nil end
  local rest = source:sub(token.stop + 1, stop):gsub("/%*.-%*/", ""):gsub("//.*", "")
  return not rest:find "%S" and token or nil
end

--- @treturn table a list of tokens
-- @treturn table the literals that macros stand for, as tokens
function lex.c(source)
  local tokens, defines, at = {}, {}, 1
  while true do
    at = source:find("%S", at)
    if not at then return tokens, defines end
    if source:find("^/%*", at) then
      at = select(2, source:find("*/", at + 2, true)) + 1
    elseif source:find("^//", at) then
      at = (source:find("\n", at, true) or #source) + 1
    elseif source:sub(at, at) == "#" then
      local stop = at
      repeat stop = (source:find("\n", stop, true) or #source) + 1 until stop > #source or not source:find("^\\", stop - 2)
      defines[#defines + 1] = defined(source, at, stop - 1)
      at = stop
    else
      local token = next_token(source, at, "c")
      tokens[#tokens + 1] = token
      at = token.stop + 1
    end
  end
end

return lex
