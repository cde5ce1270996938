-- What an answer to a debit means, by itself: forms of it that a quick look takes for something else.
local catalogue = require "eko.wallets.catalogue"
local envelope = require "eko.call.envelope"
local response = require "eko.call.response"

local FACTS = { client_ref_id = "REF-1", amount = "100" }

local function judged(body, status, slug)
  local http = { status = status or 200, body = body }
  local _, _, found = response.read(catalogue.get(slug or "dmt-initiate-transfer"), http, { client_ref_id = "REF-1", facts = FACTS })
  return found.kind, found
end

local function each(cases, wanted)
  for _, case in ipairs(cases) do
    local body, status = case, nil
    if type(case) == "table" then status, body = case[1], case[2] end
    assert.equal(wanted, judged(body, status), tostring(status) .. " " .. body)
  end
end

describe("a verdict", function()
  it("takes a code for what it is worth, not for what it may be rounded to", function()
    local form = '{"status":%s,"response_type_id":%s,"data":{"tid":"1","tx_status":%s}}'
    for _, zero in ipairs { "0", "0.0", "0e5", "-0" } do
      assert.equal("result", judged(form:format(zero, 325, '"0"')), zero)
      assert.equal("result", judged(form:format(0, 325, zero)), zero)
    end
    for _, odd in ipairs { "1e-400", "0.00000000000000000001", "1E-9", "1e400", "1e22", "-1", "0.5", "true", "[0]", '{"0":0}', '" 0"', '"0\\u0000"',
      '"\239\188\144"', "123456789012345678.5" } do
      assert.equal("lost", judged(form:format(odd, 325, '"0"')), odd)
      assert.equal("lost", judged(form:format(0, 325, odd)), odd)
    end
    for _, id in ipairs { "325.00000000000000000001", "-325", "[325]", '" 325"', '"325.0"', "true", "325.5" } do
      assert.equal("lost", judged(form:format(0, id, '"0"')), id)
    end
    for _, id in ipairs { "325", '"325"', "3.25e2", "325.0" } do assert.equal("result", judged(form:format(0, id, '"0"')), id) end
  end)

  it("of a refusal is that the debit is lost where a transaction is spoken of anywhere, however it is spelt", function()
    local refused = '{"status":347,"response_type_id":347%s}'
    assert.equal("refused", judged(refused:format ""))
    for _, more in ipairs {
      '"data":{"tid":"1"}', '"tid":1', '"data":[{"tid":"1"}]', '"data":{"transaction":{"tid":"1"}}', '"TID":"1"', '"data":{"Tid":"1"}',
      '"data":{"t_id":"1"}', '"details":[{"txStatus":"0"}]', '"data":[{"tx_status":"0"}]', '"data":{"tid":{}}', '"data":{"tid":true}',
      '"data":{"tid":0}',
    } do assert.equal("lost", judged(refused:format("," .. more)), more) end
    for _, more in ipairs {
      '"data":{"tid":""}', '"data":{"tid":null}', '"data":[]', '"tx_status":""', '"invalid_params":{"tid":"is not known"}',
      '"data":{"txstatus_desc":"Failed"}',
    } do assert.equal("refused", judged(refused:format("," .. more)), more) end
  end)

  it("of a refusal that names the reference in any words is that the debit is lost; the reference of an OTP is another", function()
    local refused = '{"status":461,"response_type_id":-1,%s}'
    for _, more in ipairs {
      '"invalid_params":{"reference":"duplicate"}', '"invalid_params":{"ref_id":"used"}', '"invalid_params":["Duplicate reference number"]',
      '"invalid_params":{"client reference":"used"}', '"invalidParams":{"clientRefId":"used"},"invalid_params":{"amount":"x"}',
      '"details":[{"invalid_params":{"client_ref_id":"used"}}],"invalid_params":{"amount":"x"}', '"invalid_params":{"ref_no":"duplicate"}',
      '"invalid_params":' .. ("["):rep(40) .. '"client_ref_id"' .. ("]"):rep(40),
    } do assert.equal("lost", judged(refused:format(more)), more) end
    for _, more in ipairs { '"invalid_params":{"otp_ref_id":"is wrong"}', '"invalid_params":{"otp":"OTP reference is wrong"}' } do
      assert.equal("refused", judged(refused:format(more)), more)
    end
  end)

  it("is final only where no envelope of the platform's can be behind a status", function()
    each({
      { 400, "Bad Request" }, { 404, "<html>{not found}</html>" }, { 405, "" }, { 406, '{"message":"not acceptable"}' }, { 404, '{"status":404}' },
      { 422, '{"status":422,"error":"no"}' }, { 400, "\239\187\191<html>" }, { 431, "a\tb\r\n" },
    }, "final")
    each({
      { 400, "\31\139\8\0\0\0" }, { 400, "\254\255\0{\0\"" }, { 404, "{\0\"\0s\0" }, { 400, '<html>{"response_type_id":325}</html>' },
      { 400, '[{"tx_status":"0"}]' }, { 422, 'while(1);{"client_ref_id":"REF-1"}' }, { 400, '{"data":{"tx_status":"0","tid":"5"}}' },
      { 400, '{"tid":"5"}' }, { 404, '{"result":{"tid":"5"}}' }, { 400, '{"invalid_params":{"amount":"x"}}' }, { 400, '{"response_status_id":1}' },
      { 413, '{"status":0' },
    }, "lost")
  end)

  it("of a 401 or 403 is no authentication failure where the platform said something else, or spoke of another's", function()
    each({
      { 401, "" }, { 403, "Forbidden" }, { 403, "<html>" }, { 401, '{"message":"Unauthorized"}' }, { 403, '{"status":403,"error":"Forbidden"}' },
      { 401, '{"status":2485,"response_type_id":2485}' },
    }, "authentication")
    each({
      { 401, '{"status":0,"response_type_id":325}' }, { 403, '{"status":777}' }, { 401, '{"status":0}' }, { 403, '{"status":1,"response_type_id":-1}' },
      { 401, '{"status":2484,"response_type_id":2484,"data":[{"tid":"1"}]}' }, { 403, '{"transaction":{"tx_status":0}}' },
      { 401, "\31\139\8\0\0\0" }, { 401, '[{"response_type_id":325}]' },
    }, "lost")
    for _, status in ipairs { 200, 400, 401, 403 } do
      for _, code in ipairs { 2483, 2485 } do
        local kind, found = judged(('{"status":%d,"response_type_id":%d,"client_ref_id":"OTHER"}'):format(code, code), status)
        assert.same({ "lost", true }, { kind, found.foreign })
      end
    end
  end)

  it("compares amounts whose digits no double holds as they were sent", function()
    local form = '{"status":0,"response_type_id":325,"data":{"tid":"1","tx_status":"0","amount":%s}}'
    for _, amount in ipairs { "100", "100.00", "1e2", '"100.0"', "100.00000000000000000" } do
      assert.equal("result", judged(form:format(amount)), amount)
    end
    for _, amount in ipairs { "100.00000000000000001", "100.01", "1e-400", "99.999999999999999999", '"1,00"', '"100 "' } do
      assert.equal("lost", judged(form:format(amount)), amount)
    end
  end)
end)

describe("an envelope's text", function()
  it("gives a number back, and none that a double need not hold", function()
    for value, wanted in pairs { [0] = "0", [100] = "100", [-7] = "-7", [100.5] = "100.5", [0.1] = "0.1", [2 ^ 53] = "9007199254740992",
      [1234567890123.45] = "1234567890123.45" } do
      assert.equal(wanted, envelope.text(value))
    end
    for _, value in ipairs { 2 ^ 60, 1e22, 0 / 0, 1 / 0, -1 / 0 } do assert.falsy(envelope.text(value)) end
  end)
end)
