-- Runs inside nginx: what bench/nginx.lua compares with a plain proxy_pass.
local cjson = require("cjson").new()
local eko = require "eko"

local handlers = {}

-- A key has a timestamp for every millisecond, and this asks for several thousand calls a second: the clock is made to run as
-- fast as the calls.
local now = 1790000000000
local function clock()
  now = now + 4
  return now
end

local client

--- Makes the client, before the fork.
function handlers.init(base_url)
  client = eko.client {
    base_url = base_url, developer_key = "bench-developer-key", access_key = "bench-access-key",
    initiator_id = "9962981729", user_code = "20810200", clock = clock,
  }
end

--- Sign, send, decode, and answer with what an agent's screen shows.
function handlers.call()
  local sender, err = client.levin:verify_otp {
    customer_id = "9444444444",
    otp = "012345",
    otp_ref_id = "5b1f3c52-7a0e-4d7c-9d6e-0a1b2c3d4e5f",
    intent_id = "19",
  }
  if not sender then
    ngx.status = 502
    return ngx.say(tostring(err))
  end
  local profile = sender.customer_profile
  local month = profile.chart[1].data
  local body = cjson.encode {
    outcome = sender.outcome, name = profile.name, balance = profile.balance, limit = profile.next_allowed_limit,
    used = month.used, remaining = month.remaining,
  }
  ngx.header.content_type = "application/json"
  ngx.header.content_length = #body
  ngx.print(body)
end

return handlers
