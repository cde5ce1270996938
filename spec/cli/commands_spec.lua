-- The commands that call nobody, as a person or a program runs them: a process of its own each.
local cjson = require("cjson").new()
local cli = require("spec.support.cli").new()
local command = require "spec.support.command"
local shell = require "spec.support.shell"

local eko, home = cli.eko, cli.home
local has, lacks, complains, lines_of = cli.has, cli.lacks, cli.complains, cli.lines_of
local quote = shell.quote

teardown(cli.stop)

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
      assert.equal(0, sub_code, name)
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
      "sign --access-key " .. cli.ACCESS_KEY, "sign --access_key=" .. cli.ACCESS_KEY, "call x developer_key=" .. cli.DEVELOPER_KEY,
      "call x --extra=access_key=" .. cli.ACCESS_KEY, "doctor EKO_ACCESS_KEY=" .. cli.ACCESS_KEY, "call x secret-key:=1",
      "onboard --token-key " .. cli.TOKEN_KEY,
    } do
      local code, out, err = eko(arguments)
      assert.equal(2, code, arguments)
      complains(err, "credentials are not taken from arguments")
      lacks(out .. err, "canary")
    end
    assert.equal(2, (eko("endpoints " .. cli.ACCESS_KEY, { env = { EKO_ACCESS_KEY = cli.ACCESS_KEY } })))
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
      assert.equal(0, code, endpoint)
      local described, entry = cjson.decode(out), require("eko").describe(endpoint)
      assert.equal(#entry.params, #described.params, endpoint)
      for index, param in ipairs(entry.params) do
        local which = endpoint .. " " .. param.name
        assert.equal(param.name, described.params[index].name, endpoint)
        assert.equal(param.required, described.params[index].required, which)
        assert.equal(param.from, described.params[index].from, which)
      end
      local outcomes = {}
      for _, each in ipairs(described.outcomes) do outcomes[each.outcome] = true end
      for _, outcome in pairs(entry.outcomes) do assert.is_true(outcomes[outcome], endpoint .. " is not said to answer " .. outcome) end
    end
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

describe("what the commands wrote", function()
  it("holds no credential, Aadhaar number, PAN or token key", function() cli.hold_no_secret(58) end)
end)
