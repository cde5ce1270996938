local core = require "eko.core"
local sealed = require "eko.base.sealed"

local text = core.text
local key, other_key = ("a"):rep(32), ("b"):rep(32)
local now = 1790000000

local function seal(plaintext, options)
  options = options or {}
  return sealed.seal({ options.key or key }, plaintext or "the state", options.expires_at or now + 60, options.context)
end

local function open(token, options)
  options = options or {}
  return sealed.open(options.keys or { key }, token, options.now or now, options.context)
end

local function refusal(token, options)
  local plaintext, err = open(token, options)
  assert.is_nil(plaintext)
  assert.equal("invalid_request", err.kind)
  assert.is_false(err.sent)
  return err.name
end

local function flip(token, bit)
  local index = math.floor(bit / 8) + 1
  local byte, mask = token:byte(index), 2 ^ (bit % 8)
  local flipped = math.floor(byte / mask) % 2 == 1 and byte - mask or byte + mask
  return token:sub(1, index - 1) .. string.char(flipped) .. token:sub(index + 1)
end

--- The token's bytes behind the prefix, and back.
local function bytes_of(token)
  local standard = token:sub(6):gsub("[-_]", { ["-"] = "+", ["_"] = "/" })
  return text.base64_decode(standard .. ("="):rep(-#standard % 4))
end
local function token_of(bytes)
  return "eko1_" .. text.base64_encode(bytes):gsub("[+/=]", { ["+"] = "-", ["/"] = "_", ["="] = "" })
end

describe("a sealed token", function()
  it("gives back what was sealed, of any length and any bytes", function()
    for length = 0, 100 do
      local plaintext = text.random_bytes(length)
      local token = seal(plaintext)
      assert.equal(plaintext, open(token))
      assert.equal(sealed.length(length), #token)
      assert.truthy(token:find "^eko1_[%w_-]+$")
    end
    local long = ("\0\255x"):rep(2000)
    assert.equal(long, open(seal(long)))
  end)

  it("is another one each time, and tells nothing of what it holds", function()
    local seen = {}
    for _ = 1, 200 do
      local token = seal "9444444444"
      assert.is_nil(seen[token])
      seen[token] = true
      assert.is_nil(bytes_of(token):find("9444444444", 1, true))
    end
  end)

  it("is refused with any single bit changed: all bits of twenty tokens", function()
    local names = {}
    for index = 1, 20 do
      local token = seal(text.random_bytes(index * 7), { context = index % 2 == 0 and "session" or nil })
      for bit = 0, #token * 8 - 1 do
        names[refusal(flip(token, bit), { context = index % 2 == 0 and "session" or nil })] = true
      end
    end
    for name in pairs(names) do
      assert.truthy(name == "tampered_token" or name == "malformed_token" or name == "truncated_token"
        or name == "unknown_token_key" or name == "wrong_token_context" or name == "unsupported_token_version", name)
    end
    assert.is_true(names.tampered_token)
  end)

  it("is refused with any single bit of its bytes changed, expiry and length included", function()
    local bytes = bytes_of(seal())
    for bit = 0, #bytes * 8 - 1 do
      local name = refusal(token_of(flip(bytes, bit)))
      local byte = math.floor(bit / 8)
      if byte < 4 then
        assert.equal("unknown_token_key", name)
      elseif byte == 9 or byte == 10 then
        assert.truthy(name == "truncated_token" or name == "malformed_token" or name == "tampered_token", name)
      elseif byte >= 11 and byte < 15 then
        assert.equal("wrong_token_context", name)
      else
        assert.equal("tampered_token", name)
      end
    end
  end)

  it("is refused when it was cut, at every length, and says so", function()
    for index = 1, 20 do
      local token = seal(text.random_bytes(index * 5))
      assert.equal("malformed_token", refusal "")
      for length = 1, #token - 1 do assert.equal("truncated_token", refusal(token:sub(1, length))) end
      assert.equal("malformed_token", refusal(token .. "A"))
    end
  end)

  it("is refused with every other spelling of its last character", function()
    -- Unused bits of base64: were they let pass, two texts would open as one token.
    for length = 0, 2 do
      local token = seal(("x"):rep(length))
      for byte = 0, 255 do
        local other = token:sub(1, -2) .. string.char(byte)
        if other ~= token then refusal(other) end
      end
    end
  end)

  it("is refused when it is none", function()
    for _, no_token in ipairs { "", "hello", "eko", "eko1", "eko_x", "EKO1_abc", "eko1_a b", "eko1_\0", ("A"):rep(100000) } do
      local name = refusal(no_token)
      assert.truthy(name == "malformed_token" or name == "truncated_token", name)
    end
    assert.equal("malformed_token", refusal(nil))
    assert.equal("malformed_token", refusal(42))
    assert.equal("malformed_token", refusal {})
  end)

  it("is refused when a later version made it, whatever that holds", function()
    local token = seal()
    assert.equal("unsupported_token_version", refusal((token:gsub("^eko1", "eko2"))))
    assert.equal("unsupported_token_version", refusal "eko17_anything")
    assert.equal("unsupported_token_version", refusal "eko01_anything")
    local _, err = open "eko2_x"
    assert.truthy(tostring(err):find "version 2")
  end)

  it("expires, to the second", function()
    local token = seal("x", { expires_at = now + 60 })
    assert.equal("x", open(token, { now = now + 59.9 }))
    assert.equal("expired_token", refusal(token, { now = now + 60 }))
    assert.equal("expired_token", refusal(token, { now = now + 1e6 }))
  end)

  it("opens only with a key that it was sealed with, and keys can be rotated", function()
    local token = seal()
    assert.equal("unknown_token_key", refusal(token, { keys = { other_key } }))
    assert.equal("the state", open(token, { keys = { other_key, key } }))
    local rotated = sealed.seal({ other_key, key }, "new", now + 60)
    assert.equal("new", open(rotated, { keys = { other_key } }))
    assert.equal("unknown_token_key", refusal(rotated, { keys = { key } }))
  end)

  it("opens only in its context", function()
    local bound = seal("x", { context = "session 1" })
    assert.equal("x", open(bound, { context = "session 1" }))
    assert.equal("wrong_token_context", refusal(bound, { context = "session 2" }))
    assert.equal("wrong_token_context", refusal(bound, { context = "" }))
    assert.equal("wrong_token_context", refusal(bound))
    local free = seal "x"
    assert.equal("x", open(free))
    assert.equal("wrong_token_context", refusal(free, { context = "session 1" }))
    assert.equal("wrong_token_context", refusal(free, { context = "" }))
  end)

  it("has the context authenticated with it, not only hinted at", function()
    -- The hint of one token in another one: the context is still not the same.
    local mine, theirs = bytes_of(seal("x", { context = "mine" })), bytes_of(seal("x", { context = "theirs" }))
    local forged = token_of(theirs:sub(1, 11) .. mine:sub(12, 15) .. theirs:sub(16))
    assert.equal("tampered_token", refusal(forged, { context = "mine" }))
  end)

  it("shows neither key nor text in an error", function()
    local secret = "QQQQ secret of the state"
    local token = seal(secret)
    for _, options in ipairs { { keys = { other_key } }, { context = "my session" }, { now = now + 1e6 } } do
      local _, err = open(token, options)
      local shown = tostring(err)
      for _, hidden in ipairs { secret, key, other_key, "my session", token } do
        assert.is_nil(shown:find(hidden, 1, true))
      end
    end
  end)

  it("refuses a key that is too short, and no key", function()
    for _, bad in ipairs { "short", ("x"):rep(31), {}, { ("x"):rep(32), "short" }, 5, true } do
      assert.has_error(function() sealed.keys(bad, 1) end)
    end
    assert.same({ key }, sealed.keys(key, 1))
    assert.same({ key, other_key }, sealed.keys({ key, other_key }, 1))
  end)

  it("is the same on every Lua: one that was sealed with known values opens", function()
    -- Made once, on Lua 5.4; the specs run it on LuaJIT too.
    local fixed = "eko1_vCx6kgBqsTu8ACywc1Hnvn9TsKs_x2110g9JyWLS98CH4wn7PKDTIDUqT3uT6dAePfb63_KYUNivP3Y"
    assert.equal("from another Lua", open(fixed))
  end)
end)

describe("AES-256-GCM in the core", function()
  it("agrees with OpenSSL's published vector (test case 14 of the GCM specification)", function()
    -- All-zero key, nonce and plaintext block: ciphertext and tag are published.
    local function hex(h) return (h:gsub("%x%x", function(d) return string.char(tonumber(d, 16)) end)) end
    local box = ("\0"):rep(12) .. hex "cea7403d4d606b6e074ec5d3baf39d18" .. hex "d0d1c8a799996bf0265b98b5d48ab919"
    assert.equal(("\0"):rep(16), core.unseal(("\0"):rep(32), box, ""))
    local _, name = core.unseal(("\0"):rep(32), box, "other data")
    assert.equal("not_authentic", name)
  end)

  it("refuses a key of another length, and what is too short to be sealed", function()
    assert.has_error(function() core.seal("short", "x", "") end)
    assert.has_error(function() core.unseal(("k"):rep(33), "x", "") end)
    local nothing, name = core.unseal(("k"):rep(32), ("x"):rep(27), "")
    assert.is_nil(nothing)
    assert.equal("not_authentic", name)
  end)
end)
