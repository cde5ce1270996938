-- The draft of a call: what leaves over our own exchange against what a transport of the user's is handed (the same bytes, the same
-- answers), and each view of a draft.
local catalogue = require "eko.wallets.catalogue"
local core = require "eko.core"
local curl = require "eko.wire.carrier.curl"
local eko = require "eko"
local exchange = require "eko.wire.exchange"
local raw_server = require "spec.support.raw_server"
local request = require "eko.call.request"
local new_transport = require "spec.support.transport"

local START = 1790000000000
local ANSWER = '{"status":0,"response_type_id":309,"data":{"wallet_token":"t","customer_profile":{"name":"Asha"}}}'

local function http(status, body, more)
  return ("HTTP/1.1 %d X\r\n%scontent-length: %d\r\n\r\n%s"):format(status, more or "", #body, body)
end

local function options(server, more)
  local made = {
    base_url = server.url .. "/ekoapi/v3", developer_key = "direct-developer-key", access_key = "direct-access-key",
    initiator_id = "9962981729", user_code = "20810200",
    clock = function() return START end,
  }
  for name, value in pairs(more or {}) do made[name] = value end
  return made
end

-- A client of each kind, with the same clock.
local function both(server, more)
  local long = options(server, more)
  long.transport = new_transport {}
  return eko.client(options(server, more)), eko.client(long)
end

local function with_server(script, run)
  local server = raw_server.start(script)
  local ok, err = pcall(run, server)
  curl.close_idle()
  server.stop()
  if not ok then error(err, 0) end
end

local FORMATS = {
  mobile = "9444444444", date = "2000-02-29", pan = "ABCPE1234F", aadhaar = "234567890124", ifsc = "SBIN0005656",
  ["lat-long"] = "19.0760,-72.8777", ["client-ref"] = "REF-1_x", ["transaction-reference"] = "client_ref_id:REF-1",
  ["path-segment"] = "a_b-c.1", digits = "0019", money = "500.50",
}
local TYPES = {
  string = { "Aśa \"D\" \\ Rao/+&=?#%", "~" }, opaque = { "a+/=~\"\\é", 123456789012 }, integer = { 10, "0017" },
  list = { { "12 Lake Road", "Pune" } }, address = { { line = "12 Lake Road", city = "Pune" } },
}

local function samples(param)
  local format = param.format or (param.place == "path" and "path-segment" or nil)
  if format then return { FORMATS[format] } end
  if param.means == "capture" then return { "<PidData/>", "<PidData>\r\n\t<Skey/>\n</PidData>" } end
  local list = {}
  for index, value in ipairs(TYPES[param.type]) do
    list[index] = type(value) == "string" and #value > param.max and ("7"):rep(param.max) or value
  end
  return list
end

-- All parameters of an endpoint, then only those that it requires.
local function parameter_sets(endpoint)
  local sets = { {}, {}, {} }
  for _, param in ipairs(endpoint.params) do
    if param.name ~= "initiator_id" and param.name ~= "user_code" and param.name ~= "client_ref_id" then
      local values = samples(param)
      sets[1][param.name] = values[1]
      sets[2][param.name] = values[#values]
      if param.required then sets[3][param.name] = values[1] end
    end
  end
  return sets
end

describe("a call written in one step", function()
  it("has the bytes of one written step by step, for every endpoint", function()
    with_server({ { { "read" }, { "send", http(200, ANSWER, "connection: close\r\n") } } }, function(server)
      local direct, long = both(server)
      local count, seen = 0, 0
      for _, endpoint in ipairs((catalogue.list())) do
        local slug = endpoint.slug
        -- (Money is looked up afterwards.)
        for _, params in ipairs(endpoint.moves_money and {} or parameter_sets(endpoint)) do
          local answer, err = direct:call(slug, params, { client_ref_id = "REF-9" })
          assert.truthy(answer or err.kind ~= "invalid_request", slug .. ": " .. tostring(err))
          long:call(slug, params, { client_ref_id = "REF-9" })
          count = count + 1
        end
      end
      local requests = server.requests()
      assert.equal(2 * count, #requests)
      for index = 1, #requests, 2 do
        assert.equal(requests[index + 1], requests[index])
        seen = seen + (requests[index]:find "^%u+ /ekoapi/v3/.- HTTP/1.1\r\nhost: 127.0.0.1:%d+\r\nsecret%-key: %S+\r\n" and 1 or 0)
      end
      assert.equal(count, seen)
    end)
  end)

  it("has the same bytes up to the longest that it takes, and beyond", function()
    with_server({ { { "read" }, { "send", http(200, ANSWER, "connection: close\r\n") } } }, function(server)
      local count = 0
      for _, key in ipairs { ("k"):rep(7600), ("k"):rep(20000), ("~"):rep(60) } do
        local direct, long = both(server, { developer_key = key })
        for _, length in ipairs { 10, 600, 650, 660, 670, 680, 700, 1024, 4096 } do
          local params = { customer_id = "9444444444", wallet_token = ("é"):rep(length / 2) }
          for _, client in ipairs { direct, long } do
            local answer, err = client:call("ppi-levin-get-recipients", params)
            assert.truthy(answer, tostring(err))
          end
          params = { customer_id = "9444444444", otp = "1", otp_ref_id = ('"'):rep(math.min(length, 1024)), intent_id = "19" }
          for _, client in ipairs { direct, long } do
            local answer, err = client:call("ppi-levin-verify-otp", params, { client_ref_id = "R" })
            assert.truthy(answer, tostring(err))
          end
          count = count + 4
        end
      end
      local requests = server.requests()
      assert.equal(count, #requests)
      for index = 1, count, 2 do assert.is_true(requests[index] == requests[index + 1], "request " .. index) end
    end)
  end)

  it("refuses a URL or a header that cannot stand in a request", function()
    local direct = exchange.new {}
    assert.equal("invalid_url", select(2, direct:head("POST", "nonsense", {})).name)
    local _, err = direct:head("POST", "http://127.0.0.1:1/x", { developer_key = "a\r\nb", ["secret-key"] = 1, ["secret-key-timestamp"] = 2 })
    assert.equal("malformed_request", err.name)
    assert.is_nil(err.message:find("a\r\nb", 1, true))
    assert.error(function() direct:head("POST", "http://127.0.0.1:1/x", { ["secret-key"] = 1 }) end)
  end)

  it("signs again with the same body and reference, and a fresh timestamp", function()
    local used = '{"status":2485,"response_type_id":-1,"message":"timestamp used"}'
    with_server({ { { "read" }, { "send", http(401, used) }, { "read" }, { "send", http(200, ANSWER) } } }, function(server)
      local direct = both(server)
      local sender = assert(direct.levin:verify_otp {
        customer_id = "9444444444", otp = "012345", otp_ref_id = "r", intent_id = "19" })
      assert.equal(2, sender.response.meta.attempts)
      local first, second = server.requests()[1], server.requests()[2]
      assert.equal(first:match "\r\n\r\n(.*)$", second:match "\r\n\r\n(.*)$")
      assert.not_equal(first:match "timestamp: (%d+)", second:match "timestamp: (%d+)")
      assert.not_equal(first:match "secret%-key: (%S+)", second:match "secret%-key: (%S+)")
      assert.equal(first:match '"client_ref_id":"([^"]+)"', sender.response.meta.client_ref_id)
    end)
  end)

  it("waits for a timestamp like any other when there is none", function()
    with_server({ { { "read" }, { "send", http(200, ANSWER, "connection: close\r\n") } } }, function(server)
      local client = eko.client(options(server, { timestamp_lane = { index = 0, count = 1000 } }))
      local refused
      for _ = 1, 70 do
        local _, err = client.levin:get({ customer_id = "9444444444" }, { timeout = 0.5 })
        if err and err.name == "timestamps_exhausted" then refused = err end
        if err then break end
      end
      assert.equal("timestamps_exhausted", refused.name)
      assert.is_false(refused.sent)
    end)
  end)

  it("leaves nothing of the request in the result, and the whole answer at hand", function()
    with_server({ { { "read" }, { "send", http(200, ANSWER) } } }, function(server)
      local direct = both(server)
      local sender = assert(direct.levin:verify_otp {
        customer_id = "9444444444", otp = "918273", otp_ref_id = "reference-5", intent_id = "19" })
      local seen = {}
      local function search(value)
        if type(value) == "string" then
          assert.is_nil(value:find "918273")
          assert.is_nil(value:find "reference%-5")
        elseif type(value) == "table" and not seen[value] then
          seen[value] = true
          for key, each in pairs(value) do
            search(key)
            search(each)
          end
          search(getmetatable(value))
        end
      end
      search(sender)
      assert.equal("Asha", sender.response.data.customer_profile.name)
      assert.is_true(sender.response.meta.timings.total > 0)
      assert.equal(200, sender.response.meta.http_status)
    end)
  end)

  it("reads an answer the same however it was cut", function()
    local answer = http(200, ANSWER)
    local names, scripts = {}, {}
    for _, cut in ipairs { 1, #answer - #ANSWER - 1, #answer - #ANSWER, #answer - #ANSWER + 1, #answer - 1 } do
      names[#names + 1] = cut
      scripts[#scripts + 1] = { { "read" }, { "send", answer:sub(1, cut) }, { "sleep", 0.05 }, { "send", answer:sub(cut + 1) },
        { "close" } }
    end
    scripts[#scripts + 1] = { { "read" }, { "send", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n" .. ANSWER:sub(1, 5)
      .. ("\r\n%x\r\n"):format(#ANSWER - 5) .. ANSWER:sub(6) .. "\r\n0\r\n\r\n" }, { "close" } }
    scripts[#scripts + 1] = { { "read" }, { "send", "HTTP/1.1 200 OK\r\n\r\n" .. ANSWER }, { "close" } }
    with_server(scripts, function(server)
      local direct = both(server)
      for index = 1, #scripts do
        local sender, err = direct.levin:verify_otp {
          customer_id = "9444444444", otp = "012345", otp_ref_id = "r", intent_id = "19" }
        assert.truthy(sender, ("%s: %s"):format(names[index] or "framing", tostring(err)))
        assert.equal("Asha", sender.customer_profile.name)
        assert.equal("t", sender.response.data.wallet_token)
        curl.close_idle()
      end
    end)
  end)
end)

describe("a draft", function()
  local endpoint = catalogue.get "ppi-levin-verify-otp"
  local CONTEXT = { initiator_id = "9962981729", user_code = "20810200" }
  local GOOD = { customer_id = "9444444444", otp = "012345", otp_ref_id = "a\"\\é", intent_id = "19" }

  local function with(changes)
    local params = {}
    for _, each in ipairs { GOOD, changes } do
      for name, value in pairs(each) do params[name] = value end
    end
    return params
  end

  local function emitters()
    local direct = exchange.new {}
    local signer, timestamps = core.signer "a", core.timestamps(0, 1)
    local head = assert(direct:head("POST", "http://127.0.0.1:1/x", {
      developer_key = "k", ["secret-key"] = 1, ["secret-key-timestamp"] = 2 }, "secret-key"))
    return core.emitter(signer, timestamps, head), core.emitter(signer, timestamps, "https://h/x"), timestamps, signer
  end

  it("gives its parts as often as it is asked, and a new attempt each time", function()
    local emit, sign, timestamps, signer = emitters()
    local draft, reference = assert(request.draft(endpoint, GOOD, CONTEXT))
    local path, body = "/customer/payment/ppi-levin/sender/9444444444/otp/verify", '{"initiator_id":"9962981729","user_code":"20810200",'
      .. '"client_ref_id":"' .. reference .. '","otp":"012345","otp_ref_id":"a\\"\\\\é","intent_id":"19"}'
    for index = 0, 2 do
      local emitted, at = emit(draft, START)
      assert.equal(draft, emitted)
      assert.equal(START + index, at)
      local timestamp = ("%.0f"):format(at)
      assert.equal(("POST /x%s HTTP/1.1\r\nhost: 127.0.0.1:1\r\nsecret-key: %s\r\ndeveloper_key: k\r\nsecret-key-timestamp: %s\r\n"
        .. "content-length: %d\r\n\r\n%s"):format(path, signer:sign(timestamp), timestamp, #body, body), draft:bytes())
      assert.equal(path, draft:path())
      assert.equal(body, draft:body())
    end
    local key, at, digits, url, written = sign(draft, START)
    assert.same({ "https://h/x" .. path, body }, { url, written })
    assert.equal(signer:sign(digits), key)
    assert.equal(("%.0f"):format(at), digits)
    assert.equal(at, timestamps:last())
  end)

  it("knows what it sends, value by value", function()
    local draft = assert(request.draft(endpoint, with { otp = 12345 }, CONTEXT, { client_ref_id = "R", extra = {
      note = "n", deep = { "a", { b = 7, c = true } } } }))
    assert.same({ "9962981729", "R", "9444444444", "12345", "a\"\\é" }, {
      draft:value "initiator_id", draft:value "client_ref_id", draft:value "customer_id", draft:value "otp", draft:value "otp_ref_id" })
    assert.equal("R", draft:client_ref_id())
    assert.is_nil(draft:value "no such name")
    assert.equal("n", draft:value "note")
    assert.same({ initiator_id = "9962981729", user_code = "20810200", client_ref_id = "R", customer_id = "9444444444", otp = "12345",
      otp_ref_id = "a\"\\é", intent_id = "19", deep = { "a", "7" }, note = "n" }, draft:secrets())
    draft = assert(request.draft(catalogue.get "dmt-onboard-sender", { customer_id = "9444444444", name = "A", dob = "1990-01-01",
      residence_address = { line = "12 \"A\"" } }, CONTEXT))
    assert.equal('{"line":"12 \\"A\\""}', draft:value "residence_address")
    draft = assert(request.draft(catalogue.get "onboard-customer", { customer_id = "9444444444", name = "A", dob = "1990-01-01",
      residence_address = { "x", "" } }, CONTEXT))
    assert.same({ "x", "" }, draft:value "residence_address")
    assert.is_nil(assert(request.draft(catalogue.get "get-customer-info", { customer_id = "9444444444" }, CONTEXT)):body())
  end)

  it("takes no timestamp where a call is refused", function()
    local _, _, timestamps = emitters()
    local last = timestamps:last()
    for field, value in pairs {
      customer_id = "5444444444", otp = "", otp_ref_id = "a\nb", intent_id = "x", user_code = "\127", initiator_id = true, more = "x",
      client_ref_id = "no spaces",
    } do
      local draft, err = request.draft(endpoint, with { [field] = value }, CONTEXT)
      assert.is_nil(draft, field)
      assert.is_string(err.invalid_params[field])
    end
    assert.is_nil((request.draft(endpoint, GOOD, CONTEXT, { client_ref_id = "no spaces" })))
    assert.is_nil((request.draft(endpoint, GOOD, { initiator_id = "", user_code = "1" })))
    assert.equal(last, timestamps:last())
  end)

  it("is filled anew once it was released, and not before", function()
    local draft = assert(request.draft(endpoint, GOOD, CONTEXT))
    local other = assert(request.draft(endpoint, GOOD, CONTEXT, nil, draft))
    assert.are_not.equal(draft, other)
    local body = draft:body()
    draft:release()
    draft:release()
    for _, name in ipairs { "path", "body", "client_ref_id", "secrets", "value" } do
      assert.error_matches(function() draft[name](draft, "otp") end, "released")
    end
    assert.error_matches(function() emitters()(draft) end, "released")
    local long = "<PidData>" .. ("x"):rep(100000) .. "</PidData>"
    local pid = assert(request.draft(catalogue.get "dmt-fino-sender-ekyc", { customer_id = "9444444444", aadhar = "234567890124",
      piddata = long }, CONTEXT, nil, draft))
    assert.equal(draft, pid)
    assert.equal(long, pid:value "piddata")
    pid:release()
    assert.equal(draft, (assert(request.draft(endpoint, GOOD, CONTEXT, { client_ref_id = body:match '"client_ref_id":"(.-)"' }, draft))))
    assert.equal(body, draft:body())
    draft:close()
    draft:close()
    assert.error_matches(function() draft:body() end, "released")
    assert.are_not.equal(io.stdout, (request.draft(endpoint, GOOD, CONTEXT, nil, io.stdout)))
  end)

  it("may be begun while another one is filled with the same spare one", function()
    local spare = assert(request.draft(endpoint, GOOD, CONTEXT))
    spare:release()
    local inner
    local params = setmetatable({}, { __index = function(_, name)
      inner = inner or assert(request.draft(endpoint, GOOD, CONTEXT, { client_ref_id = "INNER" }, spare))
      return GOOD[name]
    end })
    local outer = assert(request.draft(endpoint, params, CONTEXT, { client_ref_id = "OUTER" }, spare))
    assert.are_not.equal(inner, outer)
    assert.equal("INNER", inner:client_ref_id())
    assert.equal("OUTER", outer:client_ref_id())
    assert.error_matches(function()
      request.draft(endpoint, setmetatable({}, { __index = function() error "no" end }), CONTEXT)
    end, "no")
  end)

  it("is not signed by what is closed, or of another kind", function()
    local draft = assert(request.draft(endpoint, GOOD, CONTEXT))
    local signer, timestamps = core.signer "k", core.timestamps(0, 1)
    local emit = core.emitter(signer, timestamps, "")
    assert(emit(draft, START))
    timestamps:close()
    assert.error_matches(function() emit(draft, START) end, "closed")
    signer:close()
    assert.error_matches(function() emit(draft, START) end, "closed")
    for _, wrong in ipairs { "", 7, false, io.stdout, draft } do
      assert.error(function() core.emitter(wrong, timestamps) end)
      assert.error(function() core.emitter(signer, wrong) end)
      if wrong ~= "" then assert.error(function() core.emitter(signer, timestamps, wrong) end) end
      if wrong ~= draft then assert.error(function() emit(wrong) end) end
    end
  end)

  it("refuses a head that is too large, and takes no timestamp for it", function()
    local emit, _, timestamps = emitters()
    local draft = assert(request.draft(catalogue.get "get-customer-info", { customer_id = "9444444444" }, CONTEXT, {
      extra = { a = ("x"):rep(65536) } }))
    local last = timestamps:last()
    local emitted, reason = emit(draft, START)
    assert.is_nil(emitted)
    assert.error_matches(function() draft:bytes() end, "emitted nothing")
    assert.truthy(reason:find("larger than 65536", 1, true))
    assert.equal(last, timestamps:last())
  end)

  it("keeps integers of 64 bits apart", function()
    local function sent(value)
      local draft = request.draft(catalogue.get "dmt-send-otp", { customer_id = "9444444444", recipient_id = value, amount = 1 }, CONTEXT)
      return draft and draft:body():match '"recipient_id":(%d+),'
    end
    for _, digits in ipairs { "9007199254740992", "9007199254740993", "9223372036854775807", "18446744073709551615" } do
      assert.equal(digits, sent(digits))
      local number = math.type and math.tointeger(tonumber(digits)) -- luacheck: ignore (Lua 5.3 and later)
      if number then assert.equal(digits, sent(number)) end
    end
    for _, value in ipairs { "18446744073709551616", "99999999999999999999", 2 ^ 54, 2 ^ 64, -2 ^ 62 } do assert.is_nil(sent(value), value) end
  end)
end)
