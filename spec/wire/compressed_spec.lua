-- A body that came compressed, which is never asked for: over our own exchange and over a transport of the user's.
local curl = require "eko.wire.carrier.curl"
local eko = require "eko"
local raw_server = require "spec.support.raw_server"

local VERIFIED = '{"status":0,"response_type_id":309,"data":{"wallet_token":"t","customer_profile":{"name":"Asha"}}}'
local GZIP = "\31\139\8\0\0\0\0\0\0\3\171\86\42\46\73\44\41\45\86\178\50"

local function verify(client)
  return client.levin:verify_otp { customer_id = "9444444444", otp = "570311", otp_ref_id = "5b1f3c52", intent_id = "19" }
end

local function options(more)
  more.developer_key, more.access_key, more.initiator_id, more.user_code = "test-key", "test-access-key", "9962981729", "20810200"
  return eko.client(more)
end

-- What comes of an answer: over a transport of the user's, and over a connection.
local function outcomes_of(status, coding, body)
  local transport = function()
    return { status = status, headers = { ["content-encoding"] = coding }, body = body }
  end
  local handed = { verify(options { base_url = "http://127.0.0.1:1", transport = transport }) }
  local head = ("HTTP/1.1 %d x\r\n%scontent-length: %d\r\n\r\n"):format(
    status, coding and "Content-Encoding: " .. coding .. "\r\n" or "", #body)
  local answer = head .. body -- Lua 5.1 writes no NUL by %s
  local server = raw_server.start { { { "read" }, { "send", answer }, { "sleep", 0.2 } } }
  local ok, sent, err = pcall(verify, options { base_url = server.url })
  curl.close_idle()
  server.stop()
  assert(ok, sent)
  return handed, { sent, err }
end

-- { Content-Encoding, what the message calls it; nil: the body is not coded }
local CODINGS = {
  { "gzip", "gzip" }, { "GZIP", "gzip" }, { "x-gzip", "x-gzip" }, { "br", "br" }, { "deflate", "deflate" }, { "zstd", "zstd" },
  { "identity, gzip", "gzip" }, { "gzip,br", "gzip" }, { " ,\tBr", "br" }, { "570311", "an unknown coding" }, { "gzipped", "an unknown coding" },
  { "" }, { "identity" }, { "Identity" }, { "IDENTITY, identity" }, { "," }, { nil },
}

describe("a Content-Encoding", function()
  for index = 1, 17 do
    local coding, shown = CODINGS[index] and CODINGS[index][1], CODINGS[index] and CODINGS[index][2]
    it("is named as the cause when the body cannot be read: " .. tostring(coding), function()
      for _, result in ipairs { outcomes_of(200, coding, GZIP) } do
        assert.is_nil(result[1])
        local err = result[2]
        assert.same({ "decode", true, 200, false }, { err.kind, err.sent, err.http_status, err.retryable })
        if shown then
          assert.equal("compressed_answer", err.name)
          assert.truthy(err.message:find("(" .. shown .. ")", 1, true), err.message)
        else
          assert.is_not.equal("compressed_answer", err.name)
        end
        assert.is_nil(tostring(err):find "570311")
        assert.is_nil(tostring(err):find "[%z\1-\31\127-\255]")
      end
    end)
  end

  it("is told of a refusal too, in place of the bytes that nobody can read", function()
    for _, result in ipairs { outcomes_of(403, "gzip", GZIP) } do
      local err = result[2]
      assert.same({ "http", "forbidden", 403 }, { err.kind, err.name, err.http_status })
      assert.truthy(err.message:find("compressed (gzip)", 1, true))
      assert.is_nil(err.message:find "[%z\1-\31\127-\255]")
    end
  end)

  it("does not matter where the body can be read, or where there is none", function()
    for _, result in ipairs { outcomes_of(200, "gzip", VERIFIED) } do
      assert.equal("verified", assert(result[1], tostring(result[2])).outcome)
    end
    for _, result in ipairs { outcomes_of(200, "gzip", "") } do assert.equal("empty_answer", result[2].name) end
    for _, result in ipairs { outcomes_of(200, "gzip", '{"status":463,"message":"no"}') } do
      assert.same({ "api", 463 }, { result[2].kind, result[2].code })
    end
  end)

  it("makes a debit no less lost", function()
    local calls = 0
    local transport = function(request)
      calls = calls + 1
      if request.method ~= "GET" then return { status = 200, headers = { ["content-encoding"] = "gzip" }, body = GZIP } end
      return { status = 200, headers = {}, body = '{"status":69,"response_type_id":-1}' }
    end
    local client = options { base_url = "http://127.0.0.1:1", transport = transport, inquiry_timeout = 1 }
    local result, err = client:call("ppi-digikhata-load-wallet", { customer_id = "9444444444", amount = "100", org_id = "1" })
    assert.is_nil(result)
    assert.equal("indeterminate", err.kind)
    assert.truthy(err.message:find("compressed", 1, true), err.message)
    assert.is_true(calls > 1) -- it was looked up
  end)
end)
