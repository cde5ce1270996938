--- Faults that are answers: something else's in place of the platform's own, or its own with other codes, members or dates.
--
-- All of them are one thing, `answer { status, headers, body }`; the other names are short for some of it. See the table in
-- `eko.emulator.faults`.
--
-- @module eko.emulator.answers
local auth = require "eko.emulator.auth"
local http = require "eko.emulator.http"
local json = require "eko.emulator.json"
local ascii = require "eko.emulator.ascii"

local answers = {}

local HTML = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1>"
  .. "</center>\r\n</body>\r\n</html>\r\n"

local function constant(answer) return function() return answer end end

-- kind -> function(fault) -> `{ status, headers, body }`. Without a body it is the platform's own where the request was carried
-- out, else a plain sentence.
local SHORTHANDS = {
  answer = function(fault) return { status = fault.status, headers = fault.headers, body = fault.body } end,
  html_502 = constant { status = 502, body = HTML, headers = { ["content-type"] = "text/html" } },
  empty_204 = constant { status = 204, body = "", headers = { ["content-type"] = false } },
  no_key = constant { status = 200, body = { message = "No key for Response" } },
  too_many = function(fault)
    return { status = 429, body = "Too many requests", headers = { ["retry-after"] = fault.retry_after or 1 } }
  end,
  unavailable = constant { status = 503, body = "Service Unavailable" },
  redirect = function(fault)
    return { status = fault.status or 302, body = "", headers = { location = fault.location or "http://127.0.0.1:9/elsewhere" } }
  end,
  auth = function(fault)
    local status = fault.http or fault.status or 401
    if fault.body ~= nil or not fault.code or fault.text then
      local text = type(fault.text) == "string" and fault.text or auth.refusal_text
      return { status = status, body = fault.body or text, headers = fault.headers }
    end
    return { status = status, body = auth.envelope(fault.code), headers = fault.headers }
  end,
}

local function with_headers(response, headers)
  for name, value in pairs(headers or {}) do
    name = ascii.lower(name)
    if type(value) == "table" then
      response.headers[name] = value
    else
      response.headers[name] = value and (type(value) == "number" and ("%.0f"):format(value) or tostring(value)) or nil
    end
  end
  return response
end

local function build(answer, fault, own)
  local status, body = answer.status or own.status, answer.body
  local response
  if body == nil and fault.commit then
    response = { status = status, headers = own.headers, body = own.body }
  elseif type(body) == "table" then
    response = http.json(status, body)
  else
    response = http.plain(status, body or ("HTTP %d"):format(status))
  end
  return with_headers(response, answer.headers)
end

local function cut_body(fault, response)
  response.body = response.body:sub(1, fault.bytes or math.floor(#response.body / 2))
  return response
end

local function copy_of(value)
  if type(value) ~= "table" then return value end
  local copy = setmetatable({}, getmetatable(value))
  for name, member in pairs(value) do copy[name] = copy_of(member) end
  return copy
end

--- The object that a path such as "data.tid" leads into (made where it is missing), and the last name of the path.
local function place(envelope, path)
  local object = envelope
  for step in path:gmatch "([^.]+)%." do
    if type(object[step]) ~= "table" then object[step] = {} end
    object = object[step]
  end
  return object, path:match "[^.]*$"
end

-- A name that stands twice is written with a NUL behind it, which sorts it behind its twin and is taken away at the end.
local TWIN = "\0"

local function write(envelope)
  return (json.encode(envelope):gsub('\\u0000":', '":'))
end

--- Changes members of the platform's own answer; an answer that is no envelope stays as it is.
local function alter(fault, response, changes)
  if not response.envelope then return response end
  local envelope = copy_of(response.envelope)
  for path, value in pairs(changes.set or {}) do
    local object, name = place(envelope, path)
    object[name] = value
  end
  for _, path in ipairs(changes.remove or {}) do
    local object, name = place(envelope, path)
    object[name] = nil
  end
  for path, value in pairs(changes.duplicate or {}) do
    local object, name = place(envelope, path)
    object[name .. TWIN] = value
    if fault.first then
      object[name], object[name .. TWIN] = value, object[name]
    end
  end
  response.body, response.status = write(envelope), fault.status or response.status
  return with_headers(response, fault.headers)
end

-- What `foreign` can change.
local MEMBERS = {
  reference = "data.client_ref_id", tid = "data.tid", amount = "data.amount", account = "data.account", ifsc = "data.ifsc",
  recipient = "data.recipient_id", mobile = "data.customer_id",
}

--- Another value of the same kind: one character, or the number, differs.
local function other(value)
  if type(value) == "number" then return value + 1 end
  local text = tostring(value or "")
  if not text:find "[A-Za-z0-9]" then return "1" end
  return (text:gsub("([A-Za-z0-9])([^A-Za-z0-9]*)$", function(last, rest) return (last == "1" and "2" or "1") .. rest end))
end

local EDITS = {
  truncated = cut_body,
  altered = function(fault, response) return alter(fault, response, fault) end,
  foreign = function(fault, response)
    if not response.envelope then return response end
    local path = MEMBERS[fault.what or "reference"]
    local object, name = place(copy_of(response.envelope), path)
    local value = fault.value
    if value == nil then value = other(object[name]) end
    return alter(fault, response, { set = { [path] = value } })
  end,
}

--- kind -> whether the request is carried out when the plan does not say.
answers.commits = {}
for kind in pairs(SHORTHANDS) do answers.commits[kind] = false end
for kind in pairs(EDITS) do answers.commits[kind] = true end

--- Raises (without a position) when a plan cannot be answered.
-- @tparam table plan
function answers.check(plan)
  local status = plan.http or plan.status
  if status ~= nil and (type(status) ~= "number" or status % 1 ~= 0 or status < 200 or status > 599) then
    error("eko.emulator: a fault's HTTP status is an integer from 200 to 599 (for 1xx see the fault 'interim')", 0)
  elseif plan.kind == "foreign" and not MEMBERS[plan.what or "reference"] then
    local names = {}
    for name in pairs(MEMBERS) do names[#names + 1] = name end
    table.sort(names, ascii.less)
    error("eko.emulator: `what` of a foreign answer is one of: " .. table.concat(names, ", "), 0)
  end
end

--- What a fault makes of an answer.
-- @tparam table fault
-- @tparam table response the platform's own, with its `envelope` where it has one; or any, where the request was not carried out
-- @treturn table response
function answers.make(fault, response)
  if EDITS[fault.kind] then return EDITS[fault.kind](fault, response) end
  return build(SHORTHANDS[fault.kind](fault), fault, response)
end

return answers
