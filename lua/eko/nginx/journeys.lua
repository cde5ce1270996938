--- The journey of the browser at hand: which it is, and how it is taken out of the store and put back.
--
-- One cookie holds the id under which a journey lies in the store. All tabs of a browser share it, so the journey that a page shows
-- may not be the one that the cookie leads to. Hence:
--
-- * a page says which journey it means (`step.journey`, an id of its own that opens nothing), and gets `journey_replaced` where
--   another one is open
-- * who begins or cancels a journey takes the claim away from whoever is at work on the one before: that work ends with
--   `claim_lost`, keeps nothing and sets no cookie. What it has sent is counted nowhere then, so the journey itself goes too, also
--   where the new one does not begin
-- * the cookie is written when a journey begins, and again only when it has grown old: an answer that comes late brings no old
--   one back
-- @module eko.nginx.journeys
local answer = require "eko.nginx.answer"
local common = require "eko.store.common"
local redact = require "eko.base.redact"

-- luacheck: globals ngx (only nginx loads this file)
local ngx = ngx

local journeys = {}

-- Made when it is first needed, in the worker: a function may give a client or a store.
local function made(app, name)
  local value = app[name]
  if type(value) == "function" then
    value = value()
    app[name] = value
  end
  return value
end

--- The client of the endpoints.
-- @tparam table app of `eko.nginx`
-- @treturn table
function journeys.client(app) return made(app, "client") end

-- The store; one that keeps nothing here gets its claims from the dictionary.
local function store_of(app)
  if not app.claiming then
    local store = made(app, "store")
    app.claiming = store.claims and store or app.with_claims(store)
  end
  return app.claiming
end

--- Notes what went wrong in nginx's error log.
-- @tparam any what
function journeys.log_failure(what)
  ngx.log(ngx.ERR, "eko.nginx: ", tostring(what))
end

local function store_failure(err)
  journeys.log_failure(err)
  return answer.problem("store_unavailable", "try again in a moment", { cause = err.name }, { ["Retry-After"] = "1" })
end

local function no_journey(cause)
  return answer.problem("no_journey", "begin again; what the platform has verified stays verified", { cause = cause })
end

local function busy()
  return answer.problem("journey_busy", "wait for its answer, then look where the journey stands", nil, { ["Retry-After"] = "1" })
end

-- Ids: five digits of the time and 114 random bits, as 24 letters, digits, - and _.
local DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
local TIME_DIGITS = 5
local BASE = #DIGITS
local ROUND = BASE ^ TIME_DIGITS

--- A new id.
-- @treturn string
function journeys.new_id()
  local seconds, digits = ngx.time() % ROUND, {}
  for i = TIME_DIGITS, 1, -1 do
    local digit = seconds % BASE
    digits[i], seconds = DIGITS:sub(digit + 1, digit + 1), (seconds - digit) / BASE
  end
  return table.concat(digits) .. common.new_key():sub(TIME_DIGITS + 1)
end

local function age_of(id)
  local made_at = 0
  for digit in id:sub(1, TIME_DIGITS):gmatch "." do made_at = made_at * BASE + DIGITS:find(digit, 1, true) - 1 end
  return (ngx.time() - made_at) % ROUND
end

--- The id of the browser's journey.
-- @tparam table app
-- @treturn ?string nil where there is none
function journeys.id(app)
  local id = app.jar.read(app.cookie_name)
  return common.is_key(id) and id or nil
end

--- Has the browser keep an id; without one, forget it.
-- @tparam table app
-- @tparam ?string id
function journeys.remember(app, id)
  app.jar.write(app.cookie_name, id, id and app.ttl or 0)
end

-- Errors of a token that will never open again.
local DEAD = {
  malformed_token = true, truncated_token = true, tampered_token = true, expired_token = true, wrong_token_context = true,
  unknown_token_key = true, unsupported_token_version = true,
}

-- How much has been done in a journey: it never becomes less.
local function progress_of(flow)
  local counts = flow.data.counts
  return counts.calls + counts.refusals
end

--- What a page is told that shows the journey as it was.
-- @treturn table the answer
function journeys.moved_on()
  return answer.problem("journey_moved_on", "ask where it stands, and show that")
end

--- The journey under an id. The cookie of one that is dead is dropped; of one that is not there any more it stays, because the
-- browser may have been given another in the meantime.
-- @tparam table app
-- @tparam ?string id
-- @tparam[opt] boolean may_be_old whether an older cookie of it will do
-- @treturn[1] table the flow
-- @treturn[2] nil
-- @treturn[2] table the answer
function journeys.open(app, id, may_be_old)
  if not id then return nil, no_journey() end
  local token, err = store_of(app):get(id)
  if err then return nil, store_failure(err) end
  if not token then return nil, no_journey() end
  local flow, flow_err = journeys.client(app):resume(token, app.keys, { context = id })
  if flow then
    local store = store_of(app)
    if not may_be_old and store.in_browser and store:reached(id) > progress_of(flow) then return nil, journeys.moved_on() end
    return flow
  end
  if not DEAD[flow_err.name] then return nil, store_failure(flow_err) end
  journeys.remember(app, nil)
  return nil, no_journey(flow_err.name)
end

