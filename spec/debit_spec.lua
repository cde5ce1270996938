-- Every way of spec/fixtures/debit_answers.lua to answer a debit, over libcurl in a script and over cosockets in nginx: what the
-- caller is told, and how often the server saw the debit.
local answers = require "spec.fixtures.debit_answers"
local cjson = require("cjson").new()
local debit_calls = require "spec.support.debit_calls"
local debit_server = require "spec.support.debit_server"
local nginx = require "spec.support.nginx"

local HTTP = [[
  underscores_in_headers on;
  init_by_lua_block { debit_calls = require "spec.support.debit_calls" }
  server {
    listen unix:{{prefix}}/app.sock;
    location / {
      content_by_lua_block {
        local job = { url = ngx.var.arg_url, run = ngx.var.arg_run, number = tonumber(ngx.var.arg_number) }
        ngx.print(require("cjson").encode(debit_calls.perform(job)))
      }
    }
  }
]]

local server, nginx_server

setup(function()
  server = debit_server.start()
  nginx_server = nginx.start { http = HTTP, package_path = nginx.root .. "/?.lua" }
end)
teardown(function()
  if nginx_server then nginx_server:stop() end
  if server then server.stop() end
end)

local function in_nginx(job)
  local path = ("/?url=%s&run=%s&number=%d"):format(job.url, job.run, job.number)
  local answer = nginx_server:request { unix = "app.sock", path = path, timeout = 20 }
  assert(answer.status == 200, ("status %d\n%s"):format(answer.status, nginx_server:error_log()))
  return cjson.decode(answer.body)
end

-- Each way through the table: its name, the run's, what makes a call, and whether by the wallets' verbs.
local WAYS = {
  { "over libcurl", "curl", debit_calls.perform }, { "in nginx", "nginx", in_nginx },
  { "by a wallet's verb, over libcurl", "verb", debit_calls.perform, true },
}

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
    print(("\n%d ways to answer a debit and %d to answer an inquiry, over libcurl and in nginx"):format(debits, #answers.rows - debits))
  end)
end)

for _, way in ipairs(WAYS) do
  local title, run, perform, by_verb = way[1], way[2], way[3], way[4]
  describe("a debit " .. title, function()
    for number, row in ipairs(answers.rows) do
      if not by_verb or answers.verb_of(row) then
        it(("clause %d, %s: %s #harm%02d"):format(row.clause, row.call, row.name, row.harm), function()
          local told = perform { url = server.url, run = run, number = number, by_verb = by_verb }
          check(row, told, server.counts(run, number), function(text) return answers.fill(text, run, number) end)
        end)
      end
    end
  end)
end
