--- The error object.
--
-- | field | meaning |
-- |---|---|
-- | `kind` | `invalid_request` (nothing was sent), `transport`, `http`, `decode`, `api`, `indeterminate`, `store`, `task` |
-- | `name` | stable name of what happened: `wrong_otp`, `missing_parameter`, `timeout` ... |
-- | `message` | one sentence for people: the cause and what to do; its wording may change |
-- | `code` | the platform's code (or nil) |
-- | `sent` | false: surely not received; true: answered; nil: unknown |
-- | `retryable` | true: the very same call may be repeated without harm, and that may help |
-- | `response` | the platform's answer, secrets removed |
-- | `invalid_params` | field name -> what is expected of it |
-- | `repaired`, `damaged` | how much of the answer's text was none, and which identifiers are absent because of that; nil as a rule |
-- | `http_status`, `client_ref_id`, `slug` | where known |
-- | `attempts`, `signed_again` | how often the call was sent; whether a second time, signed anew, after an authentication failure |
-- | `state` | for money: `succeeded`, `failed`, `pending`, `refund_pending`, `refunded`, `not_sent` or `unknown` |
-- | `tid`, `tx_status`, `reason` | for money: what the platform said, as text, where it did |
-- | `inquiry` | for money that was looked up: what was found, or `{ state = "unknown", error = }` |
-- | `cause` | of an `indeterminate` one: the error of the call itself |
--
-- No value of a secret parameter stands in any of them.
-- @module eko.base.errors
local errors = {}

local Error = {}
Error.__index = Error
Error.__name = "eko.error"

function Error.__tostring(self)
  return "eko: " .. tostring(self.kind) .. ": " .. tostring(self.name) .. ": " .. tostring(self.message)
end

function Error.__concat(left, right)
  return tostring(left) .. tostring(right)
end

--- Makes an error of a table of fields; the table itself becomes the error.
-- @tparam table fields at least `kind`, `name` and `message`
-- @treturn table the error
function errors.new(fields)
  if fields.retryable == nil then
    fields.retryable = false
  end
  return setmetatable(fields, Error)
end

--- Whether a value is an error of this library.
-- @tparam any value
-- @treturn boolean
function errors.is(value)
  return getmetatable(value) == Error
end

return errors
