-- The options of eko.nginx. They are checked before anything of nginx is used; its dictionary is all that they look at.
local key = ("k"):rep(32)

-- Each: options that differ from good ones, and what is said of them.
local WRONG = {
  { { stoer = 1 }, 'unknown option "stoer"; did you mean "store"?' },
  { { key = "short" }, "at least 32 bytes" },
  { { key = {} }, "a key is missing" },
  { { shared_dict = "nobody" }, "lua_shared_dict nobody 1m;" },
  { { shared_dict = 1 }, 'eko.nginx: option "shared_dict" must be the name of a lua_shared_dict' },
  { { store = "redis" }, 'eko.nginx: option "store" must be a store' },
  { { client = "x" }, 'eko.nginx: option "client" must be a client' },
  { { wallets = { "levin", "x" } }, 'eko.nginx: option "wallets" must be a list of wallets: there is no journey "x"' },
  { { wallets = {} }, 'eko.nginx: option "wallets" must be a list of wallets' },
  { { ttl = 0 }, 'eko.nginx: option "ttl" must be seconds' },
  { { claim_ttl = "1" }, 'eko.nginx: option "claim_ttl" must be seconds' },
  { { max_body = 0 / 0 }, 'eko.nginx: option "max_body" must be bytes' },
  { { origins = "shop.example" }, 'eko.nginx: option "origins" must be a list such as' },
  { { cookie = { same_site = "None" } }, 'eko.nginx: option "cookie": option "same_site" must be "Strict" or "Lax"' },
  { { cookie = { samesite = "Lax" } }, 'did you mean "same_site"?' },
  { { cookie = { name = "a;b" } }, 'option "name" must be letters' },
  { { cookie = { path = "a b" } }, 'option "path" must be letters' },
  { { cookie = { secure = 0 } }, 'option "secure" must be true or false' },
  { { cookie = "x" }, 'eko.nginx: option "cookie": a table of options is expected' },
  { { limits = { start = {} } }, 'eko.nginx: option "limits": unknown option "start"; did you mean "starts"?' },
  { { limits = { starts = {} } }, 'option "starts" must be { count = , seconds = }, or false' },
  { { limits = { addresses = { resends = 5 } } }, 'eko.nginx: option "limits.addresses": option "resends" must be' },
  { { limits = false }, 'eko.nginx: option "limits": a table of options is expected' },
  { { journey_limits = { otps = 0 } }, 'option "otps" must be a whole number from 1 to 1000' },
  { { journey_limits = 5 }, "a table of options is expected" },
}

describe("the options of eko.nginx", function()
  local new
  setup(function()
    rawset(_G, "ngx", { shared = { eko = {} } })
    new = require("eko.nginx").new
  end)
  teardown(function() rawset(_G, "ngx", nil) end)

  local function options_with(more)
    local options = { client = {}, key = key, shared_dict = "eko", store = {} }
    for name, value in pairs(more) do options[name] = value end
    return options
  end

  for _, row in ipairs(WRONG) do
    it("that are wrong raise at the caller's line: " .. row[2], function()
      local options = options_with(row[1])
      local line = debug.getinfo(1, "l").currentline + 1
      local ok, problem = pcall(function() return (new(options)) end)
      assert.is_false(ok)
      assert.truthy(problem:find(row[2], 1, true), problem)
      assert.truthy(problem:find(("options_spec.lua:%d: "):format(line), 1, true), problem)
    end)
  end

  it("must have a client, a store, a dictionary and a key", function()
    for name, said in pairs { client = '"client" is missing: a client', store = '"store" is missing: a store',
      shared_dict = '"shared_dict" is missing: the name', key = "a key is missing" } do
      local options = options_with {}
      options[name] = nil
      local ok, problem = pcall(function() return (new(options)) end)
      assert.is_false(ok)
      assert.truthy(problem:find(said, 1, true), problem)
    end
    local ok, problem = pcall(function() return (new()) end)
    assert.is_false(ok)
    assert.truthy(problem:find("eko.nginx: a table of options is expected", 1, true), problem)
  end)
end)
