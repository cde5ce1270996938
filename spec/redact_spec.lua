local redact = require "eko.redact"

describe("redact.mask", function()
  it("shows four digits of an Aadhaar number and of a mobile, and nothing else that is sensitive", function()
    assert.equal("XXXXXXXX0124", redact.mask("aadhar", "234567890124"))
    assert.equal("XXXXXXXX0124", redact.mask("aadhaar", 234567890124))
    assert.equal("******4444", redact.mask("customer_id", "9444444444"))
    assert.equal("******4444", redact.mask("recipient_mobile", "9444444444"))
    for _, name in ipairs {
      "otp", "pan", "pan_number", "piddata", "wallet_token", "developer_key", "access_key", "secret-key", "secret_key",
      "Secret-Key", "account", "dob", "residence_address", "OTP",
    } do
      assert.equal("[redacted]", redact.mask(name, "value"), name)
      assert.is_true(redact.is_sensitive(name))
    end
    assert.equal("[redacted]", redact.mask("residence_address", { "12 Lake Road" }))
    assert.equal("[redacted]", redact.mask("aadhar", "1234"))
    assert.equal("[redacted]", redact.mask("aadhar", {}))
  end)

  it("leaves the rest alone", function()
    assert.equal("ref", redact.mask("otp_ref_id", "ref"))
    assert.equal(5, redact.mask("amount", 5))
    assert.equal("", redact.mask("otp", ""))
    assert.is_nil(redact.mask("otp", nil))
    assert.is_false(redact.is_sensitive("customer_id"))
    assert.is_false(redact.is_sensitive("tid"))
  end)
end)

describe("redact.text", function()
  it("removes the values of a call", function()
    assert.equal("otp [redacted]!", redact.text("otp 0123!", { otp = "0123" }))
    assert.equal("[redacted][redacted]", redact.text("aaabbbaaabbb", { otp = "aaabbb" }))
    assert.equal("a.b%c [redacted]", redact.text("a.b%c %d+", { wallet_token = "%d+" }))
    assert.equal("line [redacted]", redact.text("line Lake Road", { residence_address = { "Lake Road" } }))
    assert.equal("n [redacted]", redact.text("n 4829", { otp = 4829 }))
    assert.equal("[redacted] x", redact.text("abcdef x", { otp = "abc", wallet_token = "abcdef" }))
  end)

  it("removes what looks like a secret", function()
    assert.equal("id XXXXXXXX0124.", redact.text("id 234567890124."))
    assert.equal("id XXXXXXXX0124.", redact.text("id 2345 6789 0124."))
    assert.equal("id XXXXXXXX0124.", redact.text("id 2345-6789-0124."))
    assert.equal("PAN [redacted]", redact.text("PAN ABCPE1234F"))
    assert.equal("pan [redacted]", redact.text("pan abcpe1234f"))
    assert.equal("to ******4444", redact.text("to 9444444444"))
    assert.equal("[redacted]", redact.text("eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln"))
  end)

  it("leaves ordinary text alone", function()
    for _, text in ipairs { "", "OTP expired", "tid 1234567890123456", "amount 110.00", "REQ-20260101-001" } do
      assert.equal(text, redact.text(text, { otp = "12", amount = 110 }))
    end
  end)
end)

describe("redact.table", function()
  it("copies, deep, without what is sensitive", function()
    local original = {
      status = 2131, message = "Validate OTP Failed 4829 for 9444444444",
      data = { account = "123456", list = { { aadhar = "234567890124", tid = "355419717321" } }, echo = "x4829x" },
      invalid_params = { otp = "wrong: 4829", customer_id = "does not exist", deep = { otp = "4829" } },
    }
    local shown = redact.table(original, { otp = "4829" })
    assert.same({
      status = 2131, message = "Validate OTP Failed [redacted] for ******4444",
      data = { account = "[redacted]", list = { { aadhar = "XXXXXXXX0124", tid = "355419717321" } }, echo = "x[redacted]x" },
      invalid_params = { otp = "wrong: [redacted]", customer_id = "does not exist", deep = "[redacted]" },
    }, shown)
    assert.equal("123456", original.data.account)
  end)
end)

describe("redact.path", function()
  it("masks mobiles and drops the query", function()
    assert.equal("/customer/profile/******4444", redact.path("/customer/profile/9444444444?initiator_id=9962981729&otp=1"))
    assert.equal("/a/355419717321", redact.path("/a/355419717321"))
  end)
end)
