--- What a request must be before anything is done for it.
-- @module eko.nginx.request
local answer = require "eko.nginx.answer"
local input = require "eko.base.input"
local ascii = require "eko.base.ascii"
local json = require "eko.base.json"

-- luacheck: globals ngx (only nginx loads this file)
local ngx = ngx

local request = {}

local function own_origin()
  return ascii.lower(ngx.var.scheme .. "://" .. (ngx.var.http_host or ""))
end

-- A page of another site can make a browser send a request with our cookies, but it can neither set a header of its own without
-- being asked for permission first, nor lie about its origin. SameSite is the third lock.
--
-- A page of another origin could not use the endpoints even if it were let in here: nothing answers a browser that asks for that
-- permission. So `origins` does not list guests, but says what this site is called outside.
local function cross_site(origins, is_change)
  if (ngx.var.http_x_requested_with or "") == "" then return "the header X-Requested-With is missing" end
  local origin, site = ngx.var.http_origin, ngx.var.http_sec_fetch_site
  if site and site ~= "same-origin" then
    if origins and origin and origins[ascii.lower(origin)] then
      return "the page's origin is listed, but the browser says that the request went to another one: the option `origins` names "
        .. "what this site's own origin is behind a proxy that ends TLS, and lets no other site in"
    end
    return "the browser says that the request comes from another site"
  end
  if not origin then return is_change and "the header Origin is missing" or nil end
  origin = ascii.lower(origin)
  if origins and origins[origin] or not origins and origin == own_origin() then return nil end
  return "the page's origin is not among those that are allowed; behind a proxy that ends TLS name them with the option `origins`"
end

--- Refuses what is not a request of this site's own page.
-- @tparam table app `origins`
-- @tparam table methods allowed ones, name -> true
-- @treturn ?table the answer to a request that is refused
function request.guard(app, methods)
  local method = ngx.req.get_method()
  if not methods[method] then
    local names = {}
    for name in pairs(methods) do names[#names + 1] = name end
    table.sort(names, ascii.less)
    local allowed = table.concat(names, ", ")
    return answer.problem("method_not_allowed", "allowed here: " .. allowed, nil, { Allow = allowed })
  end
  local reason = cross_site(app.origins, method ~= "GET")
  return reason and answer.problem("cross_site", reason)
end

local function too_large(limit)
  return nil, answer.problem("request_too_large", ("at most %d bytes are read"):format(limit), nil, { Connection = "close" })
end

local function read_text(limit)
  local length = tonumber(ngx.var.http_content_length)
  if length and length > limit then return too_large(limit) end
  -- Raises for an HTTP/2 request that does not say its length.
  if not pcall(ngx.req.read_body) then return nil, answer.problem("malformed_request", "the header Content-Length is missing") end
  local text = ngx.req.get_body_data()
  if text and #text > limit then return too_large(limit) end
  if text or not ngx.req.get_body_file() then return text or "" end
  -- It went into a file, and reading that would block the worker. Without a length it may well be larger than what is allowed.
  if not length then return too_large(limit) end
  ngx.log(ngx.ERR, "eko.nginx: a request within max_body went into a file; put \"client_body_buffer_size ", limit, ";\" into nginx.conf")
  return nil, answer.problem("internal_error", "the server's client_body_buffer_size is smaller than what it may read")
end

local function is_json(content_type)
  content_type = ascii.lower(content_type or "")
  return content_type:find "^application/json[ \t\r\n\v\f]*$" ~= nil or content_type:find "^application/json[ \t\r\n\v\f]*;" ~= nil
end

local function without_null(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for name, item in pairs(value) do
    if item ~= json.null then copy[name] = without_null(item) end
  end
  return copy
end

--- Reads a JSON object.
-- @tparam int limit bytes
-- @treturn[1] table the object, without members that are null
-- @treturn[2] nil
-- @treturn[2] table the answer to a request that is none
function request.read(limit)
  if not is_json(ngx.var.http_content_type) then
    return nil, answer.problem("wrong_content_type", "send Content-Type: application/json")
  end
  local text, refusal = read_text(limit)
  if not text then return nil, refusal end
  local reason, value
  text, reason = input.text(text)
  if not text then return nil, answer.problem("malformed_request", "the body is not JSON: " .. reason) end
  value, reason = json.decode(text)
  if type(value) ~= "table" or text:find "^[ \t\r\n\v\f]*%[" then
    return nil, answer.problem("malformed_request", reason and "the body is not JSON" or "the body is not a JSON object")
  end
  return without_null(value)
end

return request
