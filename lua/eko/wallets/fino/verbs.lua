--- DMT Fino: verb -> endpoint and shape of its result.
-- @module eko.wallets.fino.verbs
local shapes = require "eko.wallets.shapes"

-- Fino's kyc_request_id and otp_ref_id are digits in a string, and stay text.
local sender = shapes.merge(shapes.sender, { user_code = "string" })

return {
  get = { slug = "dmt-get-sender", shape = sender },
  onboard = { slug = "dmt-onboard-sender", shape = sender },
  ekyc = { slug = "dmt-fino-sender-ekyc", shape = shapes.merge(sender, { intent_id = "string" }) },
  verify_otp = { slug = "dmt-fino-validate-ekyc-otp", shape = sender },
  recipients = { slug = "dmt-get-recipients", shape = shapes.recipients },
  add_recipient = { slug = "dmt-add-recipient", shape = shapes.added_recipient },
  send_transfer_otp = { slug = "dmt-send-otp", shape = shapes.otp },
  transfer = { slug = "dmt-initiate-transfer", shape = shapes.transfer },
}
