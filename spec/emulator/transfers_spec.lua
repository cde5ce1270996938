-- Recipients and transfers on each rail, limits and balances.
local answers = require "spec.support.answers"
local emulated = require "spec.support.emulator_platform"
local rails = require "spec.support.emulator_rails"

local mobile = emulated.mobile
local digikhata, levin, fino = emulated.digikhata, emulated.levin, emulated.fino
local merge, wrong = emulated.merge, emulated.wrong
local answer = answers.of

describe("recipients and transfers", function()
  it("moves money on each rail, and finds it again", function()
    for rail in pairs(rails.all) do
      local s = rails.new()
      local base = rails.all[rail][1] .. "/sender/" .. mobile
      assert.equal("no_recipients", answer(s.call("GET", base .. "/recipients")))
      local id = s.recipient(rail)
      local listed = s.call("GET", base .. "/recipients")
      assert.equal("recipients", answer(listed))
      assert.equal(id, listed.data.recipient_list[1].recipient_id)
      assert.equal(rail == "fino" and "12345678901" or "1XXXXX78901", listed.data.recipient_list[1].account)
      local body = s.transfer(rail, id, 110)
      assert.equal("transferred", answer(body))
      assert.equal("0", body.data.tx_status)
      assert.equal(rail == "fino" and "120.0" or "114.0", body.data.collectable_amount)
      for _, reference in ipairs { body.data.tid, "client_ref_id:ref-1", "client_ref_id%3Aref-1" } do
        local found = s.inquire(reference)
        assert.equal("transaction_found", answer(found), reference)
        assert.equal(body.data.tid, found.data.tid, reference)
        assert.equal("ref-1", found.data.client_ref_id)
        assert.equal("110.00", found.data.amount)
        assert.equal("2026-09-21 19:43:20", found.data.timestamp)
      end
      local limits = s.platform:customer(mobile)[rail].limits
      assert.equal(110, limits.used)
      assert.equal(limits.total, limits.used + limits.remaining)
    end
  end)

  it("spends the wallet on DigiKhata and the agent's balance elsewhere", function()
    local s = rails.new()
    s.transfer("digikhata", s.recipient("digikhata"), 110)
    assert.equal("4886.00", s.platform:customer(mobile).digikhata.balance)
    assert.equal("1000000.00", s.platform:agent_balance())
    s = rails.new()
    s.transfer("levin", s.recipient("levin"), 110)
    assert.equal("999886.00", s.platform:agent_balance())
  end)

  it("does not know a reference: 168", function()
    assert.equal("transaction_not_found", answer(emulated.new().call("GET", "/tools/reference/transaction/client_ref_id:none")))
  end)

  it("binds the OTP to recipient and amount, and takes it once", function()
    local s = rails.new()
    local id = s.recipient "fino"
    local ref = s.transfer_otp("fino", id, 500)
    local function try(amount, extra)
      return s.call("POST", rails.all.fino[1], rails.fields("fino", id, amount, merge({ otp = s.otp(), otp_ref_id = ref }, extra or {})))
    end
    local body = try(501)
    assert.equal("transaction_declined", answer(body))
    assert.equal("Wrong OTP", body.data.reason)
    assert.equal("Wrong OTP", try(500, { otp = wrong(s.otp()) }).data.reason)
    assert.equal("transferred", answer(try(500)))
    body = try(500, { client_ref_id = "ref-2" })
    assert.equal("OTP already Consumed", body.data.reason)
    assert.equal("1", s.inquire(body.data.tid).data.tx_status)
  end)

  it("refuses a client_ref_id that it has seen, unless told otherwise", function()
    local s = rails.new()
    local id = s.recipient "fino"
    s.transfer("fino", id, 500)
    local body = s.transfer("fino", id, 500)
    assert.equal(1, body.status)
    assert.equal(500, s.platform:customer(mobile).fino.limits.used)
    s = rails.new { duplicate_ref = "process" }
    id = s.recipient "fino"
    s.transfer("fino", id, 500)
    assert.equal("transferred", answer(s.transfer("fino", id, 500)))
  end)

  it("declines beyond the limit, the balance, and without a registered bank account", function()
    local s = rails.new { customers = { [mobile] = { fino = { state = "active", used = 24600 }, digikhata = "active" } } }
    local id = s.recipient "fino"
    assert.equal("monthly_limit_exhausted", answer(s.call("POST", rails.all.fino[1] .. "/otp", { customer_id = mobile, recipient_id = id, amount = 500 })))
    assert.equal("validation_failed", answer(s.call("POST", rails.all.fino[1] .. "/otp", { customer_id = mobile, recipient_id = id, amount = 99 })))
    id = s.recipient "digikhata"
    assert.equal("Insufficient balance", s.transfer("digikhata", id, 500).data.reason)
    local added = s.call("POST", digikhata .. "/recipient", merge(rails.bank, rails.all.digikhata[2], { account = "99999999999" }))
    assert.equal("recipient_not_registered", answer(s.call("POST", rails.all.digikhata[1] .. "/otp",
      { customer_id = mobile, recipient_id = added.data.recipient_id, amount = 500 })))
    assert.equal("invalid_channel", answer(s.call("POST", rails.all.digikhata[1],
      rails.fields("digikhata", id, 500, { channel = 3, otp = "1", otp_ref_id = "1" }))))
  end)

  it("can leave a transfer on its way, and settle it", function()
    local s = rails.new { transfer = { outcome = "awaited" } }
    local body = s.transfer("levin", s.recipient("levin"), 110)
    assert.equal("on_its_way", answer(body))
    assert.equal("2", body.data.tx_status)
    assert.is_true(s.platform:settle("ref-1", "3"))
    local found = s.inquire(body.data.tid)
    assert.equal("3", found.data.tx_status)
    s = rails.new { transfer = { outcome = function(t) return t.amount > 200 and "failed" or "success" end } }
    local id = s.recipient "levin"
    assert.equal("transaction_declined", answer(s.transfer("levin", id, 210)))
    assert.equal("1000000.00", s.platform:agent_balance())
    assert.equal("transferred", answer(s.transfer("levin", id, 200, { client_ref_id = "ref-2" })))
  end)

  it("minds duplicates, the five a day, and who may add", function()
    local s = rails.new()
    s.recipient "fino"
    s.recipient "levin"
    assert.equal("recipient_already_registered", answer(s.call("POST", fino .. "/recipient", merge(rails.bank, rails.all.fino[2]))))
    assert.equal("already_a_recipient", answer(s.call("POST", levin .. "/recipient", merge(rails.bank, rails.all.levin[2]))))
    for n = 2, 5 do
      s.call("POST", levin .. "/recipient", merge(rails.bank, rails.all.levin[2], { account = "1000000000" .. n }))
    end
    local sixth = merge(rails.bank, rails.all.levin[2], { account = "10000000006" })
    assert.equal("recipient_limit_reached", answer(s.call("POST", levin .. "/recipient", sixth)))
    s.clock.ms = s.clock.ms + 24 * 3600 * 1000
    assert.equal("recipient_added", answer(s.call("POST", levin .. "/recipient", sixth)))
    assert.equal("invalid_ifsc", answer(s.call("POST", levin .. "/recipient", merge(sixth, { ifsc = "SBIN00005656" }))))
    assert.equal("invalid_recipient_name", answer(s.call("POST", levin .. "/recipient", merge(sixth, { recipient_name = "R2" }))))
    assert.equal("user_not_found", answer(emulated.new().call("GET", fino .. "/recipients")))
    s = emulated.new { customers = { [mobile] = { levin = "pan_pending" } } }
    assert.equal("sender_not_verified", answer(s.call("POST", levin .. "/recipient", merge(rails.bank, rails.all.levin[2]))))
  end)

  it("loads a DigiKhata wallet from the agent's balance, findable by client_ref_id", function()
    local s = rails.new()
    local body = s.call("POST", digikhata .. "/wallet/loadwallet", { amount = "250", org_id = "1", client_ref_id = "load-1" })
    assert.equal("wallet_loaded", answer(body))
    assert.equal("5250.00", s.platform:customer(mobile).digikhata.balance)
    assert.equal("999745.00", s.platform:agent_balance())
    assert.equal(body.data.tid, s.call("GET", "/tools/reference/transaction/client_ref_id:load-1").data.tid)
    assert.equal(1, s.call("POST", digikhata .. "/wallet/loadwallet", { amount = "250", org_id = "1", client_ref_id = "load-1" }).status)
    assert.equal("insufficient_balance", answer(s.call("POST", digikhata .. "/wallet/loadwallet", { amount = "9999999", org_id = "1" })))
  end)

  it("begins a new month with a new limit", function()
    local s = rails.new { customers = { [mobile] = { fino = { state = "active", used = 25000 } } } }
    assert.equal(0, s.platform:customer(mobile).fino.limits.remaining)
    s.clock.ms = s.clock.ms + 31 * 24 * 3600 * 1000
    assert.equal(25000, s.platform:customer(mobile).fino.limits.remaining)
  end)
end)
