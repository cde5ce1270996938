--- Our own exchange as a transport, `request -> response | nil, err`: for specs that send requests of their own.
local exchange = require "eko.wire.exchange"
local timings = require("eko.call.response").timings

--- @param settings of `eko.wire.exchange`
return function(settings)
  local direct = exchange.new(settings)
  return function(request)
    local method, body = request.method, request.body
    local bytes, target = direct:head(method, request.url, request.headers, request.first_header)
    if not bytes then return nil, target end
    if body then bytes = ("%scontent-length: %d\r\n\r\n%s"):format(bytes:sub(1, -3), #body, body) end
    local response, err = direct:perform(target, bytes, request.deadline, request)
    if not response then return nil, err end
    return { status = response.status, headers = response.headers or {}, body = response.body, timings = timings(response) }
  end
end
