--- The envelope of an answer: what stands in it in more than one form.
-- @module eko.call.envelope
local ascii = require "eko.base.ascii"
local null = require("eko.base.json").null
local units = require "eko.base.units"

local type, tonumber = type, tonumber

local envelope = {}

local EXACT = units.EXACT

-- The digits of a number that give it back, with a point whatever the process's locale has; false for one that a double need not
-- hold exactly, NaN and the infinities.
local function digits_of(value)
  if value - value ~= 0 then return false end
  if value >= -EXACT and value <= EXACT and value % 1 == 0 then return ("%.0f"):format(value) end
  if value % 1 == 0 then return math.type and math.type(value) == "integer" and ("%d"):format(value) or false end -- luacheck: ignore
  for digits = 15, 17 do
    local text = ("%." .. digits .. "g"):format(value)
    if tonumber(text) == value then return (text:gsub("[^0-9eE+-]+", ".")) end
  end
  return false
end

--- An identifier or amount as text: digits where it came as a number.
-- @tparam any value
-- @treturn ?string|boolean nil when absent or empty, false when it is no scalar that can be one
function envelope.text(value)
  if value == nil or value == null or value == "" then return nil end
  if type(value) == "string" then return value end
  return type(value) == "number" and digits_of(value)
end

--- A member of `data`, or beside it.
-- @tparam table answer
-- @tparam string name
-- @treturn any the value in `data`
-- @treturn any the value beside it
function envelope.both(answer, name)
  local data = answer.data
  if type(data) ~= "table" then return nil, answer[name] end
  return data[name], answer[name]
end

local function scalar(value)
  return type(value) == "string" and value or type(value) == "number" and digits_of(value) or nil
end

local MOST, DEEPEST = 64, 8 -- problems, and containers in each other in one

-- Where an object in a list says which field it is about, and where its words stand. (A parameter may be called `name`, too.)
local NAMES, DOUBTFUL = { "field", "param", "parameter", "name", "key" }, { name = true, key = true }
local WORDS = { "message", "error", "description", "msg", "reason", "messages", "errors" }

local function sorted_names(value)
  local names = {}
  for name in pairs(value) do
    if type(name) == "string" and #names < MOST then names[#names + 1] = name end
  end
  table.sort(names, ascii.less)
  return names
end

local words

-- What an object says under one of the names for that, "" where it does not.
local function said_by(value, depth)
  for _, name in ipairs(WORDS) do
    local text = value[name] ~= nil and words(value[name], depth) or ""
    if text ~= "" then return text end
  end
  return ""
end

