-- The echo of a terminal while a secret is typed: off, and on again after every way out. The command runs as a job of a shell that
-- leaves the terminal's modes alone, so that what `stty` says is what the command left behind.
local command = require "spec.support.command"
local pty = require "spec.support.pty"
local socket = require "socket"
local shell = require "spec.support.shell"

local quote = shell.quote
local home = shell.directory()
local pid_file = home .. "/pid"
shell.write_file(home .. "/pid.xml", '<PidData><Resp errCode="0"/></PidData>')

teardown(function() os.execute("rm -rf " .. quote(home)) end)

-- Two commands that ask for a secret, and what has to be typed before they do.
local QUESTIONS = {
  {
    name = "onboard", arguments = "onboard levin 9444444444 --emulator", prompt = "Aadhaar number [Enter: made up]: ",
    before = { { "Name", "\n" }, { "birth", "\n" }, { "Address", "\n" }, { "OTP [Enter", "\n" }, { "(yes/no): ", "yes\n" } },
    ended = 3,
  },
  {
    name = "call", arguments = "call dmt-fino-sender-ekyc customer_id=9444444444 aadhar=@- piddata=@" .. home .. "/pid.xml --dry-run --emulator",
    prompt = "aadhar: ", before = {}, ended = 2,
  },
}

local SCRIPT = [[
set -m
before=$(stty -g)
# What runs in the background of a shell (as this does) ignores SIGQUIT; at a person's terminal nothing does.
%s env --default-signal=INT,QUIT sh -c 'echo $$ >%s; exec %s bin/eko %s'
code=$?
while [ $code -gt 128 ] && [ -e %s/stops ]; do
  rm %s/stops
  [ "$before" = "$(stty -g)" ] && echo "STOPPED SANE" || echo "STOPPED SILENT"
  read go
  fg >/dev/null
  code=$?
done
[ "$before" = "$(stty -g)" ] && echo "ENDED SANE" || echo "ENDED SILENT"
exit $code
]]

local function start(question)
  shell.write_file(home .. "/start.sh", SCRIPT:format(command.environment(home), pid_file, command.interpreter, question.arguments, home, home))
  local session = pty.start { terminal = true, command = "sh " .. quote(home .. "/start.sh") }
  for _, pair in ipairs(question.before) do
    session:expect(pair[1])
    session:send(pair[2])
  end
  session:expect(question.prompt)
  return session
end

local function kill(signal) os.execute(("kill -%s %s"):format(signal, shell.read_file(pid_file))) end

-- What is typed is on its way: the terminal shows it at once or not at all.
local function type_secret(session, text)
  session:send(text)
  socket.sleep(0.15)
end

local WAYS = {
  ["Ctrl-C"] = function(session) session:send "\3" end,
  ["Ctrl-\\"] = function(session) session:send "\28" end,
  ["Ctrl-D"] = function(session) session:send "\4\4" end,
  SIGINT = function() kill "INT" end,
  SIGTERM = function() kill "TERM" end,
  SIGHUP = function() kill "HUP" end,
  SIGQUIT = function() kill "QUIT" end,
  SIGALRM = function() kill "ALRM" end,
  SIGUSR1 = function() kill "USR1" end,
  SIGXCPU = function() kill "XCPU" end,
}

describe("the echo of a hidden answer #harm13", function()
  for _, question in ipairs(QUESTIONS) do
    for name, way in pairs(WAYS) do
      it(("comes back after %s, in `eko %s`"):format(name, question.name), function()
        local session = start(question)
        type_secret(session, "2999")
        way(session)
        local code, out = session:finish()
        assert.truthy(out:find("ENDED SANE", 1, true), out)
        assert.is_nil(out:find("2999", 1, true), out)
        assert.equal(question.ended, code, out)
      end)
    end

    for name, stop in pairs { ["Ctrl-Z"] = function(session) session:send "\26" end, SIGTSTP = function() kill "TSTP" end } do
      it(("comes back while %s has stopped `eko %s`, and is off again after fg"):format(name, question.name), function()
        local session = start(question)
        for _ = 1, 2 do
          shell.write_file(home .. "/stops", "")
          type_secret(session, "2999")
          stop(session)
          session:expect "STOPPED "
          assert.equal("SANE\n", session:expect "\n")
          session:send "go\n"
          session:expect(question.prompt)
        end
        type_secret(session, "299955540005\n")
        if question.name == "onboard" then
          session:expect "OTP [Enter"
          session:send "\4"
        end
        local code, out = session:finish()
        assert.truthy(out:find("ENDED SANE", 1, true), out)
        assert.is_nil(out:find("2999", 1, true), out)
        assert.equal(question.name == "onboard" and 3 or 0, code, out)
      end)
    end

    it(("is off still after a stop that nothing can catch, in `eko %s`"):format(question.name), function()
      local session = start(question)
      shell.write_file(home .. "/stops", "")
      kill "STOP"
      session:expect "STOPPED"
      session:send "go\n"
      session:expect(question.prompt)
      type_secret(session, "2999")
      session:send "\3"
      local _, out = session:finish()
      assert.truthy(out:find("ENDED SANE", 1, true), out)
      assert.is_nil(out:find("2999", 1, true), out)
    end)
  end
end)

describe("a hidden answer", function()
  it("is read whole, whatever the terminal is told meanwhile", function()
    local session = start(QUESTIONS[2])
    kill "WINCH"
    type_secret(session, "2999555400")
    kill "CONT"
    session:expect(QUESTIONS[2].prompt)
    type_secret(session, "05\n")
    local code, out = session:finish()
    assert.equal(0, code, out)
    assert.truthy(out:find("XXXXXXXX0005", 1, true) or out:find("[redacted]", 1, true), out)
    assert.truthy(out:find("ENDED SANE", 1, true), out)
  end)
end)
