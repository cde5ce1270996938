-- Inside a real nginx too: whatever one function does, the debits of the others are sent once and each result is delivered.
local cjson = require("cjson").new()
local emulator_server = require "spec.support.emulator_server"
local forms = require "spec.support.concurrently_forms"
local nginx = require "spec.support.nginx"

local MOBILE = "9444444444"
local DEBIT = { slug = "ppi-digikhata-load-wallet", method = "POST" }

local HTTP = [[
  server {
    listen unix:{{prefix}}/app.sock;
    location / { content_by_lua_block { require("spec.support.nginx_concurrently").handle() } }
    location = /other { return 204; }
  }
]]

local platform, server
setup(function()
  platform = emulator_server.start { config = { customers = { [MOBILE] = { customer = "active", digikhata = "active", balance = "1250.50" } } } }
  server = nginx.start { http = HTTP, package_path = nginx.root .. "/?.lua" }
end)
teardown(function()
  platform.stop()
  server:stop()
end)
before_each(function() platform.clear() end)

-- Three debits with a function of a form among them, while their answers are not there yet.
local function run_among_debits(job)
  job.mobile = MOBILE
  job.client = { base_url = platform.base_url, developer_key = platform.developer_key, access_key = platform.access_key,
    initiator_id = "9962981729", user_code = "20810200", timeout = 10 }
  platform.fault { kind = "delay", seconds = 0.05, times = 4, slug = DEBIT.slug, method = "POST" }
  local before = platform.count(DEBIT)
  local answer = server:try { unix = "app.sock", method = "POST", path = "/", body = cjson.encode(job), timeout = 10 }
  assert.equal(200, answer and answer.status, "the handler died, and what was sent is forgotten")
  local told = cjson.decode(answer.body)
  return told.tasks, platform.count(DEBIT) - before, told.progress
end

local function assert_debits(tasks, extra)
  for _, i in ipairs { 1, 3, 4, extra } do
    assert.is_nil(tasks[i].err)
    assert.equal(2447, tasks[i].result, "a debit's result is lost")
  end
end

local function check(form, job)
  local tasks, posts = run_among_debits(job)
  assert_debits(tasks)
  assert.equal(3 + form[5], posts)
  local second = tasks[2]
  assert.is_nil(second.result)
  assert.is_true(second.is_ours, "errors[2] is no error of ours")
  assert.same({ "task", form[3], tostring(form[4]) }, { second.err.kind, second.err.name, second.err.sent })
  for _, secret in ipairs(forms.SECRETS) do assert.is_nil(second.err.text:find(secret, 1, true)) end
  assert.equal(form[5] > 0, second.err.has_reference)
end

-- The support module runs inside nginx; here only the names of its forms are of use.
local inside = require "spec.support.nginx_concurrently"

describe("inside nginx, beside debits #harm04 a function that", function()
  for name, list in pairs { anywhere = forms.anywhere, forms = inside.forms } do
    for index, form in ipairs(list) do
      it(form[1] .. " takes none with it", function()
        for _, limit in ipairs { 64, 2, 1 } do check(form, { list = name, index = index, limit = limit }) end
      end)
    end
  end

end)

describe("inside nginx, beside debits a function that", function()
  for index, form in ipairs(inside.going_on) do
    it(form[1] .. " gives way to others and goes on", function()
      local tasks, posts = run_among_debits { list = "going_on", index = index }
      assert_debits(tasks)
      assert.equal("went on", tasks[2].result)
      assert.equal(3 + form[3], posts)
    end)
  end
end)

describe("inside nginx what eko.concurrently returns #harm04", function()
  for _, bad in ipairs { { "first", 1 }, { "middle", 2 }, { "last", 4 } } do
    for _, ends_request in ipairs { false, true } do
      it(("is not lost when on_progress %s in its %s call"):format(ends_request and "ends the request" or "raises", bad[1]), function()
        for _, limit in ipairs { 64, 2, 1 } do
          local _, before = server:error_log():gsub("on_progress raised", "")
          local tasks, posts, told = run_among_debits { progress = bad[2], ends_request = ends_request, limit = limit }
          assert.equal(4, posts)
          assert_debits(tasks, 2)
          assert.equal(bad[2], told)
          local _, after = server:error_log():gsub("on_progress raised", "")
          assert.equal(before + 1, after)
          assert.is_nil(server:error_log():find("482913", 1, true))
        end
      end)
    end
  end
end)
