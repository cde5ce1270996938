--- Runs inside an nginx of its own: platforms that answer many calls at a time.

local cjson = require("cjson").new()

local nginx_platform = {}

local function read_request()
  ngx.req.read_body()
  return {
    method = ngx.req.get_method(), url = ngx.var.request_uri, headers = ngx.req.get_headers(), body = ngx.req.get_body_data(),
  }
end

local function answer(status, text)
  ngx.status = status
  ngx.header.content_type = "application/json"
  ngx.header.content_length = #text
  ngx.print(text)
end

local platform
local seen = { calls = 0, unauthorized = 0 }

--- The emulator, its one-use timestamps included. Needs a single worker.
function nginx_platform.emulate(options)
  platform = platform or require("eko.emulator").new(options)
  local response = platform:handle(read_request())
  seen.calls = seen.calls + 1
  if response.status == 401 then seen.unauthorized = seen.unauthorized + 1 end
  answer(response.status, response.body)
end

--- How many calls the emulator saw, and how many it did not let in.
function nginx_platform.tell()
  answer(200, cjson.encode(seen))
end

local REUSED = '{"message":"Expired security headers","status":2485,"response_type_id":2485,"response_status_id":1}'
local SENT = '{"response_status_id":1,"data":{"otp_ref_id":"%s"},"response_type_id":2129,"message":"OTP sent","status":2129}'
local VERIFIED = '{"response_status_id":-1,"data":{"customer_profile":{"name":"%s","mobile":"%s"},"wallet_token":"%s"},'
  .. '"response_type_id":309,"message":"ok","status":0}'

--- Answers a sender's look-up and a verified OTP with what the request was marked with, after a while of its own. It takes a
-- timestamp once a key (in the shared dictionary `timestamps`) and counts how often each marked OTP arrived (in `arrivals`).
-- @param most the longest time to answer, in seconds
function nginx_platform.echo(most)
  local request = read_request()
  local counts = ngx.shared.arrivals
  counts:incr("calls", 1, 0)
  if not ngx.shared.timestamps:safe_add(request.headers.developer_key .. request.headers["secret-key-timestamp"], true) then
    counts:incr("reused", 1, 0)
    return answer(401, REUSED)
  end
  if most > 0 then ngx.sleep(math.random() * most) end
  local mark = request.method == "POST" and request.body:match '"otp_ref_id":"(%d+)"'
  if mark then
    if counts:incr("otp " .. mark, 1, 0) > 1 then counts:incr("twice", 1, 0) end
    return answer(200, VERIFIED:format(mark, mark, mark))
  end
  answer(200, SENT:format(request.url:match "/sender/(%d+)"))
end

--- `{ calls, reused (timestamps), twice (OTPs that arrived more than once) }`
function nginx_platform.tell_echo()
  local counts = ngx.shared.arrivals
  answer(200, cjson.encode { calls = counts:get "calls" or 0, reused = counts:get "reused" or 0, twice = counts:get "twice" or 0 })
end

return nginx_platform
