--- What a call sends: an endpoint's plan, compiled once, and the draft of each call to it. Sans-IO.
--
-- All problems of a call are reported at once. The error's `kind` is `invalid_request`; its `name` is the problem's
-- where all problems are of one kind (`missing_parameter`, `unknown_parameter`, `wrong_type`, `invalid_format`), else
-- `invalid_request`. `invalid_params` says of each field what is expected, `problems` lists `{ field, name, expected }`
-- in the catalogue's order. A value is never repeated in any of them.
-- @module eko.call.request
local core = require "eko.core"
local problems = require "eko.call.problems"
local units = require "eko.base.units"

local new_reference, now_ms = core.text.ref_id, core.text.now_ms

local request = {}

--- Bytes of a value, where nothing is said.
request.LONGEST_VALUE = 255

-- endpoint -> what compile() made of it; weak, so that an endpoint of a caller's own does not stay for ever.
local compiled = setmetatable({}, { __mode = "k" })

local function field_of(param, tail)
  local place = param.place
  return {
    name = param.name, place = place, type = param.type, means = param.means, required = param.required, default = param.default,
    max = param.max, min = param.min,
    multiline = param.multiline, format = problems.format_of(param), tail = tail,
    key = param.key or place == "body" and '"' .. param.name .. '":' or param.name .. "=",
    -- The literal colon of client_ref_id:REF is how the platform documents it.
    keep = param.format == "transaction-reference" and ":",
  }
end

-- A path is its beginning, and for each parameter in it the text that follows.
local function compile(endpoint)
  local fields, tails, carries_reference, wants_day, wants_time = {}, {}, endpoint.method ~= "GET", nil, nil
  for name, tail in endpoint.path:gmatch "{([^}]+)}([^{]*)" do tails[#tails + 1] = { name = name, tail = tail } end
  local found = 0
  for index, param in ipairs(endpoint.params) do
    local wanted
    if param.place == "path" then
      found = found + 1
      wanted = tails[found]
      assert(param.required and wanted and wanted.name == param.name,
        "the path parameters of " .. endpoint.slug .. " must be required, and listed in the order of the path")
    end
    fields[index] = field_of(param, wanted and wanted.tail)
    if param.name == "client_ref_id" and param.required then carries_reference = true end
    if param.means == "birth" then wants_day = true end
    if param.name == "timestamp" then wants_time = param.required end
  end
  assert(found == #tails, "a name in the path of " .. endpoint.slug .. " is no parameter")
  local known = {
    draft = core.plan(endpoint.path:match "^[^{]*", endpoint.method ~= "GET", fields),
    new_reference = carries_reference and new_reference or nil, wants_day = wants_day, wants_time = wants_time,
  }
  compiled[endpoint] = known
  return known
end

local NOTHING = {}

-- The time by a client's clock, or this machine's.
local function now_of(context, format, ahead)
  return os.date(format, math.floor((context.clock or now_ms)() / units.MS_PER_SECOND) + ahead)
end

local INDIA = 19800 -- seconds ahead of UTC
local CLOCK_SET = 20200000 -- YYYYMMDD

-- As a number YYYYMMDD, in India; false where the clock was never set.
local function today_of(context)
  local today = tonumber(now_of(context, "!%Y%m%d", INDIA))
  return today > CLOCK_SET and today
end

-- What goes out where the call gives none.
local function timestamp_of(context, params)
  if type(params) == "table" and params.timestamp ~= nil then return nil end
  return now_of(context, "!%Y-%m-%dT%H:%M:%SZ", 0)
end

--- Drafts a call.
-- @tparam table endpoint an entry of the catalogue
-- @tparam ?table params the call's parameters by name
-- @tparam[opt] table context what the client knows: `initiator_id`, `user_code` (taken where the endpoint has them and the call gives
-- none), `strict`, `clock` (ms since 1970; a birth is not after today, and a timestamp that is required and not given is now)
-- @tparam[opt] table options the call's own:
--
-- * `client_ref_id`: taken wherever the endpoint has one. Without it, a call that must carry one (every method but GET, and the
--   GETs that require it) gets a new one
-- * `extra`: parameters that the catalogue does not know
-- * `strict`: check Aadhaar's check digit and the PAN's kind of holder too
-- @tparam[opt] userdata spare a draft that was released, to be filled anew
-- @treturn[1] userdata the draft: `:path()`, `:body()`, `:value(name)`, `:client_ref_id()`,
-- `:secrets()`, `:release()`
-- @treturn[1] ?string its `client_ref_id`
-- @treturn[2] nil
-- @treturn[2] table an error of kind `invalid_request`, `sent = false`
function request.draft(endpoint, params, context, options, spare)
  local known = compiled[endpoint] or compile(endpoint)
  context = context or NOTHING
  local reference, strict, extra = known.new_reference, context.strict, nil
  if options then
    if options.client_ref_id ~= nil then reference = options.client_ref_id end
    if options.strict ~= nil then strict = options.strict end
    extra = options.extra
  end
  local draft, found = known.draft(params or params == nil and NOTHING, context.initiator_id, context.user_code, reference, strict, extra,
    spare, known.wants_day and today_of(context), known.wants_time and timestamp_of(context, params))
  if extra ~= nil and type(extra) ~= "table" then return nil, problems.refuse(endpoint, not draft and found or {}, "extra") end
  if draft then return draft, found end
  return nil, problems.refuse(endpoint, found or {}, not found and "params" or nil)
end

--- The check of one parameter alone, as if it was required.
-- @tparam table param of the catalogue
-- @treturn function value -> true, or nil and what is expected
function request.checker(param)
  local name, draft_of = param.name, nil
  param = setmetatable({ required = true, place = param.place or "body", max = param.max or request.LONGEST_VALUE }, { __index = param })
  return function(value)
    draft_of = draft_of or core.plan("", true, { field_of(param) })
    local draft, found = draft_of({ [name] = value }, nil, nil, nil, nil, nil, nil, today_of(NOTHING))
    if draft then
      draft:close()
      return true
    end
    return nil, (problems.explain(param, found[1][2], found[1][3]))
  end
end

--- Whether a value is a mobile number as the catalogue has it.
-- @tparam any value
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] string what is expected
request.is_mobile = request.checker { name = "mobile", type = "string", format = "mobile" }

return request
