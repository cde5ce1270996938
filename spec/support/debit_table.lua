--- Takes a way of making calls through spec/fixtures/debit_answers.lua, row by row: what the caller is told, and how often the
-- server saw the debit.

local assert = require "luassert"
local answers = require "spec.fixtures.debit_answers"

local debit_table = {}

-- The first differences are those that cost money: debits that the server saw, then what the caller believes.
local function check(row, told, counts, fill)
  local tid = fill "@TID@"
  local expect, shown = row.expect, ("the caller was told %s"):format(told.text)
  assert.equal(row.posts, counts.posts, shown .. "; debits")
  assert.equal(expect.kind, told.kind, shown)
  if expect.state then assert.equal(expect.state, told.state, shown .. "; state") end
  if row.gets ~= "any" then assert.equal(row.gets, counts.gets, shown .. "; look-ups") end
  assert.equal(0, counts.others, shown .. "; requests that nobody should make")
  for _, field in ipairs { "tx_status", "name", "reason", "retryable" } do
    if expect[field] ~= nil then assert.equal(expect[field], told[field], shown .. "; " .. field) end
  end
  if expect.tid then assert.equal(tid, told.tid, shown .. "; tid") end
  for field, value in pairs(expect.fields or {}) do assert.equal(fill(value), told[field], shown .. "; " .. field) end
  if expect.kind == "result" then return end
  assert.is_true(told.is_ours, shown)
  assert.is_nil(told.text:find("482913", 1, true), "an OTP in " .. told.text)
  if expect.kind == "indeterminate" then
    assert.equal(expect.inquiry, told.inquiry, shown .. "; err.inquiry.state")
    if expect.inquiry_error == true then
      assert.is_string(told.inquiry_error, shown .. "; err.inquiry.error")
    elseif expect.inquiry_error then
      assert.equal(expect.inquiry_error, told.inquiry_error, shown .. "; err.inquiry.error")
    end
    assert.is_false(told.retryable, shown)
  end
end

--- The rows of a way through the table, for a spec to describe: each with its name, the number that it shows the harm of, and its check.
-- @param way { run = a word of its own, perform = job -> what came of it (see spec/support/debit_calls.lua),
--   by_verb = true for the wallets' verbs, server = function that returns the server (spec/support/debit_server.lua) }
function debit_table.each(way)
  local number = 0
  local function step()
    number = number + 1
    local row, at = answers.rows[number], number
    if not row then return nil end
    if way.by_verb and not answers.verb_of(row) then return step() end
    return ("clause %d, %s: %s"):format(row.clause, row.call, row.name), row.harm, function()
      local server = way.server()
      local told = way.perform { url = server.url, run = way.run, number = at, by_verb = way.by_verb }
      check(row, told, server.counts(way.run, at), function(text) return answers.fill(text, way.run, at) end)
    end
  end
  return step
end

return debit_table
