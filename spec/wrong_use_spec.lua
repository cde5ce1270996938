-- Wrong use of a client and its wallets is told, with what was probably meant.
local eko = require "eko"

local client = eko.client { environment = "emulator" }
local PARAMS = { customer_id = "9444444444" }

-- Each: what is wrong, a function that does it, and texts of the error.
local WRONG = {
  { "a dot for the colon of a verb", function() client.levin.verify_otp { otp = "1" } end, "client.levin:verify_otp", "colon" },
  { "a dot, and options", function() client.digikhata.get(PARAMS, { dry_run = true }) end, "client.digikhata:get", "colon" },
  { "a dot, and nothing", function() client.fino.recipients() end, "client.fino:recipients", "colon" },
  { "a dot, and text", function() client.customer.get("9444444444") end, "client.customer:get", "colon" },
  { "a verb of one wallet called on another", function() client.levin.get(client.fino, PARAMS) end, "client.levin:get", "colon" },
  { "a verb called on its client", function() client.levin.get(client, PARAMS) end, "client.levin:get", "colon" },
  { "a mistyped verb", function() client.levin:verfy_otp {} end, "verfy_otp", 'did you mean "verify_otp"', "add_recipient, get" },
  { "a verb in another spelling", function() client.levin:verifyOtp {} end, 'did you mean "verify_otp"' },
  { "a verb in capital letters", function() client.levin:Transfer {} end, 'did you mean "transfer"' },
  { "a verb of another wallet", function() client.customer:verify_pan {} end, 'customer has no verb "verify_pan"' },
  { "a verb that nobody has", function() client.fino:teleport {} end, 'no verb "teleport"', "ekyc, get, onboard" },
  { "a mistyped verb that is only read", function() return client.levin.trnasfer end, 'did you mean "transfer"' },
  { "a mistyped wallet", function() client.levn:get(PARAMS) end, 'did you mean "levin"' },
  { "a wallet in capital letters", function() client.DigiKhata:get(PARAMS) end, 'did you mean "digikhata"' },
  { "a wallet with a separator", function() client.digi_khata:get(PARAMS) end, 'did you mean "digikhata"' },
  { "a mistyped method", function() client:onbording("levin", PARAMS) end, 'did you mean "onboarding"' },
  { "the beginning of a method", function() client:onboard("levin", PARAMS) end, 'did you mean "onboarding"' },
  { "a mistyped emulator", function() return client.emulater end, 'did you mean "emulator"' },
  { "a dot for the colon of call", function() client.call("get-customer-info", PARAMS) end, "client:call(", "colon" },
  { "a dot for the colon of inquire", function() client.inquire { tid = "1" } end, "client:inquire(", "colon" },
  { "a dot for the colon of onboarding", function() client.onboarding("levin", PARAMS) end, "client:onboarding(", "colon" },
  { "a dot for the colon of resume", function() client.resume("token", ("k"):rep(32)) end, "client:resume(", "colon" },
  { "a dot for the colon of with", function() client.with { timeout = 5 } end, "client:with(", "colon" },
  { "a dot for the colon of request", function() client.request { method = "GET", path = "/x" } end, "client:request(", "colon" },
  { "a dot for the colon of define", function() client.define { slug = "x" } end, "client:define(", "colon" },
  { "a method called on a wallet", function() client.call(client.levin, "get-customer-info", PARAMS) end, "client:call(", "colon" },
  { "a new field", function() client.mine = 1 end, "cannot be changed" },
}

-- What libraries, debuggers and careful programs ask for is simply not there.
local ABSENT = { "__index", "__name", "__tostring", "__call", "_call", "__pairs", "toJSON", "kind", "n", 1, 2.5, true }

describe("wrong use is told:", function()
  for _, row in ipairs(WRONG) do
    it(row[1], function()
      local ok, problem = pcall(row[2])
      assert.is_false(ok)
      local line = debug.getinfo(row[2], "S").linedefined
      assert.equal(line, tonumber(problem:match "wrong_use_spec%.lua:(%d+): "), problem)
      for index = 3, #row do assert.truthy(problem:find(row[index], 1, true), problem) end
    end)
  end

  it("but a name that nobody mistyped is nil on a client", function()
    for _, name in ipairs(ABSENT) do assert.is_nil(client[name], tostring(name)) end
    for _, name in ipairs { "transfer", "journal", "close", "name", "timeout" } do assert.is_nil(client[name], name) end
    for _, name in ipairs(ABSENT) do
      if name ~= "kind" and name ~= "n" then assert.is_nil(client.levin[name], tostring(name)) end
    end
    assert.is_nil(eko.client({ developer_key = "d", access_key = "a" }).emulator)
    assert.is_table(client.emulator)
  end)

  it("and a verb is a value like another", function()
    local get = client.levin.get
    assert.equal("GET", assert(get(client.levin, PARAMS, { dry_run = true })).method)
    assert.equal(client.levin, client.levin)
    assert.are_not.equal(client.levin, client:with({}).levin)
  end)

  it("and whoever looks at a client sees its wallets, and raises nothing", function()
    local fresh = eko.client { environment = "emulator" }
    assert.is_nil(next(fresh)) -- a wallet is made when it is first asked for
    assert.equal("eko.client (emulator)", tostring(fresh))
    assert.equal("eko.wallet: levin", tostring(fresh.levin))
    assert.same({ "levin" }, { (next(fresh)) })
    local seen = {}
    for name, wallet in pairs(fresh) do seen[name] = tostring(wallet) end
    assert.equal("eko.wallet: levin", seen.levin)
    if tostring(_VERSION) ~= "Lua 5.1" then -- elsewhere nothing is asked what it lists
      assert.same({ customer = "eko.wallet: customer", digikhata = "eko.wallet: digikhata", levin = "eko.wallet: levin",
        fino = "eko.wallet: fino" }, seen)
    end
    assert.has_error(function() assert.same({}, fresh) end) -- it is shown
    assert.has_error(function() assert.equal(1, fresh.levin) end)
    assert.is_table(require("luassert.util").deepcopy(fresh))
  end)
end)
