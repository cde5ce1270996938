-- client:request signs and sends anything; what it and client:define and paths make of money.
local eko = require "eko"

local ANSWER = '{"status":0,"response_type_id":309,"data":{}}'
local DRY = { dry_run = true }

-- A client over a transport that keeps what it was asked and answers with what a function makes of it.
local function client_with(respond, more)
  local seen = {}
  local options = {
    developer_key = "key-1", access_key = "secret-1", initiator_id = "9962981729", user_code = "20810200",
    base_url = "http://127.0.0.1:1/v3", transport = function(request)
      seen[#seen + 1] = request
      return respond(request)
    end,
  }
  for name, value in pairs(more or {}) do options[name] = value end
  return eko.client(options), seen
end

local function fine() return { status = 200, headers = {}, body = ANSWER } end
local function lost() return nil, { name = "timeout", message = "no answer" } end

local function methods_of(seen)
  local list = {}
  for index, request in ipairs(seen) do list[index] = request.method end
  return table.concat(list, " ")
end

describe("client:request", function()
  -- Each: what is requested, and the request.
  local REQUESTS = {
    { { method = "GET", path = "/a" }, "GET /a" },
    { { method = "GET", path = "/a/" }, "GET /a/" },
    { { method = "GET", path = "/a/b%20c/~x;y=1,2:@!$&'()*+=" }, "GET /a/b%20c/~x;y=1,2:@!$&'()*+=" },
    { { method = "GET", path = "/a", query = { z = "1", a = "x y&=?#/%", m = true, n = 1.5, i = 7, big = 9007199254740992 } },
      "GET /a?a=x%20y%26%3D%3F%23%2F%25&big=9007199254740992&i=7&m=true&n=1.5&z=1" },
    { { method = "GET", path = "/a", query = { e = "", u = "é", neg = -3, no = false } }, "GET /a?e=&neg=-3&no=false&u=%C3%A9" },
    { { method = "GET", path = "/a", query = { customer_id = "not a mobile", otp = "x", name = "1", dob = "1800-1-1",
      timestamp = "now", account = "1E5" } }, "GET /a?account=1E5&customer_id=not%20a%20mobile&dob=1800-1-1&name=1&otp=x&timestamp=now" },
    { { method = "GET", path = "/a", query = {} }, "GET /a" },
    { { method = "GET", path = "/a", query = { client_ref_id = "R" } }, "GET /a?client_ref_id=R" },
    { { method = "POST", path = "/a", body = { client_ref_id = "R" } }, 'POST /a {"client_ref_id":"R"}' },
    { { method = "PUT", path = "/a", body = { client_ref_id = "R", z = 1, a = { 1, { b = false } }, t = "é\"", f = 0.5, o = { k = "v" } } },
      'PUT /a {"client_ref_id":"R","a":[1,{"b":false}],"f":0.5,"o":{"k":"v"},"t":"é\\"","z":1}' },
    { { method = "DELETE", path = "/a", query = { a = 1, b = 2 }, body = { a = 3, client_ref_id = "R" } }, 'DELETE /a?a=1&b=2 {"client_ref_id":"R","a":3}' },
    { { method = "PATCH", path = "/a", query = { ["-a"] = 1, a = 2 }, body = { a = 3, client_ref_id = "R" } },
      'PATCH /a?-a=1&a=2 {"client_ref_id":"R","a":3}' },
    { { method = "POST", path = "/a", query = { client_ref_id = "Q" }, body = { x = 1 } }, 'POST /a?client_ref_id=Q {"x":1}' },
    { { method = "POST", path = "/a", body = { initiator_id = "1", user_code = "2", client_ref_id = "R" } },
      'POST /a {"client_ref_id":"R","initiator_id":"1","user_code":"2"}' },
    { { method = "POST", path = "/customer/payment/refund/77", body = { otp = "1", state = 1 } },
      'POST /customer/payment/refund/77 {"otp":"1","state":1}' }, -- the catalogue knows that it takes no reference
  }

  it("sends what is given, in one order, signed", function()
    local client = client_with(fine)
    for _, row in ipairs(REQUESTS) do
      local request = assert(client:request(row[1], DRY))
      local text = request.method .. " " .. request.url:sub(#"http://127.0.0.1:1/v3" + 1) .. (request.body and " " .. request.body or "")
      assert.equal(row[2], text)
      assert.equal(eko.sign("secret-1", request.headers["secret-key-timestamp"]), request.headers["secret-key"])
    end
  end)

  it("gives what is no GET a reference, its own or that of the option", function()
    local client = client_with(fine)
    local body = client:request({ method = "POST", path = "/a" }, DRY).body
    assert.truthy(body:find '^{"client_ref_id":"[%w_-]+"}$')
    assert.equal('{"client_ref_id":"MINE"}', client:request({ method = "POST", path = "/a" }, { dry_run = true, client_ref_id = "MINE" }).body)
  end)

  it("gives the envelope, judged by its codes", function()
    for _, case in ipairs {
      { '{"status":0,"response_type_id":2129,"data":{"otp_ref_id":"r"}}', "otp_sent" }, { '{"status":0,"data":{"a":1}}', "unrecognised" },
      { '{"status":0,"response_type_id":999999,"data":{"a":1}}', "unrecognised" }, { '{"status":319,"message":"no"}', nil, "invalid_initiator" },
      { "", nil, "empty_answer" }, { "<html>", nil, "malformed_json" },
    } do
      local client = client_with(function() return { status = 200, headers = {}, body = case[1] } end)
      local answer, err = client:request { method = "GET", path = "/a" }
      assert.equal(case[2], answer and answer.outcome)
      assert.equal(case[3] ~= nil, err ~= nil)
      if case[3] and case[3] ~= "malformed_json" then assert.equal(case[3], err.name) end
      if answer then assert.equal("GET request", answer.meta.slug) end
    end
    local client = client_with(fine)
    assert.equal("active", assert(client:request { method = "GET", path = "/customer/profile/9444444444" }).outcome)
  end)

  -- Each: what is requested, and texts of the error.
  local WRONG = {
    { nil, "a table" }, { "GET /a", "a table" }, { {}, "method must be" }, { { method = "GET" }, "path: it must be text" },
    { { method = "get", path = "/a" }, "in capital letters" }, { { method = "GET\r\n", path = "/a" }, "method must be" },
    { { method = "CONNECT", path = "/a" }, "method must be" }, { { method = "GET", path = "a" }, "begin with a slash" },
    { { method = "GET", path = "https://evil/" }, "begin with a slash" }, { { method = "GET", path = "//evil/a" }, "empty part" },
    { { method = "GET", path = "/a/../b" }, "dots" }, { { method = "GET", path = "/a/." }, "dots" }, { { method = "GET", path = "/.." }, "dots" },
    { { method = "GET", path = "/a/%2E%2e/b" }, "dots" }, { { method = "GET", path = "/a/.%2e" }, "dots" },
    { { method = "GET", path = "/a\nb" }, "percent-encoded" }, { { method = "GET", path = "/a\r\nhost: evil" }, "percent-encoded" },
    { { method = "GET", path = "/a b" }, "percent-encoded" }, { { method = "GET", path = "/a\0" }, "percent-encoded" },
    { { method = "GET", path = "/a?b=c" }, "percent-encoded" }, { { method = "GET", path = "/a#b" }, "percent-encoded" },
    { { method = "GET", path = "/a%0d%0a" }, "control character" }, { { method = "GET", path = "/a%2Fb" }, "encoded slash" },
    { { method = "GET", path = "/a%zz" }, "a % that" }, { { method = "GET", path = "/a%2" }, "a % that" },
    { { method = "GET", path = "/{customer_id}" }, "client:define" }, { { method = "GET", path = "/a", body = {} }, "a GET has no body" },
    { { method = "POST", path = "/a", body = "{}" }, "body must be" }, { { method = "GET", path = "/a", query = "b=1" }, "query must be" },
    { { method = "GET", path = "/a", query = { b = {} } }, "query: b must be" }, { { method = "GET", path = "/a", query = { "x" } }, "query: a name" },
    { { method = "GET", path = "/a", query = { ["a b"] = 1 } }, "query: a name" }, { { method = "GET", path = "/a", query = { ["a&b"] = 1 } }, "a name" },
    { { method = "GET", path = "/a", query = { n = 0 / 0 } }, "query: n must be" }, { { method = "GET", path = "/a", query = { n = 1 / 0 } }, "n must be" },
    { { method = "POST", path = "/a", moves_money = "no" }, "moves_money must be" },
    { { method = "POST", path = "/a", moves_mony = false }, 'did you mean "moves_money"' },
    { { method = "POST", path = "/a", headers = {} }, 'knows no "headers"' },
  }

  it("refuses what is wrong, at the line of its caller, and sends nothing", function()
    local client, seen = client_with(fine)
    for index, row in ipairs(WRONG) do
      local ok, problem = pcall(function() client:request(row[1]) end)
      assert.is_false(ok, index)
      assert.truthy(problem:find("define_spec%.lua:%d+: client:request: "), problem)
      for at = 2, #row do assert.truthy(problem:find(row[at], 1, true), problem) end
    end
    for _, options in ipairs { { extra = {} }, { tiemout = 1 }, { timeout = 0 }, 5 } do
      local ok, problem = pcall(function() client:request({ method = "GET", path = "/a" }, options) end)
      assert.is_false(ok)
      assert.truthy(problem:find "define_spec%.lua:%d+: ", problem)
    end
    assert.equal(0, #seen)
  end)

  it("says of values that cannot be written what is wrong, and sends nothing", function()
    local client, seen = client_with(fine)
    for _, row in ipairs {
      { { a = "\255" } }, { { a = print } }, { { a = { 1, nil, 3 } } }, { { a = 0 / 0 } }, { { ["a b"] = 1 } }, { { "x" } },
      { { client_ref_id = "far longer than twenty letters" } }, { nil, { a = "\255" } }, { nil, { a = "x\r\n" } },
    } do
      local answer, err = client:request { method = "POST", path = "/a", body = row[1], query = row[2] }
      assert.is_nil(answer)
      assert.equal("invalid_request", err.kind)
      assert.is_false(err.sent)
      assert.equal("not_sent", err.state)
    end
    assert.equal(0, #seen)
  end)

  it("shows no secret of what it sent", function()
    local client = client_with(function(request) return nil, { name = "x", message = "oops " .. request.url .. " " .. request.body } end)
    local _, err = client:request { method = "POST", path = "/a", query = { otp = "570311" }, body = { otp = "884422", deep = { 1 } },
      moves_money = false }
    assert.is_nil(tostring(err):find("570311", 1, true))
    assert.is_nil(tostring(err):find("884422", 1, true))
  end)

  it("keeps no endpoint", function()
    local client = client_with(fine)
    local kept = setmetatable({}, { __mode = "k" })
    for index = 1, 20 do
      local options = setmetatable({ method = "GET", path = "/a/" .. index }, nil)
      assert(client:request(options))
      kept[require("eko.catalog.define").request(options, "https://h/v3", require "eko.wallets.catalogue")] = true
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(kept))
  end)
end)

describe("what a program sends by itself", function()
  local TRANSFER = "/customer/payment/ppi-levin"
  -- Each: what is requested, and whether it counts as money.
  local MONEY = {
    { { method = "POST", path = "/a" }, true }, { { method = "PUT", path = "/a" }, true }, { { method = "PATCH", path = "/a" }, true },
    { { method = "DELETE", path = "/a" }, true }, { { method = "GET", path = "/a" }, false },
    { { method = "POST", path = "/a", moves_money = true }, true }, { { method = "GET", path = "/a", moves_money = true }, true },
    { { method = "POST", path = "/a", moves_money = false }, false }, { { method = "DELETE", path = "/a", moves_money = false }, false },
    { { method = "POST", path = TRANSFER, moves_money = false }, true }, { { method = "POST", path = TRANSFER .. "/", moves_money = false }, true },
    { { method = "PUT", path = TRANSFER, moves_money = false }, true },
    { { method = "POST", path = "/CUSTOMER/payment/ppi-levin", moves_money = false }, true },
    { { method = "POST", path = "/customer/payment/ppi%2Dlevin", moves_money = false }, true },
    { { method = "POST", path = "/customer/payment;v=1/ppi-levin", moves_money = false }, true },
    { { method = "POST", path = "/v3" .. TRANSFER, moves_money = false }, true },
    { { method = "POST", path = "/customer/payment/refund/123", moves_money = false }, true },
    { { method = "POST", path = "/customer/payment/refund/123/otp", moves_money = false }, false },
    { { method = "GET", path = TRANSFER }, false },
  }

  it("is money unless it is a GET or its author says otherwise, and where the catalogue knows it is", function()
    for _, row in ipairs(MONEY) do
      local client, seen = client_with(lost, { retries = 0 })
      local what = row[1].method .. " " .. row[1].path
      local _, err = client:request(row[1], { client_ref_id = row[1].method ~= "GET" and "R" or nil })
      assert.equal(row[2], err.state ~= nil, what)
      assert.equal(row[2] and "indeterminate" or "transport", err.kind, what)
      assert.equal(row[1].method, seen[1].method, what)
      assert.equal(row[2] and #seen > 1 and " GET" or "", methods_of(seen):sub(#row[1].method + 1), what)
      if row[2] then assert.equal(true, seen[1].fresh, what) end
    end
  end)

  it("is money below whatever base URL leads there", function()
    for _, base in ipairs { "http://127.0.0.1:1", "http://127.0.0.1:1/v3/customer", "http://127.0.0.1:1/v3/Customer%2f/x/customer/payment",
      "http://unix:/tmp/none.sock:/v3/customer" } do
      local path = base:find "payment$" and "/ppi-levin" or base:find "customer$" and "/payment/ppi-levin" or TRANSFER
      local client = client_with(lost, { base_url = base })
      local _, err = client:request { method = "POST", path = path, moves_money = false, body = { client_ref_id = "R" } }
      assert.equal("indeterminate", err.kind, base)
      _, err = client:define({ slug = "x", method = "POST", path = path, moves_money = false }):call "x"
      assert.equal("indeterminate", err.kind, base)
    end
  end)

  it("is looked up by its reference when the answer is lost, and never sent again", function()
    local client, seen = client_with(function(request)
      if request.method ~= "GET" then return lost() end
      return { status = 200, headers = {}, body = '{"status":0,"response_type_id":1472,"data":{"tx_status":"0","tid":"77","client_ref_id":"R"}}' }
    end)
    local answer = assert(client:request { method = "POST", path = "/a", body = { client_ref_id = "R" } })
    assert.equal("succeeded", answer.state)
    assert.equal("77", answer.tid)
    assert.equal("completed", answer.outcome)
    assert.equal("POST GET", methods_of(seen))
    local knows
    client, seen = client_with(function(request)
      if request.method ~= "GET" then return { status = 500, headers = {}, body = "" } end
      return { status = 200, headers = {}, body = '{"status":463,"response_type_id":463,"message":"no"}' }
    end)
    knows = client:define { slug = "pay", method = "POST", path = "/pay", params = { "client_ref_id" } }
    local _, err = knows:call("pay", { client_ref_id = "R" })
    assert.equal("indeterminate", err.kind)
    assert.equal("POST GET", methods_of(seen))
  end)

  it("is believed when the platform says what became of it", function()
    local client, seen = client_with(function()
      return { status = 200, headers = {}, body = '{"status":0,"response_type_id":325,"data":{"tx_status":"2","tid":"5"}}' }
    end)
    for _, role in ipairs { "other", "get", "recipients", "transfer" } do
      local answer = assert(client:define({ slug = "pay", method = "POST", path = "/pay", role = role }):call "pay")
      assert.equal("pending", answer.state, role)
    end
    assert.equal("POST POST POST POST", methods_of(seen))
  end)

  it("keeps the class of a path wherever an endpoint is put", function()
    local client = client_with(lost, { retries = 3 })
    local knows = client:define { slug = "x", method = "POST", path = "/customer/payment/{rail}", params = { { "rail!", type = "string" } },
      moves_money = false }
    local _, err = knows:call("x", { rail = "ppi-levin" })
    assert.equal("indeterminate", err.kind)
    -- By paths, which add what the catalogue knows of them and take nothing away.
    local moved = client:with { paths = { ["ppi-levin-initiate-transaction"] = "/pay", ["onboard-customer"] = "/customer/payment/refund/{customer_id}" } }
    _, err = moved.levin:transfer {
      customer_id = "9444444444", recipient_id = 1, amount = 1, otp = "1", otp_ref_id = "r", client_ref_id = "R", latlong = "19.0,72.8",
      beneficiary_id = "1", wallet_token = "t", currency = "INR", channel = 2, timestamp = "2026-01-01", state = "1",
    }
    assert.equal("indeterminate", err.kind)
    _, err = moved.customer:onboard { customer_id = "9444444444", name = "A", dob = "1990-01-01", residence_address = { "x" } }
    assert.equal("indeterminate", err.kind)
  end)

  it("is repeated only where that is safe", function()
    for _, case in ipairs { { { method = "GET", path = "/a" }, 3 }, { { method = "POST", path = "/a", moves_money = false }, 1 },
      { { method = "GET", path = "/a", moves_money = true }, 1 } } do
      local client, seen = client_with(lost, { retries = 2 })
      assert.is_nil((client:request(case[1])))
      local sent = 0
      for _, request in ipairs(seen) do
        if request.url:find("/v3/a", 1, true) then sent = sent + 1 end
      end
      assert.equal(case[2], sent)
    end
    for _, mark in ipairs { "billed", "sends_sms" } do
      local client, seen = client_with(lost, { retries = 2 })
      assert.is_nil((client:define({ slug = "x", method = "GET", path = "/x", [mark] = true }):call "x"))
      assert.equal(1, #seen, mark)
    end
  end)
end)

describe("the option paths", function()
  it("puts endpoints elsewhere, for slugs and verbs, with their parameters in any order", function()
    local client = client_with(fine, { paths = {
      ["ppi-levin-get-sender"] = "/v1/sender/{customer_id}/profile", ["transaction-inquiry"] = "/old/{transaction-reference}",
    } })
    assert.equal("http://127.0.0.1:1/v3/v1/sender/9444444444/profile?initiator_id=9962981729&user_code=20810200",
      client.levin:get({ customer_id = "9444444444" }, DRY).url)
    assert.equal("http://127.0.0.1:1/v3/v1/sender/9444444444/profile?initiator_id=9962981729&user_code=20810200",
      client:call("ppi-levin-get-sender", { customer_id = "9444444444" }, DRY).url)
    assert.truthy(client:inquire({ client_ref_id = "R" }, DRY).url:find("/v3/old/client_ref_id:R?", 1, true))
    local two = client:define { slug = "two", method = "GET", path = "/{tid}/{customer_id}", params = { "customer_id!",
      { "tid!", type = "string" } } }
    assert.equal("http://127.0.0.1:1/v3/1/9444444444", two:call("two", { tid = "1", customer_id = "9444444444" }, DRY).url)
    two = two:with { paths = { two = "/x/{customer_id}/y/{tid}" } }
    assert.equal("http://127.0.0.1:1/v3/x/9444444444/y/1", two:call("two", { tid = "1", customer_id = "9444444444" }, DRY).url)
  end)

  it("refuses what is wrong", function()
    for _, row in ipairs {
      { 5, "must be a table" }, { { "/x" }, "must be a table" }, { { ["get-customer-info"] = 5 }, "must be a table" },
      { { ["get-customer-inf"] = "/x/{customer_id}" }, 'did you mean "get-customer-info"' }, { { nothing = "/x" }, "there is no endpoint" },
      { { ["get-customer-info"] = "/x" }, "{customer_id}" }, { { ["get-customer-info"] = "/x/{customer_id}/{user_code}" }, "{customer_id}" },
      { { ["get-customer-info"] = "/x/{customer}" }, "{customer_id}" }, { { ["get-customer-info"] = "/x/{customer_id}/../y" }, "dots" },
      { { ["get-customer-info"] = "x/{customer_id}" }, "slash" }, { { ["get-customer-info"] = "/x?y={customer_id}" }, "percent-encoded" },
      { { ["ppi-levin-initiate-transaction"] = "/x/{customer_id}" }, "none" },
    } do
      local ok, problem = pcall(function() client_with(fine, { paths = row[1] }) end)
      assert.is_false(ok, row[2])
      assert.truthy(problem:find('eko.client: option "paths"', 1, true), problem)
      assert.truthy(problem:find(row[2], 1, true), problem)
    end
  end)
end)
