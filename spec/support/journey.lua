--- What the journeys' specs share: a person who answers, clients, other processes that go on with a token.

local cjson = require "cjson"
local eko = require "eko"
local shell = require "spec.support.shell"
local this_lua = require "spec.support.interpreter"

local journey = {}

local json = cjson.new()

journey.key = ("k"):rep(31) .. "1"

--- Synthetic, all of it: the Aadhaar number has a valid check digit, the PAN is a person's by its fourth letter.
journey.person = {
  name = "Asha Rao", dob = "1990-05-17", residence_address = { "1 Test Street", "Pune", "MH", "411001" },
  aadhar = "234567890124", pan_number = "ABCPE1234F", consent = true, consent_language = "4", continue_with = "levin",
  piddata = "<?xml version=\"1.0\"?>\n<PidData><Data type=\"X\">c3ludGhldGlj</Data></PidData>",
}
journey.fino_address = { line = "1 Test Street", city = "Pune", state = "MH", pincode = "411001" }

--- What a person gives for a step.
-- @param otp a function that gives the newest OTP
-- @param own answers that are this person's own
function journey.answers(step, otp, own)
  local given = {}
  for _, need in ipairs(step.needs) do
    if own and own[need] ~= nil then
      given[need] = own[need]
    elseif need == "otp" then
      given.otp = otp()
    elseif need == "residence_address" and step.wallet == "fino" then
      given.residence_address = journey.fino_address
    else
      given[need] = journey.person[need]
    end
  end
  return given
end

function journey.wrong(otp)
  return (otp:gsub("^.", function(digit) return digit == "1" and "2" or "1" end))
end

