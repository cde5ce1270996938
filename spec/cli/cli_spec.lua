-- Every command as a person or a program runs it: a process of its own, over real HTTP where there is a platform to talk to.
local command = require "spec.support.command"
local cjson = require("cjson").new()
local emulator_server = require "spec.support.emulator_server"
local pty = require "spec.support.pty"
local socket = require "socket"
local shell = require "spec.support.shell"

local quote = shell.quote

local ACCESS_KEY, DEVELOPER_KEY = "canary-access-key-5551", "canary-developer-key-5552"
local TOKEN_KEY = "canary-token-key-5553-0123456789abcdef"
local AADHAAR, PAN = "299955540005", "CNRPA5555Z"
local CANARIES = { ACCESS_KEY, DEVELOPER_KEY, TOKEN_KEY, AADHAAR, PAN }
local PERSON = "Asha Rao\n1990-01-31\n12 MG Road, Pune, Maharashtra, 411001\n"

local home = shell.directory()
local eko, outputs = command.runner(home)

local server

local function live(more)
  local env = {
    EKO_DEVELOPER_KEY = DEVELOPER_KEY, EKO_ACCESS_KEY = ACCESS_KEY, EKO_INITIATOR_ID = "9962981729", EKO_USER_CODE = "20810200",
    EKO_BASE_URL = server.base_url, EKO_TOKEN_KEY = TOKEN_KEY,
  }
  for name, value in pairs(more or {}) do env[name] = value or nil end
  return env
end

