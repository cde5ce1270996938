--- A store in the customer's, or the agent's, browser: the value is the content of a cookie, and the server keeps nothing.
--
-- The value must be sealed text (`flow:suspend`), with the key as its context. What is different from a store on a server:
--
-- * There are no claims. `eko.nginx` keeps them in its shared dictionary, which covers one machine; across machines the
--   platform's one-use OTP decides which of two equal requests gets through, and the other one is asked again.
-- * Whoever has an old cookie can send it again until it expires: the journey then stands where it stood, its counts too. `eko.nginx`
--   notes in its shared dictionary how far a journey has come, and takes no older cookie for it on the same machine.
-- * A browser keeps what arrives last. An answer that is given before another journey is begun, and arrives after the answer to that,
--   overwrites it: the new journey must then be begun again.
-- * `take` and `delete` tell the browser to forget; one that does not is stopped by the expiry that is sealed in.
-- @module eko.store.cookie
local options = require "eko.base.options"
local common = require "eko.store.common"

local cookie = {}

-- What browsers keep for one cookie, attributes included (RFC 6265bis: name and value together at most 4,096 bytes).
local LARGEST = 4000

local own = {}

function own.get(self, key)
  local content = self.jar.read(self.name)
  local found, value = tostring(content or ""):match "^([A-Za-z0-9_-]+)%.(.*)$"
  if found ~= key then return nil end
  return value
end

function own.put(self, key, value, ttl)
  local content = key .. "." .. value
  if #content + #self.name > LARGEST then
    return common.failure("value_too_large", ("a cookie holds at most %d characters; keep this journey in Redis or in a shared dictionary")
      :format(LARGEST))
  elseif value:find "[^A-Za-z0-9_.~-]" then
    return common.failure("store_refused", "a cookie holds sealed text only: letters, digits, _ and -")
  end
  self.jar.write(self.name, content, ttl)
  return true
end

function own.delete(self, key) -- luacheck: ignore key
  self.jar.write(self.name, nil, 0)
  return true
end

function own.take(self, key)
  local value = own.get(self, key)
  if value then own.delete(self, key) end
  return value
end

function own.touch(self, key, ttl)
  local value = own.get(self, key)
  if not value then return false end
  return own.put(self, key, value, ttl)
end

local meta = common.class("eko.store.cookie", own)

local function is_jar(value) return type(value) == "table" and value.read ~= nil and value.write ~= nil end

local SCHEMA = { jar = { is_jar, "{ read = function, write = function }" }, name = options.text }

--- Makes a store.
-- @tparam table given `jar`: `read(name)` -> the content of a cookie of the request at hand, or nil; and `write(name, content,
-- seconds)`, content nil to have it forgotten (`eko.nginx.cookies` makes one); what was written is read again. `name` of the cookie
-- ("eko_state")
-- @treturn table the store, see `eko.store`; it has no claims
function cookie.new(given)
  options.check("eko.store.cookie", given, SCHEMA, 2, { "jar" })
  return setmetatable({ jar = given.jar, name = given.name or "eko_state" }, meta)
end

return cookie
