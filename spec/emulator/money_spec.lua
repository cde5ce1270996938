-- The emulated platform's books: refunds, transfers that change their mind, and how often money left.
local answers = require "spec.support.answers"
local rails = require "spec.support.emulator_rails"

local mobile, answer = rails.mobile, answers.of
local ONE_MILLION = "1000000.00"

local function refund_path(tid) return "/customer/payment/refund/" .. tid end

local function wrong(otp)
  return (otp:gsub("^.", function(digit) return digit == "1" and "2" or "1" end))
end

--- Text of rupees as paise.
local function paise(text) return math.floor(tonumber(text) * 100 + 0.5) end

local function wallet_of(s) return s.platform:customer(mobile).digikhata.balance end

--- A platform whose transfer of 500 (fee 10 on Fino) waits for its refund; its tid.
local function pending(rail, options)
  local s = rails.new(options)
  local body = s.transfer(rail, s.recipient(rail), 500)
  assert.equal("transferred", answer(body))
  assert.is_true(s.platform:settle("ref-1", "3"))
  return s, body.data.tid
end

describe("a refund", function()
  it("follows the OTP that comes by itself, and gives amount and fee back to the agent", function()
    local s, tid = pending "fino"
    local inbox = s.platform:sms(mobile)
    assert.same({ "refund", mobile }, { inbox[#inbox].purpose, inbox[#inbox].to })
    assert.equal("999490.00", s.platform:agent_balance())
    assert.equal("3", s.inquire(tid).data.tx_status)
    local body = s.call("POST", refund_path(tid), { user_code = false, otp = s.otp(), service_code = 80, state = 1 })
    assert.equal("refunded", answer(body))
    assert.equal("Refund done", body.message)
    local names = {}
    for name, value in pairs(body.data) do
      assert.is_string(value, name)
      names[#names + 1] = name
    end
    table.sort(names)
    assert.same({ "amount", "balance", "commission_reverse", "currency", "fee", "refund_tid", "refunded_amount", "tds", "tid",
      "timestamp" }, names)
    assert.same({ tid, "500.00", "10.0", "510.00", ONE_MILLION },
      { body.data.tid, body.data.amount, body.data.fee, body.data.refunded_amount, body.data.balance })
    assert.are_not.equal(tid, body.data.refund_tid)
    assert.equal(ONE_MILLION, s.platform:agent_balance())
    assert.equal("4", s.inquire(tid).data.tx_status)
    assert.equal("4", s.inquire("client_ref_id:ref-1").data.tx_status)
    assert.equal(0, s.platform:customer(mobile).fino.limits.used)
    assert.equal(1, s.platform:debits())
  end)

  it("takes the OTP of its own call, which kills the one before", function()
    local s, tid = pending "levin"
    local first = s.otp()
    local body = s.call("POST", refund_path(tid) .. "/otp", { user_code = false })
    assert.equal("refund_otp_due", answer(body))
    local ref = body.data.otp_ref_id
    assert.is_string(ref)
    if first ~= s.otp() then
      assert.equal("refund_wrong_otp", answer(s.call("POST", refund_path(tid), { otp = first })))
    end
    assert.equal("refund_wrong_otp", answer(s.call("POST", refund_path(tid), { otp = s.otp(), otp_ref_id = "another" })))
    assert.equal("refunded", answer(s.call("POST", refund_path(tid), { otp = s.otp(), otp_ref_id = ref })))
    s, tid = pending("levin", { envelope = "live" })
    assert.equal("refund_otp_sent", answer(s.call("POST", refund_path(tid) .. "/otp")))
  end)

  it("is refused, and moves nothing, without a good OTP", function()
    for failure, codes in pairs {
      rsid = { "refund_wrong_otp", "refund_otp_expired" }, status = { "refund_wrong_otp_by_status", "refund_otp_expired_by_status" },
    } do
      local s, tid = pending("fino", { refund = { failure = failure } })
      local body = s.call("POST", refund_path(tid), { otp = wrong(s.otp()) })
      assert.equal(codes[1], answer(body))
      s.clock.ms = s.clock.ms + 301 * 1000
      assert.equal(codes[2], answer(s.call("POST", refund_path(tid), { otp = s.otp() })))
      assert.equal("missing_parameter", answer(s.call("POST", refund_path(tid))))
      assert.equal("3", s.inquire(tid).data.tx_status)
      assert.equal("999490.00", s.platform:agent_balance())
    end
  end)

  it("is for transfers that are refund pending, once", function()
    local s = rails.new()
    local tid = s.transfer("fino", s.recipient "fino", 500).data.tid
    for _, status in ipairs { "0", "1", "2", "5", "6" } do
      s.platform:settle(tid, status)
      for _, path in ipairs { refund_path(tid), refund_path(tid) .. "/otp" } do
        assert.equal("not_refundable", answer(s.call("POST", path, { otp = "123456" })), status)
      end
    end
    s.platform:settle(tid, "3")
    local otp = s.otp()
    assert.equal("refunded", answer(s.call("POST", refund_path(tid), { otp = otp })))
    local again = s.call("POST", refund_path(tid), { otp = otp })
    assert.equal("not_refundable", answer(again))
    assert.truthy(again.message:find "already refunded")
    assert.equal("not_refundable", answer(s.call("POST", refund_path(tid) .. "/otp")))
    assert.equal(ONE_MILLION, s.platform:agent_balance())
    for _, unknown in ipairs { "355419717321", "client_ref_id:ref-1", "ref-1" } do
      assert.equal("transaction_not_found", answer(s.call("POST", refund_path(unknown), { otp = "123456" })))
    end
  end)

  it("has an OTP for each transfer", function()
    local s = rails.new()
    local id = s.recipient "levin"
    local tids, otps = {}, {}
    for n = 1, 2 do
      tids[n] = s.transfer("levin", id, 500, { client_ref_id = "ref-" .. n }).data.tid
      s.platform:settle(tids[n], "3")
      otps[n] = s.otp()
    end
    for n = 1, 2 do assert.equal("refunded", answer(s.call("POST", refund_path(tids[n]), { otp = otps[n] }))) end
  end)

  it("takes no client_ref_id", function()
    local s, tid = pending "fino"
    for _, path in ipairs { refund_path(tid), refund_path(tid) .. "/otp" } do
      assert.same({ message = "No key for Response" }, s.call("POST", path, { otp = s.otp(), client_ref_id = "ref-9" }))
    end
    assert.equal("3", s.inquire(tid).data.tx_status)
  end)

  it("of what a DigiKhata wallet paid goes to the agent, or by its knob back to the wallet", function()
    for to, after in pairs { agent = { "4495.00", "1000505.00" }, wallet = { "5000.00", ONE_MILLION } } do
      local s, tid = pending("digikhata", { refund = { digikhata = to } })
      assert.equal("4495.00", wallet_of(s))
      assert.equal("refunded", answer(s.call("POST", refund_path(tid), { otp = s.otp() })))
      assert.same(after, { wallet_of(s), s.platform:agent_balance() })
    end
  end)

  it("can be called by the client", function()
    local s, tid = pending "fino"
    local client = require("eko").client {
      transport = s.platform, base_url = s.platform.base_url, developer_key = s.platform.developer_key,
      access_key = s.platform.access_key, initiator_id = "9962981729", user_code = "20810200",
      clock = function() return s.clock.ms end,
    }
    local sent = assert(client:call("get-refund-otp", { tid = tid }))
    assert.equal("otp_sent", sent.outcome)
    local _, err = client:call("initiate-refund", { tid = tid, otp = wrong(s.otp()) })
    assert.equal("wrong_otp", err.name)
    local done = assert(client:call("initiate-refund", { tid = tid, otp = s.otp(), otp_ref_id = sent.data.otp_ref_id,
      service_code = 80, state = 1 }))
    assert.equal("refunded", done.outcome)
    assert.equal("510.00", done.data.refunded_amount)
  end)
end)

describe("a transfer that is settled", function()
  it("has its money out unless it failed or was refunded, whatever came before", function()
    local statuses = { "0", "1", "2", "3", "4", "5", "6" }
    local s = rails.new { transfer = { outcome = "awaited" } }
    local tid = s.transfer("fino", s.recipient "fino", 500).data.tid
    for _, before in ipairs(statuses) do
      for _, after in ipairs(statuses) do
        s.platform:settle(tid, before)
        s.platform:settle("ref-1", after)
        local out = after ~= "1" and after ~= "4"
        assert.equal(out and "999490.00" or ONE_MILLION, s.platform:agent_balance(), before .. " to " .. after)
        assert.equal(out and 500 or 0, s.platform:customer(mobile).fino.limits.used)
        assert.equal(after, s.inquire(tid).data.tx_status)
      end
    end
    assert.equal(1, s.platform:debits())
  end)

  it("sends the refund's OTP each time that it turns to refund pending, and only then", function()
    local s = rails.new()
    local tid = s.transfer("fino", s.recipient "fino", 500).data.tid
    local before = #s.platform:sms(mobile)
    for _, status in ipairs { "3", "3", "0", "2", "1", "3" } do s.platform:settle(tid, status) end
    assert.equal(before + 2, #s.platform:sms(mobile))
  end)

  it("can begin in any state", function()
    local by_outcome = { success = "0", awaited = "2", refund_pending = "3", on_hold = "5", response_awaited = "6" }
    for outcome, status in pairs(by_outcome) do
      local s = rails.new { transfer = { outcome = outcome } }
      assert.equal(status, s.transfer("levin", s.recipient "levin", 500).data.tx_status)
      assert.equal(status, s.inquire("client_ref_id:ref-1").data.tx_status)
      assert.equal(1, s.platform:debits "ref-1")
    end
  end)
end)

describe("the books", function()
  it("balance over random transfers, loads, settlements and refunds", function()
    local seed = os.time()
    math.randomseed(seed)
    local s = rails.new { customers = { [mobile] = { digikhata = { state = "active", balance = 5000, limit = 10 ^ 6 },
      levin = { state = "active", limit = 10 ^ 6 }, fino = { state = "active", limit = 10 ^ 6 } } } }
    local ids = {}
    for rail in pairs(rails.all) do ids[rail] = s.recipient(rail) end
    local names = { "digikhata", "levin", "fino" }
    for n = 1, 40 do
      if math.random(4) == 1 then
        s.call("POST", "/customer/payment/ppi-digikhata/sender/" .. mobile .. "/wallet/loadwallet",
          { amount = "250.50", org_id = "1", client_ref_id = "load-" .. n })
      else
        local rail = names[math.random(3)]
        s.transfer(rail, ids[rail], 100 + math.random(100), { client_ref_id = "ref-" .. n })
      end
      local all = s.platform:transactions()
      s.platform:settle(all[math.random(#all)].tid, ("%d"):format(math.random(0, 6)))
    end
    local out = 0
    for _, each in ipairs(s.platform:transactions()) do
      local is_out = each.tx_status ~= "1" and each.tx_status ~= "4"
      local is_load = each.slug == "ppi-digikhata-load-wallet"
      out = out + (is_out and paise(each.fee) + (is_load and 0 or paise(each.amount)) or 0)
    end
    local held = paise(s.platform:agent_balance()) + paise(wallet_of(s))
    assert.equal(100000000 + 500000, held + out, "seed " .. seed)
  end)

  it("count debits in all, by reference and by tid", function()
    local s = rails.new { duplicate_ref = "process" }
    local id = s.recipient "fino"
    assert.equal(0, s.platform:debits())
    local tid = s.transfer("fino", id, 500).data.tid
    s.transfer("fino", id, 500)
    s.transfer("fino", id, 500, { client_ref_id = "ref-2" })
    s.transfer("fino", id, 500, { client_ref_id = "ref-3", otp = "000000x" })
    assert.same({ 3, 2, 1, 1, 0 }, { s.platform:debits(), s.platform:debits "ref-1", s.platform:debits(tid),
      s.platform:debits "ref-2", s.platform:debits "ref-3" })
    s.platform:settle("ref-2", "1")
    assert.equal(1, s.platform:debits "ref-2")
    local listed = s.platform:transactions "ref-2"
    assert.same({ 1, "1", "500.00", "10.00", true, "dmt-initiate-transfer" },
      { #listed, listed[1].tx_status, listed[1].amount, listed[1].fee, listed[1].left, listed[1].slug })
  end)

  it("find a wallet load by reference and tid; its own answer has no tx_status", function()
    local s = rails.new()
    local body = s.call("POST", "/customer/payment/ppi-digikhata/sender/" .. mobile .. "/wallet/loadwallet",
      { amount = "250", org_id = "1", client_ref_id = "load-1" })
    assert.equal("wallet_loaded", answer(body))
    assert.is_nil(body.tx_status or body.data.tx_status)
    for _, reference in ipairs { "client_ref_id:load-1", body.data.tid } do
      local found = s.inquire(reference)
      assert.same({ body.data.tid, "load-1", "0", "250.00" },
        { found.data.tid, found.data.client_ref_id, found.data.tx_status, found.data.amount })
    end
    assert.equal(1, s.platform:debits "load-1")
    s.platform:settle("load-1", "1")
    assert.same({ "5000.00", ONE_MILLION }, { wallet_of(s), s.platform:agent_balance() })
  end)

  it("keep a reference with the transaction whose money left, not with a copy that was declined", function()
    local s = rails.new { duplicate_ref = "process" }
    local id = s.recipient "fino"
    local order = s.order("fino", id, 500)
    local tid = s.call("POST", rails.all.fino[1], order).data.tid
    local copy = s.call("POST", rails.all.fino[1], order)
    assert.equal("OTP already Consumed", copy.data.reason)
    assert.are_not.equal(tid, copy.data.tid)
    assert.equal(tid, s.inquire("client_ref_id:ref-1").data.tid)
    assert.equal("1", s.inquire(copy.data.tid).data.tx_status)
  end)
end)
