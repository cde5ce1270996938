-- client:with and client:define: siblings of a client.
local core = require "eko.core"
local eko = require "eko"
local client_options = require "spec.support.client_options"
local raw_server = require "spec.support.raw_server"

local ANSWER, options_with = client_options.ANSWER, client_options.with
local GET = { customer_id = "9444444444" }
local DRY = { dry_run = true }

local function stamp(client)
  local request = assert(client.levin:get(GET, DRY))
  return tonumber(request.headers["secret-key-timestamp"]), request
end

describe("client:with", function()
  -- Each: what differs, and what it makes of a signed request and of its client.
  local CHANGES = {
    { { user_code = "111" }, function(request) assert.truthy(request.url:find("user_code=111", 1, true)) end },
    { { initiator_id = "9000000001" }, function(request) assert.truthy(request.url:find("initiator_id=9000000001", 1, true)) end },
    { { developer_key = "key-2" }, function(request)
      assert.equal("key-2", request.headers.developer_key)
      assert.equal(eko.sign("secret-1", request.headers["secret-key-timestamp"]), request.headers["secret-key"])
    end },
    { { access_key = "secret-2" }, function(request)
      assert.equal("key-1", request.headers.developer_key)
      assert.equal(eko.sign("secret-2", request.headers["secret-key-timestamp"]), request.headers["secret-key"])
    end },
    { { headers = { ["X-Shop"] = "7" } }, function(request) assert.equal("7", request.headers["x-shop"]) end },
    { { user_agent_suffix = "shop/1" }, function(request)
      assert.truthy(request.headers["user-agent"]:find "^lua%-eko/%S+ shop/1$")
    end },
    { { paths = { ["ppi-levin-get-sender"] = "/old/{customer_id}" } }, function(request)
      assert.truthy(request.url:find("http://127.0.0.1:1/v3/old/9444444444?", 1, true))
    end },
    { { strict = true }, function(_, client)
      local _, err = client.levin:verify_pan({ customer_id = "9444444444", pan_number = "ABCDE1234F" }, DRY)
      assert.truthy(err.invalid_params.pan_number)
    end },
    { { timeout = 3, retries = 0, inquiry_timeout = 1 }, function(_, client)
      assert.equal("verified", assert(client.levin:verify_otp { customer_id = "9444444444", otp = "1", otp_ref_id = "r",
        intent_id = "19" }).outcome)
    end },
    { {}, function(request) assert.truthy(request.url:find("user_code=20810200", 1, true)) end },
  }

  it("makes a sibling with what differs, and leaves the client as it is", function()
    local client = eko.client(options_with())
    local _, before = stamp(client)
    for _, row in ipairs(CHANGES) do
      local copy = {}
      for name, value in pairs(row[1]) do copy[name] = value end
      local sibling = client:with(copy)
      for name in pairs(copy) do copy[name] = "changed afterwards" end
      local _, request = stamp(sibling)
      row[2](request, sibling)
      local _, after = stamp(client)
      assert.equal(before.url, after.url)
      for _, name in ipairs { "developer_key", "user-agent", "x-shop" } do assert.equal(before.headers[name], after.headers[name]) end
      assert.equal(eko.sign("secret-1", after.headers["secret-key-timestamp"]), after.headers["secret-key"])
    end
  end)

  it("goes on from a sibling", function()
    local client = eko.client(options_with { headers = { a = "1" } })
    local far = client:with({ user_code = "5", access_key = "secret-2" }):with({ timeout = 9 }):with { initiator_id = "9000000001" }
    local _, request = stamp(far)
    assert.truthy(request.url:find("initiator_id=9000000001&user_code=5", 1, true))
    assert.equal("1", request.headers.a)
    assert.equal(eko.sign("secret-2", request.headers["secret-key-timestamp"]), request.headers["secret-key"])
    assert.is_nil(select(2, stamp(client:with { headers = {} })).headers.a)
  end)

  it("shares the timestamps of an access key, with any clock, and only those", function()
    for _, clock in ipairs { false, function() return 1700000000000 end } do
      local client = eko.client(options_with { clock = clock or nil, access_key = clock and "shared-1" or "shared-2" })
      local other = client:with { access_key = "another" }
      local kin = { client, client:with { user_code = "1" }, client:with { developer_key = "key-9" },
        other:with { access_key = clock and "shared-1" or "shared-2" } }
      local used = {}
      for _ = 1, 20 do
        for _, each in ipairs(kin) do
          local at = stamp(each)
          assert.is_nil(used[at])
          used[at] = true
        end
      end
      if clock then assert.is_true(used[(stamp(other))]) end
    end
  end)

  it("sends over the same connections", function()
    local http = "HTTP/1.1 200 OK\r\ncontent-length: " .. #ANSWER .. "\r\n\r\n" .. ANSWER
    local steps = {}
    for index = 1, 8, 2 do steps[index], steps[index + 1] = { "read" }, { "send", http } end
    local server = raw_server.start { steps, { { "close" } } }
    local options = options_with { base_url = server.url }
    options.transport, options.retries = nil, 0
    local client = eko.client(options)
    local sibling = client:with { user_code = "7", developer_key = "key-3", access_key = "secret-3", headers = { ["x-shop"] = "7" } }
    for _, each in ipairs { client, sibling, client:with { user_agent_suffix = "x" }, sibling } do assert(each.levin:get(GET)) end
    local requests = server.requests()
    server.stop()
    assert.equal(4, #requests)
    assert.truthy(requests[2]:find("developer_key: key-3\r\n", 1, true))
    assert.truthy(requests[2]:find("x-shop: 7\r\n", 1, true))
    assert.is_nil(requests[3]:find("x-shop", 1, true))
    assert.truthy(requests[3]:find(" x\r\n", 1, true))
  end)

  it("shares the emulator, whose keys it may lack", function()
    local client = eko.client { environment = "emulator" }
    local sibling = client:with { timeout = 5, headers = { ["x-shop"] = "7" } }
    assert.equal(client.emulator, sibling.emulator)
    assert.equal("otp_sent", assert(sibling.levin:onboard { customer_id = "9444444444", name = "Asha", dob = "1990-01-01",
      residence_address = { "x" } }).outcome)
    local _, err = client:with({ access_key = "rotated-too-early" }).levin:get(GET)
    assert.equal("bad_signature", err.name)
  end)

  -- Each: options, and texts of the error.
  local WRONG = {
    { nil, "a table of options" }, { "x", "a table of options" },
    { { user_cod = "1" }, 'unknown option "user_cod"', 'did you mean "user_code"' }, { { [1] = "x" }, "unknown option" },
    { { user_code = 1 }, '"user_code" must be' }, { { timeout = 0 }, '"timeout" must be' }, { { access_key = "" }, '"access_key" must be' },
    { { developer_key = "a b" }, '"developer_key" must be' }, { { strict = 1 }, '"strict" must be' }, { { retries = -1 }, '"retries"' },
    { { environment = "sandbox" }, '"environment"', "make another client" }, { { base_url = "https://x" }, '"base_url"', "another client" },
    { { transport = print }, '"transport"', "another client" }, { { ca_file = "x" }, '"ca_file"', "another client" },
    { { proxy = "http://x" }, '"proxy"', "another client" }, { { clock = print }, '"clock"', "another client" },
    { { timestamp_lane = { index = 0, count = 1 } }, '"timestamp_lane"', "another client" },
    { { connect_timeout = 1 }, '"connect_timeout"', "another client" },
    { { max_response_bytes = 1 }, '"max_response_bytes"', "another client" },
    { { paths = { ["ppi-levin-get-sendr"] = "/x/{customer_id}" } }, 'did you mean "ppi-levin-get-sender"' },
  }

  it("refuses what is wrong, at the line of its caller", function()
    local client = eko.client(options_with())
    for _, row in ipairs(WRONG) do
      local ok, problem = pcall(function() client:with(row[1]) end)
      assert.is_false(ok)
      assert.truthy(problem:find("sibling_spec%.lua:%d+: client:with: "), problem)
      for index = 2, #row do assert.truthy(problem:find(row[index], 1, true), problem) end
    end
  end)
end)

describe("client:define", function()
  local function definition(changes)
    local made = {
      slug = "shop-report", method = "POST", path = "/shop/{shop_id}/report/{customer_id}",
      params = { "initiator_id!", "user_code", "client_ref_id", "customer_id!", { "shop_id!", type = "string", format = "digits", max = 6 },
        { "note", type = "string" } },
    }
    for name, value in pairs(changes or {}) do
      if value == "nothing" then made[name] = nil else made[name] = value end
    end
    return made
  end

  local PARAMS = { shop_id = "12", customer_id = "9444444444", note = "é", client_ref_id = "R" }

  it("makes a sibling that knows the endpoint, as the catalogue's are known", function()
    local client = eko.client(options_with())
    local knows = client:define(definition { moves_money = false })
    local request = assert(knows:call("shop-report", PARAMS, DRY))
    assert.equal("http://127.0.0.1:1/v3/shop/12/report/9444444444", request.url)
    assert.equal('{"initiator_id":"9962981729","user_code":"20810200","client_ref_id":"R","note":"é"}', request.body)
    assert.equal("unrecognised", assert(knows:call("shop-report", PARAMS)).outcome)
    local _, err = knows:call("shop-report", { shop_id = "../1", customr_id = "1" })
    assert.equal("invalid_request", err.kind)
    assert.truthy(err.invalid_params.shop_id:find("digits", 1, true))
    assert.truthy(err.invalid_params.customr_id:find("customer_id", 1, true))
    assert.equal("it is required (the customer's mobile number)", err.invalid_params.customer_id)
    _, err = client:call("shop-report", PARAMS)
    assert.equal("unknown_endpoint", err.name)
    _, err = knows:call("shop-reprt", PARAMS)
    assert.truthy(err.message:find('did you mean "shop-report"', 1, true))
    assert.is_nil((eko.describe "shop-report"))
    assert.equal("http://127.0.0.1:1/v3/shop/12/report/9444444444", knows:with({ user_code = "3" }):call("shop-report", PARAMS, DRY).url)
    local both = knows:define { slug = "list", method = "GET", path = "/list", params = { "user_code" } }
    assert.equal("http://127.0.0.1:1/v3/list?user_code=20810200", both:call("list", {}, DRY).url)
    assert(both:call("shop-report", PARAMS, DRY))
    assert(both.levin:get(GET, DRY))
  end)

  it("takes parameters as the catalogue's files have them", function()
    local client = eko.client(options_with()):define {
      slug = "x", method = "POST", path = "/x/{customer_id}", moves_money = false, params = {
        "*", "name", { "lines", type = "list", means = "address" }, { "kind", type = "string", default = "7" }, "channel!",
        { "page", type = "integer", place = "query" }, { "born", type = "string", format = "date", means = "birth" },
      },
    }
    local request = assert(client:call("x", { customer_id = "9444444444", name = "Asha", client_ref_id = "R", page = 2, lines = { "a" },
      kind = "8" }, DRY))
    assert.equal("http://127.0.0.1:1/v3/x/9444444444?page=2", request.url)
    assert.equal('{"initiator_id":"9962981729","user_code":"20810200","client_ref_id":"R","name":"Asha","lines":["a"],"kind":"8","channel":2}',
      request.body)
    local _, err = client:call("x", { customer_id = "9444444444", born = "1850-01-01", name = "\226\128\139" }, DRY)
    assert.is_string(err.invalid_params.born)
    assert.is_string(err.invalid_params.name)
  end)

  it("keeps nothing of the caller's table, and takes the path's parameters in any order", function()
    local given = definition {}
    local knows = eko.client(options_with()):define(given)
    given.path, given.params[5].format, given.params[1] = "/evil", "pan", nil
    assert.equal("http://127.0.0.1:1/v3/shop/12/report/9444444444", assert(knows:call("shop-report", PARAMS, DRY)).url)
  end)

  it("judges its answers by the role that is said, or by the codes alone", function()
    local body
    local client = eko.client(options_with { transport = function() return { status = 200, headers = {}, body = body } end })
    for _, case in ipairs {
      { nil, '{"status":0,"response_type_id":309,"data":{}}', "unrecognised" }, { "get", '{"status":0,"response_type_id":309,"data":{}}', "active" },
      { nil, '{"status":0,"response_type_id":2129,"data":{}}', "otp_sent" }, { "recipients", '{"status":0,"response_type_id":23}', "recipients" },
      { nil, '{"status":302,"response_type_id":302,"data":{}}', nil, "wrong_otp" },
    } do
      body = case[2]
      local answer, err = client:define(definition { role = case[1], moves_money = false }):call("shop-report", PARAMS)
      assert.equal(case[3], answer and answer.outcome)
      assert.equal(case[4], err and err.name)
    end
  end)

  -- Each: what is changed, and texts of the error.
  local WRONG = {
    { { slug = "nothing" }, "slug must be" }, { { slug = "" }, "slug must be" }, { { slug = "a b" }, "slug must be" }, { { slug = 5 }, "slug must be" },
    { { slug = ("x"):rep(65) }, "slug must be" }, { { slug = "ppi-levin-verify-otp" }, "taken" },
    { { method = "nothing" }, "method must be" }, { { method = "post" }, "in capital letters" }, { { method = "HEAD" }, "method must be" },
    { { path = "nothing" }, "path: it must be text" }, { { path = "shop" }, "begin with a slash" }, { { path = "/a//b" }, "empty part" },
    { { path = "/" }, "empty part" }, { { path = "/a/../b" }, "dots" }, { { path = "/a/%2e%2e" }, "dots" }, { { path = "/a/..;x/b" }, "dots" },
    { { path = "/a b" }, "percent-encoded" }, { { path = "/a?b=1" }, "percent-encoded" }, { { path = "/a#b" }, "percent-encoded" },
    { { path = "/a\r\nb" }, "percent-encoded" }, { { path = "/a\\b" }, "percent-encoded" }, { { path = "/é" }, "percent-encoded" },
    { { path = "/a%2fb" }, "encoded slash" }, { { path = "/a%00" }, "control character" }, { { path = "/a%5Cb" }, "encoded slash" },
    { { path = "/100%" }, "a % that" }, { { path = "/x{shop_id}" }, "percent-encoded" }, { { path = "/{shop_id}/{shop_id}" }, "twice" },
    { { path = "/{}" }, "percent-encoded" }, { { path = "/{shop_id}/{customer_id}/{town}" }, "{town}" },
    { { path = "/x/{customer_id}", params = {} }, "{customer_id}" }, { { path = "/" .. ("x"):rep(2048) }, "2048" },
    { { params = "x" }, "params must be a list" }, { { params = { a = "x" } }, "params must be a list" },
    { { params = { "customer_id!", "shop_id!" } }, 'parameter 2 ("shop_id!")', "say its type" },
    { { params = { "customer_id!", "custmer_id" } }, "parameter 2", 'did you mean "customer_id"' },
    { { params = { "" } }, "parameter 1", "name!" }, { { params = { 5 } }, "parameter 1" }, { { params = { {} } }, "parameter 1" },
    { { params = { "a b" } }, "parameter 1" }, { { params = { { "x", type = "text" } } }, 'no type "text"' },
    { { params = { { "x", type = "strin" } } }, 'did you mean "string"' }, { { params = { { "x", tpye = "string" } } }, 'did you mean "type"' },
    { { params = { { "x", type = "string", format = "ifcs" } } }, 'did you mean "ifsc"' },
    { { params = { { "x", type = "integer", format = "digits" } } }, "only a string" },
    { { params = { { "x", type = "string", max = 0 } } }, "max must be" }, { { params = { { "x", type = "integer", min = -1 } } }, "min must be" },
    { { params = { { "x", type = "string", multiline = 1 } } }, "multiline must be" }, { { params = { { "x", type = "string", from = 1 } } }, "from" },
    { { params = { { "x", type = "string", place = "header" } } }, "place must be" },
    { { params = { { "x", type = "string", means = "nmae" } } }, 'did you mean "name"' },
    { { params = { { "x", type = "string", default = {} } } }, "default must be" },
    { { params = { { "client_ref_id", type = "list" } } }, "a string everywhere" }, { { params = { "*", "user_code" } }, "listed twice" },
    { { params = { { "*" } } }, "parameter 1" },
    { { method = "GET", path = "/x", params = { { "x", type = "string", place = "body" } } }, "no body" },
    { { params = { "otp", "otp!" } }, "twice" },
    { { path = "/{otp}", params = { "otp" } }, "stands in the path" }, { { path = "/{x}", params = { { "x", type = "list" } } }, "in the path" },
    { { role = "tranfer" }, 'did you mean "transfer"' }, { { role = 5 }, "no role" }, { { moves_money = 0 }, "moves_money must be" },
    { { billed = "yes" }, "billed must be" }, { { sends_sms = 1 }, "sends_sms must be" }, { { about = 1 }, "about must be" },
    { { moves_mony = false }, 'did you mean "moves_money"' }, { { outcomes = {} }, 'knows no "outcomes"' },
  }

  it("refuses what is wrong, and says what and where", function()
    local client = eko.client(options_with())
    for index, row in ipairs(WRONG) do
      local ok, problem = pcall(function() client:define(definition(row[1])) end)
      assert.is_false(ok, index .. " " .. row[2])
      assert.truthy(problem:find("sibling_spec%.lua:%d+: client:define: "), problem)
      for at = 2, #row do assert.truthy(problem:find(row[at], 1, true), problem) end
    end
    for _, wrong in ipairs { 5, "x", false } do assert.is_false((pcall(client.define, client, wrong))) end
    assert.is_false((pcall(client.define, client)))
    local knows = client:define(definition())
    assert.error_matches(function() knows:define(definition()) end, "taken")
    assert(client:define(definition())) -- not taken there
  end)

  it("is done before a timestamp is used", function()
    local client = eko.client(options_with { clock = function() return 1700000000000 end })
    pcall(client.define, client, {})
    assert.equal(1700000000000, (stamp(client:define(definition()))))
    assert.is_number(core.text.monotonic())
  end)
end)
