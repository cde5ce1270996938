--- A text with its escapes undone, and where each part of it stood: percent-encoding, JSON's backslashes, HTML's entities, digits of
-- other scripts. What is secret may have been written in any of them.
-- @module eko.base.redact.escapes
local char, find, floor, match, sub = string.char, string.find, math.floor, string.match, string.sub

local escapes = {}

local BLANK = " "
local BACKSLASHED = { n = BLANK, r = BLANK, t = BLANK, b = BLANK, f = BLANK, ['"'] = '"', ["'"] = "'", ["/"] = "/", ["\\"] = "\\" }
local ENTITIES = { amp = "&", lt = "<", gt = ">", quot = '"', apos = "'", nbsp = BLANK }

local function utf8_of(code)
  if code < 128 then return char(code) end
  if code < 2048 then return char(192 + floor(code / 64), 128 + code % 64) end
  if code > 65535 then return BLANK end -- no number and no address is written in such
  return char(224 + floor(code / 4096), 128 + floor(code / 64) % 64, 128 + code % 64)
end

local function entity(text, at)
  local name = match(text, "^#?[0-9A-Za-z]+;", at + 1)
  if not name then return nil end
  local last = at + #name
  if #name > 9 then return nil end
  local digits, hex = match(name, "^#([0-9]+);$"), match(name, "^#[xX]([0-9A-Fa-f]+);$")
  local code = digits and tonumber(digits, 10) or hex and tonumber(hex, 16)
  if code then return utf8_of(code), last end
  return ENTITIES[sub(name, 1, -2)], last
end

-- First byte -> function (text, at) -> what stands there, and its last byte; or nil.
local UNDO = {
  ["%"] = function(text, at)
    local hex = match(text, "^%x%x", at + 1)
    return hex and char(tonumber(hex, 16)), at + 2
  end,
  ["\\"] = function(text, at)
    local hex = match(text, "^u(%x%x%x%x)", at + 1)
    if hex then return utf8_of(tonumber(hex, 16)), at + 5 end
    return BACKSLASHED[sub(text, at + 1, at + 1)], at + 1
  end,
  ["&"] = entity,
  ["\224"] = function(text, at) -- Devanagari
    local digit = match(text, "^\165([\166-\175])", at + 1)
    return digit and char(digit:byte() - 118), at + 2
  end,
  ["\239"] = function(text, at) -- as wide as Chinese characters
    local digit = match(text, "^\188([\144-\153])", at + 1)
    return digit and char(digit:byte() - 96), at + 2
  end,
}

-- Once: an escape may stand for a part of another one. Returns nil where there is none.
local function undo(text)
  local parts, marks, from, at = {}, {}, 1, find(text, "[%%\\&\224\239]")
  local length = 0 -- of what the parts hold
  while at do
    local made, last = UNDO[sub(text, at, at)](text, at)
    if made then
      parts[#parts + 1] = sub(text, from, at - 1)
      parts[#parts + 1] = made
      length = length + at - from + #made
      marks[#marks + 1] = { made_to = length, made_from = length - #made + 1, from = at, to = last }
      from = last + 1
    end
    at = find(text, "[%%\\&\224\239]", made and from or at + 1)
  end
  if from == 1 then return nil end
  parts[#parts + 1] = sub(text, from)
  return table.concat(parts), marks
end

-- Where the byte `at` of the text without escapes stood: its first and its last byte.
local function place(marks, at)
  local low, high = 0, #marks -- the last mark that begins at or before it
  while low < high do
    local middle = floor((low + high + 1) / 2)
    if marks[middle].made_from <= at then low = middle else high = middle - 1 end
  end
  local mark = marks[low]
  if not mark then return at, at end
  if at <= mark.made_to then return mark.from, mark.to end
  local there = mark.to + at - mark.made_to
  return there, there
end

local MOST = 3 -- escapes of escapes

--- The ways in which a text can be read.
-- @tparam string text
-- @treturn {table,...} of `{ text, place }`: the text itself, and then with its escapes undone, once and again; `place(from, to)` gives
-- where that part of it stands in the first one
function escapes.views(text)
  local views = { { text = text, place = function(from, to) return from, to end } }
  for depth = 1, MOST do
    local outer = views[depth]
    local inner, marks = undo(outer.text)
    if not inner then break end
    views[depth + 1] = { text = inner, place = function(from, to)
      return outer.place((place(marks, from)), select(2, place(marks, to)))
    end }
  end
  return views
end

return escapes
