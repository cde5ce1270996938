-- lua5.4 bench/journeys.lua: the memory that a suspended journey takes in a lua_shared_dict and in Redis, by the length of its token.
-- Prints one JSON object a line. To be run with the environment of `make env`.

package.path = package.path .. ";/usr/share/lua/5.3/?.lua" -- where Debian has lua-redis

local emit = require("bench.results").emit
local nginx = require "spec.support.nginx"
local redis = require "spec.support.redis"
local store = require "eko.store"

local LENGTHS = { 700, 1000, 1500 }
local DICT_KB = 10240

local application = nginx.start {
  http = ([[
    lua_shared_dict journeys %dk;
    server { listen unix:{{prefix}}/app.sock; location / { content_by_lua_block {
      local store = require "eko.store"
      local journeys, token, count = require("eko.store.shared_dict").new "journeys", ("t"):rep(tonumber(ngx.var.arg_length)), 0
      ngx.shared.journeys:flush_all()
      ngx.shared.journeys:flush_expired()
      while journeys:put(store.new_key(), token, 600) do count = count + 1 end
      ngx.print(count)
    } } }]]):format(DICT_KB),
}
local server = redis.start()

local function redis_cli(arguments)
  local pipe = assert(io.popen(("redis-cli -s %s %s"):format(server.path, arguments)))
  local text = pipe:read "a"
  pipe:close()
  return text
end

local ok, problem = xpcall(function()
  local journeys = require("eko.store.redis").new { path = server.path }
  for _, length in ipairs(LENGTHS) do
    -- As many as the dictionary takes before it says that it is full.
    local count = tonumber(application:request({ unix = "app.sock", path = "/?length=" .. length }).body)
    emit { name = "journey_shared_dict_" .. length, value = DICT_KB / count, unit = "KB" }
    redis_cli "flushall"
    assert(journeys:put(store.new_key(), ("t"):rep(length), 600))
    local bytes = tonumber(redis_cli("memory usage " .. redis_cli "keys '*'"):match "%d+")
    emit { name = "journey_redis_" .. length, value = bytes / 1024, unit = "KB" }
  end
end, debug.traceback)
application:stop()
server:stop()
if not ok then error(problem, 0) end
