--- What may be shown of a value: the one place that knows.
--
-- Of an Aadhaar number the last four digits may be seen, of a mobile the last four, of every other sensitive value
-- nothing. Names are compared without regard to case, `-` and `_`.
-- @module eko.redact
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

local function replace_plain(text, value, with)
  local parts, from = {}, 1
  while true do
    local first, last = text:find(value, from, true)
    if not first then
      break
    end
    parts[#parts + 1] = text:sub(from, first - 1)
    parts[#parts + 1] = with
    from = last + 1
  end
  if from == 1 then
    return text
  end
  parts[#parts + 1] = text:sub(from)
  return table.concat(parts)
end

-- A shorter value is in every text by accident.
local SHORTEST = 3

--- The sensitive values of a call, as strings, the longest first so that none is cut up by a shorter one.
local function secrets_of(params)
  local secrets = {}
  local function collect(name, value)
    if type(value) == "table" then
      for _, item in next, value do
        collect(name, item)
      end
      return
    elseif type(value) == "number" then
      value = string.format("%.14g", value)
    end
    if type(value) == "string" and #value >= SHORTEST then
      secrets[#secrets + 1] = { name = name, value = value }
    end
  end
  for name, value in next, params or {} do
    if redact.is_sensitive(name) then
      collect(name, value)
    end
  end
  table.sort(secrets, function(a, b)
    return #a.value > #b.value
  end)
  return secrets
end

local function without_secrets(text, secrets)
  for _, secret in ipairs(secrets) do
    text = replace_plain(text, secret.value, redact.mask(secret.name, secret.value))
  end
  return text
end

local function mask_runs(text)
  text = text:gsub("%f[%d]%d%d%d%d[ -]?%d%d%d%d[ -]?(%d%d%d%d)%f[%D]", "XXXXXXXX%1")
  text = text:gsub("%f[%w]%a%a%a%a%a%d%d%d%d%a%f[%W]", HIDDEN)
  text = text:gsub("%f[%d][6-9]%d%d%d%d%d(%d%d%d%d)%f[%D]", "******%1")
  return (text:gsub("eyJ[%w_-]+%.[%w_-]+%.?[%w_-]*", HIDDEN))
end

--- A text without the sensitive values of a call, and without what looks like an Aadhaar number, a PAN, a mobile or a
-- token.
-- @tparam string text
-- @tparam[opt] table params the call's parameters
-- @treturn string
function redact.text(text, params)
  return mask_runs(without_secrets(text, secrets_of(params)))
end

local MAX_DEPTH = 64

local function prose(item, secrets)
  if type(item) == "string" then
    return mask_runs(without_secrets(item, secrets))
  elseif type(item) ~= "table" then
    return item
  end
  local result = {}
  for name, text in next, item do
    local shown = type(name) == "string" and mask_runs(without_secrets(name, secrets)) or name
    result[shown] = type(text) == "table" and HIDDEN or prose(text, secrets)
  end
  return result
end

local function copy(value, secrets, depth, is_identifier)
  local kind = type(value)
  if kind == "string" then
    value = without_secrets(value, secrets)
    return is_identifier and value or mask_runs(value)
  elseif kind ~= "table" then
    return value
  elseif depth > MAX_DEPTH then
    return HIDDEN
  end
  local result = {}
  for name, item in next, value do
    local shown
    if kind_of(name) then
      shown = redact.mask(name, item)
    elseif ABOUT_PARAMETERS[name] or (PROSE[name] and type(item) == "string") then
      shown = prose(item, secrets)
    else
      shown = copy(item, secrets, depth + 1, IDENTIFIERS[name])
    end
    result[type(name) == "string" and without_secrets(name, secrets) or name] = shown
  end
  return result
end

--- A copy of a table, deep, in which nothing sensitive is left: members with a sensitive name are masked, and the
-- sensitive values of the call wherever they are repeated.
-- @tparam table value
-- @tparam[opt] table params the call's parameters
-- @treturn table
function redact.table(value, params)
  return copy(value, secrets_of(params), 0)
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
  path = path:gsub("%?.*$", "")
  return (path:gsub("%f[%d][6-9]%d%d%d%d%d(%d%d%d%d)%f[%D]", "******%1"))
end

return redact
