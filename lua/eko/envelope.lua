--- The envelope of an answer: what stands in it in more than one form.
-- @module eko.envelope
local null = require("eko.json").null

local type, tonumber = type, tonumber

local envelope = {}

local EXACT = 2 ^ 53

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
-- @param value
-- @treturn string|nil|false nil when absent or empty, false when it is no scalar that can be one
function envelope.text(value)
  if value == nil or value == null or value == "" then return nil end
  if type(value) == "string" then return value end
  return type(value) == "number" and digits_of(value)
end

--- A member of `data`, or beside it.
-- @tparam table answer
-- @tparam string name
-- @return the value in `data`
-- @return the value beside it
function envelope.both(answer, name)
  local data = answer.data
  if type(data) ~= "table" then return nil, answer[name] end
  return data[name], answer[name]
end

local function scalar(value)
  return type(value) == "string" and value or type(value) == "number" and digits_of(value) or nil
end

-- The words of a problem: a text, a list of texts, or an object with one.
local function words(value)
  local text = scalar(value)
  if text or type(value) ~= "table" then return text or "" end
  text = scalar(value.message or value.error or value.description or value.msg or value.reason)
  if text then return text end
  local parts = {}
  for i = 1, #value do parts[#parts + 1] = scalar(value[i]) end
  return table.concat(parts, "; ")
end

local function add(found, field, text)
  if type(field) == "string" and field ~= "" and found[field] == nil then found[field] = text end
end

-- "otp: is wrong", "client_ref_id already exists", or a bare name.
local function add_sentence(found, text, index)
  local field, rest = text:match "^%s*([%a_][%w_.-]*)%s*[:=]%s*(.*)$"
  field = field or text:match "^%s*([%a_][%w_.-]*)%s*$" or text:match "^%s*(%a+_[%w_]*)%f[%W]"
  add(found, field or ("[%d]"):format(index), rest or text)
end

local MOST = 64 -- problems

local function collect(found, value)
  if type(value) == "string" and value ~= "" then return add_sentence(found, value, 1) end
  if type(value) ~= "table" then return end
  for i = 1, math.min(#value, MOST) do
    local item = value[i]
    if type(item) == "string" then
      add_sentence(found, item, i)
    elseif type(item) == "table" then
      local field = item.field or item.param or item.parameter or item.name or item.key
      if type(field) == "string" then
        add(found, field, words(item))
      else
        for name, text in pairs(item) do add(found, name, words(text)) end
      end
    end
  end
  local count = 0
  for field, text in pairs(value) do
    count = count + 1
    if count > MOST then return end
    local shown = text ~= null and words(text)
    if shown and (shown ~= "" or text == "" or text == true) then add(found, field, shown) end
  end
end

-- A name or a sentence whatever its spelling: letters and digits only. (How deep a value goes is bounded by its decoder.)
local function plain(text) return (text:lower():gsub("[^%w]", "")) end

-- Whether a text that `is_wanted` likes occurs in a value, in the names or the values of its members.
local function mentions(value, is_wanted)
  if type(value) == "string" then return is_wanted(plain(value)) end
  if type(value) ~= "table" then return false end
  for name, item in pairs(value) do
    if mentions(name, is_wanted) or mentions(item, is_wanted) then return true end
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

--- What the platform says of parameters, in whatever form it says it: an object of texts or lists, a list of objects or of
-- sentences; beside `data` or in it; under either of its names.
-- @tparam table answer
-- @treturn ?table field -> text, as it came; nil when there is nothing
function envelope.invalid_params(answer)
  local found = {}
  for _, place in ipairs { answer, type(answer.data) == "table" and answer.data or nil } do
    collect(found, place.invalid_params)
    collect(found, place.invalid_parameters)
  end
  return next(found) and found or nil
end

return envelope
