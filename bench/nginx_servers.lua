-- The servers of the benchmarks inside nginx, and how they are loaded.

local nginx = require "spec.support.nginx"

local servers = {}

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "a"
  pipe:close()
  return text
end

--- nginx as a platform that answers after 50 ms (`/slow/`: after two seconds).
function servers.start_platform()
  return nginx.start {
    connections = 8192, ports = { "port" },
    http = ([[
      keepalive_requests 100000000;
      init_by_lua_block {
        body = [==[%s]==]
        function answer(seconds)
          ngx.req.read_body()
          ngx.sleep(seconds)
          ngx.header.content_type = "application/json"
          ngx.header.content_length = #body
          ngx.print(body)
        end
      }
      server {
        listen 127.0.0.1:{{port}} backlog=4096;
        location / { content_by_lua_block { answer(0.05) } }
        location /slow/ { content_by_lua_block { answer(2) } }
      }]]):format((read_file "bench/answer.json":gsub("\n$", ""))),
  }
end

--- nginx with our handler and a plain proxy_pass beside it.
-- @param platform where both send
-- @param pause of the collector, in percent
-- @param root the checkout whose library is loaded; this one when left out
function servers.start_application(platform, pause, root)
  local address = "127.0.0.1:" .. platform.ports.port
  return nginx.start {
    connections = 8192, ports = { "port" }, package_path = nginx.root .. "/?.lua",
    root = root, core = root and root .. "/build/luajit",
    http = ([[
      keepalive_requests 100000000;
      init_by_lua_block {
        collectgarbage("setpause", %d)
        handlers = require "bench.nginx_handlers"
        handlers.init("http://%s/ekoapi/v3")
        slow = require("eko").client { base_url = "http://%s/slow", developer_key = "k", access_key = "a",
          initiator_id = "9962981729", user_code = "20810200" }
      }
      upstream platform { server %s; keepalive 512; keepalive_requests 100000000; }
      server {
        listen 127.0.0.1:{{port}} backlog=4096;
        location = /call { content_by_lua_block { handlers.call() } }
        location = /proxy {
          proxy_pass http://platform;
          proxy_http_version 1.1;
          proxy_set_header Connection "";
        }
        location = /slow { content_by_lua_block { slow.levin:get { customer_id = "9444444444" } ngx.say "ok" } }
        location = /neighbour { content_by_lua_block { ngx.say "ok" } }
      }]]):format(pause, address, address, address),
  }
end

-- CPU time of a process in seconds: the time on a core, by the scheduler's books.
local function cpu_of(pid)
  return tonumber(read_file(("/proc/%d/schedstat"):format(pid)):match "^%d+") / 1e9
end

local UNITS = { us = 1e-3, ms = 1, s = 1000 }

--- A load of wrk: requests a second, p99 in ms, CPU of the worker in us for a request.
function servers.load(application, path, connections, seconds)
  local worker = application:workers()[1]
  local before = cpu_of(worker)
  local report = output_of(("wrk -t1 -c%d -d%ds --latency --timeout 20s http://127.0.0.1:%d%s"):format(connections, seconds,
    application.ports.port, path))
  local requests = tonumber(report:match "(%d+) requests in")
  local p99, unit = report:match "99%%%s+([%d.]+)(%a+)"
  if not requests or not p99 then error("wrk said:\n" .. report, 0) end
  if report:find "Non%-2xx" or report:find "Socket errors" then error(path .. " failed:\n" .. report .. application:error_log(), 0) end
  return {
    rate = tonumber(report:match "Requests/sec:%s+([%d.]+)"), p99 = tonumber(p99) * UNITS[unit],
    cpu = (cpu_of(worker) - before) * 1e6 / requests,
  }
end

--- The resident memory of a process, in KB.
function servers.resident(pid)
  return tonumber(read_file(("/proc/%d/status"):format(pid)):match "VmRSS:%s*(%d+)")
end

return servers