local function lines_of(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do list[#list + 1] = cjson.decode(line) end
  return list
end

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in:\n%s"):format(part, text))
end

local function lacks(text, part)
  assert(not text:find(part, 1, true), ("%q is in:\n%s"):format(part, text))
end

--- One line of error that says what to do.
local function complains(err, part)
  local _, count = err:gsub("\n", "")
  assert.equal(1, count, err)
  has(err, part)
end

setup(function()
  server = emulator_server.start { developer_key = DEVELOPER_KEY, access_key = ACCESS_KEY }
end)

teardown(function()
  server.stop()
  os.execute("rm -rf " .. quote(home))
end)

describe("eko", function()
  it("runs from the checkout, from anywhere, through its own sh", function()
    local root = shell.output_of("pwd"):gsub("\n", "")
    local code, out = eko("--version", { program = quote(root .. "/bin/eko") })
    assert.equal(0, code)
    assert.equal("eko " .. require("eko")._VERSION .. "\n", out)
    os.execute(("ln -sf %s %s"):format(quote(root .. "/bin/eko"), quote(home .. "/linked")))
    code, out = eko("endpoints inquiry", { directory = "/", program = quote(home .. "/linked") })
    assert.equal(0, code)
    has(out, "transaction-inquiry")
  end)

  it("lists its commands, and shows of each an example and the exit codes", function()
    local code, out = eko "--help"
    assert.equal(0, code)
    has(out, "eko onboard levin 9444444444 --emulator")
    for name in ("onboard call sign endpoints describe graph doctor emulator"):gmatch "%a+" do
      has(out, "\n   " .. name)
      local sub_code, help = eko(name .. " --help")
      assert.equal(0, sub_code)
      assert.truthy(help:find "Examples?:\n[^\n]*eko ", name)
      assert.truthy(help:find "Exit codes:", name)
      has(shell.read_file "docs/cli.md", "`eko " .. name)
    end
  end)

  it("refuses wrong arguments with 2", function()
    for _, arguments in ipairs {
      "", "onbord", "--no-such-option", "call", "sign surplus", "sign --timestamp 12", "graph paytm", "graph levin --format png",
      "onboard", "onboard levin", "onboard levn 9444444444 --emulator", "onboard levin 12345 --emulator",
      "onboard levin 9444444444 --emulator --suspend x", "onboard levin 9444444444 --resume x", "onboard levin 9444444444 --ttl no",
      "onboard levin 9444444444 --ttl 0", "describe no-such", "call no-such --emulator", "call ppi-levin-get-sender nonsense",
      "call ppi-levin-get-sender a=1 a=2 --emulator", "call ppi-levin-get-sender customer_id:=[ --emulator",
      "call dmt-fino-sender-ekyc piddata=@/no/such/file --emulator", "call ppi-levin-get-sender --emulator",
    } do
      local code, out, err = eko(arguments)
      assert.equal(2, code, arguments .. "\n" .. out .. err)
      assert.truthy(err:find "%S", arguments)
      assert.equal("", out, arguments)
    end
    complains(select(3, eko "onboard levn 9444444444 --emulator"), 'did you mean "levin"')
    complains(select(3, eko "describe ppi-levin-verify-top"), "ppi-levin-verify-otp")
  end)

  it("takes no credentials from arguments, and does not repeat them", function()
    for _, arguments in ipairs {
      "sign --access-key " .. ACCESS_KEY, "sign --access_key=" .. ACCESS_KEY, "call x developer_key=" .. DEVELOPER_KEY,
      "call x --extra=access_key=" .. ACCESS_KEY, "doctor EKO_ACCESS_KEY=" .. ACCESS_KEY, "call x secret-key:=1",
      "onboard --token-key " .. TOKEN_KEY,
    } do
      local code, out, err = eko(arguments)
      assert.equal(2, code, arguments)
      complains(err, "credentials are not taken from arguments")
      lacks(out .. err, "canary")
    end
    assert.equal(2, (eko("endpoints " .. ACCESS_KEY, { env = { EKO_ACCESS_KEY = ACCESS_KEY } })))
  end)
end)

describe("the configuration", function()
  local path = home .. "/credentials"
  local text = ("# a comment\n\ndeveloper_key = %s\n access_key=%s \ninitiator_id = 9962981729\nuser_code = 20810200\n"):format(
    DEVELOPER_KEY, ACCESS_KEY)

  it("comes from a file that only its owner may read", function()
    for mode, expected in pairs { ["600"] = 0, ["400"] = 0, ["644"] = 4, ["640"] = 4, ["604"] = 4, ["700"] = 4, ["660"] = 4 } do
      os.remove(path)
      shell.write_file(path, text, mode)
      local code, out, err = eko("sign --timestamp 1700000000000 --config " .. quote(path))
      assert.equal(expected, code, mode .. err)
      if expected == 0 then has(out, "secret-key: ") else complains(err, "chmod 600") end
    end
  end)

  it("is found in its usual place, and where EKO_CONFIG says", function()
    os.execute("mkdir -p " .. quote(home .. "/.config/eko") .. " " .. quote(home .. "/xdg/eko"))
    shell.write_file(home .. "/.config/eko/config", text, "600")
    assert.equal(0, (eko "sign"))
    shell.write_file(home .. "/.config/eko/config", text, "644")
    assert.equal(4, (eko "sign"))
    os.remove(home .. "/.config/eko/config")
    assert.equal(4, (eko "sign"))
    shell.write_file(home .. "/xdg/eko/config", text, "600")
    assert.equal(0, (eko("sign", { env = { XDG_CONFIG_HOME = home .. "/xdg" } })))
    shell.write_file(path, text, "600")
    assert.equal(0, (eko("sign", { env = { EKO_CONFIG = path } })))
    complains(select(3, eko("sign", { env = { EKO_CONFIG = home .. "/none" } })), "No such file")
  end)

  it("says where a file is wrong, without its values", function()
    for content, part in pairs {
      ["access_key\n"] = "credentials:1: expected name = value", ["\naccess_key = \n"] = "credentials:2:",
      ["acess_key = " .. ACCESS_KEY] = "did you mean access_key",
    } do
      os.remove(path)
      shell.write_file(path, content, "600")
      local code, _, err = eko("sign --config " .. quote(path))
      assert.equal(4, code)
      complains(err, part)
    end
  end)

  it("is told to be missing with what to set", function()
    local code, _, err = eko "call ppi-levin-get-sender customer_id=9444444444"
    assert.equal(4, code)
    complains(err, "set EKO_DEVELOPER_KEY")
    assert.equal(4, (eko("call x", { env = { EKO_DEVELOPER_KEY = "d" } })))
    code, _, err = eko("doctor", { env = live { EKO_BASE_URL = "http://example.com/" } })
    assert.equal(4, code)
    assert.equal("", err)
    assert.equal(4, (eko("call x", { env = live { EKO_BASE_URL = false, EKO_ENVIRONMENT = "moon" } })))
  end)

  it("takes arguments before the environment before the file, the place as one thing", function()
    os.remove(path)
    shell.write_file(path, text .. "base_url = http://127.0.0.1:1/file\nenvironment = production\n", "600")
    local call = "call get-customer-info customer_id=9444444444 --dry-run --json --config " .. quote(path)
    local function url(more, env)
      local code, out, err = eko(call .. more, { env = env })
      assert.equal(0, code, err)
      return cjson.decode(out).url
    end
    has(url "", "http://127.0.0.1:1/file/")
    has(url("", { EKO_ENVIRONMENT = "sandbox" }), "https://staging.eko.in/")
    has(url("", { EKO_BASE_URL = "http://127.0.0.1:2/env" }), "http://127.0.0.1:2/env/")
    has(url(" --environment production", { EKO_BASE_URL = "http://127.0.0.1:2/env" }), "https://api.eko.in/")
    has(url(" --base-url http://127.0.0.1:3/arg", { EKO_BASE_URL = "http://127.0.0.1:2/env" }), "http://127.0.0.1:3/arg/")
  end)
end)

describe("eko sign", function()
  it("signs as published, for people and for programs", function()
    local env = { EKO_ACCESS_KEY = "test-access-key-123" }
    local code, out = eko("sign --timestamp 1700000000000", { env = env })
    assert.equal(0, code)
    assert.equal("secret-key: 88lqTf9ew69XbVbeczjxVL8/B4vibfp1MvTi1mIj2Xo=\nsecret-key-timestamp: 1700000000000\n", out)
    out = cjson.decode((select(2, eko("sign --json", { env = env }))))
    assert.equal(require("eko").sign("test-access-key-123", out.secret_key_timestamp), out.secret_key)
    assert.is_true(math.abs(tonumber(out.secret_key_timestamp) / 1000 - os.time()) < 60)
  end)
end)

describe("eko endpoints and eko describe", function()
  it("list what the catalogue has", function()
    local code, out = eko "endpoints --json"
    assert.equal(0, code)
    local listed = {}
    for index, each in ipairs(lines_of(out)) do listed[index] = { slug = each.slug, method = each.method, path = each.path } end
    assert.same(require("eko").endpoints(), listed)
    out = select(2, eko "endpoints LEVIN")
    has(out, "ppi-levin-verify-otp")
    lacks(out, "digikhata")
    code, out = eko "endpoints no-such-thing"
    assert.equal(1, code)
    assert.equal("", out)
  end)

  it("say what each parameter is and where it comes from", function()
    local code, out = eko "describe dmt-fino-validate-ekyc-otp"
    assert.equal(0, code)
    has(out, "PUT /customer/payment/dmt-fino/sender/{customer_id}/otp/verify")
    assert.truthy(out:find "\n  kyc_request_id +body +required +text +from: the answer of dmt%-fino%-sender%-ekyc\n")
    assert.truthy(out:find "\n  customer_id +path +required +a mobile number")
    assert.truthy(out:find "\n  verified +response_type_id 309, 2132\n")
    assert.truthy(out:find "\n  wrong_otp +302\n")
    has((select(2, eko "describe dmt-initiate-transfer")), "completed       tx_status 0")
  end)

  it("say the same in JSON", function()
    for _, endpoint in ipairs { "ppi-levin-verify-otp", "transaction-inquiry", "ppi-digikhata-verify-aadhaar-otp" } do
      local code, out = eko("describe --json " .. endpoint)
      assert.equal(0, code)
      local described, entry = cjson.decode(out), require("eko").describe(endpoint)
      assert.equal(#entry.params, #described.params)
      for index, param in ipairs(entry.params) do
        assert.equal(param.name, described.params[index].name)
        assert.equal(param.required, described.params[index].required)
        assert.equal(param.from, described.params[index].from)
      end
      local outcomes = {}
      for _, each in ipairs(described.outcomes) do outcomes[each.outcome] = true end
      for _, outcome in pairs(entry.outcomes) do assert.is_true(outcomes[outcome]) end
    end
  end)
end)

describe("eko call", function()
  it("calls and shows the answer", function()
    server.enrol("9444444441", { name = "Asha Rao", fino = "active" })
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
    server.enrol("9444444442", { name = "Asha Rao", levin = "active" })
    local function verify(more)
      local ref = cjson.decode((select(2, eko("call ppi-levin-get-sender customer_id=9444444442 --json", { env = live() })))).data.otp_ref_id
      local messages = server.sms "9444444442"
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
      :format(quote(home .. "/pid.xml")), { input = AADHAAR .. "\n" })
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
    local before = server.count()
    local code, out = eko("call get-customer-info customer_id=9444444444 --dry-run", { env = live() })
    assert.equal(0, code)
    has(out, "GET " .. server.base_url .. "/customer/profile/******4444?initiator_id=******1729")
    has(out, "secret-key: [redacted]")
    has(out, "developer_key: [redacted]")
    assert.equal(before, server.count())
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
    server.fault { slug = "dmt-get-sender", kind = "delay", seconds = 30 }
    local session = pty.start { terminal = true, command = ("%s %s bin/eko call dmt-get-sender customer_id=9444444441"):format(
      command.environment(home, live()), command.interpreter) }
    local deadline = os.time() + 10
    repeat socket.sleep(0.02) until server.requests({ fault = "delay" })[1] or os.time() > deadline
    session:send "\3"
    local started = os.time()
    assert.equal(130, (session:finish()))
    assert.is_true(os.time() - started < 10)
    server.clear()
  end)

  it("traces each exchange, masked, on standard error", function()
    local _, out, err = eko("call dmt-get-sender customer_id=9444444441 --trace --json", { env = live() })
    assert.equal("active", cjson.decode(out).outcome)
    assert.truthy(err:find "^trace: GET /customer/payment/dmt%-fino/sender/%*%*%*%*%*%*4441 200 active [%d.]+ ms ref=%S+ attempt=1\n$")
  end)
end)

describe("eko graph", function()
  it("prints and writes pictures", function()
    local definition = require("eko.journey").definition "levin"
    assert.equal(require("eko.journey.graph").mermaid(definition), (select(2, eko "graph levin --format mermaid")))
    assert.equal(0, (eko("graph levin --format dot --output " .. quote(home .. "/levin.dot"))))
    assert.equal(require("eko.journey.graph").dot(definition), shell.read_file(home .. "/levin.dot"))
    assert.equal(1, (eko "graph levin --format dot --output /no/such/directory/levin.dot"))
  end)

  it("says what is missing where Graphviz is", function()
    local bin = home .. "/bin"
    os.execute(("mkdir -p %s; for tool in sh env test; do ln -sf $(command -v $tool) %s/; done; ln -sf $(command -v %s) %s/"):format(
      bin, bin, command.interpreter, bin))
    local code, out, err = eko("graph levin", { env = { PATH = bin } })
    assert.equal(1, code)
    assert.equal("", out)
    complains(err, "install the package graphviz")
  end)
end)

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
    server.script("transaction-inquiry", { { http_status = 403, body = "Forbidden" } })
    by_name = select(2, checks { env = live() })
    has(by_name.credentials.text, "forbidden (HTTP 403)")
    has(by_name.credentials.advice, "whitelisted")
  end)

  it("sees a clock that is off", function()
    server.advance(600000)
    local code, by_name = checks { env = live() }
    server.advance(-600000)
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
    local tls = emulator_server.start { args = "--tls", developer_key = DEVELOPER_KEY, access_key = ACCESS_KEY }
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
    session:send(PAN:lower() .. "\n")
    session:expect "Done: the customer may transact (PPI Levin)."
    local code, out = session:finish()
    outputs[#outputs + 1] = out
    assert.equal(0, code)
    has(out, "\27[")
    has(out, "Name: Asha Rao")
    has(out, "\nSANE\n")
    for _, secret in ipairs { "2999 5554", "2999-5554", PAN:lower() } do lacks(out, secret) end
  end)

  it("leaves the terminal sane when it is stopped in the middle of a secret, by a key or by a signal", function()
    for _, way in ipairs { "\3", "\4", "TERM", "HUP" } do
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
      session:send(#way == 1 and "299" .. way:rep(2) or "299")
      if #way > 1 then
        socket.sleep(0.3) -- what is typed is on its way to the terminal, which shows it when the signal comes first
        os.execute(("kill -%s %s"):format(way, shell.read_file(pid_file)))
      end
      local code, out = session:finish()
      assert.equal(3, code, way .. out)
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
    server.fault { slug = "ppi-levin-onboard-sender", kind = "unavailable" }
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

describe("eko onboard through pipes", function()
  it("takes one answer a line, on every wallet", function()
    local input = {
      levin = PERSON .. "\nyes\n" .. AADHAAR .. "\n\n" .. PAN .. "\n",
      digikhata = PERSON .. "\nHindi\nyes\n" .. AADHAAR .. "\n\n" .. PAN .. "\n",
      fino = PERSON .. "yes\n" .. AADHAAR .. "\n\n\n",
      customer = PERSON .. "\nlevin\n\nyes\n" .. AADHAAR .. "\n\n" .. PAN .. "\n",
    }
    for wallet, answers in pairs(input) do
      local code, out, err = eko(("onboard %s 9444444444 --emulator"):format(wallet), { input = answers })
      assert.equal(0, code, out .. err)
      has(out, "Done: the customer may transact")
      lacks(out .. err, "\27[")
      assert.equal("", err)
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
    session:send('name=Asha Rao\n{"dob":"1990-13-01","pan_number":"' .. PAN .. '","residence_address":["12 MG Road","Pune"]}\n')
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
    session:send(cjson.encode { consent = true, aadhar = AADHAAR } .. "\n")
    sms = next_event "sms"
    assert.equal("aadhaar_otp", next_event("step").state)
    session:send(cjson.encode { otp = sms.otp } .. "\n")
    local done = next_event "done" -- the PAN was given at the beginning
    assert.equal("verified", done.outcome)
    assert.equal("******4444", done.customer_profile.mobile)
    local code, out, err = session:finish()
    outputs[#outputs + 1] = out .. err
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

describe("eko onboard --suspend and --resume", function()
  local mobile, file = "9444444443", home .. "/journey.token"

  local function otp()
    local messages = server.sms(mobile)
    return messages[#messages].otp
  end

  local function mode_of(path)
    return (shell.output_of("stat -c %a " .. quote(path)):gsub("\n", ""))
  end

  it("goes on in another process, on another Lua, and clears up behind itself", function()
    local code, _, err = eko(("onboard levin %s --suspend %s"):format(mobile, quote(file)), { env = live(), input = PERSON })
    assert.equal(3, code)
    has(err, "eko onboard --resume '" .. file .. "'")
    assert.equal("600", mode_of(file))
    code, _, err = eko("onboard --resume " .. quote(file), { env = live(), input = otp() .. "\nyes\n" .. AADHAAR .. "\n",
      program = command.other .. " bin/eko" })
    assert.equal(3, code, err)
    local out
    code, out, err = eko("onboard --resume " .. quote(file), { env = live(), input = otp() .. "\n" .. PAN .. "\n" })
    assert.equal(0, code, err)
    has(out, "Done: the customer may transact")
    assert.is_nil(io.open(file))
    assert.equal("active", server.customer(mobile).levin.state)
  end)

  it("makes a key of its own, once, for nobody else", function()
    server.enrol(mobile, { levin = "pan_pending" })
    local env = live { EKO_TOKEN_KEY = false }
    assert.equal(3, (eko(("onboard levin %s --suspend %s"):format(mobile, quote(file)), { env = env })))
    local key = home .. "/.config/eko/token.key"
    assert.equal("600", mode_of(key))
    outputs[#outputs + 1] = shell.read_file(file)
    CANARIES[#CANARIES + 1] = shell.read_file(key):gsub("%s", "")
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
  it("holds no credential, Aadhaar number, PAN or token key", function()
    assert.is_true(#outputs > 80)
    for _, output in ipairs(outputs) do
      for _, canary in ipairs(CANARIES) do lacks(output, canary) end
    end
  end)
end)
