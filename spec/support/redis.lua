--- A real redis-server in a directory of its own, and the client libraries that speak to it.
--
--     local server = redis.start()              -- on a unix socket: server.path; and on a loopback port: server.port
--     server:command("dbsize")
--     server:stop()

local nginx = require "spec.support.nginx"
local shell = require "spec.support.shell"
local socket = require "socket"

local redis = {}
local output_of = shell.output_of

local instance = {}
instance.__index = instance

local function exists(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

--- What to put into `lua_package_path` for resty.redis or nginx.redis: nothing where one is installed. Debian's package
-- depends on every module of nginx, so it is unpacked beside the build in place of being installed.
function redis.nginx_path()
  local installed = "/usr/share/lua/5.1/"
  if exists(installed .. "nginx/redis.lua") or exists(installed .. "resty/redis.lua") then return "" end
  local unpacked = nginx.root .. "/build/debian/usr/share/lua/5.1/?.lua"
  if not exists((unpacked:gsub("?", "nginx/redis"))) then
    output_of "sh spec/support/fetch_nginx_redis.sh 2>&1"
  end
  assert(exists((unpacked:gsub("?", "nginx/redis"))), "lua-nginx-redis is missing: run sh spec/support/fetch_nginx_redis.sh")
  return unpacked .. ";"
end

--- redis-lua. Debian's package has it for Lua 5.1 to 5.3; it runs on 5.4 as it is.
function redis.library()
  local found, library = pcall(require, "redis")
  if found and type(library) == "table" and library.connect then return library end
  return assert(loadfile "/usr/share/lua/5.3/redis.lua", "Debian's package lua-redis is missing")()
end

local function try_command(self, text)
  local client = require "socket.unix"()
  client:settimeout(5)
  local answer
  if client:connect(self.path) then
    if self.password then
      client:send("AUTH " .. self.password .. "\r\n")
      client:receive "*l"
    end
    client:send(text .. "\r\n")
    answer = client:receive "*l"
    if answer and answer:find "^%$%d" then answer = client:receive(tonumber(answer:sub(2)) + 2):sub(1, -3) end
    if answer and answer:find "^%*%d" then
      local list = {}
      for i = 1, tonumber(answer:sub(2)) do
        local length = tonumber(client:receive "*l":sub(2))
        list[i] = client:receive(length + 2):sub(1, -3)
      end
      answer = list
    end
  end
  client:close()
  return answer
end

--- Starts redis-server.
-- @param options all optional: `password`, `arguments` (more of the command line)
-- @return the instance: `path`, `port`, `pid`
function redis.start(options)
  options = options or {}
  local directory = output_of("mktemp -d"):gsub("%s+$", "")
  os.execute("chmod 755 " .. directory)
  local self = setmetatable({
    directory = directory, path = directory .. "/redis.sock", port = nginx.free_port(), password = options.password,
  }, instance)
  local arguments = ("--port %d --bind 127.0.0.1 --unixsocket %s --unixsocketperm 777 --dir %s --save '' --appendonly no %s"):format(
    self.port, self.path, directory, options.arguments or "")
  if self.password then arguments = arguments .. " --requirepass " .. self.password end
  self.pid = tonumber(output_of(("env -u LD_PRELOAD redis-server %s >%s/log 2>&1 </dev/null & echo $!"):format(arguments, directory)))
  local deadline = socket.gettime() + 20
  while try_command(self, "PING") ~= "+PONG" do
    if socket.gettime() > deadline then error("redis-server does not start: " .. output_of("cat " .. directory .. "/log")) end
    socket.sleep(0.02)
  end
  return self
end

--- Runs a command without binary arguments and returns its answer: a line as the protocol has it (":1", "+OK"), a text, or a list.
function instance:command(text)
  return try_command(self, text)
end

--- Sends a signal, such as "STOP" and "CONT", with which it no longer answers for a while.
function instance:signal(name)
  os.execute(("kill -%s %d"):format(name, self.pid))
end

--- Stops it and waits until it is gone.
function instance:stop()
  if self.stopped then return end
  self.stopped = true
  os.execute(("kill -CONT %d 2>/dev/null; kill -TERM %d 2>/dev/null"):format(self.pid, self.pid))
  local deadline = socket.gettime() + 10
  while exists(self.path) and socket.gettime() < deadline do socket.sleep(0.02) end
  os.execute("rm -rf " .. self.directory)
end

return redis
