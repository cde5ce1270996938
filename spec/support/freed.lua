--- Runs under freed.c: drafts of every kind and length, sent, refused and released; prints how many blocks the core freed, and how many
-- of them still held a secret, how many it did not free, and how many were freed with a small draft,
-- one of 16 KiB and a large one, when they were only released.
local catalogue = require "eko.wallets.catalogue"
local core = require "eko.core"
local exchange = require "eko.wire.exchange"
local json = require "eko.base.json"
local request = require "eko.call.request"

local CONTEXT = { initiator_id = "1", user_code = "2" }
local word = "canary" .. "-word "
local direct = exchange.new {}
local head = assert(direct:head("POST", "http://127.0.0.1:1/x", { developer_key = "k", ["secret-key"] = 1, ["secret-key-timestamp"] = 2 }, "secret-key"))
local emit = core.emitter(core.signer "a", core.timestamps(0, 1), head)

local function draft(slug, params, options)
  params.customer_id = "9444444444"
  return request.draft(assert(catalogue.get(slug)), params, CONTEXT, options)
end

for _, count in ipairs { 1, 10, 100, 2000, 8000 } do
  local text = word:rep(count)
  for _, bad in ipairs { false, "\n" } do
    local made = {
      (draft("dmt-fino-sender-ekyc", { aadhar = "234567890124", piddata = "<PidData>" .. text .. (bad and "\0" or "") .. "</PidData>" })),
      (draft("ppi-levin-get-recipients", { wallet_token = text:sub(1, 4000) .. "x" .. (bad or "") })),
      (draft("ppi-digikhata-generate-sender-otp", {}, { extra = { a = text, b = { text, text .. (bad or "") } } })),
      (draft("get-customer-info", {}, { extra = { a = text, b = text .. (bad or "") } })),
      (draft("dmt-onboard-sender", { name = "A", dob = "1990-01-01", residence_address = { line = text:sub(1, 1500) .. "x", city = bad or "y" } })),
      (draft("onboard-customer", { name = "A", dob = "1990-01-01", residence_address = { text:sub(1, 250) .. "x", text:sub(1, 250) .. "x", bad or "y" } })),
    }
    for _, each in pairs(made) do
      emit(each)
      each:close()
    end
  end
  json.encode { text, { text } }
  json.encode { text, { text .. "\255" } }
end
collectgarbage()
collectgarbage()

-- How many blocks the release of a draft frees, which has so many short values.
local function released(count)
  local extra = {}
  for index = 1, count do extra["n" .. index] = ("x"):rep(80) end
  local made = draft("ppi-digikhata-generate-sender-otp", {}, { extra = extra })
  local before = os.getenv("EKO_FREED"):match "%d+"
  made:release()
  local freed = os.getenv("EKO_FREED"):match "%d+" - before
  made:close()
  return freed
end
local few, some, many = released(1), released(100), released(1000)
print(os.getenv "EKO_FREED" .. (" %d %d %d"):format(few, some, many))
