--- A real nginx (Debian's, with ngx_lua) in a directory of its own, for specs.
--
--     local server = nginx.start {
--       http = [[
--         lua_shared_dict journeys 1m;
--         server { listen unix:{{prefix}}/app.sock; location / { content_by_lua_block { require("app").handle() } } }
--       ]],
--       files = { ["lua/app.lua"] = "..." },
--     }
--     local answer = server:request { unix = "app.sock", method = "POST", path = "/x", headers = {...}, body = "..." }
--     server:reload()
--     server:stop()     -- raises when the error log holds an alert, an emergency or a crash
--
-- `root = directory`: the library of another checkout. `{{prefix}}` stands for the directory, `{{root}}` for the checkout, `{{name}}` for a port of `ports`.

local shell = require "spec.support.shell"
local socket = require "socket"

local nginx = {}

local instance = {}
instance.__index = instance

local MODULES = "/usr/lib/nginx/modules"
local READY_SECONDS, STOP_SECONDS = 10, 20
local content, output_of, quote, write_file = shell.content, shell.output_of, shell.quote, shell.write_file

--- The checkout; the specs are run from it.
nginx.root = output_of("pwd"):gsub("%s+$", "")

--- A loopback port that nobody listens on.
function nginx.free_port()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return tonumber(port)
end

--- Whether this machine has an nginx with ngx_lua.
function nginx.available()
  return content(MODULES .. "/ngx_http_lua_module.so") ~= nil
end

local TEMPLATE = [[
daemon off;
pid logs/nginx.pid;
error_log logs/error.log {{log_level}};
worker_processes {{workers}};
worker_shutdown_timeout {{shutdown_timeout}};
{{user}}
load_module {{modules}}/ndk_http_module.so;
load_module {{modules}}/ngx_http_lua_module.so;
{{main}}
events { worker_connections {{connections}}; }
http {
    access_log off;
    client_body_temp_path logs/body; proxy_temp_path logs/proxy; fastcgi_temp_path logs/fastcgi;
    uwsgi_temp_path logs/uwsgi; scgi_temp_path logs/scgi;
    lua_package_path "{{prefix}}/lua/?.lua;{{root}}/lua/?.lua;{{root}}/lua/?/init.lua;{{package_path}};;";
    lua_package_cpath "{{core}}/?.so;;";
    lua_socket_log_errors off;
    server { listen unix:{{prefix}}/ready.sock; location / { return 204; } }
    {{http}}
}
]]

local function fill(text, values)
  return (text:gsub("{{([%w_]+)}}", values))
end

local function make_prefix()
  local prefix = output_of("mktemp -d"):gsub("%s+$", "")
  -- mktemp makes it private, and the workers may run as somebody else: they would not reach the sockets in it.
  os.execute(("chmod 755 %s && mkdir -p %s/logs %s/lua %s/conf"):format(prefix, prefix, prefix, prefix))
  return prefix
end

local function write_files(self, files)
  for name, text in pairs(files or {}) do
    local path = self.prefix .. "/" .. name
    os.execute("mkdir -p " .. quote(path:match("^(.*)/")))
    write_file(path, fill(text, self.values))
  end
end

local function values_of(self, options)
  local values = {
    prefix = self.prefix, root = options.root or nginx.root, modules = MODULES, workers = options.workers or 1,
    log_level = options.log_level or "info", shutdown_timeout = options.shutdown_timeout or "10s",
    connections = options.connections or 4096, user = "", package_path = options.package_path or "",
    core = options.core or os.getenv "EKO_NGINX_CORE" or nginx.root .. "/build/luajit",
  }
  if output_of("id -u"):match "%d+" == "0" then values.user = "user root;" end
  for _, name in ipairs(options.ports or {}) do
    self.ports[name] = nginx.free_port()
    values[name] = self.ports[name]
  end
  values.main = fill(options.main or "", values)
  values.http = fill(options.http or "", values)
  return values
end

local function command_of(self, arguments)
  local parts = { "env -u LUA_PATH -u LUA_CPATH -u LD_PRELOAD" }
  for name, value in pairs(self.env) do parts[#parts + 1] = name .. "=" .. quote(value) end
  parts[#parts + 1] = ("%s -p %s -c conf/nginx.conf -e %s/logs/error.log"):format(self.program, self.prefix, self.prefix)
  parts[#parts + 1] = arguments
  return table.concat(parts, " ")
end

local function check_configuration(self)
  local report = output_of(command_of(self, "-t") .. " 2>&1; echo status $?")
  if not report:find "status 0%s*$" then error("nginx refuses the configuration: " .. report, 3) end
end

local function wait(seconds, what, ready)
  local deadline = socket.gettime() + seconds
  while not ready() do
    if socket.gettime() > deadline then error(what .. " took more than " .. seconds .. " s", 3) end
    socket.sleep(0.01)
  end
end

local function launch(self)
  local pid = output_of(("%s >%s/logs/output 2>&1 </dev/null & echo $!"):format(command_of(self, ""), self.prefix))
  self.pid = assert(tonumber(pid:match "%d+"), "nginx was not started")
  local ok, problem = pcall(wait, READY_SECONDS * self.patience, "starting nginx", function()
    local answer = self:try { unix = "ready.sock" }
    return answer and answer.status == 204
  end)
  if not ok then error(problem .. "\n" .. self:error_log(), 3) end
end

--- Starts nginx and waits until it answers.
-- @param options all optional: `http` (configuration inside http { }), `main` (outside of it, such as `env X;`),
-- `files` (name -> text, below the prefix), `workers`, `ports` (names for free loopback ports), `log_level`,
-- `core` (the directory of eko/core.so), `package_path`, `connections`, `env` (name -> value for the process),
-- `program` (the nginx command, "nginx"; a wrapper such as valgrind goes in front), `patience` (a factor for waits),
-- `shutdown_timeout`. Where they are not given, the environment variables EKO_NGINX_CORE, EKO_NGINX_PROGRAM and
-- EKO_NGINX_PATIENCE are asked: so a sanitized core or a wrapper comes in.
-- @return the instance: `prefix`, `pid`, `ports`
function nginx.start(options)
  local self = setmetatable({
    prefix = make_prefix(), ports = {}, env = options.env or {},
    program = options.program or os.getenv "EKO_NGINX_PROGRAM" or "nginx",
    patience = options.patience or tonumber(os.getenv "EKO_NGINX_PATIENCE" or 1),
  }, instance)
  self.values = values_of(self, options)
  write_files(self, options.files)
  write_file(self.prefix .. "/conf/nginx.conf", fill(TEMPLATE, self.values))
  check_configuration(self)
  launch(self)
  return self
end

--- What stands in the error log.
function instance:error_log()
  return (content(self.prefix .. "/logs/error.log") or "") .. (content(self.prefix .. "/logs/output") or "")
end

--- The process ids of the workers.
function instance:workers()
  local pids = {}
  for pid in output_of("ps -o pid= --ppid " .. self.pid):gmatch "%d+" do pids[#pids + 1] = tonumber(pid) end
  return pids
end

--- Sends a signal to the master, or to another process of this instance.
function instance:signal(name, pid)
  os.execute(("kill -%s %d 2>/dev/null"):format(name, pid or self.pid))
end

--- Has the configuration read again, and waits until the workers are other ones.
function instance:reload()
  local before = {}
  for _, pid in ipairs(self:workers()) do before[pid] = true end
  self:signal "HUP"
  wait(READY_SECONDS * self.patience, "reloading nginx", function()
    for _, pid in ipairs(self:workers()) do
      if not before[pid] then return self:try { unix = "ready.sock" } ~= nil end
    end
    return false
  end)
end

--- What in the error log no run may leave there.
function instance:alarms()
  local lines = {}
  for line in self:error_log():gmatch "[^\n]+" do
    local is_crash = line:find("exited on signal", 1, true) and not (self.killed and line:find("signal 9", 1, true))
    if is_crash or line:find("[alert]", 1, true) and not line:find("exited on signal", 1, true) or line:find("[emerg]", 1, true)
      or line:find("AddressSanitizer", 1, true) or line:find ":%d+:%d+: runtime error:" then
      lines[#lines + 1] = line
    end
  end
  return lines
end

--- Kills a worker the hard way; that it did exit on signal 9 is then no alarm.
function instance:kill_worker(pid)
  self.killed = true
  self:signal("KILL", pid)
end

local function is_gone(self)
  return content(self.prefix .. "/logs/nginx.pid") == nil
end

--- Stops nginx, waits until it is gone, and removes its directory.
-- @param options `{ keep = true }` keeps the directory; `{ alarms = true }` does not raise for alarms
-- @return the error log
function instance:stop(options)
  if self.stopped then return self.log end
  self.stopped, options = true, options or {}
  self:signal "TERM"
  local ok, problem = pcall(wait, STOP_SECONDS * self.patience, "stopping nginx", function() return is_gone(self) end)
  if not ok then self:signal "KILL" end
  self.log = self:error_log()
  local alarms = self:alarms()
  if not options.keep then os.execute("rm -rf " .. quote(self.prefix)) end
  if not ok then error(problem .. "\n" .. self.log, 2) end
  if #alarms > 0 and not options.alarms then error("nginx logged:\n" .. table.concat(alarms, "\n"), 2) end
  return self.log
end

local function connect(self, request)
  local client
  if request.port then
    client = socket.tcp()
    client:settimeout(request.timeout or 10)
    local ok, err = client:connect("127.0.0.1", request.port)
    return ok and client, err
  end
  client = require "socket.unix"()
  client:settimeout(request.timeout or 10)
  local path = request.unix:sub(1, 1) == "/" and request.unix or self.prefix .. "/" .. request.unix
  local ok, err = client:connect(path)
  return ok and client, err
end

local function head_of(request)
  local lines = { ("%s %s HTTP/1.1"):format(request.method or "GET", request.path or "/") }
  local headers = { host = "localhost", connection = "close" }
  if request.body then headers["content-length"] = #request.body end
  for name, value in pairs(request.headers or {}) do headers[name:lower()] = value end
  for name, value in pairs(headers) do
    if value ~= false then lines[#lines + 1] = name .. ": " .. value end
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

local function dechunk(body)
  local parts = {}
  while true do
    local size, rest = body:match "^(%x+)[^\n]*\r\n(.*)$"
    size = size and tonumber(size, 16)
    if not size or size == 0 then return table.concat(parts) end
    parts[#parts + 1] = rest:sub(1, size)
    body = rest:sub(size + 3)
  end
end

local function parse(text)
  local head, body = text:match "^(.-)\r\n\r\n(.*)$"
  local status = head and tonumber(head:match "^HTTP/1%.%d (%d%d%d)")
  if not status then return nil, "no answer: " .. text end
  local answer = { status = status, headers = {}, cookies = {}, head = head, body = body }
  for name, value in head:gmatch "\r\n([^:\r\n]+):%s*([^\r\n]*)" do
    name = name:lower()
    if name == "set-cookie" then answer.cookies[#answer.cookies + 1] = value end
    answer.headers[name] = answer.headers[name] and answer.headers[name] .. ", " .. value or value
  end
  if (answer.headers["transfer-encoding"] or ""):find("chunked", 1, true) then answer.body = dechunk(body) end
  return answer
end

--- Sends a request and returns the connection, so that several can be under way: `server:finish(client)` reads the answer.
-- @param request `{ unix = name in the prefix or path, or port =, method =, path =, headers = {...}, body =, timeout = }`;
-- a header whose value is false is not sent
function instance:begin(request)
  local client, err = connect(self, request)
  if not client then return nil, err end
  local ok, send_err = client:send(head_of(request) .. (request.body or ""))
  if not ok then
    client:close()
    return nil, send_err
  end
  return client
end

--- Reads the answer of a request that was begun.
-- @return `{ status, headers (lower-case names), cookies (list of Set-Cookie values), body, head }`, or nil and the reason
function instance:finish(client) -- luacheck: ignore self
  local text, err, partial = client:receive "*a"
  client:close()
  text = text or partial
  if not text or text == "" then return nil, err or "closed without an answer" end
  return parse(text)
end

--- Sends a request and waits for the answer.
-- @return as of `finish`
function instance:try(request)
  local client, err = self:begin(request)
  if not client then return nil, err end
  return self:finish(client)
end

--- The same, raising when there is no answer.
function instance:request(request)
  local answer, err = self:try(request)
  if not answer then error(("%s; error log:\n%s"):format(tostring(err), self:error_log()), 2) end
  return answer
end

return nginx
