-- `eko call`, over real HTTP.
local cjson = require("cjson").new()
local cli = require("spec.support.cli").new()
local command = require "spec.support.command"
local pty = require "spec.support.pty"
local shell = require "spec.support.shell"
local socket = require "socket"

local eko, home, live = cli.eko, cli.home, cli.live
local has, complains = cli.has, cli.complains
local quote = shell.quote

setup(cli.start)
teardown(cli.stop)

describe("eko call", function()
  it("calls and shows the answer", function()
    cli.server.enrol("9444444441", { name = "Asha Rao", fino = "active" })
    local code, out, err = eko("call dmt-get-sender customer_id=9444444441", { env = live() })
    assert.equal(0, code, err)
    assert.truthy(out:find "^active %(dmt%-get%-sender, HTTP 200%)\n")
    has(out, "mobile: ******4441")
    assert.equal("", err)
    code, out = eko("call dmt-get-sender customer_id=9444444441 --json", { env = live() })
    assert.equal(0, code)
    assert.equal("active", cjson.decode(out).outcome)
  end)

  it("masks what is sensitive in an answer, unless told to reveal it", function()
    cli.server.enrol("9444444442", { name = "Asha Rao", levin = "active" })
    local function verify(more)
      local ref = cjson.decode((select(2, eko("call ppi-levin-get-sender customer_id=9444444442 --json", { env = live() })))).data.otp_ref_id
      local messages = cli.server.sms "9444444442"
      local _, out = eko(("call ppi-levin-verify-otp customer_id=9444444442 otp=%s otp_ref_id=%s intent_id=19 --json %s"):format(
        messages[#messages].otp, quote(ref), more), { env = live() })
      return cjson.decode(out)
    end
    assert.equal("[redacted]", verify("").data.wallet_token)
    assert.truthy(#verify("--reveal").data.wallet_token > 20)
  end)

  it("takes text, JSON, files and a line of standard input", function()
    shell.write_file(home .. "/pid.xml", "<PidData>\n<Data>c3ludGhldGlj</Data></PidData>")
    local code, out, err = eko(("call dmt-fino-sender-ekyc customer_id=9444444444 aadhar=@- piddata=@%s --dry-run --json --emulator")
      :format(quote(home .. "/pid.xml")), { input = cli.AADHAAR .. "\n" })
    assert.equal(0, code, err)
    local request = cjson.decode(out)
    assert.equal("XXXXXXXX0005", request.body.aadhar)
    assert.equal("[redacted]", request.body.piddata)
    out = select(2, eko([[call onboard-customer customer_id=9444444444 name='Asha Rao' dob=1990-01-31 ]]
      .. [[residence_address:='["12 MG Road","Pune"]' --extra level:=2 --dry-run --json --emulator]]))
    request = cjson.decode(out)
    assert.equal("Asha Rao", request.body.name)
    assert.equal(2, request.body.level)
    assert.equal("[redacted]", request.body.residence_address)
    assert.equal(2, (eko("call dmt-fino-sender-ekyc aadhar=@- --emulator", { input = "" })))
  end)

  it("shows a request without its signature, and sends nothing", function()
    local before = cli.server.count()
    local code, out = eko("call get-customer-info customer_id=9444444444 --dry-run", { env = live() })
    assert.equal(0, code)
    has(out, "GET " .. cli.server.base_url .. "/customer/profile/******4444?initiator_id=******1729")
    has(out, "secret-key: [redacted]")
    has(out, "developer_key: [redacted]")
    assert.equal(before, cli.server.count())
  end)

  it("fails with 1, on one line, and as JSON", function()
    local code, out, err = eko("call verify-customer-otp customer_id=9444444448 otp=000000 otp_ref_id=x --json", { env = live() })
    assert.equal(1, code)
    assert.equal("api", cjson.decode(out).error.kind)
    complains(err, cjson.decode(out).error.name)
    code, out, err = eko("call dmt-get-sender customer_id=9444444441 --timeout 2 --base-url http://127.0.0.1:1/x", { env = live() })
    assert.equal(1, code)
    assert.equal("", out)
    complains(err, "eko call: ")
  end)

  it("is ended by Ctrl-C at once, with 130", function()
    cli.server.fault { slug = "dmt-get-sender", kind = "delay", seconds = 30 }
    local session = pty.start { terminal = true, command = ("%s %s bin/eko call dmt-get-sender customer_id=9444444441"):format(
      command.environment(home, live()), command.interpreter) }
    local deadline = os.time() + 10
    repeat socket.sleep(0.02) until cli.server.requests({ fault = "delay" })[1] or os.time() > deadline
    session:send "\3"
    local started = os.time()
    assert.equal(130, (session:finish()))
    assert.is_true(os.time() - started < 10)
    cli.server.clear()
  end)

  it("traces each exchange, masked, on standard error", function()
    local _, out, err = eko("call dmt-get-sender customer_id=9444444441 --trace --json", { env = live() })
    assert.equal("active", cjson.decode(out).outcome)
    assert.truthy(err:find "^trace: GET /customer/payment/dmt%-fino/sender/%*%*%*%*%*%*4441 200 active [%d.]+ ms ref=%S+ attempt=1\n$")
  end)
end)

describe("what the commands wrote", function()
  it("holds no credential, Aadhaar number, PAN or token key", function() cli.hold_no_secret(13) end)
end)
