--- Parameters for every endpoint of the catalogue: only what is required, everything, hard values, the longest that is taken.
-- All numbers and names are synthetic.

local golden_sets = {}

local rep = string.rep

-- Everything given, as a caller would; by name, where the type decides by type too.
local USUAL = {
  initiator_id = "9876543210", user_code = "20810201", client_ref_id = "EVERYTHING-1", customer_id = "9444444444",
  name = "Asha Devi", dob = "1990-02-28",
  residence_address = {
    list = { "12 Lake Road", "Pune", "Maharashtra", "411001" },
    address = { line = "12 Lake Road", city = "Pune", state = "Maharashtra", pincode = "411001", district = "Pune", area = "Camp" },
  },
  otp = 123456, otp_ref_id = "zQx+" .. rep("Ab9/", 20) .. "Aw==", intent_id = "19", kyc_request_id = "123456",
  aadhar = "234567890124", pan_number = "ABCPE1234F",
  piddata = '<?xml version="1.0"?>\r\n<PidData>\r\n\t<Resp errCode="0"/>\r\n</PidData>\n',
  consent_id = "41", consent_language = "6", org_id = "1", wallet_token = "eyJhbGciOiJub25lIn0.e30.synthetic-token", wallet_id = "wlt_1",
  recipient_id = { string = "15186", integer = 15186 }, beneficiary_id = "4202888", recipient_name = "Ravi Kumar",
  recipient_mobile = "9555555555", recipient_type = "3", recipient_id_type = "1", bank_id = 108, bank_code = "SBIN0005656",
  account = "00001234567890", account_type = "1", ifsc = "SBIN0005656", amount = { string = "500.50", integer = 500 }, channel = 2,
  currency = "INR", timestamp = "2026-01-01T10:00:00Z", latlong = "19.0760,72.8777", state = { string = "1", integer = 1 },
  service_code = 80, type = "ifsc", tid = "355419717321", ["transaction-reference"] = "355419717321",
}

-- By format; then text, opaque values, integers, lists and addresses that are hard to write down.
local HARD_FORMATS = {
  mobile = "6000000000", date = "2000-02-29", pan = "AAAAA0000A", aadhaar = "000000000000", ifsc = "ABCD0A1B2C3",
  ["lat-long"] = "-90,-180.0000", ["client-ref"] = "_-aZ09", ["transaction-reference"] = "client_ref_id:_-aZ09", digits = "0019",
  money = "0500.5",
}
local HARD = {
  string = 'Aśa "D" \\ 5% a+b/c~d & e=f? #₹ 💰\\u0041 <x>\'', list = { '12 "A"', "\\", "", "é₹💰", "a/b%+", " x " },
  address = { line = '12 "A" \\', city = "é₹💰", area = "/%+", state = "", pincode = "411001" },
}
local HARD_OPAQUE = { otp = '0\\"+/%é💰', otp_ref_id = ' ~m~"\\/+=%é₹💰&? ' }
local HARD_INTEGERS = { amount = 100.0, channel = "2", service_code = 80.0 } -- the others: "0017"

local LONGEST_FORMATS = {
  ["client-ref"] = rep("Z", 20), ["transaction-reference"] = rep("9", 40), ["lat-long"] = "19." .. rep("0", 240) .. ",72.87",
}
-- A PID block is line after line of base64.
local PID_LINE = '\t<Data type="X">MjAyNi+/</Data>\r\n'

local function filled(unit, size)
  local text = rep(unit, math.floor(size / #unit))
  return text .. rep("x", size - #text)
end

local function usual(param)
  local value = USUAL[param.name]
  if type(value) == "table" then value = value[param.type] end
  return value
end

local function hard(param)
  if param.format then return HARD_FORMATS[param.format] end
  if param.type == "opaque" then return HARD_OPAQUE[param.name] end
  if param.type == "integer" then return HARD_INTEGERS[param.name] or "0017" end
  if param.multiline then return "<a>\r\n\t" .. HARD.string .. "\n\n</a>\r" end
  return HARD[param.type]
end

local function longest(param)
  if param.type == "integer" then return 9007199254740992 end
  if param.type == "list" then
    local list = { filled('é"\\/', param.max) }
    for index = 2, 100 do list[index] = "x" end
    return list
  end
  if param.type == "address" then return '{"line":"' .. filled("é/", param.max - 11) .. '"}' end
  if param.multiline then return filled(PID_LINE, param.max) end
  if param.format == "digits" or param.format == "money" then return rep("9", param.max) end
  if param.format then return LONGEST_FORMATS[param.format] or HARD_FORMATS[param.format] end
  return filled('é"\\/', param.max)
end

local function each(endpoint, value_of, only_required)
  local params = {}
  for _, param in ipairs(endpoint.params) do
    if not only_required or param.required then params[param.name] = value_of(param) end
  end
  return params
end

-- Left to what the client knows and to us.
local function without_context(params)
  params.initiator_id, params.user_code, params.client_ref_id = nil, nil, nil
  return params
end

--- The calls of an endpoint.
-- @param endpoint an entry of the catalogue
-- @return a list of { name =, slug =, params =, options = }
function golden_sets.of(endpoint)
  local slug = endpoint.slug
  return {
    { name = slug .. ", only what is required", slug = slug, params = without_context(each(endpoint, usual, true)) },
    { name = slug .. ", everything", slug = slug, params = each(endpoint, usual) },
    { name = slug .. ", hard values", slug = slug, params = without_context(each(endpoint, hard)), options = { client_ref_id = "OPTION-1" } },
    { name = slug .. ", the longest", slug = slug, params = each(endpoint, longest) },
  }
end

return golden_sets
