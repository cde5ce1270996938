-- Whatever one function does, the debits of the others are sent once and each result is delivered.
local core = require "eko.core"
local curl = require "eko.wire.carrier.curl"
local eko = require "eko"
local emulator_server = require "spec.support.emulator_server"
local error_type = require "eko.base.errors"
local forms = require "spec.support.concurrently_forms"
local interpreter = require "spec.support.interpreter"
local new_transport = require "spec.support.transport"

local MOBILE = "9444444444"
local DEBIT = { slug = "ppi-digikhata-load-wallet", method = "POST" }

local server
setup(function()
  server = emulator_server.start { config = { customers = { [MOBILE] = { customer = "active", digikhata = "active", balance = "1250.50" } } } }
end)
teardown(function()
  curl.close_idle()
  server.stop()
end)
before_each(function() server.clear() end)

local function client_of(more)
  local options = { base_url = server.base_url, developer_key = server.developer_key, access_key = server.access_key,
    initiator_id = "9962981729", user_code = "20810200", timeout = 10 }
  for name, value in pairs(more or {}) do options[name] = value end
  return eko.client(options)
end

local function debit_of(more)
  return client_of(more):call("ppi-digikhata-load-wallet", { customer_id = MOBILE, amount = "100", org_id = "1" })
end

local function tools_of(client)
  return { core = core, eko = eko, errors = error_type, client = client, debit_of = debit_of, transport = new_transport {} }
end

-- Three debits with a function of a form among them, while their answers are not there yet.
local function run_among_debits(run, options)
  local client = client_of()
  local tools = tools_of(client)
  local function debit() return client:call("ppi-digikhata-load-wallet", { customer_id = MOBILE, amount = "100", org_id = "1" }) end
  server.fault { kind = "delay", seconds = 0.05, times = 4, slug = DEBIT.slug, method = "POST" }
  local before = server.count(DEBIT)
  local ok, results, errors = pcall(eko.concurrently, { debit, function() return run(debit, tools) end, debit, debit }, options)
  assert.is_true(ok, "it raised, and what was sent is forgotten: " .. type(results))
  return results, errors, server.count(DEBIT) - before
end

local function assert_debits(results, errors)
  for _, i in ipairs { 1, 3, 4 } do
    assert.is_nil(errors[i])
    assert.equal(2447, assert(results[i], "a debit's result is lost").response_type_id)
  end
end

local function assert_silent(err)
  for _, secret in ipairs(forms.SECRETS) do
    assert.is_nil(tostring(err):find(secret, 1, true))
    assert.is_nil(err.message:find(secret, 1, true))
  end
end

local function check(form, options)
  local results, errors, posts = run_among_debits(form[2], options)
  assert_debits(results, errors)
  assert.equal(3 + form[5], posts)
  local err = errors[2]
  assert.is_nil(results[2])
  assert.is_true(error_type.is(err), "errors[2] is no error of ours")
  assert.same({ "task", form[3] }, { err.kind, err.name })
  assert.equal(tostring(form[4]), tostring(err.sent))
  assert.is_false(err.retryable)
  assert_silent(err)
  if form[5] > 0 then assert.equal("string", type(err.client_ref_id)) end
end

describe("beside debits #harm04 a function that", function()
  for _, list in ipairs { forms.anywhere, forms.in_a_script } do
    for _, form in ipairs(list) do
      it(form[1] .. " takes none with it", function()
        if form.raises_on_5_1 and interpreter.flavour == "5.1" then
          local results, errors, posts = run_among_debits(form[2])
          assert.is_nil(errors[2])
          assert.equal(2447, results[2].response_type_id)
          assert.equal(4, posts)
          return assert_debits(results, errors)
        end
        check(form)
        check(form, { limit = 2 })
        check(form, { limit = 1 })
      end)
    end
  end

  it("stands inside a function of C makes its debit all the same, while the others wait", function()
    for _, run in ipairs {
      function(debit) local answer ("x"):gsub("x", function() answer = debit() end) return answer end,
      function(debit) local answer table.sort({ 1, 2 }, function() answer = answer or debit() return false end) return answer end,
    } do
      local results, errors, posts = run_among_debits(run)
      assert.equal(4, posts)
      assert.is_nil(errors[2])
      assert.equal(2447, results[2].response_type_id)
      assert_debits(results, errors)
    end
  end)

  local only_54 = coroutine.close and it or function() end
  only_54("is closed by another while its debit is under way is said to be killed, and what it sent is not known", function()
    local threads = {}
    local client = client_of()
    server.fault { kind = "delay", seconds = 0.3, times = 1, slug = DEBIT.slug, method = "POST" }
    local results, errors = eko.concurrently {
      function() threads[1] = coroutine.running() return debit_of() end,
      function() assert(client.levin:get { customer_id = "9444444441" }) return coroutine.close(threads[1]) end,
    }
    assert.is_true(results[2])
    assert.same({ "task", "killed" }, { errors[1].kind, errors[1].name })
    assert.is_nil(errors[1].sent)
    assert.equal("string", type(errors[1].client_ref_id))
  end)
end)

