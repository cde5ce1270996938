--- What a call must not tell, in the forms in which platforms and people write it, and where it stands in a text.
--
-- A secret is looked for as a whole word, not within a longer run of letters and digits: an OTP of four digits is part of many a
-- number, and the rupees of many an amount. (A number of ten digits and more only ends at a digit, a token nowhere: no chance brings them
-- about.) Case makes no difference. A long one may have any separators in it, an OTP of six digits blanks or dashes between its digits,
-- a short one none; a mobile number may have its country's code or a 0 before it; a date of birth may be turned round.
-- @module eko.base.redact.forms
local ascii = require "eko.base.ascii"
local json = require "eko.base.json"
local names = require "eko.base.redact.names"
local occurrences = require "eko.base.redact.occurrences"

local find = string.find

local forms = {}

--- What stands in the place of a secret.
forms.HIDDEN = "[redacted]"

-- A shorter value is no secret: it is in every text by accident.
local SHORTEST = 3
-- Folded to letters and digits: from how many on it is one with any separators, and with blanks and dashes; from how many on it is never
-- taken for an amount or a code, and from how many on it is found within longer words too.
local ANY_DIGITS, GROUPED_DIGITS, ANY_LETTERS, UNMISTAKABLE, ANYWHERE = 9, 6, 5, 10, 16

local AS_GIVEN, LETTERS_AND_DIGITS = {}, {}
for code = 0, 255 do
  local lower = code >= 65 and code <= 90 and code + 32 or code
  AS_GIVEN[code] = lower
  LETTERS_AND_DIGITS[code] = (lower >= 97 and lower <= 122 or code >= 48 and code <= 57) and lower
end

--- A value as the text that is looked for.
-- @tparam any value
-- @treturn ?string nil for what is neither text nor a whole number
function forms.text(value)
  if type(value) == "string" then return value end
  if type(value) ~= "number" or value % 1 ~= 0 or value <= -2 ^ 63 or value >= 2 ^ 63 then return nil end
  return ("%d"):format(value)
end

