-- `eko onboard` with a person at a terminal. (What the terminal echoes: terminal_spec.lua.)
local cli = require("spec.support.cli").new()
local command = require "spec.support.command"
local pty = require "spec.support.pty"
local shell = require "spec.support.shell"
local socket = require "socket"

local home, live = cli.home, cli.live
local has, lacks = cli.has, cli.lacks
local quote = shell.quote

setup(cli.start)
teardown(cli.stop)

describe("eko onboard at a terminal", function()
  local pid_file = home .. "/pid"

  --- Starts it below a shell that compares the terminal's modes before and after.
  local function start(arguments, env)
    shell.write_file(home .. "/start.sh", ([[
before=$(stty -g)
(sh -c 'echo $PPID' >%s; exec %s %s bin/eko onboard %s)
code=$?
[ "$before" = "$(stty -g)" ] && echo SANE
exit $code
]]):format(pid_file, command.environment(home, env), command.interpreter, arguments))
    return pty.start { terminal = true, command = "sh " .. quote(home .. "/start.sh"), env = { TERM = "xterm" } }
  end

  it("onboards a new customer on the emulator: wrong input, wrong OTP, another OTP, nothing secret on the screen", function()
    local session = start "levin 9444444444 --emulator"
    session:expect "[details]"
    session:expect "Name"
    session:send "Asha Rao\n"
    session:expect "birth"
    session:send "31.1.1990\n"
    session:expect "expected a date that exists, as YYYY-MM-DD"
    session:expect "birth"
    session:send "1990-01-31\n"
    session:expect "Address"
    session:send "12 MG Road\n"
    session:expect "PIN code of 6 digits"
    session:send "12 MG Road, near the lake, Pune, Maharashtra, 411001\n"
    session:expect "[OTP]"
    session:expect "OTP [Enter"
    session:send "12345\n"
    session:expect "wrong_otp"
    session:expect "OTP [Enter"
    session:send "resend\n"
    local otp = session:expect(" is the OTP"):match "SMS to 9444444444: (%d+) is"
    session:expect "OTP [Enter"
    session:send(otp .. "\n")
    session:expect "(yes/no): "
    session:send "perhaps\n"
    session:expect "that will not do"
    session:send "yes\n"
    session:expect "Aadhaar number [Enter"
    session:send "2999 5554 00\n"
    session:expect "an Aadhaar number of 12 digits"
    session:expect "Aadhaar number [Enter"
    session:send "2999-5554-0005\n"
    session:expect "OTP [Enter"
    session:send "\n"
    session:expect "PAN [Enter"
    session:send(cli.PAN:lower() .. "\n")
    session:expect "Done: the customer may transact (PPI Levin)."
    local code, out = session:finish()
    cli.outputs[#cli.outputs + 1] = out
    assert.equal(0, code)
    has(out, "\27[")
    has(out, "Name: Asha Rao")
    has(out, "\nSANE\n")
    for _, secret in ipairs { "2999 5554", "2999-5554", cli.PAN:lower() } do lacks(out, secret) end
  end)

  it("leaves the terminal sane when it is stopped in the middle of a secret, by a key or by a signal", function()
    for name, way in pairs { ["Ctrl-C"] = "\3", ["Ctrl-D"] = "\4\4", SIGTERM = "TERM", SIGHUP = "HUP" } do
      local session = start "levin 9444444444 --emulator"
      for _ = 1, 3 do
        session:expect "[Enter"
        session:expect ": "
        session:send "\n"
      end
      session:expect "OTP [Enter"
      session:send "\n"
      session:expect "(yes/no): "
      session:send "yes\n"
      session:expect "Aadhaar number [Enter"
      session:send "299"
      socket.sleep(0.3) -- what is typed is on its way to the terminal, which shows it when the signal comes first
      if name:find "^Ctrl" then session:send(way) else os.execute(("kill -%s %s"):format(way, shell.read_file(pid_file))) end
      local code, out = session:finish()
      assert.equal(3, code, name .. out)
      has(out, "stopped at Aadhaar, before the end")
      has(out, "SANE")
      lacks(out, "299")
    end
  end)

  it("has no colours with NO_COLOR", function()
    local session = start("levin 9444444444 --emulator", { NO_COLOR = "1" })
    session:expect "Name"
    session:send "\4"
    local code, out = session:finish()
    assert.equal(3, code)
    lacks(out, "\27[")
  end)

  it("tries a call that failed again when told to", function()
    cli.server.fault { slug = "ppi-levin-onboard-sender", kind = "unavailable" }
    local session = start("levin 9444444449", live())
    session:expect "Name"
    session:send "Asha Rao\n"
    session:expect "birth"
    session:send "1990-01-31\n"
    session:expect "Address"
    session:send "12 MG Road, Pune, Maharashtra, 411001\n"
    session:expect "Enter tries again"
    session:send "\n"
    session:expect "OTP sent to ******4449"
    session:send "\4"
    assert.equal(3, (session:finish()))
  end)
end)

describe("what the commands wrote", function()
  it("holds no credential, Aadhaar number, PAN or token key", function() cli.hold_no_secret(1) end)
end)
