--- A real nginx that makes the calls a spec asks for, with what it needs: platforms over HTTP and HTTPS, a name server,
-- certificates.
--
--     local bench = nginx_carrier.start()
--     bench.entries[1].ask(nginx_carrier.call(bench.http, "levin", "get", { customer_id = nginx_carrier.mobile }))
--     bench.stop()

local cjson = require("cjson").new()
local emulator_server = require "spec.support.emulator_server"
local journey = require "spec.support.journey"
local name_server = require "spec.support.name_server"
local nginx = require "spec.support.nginx"
local shell = require "spec.support.shell"
local tls = require "spec.support.tls"
local valgrind_report = require "spec.support.valgrind_report"

local nginx_carrier = {}

local MOBILE, OTHER_MOBILE = "9444444444", "9555555555"
local KEYS = { developer_key = "spec-developer-key", access_key = "spec-access-key-0123456789" }
local ACTIVE = {
  [MOBILE] = { name = "Asha Rao", customer = "active", digikhata = "active", levin = "active", balance = "1250.50", used = 100 },
  [OTHER_MOBILE] = { levin = "active" },
}

--- A customer who is active on every wallet.
nginx_carrier.mobile = MOBILE

local HTTP = [[
  lua_ssl_verify_depth 3;
  lua_ssl_protocols TLSv1.2 TLSv1.3;
  lua_ssl_trusted_certificate {{ca}};
  resolver_timeout 1s;
  underscores_in_headers on;
  init_by_lua_block {
    calls = require "spec.support.nginx_calls"
    calls.record("init", require "job")
  }
  init_worker_by_lua_block { calls.record("init_worker", require "job") }
  upstream balanced {
    server unix:{{prefix}}/app.sock;
    balancer_by_lua_block {
      calls.record("balancer", require "job")
      require("ngx.balancer").set_current_peer("unix:{{prefix}}/app.sock")
    }
  }
  server {
    listen unix:{{prefix}}/app.sock;
    listen unix:{{prefix}}/h2.sock http2;
    listen 127.0.0.1:{{tls}} ssl http2;
    ssl_certificate {{good}}.pem;
    ssl_certificate_key {{good}}.key;
    ssl_certificate_by_lua_block { calls.record("ssl_cert", require "job") }
    resolver {{dns}} ipv6=off;
    location = /content { content_by_lua_block { calls.handle() } }
    location = /access { access_by_lua_block { calls.handle() } content_by_lua_block { ngx.exit(500) } }
    location = /rewrite { rewrite_by_lua_block { calls.handle() } }
    location = /timer { content_by_lua_block { calls.handle_in_timer() } }
    location = /other_ca {
      lua_ssl_trusted_certificate {{other_ca}};
      content_by_lua_block { calls.handle() }
    }
    location = /phases {
      set_by_lua_block $unused { calls.record("set", require "job") return "" }
      header_filter_by_lua_block { calls.record("header_filter", require "job") }
      body_filter_by_lua_block { calls.record("body_filter", require "job") }
      log_by_lua_block { calls.record("log", require "job") }
      proxy_pass http://balanced/ok;
    }
    location = /ok { return 204; }
    location = /seen { content_by_lua_block { calls.tell() } }
    location = /mark {
      content_by_lua_block {
        calls.record("mark", require("cjson").decode(ngx.req.get_headers().job))
      }
    }
  }
  server {
    listen unix:{{prefix}}/no_resolver.sock;
    location / { content_by_lua_block { calls.handle() } }
  }
  server {
    listen 127.0.0.1:{{expired}} ssl;
    ssl_certificate {{expired_certificate}}.pem;
    ssl_certificate_key {{expired_certificate}}.key;
    location / { content_by_lua_block { calls.seen.refused_upstream = true } }
  }
  server {
    listen 127.0.0.1:{{wrong_host}} ssl;
    ssl_certificate {{wrong_host_certificate}}.pem;
    ssl_certificate_key {{wrong_host_certificate}}.key;
    location / { content_by_lua_block { calls.seen.refused_upstream = true } }
  }
  server {
    listen 127.0.0.1:{{unknown_ca}} ssl;
    ssl_certificate {{good}}.pem;
    ssl_certificate_key {{good}}.key;
    location / { content_by_lua_block { calls.seen.refused_upstream = true } }
  }
]]

--- The options of a client of a platform. The certificate is for a name, and inside nginx a name server gives its address.
function nginx_carrier.client_options(platform, more)
  local options = {
    base_url = platform.base_url:gsub("^https://127%.0%.0%.1", "https://localhost"), initiator_id = "9962981729",
    user_code = "20810200", developer_key = KEYS.developer_key, access_key = KEYS.access_key, timeout = 5,
  }
  for name, value in pairs(more or {}) do options[name] = value end
  return options
end

--- A job that makes a call.
function nginx_carrier.call(platform, wallet, method, params, more)
  return { client = nginx_carrier.client_options(platform, more), wallet = wallet, method = method, params = params }
