local settings = require "eko.settings"

local function check(options) return pcall(settings.check, options, 1) end

describe("the options of a client", function()
  it("have defaults and are copied", function()
    local lane = { index = 1, count = 4 }
    local checked = settings.check({ timestamp_lane = lane }, 1)
    assert.equal("https://staging.eko.in/ekoapi/v3", checked.base_url)
    assert.equal(30, checked.timeout)
    lane.index = 2
    assert.equal(1, checked.timestamp_lane.index)
    assert.equal("https://api.eko.in/ekoicici/v3", settings.check({ environment = "production" }, 1).base_url)
    assert.equal(0, settings.check({ retries = 0 }, 1).retries)
  end)

  it("that are unknown raise with a suggestion", function()
    local ok, message = check { developer_kee = "x" }
    assert.is_false(ok)
    assert.truthy(message:find('did you mean "developer_key"', 1, true))
  end)

  it("that are ill-typed raise, naming the option and never the value", function()
    local bad = {
      developer_key = "with space", access_key = 42, environment = "uat", transport = "http", timeout = 0, connect_timeout = -1,
      retries = 1.5, ca_file = "", proxy = false, clock = 5, on_exchange = {}, max_response_bytes = "1", strict = 1, user_code = 7,
      timestamp_lane = { index = 4, count = 4 }, initiator_id = {},
    }
    for name, value in pairs(bad) do
      local ok, message = check { [name] = value }
      assert.is_false(ok, name)
      assert.truthy(message:find(name, 1, true), message)
      assert.is_nil(message:find("with space", 1, true))
    end
  end)

  it("take a base URL only when nobody on the way can change a call", function()
    for _, good in ipairs { "https://api.example/ekoapi/v3/", "http://127.0.0.1:8080/x", "http://localhost", "http://[::1]:81/v3",
      "https://[2001:db8::1]/v3" } do
      assert.is_true((check { base_url = good }), good)
    end
    assert.equal("https://api.example/v3", settings.check({ base_url = "https://api.example/v3//" }, 1).base_url)
    for _, bad in ipairs { "http://api.example/v3", "http://127.0.0.1.evil.example/", "ftp://x/", "https://user:pw@host/", "https://h/?a=1",
      "https://h/#f", "api.example", "https:///x", "https://h/a b", "https://h:port/", "http://localhost.evil.example/",
      "https://h/\r\nx: y" } do
      assert.is_false((check { base_url = bad }), bad)
    end
  end)

  it("need both keys, and say where to take them from", function()
    local ok, message = pcall(settings.require_keys, { developer_key = "x" }, 1)
    assert.is_false(ok)
    assert.truthy(message:find("EKO_ACCESS_KEY", 1, true))
  end)
end)
