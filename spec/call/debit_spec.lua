-- Every way of spec/fixtures/debit_answers.lua to answer a debit, over libcurl. In nginx: spec/nginx/debit_spec.lua.
local answers = require "spec.fixtures.debit_answers"
local debit_calls = require "spec.support.debit_calls"
local debit_server = require "spec.support.debit_server"
local debit_table = require "spec.support.debit_table"

local HARMS = { " #harm01", " #harm02", " #harm03" }

local server

setup(function() server = debit_server.start() end)
teardown(function() if server then server.stop() end end)

describe("the table of answers to a debit", function()
  it("has rows of every clause, each with a name of its own", function()
    local clauses, names, debits = {}, {}, 0
    for _, row in ipairs(answers.rows) do
      local name = row.clause .. " " .. row.call .. " " .. row.name
      assert.is_nil(names[name], name)
      names[name], clauses[row.clause] = true, (clauses[row.clause] or 0) + 1
      if not row.what then debits = debits + 1 end
    end
    for clause = 1, 7 do assert.is_true(clauses[clause] >= 2, "clause " .. clause) end
    assert.is_true(debits >= 80)
    print(("\n%d ways to answer a debit, %d to answer an inquiry: over libcurl, by slug and by verb, and in nginx"):format(debits,
      #answers.rows - debits))
  end)
end)

local function the_server() return server end

describe("a debit over libcurl", function()
  local way = { run = "curl", perform = debit_calls.perform, server = the_server }
  for name, harm, check in debit_table.each(way) do it(name .. HARMS[harm], check) end
end)

describe("a debit by a wallet's verb, over libcurl", function()
  local way = { run = "verb", perform = debit_calls.perform, server = the_server, by_verb = true }
  for name, harm, check in debit_table.each(way) do it(name .. HARMS[harm], check) end
end)
