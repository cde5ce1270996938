-- Debits by transports, clocks and answers that misbehave: what left is never forgotten, and nothing secret is repeated.
local core = require "eko.core"
local eko = require "eko"

local OTP = "482913"
local TRANSFER = { recipient_id = 1, amount = 100, customer_id = "9444444444", otp = OTP, otp_ref_id = "66", client_ref_id = "REF-1" }
local number = 0

local function with(values, more)
  local made = {}
  for name, value in pairs(values) do made[name] = value end
  for name, value in pairs(more or {}) do made[name] = value end
  return made
end

-- A client of a transport: `debit(request)` and `inquiry(request)` are what it does with each.
local function client_of(debit, inquiry, more)
  number = number + 1
  local seen = { posts = 0, gets = 0, urls = {} }
  local options = with({
    base_url = "http://127.0.0.1:1/ekoapi/v3", access_key = "hostile-spec-" .. number, developer_key = "hostile-developer-key",
    initiator_id = "9962981729", user_code = "20810200", retries = 0,
  }, more)
  function options.transport(request)
    if request.method == "GET" then
      seen.gets = seen.gets + 1
      seen.urls[seen.gets] = request.url
      return inquiry(request)
    end
    seen.posts = seen.posts + 1
    return debit(request)
  end
  return eko.client(options), seen
end

local function answers(body, status, headers)
  return function() return { status = status or 200, headers = headers or {}, body = body } end
end
local not_found = answers '{"status":168,"response_status_id":1,"response_type_id":-1}'
local function found(tx_status, more)
  return answers(('{"status":0,"response_type_id":1472,"data":{"tid":"12","client_ref_id":"REF-1","tx_status":"%s"%s}}'):format(tx_status, more or ""))
end
local lost = answers("", 502)

local function debit(client, params, options)
  local ok, result, err = pcall(client.call, client, "dmt-initiate-transfer", params or TRANSFER, options)
  assert.is_true(ok, "it raised")
  return result, err
end

-- Whether a text stands anywhere in a value.
local function holds(value, text, seen)
  if type(value) == "string" then return value:find(text, 1, true) ~= nil end
  seen = seen or {}
  if type(value) ~= "table" or seen[value] then return false end
  seen[value] = true
  for name, item in pairs(value) do
    if holds(name, text, seen) or holds(item, text, seen) then return true end
  end
  return holds(tostring(value), text, seen)
end

