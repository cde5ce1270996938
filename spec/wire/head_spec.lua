local core = require "eko.core"
local head = require "eko.wire.head"

describe("eko.wire.head", function()
  local function request(changes)
    local r = { method = "POST", target = "/v3/a?b=c", host = "127.0.0.1:8080", headers = { a = "b" } }
    for key, value in pairs(changes) do r[key] = value end
    return head.write(r.method, r.target, r.host, r.headers)
  end

  it("writes the whole of a request without a body, where nothing is signed", function()
    assert.equal("GET /ekoapi/v3/x?a=%20b HTTP/1.1\r\nhost: api.example.com:25002\r\naccept: application/json\r\n" ..
                 "developer_key: test-key\r\n\r\n",
      head.write("GET", "/ekoapi/v3/x?a=%20b", "api.example.com:25002", { developer_key = "test-key", accept = "application/json" }))
    assert.equal("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n", head.write("GET", "/", "localhost", {}))
  end)

  it("leaves places for path, signature and timestamp, which core.emitter wants", function()
    assert.equal("POST /v3\0 HTTP/1.1\r\nhost: h\r\nb: \0\r\na: x\r\nc: \0\r\n", head.write("POST", "/v3", "h", { a = "x", b = 1, c = 2 }, "b"))
    for _, headers in ipairs { { a = 1 }, { a = 2 }, { a = 2, b = 1 }, { a = 1, b = 1 }, { a = 1, b = 2, c = 2 } } do
      assert.error(function() head.write("GET", "", "h", headers) end)
    end
    local signer, timestamps = core.signer "k", core.timestamps(0, 1)
    for _, text in ipairs { "\0", "\0\0", "\0\0\0\0" } do
      assert.error_matches(function() core.emitter(signer, timestamps, text) end, "a head of three places")
    end
  end)

  it("sorts headers by name, whatever the table's order", function()
    local names = {}
    for i = 1, 60 do names[i] = ("x%02d-%s"):format(i * 37 % 61, i % 2 == 0 and "a" or "b") end
    local function bytes_of(order)
      local headers = {}
      for _, i in ipairs(order) do headers[names[i]] = "v" .. i end
      return head.write("GET", "/", "h", headers)
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
      head.write("GET", "/", "h", { C_d = "4", a = "1", ["b-c"] = "3", B = "2" }))
  end)

  it("writes one header before the others when asked to", function()
    local headers = { c = "3", a = "1", b = "2" }
    local function order(first) return (head.write("GET", "/", "h", headers, first):gsub(".-\r\n(%a): %d", "%1"):match "^%a+") end
    assert.equal("abc", order())
    assert.equal("cab", order "c")
    assert.equal("cab", order "C")
    assert.equal("bac", order "b")
    assert.equal("abc", order "a")
    assert.equal("abc", order "none")
  end)

  it("lets values be empty, hold TAB inside, or bytes above ASCII", function()
    assert.equal("GET / HTTP/1.1\r\nhost: h\r\na: \r\nb: x\ty\r\nc: \195\169\r\n\r\n",
      head.write("GET", "/", "h", { a = "", b = "x\ty", c = "\195\169" }))
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
    { { target = "a" }, "^target:" }, { { target = "*" }, "^target:" },
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
    { { headers = { x = 1.5 } }, "^header x: its value is not a string" }, { { headers = { x = 0 } }, "^header x: its value is not a string" },
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
end)
