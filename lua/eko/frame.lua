--- What the signed requests of one client to one endpoint have in common, cut out of a request that was written around
-- stand-ins for what each has of its own: path, signature and timestamp. Sans-IO.
-- @module eko.frame

local gsub, match, rep = string.gsub, string.match, string.rep

local frame = {}

-- The lines of both headers: no value of another one can hold the line ends around them.
local LINES = "^(.-\r\nsecret%-key: )~+(\r\n.-\r\nsecret%-key%-timestamp: )~+(\r\n.*)$"

--- The header that is written before the others. OpenResty's LuaJIT hashes a long string by samples from its first half: what
-- tells one request from the next stands in front, or all the requests in memory form one chain that each new one is
-- compared with.
frame.FIRST_HEADER = "secret-key"

-- As long as the real ones.
local SECRET_KEY, TIMESTAMP = rep("~", 44), rep("~", 13)

--- A request with stand-ins, to be written by whoever writes requests.
-- @param method "GET", "POST" ...
-- @param base_url what stands before every path
-- @param headers the headers that are the same in every request
-- @param has_body whether the requests have a body
-- @return `{ method, url, headers, body, first_header }`
function frame.pattern(method, base_url, headers, has_body)
  headers["secret-key"], headers["secret-key-timestamp"] = SECRET_KEY, TIMESTAMP
  return {
    method = method, url = base_url .. "/~", headers = headers, body = has_body and "{}" or nil, first_header = frame.FIRST_HEADER,
  }
end

--- Cuts that request up once it is written.
-- @param bytes the request
-- @return `{ start, before_key, before_timestamp, rest }` for `core.plan`, or nil
function frame.cut(bytes)
  local start, head = match(bytes, "^(%u+ .-)/~( HTTP.*\r\n)\r\n")
  if not start then return nil end
  local before_key, before_timestamp, behind = match(head, LINES)
  if not before_key then return nil end
  local rest = gsub(behind, "content%-length: %d+\r\n$", "")
  return { start = start, before_key = before_key, before_timestamp = before_timestamp, rest = rest }
end

return frame
