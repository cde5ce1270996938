--- The words in which spec/fixtures/debit writes down what a server answers: JSON as text, so that a member can stand twice, be
-- of any type, or be cut in the middle. @REF@ and @TID@ become the row's reference and tid when the answer goes out.

local words = {}

-- Members in their order, with changes: name -> JSON text, or false to leave it out. Changes by position go behind as they are.
local function members(defaults, changes)
  changes = changes or {}
  local out, seen = {}, {}
  for _, pair in ipairs(defaults) do
    local name, value = pair[1], pair[2]
    seen[name] = true
    if changes[name] ~= nil then value = changes[name] end
    if value then out[#out + 1] = ('"%s":%s'):format(name, value) end
  end
  local more = {}
  for name, value in pairs(changes) do
    if type(name) == "string" and not seen[name] and value then more[#more + 1] = ('"%s":%s'):format(name, value) end
  end
  table.sort(more)
  for _, text in ipairs(more) do out[#out + 1] = text end
  for _, text in ipairs(changes) do out[#out + 1] = text end
  return table.concat(out, ",")
end

--- An envelope.
-- @param codes "status/response_status_id/response_type_id", each JSON text, "-" where it is absent
-- @param data members as text, or nil for an envelope without `data`
-- @param beside members as text that stand beside `data`
function words.envelope(codes, data, beside)
  local status, hint, id = codes:match "^(.-)/(.-)/(.*)$"
  local out = {}
  local function add(name, value)
    if value ~= "-" then out[#out + 1] = ('"%s":%s'):format(name, value) end
  end
  add("status", status)
  add("response_status_id", hint)
  add("response_type_id", id)
  add("message", '"a sentence for people"')
  if data then add("data", "{" .. data .. "}") end
  if beside then out[#out + 1] = beside end
  return "{" .. table.concat(out, ",") .. "}"
end

--- The `data` of a transfer of 500 rupees to recipient 15186. Only Fino repeats the reference: give `client_ref_id`.
function words.transfer(tx_status, changes)
  return members({
    { "tx_status", tx_status and ('"%s"'):format(tx_status) }, { "tid", '"@TID@"' }, { "amount", '"500.0"' }, { "fee", '"5.0"' },
    { "bank_ref_num", '"633112345678"' }, { "recipient_id", "15186" }, { "state", '"1"' }, { "balance", '"9495.00"' },
  }, changes)
end

--- A transfer's answer: its codes, then its `data` as of `transfer`.
function words.transferred(tx_status, changes, codes, beside)
  return words.ok(words.envelope(codes or "0/0/325", words.transfer(tx_status, changes), beside))
end

--- The `data` of an inquiry that finds our transfer.
function words.inquired(tx_status, changes)
  return members({
    { "tid", '"@TID@"' }, { "client_ref_id", '"@REF@"' }, { "tx_status", tx_status and ('"%s"'):format(tx_status) },
    { "amount", '"500.0"' }, { "fee", '"5.0"' }, { "bank_ref_num", '"633112345678"' }, { "recipient_name", '"Ravi Kumar"' },
    { "account", '"1XXXXXX90657"' }, { "ifsc", '"SBIN0005656"' },
  }, changes)
end

--- An inquiry's answer: found.
function words.found(tx_status, changes, codes, beside)
  return words.ok(words.envelope(codes or "0/0/1472", words.inquired(tx_status, changes), beside))
end

--- A refusal that names parameters. `params` is JSON text for `invalid_params`.
function words.refused(code, params, data)
  return words.envelope(code .. "/1/-1", data, params and '"invalid_params":' .. params)
end

--- An answer with a status; `more` are fields of an answer as of spec/support/debit_server.lua.
function words.http(status, body, more)
  local answer = { status = status, body = body or "" }
  for name, value in pairs(more or {}) do answer[name] = value end
  return answer
end

function words.ok(body, more) return words.http(200, body, more) end

--- The body of an authentication failure.
function words.unauthorized(code, more, status)
  return words.http(status or 401, ('{"message":"a sentence","status":%s,"response_type_id":%s,"response_status_id":1}'):format(code,
    code), more)
end

words.text = { "content-type: text/plain" }
words.html = "<html><head><title>a proxy's page</title></head><body>sorry</body></html>"
words.not_found = words.ok(words.envelope("168/1/-1"))
words.user_not_found = words.ok(words.envelope("463/1/463"))
words.failing = words.http(500, "internal error")

--- What the caller is told. The first argument is the state; `more` adds what else must be there (see spec/call/debit_spec.lua).
local function expectation(kind)
  return function(state, more)
    local expect = { kind = kind, state = state }
    for name, value in pairs(more or {}) do expect[name] = value end
    return expect
  end
end

words.result = expectation "result"
words.error = expectation "error"

local indeterminate = expectation "indeterminate"

--- Lost and not found again: what the inquiry said of its own, and why it could not say more.
function words.indeterminate(inquiry_state, inquiry_error)
  return indeterminate("unknown", { inquiry = inquiry_state, inquiry_error = inquiry_error })
end

words.never_found = words.indeterminate("unknown", "transaction_not_found")
words.not_looked_up = words.indeterminate("unknown", true)
words.only_foreign = words.indeterminate("unknown", "foreign_answer")

--- Rows of a clause: { name, call, answer, expect, and by name what else a row has }.
function words.rows(clause, list)
  for _, row in ipairs(list) do
    row.name, row.call, row.answer, row.expect = row[1], row[2], row[3], row[4]
    row.clause = row.clause or clause
    for i = 1, 4 do row[i] = nil end
  end
  return list
end

return words
