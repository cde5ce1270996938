-- "Add a wallet" of docs/adding.md, done: one folder and its name in one list, in a copy of the tree, and all else knows it.
local tree_copy = require "spec.support.tree_copy"

local ENDPOINTS = [[
--- The Piggy wallet, which nobody has.
-- @module eko.wallets.piggy.endpoints
local SENDER = "/customer/payment/piggy/sender/{customer_id}"

return {
  { slug = "piggy-get-sender", method = "GET", path = SENDER, about = "read a sender", params = { "*" }, role = "get", sends_sms = true },
  {
    slug = "piggy-verify-otp", method = "POST", path = SENDER .. "/otp/verify", about = "verify the sender's mobile",
    params = { "*", "otp!", "otp_ref_id!" }, role = "verify", moves_money = false,
  },
}
]]

local VERBS = [[
--- The Piggy wallet: verb -> endpoint and shape of its result.
-- @module eko.wallets.piggy.verbs
local shapes = require "eko.wallets.shapes"

return {
  get = { slug = "piggy-get-sender", shape = shapes.sender },
  verify_otp = { slug = "piggy-verify-otp", shape = shapes.sender },
}
]]

local ONBOARDING = [[
--- The journey of the Piggy wallet: mobile OTP.
-- @module eko.wallets.piggy.onboarding
local REST = { "not_enrolled", "wallet_opened", "aadhaar_required", "pan_required", "ekyc_required" }

return {
  wallet = "piggy", title = "Piggy", start = "sender",
  states = {
    sender = {
      about = "read the customer", call = "get", keep = { otp_ref_id = "otp_ref_id" },
      on = { active = "done", otp_sent = { to = "otp", with = { "otp_ref_id" } } }, unexpected = REST,
    },
    otp = {
      about = "verify the mobile", needs = { "otp" }, otp_to = "customer", call = "verify_otp",
      params = { otp = "input", otp_ref_id = "kept" }, keep = { otp_ref_id = "otp_ref_id" },
      on = { verified = "done", otp_sent = { to = "otp", with = { "otp_ref_id" }, without = "sender" } }, unexpected = REST,
      errors = {
        wrong_otp = "otp", otp_expired = "sender", otp_verification_failed = "sender", otp_attempts_exhausted = "otp",
        user_not_found = "sender",
      },
      refused = "otp", stale = "sender", lost = "sender", resend = "sender",
    },
    done = { about = "the customer may transact", final = true },
  },
}
]]

local ROOM = "lua/eko/wallets/piggy/"

describe("a wallet that is added as one folder, its name in one list", function()
  local copy

  setup(function()
    copy = tree_copy.make()
    copy:write(ROOM .. "endpoints.lua", ENDPOINTS)
    copy:write(ROOM .. "verbs.lua", VERBS)
    copy:write(ROOM .. "onboarding.lua", ONBOARDING)
    copy:replace("lua/eko/wallets/init.lua", '"fino" }', '"fino", "piggy" }')
  end)
  teardown(function() copy:remove() end)

  local function assert_runs(code, out) assert.equal(0, code, out) return out end
  local function has(text, part) assert.truthy(text:find(part, 1, true), ("%q is not in:\n%s"):format(part, text)) end

  it("has its verbs and its journey, inside nginx too", function()
    assert.equal("verbs, journey, nginx\n", (assert_runs(copy:run "spec/support/added_wallet.lua")))
  end)

  it("is known to the command line: its endpoints, its journey and the picture of it, and every list of wallets", function()
    has(assert_runs(copy:run "bin/eko endpoints piggy"), "piggy-verify-otp  POST  /customer/payment/piggy/sender/{customer_id}/otp/verify")
    has(assert_runs(copy:run "bin/eko onboard piggy 9444444444 --emulator"), "Done: the customer may transact (Piggy).")
    has(assert_runs(copy:run "bin/eko graph piggy --format dot"), '"sender" -> "otp"')
    has(assert_runs(copy:run "bin/eko graph piggy --format mermaid"), "verify the mobile")
    for _, command in ipairs { "graph", "onboard" } do
      has(assert_runs(copy:run("bin/eko " .. command .. " --help")):gsub("%s+", " "), "digikhata, levin, fino or piggy.")
    end
    local code, out = copy:run "bin/eko onboard pigy 9444444444 --emulator"
    assert.equal(2, code)
    has(out, 'did you mean "piggy"?; there are customer, digikhata, levin, fino, piggy')
  end)

  it("is held by the specs of the data: they pass, and the rockspec's names its three files", function()
    assert_runs(copy:busted "spec/catalog/catalog_spec.lua spec/wallets/wallet_spec.lua spec/journey/data_spec.lua spec/call/answers_spec.lua")
    assert_runs(copy:busted "spec/call/golden_spec.lua --filter='are there for'")
    local code, out = copy:busted "spec/project/rockspec_spec.lua --filter='every Lua module'"
    assert.equal(1, code)
    for _, part in ipairs { "endpoints", "verbs", "onboarding" } do has(out, "eko.wallets.piggy." .. part) end
  end)
end)
