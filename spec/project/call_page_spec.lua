-- docs/call.md against the code: every function that it names stands in that file, and the calls that it tells of go that way.
local eko = require "eko"
local raw_server = require "spec.support.raw_server"
local shell = require "spec.support.shell"

local jit = rawget(_G, "jit")

local read_file = shell.read_file

-- ---- the page ----

local PAGE = read_file "docs/call.md"

local function section(title)
  local text = PAGE:match("\n## " .. title .. "\n(.-)\n## ") or PAGE:match("\n## " .. title .. "\n(.*)$")
  return assert(text, title)
end

-- The functions that a text names, in its order: { file, name }.
local function named(text, extension)
  local list = {}
  for file, name in text:gmatch("`([%w_/]+%." .. extension .. "): ([%w_.:]+)`") do list[#list + 1] = { file = file, name = name } end
  return list
end

-- ---- the code ----

local definitions = {}

-- A file's functions by the line that they begin at; those within them count as theirs.
local function definitions_of(file)
  if not definitions[file] then
    local list, number = {}, 0
    for line in (read_file("lua/eko/" .. file) .. "\n"):gmatch "(.-)\n" do
      number = number + 1
      local name = line:match "^local function ([%w_]+)" or line:match "^function ([%w_.:]+)"
      if name then list[#list + 1] = { name = name, line = number } end
    end
    definitions[file] = list
  end
  return definitions[file]
end

local function is_defined(file, name)
  for _, each in ipairs(definitions_of(file)) do
    if each.name == name then return true end
  end
  return false
end

local function function_at(file, line)
  local found = "?"
  for _, each in ipairs(definitions_of(file)) do
    if each.line <= line then found = each.name end
  end
  return found
end

-- ---- calls ----

local function answer_of(status, code, data)
  local body = ('{"status":%d,"response_type_id":%d,"message":"m","data":%s}'):format(code == 2485 and code or 0, code, data or "{}")
  return ("HTTP/1.1 %d X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"):format(status, #body, body)
end

local DONE, LATER, USED = answer_of(200, 309), answer_of(503, 0), answer_of(401, 2485)
local PAID, FOUND = answer_of(200, 325, '{"tx_status":"0","tid":"1"}'), answer_of(200, 1472, '{"tx_status":"0","tid":"1","client_ref_id":"R"}')
local LOST = { { "read" }, { "reset" } }

local KEYS = { developer_key = "d", access_key = "a", initiator_id = "9962981729", user_code = "20810200" }
local VERIFY = { customer_id = "9444444444", otp = "012345", otp_ref_id = "r", intent_id = "19", client_ref_id = "R" }
local READ = { customer_id = "9444444444" }
local PAY = {
  customer_id = "9444444444", recipient_id = 1, amount = 100, otp = "1", otp_ref_id = "r", channel = 2, currency = "INR",
  timestamp = "2026-01-01T00:00:00Z", client_ref_id = "R", latlong = "1,2", state = "1", wallet_token = "t",
}

local function verify(client) return client.levin:verify_otp(VERIFY) end
local function verify_customer(client) return client.customer:verify_otp { customer_id = "9444444444", otp = "1", otp_ref_id = "r" } end
local function recipients(client) return client.digikhata:recipients(READ) end
local function transfer(client) return client.levin:transfer(PAY) end
local function dry(client) return client.levin:verify_otp(VERIFY, { dry_run = true }) end
local function by_slug(client) return client:call("ppi-levin-verify-otp", VERIFY) end

local sethook, getinfo = debug.sethook, debug.getinfo

-- The library's functions that are called, in their order; those that are called twice in a row once.
local function walk(call, client)
  local list = {}
  sethook(function()
    local info = getinfo(2, "S")
    local file = info.what == "Lua" and info.source:match "lua/eko/(.+%.lua)$"
    if not file then return end
    local name, last = function_at(file, info.linedefined), list[#list]
    if not (last and last.file == file and last.name == name) then list[#list + 1] = { file = file, name = name } end
  end, "c")
  local result, err = call(client)
  sethook()
  return list, result, err
end

-- What a client's calls are answered with, one after the other; each answer over a connection of its own.
local function walk_over(answers, calls)
  local connections = {}
  for index, answer in ipairs(answers) do
    connections[index] = type(answer) == "table" and answer
      or { { "read" }, { "send", (answer:gsub("\r\n\r\n", "\r\nconnection: close\r\n\r\n", 1)) } }
  end
  local server = raw_server.start(connections)
  local options = { base_url = server.url, retries = 1 }
  for name, value in pairs(KEYS) do options[name] = value end
  local client, walks = eko.client(options), {}
  for index, call in ipairs(calls) do walks[index] = { walk(call, client) } end
  server.stop()
  return walks
end

local function shown(list)
  local parts = {}
  for index, each in ipairs(list) do parts[index] = each.file .. ": " .. each.name end
  return table.concat(parts, "\n")
end

local function files_of(list)
  local files = {}
  for _, each in ipairs(list) do
    if files[#files] ~= each.file then files[#files + 1] = each.file end
  end
  return files
end

-- That each of the functions was called in one of the walks.
local function assert_called(functions, walks)
  local called, all = {}, {}
  for _, each in ipairs(walks) do
    all[#all + 1] = shown(each[1])
    for _, one in ipairs(each[1]) do called[one.file .. ": " .. one.name] = true end
  end
  for _, each in ipairs(functions) do
    local text = each.file .. ": " .. each.name
    assert.is_true(called[text], text .. " is named, and was not called in\n" .. table.concat(all, "\n----\n"))
  end
end

describe("docs/call.md", function()
  setup(function() if jit then jit.off() jit.flush() end end)
  teardown(function() if jit then jit.on() end end)

  it("names functions that stand where it says", function()
    local ours, cores = named(PAGE, "lua"), named(PAGE, "c")
    assert.is_true(#ours > 40 and #cores >= 5, #ours .. " " .. #cores)
    for _, each in ipairs(ours) do assert.is_true(is_defined(each.file, each.name), each.file .. ": " .. each.name) end
    for _, each in ipairs(cores) do
      assert.truthy(("\n" .. read_file("src/" .. each.file)):find("\n[%a][^\n]*[ *]" .. each.name .. "%("), each.file .. ": " .. each.name)
    end
    for file in PAGE:gmatch "`([%w_/]+%.lua)`" do read_file(file:find "^spec/" and file or "lua/eko/" .. file) end
  end)

  it("has the way of a call: the files in their order, and in each the functions", function()
    local walks = walk_over({ { { "read" }, { "send", DONE }, { "read" }, { "send", DONE } } }, { verify, verify })
    local seen, result = walks[2][1], walks[2][2]
    assert.equal("verified", result.outcome)
    local told = named(section("There and back"):match "^(.-)\n\n[^|]", "lua")
    assert.same(files_of(seen), files_of(told), shown(seen))
    local at = 1
    for _, each in ipairs(told) do
      while seen[at] and not (seen[at].file == each.file and seen[at].name == each.name) do at = at + 1 end
      assert.is_table(seen[at], ("%s: %s does not come there; the way was\n%s"):format(each.file, each.name, shown(seen)))
    end
  end)

  it("has what is made the first time", function()
    assert_called(named(section "The first time", "lua"), walk_over({ DONE }, { verify_customer }))
  end)

  it("has what a retry asks", function()
    local walks = walk_over({ LATER, DONE, USED, DONE }, { recipients, verify })
    assert.equal(2, walks[1][2].meta and walks[1][2].meta.attempts or walks[1][2].response.meta.attempts)
    assert.equal(2, walks[2][2].response.meta.attempts)
    assert_called(named(section "A retry", "lua"), walks)
  end)

  it("has what a debit does", function()
    local walks = walk_over({ PAID, LOST, FOUND }, { transfer, transfer })
    assert.equal("succeeded", walks[1][2].state)
    assert.is_true(walks[2][2].inquired, tostring(walks[2][3]))
    assert_called(named(section "A debit", "lua"), walks)
  end)

  it("has the way over a transport of the user's, and of dry_run", function()
    local sent = 0
    local options = { base_url = "http://127.0.0.1:1", transport = function()
      sent = sent + 1
      return { status = 200, headers = {}, body = '{"status":0,"response_type_id":309}' }
    end }
    for name, value in pairs(KEYS) do options[name] = value end
    local client = eko.client(options)
    local functions = named(section "A transport of the user's, and dry_run", "lua")
    for _, call in ipairs { verify, dry } do
      local list, result = walk(call, client)
      assert.is_table(result)
      assert_called(functions, { { list } })
    end
    assert.equal(1, sent)
    assert_called({ { file = "client.lua", name = "methods:call" } }, { { (walk(by_slug, client)) } })
  end)
end)
