-- The exact bytes of requests, as spec/fixtures/golden holds them: what a user's transport and `dry_run` are handed, and what leaves
-- over our own exchange. `lua5.4 spec/support/golden.lua write` writes them anew.
local catalogue = require "eko.wallets.catalogue"
local curl = require "eko.wire.carrier.curl"
local eko = require "eko"
local golden = require "spec.support.golden"
local golden_calls = require "spec.support.golden_calls"
local golden_server = require "spec.support.golden_server"

local GROUPS = {}
for _, list in ipairs { golden_calls.rails, golden_calls.groups } do
  for _, group in ipairs(list) do GROUPS[#GROUPS + 1] = group end
end

local function by_name(blocks)
  local found = {}
  for _, block in ipairs(blocks) do
    assert.is_nil(found[block.name], block.name)
    found[block.name] = block
  end
  return found
end

local heads = by_name(golden.load "heads")

-- Long texts: their first difference says more than both of them.
local function assert_alike(expected, actual, name)
  if expected == actual then return end
  local at = 1
  while actual and expected and expected:byte(at) == actual:byte(at) do at = at + 1 end
  assert.is_true(false, ("%s, byte %d: %q was to be %q"):format(name, at, tostring(actual and actual:sub(math.max(at - 20, 1), at + 60)),
    tostring(expected and expected:sub(math.max(at - 20, 1), at + 60))))
end

local function assert_block(block, call)
  local found = golden.outcome(call)
  for _, part in ipairs { "method", "path", "path_beside_extra", "body", "error" } do
    assert_alike(block[part], found[part], block.name .. ": " .. part)
  end
  assert.same(block.problems, found.problems, block.name)
end

local function lines_of(sent) return heads[sent.body and "http, a body" or "http, no body"].lines end

-- All headers but those that the exchange adds.
local function headers_of(lines)
  local headers = {}
  for index = 2, #lines do
    local name, value = lines[index]:match "^(.-): (.*)$"
    headers[name] = value:gsub("{version}", eko._VERSION)
  end
  headers.host, headers["content-length"] = nil, nil
  return headers
end

describe("golden bytes", function()
  -- One that was added has none until the fixtures are written anew.
  it("are there for the endpoints of the catalogue, four times", function()
    local names, slugs = {}, {}
    for _, rail in ipairs(golden_calls.rails) do
      for _, block in ipairs(golden.load(rail)) do names[block.name], slugs[block.slug] = true, true end
    end
    local count = 0
    for slug in pairs(slugs) do
      assert.is_table((catalogue.get(slug)), slug)
      for _, set in ipairs { "only what is required", "everything", "hard values", "the longest" } do
        assert.truthy(names[slug .. ", " .. set], slug .. ", " .. set .. ": write the fixtures anew")
        count = count + 1
      end
    end
    assert.truthy(count >= 164)
  end)

  for _, group in ipairs(GROUPS) do
    it("of " .. group .. ": a user's transport and dry_run are handed them", function()
      golden.with_endpoints(function()
        for _, block in ipairs(golden.load(group)) do
          assert_block(block, block)
          if block.method then
            local sent, dry = golden.over_transport(block), golden.dry_run(block)
            assert.same(headers_of(lines_of(block)), sent.headers, block.name)
            assert.same(sent.headers, dry.headers, block.name)
            assert_alike(sent.method .. sent.path .. (sent.body or ""), dry.method .. dry.path .. (dry.body or ""), block.name)
          end
        end
      end)
    end)

    it("of " .. group .. ": they leave over our own exchange", function()
      local server = golden_server.start "tcp"
      local ok, err = pcall(golden.with_endpoints, function()
        local expected = {}
        for _, block in ipairs(golden.load(group)) do
          if block.method then
            expected[#expected + 1] = block
            golden.over_exchange(block, server.origin .. golden.BASE_PATH)
          end
        end
        local requests = server.requests()
        assert.equal(#expected, #requests)
        for index, block in ipairs(expected) do
          local bytes = golden.whole(lines_of(block), block, { port = server.port, version = eko._VERSION })
          assert_alike(bytes, golden.masked(requests[index], block), block.name)
        end
      end)
      curl.close_idle()
      server.stop()
      if not ok then error(err, 0) end
    end)
  end

  it("of whole heads: over http, https and a socket in the file system", function()
    local found = golden.heads()
    curl.close_idle()
    for _, head in ipairs(golden.HEADS) do
      local block, seen = heads[head.name], found[head.name]
      local bytes = table.concat(block.lines, "\r\n") .. "\r\n\r\n" .. (block.body or "")
      bytes = bytes:gsub("{(%l+)}", { port = seen.port, version = eko._VERSION })
      assert_alike(bytes, seen.bytes, head.name)
    end
  end)

  it("are signed with the clock's millisecond, as eko.sign signs it", function()
    for name, head in pairs(heads) do
      local text = table.concat(head.lines, "\r\n") .. "\r\n"
      local timestamp = text:match "\r\nsecret%-key%-timestamp: (%d+)\r\n"
      assert.equal(("%.0f"):format(golden.START), timestamp, name)
      assert.equal(eko.sign(golden.ACCESS_KEY, timestamp), text:match "\r\nsecret%-key: (%S+)\r\n", name)
    end
  end)

  it("have a timestamp and signature of their own each time", function()
    local client = golden.client {}
    for index = 0, 2 do
      local made = assert(client:call("get-customer-info", { customer_id = "9444444444" }, { dry_run = true }))
      local timestamp = ("%.0f"):format(golden.START + index)
      assert.equal(timestamp, made.headers["secret-key-timestamp"])
      assert.equal(eko.sign(golden.ACCESS_KEY, timestamp), made.headers["secret-key"])
    end
  end)

  it("are not sent where a call is refused: the problems, in order", function()
    local blocks, count = by_name(golden.load "problems"), 0
    golden.with_endpoints(function()
      for _, bad in ipairs(golden.refused()) do
        assert_block(assert(blocks[bad.name], bad.name .. ": write the fixtures anew"), bad.call)
        count = count + 1
      end
    end)
    assert.equal(#golden.load "problems", count)
  end)
end)

describe("the changes that are meant", function()
  local function holds(block, what)
    if type(what) == "table" then
      for _, problem in ipairs(block.problems or {}) do
        if problem[1] == what.refused then return true end
      end
      return false
    end
    local text = table.concat({ block.path or "", block.body or "", table.concat(block.lines or {}, "\r\n") }, "\n")
    return text:find(what, 1, true) ~= nil
  end

  it("are not in the fixtures before they are made, and are once they are", function()
    local blocks, count = {}, 0
    for _, change in ipairs(golden.load "changes") do
      assert.is_true(#change.cases > 0 or change.unseen, change.about)
      for _, case in ipairs(change.cases) do
        blocks[case[1]] = blocks[case[1]] or by_name(golden.load(case[1]))
        local block = assert(blocks[case[1]][case[2]], case[2])
        assert.equal(not change.done, holds(block, case[3]), case[2] .. ", today")
        assert.equal(change.done or false, holds(block, case[4]), case[2] .. ", then")
        count = count + 1
      end
    end
    assert.is_true(count > 30)
  end)
end)
