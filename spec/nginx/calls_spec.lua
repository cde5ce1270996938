-- The main job from inside a real nginx: every way in, every upstream.
local cjson = require("cjson").new()
local journey = require "spec.support.journey"
local nginx_carrier = require "spec.support.nginx_carrier"
local rails = require("eko.emulator.customers").rails

local MOBILE = nginx_carrier.mobile
local client_options, call = nginx_carrier.client_options, nginx_carrier.call
local bench

setup(function() bench = nginx_carrier.start() end)
teardown(function() bench.stop() end)
before_each(function()
  bench.http.clear()
  bench.https.clear()
end)

local UPSTREAMS = { "http", "https" }
local ENTRIES = {
  "HTTP/1.1", "HTTP/1.1 in the access phase", "HTTP/1.1 in the rewrite phase", "a timer", "HTTP/2", "HTTP/2 in the access phase",
  "HTTP/2 over TLS",
}

describe("inside nginx an OTP is verified on every wallet", function()
  for _, upstream in ipairs(UPSTREAMS) do
    for _, entry in ipairs(ENTRIES) do
      it(("over %s, from %s"):format(upstream, entry), function()
        local platform, ask = bench[upstream], bench.entries[entry]
        for _, wallet in ipairs { "customer", "digikhata", "levin" } do
          local sent = ask(call(platform, wallet, "get", { customer_id = MOBILE }))
          assert(sent.answer, cjson.encode(sent))
          local texts = platform.sms(MOBILE)
          local params = { customer_id = MOBILE, otp = texts[#texts].otp, otp_ref_id = sent.answer.otp_ref_id }
          if wallet == "levin" then params.intent_id = "19" end
          local verified = ask(call(platform, wallet, "verify_otp", params))
          assert(verified.answer, cjson.encode(verified))
          assert.equal("verified", verified.answer.outcome)
          assert.equal("1250.50", verified.answer.customer_profile.balance)
          assert.equal(100, verified.answer.customer_profile.chart[1].data.used)
          assert.equal(309, verified.response_type_id)
          assert.equal(wallet == "levin", verified.answer.wallet_token ~= nil)
        end
      end)
    end
  end
end)

-- Every step is a request of its own; between them the journey lies in a sealed token.
local function onboard(ask, platform, wallet, mobile)
  local told = ask { client = client_options(platform), journey = { wallet = wallet, mobile = mobile } }
  for _ = 1, 20 do
    assert(told.step, cjson.encode(told))
    if told.step.done then return told.step end
    local inputs = journey.answers(told.step, function()
      local texts = platform.sms(mobile)
      return texts[#texts].otp
    end)
    told = ask { client = client_options(platform), journey = { token = told.token, inputs = inputs } }
  end
  error "the journey does not end"
end

describe("inside nginx a customer is onboarded, a request a step,", function()
  for _, upstream in ipairs(UPSTREAMS) do
    for _, entry in ipairs { "HTTP/1.1", "a timer", "HTTP/2 over TLS" } do
      for _, wallet in ipairs(rails) do
        it(("to %s over %s, from %s"):format(wallet, upstream, entry), function()
          local platform, mobile = bench[upstream], journey.mobile()
          local step = onboard(bench.entries[entry], platform, wallet, mobile)
          assert.equal("active", platform.customer(mobile)[step.wallet].state)
        end)
      end
    end
  end
end)
