-- From an answer's bytes to `outcome`: which files are called, in order.
local catalogue = require "eko.wallets.catalogue"
local core = require "eko.core"
local response = require "eko.call.response"

local interpreter = rawget(_G, "jit")

local MOST = 4

-- The Lua files of ours that are called while a function runs, one file's calls in a row counted once.
local function walk(run)
  local files = {}
  local function note()
    local file = debug.getinfo(2, "S").source:match "^@.-(lua/eko/.*)$"
    if file and files[#files] ~= file then files[#files + 1] = file end
  end
  if interpreter then interpreter.off() end
  debug.sethook(note, "c")
  local result, err = run()
  debug.sethook()
  if interpreter then interpreter.on() end
  return files, result, err
end

local ANSWERS = {
  ["a typed success"] = { "ppi-levin-verify-otp", '{"status":0,"response_type_id":309,"data":{"is_registered":1}}', "verified", { is_registered = "number" } },
  ["a success as it came"] = { "ppi-levin-verify-otp", '{"status":0,"response_type_id":309,"data":{"is_registered":1}}', "verified" },
  ["a step that is next"] = { "ppi-levin-verify-otp", '{"status":2136,"response_type_id":2136}', "aadhaar_required", {} },
  ["a long success"] = {
    "ppi-levin-get-recipients", '{"status":0,"response_type_id":23,"data":{"x":"' .. ("y"):rep(70000) .. '"}}', "recipients", {},
  },
}

describe("the way from an answer's bytes to its outcome", function()
  for name, case in pairs(ANSWERS) do
    it("is short: " .. name, function()
      local endpoint, typing = catalogue.get(case[1]), case[4] and { title = "t", read = core.json.reader(case[4]) }
      local files, result, err = walk(function()
        return response.read(endpoint, { status = 200, headers = {}, body = case[2] }, { client_ref_id = "R" }, typing)
      end)
      assert.is_nil(err)
      assert.equal(case[3], result.outcome)
      assert.equal("lua/eko/call/response.lua", files[1])
      assert.is_true(#files <= MOST, table.concat(files, " "))
    end)
  end

  it("passes the judge once, for a debit too", function()
    local body = '{"status":0,"response_type_id":325,"data":{"tx_status":"0","tid":"5","client_ref_id":"R"}}'
    local files, result = walk(function()
      return response.read(catalogue.get "dmt-initiate-transfer", { status = 200, headers = {}, body = body },
        { client_ref_id = "R", facts = { client_ref_id = "R" } })
    end)
    assert.equal("completed", result.outcome)
    local entered = 0
    for i, file in ipairs(files) do
      if file == "lua/eko/call/verdict.lua" and files[i - 1] == "lua/eko/call/response.lua" then entered = entered + 1 end
    end
    assert.equal(1, entered, table.concat(files, " "))
  end)
end)
