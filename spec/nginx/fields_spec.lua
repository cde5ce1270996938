-- The modules that are fields of `require "eko"`, first asked for in nginx: in `init_by_lua_block`, and while a request is answered.
local nginx = require "spec.support.nginx"

local HTTP = [[
  lua_shared_dict journeys 1m;
  lua_shared_dict eko 1m;
  init_by_lua_block {
    eko = require "eko"
    app = eko.nginx.new {
      client = function() return eko.client { environment = "emulator" } end,
      key = ("k"):rep(32), store = eko.store.shared_dict.new "journeys", shared_dict = "eko",
    }
  }
  server {
    listen unix:{{prefix}}/app.sock;
    location = /fields { content_by_lua_block {
      local before = package.loaded["eko.emulator"]
      ngx.print(tostring(app), " ", tostring(before), " ", type(eko.emulator.new), " ", eko.money.parse "1.50", " ", tostring(eko.webhook))
    } }
    location = /mistyped { content_by_lua_block { ngx.print((select(2, pcall(function() return eko.moeny end)))) } }
  }
]]

describe("the fields of eko inside nginx", function()
  local server
  setup(function() server = nginx.start { http = HTTP } end)
  teardown(function() server:stop() end)

  it("are loaded when they are first asked for", function()
    local answer = server:request { unix = "app.sock", path = "/fields" }
    assert.equal("eko.nginx nil function 150 nil", answer.body)
  end)

  it("raise when they are mistyped", function()
    local answer = server:request { unix = "app.sock", path = "/mistyped" }
    assert.truthy(answer.body:find('eko has no "moeny", did you mean "money"', 1, true), answer.body)
  end)
end)
