local text = require("eko.core").text

describe("core.text", function()
  it("encodes base64 as RFC 4648 does", function()
    local vectors = { [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==", fooba = "Zm9vYmE=", foobar = "Zm9vYmFy" }
    for plain, encoded in pairs(vectors) do
      assert.equal(encoded, text.base64_encode(plain))
      assert.equal(plain, text.base64_decode(encoded))
    end
  end)

  it("takes every byte through base64 and back, at every length", function()
    local all = {}
    for i = 0, 255 do all[#all + 1] = string.char(i) end
    local bytes = table.concat(all)
    for n = 0, 300 do
      local s = (bytes .. bytes):sub(1, n)
      assert.equal(s, text.base64_decode(text.base64_encode(s)))
    end
    local long = bytes:rep(40)
    assert.equal(long, text.base64_decode(text.base64_encode(long)))
  end)

  it("refuses base64 that is not canonical", function()
    for _, bad in ipairs { "Z", "Zg=", "Zg", "Zh==", "Zm9=", "Z===", "====", "Zm 9v", "Zm9v\n", "Zg==Zg==", "Z-_v" } do
      local decoded, name = text.base64_decode(bad)
      assert.is_nil(decoded, bad)
      assert.equal("invalid_base64", name)
    end
  end)

  it("tells valid UTF-8 from what is not", function()
    for _, good in ipairs { "", "a", "\195\169", "\226\130\172", "\240\159\152\128", "\239\191\191", "\244\143\191\191" } do
      assert.is_true(text.is_utf8(good))
    end
    for _, bad in ipairs { "\128", "\192\128", "\193\191", "\195", "\224\128\128", "\237\160\128", "\240\128\128\128",
      "\244\144\128\128", "\245\128\128\128", "\255", "a\195", "\226\130" } do
      assert.is_false(text.is_utf8(bad))
    end
  end)

  it("makes reference ids that are unique, sort by time and fit the platform's pattern", function()
    local seen, before = {}, nil
    for i = 1, 20000 do
      local id = text.ref_id()
      assert.truthy(id:find("^[A-Za-z0-9_-]+$"))
      assert.equal(20, #id)
      assert.is_nil(seen[id])
      seen[id] = true
      if before and i % 100 == 0 then assert.is_true(before:sub(1, 9) <= id:sub(1, 9)) end
      before = id
    end
    assert.is_true(text.ref_id(1700000000000) < text.ref_id(1700000000001))
    assert.is_true(text.ref_id(999999999999) < text.ref_id(1700000000000))
  end)

  it("knows Verhoeff's check digit", function()
    for _, good in ipairs { "234567890124", "999999990019", "200000000009", "2363" } do assert.is_true(text.verhoeff(good)) end
    for _, bad in ipairs { "123456789012", "234567890123", "2364", "", "1", "23456789012x" } do assert.is_false(text.verhoeff(bad)) end
    assert.equal("4", text.verhoeff_digit("23456789012"))
    assert.is_nil((text.verhoeff_digit("12a")))
    -- every single wrong digit is caught
    local good = "234567890124"
    for i = 1, 12 do
      for d = 0, 9 do
        local other = good:sub(1, i - 1) .. d .. good:sub(i + 1)
        assert.equal(other == good, text.verhoeff(other))
      end
    end
  end)

  it("masks all but the last characters, and all of a short value", function()
    assert.equal("******4444", text.mask("9444444444"))
    assert.equal("XXXXXXXX0124", text.mask("234567890124", 4, "X"))
    assert.equal("****", text.mask("1234"))
    assert.equal("***", text.mask("123"))
    assert.equal("", text.mask(""))
  end)

  it("computes HMAC-SHA256 as RFC 4231 does, and SHA-256", function()
    local hex = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    local bytes = hex:gsub("%x%x", function(h) return string.char(tonumber(h, 16)) end)
    assert.equal(text.base64_encode(bytes), text.hmac_sha256_base64("Jefe", "what do ya want for nothing?"))
    assert.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", text.sha256_hex("abc"))
  end)

  it("compares in constant time and draws random numbers", function()
    assert.is_true(text.constant_time_equal("abc", "abc"))
    assert.is_false(text.constant_time_equal("abc", "abd"))
    assert.is_false(text.constant_time_equal("abc", "abcd"))
    local low, high = 1, 0
    for _ = 1, 1000 do
      local r = text.random()
      assert.is_true(r >= 0 and r < 1)
      low, high = math.min(low, r), math.max(high, r)
    end
    assert.is_true(low < 0.1 and high > 0.9)
    assert.equal(16, #text.random_bytes(16))
    assert.are_not.equal(text.random_bytes(16), text.random_bytes(16))
  end)

  it("has a clock in milliseconds and one that never steps", function()
    assert.is_true(math.abs(text.now_ms() / 1000 - os.time()) < 3)
    local a = text.monotonic()
    assert.is_true(text.monotonic() >= a)
    if math.type then assert.equal("integer", math.type(text.now_ms())) end
  end)

  it("refuses a time that no clock shows", function()
    for _, bad in ipairs { 0 / 0, -(0 / 0), 1 / 0, -1 / 0, 1e300, -1e300, 2 ^ 53 * 2, 2 ^ 63, -2 ^ 63, -1 } do
      assert.is_false((pcall(text.ref_id, bad)), tostring(bad))
    end
    assert.equal(20, #text.ref_id(2 ^ 53))
    assert.equal(20, #text.ref_id(0))
  end)

  it("has a clock that goes on while the machine sleeps: the kernel's uptime", function()
    local file = assert(io.open "/proc/uptime")
    local before, uptime = text.boottime(), file:read "*n"
    file:close()
    assert.is_true(math.abs(uptime - before) < 1)
    assert.is_true(text.boottime() >= before)
  end)
end)
