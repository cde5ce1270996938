-- Answers whose text is damaged: what is text is repaired, what identifies something is absent, what decides stays strict.
local catalogue = require "eko.wallets.catalogue"
local core = require "eko.core"
local response = require "eko.call.response"
local typed_model = require "spec.support.typed_model"

local MARK = "\239\191\189" -- U+FFFD

local read_envelope = core.json.reader "envelope"

local function typing_of(shape) return { title = "t", read = core.json.reader(shape) } end

local function read(slug, body, shape, facts, status)
  return response.read(catalogue.get(slug), { status = status or 200, headers = {}, body = body },
    { client_ref_id = "REF-1", facts = facts or { client_ref_id = "REF-1" } }, shape and typing_of(shape))
end

-- What damages a text: as it stands in JSON, what becomes of it, how many repairs that is.
local DAMAGES = {
  { "caf\233", "caf" .. MARK, 1 }, { "\233\224", MARK .. MARK, 2 }, { "a\tb", "a" .. MARK .. "b", 1 }, { "a\nb\rc", "a" .. MARK .. "b" .. MARK .. "c", 2 },
  { "\0", MARK, 1 }, { "\31\1", MARK .. MARK, 2 }, { "\\ud83d", MARK, 1 }, { "\\ude00", MARK, 1 }, { "\\ud83d\\ud83d", MARK .. MARK, 2 },
  { "\\ud83dA", MARK .. "A", 1 }, { "\\ud83d\\u0041", MARK .. "A", 1 }, { "\\ud83d\\n", MARK .. "\n", 1 }, { "\\ude00\\ud83d", MARK .. MARK, 2 },
  { "\255", MARK, 1 }, { "\192\128", MARK .. MARK, 2 }, { "\224\164", MARK .. MARK, 2 }, { "\237\160\128", MARK .. MARK .. MARK, 3 },
  { "\128", MARK, 1 }, { "\244\144\128\128", (MARK):rep(4), 4 }, { "é\233é", "é" .. MARK .. "é", 1 }, { "\\\"\1\\\\", "\"" .. MARK .. "\\", 1 },
  { "\\ud83d\\ude00\9", "\240\159\152\128" .. MARK, 1 }, { ("x"):rep(40) .. "\1" .. ("y"):rep(40), ("x"):rep(40) .. MARK .. ("y"):rep(40), 1 },
  { ("\233"):rep(3000), (MARK):rep(3000), 3000 },
}

-- What damages nothing.
local WHOLE = { "\127", "\\u0000", "\\u0001", "\\t", "é", "\\ud83d\\ude00", "क", "\194\128", MARK }

describe("a damaged text", function()
  it("in a name is repaired, and counted, in the typed result as in the answer", function()
    for _, damage in ipairs(DAMAGES) do
      local body = '{"status":0,"response_type_id":309,"data":{"sender_name":"' .. damage[1] .. '","is_registered":1}}'
      local answer = assert(read("ppi-levin-verify-otp", body))
      assert.same({ "verified", damage[2] }, { answer.outcome, answer.data.sender_name })
      assert.same({ damage[3], nil }, { answer.meta.repaired, answer.meta.damaged })
      local typed = assert(read("ppi-levin-verify-otp", body, { sender_name = "string", is_registered = "number" }))
      assert.same({ damage[2], 1 }, { typed.sender_name, typed.is_registered })
      assert.equal(damage[3], typed.response.meta.repaired)
      assert.is_true(core.text.is_utf8(typed.sender_name))
    end
    for _, text in ipairs(WHOLE) do
      local answer = assert(read("ppi-levin-verify-otp", '{"status":0,"response_type_id":309,"data":{"name":"' .. text .. '"}}'))
      assert.is_nil(answer.meta.repaired)
    end
  end)

  it("may stand in a member's name, in a list, anywhere", function()
    for body, count in pairs {
      ['{"status":0,"response_type_id":309,"m\233":1}'] = 1, ['{"status":0,"response_type_id":309,"data":["\1","\1"]}'] = 2,
      ['{"status":0,"response_type_id":309,"message":"\1","data":{"a":{"b":[{"c":"\233"}]}}}'] = 2,
    } do assert.equal(count, assert(read("ppi-levin-verify-otp", body)).meta.repaired) end
  end)

  it("comes after a byte-order mark, or not", function()
    local body = '{"status":0,"response_type_id":309,"data":{"is_registered":1}}'
    for _, before in ipairs { "\239\187\191", "\239\187\191 \r\n", " " } do
      assert.equal(1, assert(read("ppi-levin-verify-otp", before .. body, { is_registered = "number" })).is_registered)
      assert.is_nil(assert(read("ppi-levin-verify-otp", before .. body)).meta.repaired)
    end
    for _, before in ipairs { "\239\187", "\239\187\191\239\187\191", " \239\187\191", "\254\255" } do
      assert.equal("invalid_json", select(2, read("ppi-levin-verify-otp", before .. body)).name)
    end
    assert.equal("invalid_json", select(2, read("ppi-levin-verify-otp", "\239\187\191")).name)
  end)

  it("does not make structure, codes and escapes of another kind", function()
    for _, body in ipairs {
      '{"status":0,"response_type_id":309,"data":{"name":"\\q"}}', '{"status":0,"response_type_id":309,"data":{"name":"\\u12"}}',
      '{"status":0,"response_type_id":309\1}', '{"status":0,\233"response_type_id":309}', '{"status":0,"response_type_id":309,"data":{"name":"\233}}',
      '{"status":0,"response_type_id":309,"data":{"name":tru\233}}',
    } do assert.equal("invalid_json", select(2, read("ppi-levin-verify-otp", body)).name, body) end
    for _, body in ipairs {
      '{"status":"0\1","response_type_id":309}', '{"status":"\2330","response_type_id":"309"}', '{"status":"0","response_type_id":"309\\ud83d"}',
    } do
      local answer, err = read("ppi-levin-verify-otp", body)
      assert.is_true(not answer or answer.outcome == "unrecognised", body)
      assert.equal(1, answer and answer.meta.repaired or err.repaired)
    end
    assert.is_nil((core.json.decode '{"a":"\233"}'))
    assert.is_nil((core.json.decode '\239\187\191{}'))
  end)

  it("is told of an error, too", function()
    local _, err = read("ppi-levin-verify-otp", '{"status":463,"response_type_id":-1,"message":"caf\233","data":{"otp_ref_id":"\1"}}')
    assert.same({ "user_not_found", 2, { "otp_ref_id" } }, { err.name, err.repaired, err.damaged })
    assert.truthy(err.message:find("caf" .. MARK, 1, true))
    assert.is_nil(err.response.data.otp_ref_id)
  end)
end)