--- Whether a flow is the journey that a page means.
-- @tparam table flow
-- @tparam string journey an id, `step.journey`
-- @treturn ?table nil where it is, else the answer
function journeys.mistaken(flow, journey)
  if flow.data.journey == journey then return nil end
  return answer.problem("journey_replaced", "nothing of this request was used; look where the open journey stands, or begin again",
    { mobile = redact.mobile(flow.data.customer_id) })
end

-- Puts the journey away again, or forgets it when it is over. Returns the answer when that failed: one that cannot be kept is over.
local function keep(app, id, claim, flow, step)
  local store = store_of(app)
  local ok, err
  if step and step.done then
    ok, err = store:delete(id, claim)
    if ok then journeys.remember(app, nil) end
    if ok and store.in_browser then store:note(id, nil) end
  else
    local token
    token, err = flow:suspend(app.keys, { ttl = app.ttl, context = id })
    if token then ok, err = store:put(id, token, app.ttl, claim) end
    if ok and store.in_browser then store:note(id, progress_of(flow)) end
    if ok and age_of(id) > app.ttl / 2 then journeys.remember(app, id) end
  end
  if ok then return nil end
  if err == "claim_lost" then return busy() end
  -- What was sent is not counted then, and the next try would end as this one. (A store that was not reached in time is down for the
  -- next one too: that is not called.)
  if err.name ~= "store_unavailable" then store:revoke(id) end
  return store_failure(err)
end

local function let_go(app, id, claim)
  local _, err = store_of(app):release(id, claim)
  if err then journeys.log_failure(err) end
end

-- Has something done and lets go of a claim, whatever becomes of it.
local function holding(app, id, claim, work)
  local done, reply = pcall(work)
  let_go(app, id, claim)
  if not done then error(reply, 0) end
  return reply
end

--- Has `work(flow)` -> step or nil, err or nil, answer done by one request at a time, and puts the journey away.
-- @tparam table app
-- @tparam ?string journey the one that the page means; nil: whichever is open
-- @tparam function work
-- @treturn table the answer
function journeys.with(app, journey, work)
  local id = journeys.id(app)
  if not id then return no_journey() end
  local claim, why = store_of(app):claim(id, app.claim_ttl)
  if not claim then return why == "claimed" and busy() or store_failure(why) end
  return holding(app, id, claim, function()
    local flow, refusal = journeys.open(app, id)
    if not flow then return refusal end
    refusal = journey and journeys.mistaken(flow, journey)
    if refusal then return refusal end
    local step, err, answered = work(flow)
    if answered then return answered end
    refusal = keep(app, id, claim, flow, step)
    if refusal then return refusal end
    return step and answer.step(flow, step) or answer.failure(err, flow, true)
  end)
end

-- Stands in the store until there is a journey: it shows that one can be kept, and has the room for it.
local PLACEHOLDER = "begun"

-- Finds out whether a journey can be kept under a new id. Returns the answer where it cannot.
local function reserve(app, id)
  local store = store_of(app)
  local ok, err
  if store.in_browser then
    ok, err = store:claim(id, app.claim_ttl)
    if ok then let_go(app, id, ok) end
  else
    ok, err = store:put(id, PLACEHOLDER, app.claim_ttl)
  end
  return not ok and store_failure(err) or nil
end

-- Advances a new flow, and keeps it. Returns the answer, and whether it has begun.
local function carry(app, id, flow)
  local step, err = flow:advance()
  if not step then
    if not store_of(app).in_browser then store_of(app):delete(id) end
    return answer.failure(err, flow), false
  end
  -- Nobody else knows the id yet: no claim is needed.
  local refusal = keep(app, id, nil, flow, step)
  if refusal then return refusal, false end
  if not step.done then journeys.remember(app, id) end
  return answer.step(flow, step), true
end

--- Begins a journey in place of the one that was open. That the store can keep it is found out before the platform is called.
-- @tparam table app
-- @tparam table flow a new one
-- @treturn table the answer
function journeys.begin(app, flow)
  local store, id, before = store_of(app), journeys.new_id(), journeys.id(app)
  local refusal = reserve(app, id)
  if refusal then return refusal end
  if not before then return (carry(app, id, flow)) end
  -- From here on nobody else's work on the one before is kept.
  local hold, err = store:claim(before, app.claim_ttl)
  if err == "claimed" then
    local _, revoke_err = store:revoke(before)
    if revoke_err then return store_failure(revoke_err) end
    return (carry(app, id, flow))
  end
  if not hold then return store_failure(err) end
  return holding(app, before, hold, function()
    local reply, has_begun = carry(app, id, flow)
    if not has_begun then return reply end
    local _, revoke_err = store:revoke(before)
    if revoke_err then journeys.log_failure(revoke_err) end
    return reply
  end)
end

--- Forgets the browser's journey.
-- @tparam table app
-- @tparam string journey the one that the page means
-- @treturn table the answer
function journeys.cancel(app, journey)
  local id = journeys.id(app)
  if not id then return answer.empty() end
  local flow, refusal = journeys.open(app, id, true)
  if not flow then return refusal.status == 401 and answer.empty() or refusal end
  refusal = journeys.mistaken(flow, journey)
  if refusal then return refusal end
  local was_there, err = store_of(app):revoke(id)
  if err then return store_failure(err) end
  if was_there then journeys.remember(app, nil) end
  return answer.empty()
end

return journeys
