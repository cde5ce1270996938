--- PPI Levin's wallet_token: an HS256 JWT that the platform hands out and asks for again.
--
-- @module eko.emulator.wallet_token
local core_text = require("eko.core").text
local json = require "eko.emulator.json"

local wallet_token = {}

local function url_safe(base64)
  return (base64:gsub("+", "-"):gsub("/", "_"):gsub("=", ""))
end

--- Issues a token; it is the customer's only good one from now on.
-- @tparam table call
-- @treturn string
function wallet_token.issue(call)
  local random, now = call.platform.random, call.now
  local expires = math.floor(now / 1000) + call.options.levin.token_ttl
  local head = url_safe(core_text.base64_encode('{"alg":"HS256","typ":"JWT"}'))
  local claims = url_safe(core_text.base64_encode(json.encode {
    IdentificationCode = core_text.base64_encode(random:bytes(32)),
    BCAgentId = core_text.base64_encode(random:bytes(16)),
    exp = expires, iss = "PayPoint", aud = "Partners",
  }))
  local signed = head .. "." .. claims
  local token = signed .. "." .. url_safe(core_text.hmac_sha256_base64(call.platform.token_key, signed))
  call.rail.token = { value = token, expires = expires * 1000 }
  return token
end

--- Whether the token of a request will do. Only with `strict_token` is one asked for, and only after one was issued:
-- a new customer has to get through Aadhaar without any.
-- @tparam table call
-- @treturn boolean
function wallet_token.accepted(call)
  local known = call.rail.token
  if not call.options.strict_token or not known then return true end
  return call.params.wallet_token == known.value and call.now < known.expires
end

return wallet_token
