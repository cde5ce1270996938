-- What a draft is asked for: the bytes of an attempt, its parts; and how it is used again.
local core = require "eko.core"
local drafts_of = require "spec.support.drafts"

local plan_of, draft_of = drafts_of.plan_of, drafts_of.draft_of

describe("the views of a draft", function()
  local NOW = 1790000000000
  local drafts = plan_of({ { name = "customer_id", place = "path", tail = "/t" }, { name = "x" } }, true, "/c/")
  local gets = plan_of({ { name = "x", place = "query" } }, false)

  local function head_of(target)
    return "POST " .. target .. "\0 HTTP/1.1\r\nhost: h\r\nsecret-key: \0\r\nsecret-key-timestamp: \0\r\na: b\r\n"
  end

  local function emitters(target)
    local signer, timestamps = core.signer "k", core.timestamps(0, 1)
    return core.emitter(signer, timestamps, head_of(target or "/base")), core.emitter(signer, timestamps, "http://h/base"), signer, timestamps
  end

  it("are the signed bytes of one attempt, and of a further one", function()
    local emit, sign, signer = emitters()
    local draft = drafts { customer_id = "7", x = "é" }
    for index = 0, 2 do
      local _, at, more = emit(draft, NOW)
      local digits = ("%.0f"):format(NOW + 2 * index)
      assert.same({ NOW + 2 * index }, { at, more })
      assert.equal(("POST /base/c/7/t HTTP/1.1\r\nhost: h\r\nsecret-key: %s\r\nsecret-key-timestamp: %s\r\na: b\r\ncontent-length: 10\r\n\r\n"):format(
        signer:sign(digits), digits) .. '{"x":"é"}', draft:bytes())
      digits = ("%.0f"):format(NOW + 2 * index + 1)
      assert.same({ signer:sign(digits), NOW + 2 * index + 1, digits, "http://h/base/c/7/t", '{"x":"é"}' }, { sign(draft, NOW) })
    end
    assert.equal(4, select("#", sign(gets { x = "v" }, NOW)))
    local bytes = emit(gets { x = "v" }, NOW):bytes()
    assert.truthy(bytes:find "^POST /base/p%?x=v HTTP/1.1\r\n")
    assert.falsy(bytes:find("content-length", 1, true))
    assert.truthy(bytes:find "\r\n\r\n$")
  end)

  it("are none while there is no timestamp: then it says how long to wait", function()
    local emit, sign, _, timestamps = emitters()
    local draft = drafts { customer_id = "7" }
    timestamps:next(NOW + 60000)
    for _ = 1, 60001 do
      if not timestamps:next(NOW) then break end
    end
    for _, each in ipairs { emit, sign } do
      local bytes, wait, more = each(draft, NOW)
      assert.same({ nil, nil, "number" }, { bytes, more, type(wait) })
      assert.is_true(wait >= 1)
    end
  end)

  it("have a head of at most 64 KiB, with 128 bytes to spare, and take no timestamp otherwise", function()
    local emit, _, _, timestamps = emitters("/" .. ("b"):rep(40000))
    local function with(n) return emit(drafts { customer_id = "7", x = ("y"):rep(200) }, n) end
    assert.is_string(with(NOW):bytes())
    local long = core.plan("/", false, { { name = "x", place = "query", type = "string", max = 70000, key = "x=" } })
    -- The first length that is refused, by halving.
    local good, bad = 0, 65536
    while bad - good > 1 do
      local middle = math.floor((good + bad) / 2)
      local bytes, reason = emit(long { x = ("z"):rep(middle) }, NOW)
      if bytes then
        good = middle
      else
        assert.equal("head: request line and headers are larger than 65536 bytes", reason)
        bad = middle
      end
    end
    local last = timestamps:last()
    assert.is_nil((emit(long { x = ("z"):rep(bad) }, NOW)))
    assert.equal(last, timestamps:last())
    local bytes = emit(long { x = ("z"):rep(good) }, NOW):bytes()
    -- Without signature, timestamp and the empty line, with a byte for each of the three places.
    assert.equal(65536, #bytes - 44 - 13 - 2 + 3 + 128)
  end)

  it("are gone once it was released or closed, but not before", function()
    local emit, sign = emitters()
    local draft = drafts { customer_id = "7", x = "v" }
    for _, way in ipairs { "release", "close" } do
      draft = draft_of(drafts, { customer_id = "7", x = "v" }, { spare = draft })
      assert.equal("v", draft:value "x")
      assert.error_matches(function() draft.bytes(draft) end, "bad argument #1 to .* %(the draft has emitted nothing%)$")
      for _ = 1, 2 do assert.equal(0, select("#", draft[way](draft))) end
      for _, name in ipairs { "path", "body", "bytes", "value", "client_ref_id", "secrets" } do
        assert.error_matches(function() draft[name](draft, "x") end, "bad argument #1 to .* %(the draft was released%)$")
      end
      for _, each in ipairs { emit, sign } do assert.error_matches(function() each(draft, NOW) end, "the draft was released") end
    end
    for _, name in ipairs { "path", "body", "bytes", "value", "client_ref_id", "secrets", "release", "close" } do
      for _, wrong in ipairs { 7, io.stdout, "x" } do assert.error(function() draft[name](wrong, "x") end) end
    end
  end)

  it("are of the spare draft where there is one that was released", function()
    local draft = drafts { customer_id = "7", x = "v" }
    local other = draft_of(drafts, { customer_id = "8" }, { spare = draft })
    assert.are_not.equal(draft, other)
    assert.same({ "/c/7/t", "/c/8/t" }, { draft:path(), other:path() })
    draft:release()
    assert.equal(draft, (draft_of(gets, { x = "w" }, { spare = draft })))
    assert.same({ "/p?x=w" }, { draft:path(), draft:body() })
    assert.same({ x = "w" }, draft:secrets())
    draft:release()
    local refused, problems = draft_of(drafts, { x = true }, { spare = draft })
    assert.same({ nil, { { 2, "type" } } }, { refused, problems })
    assert.error_matches(function() draft:path() end, "the draft was released")
    assert.equal(draft, (draft_of(drafts, { customer_id = "9" }, { spare = draft })))
    assert.same({ "/c/9/t", "{}" }, { draft:path(), draft:body() })
    local signer, timestamps = core.signer "k", core.timestamps()
    signer:close()
    timestamps:close()
    for _, wrong in ipairs { io.stdout, 7, "x", core.signer "k", core.timestamps(), signer, timestamps } do
      assert.equal("/c/1/t", draft_of(drafts, { customer_id = "1" }, { spare = wrong }):path())
    end
  end)

  it("can be large, and the draft small again", function()
    local big = core.plan("/", true, { { name = "x", place = "body", type = "string", max = 1000000, key = '"x":' } })
    local draft = big { x = ("y"):rep(500000) }
    assert.equal(500008, #draft:body())
    draft:release()
    assert.equal(draft, (draft_of(big, { x = "z" }, { spare = draft })))
    assert.equal('{"x":"z"}', draft:body())
    draft = big { x = ("y"):rep(500000) }
    draft:release()
    assert.equal("{}", draft_of(big, {}, { spare = draft }):body())
  end)

  it("are emitted by what signs and draws, and by nothing else", function()
    local signer, timestamps = core.signer "k", core.timestamps(0, 1)
    for _, wrong in ipairs { "", 7, false, io.stdout } do
      assert.error(function() core.emitter(wrong, timestamps, "http://h") end)
      assert.error(function() core.emitter(signer, wrong, "http://h") end)
    end
    for _, wrong in ipairs { false, {}, io.stdout, "a\0", "a\0b\0", "a\0b\0c\0d\0", "\0\0\0\0" } do
      assert.error(function() core.emitter(signer, timestamps, wrong) end)
    end
    for _, wrong in ipairs { "a\0", "a\0b\0", "\0\0\0\0" } do
      assert.error_matches(function() core.emitter(signer, timestamps, wrong) end, "bad argument #3 to .* %(a head of three places%)$")
    end
    assert.error(function() core.emitter(signer, timestamps) end)
    assert.error(function() core.emitter(timestamps, signer, "http://h") end)
    local emit = core.emitter(signer, timestamps, "http://h/\195\169", "what comes after")
    for _, wrong in ipairs { 7, io.stdout, signer } do assert.error(function() emit(wrong) end) end
    assert.is_string((emit(drafts { customer_id = "1" })))
  end)

  it("are sent over a connection as they were emitted, and a text as it is; nothing else is", function()
    local listener = assert(require("socket").bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    local emit = emitters()
    local draft = drafts { customer_id = "7" }
    assert(emit(draft, NOW))
    for _, request in ipairs { "GET /text HTTP/1.1\r\nhost: h\r\n\r\n", draft } do
      local raw = assert(core.connection.network():connect("http://127.0.0.1:" .. port, 2))
      local peer, state = assert(listener:accept()), core.http1.exchange()
      peer:settimeout(5)
      state:begin("GET", core.text.monotonic() + 5)
      for _, wrong in ipairs { 7, false, {}, io.stdout, drafts { customer_id = "8" } } do
        assert.error(function() raw:drive(state, wrong, false) end)
      end
      raw:drive(state, request, false)
      local bytes = type(request) == "string" and request or request:bytes()
      assert.equal(bytes, (peer:receive(#bytes)))
      raw:close()
      peer:close()
    end
    listener:close()
  end)
end)
