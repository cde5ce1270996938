--- The options of a platform: their names, defaults and allowed values.
--
-- @module eko.emulator.options
local ascii = require "eko.emulator.ascii"
local options = {}

local function flag(default) return { type = "boolean", default = default } end
local function count(default) return { type = "number", default = default } end
local function choice(default, ...) return { type = "string", default = default, choices = { default, ... } } end

-- Where the public sources contradict each other the default follows the published sample of each endpoint, and a
-- knob gives the other reading. Lifetimes and attempt counts are assumptions: the platform publishes none.
local SCHEMA = {
  developer_key = { type = "string" },
  access_key = { type = "string" },
  clock = { type = "function" },                   -- () -> milliseconds since 1970
  sleep = { type = "function" },                   -- (seconds): how a delay is spent when mounted in process
  on_sms = { type = "function" },                  -- (mobile, message): called for each SMS
  seed = { type = "number" },
  base_path = { type = "string", default = "/ekoapi/v3" },
  endpoints = { type = "table" },                  -- answered from what is documented of them, see `eko.emulator.documented`
  agents = { type = "table" },                     -- list of what `platform:add_agent` takes
  customers = { type = "table" },                  -- mobile -> what `platform:enrol` takes
  auth = choice("2026-10", "legacy"),              -- legacy: 403 and plain text
  replay = flag(true),                             -- refuse a timestamp that was used before
  skew = count(120),                               -- seconds that a timestamp may be off
  envelope = choice("docs", "live"),               -- live: 2129 and 2133 come with status 0
  strict = flag(false),                            -- documented parameters: all required ones, none unknown
  strict_token = flag(false),                      -- a wallet_token that was issued is asked for from then on
  legacy_paths = flag(false),
  aadhaar = choice("lenient", "strict"),           -- strict: the check digit must fit
  duplicate_ref = choice("reject", "process"),     -- a transfer whose client_ref_id was seen before
  otp_ref_id = { type = "any" },                   -- one of the forms of otp.lua, or function(rail, purpose) -> text
  log_limit = count(10000),                        -- requests kept in the log
  otp = { fields = { ttl = count(300), attempts = count(3), length = count(6) } },
  customer = { fields = {
    new_sender = choice("2136", "309", "2147"),    -- what the first verified OTP leads to
  } },
  digikhata = { fields = {
    new_sender = choice("2136", "309"),            -- 309: status 0 with the profile of a wallet not opened
    refresh_without_otp = flag(false),             -- an active sender's look-up answers 309 for a while after an OTP
    require_customer = flag(false),                -- onboarding needs the base customer (else 463)
    require_consent = flag(false),                 -- the Aadhaar OTP is verified only with a consent_id that was shown
    failure_rsid = choice("specific", "1"),        -- 2131 with 302 / 303, or always with 1
    consent_key = choice("consentLanguage", "consentlanguage"),
    recipient_status = choice("2131", "0"),        -- status of an accepted recipient OTP
  } },
  levin = { fields = {
    require_customer = flag(false),                -- as for digikhata
    token_on_2136 = flag(false),                   -- the answers 2136 and 2147 to a sender's OTP carry a wallet_token too
    token_ttl = count(900),
    legacy_pan = flag(false),                      -- PAN accepted: 2132 in place of 309
    aadhaar = choice("readme", "portal"),          -- portal: the 1388 shapes of the portal's samples
    expired = choice("303", "2138"),               -- how an expired OTP is told
  } },
  fino = { fields = {
    onboard = choice("2134", "300"),
    ekyc = choice("2129", "2132", "2135", "2135_relationship"),
    resume_refs = flag(true),                      -- the look-up's 2129 carries otp_ref_id and kyc_request_id
  } },
  transfer = { fields = {
    -- success | awaited | failed | refund_pending | on_hold | response_awaited, or function(transaction) -> one
    outcome = { type = "any", default = "success" },
    recipients_per_day = count(5),
  } },
  refund = { fields = {
    failure = choice("rsid", "status"),            -- a wrong or expired OTP: status 1 with 302 / 303 as rsid, or as status
    digikhata = choice("agent", "wallet"),         -- who gets back what a DigiKhata wallet had paid: not published
  } },
}

--- How many edits lead from one word to another (for suggestions).
local function distance(a, b)
  local row = {}
  for column = 0, #b do row[column] = column end
  for line = 1, #a do
    local diagonal = row[0]
    row[0] = line
    for column = 1, #b do
      local cost = a:byte(line) == b:byte(column) and 0 or 1
      local best = math.min(row[column] + 1, row[column - 1] + 1, diagonal + cost)
      diagonal, row[column] = row[column], best
    end
  end
  return row[#b]
end

--- The known name that is most like a given one.
-- @tparam string name
-- @tparam table known its keys are the known names
-- @treturn string
function options.nearest(name, known)
  local names = {}
  for candidate in pairs(known) do names[#names + 1] = candidate end
  table.sort(names, ascii.less)
  local best, best_distance
  for _, candidate in ipairs(names) do
    local far = distance(tostring(name), candidate)
    if not best or far < best_distance then
      best, best_distance = candidate, far
    end
  end
  return best
end

--- Raises when a table has a key that is not known.
-- @tparam string what how the message calls the table
-- @tparam table given
-- @tparam table known its keys are the known names
function options.check_names(what, given, known)
  for name in pairs(given) do
    if known[name] == nil then
      error(("%s: unknown option '%s' (did you mean '%s'?)"):format(what, tostring(name),
        options.nearest(name, known)), 0)
    end
  end
end

local function check_value(path, value, rule)
  if rule.type ~= "any" and type(value) ~= rule.type then
    error(("eko.emulator: option '%s' must be a %s, got a %s"):format(path, rule.type, type(value)), 0)
  end
  if rule.choices then
    for _, allowed in ipairs(rule.choices) do
      if value == allowed then return end
    end
    error(("eko.emulator: option '%s' must be one of: %s"):format(path, table.concat(rule.choices, ", ")), 0)
  end
end

local function read(given, rules, prefix)
  options.check_names("eko.emulator", given, rules)
  local result = {}
  for name, rule in pairs(rules) do
    local value = given[name]
    if rule.fields then
      if value ~= nil and type(value) ~= "table" then
        error(("eko.emulator: option '%s' must be a table"):format(prefix .. name), 0)
      end
      result[name] = read(value or {}, rule.fields, prefix .. name .. ".")
    elseif value == nil then
      result[name] = rule.default
    else
      check_value(prefix .. name, value, rule)
      result[name] = value
    end
  end
  return result
end

--- Checks options and fills in the defaults.
-- @tparam[opt] table given
-- @treturn table a copy; raises (without a position) on an unknown name or a wrong value
function options.read(given)
  return read(given or {}, SCHEMA, "")
end

return options