-- The words of a problem: a text, a list of words, or an object that has them, by a name for that or by names of fields.
function words(value, depth)
  local text = scalar(value)
  if text or type(value) ~= "table" or depth > DEEPEST then return text or "" end
  text = said_by(value, depth + 1)
  if text ~= "" then return text end
  local parts = {}
  for i = 1, math.min(#value, MOST) do parts[i] = words(value[i], depth + 1) end
  for _, name in ipairs(sorted_names(value)) do
    text = words(value[name], depth + 1)
    if text ~= "" then parts[#parts + 1] = name:find "%D" and name .. ": " .. text or text end
  end
  return table.concat(parts, "; ")
end

local function add(found, field, text)
  if field == "" or found.texts[field] ~= nil or found.count >= MOST then return end
  found.texts[field], found.count = text, found.count + 1
end

-- "otp: is wrong", "client_ref_id already exists", or a bare name.
local function add_sentence(found, text, index)
  local begin = text:match "^[ \t\r\n\v\f]*()"
  local field, rest = text:match("^([A-Za-z_][A-Za-z0-9_.-]*)[ \t\r\n\v\f]*[:=][ \t\r\n\v\f]*(.*)$", begin)
  field = field or text:match("^([A-Za-z_][A-Za-z0-9_.-]*)[ \t\r\n\v\f]*$", begin)
    or text:match("^([A-Za-z]+_[A-Za-z0-9_]*)%f[^A-Za-z0-9]", begin)
  add(found, field or ("[%d]"):format(index), rest or text)
end

-- The field that an object in a list names, and what it says of it.
local function named_field(item)
  local text = said_by(item, 1)
  for _, name in ipairs(NAMES) do
    if type(item[name]) == "string" and (text ~= "" or not DOUBTFUL[name]) then return item[name], text end
  end
end

-- What is said of parameters: a sentence, an object of fields, or a list of sentences, of objects of fields and of such that name
-- theirs; an object with numbers for names is a list too. `place` is that in a list, nil outside of one.
local function collect(found, value, place, depth)
  if type(value) == "string" and value ~= "" then return add_sentence(found, value, place or 1) end
  if type(value) ~= "table" or depth > DEEPEST then return end
  local field, text = nil, nil
  if place then field, text = named_field(value) end
  if field then return add(found, field, text) end
  for i = 1, math.min(#value, MOST) do collect(found, value[i], i, depth + 1) end
  for _, name in ipairs(sorted_names(value)) do
    local item = value[name]
    text = item ~= null and words(item, depth) or nil
    if not name:find "%D" then
      collect(found, item, tonumber(name), depth + 1)
    elseif text and (text ~= "" or item == "" or item == true) then
      add(found, name, text)
    end
  end
end

-- A name or a sentence whatever its spelling: letters and digits only. (How deep a value goes is bounded by its decoder.)
local function plain(text) return (ascii.lower(text):gsub("[^a-z0-9]", "")) end

-- Whether a text that `is_wanted` likes occurs in a value, in the names or the values of its members.
local function mentions(value, is_wanted)
  if type(value) == "string" then return is_wanted(plain(value)) end
  if type(value) ~= "table" then return false end
  for name, item in pairs(value) do
    if mentions(name, is_wanted) or mentions(item, is_wanted) then return true end
  end
  return false
end

local PROSE = { "message", "description", "reason", "comment" }

--- Whether what the platform says in words of its own, beside the data or in them, is about something.
-- @tparam table answer
-- @tparam function is_wanted (a sentence in lower case, letters and digits only) -> boolean
-- @treturn boolean
function envelope.says(answer, is_wanted)
  for _, name in ipairs(PROSE) do
    local inside, beside = envelope.both(answer, name)
    if mentions(inside, is_wanted) or mentions(beside, is_wanted) then return true end
  end
  return false
end

local ABOUT_PARAMETERS = { invalidparams = true, invalidparameters = true }

local function is_about_parameters(name) return type(name) == "string" and ABOUT_PARAMETERS[plain(name)] == true end

--- Whether what the platform says of parameters speaks of one, in whatever form and spelling, wherever it stands.
-- @tparam table answer
-- @tparam function is_wanted (a name or sentence in lower case, letters and digits only) -> boolean
-- @treturn boolean
function envelope.complains_of(answer, is_wanted)
  for name, item in pairs(answer) do
    if is_about_parameters(name) then
      if mentions(item, is_wanted) then return true end
    elseif type(item) == "table" and envelope.complains_of(item, is_wanted) then
      return true
    end
  end
  return false
end

--- Whether a member of one of some names stands anywhere in an answer, in whatever spelling, and is not empty. (What is said of
-- parameters names them, and is none of them.)
-- @tparam table answer
-- @tparam table names a set of names in lower case, letters and digits only
-- @treturn boolean
function envelope.holds(answer, names)
  for name, item in pairs(answer) do
    if type(name) == "string" and item ~= null and item ~= "" and names[plain(name)] then return true end
    if type(item) == "table" and not is_about_parameters(name) and envelope.holds(item, names) then return true end
  end
  return false
end

local function search(found, answer, depth)
  for name, item in pairs(answer) do
    if is_about_parameters(name) then collect(found, item, nil, 1) end
  end
  for name, item in pairs(answer) do
    if type(item) == "table" and depth < DEEPEST and not is_about_parameters(name) then search(found, item, depth + 1) end
  end
end

--- What the platform says of parameters, in whatever form it says it: an object of texts, lists or objects, a list of objects or of
-- sentences; in the envelope or in whatever it holds; under either of its names.
-- @tparam table answer
-- @treturn ?table field -> text, as it came; nil when there is nothing
function envelope.invalid_params(answer)
  local found = { texts = {}, count = 0 }
  search(found, answer, 1)
  return next(found.texts) and found.texts or nil
end

return envelope
