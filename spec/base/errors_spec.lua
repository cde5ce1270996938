local errors = require "eko.base.errors"

describe("an error", function()
  it("is a table with a useful tostring", function()
    local err = errors.new { kind = "api", name = "wrong_otp", message = "the OTP is wrong", code = 302, sent = true }
    assert.equal("eko: api: wrong_otp: the OTP is wrong", tostring(err))
    assert.equal("failed: eko: api: wrong_otp: the OTP is wrong", "failed: " .. err)
    assert.equal(302, err.code)
    assert.is_true(err.sent)
    assert.is_false(err.retryable)
  end)

  it("keeps false, true and nil of sent and retryable apart", function()
    assert.is_false(errors.new({ sent = false }).sent)
    assert.is_nil(errors.new({}).sent)
    assert.is_true(errors.new({ retryable = true }).retryable)
  end)

  it("can be told from other tables", function()
    assert.is_true(errors.is(errors.new {}))
    for _, value in ipairs { {}, "eko: api", 12, print, setmetatable({}, {}) } do
      assert.is_false(errors.is(value))
    end
    assert.is_false(errors.is(nil))
  end)

  it("shows something even when half made", function()
    assert.equal("eko: nil: nil: nil", tostring(errors.new {}))
  end)
end)
