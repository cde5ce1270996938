--- Which carrier fits the place that a call is made from.
-- @module eko.carrier

local carriers = {}

local plain -- the carrier of a plain Lua program, once it is known to be one

--- Chooses at call time: libcurl in a plain Lua program. Inside nginx a blocking carrier would stop the whole worker, so
-- none is chosen there and the error says what to do.
-- @return a carrier, or nil and an error { name =, message =, sent = false }
function carriers.choose()
  if plain then return plain end
  local ngx = rawget(_G, "ngx")
  if type(ngx) == "table" and ngx.socket and ngx.get_phase then
    return nil, {
      name = "no_carrier",
      message = "inside nginx a call needs a non-blocking transport: give eko.client the option `transport`",
      phase = "connect",
      sent = false,
    }
  end
  plain = require "eko.carrier.curl"
  return plain
end

return carriers
