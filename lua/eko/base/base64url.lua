--- Base64 for cookies and URLs (RFC 4648, section 5), without padding: letters, digits, `-` and `_`.
-- @module eko.base.base64url
local text = require("eko.core").text

local base64url = {}

local TO_URL = { ["+"] = "-", ["/"] = "_", ["="] = "" }
local FROM_URL = { ["-"] = "+", ["_"] = "/" }

--- Encodes bytes.
-- @tparam string bytes
-- @treturn string
function base64url.encode(bytes)
  return (text.base64_encode(bytes):gsub("[+/=]", TO_URL))
end

--- Decodes what `encode` made.
-- @tparam string chars
-- @treturn ?string the bytes; nil where it is none
function base64url.decode(chars)
  local standard = chars:gsub("[-_]", FROM_URL)
  return (text.base64_decode(standard .. ("="):rep(-#standard % 4)))
end

--- Random bytes, encoded.
-- @tparam int count how many
-- @treturn string
function base64url.random(count)
  return base64url.encode(text.random_bytes(count))
end

return base64url
