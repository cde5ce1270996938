--- Headers of a program's own: what may stand beside those that make a call.
-- @module eko.wire.headers
local ascii = require "eko.base.ascii"
local head = require "eko.wire.head"

local headers = {}

-- What signs a request, says what it holds, is for a proxy, or would have the answer come in a form that is not read. (What frames a
-- message is refused by `eko.wire.head`.)
local OURS = {}
for name in ([[developer-key secret-key secret-key-timestamp user-agent content-type content-encoding accept accept-encoding
  accept-charset range if-range proxy-authorization http2-settings]]):gmatch "%S+" do OURS[name] = true end

local MOST, LONGEST = 32, 4096

local function problem_of(name, value)
  local problem = head.problem(name, value)
  if problem then return problem end
  local plain = ascii.lower(name):gsub("_", "-") -- some servers take them for the same
  if plain == "user-agent" then return "header user-agent: set by the library itself; user_agent_suffix adds to it" end
  if OURS[plain] or plain:find "^secret%-key" or head.problem(plain, "") then
    return ("header %s: set by the library itself"):format(name)
  end
  if type(value) ~= "string" then return ("header %s: its value is not a string"):format(name) end
  if #value > LONGEST then return ("header %s: its value is longer than %d bytes"):format(name, LONGEST) end
  if value:find("\t", 1, true) then return ("header %s: holds a control character"):format(name) end
end

--- Checks headers.
-- @tparam any given `{ name = value }`
-- @treturn[1] table a copy, with names in small letters
-- @treturn[2] nil
-- @treturn[2] string what is wrong; no value stands in it
function headers.check(given)
  if type(given) ~= "table" then return nil, "they are no table { name = value }" end
  local made, count = {}, 0
  for name, value in next, given do
    local problem = problem_of(name, value)
    if problem then return nil, problem end
    count, name = count + 1, ascii.lower(name)
    if count > MOST then return nil, ("there are more than %d"):format(MOST) end
    if made[name] then return nil, ("header %s: given twice, in different letter case"):format(name) end
    made[name] = value
  end
  return made
end

local TOKEN = "^[!#$%&'*+%-.^_`|~0-9A-Za-z]+$"

--- Whether a text may be added to our own user-agent: products such as "shop/1.2", with one blank between two.
-- @tparam any suffix
-- @treturn boolean
function headers.is_product(suffix)
  if type(suffix) ~= "string" or #suffix > 128 then return false end
  for product in (suffix .. " "):gmatch "([^ ]*) " do
    local slash = product:find("/", 1, true)
    local name, version = product:sub(1, (slash or 0) - 1), slash and product:sub(slash + 1) or "1"
    if not name:find(TOKEN) or not version:find(TOKEN) then return false end
  end
  return true
end

return headers
