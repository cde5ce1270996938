-- `eko onboard --suspend` is ended while a call is under way: the platform carries the call out, the answer comes too late. Whoever
-- goes on with the journey asks the platform first, so that an OTP which was right is not asked for again and called wrong.
local cjson = require("cjson").new()
local command = require "spec.support.command"
local emulator_server = require "spec.support.emulator_server"
local inputs = require "eko.journey.inputs"
local journey = require "eko.journey"
local pty = require "spec.support.pty"
local rails = require("eko.emulator.customers").rails
local socket = require "socket"
local shell = require "spec.support.shell"

local quote = shell.quote
local DEVELOPER_KEY, ACCESS_KEY = "resume-developer-key", "resume-access-key"
local PATIENCE = 15

local home = shell.directory()
local server, mobile
local next_mobile = 9444440000

setup(function()
  server = emulator_server.start { developer_key = DEVELOPER_KEY, access_key = ACCESS_KEY }
  shell.write_file(home .. "/pid.xml",
    '<?xml version="1.0"?><PidData><Resp errCode="0" fCount="1"/><Data type="X">c3ludGhldGlj</Data></PidData>')
end)

teardown(function()
  server.stop()
  os.execute("rm -rf " .. quote(home))
end)

before_each(function()
  next_mobile = next_mobile + 1
  mobile = ("%d"):format(next_mobile)
  server.clear()
end)

local function live(more)
  local env = { EKO_DEVELOPER_KEY = DEVELOPER_KEY, EKO_ACCESS_KEY = ACCESS_KEY, EKO_INITIATOR_ID = "9962981729", EKO_USER_CODE = "20810200",
    EKO_BASE_URL = server.base_url, EKO_TOKEN_KEY = ("k"):rep(32) }
  for name, value in pairs(more or {}) do env[name] = value or nil end
  return env
end

local function start(arguments)
  return pty.start { command = ("%s sh -c 'echo $$ >%s/pid; exec %s bin/eko onboard %s'"):format(
    command.environment(home, live()), home, command.interpreter, arguments) }
end