describe("a damaged identifier", function()
  local NAMES = { "tid", "otp_ref_id", "client_ref_id", "wallet_token", "recipient_id", "kyc_request_id", "application_id", "bank_ref_num",
    "refund_tid", "beneficiary_id", "a_token" }

  it("is absent and listed, in the typed result as in the answer", function()
    for _, name in ipairs(NAMES) do
      for _, damage in ipairs(DAMAGES) do
        local body = '{"status":0,"response_type_id":2129,"data":{"x":"y","' .. name .. '":"' .. damage[1] .. '"}}'
        local answer = assert(read("ppi-levin-get-sender", body))
        assert.same({ x = "y" }, answer.data)
        assert.same({ { name }, damage[3] }, { answer.meta.damaged, answer.meta.repaired })
        for _, kind in ipairs { "string", "opaque" } do
          local typed = assert(read("ppi-levin-get-sender", body, { [name] = kind }))
          assert.is_nil(typed[name])
          assert.same({ "otp_sent", { name } }, { typed.outcome, typed.response.meta.damaged })
        end
      end
    end
    local body = '{"status":0,"response_type_id":2129,"data":{"ti\\u0064":"\1","list":[{"a_id":"\1"},{"a_id":"\1"}],"4444_id":"\1"}}'
    local answer = assert(read("ppi-levin-get-sender", body))
    assert.same({ { "tid", "a_id" }, 4 }, { answer.meta.damaged, answer.meta.repaired })
  end)

  it("tells that an OTP was sent, though it cannot be given on", function()
    local typed = assert(read("ppi-digikhata-get-sender", '{"status":0,"data":{"otp_ref_id":"a\tb"}}', { otp_ref_id = "opaque" }))
    assert.same({ "otp_sent", nil, { "otp_ref_id" } }, { typed.outcome, typed.otp_ref_id, typed.response.meta.damaged })
  end)

  it("is none of two equal names: the last one counts, or they contradict each other", function()
    local body = '{"status":0,"response_type_id":2129,"data":{"application_id":"a","application_id":"\1"}}'
    assert.is_nil(assert(read("ppi-levin-get-sender", body)).data.application_id)
    assert.is_nil(assert(read("ppi-levin-get-sender", body, { application_id = "string" })).application_id)
    body = '{"status":0,"response_type_id":2129,"data":{"otp_ref_id":"a","otp_ref_id":"a\1"}}'
    assert.equal("conflicting_members", select(2, read("ppi-levin-get-sender", body)).name)
  end)
end)

