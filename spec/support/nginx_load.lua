--- Three nginx for a load: the platform, the application under test, and the one that asks. Only the application runs under
-- what the environment says (see spec/support/nginx.lua).

local cjson = require("cjson").new()
local nginx = require "spec.support.nginx"

local nginx_load = {}

local KEYS = { developer_key = "spec-developer-key", access_key = "spec-access-key-0123456789" }
nginx_load.keys = KEYS

local function start(options)
  options.package_path = nginx.root .. "/?.lua"
  return nginx.start(options)
end

--- A platform. `/emulator` is the emulator with its one-use timestamps, `/echo/<seconds>` answers with the mark it was sent,
-- after up to so many seconds.
function nginx_load.platform()
  return start {
    program = "nginx", core = nginx.root .. "/build/luajit", ports = { "platform" },
    http = ([[
      underscores_in_headers on;
      lua_shared_dict timestamps 64m;
      lua_shared_dict arrivals 64m;
      keepalive_requests 1000000;
      init_by_lua_block { platform = require "spec.support.nginx_platform" }
      server {
        listen unix:{{prefix}}/platform.sock;
        listen 127.0.0.1:{{platform}};
        location /ekoapi/ { content_by_lua_block {
          platform.emulate { developer_key = "%s", access_key = "%s", log_limit = 10,
            customers = { ["9444444444"] = { levin = "active" } } }
        } }
        location ~ ^/echo/(?<most>[0-9.]+)/ { content_by_lua_block { platform.echo(tonumber(ngx.var.most)) } }
        location ~ ^/slow/(?<seconds>[0-9.]+)/ { content_by_lua_block {
          ngx.sleep(tonumber(ngx.var.seconds))
          platform.echo(0)
        } }
        location = /seen { content_by_lua_block { platform.tell() } }
        location = /echoed { content_by_lua_block { platform.tell_echo() } }
      }]]):format(KEYS.developer_key, KEYS.access_key),
  }
end

local last_key = 0

-- Two nginx that know nothing of each other may not share a key.
local function new_keys()
  last_key = last_key + 1
  return { developer_key = "spec-developer-key-" .. last_key, access_key = KEYS.access_key .. last_key }
end

-- Where the library is loaded and its client is made. `{{load}}` and `{{make}}` are the two.
local LOADED = {
  master = "init_by_lua_block { {{load}} {{make}} }",
  worker = "init_worker_by_lua_block { {{load}} {{make}} }",
  both = "init_by_lua_block { {{load}} } init_worker_by_lua_block { {{make}} }",
  -- Loaded, and the client used for a while.
  burst = "init_by_lua_block { {{load}} {{make}} calls.burst(client, 5000) }",
}

--- The application: one client, made before the fork, with the base path of `path` on that platform.
-- @param options `workers`, `path`, `listen` (more of the listen directive's line), `client` (more of the client's options,
-- as Lua text), `keys` (`nginx_load.keys` are the emulator's; keys of its own by default), `loaded` (a name of LOADED: in the master
-- before the fork, in each worker, ...), and what `nginx.start` takes
function nginx_load.application(platform, options)
  local keys = options.keys or new_keys()
  local loaded = LOADED[options.loaded or "master"]:gsub("{{(%l+)}}", {
    load = 'calls = require "spec.support.nginx_calls"',
    make = ([[
      client = require("eko").client {
        base_url = "http://unix:%s/platform.sock:%s", developer_key = "%s", access_key = "%s", initiator_id = "9962981729",
        user_code = "20810200", timeout = 20, %s
      }]]):format(platform.prefix, options.path, keys.developer_key, keys.access_key, options.client or ""),
  })
  options.http = (options.http or "") .. loaded .. ([[
    keepalive_requests 1000000;
    server {
      listen unix:{{prefix}}/app.sock;
      %s
      location /look_up/ { content_by_lua_block { calls.look_up(client) } }
      location /outcome/ { content_by_lua_block { calls.outcome(client) } }
      location /verify/ { content_by_lua_block { calls.verify(client) } }
      location /stamp { content_by_lua_block { calls.stamp(client) } }
      location /neighbour { content_by_lua_block { ngx.header.content_length = 2 ngx.print "ok" } }
    }]]):format(options.listen or "")
  return start(options)
end

--- The one that asks.
function nginx_load.driver()
  return start {
    program = "nginx", core = nginx.root .. "/build/luajit",
    http = [[
      init_by_lua_block { driver = require "spec.support.nginx_driver" }
      server { listen unix:{{prefix}}/driver.sock; location / { content_by_lua_block { driver.handle() } } }]],
  }
end

--- Begins a job of `nginx_driver`; `nginx_load.finish` waits for what came of it.
function nginx_load.begin(driver, job)
  return { driver = driver, client = assert(driver:begin { unix = "driver.sock", method = "POST", body = cjson.encode(job), timeout = 120 }) }
end

function nginx_load.finish(begun)
  local answer = assert(begun.driver:finish(begun.client))
  assert(answer.status == 200, begun.driver:error_log())
  return cjson.decode(answer.body)
end

function nginx_load.drive(driver, job)
  return nginx_load.finish(nginx_load.begin(driver, job))
end

--- What a server tells at a path.
function nginx_load.ask(server, unix, path)
  return cjson.decode(server:request({ unix = unix, path = path }).body)
end

return nginx_load
