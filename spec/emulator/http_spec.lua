-- What an HTTP server would see: paths and methods, the older paths, how JSON is written.
local answers = require "spec.support.answers"
local caller = require "spec.support.emulator_caller"
local emulated = require "spec.support.emulator_platform"

local mobile, person, aadhaar, pid_block = emulated.mobile, emulated.person, emulated.aadhaar, emulated.pid_block
local account, levin = emulated.account, emulated.levin
local merge = emulated.merge
local answer = answers.of

describe("the emulator's HTTP", function()
  it("knows its paths, methods and content type", function()
    local s = emulated.new()
    local _, response = s.call("GET", "/customer/nothing")
    assert.equal(404, response.status)
    assert.equal("No Mapping Rule matched", response.body)
    _, response = s.call("PUT", account, person)
    assert.equal(405, response.status)
    assert.equal("POST", response.headers.allow)
    _, response = s.call("POST", account, person, { ["content-type"] = "application/x-www-form-urlencoded" })
    assert.equal(415, response.status)
    for _, text in ipairs { "", "{", "[1]", "[]", "\"text\"", "null", "{\"a\":NaN}" } do
      _, response = s.call("POST", account, text)
      assert.equal(400, response.status, text)
    end
    assert.equal("Mon, 21 Sep 2026 14:13:20 GMT", response.headers.date)
  end)

  it("writes integers as integers, money as text, and members in a steady order", function()
    local s = emulated.new { customers = { [mobile] = { levin = "active", used = 44713, balance = "100000000000000" } } }
    local ref = s.call("GET", levin).data.otp_ref_id
    local _, response = s.call("POST", levin .. "/otp/verify", { otp = s.otp(), otp_ref_id = ref, intent_id = "19" })
    assert.truthy(response.body:find('"chart":[{"data":{"remaining":5287,"unavailable":0,"used":44713},"data_type_id":10,"label":""}]',
      1, true))
    assert.truthy(response.body:find('"balance":"100000000000000.00"', 1, true))
    assert.truthy(response.body:find '"response_status_id":%-1,"response_type_id":309,"status":0}$')
  end)

  it("reads absolute URLs and percent-encoding, and lets nothing break out of a segment", function()
    local s = emulated.new()
    local request = s.request("GET", "/customer/profile/%39444444444")
    request.url = "http://127.0.0.1:1234" .. request.url
    assert.equal(200, s.platform:handle(request).status)
    local _, response = s.call("GET", "/customer/profile/9444444444%2F..")
    assert.equal(200, response.status)
    assert.equal(461, caller.json.decode(response.body).status)
  end)
end)

describe("the older paths", function()
  it("are served only behind their flag", function()
    local _, response = emulated.new().call("GET", "/customer/profile/" .. mobile .. "/ppi-digikhata")
    assert.equal(404, response.status)
  end)

  it("lead to the same places", function()
    local s = emulated.new { legacy_paths = true }
    assert.equal("otp_due", answer(s.call("POST", "/customer/account", merge(person, { customer_id = mobile }))))
    local ref = s.call("POST", "/customer/account/otp", { customer_id = mobile }).data.otp_ref_id
    assert.equal("aadhaar_required", answer(s.call("PUT", "/customer/account/otp/verify",
      { customer_id = mobile, otp = s.otp(), otp_ref_id = ref })))
    assert.equal("not_enrolled", answer(s.call("GET", "/customer/profile/" .. mobile .. "/ppi-digikhata")))
    s.call("POST", levin, person)
    local body = s.call("POST", "/customer/profile/" .. mobile .. "/ppi-levin/otp")
    assert.equal("otp_sent", answer(body))
    s.platform:enrol(mobile, { levin = "aadhaar_pending", fino = "ekyc_pending" })
    assert.equal("otp_sent", answer(s.call("POST", account .. "/ppi-levin/aadhaar", { aadhar = aadhaar })))
    assert.equal("otp_sent", answer(s.call("POST", account .. "/dmt-fino/ekyc", { aadhar = aadhaar, piddata = pid_block })))
  end)
end)
