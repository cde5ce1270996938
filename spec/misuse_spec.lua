-- Misuse raises at the line of whoever misused, on every Lua.
local eko = require "eko"

describe("misuse raises at the caller's line:", function()
  local client = eko.client { environment = "emulator" }
  local flow = client:onboarding("levin", { customer_id = "9444444444" })
  local key = ("k"):rep(32)
  local params = { customer_id = "9444444444" }

  local MISUSES = {
    { "eko.client without options", function() return (eko.client()) end },
    { "an unknown option of a client", function() return (eko.client { enviroment = "emulator" }) end },
    { "an ill-typed option of a client", function() return (eko.client { environment = "emulator", timeout = "x" }) end },
    { "a client without keys", function() return (eko.client { environment = "sandbox" }) end },
    { "an unknown option of a call", function() return (client:call("ppi-levin-get-sender", params, { tiemout = 1 })) end },
    { "an ill-typed option of a call", function() return (client:call("ppi-levin-get-sender", params, { timeout = -1 })) end },
    { "an unknown option of a verb", function() return (client.levin:get(params, { tiemout = 1 })) end },
    { "an ill-typed option of a verb", function() return (client.levin:get(params, { dry_run = 1 })) end },
    { "an inquiry of nothing", function() return (client:inquire(5)) end },
    { "an inquiry of neither", function() return (client:inquire { amount = 5 }) end },
    { "an unknown field of an inquiry", function() return (client:inquire { tidd = "1" }) end },
    { "an ill-typed field of an inquiry", function() return (client:inquire { tid = {} }) end },
    { "an ill-typed option of an inquiry", function() return (client:inquire({ tid = "1" }, { retries = -1 })) end },
    { "an unknown option of a request", function() return (client:request({ method = "GET", path = "/x" }, { tiemout = 1 })) end },
    { "an unknown option of a sibling", function() return (client:with { tiemout = 1 }) end },
    { "an option that siblings share", function() return (client:with { proxy = "http://127.0.0.1" }) end },
    { "an unknown journey", function() return (client:onboarding("levine", params)) end },
    { "inputs of a journey that are no table", function() return (client:onboarding("levin", "9444444444")) end },
    { "an unknown input of a journey", function() return (client:onboarding("levin", { customer = "9444444444" })) end },
    { "a customer_id of a journey", function() return (client:onboarding("levin", { customer_id = "1" })) end },
    { "an unknown option of a journey", function() return (client:onboarding("levin", params, { limit = {} })) end },
    { "an ill-typed limit of a journey", function() return (client:onboarding("levin", params, { limits = { otps = 0 } })) end },
    { "limits of a journey that are no table", function() return (client:onboarding("levin", params, { limits = 5 })) end },
    { "a short key", function() return (client:resume("token", "short")) end },
    { "an unknown option of resume", function() return (client:resume("token", key, { ctx = "x" })) end },
    { "inputs of advance that are no table", function() return (flow:advance "x") end },
    { "inputs of advance of another customer", function() return (flow:advance { customer_id = "9444444445" }) end },
    { "suspend without a key", function() return (flow:suspend()) end },
    { "an ill-typed option of resume", function() return (client:resume("token", key, { context = 5 })) end },
    { "an unknown option of suspend", function() return (flow:suspend(key, { tll = 5 })) end },
    { "an ill-typed option of suspend", function() return (flow:suspend(key, { ttl = 0 })) end },
    { "a context of suspend that is empty", function() return (flow:suspend(key, { context = "" })) end },
    { "an ask of eko.run that gives text", function()
      return (eko.run(client:onboarding("levin", params), function() return "x" end))
    end },
    { "an ask of eko.run that gives an unknown input", function()
      return (eko.run(client:onboarding("levin", params), function(step) return { [step.needs[1]] = "x", naem = "x" } end))
    end },
    { "an ask of eko.run that gives another customer's", function()
      return (eko.run(client:onboarding("levin", params), function(step) return { [step.needs[1]] = "x", customer_id = "9444444445" } end))
    end },
    { "eko.concurrently without a list", function() return (eko.concurrently()) end },
    { "eko.concurrently with no function in it", function() return (eko.concurrently { 5 }) end },
    { "an unknown option of eko.concurrently", function() return (eko.concurrently({}, { limt = 1 })) end },
    { "an unknown option of a store in Redis", function() return (eko.store.redis.new { hots = "x" }) end },
    { "an ill-typed option of a store in Redis", function() return (eko.store.redis.new { timeout = 0 }) end },
    { "a user name without a password", function() return (eko.store.redis.new { username = "x" }) end },
    { "a store in a cookie without a jar", function() return (eko.store.cookie.new {}) end },
    { "an unknown option of a store in a cookie", function() return (eko.store.cookie.new { jar = { read = print, write = print }, x = 1 }) end },
    { "a mistyped module", function() return (eko.moeny) end },
    { "an ill-typed option of eko.concurrently", function() return (eko.concurrently({}, { limit = 0 })) end },
  }

  for _, row in ipairs(MISUSES) do
    it(row[1], function()
      local ok, problem = pcall(row[2])
      assert.is_false(ok)
      local line = debug.getinfo(row[2], "S").linedefined
      local found = tonumber(tostring(problem):match "misuse_spec%.lua:(%d+): ")
      assert.truthy(found and found >= line and found <= line + 1, tostring(problem))
    end)
  end
end)
