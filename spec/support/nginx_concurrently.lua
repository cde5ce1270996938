--- Runs inside nginx: debits side by side, with a function among them that does what a spec asks for.

local cjson = require("cjson").new()
local eko = require "eko"
local errors = require "eko.base.errors"
local forms = require "spec.support.concurrently_forms"

local nginx_concurrently = {}

--- What a function can do inside nginx alone; as `forms.anywhere`.
nginx_concurrently.forms = {
  { "ends the request before any call", function() ngx.exit(444) end, "raised", false, 0 },
  { "ends the request after a debit", function(debit) debit() return ngx.exit(500) end, "raised", true, 1 },
  { "sends the request elsewhere", function(debit) debit() return ngx.exec "/other" end, "raised", true, 1 },
  { "redirects the request", function(debit) debit() return ngx.redirect "/other" end, "raised", true, 1 },
  { "ends the request inside another eko.concurrently", function(debit, tools)
    local _, failures = tools.eko.concurrently { function() debit() ngx.exit(500) end }
    error(failures[1])
  end, "raised", true, 1 },
  -- (An error in a coroutine of coroutine.wrap ends the light thread around it, whatever stands between.)
  { "raises in a coroutine of its own", function(debit)
    debit()
    return coroutine.wrap(function() error "of a spec" end)()
  end, "killed", true, 1 },
  { "ends the request in a coroutine of its own", function(debit)
    debit()
    return coroutine.wrap(function() return ngx.exit(500) end)()
  end, "killed", true, 1 },
  { "ends the request in a coroutine that has waited", function(debit)
    debit()
    local ok, problem = coroutine.resume(coroutine.create(function()
      ngx.sleep(0.01)
      return ngx.redirect "/other"
    end))
    if not ok then error(problem) end
  end, "raised", true, 1 },
  { "has a light thread that ends the request", function(debit)
    local thread = ngx.thread.spawn(function() return ngx.exit(500) end)
    debit()
    ngx.thread.wait(thread)
  end, "no_result", true, 1 },
  { "has a light thread that ends the request, and does not wait for it", function(debit)
    ngx.thread.spawn(function()
      ngx.sleep(0.01)
      return ngx.exec "/other"
    end)
    debit()
  end, "no_result", true, 1 },
  { "has a light thread that dies, and returns nothing", function(debit)
    ngx.thread.wait(ngx.thread.spawn(function() error "dead" end))
    debit()
  end, "no_result", true, 1 },
}

--- What gives way to others inside nginx, and goes on: { what it does, the function, how many debits it sends }.
nginx_concurrently.going_on = {
  { "yields", function(debit) debit() coroutine.yield() return "went on" end, 1 },
  { "yields between two debits", function(debit) debit() coroutine.yield() debit() return "went on" end, 2 },
  { "sleeps", function() ngx.sleep(0.01) return "went on" end, 0 },
}

local function told(results, failures)
  local out = {}
  for i = 1, 4 do
    local result, err = results[i], failures[i]
    out[i] = {
      result = type(result) == "table" and result.response_type_id or result,
      is_ours = errors.is(err),
      err = type(err) == "table" and { kind = err.kind, name = err.name, sent = tostring(err.sent), message = err.message,
        text = tostring(err), has_reference = type(err.client_ref_id) == "string" } or err and { name = tostring(err) } or nil,
    }
  end
  return out
end

--- A handler: the body is `{ client = options, list =, index =, limit =, progress = n }`; `progress`: on_progress raises (or ends the
-- request) from its n-th call on. Without `list` the second function makes a debit too.
function nginx_concurrently.handle()
  ngx.req.read_body()
  local job = cjson.decode(ngx.req.get_body_data())
  local client = eko.client(job.client)
  local function debit() return client:call("ppi-digikhata-load-wallet", { customer_id = job.mobile, amount = "100", org_id = "1" }) end
  local tools = { eko = eko, errors = errors, client = client }
  local list = job.list == "anywhere" and forms.anywhere or nginx_concurrently[job.list]
  local run = list and list[job.index][2] or debit
  local calls = 0
  local function on_progress()
    calls = calls + 1
    if job.progress and calls >= job.progress then
      if job.ends_request then ngx.exit(500) end
      error "the otp 482913"
    end
  end
  local results, failures = eko.concurrently({ debit, function() return run(debit, tools) end, debit, debit },
    { limit = job.limit, on_progress = on_progress })
  ngx.header.content_type = "application/json"
  ngx.print(cjson.encode { tasks = told(results, failures), progress = calls })
end

return nginx_concurrently
