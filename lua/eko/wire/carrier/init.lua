--- Which carrier fits the program: libcurl in plain Lua, cosockets in nginx.
-- @module eko.wire.carrier

local carriers = {}

local found

--- The carrier of this program.
-- @treturn table a module such as `eko.wire.carrier.curl`
function carriers.of_program()
  if not found then
    local ngx = rawget(_G, "ngx")
    local is_nginx = type(ngx) == "table" and ngx.socket and ngx.get_phase
    found = require(is_nginx and "eko.wire.carrier.cosocket" or "eko.wire.carrier.curl")
  end
  return found
end

--- Whether the settings of a client can work where it is made; in any phase of nginx.
-- @tparam table settings `{ ca_file =, proxy =, base_url = }`
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] string the name of the setting that cannot
-- @treturn[2] string why
function carriers.check(settings)
  if not settings.ca_file and not settings.proxy then return true end
  return carriers.of_program().check(settings)
end

--- The carrier of this program, if something can wait here: not in every phase of nginx, because what blocks would stop every
-- request of the worker.
-- @treturn[1] table a carrier
-- @treturn[2] nil
-- @treturn[2] table an error `{ name = "wrong_phase", message =, phase = "connect" }`
function carriers.choose()
  local carrier = carriers.of_program()
  local err = carrier.wrong_phase and carrier.wrong_phase()
  if err then return nil, err end
  return carrier
end

return carriers
