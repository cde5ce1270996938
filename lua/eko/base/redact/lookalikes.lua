--- What looks like an Aadhaar number, a PAN, a mobile number or a token, whoever's it is.
-- @module eko.base.redact.lookalikes
local find, sub = string.find, string.sub

local lookalikes = {}

-- The beginning of a JSON web token; what else belongs to it; all of it: two parts or three.
local TOKEN, TOKEN_BREAK, TOKEN_REST = "eyJ", "[^A-Za-z0-9_-]", "^[A-Za-z0-9_-]+%.[A-Za-z0-9_-]+%.?[A-Za-z0-9_-]*"

-- Where a run of a token's characters is none, no later beginning within that run is one either, so each run is read once.
local function find_tokens(text, add)
  local from = 1
  while true do
    local first, last = find(text, TOKEN, from, true)
    if not first then return end
    local _, token_end = find(text, TOKEN_REST, last + 1)
    if token_end then
      add(first, token_end)
      from = token_end + 1
    else
      from = find(text, TOKEN_BREAK, last + 1) or #text + 1
    end
  end
end

local LETTER, DIGIT, JOINT = "[A-Za-z]", "[0-9]", "[ .-]?"
local PAN = "%f[A-Za-z0-9]" .. LETTER:rep(5) .. JOINT .. DIGIT:rep(4) .. JOINT .. LETTER .. "%f[^A-Za-z0-9]"

local function find_pans(text, add)
  local first, last = find(text, PAN)
  while first do
    -- "limit 5000 a day" is none.
    if not (find(sub(text, first, last), " ", 1, true) and find(sub(text, first, last), "[a-z]")) then add(first, last) end
    first, last = find(text, PAN, last + 1)
  end
end

-- Between two groups of digits that may be one number: also as UTF-8 has blanks and dashes (U+00A0, 2007, 2009 to 2013, 202F).
local JOINTS = {}
for _, joint in ipairs {
  " ", "-", ".", "_", "\t", "  ", " - ", "- ", " -", "\194\160", "\226\128\135", "\226\128\137", "\226\128\138", "\226\128\139",
  "\226\128\144", "\226\128\145", "\226\128\146", "\226\128\147", "\226\128\175",
} do
  JOINTS[joint] = true
end

local AADHAAR, MOBILE = 12, 10

local MOBILE_GROUPS = { ["10"] = true, ["5 5"] = true, ["3 3 4"] = true, ["3 4 3"] = true, ["4 3 3"] = true }

local function is_ip_address(text)
  local a, b, c, d = text:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$"
  return a and math.max(tonumber(a), tonumber(b), tonumber(c), tonumber(d)) < 256
end

local function is_amount(text) return find(text, "^%d+%.%d%d?$") ~= nil end

-- Whether groups that have ten digits (or eleven with a 0 before them) are a mobile number: in the groups in which people write one.
local function is_mobile(text)
  local digits = text:gsub("[^0-9]+", "")
  if find(text, "[._]") or not find(digits, #digits == MOBILE and "^[6-9]" or "^0[6-9]") then return false end
  local sizes = {}
  for group in text:gsub("^0", #digits == MOBILE and "0" or ""):gmatch "%d+" do sizes[#sizes + 1] = #group end
  return MOBILE_GROUPS[table.concat(sizes, " ")] ~= nil
end

-- Twelve digits are one in any groups, but for a number of transaction and a small one beside it.
local function is_aadhaar(text)
  local is_one = not find(text, "[^0-9]")
  return is_one or not (is_ip_address(text) or is_amount(text) or find(text, ("[0-9]"):rep(9)))
end

local function judge(text, count)
  if count == AADHAAR then return is_aadhaar(text) and "XXXXXXXX" end
  return is_mobile(text) and "******"
end

-- Within a longer word, as SBIN423412341234, or among more that dashes or dots join to it, as 1234-5678-9012-3456.
local function is_part_of_more(text, from, to)
  if not find(sub(text, from, to), "[^0-9]") then
    return find(text, "^[A-Za-z]", from > 1 and from - 1 or 1) ~= nil or find(text, "^[A-Za-z]", to + 1) ~= nil
  end
  return from > 2 and find(text, "^[0-9][._-]", from - 2) ~= nil or find(text, "^[._-][0-9]", to + 1) ~= nil
end

-- The numbers of neighbouring groups, from the group `first` on, that end with the last one: each that has as many digits as one may.
local function find_number(text, groups, first, count, add)
  local last = #groups
  while count > AADHAAR do
    count, first = count - groups[first].size, first + 1
  end
  local left, at = count, first
  while left >= MOBILE and at <= last do
    local from, to = groups[at].from, groups[last].to
    local cover = left <= AADHAAR and not is_part_of_more(text, from, to) and judge(sub(text, from, to), left)
    if cover then add(from, to, cover .. sub(text, from, to):gsub("[^0-9]+", ""):sub(-4)) end
    left, at = left - groups[at].size, at + 1
  end
  return first, count
end

local function find_numbers(text, add)
  local groups, first, count, before = {}, 1, 0, nil
  local from, to = find(text, "[0-9]+")
  while from do
    if not (before and from - before < 5 and JOINTS[sub(text, before + 1, from - 1)]) then
      groups, first, count = {}, 1, 0
    end
    groups[#groups + 1] = { from = from, to = to, size = to - from + 1 }
    first, count = find_number(text, groups, first, count + to - from + 1, add)
    before = to
    from, to = find(text, "[0-9]+", to + 1)
  end
end

--- Finds them.
-- @tparam string text
-- @tparam function add `(from, to, shown)`; without `shown` nothing of it may be seen
function lookalikes.find(text, add)
  if find(text, "[0-9]") then
    find_numbers(text, add)
    find_pans(text, add)
  end
  find_tokens(text, add)
end

-- Twelve digits, each with a separator of three bytes; a PAN with its own.
local LONGEST_NUMBER, LONGEST_PAN = 48, 13

--- How many bytes of the end of a text may be the beginning of what could not be recognised any more because the text was cut there.
-- @tparam string text
-- @treturn int
function lookalikes.begun(text)
  local reversed = text:reverse()
  local run = select(2, find(reversed, "^[A-Za-z0-9_.-]*"))
  local token = find(text, TOKEN, #text - run + 1, true)
  local number = select(2, find(sub(reversed, 1, LONGEST_NUMBER), "^[0-9 ._\t%%\\&#;\128-\255-]*"))
  local pan = select(2, find(sub(reversed, 1, LONGEST_PAN), "^[A-Za-z0-9 .-]*"))
  return math.max(number, pan, token and #text - token + 1 or 0)
end

return lookalikes
