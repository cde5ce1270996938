-- "Add an endpoint" of docs/adding.md, done: one entry in one file, in a copy of the tree, and all else knows it.
local shell = require "spec.support.shell"
local tree_copy = require "spec.support.tree_copy"

-- The page's own examples. The entry says neither its role nor that it moves money, and the verb documents its answer.
local blocks = {}
for block in shell.read_file("docs/adding.md"):gmatch "```lua\n(.-)```" do blocks[#blocks + 1] = block end
local ENTRY, VERB = blocks[1], blocks[2]

local OF_NO_WALLET = [[
  {
    slug = "list-colours", method = "GET", path = "/tools/reference/colours", about = "the colours that there are",
    params = { "initiator_id!", { "shade!", type = "string", from = "light or dark" } },
  },
]]

-- The specs that hold all endpoints.
local SPECS = "spec/catalog/catalog_spec.lua spec/wallets/wallet_spec.lua spec/wallets/chain_spec.lua spec/call/answers_spec.lua "
  .. "spec/call/golden_data_spec.lua spec/base/outcomes_spec.lua spec/project/rockspec_spec.lua"

describe("an endpoint that is added as one entry in one file", function()
  local copy

  setup(function()
    copy = tree_copy.make()
    copy:append("lua/eko/wallets/levin/endpoints.lua", ENTRY)
    copy:append("lua/eko/wallets/levin/verbs.lua", VERB)
    copy:append("lua/eko/catalog/transactions.lua", OF_NO_WALLET)
  end)
  teardown(function() copy:remove() end)

  local function assert_runs(code, out) assert.equal(0, code, out) return out end

  it("is called, described and looked up, against the emulator in the process and as a server", function()
    local out = assert_runs(copy:run "spec/support/added_endpoint.lua")
    assert.equal("in this process and over HTTP\n", out)
  end)

  it("is known to the command line", function()
    local listed = assert_runs(copy:run "bin/eko endpoints gift")
    assert.equal("levin-gift  POST  /customer/payment/ppi-levin/gift/{customer_id}  give a sender something\n", listed)
    local described = assert_runs(copy:run "bin/eko describe levin-gift")
    assert.truthy(described:find("colour         body  required  text", 1, true), described)
    assert.truthy(described:find("It moves money, and is never sent twice.", 1, true), described)
    local called = assert_runs(copy:run "bin/eko call levin-gift customer_id=9444444444 amount=5 colour=red --emulator")
    assert.truthy(called:find("completed (levin-gift, HTTP 200)", 1, true), called)
  end)

  it("is counted nowhere else: the specs that hold all endpoints pass", function()
    assert_runs(copy:busted(SPECS))
    assert_runs(copy:busted "spec/call/golden_spec.lua --filter='are there for'")
  end)

  it("is refused where it is no entry", function()
    copy:replace("lua/eko/wallets/levin/endpoints.lua", '"levin-gift", method = "POST"', '"ppi-levin-get-sender", method = "POST"')
    local code, out = copy:run "bin/eko endpoints"
    assert.equal(1, code)
    assert.truthy(out:find("ppi-levin-get-sender stands twice in the catalogue", 1, true), out)
  end)
end)
