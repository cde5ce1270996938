--- Sealed tokens: text that anybody may carry and only a holder of the key can read or make.
--
-- `eko1_`, then base64url without padding of a head and what AES-256-GCM makes of the text. The head: the key's id (4 bytes),
-- the expiry in seconds since the epoch (5), the length of what follows (2), a keyed hint of the context (4). What follows:
-- nonce, ciphertext and tag. Prefix, head and context are authenticated with it; hint and length are only there to say what
-- is wrong with a token that does not open.
-- @module eko.base.sealed
local base64url = require "eko.base.base64url"
local core = require "eko.core"
local errors = require "eko.base.errors"
local input = require "eko.base.input"

local text = core.text

local sealed = {}

local VERSION = 1
local PREFIX = "eko1_"
local HEAD_BYTES, HEAD_CHARS = 15, 20
local LONGEST = 8192

--- Bytes that a key has at least.
sealed.SHORTEST_KEY = 32

-- One key string gives a key for the cipher, a name by which it is found again, and hints; none tells of another.
local function derived(key, purpose)
  return text.base64_decode(text.hmac_sha256_base64(key, "eko sealed token: " .. purpose))
end

local function key_id(key)
  return derived(key, "key id"):sub(1, 4)
end

local function hint_of(key, context)
  return derived(key, context and "context " .. context or "no context"):sub(1, 4)
end

--- Checks a key, or a list of keys (the first seals, any opens).
-- @tparam string|{string,...} key at least 32 bytes, best random; or a list of such
-- @tparam int level the stack level that misuse is reported at
-- @treturn {string,...}
-- @raise when a key is missing or too short
function sealed.keys(key, level)
  local list = type(key) == "table" and key or { key }
  if #list == 0 then error("a key is missing", level) end
  for _, each in ipairs(list) do
    if type(each) ~= "string" or #each < sealed.SHORTEST_KEY then
      error("a key must be a string of at least 32 bytes (32 random bytes, kept on the server)", level)
    end
  end
  return list
end

local function big_endian(number, bytes)
  local out = {}
  for i = bytes, 1, -1 do
    out[i] = string.char(number % 256)
    number = math.floor(number / 256)
  end
  return table.concat(out)
end

local function from_big_endian(bytes)
  local number = 0
  for i = 1, #bytes do number = number * 256 + bytes:byte(i) end
  return number
end

local function chars_for(bytes)
  return math.ceil(bytes * 4 / 3)
end

local OVERHEAD = 28 -- nonce and tag

--- How long the token of a text is.
-- @tparam int bytes length of the text
-- @treturn int characters
function sealed.length(bytes)
  return #PREFIX + HEAD_CHARS + chars_for(bytes + OVERHEAD)
end

--- Seals a text.
-- @tparam {string,...} keys the first is used
-- @tparam string plaintext at most 6,000 bytes
-- @tparam number expires_at seconds since the Unix epoch
-- @tparam[opt] string context what must be the same when it is opened (a session's id)
-- @treturn string URL-safe text: letters, digits, `-` and `_`
function sealed.seal(keys, plaintext, expires_at, context)
  local key = keys[1]
  local head = key_id(key) .. big_endian(math.floor(expires_at), 5) .. big_endian(#plaintext + OVERHEAD, 2)
    .. hint_of(key, context)
  local body = core.seal(derived(key, "encryption key"), plaintext, PREFIX .. head .. (context or ""))
  return PREFIX .. base64url.encode(head .. body)
end

local function fail(name, message)
  return nil, errors.new { kind = "invalid_request", name = name, message = message, sent = false, retryable = false }
end

-- The error of memory that ran out while a token was opened: the token may be good.
local function out_of_memory()
  return nil, errors.new {
    kind = "store", name = "out_of_memory", sent = false, retryable = true,
    message = "there was not enough memory to open the token; it is kept, try again",
  }
end

local function truncated()
  return fail("truncated_token", "the end of the token is missing")
end

-- Head and body of a well-formed token, else nil and an error.
local function parse(token)
  token = type(token) == "string" and #token <= LONGEST and input.trim(token) or ""
  if token == "" or token:find("[^A-Za-z0-9_-]") then
    return fail("malformed_token", "this is not a token of eko")
  elseif #token < #PREFIX and PREFIX:sub(1, #token) == token then
    return truncated()
  end
  local version, rest = token:match("^eko(%d+)_(.*)$")
  if not version then return fail("malformed_token", "this is not a token of eko") end
  if tonumber(version) ~= VERSION or #version > 1 then
    return fail("unsupported_token_version", ("the token has version %s, this library reads version %d"):format(
      version:sub(1, 9), VERSION))
  elseif #rest < HEAD_CHARS then
    return truncated()
  end
  local expected = HEAD_CHARS + chars_for(from_big_endian(base64url.decode(rest:sub(1, HEAD_CHARS)):sub(10, 11)))
  if #rest < expected then return truncated() end
  if #rest > expected then return fail("malformed_token", "the token is longer than it says: something was added to it") end
  local bytes = base64url.decode(rest)
  if not bytes or #bytes < HEAD_BYTES + OVERHEAD then return fail("tampered_token", "the token was changed") end
  return bytes:sub(1, HEAD_BYTES), bytes:sub(HEAD_BYTES + 1)
end

--- Opens a token.
-- @tparam {string,...} keys any of them may open it
-- @tparam string token what `seal` made
-- @tparam number now seconds since the Unix epoch
-- @tparam[opt] string context as it was given to `seal`
-- @treturn[1] string the text
-- @treturn[2] nil
-- @treturn[2] table an error named `malformed_token`, `truncated_token`, `unsupported_token_version`, `unknown_token_key`,
-- `wrong_token_context`, `tampered_token` or `expired_token`; `out_of_memory` (kind `store`, retryable) says nothing of the token
function sealed.open(keys, token, now, context)
  local head, body = parse(token)
  if not head then return nil, body end
  local id = head:sub(1, 4)
  for _, key in ipairs(keys) do
    if key_id(key) == id then
      if not text.constant_time_equal(hint_of(key, context), head:sub(12)) then
        return fail("wrong_token_context", context and "the token does not belong to this context (session)"
          or "the token was sealed for a context (session), which must be given to open it")
      end
      local plaintext, why = core.unseal(derived(key, "encryption key"), body, PREFIX .. head .. (context or ""))
      if why == "out_of_memory" then return out_of_memory() end
      if not plaintext then return fail("tampered_token", "the token was changed") end
      if from_big_endian(head:sub(5, 9)) <= now then
        return fail("expired_token", "the token has expired: begin the journey again")
      end
      return plaintext
    end
  end
  return fail("unknown_token_key", "the token was sealed with a key that is not among those given")
end

return sealed
