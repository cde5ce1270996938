-- Answers that a spec dictates, and faults that strike a call within the process. (Over a connection: faults_spec.lua.)
local answers = require "spec.support.answers"
local caller = require "spec.support.emulator_caller"
local emulated = require "spec.support.emulator_platform"

local mobile = emulated.mobile
local digikhata, levin = emulated.digikhata, emulated.levin
local merge = emulated.merge
local answer = answers.of

describe("scripted answers", function()
  it("come once each, after authentication, and then the platform answers again", function()
    local s = emulated.new { customers = { [mobile] = { levin = "active" } } }
    s.platform:script("ppi-levin-verify-otp", {
      { body = { status = 0, response_status_id = 0, response_type_id = 2147, data = { application_id = "" } } },
      { http_status = 500, body = "<html>", headers = { ["Content-Type"] = "text/html" } },
    })
    local params = { otp = "1", otp_ref_id = "x", intent_id = "19" }
    local _, response = s.call("POST", levin .. "/otp/verify", params, { developer_key = "x" })
    assert.equal(401, response.status)
    assert.equal("pan_required", answer(s.call("POST", levin .. "/otp/verify", params)))
    _, response = s.call("POST", levin .. "/otp/verify", params)
    assert.equal(500, response.status)
    assert.equal("text/html", response.headers["content-type"])
    assert.equal("not_validated", answer(s.call("POST", levin .. "/otp/verify", params)))
  end)

  it("go by path as well, and can be taken back", function()
    local s = emulated.new()
    local handle = s.platform:script("/sender/%d+$", { { body = { status = 1 } }, { body = { status = 2 } } })
    assert.equal(1, s.call("GET", levin).status)
    handle.clear()
    assert.equal(308, s.call("GET", levin).status)
    assert.error_matches(function() s.platform:script("ppi-levin-verify", {}) end, "did you mean 'ppi%-levin%-verify%-otp'")
  end)
end)

describe("faults in process", function()
  local function strike(plan, deadline)
    local s = emulated.new { customers = { [mobile] = { levin = "active" } } }
    s.platform:fault(merge({ slug = "ppi-levin-get-sender" }, plan))
    local request = s.request("GET", levin)
    request.deadline = deadline
    local response, err = s.platform(request)
    return s, response, err
  end

  it("of the connection are errors that say what was sent", function()
    local expected = {
      drop = { "connection_closed" }, reset = { "connection_reset", true }, length_long = { "connection_closed", true },
      oversize = { "response_too_large", true }, bad_status_line = { "malformed_response" },
      bad_header = { "malformed_response", true }, bad_chunk = { "malformed_response", true }, garbage = { "malformed_response" },
    }
    for kind, want in pairs(expected) do
      local s, response, err = strike { kind = kind }
      assert.is_nil(response, kind)
      assert.equal(want[1], err.name, kind)
      assert.equal(want[2], err.sent, kind)
      assert.equal("receive", err.phase, kind)
      assert.equal(200, s.platform(s.request("GET", levin)).status, kind)
    end
  end)

  it("of something in between are its answers", function()
    local expected = { html_502 = 502, empty_204 = 204, no_key = 200, too_many = 429, unavailable = 503, redirect = 302 }
    for kind, status in pairs(expected) do
      local s, response = strike { kind = kind }
      assert.equal(status, response.status, kind)
      assert.same({}, s.platform:sms(mobile), kind)
    end
    local _, response = strike { kind = "no_key" }
    assert.equal('{"message":"No key for Response"}', response.body)
    _, response = strike { kind = "too_many", retry_after = 7 }
    assert.equal("7", response.headers["retry-after"])
  end)

  it("of the body leave a cut answer", function()
    for _, kind in ipairs { "truncated", "length_short" } do
      local s, response = strike { kind = kind }
      assert.equal(200, response.status, kind)
      assert.is_false((pcall(caller.json.decode, response.body)), kind .. ": the body can be read")
      assert.equal(1, #s.platform:sms(mobile), kind)
    end
  end)

  it("of time keep to the deadline", function()
    local now = require("eko.core").text.monotonic
    local s, response, err = strike({ kind = "delay", seconds = 5 }, now() + 1)
    assert.is_nil(response)
    assert.equal("timeout", err.name)
    assert.is_nil(err.sent)
    assert.equal(1, #s.platform:sms(mobile))
    response = select(2, strike({ kind = "delay", seconds = 5 }, now() + 10))
    assert.equal(5, response.timings.total)
  end)

  it("strike before or after the platform did its work", function()
    local s, _, err = strike { kind = "drop", commit = true }
    assert.is_nil(err.sent)
    assert.equal(1, #s.platform:sms(mobile))
    s = strike { kind = "drop" }
    assert.equal(0, #s.platform:sms(mobile))
  end)

  it("strike as planned: after so many, so many times, by method and path", function()
    local s = emulated.new()
    local handle = s.platform:fault { kind = "unavailable", path = "/ppi%-levin/", method = "GET", after = 1, times = 2 }
    local got = {}
    for index = 1, 4 do
      local _, response = s.call("GET", levin)
      got[index] = response.status
    end
    assert.same({ 200, 503, 503, 200 }, got)
    assert.equal(2, handle.seen)
    s.platform:fault { kind = "unavailable" }.clear()
    local _, response = s.call("GET", digikhata)
    assert.equal(200, response.status)
    assert.error_matches(function() s.platform:fault { kind = "dorp" } end, "did you mean 'drop'")
    assert.error_matches(function() s.platform:fault { kind = "drop", slugg = "x" } end, "did you mean 'slug'")
    assert.error_matches(function() s.platform:fault { kind = "drop", slug = "nowhere" } end, "no endpoint")
  end)
end)
