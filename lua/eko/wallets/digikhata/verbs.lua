--- PPI DigiKhata: verb -> endpoint and shape of its result.
-- @module eko.wallets.digikhata.verbs
local shapes = require "eko.wallets.shapes"

local sender = shapes.merge(shapes.sender, { wallet_token = "string", wallet_id = "string", account = "string" })

return {
  get = { slug = "ppi-digikhata-get-sender", shape = sender },
  onboard = { slug = "ppi-digikhata-onboard-sender", shape = sender },
  send_otp = { slug = "ppi-digikhata-generate-sender-otp", shape = sender },
  verify_otp = { slug = "ppi-digikhata-verify-otp", shape = sender },
  consent_languages = {
    slug = "ppi-digikhata-consent-languages",
    -- consentlanguage is an older spelling of the platform's.
    shape = {
      consent_language_list = { list = { pkid = "string", consentLanguage = "string", consentlanguage = "string" } },
    },
  },
  consent_details = {
    slug = "ppi-digikhata-consent-details",
    shape = {
      consent_detail = {
        record = {
          consentId = "number", consent = "string", consentContent = "string", consentLanguage = "string",
          audioUrl = "string",
        },
      },
    },
  },
  send_aadhaar_otp = { slug = "ppi-digikhata-generate-aadhaar-otp", shape = sender },
  verify_aadhaar_otp = { slug = "ppi-digikhata-verify-aadhaar-otp", shape = sender },
  verify_pan = { slug = "ppi-digikhata-validate-pan", shape = sender },
  load_wallet = {
    slug = "ppi-digikhata-load-wallet",
    shape = {
      tid = "string", fee = "string", description = "string", customer_id = "string", bank_ref_num = "string",
    },
  },
  recipients = { slug = "ppi-digikhata-get-recipients", shape = shapes.recipients },
  add_recipient = { slug = "ppi-digikhata-add-recipient", shape = shapes.added_recipient },
  send_recipient_otp = { slug = "ppi-digikhata-recipient-bank-otp", shape = shapes.bank },
  verify_recipient_otp = {
    slug = "ppi-digikhata-validate-recipient-otp",
    shape = shapes.merge(shapes.bank, { application_id = "string", description = "string" }),
  },
  send_transfer_otp = { slug = "ppi-digikhata-send-transaction-otp", shape = shapes.otp },
  transfer = { slug = "ppi-digikhata-initiate-transaction", shape = shapes.transfer },
}
