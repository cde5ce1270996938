local envelope = require "eko.call.envelope"
local json = require "eko.base.json"
local response = require "eko.call.response"
local catalogue = require "eko.wallets.catalogue"

local read = require("eko.core").json.reader "envelope"

describe("an envelope", function()
  it("is no answer when what decides stands in it twice with different values", function()
    local bad = {
      { "status", '{"status":0,"status":1}' }, { "status", '{"status":0,"status":"0"}' },
      { "response_type_id", '{"response_type_id":325,"status":0,"response_type_id":55}' },
      { "tx_status", '{"status":0,"tx_status":"0","tx_status":"1"}' },
      { "tx_status", '{"status":0,"data":{"tx_status":"0","x":1,"tx_status":"2"}}' },
      { "tx_status", '{"status":0,"data":{"tx_status":"0","tx_st\\u0061tus":"2"}}' },
      { "data", '{"status":0,"data":{"tid":"1"},"data":{"tid":"2"}}' }, { "data", '{"status":0,"data":{},"data":[]}' },
      { "data", '{"status":0,"data":{"a":[1,{"b":2}]},"data":{"a":[1,{"b":3}]}}' },
      { "tid", '{"status":0,"data":{"tid":1,"tid":"1"}}' }, { "tid", '{"status":0,"tid":"1","tid":"2"}' },
      { "client_ref_id", '{"status":0,"data":{"client_ref_id":"a","client_ref_id":"b"}}' },
      { "otp_ref_id", '{"status":0,"data":{"otp_ref_id":"a","otp_ref_id":""}}' },
      { "amount", '{"status":0,"data":{"amount":"1","amount":"1.0"}}' }, { "ifsc", '{"status":0,"data":{"ifsc":"A","ifsc":"B"}}' },
      { "account", '{"status":0,"data":{"account":"XX12","account":"XX13"}}' },
      { "invalid_params", '{"status":461,"invalid_params":{"a":"x"},"invalid_params":{}}' },
    }
    for _, case in ipairs(bad) do
      local value, name, message = read(case[2])
      assert.is_nil(value, case[2])
      assert.equal("conflicting_members", name)
      assert.truthy(message:find(case[1], 1, true), message)
      local _, err = response.read(catalogue.get "ppi-levin-verify-otp", { status = 200, body = case[2] })
      assert.same({ "decode", "conflicting_members" }, { err.kind, err.name })
    end
    for _, good in ipairs {
      '{"status":0,"status":0}', '{"status":0,"data":{"tid":"1","tid":"1"}}', '{"message":"a","message":"b"}',
      '{"data":{"a":[1,{"b":2}]},"data":{"a":[1, {"b" : 2}]}}', '{"data":{"name":"a","name":"b"}}', '{"":1,"":2}',
      '{"list":[{"tid":1},{"tid":2}]}', '{"data":{"nested":{"tid":1,"tid":2}}}',
    } do
      assert.is_table((read(good)), good)
    end
  end)

  it("tells what is wrong with parameters, in each form in which platforms say it", function()
    local wanted = { client_ref_id = "used before" }
    for _, text in ipairs {
      '{"invalid_params":{"client_ref_id":"used before"}}', '{"invalid_parameters":{"client_ref_id":"used before"}}',
      '{"data":{"invalid_params":{"client_ref_id":"used before"}}}',
      '{"invalid_params":{"client_ref_id":["used before"]}}', '{"invalid_params":{"client_ref_id":{"message":"used before"}}}',
      '{"invalid_params":[{"client_ref_id":"used before"}]}',
      '{"invalid_params":[{"field":"client_ref_id","message":"used before"}]}',
      '{"invalid_params":[{"param":"client_ref_id","error":"used before"}]}',
      '{"invalid_params":[{"name":"client_ref_id","description":"used before"}]}',
      '{"invalid_params":["client_ref_id: used before"]}', '{"invalid_params":"client_ref_id = used before"}',
    } do
      assert.same(wanted, envelope.invalid_params(json.decode(text)), text)
    end
    assert.same({ client_ref_id = "client_ref_id already exists" },
      envelope.invalid_params { invalid_params = { "client_ref_id already exists" } })
    assert.same({ client_ref_id = "client_ref_id" }, envelope.invalid_params { invalid_params = { "client_ref_id" } })
    assert.same({ a = "1; 2", b = "3" }, envelope.invalid_params { invalid_params = { a = { "1", "2" } }, data = { invalid_params = { b = 3 } } })
    for _, text in ipairs { "{}", '{"invalid_params":{}}', '{"invalid_params":[]}', '{"invalid_params":null}', '{"invalid_params":"" }',
      '{"invalid_params":{"a":{}}}', '{"invalid_params":{"a":null}}', '{"invalid_params":true}', '{"invalid_params":[1]}' } do
      assert.is_nil(envelope.invalid_params(json.decode(text)), text)
    end
  end)

  it("loses nothing that is said of parameters, however deep it is wrapped", function()
    local forms = {
      -- lists, of sentences, of objects, of lists; an object that was a list
      { '{"invalid_params":[["otp: is wrong"]]}', { otp = "is wrong" } },
      { '{"invalid_params":{"0":"otp: is wrong","1":"amount: too much"}}', { otp = "is wrong", amount = "too much" } },
      { '{"invalid_params":[{"otp":["is wrong","is old"]},{"amount":"too much"}]}', { otp = "is wrong; is old", amount = "too much" } },
      { '{"invalid_params":{"0":{"field":"otp","message":"is wrong"}}}', { otp = "is wrong" } },
      { '{"invalid_params":[{"field":"otp","messages":["is wrong","is old"]}]}', { otp = "is wrong; is old" } },
      { '{"invalid_params":[{"field":"otp","errors":[{"message":"is wrong"}]}]}', { otp = "is wrong" } },
      { '{"invalid_params":[{"name":"is required","dob":"is wrong"}]}', { dob = "is wrong", name = "is required" } },
      { '{"invalid_params":[{"name":"is required"}]}', { name = "is required" } },
      { '{"invalid_params":{"name":"is required","count":"1"}}', { name = "is required", count = "1" } },
      { '{"invalid_params":[{"field":"otp"}]}', { otp = "" } }, { '{"invalid_params":[null,"otp: is wrong",7]}', { otp = "is wrong" } },
      -- values that are lists and objects
      { '{"invalid_params":{"otp":["is wrong"]}}', { otp = "is wrong" } },
      { '{"invalid_params":{"otp":[["is wrong"],["is old"]]}}', { otp = "is wrong; is old" } },
      { '{"invalid_params":{"otp":{"0":"is wrong"}}}', { otp = "is wrong" } },
      { '{"invalid_params":{"residence_address":{"city":"is missing","pincode":["a","b"]}}}',
        { residence_address = "city: is missing; pincode: a; b" } },
      { '{"invalid_params":{"otp":{"error":{"message":"is wrong"}}}}', { otp = "is wrong" } }, { '{"invalid_params":{"otp":true}}', { otp = "" } },
      -- anywhere in the answer, under either name, in any spelling
      { '{"data":{"invalid_params":["otp: is wrong"]}}', { otp = "is wrong" } },
      { '{"data":{"invalid_parameters":{"otp":"is wrong"}}}', { otp = "is wrong" } },
      { '{"data":[{"invalid_params":{"otp":"is wrong"}}]}', { otp = "is wrong" } },
      { '{"data":{"error":{"invalid_params":{"otp":"is wrong"}}}}', { otp = "is wrong" } },
      { '{"error":{"invalidParams":{"otp":"is wrong"}}}', { otp = "is wrong" } },
      { '{"invalid_params":{"otp":"is wrong"},"data":{"invalid_params":{"otp":"x","pan":"y"}}}', { otp = "is wrong", pan = "y" } },
    }
    for _, form in ipairs(forms) do
      local found = envelope.invalid_params(json.decode(form[1]))
      assert.same(form[2], found, form[1])
    end
  end)

  it("is not taken to pieces without end", function()
    local many = {}
    for i = 1, 5000 do many[i] = { field = "f" .. i, message = ("m"):rep(100) } end
    local count = 0
    for _ in pairs(envelope.invalid_params { invalid_params = many }) do count = count + 1 end
    assert.is_true(count <= 64)
  end)
end)
