-- The examples, run as their first lines say.
local command = require "spec.support.command"
local emulator_server = require "spec.support.emulator_server"
local shell = require "spec.support.shell"

local MOBILE, AADHAAR, PAN, OTHER = "9444444444", "299955540005", "AAAPA5555Z", "9444444445"
local TOKEN_KEY = "a-key-for-specs-0123456789-abcdef-0"

describe("examples", function()
  local home = shell.directory()
  local run = command.runner(home)
  local server

  --- Runs an example; the Lua that runs the specs finds the library through its own environment.
  local function example(arguments, options)
    options = options or {}
    options.program = (options.lua or command.interpreter) .. " examples/" .. arguments:match "^%S+"
    return run(arguments:match "^%S+%s*(.*)$", options)
  end

  local function live()
    return {
      EKO_DEVELOPER_KEY = server.developer_key, EKO_ACCESS_KEY = server.access_key, EKO_INITIATOR_ID = "9962981729",
      EKO_USER_CODE = "20810200", EKO_BASE_URL = server.base_url, EKO_TOKEN_KEY = TOKEN_KEY,
    }
  end

  local function last_otp(mobile)
    local messages = server.sms(mobile)
    return messages[#messages].otp
  end

  setup(function() server = emulator_server.start() end)
  teardown(function()
    server.stop()
    os.execute("rm -rf " .. shell.quote(home))
  end)

  it("onboard.lua onboards on an emulator of its own", function()
    local code, out, err = example("onboard.lua " .. MOBILE, {
      input = ("Asha Rao\n1990-01-31\n12 MG Road, Pune\nyes\n%s\n%s\n"):format(AADHAAR, PAN),
    })
    assert.equal(0, code, out .. err)
    assert.truthy(out:find "done: verified\n$")
  end)

  it("onboard.lua asks again after a wrong answer, and stops where answers end", function()
    local code, out = example("onboard.lua " .. MOBILE, { input = "Asha Rao\nyesterday\n12 MG Road, Pune\n1990-01-31\n" })
    assert.equal(1, code)
    assert.truthy(out:find("a date that exists", 1, true))
    assert.truthy(out:find "stopped at aadhaar\n$")
  end)

  it("onboard.lua talks to the platform of the environment", function()
    server.enrol(OTHER, { name = "Asha Rao", fino = "active" })
    local code, out, err = example("onboard.lua " .. OTHER .. " fino", { env = live() })
    assert.equal(0, code, out .. err)
    assert.truthy(out:find "done: active\n$")
    assert.equal(1, server.count "dmt-get-sender")
  end)

  it("resume.lua starts in one process and finishes in others, on either Lua", function()
    local code, token, err = example("resume.lua start " .. MOBILE, { env = live() })
    assert.equal(0, code, err)
    assert.truthy(token:find "^[%w_-]+\n$")
    assert.is_true(#token < 2048)
    shell.write_file(home .. "/token", token)
    local out
    code, out, err = example("resume.lua finish " .. home .. "/token", { env = live(), input = last_otp(MOBILE) .. "\n" })
    assert.equal(0, code, err)
    assert.truthy(out:find "stopped at aadhaar\n")
    server.enrol(MOBILE, { levin = "pan_pending" })
    code, token = example("resume.lua start " .. MOBILE, { env = live() })
    assert.equal(0, code)
    shell.write_file(home .. "/token", token)
    local env = live()
    env.LUA_CPATH = command.other_cpath
    code, out, err = example("resume.lua finish " .. home .. "/token", { env = env, lua = command.other,
      input = last_otp(MOBILE) .. "\n" .. PAN .. "\n" })
    assert.equal(0, code, err)
    assert.equal("done: verified\n", out)
    assert.equal("active", server.customer(MOBILE).levin.state)
  end)

  it("resume.lua refuses another key, and says how it is used", function()
    local env = live()
    env.EKO_TOKEN_KEY = "another-key-for-specs-0123456789-abcd"
    local code, _, err = example("resume.lua finish " .. home .. "/token", { env = env })
    assert.equal(1, code)
    assert.truthy(err:find("unknown_token_key", 1, true))
    code, _, err = example("resume.lua", { env = live() })
    assert.equal(2, code)
    assert.truthy(err:find("usage: resume.lua start <mobile> | finish <file>", 1, true))
  end)

  it("prototype.lua makes its five calls", function()
    local code, out, err = example "prototype.lua"
    assert.equal(0, code, err)
    local outcomes = {}
    for verb, outcome in out:gmatch "(%S+) +(%S+)\n" do outcomes[#outcomes + 1] = verb .. " " .. outcome end
    assert.same({ "get active", "add_recipient recipient_added", "recipients recipients", "send_transfer_otp otp_sent",
      "transfer completed" }, { outcomes[1], outcomes[2], outcomes[3], outcomes[4], outcomes[5] })
    assert.truthy(out:find "transaction %d+ for the customer Asha Rao\n$")
  end)
end)
