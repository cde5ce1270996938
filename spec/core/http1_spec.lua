local core = require "eko.core"
local http1 = core.http1

local corpus = {}
for _, file in ipairs { "http1_corpus.lua", "http1_hostile.lua", "http1_forms.lua" } do
  for _, case in ipairs(dofile("spec/fixtures/" .. file)) do corpus[#corpus + 1] = case end
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

local function make(options)
  options = options or {}
  return http1.exchange(options.max_body, options.max_head)
end

-- What feeding said, in one word, and for an error its name and detail.
local function verdict_of(state, goes_on)
  if goes_on then return "more" end
  local status, err = state:result()
  if status then return "done" end
  return nil, err.name, err.message
end

local function feed(state, bytes) return verdict_of(state, state:feed(bytes)) end

local function finish(state) return verdict_of(state, state:feed(nil, "closed")) end

local function keep_of(state) return (select(4, state:result())) end

-- What a caller learns from an answer in these pieces, in the shape of a case's `expect`.
local function read(state, case, pieces)
  state:begin(case.method or "GET")
  state:sent(1)
  local verdict, name, detail = "more", nil, nil
  for _, piece in ipairs(pieces) do
    local before = verdict
    verdict, name, detail = feed(state, piece)
    if before ~= "more" then assert.equal(before, verdict) end
  end
  if case.close then verdict, name, detail = finish(state) end
  local seen = {}
  if verdict == "done" then
    local keep
    seen.status, seen.headers, seen.body, keep = state:result()
    seen.reusable = keep ~= false
  elseif verdict == "more" then
    seen.more = true
    state:feed(nil, "timeout")
  else
    assert.is_nil(verdict)
    seen.error = name
    assert.is_truthy(detail:find(case.expect.detail or "^unexpected error$"), case.name .. ": " .. detail)
    seen.detail = case.expect.detail
  end
  if not seen.status then
    local _, err = state:result()
    assert.equal("receive", err.phase)
    assert.equal(case.expect.status and true, err.sent) -- a head that came is proof that the request was received
    seen.status = err.sent and case.expect.status
  end
  return seen
end

describe("core.http1.exchange: the corpus", function()
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
      local state = make(case.options)
      assert.same(case.expect, read(state, case, { case.bytes }))
      assert.same(case.expect, read(state, case, pieces_of(case.bytes, function() return 1 end)))
      local roll = dice(index)
      for longest = 2, 40, 2 do
        local size = function() return roll(longest) - roll(2) % 2 end
        assert.same(case.expect, read(state, case, pieces_of(case.bytes, size)), "pieces up to " .. longest)
      end
      state:close()
    end)
  end

  it("reads one case after the other on one parser", function()
    local state = make()
    for _ = 1, 2 do
      for _, case in ipairs(corpus) do
        if not case.options then assert.same(case.expect, read(state, case, { case.bytes })) end
      end
    end
  end)
end)

