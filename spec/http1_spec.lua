local core = require "eko.core"
local http1 = core.http1

local here = debug.getinfo(1, "S").source:match("^@(.*)http1_spec%.lua$") or "spec/"
local corpus = {}
for _, file in ipairs { "http1_corpus.lua", "http1_hostile.lua" } do
  for _, case in ipairs(dofile(here .. "fixtures/" .. file)) do corpus[#corpus + 1] = case end
end

-- A generator of our own: the cuts of a failing run are the same on every Lua.
local function dice(seed)
  local state = seed
  return function(n)
    state = state * 16807 % 2147483647
    return state % n + 1
  end
end

local function pieces_of(bytes, size)
  local pieces, at = {}, 1
  while at <= #bytes do
    local n = size()
    pieces[#pieces + 1] = bytes:sub(at, at + n - 1)
    at = at + n
  end
  return pieces
end

-- What a caller learns from an answer in these pieces, in the shape of a case's `expect`.
local function read(parser, case, pieces)
  parser:reset(case.method or "GET")
  local verdict, name, detail = "more"
  for _, piece in ipairs(pieces) do
    local before = verdict
    verdict, name, detail = parser:feed(piece)
    if before ~= "more" then assert.equal(before, verdict) end
  end
  if case.close then verdict, name, detail = parser:finish() end
  local seen = { status = parser:status() }
  if verdict == "done" then
    local status, headers, body = parser:result()
    assert.equal(seen.status, status)
    seen.headers, seen.body, seen.reusable = headers, body, parser:reusable()
  elseif verdict == "more" then
    seen.more = true
  else
    assert.is_nil(verdict)
    seen.error = name
    assert.is_truthy(detail:find(case.expect.detail or "^unexpected error$"), case.name .. ": " .. detail)
    seen.detail = case.expect.detail
  end
  if verdict ~= "done" then assert.is_false(parser:reusable()) end
  return seen
end

describe("core.http1.parser: the corpus", function()
  it("is large, and each case has its own name", function()
    local names = {}
    for _, case in ipairs(corpus) do
      assert.is_nil(names[case.name], case.name)
      names[case.name] = true
    end
    assert.is_true(#corpus >= 80)
  end)

  for index, case in ipairs(corpus) do
    it("reads the same however it is cut: " .. case.name, function()
      local parser = http1.parser(case.options)
      assert.same(case.expect, read(parser, case, { case.bytes }))
      assert.same(case.expect, read(parser, case, pieces_of(case.bytes, function() return 1 end)))
      local roll = dice(index)
      for longest = 2, 40, 2 do
        local size = function() return roll(longest) - roll(2) % 2 end
        assert.same(case.expect, read(parser, case, pieces_of(case.bytes, size)), "pieces up to " .. longest)
      end
      parser:close()
    end)
  end

  it("reads one case after the other on one parser", function()
    local parser = http1.parser {}
    for _ = 1, 2 do
      for _, case in ipairs(corpus) do
        if not case.options then assert.same(case.expect, read(parser, case, { case.bytes })) end
      end
    end
  end)
end)

describe("core.http1.parser", function()
  local answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

  it("tells the status as soon as its line is read, and keeps it through an error", function()
    local parser = http1.parser()
    parser:reset("POST")
    assert.is_nil(parser:status())
    assert.equal("more", parser:feed("HTTP/1.1 403 Forbidden\r"))
    assert.is_nil(parser:status())
    assert.equal("more", parser:feed("\n"))
    assert.equal(403, parser:status())
    local type_of_number = rawget(math, "type") -- Lua 5.3 and later
    if type_of_number then assert.equal("integer", type_of_number(parser:status())) end
    assert.is_nil(parser:feed("broken\r\n"))
    assert.equal(403, parser:status())
    parser:reset("POST")
    assert.is_nil(parser:status())
  end)

  it("refuses at the first byte what is not HTTP, without waiting for a line", function()
    local parser = http1.parser()
    assert.equal("more", parser:feed("HTTP/"))
    assert.same({ nil, "malformed_response", "status line" }, { parser:feed("2") })
  end)

  it("keeps an error until reset, whatever comes", function()
    local parser = http1.parser()
    parser:feed("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")
    for _ = 1, 3 do
      local verdict, name, detail = parser:feed(answer)
      assert.is_nil(verdict)
      assert.equal("malformed_response", name)
      assert.equal("content-length: not one decimal number", detail)
      assert.same({ nil, name, detail }, { parser:finish() })
    end
    parser:reset("GET")
    assert.equal("done", parser:feed(answer))
  end)

  it("stays done, and counts what comes after the answer against reuse", function()
    local parser = http1.parser()
    assert.equal("done", parser:feed(answer))
    assert.is_true(parser:reusable())
    assert.equal("done", parser:feed(""))
    assert.is_true(parser:reusable())
    assert.equal("done", parser:feed("x"))
    assert.is_false(parser:reusable())
    assert.equal("hi", (select(3, parser:result())))
  end)

  it("never shows a byte of the peer in a detail", function()
    local parser = http1.parser()
    for _, bytes in ipairs { "canary", "HTTP/1.1 canary\r\n", "HTTP/1.1 200 canary\0\r\n",
                             "HTTP/1.1 200 OK\r\ncanary canary\r\n", "HTTP/1.1 200 OK\r\ncanary: canary\0\r\n",
                             "HTTP/1.1 200 OK\r\nContent-Length: canary\r\n",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: canary\r\n",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1canary\r\n" } do
      parser:reset("GET")
      local verdict, name, detail = parser:feed(bytes)
      assert.is_nil(verdict)
      assert.is_nil((name .. detail):find("canary"))
    end
  end)

  it("leaves the headers out where they are of no use", function()
    local parser = http1.parser {}
    parser:reset "GET"
    assert.equal("done", parser:feed "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx: y\r\n\r\nhi")
    assert.is_nil((select(2, parser:result(200))))
    assert.same({ ["content-length"] = "2", x = "y" }, (select(2, parser:result(404))))
  end)

  it("hands out for how many idle seconds a connection may be kept, whether or not the headers are made", function()
    local cases = {
      { "keep-alive: timeout=0", 0 }, { "keep-alive: timeout=5", 5 }, { "Keep-Alive: Timeout=5, max=100", 5 }, { "keep-alive: max=1; timeout=7", 7 },
      { "keep-alive: timeout = \" 9\"", 9 }, { "keep-alive: timeout=007", 7 }, { "keep-alive: timeout=5.9", 5 }, { "keep-alive: timeout=5s", 5 },
      { "keep-alive: timeout=60\r\nKEEP-ALIVE: timeout=3", 3 }, { "keep-alive: timeout=3, timeout=60", 3 },
      { "keep-alive: timeout=999999999", 999999999 }, { "keep-alive: timeout=1000000000", true }, { "keep-alive: timeout=" .. ("9"):rep(400), true },
      { "keep-alive: timeout=18446744073709551617", true }, { "keep-alive:", true }, { "keep-alive: =5", true }, { "keep-alive: timeout==5", true },
      { "keep-alive: 5", true }, { "keep-alive: timeouts=5", true }, { "keep-alive: timeout 5", true }, { "keep-alives: timeout=5", true },
      { "keep-alive: timeout=5\r\nconnection: close", false },
    }
    local parser = http1.parser {}
    for _, case in ipairs(cases) do
      for _, without in ipairs { 0, 200 } do
        for _, in_place in ipairs { true, false } do
          parser:reset "GET"
          assert.equal("done", parser:feed("HTTP/1.1 200 OK\r\n" .. case[1] .. "\r\ncontent-length: 2\r\n\r\nok"))
          assert.equal(case[2], (select(4, parser:result(without, in_place))), case[1])
          assert.equal(case[2] ~= false, parser:reusable())
        end
      end
    end
    parser:reset "GET"
    assert.equal("done", parser:feed(answer))
    assert.is_true((select(4, parser:result()))) -- the answer before is forgotten
  end)

  it("leaves a body where it came, when all of it stands in the bytes that came last", function()
    local parser = http1.parser {}
    local head = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"
    local function result(...)
      parser:reset "GET"
      for _, bytes in ipairs { ... } do parser:feed(bytes) end
      local _, _, body, reusable, first, last = parser:result(200, true)
      return { body = body, reusable = reusable, part = first and select(select("#", ...), ...):sub(first, last) }
    end
    assert.same({ reusable = true, part = "hello" }, result(head .. "hello"))
    assert.same({ reusable = true, part = "hello" }, result(head:sub(1, 20), head:sub(21) .. "hello"))
    assert.same({ reusable = true, part = "hello" }, result(head, "hello"))
    assert.same({ reusable = false, part = "hello" }, result(head, "hello and more"))
    assert.same({ reusable = true, body = "hello" }, result(head .. "hel", "lo"))
    assert.same({ reusable = false, body = "hello" }, result(head .. "hello", "more"))
    assert.same({ reusable = true, body = "" }, result "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    assert.same({ reusable = true, body = "hello" },
      result "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
  end)

  it("has no result before the end", function()
    local parser = http1.parser()
    assert.has_error(function() parser:result() end, "eko.parser: there is no whole answer yet")
    parser:feed(answer:sub(1, -2))
    assert.has_error(function() parser:result() end, "eko.parser: there is no whole answer yet")
    parser:feed(answer:sub(-1))
    assert.equal(200, (parser:result()))
    assert.equal(200, (parser:result()))
  end)

  it("reads a body of 8 MiB in pieces and gives its buffer back on reset", function()
    local parser, size = http1.parser(), 8 * 1024 * 1024
    local piece = ("0123456789abcdef"):rep(4096)
    for _ = 1, 2 do
      parser:reset("GET")
      assert.equal("more", parser:feed("HTTP/1.1 200 OK\r\nContent-Length: " .. size .. "\r\n\r\n"))
      local verdict
      for _ = 1, size / #piece do verdict = parser:feed(piece) end
      assert.equal("done", verdict)
      assert.is_true((select(3, parser:result())) == piece:rep(size / #piece))
      assert.is_true(parser:reusable())
    end
    parser:reset("GET")
    assert.equal("done", parser:feed(answer))
    assert.same({ 200, { ["content-length"] = "2" }, "hi", true }, { parser:result() })
  end)

  it("closes more than once, and says so when used afterwards", function()
    local parser = http1.parser()
    parser:feed(answer)
    parser:close()
    parser:close()
    for _, method in ipairs { "reset", "feed", "finish", "status", "result", "reusable" } do
      assert.has_error(function() parser[method](parser, "") end, "eko.parser: it is closed")
    end
    assert.equal("eko.parser", tostring(parser))
  end)

  it("closes half-read parsers at collection", function()
    local alive = setmetatable({}, { __mode = "k" })
    for _ = 1, 200 do
      local parser = http1.parser()
      parser:feed("HTTP/1.1 200 OK\r\nX: half a li")
      alive[parser] = true
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(alive))
  end)

  it("raises on wrong arguments", function()
    local parser = http1.parser { max_head = 100, max_body = 0 }
    assert.error_matches(function() parser:feed(7) end, "string expected")
    assert.error_matches(function() parser:feed() end, "string expected")
    assert.error_matches(function() parser:reset("CONNECT") end, "CONNECT")
    assert.error_matches(function() parser.feed(io.stdout, "x") end, "eko.parser expected")
    assert.error_matches(function() http1.parser(7) end, "table expected")
    assert.error_matches(function() http1.parser { max_heads = 7 } end, 'unknown option "max_heads"')
    for _, wrong in ipairs { -1, 0, 1.5, 0 / 0, 1 / 0, 2 ^ 31, "100", true } do
      assert.error_matches(function() http1.parser { max_head = wrong } end, "max_head must be a whole number")
    end
    assert.error_matches(function() http1.parser { max_body = -1 } end, "max_body must be a whole number")
  end)
end)

describe("core.http1.request", function()
  local function request(changes)
    local r = { method = "POST", target = "/v3/a?b=c", host = "127.0.0.1:8080", headers = { a = "b" }, body = "{}" }
    for key, value in pairs(changes) do r[key] = value end
    return http1.request(r.method, r.target, r.host, r.headers, r.body)
  end

  it("writes the bytes of a POST", function()
    assert.equal("POST /ekoapi/v3/x?a=%20b HTTP/1.1\r\nhost: api.example.com:25002\r\naccept: application/json\r\n" ..
                 "content-type: application/json\r\ndeveloper_key: test-key\r\nsecret-key: c2VjcmV0\r\n" ..
                 "secret-key-timestamp: 1700000000000\r\ncontent-length: 12\r\n\r\n{\"otp\":\"01\"}",
      http1.request("POST", "/ekoapi/v3/x?a=%20b", "api.example.com:25002", {
        ["secret-key-timestamp"] = "1700000000000", developer_key = "test-key", ["secret-key"] = "c2VjcmV0",
        ["content-type"] = "application/json", accept = "application/json" }, "{\"otp\":\"01\"}"))
  end)

  it("writes the bytes of a GET, without a length", function()
    assert.equal("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n", http1.request("GET", "/", "localhost", {}))
    assert.equal("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n", http1.request("GET", "/", "localhost", nil, nil))
    assert.equal("DELETE / HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\n\r\nx",
      http1.request("DELETE", "/", "h", {}, "x"))
    assert.equal("GET / HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n", http1.request("GET", "/", "h", {}, ""))
  end)

  it("gives the length of no body where a body is expected", function()
    for _, method in ipairs { "POST", "PUT", "PATCH" } do
      assert.equal(method .. " / HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n", http1.request(method, "/", "h", {}))
    end
  end)

  it("sorts headers by name, whatever the table's order", function()
    local names = {}
    for i = 1, 60 do names[i] = ("x%02d-%s"):format(i * 37 % 61, i % 2 == 0 and "a" or "b") end
    local function bytes_of(order)
      local headers = {}
      for _, i in ipairs(order) do headers[names[i]] = "v" .. i end
      return http1.request("GET", "/", "h", headers)
    end
    local forward, backward = {}, {}
    for i = 1, #names do forward[i], backward[i] = i, #names + 1 - i end
    local bytes = bytes_of(forward)
    assert.equal(bytes, bytes_of(backward))
    local seen = {}
    for name in bytes:gmatch("\n(x[^:]+): v%d+\r") do seen[#seen + 1] = name end
    table.sort(names)
    assert.same(names, seen)
  end)

  it("sorts without regard to letter case and keeps names as given", function()
    assert.equal("GET / HTTP/1.1\r\nhost: h\r\na: 1\r\nB: 2\r\nb-c: 3\r\nC_d: 4\r\n\r\n",
      http1.request("GET", "/", "h", { C_d = "4", a = "1", ["b-c"] = "3", B = "2" }))
  end)

  it("writes one header before the others when asked to", function()
    local headers = { c = "3", a = "1", b = "2" }
    local function order(first) return (http1.request("GET", "/", "h", headers, nil, first):gsub(".-\r\n(%a): %d", "%1"):match "^%a+") end
    assert.equal("abc", order())
    assert.equal("cab", order "c")
    assert.equal("cab", order "C")
    assert.equal("bac", order "b")
    assert.equal("abc", order "a")
    assert.equal("abc", order "none")
  end)

  it("lets values be empty, hold TAB inside, or bytes above ASCII", function()
    assert.equal("GET / HTTP/1.1\r\nhost: h\r\na: \r\nb: x\ty\r\nc: \195\169\r\n\r\n",
      http1.request("GET", "/", "h", { a = "", b = "x\ty", c = "\195\169" }))
  end)

  it("writes bodies of any bytes and any size", function()
    for _, body in ipairs { "\0\r\n\r\n\255", ("x"):rep(3990), ("x"):rep(4100), ("y"):rep(2000000) } do
      assert.equal("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: " .. #body .. "\r\n\r\n" .. body,
        http1.request("POST", "/", "h", {}, body))
    end
  end)

  it("takes host names and addresses", function()
    for _, host in ipairs { "a", "api.eko.in", "api.eko.in.", "127.0.0.1", "localhost:1", "a-b_c.example:65535",
                            "[::1]", "[2001:DB8::1]:443", "[::ffff:127.0.0.1]:8080" } do
      assert.is_string((request { host = host }), host)
    end
  end)

  -- Each: what is changed, and how the reason must begin. What is refused is never shown.
  local refusals = {
    { { method = "" }, "^method:" }, { { method = "GE T" }, "^method:" }, { { method = "GET\r\n" }, "^method:" },
    { { method = "G\0" }, "^method:" }, { { method = "G/T" }, "^method:" }, { { method = "G\195\169" }, "^method:" },
    { { method = ("G"):rep(33) }, "^method:" }, { { method = "CONNECT" }, "^method:" },
    { { target = "" }, "^target:" }, { { target = "a" }, "^target:" }, { { target = "*" }, "^target:" },
    { { target = "http://127.0.0.1/" }, "^target:" }, { { target = "/a b" }, "^target:" },
    { { target = "/a HTTP/1.1\r\nx: y" }, "^target:" }, { { target = "/a\rb" }, "^target:" },
    { { target = "/a\nb" }, "^target:" }, { { target = "/a\0" }, "^target:" }, { { target = "/a\tb" }, "^target:" },
    { { target = "/a\127" }, "^target:" }, { { target = "/\195\169" }, "^target:" },
    { { target = "/\255" }, "^target:" },
    { { target = "/" .. ("a"):rep(65536) }, "^head:" },
    { { host = "" }, "^host:" }, { { host = "a b" }, "^host:" }, { { host = "a\r\nx: y" }, "^host:" },
    { { host = "a\0" }, "^host:" }, { { host = "a/b" }, "^host:" }, { { host = "user@a" }, "^host:" },
    { { host = ":80" }, "^host:" }, { { host = "a:" }, "^host:" }, { { host = "a:0" }, "^host:" },
    { { host = "a:65536" }, "^host:" }, { { host = "a:123456" }, "^host:" }, { { host = "a:8o" }, "^host:" },
    { { host = "a:80:80" }, "^host:" }, { { host = "a..b" }, "^host:" }, { { host = ".a" }, "^host:" },
    { { host = "-a" }, "^host:" }, { { host = "::1" }, "^host:" }, { { host = "[]" }, "^host:" },
    { { host = "[::1" }, "^host:" }, { { host = "[::g]" }, "^host:" }, { { host = "[::1]80" }, "^host:" },
    { { host = "[::1%25eth0]" }, "^host:" }, { { host = "a%20b" }, "^host:" }, { { host = "\195\169" }, "^host:" },
    { { host = ("a"):rep(262) }, "^host:" },
    { { headers = { "canary" } }, "^header name: not a string" },
    { { headers = { [true] = "canary" } }, "^header name:" },
    { { headers = { [1.5] = "canary" } }, "^header name: not a string" },
    { { headers = { [""] = "canary" } }, "^header name: not a token" },
    { { headers = { ["canary x"] = "1" } }, "^header name:" }, { { headers = { ["canary:"] = "1" } }, "^header name:" },
    { { headers = { ["canary\r\nx"] = "1" } }, "^header name:" },
    { { headers = { ["canary\n"] = "1" } }, "^header name:" },
    { { headers = { ["canary\0"] = "1" } }, "^header name:" },
    { { headers = { ["canary\195\169"] = "1" } }, "^header name:" },
    { { headers = { [("canary"):rep(30)] = "1" } }, "^header name: longer" },
    { { headers = { ["secret-key"] = "canary\r\nx: y" } }, "^header secret%-key: .*CR" },
    { { headers = { developer_key = "canary\n" } }, "^header developer_key: .*CR" },
    { { headers = { x = "canary\r" } }, "^header x: .*CR" }, { { headers = { x = "canary\0" } }, "^header x: .*CR" },
    { { headers = { x = "canary\27 01234567" } }, "^header x: .*CR" },
    { { headers = { x = "canary\127" } }, "^header x: .*CR" },
    { { headers = { x = "01234567canary\31" } }, "^header x: .*CR" }, { { headers = { x = "\1" } }, "^header x: .*CR" },
    { { headers = { x = " canary" } }, "^header x: begins with white space" },
    { { headers = { x = "\tcanary" } }, "^header x: begins with white space" },
    { { headers = { x = "canary " } }, "^header x: ends with white space" },
    { { headers = { x = "canary\t" } }, "^header x: ends with white space" },
    { { headers = { x = 1700000000000 } }, "^header x: its value is not a string" },
    { { headers = { x = true } }, "^header x: its value is not a string" },
    { { headers = { x = {} } }, "^header x: its value is not a string" },
    { { headers = { ["X-a"] = "canary", ["x-A"] = "canary" } }, "^header x%-a: given twice", "ignore case" },
    { { headers = { x = ("canary"):rep(11000) } }, "^head: " },
  }
  for _, name in ipairs { "host", "Host", "content-length", "Content-Length", "transfer-encoding", "TRANSFER-ENCODING",
                          "connection", "Connection", "te", "trailer", "upgrade", "expect", "keep-alive",
                          "proxy-connection" } do
    local pattern = "^header " .. name:gsub("%-", "%%-") .. ": set by"
    refusals[#refusals + 1] = { { headers = { [name] = "canary" } }, pattern }
  end
  do
    local many = {}
    for i = 1, 65 do many["x" .. i] = "canary" end
    refusals[#refusals + 1] = { { headers = many }, "^headers: more than 64" }
  end

  for index, refusal in ipairs(refusals) do
    it("refuses, naming the part and showing no value: " .. index .. " " .. refusal[2], function()
      local bytes, reason = request(refusal[1])
      assert.is_nil(bytes)
      local text = refusal[3] and reason:lower() or reason
      assert.is_truthy(text:find(refusal[2]), reason)
      assert.is_nil(reason:find("canary"))
      assert.is_nil(reason:find("[%c\127-\255]"))
    end)
  end

  it("takes 64 headers", function()
    local headers = {}
    for i = 1, 64 do headers["x" .. i] = "v" end
    assert.is_string((request { headers = headers }))
  end)

  it("refuses each control character at each place of a value and of a target", function()
    for code = 0, 127 do
      local is_control = (code < 32 and code ~= 9) or code == 127
      for place = 0, 17 do
        local value = ("a"):rep(place) .. string.char(code) .. ("b"):rep(17 - place) .. "c"
        if place == 0 then value = "z" .. value end
        local bytes = request { headers = { x = value } }
        assert.equal(is_control, bytes == nil, "byte " .. code .. " at " .. place)
        bytes = request { target = "/" .. value }
        assert.equal(code <= 32 or code == 127, bytes == nil, "byte " .. code .. " at " .. place)
      end
    end
  end)

  it("raises on arguments of a wrong type", function()
    assert.error_matches(function() http1.request(nil, "/", "h", {}) end, "string expected")
    assert.error_matches(function() http1.request("GET", 7, "h", {}) end, "string expected")
    assert.error_matches(function() http1.request("GET", "/", nil, {}) end, "string expected")
    assert.error_matches(function() http1.request("GET", "/", "h", "x: y") end, "table expected")
    assert.error_matches(function() http1.request("GET", "/", "h", {}, {}) end, "string expected")
    assert.error_matches(function() http1.request("GET", "/", "h", {}, 7) end, "string expected")
  end)
end)