local function add(secrets, text, shown, is_mobile)
  local lower = ascii.lower(text)
  local folded = lower:gsub("[^a-z0-9]+", "")
  local is_digits = not find(folded, "[a-z]")
  local is_grouped = is_digits and #folded < ANY_DIGITS
  local wanted = {
    folded = folded, shown = shown, is_mobile = is_mobile, is_anywhere = not is_digits and #folded >= ANYWHERE,
    is_number = is_digits and #folded >= UNMISTAKABLE, is_short_number = is_digits and #folded < ANY_DIGITS,
    is_weak = is_mobile or #folded < UNMISTAKABLE and #text < UNMISTAKABLE, is_grouped = is_grouped,
  }
  local is_spread = #folded >= (is_digits and GROUPED_DIGITS or ANY_LETTERS)
  if is_spread then secrets.spread[#secrets.spread + 1] = wanted end
  if not is_spread or find(text, "[\128-\255]") or is_grouped and lower ~= folded then
    secrets.given[#secrets.given + 1] = setmetatable({ folded = lower, is_grouped = false }, { __index = wanted })
  end
end

local MONTHS = { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December" }

local ORDINALS = { ["1"] = "st", ["21"] = "st", ["31"] = "st", ["2"] = "nd", ["22"] = "nd", ["3"] = "rd", ["23"] = "rd" }

local function add_date(secrets, text)
  local year, month, day = text:match "^(%d%d%d%d)-(%d%d)-(%d%d)$"
  local name = MONTHS[tonumber(month)]
  if not name then return end
  add(secrets, text .. "T00:00:00", forms.HIDDEN)
  add(secrets, text .. "T00:00:00Z", forms.HIDDEN)
  local function put(...)
    for _, joint in ipairs { "-", "/", ".", " " } do add(secrets, table.concat({ ... }, joint), forms.HIDDEN) end
  end
  local short_day, short_month = day:gsub("^0", ""), month:gsub("^0", "")
  put(year, month, day)
  put(day, month, year)
  put(month, day, year)
  if short_day .. short_month ~= day .. month then
    put(short_day, short_month, year)
    put(short_month, short_day, year)
  end
  for _, word in ipairs { name, name:sub(1, 3) } do
    for _, number in ipairs { day, short_day, short_day .. (ORDINALS[short_day] or "th") } do
      add(secrets, number .. word .. year, forms.HIDDEN)
      add(secrets, word .. number .. year, forms.HIDDEN)
    end
  end
end

local function add_forms(secrets, kind, text, shown)
  if #text < SHORTEST then return end
  local mobile = kind == names.MOBILE and text:gsub("[^0-9]+", ""):match "[6-9]%d%d%d%d%d%d%d%d%d$"
  if mobile then return add(secrets, mobile, shown, true) end
  add(secrets, text, shown)
  add_date(secrets, text)
  local number = text:match "^0+([1-9]%d%d%d+)$" -- as a number it loses its zeros
  if number then add(secrets, number, shown) end
end

local DEEPEST = 8

-- An address goes out as a list, or as an object within a text.
local function collect(secrets, kind, masker, value, depth)
  if type(value) == "table" then
    if depth > DEEPEST then return end
    for _, item in next, value do collect(secrets, kind, masker, item, depth + 1) end
    return
  end
  local text = forms.text(value)
  if not text then return end
  add_forms(secrets, kind, text, masker(value))
  if find(text, "^[{%[]") and depth == 0 then
    local parts = json.decode(text)
    if type(parts) == "table" then collect(secrets, kind, masker, parts, 1) end
  end
end

--- Notes a secret in all its forms.
-- @tparam table secrets `{ given = {}, spread = {} }`
-- @tparam string kind of `eko.base.redact.names`
-- @tparam function masker value -> what is shown of it
-- @tparam any value text, number, or a table of such
function forms.add(secrets, kind, masker, value) collect(secrets, kind, masker, value, 0) end

-- 1100 is no OTP in 1100.50.
local function is_rupees(text, to) return find(text, "^%.%d%d?%f[^0-9]", to + 1) ~= nil end

-- Blanks and dashes of UTF-8 (U+00A0, 2009 to 2015, 202F) are such too.
local function takes(wanted, text, from, to)
  local size = #wanted.folded
  if wanted.is_short_number and is_rupees(text, to) then return false end
  if not wanted.is_grouped or to - from < size then return true end
  if to - from > 4 * size then return false end
  local whole = text:sub(from, to):gsub("\194\160", " "):gsub("\226\128[\137-\149\175]", " ")
  return not find(whole, "[^0-9 -]") and not find(whole, "[ -][ -]")
end

-- What may stand before a mobile number without a separator.
local BEFORE_MOBILE = { ["0"] = true, ["91"] = true, ["091"] = true, ["0091"] = true }

local function follows(wanted, text, from)
  if not wanted.is_mobile then return false end
  return BEFORE_MOBILE[text:sub(math.max(from - 5, 1), from - 1):match "[A-Za-z0-9]*$"] or false
end

--- Finds the secrets in a text.
-- @tparam table secrets its `base`, where there is one, has more of them
-- @tparam string text
-- @treturn {table,...} `{ from, to, wanted = { shown, is_weak } }`; `is_weak`: so short that it may be an amount or a part of a number
-- by chance
-- @treturn int where one may begin that the end of the text cut off; one more than the text has where none does
function forms.find(secrets, text)
  local spans, first = {}, #text + 1
  while secrets do
    if not secrets.by_given then
      secrets.by_given = occurrences.new(secrets.given, AS_GIVEN)
      secrets.by_spread = occurrences.new(secrets.spread, LETTERS_AND_DIGITS)
    end
    first = math.min(first, occurrences.search(secrets.by_given, text, takes, follows, spans),
      occurrences.search(secrets.by_spread, text, takes, follows, spans))
    secrets = secrets.base
  end
  return spans, first
end

return forms