describe("core.http1.exchange", function()
  local answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

  it("knows that the request was received as soon as the status line is read, and keeps that through an error", function()
    local state = make()
    for _, case in ipairs { { "HTTP/1.1 403 Forbidden\r", nil }, { "HTTP/1.1 403 Forbidden\r\n", true },
                            { "HTTP/1.1 403 Forbidden\r\nbroken\r\n", true }, { "HTTP/1.1 100 Continue\r\n\r\n", nil } } do
      state:begin("POST")
      state:feed(case[1])
      state:feed(nil, "closed")
      assert.equal(case[2], select(2, state:result()).sent)
    end
  end)

  -- { what sending said, or nil where all was taken; what feeding says then ...; name, phase, sent, whether another may be asked of a
  -- connection that was idle before }
  it("tells what was sent, and when another connection may be asked", function()
    for _, case in ipairs {
      { { nil, "timeout", 0 }, {}, "timeout", "send", false, false },
      { { nil, "timeout", 7 }, {}, "timeout", "send", false, false },
      { { nil, "closed", 0 }, {}, "connection_closed", "send", false, true },
      { { nil, "connection reset by peer", 0 }, {}, "connection_reset", "send", false, true },
      { { nil, "broken pipe", 1 }, {}, "connection_reset", "send", false, false },
      { { nil, "closed" }, {}, "connection_closed", "send", false, false },
      { { false }, {}, "connection_reset", "send", false, false },
      { { 9 }, { { nil, "closed" } }, "connection_closed", "receive", nil, false },
      { { 9 }, { { nil, "timeout" } }, "timeout", "receive", nil, false },
      { { 9 }, { { nil, "connection reset by peer" } }, "connection_reset", "receive", nil, false },
      { { 9 }, { { "HTTP/1.1 200" }, { nil, "timeout" } }, "timeout", "receive", nil, false },
      { { 9 }, { { "HTTP/1.1 200 OK\r\n" }, { nil, "timeout" } }, "timeout", "receive", true, false },
      { { 9 }, { { "HTTP/1.1 200 OK\r\n" }, { nil, "reset" } }, "connection_reset", "receive", true, false },
      { { 9 }, { { "nonsense" } }, "malformed_response", "receive", nil, false },
    } do
      local state = make()
      state:begin("POST", 1 / 0)
      local goes_on = state:sent(case[1][1], case[1][2], case[1][3])
      for _, step in ipairs(case[2]) do
        assert.is_true(goes_on)
        goes_on = state:feed(step[1], step[2])
      end
      assert.is_false(goes_on)
      for _, reused in ipairs { true, false } do
        local status, err, again = state:result(nil, reused)
        assert.is_nil(status)
        assert.same({ case[3], case[4], case[5] }, { err.name, err.phase, err.sent })
        assert.equal(reused and case[6], again)
        assert.is_string(err.message)
      end
    end
  end)

  -- Whatever is said to it in whatever order: it ends once, what ended it stays, nothing that left is called unsent, and no other
  -- connection is asked for what one has taken.
  it("keeps its promises in any order of events", function()
    local roll, state, ended = dice(4711), make(), { done = 0, failed = 0, again = 0 }
    local pieces = { answer, answer:sub(1, 5), answer:sub(6), "", "nonsense", "HTTP/1.1 200 OK\r\n", "X: a\r\n", " b\r\n", "\r\n",
      "Content-Length: 2\r\n", "hi" }
    local words = { "timeout", "closed", "connection reset by peer", "" }
    for _ = 1, 5000 do
      state:begin(roll(5) == 1 and "HEAD" or "POST", roll(3) == 1 and 0 or nil)
      local is_sent, has_bytes, first = false, false, nil
      for _ = 1, roll(6) do
        local goes_on
        if roll(2) == 1 then
          local ok = roll(3) > 1
          is_sent = is_sent or ok
          goes_on = state:sent(ok and 1 or nil, words[roll(4)], roll(2) == 1 and 0 or nil)
        elseif roll(3) > 1 then
          local piece = pieces[roll(#pieces)]
          is_sent, has_bytes = true, has_bytes or piece ~= ""
          goes_on = state:feed(piece)
        else
          goes_on = state:feed(nil, words[roll(4)])
        end
        local status, err, again
        if goes_on then assert.is_nil(first) else status, err, again = state:result(nil, true) end
        if err and not status then
          first = first or err
          assert.same({ first.name, first.message }, { err.name, err.message })
          if is_sent then assert.is_not_false(err.sent) end
          if err.sent then assert.is_true(has_bytes) end
          if again then assert.same({ false, "send" }, { err.sent, err.phase }) end
          ended.failed, ended.again = ended.failed + 1, ended.again + (again and 1 or 0)
        elseif status then
          assert.is_nil(first)
          ended.done = ended.done + 1
        end
      end
    end
    for what, count in pairs(ended) do assert.is_true(count > 100, what .. " " .. count) end
  end)

  it("is over when an answer is not whole at the deadline, and takes one that is", function()
    local state = make()
    local now = state:begin("GET", 0)
    assert.is_true(now > 0)
    assert.is_false(state:feed(answer:sub(1, -2)))
    assert.same({ "timeout", true }, { select(2, state:result()).name, select(2, state:result()).sent })
    state:begin("GET", 0)
    assert.is_false(state:feed(answer))
    assert.equal(200, (state:result()))
  end)

  it("tells when first and last byte came", function()
    local state = make()
    state:begin("GET")
    state:feed(answer:sub(1, 5))
    core.connection.sleep(0.05)
    state:feed(answer:sub(6))
    local first, last = select(5, state:result())
    assert.is_true(first >= 0 and last >= first + 0.05)
  end)

  it("keeps words of a socket that are longer than it likes, cut", function()
    local state = make()
    state:begin("GET")
    state:feed(nil, ("x"):rep(5000))
    assert.equal(("x"):rep(255), select(2, state:result()).message)
  end)

  it("refuses at the first byte what is not HTTP, without waiting for a line", function()
    local state = make()
    assert.equal("more", feed(state, "HTTP/"))
    assert.same({ nil, "malformed_response", "status line" }, { feed(state, "2") })
  end)

  it("keeps an error until it begins anew, whatever comes", function()
    local state = make()
    state:feed("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")
    for _ = 1, 3 do
      local verdict, name, detail = feed(state, answer)
      assert.is_nil(verdict)
      assert.equal("malformed_response", name)
      assert.equal("content-length: not one decimal number", detail)
      assert.same({ nil, name, detail }, { finish(state) })
      assert.same({ nil, name, detail }, { verdict_of(state, state:feed(nil, "timeout")) })
    end
    state:begin("GET")
    assert.equal("done", feed(state, answer))
  end)

  it("stays done, and counts what comes after the answer against keeping the connection", function()
    local state = make()
    assert.equal("done", feed(state, answer))
    assert.is_truthy(keep_of(state))
    assert.equal("done", feed(state, ""))
    assert.is_truthy(keep_of(state))
    assert.equal("done", feed(state, "x"))
    assert.is_false(keep_of(state))
    assert.equal("hi", (select(3, state:result())))
  end)

  it("never shows a byte of the peer in a detail", function()
    local state = make()
    for _, bytes in ipairs { "canary", "HTTP/1.1 canary\r\n", "HTTP/1.1 200 canary\0\r\n",
                             "HTTP/1.1 200 OK\r\ncanary canary\r\n", "HTTP/1.1 200 OK\r\ncanary: canary\0\r\n",
                             "HTTP/1.1 200 OK\r\nContent-Length: canary\r\n\r\n",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: canary\r\n\r\n", "HTTP/1.1 200 OK\r\n canary\r\n",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1canary\r\n" } do
      state:begin("GET")
      local verdict, name, detail = feed(state, bytes)
      assert.is_nil(verdict)
      assert.is_nil((name .. detail):find("canary"))
    end
  end)

  it("leaves the headers out where they are of no use", function()
    local state = make()
    assert.equal("done", feed(state, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx: y\r\n\r\nhi"))
    assert.is_nil((select(2, state:result(200))))
    assert.same({ ["content-length"] = "2", x = "y" }, (select(2, state:result(404))))
    for _, coding in ipairs { "gzip", "identity", "", "GZIP", "br, identity" } do -- whoever cannot read the body has to know
      state:begin("GET")
      assert.equal("done", feed(state, "HTTP/1.1 200 OK\r\nContent-Encoding: " .. coding .. "\r\ncontent-length: 2\r\n\r\nhi"))
      assert.same({ ["content-length"] = "2", ["content-encoding"] = coding }, (select(2, state:result(200))))
    end
    state:begin("GET")
    feed(state, "HTTP/1.1 103 x\r\nContent-Encoding: gzip\r\n\r\n" .. answer)
    assert.is_nil((select(2, state:result(200))))
  end)

  it("keeps a connection for a second less than the peer says it does, whether or not the headers are made", function()
    local LONG = 999999999 -- when it says nothing, or nonsense
    local cases = {
      { "keep-alive: timeout=0", false }, { "keep-alive: timeout=1", false }, { "keep-alive: timeout=2", 1 }, { "keep-alive: timeout=5", 4 },
      { "Keep-Alive: Timeout=5, max=100", 4 }, { "keep-alive: max=1; timeout=7", 6 },
      { "keep-alive: timeout = \" 9\"", 8 }, { "keep-alive: timeout=007", 6 }, { "keep-alive: timeout=5.9", 4 }, { "keep-alive: timeout=5s", 4 },
      { "keep-alive: timeout=60\r\nKEEP-ALIVE: timeout=3", 2 }, { "keep-alive: timeout=3, timeout=60", 2 },
      { "keep-alive: timeout=999999999", 999999998 }, { "keep-alive: timeout=1000000000", LONG }, { "keep-alive: timeout=" .. ("9"):rep(400), LONG },
      { "keep-alive: timeout=18446744073709551617", LONG }, { "keep-alive:", LONG }, { "keep-alive: =5", LONG }, { "keep-alive: timeout==5", LONG },
      { "keep-alive: 5", LONG }, { "keep-alive: timeouts=5", LONG }, { "keep-alive: timeout 5", LONG }, { "keep-alives: timeout=5", LONG },
      { "keep-alive: timeout=5\r\nconnection: close", false },
    }
    local state = make()
    for _, case in ipairs(cases) do
      for _, without in ipairs { 0, 200 } do
        state:begin("GET")
        assert.equal("done", feed(state, "HTTP/1.1 200 OK\r\n" .. case[1] .. "\r\ncontent-length: 2\r\n\r\nok"))
        assert.equal(case[2], (select(4, state:result(without))), case[1])
      end
    end
    state:begin("GET")
    assert.equal("done", feed(state, answer))
    assert.equal(LONG, keep_of(state)) -- the answer before is forgotten
  end)

  it("has no result before the end", function()
    local state = make()
    assert.has_error(function() state:result() end, "eko.exchange: it is not over yet")
    state:feed(answer:sub(1, -2))
    assert.has_error(function() state:result() end, "eko.exchange: it is not over yet")
    state:feed(answer:sub(-1))
    assert.equal(200, (state:result()))
    assert.equal(200, (state:result()))
  end)

  it("reads a body of 8 MiB in pieces and gives its buffer back when it begins anew", function()
    local state, size = make(), 8 * 1024 * 1024
    local piece = ("0123456789abcdef"):rep(4096)
    for _ = 1, 2 do
      state:begin("GET")
      assert.equal("more", feed(state, "HTTP/1.1 200 OK\r\nContent-Length: " .. size .. "\r\n\r\n"))
      local verdict
      for _ = 1, size / #piece do verdict = feed(state, piece) end
      assert.equal("done", verdict)
      assert.is_true((select(3, state:result())) == piece:rep(size / #piece))
      assert.is_truthy(keep_of(state))
    end
    state:begin("GET")
    assert.equal("done", feed(state, answer))
    local status, headers, body = state:result()
    assert.same({ 200, { ["content-length"] = "2" }, "hi" }, { status, headers, body })
  end)

  it("closes more than once, and says so when used afterwards", function()
    local state = make()
    state:feed(answer)
    state:close()
    state:close()
    for _, method in ipairs { "begin", "sent", "feed", "result" } do
      assert.has_error(function() state[method](state, "") end, "eko.exchange: it is closed")
    end
    assert.equal("eko.exchange", tostring(state))
  end)

  it("closes half-read ones at collection", function()
    local alive = setmetatable({}, { __mode = "k" })
    for _ = 1, 200 do
      local state = make()
      state:feed("HTTP/1.1 200 OK\r\nX: half a li")
      alive[state] = true
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(alive))
  end)

  it("raises on wrong arguments", function()
    local state = http1.exchange(0, 100)
    assert.error_matches(function() state:feed(7) end, "string expected")
    assert.error_matches(function() state:begin() end, "string expected")
    assert.error_matches(function() state:begin("CONNECT") end, "CONNECT")
    assert.error_matches(function() state.feed(io.stdout, "x") end, "eko.exchange expected")
    for _, wrong in ipairs { -1, 1.5, 0 / 0, 1 / 0, 2 ^ 31 } do
      assert.error_matches(function() http1.exchange(1, wrong) end, "a whole number of bytes")
      assert.error_matches(function() http1.exchange(wrong) end, "a whole number of bytes")
    end
    assert.error_matches(function() http1.exchange(1, 0) end, "a whole number of bytes")
    assert.error_matches(function() http1.exchange(true) end, "number expected")
  end)
end)
