--- What may be shown of a value: the one place that knows.
--
-- Of an Aadhaar number the last four digits may be seen, of a mobile the last four, of every other sensitive value nothing.
--
-- * A member, parameter or header with a sensitive name is masked (`eko.base.redact.names`).
-- * One named as an identifier, an amount, a code or a time stays as it is, also where it holds the digits of an OTP; what cannot be
--   there by chance goes.
-- * Any other text (messages, pages, names of members, values under names that say nothing) is shown without the call's secrets, whole
--   words in all their forms (`eko.base.redact.forms`), and without what looks like an Aadhaar number, a PAN, a mobile or a token
--   (`eko.base.redact.lookalikes`), unless that is an identifier of this call or its answer.
-- @module eko.base.redact
local escapes = require "eko.base.redact.escapes"
local forms = require "eko.base.redact.forms"
local lookalikes = require "eko.base.redact.lookalikes"
local names = require "eko.base.redact.names"

local find, sub = string.find, string.sub
local HIDDEN, kind_of = forms.HIDDEN, names.kind
local SECRET, AADHAAR, MOBILE, IDENTIFIER, FIGURE, STATUS, PROBLEMS =
  names.SECRET, names.AADHAAR, names.MOBILE, names.IDENTIFIER, names.FIGURE, names.STATUS, names.PROBLEMS

local redact = {}

-- ---- members by name ----

local function last_four(value, cover)
  local digits = value:gsub("[^0-9]+", "")
  if #digits < 10 then return HIDDEN end
  return cover .. digits:sub(-4)
end

--- Whether a parameter of this name must never be shown as it is. Mobiles are not counted: they are masked.
-- @tparam string name
-- @treturn boolean
function redact.is_sensitive(name)
  local kind = kind_of(name)
  return kind == SECRET or kind == AADHAAR
end

local function hide(value)
  return value == "" and value or HIDDEN
end

local function masker_of(cover)
  return function(value)
    if value == "" then
      return value
    elseif type(value) == "number" then
      value = string.format("%.0f", value)
    elseif type(value) ~= "string" then
      return HIDDEN
    end
    return last_four(value, cover)
  end
end

local MASKERS = { [SECRET] = hide, [AADHAAR] = masker_of "XXXXXXXX", [MOBILE] = masker_of "******" }

--- How the values of a parameter are shown.
-- @tparam string name the parameter, member or header
-- @treturn ?function value -> string; nil when they may be shown as they are
function redact.masker(name)
  return MASKERS[kind_of(name)]
end

--- The value as it may be shown.
-- @tparam string name the parameter, member or header it belongs to
-- @tparam any value
-- @treturn any the value itself when it is not sensitive (or empty), else a string
function redact.mask(name, value)
  local masker = redact.masker(name)
  if not masker or value == nil then return value end
  return masker(value)
end

-- ---- what a call and its answer hold ----

local Secrets = {}

local MAX_DEPTH = 64

--- How many bytes of a failing answer are examined at all. A longer one counts as unreadable: what it says decides nothing.
redact.BODY_LIMIT = 65536

--- How many bytes of somebody else's own words are quoted in a sentence.
redact.QUOTE_LIMIT = 200

