-- The pieces of work that are measured. Each entry makes a function that does it once. What it needs is required when it
-- is made, so that the cold start of one piece does not pay for another.

local KEYS = { developer_key = "bench-developer-key", access_key = "bench-access-key" }
local SLUG = "ppi-levin-verify-otp"
local TIMESTAMP = 1700000000000

-- The parameters of one verify call, a new table each time as a program would have it.
local function params()
  return {
    customer_id = "9444444444",
    otp = "012345",
    otp_ref_id = "5b1f3c52-7a0e-4d7c-9d6e-0a1b2c3d4e5f",
    intent_id = "19",
  }
end

local function new_client(options)
  options.developer_key, options.access_key = KEYS.developer_key, KEYS.access_key
  options.initiator_id, options.user_code = "9962981729", "20810200"
  return require("eko").client(options)
end

local function typed_call(client)
  return function()
    local sender, err = client.levin:verify_otp(params())
    if not sender then error(tostring(err)) end
    if sender.outcome ~= "verified" then error("the outcome is " .. tostring(sender.outcome)) end
    return sender
  end
end

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return (text:gsub("\n$", ""))
end

local function canned_response()
  local body = read_file("bench/answer.json")
  return function()
    return {
      status = 200,
      headers = { ["content-type"] = "application/json", ["content-length"] = tostring(#body), ["connection"] = "keep-alive" },
      body = body,
    }
  end
end

local function drafter()
  local request, endpoint = require "eko.call.request", require("eko.wallets.catalogue").get(SLUG)
  local context, spare = { initiator_id = "9962981729", user_code = "20810200" }, nil
  return function()
    if spare then spare:release() end
    spare = assert(request.draft(endpoint, params(), context, nil, spare))
    return endpoint, spare
  end
end

local work = {}

--- The full typed call: validate, sign, HTTP, decode, type.
function work.call(base_url)
  return typed_call(new_client { base_url = base_url })
end

--- The same with a clock that runs a millisecond a call: signed timestamps may not run 60 s ahead of the clock, so tens of
-- thousands of calls a second would have to wait for a real one.
function work.call_own_clock(base_url)
  local now = TIMESTAMP
  return typed_call(new_client { base_url = base_url, clock = function() now = now + 1 return now end })
end

--- All of a typed call but the exchange: the transport answers from memory.
function work.call_in_memory()
  return typed_call(new_client { base_url = "http://127.0.0.1/ekoapi/v3", transport = canned_response() })
end

--- Checking and writing the parameters.
function work.draft()
  return drafter()
end

--- The same by a client that does not send.
function work.dry_run()
  local client = new_client { base_url = "http://127.0.0.1/ekoapi/v3", transport = canned_response() }
  return function() return assert(client:call(SLUG, params(), { dry_run = true })) end
end

--- All of a typed call, but that nothing carries it: what our own exchange would be asked for is answered from memory. Less
-- `read`, it is the write side of a call.
function work.call_not_carried()
  local exchange, body = require "eko.wire.exchange", read_file "bench/answer.json"
  local new = exchange.new
  function exchange.new(settings) -- luacheck: ignore
    local direct = new(settings)
    function direct.perform() return { status = 200, body = body } end
    return direct
  end
  local client = new_client { base_url = "http://127.0.0.1/ekoapi/v3" }
  exchange.new = new -- luacheck: ignore
  return typed_call(client)
end

--- Decoding, judging and typing the answer, as our own exchange brings it.
function work.read()
  local response, body = require "eko.call.response", read_file "bench/answer.json"
  local endpoint, draft = drafter()()
  local sent = { draft = draft, client_ref_id = draft:client_ref_id() }
  local typing = { title = SLUG, read = require("eko.core").json.reader(require("eko.wallets.levin.verbs").verify_otp.shape) }
  return function() return assert(response.read(endpoint, { status = 200, body = body }, sent, typing)) end
end

--- One signature, of another timestamp each time.
function work.sign()
  local signer, timestamp = require("eko.core").signer(KEYS.access_key), TIMESTAMP
  return function()
    timestamp = timestamp + 1
    return signer:sign(timestamp)
  end
end

return work
