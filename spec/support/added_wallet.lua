--- Run in a copy of the tree to which spec/project/add_wallet_spec.lua added the wallet `piggy`: uses it in each way that there is.
package.path = "./?.lua;" .. package.path

local eko = require "eko"
local nginx = require "spec.support.nginx"

local CUSTOMER = "9444444444"
local KEY = ("k"):rep(32)

local function equal(expected, found, what)
  if expected ~= found then error(("%s: %s was to be %s"):format(what, tostring(found), tostring(expected)), 2) end
end

local client = eko.client { environment = "emulator" }
local platform = client.emulator

-- Typed verbs.
local sender = assert(client.piggy:get { customer_id = CUSTOMER })
equal("eko.piggy.get: active", tostring(sender), "client.piggy:get")
equal("string 1", ("%s %s"):format(type(sender.customer_profile.name), sender.customer_profile.name), "a member of its shape")
local ok, problem = pcall(function() return client.piggy.veryfy_otp end)
equal(false, ok, "a mistyped verb")
assert(problem:find('did you mean "verify_otp"', 1, true), problem)

-- Its journey, suspended and resumed on the way. What the platform says here is scripted: the emulator knows no rail of the name.
platform:script("piggy-get-sender", { { body = { status = 2129, response_type_id = 2129, data = { otp_ref_id = "ref-1" } } } })
local flow = client:onboarding("piggy", { customer_id = CUSTOMER })
local step = assert(flow:advance())
equal("otp otp", step.state .. " " .. step.needs[1], "the step that asks")
flow = assert(client:resume(flow:suspend(KEY), KEY))
step = assert(flow:advance { otp = "123456" })
equal("true done verified", ("%s %s %s"):format(tostring(step.done), step.state, step.outcome), "the last step")
equal("piggy-get-sender piggy-verify-otp", table.concat({
  platform:requests()[2].slug, platform:requests()[3].slug,
}, " "), "what was sent")
ok, problem = pcall(client.onboarding, client, "pigy", { customer_id = CUSTOMER })
equal(false, ok, "a mistyped wallet")
assert(problem:find('did you mean "piggy"', 1, true), problem)

-- nginx, where the wallets that may be used are an option.
if nginx.available() then
  local server = nginx.start {
    http = [[
      lua_shared_dict eko 1m;
      server {
        listen unix:{{prefix}}/app.sock;
        location /piggy { content_by_lua_block { require("app").piggy:start() } }
        location /others { content_by_lua_block { require("app").others:start() } }
      }
    ]],
    files = { ["lua/app.lua"] = [[
      local function app(wallets)
        return require("eko.nginx").new {
          client = function() return require("eko").client { environment = "emulator" } end, key = ("k"):rep(32), shared_dict = "eko",
          store = require("eko.store.shared_dict").new "eko", wallets = wallets,
        }
      end
      return { piggy = app { "piggy" }, others = app { "levin" } }
    ]] },
  }
  local function start(path)
    return server:request {
      unix = "app.sock", method = "POST", path = path,
      headers = {
        host = "localhost", origin = "http://localhost", ["x-requested-with"] = "spec", ["content-type"] = "application/json",
      },
      body = '{"wallet":"piggy","customer_id":"9444444444"}',
    }
  end
  local answer, other = start "/piggy", start "/others"
  server:stop()
  equal(200, answer.status, "nginx: " .. answer.body)
  assert(answer.body:find('"wallet":"piggy"', 1, true) and answer.body:find('"done":true', 1, true), answer.body)
  equal(422, other.status, "nginx, where it may not be used: " .. other.body)
end
print "verbs, journey, nginx"
