-- What the platform is known to answer, in form: the samples that it publishes for our endpoints ("sample"), and the signals of its
-- state machines with what integrators have seen ("row"). A line of spec/fixtures/answers.tsv: kind, slug, what it means (an outcome,
-- or "!" and the name of the error), the envelope. No value in it is a real one.
local catalogue = require "eko.wallets.catalogue"
local core = require "eko.core"
local response = require "eko.call.response"
local wallets = require "eko.wallets"

local function lines()
  local list = {}
  for line in io.lines "spec/fixtures/answers.tsv" do
    local kind, slug, wanted, body = line:match "^(%w+)\t([%w-]+)\t(!?[%w_]+)\t(%b{})$"
    list[#list + 1] = { kind = assert(kind, line), slug = slug, wanted = wanted, body = body }
  end
  return list
end

-- slug -> the shape of its verb
local function shapes()
  local found = {}
  for _, name in ipairs(wallets.names) do
    for _, entry in pairs(wallets.part(name, "verbs")) do found[entry.slug] = entry.shape end
  end
  return found
end

local function meaning(slug, body, typing)
  local result, err = response.read(catalogue.get(slug), { status = 200, headers = {}, body = body }, { client_ref_id = "REQ-1", facts = {} }, typing)
  return result and result.outcome or "!" .. err.name, result or err
end

-- What a typed result has must stand in the envelope as well: the same text, or a number that it stands for.
local function holds(envelope, typed, where)
  for name, value in pairs(typed) do
    local other = envelope[name]
    if type(value) == "table" then
      assert.is_table(other, where .. "." .. tostring(name))
      holds(other, value, where .. "." .. tostring(name))
    else
      assert.equal(tostring(value):gsub("%.0$", ""), tostring(other):gsub("%.0$", ""), where .. "." .. tostring(name))
    end
  end
end

describe("what the platform is known to answer", function()
  local all, count = lines(), { sample = 0, row = 0 }

  it("means what it says, as it comes and as a typed result, which agree", function()
    local shape_of = shapes()
    for _, line in ipairs(all) do
      local name = line.slug .. " " .. line.body
      assert.equal(line.wanted, (meaning(line.slug, line.body)), name)
      local shape = shape_of[line.slug]
      if shape then
        local found, result = meaning(line.slug, line.body, { title = line.slug, read = core.json.reader(shape) })
        assert.equal(line.wanted, found, name)
        if line.wanted:sub(1, 1) ~= "!" then
          local whole = result.response
          assert.equal(line.wanted, whole.outcome)
          result.response, result.outcome, result.state, result.tx_status, result.tid = nil, nil, nil, nil, nil
          holds(type(whole.data) == "table" and whole.data or {}, result, name)
        end
      end
      count[line.kind] = count[line.kind] + 1
    end
    print(("\n%d published samples and %d signals of the platform read right"):format(count.sample, count.row))
    assert.is_true(count.sample >= 72 and count.row >= 130)
  end)

  it("is there for the endpoints of the catalogue", function()
    local seen, slugs = {}, 0
    for _, line in ipairs(all) do
      assert.is_table((catalogue.get(line.slug)), line.slug)
      if not seen[line.slug] then seen[line.slug], slugs = true, slugs + 1 end
    end
    assert.is_true(slugs >= 41, slugs .. " endpoints")
  end)
end)
