--- A shop for specs: nginx with the endpoints of `eko.nginx` over every store, another nginx with the emulator, and a Redis.
--
--     local shop = shop_support.start { workers = 4 }
--     local agent = shop:agent "redis"                  -- a browser that keeps its cookies
--     local step, answer = agent:start("levin", "9444444444")
--     step = agent:advance { otp = shop:otp "9444444444" }
--     local second = agent:tab()                        -- shares the cookies, and shows what it shows
--     shop:stop()
--
-- For customers who are no matter: `shop:new_customer()`, `shop:answers(step, customer)`.

local assert = require "luassert"
local journey = require "spec.support.journey"
local json = require "eko.base.json"
local nginx = require "spec.support.nginx"
local redis = require "spec.support.redis"

local support = {}

local EMULATOR = [[
local seen = {}
local emulated = require("eko.emulator.nginx").new {
  on_sms = function() seen.sms = (seen.sms or 0) + 1 end,
  developer_key = "developer-key-of-specs", access_key = "access-key-of-specs" }

-- Faults are planned over HTTP, by one line of Lua each.
function emulated:control()
  ngx.req.read_body()
  local chunk = assert(loadstring("local platform, seen = ... " .. ngx.req.get_body_data()))
  ngx.print(tostring((chunk(self.platform, seen))))
end

-- What the platform was sent: method, path and body of each request, and how many an SMS came of.
local serve = emulated.serve
function emulated:serve()
  ngx.req.read_body()
  seen[#seen + 1] = ngx.req.get_method() .. " " .. ngx.var.request_uri .. "\n" .. (ngx.req.get_body_data() or "")
  return serve(self)
end

return emulated
]]

local APP = [[
local eko = require "eko"

local key = ("k"):rep(31) .. "1"
local apps = {}

local function client(seconds)
  return eko.client {
    base_url = "http://127.0.0.1:{{emulator}}/ekoapi/v3", developer_key = "developer-key-of-specs", access_key = "access-key-of-specs",
    initiator_id = "9962981729", user_code = "20810200", timeout = seconds or 5,
  }
end

local function add(name, more)
  local options = { client = client, key = key, shared_dict = "eko", cookie = { secure = false } }
  for each, value in pairs(more) do options[each] = value end
  apps[name] = require("eko.nginx").new(options)
end

local redis = require("eko.store.redis").new { path = "{{redis}}", timeout = 0.5 }
local dict = require("eko.store.shared_dict").new "journeys"
add("cookie", { store = "cookie" })
add("dict", { store = dict })
add("redis", { store = redis })
add("brief", { store = dict, ttl = 1 })
local function limit(count) return { count = count, seconds = 60 } end
add("limited", { store = dict, limits = { starts = limit(2), attempts = limit(3), resends = limit(1) } })
add("secure", { store = dict, cookie = {}, origins = { "https://shop.example" } })
add("levin_only", { store = dict, wallets = { "levin" } })
add("no_redis", { store = require("eko.store.redis").new { path = "{{redis}}.nobody" } })
add("raising", { store = dict, client = function() error "the client could not be made" end })
-- Here a browser that leaves can end a request.
for name, store in pairs { leaving_dict = dict, leaving_redis = redis, leaving_cookie = "cookie" } do
  add(name, { store = store, claim_ttl = 1.5 })
end
add("impatient", { store = dict, claim_ttl = 0.3 })
-- A client that opens no token when a header names the error.
add("memory", { store = dict, client = function()
  local real = client()
  return {
    onboarding = function(_, ...) return real:onboarding(...) end,
    resume = function(_, ...)
      local name = ngx.var.http_x_fail
      if not name then return real:resume(...) end
      return nil, require("eko.base.errors").new { kind = "store", name = name, message = "of a spec", sent = false, retryable = true }
    end,
  }
end })
-- Small dictionaries, which a spec fills.
add("tight", { store = require("eko.store.shared_dict").new "tight" })
add("growing", { store = require("eko.store.shared_dict").new "growing" })
local function patient_client() return client(30) end
add("crowded", { store = dict, shared_dict = "crowded", client = patient_client })
add("crowded_cookie", { store = "cookie", shared_dict = "crowded_cookie", client = patient_client })
add("filled_cookie", { store = "cookie", shared_dict = "filled" })
-- One key after the other.
local before, after = ("b"):rep(32), ("a"):rep(32)
for name, keys in pairs { key_before = before, key_both = { after, before }, key_after = after } do
  add(name, { store = dict, key = keys, shared_dict = "rotated", limits = { starts = limit(2) } })
end
-- What older versions did not have.
pcall(add, "by_address", { store = dict, shared_dict = "by_address",
  limits = { addresses = { starts = limit(3), attempts = limit(4), resends = limit(1) } } })
pcall(add, "brief_journeys", { store = dict, journey_limits = { otps = 2, refusals = 3, resend_seconds = 0 } })
pcall(add, "unhurried", { store = dict, journey_limits = { resend_seconds = 0 } })

local function fill(name)
  local filled, n = ngx.shared[name], 0
  while filled:safe_set("fill:" .. n, 1) do n = n + 1 end
  ngx.print(n)
end

return {
  handle = function()
    local name, action = ngx.var.uri:match "^/([%w_]+)/(%w+)$"
    if action == "fill" then return fill(name) end
    if action == "keys" then return ngx.print(#ngx.shared[name]:get_keys(0)) end
    return apps[name][action](apps[name])
  end,
  apps = apps,
}
]]

local APP_HTTP = [[
  lua_shared_dict journeys 10m;
  lua_shared_dict eko 2m;
  lua_shared_dict tight 256k;
  lua_shared_dict growing 256k;
  lua_shared_dict crowded 64k;
  lua_shared_dict crowded_cookie 64k;
  lua_shared_dict filled 64k;
  lua_shared_dict rotated 64k;
  lua_shared_dict by_address 64k;
  init_by_lua_block { require "app" }
  server {
    listen 127.0.0.1:{{app}};
    listen unix:{{prefix}}/app.sock;
    listen 127.0.0.1:{{app_h2}} http2;
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Real-IP;
    location / { content_by_lua_block { require("app").handle() } }
    location /leaving_ { lua_check_client_abort on; content_by_lua_block { require("app").handle() } }
    location = /dict/access { access_by_lua_block { require("app").apps.dict:start() } content_by_lua_block { ngx.say("not reached") } }
    location = /dict/rewrite { rewrite_by_lua_block { require("app").apps.dict:start() } content_by_lua_block { ngx.say("not reached") } }
    location = /small/start { client_body_buffer_size 1k; content_by_lua_block { require("app").apps.dict:start() } }
  }
]]

local EMULATOR_HTTP = [[
  init_by_lua_block { emulated = require "emulated" }
  server {
    listen 127.0.0.1:{{emulator}};
    underscores_in_headers on;
    client_body_buffer_size 64k;
    location / { content_by_lua_block { emulated:serve() } }
    location = /sms { content_by_lua_block { emulated:sms() } }
    location = /control { content_by_lua_block { emulated:control() } }
  }
]]

local shop = {}
shop.__index = shop

--- Starts everything.
-- @param options `workers` of the nginx with the endpoints
function support.start(options)
  local self = setmetatable({ heard = {}, last_customer = 9444440000 }, shop)
  self.redis = redis.start()
  self.emulator = nginx.start { ports = { "emulator" }, files = { ["lua/emulated.lua"] = EMULATOR }, http = EMULATOR_HTTP }
  local port = self.emulator.ports.emulator
  self.app = nginx.start {
    ports = { "app", "app_h2" }, workers = options and options.workers, package_path = redis.nginx_path(), http = APP_HTTP,
    files = { ["lua/app.lua"] = (APP:gsub("{{emulator}}", port):gsub("{{redis}}", self.redis.path)) },
  }
  return self
end

--- Stops everything. Returns the error logs.
function shop:stop()
  local logs = self.app:stop() .. self.emulator:stop()
  self.redis:stop()
  return logs
end

--- Stops everything, and asserts that no answer and no line of the logs holds what it may not.
function shop:stop_clean()
  local log = self:stop()
  local person = journey.person
  for _, secret in ipairs { "access-key-of-specs", ("k"):rep(31), person.aadhar, person.pan_number, "c3ludGhldGlj" } do
    assert.is_nil(log:find(secret, 1, true), "in the error log: " .. secret)
    for _, answer in ipairs(self.heard) do
      assert.is_nil(answer.body:find(secret, 1, true), "in an answer: " .. secret)
      assert.is_nil(answer.head:find(secret, 1, true), "in a head: " .. secret)
    end
  end
  for _, answer in ipairs(self.heard) do
    for _, name in ipairs { "wallet_token", "otp_ref_id", "kyc_request_id", "consent_id", "eko1_" } do
      assert.is_nil(answer.body:find(name, 1, true), name .. " in " .. answer.body)
    end
  end
  assert.is_nil(log:find "%[error%].*stack traceback", "an error was raised in nginx")
end

--- A customer whom nobody else has.
function shop:new_customer()
  self.last_customer = self.last_customer + 1
  return ("%.0f"):format(self.last_customer)
end

--- What a customer gives for a step.
function shop:answers(step, customer)
  return journey.answers(step, function() return self:otp(customer) end)
end

--- What a customer's phones received, newest first.
function shop:sms(customer_id)
  local answer = self.emulator:request { port = self.emulator.ports.emulator, path = "/sms?customer_id=" .. customer_id }
  return assert(json.decode(answer.body))
end

--- The newest OTP.
function shop:otp(customer_id)
  return self:sms(customer_id)[1].otp
end

--- Runs a line of Lua that may use `platform`.
function shop:platform(line)
  local answer = self.emulator:request { port = self.emulator.ports.emulator, method = "POST", path = "/control", body = line }
  assert(answer.status == 200, answer.body)
  return answer.body
end

--- Requests that the platform received since the last look, as text: "METHOD path", a line end, the body.
function shop:received()
  local list = assert(json.decode(self:platform(
    "local list = require('eko.emulator.json').list() for i, each in ipairs(seen) do list[i] = each seen[i] = nil end "
      .. "return require('eko.emulator.json').encode(list)")))
  return list
end

--- How many SMS the platform has sent.
function shop:sms_count() return tonumber(self:platform "return seen.sms or 0") end

--- Asserts that an answer is a problem of this HTTP status and name; gives it back.
function shop.problem(_, expected, name, problem, answer)
  assert.equal(expected, answer.status, answer.body)
  assert.equal("application/problem+json", answer.headers["content-type"], name)
  assert.equal(name, problem.name, answer.body)
  assert.equal(expected, problem.status, name)
  assert.equal("urn:lua-eko:problem:" .. name:gsub("_", "-"), problem.type, name)
  assert.is_true(#problem.title > 5, name)
  return problem
end

local agent = {}
agent.__index = agent

--- A browser on one of the apps, which is its first tab.
function shop:agent(app)
  return setmetatable({ shop = self, app = app, cookies = {} }, agent)
end

--- Another tab of the browser: the cookies are shared.
function agent:tab()
  return setmetatable({ shop = self.shop, app = self.app, cookies = self.cookies, unix = self.unix }, agent)
end

--- The cookie header, or nil.
function agent:cookie_header()
  local parts = {}
  for name, value in pairs(self.cookies) do parts[#parts + 1] = name .. "=" .. value end
  return parts[1] and table.concat(parts, "; ") or nil
end

--- Takes over what an answer sets, and shows its step: `journey` is of the step that the tab shows.
function agent:remember(answer)
  for _, line in ipairs(answer.cookies) do
    local name, value = line:match "^([^=]+)=([^;]*)"
    self.cookies[name] = value ~= "" and not line:find "Max%-Age=0" and value or nil
  end
  self.shop.heard[#self.shop.heard + 1] = answer
  local value = answer.body ~= "" and json.decode(answer.body)
  local step = type(value) == "table" and (value.step or value)
  if type(step) == "table" and step.journey then self.journey = step.journey end
end

--- A request as a page's script would send it; `more` replaces headers (false: not sent), `method`, `body` (text), `path`.
function agent:request_of(action, value, more)
  more = more or {}
  local headers = {
    ["x-requested-with"] = "eko", ["content-type"] = "application/json", cookie = self:cookie_header() or false,
    host = "127.0.0.1:" .. self.shop.app.ports.app, origin = "http://127.0.0.1:" .. self.shop.app.ports.app,
  }
  for name, content in pairs(more.headers or {}) do headers[name] = content end
  local method = more.method or "POST"
  return {
    port = not self.unix and self.shop.app.ports.app or nil, unix = self.unix, method = method,
    path = more.path or ("/%s/%s"):format(self.app, action), headers = headers,
    body = method ~= "GET" and (more.body or json.encode(value or {}):gsub("^%[%]$", "{}")) or nil,
  }
end

--- Begins a request; `finish` reads its answer and takes it over. So several are under way at a time.
function agent:begin(action, value, more)
  return assert(self.shop.app:begin(self:request_of(action, value, more)))
end

--- @return the decoded answer, and the answer itself
function agent:finish(client)
  local answer = assert(self.shop.app:finish(client))
  self:remember(answer)
  return answer.body ~= "" and assert(json.decode(answer.body), answer.body) or nil, answer
end

--- Sends a request.
-- @return the decoded answer, and the answer itself
function agent:send(action, value, more)
  local answer = self.shop.app:request(self:request_of(action, value, more))
  self:remember(answer)
  return answer.body ~= "" and assert(json.decode(answer.body), answer.body) or nil, answer
end

function agent:start(wallet, customer_id) return self:send("start", { wallet = wallet, customer_id = customer_id }) end
function agent:advance(inputs, state) return self:send("advance", { journey = self.journey, inputs = inputs, state = state }) end
function agent:resend() return self:send("resend", { journey = self.journey }) end
function agent:resume() return self:send("resume", nil, { method = "GET", headers = { ["content-type"] = false, origin = false } }) end
function agent:cancel() return self:send("cancel", { journey = self.journey }) end

return support
