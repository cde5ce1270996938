--- Run in a copy of the tree to which spec/project/add_endpoint_spec.lua added endpoints: calls them in each way that there is.
package.path = "./?.lua;" .. package.path

local eko = require "eko"
local emulator_server = require "spec.support.emulator_server"

local CUSTOMER = "9444444444"

local function equal(expected, found, what)
  if expected ~= found then error(("%s: %s was to be %s"):format(what, tostring(found), tostring(expected)), 2) end
end

-- What is called is the same over the emulator in this process and over HTTP.
local function calls(client, transactions)
  local paid = assert(client:call("levin-gift", { customer_id = CUSTOMER, amount = 7, colour = "red", client_ref_id = "GIFT-1" }))
  equal("completed", paid.outcome, "levin-gift")
  equal("succeeded", paid.state, "levin-gift, state")
  local known = transactions "GIFT-1"
  equal("levin-gift 7.00 true", ("%s %s %s"):format(known[1].slug, known[1].amount, tostring(known[1].left)), "what the emulator wrote down")
  local found = assert(client:inquire { client_ref_id = "GIFT-1", amount = 7 })
  equal("succeeded " .. paid.tid, found.state .. " " .. found.tid, "inquire")
  local again = assert(client:call("levin-gift", { customer_id = CUSTOMER, amount = 7, colour = "red", client_ref_id = "GIFT-1" }))
  equal("succeeded " .. paid.tid, again.state .. " " .. again.tid, "the same reference again")
  equal(1, #transactions "GIFT-1", "how often it was carried out")

  local gift = assert(client.levin:gift { customer_id = CUSTOMER, amount = 8, colour = "red" })
  equal("8 red 1", ("%s %s %s"):format(gift.amount, gift.colour, gift.boxes[1].weight), "the verb")
  equal("eko.levin.gift: completed", tostring(gift), "the verb's name")

  local look = assert(client:call("list-colours", { shade = "dark" }))
  equal("unrecognised", look.outcome, "list-colours")
  equal(nil, next(look.data), "list-colours, data")

  local _, err = client:call("list-colours", {})
  equal("invalid_request missing_parameter", err.kind .. " " .. err.name, "a parameter is missing")
  local path = "/customer/payment/ppi-levin/gift/" .. CUSTOMER
  _, err = client:request { method = "POST", path = path, moves_money = false, body = { initiator_id = "9962981729", amount = 7 } }
  equal("missing_parameter", err.name, "the platform is not given a parameter")
  assert(err.invalid_params.colour, "it names the parameter")
  _, err = client:request {
    method = "POST", path = path, moves_money = false, body = { initiator_id = "9962981729", amount = "seven", colour = "red" },
  }
  assert(err.invalid_params.amount, "it checks a value")
  _, err = client:call("list-colours", { shade = "dark" }, { extra = { size = "1" } })
  equal("no_envelope", err.name, "the platform is given what it does not know")
end

local function of(list, slug)
  for _, entry in ipairs(list) do
    if entry.slug == slug then return entry.method .. " " .. entry.path end
  end
end

local client = eko.client { environment = "emulator" }
local platform = client.emulator
calls(client, function(reference) return platform:transactions(reference) end)

local stranger = eko.client {
  transport = platform, base_url = platform.base_url, developer_key = platform.developer_key, access_key = "another",
  initiator_id = platform.initiator_id, user_code = platform.user_code,
}
local _, refused = stranger:call("list-colours", { shade = "dark" })
equal("bad_signature", refused.name, "another access key")

equal("POST /customer/payment/ppi-levin/gift/{customer_id}", of(eko.endpoints(), "levin-gift"), "eko.endpoints")
equal("other true", ("%s %s"):format(eko.describe("levin-gift").role, tostring(eko.describe("levin-gift").moves_money)), "eko.describe")
equal("other false", ("%s %s"):format(eko.describe("list-colours").role, tostring(eko.describe("list-colours").moves_money)), "eko.describe")
local dry = assert(client:call("levin-gift", { customer_id = CUSTOMER, amount = 7, colour = "red", client_ref_id = "R" }, { dry_run = true }))
equal('{"initiator_id":"9962981729","user_code":"20810200","client_ref_id":"R","amount":7,"colour":"red"}', dry.body, "dry_run")

local server = emulator_server.start()
local ok, problem = pcall(calls, eko.client {
  base_url = server.base_url, developer_key = server.developer_key, access_key = server.access_key, initiator_id = "9962981729",
  user_code = "20810200",
}, server.transactions)
server.stop()
if not ok then error(problem, 0) end
print "in this process and over HTTP"