describe("a debit whose transport misbehaves", function()
  local unprintable = setmetatable({}, { __tostring = function() error "no" end })
  local FORMS = {
    ["raises a text"] = function(request) error("lost " .. request.body .. request.headers["secret-key"] .. request.headers.developer_key) end,
    ["raises nil"] = function() error(nil) end, ["raises a table"] = function() error { otp = OTP } end,
    ["raises what cannot be shown"] = function() error(unprintable) end,
    ["gives nothing"] = function() end, ["gives false"] = function() return false end, ["gives true"] = function() return true end,
    ["gives a text"] = function() return "200 OK" end, ["gives a number"] = function() return 200 end,
    ["gives a status as text"] = answers("{}", "200"), ["gives a status that is none"] = answers("{}", 0 / 0),
    ["gives half a status"] = answers('{"status":0,"response_type_id":325,"tx_status":"0"}', 200.5), ["gives a table for a body"] = answers({}, 200),
    ["gives headers that are none"] = answers('{"status":2485,"response_type_id":2485}', 401, { date = { 1 }, ["retry-after"] = {} }),
    ["gives a number for an error"] = function() return nil, 5 end,
    ["gives an error with odd members"] = function() return nil, { name = {}, sent = "no", phase = { OTP }, message = { OTP } } end,
    ["says malformed without saying that it kept it"] = function() return nil, { name = "malformed_request" } end,
    ["says that it was answered"] = function() return nil, { name = "invalid_url", sent = true } end,
  }
  for name, act in pairs(FORMS) do
    it(name .. " #harm02", function()
      local client, seen = client_of(act, not_found)
      local result, err = debit(client)
      assert.is_nil(result)
      assert.same({ "indeterminate", "unknown", "REF-1", false }, { err.kind, err.state, err.client_ref_id, err.retryable })
      assert.same({ "unknown", "transaction_not_found" }, { err.inquiry.state, err.inquiry.error.name })
      assert.same({ 1, 1 }, { seen.posts, seen.gets })
      for _, secret in ipairs { OTP, "hostile-developer-key" } do assert.is_false(holds(err, secret)) end
      client = client_of(act, found "0")
      result = assert(debit(client))
      assert.same({ "succeeded", "12" }, { result.state, result.tid })
      client = client_of(act, function() error "again" end)
      result, err = debit(client)
      assert.is_nil(result)
      assert.same({ "indeterminate", "unknown", "raised" }, { err.kind, err.inquiry.state, err.inquiry.error.name })
    end)
  end

  it("yields, and goes on where it was", function()
    local client, seen = client_of(function()
      coroutine.yield "waiting"
      return lost()
    end, found "2")
    local thread = coroutine.create(function() return client:call("dmt-initiate-transfer", TRANSFER) end)
    local _, first = coroutine.resume(thread)
    assert.equal("waiting", first)
    local _, result = coroutine.resume(thread)
    assert.same({ "pending", 1, 1 }, { result.state, seen.posts, seen.gets })
  end)

  it("is told from one that never left", function()
    local client, seen = client_of(lost, not_found, { clock = function() error("no clock", 0) end })
    assert.has_error(function() client:call("dmt-initiate-transfer", TRANSFER) end, "no clock")
    assert.equal(0, seen.posts)
    client = client_of(function() return nil, { name = "connection_refused", sent = false } end, not_found)
    local _, err = debit(client)
    assert.same({ "transport", "not_sent", true }, { err.kind, err.state, err.retryable })
    _, err = debit(client, with(TRANSFER, { amount = "much" }))
    assert.same({ "invalid_request", "not_sent", false }, { err.kind, err.state, err.sent })
  end)

  it("is looked up though a clock raises once it has left, or memory runs out while its answer is read #harm02", function()
    local has_left = false
    local client = client_of(function()
      has_left = true
      return answers('{"status":2485,"response_type_id":2485}', 401, { date = os.date "!%a, %d %b %Y %H:%M:%S GMT" })()
    end, not_found, { clock = function()
      if has_left then error "no clock" end
      return os.time() * 1000
    end })
    local _, err = debit(client)
    assert.same({ "indeterminate", "unknown", "raised" }, { err.kind, err.inquiry.state, err.inquiry.error.name })
    local response = require "eko.call.response"
    local read = response.read
    local other, seen = client_of(answers "{}", found "0")
    finally(function() response.read = read end)
    response.read = function(endpoint, ...)
      if endpoint.moves_money then error "not enough memory" end
      return read(endpoint, ...)
    end
    local result = assert(debit(other))
    assert.same({ "succeeded", 1, 1 }, { result.state, seen.posts, seen.gets })
  end)
end)

describe("the error of a debit", function()
  it("repeats no secret that an inquiry's answer repeats", function()
    local words = ',"reason":"OTP 482913 already Consumed","comment":"482913"'
    for _, inquiry in ipairs {
      found("9", words), found("1", words), found("482913", words), answers('{"status":319,"response_type_id":-1,"message":"no 482913",'
        .. '"invalid_params":{"482913":"482913","otp":["482913"]}}'), answers "OTP 482913", answers("OTP 482913", 404),
      answers '{"status":0,"response_type_id":1472,"data":{"client_ref_id":"OTHER","reason":"482913"}}',
    } do
      for _, answer in ipairs {
        lost, answers '{"status":302,"response_type_id":302,"message":"OTP 482913","data":{"reason":"482913"}}',
        answers '{"status":777,"response_type_id":777,"data":{"reason":"OTP 482913 used","tx_status":"482913"},"482913":"482913"}',
        answers '{"status":55,"response_type_id":55,"data":{"tx_status":"1","reason":"OTP 482913 already Consumed"},"invalid_params":["482913"]}',
        function() return nil, { name = "timeout", message = "482913" } end,
      } do
        local client = client_of(answer, inquiry)
        local result, err = debit(client)
        assert.is_nil(result)
        assert.is_false(holds(err, OTP), tostring(err))
        assert.is_string(err.state)
        assert.equal(err.kind == "indeterminate" or err.inquiry ~= nil, type(err.inquiry) == "table")
      end
    end
  end)
end)

