-- Makes a call of some bytes, drafts it, and holds that what would be sent is whole: a path without anything that could break out of
-- it, a body that is JSON and has the values that were given.
package.path = "lua/?.lua;lua/?/init.lua;" .. package.path

local catalog = require "eko.wallets.catalogue"
local core = require "eko.core"
local json = require "eko.base.json"
local request = require "eko.call.request"

local CONTEXT = { initiator_id = "9962981729", user_code = "20810200", clock = function() return 1790000000000 end }
local emit = core.emitter(core.signer "a", core.timestamps(0, 1), "http://127.0.0.1/x")
local endpoints = (catalog.list())
local spare
local now = 1790000000000

-- A good value of each, so that a call gets as far as its last parameter.
local USUAL = {
  customer_id = "9444444444", name = "A", dob = "1990-02-28", otp = "1", otp_ref_id = "r", intent_id = "19", kyc_request_id = "1",
  tid = "1",
  aadhar = "234567890124", pan_number = "ABCPE1234F", piddata = "<PidData/>", consent_language = "6", recipient_id = 1, amount = 1,
  recipient_mobile = "9555555555", bank_id = 1, bank_code = "SBIN0005656", account = "0123", ifsc = "SBIN0005656", recipient_name = "R",
  residence_address = { "x" }, ["transaction-reference"] = "1",
}

local NAMES = { "line", "city", "state", "pincode", "district", "area", "town" }

local function number_of(text)
  return #text >= 8 and string.unpack("<d", text) or #text >= 4 and string.unpack("<i4", text) or #text -- luacheck: ignore
end

local function list_of(text)
  local list = {}
  for item in text:gmatch "[^|]*" do list[#list + 1] = item end
  return list
end

local function names_of(text)
  local map = {}
  for index, item in ipairs(list_of(text)) do map[NAMES[index % #NAMES + 1]] = item end
  return map
end

local KINDS = {
  function(text) return text end, number_of, list_of, names_of, function(text) return #text % 2 == 0 end, function() return print end,
}

-- kind, place of the parameter, length, bytes; and so on.
local function call_of(bytes)
  local endpoint = endpoints[(bytes:byte(1) or 0) % #endpoints + 1]
  local params, extra, at = {}, nil, 2
  for _, param in ipairs(endpoint.params) do
    if param.required then params[param.name] = USUAL[param.name] end
  end
  while at + 2 < #bytes do
    local kind, place, length = bytes:byte(at, at + 2)
    local text = bytes:sub(at + 3, at + 2 + length * (kind >= 128 and 16 or 1))
    local param = endpoint.params[place % (#endpoint.params + 1)]
    local value = KINDS[kind % #KINDS + 1](text)
    if param then params[param.name] = value else extra = { [text:sub(1, 3)] = value, ["x"] = { value } } end
    at = at + 3 + #text
  end
  return endpoint, params, extra
end

return function(bytes)
  local endpoint, params, extra = call_of(bytes)
  local draft, err = request.draft(endpoint, params, CONTEXT, { extra = extra, strict = #bytes % 2 == 0, client_ref_id = "R" }, spare)
  spare = draft or spare
  if not draft then
    assert(err.kind == "invalid_request" and #err.problems > 0 and type(tostring(err)) == "string")
    return
  end
  assert(draft:path():find "^/[A-Za-z0-9._~%%/:?&={}+-]*$", draft:path())
  assert(not draft:path():find("//", 1, true) and not draft:path():find("/../", 1, true), draft:path())
  local body = draft:body()
  assert((body == nil) == (endpoint.method == "GET"))
  local sent = body and assert(json.decode(body)) or {}
  for name, value in pairs(draft:secrets()) do
    local got = sent[name]
    if type(got) == "string" and type(value) == "string" then assert(got == value, name) end
  end
  for _, param in ipairs(endpoint.params) do
    if param.required then assert(draft:value(param.name), param.name) end
    if param.means == "capture" and draft:value(param.name) then assert(draft:value(param.name):find("PidData", 1, true)) end
  end
  now = now + 1 -- a clock that stands still or goes back makes an emitter wait, which is no finding
  assert(emit(draft, now))
  draft:release()
end
