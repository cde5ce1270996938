local core = require "eko.core"
local graph = require "eko.journey.graph"
local journey = require "eko.journey"
local shell = require "spec.support.shell"

local function has(text, part) return text:find(part, 1, true) ~= nil end

-- A journey that is not ours: whatever the data say is drawn.
local small = {
  wallet = "levin", title = "A & B", start = "one",
  states = {
    one = { about = "read <it>", call = "get", on = { not_enrolled = "two", active = "done" }, lost = "one" },
    two = {
      about = "tell", needs = { "name", "dob" }, call = "onboard", resend = "one",
      on = { otp_sent = { to = "done", with = { "otp_ref_id" }, without = "side" } },
      errors = { wrong_otp = "two", otp_expired = "one" }, refused = "two", stale = "one",
    },
    side = { about = "aside", needs = { "continue_with" }, switch = "continue_with",
      choices = { { value = "fino", label = "DMT Fino" } } },
    done = { about = "over", final = true },
  },
}

local function edge_of(model, from, to)
  for _, edge in ipairs(model.edges) do
    if edge.from == from and edge.to == to then return edge end
  end
end

local function labels_of(edge)
  local list = {}
  for _, label in ipairs(edge.labels) do list[#list + 1] = label.kind .. ":" .. label.text end
  return list
end

describe("the graph of a journey", function()
  it("finds the usual way of a new customer", function()
    local expected = {
      customer = "sender > details > otp > choice",
      digikhata = "sender > details > otp > consent_languages > consent_language > consent_text > aadhaar > aadhaar_otp > pan > done",
      levin = "sender > details > otp > aadhaar > aadhaar_otp > pan > done",
      fino = "sender > details > ekyc > ekyc_otp > done",
    }
    for wallet, path in pairs(expected) do
      assert.equal(path, table.concat(graph.path(journey.definition(wallet)), " > "))
    end
  end)

  it("has each state once, and one edge for all that leads from one to another", function()
    local model = graph.model(small)
    local kinds = {}
    for _, node in ipairs(model.nodes) do kinds[#kinds + 1] = node.name .. " " .. node.kind end
    assert.same({ "one automatic", "two asks", "done final", "side asks" }, kinds)
    assert.same({ "outcome:not_enrolled" }, labels_of(edge_of(model, "one", "two")))
    assert.same({ "error:otp_expired", "error:reference refused", "resend:resend", "error:5 refusals in a row" },
      labels_of(edge_of(model, "two", "one")))
    assert.same({ "error:wrong_otp", "error:input refused" }, labels_of(edge_of(model, "two", "two")))
    assert.same({ "outcome:otp_sent without otp_ref_id" }, labels_of(edge_of(model, "two", "side")))
    assert.same({ "lost:answer lost" }, labels_of(edge_of(model, "one", "one")))
    assert.same({ "outcome:fino" }, labels_of(edge_of(model, "side", "wallet fino")))
    assert.is_true(edge_of(model, "one", "two").usual)
    assert.is_false(edge_of(model, "one", "done").usual)
    assert.is_true(edge_of(model, "two", "one").back)
    assert.same({ { name = "wallet fino", label = "DMT Fino" } }, model.others)
  end)

  it("draws nothing that the engine does not do, and where five refusals in a row lead #harm16", function()
    for _, wallet in ipairs(journey.wallets) do
      local definition = journey.definition(wallet)
      local model = graph.model(definition)
      for name, state in pairs(definition.states) do
        for field in pairs(state) do assert.are_not.equal("tries", field) end
        local again = state.refused == name
        for _, target in pairs(state.errors or {}) do again = again or target == name end
        for _, edge in ipairs(model.edges) do
          local drawn = table.concat(labels_of(edge), " "):find("error:5 refusals in a row", 1, true) ~= nil
          if edge.from == name then assert.equal(again and edge.to == (state.resend or definition.start), drawn, name) end
        end
      end
    end
  end)

  it("names every state, need, outcome and error of the data in both languages", function()
    for _, wallet in ipairs(journey.wallets) do
      local definition = journey.definition(wallet)
      local dot, mermaid = graph.dot(definition), graph.mermaid(definition)
      for name, state in pairs(definition.states) do
        local words = { name, table.concat(state.needs or {}, ", ") }
        for outcome in pairs(state.on or {}) do words[#words + 1] = outcome end
        for err in pairs(state.errors or {}) do words[#words + 1] = err end
        for _, word in ipairs(words) do
          assert.is_true(has(dot, word), wallet .. " dot: " .. word)
          assert.is_true(has(mermaid, word), wallet .. " mermaid: " .. word)
        end
      end
    end
  end)

  it("escapes what Graphviz and Mermaid would take for their own", function()
    for _, text in ipairs { graph.dot(small), graph.mermaid(small) } do
      assert.is_true(has(text, "read &lt;it&gt;"))
      assert.is_false(has(text, "<it>"))
    end
    assert.is_true(has(graph.dot(small), "A &amp; B"))
  end)

  it("draws states that ask, go on by themselves and end differently", function()
    local dot = graph.dot(small)
    assert.truthy(dot:find '"one" %[shape=box style=filled')
    assert.truthy(dot:find '"two" %[shape=box style="filled,rounded"')
    assert.truthy(dot:find '"done" %[shape=doubleoctagon')
    assert.truthy(dot:find '"one" %-> "two" %[style=bold')
  end)

  for _, wallet in ipairs(journey.wallets) do
    it("is stored as the data have it: " .. wallet .. " (else run `make graphs`)", function()
      local definition = journey.definition(wallet)
      local dot, svg = shell.read_file("docs/graphs/" .. wallet .. ".dot"), shell.read_file("docs/graphs/" .. wallet .. ".svg")
      assert.equal(graph.dot(definition), dot)
      assert.is_true(has(svg, graph.mark(dot)))
      assert.is_true(has(svg, core.text.sha256_hex(dot)))
      for name in pairs(definition.states) do assert.is_true(has(svg, "<title>" .. name .. "</title>"), name) end
    end)
  end

  it("becomes SVG through Graphviz, or says what to install", function()
    local svg, problem = graph.svg(small)
    local found = os.execute "command -v dot >/dev/null 2>&1"
    if found == true or found == 0 then
      assert.truthy(svg:find "<svg ")
      assert.is_true(has(svg, graph.mark(graph.dot(small))))
    else
      assert.is_nil(svg)
      assert.truthy(problem:find "graphviz")
    end
  end)
end)
