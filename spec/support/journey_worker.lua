-- Goes on with a journey from its token, in a process of its own: spec/support/journey.lua starts it with the path of a job.
-- A job: { client = { base_url, developer_key, access_key }, token, key, context, inputs } ; the answer, on stdout, says which Lua
-- this was and where the journey stands now, with a new token.

local json = require("cjson").new()
local eko = require "eko"

local file = assert(io.open(assert(arg[1], "the path of a job"), "rb"))
local job = json.decode(file:read "*a")
file:close()

local client = eko.client {
  base_url = job.client.base_url, developer_key = job.client.developer_key, access_key = job.client.access_key,
  initiator_id = "9962981729", user_code = "20810200", retries = 0, timeout = 5, timestamp_lane = { index = 1, count = 2 },
}

local answer = { lua = rawget(_G, "jit") and "luajit" or "lua" .. _VERSION:match "[%d.]+$" }
local flow, err = client:resume(job.token, job.key, { context = job.context })
if flow then
  answer.resumed_in = flow:state()
  local step
  step, err = flow:advance(job.inputs)
  answer.state, answer.history = flow:state(), #flow:history()
  answer.token = flow:suspend(job.key, { context = job.context })
  if step then
    answer.step = {
      state = step.state, wallet = step.wallet, needs = #step.needs > 0 and step.needs or nil, done = step.done,
      prompt = step.prompt, error = step.error and step.error.name,
    }
  end
end
answer.error = err and err.name
io.write(json.encode(answer))
