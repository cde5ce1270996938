--- HTTP statuses by name (RFC 9110), and what one of a kind has in common. What each says of a call: `eko.base.outcomes`.
-- @module eko.base.http_statuses
local http_statuses = {
  OK = 200, NO_CONTENT = 204, PARTIAL_CONTENT = 206, BAD_REQUEST = 400, UNAUTHORIZED = 401, FORBIDDEN = 403, NOT_FOUND = 404,
  UNPROCESSABLE_CONTENT = 422, BAD_GATEWAY = 502, GATEWAY_TIMEOUT = 504,
}

--- Whether a status says that all went well: 200 to 299.
-- @tparam number status
-- @treturn boolean
function http_statuses.is_success(status) return status >= 200 and status <= 299 end

--- Whether a status says that the request was at fault: 400 to 499.
-- @tparam number status
-- @treturn boolean
function http_statuses.is_client_error(status) return status >= 400 and status <= 499 end

--- Whether a status says that whoever asks was not let in: 401 or 403.
-- @tparam number status
-- @treturn boolean
function http_statuses.is_turned_away(status)
  return status == http_statuses.UNAUTHORIZED or status == http_statuses.FORBIDDEN
end

--- Whether a status says that the request was read and what stands in it was not accepted: 400 or 422.
-- @tparam number status
-- @treturn boolean
function http_statuses.is_not_accepted(status)
  return status == http_statuses.BAD_REQUEST or status == http_statuses.UNPROCESSABLE_CONTENT
end

return http_statuses
