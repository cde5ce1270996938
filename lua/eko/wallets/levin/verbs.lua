--- PPI Levin: verb -> endpoint and shape of its result.
-- @module eko.wallets.levin.verbs
local shapes = require "eko.wallets.shapes"

local sender = shapes.merge(shapes.sender, { wallet_token = "string", wallet_id = "string", account = "string" })

return {
  get = { slug = "ppi-levin-get-sender", shape = sender },
  onboard = { slug = "ppi-levin-onboard-sender", shape = sender },
  verify_otp = { slug = "ppi-levin-verify-otp", shape = sender },
  send_aadhaar_otp = {
    slug = "aadhaar-ppi-levin-validate", shape = shapes.merge(sender, { mobile_hint = "string" }),
  },
  verify_aadhaar_otp = {
    slug = "aadhaar-ppi-levin-verify-otp",
    shape = shapes.merge(sender, {
      verified = "boolean", name = "string", gender = "string", dob = "string", masked_aadhaar = "string",
    }),
  },
  verify_pan = { slug = "ppi-levin-validate-pan", shape = sender },
  recipients = { slug = "ppi-levin-get-recipients", shape = shapes.recipients },
  add_recipient = { slug = "ppi-levin-add-recipient", shape = shapes.added_recipient },
  register_recipient_bank = {
    slug = "ppi-levin-add-recipient-bank",
    shape = shapes.merge(shapes.bank, { recipient_mobile = "string", customer_id = "string" }),
  },
  send_transfer_otp = { slug = "ppi-levin-send-transaction-otp", shape = shapes.otp },
  transfer = { slug = "ppi-levin-initiate-transaction", shape = shapes.transfer },
}
