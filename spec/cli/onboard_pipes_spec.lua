-- `eko onboard` with a program at the other ends of its pipes.
local cjson = require("cjson").new()
local cli = require("spec.support.cli").new()
local command = require "spec.support.command"
local pty = require "spec.support.pty"

local eko, home, live = cli.eko, cli.home, cli.live
local has, lacks, complains, lines_of = cli.has, cli.lacks, cli.complains, cli.lines_of

teardown(cli.stop)

describe("eko onboard through pipes", function()
  it("takes one answer a line, on every wallet", function()
    local input = {
      levin = cli.PERSON .. "\nyes\n" .. cli.AADHAAR .. "\n\n" .. cli.PAN .. "\n",
      digikhata = cli.PERSON .. "\nHindi\nyes\n" .. cli.AADHAAR .. "\n\n" .. cli.PAN .. "\n",
      fino = cli.PERSON .. "yes\n" .. cli.AADHAAR .. "\n\n\n",
      customer = cli.PERSON .. "\nlevin\n\nyes\n" .. cli.AADHAAR .. "\n\n" .. cli.PAN .. "\n",
    }
    for wallet, answers in pairs(input) do
      local code, out, err = eko(("onboard %s 9444444444 --emulator"):format(wallet), { input = answers })
      assert.equal(0, code, out .. err)
      has(out, "Done: the customer may transact")
      lacks(out .. err, "\27[")
      assert.equal("", err, wallet)
    end
  end)

  it("stops with 3 at the end of the answers, and without consent", function()
    local code, _, err = eko("onboard levin 9444444444 --emulator", { input = "Asha Rao\n" })
    assert.equal(3, code)
    complains(err, "stopped at details, before the end")
    code, _, err = eko("onboard levin 9444444444 --emulator", { input = "\n\n\n\nno\n" })
    assert.equal(3, code)
    complains(err, "stopped at Aadhaar")
  end)

  it("fails with 1 when the platform cannot be reached", function()
    local code, _, err = eko("onboard levin 9444444444", { env = live { EKO_BASE_URL = "http://127.0.0.1:1/x" } })
    assert.equal(1, code)
    has(err, "eko onboard: ")
  end)

  it("speaks JSON with a program, answers early and late, and says what is wrong", function()
    local session = pty.start { command = ("%s %s bin/eko onboard levin 9444444444 --emulator --json"):format(
      command.environment(home), command.interpreter) }
    local seen = {}
    local function next_event(event)
      repeat
        session:expect "\n"
        local list = lines_of(session:output())
        seen[#seen + 1] = list[#seen + 1]
      until seen[#seen].event == event
      return seen[#seen]
    end
    assert.same({ "name", "dob", "residence_address" }, next_event("step").needs)
    session:send('name=Asha Rao\n{"dob":"1990-13-01","pan_number":"' .. cli.PAN .. '","residence_address":["12 MG Road","Pune"]}\n')
    assert.truthy(next_event("error").error.invalid_params.dob)
    session:send '{"dob":"1990-01-31"}\n'
    next_event "sms"
    assert.same({ "otp" }, next_event("step").needs)
    session:send "otp=12345\nnonsense\nopt=1\n"
    local step = next_event "step"
    assert.equal("wrong_otp", step.error.name)
    assert.equal(1, step.wrong)
    assert.equal("unreadable_input", next_event("error").error.name)
    has(next_event("error").error.message, "did you mean otp?")
    session:send "resend\n"
    local sms = next_event "sms"
    next_event "step"
    session:send(cjson.encode { otp = sms.otp } .. "\n")
    assert.equal("aadhaar", next_event("step").state)
    session:send(cjson.encode { consent = true, aadhar = cli.AADHAAR } .. "\n")
    sms = next_event "sms"
    assert.equal("aadhaar_otp", next_event("step").state)
    session:send(cjson.encode { otp = sms.otp } .. "\n")
    local done = next_event "done" -- the cli.PAN was given at the beginning
    assert.equal("verified", done.outcome)
    assert.equal("******4444", done.customer_profile.mobile)
    local code, out, err = session:finish()
    cli.outputs[#cli.outputs + 1] = out .. err
    assert.equal(0, code)
    assert.equal("", err)
  end)

  it("reports a failure and a stop as JSON", function()
    local code, out = eko("onboard levin 9444444444 --json", { env = live { EKO_BASE_URL = "http://127.0.0.1:1/x" } })
    assert.equal(1, code)
    local events = lines_of(out)
    assert.equal("transport", events[1].error.kind)
    assert.equal("stopped", events[2].event)
    code, out = eko "onboard levin 9444444444 --json --emulator"
    assert.equal(3, code)
    assert.equal("stopped", lines_of(out)[2].event)
  end)
end)

describe("what the commands wrote", function()
  it("holds no credential, Aadhaar number, PAN or token key", function() cli.hold_no_secret(10) end)
end)
