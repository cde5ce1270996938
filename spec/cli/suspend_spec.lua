-- `eko onboard --suspend` and `--resume`. (Where it is interrupted: resume_spec.lua.)
local cli = require("spec.support.cli").new()
local command = require "spec.support.command"
local shell = require "spec.support.shell"

local eko, home, live = cli.eko, cli.home, cli.live
local has, complains = cli.has, cli.complains
local quote = shell.quote

setup(cli.start)
teardown(cli.stop)

describe("eko onboard --suspend and --resume", function()
  local mobile, file = "9444444443", home .. "/journey.token"

  local function otp()
    local messages = cli.server.sms(mobile)
    return messages[#messages].otp
  end

  local function mode_of(path)
    return (shell.output_of("stat -c %a " .. quote(path)):gsub("\n", ""))
  end

  it("goes on in another process, on another Lua, and clears up behind itself", function()
    local code, _, err = eko(("onboard levin %s --suspend %s"):format(mobile, quote(file)), { env = live(), input = cli.PERSON })
    assert.equal(3, code)
    has(err, "eko onboard --resume '" .. file .. "'")
    assert.equal("600", mode_of(file))
    code, _, err = eko("onboard --resume " .. quote(file), { env = live(), input = otp() .. "\nyes\n" .. cli.AADHAAR .. "\n",
      program = command.other .. " bin/eko" })
    assert.equal(3, code, err)
    local out
    code, out, err = eko("onboard --resume " .. quote(file), { env = live(), input = otp() .. "\n" .. cli.PAN .. "\n" })
    assert.equal(0, code, err)
    has(out, "Done: the customer may transact")
    assert.is_nil(io.open(file))
    assert.equal("active", cli.server.customer(mobile).levin.state)
  end)

  it("makes a key of its own, once, for nobody else", function()
    cli.server.enrol(mobile, { levin = "pan_pending" })
    local env = live { EKO_TOKEN_KEY = false }
    assert.equal(3, (eko(("onboard levin %s --suspend %s"):format(mobile, quote(file)), { env = env })))
    local key = home .. "/.config/eko/token.key"
    assert.equal("600", mode_of(key))
    cli.outputs[#cli.outputs + 1] = shell.read_file(file)
    cli.canaries[#cli.canaries + 1] = shell.read_file(key):gsub("%s", "")
    assert.equal(3, (eko("onboard --resume " .. quote(file), { env = env })))
    os.execute("chmod 644 " .. quote(key))
    local code, _, err = eko("onboard --resume " .. quote(file), { env = env })
    assert.equal(4, code)
    complains(err, "chmod 600")
  end)

  it("says what is wrong with a token or its key", function()
    local code, _, err = eko("onboard --resume " .. quote(file), { env = live() })
    assert.equal(1, code)
    complains(err, "unknown_token_key")
    code, _, err = eko("onboard --resume /no/such/file", { env = live() })
    assert.equal(2, code)
    complains(err, "No such file")
    code, _, err = eko("onboard --resume " .. quote(file), { env = live { EKO_TOKEN_KEY = "short" } })
    assert.equal(4, code)
    complains(err, "at least 32")
    shell.write_file(file, "not a token")
    assert.equal(1, (eko("onboard --resume " .. quote(file), { env = live() })))
  end)
end)

describe("what the commands wrote", function()
  it("holds no credential, Aadhaar number, PAN or token key", function() cli.hold_no_secret(11) end)
end)
