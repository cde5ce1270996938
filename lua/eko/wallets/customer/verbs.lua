--- Customer Management: verb -> endpoint and shape of its result.
-- @module eko.wallets.customer.verbs
local shapes = require "eko.wallets.shapes"

local sender = shapes.merge(shapes.sender, { account = "string" })

return {
  get = { slug = "get-customer-info", shape = sender },
  onboard = { slug = "onboard-customer", shape = sender },
  verify_otp = { slug = "verify-customer-otp", shape = sender },
}
