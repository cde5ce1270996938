--- Faults on purpose: what goes wrong between the platform and its caller.
--
-- Some faults are answers of something else than the platform (a proxy's HTML, a 429); others damage the bytes of an
-- answer or the connection. The first kind is an ordinary response. The second kind is carried out on the wire by the
-- server; mounted in process it becomes the error that a caller would see.
--
-- @module eko.emulator.faults
local core_text = require("eko.core").text
local http = require "eko.emulator.http"
local options = require "eko.emulator.options"

local faults = {}
faults.__index = faults

local html = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1>"
  .. "</center>\r\n</body>\r\n</html>\r\n"

local function with_header(response, name, value)
  response.headers[name] = value
  return response
end

-- Answers that take the place of the platform's own.
local answers = {
  html_502 = function() return http.plain(502, html, "text/html") end,
  empty_204 = function() return { status = 204, headers = {}, body = "" } end,
  no_key = function() return http.json(200, { message = "No key for Response" }) end,
  too_many = function(fault)
    return with_header(http.plain(429, "Too many requests"), "retry-after", ("%d"):format(fault.retry_after or 1))
  end,
  unavailable = function() return http.plain(503, "Service Unavailable") end,
  redirect = function(fault)
    return with_header(http.plain(302, ""), "location", fault.location or "http://127.0.0.1:9/elsewhere")
  end,
  truncated = function(_, response)
    response.body = response.body:sub(1, math.floor(#response.body / 2))
    return response
  end,
}

local reasons = { [200] = "OK", [204] = "No Content", [401] = "Unauthorized", [403] = "Forbidden", [404] = "Not Found" }

--- An answer as bytes.
-- @tparam table response
-- @tparam[opt] table change `first_line`, `length` (declared), `extra` (header lines), `framing` (in place of the length)
-- @treturn string head, with the empty line
local function head_of(response, change)
  change = change or {}
  local lines = { change.first_line
    or ("HTTP/1.1 %d %s"):format(response.status, reasons[response.status] or "Answer") }
  local names = {}
  for name in pairs(response.headers) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    lines[#lines + 1] = name .. ": " .. response.headers[name]
  end
  lines[#lines + 1] = change.extra
  lines[#lines + 1] = change.framing or ("content-length: %d"):format(change.length or #response.body)
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

local default_oversize = 9 * 1024 * 1024

-- Damage on the wire: the bytes to send and what becomes of the connection ("keep", "close", "reset"); and the error
-- in process. `sent` is true once the head of an answer was readable.
local damages = {
  drop = { commit = false, error = { "connection_closed", "the connection was closed without an answer" },
    wire = function() return "", "close" end },
  reset = { commit = true, error = { "connection_reset", "the connection was reset inside the answer", true },
    wire = function(_, response)
      return head_of(response) .. response.body:sub(1, math.floor(#response.body / 2)), "reset"
    end },
  length_long = { commit = true, error = { "connection_closed", "the answer ended before its declared length", true },
    wire = function(_, response)
      return head_of(response, { length = #response.body + 10 }) .. response.body, "close"
    end },
  length_short = { commit = true,
    in_process = function(response)
      response.body = response.body:sub(1, math.max(0, #response.body - 10))
      return response
    end,
    wire = function(_, response)
      return head_of(response, { length = math.max(0, #response.body - 10) }) .. response.body, "keep"
    end },
  oversize = { commit = true, error = { "response_too_large", "the answer is larger than what is accepted", true },
    wire = function(fault, response)
      local body = response.body .. (" "):rep((fault.bytes or default_oversize) - #response.body)
      return head_of(response, { length = #body }) .. body, "close"
    end },
  bad_status_line = { commit = true, error = { "malformed_response", "status line" },
    wire = function(_, response)
      return head_of(response, { first_line = "HTTP/1.1 20O OK" }) .. response.body, "close"
    end },
  bad_header = { commit = true, error = { "malformed_response", "header", true },
    wire = function(_, response)
      return head_of(response, { extra = "this line is no header" }) .. response.body, "close"
    end },
  bad_chunk = { commit = true, error = { "malformed_response", "chunk size", true },
    wire = function(_, response)
      return head_of(response, { framing = "transfer-encoding: chunked" }) .. "zz\r\n" .. response.body .. "\r\n0\r\n\r\n",
        "close"
    end },
  garbage = { commit = true, error = { "malformed_response", "status line" },
    wire = function() return "\1\2\3 not HTTP at all\r\n\r\n", "close" end },
  -- A whole answer on a connection that is then closed without a word: the next request on it is lost.
  hang_up = { commit = true, in_process = function(response) return response end,
    wire = function(_, response) return head_of(response) .. response.body, "close" end },
  delay = { commit = true },
}

faults.kinds = {}
for kind in pairs(answers) do faults.kinds[kind] = true end
for kind in pairs(damages) do faults.kinds[kind] = true end

local commits = { truncated = true }
for kind, damage in pairs(damages) do commits[kind] = damage.commit end

function faults.new()
  return setmetatable({ plans = {} }, faults)
end

local plan_fields = {
  kind = true, slug = true, path = true, method = true, times = true, after = true, commit = true, seconds = true,
  bytes = true, location = true, retry_after = true,
}

--- Plans a fault.
-- @tparam table plan `kind`; which requests: `slug`, `path` (a Lua pattern), `method` (all when absent); `after` (let so
-- many pass first), `times` (default 1); `commit` (whether the request is carried out: by default it is where the
-- platform's own answer is delayed or damaged, and is not where something else answers or nothing does); `seconds`
-- (delay), `bytes` (oversize), `location` (redirect), `retry_after` (too_many, seconds)
-- @tparam table slugs the known ones
-- @treturn table handle: `clear()`, `seen` (how often it struck)
function faults:plan(plan, slugs)
  options.check_names("eko.emulator fault", plan, plan_fields)
  if not faults.kinds[plan.kind or ""] then
    error(("eko.emulator: there is no fault '%s' (did you mean '%s'?)"):format(tostring(plan.kind),
      options.nearest(tostring(plan.kind), faults.kinds)), 0)
  elseif plan.slug and not slugs[plan.slug] then
    error(("eko.emulator: there is no endpoint '%s' (did you mean '%s'?)"):format(plan.slug,
      options.nearest(plan.slug, slugs)), 0)
  elseif plan.kind == "delay" and type(plan.seconds) ~= "number" then
    error("eko.emulator: a delay needs `seconds`", 0)
  end
  local entry = { left = plan.times or 1, skip = plan.after or 0, seen = 0 }
  for name, value in pairs(plan) do entry[name] = value end
  if entry.commit == nil then
    entry.commit = commits[plan.kind] or false
  end
  table.insert(self.plans, entry)
  function entry.clear()
    entry.left = 0
  end
  return entry
end

--- Forgets all plans.
function faults:clear()
  self.plans = {}
end

--- The fault that strikes a request, if one does.
-- @tparam table request `slug`, `path`, `method`
-- @treturn ?table
function faults:strike(request)
  for index, plan in ipairs(self.plans) do
    if (not plan.slug or plan.slug == request.slug) and (not plan.method or plan.method == request.method)
      and (not plan.path or request.path:find(plan.path)) and plan.left > 0 then
      if plan.skip > 0 then
        plan.skip = plan.skip - 1
      else
        plan.left, plan.seen = plan.left - 1, plan.seen + 1
        if plan.left == 0 then
          table.remove(self.plans, index)
        end
        return plan
      end
    end
  end
end

--- What a fault makes of a response.
-- @tparam table fault
-- @tparam table response the platform's own, or a plain one where the request was not carried out
-- @treturn table response; with a field `fault` where the wire is concerned
function faults.apply(fault, response)
  local answer = answers[fault.kind]
  if answer then
    return answer(fault, response)
  end
  response.fault = fault
  return response
end

--- What the server does in place of sending a response.
-- @tparam table response one with `fault`
-- @treturn ?string bytes to send; nil: the response as it is
-- @treturn string what becomes of the connection: "keep", "close" or "reset"
-- @treturn number seconds to wait first
function faults.on_wire(response)
  local fault = response.fault
  if fault.kind == "delay" then
    return nil, "keep", fault.seconds
  end
  local bytes, ending = damages[fault.kind].wire(fault, response)
  return bytes, ending, fault.seconds or 0
end

local function delayed(fault, response, deadline, sleep)
  local left = deadline and deadline - core_text.monotonic()
  if left and left < fault.seconds then
    if sleep then sleep(math.max(left, 0)) end
    return nil, { name = "timeout", message = "no answer in time", phase = "receive" }
  end
  if sleep then sleep(fault.seconds) end
  response.timings = { total = fault.seconds }
  return response
end

--- What a caller in the same process gets in place of a response.
-- @tparam table response one with `fault`
-- @tparam ?number deadline of the request (monotonic seconds)
-- @tparam ?function sleep
-- @treturn ?table response, or nil
-- @treturn ?table err `{ name, message, sent, phase }`
function faults.in_process(response, deadline, sleep)
  local fault = response.fault
  response.fault = nil
  if fault.kind == "delay" then
    return delayed(fault, response, deadline, sleep)
  end
  local damage = damages[fault.kind]
  if damage.in_process then
    return damage.in_process(response)
  end
  return nil, { name = damage.error[1], message = damage.error[2], sent = damage.error[3], phase = "receive" }
end

return faults
