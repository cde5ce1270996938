--- A shop for specs: nginx with the endpoints of `eko.nginx` over every store, another nginx with the emulator, and a Redis.
--
--     local shop = shop_support.start { workers = 4 }
--     local agent = shop:agent "redis"                  -- a browser that keeps its cookies
--     local step, answer = agent:start("levin", "9444444444")
--     step = agent:advance { otp = shop:otp "9444444444" }
--     shop:stop()

local json = require "eko.json"
local nginx = require "spec.support.nginx"
local redis = require "spec.support.redis"

local support = {}

local EMULATOR = [[
local emulated = require("eko.emulator.nginx").new { developer_key = "developer-key-of-specs", access_key = "access-key-of-specs" }

-- Faults are planned over HTTP, by one line of Lua each.
function emulated:control()
  ngx.req.read_body()
  local chunk = assert(loadstring("local platform = ... " .. ngx.req.get_body_data()))
  ngx.print(tostring((chunk(self.platform))))
end

return emulated
]]

local APP = [[
local eko = require "eko"

local key = ("k"):rep(31) .. "1"
local apps = {}

local function client()
  return eko.client {
    base_url = "http://127.0.0.1:{{emulator}}/ekoapi/v3", developer_key = "developer-key-of-specs", access_key = "access-key-of-specs",
    initiator_id = "9962981729", user_code = "20810200", timeout = 5,
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
add("impatient", { store = dict, claim_ttl = 0.3 })

return {
  handle = function()
    local name, action = ngx.var.uri:match "^/([%w_]+)/(%w+)$"
    return apps[name][action](apps[name])
  end,
  apps = apps,
}
]]

local APP_HTTP = [[
  lua_shared_dict journeys 10m;
  lua_shared_dict eko 2m;
  init_by_lua_block { require "app" }
  server {
    listen 127.0.0.1:{{app}};
    listen unix:{{prefix}}/app.sock;
    listen 127.0.0.1:{{app_h2}} http2;
    location / { content_by_lua_block { require("app").handle() } }
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
  local self = setmetatable({ agents = {} }, shop)
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

local agent = {}
agent.__index = agent

--- A browser on one of the apps.
function shop:agent(app)
  return setmetatable({ shop = self, app = app, cookies = {}, answers = {} }, agent)
end

--- The cookie header, or nil.
function agent:cookie_header()
  local parts = {}
  for name, value in pairs(self.cookies) do parts[#parts + 1] = name .. "=" .. value end
  return parts[1] and table.concat(parts, "; ") or nil
end

--- Takes over what an answer sets.
function agent:remember(answer)
  for _, line in ipairs(answer.cookies) do
    local name, value = line:match "^([^=]+)=([^;]*)"
    self.cookies[name] = value ~= "" and not line:find "Max%-Age=0" and value or nil
  end
  self.answers[#self.answers + 1] = answer
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
    port = self.shop.app.ports.app, method = method, path = more.path or ("/%s/%s"):format(self.app, action), headers = headers,
    body = method ~= "GET" and (more.body or json.encode(value or {}):gsub("^%[%]$", "{}")) or nil,
  }
end

--- Sends a request.
-- @return the decoded answer, and the answer itself
function agent:send(action, value, more)
  local answer = self.shop.app:request(self:request_of(action, value, more))
  self:remember(answer)
  return answer.body ~= "" and assert(json.decode(answer.body), answer.body) or nil, answer
end

function agent:start(wallet, customer_id) return self:send("start", { wallet = wallet, customer_id = customer_id }) end
function agent:advance(inputs, state) return self:send("advance", { inputs = inputs, state = state }) end
function agent:resend() return self:send "resend" end
function agent:resume() return self:send("resume", nil, { method = "GET", headers = { ["content-type"] = false, origin = false } }) end
function agent:cancel() return self:send "cancel" end

return support
