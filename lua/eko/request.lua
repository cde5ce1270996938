--- Planning a call: every parameter checked, placed in path, query or body, and written down. Sans-IO.
--
-- All problems of a call are reported at once. The error's `kind` is `invalid_request`; its `name` is the problem's
-- where all problems are of one kind (`missing_parameter`, `unknown_parameter`, `wrong_type`, `invalid_format`), else
-- `invalid_request`. `invalid_params` says of each field what is expected, `problems` lists `{ field, name, expected }`
-- in the catalogue's order. A value is never repeated in any of them.
--
-- A call that is in order is written down by `core.plan`; whatever that does not take comes here, is checked by `eko.values`
-- and, where something is wrong, explained.
-- @module eko.request
local core = require "eko.core"
local errors = require "eko.errors"
local json = require "eko.json"
local redact = require "eko.redact"
local suggest = require "eko.suggest"
local values = require "eko.values"

local percent_encode, new_reference = core.text.percent_encode, core.text.ref_id
local find, type, next = string.find, type, next

local request = {}

-- endpoint -> what compile() made of it; weak, so that an endpoint of a caller's own does not stay for ever.
local compiled = setmetatable({}, { __mode = "k" })

--- Cuts a path up: its beginning, and for each parameter in it the text that follows (`field.tail`).
local function compile_path(endpoint, fields)
  local path, wanted = endpoint.path, {}
  local head = path:match("^[^{]*")
  for name, tail in path:gmatch("{([^}]+)}([^{]*)") do
    wanted[#wanted + 1] = { name = name, tail = tail }
  end
  local found = 0
  for _, field in ipairs(fields) do
    if field.place == "path" then
      found = found + 1
      assert(field.required and wanted[found] and wanted[found].name == field.name,
        "the path parameters of " .. endpoint.slug .. " must be required, and listed in the order of the path")
      field.tail = wanted[found].tail
    end
  end
  assert(found == #wanted, "a name in the path of " .. endpoint.slug .. " is no parameter")
  return head
end

-- What a client knows once for all its calls.
local FROM_CONTEXT = { initiator_id = true, user_code = true, client_ref_id = true }

local function compile_field(param)
  local name = param.name
  local field = values.field(param)
  field.kind, field.multiline = param.type, param.multiline
  field.from_context = FROM_CONTEXT[name]
  field.missing = "it is required" .. (param.from and " (" .. param.from .. ")" or "")
  field.key, field.query = '"' .. name .. '":', name .. "="
  -- The literal colon of client_ref_id:REF is how the platform documents it.
  field.keep = param.format == "transaction-reference" and ":" or nil
  return field
end

local function compile(endpoint)
  local fields, by_name, names = {}, {}, {}
  for index, param in ipairs(endpoint.params) do
    local field = compile_field(param)
    fields[index], by_name[param.name], names[index] = field, field, param.name
  end
  local result = {
    fields = fields, by_name = by_name, names = names,
    method = endpoint.method, has_body = endpoint.method ~= "GET",
    head = compile_path(endpoint, fields),
  }
  result.carries_ref = result.has_body or (by_name.client_ref_id ~= nil and by_name.client_ref_id.required)
  result.write, result.bind = core.plan(result.head, fields)
  compiled[endpoint] = result
  return result
end

local function add_problem(problems, field, name, expected)
  problems = problems or {}
  problems[#problems + 1] = { field = field, name = name, expected = expected }
  return problems
end

--- A name as it may be shown: somebody may have put a value where a name belongs.
local function shown_name(name)
  if type(name) == "string" then
    if not find(name, "^[%a_]") then
      return "[a name that does not begin with a letter]"
    end
    return redact.text((name:sub(1, 64):gsub("[^%w_.-]", "?")))
  elseif type(name) == "number" and name % 1 == 0 and name >= -1000 and name <= 1000 then
    return string.format("[%d]", name)
  end
  return "[" .. type(name) .. "]"
end

local function unknown_problems(known, params, problems)
  local unknown = {}
  for name in next, params do
    if not known.by_name[name] then
      unknown[#unknown + 1] = { shown = shown_name(name), name = name }
    end
  end
  table.sort(unknown, function(a, b)
    return a.shown < b.shown
  end)
  for _, one in ipairs(unknown) do
    local expected
    if type(one.name) ~= "string" then
      expected = "parameters have names: a table with string keys"
    else
      local near = suggest.nearest(one.name, known.names)
      expected = near and "no such parameter here; did you mean " .. near .. "?"
        or "no such parameter here (what the catalogue does not know can be sent through the option extra)"
    end
    problems = add_problem(problems, one.shown, "unknown_parameter", expected)
  end
  return problems
end

local function sorted_keys(map)
  local keys = {}
  for key in next, map do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b)
    return tostring(a) < tostring(b)
  end)
  return keys
end

--- Adds what the caller sends at his own risk, sorted by name. Returns query, body, problems.
local function add_extra(known, extra, query, body, problems)
  if type(extra) ~= "table" then
    return query, body, add_problem(problems, "extra", "wrong_type", "a table of parameters by name")
  end
  local parts = {}
  for _, name in ipairs(sorted_keys(extra)) do
    local shown = "extra." .. shown_name(name)
    if type(name) ~= "string" or #name > 64 or not find(name, "^[%w_.-]+$") then
      problems = add_problem(problems, shown, "invalid_format", "a name of 1 to 64 letters, digits, _, - or .")
    elseif known.by_name[name] then
      problems = add_problem(problems, shown, "invalid_format",
        "a name that the catalogue does not know (give this one with the others)")
    elseif name == "client_ref_id" then
      problems = add_problem(problems, shown, "invalid_format", "no client_ref_id: this endpoint takes none")
    elseif known.has_body then
      local text, expected = values.any(extra[name])
      if text then
        parts[#parts + 1] = '"' .. name .. '":' .. text
      else
        problems = add_problem(problems, shown, "invalid_format", expected)
      end
    else
      local text, expected = values.scalar(extra[name])
      if text then
        parts[#parts + 1] = name .. "=" .. percent_encode(text)
      else
        problems = add_problem(problems, shown, "invalid_format", expected)
      end
    end
  end
  if parts[1] and known.has_body then
    body = (body and body .. "," or "{") .. table.concat(parts, ",")
  elseif parts[1] then
    query = (query and query .. "&" or "?") .. table.concat(parts, "&")
  end
  return query, body, problems
end

local PREFIX = { wrong_type = "expected ", invalid_format = "expected " }

local function refuse(endpoint, problems, client_ref_id)
  local name, parts, by_field = problems[1].name, {}, {}
  for index, problem in ipairs(problems) do
    if problem.name ~= name then
      name = "invalid_request"
    end
    parts[index] = problem.field .. ": " .. (PREFIX[problem.name] or "") .. problem.expected
    by_field[problem.field] = by_field[problem.field] or problem.expected
  end
  return nil, errors.new {
    kind = "invalid_request", name = name, sent = false, retryable = false, slug = endpoint.slug,
    message = endpoint.slug .. " was not sent: " .. table.concat(parts, "; "),
    invalid_params = by_field, problems = problems, client_ref_id = client_ref_id,
  }
end

-- The checks one by one, for a call that core.plan did not take: what is wrong with it, or a plan after all.
local function plan_slowly(known, endpoint, params, context, client_ref_id)
  local path, query, body, problems = known.head, nil, nil, nil
  for _, field in ipairs(known.fields) do
    local name = field.name
    local value = params[name]
    if value == nil and field.from_context then
      value = context[name]
      if name == "client_ref_id" then value = client_ref_id end
    end
    if value ~= nil then
      local text, problem, expected = field.check(value, field, context.strict)
      if not text then
        problems = add_problem(problems, name, problem, expected)
      elseif not field.plain then
        body = (body and body .. "," or "{") .. field.key .. text
      elseif field.tail then
        path = path .. percent_encode(text, field.keep) .. field.tail
      else
        query = (query and query .. "&" or "?") .. field.query .. percent_encode(text)
      end
    elseif field.required then
      problems = add_problem(problems, name, "missing_parameter", field.missing)
    end
  end
  problems = unknown_problems(known, params, problems)
  if context.extra ~= nil then
    query, body, problems = add_extra(known, context.extra, query, body, problems)
  end
  if problems then
    return refuse(endpoint, problems)
  end
  return query and path .. query or path, body and body .. "}"
end

local NO_CONTEXT = {}

--- Plans a call.
-- @tparam table endpoint an entry of the catalogue
-- @tparam table|nil params the call's parameters by name
-- @tparam[opt] table context
--
-- * `initiator_id`, `user_code`: taken where the endpoint has them and the call gives none
-- * `client_ref_id`: given by the caller, taken wherever the endpoint has one. Without it, a call that must carry one
--   (every method but GET, and the GETs that require it) gets a new one
-- * `extra`: parameters that the catalogue does not know
-- * `strict`: check Aadhaar's check digit and the PAN's kind of holder too
-- @treturn[1] table `{ method, path, body, client_ref_id }`: `path` with the query, percent-encoded; `body` JSON text, nil for
-- a GET
-- @treturn[2] nil
-- @treturn[2] table an error of kind `invalid_request`, `sent = false`
function request.plan(endpoint, params, context)
  local known = compiled[endpoint] or compile(endpoint)
  context = context or NO_CONTEXT
  if params == nil then
    params = {}
  elseif type(params) ~= "table" then
    return refuse(endpoint, add_problem(nil, "params", "wrong_type", "a table of parameters by name"))
  end
  local client_ref_id, is_ours = params.client_ref_id, nil
  if client_ref_id == nil then
    client_ref_id = context.client_ref_id
    if client_ref_id == nil and known.carries_ref then
      client_ref_id, is_ours = new_reference(), true
    end
  end
  local path, body
  if context.extra == nil and not context.strict then
    path, body = known.write(params, context.initiator_id, context.user_code, client_ref_id, is_ours)
  end
  if not path then
    path, body = plan_slowly(known, endpoint, params, context, client_ref_id)
    if not path then
      return nil, body
    end
  end
  return {
    method = known.method, path = path, body = known.has_body and (body or "{}") or nil,
    client_ref_id = known.by_name.client_ref_id and client_ref_id or nil,
  }
end

local function fits(known, name, value)
  local field = known.by_name[name]
  return value == nil or not field or field.check(value, field) ~= nil
end

--- Binds the plan of an endpoint to what all its requests of one client have in common.
-- @tparam table endpoint an entry of the catalogue
-- @tparam table frame of `eko.exchange`, with `signer`, `timestamps`, `initiator_id` and `user_code` added
-- @treturn ?table for `request.sign`; nil where what the client knows is not in order, or very long
function request.bind(endpoint, frame)
  local known = compiled[endpoint] or compile(endpoint)
  if not (fits(known, "initiator_id", frame.initiator_id) and fits(known, "user_code", frame.user_code)) then
    return nil
  end
  frame.has_body = known.has_body
  local sign = known.bind(frame)
  return sign and { known = known, frame = frame, sign = sign }
end

--- Plans and signs a call in one step.
-- @tparam table bound of `request.bind`
-- @param params the call's parameters by name
-- @tparam[opt] string client_ref_id given as an option
-- @tparam[opt] number now milliseconds since the Unix epoch
-- @tparam[opt] table plan an old one of this function's that nobody holds any more, to be filled anew
-- @treturn ?table `{ bytes, bound, client_ref_id }`, see `request.plain`; nil leaves the call to `request.plan`, which says
-- what is wrong
function request.sign(bound, params, client_ref_id, now, plan)
  if type(params) ~= "table" then
    return nil
  end
  local known, is_ours = bound.known, nil
  local reference = params.client_ref_id
  if reference == nil then
    reference = client_ref_id
    if reference == nil and known.carries_ref then
      reference, is_ours = new_reference(), true
    end
  end
  local bytes = bound.sign(params, reference, is_ours, now)
  if not bytes then
    return nil
  end
  plan = plan or {}
  plan.bytes, plan.bound, plan.client_ref_id = bytes, bound, known.by_name.client_ref_id and reference or nil
  return plan
end

--- The plan of a call that was planned and signed in one step, read back from its bytes.
-- @tparam table plan of `request.sign` or `request.plan`
-- @treturn table of `request.plan`, with the `timestamp` that it was signed with
function request.plain(plan)
  local bytes = plan.bytes
  if not bytes then
    return plan
  end
  local frame, known = plan.bound.frame, plan.bound.known
  local behind = find(bytes, " ", #frame.start + 1, true)
  local _, head_end = find(bytes, "\r\n\r\n", behind, true)
  return {
    method = known.method, path = bytes:sub(#frame.start + 1, behind - 1), client_ref_id = plan.client_ref_id,
    body = known.has_body and bytes:sub(head_end + 1) or nil, timestamp = bytes:match "\r\nsecret%-key%-timestamp: (%d+)",
  }
end

--- What a plan sends, read back from its bytes (which nobody can change while the call waits for its answer).
-- @tparam table plan
-- @treturn table values by parameter name, those in the path excepted
function request.sent(plan)
  if plan.body then
    return json.decode(plan.body) or {}
  end
  local sent = {}
  for name, value in (plan.path or ""):gmatch("[?&]([^=&?]+)=([^&]*)") do
    sent[name] = core.text.percent_decode(value)
  end
  return sent
end

return request