describe("what eko.concurrently returns #harm04", function()
  it("keeps what was raised, whatever it is", function()
    local mine, of_ours = { mine = true }, error_type.new { kind = "api", name = "wrong_otp", message = "m", client_ref_id = "R1", tid = "7" }
    local _, errors = eko.concurrently {
      function() error(mine) end, function() error(nil) end, function() error(false) end, function() error("text", 0) end,
      function() error(of_ours) end,
    }
    for i = 1, 5 do assert.equal("raised", errors[i] and errors[i].name) end
    assert.equal(mine, errors[1].cause)
    assert.is_nil(errors[2].cause)
    assert.is_false(errors[3].cause)
    assert.equal("text", errors[4].cause)
    assert.equal(of_ours, errors[5].cause)
    assert.same({ "R1", "7", "task" }, { errors[5].client_ref_id, errors[5].tid, errors[5].kind })
    assert.truthy(errors[1].message:find("concurrently_money_spec.lua:%d+"))
    assert.truthy(errors[5].message:find("wrong_otp", 1, true))
  end)

  it("has an error wherever there is no value, and none where there is one", function()
    local results, errors = eko.concurrently {
      function() return 1, "not an error" end, function() return false end, function() return false, "why" end,
      function() return nil, "why" end, function() end, function() return "" end,
    }
    assert.same({ 1, false, false, nil, nil, "" }, { results[1], results[2], results[3], results[4], results[5], results[6] })
    assert.is_nil(errors[1])
    assert.is_nil(errors[2])
    assert.same({ "why", "why" }, { errors[3], errors[4] })
    assert.equal("no_result", errors[5] and errors[5].name)
    assert.is_nil(errors[6])
  end)

  it("gives the coroutine that yielded, which is not resumed; it may go on alone", function()
    local client, resumed = client_of(), 0
    local results, errors = select(2, pcall(eko.concurrently, {
      function()
        local asked = coroutine.yield()
        resumed = resumed + 1
        return asked, client.levin:get { customer_id = "9444444441" }
      end,
      function() return client.levin:get { customer_id = "9444444442" } end,
    }))
    assert.equal("table", type(results), "it raised")
    assert.equal(0, resumed)
    assert.equal("not_enrolled", results[2].outcome)
    local ok = coroutine.resume(errors[1].thread, "yes")
    assert.is_true(ok)
    assert.equal(1, resumed)
    assert.equal("dead", coroutine.status(errors[1].thread))
  end)

  for _, bad in ipairs { { "first", 1 }, { "middle", 2 }, { "last", 4 } } do
    it("is not lost when on_progress raises in its " .. bad[1] .. " call", function()
      local told, stderr, said = 0, io.stderr, {}
      io.stderr = { write = function(_, ...) said[#said + 1] = table.concat { ... } end } -- luacheck: ignore
      local ok, results, errors, posts = pcall(run_among_debits, function(debit) return debit() end, {
        on_progress = function()
          told = told + 1
          if told >= bad[2] then error "the otp 482913" end
        end,
      })
      io.stderr = stderr -- luacheck: ignore
      assert.is_true(ok, results)
      assert.equal(4, posts)
      assert_debits(results, errors)
      assert.equal(2447, results[2].response_type_id)
      assert.equal(bad[2], told)
      assert.equal(1, #said)
      assert.truthy(said[1]:find("on_progress", 1, true))
      assert.is_nil(said[1]:find("482913", 1, true))
    end)
  end

  it("has nothing to do with a list that changes meanwhile", function()
    local functions = {}
    functions[1] = function() functions[2], functions[3] = nil, nil return 1 end
    functions[2] = function() return 2 end
    functions[3] = function() return 3 end
    local ok, results = pcall(eko.concurrently, functions, { limit = 1 })
    assert.is_true(ok)
    assert.same({ 1, 2, 3 }, results)
  end)
end)