--- Carries a flow to its end, or to the state `stop`, whatever goes wrong with a call in between.
-- @return the last step, the errors of calls on the way
function journey.drive(flow, otp, options)
  options = options or {}
  local failures = {}
  local step, err = flow:advance()
  for _ = 1, options.limit or 40 do
    if step and (step.done or step.state == options.stop) then return step, failures end
    if step then
      step, err = flow:advance(journey.answers(step, otp, options.own))
    else
      failures[#failures + 1] = err
      if options.on_failure then flow = options.on_failure(flow, err) or flow end
      step, err = flow:advance()
    end
  end
  error(("the journey does not end; it is in the state %s, last error %s"):format(flow:state(), tostring(err)))
end

--- The history in short: one "state what" a line, what being the outcome, the error, or where it went without a call.
function journey.trail(flow)
  local lines = {}
  for i, entry in ipairs(flow:history()) do
    lines[i] = entry.state .. " " .. (entry.outcome or entry.error or "> " .. entry.to)
  end
  return lines
end

--- A client of a server in another process. Every process takes its own lane of timestamps.
function journey.client(server, options)
  local all = {
    base_url = server.base_url, developer_key = server.developer_key, access_key = server.access_key,
    initiator_id = "9962981729", user_code = "20810200", retries = 0, timeout = 5,
    timestamp_lane = { index = 0, count = 2 },
  }
  for name, value in pairs(options or {}) do all[name] = value end
  return eko.client(all)
end

local mine = this_lua.program
local environments = {}

-- Where the core is built for a Lua: the build that is under test, or (a sanitizer's is for one process only) the ordinary one.
local function environment_of(interpreter)
  if environments[interpreter] == nil then
    environments[interpreter] = false
    for _, make in ipairs { "make", "env -u MAKEFLAGS make" } do
      local environment = "unset LUA_PATH LUA_CPATH; " .. shell.output_of(make .. " -s env LUA=" .. interpreter):gsub("\n", "; ")
      if shell.output_of(("(%s%s -e 'require \"eko.core\" print \"yes\"') 2>&1"):format(environment, interpreter)) == "yes\n" then
        environments[interpreter] = environment
        break
      end
    end
  end
  return environments[interpreter]
end

local function other()
  local name = mine == "luajit" and "lua5.4" or "luajit"
  if environment_of(name) then return name end
  io.stderr:write("\n*** eko.core is not built for ", name, ": journeys are handed over within ", mine, " only\n")
  return mine
end

--- The interpreters that journeys are handed over between: this one and the other one. (To look for that takes a while.)
function journey.interpreters()
  return { mine, other() }
end

--- Goes on with a token in a process of its own.
-- @param interpreter "lua5.4" or "luajit"
-- @param job see spec/support/journey_worker.lua
-- @return what the worker answered
function journey.elsewhere(interpreter, server, job)
  job.client = { base_url = server.base_url, developer_key = server.developer_key, access_key = server.access_key }
  local path = os.tmpname()
  shell.write_file(path, json.encode(job))
  local environment = assert(environment_of(interpreter), "eko.core is not built for " .. interpreter)
  local text = shell.output_of(("%s%s spec/support/journey_worker.lua %s 2>&1"):format(environment, interpreter, path))
  os.remove(path)
  local ok, answer = pcall(json.decode, text)
  if not ok then error("the worker failed: " .. text) end
  return answer
end

--- A platform in this process, on a clock that the spec moves, and a client of it.
-- @param options knobs of the platform
-- @param client_options options of the client; its events are collected in `events`
-- @return { platform, client, clock = { ms }, events, otp = function(mobile) -> newest OTP }
function journey.in_process(options, client_options)
  local clock, events = { ms = 1790000000000 }, {}
  local all = { seed = 7, clock = function()
    clock.ms = clock.ms + 1
    return clock.ms
  end }
  for name, value in pairs(options or {}) do all[name] = value end
  local platform = require("eko.emulator").new(all)
  local settings = {
    transport = platform, developer_key = platform.developer_key, access_key = platform.access_key, clock = all.clock,
    initiator_id = platform.initiator_id, user_code = platform.user_code, retries = 0,
    on_exchange = function(event) events[#events + 1] = event end,
  }
  for name, value in pairs(client_options or {}) do settings[name] = value end
  return {
    platform = platform, client = eko.client(settings), clock = clock, events = events,
    otp = function(mobile)
      local inbox = platform:sms(mobile)
      return inbox[#inbox] and inbox[#inbox].otp
    end,
  }
end

--- The same for the journeys of one customer.
-- @param mobile the customer
-- @return the platform and client, with `begin(wallet, inputs)` -> flow, `newest()` -> OTP, `upto(wallet, state, own)` -> a flow that
-- waits in a state and its step, and `script(slug, body)`
function journey.of_one(mobile, options, client_options)
  local s = journey.in_process(options, client_options)
  function s.begin(wallet, inputs)
    local all = { customer_id = mobile }
    for name, value in pairs(inputs or {}) do all[name] = value end
    return s.client:onboarding(wallet, all)
  end
  function s.newest() return s.otp(mobile) end
  function s.upto(wallet, state, own)
    local flow = s.begin(wallet)
    local step = journey.drive(flow, s.newest, { stop = state, own = own })
    assert(step.state == state, "it did not stop in " .. state)
    return flow, step
  end
  function s.script(slug, body) s.platform:script(slug, { { body = body } }) end
  return s
end

--- The same for one and the same customer.
journey.customer = "9444444444"
function journey.of_customer(options, client_options)
  return journey.of_one(journey.customer, options, client_options)
end

--- @treturn function the newest OTP of a customer of a server in another process; spoiled the first `times` times.
function journey.otp_of(server, mobile, times)
  local asked = 0
  return function()
    local inbox = server.sms(mobile)
    asked = asked + 1
    local otp = inbox[#inbox].otp
    return asked <= (times or 0) and journey.wrong(otp) or otp
  end
end

--- How many calls the straight journey makes.
function journey.calls_of(server, client, wallet)
  local before = server.count()
  local mobile = journey.mobile()
  local flow = client:onboarding(wallet, { customer_id = mobile })
  assert(journey.drive(flow, journey.otp_of(server, mobile)).done)
  return server.count() - before
end

--- An answer of the platform's, to be scripted.
function journey.envelope(status, rsid, rtid, more)
  local body = { status = status, response_status_id = rsid, response_type_id = rtid, message = "test" }
  for name, value in pairs(more or {}) do body[name] = value end
  return body
end

--- Every string and number in a value, however deep, keys included: calls f(text, path).
function journey.every_text(value, f, path, seen)
  path, seen = path or "flow", seen or {}
  if type(value) == "string" or type(value) == "number" then
    f(tostring(value), path)
  elseif type(value) == "table" and not seen[value] then
    seen[value] = true
    for name, item in next, value do
      journey.every_text(name, f, path .. " key", seen)
      journey.every_text(item, f, path .. "." .. tostring(name), seen)
    end
  end
end

--- A mobile that no other journey has.
local last_mobile = 0
function journey.mobile()
  last_mobile = last_mobile + 1
  return ("9%09d"):format(last_mobile)
end

return journey
