-- Random journeys, a thousand of them. EKO_WALKS says how many, EKO_WALK_SEED with which seed they begin:
--     EKO_WALKS=10000 lua5.4 /usr/bin/busted spec/journey/random_spec.lua
--     EKO_WALK_SEED=4711 EKO_WALKS=1 lua5.4 /usr/bin/busted spec/journey/random_spec.lua

local journey = require "eko.journey"
local inputs = require "eko.journey.inputs"
local rails = require("eko.emulator.customers").rails
local walk = require "spec.support.journey_walk"

local walks = tonumber(os.getenv "EKO_WALKS") or 1000
local first_seed = tonumber(os.getenv "EKO_WALK_SEED") or 1

describe("random journeys", function()
  it(("end well, %d times over"):format(walks), function()
    local slugs, known = {}, {}
    for _, wallet in ipairs(rails) do
      for _, state in pairs(journey.definition(wallet).states) do
        local slug = inputs.slug(wallet, state)
        if slug and not known[slug] then
          known[slug] = true
          slugs[#slugs + 1] = slug
        end
      end
    end
    table.sort(slugs)
    local seen, ended, totals = {}, {}, { sms = 0, calls = 0 }
    io.stderr:write(("random journeys: %d, the first with EKO_WALK_SEED=%d\n"):format(walks, first_seed))
    for seed = first_seed, first_seed + walks - 1 do
      local ok, result, log = walk.run(seed, slugs, totals)
      if not ok then
        error(("seed %d (EKO_WALK_SEED=%d EKO_WALKS=1): %s\n%s"):format(seed, seed, result, log))
      end
      for _, each in ipairs(result) do
        local wallet = each.wallet
        for _, entry in ipairs(each.flow:history()) do
          seen[("%s.%s %s"):format(wallet, entry.state, entry.outcome or entry.error or "")] = true
          if entry.state == "choice" then wallet = entry.to end
        end
        local over = each.flow:ended()
        local ending = each.step.done and "done" or over and over.name or each.step.error.name
        ended[ending] = (ended[ending] or 0) + 1
      end
    end
    io.stderr:write(("most OTPs of one journey: %d, most calls: %d; ended"):format(totals.sms, totals.calls))
    for name, count in pairs(ended) do io.stderr:write((" %s %d"):format(name, count)) end
    io.stderr:write "\n"
    assert.truthy(totals.sms <= 6 and totals.calls <= 60)
    if walks < 500 then return end
    -- Most are done, the others at their bounds; the few that cannot end are stopped by the platform.
    assert.truthy(ended.done > walks / 3)
    assert.truthy(ended.too_many_otps > walks / 100 and ended.too_many_refusals > walks / 100)
    assert.equal(6, totals.sms)
    if walks >= 5000 then
      -- The walks are only worth something when they come nearly everywhere.
      local missing, total = {}, 0
      for _, wallet in ipairs(rails) do
        for name, state in pairs(journey.definition(wallet).states) do
          for _, field in ipairs { "on", "errors" } do
            for what in pairs(state[field] or {}) do
              local place = ("%s.%s %s"):format(wallet, name, what)
              total = total + 1
              if not seen[place] then missing[#missing + 1] = place end
            end
          end
        end
      end
      assert.truthy(#missing < total / 6, "never seen: " .. table.concat(missing, ", "))
    end
  end)
end)
