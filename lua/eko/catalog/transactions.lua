--- Transactions of every rail: what became of one, and the refund of one that failed after the money had left.
--
-- The refund's two calls take no `client_ref_id` (the platform answers `No key for Response` to parameters that it does not expect):
-- they do not list one, so none is made up for them, and a refund is looked up by the transfer's tid.
-- @module eko.catalog.transactions
local TID = { "tid!", type = "string", format = "digits", max = 40, from = "the tid of the transfer" }

return {
  {
    slug = "transaction-inquiry", method = "GET", path = "/tools/reference/transaction/{transaction-reference}",
    about = "what became of a transaction",
    params = {
      "initiator_id!", "user_code", "client_ref_id", {
        "transaction-reference!", type = "string", format = "transaction-reference",
        from = "the tid of a transfer, or client_ref_id: followed by your own reference of it",
      },
    },
    role = "inquiry",
  },
  {
    slug = "get-refund-otp", method = "POST", path = "/customer/payment/refund/{tid}/otp",
    about = "send the customer the OTP of a refund again; the first one comes when the transfer turns to refund pending",
    params = { "initiator_id!", TID }, role = "refund_otp", moves_money = false, sends_sms = true,
  },
  {
    slug = "initiate-refund", method = "POST", path = "/customer/payment/refund/{tid}",
    about = "give back the money of a transfer whose tx_status is 3 (refund pending)",
    params = {
      "initiator_id!", TID, { "otp!", from = "the SMS to the customer" },
      { "otp_ref_id", from = "the otp_ref_id of get-refund-otp" }, "service_code", { "state", type = "integer", from = "1" },
    },
    role = "refund", moves_money = true,
  },
}
