-- Who is let in: signatures, keys and timestamps.
local answers = require "spec.support.answers"
local caller = require "spec.support.emulator_caller"
local emulated = require "spec.support.emulator_platform"
local emulator = require "eko.emulator"

local profile = emulated.profile
local answer = answers.of

describe("the emulator's authentication", function()
  local function code(s, headers)
    local body, response = s.call("GET", profile, nil, headers)
    return response.status, body and body.status, body
  end

  it("welcomes a signed request", function()
    local s = emulated.new()
    assert.equal("not_enrolled", answer(s.call("GET", profile)))
  end)

  it("names what is wrong with 401 and a code", function()
    local s = emulated.new()
    local stale = ("%d"):format(emulated.start_ms - 121000)
    local early = ("%d"):format(emulated.start_ms + 121000)
    local table_of_codes = {
      { { ["secret-key"] = false }, 2487 }, { { ["secret-key-timestamp"] = false }, 2487 },
      { { developer_key = false }, 2487 }, { { developer_key = "someone else's" }, 2483 },
      { { ["secret-key-timestamp"] = "1700000000" }, 2486 }, { { ["secret-key-timestamp"] = "17000000000ab" }, 2486 },
      { { ["secret-key"] = "AAAA" }, 2484 },
      { { ["secret-key-timestamp"] = stale, ["secret-key"] = caller.sign(s.platform.access_key, stale) }, 2485 },
      { { ["secret-key-timestamp"] = early, ["secret-key"] = caller.sign(s.platform.access_key, early) }, 2485 },
    }
    for index, case in ipairs(table_of_codes) do
      local which = "case " .. index .. ", " .. case[2]
      local status, got, body = code(s, case[1])
      assert.equal(401, status, which)
      assert.equal(case[2], got, which)
      assert.equal(case[2], body.response_type_id, which)
      assert.equal(1, body.response_status_id, which)
    end
  end)

  it("takes a timestamp once, and a refused signature does not use it up", function()
    local s = emulated.new()
    local request = s.request("GET", profile)
    local forged = s.request("GET", profile, nil, { ["secret-key-timestamp"] = request.headers["secret-key-timestamp"] })
    assert.equal(401, s.platform:handle(forged).status)
    assert.equal(200, s.platform:handle(request).status)
    local again = s.platform:handle(request)
    assert.equal(401, again.status)
    assert.equal(2485, caller.json.decode(again.body).status)
    local lenient = emulated.new { replay = false }
    request = lenient.request("GET", profile)
    lenient.platform:handle(request)
    assert.equal(200, lenient.platform:handle(request).status)
  end)

  it("can answer as the older platform did", function()
    local _, response = emulated.new { auth = "legacy" }.call("GET", profile, nil, { developer_key = "x" })
    assert.equal(403, response.status)
    assert.equal("text/plain;charset=UTF-8", response.headers["content-type"])
  end)

  it("makes up keys, shows them as fields and nowhere else", function()
    local one, two = emulator.new(), emulator.new()
    assert.are_not.equal(one.access_key, two.access_key)
    assert.equal("eko.emulator", tostring(one))
  end)
end)
