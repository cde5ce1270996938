--- What a call takes as it comes, and the form that goes out: calls of which one value is changed.
--
--     values.sent("ppi-levin-verify-otp", "intent_id", 19, '"19"')
--     values.refused("onboard-customer", "dob", "1990-02-30", "invalid_format")

local assert = require "luassert"
local catalogue = require "eko.wallets.catalogue"
local json = require "eko.base.json"
local request = require "eko.call.request"

local values = {}

local CUSTOMER = "9444444444"
values.CUSTOMER = CUSTOMER
local NOW = 1790000000000 -- 2026-09-21 in India
values.CONTEXT = { initiator_id = "9962981729", user_code = "20810200", clock = function() return NOW end }
values.OPTIONS = { client_ref_id = "R" }

-- Good calls, of which one value is changed.
values.GOOD = {
  ["onboard-customer"] = { customer_id = CUSTOMER, name = "Asha Devi", dob = "1990-02-28", residence_address = { "12 Lake Road" } },
  ["dmt-onboard-sender"] = { customer_id = CUSTOMER, name = "Asha Devi", dob = "1990-02-28", residence_address = { line = "12 Lake Road" } },
  ["ppi-levin-verify-otp"] = { customer_id = CUSTOMER, otp = "012345", otp_ref_id = "r", intent_id = "19" },
  ["ppi-levin-send-transaction-otp"] = { customer_id = CUSTOMER, recipient_id = 10, amount = 100 },
  ["ppi-levin-add-recipient"] = { customer_id = CUSTOMER, bank_id = 108, recipient_name = "Ravi", recipient_mobile = "9555555555",
    account = "00001234567890", ifsc = "SBIN0005656" },
  ["ppi-levin-initiate-transaction"] = { customer_id = CUSTOMER, recipient_id = 10, amount = 100 },
  ["ppi-digikhata-load-wallet"] = { customer_id = CUSTOMER, amount = "500" },
  ["ppi-digikhata-generate-aadhaar-otp"] = { customer_id = CUSTOMER, aadhar = "234567890124" },
  ["ppi-digikhata-validate-pan"] = { customer_id = CUSTOMER, pan_number = "ABCPE1234F" },
  ["ppi-digikhata-recipient-bank-otp"] = { customer_id = CUSTOMER, recipient_id = "15186" },
  ["ppi-digikhata-consent-details"] = { customer_id = CUSTOMER, consent_language = "6" },
  ["dmt-fino-validate-ekyc-otp"] = { customer_id = CUSTOMER, otp = "1", otp_ref_id = "2", kyc_request_id = "3" },
  ["dmt-add-recipient"] = { customer_id = CUSTOMER, recipient_mobile = "9555555555", recipient_name = "Ravi", ifsc = "SBIN0005656",
    account = "00001234567890" },
  ["initiate-refund"] = { tid = "355419717321", otp = "012345" },
  ["transaction-inquiry"] = { ["transaction-reference"] = "355419717321" },
}

--- @return the draft of a good call with one value changed; or nil and the error
local function drafted(slug, field, value)
  local params = {}
  for name, each in pairs(values.GOOD[slug]) do params[name] = each end
  if field then params[field] = value end
  return request.draft(assert(catalogue.get(slug)), params, values.CONTEXT, values.OPTIONS)
end
values.drafted = drafted

-- What goes out for a field: its JSON text in a body, or the path.
local function sent(slug, field, value)
  local draft, err = drafted(slug, field, value)
  if not draft then return nil, err end
  local body = draft:body()
  local at = body and select(2, body:find('"' .. field .. '":', 1, true))
  return at and (body:match('^(".-[^\\]")[,}]', at + 1) or body:match('^""', at + 1) or body:match("^[^,}]+", at + 1)) or draft:path(), draft
end

--- The field goes out as this JSON text, or the call has this path.
function values.sent(slug, field, value, expected)
  local text, draft = sent(slug, field, value)
  local name = ("%s, %s = %s"):format(slug, field, tostring(value))
  assert.truthy(text, name .. ": " .. tostring(draft))
  assert.equal(expected, text, name)
end

--- The value is refused by name, and in words that hold these.
function values.refused(slug, field, value, problem, words)
  local draft, err = drafted(slug, field, value)
  local name = ("%s, %s = %s"):format(slug, field, tostring(value))
  assert.is_nil(draft, name)
  assert.equal(1, #err.problems, name)
  assert.equal(field, err.problems[1].field, name)
  if problem then assert.equal(problem, err.problems[1].name, name) end
  if words then assert.truthy(err.invalid_params[field]:find(words, 1, true), name .. ": " .. err.invalid_params[field]) end
end

--- What is no whole number that an identifier could be, and what is no text and no number at all.
values.NO_NUMBERS = { 1.5, -1, -0.5, 0 / 0, 1 / 0, -1 / 0, 2 ^ 54, 2 ^ 60, 1e300 }
values.NO_SCALARS = { true, false, {}, { "19" }, print, io.stdout, json.null }

return values