end

local function fill(text, values)
  return (text:gsub("{{([%w_]+)}}", values))
end

local function start_nginx(self, given)
  local values = {
    ca = self.certificates.ca_file, other_ca = self.certificates.other_ca_file, dns = self.names.address,
    good = self.certificates.good.cert:gsub("%.pem$", ""), expired_certificate = self.certificates.expired.cert:gsub("%.pem$", ""),
    wrong_host_certificate = self.certificates.wrong_host.cert:gsub("%.pem$", ""),
  }
  local options = nginx_carrier.client_options(self.http)
  local job = ("return { client = { base_url = %q, developer_key = %q, access_key = %q, initiator_id = %q, user_code = %q }, "
    .. "wallet = 'levin', method = 'get', params = { customer_id = %q } }"):format(options.base_url, options.developer_key,
    options.access_key, options.initiator_id, options.user_code, OTHER_MOBILE)
  return nginx.start {
    http = fill(HTTP, values), files = { ["lua/job.lua"] = job }, package_path = nginx.root .. "/?.lua",
    ports = { "tls", "expired", "wrong_host", "unknown_ca" },
    core = given.core, env = given.env, program = given.program, patience = given.patience, main = given.main,
  }
end

-- Debian's curl is the client that speaks HTTP/2. The last line is the version it spoke.
local function ask_with_curl(server, arguments, path, job)
  local base = server.prefix .. "/job.json"
  shell.write_file(base, cjson.encode(job))
  local text = shell.output_of(("curl -sS --max-time 20 %s --data-binary @%s -w '\\n%%{http_version}' 2>&1"):format(
    arguments:gsub("PATH", (path:gsub("%%", "%%%%"))), base))
  local body, version = text:match "^(.*)\n([%d.]+)$"
  assert(body, text)
  assert(version == "2", "curl spoke HTTP/" .. version)
  return cjson.decode(body)
end

local function ask_http1(server, path, job, unix)
  local answer = server:request { unix = unix or "app.sock", method = "POST", path = path, body = cjson.encode(job), timeout = 20 }
  assert(answer.status == 200, ("status %d\n%s"):format(answer.status, server:error_log()))
  return cjson.decode(answer.body)
end

-- How a request comes to the handler, and where the handler stands.
local function entries_of(self)
  local h2 = "--http2-prior-knowledge --unix-socket " .. self.server.prefix .. "/h2.sock http://localhostPATH"
  local h2_tls = ("--http2 --cacert %s https://localhost:%dPATH"):format(self.certificates.ca_file, self.server.ports.tls)
  local function http1(path) return function(job) return ask_http1(self.server, path, job) end end
  local function http2(arguments, path) return function(job) return ask_with_curl(self.server, arguments, path, job) end end
  return {
    ["HTTP/1.1"] = http1 "/content",
    ["HTTP/1.1 in the access phase"] = http1 "/access",
    ["HTTP/1.1 in the rewrite phase"] = http1 "/rewrite",
    ["a timer"] = http1 "/timer",
    ["HTTP/2"] = http2(h2, "/content"),
    ["HTTP/2 in the access phase"] = http2(h2, "/access"),
    ["HTTP/2 over TLS"] = http2(h2_tls, "/content"),
  }
end

local function check_log(log)
  -- What nginx itself says of a socket that is not there, which a spec asks for.
  log = log:gsub("[^\n]*nonexistent[^\n]*", "")
  for _, never in ipairs { "stale", "[crit]", KEYS.access_key, KEYS.developer_key, journey.person.aadhar, journey.person.pan_number } do
    if log:find(never, 1, true) then error(never .. " stands in the error log:\n" .. log, 0) end
  end
  local memory_error = valgrind_report.of_ours(log)[1]
  if memory_error then error(memory_error, 0) end
end

--- Starts everything.
-- @param options of `nginx.start`: `core`, `env`, `program`, `patience`, `main`
-- @return { http, https (platforms), server, certificates, entries (name -> function(job) -> result),
--   ask(path, job, unix) -> result, stop() -> raises when the error log holds what it may not }
function nginx_carrier.start(options)
  local self = { certificates = tls.make(), names = name_server.start() }
  local platform = { config = { customers = ACTIVE }, developer_key = KEYS.developer_key, access_key = KEYS.access_key }
  self.http = emulator_server.start(platform)
  platform.args = ("--tls --cert %s --key %s"):format(self.certificates.good.cert, self.certificates.good.key)
  self.https = emulator_server.start(platform)
  self.server = start_nginx(self, options or {})
  self.entries = entries_of(self)
  function self.ask(path, job, unix) return ask_http1(self.server, path, job, unix) end
  function self.stop()
    self.http.stop()
    self.https.stop()
    self.names.stop()
    self.certificates.remove()
    check_log(self.server:stop())
  end
  return self
end

return nginx_carrier
