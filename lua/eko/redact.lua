--- What may be shown of a value: the one place that knows.
--
-- Of an Aadhaar number the last four digits may be seen, of a mobile the last four, of every other sensitive value
-- nothing. Names are compared without regard to case, `-` and `_`.
-- @module eko.redact
local occurrences = require "eko.occurrences"

local redact = {}

local HIDDEN = "[redacted]"

local SECRET, AADHAAR, MOBILE = 1, 2, 3

-- By the name in lower case, without - and _.
local KINDS = {
  otp = SECRET, pan = SECRET, pannumber = SECRET, piddata = SECRET, wallettoken = SECRET, dob = SECRET,
  residenceaddress = SECRET, account = SECRET, developerkey = SECRET, accesskey = SECRET, secretkey = SECRET,
  pin = SECRET, pinno = SECRET, maskedaadhaar = SECRET,
  aadhar = AADHAAR, aadhaar = AADHAAR, aadharnumber = AADHAAR, aadhaarnumber = AADHAAR,
  customerid = MOBILE, mobile = MOBILE, recipientmobile = MOBILE, customermobile = MOBILE, initiatorid = MOBILE,
}

-- Prose of the platform, in which a value of ours may be repeated.
local PROSE = { message = true, description = true, reason = true, txstatus_desc = true, comment = true }

-- Numbers by which a call or a transaction is found again: they may look like an Aadhaar number, and must stay whole.
local IDENTIFIERS = {
  tid = true, refund_tid = true, client_ref_id = true, bank_ref_num = true, otp_ref_id = true, recipient_id = true,
  beneficiary_id = true, bank_recipient_id = true, kyc_request_id = true, application_id = true,
}

-- Here the members are named like parameters, but hold what is wrong with them.
local ABOUT_PARAMETERS = { invalid_params = true, invalid_parameters = true }

local function kind_of(name)
  return type(name) == "string" and KINDS[(name:lower():gsub("[-_]", ""))] or nil
end

local function last_four(value, cover)
  local digits = value:gsub("%D", "")
  if #digits < 10 then
    return HIDDEN
  end
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
-- @treturn function|nil value -> string; nil when they may be shown as they are
function redact.masker(name)
  local kind = kind_of(name)
  return kind and MASKERS[kind]
end

--- The value as it may be shown.
-- @tparam string name the parameter, member or header it belongs to
-- @param value
-- @return the value itself when it is not sensitive (or empty), else a string
function redact.mask(name, value)
  local masker = redact.masker(name)
  if not masker or value == nil then
    return value
  end
  return masker(value)
end

-- A shorter value is in every text by accident.
local SHORTEST = 3

local function text_of(value)
  if type(value) ~= "number" then
    return value
  end
  return string.format(value % 1 == 0 and value > -2 ^ 63 and value < 2 ^ 63 and "%d" or "%.14g", value)
end

local Secrets = {}

