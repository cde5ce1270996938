-- What a command says must arrive, or the command must fail: a script that reads half of an answer acts on it.
local command = require "spec.support.command"
local emulator_server = require "spec.support.emulator_server"
local shell = require "spec.support.shell"

local quote = shell.quote
local DEVELOPER_KEY, ACCESS_KEY = "output-developer-key", "output-access-key"

local home = shell.directory()
local server

setup(function()
  server = emulator_server.start { developer_key = DEVELOPER_KEY, access_key = ACCESS_KEY }
  server.enrol("9444444441", { name = "Asha Rao", fino = "active" })
end)

teardown(function()
  server.stop()
  os.execute("rm -rf " .. quote(home))
end)

local function live()
  return { EKO_DEVELOPER_KEY = DEVELOPER_KEY, EKO_ACCESS_KEY = ACCESS_KEY, EKO_INITIATOR_ID = "9962981729", EKO_USER_CODE = "20810200",
    EKO_BASE_URL = server.base_url, EKO_TOKEN_KEY = ("k"):rep(32) }
end

-- Every command, in each of the forms in which it writes.
local COMMANDS = {
  "--help", "--version", "onboard --help", "emulator --help", "sign", "sign --json", "endpoints", "endpoints --json",
  "describe transaction-inquiry", "describe transaction-inquiry --json", "graph levin --format dot",
  "call dmt-get-sender customer_id=9444444441", "call dmt-get-sender customer_id=9444444441 --json",
  "call dmt-get-sender customer_id=9444444441 --dry-run", "call dmt-get-sender customer_id=9444444441 --dry-run --json",
  "call verify-customer-otp customer_id=9444444448 otp=000000 otp_ref_id=x --json", "doctor", "doctor --json",
  "onboard levin 9444444442", "onboard levin 9444444442 --json", "onboard levin 9444444442 --emulator",
  "onboard fino 9444444441", "onboard fino 9444444441 --json", "emulator --lifetime 3",
}

-- Ways in which output goes nowhere: how a command line is run so, %s being the command.
local SINKS = {
  { "a full disk", "%s >/dev/full" },
  { "a descriptor that is closed", "%s >&-" },
  { "all descriptors but that of errors closed", "%s >&- <&-" },
  -- The reader is gone before anything is written.
  { "a closed pipe", "{ while ! [ -e %s/closed ]; do sleep 0.01; done; %%s; echo $? >%s/rc; } | { exec <&-; : >%s/closed; }" },
}

local function run(arguments, sink)
  local line = ("%s %s bin/eko %s"):format(command.environment(home, live()), command.interpreter, arguments)
  local base = home .. "/run"
  os.execute("rm -f " .. base .. ".*; rm -f " .. home .. "/closed " .. home .. "/rc")
  local form = sink[2]:find "closed;" and sink[2]:format(home, home, home) or sink[2]
  shell.write_file(base .. ".sh", form:gsub("%%s", function() return line end) .. "\n[ -e " .. home .. "/rc ] || echo $? >" .. home .. "/rc\n")
  os.execute(("sh %s.sh </dev/null 2>%s.err >%s.out"):format(base, base, base))
  return tonumber(shell.read_file(home .. "/rc"):match "%d+"), shell.read_file(base .. ".err")
end

describe("output that cannot be written #harm13", function()
  for _, sink in ipairs(SINKS) do
    it("ends every command with a message and another code than 0: " .. sink[1], function()
      for _, arguments in ipairs(COMMANDS) do
        local code, err = run(arguments, sink)
        assert.is_true(code ~= 0, arguments .. " ended with 0")
        assert.truthy(err:find("cannot be written", 1, true), arguments .. ": " .. err)
        assert.is_nil(err:find("traceback", 1, true), arguments .. ": " .. err)
        assert.is_true(code < 126, arguments .. " ended with " .. code)
      end
    end)
  end

  it("is said before anything is sent, where it can be", function()
    local before = server.count()
    run("call dmt-get-sender customer_id=9444444441", SINKS[2])
    assert.equal(before, server.count())
  end)

  it("is told of a file that was asked for as well", function()
    local eko = command.runner(home)
    local code, _, err = eko "graph levin --format dot --output /dev/full"
    assert.equal(1, code)
    assert.truthy(err:find "^eko graph: ")
  end)

  it("loses nothing of what was kept", function()
    local file = home .. "/journey.token"
    local code = run("onboard levin 9444444443 --suspend " .. quote(file), SINKS[1])
    assert.equal(1, code)
    local eko = command.runner(home)
    local _, out = eko("onboard --resume " .. quote(file), { env = live() })
    assert.truthy(out:find("[details]", 1, true), out)
  end)
end)

describe("a reader that is content with the beginning", function()
  it("gets it", function()
    local line = shell.output_of(("%s %s bin/eko endpoints 2>/dev/null | head -n 1"):format(command.environment(home, {}), command.interpreter))
    assert.truthy(line:find "^%S+ +%u+ +/")
  end)
end)
