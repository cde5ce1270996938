--- Redis from nginx: `resty.redis`, or `nginx.redis` as Debian calls it, over pooled cosockets.
-- @module eko.store.redis.nginx
local core = require "eko.core"
local units = require "eko.base.units"

local adapter = {}

local NAMES = { "resty.redis", "nginx.redis" }

--- The client library.
-- @tparam ?table given one of the caller's own
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string what is missing
function adapter.library(given)
  if given then return given end
  for _, name in ipairs(NAMES) do
    local found, library = pcall(require, name)
    if found then return library end
  end
  return nil, "the client library resty.redis is missing: it comes with OpenResty; on Debian it is the package lua-nginx-redis "
    .. "(module nginx.redis), or put lua-resty-redis into lua_package_path"
end

-- resty.redis gives false and a text when Redis answered with an error, nil and a text when it did not answer.
local function judge(reply, err)
  if reply == nil then return nil, "store_unavailable", err end
  if reply == false then return nil, "store_refused", err end
  return reply
end

local function greet(client, settings)
  local reply, kind, message = true, nil, nil
  if settings.username then
    reply, kind, message = judge(client:auth(settings.username, settings.password))
  elseif settings.password then
    reply, kind, message = judge(client:auth(settings.password))
  end
  if reply and settings.database then return judge(client:select(settings.database)) end
  return reply, kind, message
end

-- Connections differ by where they lead, who logged in with which password, and the chosen database.
local function pool_of(settings)
  if not settings.pool then
    local password = settings.password and core.text.sha256_hex("eko redis pool " .. settings.password) or ""
    settings.pool = {
      pool = ("eko redis %s %s %s %s"):format(settings.where, settings.username or "", password, settings.database or 0),
    }
  end
  return settings.pool
end

local function connect(settings)
  local client, err = settings.library:new()
  if not client then return nil, "store_unavailable", err end
  -- The older versions have no set_timeouts, and would send it as a command.
  client:set_timeout(settings.timeout * units.MS_PER_SECOND)
  local ok
  if settings.path then
    ok, err = client:connect(settings.where, pool_of(settings))
  else
    ok, err = client:connect(settings.host, settings.port, pool_of(settings))
  end
  if not ok then return nil, "store_unavailable", err end
  if client:get_reused_times() == 0 then
    local greeted, kind, message = greet(client, settings)
    if not greeted then
      client:close()
      return nil, kind, message
    end
  end
  return client
end

--- Runs one command.
-- @tparam table settings of `eko.store.redis`
-- @tparam string command in lower case
-- @tparam any ... its arguments
-- @treturn[1] any the reply; nil when there is nothing
-- @treturn[2] nil
-- @treturn[2] string the error's name
-- @treturn[2] string its message
function adapter.run(settings, command, ...)
  local client, kind, message = connect(settings)
  if not client then return nil, kind, message end
  local reply, err
  reply, err = client[command](client, ...)
  if reply == nil then
    client:close()
    return judge(reply, err)
  end
  client:set_keepalive(settings.keepalive * units.MS_PER_SECOND, settings.pool_size)
  if reply == ngx.null then return nil end -- luacheck: ignore (nginx has it, and only nginx loads this file)
  return judge(reply, err)
end

return adapter