--- The sensitive values of a call, prepared for being looked for: for whoever has many texts to clean.
-- @tparam[opt] table params the call's parameters
-- @treturn table to be given to `redact.text` and `redact.table` in place of the parameters
function redact.secrets(params)
  if getmetatable(params) == Secrets then
    return params
  end
  local list = {}
  local function collect(masker, value)
    if type(value) == "table" then
      for _, item in next, value do
        collect(masker, item)
      end
      return
    end
    value = text_of(value)
    if type(value) == "string" and #value >= SHORTEST then
      list[#list + 1] = { text = value, shown = masker(value) }
    end
  end
  for name, value in next, params or {} do
    if redact.is_sensitive(name) then
      collect(redact.masker(name), value)
    end
  end
  return setmetatable({ found = occurrences.new(list, HIDDEN) }, Secrets)
end

local function without_secrets(text, secrets, is_cut)
  return occurrences.replace(secrets.found, text, is_cut)
end

-- The beginning of a token; what else belongs to it; all of it: two parts or three.
local TOKEN, TOKEN_BREAK, TOKEN_REST = "eyJ", "[^%w_-]", "^[%w_-]+%.[%w_-]+%.?[%w_-]*"

-- Where a run of a token's characters is none, no later beginning within that run is one either, so each run is read once.
local function mask_tokens(text)
  local parts, shown, from = {}, 1, 1
  while true do
    local first, last = text:find(TOKEN, from, true)
    if not first then
      break
    end
    local _, token_end = text:find(TOKEN_REST, last + 1)
    if token_end then
      parts[#parts + 1] = text:sub(shown, first - 1)
      parts[#parts + 1] = HIDDEN
      shown, from = token_end + 1, token_end + 1
    else
      from = text:find(TOKEN_BREAK, last + 1) or #text + 1
    end
  end
  if shown == 1 then
    return text
  end
  parts[#parts + 1] = text:sub(shown)
  return table.concat(parts)
end

local MOBILES = "%f[%d][6-9]%d%d%d%d%d(%d%d%d%d)%f[%D]"

local function mask_runs(text)
  if text:find "%d%d%d%d" then
    text = text:gsub("%f[%d]%d%d%d%d[ -]?%d%d%d%d[ -]?(%d%d%d%d)%f[%D]", "XXXXXXXX%1")
    text = text:gsub("%f[%w]%a%a%a%a%a%d%d%d%d%a%f[%W]", HIDDEN)
    text = text:gsub(MOBILES, "******%1")
  end
  return mask_tokens(text)
end

-- An Aadhaar number with its separators; a PAN and a mobile are shorter.
local LONGEST_RUN = 14

-- The end of a text that was cut may be the beginning of what could not be recognised any more: it goes.
local function without_begun(text)
  local run = select(2, text:reverse():find "^[%w_.-]*")
  local token = text:find(TOKEN, #text - run + 1, true)
  if token then
    return text:sub(1, token - 1)
  end
  local tail = select(2, text:sub(-LONGEST_RUN):reverse():find "^[%w -]*")
  text = text:sub(1, #text - tail)
  return text:sub(1, -5) .. text:sub(-4):gsub("[\192-\255][\128-\191]*$", "")
end

--- How many bytes of a failing answer are examined at all. A longer one counts as unreadable: what it says decides nothing.
redact.BODY_LIMIT = 65536

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
    text = text:sub(1, limit)
  end
  text = mask_runs(without_secrets(text, redact.secrets(params), is_cut))
  return is_cut and without_begun(text) .. "..." or text
end

local MAX_DEPTH = 64

-- What is beyond the limit is not looked at. A text costs its bytes, anything else one.
local function spend(job, value)
  job.left = job.left - (type(value) == "string" and #value or 1)
  return job.left >= 0
end

local function clean(job, text, is_identifier)
  if not spend(job, text) then
    return HIDDEN
  end
  text = without_secrets(text, job.secrets)
  return is_identifier and text or mask_runs(text)
end

local function prose(job, item)
  if type(item) == "string" then
    return clean(job, item)
  elseif type(item) ~= "table" then
    return item
  end
  local result = {}
  for name, text in next, item do
    if not spend(job, name) then
      break
    end
    local shown = type(name) == "string" and mask_runs(without_secrets(name, job.secrets)) or name
    result[shown] = type(text) == "table" and HIDDEN or prose(job, text)
  end
  return result
end

local function copy(job, value, depth, is_identifier)
  local kind = type(value)
  if kind == "string" then
    return clean(job, value, is_identifier)
  elseif kind ~= "table" then
    return value
  elseif depth > MAX_DEPTH then
    return HIDDEN
  end
  local result = {}
  for name, item in next, value do
    if not spend(job, name) then
      break
    end
    local shown
    if kind_of(name) then
      shown = spend(job, item) and redact.mask(name, item) or HIDDEN
    elseif ABOUT_PARAMETERS[name] or (PROSE[name] and type(item) == "string") then
      shown = prose(job, item)
    else
      shown = copy(job, item, depth + 1, IDENTIFIERS[name])
    end
    result[type(name) == "string" and without_secrets(name, job.secrets) or name] = shown
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
  return copy({ secrets = redact.secrets(params), left = limit or redact.BODY_LIMIT }, value, 0)
end

--- A mobile number, known to be ten digits, as it may be shown.
-- @tparam string mobile
-- @treturn string
function redact.mobile(mobile)
  return "******" .. mobile:sub(7)
end

--- A request path as it may be logged: mobiles masked, the query left out.
-- @tparam string path
-- @treturn string
function redact.path(path)
  local query = path:find("?", 1, true)
  return ((query and path:sub(1, query - 1) or path):gsub(MOBILES, "******%1"))
end

return redact
