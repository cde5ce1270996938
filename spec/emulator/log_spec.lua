-- What the platform remembers of the requests that it received.
local caller = require "spec.support.emulator_caller"
local emulated = require "spec.support.emulator_platform"

local mobile, aadhaar = emulated.mobile, emulated.aadhaar
local digikhata, levin = emulated.digikhata, emulated.levin

describe("the log", function()
  it("says what was received, how often, and nothing secret", function()
    local s = emulated.new { customers = { [mobile] = { digikhata = "aadhaar_pending" } } }
    s.call("POST", digikhata .. "/aadhaar/otp", { aadhar = aadhaar })
    s.call("GET", "/nowhere/" .. mobile)
    s.call("GET", levin, nil, { developer_key = "x" })
    assert.equal(3, s.platform:count())
    assert.equal(1, s.platform:count "ppi-digikhata-generate-aadhaar-otp")
    assert.equal(1, s.platform:count { method = "POST", outcome = "2129" })
    assert.equal(1, s.platform:count(function(entry) return entry.http_status == 404 end))
    local entries = s.platform:requests()
    assert.same({
      method = "POST", slug = "ppi-digikhata-generate-aadhaar-otp", outcome = "2129", http_status = 200, at = emulated.start_ms,
      path = "/ekoapi/v3/customer/payment/ppi-digikhata/sender/******4444/aadhaar/otp",
    }, entries[1])
    assert.equal("/ekoapi/v3/nowhere/******4444", entries[2].path)
    assert.equal("auth 2483", entries[3].outcome)
    local shown = caller.json.encode(entries)
    for name, secret in pairs {
      mobile = mobile, aadhaar = aadhaar, otp = s.otp(), access_key = s.platform.access_key, developer_key = s.platform.developer_key,
    } do
      assert.is_nil(shown:find(secret, 1, true), "the log shows the " .. name)
    end
  end)

  it("keeps a bounded number and counts them all", function()
    local s = emulated.new { log_limit = 10 }
    for _ = 1, 25 do s.call("GET", levin) end
    assert.equal(10, #s.platform:requests())
    assert.equal(25, s.platform:count())
  end)
end)