describe("of an answer to a debit", function()
  local RESULT = '{"status":0,"response_type_id":325,"message":"m","data":{"tx_status":"0","tid":"5","client_ref_id":"REF-1","amount":"100",'
    .. '"sender_name":"Asha","recipient_id":"10"}}'
  local REFUSED = '{"status":347,"response_type_id":347,"message":"m"%s}'

  local function state(body, status)
    local result, _, found = read("dmt-initiate-transfer", body, nil, { client_ref_id = "REF-1", amount = "100" }, status)
    return result and result.state or found.kind
  end

  it("what names or decides it is never taken for whole by luck", function()
    assert.equal("succeeded", state(RESULT))
    for _, text in ipairs { '"sender_name":"Asha', '"message":"m' } do
      for _, damage in ipairs(DAMAGES) do
        local first, last = RESULT:find(text, 1, true)
        assert.equal("succeeded", state(RESULT:sub(1, first - 1) .. text .. damage[1] .. RESULT:sub(last + 1)), damage[1])
      end
    end
    for _, text in ipairs { '"tid":"5', '"client_ref_id":"REF-1', '"tx_status":"0', '"amount":"100' } do
      for _, damage in ipairs(DAMAGES) do
        local first, last = RESULT:find(text, 1, true)
        for _, status in ipairs { 200, 400, 401 } do
          assert.equal("lost", state(RESULT:sub(1, first - 1) .. text .. damage[1] .. RESULT:sub(last + 1), status), text .. damage[1])
        end
      end
    end
    for _, damage in ipairs(DAMAGES) do
      for _, codes in ipairs { '"status":"0%s","response_type_id":325', '"status":0,"response_type_id":"325%s"', '"status":"%s0","response_type_id":"325"' } do
        local wrong = codes:gsub("%%s", function() return damage[1] end)
        assert.equal("lost", state((RESULT:gsub('"status":0,"response_type_id":325', function() return wrong end, 1))), wrong)
      end
    end
  end)

  it("a refusal, or an authentication failure, with a damaged tid or reference is lost", function()
    assert.equal("refused", state(REFUSED:format ""))
    for _, damage in ipairs(DAMAGES) do
      for _, name in ipairs { "tid", "client_ref_id" } do
        for _, form in ipairs { ',"data":{"%s":"%s"}', ',"%s":"%s"', ',"data":[{"x":{"%s":"%s"}}]' } do
          local beside = form:gsub("%%s", name, 1):gsub("%%s", function() return damage[1] end)
          assert.equal("lost", state((REFUSED:gsub("%%s", function() return beside end))), beside)
          assert.equal("lost", state('{"status":2484,"response_type_id":2484' .. beside .. "}", 401), beside)
        end
      end
    end
  end)
end)

describe("whatever becomes of an answer", function()
  local SHAPES, SAMPLES = {}, {}
  for _, name in ipairs(require("eko.wallets").names) do
    for _, entry in pairs(require("eko.wallets").part(name, "verbs")) do SHAPES[entry.slug] = entry.shape end
  end
  for line in io.lines "spec/fixtures/answers.tsv" do
    local slug, body = line:match "^%w+\t([%w-]+)\t!?[%w_]+\t(%b{})$"
    if SHAPES[slug] and #body > 100 then SAMPLES[#SAMPLES + 1] = { slug = slug, body = body } end
  end

  local PIECES = { "\233", "\1", "\\ud83d", "\0", "\255", "null", "[]", "{}", '""', '"0"', "0", "[{", "}]", '{"0":', "}", ",",
    '"tid":"\1",', '"otp_ref_id":"x",', '"data":{},', '"name":7,', "1e3", "-", "\\u0041", "true", '"', "\239\187\191" }

  local state = 11
  local function random(n)
    state = (state * 1103515245 + 12345) % 2147483648
    return math.floor(state / 65536) % n + 1
  end

  local function mutated(body)
    for _ = 1, random(3) do
      local at = random(#body)
      local kind, piece = random(4), PIECES[random(#PIECES)]
      if kind == 1 then
        body = body:sub(1, at - 1) .. piece .. body:sub(at + 1)
      elseif kind == 2 then
        body = body:sub(1, at) .. piece .. body:sub(at + 1)
      elseif kind == 3 then -- a value becomes another
        body = body:gsub(':("[^"]*")', function(value) return random(12) == 1 and ":" .. piece or ":" .. value end)
      else -- a member stands twice
        local member = body:match('"[%w_]+":"[^"]*"', at)
        if member then body = body:gsub("{", function() return "{" .. member .. "," end, 1) end
      end
    end
    return body
  end

  it("the typed result and the envelope say the same", function()
    local readers, agreed = {}, 0
    for _ = 1, 6000 do
      local sample = SAMPLES[random(#SAMPLES)]
      local body, shape = mutated(sample.body), SHAPES[sample.slug]
      readers[sample.slug] = readers[sample.slug] or core.json.reader(shape)
      local typed, status, id, hint, tx_status, has_reference, repairs = readers[sample.slug](body)
      local envelope, status2, id2, hint2, tx_status2, has_reference2, repairs2 = read_envelope(body)
      assert.is_true(status == status2 and id == id2 and hint == hint2 and tx_status == tx_status2 and has_reference == has_reference2, body)
      assert.same(repairs, repairs2)
      if typed then
        assert.is_nil(typed_model.difference(shape, typed, envelope), body)
        agreed = agreed + 1
      else
        assert.is_nil(envelope)
      end
    end
    assert.is_true(agreed > 1000, agreed)
  end)
end)
