--- The answers of the platform: `status`, `response_status_id`, `response_type_id`, `message`, `data`.
--
-- @module eko.emulator.envelope
local envelope = {}

--- An answer with a `response_type_id`.
-- @tparam number status
-- @tparam number rsid `response_status_id`
-- @tparam ?number rtid `response_type_id`
-- @tparam string message
-- @tparam[opt] table data
-- @treturn table
function envelope.answer(status, rsid, rtid, message, data)
  return { status = status, response_status_id = rsid, response_type_id = rtid, message = message, data = data }
end

--- Step done, go on: status 0, `response_status_id` 0.
-- @tparam number rtid `response_type_id`
-- @tparam string message
-- @tparam[opt] table data
-- @treturn table
function envelope.go_on(rtid, message, data)
  return envelope.answer(0, 0, rtid, message, data)
end

--- An answer whose status is its `response_type_id`.
-- @tparam number rtid `response_type_id`
-- @tparam string message
-- @tparam[opt] table data
-- @tparam[opt=1] number rsid `response_status_id`
-- @treturn table
function envelope.signal(rtid, message, data, rsid)
  return envelope.answer(rtid, rsid or 1, rtid, message, data)
end

--- A refusal of the parameters: the status is the code of the table, `response_type_id` -1.
-- @tparam number code
-- @tparam string message
-- @tparam[opt] table invalid_params name -> what is wrong
-- @treturn table
function envelope.refused(code, message, invalid_params)
  local body = envelope.answer(code, 1, -1, message)
  body.invalid_params = invalid_params
  return body
end

--- What the gateway says when nothing is due, or when it does not know what to make of the parameters.
-- @treturn table
function envelope.no_key()
  return { message = "No key for Response" }
end

--- 463: nobody has this customer_id.
-- @treturn table
function envelope.not_found()
  return envelope.refused(463, "customer_id does not exist in system",
    { customer_id = "customer_id does not exist in system" })
end

--- 308: the customer is not enrolled on the rail.
-- @tparam table data
-- @treturn table
function envelope.not_enrolled(data)
  return envelope.signal(308, "Failure!Customer Not Enrolled", data)
end

--- 300: the wallet's record is there.
-- @tparam table call
-- @treturn table
function envelope.wallet_opened(call)
  return envelope.go_on(300, "Wallet opened successfully.", {
    customer_id_type = "mobile_number", state_desc = "Non-Kyc", state = "2", customer_id = call.mobile,
  })
end

local OTP_FAILURES = {
  wrong = { 302, "Wrong OTP" }, expired = { 303, "OTP expired" }, exhausted = { 303, "OTP expired" },
  used = { 1, "OTP already Consumed" }, unknown = { 1, "Invalid OTP reference" },
}

--- 2131: the OTP was not accepted.
-- @tparam string verdict of `call:judge_otp`
-- @tparam[opt] number rsid `response_status_id` in place of the verdict's
-- @treturn table
function envelope.otp_failed(verdict, rsid)
  local own, description = OTP_FAILURES[verdict][1], OTP_FAILURES[verdict][2]
  return envelope.signal(2131, "Validate OTP Failed", { description = description }, rsid or own)
end

--- 2136: Aadhaar comes next.
-- @tparam[opt] table data
-- @treturn table
function envelope.aadhaar_pending(data)
  return envelope.signal(2136, "Aadhar Validation Pending", data)
end

--- 2147: the PAN comes next.
-- @tparam[opt] table data
-- @treturn table
function envelope.pan_required(data)
  return envelope.go_on(2147, "Pan Number Required", data or { application_id = "" })
end

--- 2138: the Aadhaar number was not accepted.
-- @treturn table
function envelope.aadhaar_failed()
  return envelope.signal(2138, "Adhar Validation Failed", {})
end

--- 309, the customer's profile: the end of onboarding.
-- @tparam table data
-- @treturn table
function envelope.profile(data)
  return envelope.answer(0, -1, 309, "Success!Customer details found", data)
end

return envelope
