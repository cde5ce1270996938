--- Faults on purpose: what goes wrong between the platform and its caller.
--
-- Three families: answers (`eko.emulator.answers`), which are ordinary responses; damage to the bytes of an answer or to its
-- connection (`eko.emulator.damages`), carried out by the server on the wire, while a caller in the same process gets the error
-- that it would see; and the balancer (`eko.emulator.balancer`), which lets the platform see a request twice.
--
-- | kind | what happens | carried out | own fields |
-- |---|---|---|---|
-- | `answer` | another answer; without `body` the platform's own where it was carried out | no | `status`, `headers`, `body` |
-- | `auth` | an authentication failure with a `code`; without one, or with `text`, in plain text | no | `code`, `http` (401), `text` |
-- | `redirect` | a redirect | no | `status` (302), `location` |
-- | `too_many` | 429 | no | `retry_after` (seconds or text) |
-- | `unavailable`, `html_502`, `empty_204`, `no_key` | 503; a proxy's page; nothing; the gateway's sentence | no | |
-- | `altered` | the platform's own answer with members changed | yes | `set`, `remove`, `duplicate`, `first`, `status` |
-- | `foreign` | its own answer about another reference, tid, amount ... | yes | `what`, `value` |
-- | `truncated` | half a body (or `bytes`) that says it is whole | yes | `bytes` |
-- | `balancer` | the request reaches the platform twice, see `eko.emulator.balancer` | yes | `node`, `copy`, `debits`, `answer`, `later` |
-- | `drop` | the connection is closed without an answer | no | |
-- | `interim` | a 1xx and then nothing | yes | `status` (100), `ending` |
-- | `cut` | the first `bytes` of the answer, head and all, then the end | yes | `bytes`, `ending` |
-- | `reset` | half of the answer, then an RST | yes | |
-- | `length_long`, `length_short` | a declared length of ten bytes too many, too few | yes | |
-- | `oversize` | a body of `bytes` (9 MB) | yes | `bytes` |
-- | `bad_status_line`, `bad_header`, `bad_chunk`, `garbage` | bytes that are no HTTP | yes | |
-- | `hang_up` | the whole answer, then the connection is closed without notice | yes | |
-- | `delay` | the answer comes late | yes | `seconds` |
--
-- Fields of all kinds, beside those of `faults:plan`: `date_offset` (seconds that the answer's `Date` is off), `date` (its text; a
-- list stands there several times; false: none). `headers`: a list of values is several lines, false takes one away. `body`: text,
-- or a table that goes out as JSON. `ending`: "close", "reset", or "keep" (open and silent). `set` and `duplicate`: path such as
-- "data.tid" -> value (a duplicate stands behind the platform's own member, with `first` before it); `remove`: a list of paths.
-- `what`: `reference`, `tid`, `amount`, `account`, `ifsc`, `recipient`, `mobile`.
--
-- @module eko.emulator.faults
local answers = require "eko.emulator.answers"
local balancer = require "eko.emulator.balancer"
local core_text = require("eko.core").text
local damages = require "eko.emulator.damages"
local http = require "eko.emulator.http"
local options = require "eko.emulator.options"

local faults = {}
faults.__index = faults

--- kind -> whether the request is carried out when the plan does not say.
faults.kinds = { balancer = true }
for kind, commit in pairs(answers.commits) do faults.kinds[kind] = commit end
for kind, damage in pairs(damages) do faults.kinds[kind] = damage.commit end

function faults.new()
  return setmetatable({ plans = {} }, faults)
end

local plan_fields = {}
for name in ([[kind slug path method times after commit seconds bytes location retry_after status headers body code http text
  date date_offset set remove duplicate first what value node copy debits answer later ending]]):gmatch "%S+" do
  plan_fields[name] = true
end

local ENDINGS = { close = true, reset = true, keep = true }

local function check(plan, slugs)
  options.check_names("eko.emulator fault", plan, plan_fields)
  if faults.kinds[plan.kind or ""] == nil then
    error(("eko.emulator: there is no fault '%s' (did you mean '%s'?)"):format(tostring(plan.kind),
      options.nearest(tostring(plan.kind), faults.kinds)), 0)
  elseif plan.slug and not slugs[plan.slug] then
    error(("eko.emulator: there is no endpoint '%s' (did you mean '%s'?)"):format(plan.slug,
      options.nearest(plan.slug, slugs)), 0)
  elseif plan.kind == "delay" and type(plan.seconds) ~= "number" then
    error("eko.emulator: a delay needs `seconds`", 0)
  elseif plan.ending ~= nil and not ENDINGS[plan.ending] then
    error("eko.emulator: `ending` is close, reset or keep", 0)
  elseif plan.kind == "balancer" then
    balancer.check(plan)
  elseif plan.kind ~= "interim" then
    answers.check(plan)
  end
end

--- Plans a fault.
-- @tparam table plan `kind` and its own fields, see above; which requests: `slug`, `path` (a Lua pattern), `method` (all when
-- absent); `after` (let so many pass first), `times` (default 1); `commit` (whether the request is carried out; the default
-- stands in the table above)
-- @tparam table slugs the known ones
-- @treturn table handle: `clear()`, `seen` (how often it struck)
function faults:plan(plan, slugs)
  check(plan, slugs)
  local entry = { left = plan.times or 1, skip = plan.after or 0, seen = 0 }
  for name, value in pairs(plan) do entry[name] = value end
  if entry.commit == nil then
    entry.commit = faults.kinds[plan.kind]
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
-- @tparam number now milliseconds of the platform's clock
-- @treturn table response; with a field `fault` where the wire is concerned
function faults.apply(fault, response, now)
  if answers.commits[fault.kind] ~= nil then
    response = answers.make(fault, response)
  elseif damages[fault.kind] then
    response.fault = fault
  end
  local date = fault.date
  if date == nil and (fault.date_offset or not response.headers.date) then
    date = http.date(now + 1000 * (fault.date_offset or 0))
  end
  if date ~= nil then
    response.headers.date = date or nil
  end
  return response
end

--- What the server does in place of sending a response.
-- @tparam table response one with `fault`
-- @treturn ?string bytes to send; nil: the response as it is
-- @treturn string what becomes of the connection: "keep", "close" or "reset"
-- @treturn number seconds to wait first
function faults.on_wire(response)
  local fault = response.fault
  if fault.kind == "delay" then return nil, "keep", fault.seconds end
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
  if fault.kind == "delay" then return delayed(fault, response, deadline, sleep) end
  local damage = damages[fault.kind]
  local problem = damage.error
  if damage.in_process then
    local whole
    whole, problem = damage.in_process(response, fault)
    if whole then return whole end
  end
  return nil, { name = problem[1], message = problem[2], sent = problem[3], phase = "receive" }
end

return faults
