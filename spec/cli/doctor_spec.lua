-- `eko doctor`, over real HTTP and TLS.
local cli = require("spec.support.cli").new()

local eko, live = cli.eko, cli.live
local has, lines_of = cli.has, cli.lines_of

setup(cli.start)
teardown(cli.stop)

describe("eko doctor", function()
  local function checks(options)
    local code, out, err = eko("doctor --json", options)
    local by_name = {}
    for _, each in ipairs(lines_of(out)) do by_name[each.check] = each end
    assert.equal("", err)
    return code, by_name
  end

  it("finds everything in order", function()
    local code, out = eko("doctor", { env = live() })
    assert.equal(0, code)
    for _, name in ipairs { "configuration", "signature", "connection", "clock", "credentials" } do
      assert.truthy(out:find("ok +" .. name), out)
    end
    has(out, "access_key set from the environment (EKO_ACCESS_KEY)")
    has(out, "initiator_id ******1729 from the environment (EKO_INITIATOR_ID)")
    assert.equal(0, (eko "doctor --emulator"))
  end)

  it("says in words why a call is refused", function()
    local code, by_name = checks { env = live { EKO_ACCESS_KEY = "another-key" } }
    assert.equal(1, code)
    assert.is_false(by_name.credentials.ok)
    has(by_name.credentials.text, "bad_signature (HTTP 401)")
    has(by_name.credentials.advice, "check that access_key is the one that belongs to the developer_key")
    by_name = select(2, checks { env = live { EKO_DEVELOPER_KEY = "another-key" } })
    has(by_name.credentials.text, "wrong_developer_key (HTTP 401)")
    by_name = select(2, checks { env = live { EKO_INITIATOR_ID = false } })
    has(by_name.credentials.advice, "set EKO_INITIATOR_ID")
    cli.server.script("transaction-inquiry", { { http_status = 403, body = "Forbidden" } })
    by_name = select(2, checks { env = live() })
    has(by_name.credentials.text, "forbidden (HTTP 403)")
    has(by_name.credentials.advice, "whitelisted")
  end)

  it("sees a clock that is off", function()
    cli.server.advance(600000)
    local code, by_name = checks { env = live() }
    cli.server.advance(-600000)
    assert.equal(1, code)
    assert.is_false(by_name.clock.ok)
    assert.truthy(by_name.clock.text:find "^%d+ s behind the server's$")
    has(by_name.clock.advice, "clock")
  end)

  it("sees a platform that is not there", function()
    local code, by_name = checks { env = live { EKO_BASE_URL = "http://127.0.0.1:1/x" } }
    assert.equal(1, code)
    assert.is_false(by_name.connection.ok)
    assert.is_nil(by_name.credentials)
  end)

  it("tells a configuration that is missing from a platform that refuses", function()
    local code, by_name = checks()
    assert.equal(4, code)
    assert.is_false(by_name.configuration.ok)
    has(by_name.configuration.advice, "EKO_DEVELOPER_KEY")
  end)

  it("checks the certificate", function()
    local tls = cli.platform "--tls"
    local code, by_name = checks { env = live { EKO_BASE_URL = tls.base_url } }
    local trusted_code, trusted = checks { env = live { EKO_BASE_URL = tls.base_url, EKO_CA_FILE = tls.ca_file } }
    tls.stop()
    assert.equal(1, code)
    has(by_name.connection.text, "tls_verification_failed")
    has(by_name.connection.advice, "EKO_CA_FILE")
    assert.equal(0, trusted_code)
    has(trusted.connection.text, "TLS chain verified")
  end)
end)

describe("what the commands wrote", function()
  it("holds no credential, Aadhaar number, PAN or token key", function() cli.hold_no_secret(11) end)
end)