local function last_otp()
  local messages = server.sms(mobile)
  return messages[#messages].otp
end

-- What a person answers, by the beginning of the question.
local ANSWERS = {
  { "^Name", function() return "Asha Rao" end }, { "^Date of birth", function() return "1990-01-31" end },
  { "^Address", function() return "12 MG Road, Pune, Maharashtra, 411001" end }, { "^OTP", last_otp },
  { "^Has the customer consented", function() return "yes" end }, { "^Aadhaar number", function() return "299955540005" end },
  { "^PAN", function() return "CNRPA5555Z" end }, { "^Language", function() return "1" end },
  { "^Wallet", function() return "levin" end }, { "^File with the PID", function() return home .. "/pid.xml" end },
}

local function answer_to(question)
  for _, pair in ipairs(ANSWERS) do
    if question:find(pair[1]) then return pair[2]() end
  end
end

-- Answers questions until the program ends or `is_enough`.
local function answer(session, is_enough)
  local deadline, seen = socket.gettime() + PATIENCE, 0
  while not session:code() and not is_enough() and socket.gettime() < deadline do
    local out = session:output()
    local question = out:sub(seen + 1):match "([^\n]+): $"
    local reply = question and answer_to(question)
    if reply then
      seen = #out
      session:send(reply .. "\n")
    end
    socket.sleep(0.01)
  end
end

local function never() return false end

local function requests(slug)
  local list = {}
  for _, request in ipairs(server.requests { slug = slug }) do list[#list + 1] = request end
  return list
end

-- Where a journey only comes to when the platform refuses something.
local ASIDE = { base_customer = true }

-- Every state in which a person's answer goes out with a call.
local function states()
  local list = {}
  for _, wallet in ipairs(rails) do
    for name, state in pairs(journey.definition(wallet).states) do
      if state.needs and state.call and not ASIDE[name] then list[#list + 1] = { wallet = wallet, state = name, slug = inputs.slug(wallet, state) } end
    end
  end
  table.sort(list, function(a, b) return a.wallet .. a.state < b.wallet .. b.state end)
  return list
end

describe("a journey that is interrupted while a call is under way #harm13", function()
  for _, each in ipairs(states()) do
    it(("asks the platform first: %s, %s"):format(each.wallet, each.state), function()
      local file = home .. "/journey.token"
      server.fault { slug = each.slug, kind = "delay", seconds = 20 }
      local before = #requests(each.slug)
      local session = start(("%s %s --suspend %s"):format(each.wallet, mobile, quote(file)))
      answer(session, function() return #requests(each.slug) > before end)
      assert.equal(before + 1, #requests(each.slug), session:output() .. session:errors())
      os.execute("kill -INT " .. shell.read_file(home .. "/pid"))
      local code, _, err = session:finish()
      assert.equal(130, code)
      server.clear()

      local count = server.count()
      session = start("--resume " .. quote(file))
      answer(session, never)
      local out, problems
      code, out, problems = session:finish()
      assert.equal("GET", server.requests()[count + 1].method)
      for _, wrong in ipairs { "wrong_otp", "otp_verification_failed", "otp_expired", "wrong_aadhaar_otp" } do
        assert.is_nil((out .. problems):find(wrong, 1, true), out .. problems)
      end
      assert.equal(0, code, out .. problems)
      assert.truthy(err:find("go on with: eko onboard --resume '" .. file .. "'", 1, true), err)
    end)
  end

  it("tells so in its history", function()
    local client = require("eko").client { developer_key = DEVELOPER_KEY, access_key = ACCESS_KEY, initiator_id = "9962981729",
      user_code = "20810200", base_url = server.base_url }
    local key = ("k"):rep(32)
    local flow = client:onboarding("levin", { customer_id = mobile, name = "Asha Rao", dob = "1990-01-31",
      residence_address = { "12 MG Road", "Pune", "Maharashtra", "411001" } })
    assert.equal("otp", assert(flow:advance()).state)
    local ok, token = pcall(flow.suspend, flow, key, { under_way = true })
    assert.is_true(ok, "there is no such option")
    local resumed = assert(client:resume(token, key))
    assert.equal("sender", resumed:state())
    local history = resumed:history()
    assert.same({ "otp", "verify_otp", "interrupted", "sender" },
      { history[#history].state, history[#history].call, history[#history].error, history[#history].to })
    assert.equal("otp", flow:state())
    assert.is_true(#flow:history() < #history)
  end)
end)

describe("eko onboard --resume #harm13", function()
  local file, key = home .. "/kept.token", home .. "/.config/eko/token.key"
  local eko = command.runner(home)

  it("are kept in files alone: what stands there and is none stays what it is", function()
    for kind, make in pairs { pipe = "mkfifo %s", directory = "mkdir %s", link = "mkfifo %s.pipe && ln -s %s.pipe %s" } do
      local path = home .. "/no-file-" .. kind
      os.execute((make:gsub("%%s", path)))
      local function what_stands_there()
        return shell.output_of("ls -l -- " .. path .. "; stat -c %F -- " .. path)
      end
      local before = what_stands_there()
      local code, _, err = eko(("onboard levin %s --suspend %s"):format(mobile, quote(path)), { env = live() })
      assert.equal(1, code)
      assert.equal(before, what_stands_there())
      assert.truthy(err:find("it is no file", 1, true))
    end
  end)

  it("makes no new key where the old one is missing", function()
    local env = live { EKO_TOKEN_KEY = false }
    assert.equal(3, (eko(("onboard levin %s --suspend %s"):format(mobile, quote(file)), { env = env })))
    os.remove(key)
    local code, _, err = eko("onboard --resume " .. quote(file), { env = env })
    assert.is_nil(io.open(key))
    assert.equal(4, code)
    assert.truthy(err:find(key, 1, true), err)
    assert.truthy(err:find "EKO_TOKEN_KEY", err)
    assert.truthy(io.open(file))
  end)
end)

describe("eko onboard that is interrupted", function()
  it("says how to go on, with a file, and that nothing was kept, without one", function()
    for signal, expected in pairs { INT = 130, TERM = 143, HUP = 129 } do
      server.fault { slug = "ppi-levin-get-sender", kind = "delay", seconds = 20 }
      local before = #requests "ppi-levin-get-sender"
      local session = start("levin " .. mobile)
      answer(session, function() return #requests "ppi-levin-get-sender" > before end)
      os.execute(("kill -%s %s"):format(signal, shell.read_file(home .. "/pid")))
      local code, _, err = session:finish()
      assert.equal(expected, code)
      assert.truthy(err:find "^eko onboard: interrupted; nothing was kept %(%-%-suspend FILE keeps the journey%)\n", err)
      server.clear()
    end
  end)
end)

describe("the commands without cqueues and lua-http", function()
  local hidden = home .. "/hide.lua"

  -- A Lua in which some modules cannot be loaded.
  local function without(modules)
    shell.write_file(hidden, ([[
for name in ("%s"):gmatch "%%S+" do package.preload[name] = function() error("module '" .. name .. "' not found:", 0) end end
arg[0] = "bin/eko"
dofile "bin/eko"]]):format(modules))
    return command.interpreter .. " " .. hidden
  end

  it("run, the emulator in the process included #harm13", function()
    local run = command.runner(home)
    local program = without "cqueues cqueues.signal cqueues.socket http.h1_connection http.headers openssl.x509"
    for _, arguments in ipairs { "--help", "endpoints", "describe transaction-inquiry", "doctor --emulator",
      "call ppi-levin-get-sender customer_id=9444444444 --emulator", "graph levin --format dot" } do
      local code, _, err = run(arguments, { program = program })
      assert.equal(0, code, arguments .. err)
    end
    local code, out = run("onboard levin 9444444444 --emulator", { program = program, input = "\n\n\n\nyes\n\n\n\n" })
    assert.equal(0, code, out)
  end)

  it("say what has to be installed", function()
    local run = command.runner(home)
    local code, _, err = run("endpoints", { program = without "argparse" })
    assert.equal(1, code)
    assert.equal("eko: argparse is missing: luarocks install argparse, or apt-get install lua-argparse\n", err)
    code, _, err = run("doctor --emulator --json", { program = without "cjson" })
    assert.equal(4, code, err)
    code, _, err = run("emulator", { program = without "cqueues" })
    assert.equal(1, code)
    assert.truthy(err:find("lua-cqueues", 1, true), err)
    assert.is_nil(err:find("traceback", 1, true), err)
  end)
end)

describe("an error that tells of money", function()
  it("is shown in words, and as JSON", function()
    local output = require "eko.cli.output"
    local errors = require "eko.base.errors"
    local err = errors.new { kind = "indeterminate", name = "timeout", message = "the answer was lost", state = "unknown", tid = "355419717321",
      tx_status = "2", client_ref_id = "ref1",
      inquiry = { state = "unknown", error = errors.new { kind = "transport", name = "timeout", message = "m" }, response = { secret = 1 } } }
    local shown = output.error_table(err)
    assert.same({ kind = "indeterminate", name = "timeout", message = "the answer was lost", state = "unknown", tid = "355419717321",
      tx_status = "2", client_ref_id = "ref1", retryable = false,
      inquiry = { state = "unknown", error = { kind = "transport", name = "timeout", message = "m", retryable = false } } }, shown)
    assert.equal(1, output.exit_code(err))
    assert.truthy(cjson.encode(shown))
  end)

  it("ends `eko call` with 1 and one line", function()
    local run = command.runner(home)
    server.fault { slug = "dmt-initiate-transfer", kind = "drop" }
    local code, _, err = run("call dmt-initiate-transfer customer_id=9444444441 recipient_id:=1 amount:=100 otp=123456 otp_ref_id=r "
      .. "client_ref_id=ref77", { env = live() })
    assert.equal(1, code)
    assert.truthy(err:find "^eko call: [^\n]+\n$", err)
    assert.truthy(err:find("state unknown: whether the money moved is not known", 1, true), err)
    assert.truthy(err:find("ref77", 1, true), err)
  end)
end)

describe("eko onboard", function()
  it("keeps nothing of a journey that ended at its bounds, and does not say that it could go on #harm06", function()
    local file = home .. "/ended.token"
    local eko = command.runner(home)
    local lines = { "name=Asha Rao", "dob=1990-01-31", '{"residence_address":["12 MG Road","Pune","MH","411001"]}' }
    for _ = 1, 40 do lines[#lines + 1] = "otp=000000" end
    local code, out, err = eko(("onboard levin %s --json --suspend %s"):format(mobile, quote(file)),
      { env = live(), input = table.concat(lines, "\n") .. "\n" })
    assert.equal(1, code, err)
    assert.truthy(out:find("too_many_", 1, true), out)
    assert.is_nil(err:find("--resume", 1, true), err)
    assert.is_nil(io.open(file))
  end)
end)
