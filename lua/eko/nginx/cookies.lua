--- The cookies of the request at hand, inside nginx.
-- @module eko.nginx.cookies
local options = require "eko.base.options"

-- luacheck: globals ngx (only nginx loads this file)
local ngx = ngx

local cookies = {}

local DEFAULTS = { path = "/", secure = true, same_site = "Strict" }
local SAME_SITE = { Strict = true, Lax = true }
local ADDRESSED = {
  function(value) return type(value) == "string" and value:find "^[A-Za-z0-9/._~-]+$" ~= nil end, "letters, digits, /, ., _, ~ and -",
}
local SCHEMA = {
  name = { function(value) return type(value) == "string" and value:find "^[A-Za-z0-9_-]+$" ~= nil end, "letters, digits, _ and -" },
  path = ADDRESSED, domain = ADDRESSED, secure = options.flag,
  same_site = { function(value) return SAME_SITE[value] ~= nil end, '"Strict" or "Lax"' },
}
local LOOPBACK = { "^127%.", "^::1$", "^unix:" }

--- Checks the attributes of cookies and fills in the defaults.
-- @tparam[opt] table given `name`, `path` ("/"), `domain`, `secure` (true), `same_site` ("Strict" or "Lax")
-- @tparam int level the stack level that misuse is reported at
-- @treturn table
function cookies.attributes(given, level)
  local attributes = {}
  for name, value in pairs(DEFAULTS) do attributes[name] = value end
  if given == nil then given = {} end
  return (options.read('eko.nginx: option "cookie"', given, SCHEMA, level + 1, attributes))
end

--- The name under which a cookie goes out: browsers keep one called __Host- from being set by anybody but this very host.
-- @tparam table attributes
-- @tparam string name
-- @treturn string
function cookies.name(attributes, name)
  local is_bound = attributes.secure and attributes.path == "/" and not attributes.domain
  return is_bound and "__Host-" .. name or name
end

--- Whether cookies without `Secure` may be used here: over TLS, or when nobody but this machine is listening.
-- @treturn boolean
function cookies.is_private()
  if ngx.var.scheme == "https" then return true end
  local address = ngx.var.server_addr or ""
  for _, pattern in ipairs(LOOPBACK) do
    if address:find(pattern) then return true end
  end
  return false
end

local function attributes_text(attributes, seconds)
  local parts = { "Path=" .. attributes.path, ("Max-Age=%d"):format(math.ceil(seconds)), "HttpOnly", "SameSite=" .. attributes.same_site }
  if attributes.domain then parts[#parts + 1] = "Domain=" .. attributes.domain end
  if attributes.secure then parts[#parts + 1] = "Secure" end
  return table.concat(parts, "; ")
end

-- Set-Cookie lines of others, and those of other cookies of ours, stay.
local function replace_header(name, line)
  local before = ngx.header["Set-Cookie"]
  local lines = {}
  for _, each in ipairs(type(before) == "table" and before or { before }) do
    if each:sub(1, #name + 1) ~= name .. "=" then lines[#lines + 1] = each end
  end
  lines[#lines + 1] = line
  ngx.header["Set-Cookie"] = lines
end

--- A jar as `eko.store.cookie` takes one. What was written is read again within the same request.
-- @tparam table attributes as of `cookies.attributes`
-- @treturn table { read = function(name), write = function(name, content, seconds) }
function cookies.jar(attributes)
  local jar = {}

  function jar.read(name)
    name = cookies.name(attributes, name)
    local written = ngx.ctx.eko_cookies
    if written and written[name] ~= nil then return written[name] or nil end
    -- Cut up first: a pattern that looks for the name itself would read a header without "=" again from each of its bytes.
    for pair in (ngx.var.http_cookie or ""):gmatch "[^;]+" do
      local each, content = pair:match "^[ \t\r\n\v\f]*([^= \t\r\n\v\f]+)=(.*)$"
      if each == name then return content end
    end
    return nil
  end

  function jar.write(name, content, seconds)
    name = cookies.name(attributes, name)
    ngx.ctx.eko_cookies = ngx.ctx.eko_cookies or {}
    ngx.ctx.eko_cookies[name] = content or false
    replace_header(name, ("%s=%s; %s"):format(name, content or "", attributes_text(attributes, content and seconds or 0)))
  end

  return jar
end

return cookies
