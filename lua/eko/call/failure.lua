--- The error of an answer that failed: what the platform said, without any secret.
-- @module eko.call.failure
local ascii = require "eko.base.ascii"
local core = require "eko.core"
local envelope = require "eko.call.envelope"
local errors = require "eko.base.errors"
local redact = require "eko.base.redact"
local retry = require "eko.call.retry"
local units = require "eko.base.units"

local find = string.find

local failure = {}

local QUOTED = redact.QUOTE_LIMIT

local function quoted(text, secrets)
  if type(text) ~= "string" or text == "" then return nil end
  text = redact.text(text, secrets, 4 * QUOTED):gsub("[%z\1-\31\127]+", " ")
  if #text <= QUOTED then return text end
  return text:sub(1, QUOTED):gsub("[\192-\255][\128-\191]*$", "") .. "..."
end

-- What the platform itself says: its message and the detail beside it.
local function words_of(answer, secrets)
  local message, data = quoted(answer.message, secrets), answer.data
  local detail = type(data) == "table" and quoted(data.reason or data.description, secrets)
  return message and detail and message .. ": " .. detail or message or detail or nil
end

local function invalid_params_of(answer, secrets)
  local found = envelope.invalid_params(answer)
  if not found then return nil end
  local shown = {}
  for field, text in next, found do shown[redact.text(field, secrets, QUOTED)] = quoted(text, secrets) or "" end
  return shown
end

-- What was answered in place of an envelope.
local function page_words(body, secrets)
  return body and not find(body:sub(1, 4 * QUOTED), "^[ \t\r\n\v\f]*[<{]") and quoted(body, secrets) or nil
end

local CODINGS = { gzip = true, ["x-gzip"] = true, deflate = true, br = true, zstd = true, compress = true, ["x-compress"] = true }

-- How a body was coded (Content-Encoding), or nil. Only a coding that is known is shown: the text is somebody else's.
local function coding_of(headers)
  local text = headers and headers["content-encoding"]
  if type(text) ~= "string" then return nil end
  for coding in text:gmatch "[^, \t\r\n\v\f]+" do
    coding = ascii.lower(coding)
    if coding ~= "identity" then return CODINGS[coding] and coding or "an unknown coding" end
  end
end

local COMPRESSED = "the body is compressed (%s), though that was not asked for: a proxy or gateway in between has to leave it as it is"

--- The error.
-- @tparam table endpoint an entry of the catalogue
-- @tparam table http the answer as it came
-- @tparam table found what failed, of `eko.call.verdict`; it becomes the error
-- @tparam ?table answer its envelope, where it has one
-- @tparam ?table sent what was sent, see `redact.sent`
-- @treturn table
function failure.new(endpoint, http, found, answer, sent)
  local words
  local coding = not answer and coding_of(http.headers)
  if found.kind == "decode" then
    if coding then
      found.name, found.message = "compressed_answer", COMPRESSED:format(coding)
    elseif find(http.body, "^[ \t\r\n\v\f]*<") then
      found.message = found.message .. "; it looks like HTML or XML, perhaps a proxy's page"
    end
  elseif found.name ~= "empty_answer" then
    local secrets = redact.sent(sent, answer)
    words = answer and words_of(answer, secrets) or not answer and not coding and page_words(http.body, secrets)
    if coding then found.message = found.message .. "; " .. COMPRESSED:format(coding) end
    found.response = answer and redact.table(answer, secrets)
    found.invalid_params = answer and invalid_params_of(answer, secrets)
    if found.kind == "http" then found.retry_after = retry.after(http.headers or {}, core.text.now_ms() / units.MS_PER_SECOND) end
  end
  if words then found.message = found.message .. " (the platform says: " .. words .. ")" end
  if found.why then found.message = found.message .. " (" .. found.why .. ")" end
  found.why = nil
  found.sent, found.slug, found.http_status, found.client_ref_id = true, endpoint.slug, http.status, sent and sent.client_ref_id
  found.retryable = retry.is_retryable(endpoint, found)
  return errors.new(found)
end

return failure