describe("the look-up of a debit", function()
  it("is made in the name of whoever it was made for #harm03", function()
    local client, seen = client_of(lost, not_found)
    debit(client, with(TRANSFER, { initiator_id = "9999999999", user_code = "11111111" }))
    assert.equal(1, seen.gets)
    assert.truthy(seen.urls[1]:find("initiator_id=9999999999", 1, true))
    assert.truthy(seen.urls[1]:find("user_code=11111111", 1, true))
  end)

  it("finds nothing only where the answer says no more than that", function()
    local refused = answers '{"status":302,"response_type_id":302}'
    for _, body in ipairs {
      '{"status":168,"response_type_id":1472,"data":{"tid":"5","tx_status":"0","client_ref_id":"REF-1"}}', '{"status":168,"data":{"tx_status":"2"}}',
      '{"status":168,"data":[{"tid":"5"}]}', '{"status":168,"data":{"client_ref_id":"OTHER"}}', '{"status":168,"client_ref_id":"OTHER"}',
      '{"status":463,"response_type_id":-1,"invalid_params":{"customer_id":"does not exist"}}', '{"status":168,"data":{"amount":"7"}}',
      '{"status":168,"data":{"tid":"5\1"}}', '{"status":168,"client_ref_id":"REF-\233"}',
    } do
      local client = client_of(refused, answers(body))
      local _, err = debit(client)
      assert.same({ "indeterminate", "unknown" }, { err.kind, err.state }, body)
    end
    for _, body in ipairs { '{"status":168}', '{"status":"168","response_type_id":"168"}', '{"status":168,"data":{"client_ref_id":"REF-1","tid":""}}' } do
      local client = client_of(refused, answers(body))
      local _, err = debit(client)
      assert.same({ "api", "wrong_otp", "failed" }, { err.kind, err.name, err.state }, body)
    end
  end)

  it("may be shown without being made", function()
    local client, seen = client_of(lost, not_found)
    local request = assert(client:inquire({ client_ref_id = "REF-1" }, { dry_run = true }))
    assert.same({ "GET", 0 }, { request.method, seen.gets })
  end)
end)

describe("what was accepted before", function()
  local function date(seconds) return os.date("!%a, %d %b %Y %H:%M:%S GMT", math.floor(seconds)) end
  local function refused(code, ahead)
    return answers(('{"status":%d,"response_type_id":%d}'):format(code, code), 401, { date = date(core.text.now_ms() / 1000 + (ahead or 0)) })
  end

  it("is known however the platform's URL is written", function()
    local function at(url, answer)
      return debit((client_of(answer, not_found, { access_key = "hostile-spelling", base_url = url })))
    end
    assert(at("https://API.example.test:443/v3", answers '{"status":0,"response_type_id":325,"data":{"tid":"1","tx_status":"0"}}'))
    for _, url in ipairs { "https://api.example.test/v3", "HTTPS://api.EXAMPLE.test/v3/" } do
      local _, err = at(url, refused(2484))
      assert.equal("indeterminate", err.kind, url)
    end
    local _, err = at("https://other.example.test/v3", refused(2484))
    assert.same({ "api", "failed" }, { err.kind, err.state })
  end)

  it("still speaks against a proof when the clock was corrected while the debit was under way", function()
    local client, has_accepted
    client = client_of(function()
      if not has_accepted then return answers '{"status":0,"response_type_id":325,"data":{"tid":"1","tx_status":"0"}}'() end
      client:call("dmt-get-sender", { customer_id = "9444444444" }, { once = true }) -- refused meanwhile, and the clock corrected
      return refused(2485, 300)()
    end, function(request)
      return request.url:find("/transaction/", 1, true) and not_found() or refused(2485, 300)()
    end)
    assert(debit(client))
    has_accepted = true
    local _, err = debit(client)
    assert.same({ "indeterminate", "unknown" }, { err.kind, err.state })
  end)
end)
