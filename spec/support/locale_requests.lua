--- Sets a locale, and holds all golden requests and some texts of JSON to their bytes: prints how many there were, and each that differs.
--   locale_requests.lua <locale> <the point of its numbers>
package.path = "./?.lua;" .. package.path
assert(os.setlocale(arg[1], "all"), "there is no such locale")
assert(jit or ("%.1f"):format(0.5) == "0" .. arg[2] .. "5", "the locale has another point: " .. ("%.1f"):format(0.5))

local catalogue = require "eko.wallets.catalogue"
local json = require "eko.base.json"
local request = require "eko.call.request"
local golden = require "spec.support.golden"
local golden_calls = require "spec.support.golden_calls"

local count = 0
local function same(name, expected, actual)
  count = count + 1
  if expected ~= actual then print(("%s: %s was to be %s"):format(name, tostring(actual), tostring(expected))) end
end

local function check(name, block, call)
  local found = golden.outcome(call)
  for _, part in ipairs { "method", "path", "body", "error" } do same(name .. ", " .. part, block[part], found[part]) end
  for index, problem in ipairs(block.problems or {}) do
    for part = 1, 3 do same(name .. ", problem " .. index, problem[part], found.problems[index] and found.problems[index][part]) end
  end
end

golden.with_endpoints(function()
  for _, list in ipairs { golden_calls.rails, golden_calls.groups } do
    for _, group in ipairs(list) do
      for _, block in ipairs(golden.load(group)) do check(block.name, block, block) end
    end
  end
  local blocks = {}
  for _, block in ipairs(golden.load "problems") do blocks[block.name] = block end
  for _, bad in ipairs(golden.refused()) do check(bad.name, blocks[bad.name], bad.call) end
end)

for value, text in pairs {
  [0.5] = "0.5", [-0.25] = "-0.25", [1e300] = "1e+300", [1e-7] = "1e-07", [123456.789] = "123456.789", [0.1] = "0.1",
  [2 / 3] = "0.6666666666666666", [1e21] = "1e+21", [1.5e15] = "1500000000000000",
} do
  same("a number", text, json.encode(value))
  if value < 2 ^ 53 then same("a number read", value, json.decode("[" .. text .. "]")[1]) end
end
same("names", '{"A":1,"Z":2,"_":3,"a":4,"i":5,"z":6,"Ã§":7,"é":8}',
  json.encode { ["é"] = 8, ["Ã§"] = 7, z = 6, i = 5, a = 4, _ = 3, Z = 2, A = 1 })

local get, verify = catalogue.get "get-customer-info", catalogue.get "ppi-levin-verify-otp"
local CONTEXT = { initiator_id = "1", user_code = "2" }
for byte = 128, 255 do
  local char = string.char(byte)
  for _, reference in ipairs { "REQ" .. char, char, char .. "1" } do
    same("a reference", nil, (request.draft(get, { customer_id = "9444444444" }, CONTEXT, { client_ref_id = reference })))
  end
  same("a mobile", nil, (request.draft(get, { customer_id = "944444444" .. char }, CONTEXT)))
  same("an extra name", nil, (request.draft(get, { customer_id = "9444444444" }, CONTEXT, { extra = { ["a" .. char] = "1" } })))
  same("an intent", nil, (request.draft(verify, { customer_id = "9444444444", otp = "1", otp_ref_id = "r", intent_id = "1" .. char }, CONTEXT)))
end
local slugs = select(2, catalogue.list())
for index = 2, #slugs do same("slugs", true, require("eko.base.ascii").less(slugs[index - 1], slugs[index])) end
print("compared " .. count)
