--- Faults of the wire: what becomes of an answer's bytes and of its connection.
--
-- Each has what the server sends (`wire` -> bytes, and "keep", "close" or "reset"), and what a caller in the same process sees
-- (`error` = name, message and whether a head was readable; or `in_process`).
--
-- @module eko.emulator.damages
local ascii = require "eko.emulator.ascii"
local damages = {}

local REASONS = { [200] = "OK", [204] = "No Content", [401] = "Unauthorized", [403] = "Forbidden", [404] = "Not Found" }

--- An answer's head, with the empty line.
-- @tparam table response
-- @tparam[opt] table change `first_line`, `length` (declared), `extra` (header lines), `framing` (in place of the length)
-- @treturn string
local function head_of(response, change)
  change = change or {}
  local lines = { change.first_line
    or ("HTTP/1.1 %d %s"):format(response.status, REASONS[response.status] or "Answer") }
  local names = {}
  for name in pairs(response.headers) do names[#names + 1] = name end
  table.sort(names, ascii.less)
  for _, name in ipairs(names) do
    local value = response.headers[name]
    for _, each in ipairs(type(value) == "table" and value or { value }) do
      lines[#lines + 1] = name .. ": " .. each
    end
  end
  lines[#lines + 1] = change.extra
  lines[#lines + 1] = change.framing or ("content-length: %d"):format(change.length or #response.body)
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

local DEFAULT_OVERSIZE = 9 * 1024 * 1024

local function half(response) return response.body:sub(1, math.floor(#response.body / 2)) end

local function closed(readable)
  return { "connection_closed", "the connection was closed without a whole answer", readable }
end

damages.drop = { commit = false, error = { "connection_closed", "the connection was closed without an answer" },
  wire = function() return "", "close" end }

damages.reset = { commit = true, error = { "connection_reset", "the connection was reset inside the answer", true },
  wire = function(_, response) return head_of(response) .. half(response), "reset" end }

--- The first `bytes` of the answer, head and all; half of the body when it is not said.
local function cut(fault, response)
  local head = head_of(response)
  local bytes = fault.bytes or #head + math.floor(#response.body / 2)
  return (head .. response.body):sub(1, bytes), bytes >= #head
end

damages.cut = { commit = true,
  in_process = function(response, fault)
    local _, readable = cut(fault, response)
    return nil, closed(readable or nil)
  end,
  wire = function(fault, response) return cut(fault, response), fault.ending or "close" end }

-- An interim answer and then nothing: the connection is closed, or stays open and silent.
damages.interim = { commit = true,
  in_process = function(_, fault)
    if fault.ending == "keep" then return nil, { "timeout", "no answer in time" } end
    return nil, closed()
  end,
  wire = function(fault)
    return ("HTTP/1.1 %d Interim\r\n\r\n"):format(fault.status or 100), fault.ending or "close"
  end }

damages.length_long = { commit = true,
  error = { "connection_closed", "the answer ended before its declared length", true },
  wire = function(_, response)
    return head_of(response, { length = #response.body + 10 }) .. response.body, "close"
  end }

damages.length_short = { commit = true,
  in_process = function(response)
    response.body = response.body:sub(1, math.max(0, #response.body - 10))
    return response
  end,
  wire = function(_, response)
    return head_of(response, { length = math.max(0, #response.body - 10) }) .. response.body, "keep"
  end }

damages.oversize = { commit = true, error = { "response_too_large", "the answer is larger than what is accepted", true },
  wire = function(fault, response)
    local body = response.body .. (" "):rep((fault.bytes or DEFAULT_OVERSIZE) - #response.body)
    return head_of(response, { length = #body }) .. body, "close"
  end }

damages.bad_status_line = { commit = true, error = { "malformed_response", "status line" },
  wire = function(_, response)
    return head_of(response, { first_line = "HTTP/1.1 20O OK" }) .. response.body, "close"
  end }

damages.bad_header = { commit = true, error = { "malformed_response", "header", true },
  wire = function(_, response)
    return head_of(response, { extra = "this line is no header" }) .. response.body, "close"
  end }

damages.bad_chunk = { commit = true, error = { "malformed_response", "chunk size", true },
  wire = function(_, response)
    return head_of(response, { framing = "transfer-encoding: chunked" }) .. "zz\r\n" .. response.body .. "\r\n0\r\n\r\n",
      "close"
  end }

damages.garbage = { commit = true, error = { "malformed_response", "status line" },
  wire = function() return "\1\2\3 not HTTP at all\r\n\r\n", "close" end }

-- A whole answer on a connection that is then closed without a word: the next request on it is lost.
damages.hang_up = { commit = true, in_process = function(response) return response end,
  wire = function(_, response) return head_of(response) .. response.body, "close" end }

damages.delay = { commit = true }

return damages
