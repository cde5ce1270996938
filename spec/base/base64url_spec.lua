-- Base64 for URLs: without padding, + and /.
local base64url = require "eko.base.base64url"

describe("base64url", function()
  it("writes what RFC 4648 has as examples, without padding", function()
    for bytes, chars in pairs { [""] = "", f = "Zg", fo = "Zm8", foo = "Zm9v", foob = "Zm9vYg", fooba = "Zm9vYmE", foobar = "Zm9vYmFy" } do
      assert.equal(chars, base64url.encode(bytes))
      assert.equal(bytes, base64url.decode(chars))
    end
  end)

  it("has - and _ where base64 has + and /", function()
    assert.equal("-_-_", base64url.encode "\251\255\191")
    assert.equal("\251\255\191", base64url.decode "-_-_")
  end)

  it("gives all bytes back", function()
    local all = {}
    for code = 0, 255 do all[#all + 1] = string.char(code) end
    local bytes = table.concat(all)
    for length = 250, 256 do
      local chars = base64url.encode(bytes:sub(1, length))
      assert.is_nil(chars:find "[^A-Za-z0-9_-]")
      assert.equal(bytes:sub(1, length), base64url.decode(chars))
    end
  end)

  it("gives nothing for what is none", function()
    for _, chars in ipairs { "A", "A*AA", "AAAA=A", "AA AA" } do assert.is_nil(base64url.decode(chars), chars) end
  end)

  it("writes as many random bytes as are asked for, new ones each time", function()
    assert.equal(22, #base64url.random(16))
    assert.equal(16, #base64url.decode(base64url.random(16)))
    assert.not_equal(base64url.random(16), base64url.random(16))
  end)
end)
