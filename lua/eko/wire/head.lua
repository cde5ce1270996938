--- What requests have in common: request line and headers (RFC 9112), as text. What could break out of its place (CR, LF, NUL, a
-- second host ...) is refused here, below every check that is made elsewhere.
-- @module eko.wire.head
local ascii = require "eko.base.ascii"

local find, match = string.find, string.match

local head = {}

local TOKEN = "^[!#$%%&'*+%-.^_`|~0-9A-Za-z]+$"
local CONTROL = "[%z\1-\8\10-\31\127]"
local MOST_HEADERS, LONGEST_NAME = 64, 128

--- Bytes of a request line and headers.
head.MOST = 65536

-- These frame a message or speak to the next hop: they are written below, or done without.
local OURS = {}
for name in ("te host expect trailer upgrade connection keep-alive content-length proxy-connection transfer-encoding"):gmatch "%S+" do
  OURS[name] = true
end

local lower = ascii.lower

-- name, IPv4 or [IPv6], then perhaps :port. No user, no percent-encoding.
local function is_host(host)
  if #host > 261 or find(host, "..", 1, true) then return false end
  local rest = match(host, "^%[[0-9A-Fa-f:.]+%](.*)$") or match(host, "^[0-9A-Za-z][0-9A-Za-z_.%-]*(.*)$")
  local port = rest and match(rest, "^:([0-9]+)$")
  return rest == "" or port ~= nil and #port <= 5 and tonumber(port) >= 1 and tonumber(port) <= 65535
end

local function line_problem(method, path, host)
  if #method > 32 or not find(method, TOKEN) then return "method: not a token" end
  if method == "CONNECT" then return "method: CONNECT is not for this codec" end
  if not find(path, "^/") and path ~= "" then return "target: does not begin with /" end
  if not find(path, "^[!-~]*$") then return "target: holds something else than visible ASCII (percent-encode it)" end
  if not is_host(host) then return "host: not a host name with an optional port" end
end

local function name_problem(name)
  if type(name) ~= "string" then return "header name: not a string" end
  if #name > LONGEST_NAME then return "header name: longer than 128 bytes" end
  if not find(name, TOKEN) then return "header name: not a token" end
end

local function value_problem(name, value)
  if OURS[lower(name)] then return "set by the library itself" end
  if value == 1 or value == 2 then return nil end
  if type(value) ~= "string" then return "its value is not a string" end
  if find(value, CONTROL) then return "holds CR, LF, NUL or another control character" end
  if find(value, "^[ \t]") then return "begins with white space" end
  if find(value, "[ \t]$") then return "ends with white space" end
end

--- What is wrong with a header.
-- @tparam any name
-- @tparam any value
-- @treturn ?string a text that shows no value; nil when nothing is
function head.problem(name, value)
  local problem = name_problem(name)
  if problem then return problem end
  problem = value_problem(name, value)
  return problem and ("header %s: %s"):format(name, problem)
end

-- The headers, sorted by name, one of them first; or nil and a reason.
local function sorted(headers, first)
  local names, spelled = {}, {}
  for name, value in pairs(headers) do
    local problem = head.problem(name, value)
    if problem then return nil, problem end
    if spelled[lower(name)] then return nil, ("header %s: given twice, in different letter case"):format(name) end
    spelled[lower(name)] = name
    names[#names + 1] = lower(name)
  end
  if #names > MOST_HEADERS then return nil, "headers: more than 64" end
  first = lower(first or "")
  table.sort(names, function(a, b)
    if a == first or b == first then return a == first and b ~= first end
    return ascii.less(a, b)
  end)
  for i, name in ipairs(names) do names[i] = spelled[name] end
  return names
end

--- Writes what requests of one method to one place have in common. The same arguments give the same text.
-- @tparam string method a token: "GET", "POST", ...
-- @tparam string path what stands before every path, or the path: visible ASCII only, percent-encoded
-- @tparam string host authority of the request: name or address, with an optional port
-- @tparam table headers name = value, both strings; at most 64; without those that frame the message. 1 stands for the signature
-- of a request and 2 for its timestamp
-- @tparam ?string first name of a header that is written before the others. OpenResty's LuaJIT hashes a long string by samples of
-- its first nine sixteenths: what makes one request different from the next must not stand behind them, or all requests in memory
-- fall into one chain that each new one is compared with
-- @treturn string for `core.emitter`, with a NUL where the rest of the path, the signature and its timestamp belong and without
-- content-length; where nothing is signed, the whole of a request without a body. Or nil and a reason that names the part or header
-- at fault and never shows a value
function head.write(method, path, host, headers, first)
  local problem = line_problem(method, path, host)
  if problem then return nil, problem end
  local names, reason = sorted(headers, first)
  if not names then return nil, reason end
  local lines, slots = {}, 0
  for i, name in ipairs(names) do
    local value = headers[name]
    if type(value) == "number" then
      slots = slots + 1
      if value ~= slots then error("eko.head: the places of signature and timestamp stand in the wrong order", 2) end
      value = "\0"
    end
    lines[i] = name .. ": " .. value .. "\r\n"
  end
  if slots == 1 then error("eko.head: no place for the timestamp", 2) end
  local text = method .. " " .. path .. (slots > 0 and "\0" or "") .. " HTTP/1.1\r\nhost: " .. host .. "\r\n" .. table.concat(lines)
  if #text > head.MOST - 64 then return nil, "head: request line and headers are larger than 65536 bytes" end
  return slots > 0 and text or text .. "\r\n"
end

return head
