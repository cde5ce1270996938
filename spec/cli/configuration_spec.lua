-- Where the commands have their configuration from, and what they say when it is wrong.
local cjson = require("cjson").new()
local cli = require("spec.support.cli").new()
local shell = require "spec.support.shell"

local eko, home, live = cli.eko, cli.home, cli.live
local has, complains = cli.has, cli.complains
local quote = shell.quote

teardown(cli.stop)

describe("the configuration", function()
  local path = home .. "/credentials"
  local text = ("# a comment\n\ndeveloper_key = %s\n access_key=%s \ninitiator_id = 9962981729\nuser_code = 20810200\n"):format(
    cli.DEVELOPER_KEY, cli.ACCESS_KEY)

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
      ["acess_key = " .. cli.ACCESS_KEY] = "did you mean access_key",
    } do
      os.remove(path)
      shell.write_file(path, content, "600")
      local code, _, err = eko("sign --config " .. quote(path))
      assert.equal(4, code, content)
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

describe("what the commands wrote", function()
  it("holds no credential, Aadhaar number, PAN or token key", function() cli.hold_no_secret(25) end)
end)
