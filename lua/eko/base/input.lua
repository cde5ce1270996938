--- Text as people and programs hand it over: what came along without being meant is taken off, or the cause is named. Whatever reads
-- a file, a line, a request's body or the environment takes it through here.
-- @module eko.base.input
local ascii = require "eko.base.ascii"
local trim = require("eko.core").text.trim

local input = {}

local MARK = "\239\187\191" -- U+FEFF in UTF-8

--- A text without the byte-order mark in front of it, nothing else changed.
-- @tparam string text
-- @treturn[1] string
-- @treturn[2] nil
-- @treturn[2] string what it is instead of text in UTF-8, and what to do
function input.text(text)
  local first, head = 1, text:sub(1, 2)
  while text:sub(first, first + 2) == MARK do first = first + 3 end
  if head == "\255\254" or head == "\254\255" then
    return nil, "it is UTF-16, as its byte-order mark says: save it as UTF-8"
  elseif text:find("\0", 1, true) then
    return nil, "it holds NUL bytes, as UTF-16 and files that are no text do: save it as UTF-8"
  end
  return text:sub(first)
end

--- A text without blanks around it: NBSP, U+200B and their like are blanks too.
-- @tparam string text
-- @treturn string
input.trim = trim

--- The lines of a text, whatever ends them, and whether or not the last one is ended.
-- @tparam string text
-- @treturn function iterator
function input.lines(text)
  return (text:gsub("\r\n?", "\n") .. "\n"):gmatch "([^\n]*)\n"
end

-- Quotation marks, and which of them end what they begin: word processors put them in pairs of every kind.
local QUOTES = {
  ['"'] = '"', ["'"] = "'", ["`"] = "'", ["\194\171"] = '"', ["\194\187"] = '"', ["\226\128\185"] = "'", ["\226\128\186"] = "'",
}
for last = 152, 155 do QUOTES[string.char(226, 128, last)] = "'" end -- U+2018 to U+201B
for last = 156, 159 do QUOTES[string.char(226, 128, last)] = '"' end -- U+201C to U+201F

-- The class and the length of the quotation mark that stands at a place of a text.
local function quote_at(text, at)
  for size = 1, 3 do
    local class = QUOTES[text:sub(at, at + size - 1)]
    if class then return class, size end
  end
end

-- (What a cut character leaves in front is none.)
local function ends_blank(text) return #trim("x" .. text) <= #text end

local function without_comment(text)
  local at = text:find("#", 1, true)
  while at and at > 1 and not ends_blank(text:sub(math.max(1, at - 4), at - 1)) do at = text:find("#", at + 1, true) end
  if at then return trim(text:sub(1, at - 1)), "a comment" end
  return text
end

-- A value without the quotes around it or, where it has none, without the comment behind it; nil and why not. The second value says
-- what was taken off.
local function unquoted(text)
  local opening, size = quote_at(text, 1)
  if not opening then return without_comment(text) end
  local first = size + 1
  for at = first, #text do
    local class, length = quote_at(text, at)
    if class == opening then
      local rest = trim(text:sub(at + length))
      if rest ~= "" and not rest:find "^#" then return nil, "something stands behind the quotes" end
      return trim(text:sub(first, at - 1)), rest == "" and "quotes" or "quotes and a comment"
    end
  end
  return nil, "it begins with a quote that does not end"
end

local function plain(name) return (ascii.lower(name):gsub("^eko_", "")) end

--- Takes `name = value` apart, with or without `export` in front.
-- @tparam string line
-- @treturn[1] string name
-- @treturn[1] string value, as it stands there
-- @treturn[2] nil where it is none
function input.assignment(line)
  local name, value = line:match "^([^=]*)=(.*)$"
  name = name and trim((trim(name):gsub("^export([^A-Za-z0-9_])", "%1")))
  if name and name:find "^[A-Za-z0-9_]+$" then return name, value end
end

-- A value without its own name in front of it, as in `KEY=KEY=value`.
local function unnamed(text, name)
  local given, value = input.assignment(text)
  return given and plain(given) == plain(name) and trim(value) or nil
end

local MOST_LAYERS = 3

--- The value of a setting, read as files of settings (.env) are read: blanks around it, quotes around it, a ` # comment` behind what
-- has no quotes, and its own name in front of it are taken off.
-- @tparam string text
-- @tparam string name of the setting
-- @treturn[1] string the value; "" where nothing is left
-- @treturn[1] {string,...} what was taken off, in words
-- @treturn[2] nil
-- @treturn[2] string what is wrong; nothing of the value stands in it
function input.setting(text, name)
  local value, taken = trim(text), {}
  if value ~= text then taken[1] = "blanks" end
  for _ = 1, MOST_LAYERS do
    local own = unnamed(value, name)
    if own then value, taken[#taken + 1] = own, "its own name" end
    local inside, what = unquoted(value)
    if not inside then return nil, what end
    if not own and not what then break end
    value, taken[#taken + 1] = inside, what
  end
  return value, taken
end

--- What keeps a text from being a key of the platform (it is text, and calls are signed with it as it stands).
-- @tparam any value
-- @treturn ?string what a key is and what to do, or nil where it may be one; nothing of the value stands in it
function input.key_problem(value)
  if type(value) ~= "string" or value == "" then return "a string: the key as the vendor gave it" end
  local wrong
  if value:find "[ \t\r\n\v\f]" or trim(value) ~= value then
    wrong = "blanks or line breaks"
  elseif value:find "[^\33-\126]" then
    wrong = "characters that no key has (quotes of a word processor, invisible ones)"
  elseif value:find "^[\"'`]" or value:find "[\"'`]$" then
    wrong = "quotes around it"
  elseif value:find "[,;]$" then
    wrong = "a comma or semicolon behind it"
  elseif value:find "^[A-Za-z_][A-Za-z0-9_]*=[^=]" or value:find "^[A-Za-z0-9_-]*[Kk][Ee][Yy][:=][^=]" then
    wrong = "a name and = in front of it"
  elseif value:find "^<.*>$" or value:find "^%$[A-Za-z_{(]" or value:find "^%%[A-Za-z0-9_]+%%$" then
    wrong = "the sign of something that was to be filled in"
  end
  return wrong and ("the key alone, as the vendor gave it; this has %s: take that off (a file of settings and the environment of "
    .. "`eko` are read without it)"):format(wrong)
end

return input
