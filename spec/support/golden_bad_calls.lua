--- Calls with more than one thing wrong, those that once were refused and are not any more, and those that spec/fixtures/bad_calls.lua
-- cannot say: { name =, slug =, params =, options =, client = } (see spec/support/golden_calls.lua).

local rep = string.rep
local CUSTOMER = "9444444444"
local VERIFY = { customer_id = CUSTOMER, otp = "1", otp_ref_id = "r", intent_id = "19" }

local function verify(changes)
  local params = {}
  for name, value in pairs(VERIFY) do params[name] = value end
  for name, value in pairs(changes) do params[name] = value end
  return params
end

local function good(name, slug, params) return { name = name, slug = slug, params = params, options = { client_ref_id = "REQ-1" } } end

local NOBODY = { initiator_id = false, user_code = false }
local PATHS = "made-up-paths"

return {
  { name = "nothing at all, of a body", slug = "ppi-levin-initiate-transaction", client = NOBODY },
  { name = "nothing at all, of a query", slug = "ppi-digikhata-consent-details", params = {}, client = NOBODY },
  { name = "nothing at all, of a path", slug = PATHS, params = {}, client = NOBODY },
  { name = "parameters that are text", slug = "get-customer-info", params = "9444444444" },
  { name = "parameters that are a number, of a debit", slug = "ppi-digikhata-load-wallet", params = 12 },
  { name = "everything wrong, of a body", slug = "ppi-levin-verify-otp", params = { initiator_id = true, user_code = "", client_ref_id = "a b",
    customer_id = "944", otp = "", otp_ref_id = {}, intent_id = "x", otp_refid = "y", aadhar = 1, [1] = 2, [0.5] = 3, [true] = 4 } },
  { name = "everything wrong, of a query", slug = "ppi-levin-get-recipients", params = { initiator_id = "\1", user_code = true,
    client_ref_id = "", customer_id = "x", wallet_token = rep("a", 4097), wallet_tokn = "y" } },
  { name = "everything wrong, of a path", slug = PATHS, params = { customer_id = "", tid = "x", reference = "a b", number = "-1", note = true } },
  { name = "everything wrong, of lists and addresses", slug = "made-up-lists", params = { before = "\n", lines = "x", short_lines = { "12345" },
    between = "\255", home = {}, work = { town = "x" }, behind = rep("a", 256) } },
  { name = "a list whose second is no text", slug = "made-up-lists", params = { lines = { "a", false }, work = { line = "9" } } },
  { name = "an address that is too long", slug = "made-up-lists", params = { work = { line = rep("é", 200) } } },
  { name = "a ready-made address that is text", slug = "made-up-lists", params = { work = '"x"' } },
  { name = "a ready-made address of the client's own making", slug = "made-up-lists", params = { work = "{'line':1}" } },
  { name = "names that come in no order", slug = "get-customer-info", params = { customer_id = CUSTOMER, zeta = 1, alpha = 2, ["0a"] = 3, _x = 4,
    customerid = 5, user = 6, [-1] = 7, [1001] = 8 } },
  { name = "a number for a name that is an Aadhaar number", slug = "get-customer-info", params = { customer_id = CUSTOMER, [234567890124] = "x" } },
  { name = "a name that holds an Aadhaar number", slug = "get-customer-info", params = { customer_id = CUSTOMER, aadhar_234567890124 = "x" } },
  { name = "a name that is very long", slug = "get-customer-info", params = { customer_id = CUSTOMER, [rep("n", 200)] = "x" } },
  { name = "a client's own values that are too long", slug = "ppi-levin-verify-otp", params = VERIFY,
    client = { initiator_id = rep("1", 256), user_code = rep("u", 256) } },
  { name = "a client_ref_id given by option", slug = "ppi-levin-verify-otp", params = VERIFY, options = { client_ref_id = "a b" } },
  { name = "a client_ref_id given by option as a number", slug = "ppi-levin-verify-otp", params = VERIFY, options = { client_ref_id = 12 } },
  { name = "a client_ref_id that the endpoint does not take", slug = "get-refund-otp", params = { tid = "1", client_ref_id = "R" } },
  { name = "extra that is no table", slug = "ppi-levin-verify-otp", params = VERIFY, options = { extra = "x" } },
  { name = "extra with names that are none", slug = "ppi-levin-verify-otp", params = VERIFY, options = { extra = { ["a b"] = 1, [""] = 2,
    [rep("x", 65)] = 3, [1] = 4, ["a=b"] = 5 } } },
  { name = "extra with names of the catalogue", slug = "ppi-levin-verify-otp", params = VERIFY, options = { extra = { otp = "1", user_code = "2" } } },
  { name = "extra with a reference that the endpoint does not take", slug = "get-refund-otp", params = { tid = "1" },
    options = { extra = { client_ref_id = "R" } } },
  { name = "extra with values that are none, in a body", slug = "ppi-levin-verify-otp", params = VERIFY, options = { extra = { a = print, b = 0 / 0,
    c = "\255", d = "x\ny", e = { "x\127" }, f = { [2] = 1 }, g = 1 / 0, h = { ["k\r"] = 1 }, i = "\\u0001 is no control character" } } },
  { name = "extra with values that are none, in a query", slug = "get-customer-info", params = { customer_id = CUSTOMER }, options = { extra = {
    a = {}, b = 0 / 0, c = "\255", d = "x\ny", e = print } } },
  { name = "extra beside bad parameters", slug = "ppi-levin-verify-otp", params = verify { otp = "", more = 1 }, options = { extra = { ["?"] = 1 } } },
  { name = "strict: an Aadhaar number", slug = "ppi-digikhata-generate-aadhaar-otp", params = { customer_id = CUSTOMER, aadhar = "234567890123" },
    options = { strict = true } },
  { name = "strict: a PAN", slug = "ppi-digikhata-validate-pan", params = { customer_id = CUSTOMER, pan_number = "ABCDE1234F" },
    client = { strict = true } },
  { name = "strict: forms before check digits", slug = "ppi-levin-validate-pan", params = { customer_id = "1", pan_number = "abc" },
    options = { strict = true } },
  { name = "an opaque integer that is negative", slug = "ppi-levin-verify-otp", params = verify { otp = -1, otp_ref_id = 1.5 } },
  { name = "opaque values in a query", slug = "made-up-opaque-query", params = { customer_id = CUSTOMER, otp = "a\tb", otp_ref_id = "", amount = "",
    service_code = "1.0" } },
  { name = "lists in a query", slug = "made-up-lists-query", params = { lines = { 1 }, home = "x" } },
  { name = "the beneficiary_id that a recipient list gives", slug = "ppi-levin-send-transaction-otp", params = { customer_id = CUSTOMER,
    recipient_id = 10, amount = 100, beneficiary_id = 4202888 } },
  { name = "the recipient_id that an added recipient gives", slug = "ppi-digikhata-recipient-bank-otp", params = { customer_id = CUSTOMER,
    recipient_id = 15186 } },
  { name = "the consentId that the consent gives", slug = "ppi-digikhata-generate-aadhaar-otp", params = { customer_id = CUSTOMER,
    aadhar = "234567890124", consent_id = 41 } },
  good("customer as a number", "ppi-levin-verify-otp", verify { customer_id = 9444444444 }),
  good("intent_id as a number", "ppi-levin-verify-otp", verify { intent_id = 19 }),
  good("user_code as a number", "ppi-levin-verify-otp", verify { user_code = 20810200 }),
  good("client_ref_id as a number", "ppi-levin-verify-otp", verify { client_ref_id = 20260101 }),
  good("Aadhaar as a number", "ppi-digikhata-generate-aadhaar-otp", { customer_id = CUSTOMER, aadhar = 234567890124 }),
  good("text amount as a number", "ppi-digikhata-load-wallet", { customer_id = CUSTOMER, org_id = "1", amount = 500 }),
  good("address with names", "onboard-customer", { customer_id = CUSTOMER, name = "Asha Devi", dob = "1990-02-28",
    residence_address = { line = "12 Lake Road" } }),
  good("address as a list for Fino", "dmt-onboard-sender", { customer_id = CUSTOMER, name = "Asha Devi", dob = "1990-02-28",
    residence_address = { "12 Lake Road" } }),
  { name = "a debit without its constants", slug = "ppi-levin-initiate-transaction", params = { customer_id = CUSTOMER, recipient_id = 10,
    amount = 100 } },
  { name = "a load without its constant", slug = "ppi-digikhata-load-wallet", params = { customer_id = CUSTOMER, amount = "500" } },
  { name = "a recipient without its constants", slug = "ppi-levin-add-recipient", params = { customer_id = CUSTOMER, bank_id = 108,
    recipient_name = "Ravi", recipient_mobile = "9555555555", account = "1234567890", ifsc = "SBIN0005656" } },
  { name = "an empty required integer", slug = "ppi-levin-send-transaction-otp", params = { customer_id = CUSTOMER, recipient_id = "", amount = "" } },
  { name = "a PID block with NUL", slug = "made-up-pid", params = { piddata = "a\0b" } },
  { name = "a PID block that is too long", slug = "made-up-pid", params = { piddata = rep("a", 200001) } },
  { name = "a first segment of dots", slug = "made-up-edges", params = { first = "..", last = "" } },
}
