--- Runs inside nginx: handlers that make the call a spec asks for, and tell what came of it.
-- A job is JSON: `{ client = options, wallet =, method =, params =, options = }` for a call, `{ request =, settings = }` for
-- a bare exchange, `{ client =, journey = { wallet =, mobile = } or { token =, inputs = } }` for a step of a journey.

local cjson = require("cjson").new()
local eko = require "eko"
local errors = require "eko.base.errors"
local new_transport = require "spec.support.transport"
local journey_key = ("k"):rep(32)

local calls = {}

--- What became of a call in each phase: phase -> result.
calls.seen = {}

local clients = {}

local function client_of(options)
  local key = options.base_url .. " " .. tostring(options.timeout)
  clients[key] = clients[key] or eko.client(options)
  return clients[key]
end

local function told(err)
  return {
    kind = err.kind, name = err.name, sent = tostring(err.sent), phase = err.phase, message = err.message,
    retryable = err.retryable, code = err.code, is_ours = errors.is(err), text = tostring(err),
  }
end

local function typed_call(job)
  local wallet = client_of(job.client)[job.wallet]
  local answer, err = wallet[job.method](wallet, job.params, job.options)
  if not answer then return { error = told(err) } end
  return { answer = answer, response_type_id = answer.response.response_type_id }
end

local function bare_exchange(job)
  local request = job.request
  ngx.update_time() -- decoding a large job takes time of the turn that timers count from
  local busy_until = require("eko.core").text.monotonic() + (job.busy or 0)
  while require("eko.core").text.monotonic() < busy_until do end -- a worker that runs its timers late
  local started = require("eko.core").text.monotonic()
  request.deadline = started + (job.seconds or 5)
  local response, err = new_transport(job.settings or {})(request)
  local took = require("eko.core").text.monotonic() - started
  if response then return { response = response, took = took } end
  return { error = told(err), took = took }
end

local function journey_step(job)
  local client, asked = client_of(job.client), job.journey
  local flow, err
  if asked.token then
    flow, err = client:resume(asked.token, journey_key)
    if not flow then return { error = told(err) } end
  else
    flow = client:onboarding(asked.wallet, { customer_id = asked.mobile })
  end
  local step
  step, err = flow:advance(asked.inputs)
  if not step then return { error = told(err), token = flow:suspend(journey_key) } end
  return {
    step = { wallet = step.wallet, state = step.state, needs = step.needs, done = step.done, outcome = step.outcome,
      error = step.error and told(step.error) },
    token = flow:suspend(journey_key),
  }
end

--- Does a job where it stands, in whatever phase that is.
function calls.perform(job)
  if job.journey then return journey_step(job) end
  if job.request then return bare_exchange(job) end
  return typed_call(job)
end

local function read_job()
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  if not body then
    local file = assert(io.open(ngx.req.get_body_file(), "rb"))
    body = file:read "*a"
    file:close()
  end
  return cjson.decode(body)
end

local function answer(result)
  ngx.header.content_type = "application/json"
  ngx.print(cjson.encode(result))
  return ngx.exit(ngx.HTTP_OK)
end

--- A handler for rewrite, access and content.
function calls.handle()
  answer(calls.perform(read_job()))
end

--- A handler whose job is done by a timer.
function calls.handle_in_timer()
  local job, done, result = read_job(), require("ngx.semaphore").new(), nil
  assert(ngx.timer.at(0, function()
    local ok, made = pcall(calls.perform, job)
    result = ok and made or { crash = tostring(made) }
    result.timer_phase = ngx.get_phase()
    done:post()
  end))
  assert(done:wait(20))
  answer(result)
end

--- Makes a call in the phase that runs this, and keeps what came of it.
function calls.record(phase, job)
  local ok, result = pcall(calls.perform, job)
  calls.seen[phase] = ok and result or { crash = tostring(result) }
  calls.seen[phase].phase = ngx.get_phase()
end

--- A handler that tells what `record` kept.
function calls.tell()
  answer(calls.seen)
end

local function say(status, text)
  ngx.status = status
  ngx.header.content_length = #text
  ngx.print(text)
end

--- A handler that looks the customer of its path (/any/9000000001) up, and says the reference that it got.
function calls.look_up(client)
  local found, err = client.levin:get { customer_id = ngx.var.uri:match "%d+$" }
  if found then return say(200, found.otp_ref_id) end
  say(502, tostring(err))
end

--- A handler that looks the customer of its path up, and says what came out.
function calls.outcome(client)
  local found, err = client.levin:get { customer_id = ngx.var.uri:match "%d+$" }
  if found then return say(200, found.outcome) end
  say(502, tostring(err))
end

--- A handler that verifies an OTP marked with its path, and says for whom the platform took it.
function calls.verify(client)
  local mark = ngx.var.uri:match "%d+$"
  local sender, err = client.levin:verify_otp { customer_id = mark, otp = "123456", otp_ref_id = mark, intent_id = "19" }
  if sender then return say(200, sender.customer_profile.name) end
  say(502, tostring(err))
end

--- Signs so many calls, without making them.
function calls.burst(client, count)
  for _ = 1, count do assert(client.levin:get({ customer_id = "9444444444" }, { dry_run = true })) end
end

--- A handler that says which timestamp a call would be signed with, by which worker, without making it.
function calls.stamp(client)
  local request = assert(client.levin:get({ customer_id = "9444444444" }, { dry_run = true }))
  say(200, cjson.encode { timestamp = request.headers["secret-key-timestamp"], worker = ngx.worker.id(), pid = ngx.worker.pid() })
end

return calls
