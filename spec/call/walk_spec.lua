-- The way of a call, walked: which files' functions are called, in their order, from a verb to what sends the bytes. No file is entered
-- twice, and the way is the same over our own exchange, a transport of the user's and without sending, but for its end.
local eko = require "eko"
local raw_server = require "spec.support.raw_server"

local ANSWER = '{"status":0,"response_status_id":-1,"response_type_id":309,"message":"ok","data":{"tx_status":"0","tid":"1"}}'
local HTTP = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " .. #ANSWER .. "\r\n\r\n" .. ANSWER

local function transport() return { status = 200, headers = {}, body = ANSWER } end

local PARAMS = {
  customer_id = "9444444444", otp = "012345", otp_ref_id = "r", intent_id = "19", recipient_id = 1, amount = 100, latlong = "19.0,72.8",
  client_ref_id = "REF-1",
}

local function params_of(slug)
  local params, fields = {}, assert(eko.describe(slug)).fields
  for name, value in pairs(PARAMS) do
    if fields[name] then params[name] = value end
  end
  for name, field in pairs(fields) do
    if field.required and params[name] == nil and name ~= "initiator_id" and name ~= "user_code" then params[name] = "1" end
  end
  return params
end

-- Each: what is called, and where its way begins.
local CALLS = {
  { "a verb by POST", "wallets/init", "ppi-levin-verify-otp", function(client, params, options)
    return client.levin:verify_otp(params, options)
  end },
  { "a verb by GET", "wallets/init", "ppi-digikhata-get-recipients", function(client, params, options)
    return client.digikhata:recipients(params, options)
  end },
  { "a verb that moves money", "wallets/init", "ppi-levin-initiate-transaction", function(client, params, options)
    return client.levin:transfer(params, options)
  end },
  { "a slug", "client", "aadhaar-ppi-levin-verify-otp", function(client, params, options)
    return client:call("aadhaar-ppi-levin-verify-otp", params, options)
  end },
  { "a slug that moves money", "client", "dmt-initiate-transfer", function(client, params, options)
    return client:call("dmt-initiate-transfer", params, options)
  end },
  { "a slug that was defined", "client", "get-customer-info", function(client, params, options)
    return client:call("mine", params, options)
  end },
}

local function client_with(options)
  options.developer_key, options.access_key, options.initiator_id, options.user_code = "d", "a", "9962981729", "20810200"
  return eko.client(options):define {
    slug = "mine", method = "PUT", path = "/mine/{customer_id}", moves_money = false,
    params = { "customer_id!", "initiator_id!", "user_code", "client_ref_id" },
  }
end

-- The name of a file of the library, or the name of any other.
local function name_of(source)
  return source:match "lua/eko/(.+)%.lua$" or source:match "([^/]+)$"
end

local sethook, getinfo = debug.sethook, debug.getinfo

-- The files whose functions are called, repeats merged, up to the one that sends, or to the end of the call.
local function walk(call, client, params, options)
  local files, has_sent = {}, false
  sethook(function()
    local info = getinfo(2, "Sn")
    if has_sent or info.what ~= "Lua" then return end
    local file = name_of(info.source)
    if file == "walk_spec.lua" and #files == 0 then return end
    if files[#files] ~= file then files[#files + 1] = file end
    has_sent = info.name == "send" and file:find "^wire/carrier/" ~= nil or file == "walk_spec.lua"
  end, "c")
  local result, err = call(client, params, options)
  sethook()
  return files, result or err
end

local function shown(files) return table.concat(files, " -> ") end

local function without_last(files)
  local copy = {}
  for index = 1, #files - 1 do copy[index] = files[index] end
  return copy
end

describe("the way of a call", function()
  local jit = rawget(_G, "jit")
  local server = raw_server.start { { { "read" }, { "send", HTTP }, { "read" }, { "send", HTTP }, { "read" }, { "send", HTTP } } }
  local ours = client_with { base_url = server.url }
  local theirs = client_with { base_url = server.url, transport = transport }

  setup(function() if jit then jit.off() jit.flush() end end)
  teardown(function()
    if jit then jit.on() end
    server.stop()
  end)

  for _, row in ipairs(CALLS) do
    local name, begins, params, call = row[1], row[2], params_of(row[3]), row[4]
    it("of " .. name .. " is short and straight, and the same however it is sent", function()
      call(ours, params) -- what is made once is made now
      call(theirs, params)
      local over_ours = walk(call, ours, params, { timeout = 5 })
      local over_theirs = walk(call, theirs, params, { timeout = 5 })
      local dry, request = walk(call, ours, params, { dry_run = true })
      assert.is_string(request.url, tostring(request))
      local text = ("ours: %s\ntheirs: %s\ndry: %s"):format(shown(over_ours), shown(over_theirs), shown(dry))
      for _, files in ipairs { over_ours, over_theirs, dry } do
        local seen = {}
        -- Without a pcall that can be waited in, money is protected by a function of ours.
        if not (jit or coroutine.isyieldable) and files[6] == "wire/loop" then -- luacheck: ignore
          table.remove(files, 6)
          table.remove(files, 6)
        end
        assert.is_true(#files <= 7, text)
        assert.equal(begins, files[1], text)
        for _, file in ipairs(files) do
          assert.is_nil(seen[file], text)
          seen[file] = true
        end
      end
      assert.equal("wire/carrier/curl", over_ours[#over_ours], text)
      assert.equal("walk_spec.lua", over_theirs[#over_theirs], text)
      assert.same(without_last(over_ours), without_last(over_theirs), text)
      assert.same(without_last(over_ours), dry, text)
    end)
  end
end)