-- What is beyond the limit is not looked at. A text costs its bytes, anything else one.
local function spend(job, value)
  job.left = job.left - (type(value) == "string" and #value or 1)
  return job.left >= 0
end

-- By its last part too: client_ref_id:REFERENCE.
local function note_identifier(self, value)
  local text = forms.text(value)
  if not text or #text < 3 then return end
  self.identifiers[text] = true
  local own = text:match "^client_ref_id:(.+)$"
  if own then self.identifiers[own] = true end
end

-- A word of the answer ("required", "OTP") may stand under such a name too.
local function is_number_of_somebody(value)
  local text = forms.text(value)
  return text ~= nil and #text > 3 and find(text, "[0-9]") ~= nil
end

local function note_answer(self, job, value, depth)
  for name, item in next, value do
    if not spend(job, name) then return end
    local kind = kind_of(name)
    if kind == IDENTIFIER then
      if spend(job, item) then note_identifier(self, item) end
    elseif MASKERS[kind] then
      if spend(job, item) and is_number_of_somebody(item) then forms.add(self, kind, MASKERS[kind], item) end
    elseif kind ~= PROBLEMS and type(item) == "table" and depth < MAX_DEPTH then
      note_answer(self, job, item, depth + 1)
    end
  end
end

--- The sensitive values of a call, prepared for being looked for, and the identifiers that must stay whole: for whoever has many
-- texts to clean.
-- @tparam[opt] table params the call's parameters by name, all of them, and what signs it; or what this function made of them
-- @tparam[opt] table answer decoded: its identifiers are kept too, and what it holds under sensitive names is hidden in its texts
-- @tparam[opt] userdata signer of `core.signer`, which has the access key
-- @treturn table to be given to `redact.text` and `redact.table` in place of the parameters
function redact.secrets(params, answer, signer)
  local base = params
  if getmetatable(params) ~= Secrets then
    base = setmetatable({ signer = signer, identifiers = {}, given = {}, spread = {} }, Secrets) -- see eko.base.redact.forms
    for name, value in next, params or {} do
      local kind = kind_of(name)
      if kind == IDENTIFIER then
        note_identifier(base, value)
      elseif MASKERS[kind] then
        forms.add(base, kind, MASKERS[kind], value)
      end
    end
  end
  if type(answer) ~= "table" or base.answer == answer then return base end
  base = base.base or base
  local self = setmetatable({ base = base, answer = answer, signer = base.signer, given = {}, spread = {} }, Secrets)
  self.identifiers = setmetatable({}, { __index = base.identifiers })
  note_answer(self, { left = redact.BODY_LIMIT }, answer, 0)
  return self
end

local SHORTEST_KEY = 8 -- a key, or a header's value, that is shorter may stand in any text

--- The same of a call that was made: what its draft holds, the keys that signed it, the headers that the user added.
-- @tparam ?table sent `draft`, `caller` (of `eko.call`), `timestamp` (ms) and `headers` of the attempt, as far as they are there
-- @tparam[opt] table answer decoded
-- @treturn table
function redact.sent(sent, answer)
  local params = sent and sent.draft and sent.draft:secrets()
  local caller = params and sent.caller
  if not caller then return redact.secrets(params, answer) end
  local signing, keys = caller.signing, {}
  for _, value in next, sent.headers or caller.headers or keys do
    if #value >= SHORTEST_KEY then keys[#keys + 1] = value end
  end
  keys[#keys + 1] = signing.developer_key
  params.developer_key, params.secret_key = keys, sent.timestamp and signing.signer:sign(sent.timestamp)
  return redact.secrets(params, answer, signing.signer)
end

-- ---- texts ----

-- The words that a part of a text may belong to: letters and digits, then with what joins them within identifiers.
local WORDS = {
  { "[A-Za-z0-9]*$", "^[A-Za-z0-9]*" }, { "[A-Za-z0-9_-]*$", "^[A-Za-z0-9_-]*" },
  { "[A-Za-z0-9_.:/~@+=|-]*$", "^[A-Za-z0-9_.:/~@+=|-]*" },
}
local LONGEST_WORD = 64 -- bytes to each side

-- Whether a part of a text belongs to an identifier of the call or the answer; or is one, or holds one.
local function is_identified(identifiers, text, from, to, only_longer)
  local part = sub(text, from, to)
  if not only_longer then
    if identifiers[(part:gsub("[^0-9]+", ""))] then return true end
    for word in part:gmatch "[A-Za-z0-9]+" do
      if identifiers[word] then return true end
    end
  end
  local before, behind = sub(text, math.max(from - LONGEST_WORD, 1), from - 1), sub(text, to + 1, to + LONGEST_WORD)
  for _, word in ipairs(WORDS) do
    local whole = before:reverse():match(word[2]):reverse() .. part .. behind:match(word[2])
    local bare = whole:gsub("^[.:/|=]+", ""):gsub("[.:/|=]+$", "")
    if (identifiers[whole] or identifiers[bare]) and not (only_longer and bare == part) then return true end
  end
  return false
end

-- Adds what must not be shown of one way to read a text.
local function note_spans(self, view, spans, only_unmistakable)
  local text, identifiers = view.text, self.identifiers
  -- A secret of the call that stands by itself is hidden, whatever identifier is equal to it: that one has its own member.
  local function note(from, to, shown, is_weak, is_given)
    if is_weak and #text > to - from + 1 and is_identified(identifiers, text, from, to, is_given) then return end
    local first, last = view.place(from, to)
    spans[#spans + 1] = { from = first, to = last, shown = shown }
  end
  local found, begun = forms.find(self, text)
  for _, span in ipairs(found) do
    local wanted = span.wanted
    if not (only_unmistakable and wanted.is_weak) then note(span.from, span.to, wanted.shown, wanted.is_weak, true) end
  end
  local first, last
  if self.signer then first, last = self.signer:find(text) end
  while first and last - first >= SHORTEST_KEY do
    note(first, last, HIDDEN)
    first, last = self.signer:find(text, last + 1)
  end
  if not only_unmistakable then
    lookalikes.find(text, function(from, to, shown) note(from, to, shown or HIDDEN, true) end)
  end
  return begun <= #text and view.place(begun, begun) or math.huge
end

-- Where two of them overlap nothing of either is seen, unless both show the same digits.
local function write(text, spans, last)
  table.sort(spans, function(a, b) return a.from < b.from or a.from == b.from and a.to > b.to end)
  local parts, from, open = {}, 1, nil
  for _, span in ipairs(spans) do
    if open and span.from <= open.to then
      if sub(span.shown, -4) ~= sub(open.shown, -4) then open.shown = HIDDEN end
      open.to = math.max(open.to, span.to)
    elseif span.from <= last then
      if open then
        parts[#parts + 1] = open.shown
        from = open.to + 1
      end
      parts[#parts + 1] = sub(text, from, span.from - 1)
      open = span
    end
  end
  if open then
    parts[#parts + 1] = open.shown
    from = open.to + 1
  end
  parts[#parts + 1] = sub(text, from, last)
  return table.concat(parts)
end

local function clean(self, text, is_cut, only_unmistakable)
  local spans, last = {}, #text
  for _, view in ipairs(escapes.views(text)) do
    local begun = note_spans(self, view, spans, only_unmistakable)
    if is_cut then last = math.min(last, begun - 1) end
  end
  if is_cut then last = math.max(math.min(last, #text - lookalikes.begun(text)), 0) end
  if #spans == 0 and last == #text then return text end
  text = write(text, spans, last)
  return is_cut and sub(text, 1, -5) .. sub(text, -4):gsub("[\192-\255][\128-\191]*$", "") or text
end

--- A text without the sensitive values of a call, and without what looks like an Aadhaar number, a PAN, a mobile or a
-- token.
-- @tparam string text
-- @tparam[opt] table params the call's parameters, or `redact.secrets` of them
-- @tparam[opt] int limit how many bytes are examined (`redact.BODY_LIMIT`); of a longer text the beginning is given, and "..."
-- @treturn string
function redact.text(text, params, limit)
  limit = limit or redact.BODY_LIMIT
  local is_cut = #text > limit
  if is_cut then
    text = sub(text, 1, limit)
  end
  text = clean(redact.secrets(params), text, is_cut)
  return is_cut and text .. "..." or text
end

-- ---- tables ----

local function prose(job, text)
  if not spend(job, text) then return HIDDEN end
  return clean(job.secrets, text)
end

local LONGEST_IDENTIFIER, LONGEST_FIGURE, LONGEST_STATUS = 1024, 40, 5

-- "Rs. 1 100.00", "2026-11-27 10:20:30": an amount or a time may have blanks in it.
local FIGURE_FORM = "^[A-Za-z]?[A-Za-z]?[A-Za-z]?[., ]*[0-9+-][0-9A-Za-z:.,/+ -]*$"

local function is_plain(kind, text)
  if kind == STATUS then return #text <= LONGEST_STATUS end
  if kind == IDENTIFIER or not find(text, "[ \t\r\n]") then return #text <= LONGEST_IDENTIFIER and not find(text, "[ \t\r\n]") end
  return #text <= LONGEST_FIGURE and find(text, FIGURE_FORM) ~= nil
end

local function named(job, kind, value)
  if type(value) ~= "string" or not is_plain(kind, value) then return nil end
  return spend(job, value) and clean(job.secrets, value, false, true) or HIDDEN
end

local function number(job, value)
  local text = forms.text(value)
  local shown = text and clean(job.secrets, text)
  return shown ~= text and shown or value
end

local copy

-- Among what is wrong with parameters a sensitive name has a sentence about the value, or a list of them.
local function copy_member(job, name, item, depth, is_problem)
  local kind = kind_of(name)
  if MASKERS[kind] and not (is_problem and (type(item) == "string" or type(item) == "table")) then
    return spend(job, item) and redact.mask(name, item) or HIDDEN
  elseif kind == IDENTIFIER or kind == FIGURE or kind == STATUS then
    if type(item) == "number" and is_plain(kind, forms.text(item) or "") then return item end
    return named(job, kind, item) or copy(job, item, depth)
  end
  return copy(job, item, depth, kind == PROBLEMS)
end

function copy(job, value, depth, are_problems)
  local kind = type(value)
  if kind == "string" then
    return prose(job, value)
  elseif kind == "number" then
    return number(job, value)
  elseif kind ~= "table" then
    return value
  elseif depth > MAX_DEPTH then
    return HIDDEN
  end
  local result = {}
  for name, item in next, value do
    if not spend(job, name) then break end
    local shown = copy_member(job, name, item, depth + 1, are_problems)
    if type(name) == "string" then name = clean(job.secrets, name) end
    result[name] = shown
  end
  return result
end

--- A copy of a table, deep, in which nothing sensitive is left: members with a sensitive name are masked, and the
-- sensitive values of the call wherever they are repeated.
-- @tparam table value
-- @tparam[opt] table params the call's parameters, or `redact.secrets` of them
-- @tparam[opt] int limit how many bytes of names and texts are examined (`redact.BODY_LIMIT`, which holds whatever a body of that
-- length can); what is beyond is hidden or left out
-- @treturn table
function redact.table(value, params, limit)
  return copy({ secrets = redact.secrets(params, value), left = limit or redact.BODY_LIMIT }, value, 0)
end

--- A mobile number, known to be ten digits, as it may be shown.
-- @tparam string mobile
-- @treturn string
function redact.mobile(mobile)
  return "******" .. mobile:sub(7)
end

local MOBILES = "%f[0-9][6-9]" .. ("%d"):rep(9) .. "%f[^0-9]"

--- A request path as it may be logged: mobiles masked, the query left out.
-- @tparam string path
-- @tparam[opt] string identifier of a transaction that stands in it, and stays whole
-- @treturn string
function redact.path(path, identifier)
  local query = find(path, "?", 1, true)
  return ((query and sub(path, 1, query - 1) or path):gsub(MOBILES, function(digits)
    return not (identifier and find(identifier, digits, 1, true)) and redact.mobile(digits) or nil
  end))
end

return redact
