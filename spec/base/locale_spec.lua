-- Nothing written or judged depends on the process's locale: whole spec files are run again in programs that took one from their first
-- line on, everything that they start included (the command line, the emulator as a server); and what they do not compare is written
-- down by a program that takes it late, and compared. (Requests: spec/call/locale_requests_spec.lua.)
local locales = require "spec.support.locales"
local shell = require "spec.support.shell"

local is_jit = rawget(_G, "jit") ~= nil

-- Those that depend on a locale by themselves (they make dates, or read the system's own words) are none of them.
local FILES = {
  "call/request", "core/draft", "wire/head", "base/http_date", "core/json", "call/envelope", "call/verdict", "call/response",
  "call/settlement", "base/redact", "base/input", "wallets/wallet", "journey/start", "journey/steps", "journey/otps", "journey/levin",
  "journey/data", "emulator/customer", "emulator/levin", "emulator/digikhata", "emulator/server", "cli/output",
}
local CATEGORIES = { "collate", "ctype", "monetary", "numeric" }

describe("in the locale", function()
  local directory, expected

  setup(function()
    directory = locales.make()
    local ok
    ok, expected = locales.run(directory, "C", { "all" }, "spec/support/locale_probe.lua C")
    assert(ok, expected)
  end)

  teardown(function() os.execute("rm -rf " .. shell.quote(directory)) end)

  for _, name in ipairs(locales.names) do
    it(name .. " specs hold", function()
      local paths = {}
      for i, file in ipairs(FILES) do paths[i] = "spec/" .. file .. "_spec.lua" end
      local ok, written = locales.run(directory, name, CATEGORIES, "/usr/bin/busted " .. table.concat(paths, " "))
      assert.is_true(ok, written)
      local count = tonumber(written:match "(%d+) successes / 0 failures / 0 errors / 0 pending")
      assert.is_true(count ~= nil and count > 400, written)
      -- It was really taken: busted's own seconds are written with a comma.
      assert.equal(is_jit and "." or ",", written:match "pending : %d+([^%d])%d+ seconds")
    end)

    it(name .. " the same is written, read and refused, also where it is taken late", function()
      local ok, written = locales.run(directory, name, { "all" }, "spec/support/locale_probe.lua " .. name)
      assert.is_true(ok, written)
      assert.equal(expected, written)
      ok, written = locales.run(directory, "C", { "all" }, "spec/support/locale_probe.lua " .. name)
      assert.is_true(ok, written)
      assert.equal(expected, written)
    end)

    it(name .. " the command line shows the same", function()
      local home = shell.directory()
      local function shown(category)
        local written = {}
        for _, arguments in ipairs {
          "endpoints", "describe ppi-levin-verify-otp", "describe dmt-initiate-transfer --json", "sign 1767225600000",
          "call dmt-initiate-transfer customer_id=9444444444 recipient_id:=1 amount:=100 otp=482917 otp_ref_id=r client_ref_id=R-1 "
            .. "--extra x=0.5 --extra Y=1 --extra ab=1 --extra aB=1 --dry-run --emulator --json",
          "call get-customer-info customer_id=9444444444 --emulator --timeout 2.5", "call get-customer-info customer_id=9444444444 --emulator --timeout 2,5",
          "graph levin",
        } do
          local _, text = locales.run(directory, name, { category }, ("bin/eko %s"):format(arguments))
          written[#written + 1] = arguments .. "\n" .. text:gsub('"secret%-key[^\n]*', "")
        end
        return table.concat(written, "\n")
      end
      -- The messages of the system itself may be in another language; "time" alone is as good as none.
      local plain = shown "time"
      assert.truthy(plain:find("is not a number of seconds", 1, true), plain)
      for _, category in ipairs(CATEGORIES) do assert.equal(plain, shown(category)) end
      os.execute("rm -rf " .. shell.quote(home))
    end)
  end

  it("a locale that is not there is told", function()
    local ok, written = locales.run(directory, "xx_XX.UTF-8", { "all" }, "-e 'print(1)'")
    assert.is_false(ok)
    assert.truthy(written:find("the locale was not taken", 1, true))
  end)
end)
