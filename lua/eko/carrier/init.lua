--- Which carrier fits the place that a call is made from.
-- @module eko.carrier

local carriers = {}

-- The phases of ngx_lua in which a socket can wait without blocking the worker.
local WAITING_PHASES = {
  rewrite = true,
  server_rewrite = true,
  access = true,
  content = true,
  timer = true,
  ssl_cert = true,
  ssl_session_fetch = true,
  ssl_client_hello = true,
}

local DIRECTIVES = {
  timer = "a timer",
  ssl_cert = "ssl_certificate_by_lua*",
}

local WRONG_PHASE = "inside nginx a call can be made in rewrite_by_lua*, access_by_lua*, content_by_lua*, "
  .. "ssl_certificate_by_lua* and in timers, but not in %s: nothing can wait there without stopping the whole worker. %s"
local WAY_OUT = "Make the call in a timer: ngx.timer.at(0, function(premature) ... end)."
local WAY_OUT_OF_INIT = "Make the client here and the call later: in a handler, or in a timer that init_worker_by_lua* starts."

local plain -- the carrier of a plain Lua program, once it is known to be one
local nginx -- the global of ngx_lua, once it was seen
local cosocket

local function wrong_phase(phase)
  local place = DIRECTIVES[phase] or phase .. "_by_lua*"
  return {
    name = "wrong_phase",
    message = WRONG_PHASE:format(place, phase == "init" and WAY_OUT_OF_INIT or WAY_OUT),
    phase = "connect",
    sent = false,
  }
end

local function is_nginx()
  local ngx = rawget(_G, "ngx")
  if type(ngx) == "table" and ngx.socket and ngx.get_phase then nginx = ngx end
  return nginx ~= nil
end

local function plain_carrier()
  plain = require "eko.carrier.curl"
  return plain
end

local function nginx_carrier()
  cosocket = cosocket or require "eko.carrier.cosocket"
  return cosocket
end

--- Whether the settings of a client can work where it is made; in any phase of nginx.
-- @param settings { ca_file =, proxy =, base_url = }
-- @return true, or nil, the name of the setting that cannot, and why
function carriers.check(settings)
  if not settings.ca_file and not settings.proxy then return true end
  return ((nginx or is_nginx()) and nginx_carrier() or plain_carrier()).check(settings)
end

--- Chooses at call time: libcurl in a plain Lua program, cosockets in a phase of nginx that has them. In any other phase
-- nothing is chosen, because what blocks would stop every request of the worker.
-- @return a carrier, or nil and an error { name = "wrong_phase", message =, sent = false }
function carriers.choose()
  if plain then return plain end
  if not nginx and not is_nginx() then return plain_carrier() end
  local phase = nginx.get_phase()
  if not WAITING_PHASES[phase] then return nil, wrong_phase(phase) end
  return nginx_carrier()
end

return carriers
