--- Customer Management: the customer before any wallet.
-- Facts: the platform's v3 endpoint pages (Customer Management) and their published samples.
-- @module eko.wallets.customer.endpoints
return {
  {
    slug = "get-customer-info", method = "GET", path = "/customer/profile/{customer_id}",
    about = "read a customer; to one who must verify the mobile an OTP is sent",
    params = { "*" }, role = "get", sends_sms = true,
  },
  {
    slug = "onboard-customer", method = "POST", path = "/customer/account/{customer_id}",
    about = "enrol a customer; an OTP is sent",
    params = { "*", "name!", "dob!", "residence_address!" }, role = "onboard", moves_money = false, sends_sms = true,
  },
  {
    slug = "verify-customer-otp", method = "POST", path = "/customer/account/{customer_id}/otp/verify",
    about = "verify the customer's mobile with the OTP",
    params = {
      "initiator_id!", "user_code!", "client_ref_id", "customer_id!", "otp",
      { "otp_ref_id!", from = "the otp_ref_id of onboard-customer or get-customer-info" },
    },
    role = "verify", moves_money = false,
  },
}
