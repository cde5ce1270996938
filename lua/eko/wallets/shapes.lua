--- Shapes of answers: the members of `data` with the types that are documented for them, read by `core.json.reader`.
--
-- A shape is data: name -> type. Types:
--
-- * `number`: a number; digits in a string become one (a number too long for a double stays text)
-- * `string`: text; a number becomes its digits as they were sent, without an exponent (money is text)
-- * `opaque`: any string or number, unchanged (`otp_ref_id`)
-- * `boolean`
-- * `map`: an object as it came, its member names being data
-- * a table with `record = shape`: an object
-- * a table with `list = shape`: a list of objects
--
-- `""` and null are absent: the platform leaves them where it has nothing to say. A member of another type than these
-- rules can turn into the documented one is absent too, and what no shape names stands in the raw answer alone.
-- @module eko.wallets.shapes
local shapes = {}

--- A shape with the members of several.
-- @tparam table ... shapes; a later one wins
-- @treturn table
function shapes.merge(...)
  local result = {}
  for index = 1, select("#", ...) do
    for name, kind in next, (select(index, ...)) do
      result[name] = kind
    end
  end
  return result
end

-- One line of a limit: how much of it is used. Numbers, where the limits beside them are texts.
local CHART = {
  data_type_id = "number", label = "string",
  data = { record = { used = "number", remaining = "number", unavailable = "number" } },
}

--- A customer's profile, as Customer Management and the two PPI wallets answer with 309.
shapes.profile = {
  name = "string", mobile = "string", email = "string", balance = "string", next_allowed_limit = "string",
  total_monthly_limit = "string", kyc_state = "number", kyc_type = "string", kyc_id = "string",
  kyc_validity = "string", kyc_remark = "string", ekyc_enabled = "number", digital_ekyc = "number",
  chart = { list = CHART },
}

--- Everything that reading, enrolling or verifying a sender may be answered with. `next_allowed_limit` is text in the
-- profile and a number beside it; both are as documented.
shapes.sender = {
  customer_profile = { record = shapes.profile },
  sender_name = "string", is_registered = "number", next_allowed_limit = "number", kyc_state = "number",
  ekyc_enabled = "string", id_proof = "string", id_proof_type_id = "string",
  intent_id = "number", kyc_request_id = "string", otp_ref_id = "opaque",
  application_id = "string", description = "string",
  customer_id = "string", customer_id_type = "string", state = "string", state_desc = "string",
}

--- A recipient in a list. The account is masked on the PPI wallets and whole on Fino.
shapes.recipient = {
  recipient_id = "number", beneficiary_id = "number", bank_recipient_id = "number", recipient_name = "string",
  recipient_mobile = "string", bank = "string", ifsc = "string", account = "string", account_type = "string",
  ifsc_status = "number", is_verified = "number", is_otp_required = "string", is_self_account = "string",
  recipient_id_type = "string", channel = "number", available_channel = "number", allowed_channel = "number",
  channel_absolute = "number", is_imps_scheduled = "number", imps_inactive_reason = "string",
  is_rblbc_recipient = "number", pipes = "map",
}

shapes.recipients = {
  recipient_list = { list = shapes.recipient }, pan_required = "number",
  remaining_limit_before_pan_required = "number", is_insured = "string",
}

shapes.added_recipient = {
  recipient_id = "number", recipient_mobile = "string", recipient_id_type = "string", customer_id = "string",
  initiator_id = "string", pipes = "map", otp_ref_id = "opaque",
}

shapes.bank = {
  beneficiary_id = "string", otp_ref_id = "opaque", recipient_id = "string", recipient_name = "string",
  ifsc = "string", account = "string",
}

shapes.otp = { otp_ref_id = "opaque", intent_id = "number", kyc_request_id = "string", user_code = "string" }

--- A transfer. `state` is what the library makes of it, so the platform's own member of that name is in the whole answer only.
-- Amounts are texts; `balance` is the sender's wallet on the PPI rails and the agent's on Fino.
shapes.transfer = {
  tid = "string", tx_status = "string", txstatus_desc = "string", reason = "string", bank_ref_num = "string",
  amount = "string", fee = "string", collectable_amount = "string", service_tax = "string", tds = "string",
  commission = "string", balance = "string", currency = "string", timestamp = "string", client_ref_id = "string",
  sender_name = "string", recipient_name = "string", recipient_id = "number", customer_id = "string", bank = "string",
  account = "string", channel = "string", channel_desc = "string", utility_acc_no = "string",
  debit_user_id = "string", pipe = "number", pan_required = "number",
  remaining_limit_before_pan_required = "number", gst_benefit = "string",
}

return shapes
